package unit

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"reprise/bess"
	"reprise/journal"
)

// toyBegins is the wall time of the toy's first tick, less one tick.
const toyBegins = 1_623_772_800_000

func hotJournal(t *testing.T, ticks int) []string {
	t.Helper()
	dir := t.TempDir()
	recorded(t, dir, ticks)
	paths, err := journal.Paths(dir)
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// A pack that was opened for its heat is explained by the rule, its value and
// its limit, and what the unit was asked and what happened stand beside it.
func TestExplainNamesTheRule(t *testing.T) {
	paths := hotJournal(t, 1500)
	a, err := Explain(t.Context(), paths, WhyOptions{At: toyBegins + 80_050, Build: "this", Part: "pack 2"})
	if err != nil {
		t.Fatal(err)
	}
	if a.At != toyBegins+80_000 || len(a.Parts) != 1 || len(a.Notes) != 0 {
		t.Fatalf("at %d, %d parts, notes %v", a.At-toyBegins, len(a.Parts), a.Notes)
	}
	p := a.Parts[0]
	if p.Name != "Pack 2" || p.Decided != "rule" || p.By != "safety" || !p.Binds || !p.SinceExact || p.Since < toyBegins+70_000 {
		t.Errorf("part %+v", p)
	}
	i := slices.IndexFunc(a.Rules, func(r bess.RuleExplanation) bool { return r.Rule == p.Rule && r.Where == p.Name })
	if i < 0 {
		t.Fatalf("the rule %q that holds it is not told: %+v", p.Rule, a.Rules)
	}
	if r := a.Rules[i]; !r.Latched || r.Value.Value != 75 || !(r.Limit.Value <= 60) || r.Since < toyBegins+70_000 || r.Since > a.At || r.ClearedBy == "self" {
		t.Errorf("rule %+v", r)
	}
	if !strings.Contains(a.Answer[0], "Pack 2") || !strings.Contains(strings.Join(a.Answer, " "), "75.0 degC against a limit of") {
		t.Errorf("answer %q", a.Answer)
	}
	if !slices.ContainsFunc(a.Events, func(e bess.EventOnRecord) bool { return e.Kind == "alarm-raised" && e.Where == "Pack 2" }) {
		t.Errorf("events %+v", a.Events)
	}
	if !slices.IsSortedFunc(a.Events, func(x, y bess.EventOnRecord) int { return int(x.At - y.At) }) {
		t.Error("events are not in order")
	}
	if text, err := json.Marshal(a); err != nil || strings.Contains(string(text), ":null") {
		t.Errorf("%v: lists are never null: %s", err, text)
	}
}

// Without a rule the choice is told, with every limit's owner and end.
func TestExplainNamesTheChoice(t *testing.T) {
	paths := hotJournal(t, 650)
	a, err := Explain(t.Context(), paths, WhyOptions{At: toyBegins + 30_000, Build: "another"})
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Parts) != 1+1+1+2+1+2 || a.Service == "" || a.Network == "" {
		t.Errorf("%d parts, %s, %s", len(a.Parts), a.Service, a.Network)
	}
	for _, p := range a.Parts {
		if p.Answer == "" || p.Why == "" || p.Decided == "" || len(p.Measured) == 0 || len(p.Ordered) == 0 || len(p.Limits) == 0 {
			t.Errorf("%s is not explained: %+v", p.Name, p)
		}
		for _, l := range p.Limits {
			if l.What == "" || l.By == "" || l.Why == "" || l.Until != 0 && l.Until < a.At {
				t.Errorf("%s: limit %+v", p.Name, l)
			}
		}
	}
	if len(a.Requests) != 1 || a.Requests[0].Verb != "start" || a.Requests[0].By != "operator" || !a.Requests[0].Granted {
		t.Errorf("requests %+v", a.Requests)
	}
	if len(a.Notes) != 1 || !strings.Contains(a.Notes[0], "nother build") {
		t.Errorf("notes %q", a.Notes)
	}
	if l := a.Standing[0]; l.What != "import" || l.Value.Value != 20000 || l.By != "installation" || l.Until != 0 {
		t.Errorf("standing %+v", a.Standing)
	}
}

