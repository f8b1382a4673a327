package dispatch

import (
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

// alone permits to feed beside the grid, and lets vehicles draw that much on
// phase 1 alone.
func (b *bench) alone(outlets []int, draw *si.Watts) {
	b.u.Feeders[gridFeeder].Mode = bess.Parallel
	b.standing.Records[gridFeeder].Parallel = true
	b.hurt = func(b *bench) {
		now := b.snap.Now
		for _, i := range outlets {
			b.snap.Outlets[i].Power = bess.Of(-*draw, now)
		}
		own := -b.split.Inverter.Import + b.split.Inverter.Export
		if b.u.Bus.Topology != bess.SwitchedPacks {
			own = inverterFor(b.u, b.packs()-300)
		}
		sum := 9000 - own
		amps := sum.At(690)
		b.snap.Inverter.Power = bess.Of(own, now)
		v := &b.snap.Feeders[gridFeeder]
		for k := range v.PhaseAmps {
			v.PhaseAmps[k] = bess.Of(amps, now)
		}
		more := si.Mul(*draw, float64(len(outlets)))
		v.Power, v.PhaseAmps[0] = bess.Of(sum+more, now), bess.Of(amps+more.At(230), now)
	}
}

// The inverter feeds all phases alike: a phase that is full beside empty ones
// finds little help in it, so vehicles on it are not offered what only it could
// give there.
func TestOnePhaseIsFull(t *testing.T) {
	b := newBench()
	draw := si.Watts(0)
	b.alone(nil, &draw)
	for _, i := range []int{0, 3, 6} {
		b.wants[i] = bess.Want{Active: true, Power: 7400, Least: 1380, Budget: 7400, Urgency: 0.5}
	}
	b.run(bess.Minute)
	sum := si.Amps(0)
	for _, i := range []int{0, 3, 6} {
		sum += b.split.Outlets[i].Current
	}
	// Three circuits of 3 kW draw 13 A; feeding all 9 kW would leave 63 A.
	if sum < 45 || sum > 63 {
		t.Errorf("%.0f A are offered on a phase of 63 A", sum)
	}
}

// A phase that is over its limit is relieved by what the inverter feeds, and no
// more is fed than is drawn.
func TestFullPhaseIsRelieved(t *testing.T) {
	b := newBench()
	draw := si.Watts(5500)
	b.alone([]int{0, 3}, &draw)
	b.u.Feeders[gridFeeder].PhaseLimit = 55
	b.run(20 * bess.Second)
	v := &b.snap.Feeders[gridFeeder]
	if v.PhaseAmps[0].Value > 56 || v.Power.Value < 0 {
		t.Errorf("%.1f A in a phase of 55 A, %v imported", v.PhaseAmps[0].Value, v.Power.Value)
	}
}

// What vehicles may come to draw on their raised offers is not there yet:
// nothing is fed for it.
func TestNothingIsFedForWhatMayCome(t *testing.T) {
	for _, topology := range []bess.Topology{bess.ConverterPerPack, bess.SwitchedPacks} {
		b := newBench()
		b.u.Bus.Topology = topology
		if topology == bess.SwitchedPacks {
			b.u.Converters = nil
			b.split, b.verdict, b.ordered = bess.NewSplit(b.u), bess.NewVerdict(b.u, 8), bess.NewCommands(b.u)
		}
		draw := si.Watts(0)
		b.alone(nil, &draw)
		b.standing.ImportCap.Power = 10e3
		b.vehicles(9)
		for range 300 {
			b.tick()
			if p := b.snap.Feeders[gridFeeder].Power.Value; p < -100 {
				t.Fatalf("%v: %v flow into a grid that takes nothing", topology, p)
			}
		}
	}
}

// A DC supply gives what packs may be charged with and what is known to be
// drawn: a station that is silent is no load.
func TestDirectSupplyBesideColdPacks(t *testing.T) {
	b := newBench()
	for i := range b.est.Packs {
		b.est.Packs[i].Envelope.Charge.Power = 0
	}
	rapid := len(b.u.Outlets) - 1
	b.state.Offers[rapid] = 36e3
	b.hurt = func(b *bench) { b.snap.Outlets[rapid].Power = bess.Reading[si.Watts]{} }
	b.tick()
	if p := b.split.FeederCaps[inletFeeder]; p > 300 {
		t.Errorf("%v are taken in beside packs that may not be charged", p)
	}
	b.hurt = func(b *bench) { b.snap.Outlets[rapid].Power = bess.Of(si.Watts(-20e3), b.snap.Now) }
	b.tick()
	if p := b.split.FeederCaps[inletFeeder]; p < 20e3 || p > 21e3 {
		t.Errorf("%v beside a vehicle that draws 20 kW", p)
	}
}

// A station that still tells what it drew before a loss of supply is no load
// that could be fed: the meters say what is drawn.
func TestLateStationIsNotFed(t *testing.T) {
	b := newBench()
	draw := si.Watts(0)
	b.alone(nil, &draw)
	b.standing.ImportCap.Power = 10e3
	inner := b.hurt
	b.hurt = func(b *bench) {
		inner(b)
		b.snap.Outlets[0].Power = bess.Of(si.Watts(-20e3), b.snap.Now)
	}
	for range 200 {
		b.tick()
		if p := b.snap.Feeders[gridFeeder].Power.Value; p < -100 {
			t.Fatalf("%v flow into a grid that takes nothing", p)
		}
	}
}
