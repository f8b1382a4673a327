package storm

import (
	"fmt"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/scenario"
	"reprise/twin"
)

// Scene is one tick as a checker sees it. Nothing in it is a verdict of the
// safety rules.
type Scene struct {
	Unit     *bess.Unit
	Now      bess.Span    // since the start
	At       bess.Instant // of the unit's clock
	Truth    *twin.Truth
	Inside   *twin.Inside
	Orders   *bess.Commands // given in this tick; while the controller is down: the last ones
	Before   *bess.Commands // under which the machine came here
	Snap     *bess.Snapshot
	Stages   *bess.Stages // where every sequence says it stands
	Visits   []bess.Visit // what people are told of each visit
	Events   []bess.Event
	Entries  []bess.Entry
	Asked    []scenario.Ask // by people in this tick
	Cap      si.Watts       // that may be imported now, by what people and fleet ordered
	Troubles *Troubles
	Alive    bool      // the controller runs
	Run      bess.Span // how long it has
	Last     bool      // the last tick of the story
}

// Electronics reports whether 12 V feeds them: nothing can be seen or done
// without.
func (s *Scene) Electronics() bool { return s.Inside.TwelveVolt >= 9 }

// Checker is one promise, stated anew from the truth.
type Checker interface {
	Name() string
	// Look says what is wrong in this tick, or nothing.
	Look(s *Scene) string
}

// Checkers are all of them, fresh, for a unit.
func Checkers(u *bess.Unit) []Checker {
	return []Checker{
		newCellVolts(u), newCellHeat(u), newPackCurrent(u), newColdCharge(u), newBreakRating(u), newMatch(u), newLatched(u), newUnheard(u),
		newInhibitFirst(u), newBond(u), newParallel(u), newRegulated(u), newImport(u), newPhases(u), newExport(u),
		newLeases(u), newDeadman(u), newBounds(u), newStop(u), newAlarms(u), newPromise(u), newBooks(u), newStuck(u),
		newWear(u), newDropped(u), newRestored(u),
	}
}

// CheckerNames are the names of all checkers, in their order.
func CheckerNames() []string {
	var names []string
	for _, k := range Checkers(&bess.Unit{}) {
		names = append(names, k.Name())
	}
	return append(names, "crash")
}

// clocks measures how long conditions have lasted, one for each part.
type clocks []bess.Span

func newClocks(n int) clocks { return make(clocks, n) }

// lasts is how long bad has been true of part i; 0 while it is not.
func (k clocks) lasts(i int, bad bool, now bess.Span) bess.Span {
	if !bad {
		k[i] = 0
		return 0
	}
	if k[i] == 0 {
		k[i] = now + 1
	}
	return now + 1 - k[i]
}

func say(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// packName counts from one.
func packName(i int) string { return fmt.Sprintf("pack %d", i+1) }

// untrue are the faults with which what is heard of a pack is not what is.
func untrue() []twin.FaultKind {
	return []twin.FaultKind{
		twin.BMSFrozen, twin.BMSSilent, twin.BMSDrift, twin.FramesDropped, twin.FramesDelayed, twin.FramesDoubled,
		twin.FramesCorrupted, twin.FramesReordered, twin.BMSReboots,
	}
}
