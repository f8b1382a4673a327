// Package ledger books energy and the carbon that travels with it, in integers:
// milliwatt-hours and milligrams of CO2e. Every entry's legs sum to exactly
// zero in both; what no meter explains is booked to an account of its own,
// "unmeasured", never hidden in a loss. Entries are chained by hash.
//
// # Energy
//
// Measured powers are rounded to milliwatts and summed over milliseconds, so
// the sums are exact in microjoules. Pack terminals, converters, feeders,
// circuits, outlets and own use are measured, and so is the loss of an inverter
// that meters both its sides. Else its loss, as that of rapid outlets, is
// derived from the nominal curve at the measured power.
//
// # Carbon
//
// A feeder's energy brings the intensity of its moment. Within one booking
// period all sources mix; every sink takes its share by energy, so that losses
// are carried by those who cause them. A pack keeps a stock of milligrams: what
// flows in adds, and a discharge takes the part of the stock that its energy
// is of the energy then stored. Rule name: "proportional stock, period mix".
package ledger

import (
	"reprise/bess"
	"reprise/bess/si"
)

// Period is the length of a booking period.
const Period = 5 * bess.Minute

// readingAge is how old a power may be and still be booked.
const readingAge = 2 * bess.Second

// microjoules per milliwatt-hour.
const microPerMilliWattHour = 3_600_000

// State is the open period and the chain's head.
type State struct {
	Number uint64   // of the last entry
	Head   [32]byte // hash of the last entry
	From   bess.Civil
	Begun  bool
	Last   bess.Instant

	Feeders  []Meter
	Exports  []Meter
	Packs    []Meter
	Outlets  []Meter
	Circuits []Meter
	OwnUse   Meter
	Losses   []Meter   // per converter, then the inverter, then per rapid outlet
	Brought  []float64 // per feeder: mg brought this period, before rounding
	Stock    []int64   // per pack: mg of CO2e in the stored energy
	Seeded   []bool    // per pack: the stock has its first value
	Visits   []VisitBook
	Totals   Totals
	Guessed  int64 // mWh of feeder energy booked with the national factor
	Guess    int64 // microjoules of it below a milliwatt-hour
	Estimate Meter // losses of this period that stand on a curve, not on a measurement

	canonical []byte // scratch
}

// Meter sums one account's energy in microjoules, with what earlier entries left
// below a milliwatt-hour.
type Meter struct {
	Micro int64
	Meter si.WattHours // last seen counter, where the account has one
	At    bess.Instant // when it was seen
	Seen  bool
	Guess int64 // booked by power since then
}

// VisitBook is what one vehicle received.
type VisitBook struct {
	Visit         uint64
	MilliWattHour int64
	Milligram     int64
	Closed        bool // the vehicle has gone and its last energy is booked
}

// Totals are the sums over all entries, mWh and mg.
type Totals struct {
	In, Export, Vehicles, Circuits, OwnUse, Loss, Unmeasured int64
	Absolute                                                 int64 // sum of |unmeasured| over entries
	Stored                                                   int64 // net into packs
	Estimated                                                int64 // of Loss: by a nominal curve, because nobody measures it
	GramsIn, GramsOut                                        int64 // mg from feeders; mg to vehicles and circuits
	First                                                    bess.Civil
}

// NationalFactor is used where a feeder's intensity is unknown: UK grid,
// generation, 2023 (BEIS/DESNZ conversion factors 2023), location-based CO2e.
const NationalFactor si.GramsPerKWh = 207.07

// GeneratorFactor is used where a generator's intensity is unknown: a 100 kW
// set at 60 % burns 18.2 L/h (3.55 + 0.244 L/h per kW) of mineral diesel at
// 2659 g/L (BEIS/DESNZ conversion factors 2023, direct, CO2e).
const GeneratorFactor si.GramsPerKWh = 806

// mostIntensity bounds what a supply may be said to emit, g/kWh: a lignite
// plant stays below it, so what is above is no measurement.
const mostIntensity si.GramsPerKWh = 2000

