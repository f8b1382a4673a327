package dispatch

import (
	"reprise/bess"
	"reprise/bess/si"
)

// relief is the least that the inverter must move, positive into the AC bus,
// for the most loaded phase of the live feeder to stay within its limit: below
// nothing what it may draw, above nothing what it has to feed. It moves the
// same in all phases. Without readings nothing is known of single phases.
func (s *State) relief(u *bess.Unit, in View, b *balance) si.Watts {
	least := -b.phaseRoom
	f := &u.Feeders[b.feeder]
	own, ok := in.Snap.Inverter.Power.Fresh(b.now, b.fast)
	if b.phaseRoom > 0 || !ok || b.parallel <= 0 {
		return least
	}
	phases := float64(f.Phases)
	for k := 0; k < f.Phases; k++ {
		amps, ok := in.Snap.Feeders[b.feeder].PhaseAmps[k].Fresh(b.now, b.fast)
		if !ok {
			return least
		}
		over := b.volts.Times(amps - f.PhaseLimit)
		least = max(least, own+si.Mul(over, phases))
	}
	return least
}
