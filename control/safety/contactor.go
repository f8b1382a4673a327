package safety

import "reprise/bess"

// Rule numbers of contactors, precharge and interlock: 12x.
const (
	packInterlock bess.RuleID = 121 + iota
	packIsolation
	packPrecharge
	packWelded
	packCurrentOpen
	packStuckOpen
	packClosedAlone
	packOvercurrent
)

// quietShare is the share of its rating below which a contactor's current
// counts as none; the same that lets it open at once.
const quietShare = 0.05

// packContactorRules: interlock, insulation, precharge and contactors.
func packContactorRules() []Rule {
	return family(FamilyPack, bess.OfPack, []Rule{
		{
			ID: packInterlock, Name: "pack-interlock",
			Watches: "its interlock loop is open (not while out for service)",
			Qualify: 100 * bess.Millisecond, Level: bess.LevelOpen, Clear: Clear{By: ClearedAtUnit, After: 2 * bess.Second},
			Unknown: Lost(15 * bess.Second),
			signal: func(x *look) (float64, bool) {
				if x.pack.stage == bess.PackService {
					return 0, true // a person works on it and pulls its plugs
				}
				closed, known := told(x.pack.v.Interlock, x.now, fastAge)
				if !known && !x.pack.path {
					return 0, true // it sleeps, and is open
				}
				return 1 - closed, known
			},
			What:  "A high-voltage plug of the pack is not seated.",
			MayDo: "Look at its plugs and covers. Do not touch bare contacts.",
			Why:   "A plug must not part under load; the loop breaks first. A pack that sleeps says nothing and is open.",
		},
		{
			ID: packIsolation, Name: "pack-isolation-low",
			Watches: "its own insulation monitor says low",
			Qualify: bess.Second, Level: bess.LevelOpen, Clear: Clear{By: ClearedAtUnit, After: 10 * bess.Second},
			Unknown: Lost(15 * bess.Second),
			signal:  func(x *look) (float64, bool) { return x.tells(x.pack.v.IsolationLow) },
			What:    "The pack's high voltage leaks to its case.",
			MayDo:   "Take it out for service. Do not touch its case and another metal part together.",
			Why:     "An insulation trip is never reclosed by software.",
		},
		{
			ID: packPrecharge, Name: "pack-precharge-failed",
			Watches: "its precharge failed three times",
			Level:   bess.LevelOpen,
			signal:  func(x *look) (float64, bool) { return is(x.pack.stage == bess.PackLockedOut) },
			Did:     "It stays open and is locked out.",
			What:    "The pack could not be connected: its link voltage did not reach the pack voltage.",
			MayDo:   "Have precharge resistor, link and contactor checked, then take it out and in again.",
			Why:     "Closing on a voltage difference wears or welds contactors. The lock-out itself is the latch.",
		},
		{
			ID: packWelded, Name: "pack-welded",
			Watches: "a main contactor did not open, or the pack reports a weld",
			Qualify: 200 * bess.Millisecond, Level: bess.LevelOpen, Clear: Clear{By: ClearedAtUnit, After: bess.Second},
			signal: func(x *look) (float64, bool) {
				if x.pack.stage == bess.PackWelded {
					return 1, true
				}
				return told(x.pack.v.Weld, x.now, fastAge)
			},
			What:  "A main contactor is welded: the pack cannot be separated.",
			MayDo: "Treat its high-voltage plug as live. Have the contactor replaced before you take it in again.",
			Why:   "Judged only after opening, with operating time and 500 ms.",
		},
	})
}

