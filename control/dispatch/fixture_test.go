package dispatch

import (
	"reprise/bess"
	"reprise/bess/si"
)

const gridFeeder, solarFeeder, generatorFeeder, inletFeeder = 0, 1, 2, 3

func siAmps(x float64) si.Amps { return si.Amps(x) }

// reference is a unit of the reference sizes.
func reference() *bess.Unit {
	u := &bess.Unit{
		Bus: bess.Bus{Nominal: 750, Min: 700, Max: 800, Trip: 650},
		Inverter: bess.Inverter{
			Rated: 100e3, Phases: 3, PhaseVolts: 230, Nominal: 50, Overload: 1.1, Loss: bess.LossCurve{A: 0.012, B: 0.008, C: 0.004},
		},
		Site: bess.Site{ImportCap: 40e3, RefillWindow: bess.Window{From: 1320, To: 360}, RefillTarget: 0.95, StartBelow: 0.2, StopAbove: 0.6, StartLoad: 80e3},
		Feeders: []bess.Feeder{
			{Kind: bess.Grid, Phases: 3, PhaseLimit: 63, Cap: 40e3},
			{Kind: bess.Solar, Phases: 3, PhaseLimit: 100, Cap: 60e3},
			{Kind: bess.Generator, Phases: 3, PhaseLimit: 100, Cap: 60e3, Set: bess.GeneratorSet{Rated: 60e3, MinimumLoad: 0.3}},
			{Kind: bess.CCS, DC: true, Cap: 50e3},
		},
		Circuits: []bess.Circuit{
			{Phases: 3, Limit: 63, Shed: true, Priority: 2}, {Phases: 3, Limit: 32, Shed: true, Priority: 1},
			{Phases: 3, Limit: 32, Shed: true, Priority: 3, Inrush: bess.InrushMotor},
		},
	}
	for i := range u.Feeders {
		u.Feeders[i].Record = bess.SiteRecord{Person: "A", Expires: bess.Forever}
	}
	for range 7 {
		u.Packs = append(u.Packs, bess.Pack{Type: bess.PackType{Resistance: 0.09}})
		u.Converters = append(u.Converters, bess.Converter{
			Pack: bess.PackID(len(u.Converters)), Rated: 25e3, PackCurrent: 100, Loss: bess.LossCurve{A: 0.010, B: 0.008, C: 0.004}, Slope: 2000,
		})
	}
	for i := range 10 {
		o := bess.Outlet{Kind: bess.AC, Phases: 1, Phase: i % 3, Current: 32, Minimum: 6, Rated: 7400, Hold: bess.Minute}
		if i == 9 {
			o = bess.Outlet{Kind: bess.Rapid, Current: 300, Minimum: 2, Rated: 150e3, Hold: bess.Minute, Loss: bess.LossCurve{A: 0.01, B: 0.01, C: 0.003}}
		}
		u.Outlets = append(u.Outlets, o)
	}
	return u
}

// bench is a unit with everything that dispatch sees and keeps.
type bench struct {
	u        *bess.Unit
	state    State
	snap     bess.Snapshot
	est      bess.Estimates
	verdict  bess.Verdict
	stages   bess.Stages
	standing bess.Standing
	wants    []bess.Want
	ordered  bess.Commands
	split    bess.Split
	hurt     func(b *bench)
}

// newBench is a unit in service on its grid: general loads of 9 kW, all packs
// joined and alike, no vehicle.
func newBench() *bench {
	u := reference()
	b := &bench{
		u: u, state: New(u), snap: bess.NewSnapshot(u), est: bess.NewEstimates(u), verdict: bess.NewVerdict(u, 8), stages: bess.NewStages(u),
		standing: bess.NewStanding(u), wants: make([]bess.Want, len(u.Outlets)), ordered: bess.NewCommands(u), split: bess.NewSplit(u),
	}
	b.snap.Now = 100_000
	b.snap.Civil = bess.Civil{UnixMilli: 12 * int64(bess.Hour), Trust: bess.TrustHigh}
	b.stages.Service, b.stages.Network, b.stages.Live = bess.ServiceOn, bess.NetworkGrid, gridFeeder
	for i := range b.stages.Packs {
		b.stages.Packs[i] = bess.PackJoined
		b.est.Packs[i] = bess.PackEstimate{Known: true, SoC: 0.7, Stored: 15e3, Room: 6e3, Full: 21e3, Resistance: 0.12, Envelope: bess.Envelope{
			Discharge: bess.Ceiling(60e3, bess.SourceInstalled, bess.CauseInstalled), Charge: bess.Ceiling(50e3, bess.SourceInstalled, bess.CauseInstalled),
		}}
	}
	b.est.Unit = bess.UnitEstimate{SoC: 0.7, Stored: 105e3, FullToday: 147e3}
	return b
}

