// Package estimate is our own picture of every pack: state of charge with its
// uncertainty, open-circuit voltage, resistance, energy, and what the pack can
// do in the next minute, beside what its own management system says. What a
// used pack reports can be wrong, so it says whom it believes and why.
//
// The state of charge is counted from the current and corrected once a second
// by the voltage, in proportion to what the voltage can tell at that point of
// the curve (a scalar Kalman filter; Plett, "Battery Management Systems" II,
// 2015, ch. 3). Health and resistance start from the intake.
package estimate

import (
	"reprise/bess"
	"reprise/bess/si"
	"reprise/cell"
)

// State is what the estimator remembers.
type State struct {
	Packs  []PackState
	Load   si.Watts // smoothed
	Supply si.Watts // smoothed
	Begun  bool
	Last   bess.Instant

	params []*cell.Params
}

// PackState is the filter of one pack.
type PackState struct {
	Started   bool
	Last      bess.Instant
	SoC       si.Ratio
	Variance  float64  // of SoC
	Volts     si.Volts // last seen, to notice a frozen report
	Amps      si.Amps
	Moved     bess.Instant // when a reading last changed
	DriftFrom bess.Instant // reported SoC disagrees since; 0: it agrees
	Doubt     bess.Doubt
}

// New knows nothing yet but the types.
func New(u *bess.Unit) State {
	s := State{Packs: make([]PackState, len(u.Packs)), params: make([]*cell.Params, len(u.Packs))}
	for i := range u.Packs {
		p := nominal(u.Packs[i].Type.Chemistry)
		s.params[i] = &p
	}
	return s
}

// nominal are the curves of a chemistry as published; the true ones of a pack
// are never known here.
func nominal(c bess.Chemistry) cell.Params {
	switch c {
	case bess.LFP:
		return cell.LFP()
	case bess.LMO:
		return cell.LeafLMO()
	case bess.NMC811:
		return cell.NMC811()
	default:
		return cell.NMCPrismatic()
	}
}

// CopyFrom makes s equal to o without sharing memory but for the constant
// curves of the types.
func (s *State) CopyFrom(o *State) {
	copy(s.Packs, o.Packs)
	s.Load, s.Supply, s.Begun, s.Last = o.Load, o.Supply, o.Begun, o.Last
}

// Update takes the picture one tick on.
func (s *State) Update(u *bess.Unit, snap *bess.Snapshot, stages *bess.Stages, e *bess.Estimates) {
	for i := range u.Packs {
		s.pack(u, snap, i, &e.Packs[i])
	}
	s.unit(u, snap, stages, e)
	s.Last, s.Begun = snap.Now, true
}

// seen is what a pack's report gives when it is fresh enough to be used.
type seen struct {
	volts     si.Volts
	amps      si.Amps
	high, low si.Volts
	hot, cold si.Celsius
	spread    si.Ratio // average SoC above the weakest cell's, as reported
}

// timeout of a pack's fast frames when the type gives none.
const defaultTimeout = bess.Second

// Slow frames (cells 280 ms, temperatures 600 ms) are given these ages.
const (
	cellAge        = 3 * bess.Second
	temperatureAge = 10 * bess.Second
)

func look(v *bess.PackView, now bess.Instant, timeout bess.Span) (seen, bool) {
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	var x seen
	var ok [6]bool
	x.volts, ok[0] = v.Volts.Fresh(now, timeout)
	x.amps, ok[1] = v.Current.Fresh(now, timeout)
	x.high, ok[2] = v.CellHigh.Fresh(now, cellAge)
	x.low, ok[3] = v.CellLow.Fresh(now, cellAge)
	x.hot, ok[4] = v.Hot.Fresh(now, temperatureAge)
	x.cold, ok[5] = v.Cold.Fresh(now, temperatureAge)
	mean, okMean := v.SoC.Fresh(now, cellAge)
	low, okLow := v.SoCLow.Fresh(now, cellAge)
	if okMean && okLow && mean > low {
		x.spread = mean - low
	}
	return x, ok == [6]bool{true, true, true, true, true, true}
}

func (s *State) pack(u *bess.Unit, snap *bess.Snapshot, i int, e *bess.PackEstimate) {
	pack := &u.Packs[i]
	p := &s.Packs[i]
	v := &snap.Packs[i]
	e.SoH, e.SoHSigma, e.Growth = pack.Health, pack.HealthSigma, max(1, pack.Growth)
	e.Capacity = si.Mul(pack.Type.Capacity, float64(e.SoH))
	e.Full = si.Mul(pack.Type.Energy, float64(e.SoH)*float64(pack.Type.Window[1]-pack.Type.Window[0]))
	x, ok := look(v, snap.Now, pack.FrameTimeout)
	e.Known = ok
	if !ok {
		e.Envelope = nothing(bess.SourceEstimate, bess.CauseStale)
		e.Doubt = bess.DoubtSilent
		p.Last = snap.Now
		return
	}
	e.CellHigh, e.CellLow, e.Hot, e.Cold = x.high, x.low, x.hot, x.cold
	e.Resistance = resistance(pack, s.params[i], e, x)
	if !p.Started {
		s.begin(pack, i, v, x, e, snap.Now)
	}
	s.count(p, e.Capacity, x.amps, snap.Now)
	if (int64(snap.Now)/100+int64(i))%10 == 0 {
		s.correct(pack, i, x, e)
	}
	e.SoC, e.SoCSigma = p.SoC, si.Ratio(root(p.Variance))
	s.trust(v, p, x, e, snap.Now)
	middle := (x.hot + x.cold) / 2
	e.Open = si.Mul(cell.OCV(s.params[i], e.SoC, middle), float64(pack.Type.Series))
	s.energy(pack, i, x, e)
	envelope(pack, v, x, e, snap.Now)
}

