package safety

import "reprise/bess"

// Rule numbers of temperatures: 16x.
const (
	packWarm bess.RuleID = 161 + iota
	packHotStop
	packTemperatureTrip
	packHeatRate
	packTooCold
	packColdCharge
)

// heat reports a rule of a pack that is hot or heats by itself.
func (r *Rule) heat() bool { return r.ID >= packHotStop && r.ID <= packHeatRate }

func tripAt(below float64) func(*bess.Unit, int) float64 {
	return func(u *bess.Unit, i int) float64 { return float64(limits(u, i).TripAt) - below }
}

func readHot(x *look) (float64, bool)  { return x.pack.hot.x, x.pack.hot.ok }
func readCold(x *look) (float64, bool) { return x.pack.cold.x, x.pack.cold.ok }

// packHeatRules: temperatures of cells, joined or not: an open pack can burn as
// well as a closed one.
func packHeatRules() []Rule {
	return family(FamilyPack, bess.OfPack, []Rule{
		{
			ID: packWarm, Name: "pack-warm", Unit: "C",
			Watches: "hottest cell", Bound: "half way from the type's derating to its trip temperature", Above: true,
			limit: func(u *bess.Unit, i int) float64 {
				return float64(0.5 * float64(limits(u, i).DerateAbove+limits(u, i).TripAt))
			},
			Qualify: 2 * bess.Second, Level: bess.LevelDerate, Factor: 0.5, Clear: Clear{Back: 2, After: bess.Minute},
			signal: readHot,
			What:   "The pack is warm.",
			MayDo:  "Check that its cooling is not blocked; shade the unit.",
			Why:    "The estimate already tapers from the derating temperature on; this holds if it should not.",
		},
		{
			ID: packHotStop, Name: "pack-hot-stop", Unit: "C",
			Watches: "hottest cell", Bound: "2 K below the type's trip temperature", Above: true, limit: tripAt(2),
			Qualify: 500 * bess.Millisecond, Level: bess.LevelStop, Clear: Clear{Back: 3, After: bess.Minute},
			again: true,
			What:  "The pack is hot.",
			MayDo: "Nothing: it cools. If it goes on rising without current, keep away and call the fire service.",
			Why:   "Without current the contactors can open without wear if it goes on.",
		},
		{
			ID: packTemperatureTrip, Name: "pack-temperature-trip", Unit: "C",
			Watches: "hottest cell", Bound: "the type's trip temperature", Above: true, limit: tripAt(0),
			Qualify: 500 * bess.Millisecond, Level: bess.LevelOpen, Clear: Clear{By: ClearedByPage, Back: 5, After: 5 * bess.Minute},
			again: true,
			Did:   "Its power went to zero and it was opened. Cooling stays on; the others carry on.",
			What:  "A cell is above its trip temperature.",
			MayDo: "Keep an eye on it from a distance. Reset when it has cooled and the reason is known.",
			Why:   "The frame comes every 600 ms, so half a second is the first or second reading above.",
		},
		{
			ID: packHeatRate, Name: "pack-heats-fast", Unit: "K/s",
			Watches: "rise of the hottest cell over 2 s", Bound: "1 K/s", Above: true, limit: constant(1),
			Level: bess.LevelOpen, Clear: Clear{By: ClearedAtUnit, Back: 0.5, After: bess.Minute},
			signal: func(x *look) (float64, bool) {
				if !x.pack.hot.ok {
					return 0, false
				}
				return x.pack.rise.x, true
			},
			What:  "A cell heats faster than any load can heat it.",
			MayDo: "Keep away, clear the area, call the fire service: this is how thermal runaway begins.",
			Why:   "1 K/s is the usual sign of thermal runaway in vehicle rules (GB 38031, C.5.3.7); our strongest load makes 0.02 K/s.",
		},
		{
			ID: packTooCold, Name: "pack-too-cold", Unit: "C",
			Watches: "coldest cell", Bound: "the type's lowest discharge temperature",
			limit:   func(u *bess.Unit, i int) float64 { return float64(limits(u, i).DischargeMin) },
			Qualify: 5 * bess.Second, Level: bess.LevelStop, Clear: Clear{Back: 2, After: bess.Minute},
			signal: readCold,
			What:   "The pack is too cold to work.",
			MayDo:  "Let the heater run, or move the unit to a warmer place.",
			Why:    "The type's own limit; cells change slowly, so seconds suffice.",
		},
		{
			ID: packColdCharge, Name: "pack-cold-charge", Unit: "C",
			Watches: "coldest cell", Bound: "the type's lowest charging temperature",
			limit:   func(u *bess.Unit, i int) float64 { return float64(limits(u, i).ChargeMin) },
			Qualify: 2 * bess.Second, Level: bess.LevelInform, NoCharge: true, Clear: Clear{Back: 1, After: bess.Minute},
			again: true,
			What:  "The pack is too cold to be charged.",
			MayDo: "Nothing: use warms it, and the heater does when there is energy.",
			Why:   "Charging below 0 C plates lithium, which cannot be undone.",
		},
	})
}
