package cell

import (
	"math"

	"reprise/bess/exact"
	"reprise/bess/si"
)

// gasConstant is R of the Arrhenius law, J/(mol K).
const gasConstant = 8.314462618

// reference is the temperature of all tables, 25 degrees Celsius, in kelvin.
const reference = 298.15

// Branch is one relaxation branch of the circuit.
type Branch struct {
	Resistance si.Ohms    // at 25 C, middle state of charge
	Time       si.Seconds // time constant
}

// Params describe one new cell. Build them with the functions of this package;
// the value is large, so it is passed by pointer and never written.
type Params struct {
	Name       string
	Capacity   si.AmpHours // as new
	OCV        Curve       // U25(s), V, rising
	Entropy    Curve       // dU/dT(s), V/K
	Hysteresis Curve       // M(s), half the gap between the charge and discharge branches, V
	Shape      Curve       // g(s), resistance relative to middle state of charge
	Gamma      float64     // hysteresis rate, per full charge moved
	Resistance si.Ohms     // R0 at 25 C, middle state of charge
	Fast, Slow Branch      // R1, tau1 and R2, tau2
	Activation float64     // Ea of all resistances, J/mol
	Coulombic  si.Ratio    // charge efficiency eta when charging
	Core, Case si.JoulesPerK
	CoreToCase si.WattsPerK
	Outward    si.WattsPerK // case to outside with nothing running (no pump, no fan)
	Min, Max   si.Volts     // cell voltage window of the maker or the source
}

// Health is how far a cell has aged. Capacity below 1 % counts as 1 %, a
// resistance ratio below 0 as 0, so that no step divides by nothing.
type Health struct {
	Capacity   si.Ratio // present capacity over capacity as new
	Resistance si.Ratio // present resistance over resistance as new, 1 and more
}

// AsNew is the health of a new cell.
func AsNew() Health { return Health{Capacity: 1, Resistance: 1} }

// State of a cell. The zero value is an empty, relaxed cell at 0 C.
type State struct {
	SoC        si.Ratio // of the present capacity; passes 0 or 1 only under abuse
	V1, V2     si.Volts // relaxation branches, positive after discharge
	Hysteresis si.Ratio // -1 on the discharge branch .. +1 on the charge branch
	Core, Case si.Celsius
}

// Rested is a relaxed cell of one temperature, between the hysteresis branches.
func Rested(soc si.Ratio, t si.Celsius) State { return State{SoC: soc, Core: t, Case: t} }

// Flows are what passed during a step.
type Flows struct {
	Terminal  si.Volts // at the end of the step: what a voltmeter reads
	Mean      si.Volts // over the step; times current and time it is the energy out
	Heat      si.Watts // mean heat into the core, all causes
	OhmicLoss si.Watts // the part of Heat that arises in R0
	Outward   si.Watts // mean heat from the case to the outside
}

// Discrete holds the coefficients of a step of one duration.
type Discrete struct {
	Step           si.Seconds
	decay, mean    [2]float64 // per branch: e_j, and the mean of e over the step
	outward        float64    // W/K
	coreCore       float64    // exact exponential of the thermal matrix
	coreCase       float64
	caseCore       float64
	caseCase       float64
	inside         float64 // k, W/K
	coreHeat, heat float64 // heat capacities, J/K
}

// leastOutward keeps the thermal steady state finite: no cell is insulated
// better than this, W/K.
const leastOutward = 1e-4

