package sequence

import (
	"reprise/bess"
	"reprise/bess/si"
)

const gridFeeder, solarFeeder, generatorFeeder, inletFeeder = 0, 1, 2, 3

// reference is a unit of the reference sizes: seven packs with a converter
// each, four supplies, three circuits, ten outlets.
func reference() *bess.Unit {
	u := &bess.Unit{
		Bus: bess.Bus{
			OnNetwork: bess.RegulatorInverter, Islanded: bess.RegulatorConverters,
			Nominal: 750, Min: 700, Max: 800, Trip: 650, Capacitance: 0.02,
		},
		Inverter: bess.Inverter{Rated: 100e3, Phases: 3, PhaseVolts: 230, Nominal: 50, Starts: 5},
		Network: bess.Network{
			VoltsMin: 0.9, VoltsMax: 1.1, HertzMin: 49.5, HertzMax: 50.5, ReturnAfter: bess.Minute,
			DeadBelow: 25, TransferTimeout: 10 * bess.Second, FormAlone: true,
		},
		Cabinet:  bess.Cabinet{CoolAbove: 30, HeatBelow: 5},
		Feeders:  []bess.Feeder{{Kind: bess.Grid, Phases: 3}, {Kind: bess.Solar, Phases: 3}, {Kind: bess.Generator, Phases: 3}, {Kind: bess.CCS, DC: true}},
		Circuits: []bess.Circuit{{Shed: true, Priority: 2}, {Shed: true, Priority: 1}, {Shed: true, Priority: 3, Inrush: bess.InrushMotor}},
		Outlets:  make([]bess.Outlet, 10),
	}
	u.Feeders[generatorFeeder].Set = bess.GeneratorSet{
		Rated: 60e3, WarmUp: bess.Minute, CoolDown: 3 * bess.Minute, MinimumRun: 30 * bess.Minute,
		StartTries: 3, StartWait: 30 * bess.Second, Droop: 0.03,
	}
	for i := range u.Feeders {
		u.Feeders[i].Record = bess.SiteRecord{Person: "A", Earth: bess.Yes, Expires: bess.Forever}
	}
	for i := range 7 {
		u.Packs = append(u.Packs, bess.Pack{Serial: "S" + string(rune('1'+i)), Type: bess.PackType{Name: "a", Contactor: bess.Contactor{
			Rated: 200, Break: 200, PrechargeOhms: 60, LinkCapacitance: 0.0015, MatchWithin: 5, VoltsUncertainty: 0.5, Operate: 0.06,
		}}})
		u.Converters = append(u.Converters, bess.Converter{Pack: bess.PackID(i), Rated: 25e3})
	}
	return u
}

// bench is a unit with everything that sequence sees and keeps, over a machine
// that obeys at once.
type bench struct {
	u        *bess.Unit
	state    State
	snap     bess.Snapshot
	est      bess.Estimates
	verdict  bess.Verdict
	standing bess.Standing
	split    bess.Split
	desk     bess.Desk
	stages   bess.Stages
	orders   bess.Commands
	grid     bool              // live
	hurt     func(b *bench)    // done to the readings after they were made good
	seen     func(b *bench)    // after every tick
	running  bess.InverterMode // since
	since    bess.Instant
	starts   bess.Instant // of the generator
	away     bool         // the last tick came late
}

func newBench() *bench {
	u := reference()
	b := &bench{
		u: u, state: New(u), snap: bess.NewSnapshot(u), est: bess.NewEstimates(u), verdict: bess.NewVerdict(u, 8),
		standing: bess.NewStanding(u), split: bess.NewSplit(u), stages: bess.NewStages(u), orders: bess.NewCommands(u), grid: true,
	}
	b.snap.Now = 1000
	return b
}

func (b *bench) view() View {
	return View{
		Snap: &b.snap, Estimates: &b.est, Verdict: &b.verdict, Standing: &b.standing, Split: &b.split, Desk: &b.desk,
	}
}

// tick lets the machine obey the last orders, reads it, and takes one tick.
func (b *bench) tick(requests ...bess.Request) {
	b.snap.Now += 100
	b.obey()
	if b.hurt != nil {
		b.hurt(b)
	}
	for i := range requests {
		requests[i].Expires = bess.Forever
	}
	b.desk.Open(requests, b.snap.Now)
	b.orders.Clear()
	b.state.Update(b.u, b.view(), &b.stages, &b.orders)
	if b.seen != nil {
		b.seen(b)
	}
}

