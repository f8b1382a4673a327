package control

import (
	"reprise/bess"
	"reprise/bess/si"
)

// reference is a unit of the reference sizes: seven packs with a converter
// each, ten outlets, four supplies, three circuits.
func reference() *bess.Unit {
	loss := bess.LossCurve{A: 0.01, B: 0.008, C: 0.004}
	u := &bess.Unit{
		Bus: bess.Bus{
			OnNetwork: bess.RegulatorInverter, Islanded: bess.RegulatorConverters,
			Nominal: 750, Min: 700, Max: 800, Trip: 650, Capacitance: 0.02,
		},
		Inverter: bess.Inverter{
			Rated: 100e3, Phases: 3, PhaseVolts: 230, Nominal: 50, Overload: 1.1, OverloadFor: 10 * bess.Second,
			Loss: loss, Ramp: 50e3, Heartbeat: 3 * bess.Second, IslandHold: 3 * bess.Second, Starts: 2,
		},
		Network: bess.Network{
			VoltsMin: 0.9, VoltsMax: 1.1, HertzMin: 49, HertzMax: 51, ReturnAfter: bess.Minute, DeadBelow: 25,
			TransferTimeout: 5 * bess.Second, FormAlone: true,
		},
		Site: bess.Site{ImportCap: 40e3, Reserve: 10e3, RefillTarget: 0.95, StartBelow: 0.2, StopAbove: 0.6},
		IO:   bess.IO{Period: 50, Watchdog: 500, HoldWindow: 2500, CoilDelay: 200},
		Cabinet: bess.Cabinet{
			Electronics: 180, Pump: 120, Fan: 150, Heater: 1500, CoolAbove: 30, HeatBelow: 5, TwelveVoltMin: 11.5,
		},
	}
	for i := range u.IO.Has {
		u.IO.Has[i] = true
	}
	for i := range 7 {
		u.Packs = append(u.Packs, bess.Pack{
			Health: 0.75, HealthSigma: 0.03, Growth: 1.4, FrameTimeout: bess.Second,
			Type: bess.PackType{
				Series: 108, Capacity: 96, Energy: 38.2e3, Usable: 31.8e3, Resistance: 0.1, Window: [2]si.Ratio{0.05, 0.95},
				Limits: bess.PackLimits{
					PackMin: 291, PackMax: 459, CellMin: 2.7, CellMax: 4.25, CellSpread: 0.25,
					ChargeMin: 0, DischargeMin: -20, DerateAbove: 45, TripAt: 55,
					Charge: 40e3, Discharge: 60e3, ChargeCurrent: 120, DischargeCurrent: 180, InsulationOhmPerVolt: 500,
				},
				Contactor: bess.Contactor{
					Rated: 200, Break: 200, PrechargeOhms: 50, LinkCapacitance: 1e-3, MatchWithin: 20, VoltsUncertainty: 4, Operate: 0.06,
				},
				HeatPerK: 230e3, LossPerK: 12,
			},
		})
		u.Converters = append(u.Converters, bess.Converter{
			Pack: bess.PackID(i), Rated: 25e3, PackCurrent: 100, Isolated: true, Loss: loss, Ramp: 50e3,
			Heartbeat: bess.Second, IslandHold: 3 * bess.Second, Slope: 1000,
		})
	}
	u.Feeders = []bess.Feeder{
		{Name: "Grid", Kind: bess.Grid, Phases: 3, PhaseLimit: 63, Cap: 40e3},
		{Name: "Solar", Kind: bess.Solar, Phases: 3, PhaseLimit: 100, Cap: 60e3, Array: bess.SolarArray{Peak: 60e3, Rated: 50e3}},
		{Name: "Generator", Kind: bess.Generator, Phases: 3, PhaseLimit: 100, Cap: 60e3, Mode: bess.Transfer, Set: bess.GeneratorSet{
			Rated: 60e3, MinimumLoad: 0.3, StartTries: 3, Tank: 200,
		}},
		{Name: "Inlet", Kind: bess.CCS, DC: true, Cap: 50e3, Inlet: bess.Inlet{VoltsMin: 200, VoltsMax: 900, Current: 125, Rated: 50e3}},
	}
	for i := range u.Feeders {
		u.Feeders[i].Record = bess.SiteRecord{
			Person: "A. Tester", Earthing: bess.TNS, Poles: 3, Neutral: bess.Yes, Earth: bess.Yes, Forward: bess.Yes,
			Agreed: u.Feeders[i].Cap, Expires: bess.Forever,
		}
	}
	u.Circuits = []bess.Circuit{
		{Phases: 3, Limit: 63, Priority: 2, Shed: true}, {Phases: 3, Limit: 32, Priority: 1, Shed: true},
		{Phases: 3, Limit: 32, Priority: 3, Shed: true},
	}
	for i := range 10 {
		o := bess.Outlet{Phases: 1, Phase: i % 3, Current: 32, Minimum: 6, Rated: 7360, Fallback: 6, Hold: bess.Minute, Lag: 5 * bess.Second}
		if i == 9 {
			o = bess.Outlet{Kind: bess.Rapid, Rated: 150e3, Current: 300, VoltsMin: 200, VoltsMax: 1000, Hold: bess.Minute, Lag: 5 * bess.Second}
		}
		u.Outlets = append(u.Outlets, o)
	}
	return u
}

