package storm

import (
	"reprise/bess"
	"reprise/bess/si"
	"reprise/twin"
)

// dropped: an island that carries a load keeps carrying it unless something
// explains that it does not. What befalls single packs, their frames, outlets
// or stations explains nothing while the others can carry the load.
type dropped struct {
	carried clocks
	gone    clocks
	steady  []bool
}

func newDropped(u *bess.Unit) *dropped {
	n := len(u.Circuits)
	return &dropped{newClocks(n), newClocks(n), make([]bool, n)}
}

func (*dropped) Name() string { return "load-dropped" }

func (k *dropped) Look(s *Scene) string {
	for i := range s.Unit.Circuits {
		c := &s.Inside.Circuits[i]
		served := c.Wanted > 100 && s.Truth.CircuitNow[i] > si.Mul(c.Wanted, 0.5)
		if k.carried.lasts(i, served && s.Truth.Forming, s.Now) > bess.Minute {
			k.steady[i] = true
		}
		k.steady[i] = k.steady[i] && (s.Truth.Forming || !served) // a supply carries it now
		if served || c.Wanted <= 100 {
			k.gone.lasts(i, false, s.Now)
			continue
		}
		if k.gone.lasts(i, k.steady[i], s.Now) < bess.Second {
			continue
		}
		k.steady[i] = false
		if explained(s, i) || !strong(s) {
			continue
		}
		return say("circuit %d went dark in island without a cause", i+1)
	}
	return ""
}

// explained reports whether something of the last two minutes may take a load
// down: everything that does not befall a single pack, frame, converter or
// outlet.
func explained(s *Scene, circuit int) bool {
	const window = 2 * bess.Minute
	for i := range s.Troubles.List {
		t := &s.Troubles.List[i]
		if !s.Troubles.lately(t, window) {
			continue
		}
		switch t.Of {
		case bess.OfPack:
			// A contactor that welds with current parts everything: so does a leak
			// on packs that share the bus.
			if t.Kind == twin.ContactorWelded || t.Kind == PersonActs || s.Unit.Bus.Topology == bess.SwitchedPacks {
				return true
			}
		case bess.OfConverter:
			if t.Kind == twin.ConverterIgnores || t.Kind == twin.ConverterDeaf {
				return true // it may push against the bus
			}
		case bess.OfOutlet:
		case bess.OfCircuit:
			if t.Index == circuit || t.Kind == twin.CircuitShort || t.Kind == LoadSurges {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// strong reports whether the packs that nothing befell can carry the loads
// with room to spare.
func strong(s *Scene) bool {
	able, load := si.Watts(0), si.Watts(0)
	for i := range s.Truth.Packs {
		p, t := &s.Truth.Packs[i], &s.Unit.Packs[i].Type
		cold := s.Inside.Packs[i].Cold
		fine := p.Closed && !s.Troubles.Any(3*bess.Minute, bess.OfPack, i) && p.Weak > t.Window[0]+0.08 && cold > t.Limits.DischargeMin+12 && p.Hot < t.Limits.DerateAbove
		if !fine {
			continue
		}
		each := si.Mul(t.Limits.Discharge, float64(p.SoH))
		for k := range s.Unit.Converters {
			if int(s.Unit.Converters[k].Pack) == i {
				each = min(each, s.Unit.Converters[k].Rated)
				if s.Troubles.Any(3*bess.Minute, bess.OfConverter, k) {
					each = 0
				}
			}
		}
		able += each
	}
	for i := range s.Inside.Circuits {
		load += s.Inside.Circuits[i].Wanted
	}
	for i := range s.Truth.OutletNow {
		load += s.Truth.OutletNow[i]
	}
	return able > si.Mul(load, 2)+2000 && si.Watts(s.Unit.Inverter.Rated) > si.Mul(load, 1.4)
}

// restored: when everything has been over for ten minutes and people did what
// was theirs, service is back: the network lives, loads within easy reach are
// served, packs are on the bus.
type restored struct{}

func newRestored(*bess.Unit) *restored { return &restored{} }

func (*restored) Name() string { return "restored" }

func (*restored) Look(s *Scene) string {
	if !s.Last || s.Troubles.Calm() < 10*bess.Minute || !s.Alive || s.Now < 30*bess.Minute {
		return ""
	}
	held, most := si.WattHours(0), si.WattHours(0)
	closed, usable := 0, 0
	for i := range s.Truth.Packs {
		p, t := &s.Truth.Packs[i], &s.Unit.Packs[i].Type
		held, most = held+p.Stored, most+p.Full
		if p.Weak > t.Window[0] && p.Strong < 0.99 && s.Inside.Packs[i].Cold > t.Limits.DischargeMin+2 && p.Hot < t.Limits.DerateAbove && s.Inside.Packs[i].Drop == 0 {
			usable++
			if p.Closed {
				closed++
			}
		}
	}
	grid := false
	for i := range s.Unit.Feeders {
		grid = grid || s.Unit.Feeders[i].Kind == bess.Grid && s.Inside.Feeders[i].Live && !s.Unit.Site.Island
	}
	soc := float64(held) / float64(max(most, 1))
	alone := s.Unit.Network.FormAlone || s.Unit.Site.Island
	switch {
	case !grid && (soc < 0.25 || !alone || usable == 0):
		return "" // nothing is there that could serve
	case s.Truth.PhaseVolts[0] < 200:
		return say("the network is dead (%v, %v) although nothing has been wrong for ten minutes", s.Stages.Service, s.Stages.Network)
	case s.Unit.Bus.Topology != bess.SwitchedPacks && closed < usable:
		return say("%d of %d sound packs are on the bus although nothing has been wrong for ten minutes: %v", closed, usable, s.Stages.Packs)
	}
	return s.dark(grid)
}

// dark is a circuit that should be served and is not.
func (s *Scene) dark(grid bool) string {
	want := si.Watts(0)
	for i := range s.Inside.Circuits {
		want += s.Inside.Circuits[i].Wanted
	}
	reach := si.Mul(si.Watts(s.Unit.Inverter.Rated), 0.4)
	if grid {
		reach = si.Mul(min(s.Unit.Site.ImportCap, s.Cap), 0.6)
	}
	if want > reach {
		return ""
	}
	for i := range s.Inside.Circuits {
		c := &s.Inside.Circuits[i]
		if c.Wanted > 100 && s.Truth.CircuitNow[i] < si.Mul(c.Wanted, 0.5) {
			return say("circuit %d is dark although nothing has been wrong for ten minutes", i+1)
		}
	}
	return ""
}
