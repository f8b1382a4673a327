package twin

import (
	"math"
	"slices"

	"reprise/bess"
	"reprise/bess/exact"
	"reprise/bess/si"
)

// Start is how a world begins: everything open and off.
type Start struct {
	SoC     []si.Ratio // per pack; 0.8 where not given
	SoH     []si.Ratio // true, per pack; drawn around intake where not given
	Ambient si.Celsius
	Now     bess.Instant
	Clock   bess.Civil
	Noise   bool // readings carry seeded noise of half a step; pack currents always ripple
}

// Supply is what the surroundings offer at a feeder.
type Supply struct {
	Available   bool // grid: live; CCS: a post is plugged; others: ignored
	Intensity   si.GramsPerKWh
	Price       si.Pounds // per kWh
	Priced      bool      // Intensity and Price are known
	PostVolts   si.Volts  // CCS: what the post can reach
	PostCurrent si.Amps
	PostPower   si.Watts
}

// Surroundings is the world outside the machine, held until set again.
type Surroundings struct {
	Ambient    si.Celsius
	Irradiance si.WattsPerM2 // on the array
	Circuits   []si.Watts    // what each circuit's users want, positive
	Feeders    []Supply
}

// NewSurroundings is a dark, dead site sized for the unit.
func NewSurroundings(u *bess.Unit) Surroundings {
	return Surroundings{
		Ambient:  20,
		Circuits: make([]si.Watts, len(u.Circuits)),
		Feeders:  make([]Supply, len(u.Feeders)),
	}
}

// World is the machine and what surrounds it. It is a plain value of slices
// sized once; nothing in it is shared with another world.
type World struct {
	now        bess.Instant
	rest       float64 // ms not yet counted in now
	civil      bess.Civil
	clockJump  int64 // ms by which the wall clock is wrong
	dt         float64
	switched   bool
	heardNow   bool
	noise      bool
	visits     uint64
	orders     bess.Commands
	around     Surroundings
	kinds      []kind
	packs      []pack
	converters []converter
	bus        bus
	inverter   inverter
	net        network
	feeders    []feeder
	circuits   []circuit
	outlets    []outlet
	cabinet    cabinet
	io         ioModule
	disk       diskState
	faults     []ramp
	truth      Truth
	mail       bess.Snapshot
	spilled    float64 // share of AC-coupled solar that an island could not use
	sensing    sensing
	frames     []frames // per pack: what happens to its frames on the wire; empty until something does
}

// diskState is what the store says of its disk; the bench may fill it.
type diskState struct{ full, stalled bool }

// New is a world for the unit, with true parameters drawn from the seed.
func New(u *bess.Unit, seed uint64, start Start) *World {
	w := &World{
		now: start.Now, civil: start.Clock, noise: start.Noise,
		switched: u.Bus.Topology == bess.SwitchedPacks,
		orders:   bess.NewCommands(u), around: NewSurroundings(u),
		bus: newBus(u), truth: newTruth(u), mail: bess.NewSnapshot(u),
		faults: make([]ramp, 0, 64),
	}
	ambient := float64(start.Ambient)
	w.around.Ambient = start.Ambient
	for i := range u.Packs {
		t := &u.Packs[i].Type
		if !slices.ContainsFunc(w.kinds, func(k kind) bool { return k.of == *t }) {
			w.kinds = append(w.kinds, newKind(t))
		}
	}
	draw := newChance(seed, 1)
	for i := range u.Packs {
		p := &u.Packs[i]
		own := newChance(seed, 100+uint64(i))
		w.packs = append(w.packs, newPack(p, w.kinds, &own, &start, i))
	}
	for i := range u.Converters {
		w.converters = append(w.converters, newConverter(&u.Converters[i], &draw, ambient))
	}
	meters := newChance(seed, 902)
	w.inverter = newInverter(&u.Inverter, &draw, &meters, ambient)
	w.net.carrier, w.net.nominal, w.net.cycle = bess.Nobody, 230, 50
	w.net.phases = min(max(u.Inverter.Phases, 1), 3)
	if u.Inverter.PhaseVolts > 0 {
		w.net.nominal = float64(u.Inverter.PhaseVolts)
	}
	if u.Inverter.Nominal > 0 {
		w.net.cycle = float64(u.Inverter.Nominal)
	}
	for i := range u.Feeders {
		w.feeders = append(w.feeders, newFeeder(&u.Feeders[i], seed, i))
	}
	for i := range u.Circuits {
		w.circuits = append(w.circuits, circuit{typ: &u.Circuits[i]})
	}
	for i := range u.Outlets {
		w.outlets = append(w.outlets, newOutlet(&u.Outlets[i], seed, i))
	}
	w.cabinet = cabinet{typ: &u.Cabinet, air: ambient, coolant: ambient}
	w.io = ioModule{typ: &u.IO, battery: batteryFull * 0.9}
	w.sensing = newSensing(u, seed)
	w.io.supply(false)
	w.tune(0.1)
	w.truth.AtStart = w.Truth().Stored
	return w
}

