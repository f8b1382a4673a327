package safety

import "reprise/bess"

// Rule numbers of packs: 1xx. Numbers are for life; a retired one stays free.
const (
	packUnheard bess.RuleID = 101 + iota
	packSilentStop
	packSilentOpen
	packFrozen
	packImplausible
	packVoltsDisagree
	packAmpsDisagree
	packDrifted
	packWrong
	packUnconfirmed
	packUnidentified
	packOpenNow
	packOpenSoonStop
	packOpenSoonOpen
	packDerateWanted
	packNoCharge
)

// packReportRules: what a pack's management system says, and whether it can be
// believed. A pack that is not joined and silent harms nobody: it is asleep.
func packReportRules() []Rule {
	rows := []Rule{
		{
			ID: packUnheard, Name: "pack-unheard",
			Watches: "a pack that is being woken does not report voltage, current, cells and temperatures",
			Qualify: 30 * bess.Second, Level: bess.LevelInform,
			signal: func(x *look) (float64, bool) {
				switch x.pack.stage {
				case bess.PackWaking:
					return is(!x.pack.heard)
				case bess.PackOpen:
					return 0, !x.serving // between two tries: neither better nor worse
				default:
					return 0, true
				}
			},
			What:  "The pack does not answer.",
			MayDo: "Check its low-voltage plug, its wake line and its CAN plug.",
			Why:   "Only joined packs can do harm; nothing closes on unknown readings. Three times the waking time.",
		},
		{
			ID: packSilentStop, Name: "pack-silent-stop",
			Watches: "a joined pack misses one of voltage, current, cells, temperatures",
			Qualify: 200 * bess.Millisecond, Level: bess.LevelStop, Clear: Clear{After: 2 * bess.Second},
			signal: func(x *look) (float64, bool) { return is(x.pack.joined && !x.pack.heard) },
			What:   "The pack carries power but does not report all that keeps it safe.",
			MayDo:  "Wait: it comes back by itself when the readings do. If not, check its CAN plug.",
			Why:    "Each reading already had its own age: the frame time-out, 3 s for cells, 10 s for temperatures.",
		},
		{
			ID: packSilentOpen, Name: "pack-silent-open",
			Watches: "a joined pack misses one of voltage, current, cells, temperatures",
			Qualify: 10 * bess.Second, Level: bess.LevelOpen, Clear: Clear{After: 30 * bess.Second},
			again: true,
			What:  "The pack stayed silent: nobody knows how its cells are.",
			MayDo: "Check its CAN plug and its low-voltage supply. It joins again when it has reported for half a minute.",
			Why:   "Missing data ends where bad data ends: open. Ten seconds at zero power spare the contactors a short gap.",
		},
		{
			ID: packFrozen, Name: "pack-frozen",
			Watches: "its voltage and current do not move although it works",
			Qualify: bess.Second, Level: bess.LevelOpen, Clear: Clear{By: ClearedByPage, After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) {
				return is(x.pack.path && x.est.Packs[x.i].Doubt == bess.DoubtFrozen)
			},
			What:  "The pack repeats old values as if they were new.",
			MayDo: "Restart its management system (low-voltage plug out for a minute), then reset here.",
			Why:   "A frozen report looks healthy for ever. The estimate waits 20 s under load before it says so.",
		},
		{
			ID: packImplausible, Name: "pack-implausible", Unit: "V",
			Watches: "pack voltage per cell group outside its own lowest and highest cell, by",
			Bound:   "0.10 V", Above: true, limit: constant(0.10),
			Qualify: 2 * bess.Second, Level: bess.LevelOpen, Clear: Clear{By: ClearedByPage, Back: 0.03, After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) {
				p := &x.pack
				n := float64(p.p.Type.Series)
				if !p.path || n <= 0 {
					return 0, true
				}
				group := p.volts.x / n
				return max(group-p.high.x, p.low.x-group, p.low.x-p.high.x), p.volts.ok && p.high.ok && p.low.ok
			},
			What:  "Pack voltage and cell voltages contradict each other.",
			MayDo: "Have the pack looked at: a sense wire or its management system is broken.",
			Why:   "Two seconds and 0.1 V leave room for cells that are sent 280 ms later than the voltage in a load step.",
		},
	}
	return family(FamilyPack, bess.OfPack, rows)
}

