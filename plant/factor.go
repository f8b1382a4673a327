package plant

import "reprise/bess/si"

// Fuel that a generator burns, by its UK name.
type Fuel uint8

// Fuels with published factors.
const (
	MineralDiesel Fuel = iota // 100 % mineral diesel
	DieselBlend               // average biofuel blend of filling stations
	GasOil                    // red diesel
	HVO                       // hydrotreated vegetable oil
)

// String is the fuel's usual name.
func (f Fuel) String() string {
	names := [...]string{"mineral diesel", "diesel, average biofuel blend", "gas oil", "HVO"}
	if int(f) < len(names) {
		return names[f]
	}
	return "unknown fuel"
}

// Factor is a published emission factor. Integers, so that carbon adds up
// exactly: milligrams CO2e per litre or per kWh.
type Factor struct {
	Year        int
	Direct      int64  // combustion at the engine, or generation of grid power (mg)
	Upstream    int64  // well to tank (mg); meaningless unless HasUpstream
	HasUpstream bool   // the upstream figure of this year was read
	Confirmed   bool   // read in an official file or a faithful copy of one
	Source      string // where the number was read
}

// official names the copies of the UK government's conversion factor files.
const official = "UK government GHG conversion factors (BEIS/DESNZ flat files, via TEC-Toolkit/cfkg)"

// secondHand names the reading of the 2025 set.
const secondHand = "UK government GHG conversion factors 2025, read in greencalculus.com and universal-converter.org"

// FuelFactor is the factor of a litre of fuel in a year; false when that year's
// factor is not known here. The announcement's 2.69 kg per litre is mineral diesel
// of 2018 to 2020, rounded.
func FuelFactor(year int, fuel Fuel) (Factor, bool) {
	if fuel == HVO {
		return hvo(year)
	}
	if fuel > HVO {
		return Factor{}, false
	}
	var direct [3]int64 // mineral diesel, blend, gas oil
	switch year {
	case 2016:
		direct = [3]int64{2676200, 2611630, 2965720}
	case 2017:
		direct = [3]int64{2671930, 2600160, 2953510}
	case 2018:
		direct = [3]int64{2687790, 2626940, 2970490}
	case 2019:
		direct = [3]int64{2686970, 2594110, 2758210}
	case 2020:
		direct = [3]int64{2687870, 2546030, 2757760}
	case 2021:
		direct = [3]int64{2705530, 2512330, 2758570}
	case 2022:
		direct = [3]int64{2698800, 2557840, 2758570}
	case 2023:
		direct = [3]int64{2659370, 2512060, 2755410}
	case 2025:
		direct = [3]int64{2661550, 2570820, 2755410}
	default:
		return Factor{}, false
	}
	f := Factor{Year: year, Direct: direct[fuel], Confirmed: year <= 2023, Source: official}
	if year == 2025 {
		f.Source = secondHand
	}
	if year == 2023 || year == 2025 {
		f.Upstream = [3]int64{624090, 611010, 626650}[fuel]
		f.HasUpstream = true
	}
	return f, true
}

// hvo is the factor of HVO: only the trace gases count as direct; its biogenic
// CO2 (about 2.43 kg per litre) is reported outside the scopes.
func hvo(year int) (Factor, bool) {
	if year < 2021 || year > 2023 {
		return Factor{}, false
	}
	f := Factor{Year: year, Direct: 35580, Confirmed: true, Source: official}
	if year == 2023 {
		f.Upstream, f.HasUpstream = 278440, true
	}
	return f, true
}

// GridFactor is the factor of a kWh of UK grid power in a year, generation only
// (without transmission and distribution losses); false when not known here.
func GridFactor(year int) (Factor, bool) {
	if year == 2025 {
		return Factor{Year: year, Direct: 177000, Source: "UK government GHG conversion factors 2025, single weak source"}, true
	}
	direct := [...]int64{412050, 351560, 283070, 255600, 233140, 212330, 193380, 207070} // 2016..2023
	if year < 2016 || year > 2023 {
		return Factor{}, false
	}
	return Factor{Year: year, Direct: direct[year-2016], Confirmed: true, Source: official}, true
}

// PerKWh is a grid factor as an intensity.
func (f Factor) PerKWh() si.GramsPerKWh { return si.GramsPerKWh(float64(f.Direct) / 1000) }

// KilogramsPerLitre is a fuel factor's direct part in its usual unit.
func (f Factor) KilogramsPerLitre() float64 { return float64(f.Direct) / 1e6 }
