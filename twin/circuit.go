package twin

import (
	"reprise/bess"
	"reprise/bess/si"
)

// circuit is a metered output for general loads behind its shed relay and
// breaker.
type circuit struct {
	typ     *bess.Circuit
	relay   contactor
	tripped bool
	short   bool
	wanted  float64 // W that its users want
	demand  float64 // W on live phases this step
	power   float64
	rush    float64 // s left of the starting current
	strain  float64
	drawn   si.WattHours
}

// inrush is how much more than its running power a class of load draws on
// starting, and for how long: a motor's run-up, a transformer's magnetising.
func inrush(class bess.Inrush) (factor, seconds float64) {
	switch class {
	case bess.InrushMotor:
		return 2.5, 0.8
	case bess.InrushTransformer:
		return 4, 0.2
	default:
		return 1.2, 0.1
	}
}

// demandCircuits moves the shed relays and lets the loads draw.
func (w *World) demandCircuits(dt float64) {
	outputs := w.io.outputsAlive(w.now)
	w.net.short = false
	for i := range w.circuits {
		c := &w.circuits[i]
		order := &w.orders.Circuits[i]
		ordered := order.Close && order.Lease.Holds(w.now) && outputs || !c.typ.Shed
		was := c.demand > 0
		c.relay.move(ordered && !c.tripped, w.io.coils || !c.typ.Shed, 0.03, dt)
		c.wanted = max(float64(w.around.Circuits[i]), 0)
		c.demand = 0
		if !c.relay.closed || c.tripped || !w.net.live {
			continue
		}
		if c.short {
			c.fault(w)
			continue
		}
		factor, seconds := inrush(c.typ.Inrush)
		if !was && c.wanted > 0 {
			c.rush = seconds
		}
		watts := c.wanted
		if c.rush > 0 {
			watts *= 1 + float64((factor-1)*min(c.rush/max(seconds, dt), 1))
			c.rush -= dt
		}
		c.demand = w.net.spread(watts, c.typ.Phases, c.typ.Phase)
	}
}

// fault is a short circuit behind the breaker: a live supply clears it at once,
// an island only when its inverter's fault current trips the breaker.
func (c *circuit) fault(w *World) {
	if w.net.carrier != bess.Nobody || float64(w.inverter.typ.FaultCurrent) >= 5*float64(c.typ.Limit) {
		c.tripped = true
		w.truth.Counts.BreakerTrips++
		return
	}
	w.net.short = true
	c.demand = w.net.spread(float64(w.inverter.typ.Rated)*3, c.typ.Phases, c.typ.Phase)
}

// bookCircuit meters a circuit and lets its breaker judge.
func (w *World) bookCircuit(i int, served, dt float64) {
	c := &w.circuits[i]
	c.power = c.demand * served
	e := wattHours(c.power, dt)
	c.drawn += e
	w.truth.Books.Circuit[i] += e
	w.truth.CircuitNow[i] = si.Watts(c.power)
	if c.relay.closed && c.wanted > c.power {
		w.truth.Unserved += wattHours(c.wanted-c.power, dt)
	}
	limit := float64(c.typ.Limit)
	if limit <= 0 || c.tripped {
		return
	}
	over := c.power / (max(float64(c.typ.Phases), 1) * w.net.nominal) / limit
	c.strain = max(c.strain+float64((float64(over*over)-1.27)*dt), 0)
	if c.strain > 120 {
		c.strain, c.tripped = 0, true
		w.truth.Counts.BreakerTrips++
	}
}
