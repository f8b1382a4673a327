package storm

import (
	"reprise/bess"
	"reprise/bess/si"
	"reprise/ledger"
	"reprise/twin"
)

// alarms: what is physically wrong is told within seconds, on the part where
// it is.
type alarms struct {
	active [bess.OfBus + 1][]int // alarms on each part now
	causes []cause
	since  []clocks
}

// cause is something that must be told.
type cause struct {
	what   string
	on     bess.SubjectKind
	within bess.Span
	true   func(s *Scene, i int) bool
}

func newAlarms(u *bess.Unit) *alarms {
	k := &alarms{causes: causes()}
	for kind := range k.active {
		k.active[kind] = make([]int, max(len(u.Packs), len(u.Feeders), len(u.Outlets), len(u.Circuits), int(bess.InputCount)))
	}
	for range k.causes {
		k.since = append(k.since, newClocks(max(len(u.Packs), len(u.Feeders), len(u.Outlets), len(u.Circuits), 1)))
	}
	return k
}

func (*alarms) Name() string { return "alarm-in-time" }

func (k *alarms) Look(s *Scene) string {
	for i := range s.Events {
		switch e := &s.Events[i]; e.Kind {
		case bess.EventAlarmRaised:
			k.active[e.Subject.Kind][e.Subject.Index]++
		case bess.EventAlarmCleared:
			k.active[e.Subject.Kind][e.Subject.Index]--
		default:
		}
	}
	if s.Now%(bess.Second/2) != 0 {
		return "" // twice a second is often enough for seconds
	}
	deaf := !s.Alive || s.Run < 10*bess.Second || !s.Electronics()
	for n := range k.causes {
		c := &k.causes[n]
		for i := range s.count(c.on) {
			told := k.active[c.on][i] > 0
			if t := k.since[n].lasts(i, !deaf && !told && c.true(s, i), s.Now); t > c.within {
				return say("%s %d: %s for %.1f s and nobody was told", c.on, i+1, c.what, t.Seconds())
			}
		}
	}
	return ""
}

// count is how many parts of a kind there are.
func (s *Scene) count(kind bess.SubjectKind) int {
	switch kind {
	case bess.OfPack:
		return len(s.Unit.Packs)
	case bess.OfConverter:
		return len(s.Unit.Converters)
	case bess.OfFeeder:
		return len(s.Unit.Feeders)
	case bess.OfCircuit:
		return len(s.Unit.Circuits)
	case bess.OfOutlet:
		return len(s.Unit.Outlets)
	default:
		return 1
	}
}

// anyClosed reports whether a pack is on the bus: a unit at rest needs no guard.
func (s *Scene) anyClosed() bool {
	for i := range s.Truth.Packs {
		if s.Truth.Packs[i].Closed {
			return true
		}
	}
	return false
}

