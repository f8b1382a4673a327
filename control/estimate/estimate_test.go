package estimate

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/cell"
)

// oracle is a pack as dumb as it can be: one cell of package cell, times the
// number in series, with a management system that says what the test lets it.
type oracle struct {
	u       *bess.Unit
	params  cell.Params
	state   cell.State
	step    cell.Discrete
	health  cell.Health
	est     State
	snap    bess.Snapshot
	stages  bess.Stages
	out     bess.Estimates
	said    si.Ratio               // SoC that the pack reports
	drifts  bool                   // what it reports is not the truth
	bias    si.Amps                // of the current measurement
	hurt    func(v *bess.PackView) // done to a report
	current si.Amps
}

func newOracle(t interface{ Fatalf(string, ...any) }, c bess.Chemistry, soc si.Ratio) *oracle {
	params, known := cell.Nominal(c, 96)
	if !known {
		params = cell.Scaled(cell.NMC811(), 96)
	}
	n := 108.0
	pulse := si.Mul(params.Resistance+params.Fast.Resistance, n)
	u := &bess.Unit{
		Packs: []bess.Pack{{Health: 0.8, HealthSigma: 0.02, Growth: 1.3, FrameTimeout: bess.Second, Type: bess.PackType{
			Chemistry: c, Series: int(n), Capacity: 96, Energy: 38.2e3, Resistance: pulse, Window: [2]si.Ratio{0.05, 0.95},
			Limits: bess.PackLimits{
				CellMin: params.Min, CellMax: params.Max + 0.1, ChargeMin: 0, DischargeMin: -20, DerateAbove: 45, TripAt: 55,
				Charge: 40e3, Discharge: 60e3, ChargeCurrent: 150, DischargeCurrent: 180,
			},
		}}},
		Converters: []bess.Converter{{Rated: 25e3}},
		Inverter:   bess.Inverter{Rated: 50e3},
	}
	o := &oracle{
		u: u, params: params, state: cell.Rested(soc, 25), step: cell.Discretise(&params, 5, 0.1),
		health: cell.Health{Capacity: 0.8, Resistance: 1.3}, est: New(u), snap: bess.NewSnapshot(u), stages: bess.NewStages(u),
		out: bess.NewEstimates(u), said: soc,
	}
	o.snap.Now = 1000
	return o
}

func (o *oracle) tick() {
	var f cell.Flows
	o.snap.Now += 100
	now := o.snap.Now
	o.state, f = cell.Step(&o.params, &o.step, o.health, o.state, o.current, 25)
	if !o.drifts {
		o.said = o.state.SoC
	}
	v := &o.snap.Packs[0]
	*v = bess.PackView{
		Volts: bess.Of(si.Mul(f.Terminal, 108), now), Current: bess.Of(o.current+o.bias, now),
		SoC: bess.Of(o.said, now), SoCLow: bess.Of(o.said-0.01, now), SoCHigh: bess.Of(o.said+0.01, now), SoH: bess.Of(si.Ratio(0.8), now),
		CellHigh: bess.Of(f.Terminal+0.005, now), CellLow: bess.Of(f.Terminal-0.005, now),
		Hot: bess.Of(o.state.Core+1, now), Cold: bess.Of(o.state.Core-1, now),
		Discharge: bess.Of(si.Watts(80e3), now), Charge: bess.Of(si.Watts(80e3), now),
	}
	o.snap.Converters[0].PackAmps = bess.Of(o.current, now)
	if o.hurt != nil {
		o.hurt(v)
	}
	o.est.Update(o.u, &o.snap, &o.stages, &o.out)
}

// drive follows a load of pulses, pauses and charges for a time.
func (o *oracle) drive(t bess.Span) {
	for end := o.snap.Now.Add(t); o.snap.Now < end; {
		switch minute := int64(o.snap.Now) / int64(bess.Minute) % 30; {
		case minute < 12:
			o.current = 30
		case minute < 15:
			o.current = 0
		case minute < 27:
			o.current = -28
		default:
			o.current = 0
		}
		if o.state.SoC < 0.1 {
			o.current = min(o.current, 0)
		}
		if o.state.SoC > 0.95 {
			o.current = max(o.current, 0)
		}
		o.tick()
	}
}

