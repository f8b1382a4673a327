package report

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"

	"reprise/bess"
)

// studyPage is a study in the words of its skeleton: everything is text or
// placed in percent.
type studyPage struct {
	*Study
	CSS      template.CSS
	JS       template.JS
	Span     string
	Heads    []headline
	Balances []balanceBar
	Error    string
	Saving   []savingBar
	Factors  []string
	Beside   []pair
	Drawn    []drawnChart
	Kept     string
	Rows     []promiseRow
	Log      []logRow
	Books    []pair
	Made     []pair
}

type headline struct {
	Headline
	Mark string // class: "", "holds", "fails"
	Word string
}

type pair struct{ Name, Value string }

// balanceBar is one side of the energy balance on the scale of both.
type balanceBar struct {
	Name  string
	Total string
	Parts []balancePart
}

type balancePart struct {
	Name, Class, Value string
	Width              template.CSS // percent of the longer bar
	Small              bool         // too narrow for its words
}

type savingBar struct {
	Name, Class, Value string
	Left, Width        template.CSS
	Known              bool
	Why                string
}

type promiseRow struct {
	Promise
	AskedText, ByText, PromisedText, GotText, Mark, Word string
}

type logRow struct {
	Event
	When, Mark, Word string
}

func newStudyPage(s *Study) *studyPage {
	p := &studyPage{
		Study: s, CSS: template.CSS(studyCSS), JS: template.JS(studyJS),
		Span: s.Zones.full(s.From) + " to " + s.Zones.full(s.To) + ", " + length(s.To-s.From),
	}
	for _, h := range s.Figures {
		head := headline{Headline: h}
		head.Mark, head.Word = verdict(h.Holds, "holds", "does not hold")
		p.Heads = append(p.Heads, head)
	}
	p.balance()
	p.carbon()
	for i := range s.Charts {
		p.Drawn = append(p.Drawn, drawChart(&s.Charts[i], s.Zones, s.From, s.To))
	}
	p.promises()
	for _, e := range s.Events {
		r := logRow{Event: e, When: s.Zones.when(e.At)}
		switch {
		case e.Stop:
			r.Mark, r.Word = "stopped", "stop"
		case e.Level == bess.Yes:
			r.Mark, r.Word = "look", "look"
		}
		p.Log = append(p.Log, r)
	}
	p.books()
	return p
}

func length(ms int64) string {
	if day := int64(86_400_000); ms >= 2*day && ms%day == 0 {
		return fmt.Sprintf("%d days", ms/day)
	}
	return duration(ms)
}

func verdict(t bess.Tri, yes, no string) (mark, word string) {
	switch t {
	case bess.Yes:
		return "holds", yes
	case bess.No:
		return "fails", no
	case bess.Unknown:
	}
	return "", ""
}

func percent(x float64) template.CSS { return template.CSS(fmt.Sprintf("%.2f%%", x)) }

func (p *studyPage) balance() {
	sum := func(all []Share) (total float64) {
		for _, s := range all {
			total += max(s.KWh, 0)
		}
		return total
	}
	in, out := sum(p.In), sum(p.Out)
	most := max(in, out)
	if most <= 0 {
		return
	}
	bar := func(name string, total float64, shares []Share) balanceBar {
		b := balanceBar{Name: name, Total: Number(total, digits(total)) + " kWh"}
		for _, s := range shares {
			if s.KWh > 0 {
				width := s.KWh / most * 100
				b.Parts = append(b.Parts, balancePart{s.Name, s.Hue.name(), Number(s.KWh, digits(s.KWh)), percent(width), width < 12})
			}
		}
		return b
	}
	p.Balances = []balanceBar{bar("came from", in, p.In), bar("went to", out, p.Out)}
	if p.Balance.Known {
		p.Error = fmt.Sprintf("Closes within %.2g %% of throughput.", p.Balance.Value*100)
	}
}

// digits is how many decimals suit an amount: three figures, no more.
func digits(x float64) int {
	switch x = max(x, -x); {
	case x >= 100, x == 0:
		return 0
	case x >= 10:
		return 1
	}
	return 2
}

