package report

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"github.com/johnfercher/maroto/v2"
	"github.com/johnfercher/maroto/v2/pkg/components/code"
	"github.com/johnfercher/maroto/v2/pkg/components/col"
	"github.com/johnfercher/maroto/v2/pkg/components/image"
	"github.com/johnfercher/maroto/v2/pkg/components/line"
	"github.com/johnfercher/maroto/v2/pkg/components/row"
	"github.com/johnfercher/maroto/v2/pkg/components/text"
	"github.com/johnfercher/maroto/v2/pkg/config"
	"github.com/johnfercher/maroto/v2/pkg/consts/align"
	"github.com/johnfercher/maroto/v2/pkg/consts/extension"
	"github.com/johnfercher/maroto/v2/pkg/consts/fontstyle"
	"github.com/johnfercher/maroto/v2/pkg/consts/pagesize"
	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/core/entity"
	"github.com/johnfercher/maroto/v2/pkg/props"

	"reprise/bess"
)

// The page: A4, 16 mm margins, a grid of 24 columns; five sizes of type (pt).
const (
	pageWidth, pageHeight = 210.0, 297.0
	pageMargin            = 16.0
	gridColumns           = 24
	fontFamily            = "sans"
	sizeHuge, sizeTitle   = 22.0, 16.0
	sizeLead, sizeBody    = 10.5, 8.5
	sizeTiny              = 7.0
	rowBody               = 4.8 // mm, of a table's row
)

// budget is how much of the page each part may take; rows beyond it are counted.
type budget struct {
	chart                   float64 // mm
	lines, visits, troubles int
}

// budgets go from roomy to tight; the first with which all fits is taken.
func budgets() []budget {
	return []budget{{54, 9, 10, 5}, {46, 8, 9, 4}, {42, 7, 8, 3}, {36, 7, 6, 3}, {30, 7, 5, 2}}
}

func paperInk() *props.Color   { return &props.Color{Red: 0x15, Green: 0x19, Blue: 0x1c} }
func paperQuiet() *props.Color { return &props.Color{Red: 0x56, Green: 0x5e, Blue: 0x65} }
func paperRule() *props.Color  { return &props.Color{Red: 0xc4, Green: 0xc8, Blue: 0xc3} }

// hirePage lays one hire out.
type hirePage struct {
	h    *Hire
	most budget
	rows []core.Row
	used float64 // mm of height
}

// newHirePage takes the first budget that fits.
func newHirePage(h *Hire) (*hirePage, error) {
	var p *hirePage
	for _, b := range budgets() {
		p = &hirePage{h: h, most: b}
		p.head()
		p.headlines()
		if err := p.chart(); err != nil {
			return nil, err
		}
		p.sums()
		p.visits()
		p.troubles()
		if p.foot() {
			break
		}
	}
	return p, nil
}

func (p *hirePage) bytes() ([]byte, error) {
	font := func(style fontstyle.Type, ttf []byte) *entity.CustomFont {
		return &entity.CustomFont{Family: fontFamily, Style: style, Bytes: ttf}
	}
	cfg := config.NewBuilder().WithPageSize(pagesize.A4).WithMaxGridSize(gridColumns).
		WithLeftMargin(pageMargin).WithRightMargin(pageMargin).WithTopMargin(pageMargin-2).WithBottomMargin(10).
		WithCustomFonts([]*entity.CustomFont{font(fontstyle.Normal, liberationsansregular.TTF), font(fontstyle.Bold, liberationsansbold.TTF)}).
		WithDefaultFont(&props.Font{Family: fontFamily, Size: sizeBody, Color: paperInk()}).
		WithTitle("Hire report: "+p.h.Unit+", "+p.h.Site, true).WithCreator("Reprise "+p.h.Version, true).
		WithCreationDate(time.UnixMilli(p.h.To).UTC()).WithCompression(true).WithDisableAutoPageBreak(true).
		Build()
	m := maroto.New(cfg)
	m.AddRows(p.rows...)
	document, err := m.Generate()
	if err != nil {
		return nil, err
	}
	return document.GetBytes(), nil
}

// add puts a row of so many mm on the page.
func (p *hirePage) add(height float64, cols ...core.Col) {
	p.rows = append(p.rows, row.New(height).Add(cols...))
	p.used += height
}

func (p *hirePage) space(mm float64) { p.add(mm, col.New(gridColumns)) }

func (p *hirePage) rule() {
	p.add(1, line.NewCol(gridColumns, props.Line{Color: paperRule(), Thickness: 0.2, SizePercent: 100}))
}

// words is a column of text.
func words(columns int, s string, size float64, o ...func(*props.Text)) core.Col {
	t := props.Text{Size: size, Color: paperInk()}
	for _, f := range o {
		f(&t)
	}
	return text.NewCol(columns, s, t)
}

func bold(t *props.Text)  { t.Style = fontstyle.Bold }
func quiet(t *props.Text) { t.Color = paperQuiet() }
func right(t *props.Text) { t.Align = align.Right }
func below(mm float64) func(*props.Text) {
	return func(t *props.Text) { t.Top = mm }
}

