package unit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/store"
)

// Past is a set of lines on one axis of wall times, ms, rising; a point stands
// at the end of its step.
type Past struct {
	Now   int64
	Step  int64
	Times []int64
	Lines []Line
}

// Line is one series of the past. NaN is "not known". Low and High are the
// band of an estimate, or nil.
type Line struct {
	Name, Title, Unit string
	Values, Low, High []float64
}

// track is one kept series: where its value comes from, and how the page names
// it. A band of another track is named by its name with "-low" and "-high".
type track struct {
	store.Channel
	title, unit string
	page        bool // shown when nothing is named
	value       func() float64
}

// Channels are the series that a unit keeps, for store.OpenSeries.
func Channels(u *bess.Unit) []store.Channel {
	m := &Machine{unit: u}
	tracks := m.tracks()
	list := make([]store.Channel, len(tracks))
	for i := range tracks {
		list[i] = tracks[i].Channel
	}
	return list
}

// tracks lists every kept series. Powers of the page's lines are positive as
// people speak of them: what supplies feed, what loads draw, what packs give.
func (m *Machine) tracks() []track {
	u := m.unit
	var list []track
	add := func(name, title, unit string, scale float64, page bool, value func() float64) {
		list = append(list, track{store.Channel{Name: name, Scale: scale}, title, unit, page, value})
	}
	whole := func() *bess.UnitEstimate { return &m.state.Estimates.Unit }
	sigma := func() float64 {
		return float64(whole().Sigma) / max(1, float64(whole().FullToday))
	}
	add("soc", "State of charge", "1", 1e-4, true, func() float64 { return m.known(float64(whole().SoC)) })
	add("soc-low", "", "1", 1e-4, false, func() float64 { return m.known(max(0, float64(whole().SoC)-2*sigma())) })
	add("soc-high", "", "1", 1e-4, false, func() float64 { return m.known(min(1, float64(whole().SoC)+2*sigma())) })
	for kind := bess.Grid; kind <= bess.CCS; kind++ {
		for i := range u.Feeders {
			if u.Feeders[i].Kind == kind {
				add(kind.String(), capital(kind.String()), "W", 1, true, func() float64 { return m.supplied(kind) })
				break
			}
		}
	}
	add("packs", "Packs", "W", 1, true, m.given)
	add("vehicles", "Vehicles", "W", 1, true, m.charged)
	add("loads", "General loads", "W", 1, true, m.drawn)
	add("bus", "DC bus", "V", 0.1, true, func() float64 { return shown(m, m.in.Snapshot.Bus.Volts) })
	add("hot", "Hottest cell", "degC", 0.1, true, m.hottest)
	add("own-use", "Cooling and electronics", "W", 1, false, func() float64 { return shown(m, m.in.Snapshot.Bus.OwnUse) })
	for i := range u.Packs {
		name := fmt.Sprintf("pack-%d", i+1)
		add(name, u.Packs[i].Name, "W", 1, false, func() float64 { return m.packGives(i) })
		add(name+"-soc", u.Packs[i].Name+" state of charge", "1", 1e-4, false, func() float64 {
			if e := &m.state.Estimates.Packs[i]; e.Known {
				return float64(e.SoC)
			}
			return math.NaN()
		})
		add(name+"-hot", u.Packs[i].Name+" hottest cell", "degC", 0.1, false, func() float64 { return shown(m, m.in.Snapshot.Packs[i].Hot) })
	}
	for i := range u.Feeders {
		add(fmt.Sprintf("feeder-%d", i+1), u.Feeders[i].Name, "W", 1, false, func() float64 { return shown(m, m.in.Snapshot.Feeders[i].Power) })
	}
	for i := range u.Circuits {
		add(fmt.Sprintf("circuit-%d", i+1), u.Circuits[i].Name, "W", 1, false, func() float64 { return -shown(m, m.in.Snapshot.Circuits[i].Power) })
	}
	for i := range u.Outlets {
		add(fmt.Sprintf("outlet-%d", i+1), u.Outlets[i].Name, "W", 1, false, func() float64 { return -shown(m, m.in.Snapshot.Outlets[i].Power) })
	}
	return list
}

// shown is a reading that is fresh enough, or NaN.
func shown[T si.Number](m *Machine, r bess.Reading[T]) float64 {
	if x, ok := r.Fresh(m.in.Snapshot.Now, slow); ok {
		return float64(x)
	}
	return math.NaN()
}

func (m *Machine) known(x float64) float64 {
	for i := range m.state.Estimates.Packs {
		if m.state.Estimates.Packs[i].Known {
			return x
		}
	}
	return math.NaN()
}

func (m *Machine) supplied(kind bess.FeederKind) float64 {
	sum := 0.0
	for i := range m.unit.Feeders {
		if m.unit.Feeders[i].Kind == kind {
			sum += shown(m, m.in.Snapshot.Feeders[i].Power)
		}
	}
	return sum
}