func (b *bench) run(t bess.Span, requests ...bess.Request) {
	b.tick(requests...)
	for end := b.snap.Now.Add(t - 100); b.snap.Now < end; {
		b.tick()
	}
}

// start brings the unit into service.
func (b *bench) start(t bess.Span) { b.run(t, bess.Request{ID: 1, Verb: bess.Start}) }

// obey is the machine after the last orders.
func (b *bench) obey() {
	now := b.snap.Now
	o := &b.orders
	b.snap.Store.DurableUpTo = max(b.snap.Store.DurableUpTo, 1)
	b.est.Unit = bess.UnitEstimate{SoC: 0.8, Stored: 100e3}
	joined := false
	for i := range b.snap.Packs {
		closed := o.Packs[i].Close
		joined = joined || closed
		link := si.Volts(0)
		if closed || o.Packs[i].Precharge {
			link = 355
		}
		b.snap.Packs[i] = bess.PackView{
			Identity: bess.Confirmed, Volts: bess.Of(si.Volts(355), now), LinkVolts: bess.Of(link, now), Current: bess.Of(si.Amps(0), now),
			Contactor: bess.FlagOf(closed, now), Interlock: bess.FlagOf(true, now), Weld: bess.FlagOf(false, now),
		}
		b.est.Packs[i] = bess.PackEstimate{Known: true, Hot: 25, Cold: 25}
	}
	bus := si.Volts(0)
	if joined {
		bus = 750
	}
	b.snap.Bus.Volts = bess.Of(bus, now)
	b.snap.IO.Coils, b.snap.IO.Bond = bess.FlagOf(true, now), bess.FlagOf(o.IO.Bond, now)
	for i := range b.snap.Circuits {
		b.snap.Circuits[i].Closed = bess.FlagOf(o.Circuits[i].Close, now)
	}
	b.obeyNetwork(now)
	b.dispatched()
}

func (b *bench) obeyNetwork(now bess.Instant) {
	o := &b.orders
	if o.Inverter.Mode != b.running {
		b.running, b.since = o.Inverter.Mode, now
	}
	ready := now.Since(b.since) >= 3*bess.Second
	volts := si.Volts(0)
	if b.running == bess.InverterForm && ready {
		volts = 230
	}
	if !o.Feeders[generatorFeeder].Run {
		b.starts = now
	}
	for i := range b.snap.Feeders {
		f := bess.FeederView{Contactor: bess.FlagOf(o.Feeders[i].Close, now)}
		turning := now.Since(b.starts) >= 6*bess.Second
		live := i == gridFeeder && b.grid || i == generatorFeeder && turning
		if i == generatorFeeder {
			f.Running = bess.FlagOf(turning, now)
		}
		hertz, level := si.Hertz(0), si.Volts(0)
		if live {
			hertz, level = 50, 230
			f.Forward, f.Neutral = bess.FlagOf(true, now), bess.FlagOf(true, now)
			if o.Feeders[i].Close {
				volts = 230
			}
		}
		f.Hertz = bess.Of(hertz, now)
		for k := range f.PhaseVolts {
			f.PhaseVolts[k] = bess.Of(level, now)
		}
		b.snap.Feeders[i] = f
	}
	b.snap.Inverter = bess.InverterView{
		Running: bess.FlagOf(b.running != bess.InverterOff && ready, now), Fault: bess.FlagOf(false, now), LossOfMain: bess.FlagOf(false, now),
		Power: bess.Of(si.Watts(0), now),
	}
	for k := range b.snap.Inverter.PhaseVolts {
		b.snap.Inverter.PhaseVolts[k] = bess.Of(volts, now)
	}
}

// dispatched is a split that wants everything that is there.
func (b *bench) dispatched() {
	lease := bess.Lease{By: bess.SourceDispatch, Until: b.snap.Now.Add(bess.Second)}
	b.split.Inverter = bess.InverterCommand{Lease: lease}
	switch b.stages.Network {
	case bess.NetworkIsland:
		b.split.Inverter.Mode = bess.InverterForm
	case bess.NetworkGrid, bess.NetworkGenerator:
		b.split.Inverter.Mode = bess.InverterFollow
	default: // off
	}
	for i := range b.split.Converters {
		b.split.Converters[i] = bess.ConverterCommand{Mode: bess.ConverterDroop, Discharge: 10e3, Charge: 10e3, Lease: lease}
	}
	for i := range b.split.CircuitOn {
		b.split.CircuitOn[i] = true
	}
}
