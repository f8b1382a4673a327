package twin

import (
	"math"

	"reprise/bess"
	"reprise/bess/si"
)

// pack is one battery: cells, contactors, link and its management system.
// Voltages and resistances are of the whole pack, currents positive when it
// discharges.
type pack struct {
	typ *bess.PackType

	// Truth, drawn once.
	series      float64
	charge      float64 // A s from empty to full
	soh, growth float64
	ohms        float64 // ohmic part at 25 degC
	weakShare   float64 // capacity of the weakest group against the average

	// Cells.
	soc, weak, strong float64
	open              float64 // open-circuit voltage at the start of the step
	fast, slow        float64 // polarisation, V
	fade              [2]float64
	ohmsNow           float64 // ohmic part at warmAt
	warmAt            float64
	core, shell       float64 // degC
	hotRise           float64 // hottest cell above the core, K
	heated            bool    // a fault holds hotRise
	lowDrop           float64 // shorted or low cell: V below the weakest
	volts, amps       float64 // terminals, after the last step
	loss              float64 // W

	// Contactors and link.
	main         contactor
	precharging  bool
	link         float64
	linkFarads   float64
	tau          float64 // of the precharge path, s
	linkFade     float64
	bleed        float64
	drawn        float64 // W asked of the terminals this step
	heat         float64 // W in the precharge resistor, when switched straight onto the bus
	prechargeBad bool
	insulation   float64 // ohm to the case

	bms bms
}

// Assumed: the link's bleeder empties it with this time constant, s.
const bleederTau = 2.5

// soundInsulation of one pack to its case, ohm (assumed).
const soundInsulation = 4e6

// Assumed: share of a pack's thermal mass that is cells, and how much better
// the cells touch the case than the case touches the coolant.
const (
	coreMass  = 0.8
	coreTouch = 5
)

func newPack(p *bess.Pack, curve *openCircuit, c *chance, start *Start, i int) pack {
	t := &p.Type
	n := pack{typ: t, series: float64(max(t.Series, 1)), insulation: soundInsulation}
	n.soh = within(float64(p.Health)+float64(float64(p.HealthSigma)*c.normal()), 0.3, 1.05)
	if i < len(start.SoH) {
		n.soh = within(float64(start.SoH[i]), 0.3, 1.05)
	}
	n.growth = math.Max(float64(p.Growth), 0.5) * c.between(0.93, 1.07)
	n.charge = float64(t.Capacity) * n.soh * 3600
	n.ohms = float64(t.Resistance) / pulseShare * n.growth
	n.weakShare = 1 - float64(0.024*c.between(0.5, 1.5))
	n.soc = 0.8
	if i < len(start.SoC) {
		n.soc = within(float64(start.SoC[i]), 0, 1)
	}
	n.weak = n.soc - c.between(0.002, 0.012)
	n.strong = n.soc + c.between(0.002, 0.010)
	n.core, n.shell = float64(start.Ambient), float64(start.Ambient)
	n.open, _ = curve.at(n.soc)
	n.open *= n.series
	n.volts = n.open
	n.warmAt = math.Inf(1)
	n.linkFarads = float64(t.Contactor.LinkCapacitance)
	n.tau = math.Max(float64(t.Contactor.PrechargeTau()), 1e-3)
	n.bms = newBMS(c, n.soc, n.soh)
	return n
}

// source is the pack as a voltage behind a resistance for this step.
func (p *pack) source() (emf, ohms float64) {
	return p.open - p.fast - p.slow, p.ohmsNow
}

// prepare refreshes what depends slowly on state: the ohmic part by temperature.
func (p *pack) prepare() {
	if math.Abs(p.core-p.warmAt) > 0.1 {
		p.warmAt = p.core
		p.ohmsNow = p.ohms * warmth(p.core)
	}
}

