package dispatch

import (
	"testing"

	"pgregory.net/rapid"

	"reprise/bess"
	"reprise/bess/si"
)

func near(t *testing.T, what string, got, want, within si.Watts) {
	t.Helper()
	if si.Abs(got-want) > within {
		t.Errorf("%s: %v, not %v", what, got, want)
	}
}

// Unlike packs carry unlike shares: each what it holds above its floor.
func TestIslandSharesByWhatPacksHold(t *testing.T) {
	b := newBench()
	b.island()
	b.hurt = func(b *bench) {
		b.est.Packs[0].Stored, b.est.Packs[1].Stored = 30e3, 0
		b.snap.Inverter.Power = bess.Of(si.Watts(30e3), b.snap.Now)
	}
	b.tick()
	if p := b.split.Packs; p[0].Power < 1.9*p[2].Power || p[1].Power != 0 {
		t.Errorf("shares %v %v %v", p[0].Power, p[1].Power, p[2].Power)
	}
	lines(t, b)
	near(t, "sum", b.packs(), dcFor(b.u, 30e3)+300, 1)
}

// lines: every droop line passes through its pack's share at nominal voltage,
// and ends at the pack's limits.
func lines(t interface {
	Helper()
	Fatalf(string, ...any)
}, b *bench) {
	t.Helper()
	for k, c := range b.split.Converters {
		if c.Mode != bess.ConverterDroop {
			continue
		}
		at := si.Watts(float64(c.Slope) * float64(c.Reference-b.u.Bus.Nominal))
		if si.Abs(at-b.split.Packs[k].Power) > 1 {
			t.Fatalf("converter %d gives %v at nominal voltage, not its share %v", k+1, at, b.split.Packs[k].Power)
		}
		if c.Power > c.Discharge+1 || -c.Power > c.Charge+1 || c.Slope <= 0 {
			t.Fatalf("converter %d: %+v", k+1, c)
		}
	}
}

// Some packs can only be charged, others only discharged: the lines carry the
// sum either way.
func TestIslandWithOneSidedPacks(t *testing.T) {
	for _, load := range []si.Watts{30e3, -20e3} {
		b := newBench()
		b.island()
		b.hurt = func(b *bench) {
			for i := range b.est.Packs {
				l := bess.Ceiling(0, bess.SourceEstimate, bess.CauseFull)
				if i < 3 {
					b.est.Packs[i].Envelope.Charge, b.est.Packs[i].Room = l, 0
				} else {
					b.est.Packs[i].Envelope.Discharge, b.est.Packs[i].Stored = l, 0
				}
			}
			b.snap.Inverter.Power = bess.Of(load, b.snap.Now)
		}
		b.tick()
		lines(t, b)
		near(t, "sum", b.packs(), dcFor(b.u, load)+300, 1)
		for i := range b.split.Packs {
			if p := b.split.Packs[i].Power; i < 3 && p < 0 || i >= 3 && p > 0 {
				t.Errorf("load %v: pack %d carries %v", load, i+1, p)
			}
		}
	}
}

// The refill takes what cap, load and phases leave, and not a watt more.
func TestRefillWithinTheCap(t *testing.T) {
	b := newBench()
	b.refill()
	b.tick()
	near(t, "import limit", b.split.Inverter.Import, 31e3, 1)
	near(t, "into the packs", b.packs(), dcFor(b.u, -31e3)+300, 300)
	b.hurt = func(b *bench) { // one phase is nearly full
		b.snap.Feeders[gridFeeder].PhaseAmps[1] = bess.Of(si.Amps(53), b.snap.Now)
	}
	b.tick()
	near(t, "import limit with a full phase", b.split.Inverter.Import, 6900, 1)
	b.hurt = func(b *bench) { // the station has not told yet what the feeder shows already
		b.imports(20e3)
	}
	b.tick()
	near(t, "import limit by the feeder's meter", b.split.Inverter.Import, 20e3, 1)
	b.hurt = func(b *bench) { b.verdict.Feeders[gridFeeder] = bess.Ruling{Level: bess.LevelDerate, Factor: 0.5} }
	b.tick()
	near(t, "import limit derated", b.split.Inverter.Import, 11e3, 1)
	b.hurt = func(b *bench) { b.circuit(0, 60e3) }
	b.tick()
	near(t, "import limit with more load than cap", b.split.Inverter.Import, 0, 1)
}

// A supply that may not be fed back never sees the inverter export.
func TestChargeOnlyIsNeverFedBack(t *testing.T) {
	b := newBench()
	b.est.Unit.SoC = 0.99
	b.tick()
	near(t, "export limit", b.split.Inverter.Export, 0, 0)
	b.standing.Records[gridFeeder].Parallel = true
	b.u.Feeders[gridFeeder].Mode = bess.Parallel
	b.tick()
	near(t, "export limit beside the grid", b.split.Inverter.Export, 9000-importMargin, 1)
	b.u.Feeders[gridFeeder].Mode, b.standing.Records[gridFeeder].ExportCap = bess.Export, 5000
	b.tick()
	near(t, "export limit with permission", b.split.Inverter.Export, 14e3, 1)
	b.standing.Records[gridFeeder].Expires = 1
	b.tick()
	near(t, "export limit after the permission ended", b.split.Inverter.Export, 0, 0)
}

