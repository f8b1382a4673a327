package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reprise/api"
)

// arrivalUnit answers like a unit: one picture, and it keeps what was asked of it.
type arrivalUnit struct {
	*httptest.Server
	alarms string
	token  string
	answer api.AnswerBody
	asked  []api.RequestBody
}

func newArrivalUnit(t *testing.T) *arrivalUnit {
	t.Helper()
	u := &arrivalUnit{alarms: "[]", answer: api.AnswerBody{ID: 1, Granted: true, Why: "granted"}}
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case u.token != "" && r.Header.Get("Authorization") != "Bearer "+u.token:
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/api/v1/unit":
			_, _ = io.WriteString(w, `{"unit":"MAX","site":"Yard","alarms":`+u.alarms+`,"outlets":[{"kind":"ac"}],"feeders":[
				{"name":"Grid","kind":"grid","state":"open","volts":[{"value":231.2},{"value":229.8},{"value":230.4}],
				 "hertz":{"value":50.01},"cap":{"value":40000},"checked":"","earthing":"unknown"},
				{"name":"Vehicle inlet","kind":"ccs","volts":[{"why":"single circuit"},{"why":"single circuit"},{"why":"single circuit"}]}]}`)
		case r.URL.Path == "/api/v1/requests" && r.Method == http.MethodPost:
			var body api.RequestBody
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				w.WriteHeader(http.StatusUnprocessableEntity)
				_, _ = io.WriteString(w, `{"detail":"the input cannot be used"}`)
				return
			}
			u.asked = append(u.asked, body)
			_ = json.NewEncoder(w).Encode(u.answer)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(u.Close)
	return u
}

// answered runs the wizard with the answers of a person.
func answered(t *testing.T, c *arriveCommand, lines ...string) (out, said string, err error) {
	t.Helper()
	var o, p bytes.Buffer
	c.In = strings.NewReader(strings.Join(lines, "\n") + "\n")
	err = c.Run(&console{t.Context(), &o, &p})
	return o.String(), p.String(), err
}

func TestArriveAsksAndRecords(t *testing.T) {
	u := newArrivalUnit(t)
	out, said, err := answered(t, &arriveCommand{URL: u.URL + "/"},
		"A. Example", "nowhere", "inlet", "grid", "tt", "2", "3", "y", "yes", "forward", "high", "0.8", "25", "", "", "yes")
	if err != nil || len(u.asked) != 1 {
		t.Fatalf("%v, asked %d times, said:\n%s", err, len(u.asked), said)
	}
	b := u.asked[0]
	r := b.Record
	if b.Verb != "feeder-record" || *b.Target != 0 || b.Person != "A. Example" || r.Earthing != "TT" || r.Poles != 3 || !r.Neutral ||
		!r.Earth || r.Forward == nil || !*r.Forward || r.NeutralToE != 0.8 || r.AgreedW != 25000 || r.Parallel || r.ValidInDays != 30 {
		t.Errorf("sent %+v %+v", b, r)
	}
	for _, want := range []string{
		"L1 231.2 V, L2 229.8 V, L3 230.4 V, 50.0 Hz", "installed cap 40.0 kW", "was never checked here",
		"no supply \"inlet\"", "two live phases are a fault", "\"high\" is not a number", "residual current device",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it did not say %q:\n%s", want, said)
		}
	}
	if !strings.Contains(out, "Grid is checked by A. Example") {
		t.Errorf("printed %q", out)
	}
}

// flags are the answers of a check that finds nothing wrong; more take the place of those before.
func flags(u *arrivalUnit, more ...string) []string {
	return append([]string{
		"arrive", "--url", u.URL, "--yes", "--json", "--person", "A. Example", "--feeder", "1", "--earthing", "TN-S", "--poles", "3",
		"--neutral", "yes", "--earth", "yes", "--rotation", "forward", "--neutral-volts", "1.5", "--cap", "25",
	}, more...)
}

