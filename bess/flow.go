package bess

import "reprise/bess/si"

// FromStore is what the joined packs give to the DC bus together, negative when
// they take: by their converters' meters, on a common bus by their own. It is
// unknown when a joined pack's reading is older than age or missing, and when
// none is joined: then nobody meters anything.
func (s *Snapshot) FromStore(u *Unit, stages *Stages, age Span) (sum si.Watts, known bool) {
	if u.Bus.Topology == SwitchedPacks {
		for i := range u.Packs {
			if stages.Packs[i] != PackJoined {
				continue
			}
			volts, ok := s.Packs[i].Volts.Fresh(s.Now, age)
			amps, heard := s.Packs[i].Current.Fresh(s.Now, age)
			if !ok || !heard {
				return 0, false
			}
			sum, known = sum+volts.Times(amps), true
		}
		return sum, known && si.Finite(sum)
	}
	for c := range u.Converters {
		if stages.Packs[u.Converters[c].Pack] != PackJoined {
			continue
		}
		power, ok := s.Converters[c].Power.Fresh(s.Now, age)
		if !ok {
			return 0, false
		}
		sum, known = sum+power, true
	}
	return sum, known && si.Finite(sum)
}
