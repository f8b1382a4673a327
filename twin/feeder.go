package twin

import (
	"math"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/plant"
)

// feeder is one supply with its contactor and its meter.
type feeder struct {
	typ      *bess.Feeder
	main     contactor
	tripped  bool
	strain   float64 // s of overcurrent, weighted
	volts    [3]float64
	hertz    float64
	amps     [3]float64
	power    float64 // W, import positive
	feed     float64 // AC-coupled solar: W offered to the AC bus
	dc       float64 // W into the DC bus
	imported si.WattHours
	exported si.WattHours
	set      generator
	inlet    inlet
	array    plant.Solar
	back     float64 // solar: share by which it has stepped back for the frequency
	wobble   float64 // Hz around nominal
	drift    chance

	lost        bool
	sag         float64 // volts against nominal; 1: none
	phaseLost   int     // 1..3; 0: none
	neutralLost bool
	reversed    bool
	neutralToE  float64
}

func newFeeder(f *bess.Feeder, seed uint64, i int) feeder {
	n := feeder{typ: f, sag: 1, drift: newChance(seed, 300+uint64(i)), neutralToE: 0.4}
	n.set.fuel, n.set.fuelCurve = float64(f.Set.Tank), plant.FuelCurveOf(f.Set.Rated)
	n.array = plant.SolarArray(f.Array.Peak, f.Array.Rated)
	return n
}

// carries reports whether the supply can carry the AC bus.
func (f *feeder) carries() bool {
	return f.typ.Kind == bess.Grid || f.typ.Kind == bess.Generator
}

// live reports whether the supply side is energised.
func (f *feeder) live() bool {
	return f.volts[0] > 100 || f.volts[1] > 100 || f.volts[2] > 100
}

// mayClose is the interlock in hardware: a CCS inlet closes only when plugged,
// locked and agreed with its post.
func (f *feeder) mayClose() bool { return f.typ.Kind != bess.CCS || f.inlet.agreed() }

// supply is what stands on the supply side now.
func (f *feeder) supply(w *World, i int, dt float64) {
	order := &w.orders.Feeders[i]
	held := order.Lease.Holds(w.now)
	around := &w.around.Feeders[i]
	nominal := w.net.nominal
	switch f.typ.Kind {
	case bess.Grid:
		// Ornstein-Uhlenbeck, 60 mHz: the order of a British grid; synthetic.
		f.wobble += float64(-f.wobble*dt/120) + float64(0.0077*f.drift.between(-1.732, 1.732)*math.Sqrt(dt))
		f.set3(nominal, w.net.cycle+f.wobble, around.Available)
	case bess.Generator:
		f.set.run(f, held && order.Run && w.io.outputsAlive(w.now), f.power, dt)
		f.set3(nominal*f.set.level(), w.net.cycle*f.set.speed, f.set.turning())
	case bess.Solar:
		f.shine(w, order, held)
	case bess.CCS:
		f.inlet.step(f, around, order, held && w.io.coils && !w.io.inhibited, dt)
	}
}

// set3 sets the phases of a source, with its faults.
func (f *feeder) set3(volts, hertz float64, on bool) {
	f.volts, f.hertz = [3]float64{}, 0
	if !on || f.lost {
		return
	}
	for k := range min(max(f.typ.Phases, 1), 3) {
		f.volts[k] = volts * f.sag
		if f.neutralLost { // unbalanced loads move the star point
			f.volts[k] *= 1 + float64(0.18*float64(1-k))
		}
	}
	if f.phaseLost > 0 && f.phaseLost <= 3 {
		f.volts[f.phaseLost-1] = 0
	}
	f.hertz = hertz
}

// shine is solar power, curtailed by its order.
func (f *feeder) shine(w *World, order *bess.FeederCommand, held bool) {
	watts := max(float64(f.array.AC(w.around.Irradiance, w.around.Ambient)), 0)
	watts = min(watts, float64(order.Limit))
	if !held || f.lost || !f.main.closed {
		watts = 0
	}
	f.feed, f.dc = 0, 0
	if f.typ.DC {
		f.feed = watts
		return
	}
	f.volts = w.net.volts
	f.hertz = w.net.hertz
	// Solar inverters rejoin after 20 s of a steady network.
	if w.net.steady < 20 {
		watts = 0
	}
	f.stepBack(w)
	f.feed = float64(watts * (1 - f.back))
	phases := min(max(f.typ.Phases, 1), 3)
	for k := range phases {
		if w.net.phaseLive(k) {
			w.net.solar[k] += f.feed / float64(phases)
		} else {
			f.feed -= f.feed / float64(phases)
		}
	}
}

