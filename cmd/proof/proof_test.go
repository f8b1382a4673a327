package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// prover is a set of proofs with one that returns the given rows and error.
func prover(rows []Row, err error) map[string]proof {
	return map[string]proof{"sample": {"a sample", func(context.Context, job) ([]Row, error) { return rows, err }}}
}

func command(t *testing.T, all map[string]proof, args ...string) (table, progress string, code int) {
	t.Helper()
	var out, says bytes.Buffer
	code = run(t.Context(), all, args, &out, &says)
	return out.String(), says.String(), code
}

func TestProofWritesSortedRows(t *testing.T) {
	out := t.TempDir()
	rows := []Row{
		measured("b/error", "%", 0.004, atMost(0.01)).from(604800, "site-load").because("balance of %d days", 7),
		detail("a/method", "", "greedy"),
		measured("c/broken", "us", math.NaN(), atMost(5)),
	}
	table, _, code := command(t, prover(rows, nil), "sample", "--out", out, "--seed", "7", "--quick")
	if code != exitOK || !strings.Contains(table, "b/error") {
		t.Fatalf("code %d, table:\n%s", code, table)
	}
	got, err := os.ReadFile(filepath.Join(out, "sample.quick.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := `[
  {
    "name": "a/method",
    "unit": "",
    "value": "greedy",
    "bar": null,
    "holds": null,
    "n": 0,
    "seed": 7,
    "data": "",
    "why": ""
  },
  {
    "name": "b/error",
    "unit": "%",
    "value": 0.004,
    "bar": "<= 0.01",
    "holds": true,
    "n": 604800,
    "seed": 7,
    "data": "site-load",
    "why": "balance of 7 days"
  },
  {
    "name": "c/broken",
    "unit": "us",
    "value": null,
    "bar": "<= 5",
    "holds": false,
    "n": 0,
    "seed": 7,
    "data": "",
    "why": ""
  }
]
`
	if string(got) != want {
		t.Errorf("file:\n%s\nwant:\n%s", got, want)
	}
}

// needsLoads is a proof on a data set that may be absent.
func needsLoads(_ context.Context, j job) ([]Row, error) {
	_, err := j.folder("loads")
	return nil, err
}

func TestExitCodes(t *testing.T) {
	out := t.TempDir()
	missed := []Row{measured("a", "%", 2, atMost(1))}
	cases := []struct {
		name string
		all  map[string]proof
		args []string
		code int
	}{
		{"no name", nil, nil, exitBadInput},
		{"unknown name", nil, []string{"nonsense"}, exitBadInput},
		{"unknown flag", prover(nil, nil), []string{"sample", "--nonsense"}, exitBadInput},
		{"a missed bar still ran", prover(missed, nil), []string{"sample"}, exitOK},
		{"absent data", map[string]proof{"sample": {"", needsLoads}}, []string{"sample", "--data", out}, exitNoData},
		{"bad input", prover(nil, badInput("line 3")), []string{"sample"}, exitBadInput},
		{"broke", prover(missed, errors.New("broke")), []string{"sample"}, exitFailure},
		{"two rows of one name", prover([]Row{detail("a", "", 1.0), detail("a", "", 2.0)}, nil), []string{"sample"}, exitFailure},
	}
	for _, c := range cases {
		if len(c.args) > 0 && c.all != nil {
			c.args = append(c.args, "--out", out)
		}
		if _, says, code := command(t, c.all, c.args...); code != c.code {
			t.Errorf("%s: code %d, want %d; said %q", c.name, code, c.code, says)
		}
	}
}

func TestBarsReadBackAsTheyWereWritten(t *testing.T) {
	for text, bar := range map[string]*Bar{
		"<= 0.01": atMost(0.01), ">= 95": atLeast(95), "= 0": exactly(0), "7..7.4": within(7, 7.4), "-1..1": within(-1, 1), "<= 1e-09": atMost(1e-9),
	} {
		if bar.String() != text {
			t.Errorf("%+v is written %q, want %q", *bar, bar.String(), text)
		}
		var back Bar
		if err := json.Unmarshal([]byte(`"`+text+`"`), &back); err != nil || back != *bar {
			t.Errorf("%q read back as %+v, %v; want %+v", text, back, err, *bar)
		}
	}
	for _, bad := range []string{`"0.01"`, `"< 1"`, `"<= x"`, `3`, `""`, `".."`} {
		if err := json.Unmarshal([]byte(bad), new(Bar)); err == nil {
			t.Errorf("bar %s was accepted", bad)
		}
	}
}

func TestGate(t *testing.T) {
	held := []Row{measured("a", "%", 1, atMost(2)), measured("b", "%", 3, atMost(2)), detail("c", "", "text")}
	cases := []struct {
		name string
		now  []Row
		code int
		says string
	}{
		{"all hold", held, exitOK, "1 of 1"},
		{"a new row is welcome", append([]Row{measured("d", "", 9, atMost(1))}, held...), exitOK, "1 of 1"},
		{"a row is lost", []Row{measured("a", "%", 2.5, atMost(2))}, exitFailure, "a: was 1 %, is 2.5, bar <= 2"},
		{"a row is no longer measured", held[1:], exitFailure, "a: no longer measured"},
		{"a bar was dropped", []Row{detail("a", "%", 1.0)}, exitFailure, "a: no longer has a bar"},
	}
	for _, c := range cases {
		committed, out := t.TempDir(), t.TempDir()
		if err := errors.Join(writeRows(filepath.Join(committed, "sample.json"), held), writeRows(filepath.Join(out, "sample.json"), c.now)); err != nil {
			t.Fatal(err)
		}
		if table, _, code := command(t, nil, "gate", "--out", out, "--committed", committed); code != c.code || !strings.Contains(table, c.says) {
			t.Errorf("%s: code %d, want %d and %q in:\n%s", c.name, code, c.code, c.says, table)
		}
	}
}

func TestGateWithoutResults(t *testing.T) {
	committed := t.TempDir()
	if _, _, code := command(t, nil, "gate", "--out", t.TempDir(), "--committed", committed); code != exitOK {
		t.Errorf("nothing committed: code %d, want %d", code, exitOK)
	}
	if err := writeRows(filepath.Join(committed, "sample.json"), nil); err != nil {
		t.Fatal(err)
	}
	if _, _, code := command(t, nil, "gate", "--out", t.TempDir(), "--committed", committed); code != exitBadInput {
		t.Errorf("nothing run: code %d, want %d", code, exitBadInput)
	}
	if err := os.WriteFile(filepath.Join(committed, "sample.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, code := command(t, nil, "gate", "--out", t.TempDir(), "--committed", committed); code != exitBadInput {
		t.Errorf("a broken file: code %d, want %d", code, exitBadInput)
	}
}

func TestDocumentsShowTheCommittedRows(t *testing.T) {
	rows := func(name string) ([]Row, error) {
		if name != "real" {
			return nil, io.ErrUnexpectedEOF
		}
		return []Row{measured("retailer/error", "%", 0.0041239, atMost(0.01)), detail("stage/hours", "h", 9.5)}, nil
	}
	text := "before\n<!-- proof real retailer/ -->\nold\n<!-- end -->\nafter\n"
	want := "before\n<!-- proof real retailer/ -->\n| row | value | unit | bar | holds | why |\n|---|--:|---|---|---|---|\n" +
		"| retailer/error | 0.0041239 | % | <= 0.01 | yes |  |\n<!-- end -->\nafter\n"
	got, err := fillTables("README.md", text, rows)
	if err != nil || got != want {
		t.Errorf("%v, got:\n%s\nwant:\n%s", err, got, want)
	}
	if again, err := fillTables("README.md", got, rows); err != nil || again != got {
		t.Errorf("a second filling changed the document: %v\n%s", err, again)
	}
	for _, bad := range []string{"<!-- proof real -->\n", "<!-- proof -->\n<!-- end -->\n", "<!-- proof other -->\n<!-- end -->\n"} {
		if _, err := fillTables("README.md", bad, rows); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