// machine is a unit that obeys at once: no physics, only what the controller
// needs to see in order to go through its day.
type machine struct {
	u          *bess.Unit
	prev, next *State
	in         *Inputs
	out        *Outputs
	plugged    [10]bool
	drawn      [10]si.WattHours
	garble     func(s *bess.Snapshot) // done to the readings after they were made good
	durable    bool
}

func newMachine() *machine {
	u := reference()
	m := &machine{u: u, prev: New(u), next: New(u), in: NewInputs(u), out: NewOutputs(u), durable: true}
	m.in.Snapshot.Civil = bess.Civil{UnixMilli: 1_623_664_800_000, ZoneOffset: 3600, Trust: bess.TrustHigh}
	return m
}

// tick senses, steps and swaps the states.
func (m *machine) tick(requests ...bess.Request) {
	m.sense()
	m.in.Requests = requests
	Step(m.u, m.prev, m.in, m.next, m.out)
	m.prev, m.next = m.next, m.prev
}

func (m *machine) run(t bess.Span) {
	for end := m.in.Snapshot.Now.Add(t); m.in.Snapshot.Now < end; {
		m.tick()
	}
}

func (m *machine) ask(verb bess.Verb, target int) bess.Request {
	return bess.Request{
		ID: uint64(m.in.Snapshot.Now) + 1, By: bess.SourceOperator, Person: "A. Tester", Verb: verb, Target: target,
		Expires: m.in.Snapshot.Now.Add(bess.Minute),
	}
}

// service brings the unit up on its grid.
func (m *machine) service() bool {
	m.tick()
	m.tick(m.ask(bess.Start, 0))
	for range 6000 {
		if m.tick(); m.prev.Stages.Service == bess.ServiceOn && m.prev.Stages.Network == bess.NetworkGrid {
			return true
		}
	}
	return false
}

func (m *machine) sense() {
	s, c := &m.in.Snapshot, &m.out.Commands
	s.Now += 100
	s.Civil.UnixMilli += 100
	now := s.Now
	joined := false
	for i := range s.Packs {
		joined = joined || c.Packs[i].Close
	}
	live := false
	for i := range s.Feeders {
		live = live || c.Feeders[i].Close && i == 0
	}
	bus, phase := si.Volts(0), si.Volts(0)
	if joined {
		bus = 750
	}
	if live || c.Inverter.Mode == bess.InverterForm {
		phase = 230
	}
	m.sensePacks(s, c, now)
	m.senseConverters(s, c, now, bus)
	m.senseInverter(s, c, now, bus, phase)
	m.senseFeeders(s, c, now)
	m.senseLoads(s, c, now, phase)
	m.senseIO(s, c, now)
	if m.durable {
		s.Store.DurableUpTo = m.prev.Mark
	}
	if m.garble != nil {
		m.garble(s)
	}
}

