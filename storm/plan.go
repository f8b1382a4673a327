package storm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"reprise/bess"
	"reprise/scenario"
)

// Plan is a storm before it is text.
type Plan struct {
	Seed    uint64
	For     bess.Span
	Begin   bess.Span  // after midnight
	Date    string     // of its day
	Ambient [2]float64 // degC, low and high
	Sun     float64    // W/m2 at noon
	Machine Machine
	Lines   []Line
}

// Line is one line of the story.
type Line struct {
	At    bess.Span        // since the start, whole seconds
	Part  bess.SubjectKind // what its number counts; OfUnit: it has none
	Index int              // from 0
	Text  string           // with %d where the number stands
	Group int              // lines of one group go together: a fault and its end
	Chaos string           // of the line with which it begins; else empty
}

// String is the statement without its time.
func (l Line) String() string {
	if l.Part == bess.OfUnit {
		return l.Text
	}
	return strings.ReplaceAll(l.Text, "%d", strconv.Itoa(l.Index+1))
}

// Draw is the plan of a seed.
func Draw(seed uint64) *Plan {
	c := newChance(seed, 1)
	p := &Plan{Seed: seed, For: 2 * bess.Hour}
	if c.odds(0.05) {
		p.For = 12 * bess.Hour
	}
	p.Begin = c.span(0, bess.Day-p.For-bess.Minute)
	p.Begin -= p.Begin % bess.Minute
	low := 0.0
	switch {
	case c.odds(0.25):
		p.Date, low = "2021-01-18", c.between(-18, 4, 1)
	case c.odds(0.2):
		p.Date, low = "2021-07-19", c.between(18, 28, 1)
	default:
		p.Date, low = "2021-06-14", c.between(4, 16, 1)
	}
	p.Ambient = [2]float64{low, low + c.between(2, 12, 1)}
	p.Sun = c.between(0, 950, 10)
	p.Machine = drawMachine(newChance(seed, 2), low+2)
	p.drawStory(newChance(seed, 3))
	return p
}

// Text is the plan as a scenario. Notes stand before it as comments.
func (p *Plan) Text(notes ...string) []byte {
	var b strings.Builder
	for _, n := range notes {
		for line := range strings.SplitSeq(n, "\n") {
			b.WriteString(strings.TrimRight("# "+line, " ") + "\n")
		}
	}
	fmt.Fprintf(&b, "name: storm-%d\nstart: %s %s Europe/London\nfor: %d min\nseed: %d\nunit:\n%s", p.Seed, p.Date, clock(p.Begin), p.For/bess.Minute, p.Seed, p.Machine.text("  "))
	b.WriteString("packs:\n")
	for _, k := range p.Machine.Packs {
		fmt.Fprintf(&b, "  - {soc: %s %%, temperature: %s C}\n", number(k.SoC), number(k.Temperature))
	}
	p.series(&b)
	b.WriteString("story: |\n")
	day, date := -1, 0
	for _, l := range p.Lines {
		at := p.Begin + l.At
		if date = int(at / bess.Day); date != day && date > 0 {
			fmt.Fprintf(&b, "  day %d %s  %s\n", date+1, seconds(at%bess.Day), l)
		} else {
			fmt.Fprintf(&b, "  %s  %s\n", seconds(at), l)
		}
		day = date
	}
	if len(p.Lines) == 0 {
		fmt.Fprintf(&b, "  %s  expect service starting\n", seconds(p.Begin))
	}
	return []byte(b.String())
}

func (p *Plan) series(b *strings.Builder) {
	b.WriteString("series:\n")
	if len(p.Machine.Circuits) > 0 {
		b.WriteString("  loads:\n")
	}
	for i, k := range p.Machine.Circuits {
		step := p.For / bess.Span(len(k.Load))
		points := make([]string, 0, len(k.Load))
		for t, kW := range k.Load {
			at := p.Begin + bess.Span(t)*step
			points = append(points, clock(at-at%bess.Minute)+" "+number(kW)+" kW")
		}
		fmt.Fprintf(b, "    - {circuit: %d, points: \"%s\"}\n", i+1, strings.Join(points, ", "))
	}
	fmt.Fprintf(b, "  ambient: {day: {low: %s C, high: %s C, warmest: \"15:00\"}}\n", number(p.Ambient[0]), number(p.Ambient[1]))
	if p.Sun > 0 {
		fmt.Fprintf(b, "  irradiance: {sun: {peak: %s W/m2, rise: \"05:00\", set: \"21:00\", cloud: 30 %%}}\n", number(p.Sun))
	}
	b.WriteString("  carbon: {constant: 200 g/kWh}\n")
}

// Scenario reads the plan's text, as "reprise study" would.
func (p *Plan) Scenario() (*scenario.Scenario, error) {
	r := scenario.Reader{}
	sc, err := r.Parse(fmt.Sprintf("storm-%d.yaml", p.Seed), p.Text())
	if err != nil {
		return nil, fmt.Errorf("storm %d: %w", p.Seed, err)
	}
	return sc, nil
}

// sort puts the lines in order of time; equal times keep theirs.
func (p *Plan) sort() {
	slices.SortStableFunc(p.Lines, func(a, b Line) int { return int(min(max(a.At-b.At, -1), 1)) })
}

func clock(t bess.Span) string {
	m := t % bess.Day / bess.Minute
	return fmt.Sprintf("%02d:%02d", m/60, m%60)
}

func seconds(t bess.Span) string {
	return fmt.Sprintf("%s:%02d", clock(t), t%bess.Minute/bess.Second)
}
