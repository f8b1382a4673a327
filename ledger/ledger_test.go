package ledger

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"reprise/bess"
	"reprise/bess/si"
)

// small is a unit with one of each account, and two packs.
func small() *bess.Unit {
	return &bess.Unit{
		Packs:      []bess.Pack{{Type: bess.PackType{Energy: 30e3}}, {Type: bess.PackType{Energy: 30e3}}},
		Converters: []bess.Converter{{Pack: 0, Rated: 25e3}, {Pack: 1, Rated: 25e3}},
		Inverter:   bess.Inverter{Rated: 50e3, Loss: bess.LossCurve{A: 0.01, B: 0.01, C: 0.004}},
		Feeders:    []bess.Feeder{{Name: "Grid", Kind: bess.Grid}, {Name: "Solar", Kind: bess.Solar}, {Name: "Set", Kind: bess.Generator}},
		Circuits:   []bess.Circuit{{Name: "Stage"}},
		Outlets:    []bess.Outlet{{Rated: 7400}, {Kind: bess.Rapid, Rated: 50e3}},
	}
}

// bench books what a test puts into the snapshot.
type bench struct {
	u       *bess.Unit
	state   State
	snap    bess.Snapshot
	est     bess.Estimates
	entries []bess.Entry
}

func newBench() *bench {
	u := small()
	b := &bench{u: u, state: New(u), snap: bess.NewSnapshot(u), est: bess.NewEstimates(u)}
	b.snap.Civil.UnixMilli = 1_600_000_000_000
	for i := range b.est.Packs {
		b.est.Packs[i] = bess.PackEstimate{Known: true, SoC: 0.5, SoH: 1}
	}
	return b
}

// tick books one tick of 100 ms and keeps copies of what was closed.
func (b *bench) tick() {
	b.snap.Now += 100
	b.snap.Civil.UnixMilli += 100
	for _, e := range b.state.Accrue(b.u, &b.snap, &b.est, nil) {
		e.Legs = append([]bess.Leg(nil), e.Legs...)
		b.entries = append(b.entries, e)
	}
}

func (b *bench) run(t bess.Span, set func()) {
	for end := b.snap.Now.Add(t); b.snap.Now < end; {
		set()
		b.tick()
	}
}

func (b *bench) sum(kind bess.AccountKind, index int) (mWh, mg int64) {
	for i := range b.entries {
		for _, l := range b.entries[i].Legs {
			if l.Kind == kind && l.Index == index {
				mWh, mg = mWh+l.MilliWattHour, mg+l.Milligram
			}
		}
	}
	return mWh, mg
}

// sound checks what must hold of every chain.
func (b *bench) sound(t interface{ Fatalf(string, ...any) }) {
	prev := [32]byte{}
	for i := range b.entries {
		e := &b.entries[i]
		if mWh, mg := Sum(e.Legs); mWh != 0 || mg != 0 {
			t.Fatalf("entry %d sums to %d mWh, %d mg", e.Number, mWh, mg)
		}
		if e.Number != uint64(i+1) || e.Prev != prev || Hash(e) != e.Hash {
			t.Fatalf("entry %d does not hold in its chain", e.Number)
		}
		prev = e.Hash
	}
	for i, mg := range b.state.Stock {
		if mg < 0 {
			t.Fatalf("pack %d holds %d mg", i, mg)
		}
	}
}

func of[T si.Number](b *bench, x T) bess.Reading[T] { return bess.Of(x, b.snap.Now+100) }

// An hour of 3.6 kW from the grid into a circuit is 3600 Wh and its carbon, to
// the milliwatt-hour and the milligram.
func TestAnHourIsExact(t *testing.T) {
	b := newBench()
	b.tick()
	b.run(bess.Hour+bess.Second, func() {
		b.snap.Feeders[0].Power, b.snap.Feeders[0].Intensity = of(b, si.Watts(3600)), of(b, si.GramsPerKWh(200))
		b.snap.Circuits[0].Power = of(b, si.Watts(-3600))
	})
	b.sound(t)
	if len(b.entries) != 12 {
		t.Fatalf("%d entries in an hour", len(b.entries))
	}
	if mWh, mg := b.sum(bess.AccountFeeder, 0); mWh != -3600_000 || mg != -720_000 {
		t.Errorf("the grid gave %d mWh, %d mg", mWh, mg)
	}
	if mWh, mg := b.sum(bess.AccountCircuit, 0); mWh != 3600_000 || mg != 720_000 {
		t.Errorf("the circuit got %d mWh, %d mg", mWh, mg)
	}
	if share := b.state.Totals.UnmeasuredShare(); share != 0 {
		t.Errorf("%v is unmeasured", share)
	}
}

