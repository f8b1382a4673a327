package serve

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/device"
	"reprise/twin"
	"reprise/wire/can"
	"reprise/wire/ocpp"
)

// testUnit has two packs, one of each kind of supply, two circuits, an AC and a rapid outlet.
func testUnit() *bess.Unit {
	kind := bess.PackType{
		Name: "test", Family: "test", Chemistry: bess.NMC, Series: 96, Capacity: 109, Energy: 38200, Usable: 31800, Resistance: 0.09,
		Window: [2]si.Ratio{0.08, 0.92}, Closing: bess.ClosingCAN, HeatPerK: 250e3, LossPerK: 40,
		Limits: bess.PackLimits{
			PackMin: 264, PackMax: 404, CellMin: 2.75, CellMax: 4.22, ChargeMin: 0, DischargeMin: -20, DerateAbove: 45, TripAt: 55,
			Charge: 50e3, Discharge: 60e3, ChargeCurrent: 150, DischargeCurrent: 180, InsulationOhmPerVolt: 500,
		},
		Contactor: bess.Contactor{Rated: 200, Break: 200, PrechargeOhms: 60, LinkCapacitance: 1.5e-3, MatchWithin: 5, VoltsUncertainty: 0.5, Operate: 0.06},
	}
	loss := bess.LossCurve{A: 0.01, B: 0.008, C: 0.004}
	u := &bess.Unit{
		Bus: bess.Bus{OnNetwork: bess.RegulatorInverter, Islanded: bess.RegulatorConverters, Nominal: 750, Min: 700, Max: 800, Trip: 650, Capacitance: 0.02},
		Inverter: bess.Inverter{Rated: 50e3, Phases: 3, PhaseVolts: 230, Nominal: 50, Overload: 1.1, OverloadFor: 10 * bess.Second, FaultCurrent: 300,
			Loss: loss, Standby: 60, Ramp: 50e3, Heartbeat: 3 * bess.Second, IslandHold: 3 * bess.Second, Starts: 2},
		IO:      bess.IO{Period: 50, Watchdog: 2000, HoldWindow: 2500, CoilDelay: 500},
		Cabinet: bess.Cabinet{Electronics: 180, Pump: 120, Fan: 150, Heater: 1500, HeatLossPerK: 25, HeatPerK: 900e3, CoolAbove: 30, HeatBelow: 5},
		Feeders: []bess.Feeder{
			{Name: "Grid", Kind: bess.Grid, Phases: 3, PhaseLimit: 63, Cap: 40e3, Impedance: 0.1},
			{Name: "Generator", Kind: bess.Generator, Phases: 3, PhaseLimit: 100, Impedance: 0.05, Set: bess.GeneratorSet{Rated: 60e3, Tank: 200, Droop: 0.04}},
			{Name: "Solar", Kind: bess.Solar, Phases: 3, PhaseLimit: 100, Cap: 60e3, Array: bess.SolarArray{Peak: 60e3, Rated: 50e3}},
			{Name: "Inlet", Kind: bess.CCS, DC: true, Cap: 50e3, Inlet: bess.Inlet{VoltsMin: 300, VoltsMax: 900, Current: 125, Rated: 50e3}},
		},
		Circuits: []bess.Circuit{{Name: "Stage", Phases: 3, Limit: 63, Shed: true}, {Name: "Lights", Phases: 1, Phase: 1, Limit: 32, Shed: true}},
		Outlets: []bess.Outlet{
			{Name: "Outlet 1", Station: "outlet-1", Phases: 1, Phase: 2, Current: 32, Minimum: 6, Fallback: 6, Hold: 30 * bess.Second, Lag: 5 * bess.Second},
			{Name: "Rapid", Station: "rapid-1", Kind: bess.Rapid, Rated: 100e3, Hold: 30 * bess.Second, Lag: 2 * bess.Second, Loss: loss, Ramp: 20e3, Standby: 60},
		},
	}
	for i := range u.IO.Has {
		u.IO.Has[i] = true
	}
	for i := range 2 {
		u.Packs = append(u.Packs, bess.Pack{Serial: "A" + string(rune('1'+i)), Type: kind, Health: 0.78, HealthSigma: 0.02, Growth: 1.3, FrameTimeout: 2 * bess.Second})
		u.Converters = append(u.Converters, bess.Converter{
			Pack: bess.PackID(i), Rated: 25e3, PackCurrent: 100, Loss: loss, Standby: 25, Ramp: 50e3,
			Heartbeat: 500, IslandHold: 3 * bess.Second, MinimumOn: 5 * bess.Second, Slope: 500, Isolated: true,
		})
	}
	return u
}

