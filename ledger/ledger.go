// Package ledger books energy and the carbon that travels with it, in integers:
// milliwatt-hours and milligrams of CO2e. Every entry's legs sum to exactly
// zero in both; what no meter explains is booked to an account of its own,
// "unmeasured", never hidden in a loss. Entries are chained by hash.
//
// # Energy
//
// Measured powers are rounded to milliwatts and summed over milliseconds, so
// the sums are exact in microjoules. Pack terminals, converters, feeders,
// circuits, outlets and own use are measured; the losses of the inverter and
// of rapid outlets are derived from their curve at the measured power.
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

	canonical []byte // scratch
}

// Meter sums one account's energy in microjoules; Rest is what earlier entries
// left below a milliwatt-hour.
type Meter struct {
	Micro int64
	Meter si.WattHours // last seen counter, where the account has one
	Seen  bool
}

// VisitBook is what one vehicle received.
type VisitBook struct {
	Visit         uint64
	MilliWattHour int64
	Milligram     int64
}

// Totals are the sums over all entries, mWh and mg.
type Totals struct {
	In, Export, Vehicles, Circuits, OwnUse, Loss, Unmeasured int64
	Absolute                                                 int64 // sum of |unmeasured| over entries
	Stored                                                   int64 // net into packs
	GramsIn, GramsOut                                        int64 // mg from feeders; mg to vehicles and circuits
	First                                                    bess.Civil
}

// NationalFactor is used where a feeder's intensity is unknown: UK grid,
// generation, 2023 (BEIS/DESNZ conversion factors 2023), location-based CO2e.
const NationalFactor si.GramsPerKWh = 207.07

// New is an empty ledger.
func New(u *bess.Unit) State {
	return State{
		Feeders: make([]Meter, len(u.Feeders)), Exports: make([]Meter, len(u.Feeders)),
		Packs: make([]Meter, len(u.Packs)), Outlets: make([]Meter, len(u.Outlets)),
		Circuits: make([]Meter, len(u.Circuits)),
		Losses:   make([]Meter, len(u.Converters)+1+len(u.Outlets)),
		Brought:  make([]float64, len(u.Feeders)), Stock: make([]int64, len(u.Packs)),
		Seeded: make([]bool, len(u.Packs)), Visits: make([]VisitBook, len(u.Outlets)),
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
	for i := range s.Visits {
		if v := snap.Outlets[i].Visit; v != 0 && v != s.Visits[i].Visit {
			s.Visits[i] = VisitBook{Visit: v}
		}
	}
	elapsed := snap.Civil.UnixMilli - s.From.UnixMilli
	if elapsed >= int64(Period) || elapsed < 0 {
		entries = s.close(u, snap, e, entries)
	}
	return entries
}

// add books a power for dt milliseconds.
func (m *Meter) add(p si.Watts, dt int64) {
	m.Micro += milliwatts(p) * dt
}

// milliwatts rounds to nearest; what is not finite or beyond a gigawatt is no
// power of this machine and is left to the unmeasured rest.
func milliwatts(p si.Watts) int64 {
	if !si.Finite(p) || si.Abs(p) > 1e9 {
		return 0
	}
	x := float64(float64(p) * 1000)
	if x < 0 {
		return -int64(0.5 - x)
	}
	return int64(x + 0.5)
}

// follow books a counter's advance; the first sight only remembers it. A
// counter that runs back or jumps beyond what the part can carry is not
// believed, and the tick's power is booked instead.
func (m *Meter) follow(counter si.WattHours, most si.WattHours) bool {
	advance := counter - m.Meter
	known := m.Seen
	m.Meter, m.Seen = counter, true
	if !known || advance < 0 || advance > most {
		return false
	}
	m.Micro += int64(float64(float64(advance)*1000*microPerMilliWattHour) + 0.5)
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
	for c := range u.Converters {
		i := u.Converters[c].Pack
		v := &snap.Packs[i]
		volts, ok := v.Volts.Fresh(snap.Now, readingAge)
		amps, okAmps := v.Current.Fresh(snap.Now, readingAge)
		if !ok || !okAmps {
			continue
		}
		terminal := volts.Times(amps)
		s.Packs[i].add(-terminal, dt)
		if bus, okBus := snap.Converters[c].Power.Fresh(snap.Now, readingAge); okBus {
			s.Losses[c].add(terminal-bus, dt)
		}
	}
}

func (s *State) supplies(u *bess.Unit, snap *bess.Snapshot, dt int64) {
	for i := range u.Feeders {
		v := &snap.Feeders[i]
		p, ok := v.Power.Fresh(snap.Now, readingAge)
		if !ok {
			continue
		}
		if p < 0 {
			s.Exports[i].add(-p, dt)
			continue
		}
		s.Feeders[i].add(-p, dt)
		g, known := v.Intensity.Fresh(snap.Now, 2*bess.Hour)
		if !known {
			g = NationalFactor
			s.Guessed += milliwatts(p) * dt / microPerMilliWattHour
		}
		// W ms = mJ; mJ x g/kWh / 3.6e9 = g; x 1000 = mg.
		s.Brought[i] += float64(float64(p)*float64(dt)*float64(g)) / 3.6e6
	}
}

func (s *State) loads(u *bess.Unit, snap *bess.Snapshot, dt int64) {
	for i := range u.Circuits {
		if p, ok := snap.Circuits[i].Power.Fresh(snap.Now, readingAge); ok {
			s.Circuits[i].add(-p, dt)
		}
	}
	inverter := len(u.Converters)
	for i := range u.Outlets {
		s.outlet(u, snap, i, dt)
		if o := &u.Outlets[i]; o.Kind == bess.Rapid {
			if p, ok := snap.Outlets[i].Power.Fresh(snap.Now, readingAge); ok && p != 0 {
				s.Losses[inverter+1+i].add(curve(o.Loss, o.Rated, p), dt)
			}
		}
	}
	if p, ok := snap.Bus.OwnUse.Fresh(snap.Now, readingAge); ok {
		s.OwnUse.add(p, dt)
	}
	if p, ok := snap.Inverter.Power.Fresh(snap.Now, readingAge); ok && snap.Inverter.Running.Is(snap.Now, readingAge) {
		s.Losses[inverter].add(curve(u.Inverter.Loss, si.Watts(u.Inverter.Rated), p), dt)
	}
}

// outlet prefers the station's own counter, which the receipt shows.
func (s *State) outlet(u *bess.Unit, snap *bess.Snapshot, i int, dt int64) {
	v := &snap.Outlets[i]
	p, ok := v.Power.Fresh(snap.Now, 30*bess.Second)
	if counter, okCounter := v.Drawn.Fresh(snap.Now, 30*bess.Second); okCounter {
		if counter == s.Outlets[i].Meter && s.Outlets[i].Seen {
			return
		}
		most := si.Mul(u.Outlets[i].Rated.For(60), 1.5) + 2
		if s.Outlets[i].follow(counter, most) || !s.Outlets[i].Seen {
			return
		}
	}
	if ok {
		s.Outlets[i].add(-p, dt)
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
