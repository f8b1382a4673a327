package report

import (
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"strings"
)

// A chart's drawing has its own units, stretched to the page: words stand beside
// it as HTML, so that they keep their size on a phone.
const (
	drawWide, drawHigh = 1000.0, 250.0
	mostColumns        = 400
	tableRows          = 48
)

// drawnChart is a chart in the words of the skeleton.
type drawnChart struct {
	*Chart
	Paths  []drawnPath
	Rules  []placed
	Marks  []placed
	Lines  []placed // levels
	Legend []legendItem
	Data   template.JS
	Table  Table
	CSV    template.URL
	Mean   string // length of the means that are drawn
}

type drawnPath struct {
	D     string
	Class string
}

// placed is a word at a place, percent from the left or the top.
type placed struct {
	At    template.CSS
	Y     string // in drawing units
	Label string
	Class string
	Rest  string // of the label, where there is space
}

type legendItem struct {
	Name, Class, Value string
	Dashed             bool
}

// chartData is what the cursor reads.
type chartData struct {
	From    int64        `json:"from"`
	To      int64        `json:"to"`
	Columns int          `json:"columns"`
	Values  [][]*float64 `json:"values"` // by series, null where unknown
	Digits  int          `json:"digits"`
	Times   []string     `json:"times"`
}

func drawChart(c *Chart, zones Zones, from, to int64) drawnChart {
	n := columns(c.Series, from, to, mostColumns)
	all := make([][]bin, len(c.Series))
	for i := range c.Series {
		all[i] = bins(c.Series[i].Points, from, to, n)
	}
	a := axisOf(c, all)
	d := drawnChart{Chart: c, Mean: "means of " + shortly((to-from)/int64(n))}
	for v := a.low; v <= a.high+a.step/1e6; v += a.step {
		class := ""
		if math.Abs(v) < a.step/1e6 {
			class = "zero"
		}
		d.Rules = append(d.Rules, placed{At: percent(a.y(v) / drawHigh * 100), Y: fmt.Sprintf("%.1f", a.y(v)), Label: Number(v, a.decimals), Class: class})
	}
	d.mark(zones, from, to)
	for _, l := range c.Levels {
		if l.Value >= a.low && l.Value <= a.high {
			d.Lines = append(d.Lines, placed{At: percent(a.y(l.Value) / drawHigh * 100), Y: fmt.Sprintf("%.1f", a.y(l.Value)), Label: l.Name, Class: l.Hue.name()})
		}
	}
	if c.Stacked {
		d.stack(all, a)
	} else {
		d.lines(all, a)
	}
	d.words(all, zones, from, to, a.decimals)
	return d
}

// mark puts local times under the picture. On a phone every second one gives
// way, hours before days.
func (d *drawnChart) mark(zones Zones, from, to int64) {
	all := marks(zones, from, to, 12)
	days := 0
	for _, m := range all {
		if m.major {
			days++
		}
	}
	for k, m := range all {
		class := ""
		if k%2 == 1 && (!m.major || days == len(all)) {
			class = "odd"
		}
		if m.major {
			class += " day"
		}
		x := float64(m.at-from) / float64(to-from)
		p := placed{At: percent(x * 100), Y: fmt.Sprintf("%.1f", x*drawWide), Label: m.label, Class: strings.TrimSpace(class)}
		if m.major { // the month may be left out where space is short
			month := zones.local(m.at).Format(" Jan")
			p.Label, p.Rest = strings.TrimSuffix(m.label, month), month
		}
		d.Marks = append(d.Marks, p)
	}
}

// axis maps values to the drawing.
type axis struct {
	low, high, step float64
	decimals        int
}

func (a axis) y(v float64) float64 { return drawHigh * (a.high - v) / (a.high - a.low) }

