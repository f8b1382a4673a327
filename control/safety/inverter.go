package safety

import "reprise/bess"

// Rule numbers of the inverter: 30x, of earthing: 32x.
const (
	inverterFault bess.RuleID = 301 + iota
	inverterOverload
	inverterOverloadShed
	inverterHot
	inverterTooHot
	inverterRunaway
	inverterIgnores
	inverterSilent
	lossOfMains
)

const (
	bondMissing bess.RuleID = 321 + iota
	bondDouble
)

// inverterRules: the inverter's own fast protections come first; these rows
// shed before they trip, and act when it does not obey.
func inverterRules() []Rule {
	rows := []Rule{
		{
			ID: inverterFault, Name: "inverter-fault",
			Watches: "it reports a fault other than loss of mains",
			Qualify: 200 * bess.Millisecond, Level: bess.LevelStop, Clear: Clear{After: 5 * bess.Second},
			signal: func(x *look) (float64, bool) {
				if x.snap.Inverter.LossOfMain.Is(x.now, fastAge) {
					return 0, true
				}
				return told(x.snap.Inverter.Fault, x.now, fastAge)
			},
			What:  "The inverter reports a fault.",
			MayDo: "If it does not come back by itself, read its fault and have it checked.",
			Why:   "Withdrawing the order lets it clear its own fault; five seconds keep it from pumping. After a loss of mains it is wanted again at once, to form an island.",
		},
		{
			ID: inverterOverload, Name: "inverter-overload", Unit: "of rating",
			Watches: "its most loaded phase", Bound: "1.02", Above: true, limit: constant(1.02),
			Qualify: 300 * bess.Millisecond, Level: bess.LevelDerate, Factor: 0.5, Reach: ReachOutlets, Clear: Clear{Back: 0.10, After: 30 * bess.Second},
			signal: inverterLoad,
			Did:    "All outlets were turned down to half.",
			What:   "The inverter is overloaded.",
			MayDo:  "Switch loads off; general circuits are not touched yet.",
			Why:    "It stands 110 % for ten seconds by default; stations need five to follow.",
		},
		{
			ID: inverterOverloadShed, Name: "inverter-overload-shed", Unit: "of rating",
			Watches: "its most loaded phase", Bound: "1.02", Above: true, limit: constant(1.02),
			Qualify: 3 * bess.Second, Level: bess.LevelOpen, Reach: ReachOutlets, Clear: Clear{Back: 0.10, After: bess.Minute},
			again: true,
			Did:   "All outlets were switched off.",
			What:  "The inverter stayed overloaded.",
			MayDo: "Switch loads off. The outlets come back by themselves.",
			Why:   "Vehicles before the stage: dispatch sheds circuits by their priority beside this.",
		},
		{
			ID: inverterHot, Name: "inverter-hot", Unit: "C",
			Watches: "heat sink", Bound: "80 C", Above: true, limit: constant(80),
			Qualify: 5 * bess.Second, Level: bess.LevelDerate, Factor: 0.5, Clear: Clear{Back: 5, After: 30 * bess.Second},
			signal: inverterHeat,
			What:   "The inverter is hot.",
			MayDo:  "Check fans and filters.",
			Why:    "Assumed limit of the device class; half the power is about a third of the loss.",
		},
		{
			ID: inverterTooHot, Name: "inverter-too-hot", Unit: "C",
			Watches: "heat sink", Bound: "95 C", Above: true, limit: constant(95),
			Qualify: 2 * bess.Second, Level: bess.LevelStop, Clear: Clear{Back: 15, After: bess.Minute},
			again: true,
			What:  "The inverter is too hot.",
			MayDo: "Check fans and filters.",
			Why:   "Before its own protection trips it under load. Assumed limit of the device class.",
		},
	}
	return family(FamilyInverter, bess.OfInverter, rows)
}