// causes are the table of what must be told, with the time that its rule, its
// report's period and its age allow.
func causes() []cause {
	on := func(k ...twin.FaultKind) func(s *Scene, i int, of bess.SubjectKind) bool {
		return func(s *Scene, i int, of bess.SubjectKind) bool { return s.Troubles.Any(0, of, i, k...) }
	}
	heard := func(s *Scene, i int) bool {
		return s.Inside.Packs[i].Awake && !s.Troubles.Any(5*bess.Second, bess.OfPack, i, untrue()...)
	}
	input := func(n bess.Input) func(*Scene, int) bool {
		return func(s *Scene, _ int) bool {
			for i := range s.Troubles.List {
				if t := &s.Troubles.List[i]; t.On && t.Kind == twin.InputTrouble && t.Part == int(n) {
					// On the road the unit tilts, and everything is open.
					return n != bess.Tilt || s.Stages.Service != bess.ServiceTransport
				}
			}
			return false
		}
	}
	list := []cause{
		{"hotter than its trip temperature", bess.OfPack, 4 * bess.Second, func(s *Scene, i int) bool {
			return s.Truth.Packs[i].Hot > s.Unit.Packs[i].Type.Limits.TripAt+2 && s.Truth.Packs[i].Closed && heard(s, i)
		}},
		{"silent while closed", bess.OfPack, 5 * bess.Second, func(s *Scene, i int) bool {
			return s.Truth.Packs[i].Closed && on(twin.BMSSilent)(s, i, bess.OfPack)
		}},
		{"leaks to its case", bess.OfPack, 3 * bess.Second, func(s *Scene, i int) bool {
			p := &s.Truth.Packs[i]
			return heard(s, i) && p.Closed && float64(s.Inside.Packs[i].Insulation) < 0.9*float64(s.Unit.Packs[i].Type.Limits.InsulationOhmPerVolt)*float64(p.Volts)
		}},
		{"interlock open", bess.OfPack, 2 * bess.Second, func(s *Scene, i int) bool {
			return heard(s, i) && s.Stages.Packs[i] != bess.PackService && on(twin.InterlockOpen)(s, i, bess.OfPack)
		}},
		{"closed although ordered open", bess.OfPack, 6 * bess.Second, func(s *Scene, i int) bool {
			return heard(s, i) && s.Truth.Packs[i].Closed && !s.Orders.Packs[i].Close
		}},
		{"tripped", bess.OfConverter, 3 * bess.Second, func(s *Scene, i int) bool { return on(twin.ConverterTrip)(s, i, bess.OfConverter) }},
		{"deaf with its pack closed", bess.OfConverter, 6 * bess.Second, func(s *Scene, i int) bool {
			return on(twin.ConverterDeaf)(s, i, bess.OfConverter) && s.Truth.Packs[s.Unit.Converters[i].Pack].Closed
		}},
		{"tripped", bess.OfInverter, 3 * bess.Second, func(s *Scene, _ int) bool { return s.Troubles.Any(0, bess.OfInverter, 0, twin.InverterTrip) }},
		{"the grid is lost", bess.OfFeeder, 4 * bess.Second, func(s *Scene, i int) bool {
			return s.Unit.Feeders[i].Kind == bess.Grid && !s.Inside.Feeders[i].Live && !s.Troubles.Off(bess.OfFeeder, i) && on(twin.FeederLost)(s, i, bess.OfFeeder)
		}},
		{"a phase, its neutral or its rotation is wrong", bess.OfFeeder, 4 * bess.Second, func(s *Scene, i int) bool {
			return s.Inside.Feeders[i].Live && (s.Unit.Feeders[i].Kind == bess.Grid || s.Inside.Feeders[i].Closed) && on(twin.NeutralLost, twin.PhasesReversed)(s, i, bess.OfFeeder)
		}},
		{"its contactor is closed although ordered open", bess.OfFeeder, 5 * bess.Second, func(s *Scene, i int) bool {
			return s.Inside.Feeders[i].Closed && !s.Orders.Feeders[i].Close
		}},
		{"its breaker is open", bess.OfCircuit, 2 * bess.Second, func(s *Scene, i int) bool { return s.Inside.Circuits[i].Tripped }},
		{"the insulation of the bus is low", bess.OfBus, 13 * bess.Second, func(s *Scene, _ int) bool {
			for i := range s.Troubles.List {
				t := &s.Troubles.List[i]
				if t.On && t.Kind == twin.InsulationFall && t.Of == bess.OfBus && t.Value < 90*float64(s.Unit.Bus.Nominal) && s.Now-t.From > 2*bess.Minute {
					return true
				}
			}
			return false
		}},
		{"the guard is gone", bess.OfUnit, 4 * bess.Second, func(s *Scene, _ int) bool {
			return s.anyClosed() && on(twin.GuardMissing)(s, 0, bess.OfUnit)
		}},
		{"the disk is full", bess.OfUnit, 4 * bess.Second, func(s *Scene, _ int) bool { return on(twin.DiskFull)(s, 0, bess.OfUnit) }},
		{"the I/O module is silent", bess.OfUnit, 5 * bess.Second, func(s *Scene, _ int) bool { return on(twin.IOSilent)(s, 0, bess.OfUnit) }},
		{"12 V is low", bess.OfUnit, 8 * bess.Second, func(s *Scene, _ int) bool {
			return s.Inside.TwelveVolt < s.Unit.Cabinet.TwelveVoltMin-0.2
		}},
	}
	for n := range bess.InputCount {
		within := 4 * bess.Second
		if n == bess.CoolantLow {
			within = 13 * bess.Second
		}
		list = append(list, cause{n.String(), bess.OfUnit, within, input(n)})
	}
	return list
}

// promise: nobody leaves with less than was promised without having been told.
// At the promised time either the energy is there, or the promise was revised,
// or it is marked as broken.
type promise struct {
	begin  []si.WattHours
	number []uint64
	judged []bool
}

