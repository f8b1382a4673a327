package twin

import "reprise/bess"

// ioModule is the I/O module with the hold-in watchdog and the hard-wired loop.
type ioModule struct {
	typ          *bess.IO
	battery      float64 // Wh in the 12 V battery
	inputs       [bess.InputCount]bool
	latched      bool // emergency stop, interlock or smoke: until a person resets it at the unit
	localLock    bool
	pulse        bess.Instant // last hold-in pulse of the controller
	pulsed       bool
	guard        guardHalf
	reset        bess.Instant // a person pressed reset
	resetting    bool
	inhibited    bool
	since        bess.Instant // of the inhibit
	coils        bool
	heard        bess.Instant
	hearing      bool
	outletSupply contactor
	bond         contactor
	twelve       float64 // V of the 12 V system
	twelveFault  float64 // V that a fault holds it at; 0: none
	silent       bool
	bondMissing  bool
	booting      float64 // s of a reboot left
}

// alive reports whether 12 V feeds the electronics.
func (m *ioModule) alive() bool { return m.twelve >= twelveDead }

// twelveDead is the voltage below which electronics stop, V.
const twelveDead = 9.0

// supply sets the 12 V system: its battery's voltage, 13.6 V while it charges.
func (m *ioModule) supply(charging bool) {
	switch {
	case m.twelveFault > 0:
		m.twelve = m.twelveFault
	case m.battery <= 0:
		m.twelve = 0
	case charging:
		m.twelve = 13.6
	default:
		m.twelve = 11.2 + float64(1.6*m.battery/batteryFull)
	}
}

// outputsAlive reports whether the module still obeys: its own watchdog.
func (m *ioModule) outputsAlive(now bess.Instant) bool {
	return m.alive() && m.hearing && now.Since(m.heard) <= m.typ.Watchdog
}

// guardIO runs the hold-in watchdog and the hard-wired loop: first the inhibit
// of converters and inverter, after the coil delay the coils.
func (w *World) guardIO(dt float64) {
	m := &w.io
	order := &w.orders.IO
	m.supply(w.powered())
	if w.heardNow {
		m.heard, m.hearing = w.now, true
	}
	if m.inputs[bess.EmergencyStop] || m.inputs[bess.HVIL] || m.inputs[bess.Smoke] {
		m.latched = true
	}
	stop := w.holdIn() || m.latched || m.localLock || !m.alive()
	if stop && !m.inhibited {
		m.since = w.now
	}
	m.inhibited = stop
	switch {
	case !m.alive():
		m.coils = false
	case stop:
		m.coils = m.coils && w.now.Since(m.since) < m.typ.CoilDelay
	default:
		m.coils = true
	}
	held := order.Lease.Holds(w.now) && m.outputsAlive(w.now)
	m.outletSupply.move(held && order.OutletSupply && !m.inputs[bess.RCD], m.coils, 0.05, dt)
	m.bond.move(held && order.Bond && !m.bondMissing && !w.anyFeederClosed(), m.alive(), 0.05, dt)
}

// ResetLocal is a person at the unit resetting the hard-wired latch. It reports
// whether the latch let go: not while its cause lasts.
func (w *World) ResetLocal() bool {
	m := &w.io
	if m.inputs[bess.EmergencyStop] || m.inputs[bess.HVIL] || m.inputs[bess.Smoke] {
		return false
	}
	m.latched, m.reset, m.resetting = false, w.now, true
	return true
}

// LockLocal is a person turning the lock-out switch at the cabinet.
func (w *World) LockLocal(locked bool) { w.io.localLock = locked }
