package safety

import "reprise/bess"

// Rule numbers of the software's own state: 70x.
const (
	operatorStop bess.RuleID = 701 + iota
	guardMissing
	clockUntrusted
	clockJumped
	diskFull
	diskFailed
	alarmsOverflow
	stateBroken
	guardLong
	signalLost
)

// softwareRules: persons, the second process, clock and disk.
func softwareRules() []Rule {
	return family(FamilySoftware, bess.OfUnit, []Rule{
		{
			ID: operatorStop, Name: "operator-stop",
			Watches: "somebody asked to stop everything",
			Level:   bess.LevelOpenAll, Clear: Clear{By: ClearedAtUnit, After: bess.Second},
			signal: func(x *look) (float64, bool) { return is(x.stopping) },
			What:   "Somebody stopped everything from a screen.",
			MayDo:  "Ask who and why; look at the unit; then reset there and start again.",
			Why:    "Anybody may stop. Whoever resets must see the unit.",
		},
		{
			ID: guardMissing, Name: "guard-missing",
			Watches: "the second process does not contribute to the hold-in",
			Qualify: 2 * bess.Second, Level: bess.LevelStop, Clear: Clear{After: bess.Second},
			Unknown: Lost(2 * bess.Second),
			signal: func(x *look) (float64, bool) {
				if !anyJoined(x) {
					return 0, true
				}
				there, known := told(x.snap.IO.Guard, x.now, fastAge)
				return 1 - there, known
			},
			What:  "The guard does not run, or it withholds.",
			MayDo: "It restarts by itself. If it has tripped, its log says why: look at the unit, then press reset there.",
			Why:   "The hardware window ends soon after: the current goes first. A restart of 1.5 s passes.",
		},
		{
			ID: guardLong, Name: "guard-missing-open",
			Watches: "the second process stays away although in service",
			Qualify: 3 * bess.Second, Level: bess.LevelOpen, Reach: ReachPacks | ReachInverter, Clear: Clear{After: 2 * bess.Second},
			Unknown: Lost(3 * bess.Second),
			signal: func(x *look) (float64, bool) {
				if !x.serving {
					return 0, true
				}
				there, known := told(x.snap.IO.Guard, x.now, fastAge)
				return 1 - there, known
			},
			Did:   "Packs and inverter were switched off until it is back.",
			What:  "The guard does not come back, or it has tripped.",
			MayDo: "Read its log. Once it has tripped, press reset at the unit; else the unit goes on by itself when it runs.",
			Why:   "The hardware has dropped the coils by then; nothing may try to close against it.",
		},
	})
}

// clockAndDiskRules: clock, disk, and what Judge tells of itself.
func clockAndDiskRules() []Rule {
	return family(FamilySoftware, bess.OfUnit, []Rule{
		{
			ID: clockUntrusted, Name: "clock-untrusted",
			Watches: "the wall clock was never set since power-up",
			Qualify: bess.Minute, Level: bess.LevelInform, Clear: Clear{After: bess.Second},
			signal: func(x *look) (float64, bool) { return is(x.snap.Civil.Trust == bess.TrustNone) },
			Did:    "Times of day are used with care: promises and windows may be wrong.",
			What:   "The clock is not to be trusted.",
			MayDo:  "Set the clock on the page, or give the unit a view of the sky or a network.",
			Why:    "Nothing of safety uses wall time; bookings and quiet hours do.",
		},
		{
			ID: clockJumped, Name: "clock-jumped", Unit: "ms",
			Watches: "the wall clock jumped against the monotonic one, by", Bound: "2 min", Above: true,
			limit: constant(float64(jumpAfter)),
			Level: bess.LevelInform, Clear: Clear{After: 10 * bess.Minute},
			signal: func(x *look) (float64, bool) { return max(x.jump, -x.jump), true },
			Did:    "Running times go on unharmed: they use the monotonic clock.",
			What:   "The clock was set by more than two minutes.",
			MayDo:  "Check that the time shown is right; promises were made by the old one.",
			Why:    "Smaller corrections are the usual work of a time service.",
		},
		{
			ID: diskFull, Name: "disk-full",
			Watches: "the store reports a full disk",
			Qualify: bess.Second, Level: bess.LevelInform, Clear: Clear{After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) { return told(x.snap.Store.Full, x.now, slowAge) },
			Did:    "Series are given up first, then the journal, never the ledger.",
			What:   "The disk is full.",
			MayDo:  "Fetch the records and free the disk.",
			Why:    "What runs may run on; what needs a durable record, such as closing a contactor, waits.",
		},
		{
			ID: diskFailed, Name: "disk-failed",
			Watches: "the store cannot write",
			Qualify: bess.Second, Level: bess.LevelInform, Clear: Clear{After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) { return told(x.snap.Store.Failed, x.now, slowAge) },
			Did:    "No further contactor is closed: that needs a durable record.",
			What:   "The disk has failed.",
			MayDo:  "Have it exchanged. The unit goes on with what is closed.",
			Why:    "A black-out because of a disk would be the greater harm.",
		},
		{
			ID: signalLost, Name: "signal-lost", Unit: "rule",
			Watches: "a signal without which a rule cannot be judged", Bound: "the time in that rule's row",
			Level:  bess.LevelInform,
			signal: never, limit: constant(0.5), Above: true,
			Did:   "It is treated as if the rule had tripped; this ends by itself when the signal is back.",
			What:  "A part no longer tells what keeps it safe.",
			MayDo: "Check its plug and its supply. The number names the rule that cannot be judged.",
			Why:   "Missing data is never safer than bad data. The alarm has the level of the rule that it stands for.",
		},
		{
			ID: alarmsOverflow, Name: "more-alarms",
			Watches: "alarms that found no room in the list", Unit: "alarms",
			Level:  bess.LevelInform,
			signal: never,
			Did:    "They act, but are not listed.",
			What:   "There are more alarms than the list can hold.",
			MayDo:  "Work from the top: the list is ordered by level.",
			Why:    "The list holds 64; rulings are never lost.",
		},
		{
			ID: stateBroken, Name: "state-broken",
			Watches: "safety state and unit do not fit each other",
			Level:   bess.LevelOpenAll, Clear: Clear{By: ClearedAtUnit},
			signal: never,
			What:   "The safety state does not fit the unit: an error of the software.",
			MayDo:  "Send a support bundle. Restart without the checkpoint.",
			Why:    "What cannot be judged is not driven.",
		},
	})
}

// never is the signal of rows that Judge raises itself.
func never(*look) (float64, bool) { return 0, true }
