package safety

import (
	"testing"

	"reprise/bess"
)

func TestHealthyUnitIsQuiet(t *testing.T) {
	b := newBench()
	b.run(2 * bess.Minute)
	for _, a := range b.verdict.Alarms {
		r, _ := Describe(a.Rule)
		t.Errorf("a healthy unit raises %s on %v with %v", r.Name, a.Subject, a.Value)
	}
	if !b.verdict.HoldIn || b.verdict.Unit.Level != bess.LevelNone {
		t.Errorf("a healthy unit is held: %+v, hold-in %v", b.verdict.Unit, b.verdict.HoldIn)
	}
}

func TestJudgeAllocatesNothing(t *testing.T) {
	b := newBench()
	b.run(bess.Second)
	next := New(b.u)
	got := testing.AllocsPerRun(200, func() {
		next.CopyFrom(&b.state)
		b.tick()
		Clamp(b.u, &b.snap, &b.verdict, &b.stages, &b.ordered)
	})
	if got != 0 {
		t.Errorf("a tick allocates %v times", got)
	}
}

func BenchmarkJudge(bm *testing.B) {
	b := newBench()
	b.run(bess.Second)
	for bm.Loop() {
		b.snap.Now += 1 // the readings stay fresh for a second of such ticks
		if b.snap.Now%500 == 0 {
			b.good()
		}
		b.state.Judge(b.u, b.view(), &b.verdict)
	}
}

func BenchmarkClamp(bm *testing.B) {
	b := newBench()
	b.run(bess.Second)
	for bm.Loop() {
		Clamp(b.u, &b.snap, &b.verdict, &b.stages, &b.ordered)
	}
}