// Discretise prepares steps of duration dt with a heat conductance from the
// case to the outside (p.Outward when nothing runs, more with a pump or fan).
// A dt that is not positive counts as 1 ms.
func Discretise(p *Params, outward si.WattsPerK, dt si.Seconds) Discrete {
	if !(dt > 0) {
		dt = 1e-3
	}
	d := Discrete{Step: dt, inside: float64(p.CoreToCase), coreHeat: float64(p.Core), heat: float64(p.Case)}
	for j, b := range [2]Branch{p.Fast, p.Slow} {
		if b.Time > 0 {
			x := float64(dt) / float64(b.Time)
			d.decay[j] = exact.Exp(-x)
			d.mean[j] = -exact.Expm1(-x) / x
		}
	}
	d.outward = max(float64(outward), leastOutward)
	a, b := d.inside/d.coreHeat, d.inside/d.heat
	c := (d.inside + d.outward) / d.heat
	m := float64(-0.5 * (a + c))
	half := float64(0.5 * (a - c))
	q := math.Sqrt(float64(half*half) + float64(a*b))
	t := float64(dt)
	// exp(Mt) = e^(mt) (cosh(qt) I + sinh(qt)/q (M - m I)), written without overflow.
	slow, fast := exact.Exp(float64((m+q)*t)), exact.Exp(float64((m-q)*t))
	cosh, sinh := float64(0.5*(slow+fast)), 0.5*(slow-fast)/q
	d.coreCore = cosh - float64(sinh*half)
	d.caseCase = cosh + float64(sinh*half)
	d.coreCase = float64(sinh * a)
	d.caseCore = float64(sinh * b)
	return d
}

// OCV is the open-circuit voltage between the hysteresis branches.
func OCV(p *Params, soc si.Ratio, t si.Celsius) si.Volts {
	i, x := place(soc)
	return si.Volts(p.OCV.on(i, x) + float64(float64(t-25)*p.Entropy.on(i, x)))
}

// SoCAtOCV is the inverse of OCV. At 25 C it is exact; elsewhere the entropic
// part is found by three substitutions, good to 1e-6 where the curve is steep.
func SoCAtOCV(p *Params, v si.Volts, t si.Celsius) si.Ratio {
	s := p.OCV.Inverse(float64(v))
	if t == 25 {
		return s
	}
	for range 3 {
		inside := si.Clamp(s, 0, 1)
		s = p.OCV.Inverse(float64(v) - float64(float64(t-25)*p.Entropy.At(inside)))
	}
	return s
}

// Warmth is the Arrhenius factor of all resistances at a temperature: 1 at 25 C.
// Below -60 C and above 150 C it stays as it is there.
func Warmth(p *Params, t si.Celsius) float64 {
	kelvin := si.Clamp(t, -60, 150).Kelvin()
	return exact.Exp(float64(p.Activation / gasConstant * (1/kelvin - 1/reference)))
}

// Resistance is R0 at the state's temperature and charge.
func Resistance(p *Params, h Health, s *State) si.Ohms {
	return si.Mul(p.Resistance, stiffness(p, h, s))
}

// stiffness is the common factor on all three resistances.
func stiffness(p *Params, h Health, s *State) float64 {
	shape := p.Shape.At(si.Clamp(s.SoC, 0, 1))
	return float64(float64(shape*Warmth(p, s.Core)) * max(float64(h.Resistance), 0))
}

// Idle is the terminal voltage without current: open circuit, hysteresis and
// what is left of the relaxation branches.
func Idle(p *Params, s *State) si.Volts {
	return OCV(p, s.SoC, s.Core) + si.Mul(hysteresis(p, s.SoC), float64(s.Hysteresis)) - s.V1 - s.V2
}

func hysteresis(p *Params, soc si.Ratio) si.Volts {
	return si.Volts(p.Hysteresis.At(si.Clamp(soc, 0, 1)))
}

// CurrentForPower is the current at which the cell's terminals carry a power at
// this instant (positive = discharge), in closed form. When the cell cannot give
// that much, it is the current of the greatest power that it can give, and
// feasible is false.
func CurrentForPower(p *Params, h Health, s *State, power si.Watts) (i si.Amps, feasible bool) {
	return currentForPower(Idle(p, s), Resistance(p, h, s), power)
}

func currentForPower(idle si.Volts, r si.Ohms, power si.Watts) (si.Amps, bool) {
	e := float64(idle)
	if power == 0 {
		return 0, true
	}
	if power > 0 && e <= 0 {
		return 0, false
	}
	discriminant := float64(e*e) - float64(float64(4*float64(r))*float64(power))
	if discriminant < 0 {
		return si.Amps(e / float64(2*float64(r))), false
	}
	below := e + math.Sqrt(discriminant)
	if below <= 0 {
		return 0, false
	}
	return si.Amps(float64(2*float64(power)) / below), true
}

