package storm

import (
	"path/filepath"
	"testing"

	"reprise/scenario"
	"reprise/study"
)

// What the storm once found stays mended: every story of examples/storm plays
// without a broken promise, and its own expectations hold.
func TestRegressions(t *testing.T) {
	files, err := filepath.Glob("../examples/storm/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		sc, err := scenario.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		out, err := Play(t.Context(), sc, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range out.Violations {
			t.Errorf("%s: %s: %s", file, v.Checker, v.What)
		}
		s, err := study.New(sc)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		for _, o := range s.Judge.Outcomes {
			if !o.Held {
				t.Errorf("%s: %s: %s", o.Place, o.Line, o.Found)
			}
		}
	}
}

// A seed plays the same twice: in text, in what breaks, in what it covers.
func TestSameSeedSameStorm(t *testing.T) {
	play := func() *Outcome {
		p := Draw(12)
		p.For = 3 * p.For / 8
		for len(p.Lines) > 0 && p.Lines[len(p.Lines)-1].At >= p.For {
			p.Lines = p.Lines[:len(p.Lines)-1]
		}
		out, err := PlayPlan(t.Context(), p, Options{Caretaker: true})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	a, b := play(), play()
	if a.Faults != b.Faults || len(a.Mended) != len(b.Mended) || len(a.Violations) != len(b.Violations) {
		t.Errorf("one seed, two storms: %+v and %+v", a, b)
	}
	for i := range a.Mended {
		if a.Mended[i] != b.Mended[i] {
			t.Errorf("the caretaker said %v, then %v", a.Mended[i], b.Mended[i])
		}
	}
}
