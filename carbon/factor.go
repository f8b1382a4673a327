package carbon

import (
	"fmt"
	"strconv"
	"strings"

	"reprise/bess"
	"reprise/plant"
)

// Factor is an emission factor with everything that a reader needs to check it.
type Factor struct {
	Name      string  `json:"name"`  // of the activity, such as "mineral diesel"
	Value     float64 `json:"value"` // in Unit
	Unit      string  `json:"unit"`  // such as "kg/L"
	Gas       string  `json:"gas"`   // "CO2e": carbon dioxide, methane and nitrous oxide together
	Scope     string  `json:"scope"` // of the GHG Protocol, in words
	Year      int     `json:"year"`  // of the published set; 0: not told
	Source    string  `json:"source"`
	Confirmed bool    `json:"confirmed"` // read in an official file or a faithful copy of one
}

// String is the factor in one line, complete: "2.68787 kg CO2e/L, mineral
// diesel, scope 1 (direct combustion), 2020, source".
func (f Factor) String() string {
	quantity, per, _ := strings.Cut(f.Unit, "/")
	parts := []string{
		strconv.FormatFloat(f.Value, 'f', -1, 64) + " " + quantity + " " + f.Gas + "/" + per,
		f.Name, f.Scope, "year not told", f.Source,
	}
	if f.Year != 0 {
		parts[3] = strconv.Itoa(f.Year)
	}
	if !f.Confirmed {
		parts = append(parts, "not confirmed")
	}
	return strings.Join(parts, ", ")
}

// UnknownYear is the error of a factor that is not known for a year. Nothing
// stands in for it silently; Nearest names the years that a person may choose.
type UnknownYear struct {
	Name    string
	Year    int
	Nearest []int // the closest known years, before and after
}

func (e *UnknownYear) Error() string {
	if len(e.Nearest) == 0 {
		return fmt.Sprintf("no factor of %s is known here for any year", e.Name)
	}
	years := make([]string, len(e.Nearest))
	for i, y := range e.Nearest {
		years[i] = strconv.Itoa(y)
	}
	return fmt.Sprintf("the factor of %s for %d was not read: choose a known year, nearest %s", e.Name, e.Year, strings.Join(years, " and "))
}

// Scopes in the words of the GHG Protocol.
const (
	scopeFuel = "scope 1 (direct combustion)"
	scopeGrid = "scope 2 (location-based, generation only)"
)

// FuelFactor is the factor of a litre of fuel in a year of the UK set; the error
// is an *UnknownYear.
func FuelFactor(year int, fuel plant.Fuel) (Factor, error) {
	f, ok := plant.FuelFactor(year, fuel)
	if !ok {
		return Factor{}, unknownYear(fuel.String(), year, func(y int) bool { _, known := plant.FuelFactor(y, fuel); return known })
	}
	return Factor{fuel.String(), f.KilogramsPerLitre(), "kg/L", "CO2e", scopeFuel, f.Year, f.Source, f.Confirmed}, nil
}

// GridFactor is the factor of a kWh of UK grid power in a year; the error is an
// *UnknownYear.
func GridFactor(year int) (Factor, error) {
	f, ok := plant.GridFactor(year)
	if !ok {
		return Factor{}, unknownYear("UK grid electricity", year, func(y int) bool { _, known := plant.GridFactor(y); return known })
	}
	return Factor{"UK grid electricity", float64(f.Direct) / 1e6, "kg/kWh", "CO2e", scopeGrid, f.Year, f.Source, f.Confirmed}, nil
}

// unknownYear looks for the nearest known year on either side.
func unknownYear(name string, year int, known func(int) bool) error {
	const first, last = 1990, 2100
	e := &UnknownYear{Name: name, Year: year}
	for y := min(year, last) - 1; y >= first; y-- {
		if known(y) {
			e.Nearest = append(e.Nearest, y)
			break
		}
	}
	for y := max(year, first) + 1; y <= last; y++ {
		if known(y) {
			e.Nearest = append(e.Nearest, y)
			break
		}
	}
	return e
}

// DisplacedFactor is the factor that a unit's configuration claims for the
// displaced generator's fuel; false when it makes no claim.
func DisplacedFactor(d bess.Displaced) (Factor, bool) {
	if d.Rated <= 0 || d.GramsPerL <= 0 {
		return Factor{}, false
	}
	return Factor{
		Name: d.FactorName, Value: d.GramsPerL / 1000, Unit: "kg/L", Gas: "CO2e", Scope: scopeFuel,
		Year: d.FactorYear, Source: "unit configuration", Confirmed: published(d),
	}, true
}

// published says whether a configured factor is, to a gram, what the UK set
// publishes for a fuel of that year.
func published(d bess.Displaced) bool {
	for _, fuel := range [...]plant.Fuel{plant.MineralDiesel, plant.DieselBlend, plant.GasOil, plant.HVO} {
		f, ok := plant.FuelFactor(d.FactorYear, fuel)
		if ok && f.Confirmed && d.GramsPerL-float64(f.Direct)/1000 < 1 && float64(f.Direct)/1000-d.GramsPerL < 1 {
			return true
		}
	}
	return false
}
