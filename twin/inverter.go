package twin

import (
	"math"

	"reprise/bess"
)

// inverter is the PCS between the DC and the AC bus.
type inverter struct {
	typ        *bess.Inverter
	hearing    hearing
	mode       bess.InverterMode
	rising     float64 // s that the ordered mode has been starting
	tripped    bool
	held       bool    // tripped by a fault that lasts
	over       bool    // tripped by a DC bus above its own trip
	under      bool    // or below
	booting    float64 // s of a reboot left
	lossOfMain bool
	overload   float64 // s above the rating
	ac         float64 // W into the AC bus
	dc         float64 // W into the DC bus
	surplus    float64 // W of solar that the DC bus could not take, in island
	loss       float64
	served     float64 // share of the island's load that was fed, 0..1
	phase      [3]float64
	reactive   float64
	volts      float64 // ordered, forming
	hertz      float64
	lossy      float64
	meter      float64 // what its DC power reads over what it is
	heatsink   float64
}

// Assumed: starting to follow a live network, s; a hard overload trips at once
// above this multiple of the permitted overload.
const (
	followStart  = 1.0
	hardOverload = 1.5
)

// Assumed: the stage meters its DC side with class 0.5 of the reading, by a
// shunt whose zero it takes anew whenever it stands still.
const meterClass = 0.005

func newInverter(i *bess.Inverter, draw, meters *chance, ambient float64) inverter {
	return inverter{
		typ: i, lossy: draw.between(0.96, 1.06), meter: meters.between(1-meterClass, 1+meterClass),
		heatsink: ambient, served: 1,
	}
}

// stop trips the inverter until its order is withdrawn.
func (v *inverter) stop(counts *Counts) {
	if !v.tripped {
		counts.InverterTrips++
	}
	v.tripped, v.mode, v.rising = true, bess.InverterOff, 0
}

// runInverter takes the order: which mode it is in, and its own protections.
func (w *World) runInverter(dt float64) {
	v := &w.inverter
	order := &w.orders.Inverter
	if w.heardNow {
		v.hearing.note(order.Lease, w.now)
	}
	want := order.Mode
	if want == bess.InverterForm {
		if !v.hearing.holds(order.Lease, w.now, v.typ.Heartbeat, v.typ.IslandHold) {
			want = bess.InverterOff
		}
	} else if !v.hearing.follows(order.Lease, w.now, v.typ.Heartbeat) {
		want = bess.InverterOff
	}
	if order.Mode == bess.InverterOff && !v.held && (!v.over || w.bus.inWindow()) {
		v.tripped, v.lossOfMain, v.over, v.under = false, false, false, false
	}
	if want == bess.InverterForm && w.anyFeederClosed() {
		if v.mode == bess.InverterForm || v.rising == 0 {
			w.truth.Counts.FormRefusals++
		}
		v.stop(&w.truth.Counts)
	}
	if v.mode == bess.InverterFollow && want == bess.InverterFollow && !w.net.healthy() {
		v.lossOfMain = true
		v.stop(&w.truth.Counts)
	}
	if w.io.inhibited || v.tripped || w.bus.volts < w.bus.cut.to || want == bess.InverterFollow && !w.net.healthy() {
		want = bess.InverterOff
	}
	v.start(want, dt)
	room := math.Sqrt(max(float64(float64(v.typ.Rated)*float64(v.typ.Rated))-float64(v.ac*v.ac), 0))
	v.reactive = 0
	if v.mode == bess.InverterFollow {
		v.reactive = within(float64(order.Reactive), -room, room)
	}
	if v.mode == bess.InverterForm {
		v.volts, v.hertz = float64(order.Volts), float64(order.Hertz)
		if v.volts <= 0 {
			v.volts = float64(v.typ.PhaseVolts)
		}
		if v.hertz <= 0 {
			v.hertz = float64(v.typ.Nominal)
		}
	}
}

// start moves from mode to mode: stopping is at once, starting takes time.
func (v *inverter) start(want bess.InverterMode, dt float64) {
	if want == v.mode {
		v.rising = 0
		return
	}
	v.mode = bess.InverterOff
	if want == bess.InverterOff {
		v.rising = 0
		return
	}
	need := followStart
	if want == bess.InverterForm {
		need = max(float64(v.typ.Starts), 0)
	}
	if v.rising += dt; v.rising+1e-9 >= need {
		v.mode, v.rising = want, 0
	}
}

