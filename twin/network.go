package twin

import (
	"math"

	"reprise/bess"
	"reprise/bess/si"
)

// network is the AC bus: its voltage comes from the feeder that carries it or
// from the forming inverter.
type network struct {
	volts   [3]float64
	hertz   float64
	carrier int // feeder that carries the bus, or bess.Nobody
	live    bool
	load    [3]float64 // W drawn by circuits and outlets per phase
	solar   [3]float64 // W fed by AC-coupled solar
	steady  float64    // s since it became live
	phases  int        // of the unit's AC bus
	nominal float64
	cycle   float64 // nominal frequency
	short   bool    // a circuit is shorted
}

// need is what loads draw beyond AC-coupled solar, W.
func (n *network) need() float64 {
	return n.load[0] + n.load[1] + n.load[2] - n.solar[0] - n.solar[1] - n.solar[2]
}

// healthy reports a network an inverter may follow: a carrier and every phase
// within its loss-of-mains window (0.8..1.15 of nominal, 47.5..52 Hz: G99).
func (n *network) healthy() bool {
	if n.carrier == bess.Nobody || n.hertz < 47.5 || n.hertz > 52 {
		return false
	}
	for _, v := range n.volts[:n.phases] {
		if v < 0.8*n.nominal || v > 1.15*n.nominal {
			return false
		}
	}
	return true
}

// phaseLive reports whether a phase can feed a load.
func (n *network) phaseLive(k int) bool { return n.volts[k] > 0.6*n.nominal }

func (w *World) anyFeederClosed() bool {
	for i := range w.feeders {
		f := &w.feeders[i]
		if f.carries() && f.main.closed {
			return true
		}
	}
	return false
}

// energise moves the AC contactors and finds who carries the AC bus.
func (w *World) energise(dt float64) {
	n := &w.net
	n.carrier = bess.Nobody
	outputs := w.io.outputsAlive(w.now)
	for i := range w.feeders {
		f := &w.feeders[i]
		order := &w.orders.Feeders[i]
		f.supply(w, i, dt)
		ordered := order.Close && order.Lease.Holds(w.now) && outputs
		was := f.main.closed
		f.main.move(ordered && f.mayClose(), w.io.coils && !f.tripped, 0.06, dt)
		if !f.carries() || !f.main.closed {
			continue
		}
		if w.inverter.mode == bess.InverterForm && !was {
			w.truth.Counts.Parallelled++
			w.inverter.stop(&w.truth.Counts)
		}
		if !f.live() {
			continue
		}
		if n.carrier != bess.Nobody {
			w.truth.Counts.Parallelled++
			f.tripped, w.feeders[n.carrier].tripped = true, true
			continue
		}
		n.carrier = i
	}
	w.voltage(dt)
}

// voltage sets the phase voltages behind the source's impedance.
func (w *World) voltage(dt float64) {
	n := &w.net
	switch {
	case n.carrier != bess.Nobody:
		f := &w.feeders[n.carrier]
		z := float64(f.typ.Impedance)
		for k := range n.volts {
			n.volts[k] = max(f.volts[k]-float64(z*f.amps[k]), 0)
		}
		n.hertz = f.hertz
	case w.inverter.mode == bess.InverterForm:
		sag := 1.0
		if n.short {
			sag = 0.1
		}
		for k := range n.volts {
			n.volts[k] = 0
			if k < n.phases {
				n.volts[k] = w.inverter.volts * sag
			}
		}
		// A full DC bus raises the frequency so that solar steps back; how far
		// is the share of it that was spilled in the last step.
		n.hertz = w.inverter.hertz
		if w.spilled > 0 {
			n.hertz += 0.2 + float64(0.8*w.spilled)
		}
	default:
		n.volts, n.hertz = [3]float64{}, 0
	}
	n.live = n.phaseLive(0) || n.phaseLive(1) || n.phaseLive(2)
	if n.live {
		n.steady += dt
	} else {
		n.steady = 0
	}
}

// spread adds a draw to the phases that a load of so many phases uses, the
// first of them given, and returns what dead phases leave unserved.
func (n *network) spread(watts float64, phases, first int) (served float64) {
	if phases < 1 {
		phases = 1
	}
	each := watts / float64(phases)
	for k := range phases {
		ph := (first + k) % 3
		if n.phaseLive(ph) {
			n.load[ph] += each
			served += each
		}
	}
	return served
}

// carry gives what the AC bus still needs to the feeder that carries it, and
// books the AC side.
func (w *World) carry(dt float64) {
	n, v := &w.net, &w.inverter
	for i := range w.feeders {
		f := &w.feeders[i]
		f.amps = [3]float64{}
		if f.typ.Kind == bess.Grid || f.typ.Kind == bess.Generator {
			f.power = 0
		}
	}
	v.phase = [3]float64{}
	switch {
	case n.carrier != bess.Nobody:
		f := &w.feeders[n.carrier]
		for k := range n.volts {
			if k < n.phases {
				v.phase[k] = v.ac / float64(n.phases)
			}
			p := n.load[k] - n.solar[k] - v.phase[k]
			f.power += p
			f.amps[k] = p / max(n.volts[k], 0.5*n.nominal)
		}
	case v.mode == bess.InverterForm:
		for k := range n.volts {
			v.phase[k] = float64(n.load[k]*v.served) - n.solar[k]
		}
	}
	w.bookFeeders(dt)
	w.bookLoads(dt)
	w.protect(dt)
}

// bookFeeders meters every supply.
func (w *World) bookFeeders(dt float64) {
	b := &w.truth.Books
	v := &w.inverter
	w.spilled = 0
	if sun := w.net.solarTotal(); v.mode == bess.InverterForm && v.surplus > 1 && sun > 0 {
		w.spilled = min(v.surplus/sun, 1)
	}
	for i := range w.feeders {
		f := &w.feeders[i]
		switch {
		case f.typ.DC:
			f.power = f.dc
			f.amps[0] = f.dc / max(w.bus.volts, 1)
		case f.typ.Kind == bess.Solar:
			f.power = w.sunUsed(f)
		}
		e := wattHours(math.Abs(f.power), dt)
		if f.power >= 0 {
			b.FeederIn[i] += e
			f.imported += e
		} else {
			b.FeederOut[i] += e
			f.exported += e
		}
		b.Throughput += e
		w.truth.FeederNow[i] = si.Watts(f.power)
		f.guard(&w.truth.Counts, dt)
	}
}

// sunUsed is how much of what an AC-coupled array offers the AC bus takes: all
// of it beside a supply; in island what is not spilled, or the share that a
// collapsing island still served; nothing when the network died in this step.
func (w *World) sunUsed(f *feeder) float64 {
	v := &w.inverter
	switch {
	case w.net.carrier != bess.Nobody:
		return f.feed
	case v.mode == bess.InverterForm:
		return within(float64(f.feed*v.served)-float64(v.surplus*f.feed)/max(w.net.solarTotal(), 1), 0, f.feed)
	}
	return 0
}

func (n *network) solarTotal() float64 { return n.solar[0] + n.solar[1] + n.solar[2] }