func (p *studyPage) carbon() {
	c := p.Carbon
	if c == nil {
		return
	}
	p.Factors = c.Factors
	low, high := 0.0, 0.0
	for _, f := range [...]bess.Figure{c.Gross, c.Refill, c.Net} {
		if f.Known {
			low, high = min(low, f.Value), max(high, f.Value)
		}
	}
	for _, b := range [...]struct {
		name, class string
		f           bess.Figure
	}{{"gross: a generator that did not run", "gross", c.Gross}, {"refill: the energy delivered", "refill", c.Refill}, {"net: what was avoided", "net", c.Net}} {
		bar := savingBar{Name: b.name, Class: b.class, Value: figure(b.f, digits(b.f.Value)), Known: b.f.Known, Why: b.f.Why}
		if b.f.Known && high > low {
			bar.Left = percent((min(b.f.Value, 0) - low) / (high - low) * 100)
			bar.Width = percent(max(b.f.Value, -b.f.Value) / (high - low) * 100)
		}
		p.Saving = append(p.Saving, bar)
	}
	add := func(name string, f bess.Figure, unit string) {
		value := figure(f, digits(f.Value)) + " " + unit
		if !f.Known {
			value = dash
			if f.Why != "" {
				value += " " + f.Why
			}
		}
		p.Beside = append(p.Beside, pair{name, value})
	}
	add("fuel not burnt", c.Litres, "L")
	add("generator-hours displaced", c.GeneratorHours, "h")
	add("hours of use", c.HoursOfUse, "h")
	add("inventory, scope 1", c.Scope1, "kg CO₂e")
	add("inventory, scope 2 (location-based)", c.Scope2, "kg CO₂e")
	add("inventory, scope 3", c.Scope3, "kg CO₂e")
}

func (p *studyPage) promises() {
	kept, told := 0, 0
	for _, r := range p.Promises {
		row := promiseRow{Promise: r, AskedText: figure(r.Asked, 1), PromisedText: figure(r.Promised, 1), GotText: figure(r.Got, 1), ByText: dash}
		if r.By != 0 {
			row.ByText = p.Zones.when(r.By)
		}
		row.Mark, row.Word = verdict(r.Kept, "kept", "not kept")
		if r.Kept != bess.Unknown {
			told++
		}
		if r.Kept == bess.Yes {
			kept++
		}
		p.Rows = append(p.Rows, row)
	}
	p.Kept = fmt.Sprintf("%d of %d promises kept", kept, told)
}

func (p *studyPage) books() {
	if l := p.Ledger; l != nil {
		p.Books = []pair{
			{"entries", Number(float64(l.Entries), 0)},
			{"sum over all legs", fmt.Sprintf("%d mWh, %d mg CO₂e", l.SumMWh, l.SumMg)},
			{"unmeasured", dash},
			{"last hash", l.Head},
		}
		if l.Unmeasured.Known {
			p.Books[2].Value = fmt.Sprintf("%.2g %% of throughput", l.Unmeasured.Value*100)
		}
	}
	for _, m := range [...]pair{{"command", p.Command}, {"seed", p.Seed}, {"hash", p.Hash}, {"version", p.Version}} {
		if m.Value != "" {
			p.Made = append(p.Made, m)
		}
	}
}

// dataCSV is a table as a link that a browser saves.
func dataCSV(t *Table) template.URL {
	var b strings.Builder
	cell := func(s string) string {
		s = strings.NewReplacer("\u202f", "", "−", "-", dash, "").Replace(s)
		if strings.ContainsAny(s, "\",\n") {
			s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
		return s
	}
	for i, c := range t.Columns {
		if i > 0 {
			b.WriteByte(',')
		}
		name := c.Name
		if c.Unit != "" {
			name += " [" + c.Unit + "]"
		}
		b.WriteString(cell(name))
	}
	b.WriteByte('\n')
	for _, r := range t.Rows {
		for i, c := range r {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(cell(c))
		}
		b.WriteByte('\n')
	}
	return template.URL("data:text/csv;charset=utf-8;base64," + base64.StdEncoding.EncodeToString([]byte(b.String())))
}