func (m *machine) sensePacks(s *bess.Snapshot, c *bess.Commands, now bess.Instant) {
	for i := range s.Packs {
		link := si.Volts(0)
		if c.Packs[i].Close || c.Packs[i].Precharge {
			link = 400
		}
		s.Packs[i] = bess.PackView{
			Identity: bess.Confirmed, Volts: bess.Of(si.Volts(400), now), LinkVolts: bess.Of(link, now),
			Current: bess.Of(c.Converters[i].Power.At(400), now), SoC: bess.Of(si.Ratio(0.6), now), SoCLow: bess.Of(si.Ratio(0.59), now),
			SoCHigh: bess.Of(si.Ratio(0.61), now), SoH: bess.Of(si.Ratio(0.75), now),
			CellHigh: bess.Of(si.Volts(3.72), now), CellLow: bess.Of(si.Volts(3.69), now),
			Hot: bess.Of(si.Celsius(24), now), Cold: bess.Of(si.Celsius(22), now), Average: bess.Of(si.Celsius(23), now),
			Discharge: bess.Of(si.Watts(50e3), now), Charge: bess.Of(si.Watts(30e3), now),
			DischargePeak: bess.Of(si.Watts(60e3), now), ChargePeak: bess.Of(si.Watts(40e3), now),
			Contactor: bess.FlagOf(c.Packs[i].Close, now), Precharging: bess.FlagOf(c.Packs[i].Precharge, now),
			Interlock: bess.FlagOf(true, now), IsolationLow: bess.FlagOf(false, now), Weld: bess.FlagOf(false, now),
			OpenNow: bess.FlagOf(false, now), OpenSoon: bess.FlagOf(false, now), DerateWanted: bess.FlagOf(false, now),
			NoCharge: bess.FlagOf(false, now), Alive: bess.Of(si.Ratio(1), now),
		}
	}
}

func (m *machine) senseConverters(s *bess.Snapshot, c *bess.Commands, now bess.Instant, bus si.Volts) {
	for i := range s.Converters {
		k := &c.Converters[i]
		s.Converters[i] = bess.ConverterView{
			Running: bess.FlagOf(k.Mode != bess.ConverterOff, now), Fault: bess.FlagOf(false, now), Power: bess.Of(k.Power, now),
			PackVolts: s.Packs[i].LinkVolts, PackAmps: bess.Of(k.Power.At(400), now), BusVolts: bess.Of(bus, now),
			Heatsink: bess.Of(si.Celsius(35), now),
		}
	}
}

func (m *machine) senseInverter(s *bess.Snapshot, c *bess.Commands, now bess.Instant, bus, phase si.Volts) {
	v := bess.InverterView{
		Running: bess.FlagOf(c.Inverter.Mode != bess.InverterOff, now), Fault: bess.FlagOf(false, now), LossOfMain: bess.FlagOf(false, now),
		Mode: bess.Of(si.Ratio(c.Inverter.Mode), now), Power: bess.Of(si.Watts(-2000), now), Reactive: bess.Of(si.VoltAmps(0), now),
		Hertz: bess.Of(si.Hertz(50), now), DCVolts: bess.Of(bus, now), Heatsink: bess.Of(si.Celsius(35), now),
	}
	for k := range v.PhaseVolts {
		v.PhaseVolts[k], v.PhaseAmps[k] = bess.Of(phase, now), bess.Of(si.Amps(3), now)
		v.PhasePower[k] = bess.Of(si.Watts(-667), now)
	}
	s.Inverter = v
	s.Bus = bess.BusView{Volts: bess.Of(bus, now), Insulation: bess.Of(si.Ohms(2e6), now), OwnUse: bess.Of(si.Watts(300), now)}
	s.Ambient = bess.Of(si.Celsius(15), now)
}

