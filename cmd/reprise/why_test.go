package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reprise/api"
	"reprise/bess"
	"reprise/unit"
)

// The journal of the reference unit is asked on the command line and through the API's front; both tell the same.
func TestWhyOfTheReferenceUnit(t *testing.T) {
	dir := journalOfATwin(t, buildDigest())
	paths, err := journalPaths(dir)
	if err != nil {
		t.Fatal(err)
	}
	span, err := unit.Span(t.Context(), paths)
	if err != nil || span.To-span.From < 20_000 {
		t.Fatalf("span %+v, %v", span, err)
	}
	at := span.From + (span.To-span.From)/2
	var out, progress bytes.Buffer
	con := &console{Context: t.Context(), out: &out, progress: &progress}
	clock := time.UnixMilli(at).UTC()
	if err := (&whyCommand{Path: filepath.Dir(dir), At: clock.Format(time.RFC3339Nano), JSON: true}).Run(con); err != nil {
		t.Fatal(err)
	}
	var a bess.Explanation
	if err := json.Unmarshal(out.Bytes(), &struct {
		At   *int64    `json:"at"`
		Unit *string   `json:"unit"`
		Said *[]string `json:"answer"`
	}{&a.At, &a.Unit, &a.Answer}); err != nil || a.At > at || at-a.At > 1000 || a.Unit != "MAX" || len(a.Answer) == 0 {
		t.Errorf("%v, %+v", err, a)
	}
	out.Reset()
	if err := (&whyCommand{Path: dir, At: clock.Format("15:04:05"), Part: "outlet 1"}).Run(con); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"MAX at 2021-06-15 ", "Outlet 1", "ordered", "measured", "limit", "by installation", "What happened"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
	f := &front{house: &house{dir: filepath.Dir(dir)}}
	if b, err := f.Explain(t.Context(), api.WhyQuery{At: at}); err != nil || b.At != a.At || b.Answer[0] != a.Answer[0] {
		t.Errorf("%v, %+v", err, b)
	}
	if _, err := f.Explain(t.Context(), api.WhyQuery{At: 1000}); !errors.Is(err, api.ErrNotKept) || !strings.Contains(err.Error(), "it runs from") {
		t.Errorf("%v", err)
	}
	if _, err := f.Explain(t.Context(), api.WhyQuery{At: at, Part: "pack 99"}); !errors.Is(err, api.ErrNoPart) {
		t.Errorf("%v", err)
	}
	f.explains.Store(true)
	if _, err := f.Explain(t.Context(), api.WhyQuery{At: at}); !errors.Is(err, api.ErrBusy) {
		t.Errorf("%v", err)
	}
	for _, c := range []whyCommand{{Path: dir, At: "yesterday"}, {Path: dir, At: "2020-01-01T00:00:00Z"}, {Path: "nowhere", At: "10:00"}, {Path: dir, At: clock.Format("15:04:05"), Part: "pack 99"}} {
		if err := c.Run(con); exitCode(err) != exitBadInput {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
