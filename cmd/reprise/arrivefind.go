package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"reprise/api"
)

// supplies lists what may be checked. The vehicle inlet is not: its charger proves itself over the connector.
func (a *arrival) supplies() string {
	var names []string
	for i := range a.view.Feeders {
		f := &a.view.Feeders[i]
		if f.Kind == "ccs" {
			continue
		}
		name := strconv.Itoa(i+1) + " " + f.Name
		if f.Checked == "" {
			name += " (unchecked)"
		} else {
			name += " (checked by " + f.Checked + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// known is what the last check said.
func (a *arrival) known() string {
	f := a.feeder()
	if f.Checked == "" {
		return f.Name + " was never checked here"
	}
	return fmt.Sprintf("%s was checked by %s as %s", f.Name, f.Checked, f.Earthing)
}

func (a *arrival) phases() string {
	f := a.feeder()
	text := make([]string, len(f.Volts))
	for i, v := range f.Volts {
		text[i] = fmt.Sprintf("L%d %s", i+1, v.text("V", 1))
	}
	return strings.Join(text, ", ") + ", " + f.Hertz.text("Hz", 1)
}

// alarm is what the unit says of this supply by one rule, or otherwise.
func (a *arrival) alarm(rule, otherwise string) string {
	for i := range a.view.Alarms {
		if x := &a.view.Alarms[i]; x.Rule == rule && x.Where == a.feeder().Name {
			return "alarm: " + x.What
		}
	}
	return otherwise
}

func (a *arrival) alarmed(rule string) bool { return a.alarm(rule, "") != "" }

// reasonHelps reports whether a reason would let the record pass: something stands against it, and nothing that no reason lets pass.
func (a *arrival) reasonHelps() bool {
	found := a.record.Findings(len(a.view.Outlets) > 0)
	for _, f := range found {
		if f.Reason == "" {
			return false
		}
	}
	return len(found) > 0
}

// asksReason says what a reason must tell.
func (a *arrival) asksReason() string {
	var lines []string
	for _, f := range a.record.Findings(len(a.view.Outlets) > 0) {
		lines = append(lines, "STOP "+f.What+" A reason must say "+f.Reason+".")
	}
	return strings.Join(lines, "\n            ")
}

func (a *arrival) takeOverride(answer string) error {
	if len(answer) > 120 {
		return errors.New("a reason has at most 120 letters")
	}
	a.record.Override = answer
	return nil
}

// compare says what the answers mean, and where they contradict what the unit measures.
func (a *arrival) compare() {
	r, f := &a.record, a.feeder()
	say := func(grave, when bool, format string, args ...any) {
		if when {
			a.findings = append(a.findings, finding{grave, fmt.Sprintf(format, args...)})
		}
	}
	blocked := len(r.Blocked(len(a.view.Outlets) > 0)) > 0
	for _, x := range r.Findings(len(a.view.Outlets) > 0) {
		say(blocked, true, "%s", x.What)
	}
	say(false, r.Override != "" && !blocked, "%s lets this pass: %s.", a.person, r.Override)
	say(false, r.Earthing == "TT", "With TT a residual current device must protect everything: measure the electrode.")
	say(false, (r.Earthing == "generator") != (f.Kind == "generator") && f.Kind != "solar",
		"%s is installed as %s, but you say it is earthed as %s.", f.Name, f.Kind, r.Earthing)
	say(false, f.Checked != "" && f.Earthing != r.Earthing && f.Earthing != "unknown",
		"The check before said %s, you say %s: one of you is wrong, or somebody has rewired.", f.Earthing, r.Earthing)
	live, measured := f.live()
	say(false, measured && live == 0, "The unit measures no live phase here: is it plugged in, and its breaker on?")
	say(false, measured && live != 0 && live != r.Poles, "You found %d live, the unit measures %d.", r.Poles, live)
	say(false, r.Forward != nil && *r.Forward && a.alarmed("supply-rotation-reversed"), "The unit measures a reversed rotation: it will not close this supply.")
	say(false, r.Neutral && a.alarmed("supply-neutral-lost"), "The unit measures no neutral: it will not close this supply.")
	say(false, r.NeutralToE <= api.RaisedNeutral && (a.alarmed("supply-neutral-live") || a.alarmed("supply-neutral-raised")),
		"The unit measures more volts from neutral to earth than you did.")
	say(false, f.Cap.Value != nil && r.AgreedW > *f.Cap.Value, "The installed cap of %s stays: here it can only be lower.", f.Cap.text("kW", 0.001))
	say(false, r.Parallel, "The permission alone exports nothing: the unit file says what this supply may do.")
}

// grave reports whether a finding forbids the supply.
func (a *arrival) grave() bool {
	for _, f := range a.findings {
		if f.Grave {
			return true
		}
	}
	return false
}

// summary shows everything before it is sent.
func (a *arrival) summary() {
	r := &a.record
	row := func(name, format string, args ...any) {
		fmt.Fprintf(a.out, "  %-17s %s\n", name, fmt.Sprintf(format, args...))
	}
	present := func(x bool) string {
		if x {
			return "present"
		}
		return "MISSING"
	}
	fmt.Fprintln(a.out)
	row("supply", "%s", a.feeder().Name)
	row("earthing", "%s", r.Earthing)
	row("poles", "%d, neutral %s, earth %s", r.Poles, present(r.Neutral), present(r.Earth))
	if r.Forward != nil {
		row("rotation", "%s", map[bool]string{true: "L1, L2, L3", false: "REVERSED"}[*r.Forward])
	}
	row("neutral to earth", "%g V", r.NeutralToE)
	row("agreed cap", "%g kW", r.AgreedW/1000)
	if r.Parallel {
		row("parallel", "permitted, %s", r.Reference)
	} else {
		row("parallel", "not permitted")
	}
	row("valid until", "%s, %d days", a.view.validUntil(r.ValidInDays), r.ValidInDays)
	row("checked by", "%s", a.person)
	for _, f := range a.findings {
		fmt.Fprintf(a.out, "  %s %s\n", map[bool]string{true: "STOP", false: "LOOK"}[f.Grave], f.What)
	}
}

// agreed asks for the last word; --yes has given it.
func (a *arrival) agreed(question string) (bool, error) {
	if a.silent {
		return true, nil
	}
	yes := false
	q := arrivalQuestion{flag: "yes", text: question, take: choice(&yes, "yes", "no")}
	err := a.one(&q)
	return yes, err
}

// choice takes one of two words, or its first letter.
func choice(into *bool, yes, no string) func(string) error {
	return func(answer string) error {
		word := strings.ToLower(answer)
		if word == "" || (!strings.HasPrefix(yes, word) && !strings.HasPrefix(no, word)) {
			return fmt.Errorf("%q is neither %s nor %s", answer, yes, no)
		}
		*into = strings.HasPrefix(yes, word)
		return nil
	}
}

// between takes a number from least to most, times scale.
func between(into *float64, least, most, scale float64) func(string) error {
	return func(answer string) error {
		x, err := strconv.ParseFloat(answer, 64)
		if err != nil || math.IsNaN(x) || x < least || x > most {
			return fmt.Errorf("%q is not a number from %g to %g", answer, least, most)
		}
		*into = x * scale
		return nil
	}
}

// arrivalSite is the unit's API.
type arrivalSite struct {
	base, token string
	client      http.Client
}

func newArrivalSite(address, tokenFile string) (*arrivalSite, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, badInput(fmt.Errorf("--url: %q is not the address of a unit", address), "write it as http://127.0.0.1:8080")
	}
	s := &arrivalSite{base: strings.TrimRight(address, "/"), client: http.Client{Timeout: 10 * time.Second}}
	if tokenFile != "" {
		if s.token, err = api.ReadToken(tokenFile); err != nil {
			return nil, badInput(err, "")
		}
	}
	return s, nil
}

// largestAnswer bounds what is read of an answer.
const largestAnswer = 4 << 20

// call sends one request and reads its answer. What the unit calls a problem is said in its own words.
func (s *arrivalSite) call(ctx context.Context, method, path string, body, into any) error {
	var text bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			return fmt.Errorf("writing the request: %w", err)
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, s.base+path, &text)
	if err != nil {
		return fmt.Errorf("asking the unit: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return fmt.Errorf("asking the unit: %w: is it running, and is --url its address?", err)
	}
	defer func() { _ = answer.Body.Close() }() // read only
	data, err := io.ReadAll(io.LimitReader(answer.Body, largestAnswer))
	if err != nil {
		return fmt.Errorf("reading the unit's answer: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return refusedBy(answer.StatusCode, data)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("reading the unit's answer: %w: is --url the address of a unit?", err)
	}
	return nil
}

// refusedBy is an answer that is not the one that was asked for.
func refusedBy(status int, data []byte) error {
	var problem struct {
		Detail string `json:"detail"`
		Errors []struct {
			Message string `json:"message"`
		} `json:"errors"`
	}
	_ = json.Unmarshal(data, &problem) // what is not a problem has no detail
	text := problem.Detail
	for _, e := range problem.Errors {
		text += "; " + e.Message
	}
	if text == "" {
		text = http.StatusText(status)
	}
	if status == http.StatusUnauthorized {
		return badInput(errors.New("the unit asks for a token"), "name its file with --token-file")
	}
	return fmt.Errorf("the unit answered %d: %s", status, text)
}

// validUntil is the day on which a record ends, on the unit's own clock: that is the one which ends it.
func (v *arrivalView) validUntil(days int) string {
	there := time.UnixMilli(v.Wall).In(time.FixedZone("", v.Zone))
	return there.AddDate(0, 0, days).Format("2 Jan 2006")
}