// packCurrentRules: contactors and currents that do not fit the orders.
func packCurrentRules() []Rule {
	return family(FamilyPack, bess.OfPack, []Rule{
		{
			ID: packCurrentOpen, Name: "pack-current-though-open", Unit: "A",
			Watches: "current through a pack that is ordered open and has had its time to open",
			Bound:   "5 % of the contactor rating", Above: true,
			limit: func(u *bess.Unit, i int) float64 {
				return float64(quietShare * float64(u.Packs[i].Type.Contactor.Rated))
			},
			Qualify: 500 * bess.Millisecond, Level: bess.LevelOpenAll, Clear: Clear{By: ClearedAtUnit, After: 5 * bess.Second},
			signal: flowsThoughOpen,
			What:   "Current flows through a pack that should be open.",
			MayDo:  "Keep away. Its fuse is the last way to part it; call the service.",
			Why:    "A welded contactor with current: only everything else can still be opened. A converter that measures no current outvotes a frozen pack report.",
		},
		{
			ID: packStuckOpen, Name: "pack-contactor-stuck-open",
			Watches: "main contactors are ordered closed, feedback says open",
			Qualify: 700 * bess.Millisecond, Level: bess.LevelInform, Clear: Clear{After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) {
				return is(x.ordered.Packs[x.i].Close && x.pack.v.Contactor.IsNot(x.now, fastAge))
			},
			Did:   "The sequence withdraws the order, tries three times and then locks it out.",
			What:  "The pack's contactors do not close, or opened by themselves.",
			MayDo: "If it ends locked out, have coil supply and contactor checked.",
			Why:   "To open what is open already would hide the count of tries, which is what locks it out.",
		},
		{
			ID: packClosedAlone, Name: "pack-closed-unordered",
			Watches: "feedback says closed while nobody ordered it closed",
			Qualify: 2 * bess.Second, Level: bess.LevelOpen, Clear: Clear{After: 2 * bess.Second},
			signal: func(x *look) (float64, bool) {
				switch x.pack.stage {
				case bess.PackOpen, bess.PackWaking, bess.PackCooling, bess.PackLockedOut:
					return is(x.pack.v.Contactor.Is(x.now, fastAge) && !x.ordered.Packs[x.i].Close)
				default:
					return 0, true
				}
			},
			What:  "The pack's contactors are closed although they were ordered open.",
			MayDo: "Treat its high-voltage plug as live. Have the feedback and the contactor checked.",
			Why:   "It must not be precharged again; two seconds outlast a controller restart.",
		},
		{
			ID: packOvercurrent, Name: "pack-overcurrent", Unit: "x",
			Watches: "current against the type's limit for its direction",
			Bound:   "1.2", Above: true, limit: constant(1.2),
			Qualify: bess.Second, Level: bess.LevelStop, Clear: Clear{Back: 0.2, After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) {
				l := &x.pack.p.Type.Limits
				limit, amps := float64(l.DischargeCurrent), x.pack.amps.x
				if amps < 0 {
					limit, amps = float64(l.ChargeCurrent), -amps
				}
				if limit <= 0 {
					return 0, x.pack.amps.ok
				}
				return amps / limit, x.pack.amps.ok
			},
			What:  "The pack carries more current than its type allows.",
			MayDo: "If it comes again, its converter does not keep its limits: take the pack out.",
			Why:   "A fifth above for a second: beyond the ramp of a load step, well below the fuse.",
		},
	})
}

// tells is a pack's flag as a signal; one that a sleeping, open pack does not
// send is no loss.
func (x *look) tells(f bess.Flag) (float64, bool) {
	said, known := told(f, x.now, fastAge)
	return said, known || !x.pack.path
}

// flowsThoughOpen is the current of a pack in a stage in which none may flow.
// The pack's own word alone is not enough where a converter can be asked: a
// frozen report would name an old current for ever.
func flowsThoughOpen(x *look) (float64, bool) {
	p := &x.pack
	switch p.stage {
	case bess.PackOpen, bess.PackWaking, bess.PackCooling, bess.PackLockedOut, bess.PackWelded:
	default:
		return 0, true
	}
	own, conv := max(p.amps.x, -p.amps.x), max(p.convAmps.x, -p.convAmps.x)
	switch {
	case p.amps.ok && p.convAmps.ok:
		return min(own, conv), true
	case p.amps.ok && x.est.Packs[x.i].Doubt != bess.DoubtFrozen:
		return own, true
	default:
		return conv, p.convAmps.ok
	}
}
