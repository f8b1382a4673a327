package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"reprise/bess"
)

// oracle answers with what it is given and remembers what it was asked.
type oracle struct {
	answer *bess.Explanation
	err    error
	asked  WhyQuery
}

func (o *oracle) Explain(_ context.Context, q WhyQuery) (*bess.Explanation, error) {
	o.asked = q
	return o.answer, o.err
}

func TestWhy(t *testing.T) {
	o := &oracle{answer: &bess.Explanation{Unit: "MAX", Answer: []string{"Pack 3 is open."}}}
	s := serve(t, Options{Machine: play(nil), Explainer: o})
	w := call(s, "GET", "/api/v1/why?at=1623772830000&part=pack+3&around_s=60", "")
	var got bess.Explanation
	if err := json.Unmarshal(w.Body.Bytes(), &struct {
		Unit   *string   `json:"unit"`
		Answer *[]string `json:"answer"`
	}{&got.Unit, &got.Answer}); err != nil || w.Code != 200 || got.Unit != "MAX" || len(got.Answer) != 1 {
		t.Errorf("%d, %v, %s", w.Code, err, w.Body)
	}
	if want := (WhyQuery{At: 1623772830000, Part: "pack 3", Around: bess.Minute}); o.asked != want {
		t.Errorf("asked %+v, want %+v", o.asked, want)
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Error("an answer about a running unit must not be kept")
	}
}

func TestWhyHasNoAnswer(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		says   string
	}{
		{fmt.Errorf("%w: it runs from A to B", ErrNotKept), 404, "it runs from A to B"},
		{fmt.Errorf("%w: choose from Grid", ErrNoPart), 422, "choose from Grid"},
		{ErrBusy, 503, "try again"},
		{errors.New("secret path"), 503, "the unit's log has the cause"},
	} {
		s := serve(t, Options{Machine: play(nil), Explainer: &oracle{err: c.err}})
		w := call(s, "GET", "/api/v1/why?at=1623772830000", "")
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || w.Header().Get("Content-Type") != "application/problem+json" || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%v: %d %s", c.err, w.Code, w.Body)
		}
	}
	s := serve(t, Options{Machine: play(nil)})
	for path, status := range map[string]int{
		"/api/v1/why?at=5": 404, "/api/v1/why": 422, "/api/v1/why?at=now": 422, "/api/v1/why?at=5&around_s=9000": 422, "/api/v1/why?at=5&till=6": 422,
	} {
		if w := call(s, "GET", path, ""); w.Code != status {
			t.Errorf("%s: %d, want %d: %s", path, w.Code, status, w.Body)
		}
	}
}