func axisOf(c *Chart, all [][]bin) axis {
	low, high := 0.0, 0.0
	first := true
	see := func(x float64) {
		if first && !c.Stacked {
			low, high, first = x, x, false
		}
		low, high = min(low, x), max(high, x)
	}
	for k := range columnsOf(all) {
		up, down := 0.0, 0.0
		for i := range all {
			b := all[i][k]
			if !b.known {
				continue
			}
			up, down = up+max(b.mean, 0), down+min(b.mean, 0)
			if !c.Stacked {
				see(b.least)
				see(b.most)
				if b.banded {
					see(b.low)
					see(b.high)
				}
			}
		}
		if c.Stacked {
			see(up)
			see(down)
		}
	}
	for _, l := range c.Levels {
		see(l.Value)
	}
	if c.Fixed && c.High > c.Low {
		low, high = c.Low, c.High
	} else if low > 0 && low < high/2 { // near enough to zero to show it
		low = 0
	}
	if high <= low {
		high = low + 1
	}
	return round(low, high)
}

// round is the axis with round steps that wastes the least, few steps preferred.
func round(low, high float64) axis {
	var best axis
	least := math.Inf(1)
	for parts := 3.0; parts <= 7; parts++ {
		step := nice((high - low) / parts)
		a := axis{math.Floor(low/step+1e-9) * step, math.Ceil(high/step-1e-9) * step, step, decimalsOf(step)}
		if cost := (a.high-a.low)/(high-low) + float64((a.high-a.low)/step)*0.05; cost < least {
			best, least = a, cost
		}
	}
	return best
}

func columnsOf(all [][]bin) int {
	if len(all) == 0 {
		return 0
	}
	return len(all[0])
}

// lines draws each series as its mean, over its band or else its extremes.
func (d *drawnChart) lines(all [][]bin, a axis) {
	for i := range all {
		class := d.class(i)
		if band := bandPath(all[i], a); band != "" {
			d.Paths = append(d.Paths, drawnPath{band, "band " + class})
		}
	}
	for i := range all {
		class := "line " + d.class(i)
		if d.Series[i].Dashed {
			class += " dashed"
		}
		d.Paths = append(d.Paths, drawnPath{linePath(all[i], a), class})
	}
}

// class is a series' hue, and how many before it share it: one hue, several
// lightnesses.
func (d *drawnChart) class(i int) string {
	before := 0
	for j := range i {
		if d.Series[j].Hue == d.Series[i].Hue {
			before++
		}
	}
	return d.Series[i].Hue.name() + [...]string{"", " second", " third"}[min(before, 2)]
}

func linePath(b []bin, a axis) string {
	var s strings.Builder
	pen := false
	for k := range b {
		if !b[k].known {
			pen = false
			continue
		}
		move := "L"
		if !pen {
			move = "M"
		}
		pen = true
		fmt.Fprintf(&s, "%s%.1f %.1f", move, middle(k, len(b)), a.y(clampTo(a, b[k].mean)))
	}
	return s.String()
}

func middle(k, n int) float64 { return (float64(k) + 0.5) / float64(n) * drawWide }

func clampTo(a axis, v float64) float64 { return max(a.low, min(a.high, v)) }

func bandPath(b []bin, a axis) string {
	var s strings.Builder
	for k := 0; k < len(b); {
		end := k
		for end < len(b) && b[end].known {
			end++
		}
		if end > k {
			edge := func(j int, upper bool) float64 {
				low, high := b[j].least, b[j].most
				if b[j].banded {
					low, high = b[j].low, b[j].high
				}
				if upper {
					return a.y(clampTo(a, high))
				}
				return a.y(clampTo(a, low))
			}
			for j := k; j < end; j++ {
				move := "L"
				if j == k {
					move = "M"
				}
				fmt.Fprintf(&s, "%s%.1f %.1f", move, middle(j, len(b)), edge(j, true))
			}
			for j := end - 1; j >= k; j-- {
				fmt.Fprintf(&s, "L%.1f %.1f", middle(j, len(b)), edge(j, false))
			}
			s.WriteString("Z")
		}
		k = max(end, k+1)
	}
	return s.String()
}

