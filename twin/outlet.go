package twin

import (
	"math"

	"reprise/bess"
	"reprise/bess/si"
)

// outlet is a charging station with, at times, a vehicle.
type outlet struct {
	typ       *bess.Outlet
	draw      chance
	up        float64 // s powered
	offer     float64 // A or W in force at the station
	next      float64 // ordered, not yet in force
	applyIn   float64 // s until it is
	until     bess.Instant
	profiled  bool // a profile is in force
	ignoring  bool // it lost this order; the next different one is heard
	vehicle   Vehicle
	plugged   bool
	visit     uint64
	amps      float64 // per phase
	phases    int
	demand    float64 // W of AC wanted this step
	busDemand float64 // W of DC wanted this step
	output    float64 // rapid: ramped power to the vehicle
	power     float64 // W into the vehicle's inlet
	shed      bool
	drawn     si.WattHours // meter
	jump      si.WattHours // meter fault

	silent    bool
	ignores   bool
	rebooting float64
	tripped   bool // RCD
	lying     bool
	lie       float64 // share of its power that it reports
	over      float64
}

// Assumed: a station boots for this long, s; a vehicle moves its current by
// this much per second.
const (
	stationBoot = 8.0
	ampsPerS    = 4.0
	// chanceIgnored is how often a station loses an order altogether.
	chanceIgnored = 0.004
)

func newOutlet(o *bess.Outlet, seed uint64, i int) outlet {
	return outlet{typ: o, draw: newChance(seed, 500+uint64(i)), phases: max(o.Phases, 1)}
}

// online reports whether the station's controller runs and speaks.
func (o *outlet) online() bool { return o.up >= stationBoot }

// StationRuns reports whether an outlet's charging station is powered and has booted.
func (w *World) StationRuns(outlet bess.OutletID) bool {
	return int(outlet) >= 0 && int(outlet) < len(w.outlets) && w.outlets[outlet].online()
}

// follow takes the order as a station does: some time later, with a duration of
// its own, and at times not at all.
func (o *outlet) follow(order *bess.OutletCommand, heard bool, now bess.Instant, powered bool, dt float64) {
	if o.rebooting > 0 {
		o.rebooting -= dt
		powered = false
	}
	if !powered {
		o.up, o.offer, o.amps, o.output, o.profiled = 0, 0, 0, 0, false
		return
	}
	if o.up < stationBoot {
		o.up += dt
		return
	}
	want := o.wanted(order)
	if heard && !o.silent && order.Lease.Holds(now) {
		o.until = min(order.Lease.Until, now.Add(o.typ.Hold))
		if !o.profiled || want != o.next {
			if o.ignoring = o.ignores || o.draw.uniform() < chanceIgnored; !o.ignoring {
				o.applyIn = o.draw.between(0.2, max(float64(o.typ.Lag.Seconds()), 0.3))
			}
			o.next, o.profiled = want, true
		}
	}
	if now > o.until {
		o.profiled, o.ignoring = false, false
		o.offer = o.fallback()
		return
	}
	if o.applyIn > 0 {
		o.applyIn -= dt
	} else if o.profiled && !o.ignoring {
		o.offer = o.next
	}
}

func (o *outlet) wanted(order *bess.OutletCommand) float64 {
	switch {
	case !order.Enable:
		return 0
	case o.typ.Kind == bess.Rapid:
		return within(float64(order.Power), 0, float64(o.typ.Rated))
	}
	return math.Floor(within(float64(order.Current), 0, float64(o.typ.Current)))
}

func (o *outlet) fallback() float64 {
	if o.typ.Kind == bess.Rapid {
		return float64(o.typ.FallbackDC)
	}
	return float64(o.typ.Fallback)
}

