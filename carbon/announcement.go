package carbon

import (
	"strconv"

	"reprise/bess/si"
	"reprise/plant"
)

// Step is one line of a recomputed claim.
type Step struct {
	Name  string  `json:"name"` // stable, for programs
	What  string  `json:"what"` // for people
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	How   string  `json:"how"`            // the arithmetic, with its inputs
	Said  float64 `json:"said"`           // what was announced, in the same unit
	Told  bool    `json:"told"`           // Said is meaningful
	Note  string  `json:"note,omitempty"` // what a reader must know about it
}

// What the makers announced in April 2024, and what we assume to check it.
const (
	announcedLitresPerHour = 16.0
	announcedHoursPerDay   = 3.0
	announcedDay           = 129.12  // kg
	announcedYear          = 15494.0 // kg
	announcedTesting       = 1000.0  // hours of testing named beside it, "more than"
	announcedDays          = 120.0   // not told: the days that make the announced year of the announced day
	assumedSet             = 100e3   // W
	assumedRoundTrip       = 0.85
	assumedFactorYear      = 2023
)

// Announcement recomputes the claim of April 2024 step by step, and goes on to
// what it leaves out.
func Announcement() []Step {
	steps := announced()
	steps = append(steps, otherFuels()...)
	return append(steps, refilled()...)
}

// announced are the claim's own steps.
func announced() []Step {
	litres := announcedLitresPerHour * announcedHoursPerDay
	factor := announcedDay / litres
	day := litres * factor
	hours := announcedDays * announcedHoursPerDay
	load := plant.FuelCurveOf(assumedSet).PowerAt(announcedLitresPerHour)
	return []Step{
		{Name: "fuel-day", What: "fuel not burnt in a day", Value: litres, Unit: "L", How: "3 h x 16 L/h"},
		{
			Name: "load", What: "load at which a 100 kW set burns 16 L/h", Value: load.KW(), Unit: "kW", How: "(16 - 3.55) / 0.244",
			Note: "about half load; the saving depends on the load that was displaced, not on hours alone",
		},
		{
			Name: "factor", What: "factor that the claim implies", Value: factor, Unit: "kg/L", How: "129.12 kg / 48 L",
			Note: "UK 100 % mineral diesel of 2018 to 2020 (2.68697 to 2.68787), rounded; no official year gives exactly 129.12 kg",
		},
		{Name: "day", What: "gross saving of a day", Value: day, Unit: "kg", How: "48 L x 2.69 kg/L", Said: announcedDay, Told: true},
		{Name: "year", What: "gross saving of a year", Value: announcedDays * day, Unit: "kg", How: "120 days x 129.12 kg", Said: announcedYear, Told: true},
		{
			Name: "generator-hours", What: "generator-hours behind the year", Value: hours, Unit: "h", How: "120 days x 3 h",
			Note: "not the 1,000 and more hours of testing named beside it: hours of use and generator-hours displaced differ",
		},
		{Name: "fuel-year", What: "fuel behind the year", Value: announcedDays * litres, Unit: "L", How: "120 days x 48 L"},
		{
			Name: "testing", What: "what 1,000 generator-hours would be", Value: announcedTesting * announcedLitresPerHour * factor, Unit: "kg",
			How: "1,000 h x 16 L/h x 2.69 kg/L", Note: "nobody claimed this; it shows that the year is not the testing",
		},
	}
}

// otherFuels are the same day with the published factors of other fuels.
func otherFuels() []Step {
	var steps []Step
	litres := announcedLitresPerHour * announcedHoursPerDay
	for _, c := range [...]struct {
		name string
		fuel plant.Fuel
	}{{"day-blend", plant.DieselBlend}, {"day-mineral", plant.MineralDiesel}, {"day-gas-oil", plant.GasOil}} {
		f, err := FuelFactor(assumedFactorYear, c.fuel)
		if err != nil { // the year is a constant of this file; a test holds it
			continue
		}
		steps = append(steps, Step{
			Name: c.name, What: "the same day with " + c.fuel.String() + " of 2023", Value: litres * f.Value, Unit: "kg",
			How: "48 L x " + short(f), Note: f.String(),
		})
	}
	return steps
}

// refilled charges the claim with the electricity that refilled the unit.
func refilled() []Step {
	grid, err := GridFactor(assumedFactorYear)
	if err != nil { // the year is a constant of this file; a test holds it
		return nil
	}
	delivered := si.Watts(assumedSet).KW() / 2 * announcedHoursPerDay
	refill := float64(delivered / assumedRoundTrip * grid.Value)
	net := announcedDay - refill
	return []Step{
		{
			Name: "delivered-day", What: "energy delivered in a day", Value: delivered, Unit: "kWh", How: "3 h x 50 kW",
			Note: "half load of a 100 kW set: assumed, the announcement tells no energy",
		},
		{
			Name: "refill-day", What: "emissions of the refill of a day", Value: refill, Unit: "kg",
			How:  "150 kWh / 0.85 x " + short(grid),
			Note: grid.String() + "; 85 % round trip: assumed; the announcement charges nothing for the refill",
		},
		{Name: "net-day", What: "net saving of a day", Value: net, Unit: "kg", How: "gross - refill"},
		{Name: "net-year", What: "net saving of a year", Value: announcedDays * net, Unit: "kg", How: "120 days x net saving of a day"},
		{
			Name: "net-less", What: "net below gross by", Value: refill / announcedDay, Unit: "ratio", How: "refill / gross",
			Note: "avoided emissions stand beside the scope 1, 2 and 3 inventory and are never netted into it",
		},
	}
}

// short is a factor's value and unit, where the rest stands in the note.
func short(f Factor) string { return strconv.FormatFloat(f.Value, 'f', -1, 64) + " " + f.Unit }
