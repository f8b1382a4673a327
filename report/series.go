package report

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"
)

// Zone is the local time in force from an instant on.
type Zone struct {
	From   int64  // ms since 1970
	Offset int32  // s east of UTC
	Name   string // such as "BST"; empty: the offset stands for it
}

// Zones are the zones of a span, oldest first. Empty means UTC.
type Zones []Zone

// local is an instant on the site's clock.
func (z Zones) local(ms int64) time.Time {
	in := Zone{Name: "UTC"}
	for i := range z {
		if i == 0 || z[i].From <= ms {
			in = z[i]
		}
	}
	if in.Name == "" {
		in.Name = fmt.Sprintf("UTC%+03d:%02d", in.Offset/3600, max(in.Offset, -in.Offset)/60%60)
	}
	return time.UnixMilli(ms).In(time.FixedZone(in.Name, int(in.Offset)))
}

func (z Zones) clock(ms int64) string { return z.local(ms).Format("15:04") }
func (z Zones) full(ms int64) string  { return z.local(ms).Format("Mon 2 Jan 2006 15:04 MST") }
func (z Zones) when(ms int64) string  { return z.local(ms).Format("Mon 2 Jan 15:04") }

// Hue is what a colour means; each is used for nothing else.
type Hue uint8

// Hues by meaning.
const (
	Solar Hue = iota
	Grid
	Generator
	CCS
	Stored
	Vehicle
	Load
	Plain // no flow of energy: prices, temperatures, intensities
	Look  // worth a look
	Stop  // danger
)

// name is the hue in style sheets.
func (h Hue) name() string {
	names := [...]string{"solar", "grid", "generator", "ccs", "stored", "vehicle", "load", "plain", "look", "stop"}
	if int(h) < len(names) {
		return names[h]
	}
	return "plain"
}

// ink is the hue on white paper, the sRGB form of the page's colour.
func (h Hue) ink() (r, g, b uint8) {
	inks := [...]uint32{0xa19e1a, 0x614cbd, 0x6f4c34, 0xab3ba5, 0x0f8774, 0x0079b5, 0x5b646f, 0x15191c, 0xe78d02, 0xc90f1a}
	x := inks[Plain]
	if int(h) < len(inks) {
		x = inks[h]
	}
	return uint8(x >> 16), uint8(x >> 8), uint8(x)
}

// Point is one sample. An unknown sample breaks the line; it is never 0.
type Point struct {
	At        int64 // ms since 1970
	Value     float64
	Low, High float64 // band of an estimate; meaningless unless Band
	Band      bool
	Known     bool
}

// Series is a named run of samples in one unit, oldest first.
type Series struct {
	Name   string
	Unit   string // "kW", "%", "g/kWh"
	Hue    Hue
	Dashed bool // planned, announced or reported by others, beside what was measured
	Points []Point
}

// WriteSeriesCSV writes series as one table: a row per instant at which any of
// them has a sample, with the local time beside UTC; what is unknown is an empty
// field. Lines end in a line feed.
func WriteSeriesCSV(w io.Writer, zones Zones, series []Series) error {
	out := csv.NewWriter(w)
	head := []string{"unix_ms", "utc", "local"}
	for i := range series {
		head = append(head, series[i].Name+" ["+series[i].Unit+"]")
	}
	if err := out.Write(head); err != nil {
		return fmt.Errorf("writing series as CSV: %w", err)
	}
	next := make([]int, len(series))
	row := make([]string, len(head))
	for {
		at, more := earliest(series, next)
		if !more {
			break
		}
		row[0] = strconv.FormatInt(at, 10)
		row[1] = time.UnixMilli(at).UTC().Format("2006-01-02T15:04:05.000Z")
		row[2] = zones.local(at).Format("2006-01-02T15:04:05-07:00")
		for i := range series {
			row[3+i] = ""
			for next[i] < len(series[i].Points) && series[i].Points[next[i]].At <= at {
				p := series[i].Points[next[i]]
				if p.Known && finite(p.Value) {
					row[3+i] = strconv.FormatFloat(p.Value, 'g', 7, 64)
				}
				next[i]++
			}
		}
		if err := out.Write(row); err != nil {
			return fmt.Errorf("writing series as CSV: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("writing series as CSV: %w", err)
	}
	return nil
}

func earliest(series []Series, next []int) (at int64, more bool) {
	for i := range series {
		if next[i] < len(series[i].Points) && (!more || series[i].Points[next[i]].At < at) {
			at, more = series[i].Points[next[i]].At, true
		}
	}
	return at, more
}

// bin is the samples of one column of a chart, put together.
type bin struct {
	mean, least, most float64
	low, high         float64 // mean of the bands
	banded, known     bool
}

// bins puts samples of from..to into n columns of equal width. Columns without
// a sample repeat the one before when the gap is short, and stay unknown otherwise.
func bins(points []Point, from, to int64, n int) []bin {
	b, count, bands := make([]bin, n), make([]int, n), make([]int, n)
	if to <= from {
		return b
	}
	for i := range points {
		p := &points[i]
		if !p.Known || !finite(p.Value) || p.At < from || p.At > to {
			continue
		}
		k := min(int(float64(p.At-from)/float64(to-from)*float64(n)), n-1)
		c := &b[k]
		if count[k] == 0 {
			c.least, c.most, c.known = p.Value, p.Value, true
		}
		c.least, c.most = min(c.least, p.Value), max(c.most, p.Value)
		c.mean += p.Value
		count[k]++
		if p.Band && finite(p.Low) && finite(p.High) {
			c.low += p.Low
			c.high += p.High
			c.banded = true
			bands[k]++
		}
	}
	last := -1
	for k := range b {
		if count[k] > 0 {
			b[k].mean /= float64(count[k])
			b[k].low /= float64(max(bands[k], 1))
			b[k].high /= float64(max(bands[k], 1))
			last = k
		} else if broken(points, from, to, n, k) {
			last = -1
		} else if last >= 0 && k-last <= shortGap {
			b[k] = b[last]
		}
	}
	return b
}

// shortGap is how many columns a sample may stand for.
const shortGap = 2

// broken says whether a column holds a sample that is known to be unknown.
func broken(points []Point, from, to int64, n, k int) bool {
	width := float64(to-from) / float64(n)
	start := from + int64(float64(k)*width)
	i, _ := slices.BinarySearchFunc(points, start, func(p Point, at int64) int { return cmp.Compare(p.At, at) })
	return i < len(points) && points[i].At < start+int64(width) && !points[i].Known
}

// columns is how many columns suit the samples: as many as the coarsest series
// fills, within limits.
func columns(series []Series, from, to int64, most int) int {
	n := most
	for i := range series {
		if k := len(series[i].Points); k > 1 {
			p := series[i].Points
			step := float64(p[k-1].At-p[0].At) / float64(k-1)
			if step > 0 {
				n = min(n, int(math.Round(float64(to-from)/step)))
			}
		}
	}
	return max(n, min(most, 24))
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