// stack draws sources upwards and uses downwards from zero, in steps: a mean
// stands for its whole column.
func (d *drawnChart) stack(all [][]bin, a axis) {
	n := columnsOf(all)
	up, down := make([]float64, n), make([]float64, n)
	for i := range all {
		var s strings.Builder
		for _, side := range [...]struct {
			base []float64
			sign float64
		}{{up, 1}, {down, -1}} {
			for k := 0; k < n; {
				part := func(j int) float64 { return max(all[i][j].mean*side.sign, 0) }
				if !all[i][k].known || part(k) == 0 {
					k++
					continue
				}
				end := k
				var back []string
				for ; end < n && all[i][end].known && part(end) > 0; end++ {
					move := "L"
					if end == k {
						move = "M"
					}
					left, right := float64(end)/float64(n)*drawWide, float64(end+1)/float64(n)*drawWide
					bottom := a.y(side.base[end])
					side.base[end] += side.sign * part(end)
					top := a.y(side.base[end])
					fmt.Fprintf(&s, "%s%.1f %.1fH%.1f", move, left, top, right)
					back = append(back, fmt.Sprintf("L%.1f %.1fH%.1f", right, bottom, left))
				}
				for j := len(back) - 1; j >= 0; j-- {
					s.WriteString(back[j])
				}
				s.WriteString("Z")
				k = end
			}
		}
		d.Paths = append(d.Paths, drawnPath{s.String(), "area " + d.class(i)})
	}
}

// words are the legend, the cursor's data and the table behind the picture.
func (d *drawnChart) words(all [][]bin, zones Zones, from, to int64, decimals int) {
	n := columnsOf(all)
	data := chartData{From: from, To: to, Columns: n, Digits: decimals + 1}
	d.Table.Columns = []Column{{Name: "local time", Text: true}}
	for i := range all {
		s := &d.Series[i]
		values := make([]*float64, n)
		least, most, seen := 0.0, 0.0, false
		for k := range all[i] {
			b := &all[i][k]
			if !b.known {
				continue
			}
			rounded := math.Round(b.mean*1000) / 1000
			values[k] = &rounded
			if !seen {
				least, most, seen = b.least, b.most, true
			}
			least, most = min(least, b.least), max(most, b.most)
		}
		item := legendItem{Name: s.Name, Class: d.class(i), Value: "no samples", Dashed: s.Dashed}
		if seen {
			item.Value = Number(least, decimals) + " to " + Number(most, decimals) + " " + s.Unit
		}
		d.Legend = append(d.Legend, item)
		data.Values = append(data.Values, values)
		d.Table.Columns = append(d.Table.Columns, Column{Name: s.Name, Unit: s.Unit})
	}
	for k := range n {
		data.Times = append(data.Times, zones.when(from+int64(float64(k)/float64(n)*float64(to-from))))
	}
	text, err := json.Marshal(data)
	if err != nil { // numbers here are finite; nothing else can fail
		text = []byte("null")
	}
	d.Data = template.JS(text)
	full := d.table(n, zones, from, to, decimals)
	d.CSV = dataCSV(&full)
	d.Table = d.table(min(n, tableRows), zones, from, to, decimals)
}

// table is the series as means of n spans.
func (d *drawnChart) table(n int, zones Zones, from, to int64, decimals int) Table {
	t := Table{Columns: d.Table.Columns}
	for k := range n {
		row := []string{zones.when(from + int64(float64(k)/float64(max(n, 1))*float64(to-from)))}
		t.Rows = append(t.Rows, row)
	}
	for i := range d.Series {
		for k, b := range bins(d.Series[i].Points, from, to, n) {
			cell := dash
			if b.known {
				cell = Number(b.mean, decimals+1)
			}
			t.Rows[k] = append(t.Rows[k], cell)
		}
	}
	return t
}

// shortly prints a span in its largest unit.
func shortly(ms int64) string {
	switch {
	case ms >= 5_400_000:
		return fmt.Sprintf("%.3g h", float64(ms)/3.6e6)
	case ms >= 90_000:
		return fmt.Sprintf("%.3g min", float64(ms)/6e4)
	}
	return fmt.Sprintf("%.3g s", float64(ms)/1000)
}
