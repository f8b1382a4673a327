package safety

import "reprise/bess"

// Rule numbers of the I/O module's inputs: 60x, of the cabinet: 62x.
const (
	emergencyStop bess.RuleID = 601 + iota
	interlockLoop
	unitRCD
	smoke
	gas
	water
	tilt
	door
	coolantLow
)

const (
	ioSilentStop bess.RuleID = 621 + iota
	ioSilentOpen
	twelveVoltLow
	twelveVoltStop
	localLock
	coilsOff
)

// input is a wired safety input; one that does not exist is quiet.
func input(n bess.Input) func(x *look) (float64, bool) {
	return func(x *look) (float64, bool) {
		if !x.u.IO.Has[n] {
			return 0, true
		}
		return told(x.snap.IO.Inputs[n], x.now, fastAge)
	}
}

// resting is an input that is judged only while the unit does not travel: on
// the road it leans, and everything is open.
func resting(n bess.Input) func(x *look) (float64, bool) {
	read := input(n)
	return func(x *look) (float64, bool) {
		if x.standing.Transport {
			return 0, true
		}
		return read(x)
	}
}

// inputRules: wired inputs. Emergency stop, interlock and smoke are latched in
// hardware, too; software does not reset what it did not set. An input that
// falls silent counts as tripped, but does not latch.
func inputRules() []Rule {
	return family(FamilyInput, bess.OfUnit, []Rule{
		{
			ID: emergencyStop, Name: "emergency-stop",
			Watches: "an emergency stop is pressed",
			Level:   bess.LevelOpenAll, Clear: Clear{By: ClearedAtUnit, After: bess.Second},
			Unknown: Lost(3 * bess.Second), signal: input(bess.EmergencyStop),
			What:  "An emergency stop was pressed.",
			MayDo: "See that nobody is in danger, release the button, then reset at the unit.",
			Why:   "The wire opens everything without us; never reclosed by software.",
		},
		{
			ID: interlockLoop, Name: "interlock-loop",
			Watches: "the unit's interlock loop is open",
			Qualify: 100 * bess.Millisecond, Level: bess.LevelOpenAll, Clear: Clear{By: ClearedAtUnit, After: bess.Second},
			Unknown: Lost(3 * bess.Second), signal: input(bess.HVIL),
			What:  "A cover or a high-voltage plug of the unit is open.",
			MayDo: "Do not reach in. Close covers and plugs, then reset at the unit.",
			Why:   "Somebody may be about to touch the bus.",
		},
		{
			ID: unitRCD, Name: "unit-rcd",
			Watches: "the unit's residual current device tripped",
			Level:   bess.LevelOpen, Reach: ReachOutlets | ReachCircuits, Clear: Clear{By: ClearedAtUnit, After: bess.Second},
			Unknown: Lost(5 * bess.Second), signal: input(bess.RCD),
			Did:   "All circuits and outlets were switched off; the device itself has parted them already.",
			What:  "The unit's residual current device has tripped.",
			MayDo: "Find the faulty load, switch the device on by hand, then reset at the unit.",
			Why:   "A residual current trip is never reclosed by software. The DC side is not concerned.",
		},
		{
			ID: smoke, Name: "smoke",
			Watches: "the smoke detector",
			Level:   bess.LevelOpenAll, Clear: Clear{By: ClearedAtUnit, After: bess.Minute},
			Unknown: Lost(5 * bess.Second), signal: input(bess.Smoke),
			What:  "Smoke in the unit.",
			MayDo: "Keep away, do not open the doors, call the fire service.",
			Why:   "The wire opens everything without us.",
		},
		{
			ID: gas, Name: "gas",
			Watches: "the gas detector",
			Qualify: 500 * bess.Millisecond, Level: bess.LevelOpenAll, Clear: Clear{By: ClearedAtUnit, After: bess.Minute},
			Unknown: Lost(5 * bess.Second), signal: input(bess.Gas),
			What:  "Battery gas in the unit: a cell vents.",
			MayDo: "Keep away, no flames, do not open the doors, call the fire service.",
			Why:   "Vented gas is explosive; contactors spark, so half a second against a false alarm is enough.",
		},
		{
			ID: water, Name: "water",
			Watches: "the water detector",
			Qualify: 2 * bess.Second, Level: bess.LevelOpenAll, Clear: Clear{By: ClearedAtUnit, After: bess.Minute},
			Unknown: Lost(10 * bess.Second), signal: input(bess.Water),
			What:  "Water in the unit.",
			MayDo: "Do not touch the case. Have it dried and its insulation measured.",
			Why:   "Two seconds against a splash on the sensor.",
		},
		{
			ID: tilt, Name: "tilt",
			Watches: "the tilt switch (not in transport)",
			Qualify: bess.Second, Level: bess.LevelOpenAll, Clear: Clear{By: ClearedAtUnit, After: 10 * bess.Second},
			Unknown: Lost(10 * bess.Second), signal: resting(bess.Tilt),
			What:  "The unit leans or was struck.",
			MayDo: "Look at it from a distance; set it level; look for damage and leaks before you reset.",
			Why:   "A second against a slammed door. On the road everything is open already.",
		},
		{
			ID: door, Name: "door-open",
			Watches: "a door is open",
			Qualify: 2 * bess.Second, Level: bess.LevelInform, Clear: Clear{After: bess.Second},
			signal: input(bess.Door),
			What:   "A door of the unit is open.",
			MayDo:  "Close it.",
			Why:    "What is live behind it has the interlock loop; a door alone is a matter of rain and thieves.",
		},
		{
			ID: coolantLow, Name: "coolant-low",
			Watches: "coolant flow is too low",
			Qualify: 10 * bess.Second, Level: bess.LevelDerate, Factor: 0.5, Clear: Clear{After: 30 * bess.Second},
			Unknown: Lost(30 * bess.Second), signal: input(bess.CoolantLow),
			What:  "The coolant does not flow.",
			MayDo: "Check level, pump and hoses.",
			Why:   "Half the power is a quarter of the packs' heat; their temperatures still guard them.",
		},
	})
}

