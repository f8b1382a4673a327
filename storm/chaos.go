package storm

import (
	"fmt"

	"reprise/bess"
)

// Chaos is one thing that can go wrong at a boundary of the machine, as lines
// of a story.
type Chaos struct {
	Name   string
	On     bess.SubjectKind
	Feeder func(k bess.FeederKind) bool // of those that are on a supply: which
	Lasts  [2]bess.Span
	Begin  func(c chance) []string // one or more lines; %d is the part's number
	End    []string                // what ends it; nil: it is over by itself
	Rapid  bool                    // on rapid outlets as well
}

// one is a fault whose beginning needs no value.
func one(text string) func(chance) []string { return func(chance) []string { return []string{text} } }

// value is a fault with a value drawn uniformly, at times reached slowly.
func value(text string, low, high, step float64, unit string, slow bool) func(chance) []string {
	return func(c chance) []string {
		line := text + " " + number(c.between(low, high, step)) + " " + unit
		if slow && c.odds(0.5) {
			line += fmt.Sprintf(" over %d s", c.whole(5, 120))
		}
		return []string{line}
	}
}

func supply(k bess.FeederKind) bool  { return k == bess.Grid || k == bess.Generator }
func grid(k bess.FeederKind) bool    { return k == bess.Grid }
func set(k bess.FeederKind) bool     { return k == bess.Generator }
func anyFeeder(bess.FeederKind) bool { return true }

// short, middle and long are how long things last.
func short() [2]bess.Span  { return [2]bess.Span{2 * bess.Second, 30 * bess.Second} }
func middle() [2]bess.Span { return [2]bess.Span{10 * bess.Second, 4 * bess.Minute} }
func long() [2]bess.Span   { return [2]bess.Span{bess.Minute, 9 * bess.Minute} }

// Catalogue is everything that can go wrong, in a fixed order.
func Catalogue() []Chaos {
	var all []Chaos
	for _, family := range [][]Chaos{packChaos(), frameChaos(), powerChaos(), supplyChaos(), userChaos(), unitChaos(), peopleChaos()} {
		all = append(all, family...)
	}
	return all
}

// simple is a fault of the twin that is named, lasts and is cleared.
func simple(on bess.SubjectKind, name string, lasts [2]bess.Span) Chaos {
	return Chaos{Name: name, On: on, Lasts: lasts, Begin: one("fault " + on.String() + " %d " + name), End: []string{"clear " + on.String() + " %d " + name}}
}

// valued is a fault of the twin with a value.
func valued(on bess.SubjectKind, name string, lasts [2]bess.Span, low, high, step float64, unit string, slow bool) Chaos {
	k := simple(on, name, lasts)
	k.Begin = value("fault "+on.String()+" %d "+name, low, high, step, unit, slow)
	return k
}

func packChaos() []Chaos {
	pack := bess.OfPack
	return []Chaos{
		{Name: "cell heat", On: pack, Lasts: long(), Begin: func(c chance) []string {
			return []string{fmt.Sprintf("heat pack %%d cell 5 to %s C over %d s", number(c.between(44, 66, 1)), c.whole(5, 300))}
		}, End: []string{"clear pack %d cell 5 cell heat"}},
		{Name: "thermal event", On: pack, Lasts: middle(), Begin: func(c chance) []string {
			return []string{fmt.Sprintf("heat pack %%d cell 7 to 140 C over %d s", c.whole(10, 60)), "fault input gas", "fault input smoke"}
		}, End: []string{"clear pack %d cell 7 cell heat", "clear input gas", "clear input smoke", "release emergency stop"}},
		{Name: "cell short", On: pack, Lasts: long(), Begin: value("fault pack %d cell 9 cell short", 0.05, 0.9, 0.01, "V", true), End: []string{"clear pack %d cell 9 cell short"}},
		simple(pack, "bms frozen", long()),
		simple(pack, "bms silent", middle()),
		valued(pack, "bms drift", long(), -0.25, 0.25, 0.01, "V", true),
		valued(pack, "soc lie", long(), -0.4, 0.4, 0.01, "", false),
		simple(pack, "bms open now", middle()),
		simple(pack, "bms open soon", middle()),
		simple(pack, "bms derate", long()),
		simple(pack, "bms no charge", long()),
		simple(pack, "interlock open", middle()),
		valued(pack, "insulation fall", middle(), 500, 200000, 500, "ohm", true),
		simple(pack, "precharge failure", long()),
		simple(pack, "contactor welded", long()),
		simple(pack, "contactor stuck open", middle()),
		valued(pack, "bms reboots", middle(), 0.5, 20, 0.5, "s", false),
	}
}

