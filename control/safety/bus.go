package safety

import "reprise/bess"

// Rule numbers of converters: 20x, of the DC bus: 22x.
const (
	converterFault bess.RuleID = 201 + iota
	converterOverLimit
	converterRunaway
	converterIgnores
	converterSilentStop
	converterSilentOpen
	converterHot
	converterTooHot
)

const (
	busHigh bess.RuleID = 221 + iota
	busLow
	busUnregulated
	busUnknown
	insulationWarn
	insulationTrip
	busDark
)

// converterRules: a converter is judged against its last order only where it
// follows one: in droop the load decides the power, within the limits.
func converterRules() []Rule {
	rows := []Rule{
		{
			ID: converterFault, Name: "converter-fault",
			Watches: "it reports a fault",
			Qualify: 200 * bess.Millisecond, Level: bess.LevelStop, Clear: Clear{After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) { return told(x.converter.v.Fault, x.now, fastAge) },
			What:   "The converter reports a fault.",
			MayDo:  "If it does not come back by itself, have it checked.",
			Why:    "Withdrawing the order lets it clear its own fault; ten seconds keep it from pumping.",
		},
		{
			ID: converterOverLimit, Name: "converter-over-limit", Unit: "of rating",
			Watches: "power beyond its discharge or charge limit, by", Bound: "10 % of its rating", Above: true, limit: constant(0.10),
			Qualify: 2 * bess.Second, Level: bess.LevelStop, Clear: Clear{Back: 0.08, After: 30 * bess.Second},
			signal: func(x *look) (float64, bool) {
				c := &x.converter
				if !c.joined || c.order.Mode == bess.ConverterOff || c.order.Mode == bess.ConverterPrecharge {
					return 0, true
				}
				over := max(c.power.x-float64(c.order.Discharge), -c.power.x-float64(c.order.Charge))
				return share(over, float64(c.c.Rated)), c.power.ok
			},
			What:  "The converter gives or takes more than its pack may.",
			MayDo: "Have its control link checked.",
			Why:   "In every mode its limits are the pack's limits. Two seconds outlast ramp and report.",
		},
		{
			ID: converterRunaway, Name: "converter-runs-unordered", Unit: "of rating",
			Watches: "power although it is ordered off", Bound: "10 % of its rating", Above: true, limit: constant(0.10),
			Qualify: 2 * bess.Second, Level: bess.LevelOpen, Clear: Clear{By: ClearedByPage, Back: 0.05, After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) {
				c := &x.converter
				if c.order.Mode != bess.ConverterOff {
					return 0, true
				}
				return share(max(c.power.x, -c.power.x), float64(c.c.Rated)), c.power.ok
			},
			Did:   "Its pack was opened.",
			What:  "The converter works although it was ordered off.",
			MayDo: "Have its control link and its watchdog checked before you reset.",
			Why:   "Four of its heartbeats; an island's hold is ended by then because it still hears us. Only its pack's contactors can part it.",
		},
		{
			ID: converterIgnores, Name: "converter-ignores-order", Unit: "of rating",
			Watches: "power against its setpoint on a live network, bus within its window", Bound: "15 % of its rating", Above: true, limit: constant(0.15),
			Qualify: 15 * bess.Second, Level: bess.LevelInform, Clear: Clear{Back: 0.05, After: 10 * bess.Second},
			signal: ignoredSetpoint,
			What:   "The converter does not do what it is ordered.",
			MayDo:  "Have its control link checked. The others carry on.",
			Why:    "Silent non-operation is the field's most common complaint; it is not dangerous within the limits.",
		},
		{
			ID: converterSilentStop, Name: "converter-silent-stop",
			Watches: "the converter of a joined pack does not report its power",
			Qualify: 2 * bess.Second, Level: bess.LevelStop, Clear: Clear{After: bess.Second},
			signal: func(x *look) (float64, bool) { return is(x.converter.joined && !x.converter.power.ok) },
			What:   "The converter does not answer.",
			MayDo:  "Wait: it falls to zero by its own heartbeat and comes back by itself. If not, check its plug.",
			Why:    "An order that nobody can check is not given.",
		},
		{
			ID: converterSilentOpen, Name: "converter-silent-open",
			Watches: "the converter of a joined pack does not report its power",
			Qualify: 15 * bess.Second, Level: bess.LevelOpen, Clear: Clear{After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) {
				c := &x.converter
				// Once its pack is open only its voice ends this, not the silence.
				return number(c.joined && !c.power.ok), c.joined || c.power.ok
			},
			Did:   "Its pack was opened.",
			What:  "The converter stayed silent.",
			MayDo: "Check its plug and its supply. The pack joins again when the converter is heard.",
			Why:   "Unknown power is no safer than unordered power: it ends at the same level.",
		},
		{
			ID: converterHot, Name: "converter-hot", Unit: "C",
			Watches: "heat sink", Bound: "80 C", Above: true, limit: constant(80),
			Qualify: 5 * bess.Second, Level: bess.LevelDerate, Factor: 0.5, Clear: Clear{Back: 5, After: 30 * bess.Second},
			signal: heatsink,
			What:   "The converter is hot.",
			MayDo:  "Check fans and coolant.",
			Why:    "Half the power is about a third of the loss. Assumed limit of the device class.",
		},
		{
			ID: converterTooHot, Name: "converter-too-hot", Unit: "C",
			Watches: "heat sink", Bound: "95 C", Above: true, limit: constant(95),
			Qualify: 2 * bess.Second, Level: bess.LevelStop, Clear: Clear{Back: 15, After: bess.Minute},
			again: true,
			What:  "The converter is too hot.",
			MayDo: "Check fans and coolant.",
			Why:   "Before its own protection trips it under load. Assumed limit of the device class.",
		},
	}
	return family(FamilyConverter, bess.OfConverter, rows)
}