// Solar inverters step back above 50.2 Hz by 40 % of their power per hertz: a
// droop of 5 % (EN 50549-1, 4.6.1; VDE-AR-N 4105 has the same figures).
// Assumed: they follow with 1 s; the standards allow 2 s.
const (
	stepBackAbove = 0.2 // Hz over nominal
	stepBackSlope = 0.4 // per Hz
	stepBackTau   = 1.0 // s
)

// stepBack follows the frequency of a supply. In island the inverter raises the
// frequency by as much as the DC bus could not take, which is solved with that
// bus: see settleInverter.
func (f *feeder) stepBack(w *World) {
	goal := 0.0
	if w.net.carrier != bess.Nobody {
		goal = within(float64(stepBackSlope*(w.net.hertz-w.net.cycle-stepBackAbove)), 0, 1)
	}
	f.back += float64((goal - f.back) * w.dt / (stepBackTau + w.dt))
}

// term is what a DC feeder does to the bus: its power, ending at the upper
// edge of the bus window, far below where the stages trip. It comes back with
// the voltage; nothing latches.
func (f *feeder) term(b *bus) term {
	watts := 0.0
	switch {
	case !f.typ.DC || !f.main.closed:
		return term{}
	case f.typ.Kind == bess.Solar:
		watts = f.feed
	case f.typ.Kind == bess.CCS:
		watts = f.inlet.power
	}
	if watts <= 0 || b.max <= 0 {
		return term{}
	}
	return term{below: b.full, above: b.full, slope: watts / (0.02 * b.nominal), hi: watts}
}

// guard is the supply's own breaker: inverse time above 1.1 of the phase limit,
// and a generator's reverse power relay.
func (f *feeder) guard(counts *Counts, dt float64) {
	if f.typ.Kind == bess.Generator {
		f.set.guard(f, counts, dt)
	}
	limit := float64(f.typ.PhaseLimit)
	if limit <= 0 || f.typ.DC || f.tripped {
		return
	}
	worst := max(math.Abs(f.amps[0]), max(math.Abs(f.amps[1]), math.Abs(f.amps[2])))
	over := worst / limit
	f.strain = max(f.strain+float64((float64(over*over)-1.21)*dt), 0)
	if f.strain > 60 {
		f.strain, f.tripped = 0, true
		counts.BreakerTrips++
	}
}

// inlet is the CCS vehicle inlet at power level: plug, lock, agreement with the
// post, ramp.
type inlet struct {
	plugged, locked bool
	agreeing        float64 // s
	power           float64 // W into the DC bus, offered
}

// Assumed: communication, insulation test and precharge of a CCS session take
// this long, s; the post then ramps at 20 kW/s.
const (
	ccsHandshake = 12.0
	ccsRamp      = 20e3
)

func (n *inlet) agreed() bool { return n.plugged && n.locked && n.agreeing >= ccsHandshake }

func (n *inlet) step(f *feeder, around *Supply, order *bess.FeederCommand, permitted bool, dt float64) {
	n.plugged = around.Available && !f.lost
	wanted := permitted && order.Close && n.plugged
	n.locked = wanted || n.plugged && n.locked && n.power > 0
	if !wanted {
		n.agreeing = 0
	} else {
		n.agreeing += dt
	}
	goal := 0.0
	// The inlet's own stage shows the post a battery within its window; a post
	// that does not reach the window cannot serve it.
	volts := within(float64(order.Volts), float64(f.typ.Inlet.VoltsMin), float64(f.typ.Inlet.VoltsMax))
	volts = min(volts, float64(around.PostVolts))
	if wanted && n.agreed() && volts >= float64(f.typ.Inlet.VoltsMin) && f.main.closed {
		goal = min(float64(order.Limit), float64(f.typ.Inlet.Rated))
		goal = min(goal, float64(around.PostPower))
		amps := min(float64(f.typ.Inlet.Current), float64(around.PostCurrent))
		goal = min(goal, float64(amps*volts))
	}
	if goal <= 0 {
		n.power = 0
		return
	}
	n.power = toward(n.power, goal, ccsRamp*dt)
}