// inverterOrderRules: does it do what it is ordered, and is it heard.
func inverterOrderRules() []Rule {
	return family(FamilyInverter, bess.OfInverter, []Rule{
		{
			ID: inverterRunaway, Name: "inverter-runs-unordered", Unit: "of rating",
			Watches: "power although it is ordered off", Bound: "5 % of its rating", Above: true, limit: constant(0.05),
			Qualify: 4 * bess.Second, Level: bess.LevelOpenAll, Clear: Clear{By: ClearedByPage, Back: 0.03, After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) {
				if x.ordered.Inverter.Mode != bess.InverterOff {
					return 0, true
				}
				p := of(x.snap.Inverter.Power, x.now, fastAge)
				return share(max(p.x, -p.x), float64(x.u.Inverter.Rated)), p.ok
			},
			What:  "The inverter works although it was ordered off.",
			MayDo: "Have its control link and its watchdog checked before you reset.",
			Why:   "Heartbeat and island hold are 3 s; after 4 s it does not obey. Only the hold-in can stop it then.",
		},
		{
			ID: inverterIgnores, Name: "inverter-does-not-run",
			Watches: "it is ordered to run and reports that it does not",
			Qualify: 20 * bess.Second, Level: bess.LevelInform, Clear: Clear{After: 2 * bess.Second},
			signal: func(x *look) (float64, bool) {
				return is(x.ordered.Inverter.Mode != bess.InverterOff && x.snap.Inverter.Running.IsNot(x.now, fastAge))
			},
			What:  "The inverter does not start.",
			MayDo: "See whether the supply is in band; else read its fault.",
			Why:   "Its starting time and a full transfer time-out fit into twenty seconds.",
		},
		{
			ID: inverterSilent, Name: "inverter-silent",
			Watches: "it does not report its power while the unit is in service",
			Qualify: 3 * bess.Second, Level: bess.LevelStop, Clear: Clear{After: 2 * bess.Second},
			signal: func(x *look) (float64, bool) {
				return is(x.serving && !of(x.snap.Inverter.Power, x.now, fastAge).ok)
			},
			What:  "The inverter does not answer.",
			MayDo: "Wait: it stops by its own heartbeat and comes back by itself. If not, check its link.",
			Why:   "An order that nobody can check is not given. In a black start it may be dark until the bus is up; it is not needed until then.",
		},
		{
			ID: lossOfMains, Name: "loss-of-mains",
			Watches: "its loss-of-mains protection tripped",
			Level:   bess.LevelInform, Clear: Clear{After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) { return told(x.snap.Inverter.LossOfMain, x.now, fastAge) },
			Did:    "The inverter stopped by itself; the network sequence leaves the supply.",
			What:   "The grid was lost while the inverter ran beside it.",
			MayDo:  "Nothing: it returns when the grid was good for a minute.",
			Why:    "The protection lives in the inverter; software reads it and must not imitate it.",
		},
	})
}

// inverterLoad is the apparent load of the most loaded phase over its rating.
func inverterLoad(x *look) (float64, bool) {
	v := &x.u.Inverter
	phases := max(1, v.Phases)
	amps := highest(&x.snap.Inverter.PhaseAmps, phases, x.now, fastAge)
	rated := share(float64(v.Rated), float64(v.PhaseVolts)*float64(phases))
	if amps.ok {
		return share(amps.x, rated), true
	}
	p := of(x.snap.Inverter.Power, x.now, fastAge)
	return share(max(p.x, -p.x), float64(v.Rated)), p.ok
}

func inverterHeat(x *look) (float64, bool) {
	t := of(x.snap.Inverter.Heatsink, x.now, temperatureAge)
	return t.x, t.ok
}

// earthingRules: exactly one neutral-earth bond per live source. In a transfer
// the sequence proves it step by step, so only settled networks are judged.
func earthingRules() []Rule {
	return family(FamilyInverter, bess.OfUnit, []Rule{
		{
			ID: bondMissing, Name: "bond-missing",
			Watches: "the neutral-earth bond is open in island",
			Qualify: 500 * bess.Millisecond, Level: bess.LevelOpenAll, Clear: Clear{By: ClearedByPage, After: bess.Second},
			Unknown: Absent(2 * bess.Second),
			signal: func(x *look) (float64, bool) {
				if x.stages.Network != bess.NetworkIsland {
					return 0, true
				}
				closed, known := told(x.snap.IO.Bond, x.now, fastAge)
				return 1 - closed, known
			},
			What:  "The island has no neutral-earth bond: residual current devices cannot work.",
			MayDo: "Have the bond contactor checked before you reset and start again.",
			Why:   "Without the bond a first fault to a case stays live. Dead is safer.",
		},
		{
			ID: bondDouble, Name: "bond-double",
			Watches: "the unit's bond is closed while a supply carries the network",
			Qualify: 500 * bess.Millisecond, Level: bess.LevelOpenAll, Clear: Clear{By: ClearedAtUnit, After: bess.Second},
			Unknown: Lost(5 * bess.Second),
			signal: func(x *look) (float64, bool) {
				if !x.onLine() {
					return 0, true
				}
				return told(x.snap.IO.Bond, x.now, fastAge)
			},
			What:  "Two neutral-earth bonds at once: neutral current flows through the earth wires.",
			MayDo: "Have the bond contactor checked: it is welded.",
			Why:   "A supply brings its own bond. The order was taken away long before; what is still closed is stuck.",
		},
	})
}
