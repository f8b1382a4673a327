package dispatch

import (
	"reprise/bess"
	"reprise/bess/si"
)

// Shedding in island acts at once, one circuit after the other with a pause in
// which the relief can be seen; restoring waits until it will last.
const (
	shedPause    = 500 * bess.Millisecond
	restoreAfter = bess.Minute
)

// circuits decides which general loads stay on. Outlets have already given way
// (their pool shrinks first); then circuits are shed, least important first.
func (s *State) circuits(u *bess.Unit, in View, b *balance, split *bess.Split) {
	capacity := b.supply + min(b.parallel, max(0, b.discharge-b.ownUse+b.direct)) + b.solar
	if b.island {
		capacity = min(b.inverter, max(0, b.discharge-b.ownUse+b.direct)) + b.solar
	}
	powered := b.live || b.island
	if powered && b.circuits > capacity && b.now.Since(s.LastShed) >= shedPause {
		if i := s.leastImportant(u, in); i != bess.Nobody {
			s.LastDraw[i] = drawOf(in, i, b.now)
			s.Shed[i], s.ShedAt[i], s.LastShed = true, b.now, b.now
		}
	}
	room := capacity - b.circuits
	for i := range u.Circuits {
		if s.Shed[i] && powered && b.now.Since(s.ShedAt[i]) >= restoreAfter && room > si.Mul(s.LastDraw[i], 1.2) {
			s.Shed[i], s.ShedAt[i] = false, b.now
			room -= s.LastDraw[i]
		}
		s.circuit(u, in, b, i, split)
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
		Power: -drawOf(in, i, b.now), Why: why, By: bess.SourceDispatch,
		Limit: worstCase(u.Circuits[i].Limit, u.Circuits[i].Phases, b.volts),
	}
}

func drawOf(in View, i int, now bess.Instant) si.Watts {
	p, _ := in.Snap.Circuits[i].Power.Fresh(now, 2*fastAge)
	return max(0, -p)
}

// leastImportant is the closed circuit with a shed relay and the highest
// priority number, or Nobody.
func (s *State) leastImportant(u *bess.Unit, in View) int {
	worst := bess.Nobody
	for i := range u.Circuits {
		if !u.Circuits[i].Shed || s.Shed[i] || in.Standing.CircuitOff[i] {
			continue
		}
		if worst == bess.Nobody || in.Standing.Priority[i] > in.Standing.Priority[worst] {
			worst = i
		}
	}
	return worst
}