// Where a supply does not tell its carbon: solar has none on site, a generator
// burns diesel, the grid counts as the nation's and is counted as guessed.
func TestUnknownIntensity(t *testing.T) {
	for _, c := range []struct {
		feeder  int
		tells   float64
		factor  si.GramsPerKWh
		guessed bool
	}{
		{0, math.NaN(), NationalFactor, true}, {1, math.NaN(), 0, false}, {2, math.NaN(), GeneratorFactor, false},
		{0, -5, NationalFactor, true}, {0, 1e9, NationalFactor, true}, {0, 0, 0, false},
	} {
		b := newBench()
		b.tick()
		b.run(5*bess.Minute, func() {
			b.snap.Feeders[c.feeder].Power = of(b, si.Watts(12000))
			b.snap.Feeders[c.feeder].Intensity = of(b, si.GramsPerKWh(c.tells))
			b.snap.Circuits[0].Power = of(b, si.Watts(-12000))
		})
		b.sound(t)
		_, mg := b.sum(bess.AccountFeeder, c.feeder)
		if want := float64(c.factor) * 1000; math.Abs(float64(-mg)-want) > 1 {
			t.Errorf("feeder %d told %v: %d mg for a kWh, expected %.0f", c.feeder, c.tells, -mg, want)
		}
		if (b.state.Guessed > 0) != c.guessed {
			t.Errorf("feeder %d told %v: %d mWh guessed", c.feeder, c.tells, b.state.Guessed)
		}
	}
}

// A station's counter is the receipt. One that runs back, leaps or is no number
// is not believed; the power stands for it. Silence does not count twice.
func TestCounters(t *testing.T) {
	for _, c := range []struct {
		name  string
		drawn func(true float64, minute int) (float64, bool)
	}{
		{"true", func(x float64, _ int) (float64, bool) { return x, true }},
		{"none", func(float64, int) (float64, bool) { return 0, false }},
		{"leaps", func(x float64, m int) (float64, bool) { return x + 1e6*float64(m/2), true }},
		{"runs back", func(x float64, m int) (float64, bool) { return x - 5000*float64(m/2), true }},
		{"silent for a while", func(x float64, m int) (float64, bool) { return x, m != 2 }},
		{"no number", func(_ float64, m int) (float64, bool) { return math.NaN(), m%2 == 1 || m == 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench()
			b.tick()
			counted, begin := 0.0, b.snap.Now
			b.run(6*bess.Minute, func() {
				since := b.snap.Now.Since(begin)
				if since < 5*bess.Minute-100 {
					counted += 6000 * 0.1 / 3600
					b.snap.Outlets[0].Power = of(b, si.Watts(-6000))
				} else {
					b.snap.Outlets[0].Power = of(b, si.Watts(0))
				}
				x, ok := c.drawn(counted, int(since/bess.Minute))
				b.snap.Outlets[0].Drawn = bess.Reading[si.WattHours]{}
				if ok {
					b.snap.Outlets[0].Drawn = of(b, si.WattHours(x))
				}
			})
			b.run(5*bess.Minute, func() {})
			b.sound(t)
			if mWh, _ := b.sum(bess.AccountOutlet, 0); math.Abs(float64(mWh)-500e3) > 500e3*0.01 {
				t.Errorf("booked %d mWh of 500 000", mWh)
			}
		})
	}
}

// A visit's receipt is its outlet's legs, to the milliwatt-hour, though it ends
// within a period and the next vehicle comes at once.
func TestVisitsMatchLegs(t *testing.T) {
	b := newBench()
	b.tick()
	var books []VisitBook
	for visit := uint64(1); visit <= 4; visit++ {
		b.snap.Outlets[0].Visit = visit
		b.run(bess.Span(visit)*100*bess.Second, func() {
			b.snap.Feeders[0].Power, b.snap.Feeders[0].Intensity = of(b, si.Watts(7000)), of(b, si.GramsPerKWh(100*float64(visit)))
			b.snap.Outlets[0].Power = of(b, si.Watts(-7000))
		})
		b.snap.Outlets[0].Power = of(b, si.Watts(0))
		b.snap.Outlets[0].Visit = 0
		b.tick()
		books = append(books, b.state.Visits[0])
	}
	b.run(6*bess.Minute, func() {})
	b.sound(t)
	mWh, mg := b.sum(bess.AccountOutlet, 0)
	for i, v := range books {
		if v.Visit != uint64(i+1) || v.MilliWattHour == 0 || v.Milligram == 0 {
			t.Errorf("visit %d: %+v", i+1, v)
		}
		mWh, mg = mWh-v.MilliWattHour, mg-v.Milligram
	}
	if mWh != 0 || mg != 0 {
		t.Errorf("legs and receipts differ by %d mWh, %d mg", mWh, mg)
	}
	ends := 0
	for i := range b.entries {
		if b.entries[i].Note == bess.NoteVisitEnd {
			ends++
		}
	}
	if ends < 3 { // one may fall on the end of a period
		t.Errorf("%d entries close a visit", ends)
	}
}