// packGives is what a pack gives at its own terminals, positive: discharge.
func (m *Machine) packGives(i int) float64 {
	p := &m.in.Snapshot.Packs[i]
	return shown(m, p.Volts) * shown(m, p.Current)
}

func (m *Machine) given() float64 {
	sum, any := 0.0, false
	for i := range m.unit.Packs {
		if x := m.packGives(i); x == x {
			sum, any = sum+x, true
		}
	}
	if !any {
		return math.NaN()
	}
	return sum
}

func (m *Machine) charged() float64 {
	sum := 0.0
	for i := range m.in.Snapshot.Outlets {
		if x := shown(m, m.in.Snapshot.Outlets[i].Power); x == x {
			sum -= x
		}
	}
	return sum
}

func (m *Machine) drawn() float64 {
	sum := 0.0
	for i := range m.in.Snapshot.Circuits {
		if x := shown(m, m.in.Snapshot.Circuits[i].Power); x == x {
			sum -= x
		}
	}
	return sum
}

func (m *Machine) hottest() float64 {
	best := math.NaN()
	for i := range m.in.Snapshot.Packs {
		if x := shown(m, m.in.Snapshot.Packs[i].Hot); x == x && !(x <= best) {
			best = x
		}
	}
	return best
}

// sample is one second of all series on its way to the disk.
type sample struct {
	at     int64
	values []int64
}

// collect hands a second of the series to the disk's goroutine; when that is
// behind, the second is left out.
func (m *Machine) collect() {
	now := m.in.Snapshot.Now
	if m.config.Series == nil || (m.sampled != 0 && now.Since(m.sampled) < bess.Second) {
		return
	}
	m.sampled = now
	if m.lines == nil {
		m.lines = m.tracks()
	}
	s := sample{at: m.in.Snapshot.Civil.UnixMilli, values: make([]int64, len(m.lines))}
	for i := range m.lines {
		s.values[i] = m.lines[i].Whole(m.lines[i].value())
	}
	select {
	case m.samples <- s:
	default:
	}
}

// keepSeries writes the series until the unit ends.
func (m *Machine) keepSeries(ctx context.Context) {
	if m.config.Series == nil {
		return
	}
	failed := false
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-m.samples:
			err := m.config.Series.Append(s.at, s.values)
			if (err != nil) != failed {
				failed = err != nil
				m.log.Warn("keeping series", "failed", failed, "why", err)
			}
		}
	}
}

// History is what is kept of the span of wall time, ms, in at most so many
// points. Without names it gives the lines of the page.
func (m *Machine) History(ctx context.Context, from, to int64, points int, names []string) (*Past, error) {
	if m.config.Series == nil {
		return nil, errors.New("reading the history: this unit keeps no series: start it with a data folder")
	}
	if from >= to || points < 1 {
		return nil, fmt.Errorf("reading the history: the span from %d to %d in %d points is empty", from, to, points)
	}
	past := &Past{Now: to}
	if p := m.Latest(); p != nil {
		past.Now = p.UnixMilli
	}
	var columns []string
	for _, t := range (&Machine{unit: m.unit}).tracks() {
		if (len(names) == 0 && t.page) || contains(names, t.Name) {
			past.Lines = append(past.Lines, Line{Name: t.Name, Title: t.title, Unit: t.unit})
			columns = append(columns, t.Name)
		}
	}
	if contains(columns, "soc") {
		columns = append(columns, "soc-low", "soc-high")
	}
	table, err := m.config.Series.Query(ctx, from, to, columns)
	if err != nil {
		return nil, fmt.Errorf("reading the history: %w", err)
	}
	past.Step = max(1000, (to-from+int64(points)-1)/int64(points))
	times, values := thin(table, from, past.Step)
	past.Times = times
	for i := range past.Lines {
		past.Lines[i].Values = values[i]
		if past.Lines[i].Name == "soc" {
			past.Lines[i].Low, past.Lines[i].High = values[len(columns)-2], values[len(columns)-1]
		}
	}
	return past, nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if strings.EqualFold(x, s) {
			return true
		}
	}
	return false
}

// thin takes means over steps; a step without any point is left out.
func thin(t *store.Table, from, step int64) (times []int64, values [][]float64) {
	values = make([][]float64, len(t.Channels))
	for i := 0; i < len(t.Times); {
		slot := (t.Times[i] - from) / step
		end := i
		for end < len(t.Times) && (t.Times[end]-from)/step == slot {
			end++
		}
		times = append(times, from+(slot+1)*step)
		for c := range t.Channels {
			sum, n := 0.0, 0
			for _, x := range t.Columns[c][i:end] {
				if x != store.Unknown {
					sum += t.Channels[c].Value(x)
					n++
				}
			}
			mean := math.NaN()
			if n > 0 {
				mean = sum / float64(n)
			}
			values[c] = append(values[c], mean)
		}
		i = end
	}
	return times, values
}
