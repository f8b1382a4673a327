package dispatch

import (
	"reprise/bess"
	"reprise/bess/si"
)

// returnMost bounds how long vehicles wait for general loads when power comes
// back: a circuit that does not close by then does not keep the rest waiting.
const returnMost = 30 * bess.Second

// returning follows when power came back and whether general loads still wait
// for it. Until they are closed no vehicle is offered anything: starting
// currents find the whole inverter, and a ramp of vehicles finds their load
// measured. A circuit that was shed before comes back at once then, if there is
// room for it.
func (s *State) returning(u *bess.Unit, in View, b *balance) {
	if !b.live && !b.island {
		s.PowerAt = 0
		return
	}
	if s.PowerAt == 0 {
		s.PowerAt = max(1, b.now)
	}
	if b.now.Since(s.PowerAt) >= returnMost {
		return
	}
	for i := range u.Circuits {
		b.first = b.first || s.awaited(u, in, b, i)
	}
	// Stations tell late: what they said before the dark is no load any more.
	if p, ok := in.Snap.Inverter.Power.Fresh(b.now, b.fast); ok && b.island && b.first {
		b.vehicles = min(b.vehicles, max(0, p+b.solar-b.circuits))
	}
}

// awaited reports whether circuit i is open, is meant to be on, and can be.
func (s *State) awaited(u *bess.Unit, in View, b *balance, i int) bool {
	if !in.Snap.Circuits[i].Closed.IsNot(b.now, b.fast) || in.Standing.CircuitOff[i] || in.Verdict.Circuits[i].Level >= bess.LevelStop {
		return false
	}
	if s.Shed[i] && s.ShedAt[i] >= s.PowerAt {
		return false // shed on this network: it comes back when it lasts
	}
	lasting, moment := b.bearable(u)
	return b.circuits+si.Mul(s.LastDraw[i], restoreRoom) < lasting && b.circuits+s.starting(u, i) <= moment
}

// bearable is the draw that lasts on the network that is there, and what it
// bears for a moment.
func (b *balance) bearable(u *bess.Unit) (lasting, moment si.Watts) {
	given := max(0, b.discharge-b.ownUse+b.direct)
	if b.island {
		peak := si.Mul(b.inverter, float64(max(1, u.Inverter.Overload)))
		return min(b.inverter, given) + b.solar, min(peak, given) + b.solar
	}
	lasting = b.supply + min(b.parallel, given) + b.solar
	return lasting, si.Mul(lasting, 2) // a feeder bears what starts
}

// starting is what circuit i draws for a moment when it is closed.
func (s *State) starting(u *bess.Unit, i int) si.Watts {
	return si.Mul(s.LastDraw[i], surge(u.Circuits[i].Inrush))
}

// owed is what shed circuits need to come back: their load and, since they are
// closed one by one, the largest surge above it that can be borne at all.
func (s *State) owed(u *bess.Unit, b *balance) si.Watts {
	_, moment := b.bearable(u)
	sum, most := si.Watts(0), si.Watts(0)
	for i, shed := range s.Shed {
		if !shed {
			continue
		}
		needs := si.Mul(s.LastDraw[i], restoreRoom)
		sum += needs
		if start := s.starting(u, i); b.island && b.circuits+start <= moment {
			most = max(most, start-needs)
		}
	}
	return sum + most
}
