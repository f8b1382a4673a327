package sequence

import (
	"testing"

	"pgregory.net/rapid"

	"reprise/bess"
	"reprise/bess/si"
)

// chaos draws harm for one tick: readings that vanish, age or lie, rulings,
// requests. Most ticks are sound, so that sequences get anywhere.
type chaos struct{ t *rapid.T }

func (c chaos) rarely() bool { return rapid.IntRange(0, 19).Draw(c.t, "rarely") == 0 }

func (c chaos) hardlyEver() bool { return rapid.IntRange(0, 399).Draw(c.t, "hardly ever") == 0 }

func (c chaos) flag(f *bess.Flag, now bess.Instant) {
	switch rapid.IntRange(0, 3).Draw(c.t, "flag") {
	case 0:
		*f = bess.Flag{}
	case 1:
		*f = bess.FlagOf(true, now)
	case 2:
		*f = bess.FlagOf(false, now)
	default:
		f.At = now - 5000
	}
}

func volts(c chaos, r *bess.Reading[si.Volts]) {
	switch rapid.IntRange(0, 2).Draw(c.t, "volts") {
	case 0:
		*r = bess.Reading[si.Volts]{}
	case 1:
		r.Value = si.Volts(rapid.Float64Range(-50, 900).Draw(c.t, "v"))
	default:
		r.At -= 5000
	}
}

func (c chaos) level() bess.Ruling {
	return bess.Ruling{Level: bess.Level(rapid.IntRange(0, int(bess.LevelOpen)).Draw(c.t, "level"))}
}

func (c chaos) strike(b *bench) {
	now := b.snap.Now
	if c.rarely() {
		b.grid = !b.grid
	}
	if c.rarely() {
		i := rapid.IntRange(0, len(b.u.Feeders)-1).Draw(c.t, "feeder")
		c.flag(&b.snap.Feeders[i].Contactor, now)
		volts(c, &b.snap.Feeders[i].PhaseVolts[0])
	}
	if c.rarely() {
		c.flag(&b.snap.IO.Bond, now)
	}
	if c.rarely() {
		c.flag(&b.snap.IO.Coils, now)
	}
	if c.rarely() {
		volts(c, &b.snap.Bus.Volts)
	}
	if c.rarely() {
		volts(c, &b.snap.Inverter.PhaseVolts[0])
		c.flag(&b.snap.Inverter.Running, now)
		c.flag(&b.snap.Inverter.Fault, now)
	}
	if c.rarely() {
		i := rapid.IntRange(0, len(b.u.Packs)-1).Draw(c.t, "pack")
		p := &b.snap.Packs[i]
		c.flag(&p.Contactor, now)
		volts(c, &p.LinkVolts)
		p.Current.Value = si.Amps(rapid.Float64Range(-400, 400).Draw(c.t, "amps"))
	}
	if c.rarely() {
		b.verdict.Packs[rapid.IntRange(0, len(b.u.Packs)-1).Draw(c.t, "pack")] = c.level()
		b.verdict.Inverter, b.verdict.Feeders[gridFeeder] = c.level(), c.level()
	} else if c.rarely() {
		clear(b.verdict.Packs)
		clear(b.verdict.Feeders)
		b.verdict.Inverter, b.verdict.Unit = bess.Ruling{}, bess.Ruling{}
	} else if c.hardlyEver() {
		b.verdict.Unit.Level = bess.LevelOpenAll
	}
	if c.rarely() {
		b.split.Generator = !b.split.Generator
		b.est.Unit.SoC = si.Ratio(rapid.Float64Range(0, 1).Draw(c.t, "soc"))
	}
	if c.hardlyEver() {
		b.snap.Now += bess.Instant(rapid.IntRange(0, 8000).Draw(c.t, "away"))
	}
}

func (c chaos) request() bess.Request {
	verb := rapid.SampledFrom([]bess.Verb{
		bess.Start, bess.Start, bess.Stop, bess.BlackStart, bess.PackOut, bess.PackIn, bess.GeneratorRun, bess.GeneratorAuto,
	}).Draw(c.t, "verb")
	target := rapid.IntRange(-1, 8).Draw(c.t, "target")
	return bess.Request{ID: 1, Verb: verb, Target: target, Text: "S" + string(rune('1'+max(0, target)))}
}

