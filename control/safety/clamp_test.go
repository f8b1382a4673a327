package safety

import (
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"reprise/bess"
	"reprise/bess/si"
)

// number draws ordinary, odd and impossible values.
func drawNumber(t *rapid.T) float64 {
	return rapid.OneOf(rapid.Float64Range(-2e5, 2e5), rapid.SampledFrom([]float64{0, math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 1e300})).Draw(t, "x")
}

func drawLease(t *rapid.T, now bess.Instant) bess.Lease {
	return bess.Lease{
		By:    bess.Source(rapid.IntRange(0, int(bess.SourceSafety)).Draw(t, "by")),
		Until: now + bess.Instant(rapid.IntRange(-500, 3000).Draw(t, "until")),
	}
}

func drawRuling(t *rapid.T) bess.Ruling {
	return bess.Ruling{Level: bess.Level(rapid.IntRange(0, int(bess.LevelOpenAll)).Draw(t, "level")), Factor: si.Ratio(rapid.Float64Range(-0.5, 1).Draw(t, "factor"))}
}

func drawOrders(t *rapid.T, u *bess.Unit, now bess.Instant) bess.Commands {
	c := bess.NewCommands(u)
	yes := func() bool { return rapid.Bool().Draw(t, "yes") }
	for i := range c.Packs {
		c.Packs[i] = bess.PackCommand{Wake: yes(), Precharge: yes(), Close: yes(), Lease: drawLease(t, now)}
	}
	for i := range c.Converters {
		c.Converters[i] = bess.ConverterCommand{
			Mode: bess.ConverterMode(rapid.IntRange(0, 3).Draw(t, "mode")), Power: si.Watts(drawNumber(t)), Reference: si.Volts(drawNumber(t)),
			Slope: si.Watts(drawNumber(t)), Discharge: si.Watts(drawNumber(t)), Charge: si.Watts(drawNumber(t)), Lease: drawLease(t, now),
		}
	}
	c.Inverter = bess.InverterCommand{
		Mode: bess.InverterMode(rapid.IntRange(0, 2).Draw(t, "mode")), Import: si.Watts(drawNumber(t)), Export: si.Watts(drawNumber(t)),
		Reactive: si.VoltAmps(drawNumber(t)), Volts: si.Volts(drawNumber(t)), Hertz: si.Hertz(drawNumber(t)), Lease: drawLease(t, now),
	}
	for i := range c.Feeders {
		c.Feeders[i] = bess.FeederCommand{Close: yes(), Run: yes(), Limit: si.Watts(drawNumber(t)), Volts: si.Volts(drawNumber(t)), Lease: drawLease(t, now)}
	}
	for i := range c.Circuits {
		c.Circuits[i] = bess.CircuitCommand{Close: yes(), Lease: drawLease(t, now)}
	}
	for i := range c.Outlets {
		c.Outlets[i] = bess.OutletCommand{Enable: yes(), Current: si.Amps(drawNumber(t)), Power: si.Watts(drawNumber(t)), Lease: drawLease(t, now)}
	}
	c.IO = bess.IOCommand{HoldIn: yes(), OutletSupply: yes(), Bond: yes(), Beacon: yes(), Pump: yes(), Fan: yes(), Heater: yes(), Lease: drawLease(t, now)}
	return c
}

type clampWorld struct {
	u       *bess.Unit
	snap    bess.Snapshot
	verdict bess.Verdict
	stages  bess.Stages
	before  bess.Commands
	after   bess.Commands
}