func (o *oracle) wrong() float64 { return float64(o.out.Packs[0].SoC - o.state.SoC) }

// Whatever the pack says at the start, and with a current measurement that is
// off, the estimate finds the truth and its band is honest.
func TestFindsTheTruth(t *testing.T) {
	for _, c := range []struct {
		name   string
		cell   bess.Chemistry
		said   si.Ratio // off by this
		forced si.Ratio // estimate off by this after the start, believed to 2 %
		bias   si.Amps
		within float64
	}{
		{"NMC, all true", bess.NMC, 0, 0, 0, 0.02},
		{"NMC, said 20 % more", bess.NMC, 0.2, 0, 0, 0.03},
		{"NMC, said 20 % less", bess.NMC, -0.2, 0, 0, 0.03},
		{"NMC, lost its way by 20 %", bess.NMC, 0, 0.2, 0, 0.03},
		{"NMC, current off by 1 A", bess.NMC, 0, 0, 1, 0.03},
		{"NMC811", bess.NMC811, 0.2, 0, 0.5, 0.03},
		{"LMO", bess.LMO, -0.2, 0, 0.5, 0.05},
		{"NCA, by its neighbour's curve", bess.NCA, 0.2, 0, 0, 0.06},
		{"LFP, said true: the flat curve takes nothing away", bess.LFP, 0, 0, 0, 0.03},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOracle(t, c.cell, 0.55)
			o.drifts, o.said = c.said != 0, 0.55+c.said
			o.tick()
			if c.forced != 0 {
				p := &o.est.Packs[0]
				p.SoC, p.Variance = p.SoC+c.forced, 0.02*0.02
			}
			o.drive(4 * bess.Hour)
			e := &o.out.Packs[0]
			if off := math.Abs(o.wrong()); off > c.within || off > 3.5*float64(e.SoCSigma) {
				t.Errorf("estimated %.3f ± %.3f, it is %.3f", float64(e.SoC), float64(e.SoCSigma), float64(o.state.SoC))
			}
		})
	}
}

// Every lie has its name, and the name goes when the lie ends.
func TestLyingReports(t *testing.T) {
	for _, c := range []struct {
		name  string
		after bess.Span
		lie   func(o *oracle) func(v *bess.PackView)
		doubt bess.Doubt
		stops bool // no power is carried on such a report
	}{
		{"silent", 2 * bess.Second, func(*oracle) func(*bess.PackView) {
			return func(v *bess.PackView) { *v = bess.PackView{} }
		}, bess.DoubtSilent, true},
		{"frozen at work", 25 * bess.Second, func(o *oracle) func(*bess.PackView) {
			kept := o.snap.Packs[0]
			return func(v *bess.PackView) { v.Volts.Value, v.Current.Value = kept.Volts.Value, kept.Current.Value }
		}, bess.DoubtFrozen, true},
		{"frozen at rest while its converter works", 25 * bess.Second, func(o *oracle) func(*bess.PackView) {
			kept := o.snap.Packs[0].Volts.Value
			return func(v *bess.PackView) { v.Volts.Value, v.Current.Value = kept, 0 }
		}, bess.DoubtFrozen, true},
		{"drifted", 70 * bess.Second, func(*oracle) func(*bess.PackView) {
			return func(v *bess.PackView) { v.SoC.Value += 0.3 }
		}, bess.DoubtDrifted, false},
		{"health", bess.Second, func(*oracle) func(*bess.PackView) {
			return func(v *bess.PackView) { v.SoH.Value = 0.3 }
		}, bess.DoubtHealth, false},
		{"cells crossed", bess.Second, func(*oracle) func(*bess.PackView) {
			return func(v *bess.PackView) { v.CellLow, v.CellHigh = v.CellHigh, v.CellLow }
		}, bess.DoubtImplausible, true},
		{"no volts", bess.Second, func(*oracle) func(*bess.PackView) {
			return func(v *bess.PackView) { v.Volts.Value = 0 }
		}, bess.DoubtImplausible, true},
		{"no number", bess.Second, func(*oracle) func(*bess.PackView) {
			return func(v *bess.PackView) { v.Volts.Value = si.Volts(math.NaN()) }
		}, bess.DoubtSilent, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOracle(t, bess.NMC, 0.6)
			o.current = 30
			for range 600 {
				o.tick()
			}
			if d := o.out.Packs[0].Doubt; d != bess.DoubtNone {
				t.Fatalf("doubted without reason: %s", d.Sentence())
			}
			o.hurt = c.lie(o)
			for end := o.snap.Now.Add(c.after); o.snap.Now < end; {
				o.tick()
			}
			e := &o.out.Packs[0]
			if e.Doubt != c.doubt {
				t.Errorf("found: %s", e.Doubt.Sentence())
			}
			if c.stops && (e.Envelope.Discharge.Power != 0 || e.Envelope.Charge.Power != 0) {
				t.Errorf("it may still carry %v, %v", e.Envelope.Discharge.Power, e.Envelope.Charge.Power)
			}
			o.hurt = nil
			for range 50 {
				o.tick()
			}
			if d := o.out.Packs[0].Doubt; d != bess.DoubtNone {
				t.Errorf("still doubted: %s", d.Sentence())
			}
		})
	}
}

