package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"reprise/bess"
	"reprise/journal"
	"reprise/unit"
)

// whyCommand answers why the unit did what it did at a moment.
type whyCommand struct {
	Path   string        `arg:"" help:"Journal file, the folder that holds them, or a unit's data folder."`
	At     string        `help:"The moment: RFC 3339, or HH:MM or HH:MM:SS on the journal's last day in its own zone." placeholder:"TIME" required:""`
	Part   string        `name:"unit-part" help:"One part only: \"pack 3\", \"outlet 2\", \"inverter\", or its name." placeholder:"PART"`
	Around time.Duration `help:"How far before and after the moment events are told." default:"30s" placeholder:"SPAN"`
	JSON   bool          `help:"Print one JSON object instead of text."`
}

// Help is the longer text of "reprise why --help".
func (whyCommand) Help() string {
	return "Runs the controller again on what the journal kept and says what the unit was doing, which safety rule or which\n" +
		"choice decided it, every limit in force with who set it and until when, what was ordered and measured, and what\n" +
		"happened around it. It only reads. A journal that another build wrote is explained with a note. Exit 2 when the\n" +
		"journal does not tell of that moment.\n\n" +
		"Example:\n\n  reprise why --at 14:03:07 --unit-part \"pack 3\" data/journal\n" +
		"  reprise why --at 2021-06-15T14:03:07+01:00 --json data"
}

// Run explains.
func (c *whyCommand) Run(con *console) error {
	paths, err := journalPaths(c.Path)
	if err != nil {
		return badInput(err, "name a journal file or its folder")
	}
	at, err := momentOf(con, c.At, paths)
	if err != nil {
		return badInput(err, "")
	}
	a, err := unit.Explain(con, paths, unit.WhyOptions{
		At: at, Around: bess.Span(c.Around.Milliseconds()), Part: c.Part, Build: buildDigest(),
	})
	switch {
	case err == nil:
	case con.Err() != nil:
		return err
	default:
		return badInput(err, "")
	}
	if c.JSON {
		return json.NewEncoder(con.out).Encode(a)
	}
	return printWhy(con.out, a)
}

// journalPaths are the journal's files: of a file, of their folder, or of a
// unit's data folder.
func journalPaths(path string) ([]string, error) {
	paths, err := journal.Paths(path)
	if err == nil {
		return paths, nil
	}
	if inside, inner := journal.Paths(path + "/journal"); inner == nil {
		return inside, nil
	}
	return nil, err
}

// momentOf is the wall time, ms, that a person wrote.
func momentOf(con *console, text string, paths []string) (int64, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UnixMilli(), nil
	}
	for _, form := range []string{"15:04:05", "15:04"} {
		of, err := time.Parse(form, text)
		if err != nil {
			continue
		}
		span, err := unit.Span(con, paths)
		if err != nil {
			return 0, err
		}
		if span.To == 0 {
			return 0, errors.New("explaining: the journal holds no tick")
		}
		day := time.UnixMilli(span.To).In(time.FixedZone("", int(span.ZoneOffset)))
		return time.Date(day.Year(), day.Month(), day.Day(), of.Hour(), of.Minute(), of.Second(), 0, day.Location()).UnixMilli(), nil
	}
	return 0, fmt.Errorf("reading the time %q: write it as 2021-06-15T14:03:07+01:00, or as 14:03 or 14:03:07", text)
}

// printWhy prints an explanation: the answer for a crew first, then what stands behind it.
func printWhy(out io.Writer, a *bess.Explanation) error {
	w := &whyPrinter{Writer: tabwriter.NewWriter(out, 0, 4, 2, ' ', 0), zone: a.ZoneOffset}
	fmt.Fprintf(w, "%s at %s: %s, network %s since %s\n\n", a.Unit, w.clock(a.At, true), a.Service, a.Network, w.clock(a.NetworkSince, false))
	for _, line := range a.Answer {
		fmt.Fprintf(w, "%s\n", line)
	}
	for _, line := range a.Notes {
		fmt.Fprintf(w, "Note: %s\n", line)
	}
	w.rules(a.Rules)
	w.limits("Limits of the unit", a.Standing)
	for i := range a.Parts {
		w.part(&a.Parts[i], len(a.Parts) == 1)
	}
	w.happened(a)
	return w.Flush()
}

type whyPrinter struct {
	*tabwriter.Writer
	zone int32
}

func (w *whyPrinter) clock(ms int64, day bool) string {
	t := time.UnixMilli(ms).In(time.FixedZone("", int(w.zone)))
	if day {
		return t.Format("2006-01-02 15:04:05.0 -07:00")
	}
	return t.Format("15:04:05")
}