func frameChaos() []Chaos {
	pack := bess.OfPack
	return []Chaos{
		valued(pack, "frames dropped", middle(), 0.05, 0.95, 0.05, "", false),
		valued(pack, "frames delayed", middle(), 0.1, 3, 0.1, "s", false),
		simple(pack, "frames doubled", middle()),
		valued(pack, "frames corrupted", middle(), 0.05, 0.95, 0.05, "", false),
		simple(pack, "frames reordered", middle()),
	}
}

func powerChaos() []Chaos {
	return []Chaos{
		simple(bess.OfConverter, "converter trip", middle()),
		simple(bess.OfConverter, "converter ignores", middle()),
		simple(bess.OfConverter, "converter deaf", middle()),
		valued(bess.OfConverter, "converter reboots", middle(), 1, 20, 1, "s", false),
		{Name: "inverter trip", Lasts: short(), Begin: one("fault inverter inverter trip"), End: []string{"clear inverter inverter trip"}},
		{Name: "inverter reboots", Lasts: short(), Begin: value("fault inverter inverter reboots", 1, 20, 1, "s", false), End: []string{"clear inverter inverter reboots"}},
		{Name: "bus short", Lasts: short(), Begin: one("fault bus bus short"), End: []string{"clear bus bus short"}},
		{Name: "bus insulation", Lasts: middle(), Begin: value("fault bus insulation fall", 2000, 300000, 1000, "ohm", true), End: []string{"clear bus insulation fall"}},
		{Name: "bond missing", Lasts: middle(), Begin: one("fault unit bond missing"), End: []string{"clear unit bond missing"}},
		{Name: "bond welded", Lasts: middle(), Begin: one("fault unit bond welded"), End: []string{"clear unit bond welded"}},
	}
}

func supplyChaos() []Chaos {
	of := bess.OfFeeder
	feeder := func(k Chaos, which func(bess.FeederKind) bool) Chaos {
		k.Feeder = which
		return k
	}
	lost := Chaos{Name: "feeder lost", On: of, Lasts: long(), Begin: one("fail feeder %d"), End: []string{"restore feeder %d"}, Feeder: anyFeeder}
	flicker := lost
	flicker.Name, flicker.Lasts = "feeder flickers", short()
	flicker.Begin = func(chance) []string { return []string{"fail feeder %d"} }
	phase := simple(of, "phase lost", middle())
	phase.Begin = func(c chance) []string {
		return []string{fmt.Sprintf("fault feeder %%d phase %d phase lost", c.whole(1, 3))}
	}
	reversed := simple(of, "phases reversed", middle())
	backwards := reversed
	backwards.Name = "generator reversed"
	return []Chaos{
		lost, flicker,
		feeder(valued(of, "feeder sag", middle(), 0.3, 1.25, 0.01, "", false), supply),
		feeder(phase, supply),
		feeder(simple(of, "neutral lost", middle()), supply),
		feeder(reversed, grid),
		feeder(backwards, set),
		feeder(simple(of, "feeder contactor welded", middle()), supply),
		feeder(simple(of, "feeder contactor stuck open", middle()), supply),
		feeder(simple(of, "generator refuses", long()), set),
		feeder(simple(of, "generator stops", short()), set),
	}
}

func userChaos() []Chaos {
	surge := Chaos{Name: "load surges", On: bess.OfCircuit, Lasts: middle(), End: []string{"load circuit %d series"}}
	surge.Begin = func(c chance) []string {
		return []string{fmt.Sprintf("load circuit %%d %s kW", number(c.between(2, 60, 1)))}
	}
	return []Chaos{
		simple(bess.OfCircuit, "circuit short", short()),
		simple(bess.OfCircuit, "circuit rcd", short()),
		surge,
		simple(bess.OfOutlet, "outlet rcd", short()),
		simple(bess.OfOutlet, "station silent", long()),
		simple(bess.OfOutlet, "station ignores", long()),
		valued(bess.OfOutlet, "station reboots", middle(), 2, 60, 1, "s", false),
		valued(bess.OfOutlet, "station lies", long(), 0, 2, 0.1, "", false),
		valued(bess.OfOutlet, "meter jump", short(), -20000, 20000, 100, "Wh", false),
		valued(bess.OfOutlet, "vehicle overdraw", middle(), 2, 24, 1, "A", false),
	}
}

