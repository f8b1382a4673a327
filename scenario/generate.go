package scenario

import (
	"fmt"
	"slices"
	"strings"

	"reprise/bess"
	"reprise/bess/si"
)

// generated makes a curve of one of the forms that need no data.
func (l *loader) generated(q quantity, text *curveText) (Curve, error) {
	scale := text.Scale
	switch {
	case text.Constant != "":
		x, err := q.parse(text.Constant)
		return l.sample(q, func(int64) float64 { return x * scale }), err
	case text.Points != "":
		return l.points(q, text.Points, scale)
	case text.Day != nil:
		return l.swing(q, text.Day, scale)
	case text.Sun != nil:
		return l.sun(q, text.Sun, scale)
	}
	return Curve{}, fmt.Errorf("the series has no form: write constant, points, day, sun or csv")
}

func (l *loader) sample(q quantity, f func(unixMilli int64) float64) Curve {
	return sampled(q.name, l.clock.start.UnixMilli(), l.end(), f)
}

// points is a daily course: straight lines between times of day, around midnight.
func (l *loader) points(q quantity, text string, scale float64) (Curve, error) {
	type point struct {
		at bess.Span
		x  float64
	}
	var points []point
	for _, part := range strings.Split(text, ",") {
		when, what, _ := strings.Cut(strings.TrimSpace(part), " ")
		at, err := timeOfDay(when)
		if err != nil {
			return Curve{}, err
		}
		x, err := q.parse(what)
		if err != nil {
			return Curve{}, err
		}
		if len(points) > 0 && at <= points[len(points)-1].at {
			return Curve{}, fmt.Errorf("the time %s does not rise: sort the points by their time", when)
		}
		points = append(points, point{at, x * scale})
	}
	last := points[len(points)-1]
	circle := append(slices.Clone(points), point{points[0].at + bess.Day, points[0].x})
	return l.sample(q, func(t int64) float64 {
		now := l.clock.timeOf(t)
		before := point{last.at - bess.Day, last.x}
		for _, p := range circle {
			if now < p.at {
				share := float64(now-before.at) / float64(p.at-before.at)
				return before.x + float64((p.x-before.x)*share)
			}
			before = p
		}
		return before.x
	}), nil
}

// swing rises from a low to a high and falls back once a day, smoothly.
func (l *loader) swing(q quantity, text *dayText, scale float64) (Curve, error) {
	low, err := q.parse(text.Low)
	if err != nil {
		return Curve{}, err
	}
	high, err := q.parse(text.High)
	if err != nil {
		return Curve{}, err
	}
	warmest, err := timeOfDay(text.Warmest)
	if err != nil {
		return Curve{}, err
	}
	return l.sample(q, func(t int64) float64 {
		away := si.Abs(si.Ratio(l.clock.timeOf(t)-warmest) / si.Ratio(bess.Day)) // days from the high, 0..1
		x := 2 * float64(min(away, 1-away))
		fall := float64(x*x) * (3 - float64(2*x)) // 0 at the high, 1 half a day later, level at both
		return float64(scale*high) - float64(float64(scale*(high-low))*fall)
	}), nil
}

// sun is a parabola between sunrise and sunset, under clouds that change every twenty minutes. The clouds come from the
// seed and hit the stated mean only over many days.
func (l *loader) sun(q quantity, text *sunText, scale float64) (Curve, error) {
	peak, err := q.parse(text.Peak)
	if err != nil {
		return Curve{}, err
	}
	rise, err := timeOfDay(text.Rise)
	if err != nil {
		return Curve{}, err
	}
	set, err := timeOfDay(text.Set)
	if err != nil {
		return Curve{}, err
	}
	if rise >= set {
		return Curve{}, fmt.Errorf("the sun sets at %s before it rises at %s: correct the two", text.Set, text.Rise)
	}
	const spell = 20 * 60_000
	cover := func(spell int64) float64 {
		u := unit(l.doc.Seed, uint64(spell))
		return min(1, float64(2*float64(text.Cloud)*u))
	}
	return l.sample(q, func(t int64) float64 {
		now := l.clock.timeOf(t)
		if now <= rise || now >= set {
			return 0
		}
		x := float64(now-rise) / float64(set-rise)
		bright := float64(4*x) * (1 - x)
		here, next := cover(t/spell), cover(t/spell+1)
		share := float64(t%spell) / spell
		shade := here + float64((next-here)*share)
		return float64(peak*scale) * float64(bright*(1-shade))
	}), nil
}

// unit is a number in 0..1 drawn from a seed and a counter (splitmix64).
func unit(seed, counter uint64) float64 {
	z := seed*0x9E3779B97F4A7C15 + counter*0xBF58476D1CE4E5B9 + 0x94D049BB133111EB
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return float64((z^z>>31)>>11) / (1 << 53)
}

// curveOf reads a charge curve such as "0 % 50 kW, 80 % 30 kW".
func curveOf(text string) ([]CurvePoint, error) {
	var curve []CurvePoint
	for _, part := range strings.Split(text, ",") {
		soc, power, ok := strings.Cut(part, "%")
		if !ok {
			return nil, fmt.Errorf("%q is not a point of a charge curve: write it like \"80 %% 30 kW\"", strings.TrimSpace(part))
		}
		r, err := si.ParseRatio(soc + "%")
		if err != nil {
			return nil, err
		}
		p, err := si.ParseWatts(power)
		if err != nil {
			return nil, err
		}
		if r < 0 || r > 1 || p < 0 || len(curve) > 0 && r <= curve[len(curve)-1].SoC {
			return nil, fmt.Errorf("the state of charge %v does not rise within 0 %%..100 %%: sort the points", r)
		}
		curve = append(curve, CurvePoint{r, p})
	}
	return curve, nil
}