func drawWorld(t *rapid.T) *clampWorld {
	u := reference()
	w := &clampWorld{u: u, snap: bess.NewSnapshot(u), verdict: bess.NewVerdict(u, 4), stages: bess.NewStages(u), after: bess.NewCommands(u)}
	w.snap.Now = 10000
	w.stages.Live = rapid.IntRange(-1, len(u.Feeders)-1).Draw(t, "live")
	for i := range w.stages.Packs {
		w.stages.Packs[i] = bess.PackStage(rapid.IntRange(0, int(bess.PackService)).Draw(t, "stage"))
		w.verdict.Packs[i], w.verdict.NoCharge[i] = drawRuling(t), rapid.Bool().Draw(t, "no charge")
	}
	for i := range w.verdict.Converters {
		w.verdict.Converters[i] = drawRuling(t)
	}
	for i := range w.verdict.Feeders {
		w.verdict.Feeders[i] = drawRuling(t)
		w.snap.Feeders[i].Contactor = bess.Flag{
			State: bess.Tri(rapid.IntRange(0, 2).Draw(t, "contactor")), At: bess.Instant(rapid.IntRange(5000, 10000).Draw(t, "at")),
		}
	}
	for i := range w.verdict.Circuits {
		w.verdict.Circuits[i] = drawRuling(t)
	}
	for i := range w.verdict.Outlets {
		w.verdict.Outlets[i] = drawRuling(t)
	}
	w.verdict.Unit, w.verdict.Inverter, w.verdict.HoldIn = drawRuling(t), drawRuling(t), rapid.Bool().Draw(t, "hold-in")
	w.before = drawOrders(t, u, w.snap.Now)
	w.after.CopyFrom(&w.before)
	Clamp(u, &w.snap, &w.verdict, &w.stages, &w.after)
	return w
}

func TestClampTwiceIsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		again := bess.NewCommands(w.u)
		again.CopyFrom(&w.after)
		Clamp(w.u, &w.snap, &w.verdict, &w.stages, &again)
		if !reflect.DeepEqual(again, w.after) {
			t.Fatalf("twice:\n%+v\nonce:\n%+v", again, w.after)
		}
	})
}

func TestClampOnlyTakesAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		lower := func(what string, after, before float64) {
			if !si.Finite(si.Watts(after)) || math.Abs(after) > math.Abs(before) && !math.IsNaN(before) {
				t.Fatalf("%s: %v became %v", what, before, after)
			}
		}
		never := func(what string, after, before bool) {
			if after && !before {
				t.Fatalf("%s was switched on", what)
			}
		}
		a, b := &w.after, &w.before
		for i := range a.Packs {
			never("pack precharge", a.Packs[i].Precharge, b.Packs[i].Precharge)
			never("pack", a.Packs[i].Close, b.Packs[i].Close)
		}
		for i := range a.Converters {
			x, y := &a.Converters[i], &b.Converters[i]
			lower("converter power", float64(x.Power), float64(y.Power))
			lower("converter discharge", float64(x.Discharge), float64(y.Discharge))
			lower("converter charge", float64(x.Charge), float64(y.Charge))
			lower("converter reference", float64(x.Reference), float64(y.Reference))
			if x.Mode != y.Mode && x.Mode != bess.ConverterOff {
				t.Fatal("a converter's mode was changed to another than off")
			}
		}
		lower("import", float64(a.Inverter.Import), float64(b.Inverter.Import))
		lower("export", float64(a.Inverter.Export), float64(b.Inverter.Export))
		for i := range a.Feeders {
			never("supply", a.Feeders[i].Close, b.Feeders[i].Close)
			never("generator", a.Feeders[i].Run, b.Feeders[i].Run)
			lower("supply limit", float64(a.Feeders[i].Limit), float64(b.Feeders[i].Limit))
		}
		for i := range a.Circuits {
			never("circuit", a.Circuits[i].Close, b.Circuits[i].Close)
		}
		for i := range a.Outlets {
			never("outlet", a.Outlets[i].Enable, b.Outlets[i].Enable)
			lower("outlet current", float64(a.Outlets[i].Current), float64(b.Outlets[i].Current))
			lower("outlet power", float64(a.Outlets[i].Power), float64(b.Outlets[i].Power))
		}
		never("hold-in", a.IO.HoldIn, b.IO.HoldIn)
		never("outlet supply", a.IO.OutletSupply, b.IO.OutletSupply)
		never("bond", a.IO.Bond, b.IO.Bond)
		if a.IO.Pump != b.IO.Pump || a.IO.Fan != b.IO.Fan {
			t.Fatal("cooling was touched")
		}
	})
}

func TestClampObeysTheVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		c, v := &w.after, &w.verdict
		all := v.Unit.Level >= bess.LevelOpenAll
		for i := range c.Packs {
			if (all || v.Packs[i].Level >= bess.LevelOpen) && (c.Packs[i].Precharge || c.Packs[i].Close && w.stages.Packs[i] != bess.PackLeaving) {
				t.Fatalf("pack %d is closed against its ruling", i)
			}
			if w.stages.Packs[i] == bess.PackLeaving && c.Packs[i].Close != w.before.Packs[i].Close {
				t.Fatalf("pack %d was torn open while leaving", i)
			}
		}
		for i := range c.Converters {
			stopped := v.Unit.Level >= bess.LevelStop || v.Packs[i].Level >= bess.LevelStop || v.Converters[i].Level >= bess.LevelStop
			if stopped && c.Converters[i] != (bess.ConverterCommand{}) || v.NoCharge[i] && (c.Converters[i].Charge > 0 || c.Converters[i].Power < 0) {
				t.Fatalf("converter %d works against its ruling: %+v", i, c.Converters[i])
			}
		}
		if all && (c.Inverter != (bess.InverterCommand{}) || c.IO.HoldIn || c.IO.Bond) {
			t.Fatal("open all left something on")
		}
		sources := 0
		for i := range c.Feeders {
			closed := c.Feeders[i].Close
			if closed && (all || v.Feeders[i].Level >= bess.LevelOpen) {
				t.Fatalf("supply %d is closed against its ruling", i)
			}
			if closed && w.u.Feeders[i].Carries() {
				sources++
			}
			if contactor := w.snap.Feeders[i].Contactor; c.Inverter.Mode == bess.InverterForm && w.u.Feeders[i].Carries() &&
				(contactor.State == bess.Yes || contactor.State == bess.No && w.snap.Now.Since(contactor.At) > formAge) {
				t.Fatalf("the inverter forms on supply %d, which is not proven open", i)
			}
		}
		if c.Inverter.Mode == bess.InverterForm {
			sources++
		}
		if sources > 1 || sources == 1 && c.Inverter.Mode != bess.InverterForm && c.IO.Bond {
			t.Fatalf("%d sources on the AC bus, bond %v", sources, c.IO.Bond)
		}
		for i := range c.Outlets {
			if o := &c.Outlets[i]; v.Outlets[i].Level >= bess.LevelStop && (o.Current != 0 || o.Power != 0) || v.Outlets[i].Level >= bess.LevelOpen && o.Enable {
				t.Fatalf("outlet %d draws against its ruling", i)
			}
		}
	})
}

func TestClampHoldsEndedLeases(t *testing.T) {
	u := reference()
	snap, v, stages, c := bess.NewSnapshot(u), bess.NewVerdict(u, 0), bess.NewStages(u), bess.NewCommands(u)
	snap.Now, v.HoldIn = 1000, true
	gone := bess.Lease{By: bess.SourceSequence, Until: 999}
	c.Packs[0] = bess.PackCommand{Close: true, Lease: gone}
	c.Outlets[0] = bess.OutletCommand{Enable: true, Current: 32, Lease: gone}
	c.IO = bess.IOCommand{HoldIn: true, OutletSupply: true, Pump: true, Fan: true, Lease: gone}
	Clamp(u, &snap, &v, &stages, &c)
	if c.Packs[0].Close || c.Outlets[0].Current != 6 || c.IO.HoldIn || c.IO.OutletSupply || !c.IO.Pump || !c.IO.Fan {
		t.Errorf("ended leases left %+v, %+v, %+v", c.Packs[0], c.Outlets[0], c.IO)
	}
}