func TestExplainSaysWhatItCannot(t *testing.T) {
	paths := hotJournal(t, 400)
	for _, c := range []struct {
		o    WhyOptions
		kind error
		says string
	}{
		{WhyOptions{At: toyBegins - 60_000}, ErrNotKept, "it runs from 2021-06-15T16:00:00Z to 2021-06-15T16:00:40Z"},
		{WhyOptions{At: toyBegins + 60_000}, ErrNotKept, "it runs from"},
		{WhyOptions{At: toyBegins + 30_000, Part: "pack 3"}, ErrNoPart, "choose from Unit, Grid, Inverter, Pack 1"},
		{WhyOptions{At: toyBegins + 30_000, Around: bess.Day}, nil, "choose at most"},
	} {
		_, err := Explain(t.Context(), paths, c.o)
		if err == nil || c.kind != nil && !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c.o, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Explain(ended, paths, WhyOptions{At: toyBegins + 30_000}); !errors.Is(err, context.Canceled) {
		t.Errorf("after its end: %v", err)
	}
}

// Two files with a pause between them: a moment within the pause is a gap, one
// in the second file is found there.
func TestExplainAcrossFiles(t *testing.T) {
	first, second, dir := hotJournal(t, 200), hotJournal(t, 900), t.TempDir()
	var paths []string
	for i, from := range []string{first[0], second[0]} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, filepath.Join(dir, journal.NameOf(i+1)))
		if err := os.WriteFile(paths[i], text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The second run's clock begins where the first one's did, so every moment
	// of the first lies twice in the journal: the later one counts, and it is said.
	a, err := Explain(t.Context(), paths, WhyOptions{At: toyBegins + 15_000})
	if err != nil || !slices.ContainsFunc(a.Notes, func(n string) bool { return strings.Contains(n, "passed this time 2 times") }) {
		t.Fatalf("%v, %+v", err, a)
	}
	if a, err = Explain(t.Context(), paths, WhyOptions{At: toyBegins + 85_000}); err != nil || a.At != toyBegins+85_000 {
		t.Errorf("%v, %+v", err, a)
	}
	// A moment behind the end of a file, long before the next one begins, is a gap.
	later := filepath.Join(dir, journal.NameOf(3))
	w, err := journal.Create(t.TempDir(), journal.Header{Unit: *small(), Build: "this"}, journal.Options{Disk: oneFile{later}})
	if err != nil {
		t.Fatal(err)
	}
	snap, orders := bess.NewSnapshot(small()), bess.NewCommands(small())
	snap.Civil.UnixMilli = toyBegins + 7_200_000
	w.Checkpoint(0, 0, nil)
	w.Tick(&journal.Tick{Number: 1, Snapshot: &snap, Ordered: &orders})
	w.Close()
	_, err = Explain(t.Context(), append(slices.Clone(paths), later), WhyOptions{At: toyBegins + 1_000_000})
	if !errors.Is(err, ErrNotKept) || !strings.Contains(err.Error(), "between 2021-06-15T16:01:30Z and 2021-06-15T18:00:00Z") {
		t.Errorf("%v", err)
	}
	span, err := Span(t.Context(), paths)
	if err != nil || span.From != toyBegins+100 || span.To != toyBegins+90_000 || span.Header.Build != "this" {
		t.Errorf("span %+v, %v", span, err)
	}
}

// A moment in which nothing was kept is told as a gap, with both its ends.
func TestExplainTellsAGap(t *testing.T) {
	dir, u := t.TempDir(), small()
	w, err := journal.Create(dir, journal.Header{Unit: *u, Build: "this"}, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	snap, orders := bess.NewSnapshot(u), bess.NewCommands(u)
	for i, at := range []int64{0, 100, 200, 60_000, 60_100} {
		if i == 0 {
			w.Checkpoint(0, 0, nil)
		}
		snap.Now, snap.Civil = bess.Instant(at), bess.Civil{UnixMilli: toyBegins + at}
		w.Tick(&journal.Tick{Number: uint64(i + 1), Snapshot: &snap, Ordered: &orders})
	}
	w.Close()
	paths, err := journal.Paths(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Explain(t.Context(), paths, WhyOptions{At: toyBegins + 30_000})
	if !errors.Is(err, ErrNotKept) || !strings.Contains(err.Error(), "between 2021-06-15T16:00:00Z and 2021-06-15T16:01:00Z") {
		t.Errorf("%v", err)
	}
}

// oneFile is a disk that knows one place.
type oneFile struct{ path string }

func (d oneFile) Create(string) (journal.File, error)    { return os.Create(d.path) }
func (d oneFile) Remove(string) error                    { return os.Remove(d.path) }
func (d oneFile) List() (list []journal.Stored, _ error) { return list, nil }

func TestPartNamed(t *testing.T) {
	u := small()
	for text, want := range map[string]bess.Subject{
		"pack 2": {Kind: bess.OfPack, Index: 1}, "PACK 1": {Kind: bess.OfPack}, "Grid": {Kind: bess.OfFeeder}, "supply 1": {Kind: bess.OfFeeder},
		"feeder Grid": {Kind: bess.OfFeeder}, "stage": {Kind: bess.OfCircuit}, "circuit Stage": {Kind: bess.OfCircuit},
		"outlet 2": {Kind: bess.OfOutlet, Index: 1}, "inverter": {Kind: bess.OfInverter}, "unit": {Kind: bess.OfUnit},
	} {
		if got, err := partNamed(u, text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"pack 0", "pack 9", "unit 2", "", "pack"} {
		if got, err := partNamed(u, text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}
