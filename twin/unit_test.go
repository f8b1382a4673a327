package twin

import (
	"fmt"

	"reprise/bess"
	"reprise/bess/si"
)

// testType is a 38.2 kWh plug-in hybrid pack.
func testType() bess.PackType {
	return bess.PackType{
		Name: "test", Family: "jlr", Chemistry: bess.NMC, Series: 108, Capacity: 96,
		Energy: 38200, Usable: 31800, Resistance: 0.10, Window: [2]si.Ratio{0.08, 0.92},
		Limits: bess.PackLimits{
			PackMin: 300, PackMax: 460, CellMin: 2.8, CellMax: 4.2, CellSpread: 0.15,
			ChargeMin: 0, DischargeMin: -20, DerateAbove: 45, TripAt: 58,
			Charge: 40e3, Discharge: 50e3, ChargeCurrent: 125, DischargeCurrent: 150, InsulationOhmPerVolt: 500,
		},
		Contactor: bess.Contactor{
			Rated: 200, Break: 150, PrechargeOhms: 50, LinkCapacitance: 2.5e-3,
			MatchWithin: 15, VoltsUncertainty: 3, Operate: 0.03, LifeOperations: 50000,
		},
		Closing: bess.ClosingCAN, HeatPerK: 290e3, LossPerK: 60,
	}
}

// testUnit has 7 packs, 9 AC outlets and a rapid one, 4 feeders, 4 circuits.
func testUnit() *bess.Unit {
	u := &bess.Unit{
		Name: "test",
		Bus: bess.Bus{
			OnNetwork: bess.RegulatorInverter, Islanded: bess.RegulatorConverters,
			Nominal: 750, Min: 680, Max: 820, Trip: 620, Capacitance: 8e-3,
		},
		Inverter: bess.Inverter{
			Name: "pcs", Rated: 100e3, Phases: 3, PhaseVolts: 230, Nominal: 50, Overload: 1.2,
			OverloadFor: 10 * bess.Second, FaultCurrent: 300, Loss: bess.LossCurve{A: 0.012, B: 0.0086, C: 0.006},
			Standby: 40, Ramp: 200e3, Heartbeat: 2 * bess.Second, IslandHold: 3 * bess.Second, Starts: 2,
		},
		IO:      bess.IO{Period: 100, Watchdog: 2 * bess.Second, HoldWindow: 2 * bess.Second, CoilDelay: 300},
		Cabinet: bess.Cabinet{Electronics: 150, Pump: 120, Fan: 200, Heater: 1500, HeatLossPerK: 30, HeatPerK: 600e3},
	}
	for i := range u.IO.Has {
		u.IO.Has[i] = true
	}
	for i := range 7 {
		u.Packs = append(u.Packs, bess.Pack{
			Name: fmt.Sprint("Pack ", i+1), Type: testType(), Health: si.Ratio(0.70 + 0.02*float64(i)), HealthSigma: 0.02,
			Growth: 1.5, FrameTimeout: 2 * bess.Second,
		})
		u.Converters = append(u.Converters, bess.Converter{
			Pack: bess.PackID(i), Rated: 25e3, PackCurrent: 80, Loss: bess.LossCurve{A: 0.012, B: 0.0086, C: 0.006},
			Standby: 20, Ramp: 50e3, Heartbeat: 700, IslandHold: 3 * bess.Second, MinimumOn: 5 * bess.Second, Slope: 500, Isolated: true,
		})
	}
	u.Feeders = []bess.Feeder{
		{Name: "grid", Kind: bess.Grid, Phases: 3, PhaseLimit: 63, Cap: 40e3, Impedance: 0.1},
		{Name: "generator", Kind: bess.Generator, Phases: 3, PhaseLimit: 100, Impedance: 0.05,
			Set: bess.GeneratorSet{Rated: 60e3, Tank: 200, Droop: 0.04, MinimumLoad: 0.3}},
		{Name: "solar", Kind: bess.Solar, Phases: 3, Array: bess.SolarArray{Peak: 20e3, Rated: 18e3}},
		{Name: "inlet", Kind: bess.CCS, DC: true, Inlet: bess.Inlet{VoltsMin: 500, VoltsMax: 900, Current: 125, Rated: 90e3}},
	}
	u.Circuits = []bess.Circuit{
		{Name: "stage", Phases: 3, Limit: 63, Priority: 1, Shed: true, Inrush: bess.InrushMotor},
		{Name: "kitchen", Phases: 3, Limit: 32, Priority: 2, Shed: true},
		{Name: "lights", Phases: 1, Phase: 1, Limit: 32, Priority: 3, Shed: true},
		{Name: "office", Phases: 1, Phase: 2, Limit: 16, Priority: 4, Shed: true},
	}
	for i := range 9 {
		u.Outlets = append(u.Outlets, bess.Outlet{Name: fmt.Sprint("Outlet ", i+1), Kind: bess.AC, Phases: 1, Phase: i % 3,
			Current: 32, Minimum: 6, Fallback: 6, Hold: 60 * bess.Second, Lag: 5 * bess.Second})
	}
	u.Outlets = append(u.Outlets, bess.Outlet{Name: "Rapid", Kind: bess.Rapid, Rated: 150e3, Hold: 30 * bess.Second, Lag: 2 * bess.Second,
		ShedsFast: true, Loss: bess.LossCurve{A: 0.01, B: 0.01, C: 0.004}, Ramp: 20e3, Standby: 60})
	return u
}

