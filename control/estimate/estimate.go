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

	Absence bess.Absence

	curves    []*curves // per pack; constant, shared
	converter []int     // per pack: its converter, or bess.Nobody
	efficient si.Ratio  // deliveryEfficiency of the unit
}

// PackState is the filter of one pack.
type PackState struct {
	Started   bool
	Last      bess.Instant // charge counted up to here
	Corrected bess.Instant // by the voltage
	SoC       si.Ratio
	Variance  float64      // of SoC
	Slow      si.Amps      // current as the slow relaxation remembers it
	Volts     si.Volts     // last seen, to notice a frozen report
	Amps      si.Amps      // last seen
	Moved     bess.Instant // when a reading last changed
	DriftFrom bess.Instant // reported SoC disagrees since; 0: it agrees
	Doubt     bess.Doubt
}

// New knows nothing yet but the types.
func New(u *bess.Unit) State {
	s := State{
		Packs: make([]PackState, len(u.Packs)), curves: make([]*curves, len(u.Packs)),
		converter: make([]int, len(u.Packs)), efficient: deliveryEfficiency(u),
	}
	for i := range u.Packs {
		s.converter[i] = bess.Nobody
		s.curves[i] = s.alike(u, i)
		if s.curves[i] == nil {
			s.curves[i] = curvesOf(u.Packs[i].Type.Chemistry)
		}
	}
	for c := range u.Converters {
		s.converter[u.Converters[c].Pack] = c
	}
	return s
}

// alike are the curves of an earlier pack of the same chemistry, or nil.
func (s *State) alike(u *bess.Unit, i int) *curves {
	for k := range i {
		if u.Packs[k].Type.Chemistry == u.Packs[i].Type.Chemistry {
			return s.curves[k]
		}
	}
	return nil
}

// CopyFrom makes s equal to o without sharing memory but for the constant
// curves of the types.
func (s *State) CopyFrom(o *State) {
	copy(s.Packs, o.Packs)
	s.Load, s.Supply, s.Begun, s.Last, s.Absence = o.Load, o.Supply, o.Begun, o.Last, o.Absence
}

// Update takes the picture one tick on.
func (s *State) Update(u *bess.Unit, snap *bess.Snapshot, stages *bess.Stages, e *bess.Estimates) {
	s.Absence.Tick(snap.Now)
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
	middle    si.Celsius
	weak      si.Ratio // average SoC above the weakest cell's, as reported
	strong    si.Ratio // strongest cell's SoC above the average, as reported
}

// timeout of a pack's fast frames when the type gives none.
const defaultTimeout = bess.Second

// Slow frames (cells 280 ms, temperatures 600 ms) are given these ages.
const (
	cellAge        = 3 * bess.Second
	temperatureAge = 10 * bess.Second
)

// mostSpread bounds the spread between cells that a report may claim: beyond it
// the cell voltages themselves end the discharge, and a wild report must not
// take a whole pack away.
const mostSpread = si.Ratio(0.15)

// fresh is a reading that is good, young enough and finite.
func fresh[T si.Number](r bess.Reading[T], now bess.Instant, age bess.Span) (T, bool) {
	x, ok := r.Fresh(now, age)
	if !ok || !si.Finite(x) {
		return 0, false
	}
	return x, true
}

func look(v *bess.PackView, now bess.Instant, timeout bess.Span, away *bess.Absence) (seen, bool) {
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	timeout, cells, slow := away.Age(timeout), away.Age(cellAge), away.Age(temperatureAge)
	var x seen
	var ok [6]bool
	x.volts, ok[0] = fresh(v.Volts, now, timeout)
	x.amps, ok[1] = fresh(v.Current, now, timeout)
	x.high, ok[2] = fresh(v.CellHigh, now, cells)
	x.low, ok[3] = fresh(v.CellLow, now, cells)
	x.hot, ok[4] = fresh(v.Hot, now, slow)
	x.cold, ok[5] = fresh(v.Cold, now, slow)
	x.middle = si.Mul(x.hot+x.cold, 0.5)
	if mean, okMean := fresh(v.SoC, now, cells); okMean {
		if low, okLow := fresh(v.SoCLow, now, cells); okLow {
			x.weak = si.Clamp(mean-low, 0, mostSpread)
		}
		if high, okHigh := fresh(v.SoCHigh, now, cells); okHigh {
			x.strong = si.Clamp(high-mean, 0, mostSpread)
		}
	}
	return x, ok == [6]bool{true, true, true, true, true, true}
}

