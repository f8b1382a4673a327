package sequence

import (
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

func TestMayOpen(t *testing.T) {
	k := &bess.Contactor{Rated: 200, Break: 150}
	for _, c := range []struct {
		name  string
		amps  si.Amps
		known bool
		since bess.Span
		want  bool
	}{
		{"quiet, at once", 10, true, 0, true},
		{"quiet while charging", -10, true, 0, true},
		{"loaded, at once", 11, true, 0, false},
		{"loaded, just before the wait ends", 149, true, 299, false},
		{"loaded, after the wait", 149, true, 300, true},
		{"at the break rating", -150, true, 300, true},
		{"above the break rating, never", 151, true, bess.Hour, false},
		{"unknown, at once", 0, false, 999, false},
		{"unknown, after a second", 0, false, bess.Second, true},
	} {
		if got := MayOpen(k, c.amps, c.known, c.since); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestMatched(t *testing.T) {
	const now = bess.Instant(5000)
	k := &bess.Contactor{MatchWithin: 5, VoltsUncertainty: 0.5}
	for _, c := range []struct {
		name       string
		pack, link bess.Reading[si.Volts]
		want       bool
	}{
		{"equal", bess.Of(si.Volts(350), now), bess.Of(si.Volts(350), now), true},
		{"within, with the uncertainty", bess.Of(si.Volts(350), now), bess.Of(si.Volts(345.5), now), true},
		{"within, but not for certain", bess.Of(si.Volts(350), now), bess.Of(si.Volts(345.4), now), false},
		{"link above", bess.Of(si.Volts(345), now), bess.Of(si.Volts(350), now), false},
		{"old", bess.Of(si.Volts(350), now), bess.Of(si.Volts(350), now-1001), false},
		{"missing is no match", bess.Of(si.Volts(0), now), bess.Reading[si.Volts]{}, false},
	} {
		if got := Matched(k, &bess.PackView{Volts: c.pack, LinkVolts: c.link}, now); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func (b *bench) pack(t *testing.T, i int, want bess.PackStage) {
	t.Helper()
	if got := b.stages.Packs[i]; got != want {
		t.Errorf("at %v pack %d is %v, not %v", b.snap.Now, i+1, got, want)
	}
}

func TestPackJoinsAndLeaves(t *testing.T) {
	b := newBench()
	b.start(10 * bess.Second)
	b.pack(t, 0, bess.PackJoined)
	b.run(2*bess.Second, bess.Request{ID: 2, Verb: bess.PackOut, Target: 0})
	b.pack(t, 0, bess.PackService)
	b.run(2*bess.Second, bess.Request{ID: 3, Verb: bess.PackIn, Target: 0, Text: "S9"})
	b.pack(t, 0, bess.PackService)
	b.run(4*bess.Second, bess.Request{ID: 4, Verb: bess.PackIn, Target: 0, Text: "S1"})
	b.pack(t, 0, bess.PackJoined)
}

func TestPrechargeThreeTries(t *testing.T) {
	b := newBench()
	b.hurt = func(b *bench) {
		b.snap.Packs[2].LinkVolts.Value = 100
		b.snap.Packs[3].LinkVolts.Quality = bess.Missing // no proof is no try: it is asked again
	}
	tries, last := 0, bess.PackOpen
	b.seen = func(b *bench) {
		if s := b.stages.Packs[2]; s != last {
			if s == bess.PackPrecharging {
				tries++
			}
			last = s
		}
		if b.orders.Packs[2].Close || b.orders.Packs[3].Close {
			t.Fatalf("at %v a pack that does not match is closed", b.snap.Now)
		}
	}
	b.start(60 * bess.Second)
	b.pack(t, 2, bess.PackLockedOut)
	b.pack(t, 0, bess.PackJoined)
	if tries != prechargeTries {
		t.Errorf("%d tries", tries)
	}
}

// What a rule opens waits for the break rule and does not come back while the
// rule holds.
func TestPackOpensByTheBreakRule(t *testing.T) {
	b := newBench()
	b.start(10 * bess.Second)
	b.hurt = func(b *bench) { b.snap.Packs[1].Current.Value = 300 }
	b.verdict.Packs[1].Level = bess.LevelOpen
	b.run(20 * bess.Second)
	b.pack(t, 1, bess.PackLeaving)
	if o := b.orders.Converters[1]; o != (bess.ConverterCommand{}) {
		t.Errorf("its converter is still ordered %+v", o)
	}
	b.hurt = nil
	b.run(2 * bess.Second)
	b.pack(t, 1, bess.PackOpen)
	b.run(30 * bess.Second)
	b.pack(t, 1, bess.PackOpen)
	b.verdict.Packs[1].Level = bess.LevelNone
	b.run(5 * bess.Second)
	b.pack(t, 1, bess.PackJoined)
}

func TestWeldedIsFound(t *testing.T) {
	b := newBench()
	b.start(10 * bess.Second)
	b.hurt = func(b *bench) { b.snap.Packs[4].Contactor = bess.FlagOf(true, b.snap.Now) }
	b.run(3*bess.Second, bess.Request{ID: 2, Verb: bess.PackOut, Target: 4})
	b.pack(t, 4, bess.PackWelded)
}

// A frozen report still names the current of the past; the converter knows.
func TestFrozenReportIsNoWeld(t *testing.T) {
	b := newBench()
	b.start(10 * bess.Second)
	b.hurt = func(b *bench) {
		b.snap.Packs[4].Current.Value = 80
		b.est.Packs[4].Doubt = bess.DoubtFrozen
		b.snap.Converters[4].PackAmps = bess.Of(si.Amps(0), b.snap.Now)
	}
	b.verdict.Packs[4].Level = bess.LevelOpen
	b.run(3 * bess.Second)
	b.pack(t, 4, bess.PackOpen)
}

func TestNothingClosesBeforeItsRecordIsDurable(t *testing.T) {
	b := newBench()
	b.hurt = func(b *bench) { b.state.Packs[0].NeedMark = 7 }
	b.start(8 * bess.Second)
	b.pack(t, 0, bess.PackWaking)
	b.snap.Store.DurableUpTo = 7
	b.run(4 * bess.Second)
	b.pack(t, 0, bess.PackJoined)
}

// On a common bus: the highest first, one at a time, the others when they
// match, never two types.
func TestSwitchedPacksJoin(t *testing.T) {
	b := newBench()
	b.u.Bus.Topology, b.u.Converters = bess.SwitchedPacks, nil
	b.u.Packs[3].Type.Name = "b"
	own := []si.Volts{350, 352, 351, 352, 340, 352, 352}
	b.hurt = func(b *bench) {
		bus := si.Volts(0)
		for i := range b.snap.Packs {
			if b.orders.Packs[i].Close || b.orders.Packs[i].Precharge {
				bus = 352
			}
		}
		b.snap.Bus.Volts = bess.Of(bus, b.snap.Now)
		for i := range b.snap.Packs {
			b.snap.Packs[i].Volts.Value, b.snap.Packs[i].LinkVolts.Value = own[i], bus
		}
	}
	b.u.Bus.Min, b.u.Bus.Trip = 264, 250
	b.seen = func(b *bench) {
		if n := countPacks(&b.stages, bess.PackPrecharging) + countPacks(&b.stages, bess.PackClosing); n > 1 {
			t.Fatalf("at %v %d packs are being connected at once", b.snap.Now, n)
		}
	}
	b.grid = false
	b.start(20 * bess.Second)
	for i, want := range []bess.PackStage{
		bess.PackJoined, bess.PackJoined, bess.PackJoined, bess.PackWaking, bess.PackWaking, bess.PackJoined, bess.PackJoined,
	} {
		b.pack(t, i, want)
	}
}
