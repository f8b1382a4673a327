package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"reprise/api"
)

// arriveCommand is the arrival check on the command line: what a named person found at a supply, before anything closes.
type arriveCommand struct {
	URL       string  `name:"url" help:"Address of the unit." default:"http://127.0.0.1:8080"`
	Token     string  `name:"token-file" help:"File with the token that opens the API." placeholder:"FILE"`
	Person    *string `help:"Who checks." placeholder:"NAME"`
	Feeder    *string `help:"Which supply: name, or number counted from one." placeholder:"NAME"`
	Earthing  *string `help:"TN-S, PME, TT or generator." placeholder:"TYPE"`
	Poles     *string `help:"Phases found live." placeholder:"N"`
	Neutral   *string `help:"Neutral is present: yes or no." placeholder:"yes|no"`
	Earth     *string `help:"Earth is present: yes or no." placeholder:"yes|no"`
	Rotation  *string `help:"forward (L1, L2, L3) or reversed." placeholder:"WAY"`
	ToEarth   *string `name:"neutral-volts" help:"Neutral to earth, V." placeholder:"V"`
	Cap       *string `help:"Agreed cap, kW." placeholder:"KW"`
	Parallel  *string `help:"Running in parallel was permitted: yes or no." placeholder:"yes|no"`
	Reference *string `help:"Reference of that permission." placeholder:"TEXT"`
	ValidDays *string `help:"The record and its permissions end after this many days, at most 90." placeholder:"DAYS"`
	Override  *string `help:"Why you let a grave finding pass, where the standard leaves room." placeholder:"REASON"`
	Yes       bool    `help:"Ask nothing: every answer stands on the command line."`
	JSON      bool    `help:"Print one JSON object with what was sent and answered."`

	In io.Reader `kong:"-"` // answers; nil: standard input
}

// Help is the longer text of "reprise arrive --help".
func (arriveCommand) Help() string {
	return "Asks in order, and shows beside each question what the unit itself measures at that supply. Answers may stand on\n" +
		"the command line instead. A finding that forbids the supply is not recorded: the supply is switched off (exit 1), unless you\n" +
		"let it pass by name with a reason where the standard leaves room (--override): reversed rotation, 10 to 50 V from\n" +
		"neutral to earth, PME with vehicles. Missing earth, missing neutral and more than 50 V always forbid it.\n" +
		"Exit 2 when an answer is missing or cannot be.\n\n" +
		"Example:\n\n  reprise arrive --person \"A. Example\" --feeder Grid\n" +
		"  reprise arrive --yes --person \"A. Example\" --feeder Grid --earthing TT --poles 3 --neutral yes --earth yes \\\n" +
		"      --rotation forward --neutral-volts 0.8 --cap 25 --parallel no --valid-days 7"
}

// arrivalView is what the check needs of the unit's picture.
type arrivalView struct {
	Unit    string          `json:"unit"`
	Site    string          `json:"site"`
	Wall    int64           `json:"unix_milli"`
	Zone    int             `json:"zone_offset"`
	Feeders []arrivalFeeder `json:"feeders"`
	Outlets []struct {
		Kind string `json:"kind"`
	} `json:"outlets"`
	Alarms []struct {
		Rule  string `json:"rule"`
		What  string `json:"what"`
		Where string `json:"where"`
	} `json:"alarms"`
}

type arrivalFeeder struct {
	Name     string           `json:"name"`
	Kind     string           `json:"kind"`
	State    string           `json:"state"`
	Volts    [3]arrivalFigure `json:"volts"`
	Hertz    arrivalFigure    `json:"hertz"`
	Cap      arrivalFigure    `json:"cap"`
	Checked  string           `json:"checked"`
	Earthing string           `json:"earthing"`
}

// arrivalFigure is a figure of the picture: a value, or the reason why there is none.
type arrivalFigure struct {
	Value *float64 `json:"value"`
	Why   string   `json:"why"`
}

func (f arrivalFigure) text(unit string, scale float64) string {
	if f.Value == nil {
		return "unknown, " + f.Why
	}
	return strconv.FormatFloat(*f.Value*scale, 'f', 1, 64) + " " + unit
}

// liveVolts is what a phase has at least to count as live.
const liveVolts = 100

// live counts the phases that the unit measures as live; ok is false when it measures none of them.
func (f *arrivalFeeder) live() (n int, ok bool) {
	for _, v := range f.Volts {
		if v.Value != nil {
			ok = true
			if *v.Value > liveVolts {
				n++
			}
		}
	}
	return n, ok
}

// finding is what a person must know about an answer. A grave one forbids the use of the supply.
type finding struct {
	Grave bool   `json:"grave"`
	What  string `json:"what"`
}

// arrivalResult is what --json prints.
type arrivalResult struct {
	Unit     string          `json:"unit"`
	Feeder   string          `json:"feeder"`
	Person   string          `json:"person"`
	Record   *api.RecordBody `json:"found"`
	Findings []finding       `json:"findings"`
	Sent     string          `json:"sent"` // verb of the request
	Granted  bool            `json:"granted"`
	Why      string          `json:"why"`
}