// island parts the unit from its grid.
func (b *bench) island() { b.stages.Network, b.stages.Live = bess.NetworkIsland, bess.Nobody }

// refill opens the refill window.
func (b *bench) refill() { b.snap.Civil.UnixMilli = 23 * int64(bess.Hour) }

func (b *bench) view() View {
	return View{
		Snap: &b.snap, Estimates: &b.est, Verdict: &b.verdict, Stages: &b.stages, Standing: &b.standing, Wants: b.wants, Ordered: &b.ordered,
	}
}

func (b *bench) tick() {
	b.snap.Now += 100
	b.good()
	if b.hurt != nil {
		b.hurt(b)
	}
	b.state.Update(b.u, b.view(), &b.split)
}

func (b *bench) run(t bess.Span) {
	for end := b.snap.Now.Add(t); b.snap.Now < end; {
		b.tick()
	}
}

// good writes readings of now.
func (b *bench) good() {
	now := b.snap.Now
	for i := range b.snap.Packs {
		b.snap.Packs[i].Volts = bess.Of(si.Volts(355), now)
	}
	for i := range b.snap.Circuits {
		b.circuit(i, 3000)
	}
	for i := range b.snap.Outlets {
		b.snap.Outlets[i].Power = bess.Of(si.Watts(0), now)
	}
	for i := range b.snap.Feeders {
		b.snap.Feeders[i] = bess.FeederView{Power: bess.Of(si.Watts(0), now), Contactor: bess.FlagOf(i == gridFeeder, now)}
		for k := range b.snap.Feeders[i].PhaseAmps {
			b.snap.Feeders[i].PhaseAmps[k] = bess.Of(si.Amps(0), now)
		}
	}
	mode := bess.InverterFollow
	if b.stages.Network == bess.NetworkIsland {
		mode = bess.InverterForm
	} else if b.stages.Live != bess.Nobody {
		b.imports(9000)
	}
	b.snap.Inverter.Mode, b.snap.Inverter.Power = bess.Of(si.Ratio(mode), now), bess.Of(si.Watts(0), now)
	for k := range b.snap.Inverter.PhaseVolts {
		b.snap.Inverter.PhaseVolts[k] = bess.Of(si.Volts(230), now)
	}
	b.snap.Bus.Volts, b.snap.Bus.OwnUse = bess.Of(si.Volts(750), now), bess.Of(si.Watts(300), now)
}

// circuit lets a circuit draw, balanced.
func (b *bench) circuit(i int, draw si.Watts) {
	now := b.snap.Now
	v := &b.snap.Circuits[i]
	v.Closed, v.Power = bess.FlagOf(true, now), bess.Of(-draw, now)
	for k := range v.PhaseAmps {
		v.PhaseAmps[k] = bess.Of(draw.At(690), now)
	}
}

// imports lets the live feeder give, balanced.
func (b *bench) imports(p si.Watts) {
	v := &b.snap.Feeders[b.stages.Live]
	v.Power = bess.Of(p, b.snap.Now)
	for k := range v.PhaseAmps {
		v.PhaseAmps[k] = bess.Of(p.At(690), b.snap.Now)
	}
}

// packs is the ordered sum of the packs, bus side.
func (b *bench) packs() (sum si.Watts) {
	for i := range b.split.Packs {
		sum += b.split.Packs[i].Power
	}
	return sum
}

// wants lets the vehicles at the first n outlets want all they can take.
func (b *bench) vehicles(n int) {
	for i := range n {
		b.wants[i] = bess.Want{Active: true, Power: 7400, Least: 1380, Budget: 7400, Urgency: 0.5}
	}
}
