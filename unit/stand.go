package unit

import (
	"reprise/bess"
	"reprise/bess/si"
)

// deadBelow is the phase voltage below which a supply counts as dead on the
// page, V: the same line that the page for first responders draws.
const deadBelow = 50

// whyStopped is said of everything that a stop of the whole unit holds open.
const whyStopped = "it is open: the unit was stopped by safety"

// whyChanging is said of what has no power while supplies are changed over.
const whyChanging = "it has no power for a moment: the unit changes over between supplies"

// The reasons of the parts as they stand. What dispatch last decided is true
// only of a part that is connected and alive, so the state speaks first and
// the cause of the split after it.

func (m *Machine) whyOfPack(i int) string {
	stage, why := m.state.Stages.Packs[i], m.state.Split.Packs[i].Why
	if stage != bess.PackJoined && !holdsOpen(why) {
		switch {
		case m.isStopped():
			return whyStopped
		case stage == bess.PackOpen:
			why = bess.CauseOpen
		}
	}
	return m.because(why, bess.OfPack, m.state.Verdict.Packs[i])
}

func (m *Machine) whyOfCircuit(i int, state string) string {
	why := m.state.Split.Circuits[i].Why
	if !holdsOpen(why) {
		switch {
		case m.isStopped():
			return whyStopped
		case m.state.Standing.CircuitOff[i]:
			why = bess.CauseOperatorOff
		case m.state.Stages.Network == bess.NetworkDead:
			why = bess.CauseNoNetwork
		case m.state.Stages.Network == bess.NetworkTransferring:
			return whyChanging
		case state == "open":
			return "its contactor is open"
		case state == "unknown":
			return "its contactor is not heard"
		}
	}
	return m.because(why, bess.OfCircuit, m.state.Verdict.Circuits[i])
}

func (m *Machine) whyOfOutlet(i int, why bess.Cause) string {
	if !holdsOpen(why) {
		switch {
		case m.isStopped():
			return whyStopped
		case m.state.Stages.Network == bess.NetworkDead:
			why = bess.CauseNoNetwork
		case m.state.Stages.Network == bess.NetworkTransferring:
			return whyChanging
		}
	}
	return m.because(why, bess.OfOutlet, m.state.Verdict.Outlets[i])
}

func (m *Machine) whyOfFeeder(i int, f *bess.FeederPicture) string {
	kind, why := m.unit.Feeders[i].Kind, m.state.Split.Feeders[i].Why
	open, held := f.State == "open", m.state.Verdict.Feeders[i].Level > bess.LevelInform
	switch {
	case held || holdsOpen(why):
	case m.isStopped() && open:
		return whyStopped
	case kind == bess.Grid && isDead(f):
		return "it is dead: no voltage reaches its terminals"
	case kind == bess.CCS && open && m.in.Snapshot.Feeders[i].Plugged.Fresh(m.in.Snapshot.Now, slow) != bess.Yes:
		return "no charger is connected to it"
	case m.state.Stages.Network == bess.NetworkTransferring && kind != bess.CCS && open:
		return "it is open while the unit changes over between supplies"
	case open && why != bess.CauseNotNeeded:
		return "its contactor is open"
	}
	return m.because(why, bess.OfFeeder, m.state.Verdict.Feeders[i])
}

// isDead reports whether no phase of a supply has a voltage, by readings of now.
func isDead(f *bess.FeederPicture) bool {
	seen := false
	for _, v := range f.Volts {
		if v.Known && si.Abs(si.Volts(v.Value)) >= deadBelow {
			return false
		}
		seen = seen || v.Known
	}
	return seen
}

// holdsOpen reports whether a cause says by itself why a part is not connected.
func holdsOpen(c bess.Cause) bool {
	switch c {
	case bess.CauseStale, bess.CauseUnidentified, bess.CauseOpen, bess.CausePrecharge, bess.CauseLockedOut, bess.CauseTripped,
		bess.CauseService, bess.CauseStationSilent, bess.CauseShed, bess.CauseQuietHours, bess.CauseOperatorOff,
		bess.CauseTransport, bess.CauseEmergency, bess.CauseArrival, bess.CauseStarting, bess.CauseStopping:
		return true
	default:
		return false
	}
}

// agree takes a contradiction out of the times to empty and to full. They
// follow means over minutes; what the packs carry now is measured, and where
// the two differ in direction the measurement holds, with a wide band.
func agree(p *bess.Picture) {
	const moves = 1000 // W: a direction that can be seen in the drawing
	const low, high = 0.75, 1.35
	s, flow := &p.Store, 0.0
	for i := range p.Packs {
		if k := &p.Packs[i]; k.Power.Known {
			flow += k.Power.Value
		}
	}
	times := func(seconds float64, mid, least, most *bess.Figure) {
		*mid, *least, *most = bess.Known(si.Seconds(seconds)), bess.Known(si.Seconds(seconds*low)), bess.Known(si.Seconds(seconds*high))
	}
	switch {
	case flow < -moves && s.SoC.Known && s.FullToday.Known:
		s.ToEmpty = unknown("the packs are filling")
		s.ToEmptyLow, s.ToEmptyHigh = s.ToEmpty, s.ToEmpty
		if room := s.FullToday.Value * (1 - s.SoC.Value); !s.ToFull.Known && room > 0 {
			times(room/-flow*3600, &s.ToFull, &s.ToFullLow, &s.ToFullHigh)
		}
	case flow > moves && s.Deliverable.Known:
		s.ToFull = unknown("the packs are giving")
		s.ToFullLow, s.ToFullHigh = s.ToFull, s.ToFull
		if !s.ToEmpty.Known && s.Deliverable.Value > 0 {
			times(s.Deliverable.Value/flow*3600, &s.ToEmpty, &s.ToEmptyLow, &s.ToEmptyHigh)
		}
	}
}
