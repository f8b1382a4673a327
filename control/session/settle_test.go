package session

import (
	"math"
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

// The first word waits until two looks agree, and not for ever.
func TestFirstWordWaits(t *testing.T) {
	for _, c := range []struct {
		name  string
		moves si.WattHours // of the store, each half minute
		least bess.Span
		most  bess.Span
	}{
		{"steady", 0, 30 * bess.Second, 32 * bess.Second},
		{"moving", 4e3, settleMost, settleMost + 31*bess.Second},
	} {
		b := newBench(60e3, 0)
		b.state.Settling = Settling{}
		b.tick(b.book(3, 90e3, 2*bess.Hour, 5*bess.Hour))
		if p := &b.state.Bookings[0].Promise; p.Made || p.Waits != bess.CauseStarting {
			t.Errorf("%s: at the start %+v", c.name, *p)
		}
		waited := bess.Span(0)
		for ; !b.state.Bookings[0].Promise.Made && waited < 10*bess.Minute; waited += 100 {
			if waited%(30*bess.Second) == 0 {
				b.est.Unit.Stored += c.moves
			}
			b.tick()
		}
		if p := &b.state.Bookings[0].Promise; waited < c.least || waited > c.most || p.Waits != bess.CauseNone || p.MadeAt != p.Revised {
			t.Errorf("%s: waited %d ms: %+v", c.name, waited, *p)
		}
	}
}

// While nothing can be delivered a word stands still and says what it waits for;
// one whose time comes then is broken, and says why.
func TestStandstill(t *testing.T) {
	for name, c := range map[string]struct {
		stop func(b *bench)
		why  bess.Cause
	}{
		"dead":      {func(b *bench) { b.stages.Network = bess.NetworkDead }, bess.CauseNoNetwork},
		"emergency": {func(b *bench) { b.snap.IO.Inputs[bess.EmergencyStop] = bess.FlagOf(true, b.snap.Now) }, bess.CauseEmergency},
		"stopped":   {func(b *bench) { b.stages.Service = bess.ServiceStopped }, bess.CauseTripped},
		"transport": {func(b *bench) { b.stages.Service = bess.ServiceTransport }, bess.CauseTransport},
	} {
		b := newBench(100e3, 0)
		b.takes[0] = 7000
		b.tick()
		b.tick(b.need(0, 15e3, b.in(2*bess.Hour)), b.book(3, 20e3, 4*bess.Hour, 5*bess.Hour))
		b.run(bess.Minute)
		said, learnt := b.state.Visits[0].Promise, b.state.Profile
		network := b.stages.Network
		b.takes[0] = 1 // plugged and not drawing
		for range 50 {
			c.stop(b)
			b.est.Unit.Stored = 0
			b.run(bess.Second)
		}
		p, q := &b.state.Visits[0].Promise, &b.state.Bookings[0].Promise
		if p.Waits != c.why || p.Why != c.why || q.Waits != c.why || p.Energy != said.Energy || p.Revision != said.Revision || p.Broken {
			t.Errorf("%s: %+v became %+v; booked %+v", name, said, *p, *q)
		}
		if b.state.Profile != learnt {
			t.Errorf("%s: the dark was learnt as a load", name)
		}
		again := *b
		again.state = New(b.u)
		again.state.CopyFrom(&b.state)
		b.stages.Network, b.stages.Service, b.est.Unit.Stored = network, bess.ServiceOn, 100e3
		b.snap.IO.Inputs[bess.EmergencyStop] = bess.FlagOf(false, b.snap.Now)
		b.run(40 * bess.Second)
		if p.Waits != bess.CauseNone || p.Why != said.Why || p.Energy != said.Energy || p.Revision != said.Revision {
			t.Errorf("%s: afterwards %+v, it was %+v", name, *p, said)
		}
		c.stop(&again)
		again.snap.Civil.UnixMilli = said.By.UnixMilli
		again.tick()
		if p := &again.state.Visits[0].Promise; !p.Broken || p.Why != c.why {
			t.Errorf("%s: at its time %+v", name, *p)
		}
	}
}

// What refilling leaves of the cap is learnt while the cap binds, and counts
// only for the store.
func TestRefillReachesTheCap(t *testing.T) {
	b := newBench(20e3, 4e3)
	b.split.Refill, b.snap.Feeders[0].Power = true, bess.Of(si.Watts(3980), 0)
	for range 1200 {
		b.snap.Feeders[0].Power.At = b.snap.Now + 100
		b.tick()
	}
	if r := b.state.Profile.reach(); math.Abs(r-0.995) > 1e-3 {
		t.Errorf("reach %v", r)
	}
	for range 1200 {
		b.snap.Feeders[0].Power = bess.Of(si.Watts(1000), b.snap.Now+100)
		b.tick()
	}
	if r := b.state.Profile.reach(); math.Abs(r-0.995) > 1e-3 {
		t.Errorf("packs that are nearly full were taken for a cap: reach %v", r)
	}
}

// An hour never seen: the mean of those seen and a standard deviation behind a
// supply that refills, the heaviest where nothing does.
func TestUnseenHours(t *testing.T) {
	p := Profile{}
	p.Known[6], p.Load[6] = true, 1000
	p.Known[7], p.Load[7] = true, 3000
	for _, c := range []struct {
		grid, want si.Watts
	}{{4000, 3000}, {0, 3500}} {
		if load, solar := p.at(20, &future{grid: c.grid, least: 3500}); si.Abs(load-c.want) > 1e-9 || solar != 0 {
			t.Errorf("grid %v: load %v, want %v", c.grid, load, c.want)
		}
	}
	if load, _ := new(Profile).at(20, &future{grid: 4000, least: 700}); load != 700 {
		t.Errorf("nothing seen: %v", load)
	}
}