func (m *machine) senseFeeders(s *bess.Snapshot, c *bess.Commands, now bess.Instant) {
	for i := range s.Feeders {
		v := bess.FeederView{
			Hertz: bess.Of(si.Hertz(50), now), Power: bess.Of(si.Watts(0), now), Contactor: bess.FlagOf(c.Feeders[i].Close, now),
			Forward: bess.FlagOf(true, now), Neutral: bess.FlagOf(true, now), NeutralToE: bess.Of(si.Volts(1), now),
			Running: bess.FlagOf(c.Feeders[i].Run, now), Fault: bess.FlagOf(false, now), Fuel: bess.Of(si.Ratio(0.8), now),
			Plugged: bess.FlagOf(false, now), Locked: bess.FlagOf(false, now), Intensity: bess.Of(si.GramsPerKWh(180), now),
		}
		for k := range v.PhaseVolts {
			volts := si.Volts(230)
			if i >= 2 {
				volts = 0
			}
			v.PhaseVolts[k], v.PhaseAmps[k] = bess.Of(volts, now), bess.Of(si.Amps(0), now)
		}
		if i == 0 && c.Feeders[i].Close {
			v.Power = bess.Of(si.Watts(5000), now)
		}
		s.Feeders[i] = v
	}
}

func (m *machine) senseLoads(s *bess.Snapshot, c *bess.Commands, now bess.Instant, phase si.Volts) {
	for i := range s.Circuits {
		s.Circuits[i] = bess.CircuitView{
			Closed: bess.FlagOf(c.Circuits[i].Close, now), Tripped: bess.FlagOf(false, now), Power: bess.Of(si.Watts(-1000), now),
		}
		for k := range s.Circuits[i].PhaseAmps {
			s.Circuits[i].PhaseAmps[k] = bess.Of(si.Amps(1.5), now)
		}
	}
	for i := range s.Outlets {
		o := &c.Outlets[i]
		p := si.Watts(0)
		if m.plugged[i] && o.Enable && phase > 0 {
			p = min(o.Power, 50e3)
			if m.u.Outlets[i].Kind == bess.AC {
				p = o.Current.Times(phase)
			}
		}
		m.drawn[i] += p.For(0.1)
		s.Outlets[i] = bess.OutletView{
			Online: bess.FlagOf(true, now), Plugged: bess.FlagOf(m.plugged[i], now), Charging: bess.FlagOf(m.plugged[i], now),
			Fault: bess.FlagOf(false, now), Tripped: bess.FlagOf(false, now), Power: bess.Of(-p, now), Drawn: bess.Of(m.drawn[i], now),
			Offered: bess.Of(o.Current, now), OfferedDC: bess.Of(o.Power, now),
		}
		if m.plugged[i] {
			s.Outlets[i].Visit = uint64(i + 1)
		}
		for k := range s.Outlets[i].PhaseAmps {
			s.Outlets[i].PhaseAmps[k] = bess.Of(o.Current, now)
		}
	}
}

func (m *machine) senseIO(s *bess.Snapshot, c *bess.Commands, now bess.Instant) {
	s.IO = bess.IOView{
		TwelveVolt: bess.Of(si.Volts(13.2), now), OutletSupply: bess.FlagOf(c.IO.OutletSupply, now), Bond: bess.FlagOf(c.IO.Bond, now),
		Inhibit: bess.FlagOf(false, now), Coils: bess.FlagOf(true, now), LocalLock: bess.FlagOf(false, now), Guard: bess.FlagOf(true, now),
		Coolant: bess.Of(si.Celsius(22), now), Alive: bess.Of(si.Ratio(1), now),
	}
	for k := range s.IO.Inputs {
		s.IO.Inputs[k] = bess.FlagOf(false, now)
	}
	s.Store.Full, s.Store.Failed, s.Store.Free = bess.FlagOf(false, now), bess.FlagOf(false, now), bess.Of(si.Ratio(0.7), now)
}
