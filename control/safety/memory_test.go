package safety

import (
	"bytes"
	"encoding/gob"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"reprise/bess"
	"reprise/bess/si"
)

func TestLatchSurvivesARestart(t *testing.T) {
	b := newBench()
	b.hurt = func(b *bench) { b.snap.IO.Inputs[bess.EmergencyStop] = bess.FlagOf(true, b.snap.Now) }
	b.run(bess.Second)
	var file bytes.Buffer
	type checkpoint struct{ Safety State }
	if err := gob.NewEncoder(&file).Encode(&checkpoint{b.state}); err != nil {
		t.Fatal(err)
	}
	after := checkpoint{New(b.u)}
	if err := gob.NewDecoder(&file).Decode(&after); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(after.Safety.AppendHash(nil), b.state.AppendHash(nil)) {
		t.Fatal("the state read back is another one")
	}
	b.state, b.hurt = after.Safety, nil
	b.snap.Now = 0 // the monotonic clock begins anew
	b.run(5 * bess.Minute)
	a, ok := b.alarm(emergencyStop, 0)
	if !ok || !a.Latched || a.Acting || b.verdict.HoldIn || b.verdict.Unit.Level != bess.LevelOpenAll {
		t.Fatalf("after the restart: alarm %+v, unit %+v, hold-in %v", a, b.verdict.Unit, b.verdict.HoldIn)
	}
	r, _ := Describe(emergencyStop)
	if why := b.reset(&r, 0, bess.SourceOperator); why != bess.RefusedNot {
		t.Fatalf("reset: %v", why.Sentence())
	}
	b.tick()
	if len(b.verdict.Alarms) != 0 || !b.verdict.HoldIn {
		t.Errorf("after the reset: %+v", b.verdict.Alarms)
	}
}

func TestUnreadableCheckpoint(t *testing.T) {
	b := newBench()
	b.hurt = func(b *bench) { b.snap.IO.Inputs[bess.Smoke] = bess.FlagOf(true, b.snap.Now) }
	b.run(bess.Second)
	good, _ := b.state.MarshalBinary()
	for n := range good {
		s := New(b.u)
		if err := s.UnmarshalBinary(good[:n]); err == nil {
			t.Fatalf("a checkpoint cut to %d of %d bytes reads as whole", n, len(good))
		}
	}
	var none State
	if none.UnmarshalBinary(good) == nil {
		t.Error("a state without a unit read a checkpoint")
	}
	unknown := bytes.Clone(good)
	copy(unknown[bytes.LastIndex(good, []byte{byte(smoke & 0xff), byte(smoke >> 8)}):], []byte{0xff, 0xff})
	s := New(b.u)
	if s.UnmarshalBinary(unknown) == nil {
		t.Error("a latch of an unknown rule was forgotten in silence")
	}
}

func FuzzUnmarshal(f *testing.F) {
	b := newBench()
	b.run(bess.Second)
	seed, _ := b.state.MarshalBinary()
	f.Add(seed)
	f.Add(seed[:40])
	f.Add([]byte{})
	f.Fuzz(func(_ *testing.T, data []byte) {
		s := New(b.u)
		_ = s.UnmarshalBinary(data)
	})
}

func TestSameInputsSameVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := newBench(), newBench()
		for range rapid.IntRange(1, 30).Draw(t, "ticks") {
			c := rapid.SampledFrom(cases()).Draw(t, "row")
			x := drawNumber(t)
			hurt := func(b *bench) { c.set(b, x) }
			a.hurt, b.hurt = hurt, hurt
			a.tick()
			b.tick()
			if !reflect.DeepEqual(a.verdict, b.verdict) || !bytes.Equal(a.state.AppendHash(nil), b.state.AppendHash(nil)) {
				t.Fatal("two runs differ")
			}
			copied := New(a.u)
			copied.CopyFrom(&a.state)
			if !bytes.Equal(copied.AppendHash(nil), a.state.AppendHash(nil)) {
				t.Fatal("a copy differs")
			}
		}
	})
}

// levels are the rulings that a whole unit ends with.
func (b *bench) levels() []bess.Level {
	all := []bess.Level{b.verdict.Unit.Level, b.verdict.Inverter.Level}
	for _, list := range [][]bess.Ruling{b.verdict.Packs, b.verdict.Converters, b.verdict.Feeders, b.verdict.Circuits, b.verdict.Outlets} {
		for _, r := range list {
			all = append(all, r.Level)
		}
	}
	return all
}

