package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"reprise/bess"
)

func TestTableIsAligned(t *testing.T) {
	table := Table{
		Title:   "Packs",
		Columns: []Column{{Name: "pack", Text: true}, {Name: "health", Unit: "%"}, {Name: "hottest", Unit: "°C"}, {Name: "why", Text: true}},
		Rows:    [][]string{{"Pack 1", "81", "31.4", "carries most"}, {"Pack 12, κ", "7", dash}, {"two\nlines", "", "", "x", "beyond"}},
		Note:    "Health is our own estimate.",
	}
	var b bytes.Buffer
	if err := table.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"Packs",
		"pack        health  hottest  why",
		"                 %       °C",
		"──────────  ──────  ───────  ────────────",
		"Pack 1          81     31.4  carries most",
		"Pack 12, κ       7        –",
		"two lines                    x",
		"Health is our own estimate.",
		"",
	}, "\n")
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestNumberAndDuration(t *testing.T) {
	numbers := []struct {
		x        float64
		decimals int
		want     string
	}{{0, 0, "0"}, {-0.04, 1, "0.0"}, {-3.25, 1, "−3.2"}, {1234, 0, "1234"}, {1234567.8, 1, "1\u202f234\u202f567.8"}, {math.NaN(), 1, dash}, {math.Inf(-1), 0, dash}}
	for _, n := range numbers {
		if got := Number(n.x, n.decimals); got != n.want {
			t.Errorf("Number(%v, %d) = %q, want %q", n.x, n.decimals, got, n.want)
		}
	}
	for ms, want := range map[int64]string{-5: "0 s", 6000: "6 s", 59_400: "59 s", 59_600: "1 min", 59 * 60_000: "59 min", 3_600_000: "1 h", 3_600_000 + 5*60_000: "1 h 05 min"} {
		if got := duration(ms); got != want {
			t.Errorf("duration(%d) = %q, want %q", ms, got, want)
		}
	}
	if got := figure(bess.Figure{Value: 3}, 1); got != dash {
		t.Errorf("an unknown figure prints %q", got)
	}
}

// In the night of 31 October 2021 London's clock goes back: the hour stands twice.
func TestSeriesCSV(t *testing.T) {
	night := time.Date(2021, 10, 31, 0, 30, 0, 0, time.UTC).UnixMilli()
	zones := Zones{{Offset: 3600, Name: "BST"}, {From: night + 30*60_000, Name: "GMT"}}
	at := func(minute int) int64 { return night + int64(minute)*60_000 }
	series := []Series{
		{Name: "grid", Unit: "kW", Points: []Point{{At: at(0), Value: 1.5, Known: true}, {At: at(60), Value: -2, Known: true}}},
		{Name: `odd, "name"`, Unit: "%", Points: []Point{{At: at(0)}, {At: at(30), Value: math.NaN(), Known: true}, {At: at(60), Value: 7, Known: true}}},
	}
	var b bytes.Buffer
	if err := WriteSeriesCSV(&b, zones, series); err != nil {
		t.Fatal(err)
	}
	golden(t, "series.csv", b.Bytes())
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 4 || rows[1][4] != "" || rows[2][4] != "" || rows[3][4] != "7" {
		t.Errorf("%v: %q", err, rows)
	}
	if !strings.HasSuffix(rows[1][2], "T01:30:00+01:00") || !strings.HasSuffix(rows[3][2], "T01:30:00+00:00") {
		t.Errorf("local times %q and %q", rows[1][2], rows[3][2])
	}
}

func FuzzSeriesCSV(f *testing.F) {
	f.Add("grid", int64(5), 1.5, true)
	f.Add("a,\"b\"\r\n=c", int64(math.MinInt64), math.Inf(1), true)
	f.Fuzz(func(t *testing.T, name string, at int64, value float64, known bool) {
		var b bytes.Buffer
		s := []Series{{Name: name, Unit: "kW", Points: []Point{{At: at, Value: value, Known: known}}}}
		if err := WriteSeriesCSV(&b, Zones{{Offset: int32(at), Name: name}}, s); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 2 || (rows[1][3] == "") == (known && finite(value)) {
			t.Errorf("%v: %q", err, rows)
		}
	})
}

// full refuses to be written to.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWritersReportAFullDisk(t *testing.T) {
	for name, err := range map[string]error{
		"table": (&Table{Title: "x"}).WriteText(full{}), "series": WriteSeriesCSV(full{}, nil, nil),
		"hire": WriteHire(full{}, sampleHire()), "study": WriteStudy(full{}, sampleStudy()),
	} {
		if err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBins(t *testing.T) {
	points := []Point{{At: 0, Value: 1, Known: true}, {At: 5, Value: 3, Known: true}, {At: 35, Value: 8, Known: true}, {At: 45}, {At: 95, Value: 2, Known: true}}
	b := bins(points, 0, 100, 10)
	if b[0].mean != 2 || b[0].least != 1 || b[0].most != 3 {
		t.Errorf("the first column is %+v", b[0])
	}
	knownColumns := ""
	for _, c := range b {
		knownColumns += map[bool]string{true: "x", false: "."}[c.known]
	}
	// Columns 1 and 2 repeat the first; 4 is known to be unknown, and what was before it holds no longer.
	if knownColumns != "xxxx.....x" {
		t.Errorf("known columns %s", knownColumns)
	}
}

func TestMarksFollowTheLocalDay(t *testing.T) {
	india := Zones{{Offset: 19800, Name: "IST"}}
	from := time.Date(2021, 6, 11, 0, 0, 0, 0, time.UTC).UnixMilli()
	for _, hours := range []int64{1, 6, 30, 24 * 7, 24 * 60} {
		all := marks(india, from, from+hours*3_600_000, 12)
		if len(all) == 0 || len(all) > 14 {
			t.Errorf("%d h: %d marks", hours, len(all))
		}
		for _, m := range all {
			if hours >= 24 && india.local(m.at).Minute() != 0 {
				t.Errorf("%d h: a mark at %s", hours, india.clock(m.at))
			}
		}
	}
}

func TestAxesAreRound(t *testing.T) {
	for _, c := range []struct{ low, high float64 }{{0, 1}, {-118, 123}, {0, 0.0031}, {19, 33}, {0, 9999}, {-5, -1}} {
		a := round(c.low, c.high)
		if a.low > c.low+1e-9 || a.high < c.high-1e-9 || a.step <= 0 || (a.high-a.low)/a.step > 9 {
			t.Errorf("%v: %+v", c, a)
		}
	}
}
