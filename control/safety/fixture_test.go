package safety

import (
	"reprise/bess"
	"reprise/bess/si"
)

// reference is a unit of the reference sizes: seven packs with a converter
// each, ten outlets, four supplies, three circuits.
func reference() *bess.Unit {
	u := &bess.Unit{
		Bus: bess.Bus{
			OnNetwork: bess.RegulatorInverter, Islanded: bess.RegulatorConverters,
			Nominal: 750, Min: 700, Max: 800, Trip: 650,
		},
		Inverter: bess.Inverter{Rated: 100e3, Phases: 3, PhaseVolts: 230, Nominal: 50, OverloadFor: 10 * bess.Second},
		Network:  bess.Network{VoltsMin: 0.9, VoltsMax: 1.1, HertzMin: 49.5, HertzMax: 50.5, DeadBelow: 25},
		Site:     bess.Site{ImportCap: 40e3},
		Cabinet:  bess.Cabinet{TwelveVoltMin: 11.5},
		IO:       bess.IO{Period: 50},
	}
	for i := range u.IO.Has {
		u.IO.Has[i] = true
	}
	for i := range 7 {
		u.Packs = append(u.Packs, bess.Pack{FrameTimeout: 2 * bess.Second, Type: bess.PackType{
			Series: 96,
			Limits: bess.PackLimits{
				PackMin: 264, PackMax: 403.2, CellMin: 2.75, CellMax: 4.22, CellSpread: 0.2,
				ChargeMin: 0, DischargeMin: -20, DerateAbove: 45, TripAt: 55,
				Charge: 50e3, Discharge: 60e3, ChargeCurrent: 150, DischargeCurrent: 180, InsulationOhmPerVolt: 500,
			},
			Contactor: bess.Contactor{Rated: 200, Break: 200, Operate: 0.06},
		}})
		u.Converters = append(u.Converters, bess.Converter{Pack: bess.PackID(i), Rated: 25e3, PackCurrent: 100})
	}
	u.Feeders = []bess.Feeder{
		{Name: "Grid", Kind: bess.Grid, Phases: 3, PhaseLimit: 63, Cap: 40e3},
		{Name: "Solar", Kind: bess.Solar, Phases: 3, PhaseLimit: 100, Cap: 60e3},
		{Name: "Generator", Kind: bess.Generator, Phases: 3, PhaseLimit: 100, Cap: 60e3, Set: bess.GeneratorSet{Rated: 60e3, Tank: 200}},
		{Name: "Inlet", Kind: bess.CCS, DC: true, Cap: 50e3},
	}
	for i := range u.Feeders {
		u.Feeders[i].Record = bess.SiteRecord{Person: "A", Expires: bess.Forever}
	}
	u.Circuits = []bess.Circuit{{Phases: 3, Limit: 63, Shed: true}, {Phases: 3, Limit: 32, Shed: true}, {Phases: 3, Limit: 32, Shed: true}}
	for i := range 10 {
		o := bess.Outlet{Kind: bess.AC, Phases: 1, Phase: i % 3, Current: 32, Minimum: 6, Rated: 7400, Fallback: 6}
		if i == 9 {
			o = bess.Outlet{Kind: bess.Rapid, Rated: 150e3}
		}
		u.Outlets = append(u.Outlets, o)
	}
	return u
}

const gridFeeder, generatorFeeder, inletFeeder = 0, 2, 3

// bench is a unit with everything that Judge sees and keeps.
type bench struct {
	u        *bess.Unit
	state    State
	snap     bess.Snapshot
	est      bess.Estimates
	stages   bess.Stages
	ordered  bess.Commands
	standing bess.Standing
	desk     bess.Desk
	verdict  bess.Verdict
	hurt     func(b *bench) // done to the readings after they were made good
}

// newBench is a healthy unit in service on its grid.
func newBench() *bench {
	u := reference()
	b := &bench{
		u: u, state: New(u), snap: bess.NewSnapshot(u), est: bess.NewEstimates(u), stages: bess.NewStages(u),
		ordered: bess.NewCommands(u), standing: bess.NewStanding(u), verdict: bess.NewVerdict(u, MaxAlarms),
	}
	b.snap.Now = 1000
	b.stages.Service, b.stages.Network, b.stages.Live = bess.ServiceOn, bess.NetworkGrid, gridFeeder
	b.stages.Supplies = true
	for i := range b.stages.Packs {
		b.stages.Packs[i] = bess.PackJoined
		b.ordered.Packs[i].Close = true
	}
	for i := range b.ordered.Converters {
		b.ordered.Converters[i] = bess.ConverterCommand{Mode: bess.ConverterPower, Power: 5000, Discharge: 20e3, Charge: 20e3}
	}
	b.ordered.Inverter.Mode = bess.InverterFollow
	b.ordered.Feeders[gridFeeder].Close = true
	for i := range b.ordered.Circuits {
		b.ordered.Circuits[i].Close = true
	}
	for i := range b.ordered.Outlets {
		b.ordered.Outlets[i] = bess.OutletCommand{Enable: true, Current: 16, Power: 50e3}
	}
	return b
}

// tick makes every reading good and new, does the harm, and judges.
func (b *bench) tick(requests ...bess.Request) {
	b.snap.Now += 100
	b.snap.Civil.UnixMilli += 100
	b.good()
	if b.hurt != nil {
		b.hurt(b)
	}
	b.desk.Open(requests, b.snap.Now)
	b.state.Judge(b.u, b.view(), &b.verdict)
}