var (
	errNotUsable = errors.New("the supply must not be used") // constant: compared, never written
	errNotAgreed = errors.New("nothing was sent")            // constant: compared, never written
)

// Run asks, shows, and records.
func (c *arriveCommand) Run(con *console) error {
	site, err := newArrivalSite(c.URL, c.Token)
	if err != nil {
		return err
	}
	var view arrivalView
	if err := site.call(con, http.MethodGet, "/api/v1/unit", nil, &view); err != nil {
		return err
	}
	a := &arrival{con: con, view: &view, out: con.progress, silent: c.Yes}
	if !c.Yes {
		in := c.In
		if in == nil {
			in = os.Stdin
		}
		a.lines = answers(in)
		fmt.Fprintf(con.progress, "Arrival check of %s at %s, before anything is closed.\nTake a tester rated for the supply; what you find is kept with your name.\n", view.Unit, view.Site)
	}
	if err := a.ask(c); err != nil {
		return err
	}
	a.summary()
	result := arrivalResult{
		Unit: view.Unit, Feeder: view.Feeders[a.target].Name, Person: a.person, Record: &a.record, Findings: a.findings, Sent: "feeder-record",
	}
	request := api.RequestBody{Verb: "feeder-record", Target: &a.target, Person: a.person, Record: &a.record}
	question := "Is this what you found? The unit may then use the supply. [yes/no]"
	if a.grave() {
		result.Sent = "feeder-off"
		request = api.RequestBody{Verb: "feeder-off", Target: &a.target, Person: a.person}
		question = "This supply must not be used. Switch it off at the unit now? [yes/no]"
	}
	if agreed, err := a.agreed(question); err != nil {
		return err
	} else if !agreed {
		return fmt.Errorf("%w: the unit is as it was", errNotAgreed)
	}
	var answer api.AnswerBody
	if err := site.call(con, http.MethodPost, "/api/v1/requests", request, &answer); err != nil {
		return err
	}
	result.Granted, result.Why = answer.Granted, answer.Why
	return c.tell(con, &result)
}

// tell prints what became of it.
func (c *arriveCommand) tell(con *console, r *arrivalResult) error {
	if c.JSON {
		if err := json.NewEncoder(con.out).Encode(r); err != nil {
			return err
		}
	}
	switch {
	case !r.Granted:
		return fmt.Errorf("the unit did not grant it: %s", r.Why)
	case r.Sent == "feeder-off":
		return fmt.Errorf("%w, the unit takes %s out of use: have it put right, check again, then switch it on", errNotUsable, r.Feeder)
	case !c.JSON:
		fmt.Fprintf(con.out, "%s is checked by %s. The unit may use it when volts, hertz and rotation are in band.\n", r.Feeder, r.Person)
	}
	return nil
}

// arrival is one check: the answers so far and what they say.
type arrival struct {
	con      *console
	view     *arrivalView
	lines    <-chan string // answers of a person; closed at their end
	out      io.Writer
	silent   bool
	person   string
	target   int
	record   api.RecordBody
	findings []finding
}

func (a *arrival) feeder() *arrivalFeeder { return &a.view.Feeders[a.target] }

// arrivalQuestion is one question: its flag, its words, what the unit knows beside it, and what an answer means.
type arrivalQuestion struct {
	flag   string
	given  *string
	usual  string // the answer when a person presses return, or --yes finds nothing; empty: an answer is needed
	text   string
	beside func() string
	take   func(answer string) error
	skip   func() bool
}

// ask goes through all questions.
func (a *arrival) ask(c *arriveCommand) error {
	for _, q := range a.questions(c) {
		if q.skip != nil && q.skip() {
			continue
		}
		if err := a.one(&q); err != nil {
			return err
		}
	}
	a.compare()
	return nil
}

// one takes the answer from the command line, or asks until there is one that can be.
func (a *arrival) one(q *arrivalQuestion) error {
	refuse := func(err error) error {
		return badInput(fmt.Errorf("--%s: %w", q.flag, err), "correct it")
	}
	if q.given != nil {
		if err := q.take(strings.TrimSpace(*q.given)); err != nil {
			return refuse(err)
		}
		return nil
	}
	if a.silent {
		if q.usual == "" {
			return badInput(fmt.Errorf("--%s is missing", q.flag), "with --yes every answer stands on the command line")
		}
		return q.take(q.usual)
	}
	if q.beside != nil {
		fmt.Fprintf(a.out, "\n  the unit: %s", q.beside())
	}
	for {
		fmt.Fprintf(a.out, "\n%s ", q.text)
		answer, err := a.line(q.flag)
		if err != nil {
			return err
		}
		if answer == "" {
			answer = q.usual
		}
		if err := q.take(answer); err != nil {
			fmt.Fprintf(a.out, "  %v\n", err)
			continue
		}
		return nil
	}
}

