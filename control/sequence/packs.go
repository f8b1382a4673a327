package sequence

import (
	"reprise/bess"
	"reprise/bess/si"
)

// Figures of the pack sequence.
const (
	prechargeTaus  = 8 // precharge times out after this many time constants
	prechargeTries = 3
	// What the precharge resistor needs to cool before it may be used again.
	prechargeRest = 10 * bess.Second
	restBetween   = bess.Second // open before it is woken again
	wakeTimeout   = 10 * bess.Second
	// Contactors open below this share of their rating at once, else after
	// zeroWait if still below their break rating.
	quietShare = 0.05
	zeroWait   = 300 * bess.Millisecond
	// Current or feedback that stays this long after opening means welded.
	weldAfter = 500 * bess.Millisecond
)

func setPack(stages *bess.Stages, i int, stage bess.PackStage, now bess.Instant) {
	if stages.Packs[i] != stage {
		stages.Packs[i], stages.PackSince[i] = stage, now
	}
}

// pack takes one pack's sequence one tick on.
func (s *State) pack(u *bess.Unit, in View, stages *bess.Stages, i int) {
	now := in.Snap.Now
	since := now.Since(stages.PackSince[i])
	must := in.Verdict.Packs[i].Level >= bess.LevelOpen || in.Verdict.Unit.Level >= bess.LevelOpenAll
	stay := s.packsUp(u, in, stages) && !s.Packs[i].Out && !must
	switch stages.Packs[i] {
	case bess.PackOpen:
		s.packOpen(in, stages, i, stay, since)
	case bess.PackWaking:
		s.packWaking(u, in, stages, i, stay, since)
	case bess.PackPrecharging:
		s.packPrecharging(u, in, stages, i, stay, since)
	case bess.PackClosing:
		s.packClosing(u, in, stages, i, stay, since)
	case bess.PackJoined:
		switch {
		case !stay:
			setPack(stages, i, bess.PackLeaving, now)
		case in.Snap.Packs[i].Contactor.IsNot(now, readingAge):
			// It opened by itself: its own management system knows why.
			setPack(stages, i, bess.PackOpening, now)
		}
	case bess.PackLeaving:
		s.packLeaving(u, in, stages, i, since)
	case bess.PackOpening:
		s.packOpening(u, in, stages, i, since)
	case bess.PackCooling:
		if since >= prechargeRest {
			setPack(stages, i, bess.PackOpen, now)
		}
	case bess.PackLockedOut:
		if s.Packs[i].Out {
			setPack(stages, i, bess.PackService, now)
		}
	case bess.PackService:
		if !s.Packs[i].Out {
			setPack(stages, i, bess.PackOpen, now)
		}
	case bess.PackWelded: // until a person has taken it out
	}
}

// packOpen wakes a pack that is wanted. The intention becomes a record; the
// contactors close only after that record is durable.
func (s *State) packOpen(in View, stages *bess.Stages, i int, stay bool, since bess.Span) {
	switch {
	case s.Packs[i].Out:
		setPack(stages, i, bess.PackService, in.Snap.Now)
	case stay && since >= restBetween:
		s.Packs[i].NeedMark = in.Mark + 1
		setPack(stages, i, bess.PackWaking, in.Snap.Now)
	}
}

// packWaking waits for an identified, reporting, durable-recorded pack, and on
// a common bus for its turn.
func (s *State) packWaking(u *bess.Unit, in View, stages *bess.Stages, i int, stay bool, since bess.Span) {
	now := in.Snap.Now
	reports := s.reports(in, i)
	switch {
	case !stay:
		setPack(stages, i, bess.PackOpen, now)
	case reports && in.Verdict.Packs[i].Level >= bess.LevelStop:
		// It may carry nothing yet. Awake, it shows when it may; joined, it would
		// only leave the bus dark and be opened again.
	case reports && in.Snap.Store.DurableUpTo >= s.Packs[i].NeedMark && s.mayJoin(u, in, stages, i):
		setPack(stages, i, bess.PackPrecharging, now)
	case !reports && since >= wakeTimeout:
		// Not a fault of the contactors: ask again, no try is counted.
		setPack(stages, i, bess.PackOpen, now)
	}
}

// reports says that a pack tells all that closing it needs, and that nothing
// of it speaks against.
func (s *State) reports(in View, i int) bool {
	now := in.Snap.Now
	v := &in.Snap.Packs[i]
	_, volts := v.Volts.Fresh(now, readingAge)
	_, link := v.LinkVolts.Fresh(now, readingAge)
	return v.Identity == bess.Confirmed && volts && link && in.Estimates.Packs[i].Known &&
		v.Interlock.Fresh(now, readingAge) != bess.No &&
		v.Contactor.Fresh(now, readingAge) != bess.Yes
}

// mayJoin is the join rule of packs that are switched straight onto a common
// bus: one at a time, never two types, onto a live bus only when it matches;
// the highest first, since its load brings it down to the others; and never
// when one of the two may not be charged, since what flows between them then is
// nobody's to steer. A pack with its own converter joins whenever it is ready.
func (s *State) mayJoin(u *bess.Unit, in View, stages *bess.Stages, i int) bool {
	if u.Bus.Topology != bess.SwitchedPacks {
		return true
	}
	now := in.Snap.Now
	own, _ := in.Snap.Packs[i].Volts.Fresh(now, readingAge)
	for k, stage := range stages.Packs {
		switch stage {
		case bess.PackPrecharging, bess.PackClosing, bess.PackLeaving, bess.PackOpening:
			return false
		case bess.PackJoined:
			if u.Packs[k].Type.Name != u.Packs[i].Type.Name || in.Verdict.NoCharge[k] || in.Verdict.NoCharge[i] {
				return false
			}
		case bess.PackWaking:
			volts, ok := in.Snap.Packs[k].Volts.Fresh(now, readingAge)
			if ok && s.reports(in, k) && volts > own && !s.BusUp {
				return false
			}
		default: // it is open and stays so
		}
	}
	return !s.BusUp || Matched(&u.Packs[i].Type.Contactor, &in.Snap.Packs[i], now)
}