func TestSolarIsCurtailedWhenFull(t *testing.T) {
	b := newBench()
	b.hurt = func(b *bench) {
		for i := range b.est.Packs {
			b.est.Packs[i].Envelope.Charge = bess.Ceiling(0, bess.SourceEstimate, bess.CauseFull)
		}
	}
	b.tick()
	// Beside the loads only the unit's own use is left to feed.
	if got := b.split.FeederCaps[solarFeeder]; got > 9300-importMargin || got < 8000 {
		t.Errorf("solar may feed %v beside a load of 9 kW", got)
	}
}

// The set runs within its band: never above 80 %, filled up to 30 %, refilled
// when the store is low.
func TestGeneratorBand(t *testing.T) {
	b := newBench()
	b.stages.Network, b.stages.Live = bess.NetworkGenerator, generatorFeeder
	b.tick()
	near(t, "packs take what lacks to the band", b.packs(), -9000, 50)
	b.est.Unit.SoC = 0.3
	b.tick()
	near(t, "import limit in refill", b.split.Inverter.Import, 39e3, 1)
}

func TestGeneratorRule(t *testing.T) {
	b := newBench()
	b.island()
	b.run(10 * bess.Second)
	if b.split.Generator {
		t.Error("it is wanted at 70 %")
	}
	for i := range b.est.Packs { // packs that sleep say nothing about the store
		b.est.Packs[i].Known = i == 0
	}
	b.stages.Packs[1] = bess.PackOpen
	b.est.Unit.SoC = 0.1
	b.run(10 * bess.Second)
	if b.split.Generator {
		t.Error("it is wanted because packs sleep")
	}
	for i := range b.est.Packs {
		b.est.Packs[i].Known, b.est.Packs[i].Stored = true, 3e3
	}
	b.run(4 * bess.Second)
	if b.split.Generator {
		t.Error("it is wanted at once")
	}
	b.run(2 * bess.Second)
	if !b.split.Generator {
		t.Error("it is not wanted at 14 %")
	}
	b.stages.Network, b.stages.Live = bess.NetworkGrid, gridFeeder
	b.tick()
	if b.split.Generator {
		t.Error("it is wanted beside a grid")
	}
}

func TestShedding(t *testing.T) {
	b := newBench()
	b.island()
	b.hurt = func(b *bench) {
		b.circuit(0, 30e3)
		b.circuit(1, 15e3)
		b.circuit(2, 10e3)
		for i, on := range b.split.CircuitOn {
			if b.snap.Now > 100_200 && !on {
				b.circuit(i, 0)
				b.snap.Circuits[i].Closed = bess.FlagOf(false, b.snap.Now)
			}
		}
		for i := 2; i < 7; i++ {
			b.stages.Packs[i] = bess.PackService
		}
	}
	b.run(bess.Second)
	if on := b.split.CircuitOn; on[2] || !on[0] || !on[1] {
		t.Errorf("shed %v: 55 kW on two packs of 25 kW each", on)
	}
}

// Starting currents that the inverter can bear are no reason to shed.
func TestInrushIsBorne(t *testing.T) {
	b := newBench()
	b.island()
	draw := si.Watts(102e3)
	b.hurt = func(b *bench) { b.circuit(0, draw) }
	b.run(900 * bess.Millisecond)
	draw = 40e3
	b.run(bess.Second)
	if !b.split.CircuitOn[0] || !b.split.CircuitOn[2] {
		t.Error("an inrush of 0.9 s was shed")
	}
	draw = 102e3
	b.run(2 * bess.Second)
	if b.split.CircuitOn[2] {
		t.Error("a lasting overload was not shed")
	}
}

// Offers are whole amps, at least the minimum or nothing, within cap, phases
// and packs, whatever vehicles, loads and rulings there are.
func TestOffersFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench()
		if rapid.Bool().Draw(t, "island") {
			b.island()
		}
		b.vehicles(rapid.IntRange(0, 9).Draw(t, "vehicles"))
		rapid9 := rapid.Bool().Draw(t, "rapid")
		if rapid9 {
			b.wants[9] = bess.Want{Active: true, Power: 100e3, Least: 1000, Budget: 100e3}
		}
		loads := [3]si.Watts{}
		for i := range loads {
			loads[i] = si.Watts(rapid.Float64Range(0, 40e3).Draw(t, "load"))
		}
		for i := range b.est.Packs {
			b.est.Packs[i].Envelope.Discharge.Power = si.Watts(rapid.Float64Range(0, 60e3).Draw(t, "discharge"))
			b.verdict.Packs[i] = bess.Ruling{Level: bess.Level(rapid.IntRange(0, 4).Draw(t, "level")), Factor: 0.5}
		}
		b.hurt = func(b *bench) {
			for i := range loads {
				b.circuit(i, loads[i])
			}
		}
		b.tick()
		offersFit(t, b, loads)
		lines(t, b)
	})
}

