package session

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"reprise/bess"
	"reprise/bess/si"
)

// bench is a unit with three AC outlets and a rapid one, a store and a grid that
// a test sets, and stations that count.
type bench struct {
	u        *bess.Unit
	state    State
	snap     bess.Snapshot
	est      bess.Estimates
	verdict  bess.Verdict
	stages   bess.Stages
	standing bess.Standing
	split    bess.Split
	desk     bess.Desk
	wants    []bess.Want
	takes    [4]si.Watts // what the vehicle there draws of its offer; 0: none
	answers  []bess.Answer
}

// start is 2021-06-14 08:00 UTC.
const start = 1_623_657_600_000

// newBench holds stored Wh behind a grid of the cap (0: island).
func newBench(stored si.WattHours, limit si.Watts) *bench {
	u := &bess.Unit{
		Packs:      []bess.Pack{{Type: bess.PackType{Limits: bess.PackLimits{Charge: 100e3, Discharge: 150e3}}}},
		Converters: []bess.Converter{{Rated: 150e3}},
		Inverter:   bess.Inverter{Rated: 100e3, PhaseVolts: 230},
		Feeders: []bess.Feeder{{Kind: bess.Grid, Cap: limit, Mode: bess.Parallel, Record: bess.SiteRecord{
			Person: "A", Parallel: true, Expires: bess.Forever,
		}}},
		Circuits: []bess.Circuit{{Phases: 3, Limit: 10}},
		Site:     bess.Site{ImportCap: limit, RefillTarget: 1},
	}
	for i := range 4 {
		o := bess.Outlet{Phases: 1, Current: 32, Minimum: 6, Rated: 7360, Lag: 5 * bess.Second}
		if i == 3 {
			o = bess.Outlet{Kind: bess.Rapid, Rated: 100e3, Lag: 5 * bess.Second}
		}
		u.Outlets = append(u.Outlets, o)
	}
	b := &bench{
		u: u, state: New(u), snap: bess.NewSnapshot(u), est: bess.NewEstimates(u), verdict: bess.NewVerdict(u, 4),
		stages: bess.NewStages(u), standing: bess.NewStanding(u), split: bess.NewSplit(u), wants: make([]bess.Want, 4),
	}
	b.state.Settling.Over = true
	b.snap.Civil = bess.Civil{UnixMilli: start, Trust: bess.TrustHigh}
	b.est.Packs[0] = bess.PackEstimate{Known: true, Envelope: bess.Envelope{Discharge: bess.Limit{Power: 150e3}, Charge: bess.Limit{Power: 100e3}}}
	b.est.Unit = bess.UnitEstimate{FullToday: 150e3, Stored: stored, Deliverable: stored}
	b.stages.Service, b.stages.Packs[0] = bess.ServiceOn, bess.PackJoined
	b.stages.Network, b.stages.Live = bess.NetworkIsland, bess.Nobody
	if limit > 0 {
		b.stages.Network, b.stages.Live = bess.NetworkGrid, 0
	}
	return b
}

// tick runs one tick of 100 ms; outlets give what is wanted.
func (b *bench) tick(requests ...bess.Request) {
	b.snap.Now += 100
	b.snap.Civil.UnixMilli += 100
	now := b.snap.Now
	for i := range b.snap.Outlets {
		v := &b.snap.Outlets[i]
		v.Online, v.Plugged = bess.FlagOf(true, now), bess.FlagOf(b.takes[i] != 0, now)
		offer := b.split.Outlets[i].Power
		if b.u.Outlets[i].Kind == bess.AC {
			offer = b.split.Outlets[i].Current.Times(230)
			v.Offered = bess.Of(b.split.Outlets[i].Current, now)
		} else {
			v.OfferedDC = bess.Of(offer, now)
		}
		p := max(0, min(offer, b.takes[i]))
		v.Power = bess.Of(-p, now)
		v.Drawn = bess.Of(v.Drawn.Value+p.For(0.1), now)
		b.est.Unit.Stored = max(0, b.est.Unit.Stored-p.For(0.1))
	}
	b.est.Unit.Deliverable = b.est.Unit.Stored
	b.snap.Circuits[0].Power = bess.Of(si.Watts(0), now)
	b.desk.Open(requests, now)
	b.state.Update(b.u, View{
		Snap: &b.snap, Estimates: &b.est, Verdict: &b.verdict, Stages: &b.stages, Standing: &b.standing, Split: &b.split, Desk: &b.desk,
	}, b.wants)
	b.answers = append(b.answers[:0], b.desk.Answers...)
	for i := range b.wants {
		w, c := &b.wants[i], bess.OutletCommand{}
		if p := min(w.Power, w.Budget); w.Active && p >= w.Least {
			c.Power, c.Current = p, si.Amps(math.Floor(float64(p/230)+1e-6))
		}
		b.split.Outlets[i] = c
	}
}