func (p *hirePage) head() {
	h := p.h
	from, to := h.Zones.full(h.From), h.Zones.full(h.To)
	var who []string
	for _, s := range [...][2]string{{"", h.Unit}, {"", h.Site}, {"hired by ", h.Hirer}} {
		if s[1] != "" {
			who = append(who, clip(60, "%s%s", s[0], s[1]))
		}
	}
	left := col.New(20).Add(
		text.New("Hire report", props.Text{Size: sizeTitle, Style: fontstyle.Bold}),
		text.New(strings.Join(who, "  ·  "), props.Text{Size: sizeLead, Top: 8.5}),
		text.New(from+"  to  "+to+"  ·  "+duration(h.To-h.From), props.Text{Size: sizeBody, Top: 14, Color: paperQuiet()}),
	)
	if h.Link == "" {
		p.add(20, left, col.New(4))
	} else {
		p.add(20, left, code.NewQrCol(4, h.Link, props.Rect{Percent: 92, Left: 11}))
	}
	p.rule()
	p.space(3)
}

// headlines are the four numbers that a hirer looks for.
func (p *hirePage) headlines() {
	h := p.h
	peak := "kW highest, mean of a minute"
	if h.Peak.Known && h.PeakAt != 0 {
		peak = "kW highest, " + h.Zones.when(h.PeakAt)
	}
	heads := [...]struct {
		value, what string
		figure      bess.Figure
	}{
		{figure(h.Delivered, 0), "kWh delivered", h.Delivered},
		{figure(h.Peak, 1), peak, h.Peak},
		{figure(h.HoursOfUse, 1), "hours of use", h.HoursOfUse},
		{figure(h.Carbon.Net, 0), "kg CO₂e avoided, net", h.Carbon.Net},
	}
	cols := make([]core.Col, 0, len(heads))
	for _, head := range heads {
		what := head.what
		if !head.figure.Known && head.figure.Why != "" {
			what += ": " + head.figure.Why
		}
		cols = append(cols, col.New(gridColumns/len(heads)).Add(
			text.New(head.value, props.Text{Size: sizeHuge, Style: fontstyle.Bold}),
			text.New(what, props.Text{Size: sizeBody, Top: 10, Color: paperQuiet()}),
		))
	}
	p.add(19, cols...)
}

func (p *hirePage) chart() error {
	height := p.most.chart
	p.title("Power over the hire", "kW, local time")
	picture, err := profileChart(p.h.Profile, p.h.Zones, p.h.From, p.h.To, pageWidth-2*pageMargin, height)
	if err != nil {
		return fmt.Errorf("drawing the load profile: %w", err)
	}
	p.add(height, image.NewFromBytesCol(gridColumns, picture, extension.Png, props.Rect{Percent: 100}))
	p.space(4)
	return nil
}

func (p *hirePage) title(s, unit string) {
	p.add(6.2, words(16, s, sizeLead, bold), words(8, unit, sizeTiny, quiet, right, below(1.2)))
}

// sums are two lists side by side: where the energy went, and what it saved.
func (p *hirePage) sums() {
	h := p.h
	p.add(6.2, words(11, "Where it went", sizeLead, bold), col.New(2), words(11, "Carbon", sizeLead, bold))
	left := [][3]string{{"", "kWh", "peak kW"}}
	for i, l := range h.Lines {
		if i == p.most.lines-1 && len(h.Lines) > p.most.lines {
			left = append(left, [3]string{fmt.Sprintf("and %d more", len(h.Lines)-i), "", ""})
			break
		}
		left = append(left, [3]string{clip(30, "%s", l.Name), figure(l.KWh, 1), figure(l.Peak, 1)})
	}
	left = append(left, [3]string{"Unused at the end", figure(h.Unused, 0), ""})
	c := &h.Carbon
	side := [][2]string{
		{"", "kg CO₂e"},
		{"Gross: a generator that did not run", figure(c.Gross, 1)},
		{"Refill: the energy delivered, by origin", figure(c.Refill, 1)},
		{"Net: gross − refill", figure(c.Net, 1)},
		{"Fuel not burnt", withUnit(c.Litres, 1, "L")},
		{"Generator-hours displaced", withUnit(c.GeneratorHours, 1, "h")},
		{"Generator on site ran", withUnit(c.SetHours, 1, "h")},
		{"and burnt", withUnit(c.SetLitres, 1, "L")},
	}
	for i := range max(len(left), len(side)) {
		var l [3]string
		var s [2]string
		if i < len(left) {
			l = left[i]
		}
		if i < len(side) {
			s = side[i]
		}
		style := []func(*props.Text){}
		if i == 0 {
			style = append(style, quiet)
		}
		value := append([]func(*props.Text){right}, style...)
		net := value
		if i == 3 {
			net = append(net, bold)
		}
		p.add(rowBody, words(6, l[0], sizeBody, style...), words(2, l[1], sizeBody, value...), words(3, l[2], sizeBody, value...),
			col.New(2), words(8, s[0], sizeBody, net[1:]...), words(3, s[1], sizeBody, net...))
	}
	p.space(4)
}