// demandOutlets lets stations and vehicles decide what they draw this step.
func (w *World) demandOutlets(dt float64) {
	supplied := w.io.outletSupply.closed
	for i := range w.outlets {
		o := &w.outlets[i]
		o.demand, o.busDemand = 0, 0
		if o.typ.Kind == bess.Rapid {
			o.follow(&w.orders.Outlets[i], w.heardNow, w.now, supplied && w.bus.live(), dt)
			o.rapid(w, dt)
			continue
		}
		phase := min(max(o.typ.Phase, 0), 2)
		powered := supplied && w.net.phaseLive(phase)
		o.follow(&w.orders.Outlets[i], w.heardNow, w.now, powered, dt)
		if !powered || o.tripped {
			o.amps = 0
			continue
		}
		o.alternating(dt)
		o.demand = w.net.spread(o.amps*float64(o.phases)*w.net.volts[phase], o.phases, phase)
	}
}

// alternating is an AC vehicle: whole amps up to the offer, nothing below 6 A.
func (o *outlet) alternating(dt float64) {
	goal := 0.0
	if o.plugged && o.online() && o.offer >= 6 {
		v := &o.vehicle
		goal = float64(min(o.offer, float64(v.Current))*v.taper()) + o.over
		if goal < 6 && v.SoC < v.Full {
			goal = 6
		}
		goal = math.Floor(goal)
		o.phases = min(max(o.typ.Phases, 1), max(v.Phases, 1))
	}
	if goal > 0 && o.amps < 6 {
		o.amps = 6
		return
	}
	if goal == 0 {
		o.amps = 0
		return
	}
	o.amps = toward(o.amps, goal, ampsPerS*dt)
}

// rapid is a DC outlet: its converter ramps to what the vehicle asks, within
// its offer and rating; a bus that sags sheds it at once.
func (o *outlet) rapid(w *World, dt float64) {
	goal := 0.0
	if o.plugged && o.online() && !o.tripped && o.vehicle.SoC < o.vehicle.Full {
		goal = min(min(o.offer, float64(o.typ.Rated)), o.vehicle.asks()) + float64(o.over*400)
	}
	if o.shed {
		o.output, o.shed = 0, false
	}
	if goal <= 0 {
		o.output = 0
	} else {
		ramp := max(float64(o.typ.Ramp), 1000)
		o.output = min(toward(o.output, goal, ramp*dt), goal)
	}
	o.busDemand = o.output
	switch {
	case o.output > 0:
		o.busDemand += lossAt(&o.typ.Loss, float64(o.typ.Rated), o.output)
	case o.up > 0:
		o.busDemand = float64(o.typ.Standby)
	}
}

// settleRapid gives a DC outlet what the bus could give.
func (w *World) settleRapid(i int, got, dt float64) {
	o := &w.outlets[i]
	if o.typ.Kind != bess.Rapid {
		return
	}
	share := 1.0
	if o.busDemand > 0 {
		share = got / o.busDemand
	}
	if share < 0.98 && o.output > 0 {
		o.shed = true
		w.truth.Counts.RapidSheds++
	}
	w.deliver(i, o.output*share, dt)
	w.truth.Books.OutletLoss[i] += wattHours(got-o.power, dt)
}

// deliver charges the vehicle and turns the meter.
func (w *World) deliver(i int, watts, dt float64) {
	o := &w.outlets[i]
	o.power = watts
	e := wattHours(watts, dt)
	o.drawn += e
	w.truth.Books.Outlet[i] += e
	w.truth.OutletNow[i] = si.Watts(watts)
	if o.plugged {
		o.vehicle.charge(float64(e), o.typ.Kind)
	}
}

// bookLoads meters AC outlets and circuits with the share that the network fed.
func (w *World) bookLoads(dt float64) {
	served := 1.0
	if w.inverter.mode == bess.InverterForm {
		served = w.inverter.served
	} else if w.net.carrier == bess.Nobody {
		served = 0
	}
	for i := range w.outlets {
		if w.outlets[i].typ.Kind != bess.Rapid {
			w.deliver(i, w.outlets[i].demand*served, dt)
		}
	}
	for i := range w.circuits {
		w.bookCircuit(i, served, dt)
	}
}
