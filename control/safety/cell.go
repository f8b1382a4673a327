package safety

import "reprise/bess"

// Rule numbers of cell voltages: 14x.
const (
	cellHighNoCharge bess.RuleID = 141 + iota
	cellHighStop
	cellHighOpen
	cellLowDerate
	cellLowStop
	cellLowOpen
	cellSpreadDerate
	cellSpreadStop
	packVoltsHigh
)

func limits(u *bess.Unit, i int) *bess.PackLimits { return &u.Packs[i].Type.Limits }

func cellHigh(above float64) func(*bess.Unit, int) float64 {
	return func(u *bess.Unit, i int) float64 { return float64(limits(u, i).CellMax) + above }
}

func cellLow(above float64) func(*bess.Unit, int) float64 {
	return func(u *bess.Unit, i int) float64 { return float64(limits(u, i).CellMin) + above }
}

func readHigh(x *look) (float64, bool) { return x.pack.high.x, x.pack.high.ok }
func readLow(x *look) (float64, bool)  { return x.pack.low.x, x.pack.low.ok }

// readSpread is the highest minus the lowest cell.
func readSpread(x *look) (float64, bool) {
	return x.pack.high.x - x.pack.low.x, x.pack.high.ok && x.pack.low.ok
}

// packCellRules: voltages of cells in steps. The estimate's envelope fades to
// nothing 15 mV before the limits; these rows are for what comes through.
// Missing cells are the silent rows' matter: they end open, too.
func packCellRules() []Rule {
	return family(FamilyPack, bess.OfPack, []Rule{
		{
			ID: cellHighNoCharge, Name: "cell-high-no-charge", Unit: "V",
			Watches: "highest cell", Bound: "the type's upper cell voltage", Above: true, limit: cellHigh(0),
			Qualify: 500 * bess.Millisecond, Level: bess.LevelInform, NoCharge: true, Clear: Clear{Back: 0.02, After: 10 * bess.Second},
			signal: readHigh,
			Did:    "It is not charged any more; it may be discharged, which is the way out.",
			What:   "A cell is full to its limit.",
			MayDo:  "Nothing: it ends when the pack is used.",
			Why:    "20 mV of hysteresis before charging again, as field software uses.",
		},
		{
			ID: cellHighStop, Name: "cell-high-stop", Unit: "V",
			Watches: "highest cell", Bound: "the type's upper cell voltage + 30 mV", Above: true, limit: cellHigh(0.03),
			Qualify: bess.Second, Level: bess.LevelStop, Clear: Clear{Back: 0.03, After: 30 * bess.Second},
			again: true,
			What:  "A cell is above its limit although charging was forbidden.",
			MayDo: "Wait until it has relaxed; if it comes again, take the pack out for service.",
			Why:   "Current must stop in either direction until it is clear who pushes it.",
		},
		{
			ID: cellHighOpen, Name: "cell-high-open", Unit: "V",
			Watches: "highest cell", Bound: "the type's upper cell voltage + 80 mV", Above: true, limit: cellHigh(0.08),
			Qualify: bess.Second, Level: bess.LevelOpen, Clear: Clear{By: ClearedByPage, Back: 0.08, After: bess.Minute},
			again: true,
			What:  "A cell is overcharged.",
			MayDo: "Leave the pack alone, watch its temperature, have it tested before you reset.",
			Why:   "Inside the 100 mV at which field software latches a critical fault.",
		},
		{
			ID: cellLowDerate, Name: "cell-low-derate", Unit: "V",
			Watches: "lowest cell", Bound: "the type's lower cell voltage + 20 mV", limit: cellLow(0.02),
			Qualify: 2 * bess.Second, Level: bess.LevelDerate, Factor: 0.5, Clear: Clear{Back: 0.05, After: 10 * bess.Second},
			signal: readLow,
			What:   "A cell is near its lower limit.",
			MayDo:  "Charge the unit.",
			Why:    "Half the current halves the sag; the rest of the packs carry on.",
		},
		{
			ID: cellLowStop, Name: "cell-low-stop", Unit: "V",
			Watches: "lowest cell", Bound: "the type's lower cell voltage", limit: cellLow(0),
			Qualify: 2 * bess.Second, Level: bess.LevelStop, Clear: Clear{Back: 0.03, After: 20 * bess.Second},
			again: true,
			What:  "A cell is at its lower limit.",
			MayDo: "Charge the unit. A pack that does not recover at rest needs a test before it is charged.",
			Why:   "It recovers when the load is gone; a cell that rests below the limit must not simply be charged.",
		},
		{
			ID: cellLowOpen, Name: "cell-low-open", Unit: "V",
			Watches: "lowest cell", Bound: "the type's lower cell voltage - 150 mV", limit: cellLow(-0.15),
			Qualify: 2 * bess.Second, Level: bess.LevelOpen, Clear: Clear{By: ClearedByPage, Back: 0.15, After: bess.Minute},
			again: true,
			What:  "A cell is deeply discharged.",
			MayDo: "Have the pack tested: copper may have dissolved, charging may short it.",
			Why:   "Even standby drain must end.",
		},
		{
			ID: cellSpreadDerate, Name: "cell-spread-derate", Unit: "V",
			Watches: "highest minus lowest cell", Bound: "the type's cell spread", Above: true,
			limit:   func(u *bess.Unit, i int) float64 { return float64(limits(u, i).CellSpread) },
			Qualify: 30 * bess.Second, Level: bess.LevelDerate, Factor: 0.5, Clear: Clear{Back: 0.03, After: bess.Minute},
			signal: readSpread,
			What:   "The cells of the pack are far apart.",
			MayDo:  "Plan a balancing charge or an exchange.",
			Why:    "Half a minute outlasts a load step, which opens the spread of aged cells for a moment.",
		},
		{
			ID: cellSpreadStop, Name: "cell-spread-stop", Unit: "V",
			Watches: "highest minus lowest cell", Bound: "twice the type's cell spread", Above: true,
			limit:   func(u *bess.Unit, i int) float64 { return float64(2 * float64(limits(u, i).CellSpread)) },
			Qualify: 10 * bess.Second, Level: bess.LevelOpen, Clear: Clear{By: ClearedByPage, Back: 0.05, After: bess.Minute},
			again: true,
			What:  "One cell of the pack has fallen away: it may be shorted inside.",
			MayDo: "Watch its temperature. Take the pack out for service.",
			Why:   "A soft internal short is the usual forerunner of a fire; current must not feed it.",
		},
		{
			ID: packVoltsHigh, Name: "pack-voltage-high", Unit: "V",
			Watches: "pack voltage", Bound: "the type's highest pack voltage + 1.5 %", Above: true,
			limit:   func(u *bess.Unit, i int) float64 { return float64(1.015 * float64(limits(u, i).PackMax)) },
			Qualify: bess.Second, Level: bess.LevelOpen, Clear: Clear{By: ClearedByPage, Back: 5, After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) { return x.pack.volts.x, x.pack.volts.ok },
			What:   "The pack's voltage is above what its type can have.",
			MayDo:  "Have the measurement and the pack checked.",
			Why:    "A second witness beside the cells; one volt of resolution lies within the margin.",
		},
	})
}