func unitChaos() []Chaos {
	input := func(name, word string) Chaos {
		k := Chaos{Name: name, Lasts: short(), Begin: one("fault input " + word), End: []string{"clear input " + word}}
		if word == "smoke" {
			k.End = append(k.End, "release emergency stop")
		}
		return k
	}
	unit := func(name string, lasts [2]bess.Span) Chaos {
		return Chaos{Name: name, Lasts: lasts, Begin: one("fault unit " + name), End: []string{"clear unit " + name}}
	}
	with := func(k Chaos, low, high, step float64, sign string) Chaos {
		k.Begin = value(k.Begin(chance{})[0], low, high, step, sign, false)
		return k
	}
	kill := func(name, who string, low, high bess.Span) Chaos {
		return Chaos{Name: name, Lasts: [2]bess.Span{low, high}, Begin: one("kill " + who), End: []string{"restart " + who}}
	}
	return []Chaos{
		{Name: "emergency stop", Lasts: short(), Begin: one("press emergency stop"), End: []string{"release emergency stop"}},
		{Name: "unit interlock", Lasts: short(), Begin: one("fault unit interlock open"), End: []string{"clear unit interlock open", "release emergency stop"}},
		input("unit rcd", "residual-current-device"), input("smoke", "smoke"), input("gas", "gas"), input("water", "water"),
		input("tilt", "tilt"), input("door", "door"), input("coolant flow", "coolant-flow"),
		unit("coolant loss", long()),
		with(unit("12 v low", middle()), 7, 11.4, 0.1, "V"),
		with(unit("ambient step", middle()), -25, 48, 1, "C"),
		with(unit("clock jump", long()), -86400, 86400, 60, "s"),
		unit("disk full", long()), unit("disk stalls", long()),
		unit("io silent", short()),
		with(unit("io reboots", short()), 1, 10, 1, "s"),
		kill("guard killed", "guard", bess.Second, 30*bess.Second),
		kill("controller restart", "controller", bess.Second, bess.Second),
		kill("controller killed", "controller", 2*bess.Second, 2*bess.Minute),
	}
}

// peopleChaos is what people do: those at the unit by mistake, those far away
// without knowing, or without meaning well.
func peopleChaos() []Chaos {
	person := func(name string, on bess.SubjectKind, begin, end string) Chaos {
		return Chaos{Name: name, On: on, Lasts: middle(), Begin: one(begin), End: []string{end}}
	}
	wild := func(name string, on bess.SubjectKind, lines ...string) Chaos {
		return Chaos{Name: name, On: on, Lasts: short(), Begin: func(c chance) []string {
			n := c.whole(2, 8)
			var all []string
			for range n {
				all = append(all, pick(c, lines...))
			}
			return all
		}}
	}
	off := person("supply switched off", bess.OfFeeder, "ask feeder-off %d", "ask feeder-on %d")
	off.Feeder = anyFeeder
	auto := person("generator by hand", bess.OfFeeder, "ask generator-run %d", "ask generator-auto %d")
	auto.Feeder = set
	return []Chaos{
		person("pack pulled", bess.OfPack, "ask pack-out %d", "ask pack-in %d S%d"),
		person("stop by mistake", bess.OfUnit, "ask stop", "ask start"),
		person("transport by mistake", bess.OfUnit, "ask transport-on", "ask transport-off"),
		person("outlet switched off", bess.OfOutlet, "ask outlet-off %d", "ask outlet-on %d"),
		person("circuit switched off", bess.OfCircuit, "ask circuit-off %d", "ask circuit-on %d"),
		person("import cap lowered", bess.OfUnit, "ask import-cap 2 kW", "ask import-cap 500 kW"),
		person("stop from far", bess.OfUnit, "ask fleet emergency-stop", "ask start"),
		off, auto,
		wild("wild resets", bess.OfPack, "ask fleet reset pack-temperature-trip pack %d", "ask fleet reset pack-interlock pack %d", "ask fleet reset pack-isolation-low pack %d", "ask reset pack-interlock pack %d", "ask fleet reset pack-isolation-low pack %d", "ask reset pack-welded pack %d"),
		wild("wild fleet", bess.OfUnit, "ask fleet start", "ask fleet stop", "ask fleet black-start", "ask fleet import-cap 500 kW", "ask fleet import-cap 1 kW", "ask fleet transport-off", "ask fleet reserve 500 kWh", "ask fleet reset emergency-stop"),
		wild("wild switching", bess.OfCircuit, "ask fleet circuit-off %d", "ask fleet circuit-on %d", "ask circuit-on %d", "ask circuit-off %d"),
		wild("wild outlets", bess.OfOutlet, "ask fleet outlet-off %d", "ask fleet outlet-on %d", "ask outlet-on %d", "ask visit-end %d"),
		wild("wild packs", bess.OfPack, "ask pack-in %d S%d", "ask fleet pack-in %d S%d", "ask fleet pack-out %d", "ask pack-out %d"),
	}
}
