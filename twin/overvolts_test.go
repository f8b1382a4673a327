package twin

import (
	"fmt"
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

// Whatever is ordered, and whoever dies, the DC bus stays below the stages' own
// trip voltage and what they can overshoot it by.
func TestBusNeverExceedsItsTrip(t *testing.T) {
	trips := 0
	for seed := range uint64(60) {
		draw := newChance(seed, 21)
		u := testUnit()
		u.Bus.Capacitance = si.Farads(draw.between(0.5e-3, 30e-3))
		w := New(u, seed, Start{Ambient: 20})
		c, s, around := bess.NewCommands(u), bess.NewSnapshot(u), NewSurroundings(u)
		dt := []si.Seconds{0.01, 0.1, 0.1, 1}[seed%4]
		most := w.bus.guard.to
		if over := most - w.bus.guard.from; over <= 0 || over > 0.15*w.bus.guard.from {
			t.Fatalf("seed %d: it can overshoot by %.1f V", seed, over)
		}
		for n := range 2000 {
			if n%40 == 0 {
				scramble(&c, w.Now(), &draw)
				for k := range c.Converters { // far beyond the window
					c.Converters[k].Reference = si.Volts(draw.between(600, 2500))
					c.Converters[k].Lease.Until = w.Now().Add(bess.Span(draw.between(1000, 6000)))
				}
				for i := range c.Packs {
					c.Packs[i] = bess.PackCommand{Wake: true, Precharge: true, Close: draw.uniform() < 0.95, Lease: c.Converters[0].Lease}
				}
				c.Inverter.Lease, c.IO.Lease, c.IO.HoldIn = c.Converters[0].Lease, c.Converters[0].Lease, true
				for i := range around.Feeders {
					around.Feeders[i] = Supply{Available: draw.uniform() < 0.8, PostVolts: 950, PostCurrent: 200, PostPower: 90e3}
				}
				around.Irradiance = si.WattsPerM2(draw.between(0, 1100))
				w.Surround(around)
			}
			order := &c
			if n%40 > 30 {
				order = nil // the controller is dead
			}
			w.Step(order, dt)
			w.Sense(&s)
			if v := w.bus.volts; v > most+1e-6 {
				t.Fatalf("seed %d, step %d of %v s: the bus is at %.2f V, most %.2f", seed, n, dt, v, most)
			}
		}
		truth := w.Truth()
		trips += truth.Counts.ConverterTrips
		if e := truth.BalanceError(); !(e < 1e-9) {
			t.Errorf("seed %d: balance error %g of %v", seed, e, truth.Books.Throughput)
		}
	}
	if trips == 0 {
		t.Error("no stage ever tripped: this test proves nothing")
	}
}

// A reference far above the window trips every running stage within the step;
// they say why, and come back once their order was withdrawn and the bus is
// back in its window, not before.
func TestOverVoltageLatchesUntilWithdrawn(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	for k := range r.c.Converters {
		r.c.Converters[k].Reference = 2000
	}
	peak := 0.0
	for range 30 {
		r.run(0.1)
		peak = max(peak, r.bus.volts)
	}
	if peak <= r.bus.guard.from || peak > r.bus.guard.to {
		t.Errorf("the bus peaked at %.1f V, want within %v", peak, r.bus.guard)
	}
	for k := range r.s.Converters {
		if v := &r.s.Converters[k]; v.OverVolts.State != bess.Yes || v.Fault.State != bess.Yes || v.Power.Value != 0 {
			t.Errorf("converter %d: over-voltage %v, fault %v, %v", k, v.OverVolts.State, v.Fault.State, v.Power.Value)
		}
	}
	if v := &r.s.Inverter; v.OverVolts.State != bess.Yes || v.UnderVolts.State != bess.No || r.Truth().Forming {
		t.Errorf("inverter: over-voltage %v, under-voltage %v", v.OverVolts.State, v.UnderVolts.State)
	}
	for k := range r.c.Converters {
		r.c.Converters[k].Reference = 760
	}
	r.run(20)
	if r.s.Converters[0].Fault.State != bess.Yes {
		t.Error("it came back although its order was never withdrawn")
	}
	for k := range r.c.Converters {
		r.c.Converters[k].Mode = bess.ConverterOff
	}
	r.run(1)
	if over := r.s.Converters[0].OverVolts.State; (over == bess.Yes) != (r.bus.volts > r.bus.max) {
		t.Errorf("at %.0f V over-voltage is %v", r.bus.volts, over)
	}
	closes(t, r.World)
}

// Converters that stop taking beside a carried network leave the DC bus to the
// inverter: its voltage loop steps back at once, whatever its ramp.
func TestRefillEndsWithoutSurge(t *testing.T) {
	for _, ramp := range []si.Watts{200e3, 50e3, 10e3} {
		t.Run(fmt.Sprint(ramp), func(t *testing.T) {
			u := testUnit()
			u.Inverter.Ramp = ramp
			r := newRig(u, 1)
			r.onGrid()
			for k := range r.c.Converters {
				r.c.Converters[k].Power = -4e3
			}
			r.run(10)
			if import0 := r.Truth().FeederNow[0]; import0 < 25e3 {
				t.Fatalf("it refills with %v", import0)
			}
			peak := 0.0
			for range 15 { // the controller is dead
				r.Step(nil, 0.1)
				peak = max(peak, r.bus.volts)
			}
			if truth := r.Truth(); peak > float64(u.Bus.Max) || truth.Counts.ConverterTrips+truth.Counts.InverterTrips > 0 {
				t.Errorf("the bus peaked at %.0f V, %+v", peak, truth.Counts)
			}
			closes(t, r.World)
		})
	}
}
