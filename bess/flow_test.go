package bess

import (
	"math"
	"testing"

	"reprise/bess/si"
)

func TestFromStore(t *testing.T) {
	u := &Unit{Packs: make([]Pack, 2), Converters: []Converter{{Pack: 1}, {Pack: 0}}}
	s, stages := NewSnapshot(u), NewStages(u)
	s.Now = 10_000
	expect := func(when string, want si.Watts, known bool) {
		t.Helper()
		if got, ok := s.FromStore(u, &stages, Second); got != want && known || ok != known {
			t.Errorf("%s: %v, %v", when, got, ok)
		}
	}
	expect("none joined", 0, false)
	stages.Packs[0], stages.Packs[1] = PackJoined, PackJoined
	expect("nothing measured", 0, false)
	s.Converters[0].Power, s.Converters[1].Power = Of(si.Watts(5000), s.Now), Of(si.Watts(-2000), s.Now)
	expect("both", 3000, true)
	s.Converters[0].Power.At = 8000
	expect("one stale", 0, false)
	stages.Packs[1] = PackOpen
	expect("the stale one's pack is open", -2000, true)
	s.Converters[1].Power.Value = si.Watts(math.NaN())
	expect("no number", 0, false)
	u.Bus.Topology = SwitchedPacks
	expect("common bus, nothing measured", 0, false)
	s.Packs[0].Volts, s.Packs[0].Current = Of(si.Volts(400), s.Now), Of(si.Amps(10), s.Now)
	expect("common bus", 4000, true)
}