func heatsink(x *look) (float64, bool) {
	t := of(x.converter.v.Heatsink, x.now, temperatureAge)
	return t.x, t.ok
}

// share is x relative to a rating; 0 for a part without one.
func share(x, rated float64) float64 {
	if rated <= 0 {
		return 0
	}
	return x / rated
}

// onLine reports whether a grid or generator carries the AC bus. Transfers,
// black starts and islands are judged by their own sequences and rows.
func (x *look) onLine() bool {
	return x.stages.Network == bess.NetworkGrid || x.stages.Network == bess.NetworkGenerator
}

// ignoredSetpoint is how far a converter is from its setpoint where it should
// follow it. Outside the bus window it rightly supports the bus instead.
func ignoredSetpoint(x *look) (float64, bool) {
	c := &x.converter
	inside := x.bus.ok && x.bus.x > float64(x.u.Bus.Min) && x.bus.x < float64(x.u.Bus.Max)
	if !c.joined || c.order.Mode != bess.ConverterPower || !inside || !x.onLine() {
		return 0, true
	}
	return share(apart(c.power.x, float64(c.order.Power)), float64(c.c.Rated)), c.power.ok
}

// live reports whether the AC bus is carried by anybody, so that the DC bus
// should be in its window.
func (x *look) live() bool { return x.onLine() || x.stages.Network == bess.NetworkIsland }

