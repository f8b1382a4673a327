package safety

import (
	"strconv"
	"strings"

	"reprise/bess"
)

// Table is all rules as Markdown, for docs/safety.md.
func Table() string {
	var b strings.Builder
	last := Family(familyCount)
	rules := Rules()
	for i := range rules {
		r := &rules[i]
		if r.Family != last {
			last = r.Family
			b.WriteString("\n### " + strings.ToUpper(last.String()[:1]) + last.String()[1:] + "\n\n")
			b.WriteString("| rule | watches | limit | after | does | cleared by | why |\n|---|---|---|---|---|---|---|\n")
		}
		cells := []string{
			strconv.Itoa(int(r.ID)) + " `" + r.Name + "`", r.Watches, r.bound(), r.after(), r.does(), r.clears(), r.Why,
		}
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	return b.String()
}

// LimitOf is the limit of the row for a subject of the unit, in the row's unit;
// ok is false where the signal is a yes or no.
func (r *Rule) LimitOf(u *bess.Unit, subject int) (limit float64, ok bool) {
	if r.limit == nil || r.Bound == "yes" {
		return 0, false
	}
	return r.limit(u, subject), true
}

func (r *Rule) bound() string {
	switch {
	case r.Bound == "yes":
		return "yes"
	case r.Above:
		return "above " + r.Bound
	}
	return "below " + r.Bound
}

// after is the qualifying time, and that of an unknown where it counts.
func (r *Rule) after() string {
	text := span(r.Qualify)
	if r.Qualify == 0 {
		text = "at once"
	}
	switch {
	case r.Unknown.Trips && r.Unknown.Once:
		text += "; lost " + span(r.Unknown.After)
	case r.Unknown.Trips:
		text += "; unknown " + span(r.Unknown.After)
	}
	return text
}

func span(t bess.Span) string {
	switch {
	case t >= bess.Minute && t%bess.Minute == 0:
		return strconv.Itoa(int(t/bess.Minute)) + " min"
	case t%bess.Second == 0:
		return strconv.Itoa(int(t/bess.Second)) + " s"
	}
	return strconv.Itoa(int(t)) + " ms"
}

func (r *Rule) does() string {
	text := "**" + r.Level.String() + "**"
	if r.Level == bess.LevelDerate {
		text += " to " + strconv.Itoa(int(float64(r.Factor*100)+0.5)) + " %"
	}
	for _, part := range []struct {
		bit  Reach
		name string
	}{{ReachPacks, "all packs"}, {ReachInverter, "inverter"}, {ReachCircuits, "all circuits"}, {ReachOutlets, "all outlets"}} {
		if r.Reach&part.bit != 0 {
			text += ", " + part.name
		}
	}
	if r.NoCharge {
		text += ", no charging"
	}
	return text
}

func (r *Rule) clears() string {
	text := r.Clear.By.String()
	if r.Clear.After > 0 {
		text += " after " + span(r.Clear.After)
	}
	if r.Clear.Back > 0 {
		text += ", " + strconv.FormatFloat(r.Clear.Back, 'g', -1, 64) + " " + r.Unit + " back"
	}
	return text
}