// rig drives a world with plain fixed orders.
type rig struct {
	*World
	unit *bess.Unit
	s    bess.Snapshot
	c    bess.Commands
}

func newRig(u *bess.Unit, seed uint64) *rig {
	r := &rig{unit: u, World: New(u, seed, Start{Ambient: 20, SoC: []si.Ratio{0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7}}), s: bess.NewSnapshot(u), c: bess.NewCommands(u)}
	r.Sense(&r.s)
	return r
}

// lease renews every lease for the given span.
func (r *rig) lease(span bess.Span) {
	l := bess.Lease{By: bess.SourceSequence, Until: r.Now().Add(span)}
	for i := range r.c.Packs {
		r.c.Packs[i].Lease = l
	}
	for i := range r.c.Converters {
		r.c.Converters[i].Lease = l
	}
	for i := range r.c.Feeders {
		r.c.Feeders[i].Lease = l
	}
	for i := range r.c.Circuits {
		r.c.Circuits[i].Lease = l
	}
	for i := range r.c.Outlets {
		r.c.Outlets[i].Lease = l
	}
	r.c.Inverter.Lease, r.c.IO.Lease = l, l
	r.c.IO.HoldIn = true
}

// run steps for a time with fresh leases.
func (r *rig) run(seconds float64) {
	for range int(seconds*10 + 0.5) {
		r.lease(3 * bess.Second)
		r.Step(&r.c, 0.1)
		r.Sense(&r.s)
	}
}

// join closes all packs through precharge.
func (r *rig) join() {
	for i := range r.c.Packs {
		r.c.Packs[i] = bess.PackCommand{Wake: true, Precharge: true}
	}
	r.run(2)
	for i := range r.c.Packs {
		r.c.Packs[i].Close = true
	}
	r.run(0.5)
}

// raise brings the bus up from dark by the first pack.
func (r *rig) raise() {
	r.c.Converters[0] = bess.ConverterCommand{Mode: bess.ConverterPrecharge, Reference: r.unit.Bus.Nominal, Discharge: 25e3}
	r.run(4)
}

// island forms the AC bus on droop converters.
func (r *rig) island() {
	r.join()
	r.raise()
	for k := range r.c.Converters {
		r.c.Converters[k] = bess.ConverterCommand{Mode: bess.ConverterDroop, Reference: 760, Slope: 500, Discharge: 25e3, Charge: 20e3}
	}
	r.c.Inverter = bess.InverterCommand{Mode: bess.InverterForm, Volts: 230, Hertz: 50}
	r.run(4)
	r.c.IO.Bond, r.c.IO.OutletSupply, r.c.IO.Pump = true, true, true
	for i := range r.c.Circuits {
		r.c.Circuits[i].Close = true
	}
	r.run(12)
}

// onGrid connects the grid with the inverter following.
func (r *rig) onGrid() {
	s := NewSurroundings(r.unit)
	s.Feeders[0].Available = true
	r.Surround(s)
	r.join()
	r.raise()
	r.c.Feeders[0].Close = true
	r.run(1)
	r.c.Inverter = bess.InverterCommand{Mode: bess.InverterFollow, Import: 30e3, Export: 30e3}
	for k := range r.c.Converters {
		r.c.Converters[k] = bess.ConverterCommand{Mode: bess.ConverterPower, Discharge: 25e3, Charge: 20e3}
	}
	r.c.IO.OutletSupply = true
	r.run(12)
}
