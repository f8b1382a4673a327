package report

import (
	"bytes"
	"encoding/json"
	"html"
	"math"
	"regexp"
	"strings"
	"testing"

	"reprise/bess"
)

// sampleStudy is three made-up days.
func sampleStudy() Study { return sampleStudyOf(72) }

func sampleStudyOf(hours int) Study {
	day := hours * 12
	daily := func(m float64) float64 { return math.Mod(m+60, 1440) }
	sun := func(m float64) float64 { return 46 * math.Pow(max(0, math.Sin((daily(m)+0)/1440*2*math.Pi-0.3)), 1.5) }
	cars := func(m float64) float64 { return 7.4 * math.Floor(0.3+7*hump(daily(m), 420, 150)) }
	rapid := func(m float64) float64 {
		if x := daily(m); x > 560 && x < 610 || x > 250 && x < 285 {
			return 86
		}
		return 0
	}
	house := func(m float64) float64 { return 9 + 6*hump(daily(m), 400, 260) + 0.6*math.Sin(m/23) }
	need := func(m float64) float64 { return cars(m) + rapid(m) + house(m) - sun(m) }
	gridOf := func(m float64) float64 { return min(40, max(2, need(m)+4)) }
	packs := func(m float64) float64 { return need(m) - gridOf(m) }
	negative := func(f func(float64) float64) func(float64) float64 { return func(m float64) float64 { return -f(m) } }
	soc := wave("all packs", Stored, day, func(m float64) float64 { return 58 + 27*math.Sin(daily(m)/1440*2*math.Pi+1.2) + 4*math.Sin(m/700) })
	for i := range soc.Points {
		p := &soc.Points[i]
		p.Band, p.Low, p.High = true, p.Value-2.5, p.Value+2.5
	}
	soc.Unit = "%"
	said := wave("as the packs report", Plain, day, func(m float64) float64 { return 59 + 26*math.Sin(daily(m)/1440*2*math.Pi+1.15) + 3*math.Sin(m/300) })
	said.Unit, said.Dashed = "%", true
	hot := wave("hottest cell", Plain, day, func(m float64) float64 { return 24 + 8*hump(daily(m), 600, 200) + 2*math.Sin(m/90) })
	cold := wave("coldest cell", Plain, day, func(m float64) float64 { return 21 + 5*hump(daily(m), 640, 240) })
	hot.Unit, cold.Unit, cold.Dashed = "°C", "°C", true
	for i := 30; i < 50; i++ {
		cold.Points[i].Known = false
	}
	return Study{
		Title: "Retailer week: rapid charging behind 40 kW", Unit: "MAX 07", Site: "Bedford",
		Subtitle: "Can one unit carry two rapid charges a day and nine AC outlets without tripping the supply?",
		From:     begin, To: minutes(hours * 60), Zones: summer(),
		Figures: []Headline{
			{Name: "Delivered to vehicles", Value: "612", Unit: "kWh", Note: "41 visits"},
			{Name: "Promises kept", Value: "39 of 41", Note: "at least 95 %", Holds: bess.Yes},
			{Name: "Highest import", Value: "39.6", Unit: "kW", Note: "cap 40 kW", Holds: bess.Yes},
			{Name: "Solar used on site", Value: "94", Unit: "%", Note: "71 % without the unit"},
			{Name: "Round trip", Value: "84", Unit: "%", Note: "bar 85 %", Holds: bess.No},
			{Name: "Energy balance", Value: "0.003", Unit: "%", Note: "bar 0.01 %", Holds: bess.Yes},
		},
		In:      []Share{{"grid", Grid, 892}, {"solar", Solar, 641}, {"from packs", Stored, 58}},
		Out:     []Share{{"vehicles", Vehicle, 612}, {"site loads", Load, 743}, {"losses", Plain, 131}, {"own use", Plain, 88}, {"export", Grid, 17}},
		Balance: known(0.00003),
		Carbon: &StudyCarbon{
			Gross: known(1214), Refill: known(148), Net: known(1066), Litres: known(451), GeneratorHours: known(71.5), HoursOfUse: known(72),
			Scope1: known(0), Scope2: known(171), Scope3: bess.Figure{Why: "not metered here"},
			Factors: []string{"2.68787 kg CO₂e/L, mineral diesel, scope 1 (direct combustion), 2020, UK government GHG conversion factors"},
		},
		Charts: []Chart{
			{Title: "Power", Unit: "kW", Stacked: true, Note: "Above the line: where it came from. Below: where it went.", Series: []Series{
				wave("solar", Solar, day, sun), wave("grid", Grid, day, gridOf),
				wave("packs", Stored, day, packs),
				wave("AC outlets", Vehicle, day, negative(cars)), wave("rapid outlet", Vehicle, day, negative(rapid)), wave("site", Load, day, negative(house)),
			}},
			{Title: "Charge", Unit: "%", Note: "Our own estimate with its band, beside what the packs say.", Fixed: true, Low: 0, High: 100,
				Series: []Series{soc, said}, Levels: []Level{{"reserve", 20, Look}}},
			{Title: "Temperature", Unit: "°C", Series: []Series{hot, cold}, Levels: []Level{{"derating begins", 45, Look}}},
		},
		Promises: []Promise{
			{"Outlet 3, PHEV", known(12), minutes(630), known(12), known(12.1), bess.Yes, ""},
			{"Rapid outlet, BEV", known(80), minutes(600), known(74), known(74.3), bess.Yes, "told at 07:40: 74 kWh by then, 80 kWh by 17:25"},
			{"Outlet 8, PHEV", known(20), minutes(700), known(20), known(16.4), bess.No, "pack 3 was opened at 14:12"},
			{"Outlet 5, PHEV", bess.Figure{}, 0, bess.Figure{}, known(9.8), bess.Unknown, "no need was told"},
		},
		Events: []Event{
			{At: minutes(300), What: "Supply near its cap", Where: "grid", Did: "Outlets 1 to 6 held at 10 A for 12 minutes.", Level: bess.Yes},
			{At: minutes(432), What: "Cell too hot, 61 °C", Where: "pack 3, cell 41", Did: "Pack 3 opened; six packs carry on.", Stop: true},
			{At: minutes(480), What: "Pack 3 back", Where: "pack 3", Did: "Precharged and closed after a person's reset."},
		},
		Ledger: &LedgerSummary{Entries: 864, Unmeasured: known(0.0031), Head: "9b1f0c77d2a94e0f8a7c3b1d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7081"},
		Tables: []Table{{Title: "Packs", Columns: []Column{{Name: "pack", Text: true}, {Name: "health", Unit: "%"}, {Name: "throughput", Unit: "kWh"}, {Name: "hottest", Unit: "°C"}},
			Rows: [][]string{{"Pack 1", "81", "96", "31"}, {"Pack 2", "74", "88", "32"}, {"Pack 3", "70", "41", "61"}}}},
		Notes:   []string{"Sessions of 2019 were moved by whole weeks to the same weekdays.", "Own use is charged to the ledger."},
		Command: "reprise study examples/retailer.yaml --out out/retailer", Seed: "1", Hash: "sha256:4be1…c09a", Version: "0.2",
	}
}