func (b *bench) run(t bess.Span) {
	for end := b.snap.Now.Add(t); b.snap.Now < end; {
		b.tick()
	}
}

func (b *bench) in(t bess.Span) bess.Civil { return b.snap.Civil.Add(t) }

func (b *bench) need(outlet int, e si.WattHours, until bess.Civil) bess.Request {
	return bess.Request{ID: 1, Expires: bess.Forever, Verb: bess.VisitNeed, Target: outlet, Energy: e, Until: until}
}

func (b *bench) book(outlet int, e si.WattHours, from, until bess.Span) bess.Request {
	return bess.Request{
		ID: 1, Expires: bess.Forever, Verb: bess.Booking, Target: outlet, Energy: e, Number: outlet + 1, From: b.in(from), Until: b.in(until),
	}
}

func (b *bench) granted(t *testing.T, why bess.Refusal) {
	t.Helper()
	if a := b.answers[0]; a.Granted != (why == bess.RefusedNot) || a.Why != why {
		t.Errorf("answered %+v", a)
	}
}

// A need told before the station notices the vehicle waits for it, for ten
// minutes, and not for the one after.
func TestNeedToldEarly(t *testing.T) {
	b := newBench(100e3, 40e3)
	b.tick(b.need(0, 9000, b.in(2*bess.Hour)))
	b.granted(t, bess.RefusedNot)
	b.run(9 * bess.Minute)
	b.takes[0] = 7000
	b.run(bess.Minute)
	if v := b.state.Visits[0]; v.Need != 9000 || !v.Promise.Made || !v.Promise.Full || v.State != bess.VisitCharging {
		t.Errorf("%+v", v)
	}
	b.tick(b.need(1, 9000, b.in(2*bess.Hour)))
	b.run(11 * bess.Minute)
	b.takes[1] = 7000
	b.run(bess.Second)
	if v := b.state.Visits[1]; v.Need != 0 || v.Promise.Made {
		t.Errorf("an old need was taken up: %+v", v)
	}
}

func TestRefusals(t *testing.T) {
	b := newBench(100e3, 40e3)
	for _, c := range []struct {
		name string
		r    bess.Request
		why  bess.Refusal
	}{
		{"no outlet", b.need(7, 1000, b.in(bess.Hour)), bess.RefusedNoTarget},
		{"no number", b.need(0, si.WattHours(math.NaN()), b.in(bess.Hour)), bess.RefusedForbidden},
		{"negative", b.need(0, -1, b.in(bess.Hour)), bess.RefusedForbidden},
		{"past", b.need(0, 1000, b.in(-bess.Hour)), bess.RefusedExpired},
		{"nobody there", bess.Request{ID: 1, Expires: bess.Forever, Verb: bess.VisitEnd}, bess.RefusedNotNow},
		{"booking of nothing", b.book(0, 0, bess.Hour, 2*bess.Hour), bess.RefusedForbidden},
		{"booking backwards", b.book(0, 1000, 2*bess.Hour, bess.Hour), bess.RefusedForbidden},
	} {
		b.tick(c.r)
		if a := b.answers[0]; a.Granted || a.Why != c.why {
			t.Errorf("%s: %+v", c.name, a)
		}
	}
	for n := range MaxBookings + 1 {
		r := b.book(0, 1000, bess.Hour, 2*bess.Hour)
		r.Number = 100 + n
		b.tick(r)
		if b.answers[0].Granted != (n < MaxBookings) {
			t.Errorf("booking %d: %+v", n+1, b.answers[0])
		}
	}
}