// Surround sets the world outside. Values are copied and kept within what this
// planet has; a slice shorter than the unit's leaves the rest as it was.
func (w *World) Surround(x Surroundings) {
	w.around.Ambient = si.Celsius(within(float64(x.Ambient), -60, 80))
	w.around.Irradiance = si.WattsPerM2(within(float64(x.Irradiance), 0, 2000))
	for i := range min(len(x.Circuits), len(w.around.Circuits)) {
		w.around.Circuits[i] = si.Watts(within(float64(x.Circuits[i]), 0, 1e7))
	}
	for i := range min(len(x.Feeders), len(w.around.Feeders)) {
		s := x.Feeders[i]
		s.PostVolts = si.Volts(within(float64(s.PostVolts), 0, 2000))
		s.PostCurrent = si.Amps(within(float64(s.PostCurrent), 0, 2000))
		s.PostPower = si.Watts(within(float64(s.PostPower), 0, 1e7))
		w.around.Feeders[i] = s
	}
}

// Now is the unit's monotonic clock.
func (w *World) Now() bess.Instant { return w.now }

// Civil is the true wall time, whatever the unit's clock says.
func (w *World) Civil() bess.Civil { return w.civil }

// Step advances the world by dt (0.01 to 1 s; 0.1 s is the unit's tick) under
// these orders. nil: no orders arrived, so the last ones run on until their
// leases and heartbeats end. It does not allocate.
func (w *World) Step(c *bess.Commands, dt si.Seconds) {
	d := within(float64(dt), 0.01, 1)
	if d != w.dt {
		w.tune(d)
	}
	w.heardNow = c != nil
	if c != nil {
		w.orders.CopyFrom(c)
		w.sanitise()
	}
	w.rampFaults(d)
	w.guardIO(d)
	w.movePacks(d)
	w.net.load, w.net.solar = [3]float64{}, [3]float64{}
	w.energise(d)
	w.runInverter(d)
	w.demandCircuits(d)
	w.demandOutlets(d)
	w.chargeLinks(d)
	w.balanceBus(d)
	w.carry(d)
	w.guardBus()
	w.advancePacks(d)
	w.warm(d)
	w.tick(d)
}

// tick moves the clocks on.
func (w *World) tick(dt float64) {
	w.rest += float64(dt * 1000)
	whole := math.Floor(w.rest + 1e-6)
	w.rest -= whole
	w.now = w.now.Add(bess.Span(whole))
	w.civil = w.civil.Add(bess.Span(whole))
}

// Forward brings the world's clock up to an instant, as when a controller whose
// own clock ran ahead takes it over. It never goes back, and nothing moves.
func (w *World) Forward(to bess.Instant) {
	if to > w.now {
		w.now, w.rest = to, 0
	}
}

// tune computes what depends on the length of the step.
func (w *World) tune(dt float64) {
	w.dt = dt
	for i := range w.kinds {
		w.kinds[i].tune(dt)
	}
	for i := range w.packs {
		p := &w.packs[i]
		p.linkFade = 1 - exact.Exp(-dt/p.tau)
		p.bleed = exact.Exp(-dt / bleederTau)
	}
}

// sanitise turns every order that is not a finite number into none.
func (w *World) sanitise() {
	o := &w.orders
	for k := range o.Converters {
		c := &o.Converters[k]
		c.Power, c.Slope, c.Reference = finite(c.Power), finite(c.Slope), finite(c.Reference)
		c.Discharge, c.Charge = max(finite(c.Discharge), 0), max(finite(c.Charge), 0)
	}
	v := &o.Inverter
	v.Import, v.Export = max(finite(v.Import), 0), max(finite(v.Export), 0)
	v.Volts, v.Hertz, v.Reactive, v.DCVolts = finite(v.Volts), finite(v.Hertz), finite(v.Reactive), finite(v.DCVolts)
	for i := range o.Feeders {
		f := &o.Feeders[i]
		f.Limit, f.Volts = max(finite(f.Limit), 0), finite(f.Volts)
	}
	for i := range o.Outlets {
		p := &o.Outlets[i]
		p.Current, p.Power = finite(p.Current), finite(p.Power)
	}
}

func finite[T si.Number](x T) T {
	if si.Finite(x) {
		return x
	}
	return 0
}
