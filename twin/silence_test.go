package twin

import (
	"math"
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

func TestHeartbeatOnNetwork(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.onGrid()
	for k := range r.c.Converters {
		r.c.Converters[k].Power = -10e3
	}
	r.c.Inverter.Import = 90e3
	r.run(5)
	if p := r.converters[0].power; math.Abs(p+10e3) > 100 {
		t.Fatalf("converter at %.0f W before silence", p)
	}
	r.silence(1)
	for k := range r.converters {
		if p := r.converters[k].power; math.Abs(p) > 1 {
			t.Errorf("converter %d still at %.0f W 1 s after the last order", k, p)
		}
	}
	r.silence(2)
	if r.inverter.mode != bess.InverterOff {
		t.Errorf("inverter still %v 3 s after the last order", r.inverter.mode)
	}
	closes(t, r.World)
}

func TestIslandHoldsThenStops(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	s := r.around
	s.Circuits = []si.Watts{20e3, 0, 0, 0}
	r.Surround(s)
	r.run(5)
	r.silence(1.5) // a controller restart
	if got := r.Truth().CircuitNow[0]; got != 20e3 {
		t.Errorf("1.5 s of silence: the load has %v", got)
	}
	r.run(2)
	if got := r.Truth().CircuitNow[0]; got != 20e3 {
		t.Errorf("after the restart the load has %v", got)
	}
	r.silence(4)
	if r.inverter.mode != bess.InverterOff || r.converters[0].mode != bess.ConverterOff {
		t.Errorf("4 s of silence: inverter %v, converter mode %v", r.inverter.mode, r.converters[0].mode)
	}
	closes(t, r.World)
}

func TestHoldInWindow(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	start := r.Now()
	var inhibited, coils bess.Span
	for range 40 {
		r.lease(3 * bess.Second)
		r.c.IO.HoldIn = false
		r.Step(&r.c, 0.1)
		if inhibited == 0 && r.io.inhibited {
			inhibited = r.Now().Since(start)
		}
		if coils == 0 && !r.io.coils {
			coils = r.Now().Since(start)
		}
	}
	if inhibited < 2000 || inhibited > 2200 || coils < inhibited+300 || coils > inhibited+500 {
		t.Errorf("inhibited after %d ms, coils after %d ms; want 2000 and 300 more", inhibited, coils)
	}
	if r.packs[0].main.closed || r.inverter.mode != bess.InverterOff {
		t.Error("not everything is open")
	}
	r.run(1) // pulses are back and Close is still ordered: contacts must stay open
	if !r.io.coils || r.packs[0].main.closed {
		t.Errorf("coils %v, contacts closed %v: want a fresh order first", r.io.coils, r.packs[0].main.closed)
	}
}

func TestEmergencyStopNeedsAPerson(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	stop := Fault{Kind: InputTrouble, Part: int(bess.EmergencyStop)}
	r.Apply(stop)
	r.run(1)
	if r.io.coils || r.s.IO.Inputs[bess.EmergencyStop].State != bess.Yes {
		t.Fatal("the emergency stop did not stop")
	}
	if r.ResetLocal() {
		t.Error("reset while pressed")
	}
	r.Heal(stop)
	r.run(1)
	if r.io.coils {
		t.Error("released by itself")
	}
	if !r.ResetLocal() {
		t.Error("a person could not reset it")
	}
	r.run(1)
	if !r.io.coils {
		t.Error("coils stay dead after the reset")
	}
}

func TestGuardsHalfOfHoldIn(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	r.Apply(Fault{Kind: GuardMissing})
	r.run(3)
	if !r.io.inhibited || r.io.coils || r.s.IO.Guard.State != bess.No {
		t.Errorf("without the guard: inhibited %v, coils %v, said %v", r.io.inhibited, r.io.coils, r.s.IO.Guard.State)
	}
}

func TestTwelveVolt(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	r.Apply(Fault{Kind: TwelveVoltLow, Value: 10.4})
	r.run(1)
	if v := r.s.IO.TwelveVolt.Value; math.Abs(float64(v)-10.4) > 0.1 || !r.io.coils {
		t.Errorf("12 V at %v, coils %v", v, r.io.coils)
	}
	r.Apply(Fault{Kind: TwelveVoltLow, Value: 6})
	r.run(2)
	if r.io.coils || r.packs[0].main.closed || r.s.IO.Alive.Age(r.Now()) < 1500 {
		t.Errorf("at 6 V: coils %v, pack closed %v, last frame %d ms ago", r.io.coils, r.packs[0].main.closed, r.s.IO.Alive.Age(r.Now()))
	}
}

// silence steps without any orders.
func (r *rig) silence(seconds float64) {
	for range int(seconds*10 + 0.5) {
		r.Step(nil, 0.1)
		r.Sense(&r.s)
	}
}

func TestStationWithoutSupplyHangsUp(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	r.Plug(0, Vehicle{SoC: 0.3})
	r.c.Outlets[0] = bess.OutletCommand{Enable: true, Current: 16}
	r.run(20)
	meter := r.s.Outlets[0].Drawn.Value
	r.c.IO.OutletSupply = false
	r.run(3)
	v := &r.s.Outlets[0]
	if v.Online.State != bess.No || v.Power.Quality != bess.Missing || v.PhaseAmps[0].Quality != bess.Missing || v.Drawn.Value < meter {
		t.Errorf("online %v, power %+v, meter %v", v.Online.State, v.Power, v.Drawn)
	}
	r.c.IO.OutletSupply = true
	r.run(30)
	if v := &r.s.Outlets[0]; v.Online.State != bess.Yes || v.PhaseAmps[0].Value != 16 || v.Visit != 1 {
		t.Errorf("after its supply came back: online %v, %v, visit %d", v.Online.State, v.PhaseAmps[0], v.Visit)
	}
}

func TestOneConverterAlone(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.onGrid()
	r.c.Inverter.Import = 90e3
	for k := range r.c.Converters {
		r.c.Converters[k].Power = -8e3
	}
	r.run(5)
	r.Apply(Fault{Kind: ConverterDeaf, Index: 1})
	r.Apply(Fault{Kind: ConverterIgnores, Index: 2})
	r.Apply(Fault{Kind: ConverterTrip, Index: 3})
	for k := range r.c.Converters {
		r.c.Converters[k].Power = -4e3
	}
	r.run(1)
	for k, want := range []float64{-4e3, 0, -8e3, 0} {
		if got := r.converters[k].power; math.Abs(got-want) > 1 {
			t.Errorf("converter %d at %.0f W, want %.0f", k, got, want)
		}
	}
	if age := r.s.Converters[1].Power.Age(r.Now()); age < 900 {
		t.Errorf("a deaf converter still answers, age %d ms", age)
	}
	closes(t, r.World)
}