// packPrecharging judges the match on measured values with their uncertainty.
func (s *State) packPrecharging(u *bess.Unit, in View, stages *bess.Stages, i int, stay bool, since bess.Span) {
	now := in.Snap.Now
	k := &u.Packs[i].Type.Contactor
	limit := bess.SpanOf(si.Mul(prechargeTau(u, k), prechargeTaus))
	// A report period more: the last value may be that old.
	limit = max(limit, 500*bess.Millisecond) + 500*bess.Millisecond
	switch {
	case !stay:
		setPack(stages, i, bess.PackOpen, now)
	case since >= bess.SpanOf(k.Operate) && Matched(k, &in.Snap.Packs[i], now):
		setPack(stages, i, bess.PackClosing, now)
	case since >= limit:
		s.failTry(in, stages, i)
	}
}

// prechargeTau is the time constant of what a pack charges: its converter's
// link, or the common bus.
func prechargeTau(u *bess.Unit, k *bess.Contactor) si.Seconds {
	if u.Bus.Topology == bess.SwitchedPacks {
		return si.Seconds(float64(k.PrechargeOhms) * float64(u.Bus.Capacitance))
	}
	return k.PrechargeTau()
}

// Matched reports whether pack and link voltage agree for certain: |dV| plus
// the uncertainty of both measurements within the contactor's limit.
func Matched(k *bess.Contactor, v *bess.PackView, now bess.Instant) bool {
	pack, ok := v.Volts.Fresh(now, readingAge)
	link, okLink := v.LinkVolts.Fresh(now, readingAge)
	if !ok || !okLink {
		return false
	}
	return si.Abs(pack-link)+k.VoltsUncertainty <= k.MatchWithin
}

func (s *State) failTry(in View, stages *bess.Stages, i int) {
	s.Packs[i].Tries++
	if s.Packs[i].Tries >= prechargeTries {
		setPack(stages, i, bess.PackLockedOut, in.Snap.Now)
		return
	}
	setPack(stages, i, bess.PackCooling, in.Snap.Now)
}

// packClosing waits for the feedback of the main contactors.
func (s *State) packClosing(u *bess.Unit, in View, stages *bess.Stages, i int, stay bool, since bess.Span) {
	now := in.Snap.Now
	switch {
	case !stay:
		setPack(stages, i, bess.PackLeaving, now)
	case in.Snap.Packs[i].Contactor.Is(now, readingAge):
		s.Packs[i].Tries = 0
		setPack(stages, i, bess.PackJoined, now)
	case since >= bess.SpanOf(u.Packs[i].Type.Contactor.Operate)+bess.Second:
		s.failTry(in, stages, i)
	}
}

// packLeaving brings the current to zero, then opens by the break rule.
func (s *State) packLeaving(u *bess.Unit, in View, stages *bess.Stages, i int, since bess.Span) {
	amps, ok := current(u, in, i)
	if MayOpen(&u.Packs[i].Type.Contactor, amps, ok, since) {
		setPack(stages, i, bess.PackOpening, in.Snap.Now)
	}
}

// MayOpen is the break rule: below 5 % of the rating at once; after 300 ms if
// still below the break rating; above it never, the fuse comes first. An
// unknown current counts as below only when nothing has been heard for a
// second: the converter is inhibited by then.
func MayOpen(k *bess.Contactor, amps si.Amps, known bool, since bess.Span) bool {
	switch {
	case !known:
		return since >= bess.Second
	case si.Abs(amps) <= si.Mul(k.Rated, quietShare):
		return true
	}
	return since >= zeroWait && si.Abs(amps) <= k.Break
}

// current is what flows through a pack's contactors: by its own word, unless
// that is frozen or missing; then by its converter's.
func current(u *bess.Unit, in View, i int) (si.Amps, bool) {
	now := in.Snap.Now
	own, ok := in.Snap.Packs[i].Current.Fresh(now, readingAge)
	if ok && in.Estimates.Packs[i].Doubt != bess.DoubtFrozen {
		return own, true
	}
	for k := range u.Converters {
		if int(u.Converters[k].Pack) == i {
			if amps, heard := in.Snap.Converters[k].PackAmps.Fresh(now, readingAge); heard {
				return amps, true
			}
		}
	}
	return own, ok
}

// packOpening proves that the pack is open.
func (s *State) packOpening(u *bess.Unit, in View, stages *bess.Stages, i int, since bess.Span) {
	now := in.Snap.Now
	v := &in.Snap.Packs[i]
	k := &u.Packs[i].Type.Contactor
	amps, measured := current(u, in, i)
	flows := measured && si.Abs(amps) > si.Mul(k.Rated, quietShare)
	switch {
	case since < bess.SpanOf(k.Operate)+weldAfter:
	case flows || v.Contactor.Is(now, readingAge) || v.Weld.Is(now, readingAge):
		setPack(stages, i, bess.PackWelded, now)
	case s.Packs[i].Out:
		setPack(stages, i, bess.PackService, now)
	default:
		setPack(stages, i, bess.PackOpen, now)
	}
}
