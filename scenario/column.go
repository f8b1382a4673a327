package scenario

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"reprise/bess"
)

// column is one column of real data, read whole before it is known which part of it is wanted.
type column struct {
	name   string
	spec   *csvText
	unit   columnUnit
	stamps []int64 // starts of the periods, rising
	values []float64
}

// readColumn reads every file that a series names.
func (l *loader) readColumn(q quantity, spec *csvText) (*column, error) {
	c := &column{name: q.name, spec: spec}
	at := slices.IndexFunc(q.units, func(u columnUnit) bool { return u.name == spec.Unit })
	if at < 0 {
		var known []string
		for _, u := range q.units {
			known = append(known, u.name)
		}
		return nil, fmt.Errorf("%q is no unit of a column of %s: write %s", spec.Unit, q.name, strings.Join(known, " or "))
	}
	if spec.Period < bess.Minute || spec.Period > 31*bess.Day {
		return nil, fmt.Errorf("a period of %v s: write 1 min to 31 d", spec.Period.Seconds())
	}
	if spec.Stamps == "" {
		return nil, errors.New("it is not said where in its period a stamp stands: write stamps: start or stamps: end")
	}
	c.unit = q.units[at]
	files, err := l.reader.find(spec.File)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		opened, err := l.reader.open(file)
		if err != nil {
			return nil, err
		}
		err = c.read(file, opened)
		if err := errors.Join(err, opened.Close()); err != nil {
			return nil, err
		}
	}
	if len(c.stamps) == 0 {
		return nil, &DataAbsentError{spec.File, "the files have no rows"}
	}
	sort.Stable((*byStamp)(c))
	return c, nil
}

// read appends the rows of one file.
func (c *column) read(name string, text io.Reader) error {
	rows, err := newRowReader(name, text, []string{c.spec.Time, c.spec.Value})
	if err != nil {
		return err
	}
	stamps, err := newStampReader(c.spec.Zone)
	if err != nil {
		return err
	}
	scale := c.unit.scale
	if c.unit.total {
		scale *= float64(bess.Hour) / float64(c.spec.Period)
	}
	for {
		row, line, err := rows.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		t, err := stamps.read(row[0])
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, line, err)
		}
		x, err := c.value(row[1])
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, line, err)
		}
		if len(c.stamps) >= mostRows {
			return fmt.Errorf("%s:%d: more than %d rows: thin the series", name, line, mostRows)
		}
		from := t.UnixMilli()
		if c.spec.Stamps == "end" {
			from -= int64(c.spec.Period)
		}
		c.stamps = append(c.stamps, from)
		c.values = append(c.values, x*scale)
	}
}

// value reads one cell; an empty one, and a 0 that means missing, is NaN.
func (c *column) value(s string) (float64, error) {
	switch strings.ToLower(s) {
	case "", "na", "nan", "null", "none":
		return math.NaN(), nil
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(x, 0) {
		return 0, fmt.Errorf("%q is not a number: correct the row or leave the cell empty", s)
	}
	if x == 0 && c.spec.Zero == "missing" {
		return math.NaN(), nil
	}
	return x, nil
}

// byStamp sorts a column.
type byStamp column

func (b *byStamp) Len() int           { return len(b.stamps) }
func (b *byStamp) Less(i, j int) bool { return b.stamps[i] < b.stamps[j] }
func (b *byStamp) Swap(i, j int) {
	b.stamps[i], b.stamps[j] = b.stamps[j], b.stamps[i]
	b.values[i], b.values[j] = b.values[j], b.values[i]
}

// covers tells whether the column has rows from the first to the last period of a span, and values in nearly all.
func (c *column) covers(from, to int64) bool {
	step := int64(c.spec.Period)
	first, _ := slices.BinarySearch(c.stamps, from)
	last, _ := slices.BinarySearch(c.stamps, to)
	known := 0
	for i := first; i < last; i++ {
		if c.values[i] == c.values[i] {
			known++
		}
	}
	return int64(known)*step*20 >= (to-from)*19
}

// cut makes the curve of a span, a day before and two days after it where the data has them. It fills gaps as the
// series says, and notes every one.
func (l *loader) cut(c *column, from, to int64, scale float64) (Curve, error) {
	const day = int64(bess.Day)
	step := int64(c.spec.Period)
	first, _ := slices.BinarySearch(c.stamps, from-day)
	if first == len(c.stamps) {
		return Curve{}, &DataAbsentError{c.spec.File, fmt.Sprintf("its rows end at %s", l.clock.text(c.stamps[len(c.stamps)-1]))}
	}
	curve := Curve{name: c.name, from: c.stamps[first], step: step}
	end := min(to+2*day, c.stamps[len(c.stamps)-1]+step)
	if end <= from {
		return Curve{}, &DataAbsentError{c.spec.File, fmt.Sprintf("its rows end at %s", l.clock.text(end))}
	}
	if curve.from >= to {
		return Curve{}, &DataAbsentError{c.spec.File, fmt.Sprintf("its rows begin at %s", l.clock.text(curve.from))}
	}
	curve.values = make([]float64, (end-curve.from)/step)
	for i := range curve.values {
		curve.values[i] = math.NaN()
	}
	twice := 0
	for i := first; i < len(c.stamps) && c.stamps[i] < end; i++ {
		at := (c.stamps[i] - curve.from) / step
		if at < int64(len(curve.values)) {
			if i > first && c.stamps[i] == c.stamps[i-1] {
				twice++
			}
			curve.values[at] = c.values[i] * scale
		}
	}
	if twice > 0 {
		l.note("%s: %d stamps come twice, the later row is used", c.name, twice)
	}
	return curve, l.fill(c, &curve, from, to)
}

// fill treats the gaps of a curve as its series says.
func (l *loader) fill(c *column, curve *Curve, from, to int64) error {
	missing, all := curve.gaps(from, to)
	if missing == 0 {
		return nil
	}
	hours := float64(missing) * hoursOf(c.spec.Period)
	what := fmt.Sprintf("%s: %.1f h of %.1f h are missing in %s", c.name, hours, float64(all)*hoursOf(c.spec.Period), c.spec.File)
	switch c.spec.Gaps {
	case "refuse":
		return &DataAbsentError{c.spec.File, what}
	case "hold":
		held := hold(curve.values, int(int64(c.spec.Hold)/curve.step))
		left, _ := curve.gaps(from, to)
		l.note("%s; %d steps hold the last value for at most %.1f h, %d stay unknown", what, held, hoursOf(c.spec.Hold), left)
	default:
		l.note("%s; they stay unknown", what)
	}
	return nil
}

// hold fills up to most unknown values behind each known one, and counts them.
func hold(values []float64, most int) int {
	filled, since := 0, most
	for i, x := range values {
		switch {
		case x == x:
			since = 0
		case i > 0 && since < most:
			values[i] = values[i-1]
			since++
			filled++
		}
	}
	return filled
}

func hoursOf(s bess.Span) float64 { return float64(s) / float64(bess.Hour) }