// A store that is too small is shared by need, said at once, and kept.
func TestShortStoreIsShared(t *testing.T) {
	b := newBench(20e3, 0)
	b.u.Circuits = nil
	b.snap.Circuits = make([]bess.CircuitView, 1)
	needs := []si.WattHours{20e3, 10e3, 5e3}
	for i, n := range needs {
		b.takes[i] = 7000
		b.tick()
		b.tick(b.need(i, n, b.in(5*bess.Hour)))
	}
	b.run(bess.Minute)
	sum := si.WattHours(0)
	for i, n := range needs {
		p := b.state.Visits[i].Promise
		share := float64(p.Energy) / float64(n)
		if p.Full || p.Why != bess.CauseEnergyBudget || share < 0.45 || share > 0.6 {
			t.Errorf("outlet %d: %.2f of its need: %+v", i+1, share, p)
		}
		sum += p.Energy
	}
	if sum > 20e3 {
		t.Errorf("%v are promised of 20 kWh", sum)
	}
	b.run(5 * bess.Hour)
	for i := range needs {
		if v := &b.state.Visits[i]; v.Promise.Broken || !kept(v) {
			t.Errorf("outlet %d: %+v", i+1, *v)
		}
	}
}

// What was promised to a booking is not given to a vehicle that comes before it
// and tells nothing.
func TestBookingBeatsWalkIn(t *testing.T) {
	b := newBench(45e3, 0)
	b.tick(b.book(3, 40e3, 4*bess.Hour, 5*bess.Hour))
	b.run(bess.Second)
	if p := b.state.Bookings[0].Promise; !p.Made || p.Energy < 30e3 {
		t.Fatalf("%+v", p)
	}
	first := b.state.Bookings[0].Promise.Energy
	b.takes[0] = 7000
	b.run(3*bess.Hour + 50*bess.Minute)
	if d := b.state.Visits[0].Delivered; d > 45e3-first+500 {
		t.Errorf("the walk-in got %v", d)
	}
	if w := b.wants[0]; w.Budget != 0 || w.Why != bess.CauseEnergyBudget {
		t.Errorf("it should wait: %+v", w)
	}
	b.takes[3] = 90e3
	b.run(30 * bess.Minute)
	if v := b.state.Visits[3]; !v.Booked || v.Promise.Broken || v.Delivered < si.Mul(first, 0.9) {
		t.Errorf("%v of %v: %+v", v.Delivered, first, v.Promise)
	}
}

// A fall of the store lowers promises early, with a reason, each change counted
// once; a promise that is missed is called broken at its time.
func TestPromiseFallsAndBreaks(t *testing.T) {
	b := newBench(30e3, 0)
	b.takes[0] = 7000
	b.tick()
	b.tick(b.need(0, 15e3, b.in(3*bess.Hour)))
	b.run(bess.Minute)
	p := &b.state.Visits[0].Promise
	if !p.Full || p.Revision != 1 {
		t.Fatalf("%+v", *p)
	}
	b.est.Unit.Stored = 4e3
	b.run(bess.Minute)
	if p.Full || p.Revision != 2 || p.Why != bess.CauseEnergyBudget || p.Energy > 5e3 || p.First != 15e3 || p.Broken {
		t.Errorf("%+v", *p)
	}
	b.run(10 * bess.Minute)
	revision := p.Revision
	b.est.Unit.Stored = 0
	b.takes[0] = 1 // draws nothing worth naming
	b.snap.Civil.UnixMilli = p.By.UnixMilli - 1000
	b.run(3 * bess.Second)
	if !p.Broken || p.Revision <= revision {
		t.Errorf("%v delivered: %+v", b.state.Visits[0].Delivered, *p)
	}
}