func withUnit(f bess.Figure, decimals int, unit string) string {
	if !f.Known {
		return dash
	}
	return figure(f, decimals) + " " + unit
}

func (p *hirePage) visits() {
	h := p.h
	if len(h.Visits) == 0 {
		return
	}
	kept, asked := 0, 0
	for i := range h.Visits {
		if h.Visits[i].Kept != bess.Unknown {
			asked++
		}
		if h.Visits[i].Kept == bess.Yes {
			kept++
		}
	}
	p.title("Vehicles", fmt.Sprintf("%d visits, %d of %d promises kept", len(h.Visits), kept, asked))
	p.add(rowBody, words(4, "outlet", sizeBody, quiet), words(4, "came", sizeBody, quiet), words(3, "stayed", sizeBody, quiet),
		words(3, "asked kWh", sizeBody, quiet, right), words(3, "got kWh", sizeBody, quiet, right), words(7, "promise", sizeBody, quiet, indent))
	for i := range h.Visits {
		if i == p.most.visits-1 && len(h.Visits) > p.most.visits {
			p.add(rowBody, words(gridColumns, fmt.Sprintf("and %d more", len(h.Visits)-i), sizeBody, quiet))
			break
		}
		v := &h.Visits[i]
		told := clip(62, "%s", promise(v, h.Zones))
		p.add(rowBody+3.4*float64(lines(told, 31)-1), words(4, clip(19, "%s", v.Outlet), sizeBody), words(4, h.Zones.when(v.From), sizeBody),
			words(3, duration(v.To-v.From), sizeBody), words(3, figure(v.Asked, 1), sizeBody, right),
			words(3, figure(v.Got, 1), sizeBody, right), words(7, told, sizeBody, indent))
	}
	p.space(4)
}

func indent(t *props.Text) { t.Left = 6 }

func promise(v *HireVisit, zones Zones) string {
	by := ""
	if v.By != 0 {
		by = " by " + zones.clock(v.By)
	}
	if v.Running {
		return strings.TrimSpace("still there, due" + by)
	}
	switch v.Kept {
	case bess.Yes:
		return "kept" + by
	case bess.No:
		if v.Why != "" {
			return "not kept: " + v.Why
		}
		return "not kept" + by
	case bess.Unknown:
	}
	if v.Asked.Known {
		return "none was made"
	}
	return "none was asked"
}

// troubles are outages and faults, side by side; saying that there were none is
// part of the report.
func (p *hirePage) troubles() {
	h := p.h
	var outages, faults []string
	for _, o := range h.Outages {
		outages = append(outages, clip(200, "%s, %s: %s. %s", h.Zones.when(o.From), duration(o.To-o.From), o.Where, o.Why))
	}
	for _, f := range h.Faults {
		faults = append(faults, clip(200, "%s: %s. %s", h.Zones.when(f.At), f.What, f.Done))
	}
	outages, faults = atMost(outages, p.most.troubles, "No load was without supply."), atMost(faults, p.most.troubles, "No fault.")
	p.add(6.2, words(11, "Outages", sizeLead, bold), col.New(2), words(11, "Faults, and what was done", sizeLead, bold))
	for i := range max(len(outages), len(faults)) {
		o, f := "", ""
		if i < len(outages) {
			o = outages[i]
		}
		if i < len(faults) {
			f = faults[i]
		}
		p.add(float64(max(lines(o, 56), lines(f, 56)))*3.6+1.4, words(11, o, sizeBody), col.New(2), words(11, f, sizeBody))
	}
}

// lines is how many lines a text takes where so many characters fit in one.
func lines(s string, fit int) int { return max(1, (utf8.RuneCountInString(s)+fit-1)/fit) }

func atMost(list []string, most int, none string) []string {
	switch {
	case len(list) == 0:
		return []string{none}
	case len(list) > most:
		return append(list[:most-1:most-1], fmt.Sprintf("and %d more", len(list)-most+1))
	}
	return list
}

// clip formats and cuts to so many characters, visibly.
func clip(most int, format string, values ...any) string {
	r := []rune(fmt.Sprintf(format, values...))
	if len(r) <= most {
		return string(r)
	}
	return string(r[:most-1]) + "…"
}

// foot ends the page with what makes its numbers checkable; false when the page
// is too full.
func (p *hirePage) foot() bool {
	h := p.h
	notes := append([]string{}, h.Carbon.Factors...)
	notes = append(notes, "Avoided emissions compare with a generator that did not run; they stand beside the scope 1, 2 and 3 inventory and are never netted into it.")
	end := "Reprise " + h.Version
	if h.Head == "" {
		end += "  ·  the ledger holds no entry yet"
	} else {
		end += "  ·  ledger " + h.Head
	}
	notes = append(notes, end)
	height := 2.0
	for _, n := range notes {
		height += 3.3 * float64(lines(n, 140))
	}
	room := pageHeight - (pageMargin - 2) - 12 - p.used - height - 1
	if room > 0 {
		p.space(room)
	}
	p.rule()
	p.space(1)
	for _, n := range notes {
		p.add(3.3*float64(lines(n, 140)), words(gridColumns, n, sizeTiny, quiet))
	}
	return room >= 0
}