func offersFit(t *rapid.T, b *bench, loads [3]si.Watts) {
	sum, phase := si.Watts(0), [3]si.Amps{}
	for i, o := range b.split.Outlets {
		if b.u.Outlets[i].Kind == bess.Rapid {
			sum += o.Power
			continue
		}
		if o.Current != si.Amps(int(o.Current)) || o.Current != 0 && o.Current < 6 || o.Current > 32 {
			t.Fatalf("outlet %d is offered %v", i+1, o.Current)
		}
		sum += si.Volts(230).Times(o.Current)
		phase[i%3] += o.Current
	}
	load := loads[0] + loads[1] + loads[2]
	packs := si.Watts(0)
	for i := range b.split.Converters {
		packs += b.split.Converters[i].Discharge
	}
	give, amps := packs, si.Amps(0.9*100e3/690)
	if b.stages.Live != bess.Nobody {
		give, amps = packs+40e3, 63
	}
	if sum > max(0, give-load)+1 {
		t.Fatalf("vehicles are offered %v where %v is left", sum, give-load)
	}
	for k := range phase {
		if phase[k] > 0 && phase[k]+load.At(690) > amps+0.01 {
			t.Fatalf("phase %d: %v offered beside %v, of %v", k+1, phase[k], load.At(690), amps)
		}
	}
}

// Lowering is at once, raising waits: a station takes seconds to follow.
func TestOffersRiseSlowly(t *testing.T) {
	b := newBench()
	b.vehicles(1)
	b.tick()
	full := b.split.Outlets[0].Current
	b.hurt = func(b *bench) { b.circuit(0, 32e3) }
	b.tick()
	if low := b.split.Outlets[0].Current; low >= full {
		t.Errorf("the offer stays at %v", low)
	}
	low := b.split.Outlets[0].Current
	b.hurt = nil
	b.run(5 * bess.Second)
	if got := b.split.Outlets[0].Current; got > low && low > 0 {
		t.Errorf("it rises to %v within 5 s", got)
	}
	b.run(10 * bess.Second)
	if got := b.split.Outlets[0].Current; got != full {
		t.Errorf("it is %v after 15 s, not %v", got, full)
	}
}

// Packs on a common bus share as their resistances tell; the first at its
// limit bounds them all.
func TestCommonBus(t *testing.T) {
	b := newBench()
	b.u.Bus.Topology, b.u.Converters = bess.SwitchedPacks, nil
	b.split = bess.NewSplit(b.u)
	b.verdict = bess.NewVerdict(b.u, 8)
	b.ordered = bess.NewCommands(b.u)
	b.island()
	b.hurt = func(b *bench) {
		for i := range b.stages.Packs {
			b.stages.Packs[i] = bess.PackOpen
		}
		b.stages.Packs[0], b.stages.Packs[1] = bess.PackJoined, bess.PackJoined
		b.est.Packs[0].Resistance, b.est.Packs[1].Resistance = 0.1, 0.2
		b.est.Packs[0].Envelope.Discharge.Power = 10e3
		b.snap.Inverter.Power = bess.Of(si.Watts(12e3), b.snap.Now)
	}
	b.tick()
	near(t, "pack 1", b.split.Packs[0].Power, 2*b.split.Packs[1].Power, 1)
	near(t, "sum", b.packs(), dcFor(b.u, 12e3)+300, 1)
	b.hurt(b)
	x := b.state.weigh(b.u, b.view(), &b.split)
	near(t, "together they can give", x.discharge, 15e3, 1)
}

func TestNoAllocation(t *testing.T) {
	b := newBench()
	b.vehicles(9)
	next := New(b.u)
	b.tick()
	if n := testing.AllocsPerRun(100, func() {
		next.CopyFrom(&b.state)
		next.Update(b.u, b.view(), &b.split)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkUpdate(b *testing.B) {
	for _, c := range []struct {
		name     string
		vehicles int
		island   bool
	}{{"rest", 0, false}, {"grid with nine vehicles", 9, false}, {"island with nine vehicles", 9, true}} {
		b.Run(c.name, func(b *testing.B) {
			x := newBench()
			x.vehicles(c.vehicles)
			if c.island {
				x.island()
			}
			x.tick()
			view := x.view()
			b.ReportAllocs()
			for b.Loop() {
				x.state.Update(x.u, view, &x.split)
			}
		})
	}
}
