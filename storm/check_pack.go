package storm

import (
	"strings"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/twin"
)

// slow is how long the controller may take to see what an untrue report hides:
// the pack's own protection and the cross-checks are then the ones that act.
const slow = 45 * bess.Second

// patient is the time allowed for a pack: limit, or slow while its report is
// untrue. Nothing is asked of a contactor that is welded, of a controller that
// is down, or without 12 V.
func patient(s *Scene, i int, limit bess.Span) bess.Span {
	if s.Troubles.Any(10*bess.Second, bess.OfPack, i, untrue()...) {
		return slow
	}
	return limit
}

// excused reports whether nobody can open pack i now.
func excused(s *Scene, i int) bool {
	p := &s.Truth.Packs[i]
	return p.Welded || p.Blown || !s.Alive || s.Run < 5*bess.Second || !s.Electronics()
}

// cellVolts: no pack stays closed with a cell beyond its limits longer than
// the rules allow: open above the upper limit by 80 mV after 1 s, below the
// lower by 150 mV after 2 s, both with the age of the report and the break
// rule, and 20 mV for the measurement.
type cellVolts struct{ high, low clocks }

func newCellVolts(u *bess.Unit) *cellVolts {
	return &cellVolts{newClocks(len(u.Packs)), newClocks(len(u.Packs))}
}

func (*cellVolts) Name() string { return "cell-volts" }

func (k *cellVolts) Look(s *Scene) string {
	for i := range s.Truth.Packs {
		p, l := &s.Truth.Packs[i], &s.Unit.Packs[i].Type.Limits
		watch := p.Closed && !excused(s, i)
		high, low := l.CellMax+0.10, l.CellMin-0.17
		if s.Troubles.Any(slow, bess.OfPack, i, twin.BMSDrift) { // it cannot know better than 0.1 V a cell
			high, low = high+0.12, low-0.12
		}
		if t := k.high.lasts(i, watch && p.CellHigh > high, s.Now); t > patient(s, i, 4*bess.Second) {
			return say("%s closed with a cell at %.3f V, above %.3f V, for %.1f s", packName(i), p.CellHigh, l.CellMax, t.Seconds())
		}
		if t := k.low.lasts(i, watch && p.CellLow < low, s.Now); t > patient(s, i, 6*bess.Second) {
			return say("%s closed with a cell at %.3f V, below %.3f V, for %.1f s", packName(i), p.CellLow, l.CellMin, t.Seconds())
		}
	}
	return ""
}

// cellHeat: no pack stays closed above its trip temperature: open after 0.5 s,
// with a frame of 600 ms, half a degree of resolution and one of error.
// The order comes sooner than the contacts: before the pack's own management
// system has to act, which opens whatever flows.
type cellHeat struct{ since, ordered clocks }

func newCellHeat(u *bess.Unit) *cellHeat {
	return &cellHeat{newClocks(len(u.Packs)), newClocks(len(u.Packs))}
}

func (*cellHeat) Name() string { return "cell-heat" }

func (k *cellHeat) Look(s *Scene) string {
	for i := range s.Truth.Packs {
		p, limit := &s.Truth.Packs[i], s.Unit.Packs[i].Type.Limits.TripAt
		if t := k.since.lasts(i, p.Closed && !excused(s, i) && p.Hot > limit+2, s.Now); t > patient(s, i, 4*bess.Second) {
			return say("%s closed with a cell at %.1f C, trip %.1f C, for %.1f s", packName(i), p.Hot, limit, t.Seconds())
		}
		wanted := s.Orders.Packs[i].Close && s.Inside.Packs[i].Awake && !excused(s, i)
		if t := k.ordered.lasts(i, wanted && p.Hot > limit+2, s.Now); t > patient(s, i, 2500) {
			return say("%s is ordered closed with a cell at %.1f C, trip %.1f C, for %.1f s", packName(i), p.Hot, limit, t.Seconds())
		}
	}
	return ""
}

// packCurrent: no current above the type's limit by a quarter for longer than
// the rule's second, the ramp and the reports.
type packCurrent struct{ since clocks }

func newPackCurrent(u *bess.Unit) *packCurrent { return &packCurrent{newClocks(len(u.Packs))} }

func (*packCurrent) Name() string { return "pack-current" }

func (k *packCurrent) Look(s *Scene) string {
	if s.Troubles.Somewhere(2*bess.Second, twin.BusShort) {
		clear(k.since)
		return "" // the fuse's
	}
	for i := range s.Truth.Packs {
		p, l := &s.Truth.Packs[i], &s.Unit.Packs[i].Type.Limits
		limit := l.DischargeCurrent
		if p.Current < 0 {
			limit = l.ChargeCurrent
		}
		over := p.Closed && !excused(s, i) && si.Abs(p.Current) > si.Mul(limit, 1.25)
		if t := k.since.lasts(i, over, s.Now); t > patient(s, i, 4*bess.Second) {
			return say("%s carries %.0f A, its limit is %.0f A, for %.1f s", packName(i), p.Current, limit, t.Seconds())
		}
	}
	return ""
}

// coldCharge: no charging below the type's lowest charging temperature, judged
// with 2 K for measurement; the rule allows 2 s, a temperature frame may be
// 0.6 s old.
type coldCharge struct{ since clocks }

func newColdCharge(u *bess.Unit) *coldCharge { return &coldCharge{newClocks(len(u.Packs))} }

func (*coldCharge) Name() string { return "cold-charge" }