// Whatever the readings say, no orders ever join two supplies, bond beside a
// supply, form beside a supply or without a bond, close a pack out of its
// sequence, run a converter without its pack, or close what a rule opens.
func TestOrdersExclude(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench()
		c := chaos{t}
		b.hurt = c.strike
		before := append([]bess.PackStage(nil), b.stages.Packs...)
		b.seen = func(b *bench) {
			exclusive(t, b)
			for i := range b.orders.Packs {
				held := b.verdict.Packs[i].Level >= bess.LevelOpen || b.verdict.Unit.Level >= bess.LevelOpenAll
				if held && (b.orders.Packs[i].Precharge || b.orders.Packs[i].Close && b.stages.Packs[i] != bess.PackLeaving) {
					t.Fatalf("at %v pack %d is %v although a rule opens it", b.snap.Now, i+1, b.stages.Packs[i])
				}
				if before[i] == bess.PackLeaving && b.stages.Packs[i] == bess.PackOpening {
					amps, known := current(b.u, b.view(), i)
					if known && si.Abs(amps) > b.u.Packs[i].Type.Contactor.Break && b.state.Last == b.snap.Now && !b.away {
						t.Fatalf("at %v pack %d opens %v", b.snap.Now, i+1, amps)
					}
				}
			}
			copy(before, b.stages.Packs)
		}
		b.tick(bess.Request{ID: 1, Verb: bess.Start})
		for range 400 {
			last := b.snap.Now
			b.away = false
			if c.rarely() {
				b.tick(c.request())
			} else {
				b.tick()
			}
			b.away = b.snap.Now-last > 1000
		}
	})
}

// From any state that chaos leaves, a sound machine comes back into service by
// a start, once rulings and person's holds are gone.
func TestChaosEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench()
		c := chaos{t}
		b.hurt = c.strike
		b.tick(bess.Request{ID: 1, Verb: bess.Start})
		for range 150 {
			b.tick()
		}
		b.hurt, b.grid, b.split.Generator = nil, true, false
		b.verdict = bess.NewVerdict(b.u, 8)
		b.run(60 * bess.Second)
		for i := range b.u.Packs {
			b.run(200*bess.Millisecond, bess.Request{ID: 1, Verb: bess.PackIn, Target: i, Text: b.u.Packs[i].Serial})
		}
		b.run(150*bess.Second, bess.Request{ID: 1, Verb: bess.Start})
		if b.stages.Network != bess.NetworkGrid || b.stages.Service != bess.ServiceOn || countPacks(&b.stages, bess.PackJoined) != len(b.u.Packs) {
			t.Fatalf("it ends %v on %v with the packs %v", b.stages.Service, b.stages.Network, b.stages.Packs)
		}
	})
}

func TestCopyFrom(t *testing.T) {
	b := newBench()
	b.start(20 * bess.Second)
	other := New(b.u)
	other.CopyFrom(&b.state)
	other.Packs[0].Tries, other.Circuits[0].Closed, other.Feeders[0].Tries = 9, false, 9
	if b.state.Packs[0].Tries == 9 || !b.state.Circuits[0].Closed || b.state.Feeders[0].Tries == 9 {
		t.Error("the copy shares memory")
	}
}

func TestNoAllocation(t *testing.T) {
	b := newBench()
	b.start(20 * bess.Second)
	next := New(b.u)
	if n := testing.AllocsPerRun(100, func() {
		b.desk.Open(nil, b.snap.Now)
		next.CopyFrom(&b.state)
		next.Update(b.u, b.view(), &b.stages, &b.orders)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkUpdate(b *testing.B) {
	x := newBench()
	x.grid = false
	x.start(20 * bess.Second)
	view := x.view()
	b.ReportAllocs()
	for b.Loop() {
		x.state.Update(x.u, view, &x.stages, &x.orders)
	}
}
