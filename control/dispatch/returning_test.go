package dispatch

import (
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

// When power comes back, general loads are closed before any vehicle is offered
// anything, and one that does not close keeps nobody waiting for long.
func TestGeneralLoadsComeBackFirst(t *testing.T) {
	for _, c := range []struct {
		name   string
		stuck  bool
		waits  bess.Span
		person bool // switched circuit 3 off
	}{{"closes", false, 3 * bess.Second, false}, {"stuck", true, returnMost, false}, {"switched off", true, 0, true}} {
		b := newBench()
		b.island()
		b.vehicles(8)
		b.run(30 * bess.Second)
		b.standing.CircuitOff[2] = c.person
		b.stages.Network = bess.NetworkDead
		b.hurt = func(b *bench) {
			for i := range b.snap.Circuits {
				b.circuit(i, 0)
				b.snap.Circuits[i].Closed = bess.FlagOf(false, b.snap.Now)
			}
		}
		b.run(20 * bess.Second)
		b.island()
		from := b.snap.Now
		b.hurt = func(b *bench) {
			if c.stuck || b.snap.Now.Since(from) < 3*bess.Second {
				b.circuit(2, 0)
				b.snap.Circuits[2].Closed = bess.FlagOf(false, b.snap.Now)
			}
		}
		waited := bess.Span(0)
		for b.tick(); b.offers() == 0 && waited < bess.Minute; b.tick() {
			waited = b.snap.Now.Since(from)
			if waited < c.waits && b.split.Outlets[0].Why != bess.CausePriority {
				t.Fatalf("%s: the reason is %v", c.name, b.split.Outlets[0].Why.Sentence())
			}
		}
		if waited < c.waits-bess.Second || waited > c.waits+bess.Second {
			t.Errorf("%s: vehicles waited %v ms, want %v", c.name, waited, c.waits)
		}
	}
}

// A circuit that was shed before the dark comes back with the power, one that
// is shed on the new network when it lasts.
func TestShedBeforeTheDark(t *testing.T) {
	b := newBench()
	b.island()
	b.run(30 * bess.Second)
	b.state.Shed[2], b.state.ShedAt[2] = true, b.snap.Now
	open := func(b *bench) {
		b.circuit(2, 0)
		b.snap.Circuits[2].Closed = bess.FlagOf(false, b.snap.Now)
	}
	b.hurt = open
	b.stages.Network = bess.NetworkDead
	b.run(5 * bess.Second)
	b.island()
	b.run(bess.Second)
	if b.state.Shed[2] || !b.split.CircuitOn[2] {
		t.Error("it was shed before the dark and there is room: it should be back")
	}
	b.state.Shed[2], b.state.ShedAt[2] = true, b.snap.Now
	b.run(20 * bess.Second)
	if !b.state.Shed[2] {
		t.Error("it was shed on this network: it should wait until it lasts")
	}
}

// What is left to shed motors is their starting current, once, unless nothing
// could start them.
func TestOwed(t *testing.T) {
	u := reference()
	s := New(u)
	s.Shed[1], s.Shed[2] = true, true
	s.LastDraw[1], s.LastDraw[2] = 5e3, 10e3
	for _, c := range []struct {
		discharge, want si.Watts
		island          bool
	}{{90e3, 6e3 + 30e3, true}, {20e3, 6e3 + 12e3, true}, {90e3, 6e3 + 12e3, false}} {
		b := balance{island: c.island, live: !c.island, inverter: 100e3, discharge: c.discharge, supply: 40e3}
		if got := s.owed(u, &b); si.Abs(got-c.want) > 1e-6 {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// offers is what all stations are ordered to offer.
func (b *bench) offers() (sum si.Amps) {
	for i := range b.split.Outlets {
		sum += b.split.Outlets[i].Current
	}
	return sum
}
