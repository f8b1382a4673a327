package twin

import (
	"math"

	"reprise/bess"
)

// bms is a pack's own management system: imperfect, and believed by nobody
// without a second look.
type bms struct {
	up       float64 // s awake
	idle     float64 // s since the wake order ended
	soc      float64 // its own counter
	lie      float64 // added to the SoC it says
	soh      float64 // what it believes
	ampBias  float64 // A
	voltBias float64 // V
	tempBias float64 // K

	interlockOpen bool
	grave         float64 // s that an open-now condition has lasted
	soon          float64 // s that an open-soon condition has lasted
	opened        bool    // it opened by itself; until woken anew
	frozen        bool
	silent        bool
	drift         float64 // V and share of current that its readings have drifted by
	staged        [stagedBits]bool
	booting       float64 // s of a reboot left

	high, low                 float64 // cell voltages it last measured
	look                      float64 // s until it measures again
	discharge, charge         float64 // continuous limits, W
	dischargePeak, chargePeak float64
}

// Assumed: a management system speaks this long after its wake line rose, and
// sleeps this long after it fell, s.
const (
	bootTime  = 0.6
	sleepTime = 5.0
)

// measureEvery is how often it looks at its cells, s.
const measureEvery = 0.3

// Assumed: what it announces it does itself in the end, s after announcing.
const (
	opensNowAfter  = 3.0
	opensSoonAfter = 30.0
)

// Staged fault bits a management system can announce.
const (
	stagedOpenNow = iota
	stagedOpenSoon
	stagedDerate
	stagedNoCharge
	stagedBits
)

// newBMS draws its errors: 0.3 A of current, 0.8 V of 400 V, 1 K, and 2 % SoC.
func newBMS(c *chance, soc, soh float64) bms {
	return bms{
		soc:      within(soc+c.between(-0.02, 0.02), 0, 1),
		soh:      soh + c.between(-0.02, 0.02),
		ampBias:  c.between(-0.3, 0.3),
		voltBias: c.between(-0.8, 0.8),
		tempBias: c.between(-1, 1),
	}
}

func (b *bms) wake(ordered, supplied bool, dt float64) {
	switch {
	case !supplied:
		b.up, b.opened = 0, false
	case ordered:
		b.up += dt
		b.idle = 0
	case b.up > 0:
		if b.idle += dt; b.idle > sleepTime {
			b.up, b.opened = 0, false
		}
	}
}

// openNow reports a condition in which it wants its contactors open at once.
func (b *bms) openNow() bool { return b.staged[stagedOpenNow] || b.grave > 0 }

// judge is its own protection, by true cell voltages and temperature: beyond
// the type's limits by a margin it announces, and then opens by itself.
func (b *bms) judge(p *pack, high, low, dt float64) {
	l := &p.typ.Limits
	bad := b.staged[stagedOpenNow] || high > float64(l.CellMax)+0.05 || low < float64(l.CellMin)-0.15 ||
		l.TripAt > 0 && p.hottest() > float64(l.TripAt)+3
	if bad {
		b.grave += dt
	} else {
		b.grave = 0
	}
	if b.staged[stagedOpenSoon] {
		b.soon += dt
	} else {
		b.soon = 0
	}
	b.opened = b.opened || b.grave > opensNowAfter || b.soon > opensSoonAfter
}

// awake reports whether it speaks and obeys.
func (b *bms) awake() bool { return b.up >= bootTime }

// count is its coulomb counter with its current error; it snaps to the ends
// where the voltage says so, as such counters do.
func (b *bms) count(p *pack, k *kind, dt float64) {
	if !b.awake() {
		b.look = 0
		return
	}
	if b.look -= dt; b.look <= 0 {
		b.look += measureEvery
		b.high, b.low = p.cells(k)
		b.judge(p, b.high, b.low, measureEvery)
		b.limit(p, b.high, b.low)
	}
	b.soc -= (p.amps + b.ampBias) * dt / (p.charge() / p.soh * b.soh)
	rest := math.Abs(p.amps) < 1
	mean := p.volts / p.series
	if rest && mean >= float64(p.typ.Limits.CellMax)-0.02 {
		b.soc = toward(b.soc, 1, 0.002*dt)
	}
	b.soc = within(b.soc, 0, 1)
}

// limit sets the power limits it reports: by temperature, by cell voltage near
// the ends, by its staged faults.
func (b *bms) limit(p *pack, high, low float64) {
	l := &p.typ.Limits
	hot, cold := p.hottest(), float64(p.state.Core)-1
	share := 1 - rise(hot, float64(l.DerateAbove), float64(l.TripAt))
	if b.staged[stagedDerate] {
		share *= 0.5
	}
	health := p.soh
	out := share * rise(cold, float64(l.DischargeMin)-5, float64(l.DischargeMin)+10)
	out *= rise(low, float64(l.CellMin), float64(l.CellMin)+0.25)
	in := share * rise(cold, float64(l.ChargeMin), float64(l.ChargeMin)+15)
	in *= 1 - rise(high, float64(l.CellMax)-0.10, float64(l.CellMax))
	if b.staged[stagedNoCharge] {
		in = 0
	}
	if b.openNow() || b.staged[stagedOpenSoon] {
		in, out = 0, 0
	}
	b.discharge = float64(l.Discharge) * health * out
	b.charge = float64(l.Charge) * health * in
	b.dischargePeak, b.chargePeak = b.discharge*1.3, b.charge*1.3
}

// identity is how far its frames have told who it is: the family with the first
// ones, the type once the slow ones (800 ms) have come round.
func (b *bms) identity() bess.Identity {
	switch {
	case !b.awake():
		return bess.Unidentified
	case b.up < bootTime+1:
		return bess.FamilyKnown
	}
	return bess.Confirmed
}
