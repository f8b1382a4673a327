package twin

import (
	"math"

	"reprise/bess"
)

// hearing is when a device last heard an order and when its lease was last
// renewed.
type hearing struct {
	heard   bess.Instant // last tick that brought an order
	renewed bess.Instant // last tick that moved the lease on
	until   bess.Instant
	ever    bool
}

func (h *hearing) note(lease bess.Lease, now bess.Instant) {
	h.heard = now
	if lease.Holds(now) && (!h.ever || lease.Until != h.until || lease.Until == bess.Forever) {
		h.renewed, h.until, h.ever = now, lease.Until, true
	}
}

// follows reports whether a device on a live network still obeys: the lease
// runs and the heartbeat is fed.
func (h *hearing) follows(lease bess.Lease, now bess.Instant, heartbeat bess.Span) bool {
	return h.ever && lease.Holds(now) && now.Since(h.heard) <= heartbeat
}

// holds reports whether a device in island still keeps its last references.
func (h *hearing) holds(lease bess.Lease, now bess.Instant, heartbeat, hold bess.Span) bool {
	return h.follows(lease, now, heartbeat) || h.ever && now.Since(h.renewed) <= hold
}

// converter is a DC/DC converter between one pack and the bus.
type converter struct {
	typ      *bess.Converter
	hearing  hearing
	order    bess.ConverterCommand // last heard
	mode     bess.ConverterMode
	aim      float64 // ramped setpoint, W
	power    float64 // bus side, W
	loss     float64 // W
	packSide float64 // W out of the pack's terminals
	on       bool
	onSince  bess.Instant
	tripped  bool
	held     bool    // tripped by a fault that lasts
	over     bool    // tripped by the bus voltage
	deaf     bool    // no longer hears orders
	stubborn bool    // ignores setpoints
	booting  float64 // s of a reboot left
	drives   float64 // V to which a fault drives the bus; 0: none
	lossy    float64
	heatsink float64
}

func newConverter(c *bess.Converter, draw *chance, ambient float64) converter {
	return converter{typ: c, lossy: draw.between(0.95, 1.08), heatsink: ambient}
}

// lossAt is the loss while running at a throughput, W.
func lossAt(curve *bess.LossCurve, rated, watts float64) float64 {
	if rated <= 0 {
		return 0
	}
	p := math.Abs(watts) / rated
	return rated * (float64(curve.A*float64(p*p)) + float64(curve.B*p) + curve.C)
}

// decide takes the order and returns the converter's behaviour on the bus for
// this step.
func (w *World) decide(k int, dt float64) term {
	c := &w.converters[k]
	p := w.packOf(c.typ.Pack)
	order := &c.order
	now := w.now
	if !c.deaf && w.heardNow && c.booting <= 0 {
		c.order = w.orders.Converters[k]
		c.hearing.note(order.Lease, now)
	}
	mode := order.Mode
	switch {
	case c.stubborn:
		mode = c.mode
	case mode == bess.ConverterDroop || mode == bess.ConverterPrecharge:
		if !c.hearing.holds(order.Lease, now, c.typ.Heartbeat, c.typ.IslandHold) {
			mode = bess.ConverterOff
		}
	case mode == bess.ConverterPower:
		if !c.hearing.follows(order.Lease, now, c.typ.Heartbeat) {
			mode = bess.ConverterOff
		}
	}
	if c.tripped && order.Mode == bess.ConverterOff && !c.held && (!c.over || w.bus.inWindow()) {
		c.tripped, c.over = false, false
	}
	if w.io.inhibited || c.tripped || p == nil || !p.joined() {
		mode, c.aim = bess.ConverterOff, 0
	}
	c.turn(mode, now)
	if p == nil || !c.on || mode == bess.ConverterOff {
		c.aim = toward(c.aim, 0, float64(float64(c.typ.Ramp)*dt))
		t := term{base: c.aim, lo: min(c.aim, 0), hi: max(c.aim, 0), cut: w.bus.cut, guard: w.bus.guard}
		w.support(&t, c)
		return t
	}
	return w.behave(c, p, order, dt)
}