func testTable(t testing.TB) *device.PackTable {
	t.Helper()
	text, err := os.ReadFile("testdata/pack.dbc")
	if err != nil {
		t.Fatal(err)
	}
	database, err := can.Load("pack.dbc", text)
	if err != nil {
		t.Fatal(err)
	}
	crc := func(message, stem string) can.Check {
		return can.Check{Message: message, Counter: stem + "Counter", Checksum: stem + "Checksum", Rule: can.RuleJ1850, First: 0, Last: 6}
	}
	return &device.PackTable{
		Name: "test", Family: "test", Database: database, Closing: bess.ClosingCAN, Series: 96, Energy: 38200,
		Roles: []device.Role{
			{Quantity: device.PackVolts, Message: "Test_Measured", Signal: "PackVolts"},
			{Quantity: device.PackLinkVolts, Message: "Test_Measured", Signal: "LinkVolts"},
			{Quantity: device.PackCurrent, Message: "Test_Measured", Signal: "PackCurrent"},
			{Quantity: device.PackSoC, Message: "Test_SoC", Signal: "SoC", Scale: 0.01},
			{Quantity: device.PackSoH, Message: "Test_SoC", Signal: "SoH", Scale: 0.01},
			{Quantity: device.PackHot, Message: "Test_Temperatures", Signal: "Hot"},
			{Quantity: device.PackCold, Message: "Test_Temperatures", Signal: "Cold"},
			{Quantity: device.PackContactor, Message: "Test_State", Signal: "Closed"},
			{Quantity: device.PackPrecharging, Message: "Test_State", Signal: "Precharging"},
		},
		Checks: []can.Check{crc("Test_State", "State"), crc("Test_Measured", "Measured"), crc("Unit_Demand", "Demand")},
		Evidence: device.Evidence{
			Identifiers: []uint32{672, 673, 675, 676}, Distinctive: []uint32{677}, VoltsMin: 250, VoltsMax: 410,
			CellCount: "Test_Identity.CellGroups", Serial: []string{"Test_Identity.Serial1", "Test_Identity.Serial2"},
		},
		Orders: []device.Demand{
			{Message: "Unit_Demand", Period: 50, Why: device.WhyWake, Values: []device.Constant{{Signal: "Wake", Value: 1}}},
			{Message: "Unit_Demand", Period: 50, Why: device.WhyPrecharge, Values: []device.Constant{{Signal: "PrechargeDemand", Value: 1}}},
			{Message: "Unit_Demand", Period: 50, Why: device.WhyClose, Values: []device.Constant{{Signal: "CloseDemand", Value: 1}}},
		},
	}
}

// rig is the whole machine behind wires with its drivers, and plain fixed orders in place of control.
type rig struct {
	*Server
	t        *testing.T
	unit     *bess.Unit
	world    *twin.World
	ports    []Port
	stations *device.Stations
	clock    device.Clock
	s        bess.Snapshot
	c        bess.Commands
	stop     func()
}

