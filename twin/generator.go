package twin

import (
	"reprise/bess/si"
	"reprise/plant"
)

// generator is an engine with its governor and its starter.
type generator struct {
	cranking  float64 // s
	running   bool
	failed    bool // the last start failed; a new try needs a fresh order
	tripped   bool
	refuses   bool // fault: will not start
	speed     float64
	dip       float64 // transient of speed after a load step
	before    float64 // load of the tick before, W
	warm      float64 // s of running
	reverse   float64 // s of reverse power
	strain    float64
	fuel      float64 // L
	burnt     float64 // L
	starts    int
	fuelCurve plant.FuelCurve
}

// Assumed: a set cranks for 4 s, reaches speed 2 s later, dips by 4 % of speed
// for a full-load step and recovers with 0.8 s.
const (
	crankTime = 4.0
	runUpTime = 2.0
	stepDip   = 0.04
	dipTau    = 0.8
)

func (g *generator) turning() bool { return g.running && g.warm >= runUpTime }

// level is the voltage against nominal: the regulator follows the dip.
func (g *generator) level() float64 { return 1 + float64(1.5*g.dip) }

// run starts, runs and stops the engine under its order, feeding watts.
func (g *generator) run(f *feeder, ordered bool, watts, dt float64) {
	if !ordered {
		g.running, g.failed, g.tripped, g.cranking, g.warm = false, false, false, 0, 0
		g.speed, g.dip = 0, 0
		return
	}
	if g.failed || g.tripped {
		g.running, g.warm = false, 0
		return
	}
	if !g.running {
		if g.cranking += dt; g.cranking >= crankTime {
			g.cranking = 0
			g.running = !g.refuses && g.fuel > 0
			g.failed = !g.running
			g.warm, g.before = 0, 0
			g.starts++
		}
		return
	}
	rated := max(float64(f.typ.Set.Rated), 1)
	load := watts / rated
	g.dip = float64(g.dip*(1-min(dt/dipTau, 1))) - float64(stepDip*(watts-g.before)/rated)
	g.dip = within(g.dip, -0.15, 0.1)
	g.before = watts
	g.warm += dt
	droop := float64(f.typ.Set.Droop)
	g.speed = 1 + float64(droop*(0.5-load)) + g.dip
	litres := float64(g.fuelCurve.Burn(si.Watts(watts), si.Seconds(dt)))
	g.burnt += litres
	if g.fuel -= litres; g.fuel <= 0 {
		g.fuel, g.running, g.tripped = 0, false, true
	}
}

// guard trips the set on overload (110 % for 10 s, faster above) and on reverse
// power (5 % for 3 s).
func (g *generator) guard(f *feeder, counts *Counts, dt float64) {
	if !g.running {
		g.reverse, g.strain = 0, 0
		return
	}
	rated := max(float64(f.typ.Set.Rated), 1)
	load := f.power / rated
	if load < -0.05 {
		g.reverse += dt
	} else {
		g.reverse = 0
	}
	g.strain = max(g.strain+float64((load-1.1)*dt), 0)
	if g.reverse > 3 || g.strain > 1 {
		g.tripped, g.running = true, false
		counts.GeneratorTrips++
	}
}