func (s *State) pack(u *bess.Unit, snap *bess.Snapshot, i int, e *bess.PackEstimate) {
	pack, p, v, now := &u.Packs[i], &s.Packs[i], &snap.Packs[i], snap.Now
	e.SoH, e.SoHSigma, e.Growth = pack.Health, pack.HealthSigma, max(1, pack.Growth)
	e.Capacity = si.Mul(pack.Type.Capacity, float64(e.SoH))
	e.Full = si.Mul(pack.Type.Energy, float64(e.SoH)*float64(pack.Type.Window[1]-pack.Type.Window[0]))
	x, ok := look(v, now, pack.FrameTimeout, &s.Absence)
	e.Known = ok
	if !ok {
		e.Envelope = nothing(bess.SourceEstimate, bess.CauseStale)
		e.Doubt, e.Believes, p.Doubt = bess.DoubtSilent, bess.SourceEstimate, bess.DoubtSilent
		return
	}
	e.CellHigh, e.CellLow, e.Hot, e.Cold = x.high, x.low, x.hot, x.cold
	switch {
	case !p.Started:
		e.SoC = 0.5 // the resistance is read from the middle of its curve
		e.Resistance = resistance(pack, s.curves[i], e, x)
		s.begin(pack, i, v, x, e, now)
	default:
		s.count(p, s.curves[i], e.Capacity, x.amps, now)
		if since := now.Since(p.Corrected); since >= bess.Second || since < 0 {
			p.Corrected = now
			e.Resistance = resistance(pack, s.curves[i], e, x)
			s.correct(pack, i, x, e, min(since, bess.Minute))
		}
	}
	e.SoC, e.SoCSigma = p.SoC, si.Ratio(root(p.Variance))
	s.trust(i, v, x, s.converterAmps(snap, i), e, now)
	e.Open = si.Mul(cell.OCV(&s.curves[i].cell, e.SoC, x.middle), float64(pack.Type.Series))
	s.energy(pack, i, x, e)
	envelope(pack, v, x, e, now)
}

// converterAmps is the pack's current as its converter measures it, where there
// is one; else 0, which says nothing.
func (s *State) converterAmps(snap *bess.Snapshot, i int) si.Amps {
	c := s.converter[i]
	if c < 0 {
		return 0
	}
	amps, _ := fresh(snap.Converters[c].PackAmps, snap.Now, bess.Second)
	return amps
}

// begin starts the filter from the present voltage and the pack's own word,
// each weighed by what it is worth. Corrections of different packs fall on
// different ticks.
func (s *State) begin(pack *bess.Pack, i int, v *bess.PackView, x seen, e *bess.PackEstimate, now bess.Instant) {
	p := &s.Packs[i]
	*p = PackState{Started: true, Last: now, Corrected: now - bess.Instant(i%10)*100, Moved: now, Slow: x.amps}
	soc, sigma := s.byVoltage(pack, i, x, e)
	p.SoC, p.Variance = si.Clamp(soc, 0, 1), min(0.25, float64(sigma*sigma))
	if said, ok := fresh(v.SoC, now, cellAge); ok {
		const wordVariance = 0.08 * 0.08 // used packs have been seen 10 points off
		k := p.Variance / (p.Variance + wordVariance)
		p.SoC = si.Clamp(p.SoC+si.Ratio(k*float64(said-p.SoC)), 0, 1)
		p.Variance = float64((1 - k) * p.Variance)
	}
}

// byVoltage is the SoC that the present voltage tells, and how well: what the
// cells drop now and what the slow relaxation still remembers is added back,
// and a quarter of that is doubted.
func (s *State) byVoltage(pack *bess.Pack, i int, x seen, e *bess.PackEstimate) (si.Ratio, float64) {
	p, k := &s.Packs[i], s.curves[i]
	n := float64(max(1, pack.Type.Series))
	drop := x.amps.Across(e.Resistance)
	relax := si.Mul(p.Slow.Across(e.Resistance), k.slow)
	open := si.Volts(float64(x.volts+drop+relax) / n)
	soc := si.Clamp(cell.SoCAtOCV(&k.cell, open, x.middle), 0, 1)
	const step = 0.01
	low, high := max(0, soc-step), min(1, soc+step)
	slope := float64(cell.OCV(&k.cell, high, x.middle)-cell.OCV(&k.cell, low, x.middle)) / float64(high-low)
	doubted := float64(0.25 * (float64(si.Abs(drop)+si.Abs(relax)) / n))
	sigma := k.believed(soc) + doubted
	return soc, sigma / max(slope, 0.02)
}