// A vehicle that leaves early, is full early or is ended by its driver breaks
// no promise.
func TestNoPromiseBrokenByTheVehicle(t *testing.T) {
	for name, end := range map[string]func(b *bench){
		"leaves": func(b *bench) { b.takes[0] = 0 },
		"full":   func(b *bench) { b.takes[0] = 1; b.run(4 * bess.Minute) },
		"ended":  func(b *bench) { b.tick(bess.Request{ID: 1, Expires: bess.Forever, Verb: bess.VisitEnd}) },
	} {
		b := newBench(100e3, 40e3)
		b.takes[0] = 7000
		b.tick()
		b.tick(b.need(0, 15e3, b.in(3*bess.Hour)))
		b.run(20 * bess.Minute)
		end(b)
		b.run(5 * bess.Second)
		if v := b.state.Visits[0]; v.Promise.Broken {
			t.Errorf("%s: %+v", name, v)
		}
		if name != "leaves" {
			b.snap.Civil.UnixMilli += int64(3 * bess.Hour)
			b.run(bess.Second)
			if v := b.state.Visits[0]; v.State != bess.VisitDone || v.Promise.Broken || v.Promise.Full {
				t.Errorf("%s: %+v", name, v)
			}
		}
	}
}

// The station's counter may run back, leap or fall silent.
func TestMeters(t *testing.T) {
	for name, hurt := range map[string]func(v *bess.OutletView){
		"runs back": func(v *bess.OutletView) { v.Drawn.Value = 0 },
		"leaps":     func(v *bess.OutletView) { v.Drawn.Value += 1e6 },
	} {
		b := newBench(100e3, 40e3)
		b.takes[0] = 7000
		b.snap.Outlets[0].Drawn.Value = 5000
		b.run(10 * bess.Minute)
		hurt(&b.snap.Outlets[0])
		b.run(10 * bess.Minute)
		if d := b.state.Visits[0].Delivered; math.Abs(float64(d)-7000.0/3) > 30 {
			t.Errorf("%s: %v delivered", name, d)
		}
	}
}

// A vehicle that takes less than it is offered is planned with what it takes.
func TestTakesLess(t *testing.T) {
	b := newBench(100e3, 40e3)
	b.takes[0] = 3000
	b.tick()
	b.tick(b.need(0, 15e3, b.in(2*bess.Hour)))
	b.run(5 * bess.Minute)
	if p := b.state.Visits[0].Promise; p.Full || p.Why != bess.CauseVehicleLimit || p.Energy > 8e3 {
		t.Errorf("%+v", p)
	}
	if w := b.wants[0]; w.Power > 4000 || w.Why != bess.CauseVehicleLimit {
		t.Errorf("%+v", w)
	}
}

// A station that lost its order is ordered nothing for a moment, so that it
// hears the order anew; one that follows late is left alone.
func TestOrderedAgain(t *testing.T) {
	for _, c := range []struct {
		deaf  bess.Span // the station offers 6 A for so long, whatever it is ordered
		pause bool
	}{{0, false}, {5 * bess.Second, false}, {20 * bess.Second, true}} {
		b := newBench(100e3, 40e3)
		b.takes[0] = 7000
		b.run(bess.Minute)
		view := View{Snap: &b.snap, Split: &b.split}
		paused := bess.Span(0)
		for end := b.snap.Now.Add(25 * bess.Second); b.snap.Now < end; {
			b.snap.Now += 100
			offered := b.split.Outlets[0].Current
			if end.Since(b.snap.Now) > 25*bess.Second-c.deaf {
				offered = 6
			}
			b.snap.Outlets[0].Offered = bess.Of(offered, b.snap.Now)
			b.state.heed(b.u, view, 0, offeredPower(b.u, view, 0))
			if b.state.again(view, 0) {
				paused += 100
			}
		}
		if (paused > 0) != c.pause || paused > 4*bess.Second {
			t.Errorf("deaf for %d ms: paused %d ms", c.deaf, paused)
		}
	}
}