// TestMissingIsNotSaferThanBad lets a reading go bad and then missing: nothing
// is held less than while it was bad.
func TestMissingIsNotSaferThanBad(t *testing.T) {
	for _, c := range cases() {
		r, _ := Describe(c.id)
		bad := 1.0
		if r.Bound != "yes" {
			bad = newBench().limit(c.id, c.subject) * 1.2
			if !r.Above {
				bad = newBench().limit(c.id, c.subject) - 30
			}
		}
		b := newBench()
		if c.prep != nil {
			c.prep(b)
		}
		b.hurt = func(b *bench) { c.set(b, bad) }
		b.run(2*r.Qualify + bess.Second)
		was := b.levels()
		b.hurt = func(b *bench) {
			c.set(b, bad)
			b.forget(r.Subject, c.subject)
		}
		b.run(bess.Minute)
		for i, level := range b.levels() {
			if level < was[i] && was[i] >= bess.LevelStop && r.Qualify < bess.Minute && !b.acting(c.id, c.subject) && !stateful(c.id) {
				t.Errorf("%s: held at %v while bad, at %v once missing", r.Name, was[i], level)
				break
			}
		}
	}
}

// stateful are rows on stages and orders, which have no reading to lose.
func stateful(id bess.RuleID) bool {
	switch id {
	case packPrecharge, packSilentStop, packSilentOpen, packUnheard, generatorFailed, feederUnchecked:
		return true
	}
	return false
}

// forget makes everything missing that a part reports.
func (b *bench) forget(kind bess.SubjectKind, i int) {
	switch kind {
	case bess.OfPack:
		b.snap.Packs[i] = bess.PackView{Identity: bess.Confirmed}
	case bess.OfConverter:
		b.snap.Converters[i] = bess.ConverterView{}
	case bess.OfInverter:
		b.snap.Inverter = bess.InverterView{}
	case bess.OfFeeder:
		b.snap.Feeders[i] = bess.FeederView{}
	case bess.OfCircuit:
		b.snap.Circuits[i] = bess.CircuitView{}
	case bess.OfOutlet:
		b.snap.Outlets[i] = bess.OutletView{}
	case bess.OfBus:
		b.snap.Bus = bess.BusView{}
		b.snap.Inverter.DCVolts = bess.Reading[si.Volts]{}
		for k := range b.snap.Converters {
			b.snap.Converters[k].BusVolts = bess.Reading[si.Volts]{}
		}
	default:
		b.snap.IO = bess.IOView{}
	}
}

// TestSilenceEndsOpen: from a healthy unit, each part that falls silent ends
// as hard as it would if it were faulty.
func TestSilenceEndsOpen(t *testing.T) {
	for _, c := range []struct {
		kind bess.SubjectKind
		get  func(v *bess.Verdict) bess.Level
		want bess.Level
	}{
		{bess.OfPack, func(v *bess.Verdict) bess.Level { return v.Packs[0].Level }, bess.LevelOpen},
		{bess.OfConverter, func(v *bess.Verdict) bess.Level { return v.Packs[0].Level }, bess.LevelOpen},
		{bess.OfInverter, func(v *bess.Verdict) bess.Level { return v.Inverter.Level }, bess.LevelStop},
		{bess.OfFeeder, func(v *bess.Verdict) bess.Level { return v.Feeders[0].Level }, bess.LevelOpen},
		{bess.OfBus, func(v *bess.Verdict) bess.Level { return v.Unit.Level }, bess.LevelOpenAll}, // insulation unknown
		{bess.OfIO, func(v *bess.Verdict) bess.Level { return v.Unit.Level }, bess.LevelOpenAll},
	} {
		b := newBench()
		b.run(2 * bess.Second)
		b.hurt = func(b *bench) { b.forget(c.kind, 0) }
		b.run(6 * bess.Minute)
		if got := c.get(&b.verdict); got < c.want {
			t.Errorf("a silent %v is held at %v, want %v", c.kind, got, c.want)
		}
		b.hurt = nil
		b.run(2 * bess.Minute)
		for _, a := range b.verdict.Alarms {
			t.Errorf("a %v that is back still has alarm %+v: silence must not latch", c.kind, a)
		}
	}
}

