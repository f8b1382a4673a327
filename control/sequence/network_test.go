package sequence

import (
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

func (b *bench) network(t *testing.T, want bess.NetworkState) {
	t.Helper()
	if got := b.stages.Network; got != want {
		t.Errorf("at %v the network is %v, not %v", b.snap.Now, got, want)
	}
}

// exclusive fails on orders that no unit may ever see.
func exclusive(t interface {
	Helper()
	Fatalf(string, ...any)
}, b *bench) {
	t.Helper()
	closed := 0
	for i := range b.u.Feeders {
		if b.u.Feeders[i].Carries() && b.orders.Feeders[i].Close {
			closed++
		}
	}
	forms := b.orders.Inverter.Mode == bess.InverterForm
	switch {
	case closed > 1:
		t.Fatalf("at %v two supplies are ordered closed", b.snap.Now)
	case closed > 0 && b.orders.IO.Bond:
		t.Fatalf("at %v the bond and a supply are ordered closed", b.snap.Now)
	case closed > 0 && forms:
		t.Fatalf("at %v the inverter forms beside a supply", b.snap.Now)
	case forms && !b.orders.IO.Bond:
		t.Fatalf("at %v the inverter forms without a bond", b.snap.Now)
	}
	for i := range b.u.Feeders {
		if forms && b.u.Feeders[i].Carries() && b.snap.Feeders[i].Contactor.Is(b.snap.Now, readingAge) {
			t.Fatalf("at %v the inverter forms although feeder %d reports closed", b.snap.Now, i)
		}
	}
	for i, p := range b.orders.Packs {
		stage := b.stages.Packs[i]
		if p.Close && stage != bess.PackClosing && stage != bess.PackJoined && stage != bess.PackLeaving {
			t.Fatalf("at %v pack %d is %v and ordered closed", b.snap.Now, i+1, stage)
		}
	}
	for k := range b.orders.Converters {
		if b.orders.Converters[k].Mode != bess.ConverterOff && b.stages.Packs[b.u.Converters[k].Pack] != bess.PackJoined {
			t.Fatalf("at %v converter %d runs without its pack", b.snap.Now, k+1)
		}
	}
}

// Grid, island, and back after a minute in band; the bond is proven before the
// inverter forms, the supply proven open before that.
func TestGridIslandGrid(t *testing.T) {
	b := newBench()
	var steps []TransferStep
	b.seen = func(b *bench) {
		exclusive(t, b)
		if b.stages.Network == bess.NetworkTransferring && (len(steps) == 0 || steps[len(steps)-1] != b.state.Transfer) {
			steps = append(steps, b.state.Transfer)
		}
	}
	b.start(10 * bess.Second)
	b.network(t, bess.NetworkGrid)
	b.grid = false
	steps = steps[:0]
	b.run(10 * bess.Second)
	b.network(t, bess.NetworkIsland)
	if len(steps) != 3 || steps[0] != TransferIsolate || steps[1] != TransferEarth || steps[2] != TransferConnect {
		t.Errorf("the steps were %v", steps)
	}
	b.grid = true
	b.run(59 * bess.Second)
	b.network(t, bess.NetworkIsland)
	b.run(5 * bess.Second)
	b.network(t, bess.NetworkGrid)
}

func TestNoIslandOnAnUnprovenSupply(t *testing.T) {
	for name, hurt := range map[string]func(f *bess.FeederView, now bess.Instant){
		"welded":  func(f *bess.FeederView, now bess.Instant) { f.Contactor = bess.FlagOf(true, now) },
		"unknown": func(f *bess.FeederView, now bess.Instant) { f.Contactor = bess.Flag{} },
	} {
		b := newBench()
		b.start(10 * bess.Second)
		b.grid = false
		b.hurt = func(b *bench) { hurt(&b.snap.Feeders[gridFeeder], b.snap.Now) }
		b.seen = func(b *bench) {
			if b.orders.Inverter.Mode == bess.InverterForm {
				t.Fatalf("%s: it forms at %v", name, b.snap.Now)
			}
		}
		b.run(90 * bess.Second)
	}
}

func TestUnprovenBondEndsTheTransfer(t *testing.T) {
	b := newBench()
	b.grid = false
	b.hurt = func(b *bench) { b.snap.IO.Bond = bess.FlagOf(false, b.snap.Now) }
	b.start(60 * bess.Second)
	if b.orders.Inverter.Mode == bess.InverterForm || b.stages.Network == bess.NetworkIsland {
		t.Error("it forms without a proven bond")
	}
}

// A contactor that drops is a loss, however good the supply behind it is.
func TestDroppedContactorIsALoss(t *testing.T) {
	b := newBench()
	b.start(10 * bess.Second)
	b.hurt = func(b *bench) { b.snap.Feeders[gridFeeder].Contactor = bess.FlagOf(false, b.snap.Now) }
	b.run(bess.Second)
	if b.stages.Live == gridFeeder {
		t.Error("it still counts on the grid")
	}
}

func TestDipIsRiddenThrough(t *testing.T) {
	b := newBench()
	b.start(10 * bess.Second)
	b.hurt = func(b *bench) { b.snap.Feeders[gridFeeder].PhaseVolts[1].Value = 150 }
	b.run(200 * bess.Millisecond)
	b.hurt = nil
	b.run(bess.Second)
	b.network(t, bess.NetworkGrid)
}

func TestEmptyStoreEndsInOrder(t *testing.T) {
	b := newBench()
	b.grid = false
	b.start(20 * bess.Second)
	b.network(t, bess.NetworkIsland)
	soc := si.Ratio(0.004)
	b.hurt = func(b *bench) { b.est.Unit.SoC = soc }
	b.tick()
	if b.orders.Circuits[0].Close || b.orders.Inverter.Mode != bess.InverterForm {
		t.Error("the loads do not go first")
	}
	b.run(20 * bess.Second)
	b.network(t, bess.NetworkDead)
	b.pack(t, 0, bess.PackOpen)
	b.grid = true
	b.run(20 * bess.Second)
	b.network(t, bess.NetworkGrid)
	b.pack(t, 0, bess.PackJoined)
	soc, b.grid = 0.04, false
	b.run(20 * bess.Second)
	b.network(t, bess.NetworkDead)
	b.grid = true
	b.run(10 * bess.Second)
	soc, b.grid = 0.06, false
	b.run(20 * bess.Second)
	b.network(t, bess.NetworkIsland)
}

// A circuit that brings the island down is not closed again at once; the
// others are.
func TestShortCircuitIsBlamed(t *testing.T) {
	b := newBench()
	b.grid = false
	b.hurt = func(b *bench) { // the second one to be closed is short
		if b.orders.Circuits[0].Close {
			for k := range b.snap.Inverter.PhaseVolts {
				b.snap.Inverter.PhaseVolts[k].Value = 20
			}
		}
	}
	b.start(60 * bess.Second)
	b.network(t, bess.NetworkIsland)
	for i, want := range []bool{false, true, true} {
		if got := b.orders.Circuits[i].Close; got != want {
			t.Errorf("circuit %d: %v", i+1, got)
		}
	}
}

func TestCircuitsCloseOneByOne(t *testing.T) {
	b := newBench()
	b.grid = false
	var order []int
	closed := make([]bool, len(b.u.Circuits))
	b.seen = func(b *bench) {
		for i := range closed {
			if b.orders.Circuits[i].Close && !closed[i] {
				order = append(order, i)
			}
			closed[i] = b.orders.Circuits[i].Close
		}
	}
	b.start(30 * bess.Second)
	if len(order) != 3 || order[0] != 1 || order[1] != 0 || order[2] != 2 {
		t.Errorf("closed in the order %v, not by priority", order)
	}
}

// After an outage longer than its orders lived, nothing is ordered closed as
// if it still were.
func TestAwayForLong(t *testing.T) {
	b := newBench()
	b.start(10 * bess.Second)
	b.snap.Now += 5000
	b.orders.Clear()
	b.tick()
	for i := range b.orders.Packs {
		if b.orders.Packs[i].Close {
			t.Errorf("pack %d is ordered closed without a precharge", i+1)
		}
	}
	b.network(t, bess.NetworkDead)
	b.run(20 * bess.Second)
	b.network(t, bess.NetworkGrid)
	b.pack(t, 6, bess.PackJoined)
}

func TestAwayForShort(t *testing.T) {
	b := newBench()
	b.grid = false
	b.start(20 * bess.Second)
	b.snap.Now += 1500
	b.tick()
	b.network(t, bess.NetworkIsland)
	if !b.orders.Packs[0].Close || !b.orders.Circuits[0].Close || b.orders.Inverter.Mode != bess.InverterForm {
		t.Error("a short restart interrupts the island")
	}
}

func TestGenerator(t *testing.T) {
	b := newBench()
	b.grid = false
	b.seen = func(b *bench) { exclusive(t, b) }
	b.start(20 * bess.Second)
	at := func(want bess.GeneratorStage) {
		t.Helper()
		if got := b.stages.Generators[generatorFeeder]; got != want {
			t.Errorf("at %v it is %v, not %v", b.snap.Now, got, want)
		}
	}
	b.split.Generator = true
	b.tick()
	at(bess.GeneratorCranking)
	b.run(10 * bess.Second)
	at(bess.GeneratorWarming)
	b.network(t, bess.NetworkIsland)
	b.run(65 * bess.Second)
	at(bess.GeneratorRunning)
	b.network(t, bess.NetworkGenerator)
	b.split.Generator = false
	b.run(10 * bess.Minute)
	at(bess.GeneratorRunning)
	b.run(20 * bess.Minute)
	at(bess.GeneratorCoolingDown)
	b.network(t, bess.NetworkIsland)
	b.run(3 * bess.Minute)
	at(bess.GeneratorOff)
}

// When the grid has the loads, a set does not run on without any.
func TestGeneratorGivesWayToTheGrid(t *testing.T) {
	b := newBench()
	b.grid = false
	b.split.Generator = true
	b.start(2 * bess.Minute)
	b.network(t, bess.NetworkGenerator)
	b.grid, b.split.Generator = true, false
	b.run(70 * bess.Second)
	b.network(t, bess.NetworkGrid)
	if got := b.stages.Generators[generatorFeeder]; got != bess.GeneratorCoolingDown {
		t.Errorf("it is %v", got)
	}
}

func TestGeneratorTries(t *testing.T) {
	b := newBench()
	b.grid, b.split.Generator = false, true
	b.hurt = func(b *bench) { b.snap.Feeders[generatorFeeder].Running = bess.FlagOf(false, b.snap.Now) }
	b.start(200 * bess.Second)
	if got := b.stages.Generators[generatorFeeder]; got != bess.GeneratorFailed {
		t.Errorf("it is %v", got)
	}
	b.split.Generator = false
	b.run(bess.Second, bess.Request{ID: 2, Verb: bess.GeneratorAuto, Target: generatorFeeder})
	if got := b.stages.Generators[generatorFeeder]; got != bess.GeneratorOff {
		t.Errorf("after a person asked it is %v", got)
	}
}

func TestStopsInOrder(t *testing.T) {
	b := newBench()
	b.grid = false
	b.start(20 * bess.Second)
	load := si.Watts(20e3)
	b.hurt = func(b *bench) { b.snap.Inverter.Power.Value = load }
	b.tick(bess.Request{ID: 2, Verb: bess.Stop})
	if b.orders.Circuits[0].Close || b.orders.IO.OutletSupply {
		t.Error("the loads are not shed first")
	}
	if b.orders.Inverter.Mode != bess.InverterForm || !b.orders.Packs[0].Close {
		t.Error("the network went with the loads")
	}
	load = 0
	b.run(10 * bess.Second)
	if b.stages.Service != bess.ServiceOff || b.orders.Packs[0].Close {
		t.Errorf("it is %v", b.stages.Service)
	}
}