// What is not seen widens the band: a gap under load is not integrated.
func TestGapWidensTheBand(t *testing.T) {
	o := newOracle(t, bess.LFP, 0.6)
	o.current = 40
	for range 600 {
		o.tick()
	}
	before := o.out.Packs[0].SoCSigma
	o.snap.Now += bess.Instant(20 * bess.Minute)
	o.tick()
	if after := o.out.Packs[0].SoCSigma; after < 3*before {
		t.Errorf("twenty minutes at 40 A in the dark: ± %v was ± %v", float64(after), float64(before))
	}
	o.snap.Now -= bess.Instant(bess.Hour) // a clock that runs back moves nothing
	was := o.out.Packs[0].SoC
	o.tick()
	if now := o.out.Packs[0].SoC; si.Abs(now-was) > 0.02 {
		t.Errorf("from %v to %v", float64(was), float64(now))
	}
}

// Ends of the window, cells, heat and cold, and the pack's word: each takes
// away, none adds.
func TestEnvelope(t *testing.T) {
	for _, c := range []struct {
		name              string
		hurt              func(v *bess.PackView)
		discharge, charge bess.Cause
		zero              [2]bool
	}{
		{"free", func(*bess.PackView) {}, bess.CauseInstalled, bess.CauseInstalled, [2]bool{}},
		{"hot", func(v *bess.PackView) { v.Hot.Value = 50 }, bess.CauseTooHot, bess.CauseTooHot, [2]bool{}},
		{"too hot", func(v *bess.PackView) { v.Hot.Value = 56 }, bess.CauseTooHot, bess.CauseTooHot, [2]bool{true, true}},
		{"cool", func(v *bess.PackView) { v.Cold.Value = 5 }, bess.CauseInstalled, bess.CauseColdCharge, [2]bool{}},
		{"frost", func(v *bess.PackView) { v.Cold.Value = -1 }, bess.CauseInstalled, bess.CauseColdCharge, [2]bool{false, true}},
		{"deep frost", func(v *bess.PackView) { v.Cold.Value = -21 }, bess.CauseTooCold, bess.CauseColdCharge, [2]bool{true, true}},
		{"cell low", func(v *bess.PackView) { v.CellLow.Value = 2.71 }, bess.CauseCellLow, bess.CauseInstalled, [2]bool{true, false}},
		{"cell high", func(v *bess.PackView) { v.CellHigh.Value = 4.245 }, bess.CauseInstalled, bess.CauseCellHigh, [2]bool{false, true}},
		{"its word", func(v *bess.PackView) { v.Discharge.Value, v.Charge.Value = 900, 800 }, bess.CausePackLimit, bess.CausePackLimit, [2]bool{}},
		{"its word is no number", func(v *bess.PackView) { v.Discharge.Value, v.Charge.Value = si.Watts(math.NaN()), -5 }, bess.CausePackLimit, bess.CausePackLimit, [2]bool{true, true}},
		{"no charge", func(v *bess.PackView) { v.NoCharge = bess.FlagOf(true, v.Volts.At) }, bess.CauseInstalled, bess.CausePackLimit, [2]bool{false, true}},
	} {
		o := newOracle(t, bess.NMC, 0.5)
		o.hurt = c.hurt
		o.tick()
		e := o.out.Packs[0].Envelope
		if e.Discharge.Why != c.discharge || e.Charge.Why != c.charge {
			t.Errorf("%s: %s / %s", c.name, e.Discharge.Why.Sentence(), e.Charge.Why.Sentence())
		}
		if got := [2]bool{e.Discharge.Power == 0, e.Charge.Power == 0}; got != c.zero {
			t.Errorf("%s: %v, %v", c.name, e.Discharge.Power, e.Charge.Power)
		}
	}
	empty, full := newOracle(t, bess.NMC, 0.055), newOracle(t, bess.NMC, 0.96)
	empty.tick()
	full.tick()
	if p := empty.out.Packs[0].Envelope.Discharge; p.Power != 0 || p.Why != bess.CauseEmpty && p.Why != bess.CauseCellLow {
		t.Errorf("empty: %+v", p)
	}
	if p := full.out.Packs[0].Envelope.Charge; p.Power != 0 || p.Why != bess.CauseFull && p.Why != bess.CauseCellHigh {
		t.Errorf("full: %+v", p)
	}
}