// Packs that fall silent for some seconds change no promise.
func TestBriefSilenceIsNotTold(t *testing.T) {
	b := newBench(100e3, 0)
	b.takes[0] = 7000
	b.tick()
	b.tick(b.need(0, 15e3, b.in(3*bess.Hour)))
	b.run(bess.Minute)
	before := b.state.Visits[0].Promise
	b.est.Packs[0].Known = false
	stored := b.est.Unit.Stored
	b.est.Unit.Stored = 0
	b.run(50 * bess.Second)
	b.est.Packs[0].Known, b.est.Unit.Stored = true, stored
	b.run(bess.Minute)
	if p := b.state.Visits[0].Promise; p != before {
		t.Errorf("%+v became %+v", before, p)
	}
}

// Whatever is asked of whatever store: shares are of 0..1, promises of 0..need,
// and never more than the store and the supply can give.
func TestLookAhead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stored := si.WattHours(rapid.Float64Range(0, 150e3).Draw(t, "stored"))
		limit := si.Watts(rapid.SampledFrom([]float64{0, 0, 4e3, 40e3}).Draw(t, "grid"))
		b := newBench(stored, limit)
		last := bess.Span(0)
		for i := range b.u.Outlets {
			from := bess.Span(rapid.IntRange(1, 30*60).Draw(t, "from")) * bess.Minute
			to := from + bess.Span(rapid.IntRange(1, 20*60).Draw(t, "stay"))*bess.Minute
			last = max(last, to)
			b.tick(b.book(i, si.WattHours(rapid.Float64Range(1, 100e3).Draw(t, "need")), from, to))
		}
		b.tick()
		sum := si.WattHours(0)
		for k := range b.state.Bookings {
			v := &b.state.Bookings[k]
			if v.State == bess.VisitNone {
				continue
			}
			p := &v.Promise
			if !p.Made || !(p.Energy >= 0) || p.Energy > v.Need {
				t.Fatalf("%+v", *v)
			}
			sum += p.Energy
		}
		if most := stored + limit.For(last.Seconds()) + 1000; sum > most {
			t.Fatalf("%v are promised of %v", sum, most)
		}
		if l := b.state.Level; !(l >= 0 && l <= 1) {
			t.Fatalf("level %v", float64(l))
		}
	})
}

// BenchmarkLook is the longest look ahead: every outlet occupied, every booking
// taken, and not enough for any.
func BenchmarkLook(b *testing.B) {
	k := newBench(20e3, 4e3)
	for i := range 4 {
		k.takes[i] = 7000
	}
	for i := range 10 { // as many outlets as the reference unit
		if i >= len(k.u.Outlets) {
			break
		}
		k.tick(k.need(i, 20e3, k.in(bess.Span(i+1)*3*bess.Hour)))
	}
	for n := range MaxBookings {
		r := k.book(n%4, 40e3, bess.Span(n)*5*bess.Hour+bess.Hour, bess.Span(n)*5*bess.Hour+4*bess.Hour)
		r.Number = n + 1
		k.tick(r)
	}
	view := View{
		Snap: &k.snap, Estimates: &k.est, Verdict: &k.verdict, Stages: &k.stages, Standing: &k.standing, Split: &k.split, Desk: &k.desk,
	}
	b.ReportAllocs()
	for b.Loop() {
		k.state.promise(k.u, view)
	}
}

// A vehicle whose outlet is held at nothing is not told that it will make it.
func TestHeldOutletPromisesNothing(t *testing.T) {
	b := newBench(100e3, 40e3)
	b.takes[0] = 7000
	b.run(2 * bess.Minute)
	b.tick(b.need(0, 9000, b.in(2*bess.Hour)))
	b.run(2 * bess.Minute)
	if p := b.state.Visits[0].Promise; !p.Made || !p.Full {
		t.Fatalf("before: %+v", p)
	}
	b.verdict.Outlets[0].Level, b.takes[0] = bess.LevelStop, 1e-9
	b.run(2 * bess.Minute)
	v := b.state.Visits[0]
	if v.Promise.Full || v.Promise.Energy > v.Delivered || v.Promise.Why != bess.CauseTripped {
		t.Errorf("held: %+v after %v", v.Promise, v.Delivered)
	}
	b.verdict.Outlets[0].Level, b.takes[0] = bess.LevelNone, 7000
	b.run(2 * bess.Minute)
	if p := b.state.Visits[0].Promise; !p.Full {
		t.Errorf("let go: %+v", p)
	}
}