func studyHTMLOf(t *testing.T, s Study) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteStudy(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestStudyIsAsCommitted(t *testing.T) {
	keep(t, "study.html", studyHTMLOf(t, sampleStudy()))
	golden(t, "study.html", studyHTMLOf(t, sampleStudyOf(6)))
}

// The file is complete in itself: nothing is fetched, and nothing runs but what is in it.
func TestStudyNeedsNoNetwork(t *testing.T) {
	page := string(studyHTMLOf(t, sampleStudy()))
	for _, bad := range []string{"http://", "https://", "//cdn", "@import", "url(", "<link", " src=", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
	if n := len(page); n > 600_000 {
		t.Errorf("%d bytes for three days", n)
	}
}

// Words of others are shown, never obeyed.
func TestStudyEscapesWhatItIsTold(t *testing.T) {
	evil := `</script><script>alert(1)</script><b onclick="x">`
	s := sampleStudy()
	s.Title, s.Charts[0].Series[0].Name, s.Events[0].What, s.Command, s.Promises[0].Note = evil, evil, evil, evil, evil
	s.Tables[0].Rows[0][0] = evil
	page := string(studyHTMLOf(t, s))
	if strings.Contains(page, "<script>alert") || strings.Contains(page, `<b onclick`) {
		t.Error("what a study was told is obeyed")
	}
	if !strings.Contains(html.UnescapeString(page), evil) {
		t.Error("what a study was told is not shown")
	}
}

func TestStudyOfNothing(t *testing.T) {
	s := Study{Title: "Nothing", From: begin, To: minutes(5), Charts: []Chart{{Title: "Empty"}, {Title: "No samples", Stacked: true, Series: []Series{{Name: "a"}}},
		{Title: "Unknown", Series: []Series{{Name: "a", Points: []Point{{At: begin}, {At: minutes(1), Value: math.NaN(), Known: true}, {At: minutes(2), Value: math.Inf(1), Known: true}}}}}}}
	page := string(studyHTMLOf(t, s))
	if strings.Contains(page, "NaN") || strings.Contains(page, "Inf") || !strings.Contains(page, "no samples") {
		t.Error("what is unknown is not shown as unknown")
	}
	if err := WriteStudy(&bytes.Buffer{}, Study{Title: "x"}); err == nil || !strings.Contains(err.Error(), "before it begins") {
		t.Errorf("a study without time: %v", err)
	}
}

func TestCursorDataIsJSON(t *testing.T) {
	page := studyHTMLOf(t, sampleStudy())
	found := regexp.MustCompile(`(?s)<script type="application/json">(.*?)</script>`).FindAllSubmatch(page, -1)
	if len(found) != 3 {
		t.Fatalf("%d charts have data, want 3", len(found))
	}
	for _, f := range found {
		var d chartData
		if err := json.Unmarshal(f[1], &d); err != nil || len(d.Times) != d.Columns || len(d.Values[0]) != d.Columns {
			t.Errorf("%v, %d columns, %d times", err, d.Columns, len(d.Times))
		}
	}
}