// Step advances a cell by one step of d at a constant current (positive =
// discharge) with the outside of the case (coolant or air) at a temperature.
func Step(p *Params, d *Discrete, h Health, s State, i si.Amps, outside si.Celsius) (State, Flows) {
	next := s
	dt := float64(d.Step)
	full := float64(float64(p.Capacity) * max(float64(h.Capacity), 0.01)) // Ah
	moved := float64(float64(i)*dt) / (si.SecondsPerHour * full)          // share of full
	stored := moved
	if i < 0 {
		stored = float64(moved * float64(p.Coulombic))
	}
	next.SoC = s.SoC - si.Ratio(stored)

	k := stiffness(p, h, &s)
	drop := [2]float64{
		float64(float64(float64(p.Fast.Resistance)*k) * float64(i)),
		float64(float64(float64(p.Slow.Resistance)*k) * float64(i)),
	}
	next.V1 = relax(s.V1, drop[0], d.decay[0])
	next.V2 = relax(s.V2, drop[1], d.decay[1])
	meanDrop := relax(s.V1, drop[0], d.mean[0]) + relax(s.V2, drop[1], d.mean[1])

	meanHysteresis := float64(s.Hysteresis)
	if moved != 0 {
		a := exact.Exp(-float64(p.Gamma * math.Abs(moved)))
		toward := math.Copysign(1-a, -float64(i))
		next.Hysteresis = si.Ratio(float64(a*float64(s.Hysteresis)) + toward)
		meanHysteresis = float64(0.5 * (float64(s.Hysteresis) + float64(next.Hysteresis)))
	}

	u := p.OCV.Mean(s.SoC, next.SoC)
	entropy := p.Entropy.Mean(s.SoC, next.SoC)
	ohmic := si.Mul(i.Across(p.Resistance), k)
	half := si.Ratio(float64(0.5 * float64(s.SoC+next.SoC)))
	mean := si.Volts(u+float64(float64(s.Core-25)*entropy)) +
		si.Mul(hysteresis(p, half), meanHysteresis) - meanDrop - ohmic
	// Enthalpy given up per second, less what the terminals took.
	given := float64((u - float64(reference*entropy)) * float64(stored*full))
	heat := si.Watts(given*si.SecondsPerHour/dt) - i.Times(mean)

	out := d.warm(&next, heat, outside)
	return next, Flows{
		Terminal:  Idle(p, &next) - ohmic,
		Mean:      mean,
		Heat:      heat,
		OhmicLoss: i.Times(ohmic),
		Outward:   out,
	}
}

// relax moves a branch voltage towards its steady drop.
func relax(v si.Volts, drop, decay float64) si.Volts {
	return si.Volts(drop + float64((float64(v)-drop)*decay))
}

// warm advances both thermal nodes and returns the mean heat to the outside.
func (d *Discrete) warm(s *State, heat si.Watts, outside si.Celsius) si.Watts {
	steadyCase := float64(outside) + float64(heat)/d.outward
	steadyCore := steadyCase + float64(heat)/d.inside
	x, y := float64(s.Core)-steadyCore, float64(s.Case)-steadyCase
	core := steadyCore + float64(d.coreCore*x) + float64(d.coreCase*y)
	shell := steadyCase + float64(d.caseCore*x) + float64(d.caseCase*y)
	gained := float64(d.coreHeat*(core-float64(s.Core))) + float64(d.heat*(shell-float64(s.Case)))
	s.Core, s.Case = si.Celsius(core), si.Celsius(shell)
	return heat - si.Watts(gained/float64(d.Step))
}

// Energy is the enthalpy that the cell gives up from soc down to 0, joules; its
// change over a step is the energy at the terminals plus the heat.
func Energy(p *Params, h Health, soc si.Ratio) float64 {
	u := p.OCV.Mean(0, soc) - float64(reference*p.Entropy.Mean(0, soc))
	full := float64(float64(p.Capacity) * max(float64(h.Capacity), 0.01))
	return float64(u * float64(float64(soc)*float64(full*si.SecondsPerHour)))
}