// New is an empty ledger.
func New(u *bess.Unit) State {
	return State{
		Feeders: make([]Meter, len(u.Feeders)), Exports: make([]Meter, len(u.Feeders)),
		Packs: make([]Meter, len(u.Packs)), Outlets: make([]Meter, len(u.Outlets)),
		Circuits: make([]Meter, len(u.Circuits)),
		Losses:   make([]Meter, len(u.Converters)+1+len(u.Outlets)),
		Brought:  make([]float64, len(u.Feeders)), Stock: make([]int64, len(u.Packs)),
		Seeded: make([]bool, len(u.Packs)), Visits: make([]VisitBook, len(u.Outlets)),
		canonical: make([]byte, 0, 64+32*mostLegs(u)),
	}
}

// CopyFrom makes s equal to o without sharing memory.
func (s *State) CopyFrom(o *State) {
	k := *s
	copy(k.Feeders, o.Feeders)
	copy(k.Exports, o.Exports)
	copy(k.Packs, o.Packs)
	copy(k.Outlets, o.Outlets)
	copy(k.Circuits, o.Circuits)
	copy(k.Losses, o.Losses)
	copy(k.Brought, o.Brought)
	copy(k.Stock, o.Stock)
	copy(k.Seeded, o.Seeded)
	copy(k.Visits, o.Visits)
	*s = *o
	s.Feeders, s.Exports, s.Packs, s.Outlets, s.Circuits = k.Feeders, k.Exports, k.Packs, k.Outlets, k.Circuits
	s.Losses, s.Brought, s.Stock, s.Seeded, s.Visits = k.Losses, k.Brought, k.Stock, k.Seeded, k.Visits
	s.canonical = k.canonical
}

// Accrue books one tick and, at the end of a period, appends its entry. It
// reuses the memory of entries beyond their length.
func (s *State) Accrue(u *bess.Unit, snap *bess.Snapshot, e *bess.Estimates, entries []bess.Entry) []bess.Entry {
	if !s.Begun {
		s.Begun, s.Last, s.From = true, snap.Now, snap.Civil
		if s.Totals.First.UnixMilli == 0 {
			s.Totals.First = snap.Civil
		}
	}
	dt := int64(snap.Now.Since(s.Last))
	s.Last = snap.Now
	if dt > 0 && dt <= int64(bess.Second) {
		s.packs(u, snap, dt)
		s.supplies(u, snap, dt)
		s.loads(u, snap, dt)
	}
	for i := range u.Packs {
		s.seed(u, e, i)
	}
	elapsed := snap.Civil.UnixMilli - s.From.UnixMilli
	switch {
	case elapsed >= int64(Period) || elapsed < 0:
		entries = s.close(u, snap, e, entries, bess.NotePeriod)
	case s.left(snap):
		entries = s.close(u, snap, e, entries, bess.NoteVisitEnd)
	}
	for i := range s.Visits {
		if v := snap.Outlets[i].Visit; v != 0 && v != s.Visits[i].Visit {
			s.Visits[i] = VisitBook{Visit: v}
		}
	}
	return entries
}

// left reports whether a vehicle has gone whose last energy is not booked yet:
// its receipt must not wait for the period, nor end up with the next vehicle.
func (s *State) left(snap *bess.Snapshot) bool {
	due := false
	for i := range s.Visits {
		v := &s.Visits[i]
		if v.Visit != 0 && !v.Closed && snap.Outlets[i].Visit != v.Visit {
			v.Closed = true
			due = due || s.Outlets[i].Micro >= microPerMilliWattHour
		}
	}
	return due
}

// mostLegs is the largest number of legs of an entry.
func mostLegs(u *bess.Unit) int {
	return 2*len(u.Feeders) + len(u.Packs) + 2*len(u.Outlets) + len(u.Circuits) + len(u.Converters) + 3
}

// fresh is a reading that is good, young enough and finite.
func fresh[T si.Number](r bess.Reading[T], now bess.Instant, age bess.Span) (T, bool) {
	x, ok := r.Fresh(now, age)
	if !ok || !si.Finite(x) {
		return 0, false
	}
	return x, true
}

