package cell

import (
	"reprise/bess"
	"reprise/bess/si"
)

// Nominal is the cell of a chemistry, scaled to a capacity: what is known of a
// pack type before any of its packs was measured. False when there is no
// parameter set for the chemistry (NCA has none).
func Nominal(c bess.Chemistry, capacity si.AmpHours) (Params, bool) {
	switch c {
	case bess.NMC:
		return Scaled(NMCPrismatic(), capacity), true
	case bess.NMC811:
		return Scaled(NMC811(), capacity), true
	case bess.LMO:
		return Scaled(LeafLMO(), capacity), true
	case bess.LFP:
		return Scaled(LFP(), capacity), true
	default:
		return Params{}, false
	}
}