// cabinetRules: the module itself and the unit's own supply.
func cabinetRules() []Rule {
	return family(FamilyInput, bess.OfUnit, []Rule{
		{
			ID: ioSilentStop, Name: "io-silent-stop",
			Watches: "the I/O module is silent while a pack is joined",
			Qualify: 200 * bess.Millisecond, Level: bess.LevelStop, Clear: Clear{After: bess.Second},
			signal: func(x *look) (float64, bool) { return is(ioSilent(x) && anyJoined(x)) },
			What:   "The I/O module does not answer.",
			MayDo:  "Wait: it comes back by itself. If not, check its supply and its plug.",
			Why:    "Its outputs fall safe by its own watchdog; without current the contactors open without wear.",
		},
		{
			ID: ioSilentOpen, Name: "io-silent",
			Watches: "the I/O module is silent",
			Qualify: 2 * bess.Second, Level: bess.LevelOpenAll, Clear: Clear{After: 2 * bess.Second},
			signal: func(x *look) (float64, bool) { return is(ioSilent(x)) },
			What:   "The I/O module stayed silent: emergency stop and interlock are not heard.",
			MayDo:  "Check its supply and its plug, then start again.",
			Why:    "Unheard inputs are as bad as tripped ones. With the age of a reading that is three seconds, as long as an island's hold.",
		},
		{
			ID: twelveVoltLow, Name: "twelve-volt-low", Unit: "V",
			Watches: "the 12 V supply", Bound: "the cabinet's minimum",
			limit:   func(u *bess.Unit, _ int) float64 { return float64(u.Cabinet.TwelveVoltMin) },
			Qualify: 5 * bess.Second, Level: bess.LevelInform, Clear: Clear{Back: 0.3, After: 10 * bess.Second},
			signal: twelveVolt,
			What:   "The 12 V battery is weak.",
			MayDo:  "Have it charged or exchanged: without it the unit cannot start from dark.",
			Why:    "Contactor coils still hold here.",
		},
		{
			ID: twelveVoltStop, Name: "twelve-volt-failing", Unit: "V",
			Watches: "the 12 V supply", Bound: "1.5 V below the cabinet's minimum",
			limit:   func(u *bess.Unit, _ int) float64 { return float64(u.Cabinet.TwelveVoltMin) - 1.5 },
			Qualify: 2 * bess.Second, Level: bess.LevelStop, Clear: Clear{Back: 1, After: 30 * bess.Second},
			again: true,
			What:  "The 12 V supply fails: contactor coils are about to drop.",
			MayDo: "Connect a 12 V supply.",
			Why:   "Coils that drop under load weld contactors; the current goes first.",
		},
		{
			ID: localLock, Name: "local-lock-out",
			Watches: "a person locked the unit out at the cabinet",
			Level:   bess.LevelOpenAll, Clear: Clear{After: bess.Second},
			signal: func(x *look) (float64, bool) { return told(x.snap.IO.LocalLock, x.now, fastAge) },
			What:   "The unit is locked out at the cabinet.",
			MayDo:  "Only whose lock it is takes it off; then start again.",
			Why:    "Somebody works on it. The lock itself is the latch; taking it off starts nothing.",
		},
		{
			ID: coilsOff, Name: "hold-in-dropped",
			Watches: "coil supply off or converters inhibited by the hardware, although in service",
			Qualify: 500 * bess.Millisecond, Level: bess.LevelOpen, Reach: ReachPacks | ReachInverter, Clear: Clear{After: 2 * bess.Second},
			signal: func(x *look) (float64, bool) {
				return is(x.serving && (x.snap.IO.Coils.IsNot(x.now, fastAge) || x.snap.IO.Inhibit.Is(x.now, fastAge)))
			},
			Did:   "Orders followed the hardware: packs and inverter are off until it holds again.",
			What:  "The hardware has dropped the hold-in.",
			MayDo: "See which wired input or which half of the hold-in is missing.",
			Why:   "Orders must follow the hardware, so that nothing jumps when it holds again and no precharge is tried without coils.",
		},
	})
}

func ioSilent(x *look) bool {
	_, alive := x.snap.IO.Alive.Fresh(x.now, fastAge)
	return !alive
}

func twelveVolt(x *look) (float64, bool) {
	v := of(x.snap.IO.TwelveVolt, x.now, meterAge)
	return v.x, v.ok
}