// The weakest cell ends a discharge, but a wild report of it does not take the
// pack away.
func TestWeakestCell(t *testing.T) {
	stored := func(spread si.Ratio) si.WattHours {
		o := newOracle(t, bess.NMC, 0.5)
		o.hurt = func(v *bess.PackView) { v.SoCLow.Value = v.SoC.Value - spread }
		o.tick()
		return o.out.Packs[0].Stored
	}
	if a, b := stored(0), stored(0.08); b > si.Mul(a, 0.87) || b < si.Mul(a, 0.75) {
		t.Errorf("%v with even cells, %v with one 8 %% lower", a, b)
	}
	if b := stored(0.9); b <= 0 {
		t.Errorf("a wild spread leaves %v", b)
	}
}

// Whatever is read, no limit is negative, no number or above the type's, and
// data that is missing never widens one.
func TestNeverWider(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wild := rapid.OneOf(rapid.Float64Range(-1, 2), rapid.Float64Range(-500, 500), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300}))
		x := [13]float64{}
		for i := range x {
			x[i] = wild.Draw(t, "reading")
		}
		missing := rapid.IntRange(0, 1<<13-1).Draw(t, "missing")
		hurt := func(missing int) func(v *bess.PackView) {
			return func(v *bess.PackView) {
				v.Volts.Value, v.Current.Value = si.Volts(x[0]), si.Amps(x[1])
				v.SoC.Value, v.SoCLow.Value, v.SoCHigh.Value = si.Ratio(x[2]), si.Ratio(x[3]), si.Ratio(x[4])
				v.CellHigh.Value, v.CellLow.Value = si.Volts(x[5]), si.Volts(x[6])
				v.Hot.Value, v.Cold.Value = si.Celsius(x[7]), si.Celsius(x[8])
				v.Discharge.Value, v.Charge.Value = si.Watts(x[9]), si.Watts(x[10])
				v.SoH.Value = si.Ratio(x[11])
				for i, q := range []*bess.Quality{&v.Volts.Quality, &v.Current.Quality, &v.CellHigh.Quality, &v.CellLow.Quality, &v.Hot.Quality, &v.Cold.Quality} {
					if missing>>i&1 == 1 {
						*q = bess.Missing
					}
				}
			}
		}
		with, without := newOracle(t, bess.NMC, 0.5), newOracle(t, bess.NMC, 0.5)
		for range 30 {
			with.tick()
			without.tick()
		}
		with.hurt, without.hurt = hurt(0), hurt(missing)
		for range 5 {
			with.tick()
			without.tick()
			l := &without.u.Packs[0].Type.Limits
			a, b := &with.out.Packs[0].Envelope, &without.out.Packs[0].Envelope
			for _, c := range []struct{ got, had, most si.Watts }{
				{b.Discharge.Power, a.Discharge.Power, l.Discharge}, {b.Charge.Power, a.Charge.Power, l.Charge},
			} {
				if !(c.got >= 0) || c.got > c.most || c.got > c.had {
					t.Fatalf("%v allowed of %v, %v with all data", float64(c.got), float64(c.most), float64(c.had))
				}
			}
			e := &without.out.Packs[0]
			if !(e.SoC >= 0 && e.SoC <= 1) || !(e.SoCSigma >= 0 && e.SoCSigma <= 0.5) || !(e.Stored >= 0) || !(e.Room >= 0) {
				t.Fatalf("%+v", *e)
			}
		}
	})
}

