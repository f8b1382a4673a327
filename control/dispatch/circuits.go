package dispatch

import (
	"reprise/bess"
	"reprise/bess/si"
)

// What is more than packs or inverter can give for a moment is shed at once;
// what they can bear for a while is shed after it: starting currents pass, and
// vehicles are given the time that their stations need to yield. Restoring
// waits until it will last.
const (
	bearIsland   = bess.Second
	bearFeeder   = 10 * bess.Second
	bearVehicles = 20 * bess.Second       // where less to vehicles is enough: they give way first
	shedPause    = 500 * bess.Millisecond // until the relief shows on the meters
	restoreAfter = bess.Minute
	restoreHeld  = 10 * bess.Minute // a circuit that is shed again within has not lasted
	restoreTries = 3                // that did not last; each doubles the time to the next: at most eight an hour
	overFeeder   = 1.05             // of a feeder's limit, by its meter
)

// circuits decides which general loads stay on. Outlets give way first (their
// pool shrinks at once); then circuits are shed, least important first.
func (s *State) circuits(u *bess.Unit, in View, b *balance, split *bess.Split) {
	s.usual(in, b)
	lasting, moment := b.bearable(u)
	excess, bear := b.circuits-lasting, bearFeeder
	if b.island {
		bear = bearIsland
	} else if b.live && b.phaseOver > si.Mul(b.supply, overFeeder-1) {
		excess = max(excess, b.phaseOver)
	} else if imported, ok := b.imported.Fresh(b.now, b.slow); ok && imported > si.Mul(b.supply, overFeeder) {
		excess = max(excess, imported-b.supply)
	}
	if b.live && b.vehicles >= excess {
		bear = bearVehicles
	}
	powered := b.live || b.island
	switch {
	case !powered || excess <= 0:
		s.OverAt = 0
	case s.OverAt == 0:
		s.OverAt = max(1, b.now)
	}
	atOnce := b.island && b.circuits > moment
	if powered && (atOnce || s.OverAt != 0 && b.now.Since(s.OverAt) >= bear) && b.now.Since(s.LastShed) >= shedPause {
		s.shed(u, in, b, excess)
	}
	room := lasting - b.circuits - b.vehicles
	moment -= b.circuits + b.vehicles
	for i := range u.Circuits {
		starts := s.starting(u, i) <= moment
		if s.Shed[i] && powered && s.OverAt == 0 && (b.first && s.ShedAt[i] < s.PowerAt || b.now.Since(s.ShedAt[i]) >= s.rests(i)) && starts &&
			room > si.Mul(s.LastDraw[i], restoreRoom) {
			s.Shed[i], s.ShedAt[i] = false, b.now
			room -= s.LastDraw[i]
		}
		s.circuit(u, in, b, i, split)
		if b.island && !starts && split.CircuitOn[i] && in.Snap.Circuits[i].Closed.IsNot(b.now, b.fast) {
			split.CircuitOn[i], split.Circuits[i].Why = false, bess.CauseShed
		}
	}
}

// restoreRoom is how much more than a shed circuit drew must be free before it
// is closed again; vehicles leave that much to it.
const restoreRoom = 1.2

// surge is how much more than its usual power a load may draw when it starts
// (assumed: a run-up motor, a magnetising transformer).
func surge(class bess.Inrush) float64 {
	switch class {
	case bess.InrushMotor:
		return 3
	case bess.InrushTransformer:
		return 4
	default:
		return 1.2
	}
}

// shed opens circuits, least important first, until the excess is gone.
func (s *State) shed(u *bess.Unit, in View, b *balance, excess si.Watts) {
	for excess > 0 {
		i := s.leastImportant(u, in, b)
		if i == bess.Nobody {
			return
		}
		s.Restores[i] = s.tried(i, b.now)
		s.Shed[i], s.ShedAt[i], s.LastShed = true, b.now, b.now
		excess -= drawOf(in, b, i)
	}
}

// tried counts the tries of circuit i, now shed, that did not last.
func (s *State) tried(i int, now bess.Instant) int {
	if s.ShedAt[i] == 0 || now.Since(s.ShedAt[i]) >= restoreHeld {
		return 0
	}
	return min(s.Restores[i]+1, restoreTries)
}

// rests is how long circuit i stays shed at least.
func (s *State) rests(i int) bess.Span { return restoreAfter << s.Restores[i] }

// usual follows what every closed circuit draws, without its starting
// currents; in the dark it stands still. What was remembered of a circuit that
// is shed may have been a fault or a peak that is over: it fades by half in the
// time for which the circuit rests at least, so that it is tried again.
func (s *State) usual(in View, b *balance) {
	const share, half = 0.02, 0.0693 // of the way per tick: 5 s; ln 2 in tenths of a second
	if volts, ok := in.Snap.Inverter.PhaseVolts[0].Fresh(b.now, b.fast); !ok || volts < si.Mul(b.volts, 0.8) {
		return
	}
	for i := range s.LastDraw {
		draw := &s.LastDraw[i]
		switch closed := in.Snap.Circuits[i].Closed; {
		case closed.Is(b.now, b.fast):
			*draw += si.Mul(drawOf(in, b, i)-*draw, share)
		case s.Shed[i] && closed.IsNot(b.now, b.fast):
			*draw -= si.Mul(*draw, half/float64(s.rests(i).Seconds()))
		}
	}
}

func (s *State) circuit(u *bess.Unit, in View, b *balance, i int, split *bess.Split) {
	on, why := true, bess.CauseShare
	switch {
	case in.Verdict.Circuits[i].Level >= bess.LevelStop:
		on, why = false, bess.CauseTripped
	case in.Standing.CircuitOff[i]:
		on, why = false, bess.CauseOperatorOff
	case s.Shed[i]:
		on, why = false, bess.CauseShed
	case in.Stages.Network == bess.NetworkTransferring:
		on = split.CircuitOn[i] // a short break is no reason to shed
	case !b.live && !b.island:
		on, why = false, bess.CauseNoNetwork
	}
	split.CircuitOn[i] = on
	split.Circuits[i] = bess.Carry{
		Power: -drawOf(in, b, i), Why: why, By: bess.SourceDispatch,
		Limit: worstCase(u.Circuits[i].Limit, u.Circuits[i].Phases, b.volts),
	}
}

func drawOf(in View, b *balance, i int) si.Watts {
	p, _ := in.Snap.Circuits[i].Power.Fresh(b.now, b.slow)
	return max(0, -p)
}

// leastImportant is the circuit with a shed relay and the highest priority
// number that is not known to be open already, or Nobody.
func (s *State) leastImportant(u *bess.Unit, in View, b *balance) int {
	worst := bess.Nobody
	for i := range u.Circuits {
		if !u.Circuits[i].Shed || s.Shed[i] || in.Standing.CircuitOff[i] || in.Snap.Circuits[i].Closed.IsNot(b.now, b.fast) {
			continue
		}
		if worst == bess.Nobody || in.Standing.Priority[i] > in.Standing.Priority[worst] {
			worst = i
		}
	}
	return worst
}