// reach is the terminal power at a current limit, both ways, magnitudes. A
// voltage source behind a resistance gives at most E^2/4R; 0.98 of it keeps
// clear of the fold.
func (p *pack) reach(amps float64) (discharge, charge float64) {
	e, r := p.source()
	if e <= 0 {
		return 0, 0
	}
	out := math.Min(amps, float64(0.49*e)/r)
	discharge = out * (e - float64(out*r))
	charge = amps * (e + float64(amps*r))
	return discharge, charge
}

// advance moves the cells for dt seconds at terminal power watts, positive when
// discharging. The open-circuit voltage is taken at mid step, so that energy
// out of the cells equals the change of their stored energy to third order.
func (p *pack) advance(curve *openCircuit, watts, coolant, touch, dt float64) {
	e, r := p.source()
	_, slope := curve.at(p.soc)
	// Half a step of discharge lowers the mid-step voltage: a further resistance.
	half := float64(0.5*dt) * slope * p.series / p.charge
	r += half
	root := float64(e*e) - float64(4*r*watts)
	amps := watts / math.Max(e, 1)
	if root > 0 {
		amps = float64(2*watts) / (e + math.Sqrt(root))
	}
	p.amps = amps
	middle := p.open - float64(half*amps)
	p.loss = float64(middle*amps) - watts

	moved := float64(amps*dt) / p.charge
	p.soc -= moved
	p.weak -= moved / p.weakShare
	p.strong -= moved
	p.fast = float64(p.fast*p.fade[0]) + float64(float64(amps*p.ohmsNow)*float64(fastShare*(1-p.fade[0])))
	p.slow = float64(p.slow*p.fade[1]) + float64(float64(amps*p.ohmsNow)*float64(slowShare*(1-p.fade[1])))
	volts, _ := curve.at(p.soc)
	p.open = volts * p.series
	p.volts = p.open - p.fast - p.slow - float64(amps*p.ohmsNow)

	mass, ua := float64(p.typ.HeatPerK), float64(p.typ.LossPerK)
	if mass > 0 {
		inner := float64(coreTouch*ua) * (p.core - p.shell)
		outer := float64(ua*touch) * (p.shell - coolant)
		p.core += (p.loss - inner) * dt / (coreMass * mass)
		p.shell += (inner - outer) * dt / ((1 - coreMass) * mass)
	}
}

// cells are the voltages of the highest and the lowest group.
func (p *pack) cells(curve *openCircuit) (high, low float64) {
	drop := (p.open - p.volts) / p.series
	weak, _ := curve.at(p.weak)
	strong, _ := curve.at(p.strong)
	weak -= drop * 1.1
	strong -= drop * 0.95
	mean := p.volts / p.series
	high = math.Max(mean, math.Max(weak, strong))
	low = math.Min(mean, math.Min(weak, strong)) - p.lowDrop
	return high, low
}

// hottest is the temperature of the hottest cell, degC.
func (p *pack) hottest() float64 { return p.core + 1 + p.hotRise }

func (p *pack) truth(curve *openCircuit) PackTruth {
	high, low := p.cells(curve)
	perUnit := p.charge * p.series / joulesPerWattHour
	return PackTruth{
		SoC: si.Ratio(p.soc), Weak: si.Ratio(p.weak), Strong: si.Ratio(p.strong),
		SoH: si.Ratio(p.soh), Growth: si.Ratio(p.growth),
		Capacity: si.AmpHours(p.charge / 3600),
		Stored:   si.WattHours(curve.energy(p.soc) * perUnit),
		Full:     si.WattHours(curve.energy(1) * perUnit),
		Volts:    si.Volts(p.volts), Link: si.Volts(p.link), Current: si.Amps(p.amps),
		CellHigh: si.Volts(high), CellLow: si.Volts(low),
		Core: si.Celsius(p.core), Case: si.Celsius(p.shell), Hot: si.Celsius(p.hottest()),
		Closed: p.main.closed, Welded: p.main.welded, Operations: p.main.operations,
	}
}
