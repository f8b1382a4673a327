package study

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"reprise/bess"
	"reprise/control/safety"
	"reprise/scenario"
)

// Every scenario of examples/safety must hold: its expectations, the balance of
// the twin's energy, and that no contactor was ever misused. A line
// "# rule: NAME" names a rule that the scenario shows at work; it must have
// raised its alarm.
func TestSafetyStories(t *testing.T) {
	for _, path := range stories(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			t.Parallel()
			sc, err := scenario.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			s, err := New(sc)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Run(context.Background(), nil); err != nil {
				t.Fatal(err)
			}
			r := s.Result()
			for _, e := range r.Expectations {
				if !e.Held {
					t.Errorf("%s: %s: %s", e.Place, e.Line, e.Found)
				}
			}
			for _, name := range rulesOf(t, path) {
				if !slices.ContainsFunc(r.Alarms, func(a AlarmResult) bool { return a.Rule == name }) {
					t.Errorf("%s: names the rule %s, which never acted", path, name)
				}
			}
			sound(t, s, &r)
		})
	}
}

// sound is what must be true of every story, whatever happens in it.
func sound(t *testing.T, s *Study, r *Result) {
	t.Helper()
	counts := s.Loop.World.Truth().Counts
	if counts.Arcs > 0 || counts.HardClosings > 0 || counts.Parallelled > 0 || counts.FormRefusals > 0 {
		t.Errorf("contactors were misused: %+v", counts)
	}
	if r.EnergyBalanceError > 1e-4 {
		t.Errorf("the twin's energy balance is off by %.2g of its throughput", r.EnergyBalanceError)
	}
	if r.LedgerSum.MilliWattHour != 0 || r.LedgerSum.Milligram != 0 {
		t.Errorf("the ledger's legs sum to %+v", r.LedgerSum)
	}
}

// Every rule has a story, or a reason why the twin cannot tell one; those are
// judged row by row in control/safety.
func TestEveryRuleHasAStory(t *testing.T) {
	told := map[string]string{}
	for _, path := range stories(t) {
		for _, name := range rulesOf(t, path) {
			told[name] = filepath.Base(path)
		}
	}
	untold := untellable(t)
	for _, r := range safety.Rules() {
		file, why := told[r.Name], untold[r.Name]
		switch {
		case file == "" && why == "":
			t.Errorf("rule %d %s has no story in examples/safety", r.ID, r.Name)
		case file != "" && why != "":
			t.Errorf("rule %d %s is called untellable, but %s tells it", r.ID, r.Name, file)
		}
		delete(told, r.Name)
		delete(untold, r.Name)
	}
	for name, file := range told {
		t.Errorf("%s names the rule %s, which does not exist", file, name)
	}
	for name := range untold {
		t.Errorf("the rule %s, called untellable, does not exist", name)
	}
}

func stories(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../examples/safety/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios in examples/safety: %v", err)
	}
	return paths
}

// rulesOf are the rules that a scenario's comments name.
func rulesOf(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "# rule: "); ok {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}

// A controller restart of 1.5 s does not interrupt an islanded load.
func TestControllerRestartInIsland(t *testing.T) {
	sc, err := scenario.Load("../examples/safety/controller-restart-in-island.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(sc)
	if err != nil {
		t.Fatal(err)
	}
	const from, until = 30 * bess.Second, 60 * bess.Second
	for now := bess.Span(0); now < until; now += 100 {
		switch {
		case now == 40*bess.Second:
			s.process("controller", false)
		case now == 41*bess.Second+500:
			s.process("controller", true)
		}
		s.tick(now)
		if truth := s.Loop.World.Truth(); now >= from && (truth.CircuitNow[0] < 5900 || truth.PhaseVolts[0] < 220) {
			t.Fatalf("at %v the stage gets %v at %v", now.Seconds(), truth.CircuitNow[0], truth.PhaseVolts[0])
		}
	}
}