// packWitnessRules: what others say about the pack.
func packWitnessRules() []Rule {
	return family(FamilyPack, bess.OfPack, []Rule{
		{
			ID: packVoltsDisagree, Name: "pack-voltage-disagrees", Unit: "V",
			Watches: "pack voltage against its converter's measurement, apart by",
			Bound:   "5 % of the pack's highest voltage", Above: true,
			limit:   func(u *bess.Unit, i int) float64 { return float64(0.05 * float64(u.Packs[i].Type.Limits.PackMax)) },
			Qualify: 3 * bess.Second, Level: bess.LevelStop, Clear: Clear{Back: 1, After: 30 * bess.Second},
			signal: func(x *look) (float64, bool) {
				p := &x.pack
				if !p.joined {
					return 0, true
				}
				return apart(p.volts.x, p.convVolt.x), p.volts.ok && p.convVolt.ok
			},
			What:  "Pack and converter measure different voltages on the same wires.",
			MayDo: "Have both measurements checked.",
			Why:   "The converter is the second witness; limits of cells mean nothing when the voltage lies.",
		},
		{
			ID: packAmpsDisagree, Name: "pack-current-disagrees", Unit: "A",
			Watches: "pack current against its converter's measurement, apart by",
			Bound:   "15 % of the contactor rating", Above: true,
			limit:   func(u *bess.Unit, i int) float64 { return float64(0.15 * float64(u.Packs[i].Type.Contactor.Rated)) },
			Qualify: 5 * bess.Second, Level: bess.LevelStop, Clear: Clear{Back: 5, After: 30 * bess.Second},
			signal: func(x *look) (float64, bool) {
				p := &x.pack
				if !p.joined {
					return 0, true
				}
				return apart(p.amps.x, p.convAmps.x), p.amps.ok && p.convAmps.ok
			},
			What:  "Pack and converter measure different currents on the same wires.",
			MayDo: "Have both measurements checked; current may flow beside the converter.",
			Why:   "Five seconds outlast the ramp of a load step and the age of both readings.",
		},
		{
			ID: packDrifted, Name: "pack-report-drifted",
			Watches: "its state of charge or health disagrees with our own estimate",
			Qualify: 10 * bess.Second, Level: bess.LevelInform, Clear: Clear{After: bess.Minute},
			signal: func(x *look) (float64, bool) {
				d := x.est.Packs[x.i].Doubt
				return is(d == bess.DoubtDrifted || d == bess.DoubtHealth)
			},
			Did:   "Our own estimate is used instead.",
			What:  "The pack's own word about its charge or health does not fit what is measured.",
			MayDo: "Nothing is urgent. A full charge with rest, or an intake test, settles who is right.",
			Why:   "Used packs have been seen nearly 20 points off; it costs range, not safety: cells and temperatures still guard.",
		},
	})
}

