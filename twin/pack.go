package twin

import (
	"math"

	"reprise/bess"
	"reprise/bess/exact"
	"reprise/bess/si"
	"reprise/cell"
)

// kind is what all packs of one type share: the cell's nominal parameters,
// brought to the type's resistance and thermal mass, and its step coefficients
// with still and with moving coolant.
type kind struct {
	of            bess.PackType
	params        cell.Params
	frame         cell.Pack
	stiffness     float64 // factor that gives the type's resistance
	still, moving cell.Discrete
	outward       float64 // W/K per cell with moving coolant

	// Over a step a relaxation branch moves: the share of its voltage that goes
	// (settling) and what its growth adds to the ohmic part (growing).
	settling [2]float64
	growing  float64
}

// newKind brings the nominal cell of a chemistry to a pack type. A chemistry
// without a parameter set of its own borrows that of its nearest relative.
func newKind(t *bess.PackType) kind {
	k := kind{of: *t}
	p, known := cell.Nominal(t.Chemistry, t.Capacity)
	if !known {
		p, _ = cell.Nominal(bess.NMC811, t.Capacity)
	}
	series := float64(max(t.Series, 1))
	k.frame = cell.Pack{Series: max(t.Series, 1), Parallel: 1, Balance: 1, Leads: si.Mul(t.Resistance, leadShare)}
	pulse := float64(p.Resistance)
	for _, b := range [2]cell.Branch{p.Fast, p.Slow} {
		if b.Time > 0 {
			pulse += float64(float64(b.Resistance) * (1 - exact.Exp(-10/float64(b.Time))))
		}
	}
	k.stiffness = 1
	if t.Resistance > 0 {
		k.stiffness = (1 - leadShare) * float64(t.Resistance) / (series * pulse)
	}
	if t.HeatPerK > 0 {
		each := float64(t.HeatPerK) / series
		p.Core, p.Case = si.JoulesPerK(coreMass*each), si.JoulesPerK((1-coreMass)*each)
		k.outward = float64(t.LossPerK) / series
		p.CoreToCase = si.WattsPerK(max(coreTouch*k.outward, 1e-3))
	} else {
		k.outward = 4 * float64(p.Outward)
	}
	// An empty cell collapses: below 1 % the curve falls by at least 0.12 V per
	// per cent, and so on beyond empty.
	p.OCV[0] = min(p.OCV[0], p.OCV[1]-0.12)
	k.params = p
	return k
}

// tune prepares steps of one length.
func (k *kind) tune(dt float64) {
	k.still = cell.Discretise(&k.params, si.WattsPerK(k.outward*stillTouch), si.Seconds(dt))
	k.moving = cell.Discretise(&k.params, si.WattsPerK(k.outward), si.Seconds(dt))
	k.growing = 0
	for j, b := range [2]cell.Branch{k.params.Fast, k.params.Slow} {
		k.settling[j] = 1
		if b.Time > 0 {
			x := dt / float64(b.Time)
			k.settling[j] = 1 + exact.Expm1(-x)/x
		}
		k.growing += float64(k.settling[j] * float64(b.Resistance) / float64(k.params.Resistance))
	}
}

// pack is one battery: cells, contactors, link and its management system.
// Voltages and resistances are of the whole pack, currents positive when it
// discharges.
type pack struct {
	typ  *bess.PackType
	kind int // index into the world's kinds

	// Truth, drawn once.
	series float64
	frame  cell.Pack // with its own weakest and strongest group
	health cell.Health
	soh    float64
	growth float64 // resistance against a new pack of its type

	// Cells.
	state   cell.State
	idle    float64 // voltage without current at the start of the step
	ohms    float64 // ohmic part now
	ohmsIn  int     // steps until it is worked out again
	debt    float64 // J that the terminals still owe: asked of them and not yet given
	hotRise float64 // hottest cell above the core, K
	heated  bool    // a fault holds hotRise
	lowDrop float64 // shorted or low cell: V below the weakest
	volts   float64 // terminals, after the last step
	amps    float64
	loss    float64 // W
	melt    float64 // of the fuse, 0..1
	blown   bool    // fuse

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
	ordered      bool    // closed, by the last order
	insulation   float64 // ohm to the case

	bms bms
}

