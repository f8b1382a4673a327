package guard

import (
	"testing"

	"reprise/bess"
	"reprise/wire/can"
)

// shelf is a judge over one pack, with an image in which all is well.
type shelf struct {
	judge *Judge
	image *Image
	now   bess.Instant
}

func testLimits() *Limits {
	l := &Limits{Unit: "test", Packs: []string{"Pack 1"}}
	for s := Volts; s < Reset; s++ {
		subject := 1
		if s >= EmergencyStop {
			subject = 0
		}
		l.Reads = append(l.Reads, Read{Subject: subject, Signal: s, Channel: subject, Frame: 0x100 + ID(s), Bytes: 8, Field: Field{Bits: 16, Signed: true}, Scale: 0.01, Age: 2000})
	}
	for kind, r := range []Row{
		{Limit: 4.32, For: 3000}, {Limit: 2.5, For: 5000}, {Limit: 61, For: 3000}, {Limit: -2, With: 10, For: 10000}, {Limit: 410, For: 3000}, {Limit: 200, For: 5000},
		{Limit: 250, For: 5000}, {Limit: 20, For: 5000}, {Limit: 0.2, With: 100, For: 10000}, {Limit: 1, With: 5, For: 1000}, {Limit: 1, For: 15000},
		{Limit: 37500, For: 5000}, {Limit: 1, For: 2000},
	} {
		r.Kind = Kind(kind)
		if r.Kind < LeakLow {
			r.Subject = 1
		}
		l.Rows = append(l.Rows, r)
	}
	return l
}

func newShelf() *shelf {
	l := testLimits()
	return &shelf{judge: NewJudge(l), image: NewImage(l), now: 1000}
}

// well is a pack in use at rest.
func well() map[Signal]float64 {
	return map[Signal]float64{
		Volts: 365, Current: 20, CellHigh: 3.66, CellLow: 3.64, Hot: 25, Cold: 22, Closed: 1, Ordered: 1,
		EmergencyStop: 0, HVIL: 0, Smoke: 0, Coils: 1, Insulation: 1e6,
	}
}

// pass is one pass of the loop with these readings; Current wavers, as a measured one does.
func (s *shelf) pass(told map[Signal]float64) Verdict {
	s.now += 50
	for signal, x := range told {
		subject := 1
		if signal >= EmergencyStop {
			subject = 0
		}
		s.image.Of[subject][signal].Set(x, s.now)
	}
	s.image.Unit.Good, s.image.Unit.Sound = s.now, true
	return s.judge.Look(s.image, s.now)
}

// wavering is what is told, with a current that moves a little.
func (s *shelf) wavering(told map[Signal]float64) Verdict {
	if x, ok := told[Current]; ok {
		told[Current] = x + 0.1 - float64(s.now/50%2)*0.2
	}
	v := s.pass(told)
	return v
}

func TestEveryKindTripsInItsTime(t *testing.T) {
	for _, c := range []struct {
		kind    Kind
		wrong   map[Signal]float64
		silence Signal // not told any more; Ordered: nothing
		after   bess.Span
		still   bool // nothing wavers
	}{
		{kind: CellOver, wrong: map[Signal]float64{CellHigh: 4.33}, after: 3000},
		{kind: CellUnder, wrong: map[Signal]float64{CellLow: 2.49}, after: 5000},
		{kind: TooHot, wrong: map[Signal]float64{Hot: 61.5}, after: 3000},
		{kind: ColdCharge, wrong: map[Signal]float64{Cold: -2.5, Current: -12}, after: 10000},
		{kind: OverVolts, wrong: map[Signal]float64{Volts: 411, CellHigh: 4.2}, after: 3000},
		{kind: OverCharge, wrong: map[Signal]float64{Current: -201}, after: 5000},
		{kind: OverDischarge, wrong: map[Signal]float64{Current: 251}, after: 5000},
		{kind: FlowsThoughOpen, wrong: map[Signal]float64{Ordered: 0, Closed: 0, Current: 25}, after: 6050},
		{kind: Implausible, wrong: map[Signal]float64{Volts: 390}, after: 10000},
		{kind: Frozen, wrong: map[Signal]float64{Current: 100}, after: 1000 + 1100 + 36000, still: true},
		{kind: Silent, silence: Cold, after: 15000 + 2000},
		{kind: LeakLow, wrong: map[Signal]float64{Insulation: 30000}, after: 5000},
		{kind: LoopIgnored, wrong: map[Signal]float64{EmergencyStop: 1}, after: 2000},
	} {
		t.Run(c.kind.String(), func(t *testing.T) {
			s := newShelf()
			for range 100 {
				if v := s.wavering(well()); v.Withhold {
					t.Fatalf("withholds although all is well: %+v", v)
				}
			}
			begun := s.now
			for {
				told := well()
				for signal, x := range c.wrong {
					told[signal] = x
				}
				if c.silence > Volts {
					delete(told, c.silence)
				}
				pass := s.wavering
				if c.still {
					pass = s.pass
				}
				v := pass(told)
				if took := s.now.Since(begun); v.Tripped {
					if v.Cause != c.kind || took < c.after || took > c.after+150 {
						t.Errorf("tripped by %v after %v ms, want %v after %v ms", v.Cause, took, c.kind, c.after)
					}
					break
				} else if took > c.after+1000 {
					t.Fatalf("no trip within %v ms", took)
				}
			}
			for range 200 { // well again, but nobody at the unit
				if v := s.wavering(well()); !v.Tripped {
					t.Fatal("the latch let go by itself")
				}
			}
			s.image.Of[0][Reset].MaxAge = bess.Second
			s.image.Of[0][Reset].Set(1, s.now)
			if v := s.wavering(well()); v.Withhold {
				t.Errorf("after a reset at the unit it still withholds: %+v", v)
			}
		})
	}
}

