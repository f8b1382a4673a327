package unit

import (
	"math"

	"reprise/bess"
	"reprise/bess/si"
)

// small is a unit of two packs, a grid and two outlets.
func small() *bess.Unit {
	pack := bess.Pack{
		Type: bess.PackType{
			Name: "test", Title: "Test pack", Series: 96, Capacity: 50, Energy: 18000, Usable: 16000, Resistance: 0.1,
			Window: [2]si.Ratio{0.1, 0.95},
			Limits: bess.PackLimits{
				PackMin: 270, PackMax: 410, CellMin: 2.8, CellMax: 4.25, CellSpread: 0.3, ChargeMin: 0, DischargeMin: -20,
				DerateAbove: 50, TripAt: 60, Charge: 20000, Discharge: 20000, ChargeCurrent: 80, DischargeCurrent: 80,
			},
			Contactor: bess.Contactor{Rated: 200, Break: 400, PrechargeOhms: 30, LinkCapacitance: 1e-3, MatchWithin: 10, VoltsUncertainty: 2, Operate: 0.05},
		},
		Health: 0.8, HealthSigma: 0.03, Growth: 1.3, FrameTimeout: 1000,
	}
	a, b := pack, pack
	a.Name, b.Name = "Pack 1", "Pack 2"
	converter := bess.Converter{Rated: 15000, PackCurrent: 60, Ramp: 5000, Heartbeat: 1000, IslandHold: 3000, Slope: 500}
	c, d := converter, converter
	d.Pack = 1
	return &bess.Unit{
		Name: "Test unit", Site: bess.Site{Name: "Bench", ImportCap: 20000, Reserve: 1000, RefillTarget: 0.9},
		Bus:   bess.Bus{OnNetwork: bess.RegulatorInverter, Islanded: bess.RegulatorConverters, Nominal: 750, Min: 650, Max: 800, Trip: 600, Capacitance: 5e-3},
		Packs: []bess.Pack{a, b}, Converters: []bess.Converter{c, d},
		Inverter: bess.Inverter{Rated: 30000, Phases: 3, PhaseVolts: 230, Nominal: 50, Ramp: 20000, Heartbeat: 3000, IslandHold: 3000},
		Network:  bess.Network{VoltsMin: 0.9, VoltsMax: 1.1, HertzMin: 47, HertzMax: 52, ReturnAfter: 60000, DeadBelow: 20, TransferTimeout: 10000, FormAlone: true},
		Feeders: []bess.Feeder{{
			Name: "Grid", Kind: bess.Grid, Phases: 3, PhaseLimit: 32, Cap: 20000,
			Record: bess.SiteRecord{Person: "Ann", Poles: 3, Neutral: bess.Yes, Earth: bess.Yes, Forward: bess.Yes, Earthing: bess.TNS, Agreed: 20000, Expires: bess.Forever},
		}},
		Circuits: []bess.Circuit{{Name: "Stage", Phases: 3, Limit: 32, Priority: 1, Shed: true}},
		Outlets: []bess.Outlet{
			{Name: "Outlet 1", Kind: bess.AC, Phases: 1, Current: 32, Minimum: 6, Rated: 7400, Hold: 30000, Lag: 5000},
			{Name: "Outlet 2", Kind: bess.AC, Phases: 1, Phase: 1, Current: 32, Minimum: 6, Rated: 7400, Hold: 30000, Lag: 5000},
		},
		IO: bess.IO{Period: 100, Watchdog: 500, HoldWindow: 2000, CoilDelay: 200},
	}
}

// toy is a plant of no physics: what was ordered is reported as done.
type toy struct {
	u     *bess.Unit
	now   bess.Instant
	wall  int64
	last  bess.Commands
	heat  si.Celsius
	steps int
	panic bool
}

func newToy(u *bess.Unit) *toy {
	return &toy{u: u, wall: 1_623_772_800_000, last: bess.NewCommands(u), heat: 25}
}

func (p *toy) Step(c *bess.Commands, dt si.Seconds) {
	p.last.CopyFrom(c)
	p.now += bess.Instant(bess.SpanOf(dt))
	p.wall += int64(bess.SpanOf(dt))
	p.steps++
}

func (p *toy) Sense(s *bess.Snapshot) {
	now := p.now
	s.Now, s.Civil = now, bess.Civil{UnixMilli: p.wall, Trust: bess.TrustHigh}
	wave := si.Amps(math.Mod(float64(now), 977) / 977)
	for i := range s.Packs {
		v, o := &s.Packs[i], &p.last.Packs[i]
		v.Identity, v.Alive = bess.Confirmed, bess.Of(si.Ratio(1), now)
		v.Volts, v.Current = bess.Of(si.Volts(355), now), bess.Of(wave, now)
		v.LinkVolts = bess.Of(si.Volts(354), now)
		v.SoC, v.SoCLow, v.SoCHigh, v.SoH = bess.Of(si.Ratio(0.6), now), bess.Of(si.Ratio(0.59), now), bess.Of(si.Ratio(0.61), now), bess.Of(si.Ratio(0.8), now)
		v.CellHigh, v.CellLow = bess.Of(si.Volts(3.71), now), bess.Of(si.Volts(3.69), now)
		v.Hot, v.Cold, v.Average = bess.Of(p.heat, now), bess.Of(si.Celsius(24), now), bess.Of(si.Celsius(24.5), now)
		v.Discharge, v.Charge = bess.Of(si.Watts(15000), now), bess.Of(si.Watts(12000), now)
		v.Contactor, v.Precharging = bess.FlagOf(o.Close, now), bess.FlagOf(o.Precharge, now)
		v.Interlock = bess.FlagOf(true, now)
		s.Converters[i].BusVolts = bess.Of(si.Volts(750), now)
		s.Converters[i].Power = bess.Of(p.last.Converters[i].Power, now)
	}
	f := &s.Feeders[0]
	for k := range 3 {
		f.PhaseVolts[k], f.PhaseAmps[k] = bess.Of(si.Volts(231), now), bess.Of(si.Amps(2), now)
		s.Inverter.PhaseVolts[k] = bess.Of(si.Volts(231), now)
	}
	f.Hertz, f.Power = bess.Of(si.Hertz(50), now), bess.Of(si.Watts(1400), now)
	f.Contactor, f.Forward, f.Neutral = bess.FlagOf(p.last.Feeders[0].Close, now), bess.FlagOf(true, now), bess.FlagOf(true, now)
	f.NeutralToE = bess.Of(si.Volts(0.5), now)
	s.Bus.Volts, s.Bus.Insulation, s.Bus.OwnUse = bess.Of(si.Volts(750), now), bess.Of(si.Ohms(1e6), now), bess.Of(si.Watts(300), now)
	s.Circuits[0].Closed, s.Circuits[0].Power = bess.FlagOf(p.last.Circuits[0].Close, now), bess.Of(si.Watts(-1100), now)
	for i := range s.IO.Inputs {
		s.IO.Inputs[i] = bess.FlagOf(false, now)
	}
	s.IO.TwelveVolt, s.IO.Alive = bess.Of(si.Volts(13.1), now), bess.Of(si.Ratio(1), now)
	s.IO.Guard, s.IO.Coils = bess.FlagOf(true, now), bess.FlagOf(true, now)
	s.IO.LocalLock, s.IO.Bond = bess.FlagOf(false, now), bess.FlagOf(false, now)
	if p.panic {
		panic("the plant is broken")
	}
}
