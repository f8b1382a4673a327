package twin

import (
	"math"

	"reprise/bess"
	"reprise/bess/exact"
	"reprise/bess/si"
	"reprise/plant"
)

// term is one device's power into the DC bus as a function of the bus voltage:
// base, plus slope times the distance below or above a band, within lo..hi. It
// never rises with the voltage, so the bus has one equilibrium. Power out of
// the bus fades to nothing over the band below cut: nothing runs on a dead bus.
// Power into it ends over the band of guard: within the step, a stage's own
// over-voltage comparator is that fast.
type term struct {
	base, below, above, slope float64
	lo, hi                    float64
	cut                       cut
	guard                     cut // a feed is blocked over this band; none: zero
}

// cut is the band of bus voltage over which a draw comes to life.
type cut struct{ from, to float64 }

// at is the power and its derivative at v.
func (t *term) at(v float64) (watts, slope float64) {
	watts = t.base
	switch {
	case v < t.below:
		watts += float64(t.slope * (t.below - v))
		slope = -t.slope
	case v > t.above:
		watts -= float64(t.slope * (v - t.above))
		slope = -t.slope
	}
	if watts <= t.lo {
		watts, slope = t.lo, 0
	} else if watts >= t.hi {
		watts, slope = t.hi, 0
	}
	if watts < 0 && v < t.cut.to {
		if v <= t.cut.from {
			return 0, 0
		}
		width := t.cut.to - t.cut.from
		share := (v - t.cut.from) / width
		slope = float64(slope*share) + watts/width
		watts *= share
	}
	if watts > 0 && t.guard.to > 0 && v > t.guard.from {
		if v >= t.guard.to {
			return 0, 0
		}
		width := t.guard.to - t.guard.from
		share := (t.guard.to - v) / width
		slope = float64(slope*share) - watts/width
		watts *= share
	}
	return watts, slope
}

// bus is the DC bus.
type bus struct {
	volts      float64
	farads     float64
	nominal    float64
	max        float64
	full       float64 // where supplies to the bus have stepped back to nothing
	trip       float64
	cut        cut     // draws of the bus fade below the trip voltage
	shed       cut     // the rapid outlets fade earlier
	guard      cut     // the stages' own over-voltage trip, and how far they can overshoot it
	slowRise   float64 // W that raises it from dark in about two seconds
	short      bool
	insulation float64 // ohm to earth of the bus itself
	terms      []term
}

// Assumed, ohm: the bleeder that is always there, and the discharge resistor behind a normally closed contact that the
// coil supply holds open. It takes 20 mF from 750 V below 60 V in 101 s and carries a welded pack's 280 W for good;
// without it the bleeder alone would need two hours.
const (
	busBleeder   = 150e3
	busDischarge = 2e3
)

func newBus(u *bess.Unit) bus {
	b := bus{
		farads:     max(float64(u.Bus.Capacitance), 1e-4),
		nominal:    max(float64(u.Bus.Nominal), 1),
		max:        float64(u.Bus.Max),
		trip:       float64(u.Bus.Trip),
		insulation: soundInsulation,
		terms:      make([]term, 0, len(u.Packs)+len(u.Converters)+len(u.Feeders)+len(u.Outlets)+4),
	}
	b.full = b.max - float64(0.01*b.nominal)
	b.cut = cut{0.92 * b.trip, b.trip}
	b.shed = cut{0.92 * b.nominal, 0.955 * b.nominal}
	b.guard = guardBand(u, b.farads)
	b.slowRise = max(halfCV2(b.farads, b.nominal)/1.5, 500)
	return b
}

// guardBand is from where the stages trip to where the last of them is blocked,
// were they all to feed at their rating. At least 0.1 % of the trip voltage: no
// comparators are more alike.
func guardBand(u *bess.Unit, farads float64) cut {
	g := plant.StandardStageGuard()
	trips := g.Trips(u.Bus.Max)
	if !(trips > 0) {
		return cut{}
	}
	power := si.Watts(u.Inverter.Rated)
	for k := range u.Converters {
		power += u.Converters[k].Rated
	}
	over := max(g.Overshoot(power, si.Farads(farads), trips), si.Mul(trips, 0.001))
	return cut{float64(trips), float64(trips + over)}
}

// live reports whether the bus can feed its users.
func (b *bus) live() bool { return b.volts > b.cut.to }

// solve finds the voltage at the end of the step at which the powers fit the
// change of the capacitor's energy, by Newton's method kept inside a bracket.
func (b *bus) solve(dt float64) float64 {
	c := b.farads / (2 * dt)
	start := float64(b.volts * b.volts)
	lo, hi := 0.0, max(b.volts, b.max)*2+100
	v := max(b.volts, 0.05*b.nominal)
	for range 80 {
		f, slope := 0.0, -float64(2*c*v)
		for i := range b.terms {
			p, d := b.terms[i].at(v)
			f += p
			slope += d
		}
		f -= float64(c * (float64(v*v) - start))
		if math.Abs(f) < 1e-6 {
			return v
		}
		if f > 0 {
			lo = v
		} else {
			hi = v
		}
		next := v - f/slope
		if !(next > lo && next < hi) {
			next = 0.5 * (lo + hi)
		}
		if math.Abs(next-v) < 1e-10*b.nominal {
			return next
		}
		v = next
	}
	return v
}