// protect watches the overload of a forming or following inverter.
func (w *World) protect(dt float64) {
	v := &w.inverter
	if v.mode == bess.InverterOff {
		v.overload = 0
		return
	}
	rated := max(float64(v.typ.Rated), 1)
	worst := 0.0
	for _, p := range v.phase {
		worst = max(worst, math.Abs(p))
	}
	apparent := max(math.Abs(v.ac), worst*float64(max(v.typ.Phases, 1)))
	over := max(float64(v.typ.Overload), 1)
	switch {
	case apparent > rated*over*hardOverload:
		v.stop(&w.truth.Counts)
	case apparent > rated*over*1.005:
		v.overload += dt * max(float64(v.typ.OverloadFor.Seconds()), 0.2) / 0.2
	case apparent > rated*1.005:
		v.overload += dt
	default:
		v.overload = max(v.overload-dt, 0)
	}
	if v.overload > max(float64(v.typ.OverloadFor.Seconds()), 0.2) {
		v.overload = 0
		v.stop(&w.truth.Counts)
	}
}

// inverterTerm is what the inverter does to the DC bus: on a network it holds
// the voltage within its limits, in island it draws what the AC bus needs.
func (w *World) inverterTerm() term {
	v := &w.inverter
	rated := float64(v.typ.Rated)
	switch v.mode {
	case bess.InverterFollow:
		order := &w.orders.Inverter
		in := within(float64(order.Import), 0, rated)
		out := within(float64(order.Export), 0, rated)
		lo := -(out + v.lossAt(out))
		hi := in - v.lossAt(in)
		step := float64(max(float64(v.typ.Ramp), rated/10) * w.dt)
		goal := w.bus.nominal
		if order.DCVolts > 0 {
			goal = min(float64(order.DCVolts), max(w.bus.max, w.bus.nominal))
		}
		t := term{below: goal, above: goal, slope: rated / (0.004 * w.bus.nominal), cut: w.bus.cut, guard: w.bus.guard}
		t.lo, t.hi = v.room(lo, hi, step)
		return t
	case bess.InverterForm:
		need := w.net.need()
		draw := need + v.lossAt(need)
		if draw >= 0 {
			return term{base: -draw, lo: -draw, cut: w.bus.cut}
		}
		return term{below: w.bus.full, above: w.bus.full, slope: -draw / (0.02 * w.bus.nominal), hi: -draw, guard: w.bus.guard}
	default:
		standby := float64(v.typ.Standby)
		if !w.cabinet.fed {
			standby = 0
		}
		return term{base: -standby, lo: -standby, cut: w.bus.cut}
	}
}

// room is how far the DC power can move in a step between its limits. The ramp
// paces more power and limits that were narrowed. Stepping back is the voltage
// loop's work, which takes 10 to 50 ms: within a step it is there, so that a
// bus whose users vanish does not run away while a ramp is kept.
func (v *inverter) room(lo, hi, step float64) (low, high float64) {
	low, high = max(lo, min(v.dc, 0)-step), min(hi, max(v.dc, 0)+step)
	if lo > v.dc {
		low = toward(v.dc, lo, step)
	}
	if hi < v.dc {
		high = toward(v.dc, hi, step)
	}
	return low, high
}

func (v *inverter) lossAt(watts float64) float64 {
	return float64(v.lossy * lossAt(&v.typ.Loss, float64(v.typ.Rated), watts))
}

// settleInverter takes the DC power of the bus solution and sets the AC side.
func (w *World) settleInverter(dc, dt float64) {
	v := &w.inverter
	v.dc, v.served, v.surplus = dc, 1, 0
	switch v.mode {
	case bess.InverterFollow:
		v.ac = v.acOf(dc)
		v.loss = -dc - v.ac
	case bess.InverterForm:
		need := w.net.need()
		draw := need + v.lossAt(need)
		v.loss = v.lossAt(need)
		if draw > 0 {
			v.served = min(-dc/draw, 1)
			v.loss *= v.served
		}
		v.ac = -dc - v.loss
		if draw <= 0 {
			v.surplus = v.ac - need
		}
	default:
		v.ac, v.loss = 0, -dc
	}
	v.heatsink += float64((w.cabinet.coolant + float64(v.loss*0.012) - v.heatsink) * min(dt/180, 1))
	w.truth.Books.InverterLoss += wattHours(v.loss, dt)
}

// acOf solves dc = -(ac + loss(|ac|)) for the AC power. The loss curve is of
// second order, so each direction is a quadratic.
func (v *inverter) acOf(dc float64) float64 {
	rated := max(float64(v.typ.Rated), 1)
	k := &v.typ.Loss
	a, b, c := v.lossy*k.A/rated, float64(v.lossy*k.B), float64(v.lossy*k.C*rated)
	if dc <= -c { // into the AC bus: a x2 + (1+b) x + c + dc = 0
		q := 1 + b
		return -2 * (c + dc) / (q + math.Sqrt(max(float64(q*q)-float64(4*a*(c+dc)), 0)))
	}
	q := 1 - b // out of it: a x2 - (1-b) x + c + dc = 0
	return -2 * (c + dc) / (q + math.Sqrt(max(float64(q*q)-float64(4*a*(c+dc)), 0)))
}