// add books a power for dt milliseconds.
func (m *Meter) add(p si.Watts, dt int64) {
	m.Micro += milliwatts(p) * dt
}

// mostPower bounds what can be a power of this machine: a gigawatt.
const mostPower si.Watts = 1e9

// milliwatts rounds to nearest; what is no power of this machine is left to the
// unmeasured rest.
func milliwatts(p si.Watts) int64 {
	if !si.Finite(p) || si.Abs(p) > mostPower {
		return 0
	}
	x := float64(float64(p) * 1000)
	if x < 0 {
		return -int64(0.5 - x)
	}
	return int64(x + 0.5)
}

// follow books a counter's advance; the first sight only remembers it. A
// counter that runs back or leaps beyond what the part can carry since it was
// last seen is not believed: it is followed on from where it is, and the power
// stands for what it missed.
func (m *Meter) follow(counter si.WattHours, rated si.Watts, now bess.Instant) bool {
	advance := counter - m.Meter
	most := si.Mul(rated.For(now.Since(m.At).Seconds()), 1.2) + 200
	known := m.Seen && advance >= 0 && advance <= most
	guess := m.Guess
	m.Meter, m.At, m.Seen, m.Guess = counter, now, true, 0
	if !known {
		return false
	}
	m.Micro += int64(float64(float64(advance)*1000*microPerMilliWattHour)+0.5) - guess
	return true
}

// take returns the whole milliwatt-hours and keeps the rest for the next
// period.
func (m *Meter) take() int64 {
	whole := m.Micro / microPerMilliWattHour
	m.Micro -= whole * microPerMilliWattHour
	return whole
}

func (s *State) packs(u *bess.Unit, snap *bess.Snapshot, dt int64) {
	for i := range u.Packs {
		if power, ok := terminal(&snap.Packs[i], snap.Now); ok {
			s.Packs[i].add(-power, dt)
		}
	}
	for c := range u.Converters {
		power, ok := terminal(&snap.Packs[u.Converters[c].Pack], snap.Now)
		if bus, okBus := fresh(snap.Converters[c].Power, snap.Now, readingAge); ok && okBus {
			s.Losses[c].add(power-bus, dt)
		}
	}
}

// terminal is what a pack gives at its terminals.
func terminal(v *bess.PackView, now bess.Instant) (si.Watts, bool) {
	volts, ok := fresh(v.Volts, now, readingAge)
	amps, okAmps := fresh(v.Current, now, readingAge)
	return volts.Times(amps), ok && okAmps
}

func (s *State) supplies(u *bess.Unit, snap *bess.Snapshot, dt int64) {
	for i := range u.Feeders {
		v := &snap.Feeders[i]
		p, ok := fresh(v.Power, snap.Now, readingAge)
		if !ok || si.Abs(p) > mostPower {
			continue
		}
		if p < 0 {
			s.Exports[i].add(-p, dt)
			continue
		}
		s.Feeders[i].add(-p, dt)
		g, known := fresh(v.Intensity, snap.Now, 2*bess.Hour)
		if !known || g < 0 || g > mostIntensity {
			g = s.factor(u.Feeders[i].Kind, milliwatts(p)*dt)
		}
		// W ms = mJ; mJ x g/kWh / 3.6e9 = g; x 1000 = mg.
		s.Brought[i] += float64(float64(p)*float64(dt)*float64(g)) / 3.6e6
	}
}

// factor is the intensity that is taken where a supply's own is not known.
// Solar emits nothing where it stands. micro is the energy, microjoules.
func (s *State) factor(kind bess.FeederKind, micro int64) si.GramsPerKWh {
	switch kind {
	case bess.Solar:
		return 0
	case bess.Generator:
		return GeneratorFactor
	default: // a supply whose intensity nobody told: the national factor, and counted as a guess
	}
	s.Guess += micro
	whole := s.Guess / microPerMilliWattHour
	s.Guessed += whole
	s.Guess -= whole * microPerMilliWattHour
	return NationalFactor
}