// Assumed: the link's bleeder empties it with this time constant, s.
const bleederTau = 2.5

// soundInsulation of one pack to its case, ohm (assumed).
const soundInsulation = 4e6

// Assumed: share of a pack's thermal mass that is cells, how much better the
// cells touch the case than the case touches the coolant, share of a pack's
// resistance in its leads, and the heat transfer of still coolant against moving.
const (
	coreMass   = 0.8
	coreTouch  = 5
	leadShare  = 0.1
	stillTouch = 0.25
)

func newPack(p *bess.Pack, kinds []kind, c *chance, start *Start, i int) pack {
	t := &p.Type
	n := pack{typ: t, series: float64(max(t.Series, 1)), insulation: soundInsulation}
	for j := range kinds {
		if kinds[j].of == *t {
			n.kind = j
		}
	}
	k := &kinds[n.kind]
	n.soh = within(float64(p.Health)+float64(float64(p.HealthSigma)*c.normal()), 0.3, 1.05)
	if i < len(start.SoH) {
		n.soh = within(float64(start.SoH[i]), 0.3, 1.05)
	}
	n.growth = max(float64(p.Growth), 0.5) * c.between(0.93, 1.07)
	n.health = cell.Health{Capacity: si.Ratio(n.soh), Resistance: si.Ratio(k.stiffness * n.growth)}
	n.frame = k.frame
	// Cell groups of good second-life packs differ by about 2.4 % of capacity.
	n.frame.Weak = cell.Group{Capacity: si.Ratio(-c.between(0.012, 0.036)), SoC: si.Ratio(-c.between(0, 0.004)), Resistance: 0.1}
	n.frame.Strong = cell.Group{Capacity: si.Ratio(c.between(0.005, 0.02)), SoC: si.Ratio(c.between(0, 0.004)), Resistance: -0.05}
	soc := 0.8
	if i < len(start.SoC) {
		soc = within(float64(start.SoC[i]), 0, 1)
	}
	n.state = cell.Rested(si.Ratio(soc), start.Ambient)
	n.idle = float64(cell.Idle(&k.params, &n.state)) * n.series
	n.volts = n.idle
	n.ohmsIn = i
	n.ohms = float64(n.frame.Resistance(cell.Resistance(&k.params, n.health, &n.state)))
	n.linkFarads = float64(t.Contactor.LinkCapacitance)
	n.tau = max(float64(t.Contactor.PrechargeTau()), 1e-3)
	n.bms = newBMS(c, soc, n.soh)
	return n
}

// charge is what the cells hold from empty to full, A s.
func (p *pack) charge() float64 { return max(float64(p.typ.Capacity), 0.1) * p.soh * 3600 }

// reach is the terminal power at a current limit, both ways, magnitudes. A
// voltage source behind a resistance gives at most E^2/4R; 0.98 of that current
// keeps clear of the fold.
func (p *pack) reach(amps, dt float64) (discharge, charge float64) {
	e, r := p.idle, p.ohms
	if e <= 0 {
		return 0, 0
	}
	out := min(amps, float64(0.49*e)/r)
	discharge = max(float64(out*(e-float64(out*r)))-max(p.debt, 0)/dt, 0)
	charge = amps * (e + float64(amps*r))
	return discharge, charge
}

// ohmsEvery is after how many steps the resistance, which follows temperature
// and charge slowly, is worked out again.
const ohmsEvery = 16

