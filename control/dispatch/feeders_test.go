package dispatch

import (
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

// onSet lets the generator carry the loads, with that much sun; the inverter
// draws what the packs take, and the set gives the rest.
func (b *bench) onSet(sun, packs si.Watts) {
	b.stages.Network, b.stages.Live = bess.NetworkGenerator, generatorFeeder
	b.hurt = func(b *bench) {
		now := b.snap.Now
		b.snap.Feeders[solarFeeder].Power = bess.Of(sun, now)
		b.snap.Feeders[solarFeeder].Contactor = bess.FlagOf(true, now)
		b.snap.Inverter.Power = bess.Of(-packs, now)
		load := si.Watts(0)
		for i := range b.snap.Circuits {
			load -= b.snap.Circuits[i].Power.Value
		}
		b.imports(load + packs - sun)
	}
}

// What the packs take may vanish at any moment: beside a set the sun feeds only
// what the AC loads take, less the set's minimum load.
func TestSunBesideASet(t *testing.T) {
	for _, c := range []struct{ draw, sun, packs, want si.Watts }{
		{3000, 0, 30e3, 0},
		{3000, 5000, 30e3, 0},
		{10e3, 0, 30e3, 12e3},
		{10e3, 12e3, 0, 12e3},
		{10e3, 12e3, 30e3, 12e3},
	} {
		b := newBench()
		b.onSet(c.sun, c.packs)
		inner := b.hurt
		b.hurt = func(b *bench) {
			for i := range b.snap.Circuits {
				b.circuit(i, c.draw)
			}
			inner(b)
		}
		b.run(2 * bess.Second)
		if got := b.split.FeederCaps[solarFeeder]; si.Abs(got-c.want) > 1 {
			t.Errorf("three circuits of %v, sun %v, packs %v: solar may feed %v, not %v", c.draw, c.sun, c.packs, got, c.want)
		}
	}
}

// A circuit that is not measured may draw nothing: then the meters of set and
// inverter say what the sun may feed.
func TestSunBesideASetByMeter(t *testing.T) {
	b := newBench()
	b.onSet(0, 0)
	inner := b.hurt
	b.hurt = func(b *bench) {
		inner(b) // 9 kW
		b.ordered.Circuits[0].Close = true
		b.snap.Circuits[0].Power = bess.Reading[si.Watts]{}
		b.imports(24e3)
	}
	b.run(2 * bess.Second)
	if got := b.split.FeederCaps[solarFeeder]; got != 6000 {
		t.Errorf("solar may feed %v, not 6 kW", got)
	}
}