func TestNothingAtPowerUp(t *testing.T) {
	b := newBench()
	b.stages = bess.NewStages(b.u)
	b.ordered.Clear()
	b.hurt = func(b *bench) {
		now := b.snap.Now
		b.snap = bess.NewSnapshot(b.u)
		b.snap.Now, b.snap.Civil.Trust = now, bess.TrustHigh
		if now > 3000 { // the I/O module comes first
			b.snap.IO.Alive = bess.Of(si.Ratio(1), now)
		}
	}
	b.run(10 * bess.Minute)
	for _, a := range b.verdict.Alarms {
		r, _ := Describe(a.Rule)
		t.Errorf("a resting unit that hears nothing raises %s", r.Name)
	}
}

func TestNaNIsUnknown(t *testing.T) {
	b := newBench()
	b.hurt = func(b *bench) { b.snap.Packs[1].Hot = bess.Of(si.Celsius(math.NaN()), b.snap.Now) }
	b.run(15 * bess.Second)
	if b.verdict.Packs[1].Level != bess.LevelOpen {
		t.Errorf("a pack whose temperature is not a number is held at %v", b.verdict.Packs[1].Level)
	}
}

func TestStopFromAScreen(t *testing.T) {
	b := newBench()
	b.tick(bess.Request{ID: 7, By: bess.SourceDriver, Verb: bess.EmergencyStopWanted, Expires: bess.Forever})
	if !b.desk.Answers[0].Granted || b.verdict.Unit.Level != bess.LevelOpenAll || b.verdict.HoldIn {
		t.Fatalf("answer %+v, unit %+v", b.desk.Answers[0], b.verdict.Unit)
	}
	b.run(10 * bess.Minute)
	if b.verdict.Unit.Level != bess.LevelOpenAll {
		t.Error("the stop ended by itself")
	}
	for _, part := range b.levels()[1:] {
		if part < bess.LevelOpen {
			t.Error("a part is not held open")
			break
		}
	}
}

func TestAlarmsAreOrderedAndBounded(t *testing.T) {
	b := newBench()
	b.hurt = func(b *bench) {
		now := b.snap.Now
		for i := range b.snap.Packs {
			p := &b.snap.Packs[i]
			p.Hot, p.CellHigh, p.CellLow = bess.Of(si.Celsius(90), now), bess.Of(si.Volts(4.5), now), bess.Of(si.Volts(2), now)
			p.OpenNow, p.OpenSoon, p.DerateWanted = bess.FlagOf(true, now), bess.FlagOf(true, now), bess.FlagOf(true, now)
		}
		b.snap.IO.Inputs[bess.Smoke] = bess.FlagOf(true, now)
	}
	b.run(bess.Minute)
	alarms := b.verdict.Alarms
	if len(alarms) != MaxAlarms || alarms[0].Rule != smoke || alarms[MaxAlarms-1].Rule != alarmsOverflow || alarms[MaxAlarms-1].Value < 2 {
		t.Fatalf("%d alarms, first %+v, last %+v", len(alarms), alarms[0], alarms[len(alarms)-1])
	}
	for i := 1; i < len(alarms); i++ {
		if alarms[i].Level > alarms[i-1].Level {
			t.Fatal("alarms are not ordered by level")
		}
	}
}

func TestSleepingPackMayBeReset(t *testing.T) {
	for _, c := range []struct {
		name string
		rule bess.RuleID
		hurt func(*bess.PackView, bess.Instant)
		want bess.Refusal
	}{
		{"a cell too high", cellHighOpen, func(p *bess.PackView, now bess.Instant) { p.CellHigh = bess.Of(si.Volts(4.5), now) }, bess.RefusedNot},
		{"heat, whose pack is kept awake", packTemperatureTrip, func(p *bess.PackView, now bess.Instant) { p.Hot = bess.Of(si.Celsius(60), now) }, bess.RefusedLatched},
	} {
		b := newBench()
		b.hurt = func(b *bench) { c.hurt(&b.snap.Packs[0], b.snap.Now) }
		b.run(2 * bess.Second)
		b.stages.Packs[0] = bess.PackOpen
		b.hurt = func(b *bench) { b.forget(bess.OfPack, 0) }
		b.run(bess.Minute)
		r, _ := Describe(c.rule)
		if hot := b.verdict.Hot[0]; hot != r.heat() {
			t.Errorf("%s: hot is %v", c.name, hot)
		}
		if why := b.reset(&r, 0, bess.SourceFleet); why != bess.RefusedLatched {
			t.Errorf("%s: a remote reset of what nobody can see: %v", c.name, why)
		}
		if why := b.reset(&r, 0, bess.SourceOperator); why != c.want {
			t.Errorf("%s: the operator's reset of a sleeping pack: %v", c.name, why)
		}
	}
}
