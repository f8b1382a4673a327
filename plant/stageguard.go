package plant

import "reprise/bess/si"

// StageGuard is a power stage's own protection against the DC bus on which it
// hangs: a comparator in hardware that blocks the switches, without software.
// What is blocked neither gives nor takes until its order is withdrawn with the
// bus back in its window.
type StageGuard struct {
	Over     si.Ratio   // of the upper edge of the bus window: above it the switches are blocked
	Reaction si.Seconds // from the crossing until they are
}

// StandardStageGuard trips 10 % above the window, 880 V on a bus of 700..800 V:
// stages of 1200 V switches and 900 V capacitors leave themselves 850 to 900 V.
// A comparator with its filter takes 0.1 ms. Both are assumptions of the device
// class; no public data sheet of this machine's stages exists.
func StandardStageGuard() StageGuard { return StageGuard{Over: 1.10, Reaction: 100e-6} }

// Trips is the bus voltage above which the stage blocks itself; 0 for a bus
// without an upper edge: it never does.
func (g StageGuard) Trips(top si.Volts) si.Volts { return max(si.Mul(top, float64(g.Over)), 0) }

// Overshoot is how far beyond Trips stages of that power together can lift a
// bus of that capacitance before they are blocked: dV = P t / (C V).
func (g StageGuard) Overshoot(power si.Watts, bus si.Farads, trips si.Volts) si.Volts {
	if !(bus > 0) || !(trips > 0) {
		return 0
	}
	return si.Volts(max(float64(power), 0) * float64(g.Reaction) / (float64(bus) * float64(trips)))
}
