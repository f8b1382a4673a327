package report

import (
	"bytes"
	"image/color"
	"math"
	"time"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// millimetre in the plot library's unit, points.
const millimetre = vg.Inch / 25.4

// printDots is the resolution of charts on paper, dots an inch.
const printDots = 300

// profileChart draws series as areas under lines, PNG of so many mm.
func profileChart(series []Series, zones Zones, from, to int64, width, height float64) ([]byte, error) {
	p, err := newPlot()
	if err != nil {
		return nil, err
	}
	p.X.Min, p.X.Max = float64(from), float64(to)
	p.X.Tick.Marker = hourTicks{zones}
	p.Y.Min = 0
	p.Add(horizontalRules())
	n := columns(series, from, to, 600)
	most := 0.0
	for i := range series {
		b := bins(series[i].Points, from, to, n)
		for _, run := range runs(b, from, to) {
			if err := addArea(p, &series[i], run); err != nil {
				return nil, err
			}
		}
		for k := range b {
			most = max(most, b[k].mean)
		}
	}
	p.Y.Max = nice(most * 1.08)
	p.Y.Tick.Marker = plot.TickerFunc(func(low, high float64) []plot.Tick { return valueTicks(high) })
	canvas := vgimg.NewWith(vgimg.UseWH(vg.Length(width)*millimetre, vg.Length(height)*millimetre), vgimg.UseDPI(printDots), vgimg.UseBackgroundColor(color.White))
	area := draw.New(canvas)
	drawLegend(area, p, series)
	p.Draw(draw.Crop(area, 0, 0, 0, -16))
	var out bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// newPlot is an empty plot in the report's own type, without the library's shared
// font cache.
func newPlot() (*plot.Plot, error) {
	face, err := opentype.Parse(liberationsansregular.TTF)
	if err != nil {
		return nil, err
	}
	sans := font.Font{Typeface: "Report", Variant: "Sans"}
	handler := text.Plain{Fonts: font.NewCache(font.Collection{{Font: sans, Face: face}})}
	p := plot.New()
	p.TextHandler = handler
	p.BackgroundColor = color.White
	quiet := color.RGBA{0x56, 0x5e, 0x65, 0xff}
	p.Title.TextStyle.Handler, p.Legend.TextStyle.Handler = handler, handler
	p.Title.TextStyle.Font, p.Legend.TextStyle.Font = sans, sans
	for _, a := range [...]*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font, a.Label.TextStyle.Handler = sans, handler
		a.Tick.Label.Font, a.Tick.Label.Handler = sans, handler
		a.Tick.Label.Font.Size = 7
		a.Tick.Label.Color = quiet
		a.Color = color.RGBA{0xc4, 0xc8, 0xc3, 0xff}
		a.Tick.Color = a.Color
		a.LineStyle.Width, a.Tick.LineStyle.Width = 0.4, 0.4
		a.Padding = 0
	}
	p.Y.LineStyle.Width = 0
	p.Y.Tick.Length = 0
	p.X.Tick.Length = 3
	return p, nil
}

func horizontalRules() *plotter.Grid {
	g := plotter.NewGrid()
	g.Vertical.Width = 0
	g.Horizontal = draw.LineStyle{Color: color.RGBA{0xe4, 0xe6, 0xe2, 0xff}, Width: 0.4}
	return g
}

// runs are the unbroken stretches of bins, as points at the middle of each.
func runs(b []bin, from, to int64) (all []plotter.XYs) {
	width := float64(to-from) / float64(max(len(b), 1))
	var run plotter.XYs
	for k := range b {
		if b[k].known {
			run = append(run, plotter.XY{X: float64(from) + (float64(k)+0.5)*width, Y: b[k].mean})
			continue
		}
		if len(run) > 0 {
			all, run = append(all, run), nil
		}
	}
	if len(run) > 0 {
		all = append(all, run)
	}
	return all
}

func addArea(p *plot.Plot, s *Series, run plotter.XYs) error {
	r, g, b := s.Hue.ink()
	l, err := plotter.NewLine(run)
	if err != nil {
		return err
	}
	l.Color, l.Width = color.RGBA{r, g, b, 0xff}, 0.9
	if s.Dashed {
		l.Dashes = []vg.Length{3, 2}
	} else {
		l.FillColor = wash(r, g, b)
	}
	p.Add(l)
	return nil
}

// wash is a pale tone of an ink, translucent so that areas show through (the
// alpha of color.RGBA is premultiplied).
func wash(r, g, b uint8) color.RGBA {
	const a = 48
	return color.RGBA{uint8(int(r) * a / 255), uint8(int(g) * a / 255), uint8(int(b) * a / 255), a}
}

func drawLegend(area draw.Canvas, p *plot.Plot, series []Series) {
	style := p.X.Tick.Label
	style.Font.Size = 7.5
	style.XAlign, style.YAlign = draw.XLeft, draw.YTop
	style.Color = color.RGBA{0x15, 0x19, 0x1c, 0xff}
	x, y := area.Min.X+14, area.Max.Y-2
	for i := range series {
		r, g, b := series[i].Hue.ink()
		area.StrokeLine2(draw.LineStyle{Color: color.RGBA{r, g, b, 0xff}, Width: 2.2}, x, y-4, x+11, y-4)
		area.FillText(style, vg.Point{X: x + 15, Y: y}, series[i].Name)
		x += 15 + style.Width(series[i].Name) + 16
	}
}

// hourTicks marks local hours, and days where a day begins.
type hourTicks struct{ zones Zones }

// Ticks implements plot.Ticker; instants are ms since 1970.
func (h hourTicks) Ticks(from, to float64) []plot.Tick {
	var ticks []plot.Tick
	for _, m := range marks(h.zones, int64(from), int64(to), 14) {
		ticks = append(ticks, plot.Tick{Value: float64(m.at), Label: m.label})
	}
	return ticks
}

// mark is a place on a time axis; a day's begin is marked as major.
type mark struct {
	at    int64
	label string
	major bool
}

// marks are at most about so many round local times between two instants.
func marks(zones Zones, from, to int64, most int) []mark {
	steps := [...]int64{1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440, 2880, 7 * 1440, 14 * 1440, 28 * 1440} // min
	step := steps[len(steps)-1]
	for _, s := range steps {
		if (to-from)/(s*60_000) <= int64(most) {
			step = s
			break
		}
	}
	var all []mark
	for at := from - from%60_000; at <= to; at += 60_000 * min(step, 60) {
		at = roundUp(zones, at, min(step, 60))
		t := zones.local(at)
		minute := int64(t.Hour()*60 + t.Minute())
		_, offset := t.Zone()
		day := (at + int64(offset)*1000) / 86_400_000
		if at < from || at > to || step < 1440 && minute%step != 0 || step >= 1440 && (minute != 0 || day%(step/1440) != 0) {
			continue
		}
		m := mark{at: at, label: t.Format("15:04"), major: minute == 0}
		if m.major {
			m.label = dayLabel(t)
		}
		all = append(all, m)
	}
	return all
}

func dayLabel(t time.Time) string { return t.Format("Mon 2 Jan") }

// roundUp is the next instant whose local minute of the hour is a multiple of
// step (a divisor of 60).
func roundUp(zones Zones, at, step int64) int64 {
	t := zones.local(at)
	past := (int64(t.Minute())%step)*60_000 + int64(t.Second())*1000 + at%1000
	if past == 0 {
		return at
	}
	return at + step*60_000 - past
}

// nice is a round number not below x, for the end of an axis.
func nice(x float64) float64 {
	if !(x > 0) || !finite(x) {
		return 1
	}
	unit := 1.0
	for unit*10 <= x {
		unit *= 10
	}
	for unit > x {
		unit /= 10
	}
	for _, k := range [...]float64{1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10} {
		if unit*k >= x {
			return unit * k
		}
	}
	return unit * 10
}

// valueTicks are four or so round values from 0 to high.
func valueTicks(high float64) []plot.Tick {
	step := nice(high / 4)
	decimals := decimalsOf(step)
	var ticks []plot.Tick
	for k := 0; float64(k)*step <= high*1.0001; k++ {
		ticks = append(ticks, plot.Tick{Value: float64(k) * step, Label: Number(float64(k)*step, decimals)})
	}
	return ticks
}

// decimalsOf is how many decimals print a round step exactly.
func decimalsOf(step float64) int {
	for d := range 6 {
		if math.Abs(step-math.Round(step)) < 1e-9*math.Abs(step) {
			return d
		}
		step *= 10
	}
	return 6
}