func TestResetWhileItStandsDoesNotHelp(t *testing.T) {
	s := newShelf()
	hot := well()
	hot[Hot] = 70
	for range 100 {
		s.wavering(hot)
	}
	s.image.Of[0][Reset].MaxAge = bess.Second
	s.image.Of[0][Reset].Set(1, s.now)
	if v := s.wavering(hot); !v.Tripped {
		t.Error("a reset cleared what still stands")
	}
}

// A pack that the controller has taken out in time is not the guard's business.
func TestPackOutOfUse(t *testing.T) {
	s := newShelf()
	out := map[Signal]float64{Volts: 430, Current: 0.3, CellHigh: 4.4, CellLow: 2.2, Hot: 70, Cold: -20, Closed: 0, Ordered: 0}
	for range 2000 {
		if v := s.pass(out); v.Withhold {
			t.Fatalf("withholds for a pack that is out: %+v", v)
		}
	}
	asleep := map[Signal]float64{Ordered: 0}
	for range 2000 {
		if v := s.pass(asleep); v.Withhold {
			t.Fatalf("withholds for a pack that sleeps: %+v", v)
		}
	}
}

// A frozen pack that the controller has opened still tells its old current; that is no current.
func TestFrozenAndOpenedIsNoFlow(t *testing.T) {
	s := newShelf()
	for range 100 {
		s.wavering(well())
	}
	frozen := well()
	frozen[Ordered] = 0
	frozen[Current] = 80
	for range 1000 {
		if v := s.pass(frozen); v.Tripped {
			t.Fatalf("tripped: %+v", v)
		}
	}
}

func TestDisturbances(t *testing.T) {
	s := newShelf()
	if v := s.judge.Look(s.image, s.now); !v.Withhold || v.Cause != Starting {
		t.Errorf("before the controller was heard: %+v", v)
	}
	for range 20 {
		s.wavering(well())
	}
	late := func(gap bess.Span, want bool) {
		t.Helper()
		s.now = s.now.Add(gap)
		if v := s.wavering(well()); v.Withhold != want || want && v.Cause != LoopLate {
			t.Errorf("after a gap of %v ms: %+v", gap, v)
		}
		for range 19 {
			s.wavering(well())
		}
		if v := s.wavering(well()); v.Withhold {
			t.Errorf("a second after a gap it still withholds: %+v", v)
		}
	}
	late(400, false)
	late(500, true)
	late(30000, true)
	good := s.now
	for s.now.Since(good) < 2000 {
		s.now += 50
		if v := s.judge.Look(s.image, s.now); v.Withhold {
			t.Fatalf("%v ms after the controller's last frame: %+v", s.now.Since(good), v)
		}
	}
	s.now += 50
	if v := s.judge.Look(s.image, s.now); v.Cause != UnitWrong || !v.Withhold || v.Tripped {
		t.Errorf("2 s after the controller's last frame: %+v", v)
	}
}

func TestLimitsChangedInMemory(t *testing.T) {
	s := newShelf()
	for range 20 {
		s.wavering(well())
	}
	s.judge.limits.Rows[3].Limit++
	if v := s.wavering(well()); v.Cause != LimitsChanged || !v.Tripped {
		t.Errorf("a changed limit: %+v", v)
	}
	s.judge.limits.Rows[3].Limit--
	s.image.Of[0][Reset].MaxAge = bess.Second
	s.image.Of[0][Reset].Set(1, s.now)
	if v := s.wavering(well()); !v.Tripped {
		t.Error("memory that was wrong once is trusted again")
	}
}

func TestNothingIsAllocated(t *testing.T) {
	l := testLimits()
	ear, judge, voice := NewEar(l), NewJudge(l), &Voice{}
	frame := can.Frame{ID: 0x101, Length: 8}
	question := can.Frame{ID: questionFrame, Length: 8}
	now := bess.Instant(1)
	if n := testing.AllocsPerRun(100, func() {
		now += 50
		frame.Data[0]++
		ear.Hear(1, &frame, now)
		question.Data[0]++
		seal := sealed()
		question.Data[7] = seal.sum(&question)
		ear.Hear(0, &question, now)
		v := judge.Look(ear.Image, now)
		_, _ = voice.Speak(ear.Image, &v, now)
	}); n != 0 {
		t.Errorf("%v allocations a pass", n)
	}
}

func BenchmarkPass(b *testing.B) {
	s := newShelf()
	told := well()
	b.ReportAllocs()
	for b.Loop() {
		s.pass(told)
	}
}