func newPromise(u *bess.Unit) *promise {
	n := len(u.Outlets)
	return &promise{make([]si.WattHours, n), make([]uint64, n), make([]bool, n)}
}

func (*promise) Name() string { return "promise" }

func (k *promise) Look(s *Scene) string {
	for i := range s.Visits {
		v := &s.Visits[i]
		if v.Number != k.number[i] {
			k.number[i], k.begin[i], k.judged[i] = v.Number, s.Inside.Outlets[i].Drawn, false
		}
		p := &v.Promise
		due := p.Made && p.By.UnixMilli != 0 && s.Snap.Civil.UnixMilli > p.By.UnixMilli+int64(5*bess.Second)
		if !due || k.judged[i] || v.State == bess.VisitGone || v.State == bess.VisitNone || !s.Alive || s.Run < bess.Minute {
			continue
		}
		k.judged[i] = true
		got := s.Inside.Outlets[i].Drawn - k.begin[i]
		lies := s.Troubles.Any(2*bess.Hour, bess.OfOutlet, i, twin.MeterJump, twin.StationLies, twin.StationSilent, twin.StationReboots) ||
			s.Troubles.Somewhere(2*bess.Hour, twin.ClockJump)
		if !lies && !p.Broken && float64(got) < 0.95*float64(p.Energy)-300 {
			return say("outlet %d: %.2f kWh were promised, %.2f kWh were given, and nothing was said", i+1, p.Energy.KWh(), got.KWh())
		}
	}
	return ""
}

// books: energy and grams are conserved: the twin's own balance, legs that sum
// to zero, entries in one unbroken chain, and the ledger beside the truth.
type books struct {
	last  bess.Entry
	any   bool
	given int64        // mWh to vehicles and circuits, by the ledger
	true  si.WattHours // the same in truth, when the last entry was closed
}

func newBooks(*bess.Unit) *books { return &books{} }

func (*books) Name() string { return "books" }

func (k *books) Look(s *Scene) string {
	for i := range s.Entries {
		e := &s.Entries[i]
		mWh, mg := ledger.Sum(e.Legs)
		switch {
		case mWh != 0 || mg != 0:
			return say("the legs of entry %d sum to %d mWh and %d mg", e.Number, mWh, mg)
		case k.any && (e.Number != k.last.Number+1 || e.Prev != k.last.Hash):
			return say("entry %d does not follow entry %d", e.Number, k.last.Number)
		}
		taken := false
		for _, l := range e.Legs {
			taken = taken || l.Kind != bess.AccountUnmeasured && l.Kind != bess.AccountLoss && l.MilliWattHour > 0
		}
		for _, l := range e.Legs {
			if l.Kind == bess.AccountUnmeasured && taken && max(l.Milligram, -l.Milligram) > 100 {
				return say("entry %d loses %d mg on the way from its sources to its users", e.Number, l.Milligram)
			}
			if l.Kind == bess.AccountOutlet || l.Kind == bess.AccountCircuit {
				k.given += l.MilliWattHour
			}
		}
		k.last, k.any = *e, true
		k.last.Legs = nil
		k.true = s.used()
	}
	if s.Now%bess.Minute == 0 || s.Last {
		if x := s.Truth.BalanceError(); x > 1e-4 && s.Truth.Books.Throughput > 1000 {
			return say("the twin loses %.6f of its throughput", x)
		}
	}
	if s.Last {
		return k.compare(s)
	}
	return ""
}

// compare lays the ledger beside the truth, where no meter was made to lie.
func (k *books) compare(s *Scene) string {
	if s.Troubles.Somewhere(s.Now, twin.MeterJump, twin.StationLies, ControllerDown, twin.TwelveVoltLow, twin.StationSilent, twin.StationReboots) {
		return ""
	}
	said := si.WattHours(float64(k.given) / 1000)
	if miss := si.Abs(said - k.true); miss > si.Mul(k.true, 0.02)+300 {
		return say("the ledger gave %.2f kWh to users, in truth it was %.2f kWh", said.KWh(), k.true.KWh())
	}
	return ""
}

// used is what vehicles and circuits truly got so far.
func (s *Scene) used() (sum si.WattHours) {
	for _, e := range s.Truth.Books.Outlet {
		sum += e
	}
	for _, e := range s.Truth.Books.Circuit {
		sum += e
	}
	return sum
}
