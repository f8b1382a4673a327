package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"reprise/bess"
	"reprise/bess/si"
)

// oneOf stores text when it is one of the words.
func oneOf(into *string, text string, words ...string) error {
	if !slices.Contains(words, text) {
		return fmt.Errorf("%q is not known here: write %s", text, strings.Join(words, " or "))
	}
	*into = text
	return nil
}

// quantity is what a series is made of: how its text is read, and which units its columns may have.
type quantity struct {
	name  string
	parse func(string) (float64, error)
	units []columnUnit
}

// columnUnit converts a column to SI.
type columnUnit struct {
	name  string
	scale float64
	total bool // an amount per period, to be divided by its hours
}

func reader[T si.Number](parse func(string) (T, error), suffix string) func(string) (float64, error) {
	return func(s string) (float64, error) {
		head, ok := strings.CutSuffix(strings.TrimSpace(s), suffix)
		if !ok {
			return 0, fmt.Errorf("%q has no %q behind its unit", s, suffix)
		}
		x, err := parse(head)
		return float64(x), err
	}
}

func loadQuantity() quantity {
	return quantity{"load", reader(si.ParseWatts, ""), []columnUnit{{"W", 1, false}, {"kW", 1e3, false}, {"kWh", 1e3, true}, {"Wh", 1, true}}}
}

func irradianceQuantity() quantity {
	return quantity{"irradiance", reader(si.ParseWatts, "/m2"), []columnUnit{{"W/m2", 1, false}}}
}

func ambientQuantity() quantity {
	return quantity{"ambient", reader(si.ParseCelsius, ""), []columnUnit{{"C", 1, false}}}
}

func priceQuantity() quantity {
	return quantity{"price", reader(si.ParsePounds, ""), []columnUnit{{"GBP/kWh", 1, false}, {"p/kWh", 0.01, false}}}
}

func carbonQuantity() quantity {
	return quantity{"carbon", reader(si.ParseGramsPerKWh, ""), []columnUnit{{"g/kWh", 1, false}, {"kg/kWh", 1e3, false}}}
}

// timeOfDay reads "17:30" or "17:30:15" as a span since midnight; "24:00" is the end of the day.
func timeOfDay(s string) (bess.Span, error) {
	parts := strings.Split(s, ":")
	limits := []int{24, 59, 59}
	total := bess.Span(0)
	if len(parts) < 2 || len(parts) > 3 {
		return 0, fmt.Errorf("%q is not a time of day: write it like 17:30", s)
	}
	for i, part := range parts {
		n := 0
		for _, r := range part {
			if r < '0' || r > '9' {
				return 0, fmt.Errorf("%q is not a time of day: write it like 17:30", s)
			}
			n = n*10 + int(r-'0')
		}
		if len(part) != 2 || n > limits[i] {
			return 0, fmt.Errorf("%q is not a time of day: write it like 17:30", s)
		}
		total = total*60 + bess.Span(n)
	}
	if len(parts) == 2 {
		total *= 60
	}
	if total > 86400 {
		return 0, fmt.Errorf("%q is beyond the day: write it like 17:30", s)
	}
	return total * bess.Second, nil
}

// wallClock is the calendar of the scenario: days counted from one, in its zone.
type wallClock struct {
	start time.Time
}

// at is the moment of a time of day on a day, as people of that zone read it: a day of a clock change has 23 or 25 h.
func (w wallClock) at(day int, of bess.Span) int64 {
	y, m, d := w.start.Date()
	seconds := int(of / bess.Second)
	return time.Date(y, m, d+day-1, seconds/3600, seconds/60%60, seconds%60, 0, w.start.Location()).UnixMilli()
}

// dayOf is the day on which a moment lies.
func (w wallClock) dayOf(unixMilli int64) int {
	t := time.UnixMilli(unixMilli).In(w.start.Location())
	y, m, d := t.Date()
	sy, sm, sd := w.start.Date()
	days := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(time.Date(sy, sm, sd, 0, 0, 0, 0, time.UTC))
	return int(days.Hours()/24) + 1
}

// timeOf is the time of day of a moment.
func (w wallClock) timeOf(unixMilli int64) bess.Span {
	t := time.UnixMilli(unixMilli).In(w.start.Location())
	return bess.Span(t.Hour()*3600+t.Minute()*60+t.Second())*bess.Second + bess.Span(t.Nanosecond()/1e6)
}

// text is a moment for notes.
func (w wallClock) text(unixMilli int64) string {
	return time.UnixMilli(unixMilli).In(w.start.Location()).Format("2006-01-02 15:04")
}

// timeIn is the start of a scenario in its zone.
func timeIn(s *Scenario) time.Time {
	zone := s.Zone
	if zone == nil {
		zone = time.UTC
	}
	return time.UnixMilli(s.Start).In(zone)
}