// advance moves the cells for dt seconds at terminal power watts, positive when
// discharging. The current is chosen for the middle of the step; what it gives
// too little or too much all the same, the next step makes up, so that the sum
// is exact.
func (p *pack) advance(k *kind, watts, coolant float64, moving bool, dt float64) {
	asked := watts + p.debt/dt
	leads := float64(p.frame.Leads)
	e := p.idle + float64(p.series*(float64(float64(p.state.V1)*k.settling[0])+float64(float64(p.state.V2)*k.settling[1])))
	r := p.ohms + float64((p.ohms-leads)*k.growing) + float64(k.params.OCV.Slope(p.state.SoC)*p.series*0.5*dt)/p.charge()
	root := float64(e*e) - float64(4*r*asked)
	amps := 0.0
	switch {
	case e <= 1:
	case root < 0:
		amps = float64(0.49*e) / r
	case asked != 0:
		amps = float64(2*asked) / (e + math.Sqrt(root))
	}
	d := &k.still
	if moving {
		d = &k.moving
	}
	next, flows := cell.Step(&k.params, d, p.health, p.state, si.Amps(amps), si.Celsius(coolant))
	p.state = next
	p.amps = amps
	mean := float64(p.frame.Volts(flows.Mean, si.Amps(amps)))
	p.debt += float64((watts - float64(mean*amps)) * dt)
	p.loss = float64(float64(flows.Heat)*p.series) + float64(p.frame.LeadsHeat(si.Amps(amps)))
	p.volts = float64(p.frame.Volts(flows.Terminal, si.Amps(amps)))
	p.idle = float64(float64(flows.Terminal) * p.series)
	if amps != 0 {
		p.idle += float64(p.series * float64(flows.OhmicLoss) / amps)
	}
	// A pack fuse of twice the contactor's rating, melting with I squared t:
	// 5 s at twice its rating (assumed).
	over := amps / (2 * max(float64(p.typ.Contactor.Rated), 1))
	if over = float64(over * over); over > 1 {
		p.melt += float64((over - 1) * dt / 15)
		p.blown = p.blown || p.melt > 1
	} else {
		p.melt = max(p.melt-dt/60, 0)
	}
	if p.ohmsIn--; p.ohmsIn <= 0 {
		p.ohmsIn = ohmsEvery
		p.ohms = float64(p.frame.Resistance(cell.Resistance(&k.params, p.health, &p.state)))
	}
}

// cells are the voltages of the highest and the lowest group.
func (p *pack) cells(k *kind) (high, low float64) {
	lowest, highest := p.frame.CellVolts(&k.params, p.health, &p.state, si.Amps(p.amps))
	return float64(highest), float64(lowest) - p.lowDrop
}

// hottest is the temperature of the hottest cell, degC.
func (p *pack) hottest() float64 { return float64(p.state.Core) + 1 + p.hotRise }

func (p *pack) truth(k *kind) PackTruth {
	high, low := p.cells(k)
	return PackTruth{
		SoC: p.state.SoC, Weak: p.frame.GroupSoC(p.frame.Weak, p.state.SoC), Strong: p.frame.GroupSoC(p.frame.Strong, p.state.SoC),
		SoH: si.Ratio(p.soh), Growth: si.Ratio(p.growth),
		Capacity: si.AmpHours(p.charge() / 3600),
		Stored:   si.WattHours((float64(cell.Energy(&k.params, p.health, p.state.SoC)*p.series) - p.debt) / joulesPerWattHour),
		Full:     si.WattHours(cell.Energy(&k.params, p.health, 1) * p.series / joulesPerWattHour),
		Volts:    si.Volts(p.volts), Link: si.Volts(p.link), Current: si.Amps(p.amps),
		CellHigh: si.Volts(high), CellLow: si.Volts(low),
		Core: p.state.Core, Case: p.state.Case, Hot: si.Celsius(p.hottest()),
		Closed: p.main.closed, Welded: p.main.welded, Blown: p.blown, Operations: p.main.operations,
	}
}