func (b *bench) view() View {
	return View{Snap: &b.snap, Estimates: &b.est, Stages: &b.stages, Ordered: &b.ordered, Standing: &b.standing, Desk: &b.desk}
}

// run ticks for a time.
func (b *bench) run(t bess.Span) {
	for end := b.snap.Now.Add(t); b.snap.Now < end; {
		b.tick()
	}
}

// good writes healthy readings of now everywhere.
func (b *bench) good() {
	now := b.snap.Now
	yes, no := bess.FlagOf(true, now), bess.FlagOf(false, now)
	b.snap.Civil.Trust = bess.TrustHigh
	for i := range b.snap.Packs {
		b.snap.Packs[i] = bess.PackView{
			Identity: bess.Confirmed, Volts: bess.Of(si.Volts(355), now), LinkVolts: bess.Of(si.Volts(355), now),
			Current: bess.Of(si.Amps(14), now), CellHigh: bess.Of(si.Volts(3.71), now), CellLow: bess.Of(si.Volts(3.69), now),
			Hot: bess.Of(si.Celsius(27), now), Cold: bess.Of(si.Celsius(25), now),
			Contactor: yes, Interlock: yes, IsolationLow: no, Weld: no, OpenNow: no, OpenSoon: no, DerateWanted: no, NoCharge: no,
			Alive: bess.Of(si.Ratio(1), now),
		}
		b.est.Packs[i].Known = true
	}
	for i := range b.snap.Converters {
		b.snap.Converters[i] = bess.ConverterView{
			Running: yes, Fault: no, Power: bess.Of(si.Watts(5000), now), PackVolts: bess.Of(si.Volts(355), now),
			PackAmps: bess.Of(si.Amps(14), now), BusVolts: bess.Of(si.Volts(750), now), Heatsink: bess.Of(si.Celsius(40), now),
		}
	}
	b.goodNetwork(now, yes, no)
	for i := range b.snap.Circuits {
		b.snap.Circuits[i] = bess.CircuitView{Closed: yes, Tripped: no, Power: bess.Of(si.Watts(-3000), now), PhaseAmps: phases(now, 5, 5, 5)}
	}
	for i := range b.snap.Outlets {
		b.snap.Outlets[i] = bess.OutletView{
			Online: yes, Plugged: yes, Fault: no, Tripped: no, Power: bess.Of(si.Watts(-3000), now), PhaseAmps: phases(now, 14, 0, 0),
		}
	}
	b.snap.IO = bess.IOView{
		TwelveVolt: bess.Of(si.Volts(12.8), now), OutletSupply: yes, Bond: no, Inhibit: no, Coils: yes, LocalLock: no, Guard: yes,
		Alive: bess.Of(si.Ratio(1), now),
	}
	for i := range b.snap.IO.Inputs {
		b.snap.IO.Inputs[i] = no
	}
	b.snap.Store = bess.StoreView{Full: no, Failed: no, Free: bess.Of(si.Ratio(0.7), now)}
}

func (b *bench) goodNetwork(now bess.Instant, yes, no bess.Flag) {
	b.snap.Inverter = bess.InverterView{
		Running: yes, Fault: no, LossOfMain: no, Mode: bess.Of(si.Ratio(bess.InverterFollow), now), Power: bess.Of(si.Watts(30e3), now),
		PhaseAmps: phases(now, 45, 45, 45), Hertz: bess.Of(si.Hertz(50), now), DCVolts: bess.Of(si.Volts(750), now), Heatsink: bess.Of(si.Celsius(45), now),
	}
	b.snap.Bus = bess.BusView{Volts: bess.Of(si.Volts(750), now), Insulation: bess.Of(si.Ohms(2e6), now), OwnUse: bess.Of(si.Watts(300), now)}
	for i := range b.snap.Feeders {
		f := bess.FeederView{Contactor: no, Fault: no, Power: bess.Of(si.Watts(0), now), PhaseAmps: phases(now, 0, 0, 0)}
		if b.u.Feeders[i].Carries() {
			f.Hertz, f.Forward, f.Neutral, f.NeutralToE = bess.Of(si.Hertz(50), now), yes, yes, bess.Of(si.Volts(1), now)
			for k := range f.PhaseVolts {
				f.PhaseVolts[k] = bess.Of(si.Volts(231), now)
			}
			f.Fuel = bess.Of(si.Ratio(0.8), now)
		}
		b.snap.Feeders[i] = f
	}
	g := &b.snap.Feeders[gridFeeder]
	g.Contactor, g.Power, g.PhaseAmps = yes, bess.Of(si.Watts(20e3), now), phases(now, 30, 30, 30)
	b.snap.Feeders[inletFeeder].Locked = yes
}

func phases(now bess.Instant, a, b, c si.Amps) [3]bess.Reading[si.Amps] {
	return [3]bess.Reading[si.Amps]{bess.Of(a, now), bess.Of(b, now), bess.Of(c, now)}
}

// alarm finds the alarm of a rule on a subject.
func (b *bench) alarm(id bess.RuleID, subject int) (bess.Alarm, bool) {
	for _, a := range b.verdict.Alarms {
		if a.Rule == id && a.Subject.Index == subject {
			return a, true
		}
	}
	return bess.Alarm{}, false
}