// support is what a converter that follows a setpoint, or ramps down from one,
// does for a bus outside its band: it steps back, or helps.
func (w *World) support(t *term, c *converter) {
	t.below, t.above = 0.97*w.bus.nominal, 1.03*w.bus.nominal
	t.slope = max(float64(c.typ.Slope), float64(c.typ.Rated)/(0.1*w.bus.nominal))
}

// turn switches the converter on and off; it stays on for its minimum time.
func (c *converter) turn(mode bess.ConverterMode, now bess.Instant) {
	c.mode = mode
	switch {
	case mode != bess.ConverterOff && !c.on:
		c.on, c.onSince = true, now
	case mode == bess.ConverterOff && c.on && (c.tripped || c.aim == 0 && now.Since(c.onSince) >= c.typ.MinimumOn):
		c.on = false
	}
}

// behave is the term of a running converter within its own limits, its pack's
// and its order's.
func (w *World) behave(c *converter, p *pack, order *bess.ConverterCommand, dt float64) term {
	rated := float64(c.typ.Rated)
	out, in := p.reach(max(float64(c.typ.PackCurrent), 1), dt)
	out = within(out-float64(c.lossy*lossAt(&c.typ.Loss, rated, out)), 0, rated)
	in = within(in, 0, rated)
	if p.volts < 0.9*float64(p.typ.Limits.PackMin) {
		out = 0
	}
	if p.volts > 1.03*float64(p.typ.Limits.PackMax) {
		in = 0
	}
	t := term{lo: -min(in, float64(order.Charge)), hi: min(out, float64(order.Discharge)), cut: w.bus.cut, guard: w.bus.guard}
	slope := max(float64(order.Slope), 0)
	switch c.mode {
	case bess.ConverterPower:
		goal := within(float64(order.Power), t.lo, t.hi)
		if c.stubborn {
			goal = c.aim
		}
		c.aim = toward(c.aim, goal, float64(c.typ.Ramp)*dt)
		t.base = within(c.aim, t.lo, t.hi)
		w.support(&t, c)
	case bess.ConverterDroop:
		t.below, t.above, t.slope = float64(order.Reference), float64(order.Reference), slope
		if slope == 0 {
			t.slope = float64(c.typ.Slope)
		}
		c.aim = c.power
	case bess.ConverterPrecharge:
		goal := float64(order.Reference)
		if goal <= 0 || goal > w.bus.nominal {
			goal = w.bus.nominal
		}
		t.lo = 0
		if !w.bus.live() { // once risen it carries the unit's own use as well
			t.hi = min(t.hi, w.bus.slowRise)
		}
		t.below, t.above, t.slope = goal, goal, t.hi/(0.01*w.bus.nominal)
		c.aim = 0
	case bess.ConverterOff:
		return term{}
	}
	if c.drives > 0 {
		t.base, t.below, t.above, t.slope = 0, c.drives, c.drives, rated/(0.1*w.bus.nominal)
	}
	return t
}

// settle books what the bus solution gave the converter.
func (w *World) settle(k int, watts, dt float64) {
	c := &w.converters[k]
	p := w.packOf(c.typ.Pack)
	c.power, c.loss, c.packSide = watts, 0, 0
	if p == nil || !p.joined() {
		c.power = 0
		return
	}
	if c.on {
		c.loss = c.lossy * lossAt(&c.typ.Loss, float64(c.typ.Rated), watts)
	} else if p.volts > 0.8*float64(p.typ.Limits.PackMin) {
		c.loss = float64(c.typ.Standby)
	}
	c.packSide = c.power + c.loss
	p.drawn += c.packSide
	c.heatsink += float64((w.cabinet.coolant + float64(c.loss*0.03) - c.heatsink) * min(dt/120, 1))
	w.truth.Books.ConverterLoss[k] += wattHours(c.loss, dt)
}

// trip stops the converter until its order is withdrawn.
func (w *World) trip(k int) {
	c := &w.converters[k]
	if !c.tripped {
		c.tripped = true
		w.truth.Counts.ConverterTrips++
	}
}