// begin starts the filter from the rested voltage and the pack's own word,
// each weighed by what it is worth.
func (s *State) begin(pack *bess.Pack, i int, v *bess.PackView, x seen, e *bess.PackEstimate, now bess.Instant) {
	p := &s.Packs[i]
	soc, sigma := s.byVoltage(pack, i, x, e)
	p.SoC, p.Variance = soc, sigma*sigma
	if said, ok := v.SoC.Fresh(now, cellAge); ok {
		const wordVariance = 0.08 * 0.08 // used packs have been seen 10 points off
		k := p.Variance / (p.Variance + wordVariance)
		p.SoC += si.Ratio(k * float64(said-p.SoC))
		p.Variance = float64((1 - k) * p.Variance)
	}
	p.Started, p.Last, p.Moved = true, now, now
}

// byVoltage is the SoC that the present voltage tells, and how well.
func (s *State) byVoltage(pack *bess.Pack, i int, x seen, e *bess.PackEstimate) (si.Ratio, float64) {
	drop := x.amps.Across(e.Resistance)
	n := float64(pack.Type.Series)
	open := si.Volts(float64(x.volts+drop) / n)
	middle := (x.hot + x.cold) / 2
	soc := cell.SoCAtOCV(s.params[i], open, middle)
	const step = 0.01
	slope := float64(cell.OCV(s.params[i], min(1, soc+step), middle)-cell.OCV(s.params[i], max(0, soc-step), middle)) / (2 * step)
	// 4 mV of measurement and relaxation at rest, and a third of the drop: the
	// resistance is not known better under load.
	sigma := 0.004 + float64(si.Abs(drop))/n/3
	return soc, sigma / max(slope, 0.02)
}

// count moves the SoC by the measured charge. A gap above a second is not
// integrated, it widens the band.
func (s *State) count(p *PackState, capacity si.AmpHours, amps si.Amps, now bess.Instant) {
	dt := now.Since(p.Last)
	p.Last = now
	if dt <= 0 || capacity <= 0 {
		return
	}
	if dt > bess.Second {
		lost := float64(si.Abs(amps).For(dt.Seconds())) / float64(capacity)
		p.Variance += float64(lost * lost)
		return
	}
	p.SoC = si.Clamp(p.SoC-si.Ratio(float64(amps.For(dt.Seconds()))/float64(capacity)), 0, 1.05)
	// A gain error of 1 % and an offset of 0.1 A, both slow: their share of
	// the variance grows with the charge moved.
	moved := (0.01*float64(si.Abs(amps)) + 0.1) * float64(dt.Seconds()) / si.SecondsPerHour / float64(capacity)
	p.Variance += float64(2*moved*root(p.Variance)) + float64(moved*moved)
	p.Variance = min(p.Variance, 0.25)
}

// correct pulls the SoC towards what the voltage tells. The voltage's errors
// live for minutes, so a correction each second weighs a hundredth.
func (s *State) correct(pack *bess.Pack, i int, x seen, e *bess.PackEstimate) {
	const correlated = 100
	p := &s.Packs[i]
	soc, sigma := s.byVoltage(pack, i, x, e)
	k := p.Variance / (p.Variance + float64(sigma*sigma)*correlated)
	p.SoC = si.Clamp(p.SoC+si.Ratio(k*float64(soc-p.SoC)), 0, 1)
	p.Variance = max(float64((1-k)*p.Variance), 1e-6)
}

// trust compares the pack's own word with ours.
func (s *State) trust(v *bess.PackView, p *PackState, x seen, e *bess.PackEstimate, now bess.Instant) {
	if x.volts != p.Volts || x.amps != p.Amps {
		p.Volts, p.Amps, p.Moved = x.volts, x.amps, now
	}
	said, ok := v.SoC.Fresh(now, cellAge)
	apart := float64(si.Abs(said - p.SoC))
	switch {
	case !ok || apart < 0.08+3*root(p.Variance):
		p.DriftFrom = 0
	case p.DriftFrom == 0:
		p.DriftFrom = max(1, now)
	}
	health, okHealth := v.SoH.Fresh(now, bess.Minute)
	e.Doubt, e.Believes = bess.DoubtNone, bess.SourceEstimate
	switch {
	case !si.Finite(x.volts) || x.volts <= 0 || x.low > x.high:
		e.Doubt = bess.DoubtImplausible
	case si.Abs(x.amps) > 10 && now.Since(p.Moved) > 20*bess.Second:
		e.Doubt = bess.DoubtFrozen
	case p.DriftFrom != 0 && now.Since(p.DriftFrom) > bess.Minute:
		e.Doubt = bess.DoubtDrifted
	case okHealth && si.Abs(health-e.SoH) > 0.25:
		e.Doubt = bess.DoubtHealth
	}
	p.Doubt = e.Doubt
}