// line is the next answer of a person.
func (a *arrival) line(flag string) (string, error) {
	select {
	case text, ok := <-a.lines:
		if !ok {
			fmt.Fprintln(a.out)
			return "", badInput(fmt.Errorf("the answers ended before --%s", flag), "answer every question, or write the flag")
		}
		return strings.TrimSpace(text), nil
	case <-a.con.Done():
		fmt.Fprintln(a.out)
		return "", fmt.Errorf("%w: interrupted", errNotAgreed)
	}
}

// answers reads lines aside, so that an interrupt is heard while nobody types.
func answers(from io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(from); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	return lines
}

// questions are all of them, in the order of the work.
func (a *arrival) questions(c *arriveCommand) []arrivalQuestion {
	r := &a.record
	single := func() bool { return r.Poles == 1 }
	return []arrivalQuestion{
		{flag: "person", given: c.Person, text: "Your name?", take: a.takePerson},
		{flag: "feeder", given: c.Feeder, text: "Which supply?", beside: a.supplies, take: a.takeFeeder},
		{flag: "earthing", given: c.Earthing, text: "How is it earthed? [TN-S, PME, TT, generator]", beside: a.known, take: a.takeEarthing},
		{flag: "poles", given: c.Poles, text: "How many phases are live? [1 or 3]", beside: a.phases, take: a.takePoles},
		{flag: "neutral", given: c.Neutral, text: "Is the neutral present? [yes/no]", take: choice(&r.Neutral, "yes", "no")},
		{flag: "earth", given: c.Earth, text: "Is the earth present? [yes/no]", take: choice(&r.Earth, "yes", "no")},
		{
			flag: "rotation", given: c.Rotation, text: "Which way do the phases turn? [forward, reversed]", skip: single,
			beside: func() string { return a.alarm("supply-rotation-reversed", "no alarm about the rotation") },
			take: func(answer string) error {
				var forward bool
				err := choice(&forward, "forward", "reversed")(answer)
				r.Forward = &forward
				return err
			},
		},
		{
			flag: "neutral-volts", given: c.ToEarth, text: "Neutral to earth, volts?", take: between(&r.NeutralToE, 0, 1000, 1),
			beside: func() string {
				return a.alarm("supply-neutral-live", a.alarm("supply-neutral-raised", "no alarm about neutral to earth"))
			},
		},
		{
			flag: "cap", given: c.Cap, text: "Agreed cap, kW?", take: between(&r.AgreedW, 0.1, 10000, 1000),
			beside: func() string { return "installed cap " + a.feeder().Cap.text("kW", 0.001) },
		},
		{flag: "parallel", given: c.Parallel, usual: "no", text: "Was running in parallel permitted? [yes/no, return: no]", take: choice(&r.Parallel, "yes", "no")},
		{
			flag: "reference", given: c.Reference, text: "Reference of that permission?",
			skip: func() bool { return !r.Parallel && c.Reference == nil }, take: a.takeReference,
		},
		{flag: "valid-days", given: c.ValidDays, usual: "30", text: "For how many days does this hold, until the end of the hire? [1 to 90, return: 30]", take: a.takeDays},
		{
			flag: "override", given: c.Override, text: "To let this pass give your reason; to leave the supply off press return:",
			beside: a.asksReason, take: a.takeOverride, skip: func() bool { return !a.reasonHelps() || a.silent && c.Override == nil },
		},
	}
}

func (a *arrival) takePerson(answer string) error {
	if answer == "" || len(answer) > 80 {
		return errors.New("a person stands behind each check: write a name of at most 80 letters")
	}
	a.person = answer
	return nil
}

func (a *arrival) takeFeeder(answer string) error {
	number, _ := strconv.Atoi(answer)
	for i := range a.view.Feeders {
		if f := &a.view.Feeders[i]; f.Kind != "ccs" && (strings.EqualFold(f.Name, answer) || number == i+1) {
			a.target = i
			return nil
		}
	}
	return fmt.Errorf("there is no supply %q to be checked: choose one of %s", answer, a.supplies())
}

func (a *arrival) takeEarthing(answer string) error {
	for _, known := range []string{"TN-S", "PME", "TT", "generator"} {
		if strings.EqualFold(answer, known) {
			a.record.Earthing = known
			return nil
		}
	}
	return fmt.Errorf("%q is none of TN-S, PME, TT, generator: see the supply's label, or ask who provides it", answer)
}

func (a *arrival) takePoles(answer string) error {
	n, err := strconv.Atoi(answer)
	if err != nil || (n != 1 && n != 3) {
		return fmt.Errorf("%q is not 1 or 3: two live phases are a fault of the supply", answer)
	}
	a.record.Poles = n
	return nil
}

func (a *arrival) takeReference(answer string) error {
	if (answer == "" && a.record.Parallel) || len(answer) > 120 {
		return errors.New("a permission has a reference, at most 120 letters: without one answer no")
	}
	a.record.Reference = answer
	return nil
}

func (a *arrival) takeDays(answer string) error {
	n, err := strconv.Atoi(answer)
	if err != nil || n < 1 || n > 90 {
		return fmt.Errorf("%q is not a number of days from 1 to 90", answer)
	}
	a.record.ValidInDays = n
	return nil
}
