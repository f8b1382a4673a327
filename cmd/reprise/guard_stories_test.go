package main

import (
	"testing"

	"reprise/bess"
	"reprise/guard"
	"reprise/scenario"
	"reprise/study"
)

// TestGuardLeavesToTheController: in the stories of packs in trouble the controller acts in time, six packs carry on, and
// the guard has no reason to end it all.
func TestGuardLeavesToTheController(t *testing.T) {
	for _, name := range []string{
		"bus-insulation", "cell-hot", "cell-runaway", "cell-spread", "cell-voltage-high", "cell-voltage-low", "cold-charge", "converter-ignores",
		"pack-current-lies", "pack-drifts", "pack-exchange", "pack-frozen", "pack-opens-alone", "pack-silent", "pack-welded", "too-cold",
	} {
		sc, err := scenario.Load("../../examples/safety/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		st, err := study.New(sc)
		if err != nil {
			t.Fatal(err)
		}
		limits := limitsOf(t, sc.Unit)
		judge, image := guard.NewJudge(limits), guard.NewImage(limits)
		for now := bess.Span(0); now < sc.For; now += 100 {
			st.Director.Play(now)
			st.Loop.Tick()
			snap := &st.Loop.In.Snapshot
			feed(image, snap, &st.Loop.Out.Commands)
			if v := judge.Look(image, snap.Now); v.Tripped {
				t.Errorf("%s at %.1f s: %v of %d: %.4g, limit %.4g", name, float64(now)/1000, v.Cause, v.Subject, v.Value, v.Limit)
				break
			}
		}
	}
}