// A station without transactions does not close an entry at every report.
func TestLateReportsCloseNothing(t *testing.T) {
	b := newBench()
	b.snap.Outlets[0].Visit = 1
	b.tick()
	b.snap.Outlets[0].Visit = 0
	b.run(30*bess.Minute, func() { b.snap.Outlets[0].Power = of(b, si.Watts(-7000)) })
	if len(b.entries) > 7 {
		t.Errorf("%d entries in half an hour", len(b.entries))
	}
}

// Whatever is measured, sums are zero, the chain holds, no stock is negative,
// and the carbon that came is where it went: in stocks, sinks and unmeasured.
func TestAnythingBalances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench()
		power := rapid.OneOf(rapid.Float64Range(-60e3, 60e3), rapid.Just(math.NaN()), rapid.Just(math.Inf(1)), rapid.Just(1e300))
		at := func(name string) bess.Reading[si.Watts] {
			r := of(b, si.Watts(power.Draw(t, name)))
			r.Quality = bess.Quality(rapid.IntRange(0, 2).Draw(t, name+" quality"))
			return r
		}
		b.tick()
		before := b.state.Stock[0] + b.state.Stock[1]
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			for i := range b.snap.Feeders {
				b.snap.Feeders[i].Power = at("feeder")
				b.snap.Feeders[i].Intensity = of(b, si.GramsPerKWh(rapid.Float64Range(-10, 900).Draw(t, "g/kWh")))
			}
			for i := range b.snap.Packs {
				b.snap.Packs[i].Volts = of(b, si.Volts(400))
				b.snap.Packs[i].Current = of(b, si.Amps(float64(at("pack").Value)/400))
				b.snap.Converters[i].Power = at("converter")
				b.est.Packs[i].SoC = si.Ratio(rapid.Float64Range(0, 1).Draw(t, "soc"))
			}
			b.snap.Circuits[0].Power, b.snap.Outlets[0].Power, b.snap.Inverter.Power = at("circuit"), at("outlet"), at("inverter")
			b.snap.Outlets[1].Drawn = of(b, si.WattHours(at("drawn").Value))
			b.snap.Outlets[1].Visit = uint64(rapid.IntRange(0, 2).Draw(t, "visit"))
			b.snap.Now = max(0, b.snap.Now+bess.Instant(rapid.IntRange(-500, 2000).Draw(t, "skip")))
			b.snap.Civil.UnixMilli += int64(rapid.IntRange(-400_000, 400_000).Draw(t, "clock"))
			for range 5 {
				b.tick()
			}
		}
		b.sound(t)
		after := b.state.Stock[0] + b.state.Stock[1]
		from, to := int64(0), int64(0)
		for i := range b.entries {
			for _, l := range b.entries[i].Legs {
				switch l.Kind {
				case bess.AccountFeeder:
					from -= l.Milligram
				case bess.AccountPack:
				default:
					to += l.Milligram
				}
			}
		}
		if before+from != after+to {
			t.Fatalf("%d mg were there and %d came, %d went and %d are left", before, from, to, after)
		}
	})
}

// A chain goes on from what the store holds.
func TestResume(t *testing.T) {
	b := newBench()
	b.run(6*bess.Minute, func() { b.snap.Circuits[0].Power = of(b, si.Watts(-100)) })
	last := b.entries[len(b.entries)-1]
	again := New(b.u)
	again.Resume(last.Number, last.Hash)
	b.state = again
	b.run(6*bess.Minute, func() { b.snap.Circuits[0].Power = of(b, si.Watts(-100)) })
	b.sound(t)
}

func TestAccrueAllocatesNothing(t *testing.T) {
	b := newBench()
	entries := make([]bess.Entry, 0, 2)
	turn := func() {
		for range 3100 {
			b.snap.Now += 100
			b.snap.Civil.UnixMilli += 100
			b.snap.Feeders[0].Power = bess.Of(si.Watts(5000), b.snap.Now)
			b.snap.Circuits[0].Power = bess.Of(si.Watts(-4900), b.snap.Now)
			entries = b.state.Accrue(b.u, &b.snap, &b.est, entries[:0])
		}
	}
	turn()
	if n := testing.AllocsPerRun(3, turn); n != 0 {
		t.Errorf("five minutes with their entry allocate %v times", n)
	}
}

func BenchmarkAccrue(b *testing.B) {
	k := newBench()
	for b.Loop() {
		k.snap.Now += 100
		k.snap.Civil.UnixMilli += 100
		k.snap.Feeders[0].Power = bess.Of(si.Watts(5000), k.snap.Now)
		k.state.Accrue(k.u, &k.snap, &k.est, nil)
	}
}