// packStagedRules: who the pack is, and what its own management system asks.
func packStagedRules() []Rule {
	return family(FamilyPack, bess.OfPack, []Rule{
		{
			ID: packWrong, Name: "pack-wrong",
			Watches: "evidence contradicts the configured type or serial",
			Qualify: 500 * bess.Millisecond, Level: bess.LevelOpen, Clear: Clear{After: 5 * bess.Second},
			signal: func(x *look) (float64, bool) {
				return is(x.pack.stage != bess.PackService && x.pack.v.Identity == bess.WrongPack)
			},
			What:  "This is not the pack that stands in the configuration.",
			MayDo: "Compare the serial on the case with the page, then exchange the pack or the configuration.",
			Why:   "The limits of another type are the wrong limits.",
		},
		{
			ID: packUnconfirmed, Name: "pack-unconfirmed",
			Watches: "the identity of a pack with closed contactors is not confirmed",
			Qualify: 2 * bess.Second, Level: bess.LevelOpen, Clear: Clear{After: 5 * bess.Second},
			signal: func(x *look) (float64, bool) {
				return is(x.pack.path && x.pack.v.Identity != bess.Confirmed)
			},
			What:  "The pack carries power but is no longer identified for certain.",
			MayDo: "Check its CAN plug; look at which identifiers it sends.",
			Why:   "Only a confirmed pack may be closed, so only a confirmed pack may stay closed.",
		},
		{
			ID: packUnidentified, Name: "pack-not-identified",
			Watches: "a pack that reports cannot be identified",
			Qualify: bess.Minute, Level: bess.LevelInform, Clear: Clear{After: 5 * bess.Second},
			signal: func(x *look) (float64, bool) {
				return is(x.serving && x.pack.heard && x.pack.stage == bess.PackOpen && x.pack.v.Identity < bess.Confirmed)
			},
			What:  "The pack speaks, but the evidence does not settle who it is; it stays open.",
			MayDo: "Compare its type with the configuration.",
			Why:   "A minute is long enough for the slowest identifying frame.",
		},
		{
			ID: packOpenNow, Name: "pack-asks-open-now",
			Watches: "its own staged fault: open at once",
			Level:   bess.LevelOpen, Clear: Clear{By: ClearedByPage, After: 10 * bess.Second},
			Unknown: Lost(15 * bess.Second),
			signal:  func(x *look) (float64, bool) { return x.tells(x.pack.v.OpenNow) },
			What:    "The pack's own management system demands to be opened at once.",
			MayDo:   "Read its fault memory before you reset.",
			Why:     "The pack's own limits always win, without delay.",
		},
		{
			ID: packOpenSoonStop, Name: "pack-asks-open-soon-stop",
			Watches: "its own staged fault: open within its announced time",
			Level:   bess.LevelStop, Clear: Clear{After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) { return told(x.pack.v.OpenSoon, x.now, fastAge) },
			What:   "The pack announces that it will open by itself.",
			MayDo:  "Read its fault memory.",
			Why:    "It should open without current, so the current goes first.",
		},
		{
			ID: packOpenSoonOpen, Name: "pack-asks-open-soon",
			Watches: "its own staged fault: open within its announced time",
			Qualify: bess.Second, Level: bess.LevelOpen, Clear: Clear{By: ClearedByPage, After: 10 * bess.Second},
			again: true,
			What:  "The pack announces that it will open by itself; we were first.",
			MayDo: "Read its fault memory before you reset.",
			Why:   "A second after the current went: before the pack tears the contactors open.",
		},
		{
			ID: packDerateWanted, Name: "pack-asks-derate",
			Watches: "its own staged fault: derate",
			Qualify: bess.Second, Level: bess.LevelDerate, Factor: 0.5, Clear: Clear{After: 30 * bess.Second},
			signal: func(x *look) (float64, bool) { return told(x.pack.v.DerateWanted, x.now, fastAge) },
			What:   "The pack asks for less power.",
			MayDo:  "Nothing. If it lasts, read its fault memory.",
			Why:    "Half until it is content; how much it really wants stands in its own limits, which are obeyed beside.",
		},
		{
			ID: packNoCharge, Name: "pack-asks-no-charge",
			Watches: "its own flag: do not charge",
			Level:   bess.LevelInform, NoCharge: true, Clear: Clear{After: 5 * bess.Second},
			signal: func(x *look) (float64, bool) { return told(x.pack.v.NoCharge, x.now, fastAge) },
			What:   "The pack does not want to be charged.",
			MayDo:  "Nothing: a full or cold pack says so.",
			Why:    "The pack's own limits always win.",
		},
	})
}

// family sets what all rows of a list have in common.
func family(f Family, of bess.SubjectKind, rows []Rule) []Rule {
	for i := range rows {
		rows[i].Family, rows[i].Subject = f, of
	}
	return rows
}

// apart is the distance of two values.
func apart(a, b float64) float64 { return max(a-b, b-a) }