// newRig begins a machine; wires gives the wires of a server.
func newRig(t *testing.T, wires func(context.Context, *Server) Wires) *rig {
	t.Helper()
	u := testUnit()
	begun := time.Now()
	r := &rig{t: t, unit: u, s: bess.NewSnapshot(u), c: bess.NewCommands(u)}
	r.clock = func() bess.Instant { return bess.Instant(time.Since(begun).Milliseconds()) + 60000 }
	var err error
	if r.stations, err = device.NewStations(device.StationsOptions{Clock: r.clock, Unit: u, FreeVend: true, FirstVisit: 100}); err != nil {
		t.Fatal(err)
	}
	network := ocpp.NewMemory("127.0.0.1")
	mux := http.NewServeMux()
	mux.Handle("/ocpp/{station}", r.stations)
	closeNetwork := network.Serve(mux)

	r.world = twin.New(u, 1, twin.Start{Ambient: 20, SoC: []si.Ratio{0.7, 0.6}})
	tables := []*device.PackTable{testTable(t), testTable(t)}
	if r.Server, err = New(r.world, u, Options{Packs: tables, Central: "ws://central/ocpp", Client: network.Client()}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if r.ports, err = Ports(u, tables, wires(ctx, r.Server), r.clock); err != nil {
		t.Fatal(err)
	}
	r.ports = append(r.ports, r.stations)
	done := make(chan struct{}, len(r.ports)+1)
	go func() { _ = r.Server.Run(ctx); done <- struct{}{} }()
	for _, p := range r.ports {
		go func() { _ = p.Run(ctx); done <- struct{}{} }()
	}
	r.stop = func() {
		cancel()
		for range len(r.ports) + 1 {
			<-done
		}
		closeNetwork()
	}
	return r
}

func memory(ctx context.Context, s *Server) Wires { return s.Memory(ctx) }

// sense takes an image.
func (r *rig) sense() {
	now := r.clock()
	r.s.Now = now
	for _, p := range r.ports {
		p.Sense(&r.s, now)
	}
}

// run is the unit's loop for a time, with fresh leases at each tick.
func (r *rig) run(seconds float64) {
	for range int(seconds*10 + 0.5) {
		r.tick()
		time.Sleep(100 * time.Millisecond) // real clock: never, every caller runs in a bubble
	}
}

func (r *rig) tick() {
	now := r.clock()
	r.sense()
	lease := bess.Lease{By: bess.SourceSequence, Until: now.Add(bess.Second)}
	c := &r.c
	for i := range c.Packs {
		c.Packs[i].Lease = lease
	}
	for k := range c.Converters {
		c.Converters[k].Lease = lease
	}
	for i := range c.Feeders {
		c.Feeders[i].Lease = lease
	}
	for i := range c.Circuits {
		c.Circuits[i].Lease = lease
	}
	for i := range c.Outlets {
		c.Outlets[i].Lease = bess.Lease{By: bess.SourceDispatch, Until: now.Add(r.unit.Outlets[i].Hold)}
	}
	c.Inverter.Lease, c.IO.Lease, c.IO.HoldIn = lease, lease, true
	for _, p := range r.ports {
		p.Obey(c, now)
	}
}

// island wakes, joins and forms, as a black start does.
func (r *rig) island() {
	for i := range r.c.Packs {
		r.c.Packs[i] = bess.PackCommand{Wake: true, Precharge: true}
	}
	r.run(3)
	for i := range r.c.Packs {
		r.c.Packs[i].Close = true
	}
	r.run(1)
	r.c.Converters[0] = bess.ConverterCommand{Mode: bess.ConverterPrecharge, Reference: 750, Discharge: 2.5e3}
	r.run(5)
	for k := range r.c.Converters {
		r.c.Converters[k] = bess.ConverterCommand{Mode: bess.ConverterDroop, Reference: 760, Slope: 500, Discharge: 25e3, Charge: 20e3}
	}
	r.c.Inverter = bess.InverterCommand{Mode: bess.InverterForm, Volts: 230, Hertz: 50, Import: 50e3, Export: 50e3}
	r.run(4)
	r.c.IO = bess.IOCommand{Bond: true, OutletSupply: true, Pump: true}
	for i := range r.c.Circuits {
		r.c.Circuits[i].Close = true
	}
	r.run(15)
}

// do acts on the world between two steps.
func (r *rig) do(f func(*twin.World)) {
	r.t.Helper()
	if err := r.Do(context.Background(), f); err != nil {
		r.t.Fatal(err)
	}
}

// faults lists the drivers whose connection has failed.
func (r *rig) faults() {
	for _, p := range r.ports {
		if d, ok := p.(interface{ Status() device.Status }); ok {
			if s := d.Status(); !s.Connected || s.Failures > 0 || s.Mismatches > 0 {
				r.t.Errorf("%T: %+v", p, s)
			}
		}
	}
}