func (w *whyPrinter) rules(list []bess.RuleExplanation) {
	if len(list) == 0 {
		return
	}
	fmt.Fprint(w, "\nSafety rules that acted\n")
	for i := range list {
		r := &list[i]
		state := "its condition is gone"
		if r.Acting {
			state = "its condition holds"
		}
		if r.Latched {
			state += ", latched"
		}
		value := ""
		if r.Value.Known {
			value = figureText(r.Value, r.Unit) + ", "
		}
		fmt.Fprintf(w, "  %d %s\t%s\t%s\tsince %s\t%s: %s%s\t%s\n", r.Number, r.Rule, r.Where, r.Level, w.clock(r.Since, false), r.Watches, value, r.Bound, state)
	}
}

func (w *whyPrinter) limits(title string, list []bess.LimitInForce) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", title)
	for i := range list {
		l := &list[i]
		until := "until changed"
		if l.Until != 0 {
			until = "until " + w.clock(l.Until, false)
		}
		fmt.Fprintf(w, "  %s\t%s\tby %s\t%s\t%s\n", l.What, figureText(l.Value, l.Unit), l.By, until, l.Why)
	}
}

// part prints a part; of one at rest, which nothing holds, a sentence is enough unless it alone was asked for.
func (w *whyPrinter) part(p *bess.PartExplanation, alone bool) {
	rests := !p.Binds && len(p.Measured) > 0 && p.Measured[0].Value.Known && p.Measured[0].Value.Value == 0
	if rests && !alone {
		fmt.Fprintf(w, "\n%s\n", p.Answer)
		return
	}
	since := "since " + w.clock(p.Since, false)
	if !p.SinceExact {
		since = "since before " + w.clock(p.Since, false)
	}
	fmt.Fprintf(w, "\n%s\n  so %s; decided by a %s\n", p.Answer, since, p.Decided)
	if p.Until != 0 {
		fmt.Fprintf(w, "  ordered\t%s\tuntil %s\n", namedText(p.Ordered), w.clock(p.Until, false))
	} else {
		fmt.Fprintf(w, "  ordered\t%s\n", namedText(p.Ordered))
	}
	fmt.Fprintf(w, "  measured\t%s\n", namedText(p.Measured))
	for i := range p.Limits {
		l := &p.Limits[i]
		until := "until changed"
		if l.Until != 0 {
			until = "until " + w.clock(l.Until, false)
		}
		fmt.Fprintf(w, "  limit\t%s: %s, by %s, %s: %s\n", l.What, figureText(l.Value, l.Unit), l.By, until, l.Why)
	}
}

func (w *whyPrinter) happened(a *bess.Explanation) {
	if len(a.Promises) > 0 {
		fmt.Fprint(w, "\nPromises\n")
	}
	for i := range a.Promises {
		v := &a.Promises[i]
		by := ""
		if v.By != 0 {
			by = " by " + w.clock(v.By, false)
		}
		fmt.Fprintf(w, "  outlet %d\t%s\tgot %s\tpromised %s%s\t%s\n", v.Outlet+1, v.State, figureText(v.Delivered, "Wh"), figureText(v.Promised, "Wh"), by, v.Why)
	}
	if len(a.Requests) > 0 {
		fmt.Fprint(w, "\nAsked\n")
	}
	for i := range a.Requests {
		r := &a.Requests[i]
		who := strings.TrimSpace(r.By + " " + r.Person)
		fmt.Fprintf(w, "  %s\t%s\t%s %s\t%s\n", w.clock(r.At, false), who, r.Verb, r.Where, r.Answer)
	}
	fmt.Fprintf(w, "\nWhat happened within %g s before and after\n", a.Around)
	if len(a.Events) == 0 {
		fmt.Fprint(w, "  nothing\n")
	}
	for i := range a.Events {
		e := &a.Events[i]
		fmt.Fprintf(w, "  %s\t%s\t%s\n", w.clock(e.At, false), e.Where, e.What)
	}
}

func namedText(list []bess.NamedFigure) string {
	texts := make([]string, len(list))
	for i := range list {
		if f := &list[i]; f.Word != "" {
			texts[i] = f.What + " " + f.Word
		} else {
			texts[i] = f.What + " " + figureText(f.Value, f.Unit)
		}
	}
	return strings.Join(texts, ", ")
}

// figureText is a figure for people; unknown says why.
func figureText(f bess.Figure, of string) string {
	if !f.Known {
		return "unknown (" + f.Why + ")"
	}
	return unit.Quantity(f.Value, of)
}