// busRules: the DC bus. Below its window it is judged only while the unit
// serves a network: a dark bus before the start is no fault.
func busRules() []Rule {
	return family(FamilyBus, bess.OfBus, []Rule{
		{
			ID: busHigh, Name: "bus-voltage-high", Unit: "V",
			Watches: "DC bus voltage", Bound: "4 % above its window", Above: true,
			limit:   func(u *bess.Unit, _ int) float64 { return float64(1.04 * float64(u.Bus.Max)) },
			Qualify: 300 * bess.Millisecond, Level: bess.LevelStop, Clear: Clear{Back: 25, After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) { return x.bus.x, x.bus.ok },
			What:   "The DC bus voltage is too high.",
			MayDo:  "If it comes again, have the converters' voltage limits checked.",
			Why:    "An island full of solar may touch the window's edge; 4 % above it somebody pushes. The devices trip at 10 %.",
		},
		{
			ID: busLow, Name: "bus-voltage-low", Unit: "V",
			Watches: "DC bus voltage while a network is carried", Bound: "2 % below its window",
			limit:   func(u *bess.Unit, _ int) float64 { return float64(0.98 * float64(u.Bus.Min)) },
			Qualify: 300 * bess.Millisecond, Level: bess.LevelStop, Reach: ReachOutlets, Clear: Clear{Back: 20, After: 20 * bess.Second},
			signal: func(x *look) (float64, bool) {
				if !x.live() || dark(x) {
					return quietHigh, true
				}
				return x.bus.x, x.bus.ok
			},
			Did:   "All outlets were paused, the rapid one first of all.",
			What:  "The DC bus voltage sags: more is drawn than the packs can give.",
			MayDo: "Wait, or switch loads off.",
			Why:   "Vehicles can wait, lights cannot. To hold the packs here would pull the bus down at once.",
		},
		{
			ID: busUnregulated, Name: "bus-unregulated",
			Watches: "the device that should hold the DC bus does not run",
			Qualify: 5 * bess.Second, Level: bess.LevelInform, Clear: Clear{After: 2 * bess.Second},
			signal: func(x *look) (float64, bool) { return is(unregulated(x)) },
			Did:    "The converters support the bus outside its window by themselves; the voltage rows guard it.",
			What:   "Nobody regulates the DC bus.",
			MayDo:  "See why the inverter or the converters do not run.",
			Why:    "To stop the converters would take the bus, and the controller's own supply, down.",
		},
		{
			ID: busUnknown, Name: "bus-voltage-unknown",
			Watches: "nobody measures the DC bus while a pack is joined",
			Qualify: 2 * bess.Second, Level: bess.LevelStop, Clear: Clear{After: 2 * bess.Second},
			signal: func(x *look) (float64, bool) { return is(!x.bus.ok && anyJoined(x)) },
			What:   "No device tells the DC bus voltage.",
			MayDo:  "Check the links to inverter and converters.",
			Why:    "Bus, inverter and every converter measure it; when all are silent nothing may be driven.",
		},
		{
			ID: busDark, Name: "bus-stays-dark", Unit: "V",
			Watches: "DC bus voltage in service with a pack joined", Bound: "half the lower edge of its window",
			limit:   func(u *bess.Unit, _ int) float64 { return float64(0.5 * float64(u.Bus.Min)) },
			Qualify: 15 * bess.Second, Level: bess.LevelOpen, Reach: ReachPacks, Clear: Clear{By: ClearedByPage, After: bess.Second},
			signal: func(x *look) (float64, bool) {
				if !x.serving || !anyJoined(x) {
					return quietHigh, true
				}
				return x.bus.x, x.bus.ok
			},
			Did:   "All packs were opened.",
			What:  "The DC bus does not come up: it may be shorted.",
			MayDo: "Have the bus checked for a short before you reset.",
			Why:   "A sound bus rises from dark in about two seconds; feeding a short heats it.",
		},
		{
			ID: insulationWarn, Name: "insulation-warning", Unit: "ohm/V",
			Watches: "insulation of the DC bus over its nominal voltage", Bound: "the strictest pack type's limit, at least 300 ohm/V",
			limit:   func(u *bess.Unit, _ int) float64 { return strictestInsulation(u) },
			Qualify: 10 * bess.Second, Level: bess.LevelInform, Clear: Clear{Back: 50, After: bess.Minute},
			signal: insulation,
			What:   "The insulation of the DC bus has fallen.",
			MayDo:  "Look for damp and damaged cables at the next stop.",
			Why:    "Charging practice warns below 300 ohm/V and finishes what runs.",
		},
		{
			ID: insulationTrip, Name: "insulation-trip", Unit: "ohm/V",
			Watches: "insulation of the DC bus over its nominal voltage", Bound: "100 ohm/V", limit: constant(100),
			Qualify: 2 * bess.Second, Level: bess.LevelOpenAll, Clear: Clear{By: ClearedAtUnit, Back: 200, After: bess.Minute},
			Unknown: Lost(5 * bess.Minute), again: true,
			What:  "The DC bus leaks to the case.",
			MayDo: "Do not touch the case. Have the fault found before you reset.",
			Why:   "Charging practice stops below 100 ohm/V within 10 s. Never reclosed by software. A monitor that falls silent counts after five minutes: two faults at once are then still unlikely.",
		},
	})
}

// insulation is ohm per volt of the bus, by the active monitor.
func insulation(x *look) (float64, bool) {
	ohms := of(x.snap.Bus.Insulation, x.now, slowAge)
	if x.u.Bus.Nominal <= 0 {
		return quietHigh, true
	}
	return ohms.x / float64(x.u.Bus.Nominal), ohms.ok
}

func strictestInsulation(u *bess.Unit) float64 {
	strictest := 300.0
	for i := range u.Packs {
		strictest = max(strictest, float64(limits(u, i).InsulationOhmPerVolt))
	}
	return strictest
}

func anyJoined(x *look) bool {
	for _, p := range x.stages.Packs {
		if p == bess.PackJoined {
			return true
		}
	}
	return false
}

// dark reports a bus that is not up yet: nothing is joined to hold it, or a
// pack is just raising it. A supply may carry its loads meanwhile.
func dark(x *look) bool {
	for i := range x.ordered.Converters {
		if x.ordered.Converters[i].Mode == bess.ConverterPrecharge {
			return true
		}
	}
	return !anyJoined(x)
}

// unregulated reports that the regulator of the configuration does not run.
func unregulated(x *look) bool {
	by := x.u.Bus.OnNetwork
	if x.stages.Network == bess.NetworkIsland {
		by = x.u.Bus.Islanded
	}
	switch {
	case !x.live():
		return false
	case by == bess.RegulatorInverter:
		return x.snap.Inverter.Running.IsNot(x.now, fastAge)
	case by == bess.RegulatorConverters:
		for i := range x.snap.Converters {
			if !x.snap.Converters[i].Running.IsNot(x.now, fastAge) {
				return false
			}
		}
		return len(x.snap.Converters) > 0
	}
	return !anyJoined(x)
}
