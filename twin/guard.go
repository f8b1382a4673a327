package twin

import "reprise/bess"

// guardHalf is the guard's half of the hold-in as the I/O module sees it. Without a wire it is there unless a fault
// says otherwise; with one, only its own good pulses count.
type guardHalf struct {
	wired   bool
	missing bool // its process is dead, by a fault
	tripped bool // its last frame said so
	pulse   bess.Instant
	pulsed  bool
}

// guardSeen is how long after its last pulse the module still says that the guard is there.
const guardSeen = bess.Second

// resetHeld is how long a person keeps the reset pressed.
const resetHeld = bess.Second

// WireGuard says whether the guard's pulses come over its own wire (GuardSays) or are taken for given.
func (w *World) WireGuard(wired bool) { w.io.guard.wired = wired }

// GuardSays is what came from the guard's wire since the last step: at least one good pulse, or none, and whether its
// last frame says that it has tripped.
func (w *World) GuardSays(pulse, tripped bool) {
	g := &w.io.guard
	if !g.wired || g.missing {
		return
	}
	if g.tripped = tripped; pulse {
		g.pulse, g.pulsed = w.now, true
	}
}

// ResetPressed reports whether a person presses reset at the unit, which the module tells the guard.
func (w *World) ResetPressed() bool { return w.io.resetting && w.now.Since(w.io.reset) <= resetHeld }

// holdIn moves the hold-in window: both halves must have pulsed within it. It reports whether it has lapsed.
func (w *World) holdIn() bool {
	m, g := &w.io, &w.io.guard
	if w.heardNow && w.orders.IO.HoldIn {
		m.pulse, m.pulsed = w.now, true
	}
	if !g.wired && !g.missing {
		g.pulse, g.pulsed = w.now, true
	}
	if g.tripped && !w.ResetPressed() {
		m.latched = true
	}
	return !m.pulsed || w.now.Since(m.pulse) > m.typ.HoldWindow || !g.pulsed || w.now.Since(g.pulse) > m.typ.HoldWindow
}

// guardThere is what the module says of the guard.
func (w *World) guardThere() bool {
	g := &w.io.guard
	return !g.missing && (!g.wired || g.pulsed && w.now.Since(g.pulse) <= guardSeen)
}