func (k *coldCharge) Look(s *Scene) string {
	for i := range s.Truth.Packs {
		p, t := &s.Truth.Packs[i], &s.Unit.Packs[i].Type
		cold := s.Inside.Packs[i].Cold < t.Limits.ChargeMin-2
		charged := p.Current < -si.Amps(max(1.5, 0.02*float64(t.Capacity)))
		limit := patient(s, i, 5*bess.Second)
		if t := k.since.lasts(i, cold && charged && p.Closed && !excused(s, i), s.Now); t > limit {
			return say("%s is charged with %.1f A at %.1f C for %.1f s", packName(i), -p.Current, s.Inside.Packs[i].Cold, t.Seconds())
		}
	}
	return ""
}

// breakRating: contacts that open because they were ordered to open carry no
// more than they can break. What falls by itself (coils, its own management
// system) is not an order.
type breakRating struct {
	closed []bool
	amps   []si.Amps
}

func newBreakRating(u *bess.Unit) *breakRating {
	return &breakRating{make([]bool, len(u.Packs)), make([]si.Amps, len(u.Packs))}
}

func (*breakRating) Name() string { return "break-rating" }

func (k *breakRating) Look(s *Scene) (what string) {
	for i := range s.Truth.Packs {
		p, limit := &s.Truth.Packs[i], s.Unit.Packs[i].Type.Contactor.Break
		ordered := s.Alive && !s.Before.Packs[i].Close && s.Truth.Coils && s.Run > 5*bess.Second
		byItself := s.Inside.Packs[i].Opened || !s.Inside.Packs[i].Awake || s.Troubles.Any(bess.Second, bess.OfPack, i, twin.InterlockOpen, twin.BMSReboots, twin.ContactorStuckOpen)
		if k.closed[i] && !p.Closed && ordered && !byItself && si.Abs(k.amps[i]) > limit {
			what = say("%s was opened at %.0f A, it breaks %.0f A", packName(i), k.amps[i], limit)
		}
		k.closed[i], k.amps[i] = p.Closed, p.Current
	}
	return what
}

// match: contacts close only onto a voltage that matches, unless the pack's
// report is untrue.
type match struct{ count int }

func newMatch(*bess.Unit) *match { return &match{} }

func (*match) Name() string { return "match" }

func (k *match) Look(s *Scene) string {
	was := k.count
	k.count = s.Truth.Counts.HardClosings
	if k.count > was && !s.Troubles.Somewhere(10*bess.Second, untrue()...) {
		return "contacts were closed onto a voltage difference above their limit"
	}
	return ""
}

// latched: a pack that overheated, leaked, lost its interlock or asked to be
// opened stays open until a person has cleared it; a pack that a person took
// out stays open until that person, at the unit, brings it back.
type latched struct {
	since  [3]clocks
	latch  []string
	out    []bool
	closed []bool
}

func newLatched(u *bess.Unit) *latched {
	n := len(u.Packs)
	return &latched{[3]clocks{newClocks(n), newClocks(n), newClocks(n)}, make([]string, n), make([]bool, n), make([]bool, n)}
}

func (*latched) Name() string { return "latched" }

func (k *latched) Look(s *Scene) (what string) {
	for _, a := range s.Asked {
		k.asked(a.Verb, a.Target, a.Rule, a.Fleet)
	}
	for i := range s.Truth.Packs {
		p, l := &s.Truth.Packs[i], &s.Unit.Packs[i].Type.Limits
		if p.Closed && !k.closed[i] {
			switch {
			case k.out[i]:
				what = say("%s was closed although a person took it out", packName(i))
			case k.latch[i] != "":
				what = say("%s was closed although it %s and nobody cleared it", packName(i), k.latch[i])
			}
		}
		k.closed[i] = p.Closed
		heard := p.Closed && s.Alive && s.Run > 5*bess.Second && s.Electronics() && !s.Troubles.Any(10*bess.Second, bess.OfPack, i, untrue()...)
		leaks := s.Inside.Packs[i].Insulation < si.Ohms(0.9*float64(l.InsulationOhmPerVolt)*float64(p.Volts))
		for n, bad := range [3]bool{p.Hot > l.TripAt+2, leaks, s.Troubles.Any(0, bess.OfPack, i, twin.InterlockOpen)} {
			if k.since[n].lasts(i, heard && bad, s.Now) > 3*bess.Second {
				k.latch[i] = [3]string{"overheated", "leaks to its case", "had its interlock open"}[n]
			}
		}
	}
	return what
}

// atUnit reports whether only a person who sees the pack may clear a rule.
func atUnit(rule string) bool {
	switch rule {
	case "pack-interlock", "pack-isolation-low", "pack-welded", "pack-heats-fast":
		return true
	default:
		return false
	}
}

// asked takes what people asked for. Only somebody at the unit clears.
func (k *latched) asked(verb bess.Verb, target int, rule string, fleet bool) {
	switch {
	case verb == bess.PackOut && target < len(k.out):
		k.out[target] = true
	case verb == bess.PackIn && target < len(k.out) && !fleet:
		k.out[target] = false
	case verb == bess.ResetLatch && target < len(k.latch) && (strings.HasPrefix(rule, "pack-") || strings.HasPrefix(rule, "cell-")) &&
		!(fleet && atUnit(rule)):
		k.latch[target] = ""
	}
}

// unheard: a closed pack that says nothing any more is stopped, and opened ten
// seconds later; the age of its last words comes before.
type unheard struct{ since clocks }

func newUnheard(u *bess.Unit) *unheard { return &unheard{newClocks(len(u.Packs))} }

func (*unheard) Name() string { return "unheard" }

func (k *unheard) Look(s *Scene) string {
	for i := range s.Truth.Packs {
		silent := s.Troubles.Any(0, bess.OfPack, i, twin.BMSSilent)
		if t := k.since.lasts(i, silent && s.Truth.Packs[i].Closed && !excused(s, i), s.Now); t > 16*bess.Second {
			return say("%s is closed %.1f s after its last word", packName(i), t.Seconds())
		}
	}
	return ""
}
