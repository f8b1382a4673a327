package scenario

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/config"
)

// write puts a file into a folder of data.
func write(t *testing.T, folder, name, text string) {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// hours writes one row an hour over the summer of a year.
func hours(year int, head string, value func(t time.Time) string) string {
	var b strings.Builder
	b.WriteString(head + "\n")
	for at := time.Date(year, 5, 1, 0, 0, 0, 0, time.UTC); at.Month() < 9; at = at.Add(time.Hour) {
		fmt.Fprintf(&b, "%s,%s\n", at.Format("2006-01-02 15:04:05"), value(at))
	}
	return b.String()
}

const weekText = `unit: reference
start: summer-week Europe/London
for: 7 d
series:
  loads:
    - {circuit: Stage, csv: {file: "${DATA}/load/*.csv", value: load_kwh, unit: kWh, stamps: end, zero: missing, gaps: GAPS, hold: 2 h}}
  ambient: {csv: {file: "${DATA}/weather/*.csv", value: temp_c, unit: C, stamps: end}}
sessions: {csv: "${DATA}/sessions/*.csv", zone: Europe/London}
`

// With other years than the examples name, a week is found that the series share, and the sessions of yet another year
// come on the same weekdays at the same time of day.
func TestOtherYears(t *testing.T) {
	data := t.TempDir()
	write(t, data, "load/x.csv", hours(2033, "time_utc,load_kwh", func(at time.Time) string {
		if at.Weekday() == time.Monday && at.Hour() >= 5 && at.Hour() <= 8 {
			return "0"
		}
		return "4.5"
	}))
	write(t, data, "weather/a.csv", hours(2032, "time_utc,temp_c", func(time.Time) string { return "9" }))
	write(t, data, "weather/b.csv", hours(2033, "time_utc,temp_c", func(at time.Time) string { return fmt.Sprint(at.Hour()) }))
	var rows strings.Builder
	rows.WriteString("arrival,departure,estimated_departure,requested_kwh,delivered_kwh\n")
	for day := time.Date(2027, 5, 1, 8, 30, 0, 0, time.FixedZone("", -7*3600)); day.Month() < 9; day = day.AddDate(0, 0, 1) {
		if day.Weekday() == time.Tuesday {
			const layout = "2006-01-02 15:04:05-07:00"
			fmt.Fprintf(&rows, "%s,%s,%s,20,12\n", day.Format(layout), day.Add(4*time.Hour).Format(layout), day.Add(5*time.Hour).Format(layout))
			fmt.Fprintf(&rows, "%s,%s,,30,25\n", day.Format(layout), day.Add(time.Hour).Format(layout))
			fmt.Fprintf(&rows, "%s,%s,,30,25\n", day.Format(layout), day.Format(layout))
		}
	}
	write(t, data, "sessions/s.csv", rows.String())

	r := Reader{Data: data}
	s, err := r.Parse("week.yaml", []byte(strings.Replace(weekText, "GAPS", "hold", 1)))
	if err != nil {
		t.Fatal(err)
	}
	begin := time.UnixMilli(s.Start).In(s.Zone)
	if begin.Year() != 2033 || begin.Weekday() != time.Monday || begin.Hour() != 0 {
		t.Errorf("the week begins %v", begin)
	}
	if len(s.Visits) != 2 {
		t.Fatalf("visits: %+v", s.Visits)
	}
	for _, v := range s.Visits {
		if at := time.UnixMilli(v.Arrive).In(s.Zone); at.Weekday() != time.Tuesday || at.Format("15:04") != "08:30" {
			t.Errorf("a visit came %v", at)
		}
		if rapid := s.Unit.Outlets[v.Outlet].Kind == bess.Rapid; rapid != (v.Taken == 25e3) {
			t.Errorf("a visit of 25 kWh in an hour belongs to the rapid outlet, the other to an AC one: %+v", v)
		}
	}
	notes := strings.Join(s.Notes, "\n")
	for _, want := range []string{"moved by", "same weekdays", "load:", "are missing", "end before they begin", "summer weeks of 2033"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes do not say %q:\n%s", want, notes)
		}
	}
	// A stamp at the end of its hour speaks of the hour before; missing hours hold the last value, then stay unknown.
	noon := time.Date(begin.Year(), begin.Month(), begin.Day(), 12, 30, 0, 0, time.UTC).UnixMilli()
	if x, ok := s.Series.Ambient.At(noon); !ok || x != 13 {
		t.Errorf("the row of 13:00 must hold from 12:00 to 13:00: %v, %v", x, ok)
	}
	if x, ok := s.Series.Loads[0].Draw.At(noon); !ok || x != 4500 {
		t.Errorf("the load at noon: %v, %v", x, ok)
	}

	monday := time.Date(begin.Year(), begin.Month(), begin.Day(), 0, 0, 0, 0, time.UTC).UnixMilli()
	for hour, known := range map[int64]bool{3: true, 4: true, 5: true, 6: false, 7: false, 8: true} { // rows of 05:00 to 08:00 are missing
		if _, ok := s.Series.Loads[0].Draw.At(monday + hour*3_600_000 + 1); ok != known {
			t.Errorf("hour %d: known %v, want %v", hour, ok, known)
		}
	}

	_, err = r.Parse("week.yaml", []byte(strings.Replace(weekText, "GAPS", "refuse", 1)))
	if !errors.Is(err, ErrDataAbsent) {
		t.Errorf("gaps were to be refused: %v", err)
	}
	s, err = r.Parse("week.yaml", []byte(strings.Replace(weekText, "GAPS", "keep", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if x, ok := s.Series.Loads[0].Draw.At(monday + 4*3_600_000 + 1); ok {
		t.Errorf("a missing reading became %v", x)
	}
}

// The coverage of a week is that of its worst series: none shared, none invented.
func TestNoSharedWeek(t *testing.T) {
	data := t.TempDir()
	write(t, data, "load/x.csv", hours(2033, "time_utc,load_kwh", func(time.Time) string { return "1" }))
	write(t, data, "weather/x.csv", hours(2032, "time_utc,temp_c", func(time.Time) string { return "9" }))
	write(t, data, "sessions/x.csv", "arrival,departure,requested_kwh\n")
	r := Reader{Data: data}
	_, err := r.Parse("week.yaml", []byte(strings.Replace(weekText, "GAPS", "hold", 1)))
	if !errors.Is(err, ErrDataAbsent) {
		t.Errorf("series of different years were joined: %v", err)
	}
}

func TestBadData(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"no column", "time_utc,load\n2033-06-01 00:00:00,1\n", "no column"},
		{"no number", "time_utc,load_kwh\n2033-06-01 00:00:00,one\n", "x.csv:2"},
		{"no stamp", "time_utc,load_kwh\nyesterday,1\n", "x.csv:2"},
		{"short row", "time_utc,load_kwh\n2033-06-01 00:00:00\n", "x.csv:2"},
		{"quote", "time_utc,load_kwh\n\"2033,1\n", "x.csv:2"},
		{"empty", "", "x.csv:1"},
		{"no rows", "time_utc,load_kwh\n", "no rows"},
	}
	for _, c := range cases {
		data := t.TempDir()
		write(t, data, "x.csv", c.text)
		text := "unit: reference\nstart: 2033-06-01 00:00 UTC\nfor: 1 d\nseries:\n  loads:\n    - {circuit: 1, csv: {file: \"${DATA}/x.csv\", value: load_kwh, unit: kWh, stamps: end}}\n"
		r := Reader{Data: data}
		_, err := r.Parse("x.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want something with %q", c.name, err, c.want)
		}
	}
}