func TestArriveFindings(t *testing.T) {
	cases := []struct {
		name   string
		flags  []string
		alarms string
		what   string // in a finding; empty: there is none
		verb   string
		code   int
	}{
		{name: "all is well", verb: "feeder-record"},
		{name: "rotation", flags: []string{"--rotation", "reversed"}, what: "rotation is reversed", verb: "feeder-off", code: exitFailure},
		{name: "no earth", flags: []string{"--earth", "no"}, what: "Without an earth", verb: "feeder-off", code: exitFailure},
		{name: "no neutral", flags: []string{"--neutral", "no"}, what: "Without a neutral", verb: "feeder-off", code: exitFailure},
		{name: "live neutral", flags: []string{"--neutral-volts", "80"}, what: "above 50 V", verb: "feeder-off", code: exitFailure},
		{name: "raised neutral", flags: []string{"--neutral-volts", "12"}, what: "above 10 V", verb: "feeder-off", code: exitFailure},
		{name: "raised neutral, explained", flags: []string{"--neutral-volts", "12", "--override", "welding set on L1"}, what: "lets this pass: welding", verb: "feeder-record"},
		{name: "live neutral, explained", flags: []string{"--neutral-volts", "80", "--override", "it is fine"}, what: "above 50 V", verb: "feeder-off", code: exitFailure},
		{name: "no earth, explained", flags: []string{"--earth", "no", "--override", "it is fine"}, what: "Without an earth", verb: "feeder-off", code: exitFailure},
		{name: "rotation, explained", flags: []string{"--rotation", "reversed", "--override", "no motors here"}, what: "lets this pass", verb: "feeder-record"},
		{name: "PME", flags: []string{"--earthing", "PME"}, what: "BS 7671, 722", verb: "feeder-off", code: exitFailure},
		{name: "PME, protected", flags: []string{"--earthing", "PME", "--override", "open-PEN device in the cabinet"}, what: "lets this pass", verb: "feeder-record"},
		{name: "a generator on the grid", flags: []string{"--earthing", "generator"}, what: "installed as grid", verb: "feeder-record"},
		{name: "phases", flags: []string{"--poles", "1"}, what: "You found 1 live, the unit measures 3", verb: "feeder-record"},
		{name: "cap", flags: []string{"--cap", "60"}, what: "installed cap of 40.0 kW stays", verb: "feeder-record"},
		{name: "parallel", flags: []string{"--parallel", "yes", "--reference", "G99/1"}, what: "exports nothing", verb: "feeder-record"},
		{
			name: "the unit knows better", alarms: `[{"rule":"supply-rotation-reversed","where":"Grid","what":"The supply's phase rotation is reversed."}]`,
			what: "measures a reversed rotation", verb: "feeder-record",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			u := newArrivalUnit(t)
			if c.alarms != "" {
				u.alarms = c.alarms
			}
			out, said, code := runCLI(t, flags(u, c.flags...)...)
			var r arrivalResult
			if err := json.Unmarshal([]byte(out), &r); err != nil || code != c.code || len(u.asked) != 1 || u.asked[0].Verb != c.verb || r.Sent != c.verb {
				t.Fatalf("code %d, %v, asked %+v, printed %q, said %q", code, err, u.asked, out, said)
			}
			found := ""
			for _, f := range r.Findings {
				found += f.What
			}
			if (c.what == "") != (found == "") || !strings.Contains(found, c.what) {
				t.Errorf("findings %q, want %q", found, c.what)
			}
		})
	}
}

func TestArriveRefusesWhatCannotBe(t *testing.T) {
	u := newArrivalUnit(t)
	for _, more := range [][]string{
		{"--feeder", "Vehicle inlet"}, {"--earthing", "IT"}, {"--poles", "2"}, {"--neutral", "perhaps"}, {"--neutral-volts", "NaN"},
		{"--cap", "0"}, {"--parallel", "yes"}, {"--valid-days", "0"}, {"--valid-days", "91"}, {"--person", ""}, {"--url", "unit:8080"}, {"--token-file", "nowhere"},
	} {
		if _, said, code := runCLI(t, flags(u, more...)...); code != exitBadInput || len(u.asked) != 0 {
			t.Errorf("%v: code %d, asked %d times, said %q", more, code, len(u.asked), said)
		}
	}
	if _, said, code := runCLI(t, "arrive", "--url", u.URL, "--yes"); code != exitBadInput || !strings.Contains(said, "--person is missing") {
		t.Errorf("without answers: code %d, said %q", code, said)
	}
}

func TestArriveEnds(t *testing.T) {
	u := newArrivalUnit(t)
	if _, said, err := answered(t, &arriveCommand{URL: u.URL}, "A. Example", "Grid"); exitCode(err) != exitBadInput || !strings.Contains(err.Error(), "--earthing") {
		t.Errorf("answers that end early: %v, said %q", err, said)
	}
	if _, _, err := answered(t, &arriveCommand{URL: u.URL}, "A", "Grid", "TN-S", "1", "yes", "yes", "1", "25", "no", "7", "no"); exitCode(err) != exitFailure || len(u.asked) != 0 {
		t.Errorf("a person who does not agree: %v, asked %d times", err, len(u.asked))
	}
	u.answer = api.AnswerBody{Why: "only a person at the unit may do this"}
	if _, said, code := runCLI(t, flags(u)...); code != exitFailure || !strings.Contains(said, "only a person") {
		t.Errorf("a unit that refuses: code %d, said %q", code, said)
	}
	ctx, cancel := context.WithCancel(t.Context())
	silent, _ := io.Pipe()
	c := arriveCommand{URL: u.URL, In: silent}
	heard := &cancelling{cancel: cancel}
	if err := c.Run(&console{ctx, io.Discard, heard}); exitCode(err) != exitFailure || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("an interrupt: %v", err)
	}
}

// cancelling interrupts once the first question is asked.
type cancelling struct{ cancel context.CancelFunc }

func (c *cancelling) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("?")) {
		c.cancel()
	}
	return len(p), nil
}

func TestArriveAtTheDoor(t *testing.T) {
	u := newArrivalUnit(t)
	u.token = strings.Repeat("t", 40)
	if _, said, code := runCLI(t, flags(u)...); code != exitBadInput || !strings.Contains(said, "--token-file") {
		t.Errorf("without its token: code %d, said %q", code, said)
	}
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(u.token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, said, code := runCLI(t, flags(u, "--token-file", file)...); code != exitOK {
		t.Errorf("with its token: code %d, said %q", code, said)
	}
	u.Close()
	if _, said, code := runCLI(t, flags(u)...); code != exitFailure || !strings.Contains(said, "is it running") {
		t.Errorf("nobody there: code %d, said %q", code, said)
	}
}
