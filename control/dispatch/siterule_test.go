package dispatch

import (
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

// gives lets the packs give that much to the bus, evenly.
func (b *bench) gives(p si.Watts) {
	for c := range b.snap.Converters {
		b.snap.Converters[c].Power = bess.Of(si.Mul(p, 1/float64(len(b.snap.Converters))), b.snap.Now)
	}
}

// A rapid outlet goes on telling what it drew before the grid was lost: no set
// is started for a load that the packs' meters do not know, and the loads are
// not shed for it.
func TestStaleStationStartsNoGenerator(t *testing.T) {
	const rapid = 9
	for _, network := range []bess.NetworkState{bess.NetworkTransferring, bess.NetworkDead, bess.NetworkIsland} {
		b := newBench()
		b.run(bess.Second)
		b.island()
		b.stages.Network = network
		b.hurt = func(b *bench) {
			b.gives(10e3)
			b.snap.Inverter.Power = bess.Of(si.Watts(9000), b.snap.Now)
			b.snap.Outlets[rapid].Power = bess.Of(si.Watts(-150e3), b.snap.Now)
		}
		b.run(20 * bess.Second)
		if b.split.Generator {
			t.Errorf("%v: the set is wanted for a load that is not there", network)
		}
		for i, on := range b.split.CircuitOn {
			if network == bess.NetworkIsland && !on {
				t.Errorf("%v: circuit %d is off", network, i+1)
			}
		}
	}
}

// A load that is there starts it, after its time; so does one that nobody
// meters, since then the stations' word is all there is.
func TestLoadStartsGenerator(t *testing.T) {
	const rapid = 9
	for _, metered := range []bool{true, false} {
		b := newBench()
		b.island()
		b.hurt = func(b *bench) {
			if b.snap.Outlets[rapid].Power = bess.Of(si.Watts(-100e3), b.snap.Now); metered {
				b.gives(115e3)
				b.snap.Inverter.Power = bess.Of(si.Watts(9000), b.snap.Now)
			}
		}
		b.run(4 * bess.Second)
		if b.split.Generator {
			t.Errorf("metered %v: the set is wanted at once", metered)
		}
		b.run(2 * bess.Second)
		if !b.split.Generator {
			t.Errorf("metered %v: the set is not wanted for 110 kW", metered)
		}
	}
}

// Without a network no vehicle draws alternating current, whatever its station
// last said.
func TestNoCurrentWithoutNetwork(t *testing.T) {
	b := newBench()
	b.stages.Network, b.stages.Live = bess.NetworkDead, bess.Nobody
	b.hurt = func(b *bench) { b.snap.Outlets[0].Power = bess.Of(si.Watts(-7000), b.snap.Now) }
	b.tick()
	if w := b.state.weigh(b.u, b.view(), &b.split); w.vehicles != 0 {
		t.Errorf("vehicles draw %v from a dead bus", w.vehicles)
	}
}