// A station may go on telling what it drew before the supply was lost. What the
// packs measurably give bounds what is said of the time left.
func TestTimeLeftByMeter(t *testing.T) {
	o := newOracle(t, bess.NMC, 0.6)
	o.u.Outlets = []bess.Outlet{{Kind: bess.Rapid, Rated: 150e3}}
	o.snap = bess.NewSnapshot(o.u)
	o.stages.Packs[0] = bess.PackJoined
	for range 20 * 60 {
		o.snap.Outlets[0].Power = bess.Of(si.Watts(-150e3), o.snap.Now+100)
		o.snap.Converters[0].Power = bess.Of(si.Watts(14e3), o.snap.Now+100)
		o.tick()
	}
	u := &o.out.Unit
	if want := u.Deliverable.At(14e3); math.Abs(float64(u.ToEmpty/want)-1) > 0.03 {
		t.Errorf("empty in %v, expected %v", u.ToEmpty, want)
	}
}

// How long it lasts: a known store at a known load, with its band around it.
func TestTimeLeft(t *testing.T) {
	o := newOracle(t, bess.NMC, 0.6)
	o.u.Feeders = []bess.Feeder{{Kind: bess.Grid}}
	o.u.Circuits = []bess.Circuit{{}}
	o.snap = bess.NewSnapshot(o.u)
	load := func(l, s si.Watts) {
		for range 20 * 600 {
			o.snap.Circuits[0].Power = bess.Of(-l, o.snap.Now+100)
			o.snap.Feeders[0].Power = bess.Of(s, o.snap.Now+100)
			o.tick()
		}
	}
	load(2000, 0)
	u := &o.out.Unit
	if want := u.Deliverable.At(2000); math.Abs(float64(u.ToEmpty/want)-1) > 0.03 || u.ToFull != 0 {
		t.Errorf("empty in %v s, expected %v", u.ToEmpty, want)
	}
	if u.ToEmptyBand[0] >= u.ToEmpty || u.ToEmptyBand[1] <= u.ToEmpty {
		t.Errorf("%v is not within %v", u.ToEmpty, u.ToEmptyBand)
	}
	load(0, 3000)
	if u.ToEmpty != 0 || u.ToFull <= (u.FullToday-u.Stored).At(3000) || u.ToFullBand[0] >= u.ToFullBand[1] {
		t.Errorf("full in %v s, band %v", u.ToFull, u.ToFullBand)
	}
	o.snap.Circuits[0].Power = bess.Of(si.Watts(math.NaN()), o.snap.Now+100)
	o.tick()
	if !si.Finite(u.Load) || !si.Finite(u.Supply) {
		t.Errorf("load %v, supply %v", u.Load, u.Supply)
	}
}

func TestUpdateAllocatesNothing(t *testing.T) {
	o := newOracle(t, bess.NMC, 0.6)
	if n := testing.AllocsPerRun(100, o.tick); n != 0 {
		t.Errorf("a tick allocates %v times", n)
	}
}

func BenchmarkUpdate(b *testing.B) {
	o := newOracle(b, bess.NMC, 0.6)
	for b.Loop() {
		o.snap.Now += 100
		for i := range o.snap.Packs {
			v := &o.snap.Packs[i]
			v.Volts.At = o.snap.Now
		}
		o.tick()
	}
}