// count moves the SoC by the measured charge. A gap above a second is not
// integrated: what may have flowed in it widens the band.
func (s *State) count(p *PackState, k *curves, capacity si.AmpHours, amps si.Amps, now bess.Instant) {
	dt := now.Since(p.Last)
	p.Last = now
	if dt <= 0 || capacity <= 0 {
		return
	}
	most := max(si.Abs(amps), si.Abs(p.Amps))
	if dt > bess.Second {
		lost := float64(most.For(dt.Seconds())) / float64(capacity)
		p.Variance = min(0.25, p.Variance+float64(lost*lost))
		p.Slow = amps
		return
	}
	p.SoC = si.Clamp(p.SoC-si.Ratio(float64(amps.For(dt.Seconds()))/float64(capacity)), 0, 1)
	if tau := k.cell.Slow.Time; tau > 0 {
		p.Slow += si.Mul(amps-p.Slow, float64(dt.Seconds())/float64(tau))
	}
	// A gain error of 1 % and an offset of 0.1 A, both slow: their share of
	// the band grows with the charge moved.
	moved := (float64(0.01*float64(si.Abs(amps))) + 0.1) * float64(dt.Seconds()) / si.SecondsPerHour / float64(capacity)
	p.Variance = min(0.25, p.Variance+float64(2*moved*root(p.Variance))+float64(moved*moved))
}

// correct pulls the SoC towards what the voltage tells. The voltage's errors
// live for minutes, so a correction each second weighs a hundredth, and they
// do not average out: however often it is asked, the voltage makes the band no
// narrower than its own. Where the curve is flat it so says nothing at all.
func (s *State) correct(pack *bess.Pack, i int, x seen, e *bess.PackEstimate, since bess.Span) {
	const correlated = 100
	p := &s.Packs[i]
	soc, sigma := s.byVoltage(pack, i, x, e)
	own := float64(sigma * sigma)
	apart := float64(soc - p.SoC)
	// Further apart than both bands allow: one of them is wrong, and the count
	// is the one that can have lost its way.
	if reach := float64(3 * (sigma + root(p.Variance))); apart > reach || apart < -reach {
		p.Variance = min(0.25, float64(p.Variance*1.05)+1e-6)
	}
	if p.Variance <= own {
		return
	}
	weight := max(1, float64(since.Seconds()))
	k := p.Variance / (p.Variance + float64(own*correlated)/weight)
	p.SoC = si.Clamp(p.SoC+si.Ratio(k*apart), 0, 1)
	p.Variance = max(float64((1-k)*p.Variance), own)
}

// trust compares the pack's own word with ours. A report that stands still
// while the pack works stays frozen until it moves.
func (s *State) trust(i int, v *bess.PackView, x seen, converter si.Amps, e *bess.PackEstimate, now bess.Instant) {
	p := &s.Packs[i]
	if x.volts != p.Volts || x.amps != p.Amps {
		p.Volts, p.Amps, p.Moved = x.volts, x.amps, now
	}
	said, ok := fresh(v.SoC, now, cellAge)
	apart := float64(si.Abs(said - p.SoC))
	switch {
	case !ok || apart < 0.08+float64(3*root(p.Variance)):
		p.DriftFrom = 0
	case p.DriftFrom == 0:
		p.DriftFrom = max(1, now)
	}
	health, okHealth := fresh(v.SoH, now, bess.Minute)
	still := now.Since(p.Moved) > 20*bess.Second
	works := max(si.Abs(x.amps), si.Abs(converter)) > 10
	e.Doubt, e.Believes = bess.DoubtNone, bess.SourceEstimate
	switch {
	case x.volts <= 0 || x.low > x.high || x.cold > x.hot:
		e.Doubt = bess.DoubtImplausible
	case still && (works || p.Doubt == bess.DoubtFrozen):
		e.Doubt = bess.DoubtFrozen
	case p.DriftFrom != 0 && now.Since(p.DriftFrom) > bess.Minute:
		e.Doubt = bess.DoubtDrifted
	case okHealth && si.Abs(health-e.SoH) > 0.25:
		e.Doubt = bess.DoubtHealth
	}
	p.Doubt = e.Doubt
}