func (s *State) loads(u *bess.Unit, snap *bess.Snapshot, dt int64) {
	for i := range u.Circuits {
		if p, ok := fresh(snap.Circuits[i].Power, snap.Now, readingAge); ok {
			s.Circuits[i].add(-p, dt)
		}
	}
	inverter := len(u.Converters)
	for i := range u.Outlets {
		s.outlet(u, snap, i, dt)
		if loss, ok := rapidLoss(&u.Outlets[i], &snap.Outlets[i], snap.Now); ok {
			s.Losses[inverter+1+i].add(loss, dt)
			s.Estimate.add(loss, dt)
		}
	}
	if p, ok := fresh(snap.Bus.OwnUse, snap.Now, readingAge); ok {
		s.OwnUse.add(p, dt)
	}
	loss, known, measured := inverterLoss(u, snap)
	if known {
		s.Losses[inverter].add(loss, dt)
		if !measured {
			s.Estimate.add(loss, dt)
		}
	}
}

// rapidLoss is what a rapid outlet turns into heat, by its nominal curve: it
// meters only what the vehicle takes. While it gives nothing but answers it
// uses what it needs to stand by.
func rapidLoss(o *bess.Outlet, v *bess.OutletView, now bess.Instant) (si.Watts, bool) {
	if o.Kind != bess.Rapid {
		return 0, false
	}
	p, ok := fresh(v.Power, now, readingAge)
	switch {
	case !ok:
		return 0, false
	case p != 0:
		return curve(o.Loss, o.Rated, p), true
	}
	return o.Standby, v.Online.Is(now, readingAge)
}

// inverterLoss is what the inverter turns into heat: the difference of its two
// sides where it measures both at once, even while it stands by; else, while it
// runs, the nominal curve at its AC power; else it is not known.
func inverterLoss(u *bess.Unit, snap *bess.Snapshot) (loss si.Watts, known, measured bool) {
	v := &snap.Inverter
	ac, ok := fresh(v.Power, snap.Now, readingAge)
	if !ok {
		return 0, false, false
	}
	if dc, both := fresh(v.DCPower, snap.Now, readingAge); both && v.DCPower.At == v.Power.At {
		return -dc - ac, true, true
	}
	return curve(u.Inverter.Loss, si.Watts(u.Inverter.Rated), ac), v.Running.Is(snap.Now, readingAge), false
}

// outlet prefers the station's own counter, which the receipt shows.
func (s *State) outlet(u *bess.Unit, snap *bess.Snapshot, i int, dt int64) {
	const age = 30 * bess.Second
	v, m := &snap.Outlets[i], &s.Outlets[i]
	counter, counts := fresh(v.Drawn, snap.Now, age)
	if counts {
		if m.Seen && counter == m.Meter {
			m.At = max(m.At, v.Drawn.At)
			return
		}
		if m.follow(counter, u.Outlets[i].Rated, snap.Now) {
			return
		}
	}
	if p, ok := fresh(v.Power, snap.Now, age); ok {
		m.add(-p, dt)
		if m.Seen && !counts {
			m.Guess += milliwatts(-p) * dt
		}
	}
}

func curve(c bess.LossCurve, rated, p si.Watts) si.Watts {
	if rated <= 0 {
		return 0
	}
	x := float64(si.Abs(p)) / float64(rated)
	y := float64(float64(c.A*x)*x) + float64(c.B*x) + c.C
	return si.Watts(float64(rated) * y)
}

// held is the energy in a pack down to empty, which carries the stock.
func held(u *bess.Unit, e *bess.Estimates, i int) si.WattHours {
	return si.Mul(u.Packs[i].Type.Energy, float64(e.Packs[i].SoH)*float64(e.Packs[i].SoC))
}

// seed gives a pack's stock its first value: where its energy came from is
// unknown, so the national factor stands for it.
func (s *State) seed(u *bess.Unit, e *bess.Estimates, i int) {
	if s.Seeded[i] || !e.Packs[i].Known {
		return
	}
	s.Seeded[i] = true
	s.Stock[i] = int64(held(u, e, i).KWh() * float64(NationalFactor) * 1000)
}