// balanceBus solves the DC bus and books what every device gave or took. The
// order of terms is the order in which their powers are read back.
func (w *World) balanceBus(dt float64) {
	b := &w.bus
	b.terms = b.terms[:0]
	for k := range w.converters {
		b.terms = append(b.terms, w.decide(k, dt))
	}
	if w.switched {
		for i := range w.packs {
			b.terms = append(b.terms, w.packs[i].term(b, dt))
		}
	}
	for i := range w.feeders {
		b.terms = append(b.terms, w.feeders[i].term(b))
	}
	for i := range w.outlets {
		b.terms = append(b.terms, term{base: -w.outlets[i].busDemand, lo: -w.outlets[i].busDemand, cut: b.shed})
	}
	w.feedAuxiliaries()
	own := w.ownDemand()
	b.terms = append(b.terms, term{base: -own, lo: -own, cut: b.cut})
	b.terms = append(b.terms, w.inverterTerm())
	bleed := float64(float64(b.volts/busBleeder) * b.volts)
	if !w.io.coils {
		bleed += float64(float64(b.volts/busDischarge) * b.volts)
	}
	b.terms = append(b.terms, term{base: -bleed, lo: -bleed, cut: cut{0, 10}})
	if b.short {
		b.terms = append(b.terms, term{slope: 200 * b.nominal, lo: -1e9})
	}
	v := b.solve(dt)
	w.readBack(v, dt)
}

// readBack gives each device the power that the solution names, and sets the
// voltage from the sum of exactly those powers.
func (w *World) readBack(v, dt float64) {
	b := &w.bus
	sum, n := 0.0, 0
	next := func() float64 {
		p, _ := b.terms[n].at(v)
		n++
		sum += p
		return p
	}
	for k := range w.converters {
		w.settle(k, next(), dt)
	}
	if w.switched {
		for i := range w.packs {
			w.packs[i].settle(next(), &w.truth.Books.LinkLoss[i], dt)
		}
	}
	for i := range w.feeders {
		w.feeders[i].dc = next()
	}
	for i := range w.outlets {
		w.settleRapid(i, -next(), dt)
	}
	w.settleOwn(-next(), dt)
	w.settleInverter(next(), dt)
	for n < len(b.terms) {
		w.truth.Books.BusLoss += wattHours(-next(), dt)
	}
	energy := halfCV2(b.farads, b.volts) + float64(sum*dt)
	if energy < 0 {
		// Only rounding can get here: the solver keeps the sum within its
		// tolerance. The difference stays visible in the balance.
		energy = 0
	}
	b.volts = math.Sqrt(2 * energy / b.farads)
}

// guardBus latches what the devices' own comparators did in this step: above
// the trip voltage every running stage has blocked itself, whichever way it
// worked, and below the inverter's trip the inverter has.
func (w *World) guardBus() {
	b, v := &w.bus, &w.inverter
	if b.guard.to > 0 && b.volts > b.guard.from {
		for k := range w.converters {
			if c := &w.converters[k]; c.on {
				c.over = true
				w.trip(k)
			}
		}
		if v.mode != bess.InverterOff {
			v.over = true
			v.stop(&w.truth.Counts)
		}
	}
	if v.mode != bess.InverterOff && b.volts < b.trip {
		w.truth.Counts.BusCollapses++
		v.under = true
		v.stop(&w.truth.Counts)
	}
}

// inWindow reports a bus voltage at which a stage that tripped by it lets go.
func (b *bus) inWindow() bool { return b.max <= 0 || b.volts <= b.max }

// term is a pack switched straight onto the bus: a voltage behind a resistance,
// in power at the present bus voltage. Through the precharge resistor the bus
// follows the exact exponential.
func (p *pack) term(b *bus, dt float64) term {
	e, r := p.idle, p.ohms
	p.heat = 0
	switch {
	case p.joined() && e > 0:
		v := max(b.volts, 0.5*e)
		reach := max(float64(0.245*e)*e/r-max(p.debt, 0)/dt, 0)
		return term{below: e, above: e, slope: v / r, lo: -float64(e*e) / r, hi: reach}
	case p.precharging && !p.blown:
		tau := max(float64(p.typ.Contactor.PrechargeOhms)*b.farads, 1e-3)
		step := float64((p.volts - b.volts) * (1 - exact.Exp(-dt/tau)))
		watts := (halfCV2(b.farads, b.volts+step) - halfCV2(b.farads, b.volts)) / dt
		p.heat = float64(p.volts*b.farads*step)/dt - watts
		return term{base: watts, lo: min(watts, 0), hi: max(watts, 0)}
	}
	return term{}
}

// settle books what a switched pack gave the bus. While precharging, the
// resistor turns the rest of what left the pack into heat.
func (p *pack) settle(watts float64, loss *si.WattHours, dt float64) {
	*loss += wattHours(p.heat, dt)
	p.drawn += watts + p.heat
}
