package scenario

import (
	"fmt"
	"time"

	"reprise/bess"
)

// place is one series of the scenario: what it is, where it is written, where it goes.
type place struct {
	path string
	q    quantity
	text *curveText
	into *Curve
}

// places lists the series in a fixed order. Loads must have been made first.
func (l *loader) places() []place {
	s, t := &l.out.Series, &l.doc.Series
	if len(s.Loads) != len(t.Loads) {
		s.Loads = make([]Demand, len(t.Loads))
	}
	var list []place
	for i := range t.Loads {
		list = append(list, place{fmt.Sprintf("series.loads[%d]", i+1), loadQuantity(), &t.Loads[i], &s.Loads[i].Draw})
	}
	for _, p := range []place{
		{"series.irradiance", irradianceQuantity(), t.Irradiance, &s.Irradiance},
		{"series.ambient", ambientQuantity(), t.Ambient, &s.Ambient},
		{"series.price", priceQuantity(), t.Price, &s.Price},
		{"series.carbon", carbonQuantity(), t.Carbon, &s.Carbon},
	} {
		if p.text != nil {
			list = append(list, p)
		}
	}
	return list
}

// readColumns reads the real data, before it is known which part of it is wanted.
func (l *loader) readColumns() {
	for _, p := range l.places() {
		forms := 0
		for _, there := range []bool{p.text.Constant != "", p.text.Points != "", p.text.Day != nil, p.text.Sun != nil, p.text.CSV != nil} {
			if there {
				forms++
			}
		}
		if forms != 1 {
			l.fault(p.path, fmt.Errorf("the series has %d forms: write exactly one of constant, points, day, sun or csv", forms))
			continue
		}
		if p.text.CSV == nil {
			continue
		}
		c, err := l.readColumn(p.q, p.text.CSV)
		if err != nil {
			l.fault(p.path+".csv", err)
			continue
		}
		l.columns[p.text] = c
	}
}

// series makes every curve.
func (l *loader) series() {
	for i := range l.doc.Series.Loads {
		path := fmt.Sprintf("series.loads[%d].circuit", i+1)
		node := l.doc.Series.Loads[i].Circuit
		if node == nil {
			l.fault(path, fmt.Errorf("no circuit is named: say on which circuit the load hangs"))
			continue
		}
		circuit, err := part("circuit", node.Text, circuitNames(l.out.Unit))
		if err != nil {
			l.fault(path, err)
			continue
		}
		for k := range i {
			if l.out.Series.Loads[k].Circuit == circuit {
				l.fault(path, fmt.Errorf("circuit %d already has a load: add the two up", circuit+1))
			}
		}
		l.out.Series.Loads[i].Circuit = circuit
	}
	for _, p := range l.places() {
		var err error
		if c := l.columns[p.text]; c != nil {
			*p.into, err = l.cut(c, l.clock.start.UnixMilli(), l.end(), p.text.Scale)
		} else if p.text.CSV == nil {
			*p.into, err = l.generated(p.q, p.text)
		}
		if err != nil {
			l.fault(p.path, err)
		}
	}
}

// summerWeek takes a stretch that begins on a Monday from May to August and that all real series cover: of the first
// year that has one, the seed choosing among its weeks.
func (l *loader) summerWeek(zone string) {
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "" || zone == "Local" {
		l.fault("start", fmt.Errorf("%q is not a time zone: write summer-week Europe/London", zone))
		return
	}
	if len(l.columns) == 0 {
		if len(l.absent) == 0 {
			l.fault("start", fmt.Errorf("no series comes from a file: write the moment at which the scenario begins"))
		}
		return
	}
	var columns []*column
	first, last := 9999, 0
	for _, p := range l.places() {
		if c := l.columns[p.text]; c != nil {
			columns = append(columns, c)
			first = min(first, time.UnixMilli(c.stamps[0]).UTC().Year())
			last = max(last, time.UnixMilli(c.stamps[len(c.stamps)-1]).UTC().Year())
		}
	}
	for year := first; year <= last; year++ {
		if weeks := l.weeksOf(year, location, columns); len(weeks) > 0 {
			l.clock.start = weeks[int((uint64(len(weeks)/2)+l.doc.Seed)%uint64(len(weeks)))]
			l.note("start: %s, one of %d summer weeks of %d that all series share", l.clock.start.Format("2006-01-02"), len(weeks), year)
			return
		}
	}
	files := ""
	for _, c := range columns {
		files += " " + c.spec.File
	}
	l.absent = append(l.absent, &DataAbsentError{files[1:], "no summer week is covered by all of them"})
}

// weeksOf lists the Mondays of one summer from which every column covers the scenario.
func (l *loader) weeksOf(year int, zone *time.Location, columns []*column) []time.Time {
	var weeks []time.Time
	for day := time.Date(year, time.May, 1, 0, 0, 0, 0, zone); day.Month() <= time.August; day = day.AddDate(0, 0, 1) {
		if day.Weekday() != time.Monday {
			continue
		}
		from, to := day.UnixMilli(), day.UnixMilli()+int64(l.doc.For)
		if end := time.UnixMilli(to - int64(bess.Second)).In(zone); end.Month() > time.August || end.Year() != year {
			continue
		}
		covered := true
		for _, c := range columns {
			covered = covered && c.covers(from, to)
		}
		if covered {
			weeks = append(weeks, day)
		}
	}
	return weeks
}