func TestCurve(t *testing.T) {
	c := Curve{from: 1000, step: 10, values: []float64{1, 3, math.NaN(), 5}}
	for _, x := range []struct {
		at   int64
		want float64
		ok   bool
	}{{999, 0, false}, {1000, 1, true}, {1009, 1, true}, {1010, 3, true}, {1025, 0, false}, {1039, 5, true}, {1040, 0, false}} {
		if got, ok := c.At(x.at); got != x.want || ok != x.ok {
			t.Errorf("held at %d: %v, %v", x.at, got, ok)
		}
	}
	c.linear = true
	if got, _ := c.At(1005); got != 2 {
		t.Errorf("between 1 and 3: %v", got)
	}
	if got, ok := c.At(1015); got != 3 || !ok {
		t.Errorf("before a gap the last value holds: %v, %v", got, ok)
	}
	var none Curve
	if _, ok := none.At(0); ok {
		t.Error("an empty curve knows something")
	}
}

func TestReadingAllocatesNothing(t *testing.T) {
	s, err := new(Reader).Load("../examples/reference-day.yaml")
	if err != nil {
		t.Fatal(err)
	}
	frame := s.Series.NewFrame()
	if n := testing.AllocsPerRun(100, func() { s.Series.Read(s.Start+12345, &frame) }); n != 0 {
		t.Errorf("reading a frame allocates %v times", n)
	}
}

