package safety

import "reprise/bess"

// Rule numbers of what flows through a supply: 42x.
const (
	feederOverImport bess.RuleID = 421 + iota
	feederOverImportStop
	feederPhaseOver
	feederPhaseOverStop
	feederExport
	generatorReverse
	generatorOverload
)

// overImport is the import over what is allowed. On the supply that carries
// the network an unknown import is no import that is allowed.
func overImport(x *look) (float64, bool) {
	f := &x.feeder
	if f.allowed <= 0 || !f.live && f.open {
		return 0, true
	}
	return f.power.x / f.allowed, f.power.ok || !f.live
}

func phaseOver(x *look) (float64, bool) {
	f := &x.feeder
	if f.f.DC || f.f.PhaseLimit <= 0 || !f.live && f.open {
		return 0, true
	}
	return f.amps.x / float64(f.f.PhaseLimit), f.amps.ok || !f.live
}

// feederPowerRules: what a supply carries. Only a supply that is closed can
// carry anything; in a transfer all are open.
func feederPowerRules() []Rule {
	return family(FamilyFeeder, bess.OfFeeder, []Rule{
		{
			ID: feederOverImport, Name: "supply-over-import", Unit: "of limit",
			Watches: "import over the least of installed, agreed and site cap", Bound: "1.03", Above: true, limit: constant(1.03),
			Qualify: 5 * bess.Second, Level: bess.LevelDerate, Factor: 0.9, Clear: Clear{Back: 0.05, After: 30 * bess.Second},
			Unknown: Absent(5 * bess.Second), signal: overImport,
			Did:   "A tenth less is planned from this supply.",
			What:  "More is drawn from the supply than agreed.",
			MayDo: "Nothing: outlets and packs give way.",
			Why:   "Dispatch corrects within seconds; what remains is a load that nobody steers.",
		},
		{
			ID: feederOverImportStop, Name: "supply-over-import-stop", Unit: "of limit",
			Watches: "import over the least of installed, agreed and site cap", Bound: "1.10", Above: true, limit: constant(1.10),
			Qualify: 20 * bess.Second, Level: bess.LevelStop, Reach: ReachOutlets, Clear: Clear{Back: 0.15, After: bess.Minute},
			Unknown: Absent(20 * bess.Second), again: true,
			Did:   "All outlets were paused.",
			What:  "The supply stays overloaded.",
			MayDo: "Switch loads off.",
			Why:   "A breaker holds 110 % for many minutes; a supplier's limiter does not wait as long.",
		},
		{
			ID: feederPhaseOver, Name: "supply-phase-overload", Unit: "of limit",
			Watches: "current of its most loaded phase over the phase limit", Bound: "1.05", Above: true, limit: constant(1.05),
			Qualify: 5 * bess.Second, Level: bess.LevelDerate, Factor: 0.5, Reach: ReachOutlets, Clear: Clear{Back: 0.10, After: 30 * bess.Second},
			Unknown: Absent(5 * bess.Second), signal: phaseOver,
			Did:   "All outlets were turned down to half.",
			What:  "One phase of the supply is overloaded.",
			MayDo: "Move loads to another phase.",
			Why:   "Stations need up to five seconds to follow.",
		},
		{
			ID: feederPhaseOverStop, Name: "supply-phase-overload-stop", Unit: "of limit",
			Watches: "current of its most loaded phase over the phase limit", Bound: "1.20", Above: true, limit: constant(1.20),
			Qualify: 15 * bess.Second, Level: bess.LevelStop, Reach: ReachOutlets, Clear: Clear{Back: 0.25, After: bess.Minute},
			Unknown: Absent(20 * bess.Second), again: true,
			Did:   "All outlets were paused.",
			What:  "One phase of the supply stays overloaded.",
			MayDo: "Switch loads off or move them to another phase.",
			Why:   "A breaker trips between 113 % and 145 % within the hour; we are to be first.",
		},
		{
			ID: feederExport, Name: "supply-export-forbidden", Unit: "W",
			Watches: "power fed back beyond what the site record permits", Bound: "the larger of 1 kW and 3 % of the cap", Above: true,
			limit:   func(u *bess.Unit, i int) float64 { return max(1000, float64(0.03*float64(u.Feeders[i].Cap))) },
			Qualify: 5 * bess.Second, Level: bess.LevelOpen, Clear: Clear{Back: 500, After: bess.Minute},
			Unknown: Absent(10 * bess.Second), signal: forbiddenExport,
			What:  "Power is fed back into the supply without permission.",
			MayDo: "Check the site record and the solar inverter's curtailment.",
			Why:   "Five seconds is the usual time of an export limitation scheme (ENA EREC G100).",
		},
		{
			ID: generatorReverse, Name: "generator-reverse-power", Unit: "of rating",
			Watches: "power fed into a generator", Bound: "5 % of its rating", Above: true, limit: constant(0.05),
			Qualify: 2 * bess.Second, Level: bess.LevelOpen, Clear: Clear{By: ClearedByPage, Back: 0.03, After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) {
				f := &x.feeder
				if f.f.Kind != bess.Generator || f.open {
					return 0, true
				}
				return share(-f.power.x, float64(f.f.Set.Rated)), f.power.ok
			},
			What:  "Power flows into the generator.",
			MayDo: "Have the set checked: it may have stopped burning while it turns.",
			Why:   "A motored diesel is driven to destruction; its own relay usually acts at 5 to 20 %.",
		},
		{
			ID: generatorOverload, Name: "generator-overload", Unit: "of rating",
			Watches: "load of a generator", Bound: "1.05", Above: true, limit: constant(1.05),
			Qualify: 5 * bess.Second, Level: bess.LevelStop, Reach: ReachOutlets, Clear: Clear{Back: 0.15, After: bess.Minute},
			signal: func(x *look) (float64, bool) {
				f := &x.feeder
				if f.f.Kind != bess.Generator || f.open {
					return 0, true
				}
				return share(f.power.x, float64(f.f.Set.Rated)), f.power.ok
			},
			Did:   "All outlets were paused.",
			What:  "The generator is overloaded.",
			MayDo: "Switch loads off.",
			Why:   "A set that is pulled down loses its frequency and then everybody their supply.",
		},
	})
}

// forbiddenExport is what flows back beyond the site record, W.
func forbiddenExport(x *look) (float64, bool) {
	f := &x.feeder
	if !f.ac || !f.live && f.open {
		return quietLow, true
	}
	permitted := 0.0
	r := f.record
	if r.Parallel && f.f.Mode == bess.Export && r.Holds(x.now) {
		permitted = float64(r.ExportCap)
	}
	return -f.power.x - permitted, f.power.ok || !f.live
}
