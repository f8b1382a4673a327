package safety

import "reprise/bess"

// Rule numbers of circuits: 50x, of outlets: 52x.
const (
	circuitTripped bess.RuleID = 501 + iota
	circuitOverload
	circuitStuckClosed
)

const (
	outletTripped bess.RuleID = 521 + iota
	outletFault
	outletSilent
	outletOverdraw
	outletOverdrawOff
)

// circuitRules: general loads.
func circuitRules() []Rule {
	return family(FamilyCircuit, bess.OfCircuit, []Rule{
		{
			ID: circuitTripped, Name: "circuit-tripped",
			Watches: "its residual current device or breaker tripped",
			Level:   bess.LevelOpen, Clear: Clear{By: ClearedAtUnit, After: bess.Second},
			signal: func(x *look) (float64, bool) { return told(x.snap.Circuits[x.i].Tripped, x.now, meterAge) },
			What:   "The circuit's protective device has tripped.",
			MayDo:  "Find the faulty load, unplug it, switch the device on by hand, then reset.",
			Why:    "A residual current trip is never reclosed by software.",
		},
		{
			ID: circuitOverload, Name: "circuit-overload", Unit: "of limit",
			Watches: "current of its most loaded phase over its limit", Bound: "1.25", Above: true, limit: constant(1.25),
			Qualify: 30 * bess.Second, Level: bess.LevelOpen, Clear: Clear{By: ClearedByPage, Back: 0.25, After: 5 * bess.Second},
			signal: func(x *look) (float64, bool) {
				limit := float64(x.u.Circuits[x.i].Limit)
				if limit <= 0 || x.snap.Circuits[x.i].Closed.IsNot(x.now, meterAge) {
					return 0, true
				}
				measured := of(x.snap.Circuits[x.i].Power, x.now, meterAge)
				return x.amps.x / limit, x.amps.ok && measured.ok
			},
			What:  "The circuit is overloaded.",
			MayDo: "Unplug something, then reset.",
			Why:   "Half a minute passes every motor start; the breaker is the one that protects the cable.",
		},
		{
			ID: circuitStuckClosed, Name: "circuit-stuck-closed",
			Watches: "its shed relay is ordered open, feedback says closed",
			Qualify: 3 * bess.Second, Level: bess.LevelInform, Clear: Clear{After: 5 * bess.Second},
			signal: func(x *look) (float64, bool) {
				return is(x.u.Circuits[x.i].Shed && !x.ordered.Circuits[x.i].Close && x.snap.Circuits[x.i].Closed.Is(x.now, meterAge))
			},
			What:  "The circuit's relay does not open.",
			MayDo: "Switch it off by hand; have the relay checked.",
			Why:   "Shedding counts on it; dispatch sees the load on its meter and sheds others.",
		},
	})
}

// outletRules: vehicles. A station may take its lag to follow an order, and its
// reports come every few seconds.
func outletRules() []Rule {
	return family(FamilyOutlet, bess.OfOutlet, []Rule{
		{
			ID: outletTripped, Name: "outlet-rcd",
			Watches: "its residual current device tripped",
			Level:   bess.LevelOpen, Clear: Clear{By: ClearedAtUnit, After: bess.Second},
			signal: func(x *look) (float64, bool) { return told(x.snap.Outlets[x.i].Tripped, x.now, stationAge) },
			What:   "The outlet's residual current device has tripped.",
			MayDo:  "Unplug the vehicle, look at cable and plug, switch the device on by hand, then reset.",
			Why:    "A residual current trip is never reclosed by software.",
		},
		{
			ID: outletFault, Name: "outlet-fault",
			Watches: "its station reports a fault",
			Qualify: bess.Second, Level: bess.LevelStop, Clear: Clear{After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) { return told(x.snap.Outlets[x.i].Fault, x.now, stationAge) },
			What:   "The charging station reports a fault.",
			MayDo:  "Unplug and plug in again; else use another outlet.",
			Why:    "Withdrawing the offer lets it clear its own fault.",
		},
		{
			ID: outletSilent, Name: "outlet-station-silent",
			Watches: "its station is not connected although it has its supply",
			Qualify: bess.Minute, Level: bess.LevelInform, Clear: Clear{After: 5 * bess.Second},
			Unknown: Absent(2 * bess.Minute),
			signal: func(x *look) (float64, bool) {
				if !x.powered() || x.standing.OutletOff[x.i] {
					return 0, true // no station runs without its supply
				}
				online, known := told(x.snap.Outlets[x.i].Online, x.now, stationAge)
				return 1 - online, known
			},
			Did:   "Its last offer counts as drawn until its order has ended; then the station offers its fallback by itself.",
			What:  "The charging station does not answer.",
			MayDo: "Look at its lamp and its network plug. A car that charges goes on at the fallback.",
			Why:   "Every order carries a duration, so silence is safe; a minute is one restart of a station.",
		},
		{
			ID: outletOverdraw, Name: "outlet-overdraw", Unit: "of offer",
			Watches: "draw beyond the offer, with 1.5 A or 1 kW to spare", Bound: "1.05", Above: true, limit: constant(1.05),
			Qualify: 12 * bess.Second, Level: bess.LevelStop, Clear: Clear{Back: 0.05, After: 5 * bess.Minute},
			signal: overdraw,
			What:   "The vehicle draws more than it is offered.",
			MayDo:  "Unplug it if it goes on.",
			Why:    "Twice the lag that a station is allowed, and its two-second reports. Five minutes make the habit expensive.",
		},
		{
			ID: outletOverdrawOff, Name: "outlet-overdraw-off", Unit: "of offer",
			Watches: "draw beyond the offer, with 1.5 A or 1 kW to spare", Bound: "1.05", Above: true, limit: constant(1.05),
			Qualify: 45 * bess.Second, Level: bess.LevelOpen, Clear: Clear{By: ClearedByPage, Back: 0.05, After: 30 * bess.Second},
			again: true,
			What:  "The vehicle goes on drawing more than it is offered.",
			MayDo: "Unplug it. Have the station checked before you reset.",
			Why:   "It ignored a pause of half a minute.",
		},
	})
}

// overdraw is the draw over the last order. The order may be zero, hence the
// part to spare, which is whole amps of a station and noise of its meter.
func overdraw(x *look) (float64, bool) {
	if !x.powered() {
		return 0, true // dead stations repeat their last meter value for a while
	}
	v, order := &x.snap.Outlets[x.i], &x.ordered.Outlets[x.i]
	if x.u.Outlets[x.i].Kind == bess.Rapid {
		p := of(v.Power, x.now, stationAge)
		return -p.x / (float64(order.Power) + 1000), p.ok
	}
	if x.amps.x == 0 { // stations that give power only
		p := of(v.Power, x.now, stationAge)
		volts := float64(x.u.Inverter.PhaseVolts) * float64(max(1, x.u.Outlets[x.i].Phases))
		return share(-p.x, volts) / (float64(order.Current) + 1.5), p.ok
	}
	return x.amps.x / (float64(order.Current) + 1.5), x.amps.ok
}

// powered reports whether the outlets' common supply is on, by order and not
// against its feedback.
func (x *look) powered() bool {
	return x.stages.Supplies && !x.snap.IO.OutletSupply.IsNot(x.now, fastAge)
}