func TestSeedDrawsTheClouds(t *testing.T) {
	load := func(seed uint64) *Scenario {
		r := Reader{Seed: &seed}
		s, err := r.Load("../examples/retailer.yaml")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one, again, other := load(1), load(1), load(2)
	same := true
	for at := one.Start; at < one.End(); at += 600_000 {
		x, _ := one.Series.Irradiance.At(at)
		y, _ := again.Series.Irradiance.At(at)
		z, _ := other.Series.Irradiance.At(at)
		if x != y || x < 0 || x > 860 {
			t.Fatalf("at %d: %v and %v", at, x, y)
		}
		same = same && x == z
	}
	if same {
		t.Error("another seed draws the same clouds")
	}
}

// A booking at 12:00 stays at 12:00 on the wall across a clock change.
func TestClockChange(t *testing.T) {
	text := "unit: reference\nstart: 2021-03-27 00:00 Europe/London\nfor: 2 d\nbookings:\n  - {outlet: Rapid, vehicle: car, at: [\"12:00\"], need: 20 kWh, stay: 30 min}\n" +
		"story: |\n  12:00 plug outlet 1\n  day 2 12:00 unplug outlet 1\n"
	s, err := new(Reader).Parse("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Bookings) != 2 || s.Bookings[1].Arrive-s.Bookings[0].Arrive != 23*3_600_000 {
		t.Errorf("bookings: %+v", s.Bookings)
	}
	if len(s.Story) != 2 || s.Story[1].At-s.Story[0].At != 23*bess.Hour {
		t.Errorf("story: %+v", s.Story)
	}
	if before, after := s.Civil(0).ZoneOffset, s.Civil(30*bess.Hour).ZoneOffset; before != 0 || after != 3600 {
		t.Errorf("offsets %d and %d", before, after)
	}
}

func TestVehiclePower(t *testing.T) {
	v := Vehicle{DC: 100e3, Curve: []CurvePoint{{0.1, 80e3}, {0.5, 120e3}, {1, 20e3}}}
	for soc, want := range map[float64]float64{0: 80e3, 0.1: 80e3, 0.3: 100e3, 0.5: 100e3, 0.75: 70e3, 1: 20e3} {
		if got := v.Power(si.Ratio(soc)); math.Abs(float64(got)-want) > 1 {
			t.Errorf("at %v: %v, want %v", soc, got, want)
		}
	}
}

// Whatever stands in a data file, it is refused with its place or read; nothing panics.
func FuzzData(f *testing.F) {
	f.Add("time_utc,load_kwh\n2033-06-01 00:00:00,1\n2033-06-01 01:00:00,\n")
	f.Add("arrival,departure,requested_kwh\n2021-05-01 08:30:17-07:00,2021-05-01 09:16:49-07:00,28.3\n")
	f.Add("brand,model,soc_pct,dc_power_kw\nA,B,0,50\nA,B,100,10\n")
	f.Add("\xEF\xBB\xBFtime_utc,load_kwh\n\"a\"\"b\",1\n")
	f.Fuzz(func(t *testing.T, text string) {
		q := loadQuantity()
		c := column{name: "fuzz", unit: q.units[0], spec: &csvText{Time: "time_utc", Value: "load_kwh", Zone: "UTC", Stamps: "end", Period: bess.Hour}}
		if err := c.read("fuzz", strings.NewReader(text)); err == nil && len(c.stamps) != len(c.values) {
			t.Error("stamps and values part")
		}
		stays, _, err := readStayFile("fuzz", strings.NewReader(text), time.UTC)
		for _, s := range stays {
			if err == nil && (!s.leave.After(s.arrive) || s.asked < 0) {
				t.Errorf("a stay that cannot be: %+v", s)
			}
		}
		curve, _, err := readChargeCurve("fuzz", strings.NewReader(text), &likeText{})
		for i := range curve {
			if err == nil && i > 0 && curve[i].SoC <= curve[i-1].SoC {
				t.Errorf("a curve that falls back: %+v", curve)
			}
		}
	})
}

func TestErrorsKeepTheirType(t *testing.T) {
	_, err := new(Reader).Parse("x.yaml", []byte("unit: reference\nfor: 0 s\n"))
	var faults config.Faults
	if !errors.As(err, &faults) || len(faults) == 0 {
		t.Errorf("no faults: %v", err)
	}
}
