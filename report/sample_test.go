package report

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"

	"reprise/bess"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares with a committed file, or rewrites it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs from what is committed: look at it, then run the test with -update", path)
	}
}

// keep writes a page to the folder named by REPORT_LOOK, for eyes.
func keep(t *testing.T, name string, text []byte) {
	t.Helper()
	if dir := os.Getenv("REPORT_LOOK"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// begin is Friday 11 June 2021, 07:00 BST.
const begin = 1_623_391_200_000

func minutes(n int) int64 { return begin + int64(n)*60_000 }

func known(x float64) bess.Figure { return bess.Figure{Value: x, Known: true} }

func summer() Zones { return Zones{{Offset: 3600, Name: "BST"}} }

// hump is a smooth bump of height 1 around a minute.
func hump(minute, at, width float64) float64 {
	x := (minute - at) / width
	return math.Exp(-x * x)
}

func wave(name string, hue Hue, n int, value func(minute float64) float64) Series {
	s := Series{Name: name, Unit: "kW", Hue: hue}
	for i := range n {
		s.Points = append(s.Points, Point{At: minutes(i * 5), Value: value(float64(i * 5)), Known: true})
	}
	return s
}

func sampleHire() Hire {
	day := 38 * 12
	vehicles := wave("vehicles", Vehicle, day, func(m float64) float64 {
		return 7.4 * math.Floor(0.4+9*hump(m, 330, 130)+6*hump(m, 1800, 160))
	})
	stage := wave("stage and catering", Load, day, func(m float64) float64 {
		return 3 + 21*hump(m, 780, 150) + 0.8*math.Sin(m/17) + 5*hump(m, 2000, 90)
	})
	solar := wave("solar", Solar, day, func(m float64) float64 { return 14*hump(m, 360, 190) + 12*hump(m, 1800, 190) })
	return Hire{
		Unit: "MAX 07", Site: "Gaydon Fields", Hirer: "Longmeadow Events", From: begin, To: minutes(38 * 60), Zones: summer(),
		Delivered: known(243.6), Peak: known(66.9), PeakAt: minutes(325), HoursOfUse: known(31.4),
		Lines: []HireLine{
			{"Vehicle outlets 1 to 9", Vehicle, known(151.2), known(66.6)}, {"Stage, 125 A", Load, known(61.9), known(24.4)},
			{"Catering, 63 A", Load, known(24.1), known(9.8)}, {"Welfare, 32 A", Load, known(6.4), known(2.1)},
		},
		Visits: []HireVisit{
			{"Outlet 1", minutes(95), minutes(540), known(18), known(18.2), minutes(570), bess.Yes, "", false},
			{"Outlet 2", minutes(110), minutes(560), known(22), known(22.1), minutes(570), bess.Yes, "", false},
			{"Outlet 3", minutes(121), minutes(575), known(20), known(20.3), minutes(570), bess.Yes, "", false},
			{"Outlet 4", minutes(140), minutes(600), known(24), known(19.7), minutes(600), bess.No, "4.3 kWh less, told at 12:40", false},
			{"Outlet 5", minutes(160), minutes(505), bess.Figure{Why: "not told"}, known(12.4), 0, bess.Unknown, "", false},
			{"Outlet 1", minutes(1600), minutes(2010), known(16), known(16.1), minutes(2010), bess.Yes, "", false},
			{"Outlet 6", minutes(1610), minutes(2040), known(28), known(28.0), minutes(2040), bess.Yes, "", false},
		},
		Outages: []HireOutage{{minutes(812), minutes(826), "Welfare, 32 A", "Shed for the stage while pack 3 cooled; told to the crew at 20:32."}},
		Faults: []HireFault{
			{minutes(805), "Pack 3: cell 41 at 55 °C", "Pack derated, then opened; six packs carried on. Back after 48 min."},
			{minutes(1702), "Outlet 5: station silent for 40 s", "Its order ended by itself at 6 A; reconnected."},
		},
		Unused: known(38),
		Carbon: HireCarbon{
			Gross: known(171.4), Refill: known(28.9), Net: known(142.5), Litres: known(63.8), GeneratorHours: known(29.6),
			SetHours: known(0), SetLitres: known(0),
			Factors: []string{
				"Diesel: 2.68787 kg CO₂e/L, mineral diesel, scope 1 (direct combustion), 2020, UK government GHG conversion factors. Displaced set: 100 kW, fuel by the delivered load profile.",
				"Refill: carbon of each half-hour of grid energy (generation, location-based, Carbon Intensity API) and of stored energy in proportion.",
			},
		},
		Profile: []Series{solar, vehicles, stage},
		Link:    "https://unit.example/hire/2021-06-11", Head: "4f1c9a02b7e8", Version: "0.2",
	}
}
