package serve

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/twin"
)

func near[T ~float64](t *testing.T, what string, r bess.Reading[T], want T, within float64) {
	t.Helper()
	if r.Quality != bess.Good || math.Abs(float64(r.Value-want)) > within {
		t.Errorf("%s is %v (quality %d), want %v within %v", what, r.Value, r.Quality, want, within)
	}
}

// TestIslandOverWires starts the machine from dark over every wire, feeds loads and a vehicle, and compares what the
// drivers say with what is true.
func TestIslandOverWires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, memory)
		defer r.stop()
		r.do(func(w *twin.World) {
			x := twin.NewSurroundings(r.unit)
			x.Circuits = []si.Watts{9e3, 2e3}
			w.Surround(x)
			w.Plug(0, twin.Vehicle{SoC: 0.3})
		})
		r.c.Outlets[0] = bess.OutletCommand{Enable: true, Current: 16.7}
		r.c.Outlets[1] = bess.OutletCommand{Enable: true, Power: 40e3}
		r.island()
		for i := range r.s.Packs {
			if r.s.Packs[i].Identity != bess.Confirmed || r.s.Packs[i].Contactor.State != bess.Yes {
				t.Fatalf("pack %d is %v, contactor %v", i+1, r.s.Packs[i].Identity, r.s.Packs[i].Contactor)
			}
		}
		r.run(40)
		var truth *twin.Truth
		r.do(func(w *twin.World) { truth = w.Truth() })
		r.sense()
		s := &r.s
		near(t, "bus", s.Bus.Volts, truth.BusVolts, 0.2)
		near(t, "inverter mode", s.Inverter.Mode, si.Ratio(bess.InverterForm), 0)
		near(t, "L1", s.Inverter.PhaseVolts[0], 230, 0.5)
		near(t, "frequency", s.Inverter.Hertz, 50, 0.02)
		near(t, "circuit 1", s.Circuits[0].Power, -9e3, 20)
		near(t, "circuit 2 on L2", s.Circuits[1].PhaseAmps[1], 8.7, 0.2)
		near(t, "outlet", s.Outlets[0].Power, -16*230, 40)
		near(t, "outlet on L3", s.Outlets[0].PhaseAmps[2], 16, 0.2)
		near(t, "offer read back", s.Outlets[0].Offered, 16, 0)
		near(t, "pack current", s.Packs[0].Current, truth.Packs[0].Current, 1)
		near(t, "own use", s.Bus.OwnUse, 300, 200)
		r.faults()
		if s.Outlets[0].Visit != 101 || s.Outlets[0].Charging.State != bess.Yes || s.Outlets[1].Plugged.State != bess.No {
			t.Errorf("outlets are %+v", s.Outlets)
		}
		if s.IO.Bond.State != bess.Yes || s.IO.Inhibit.State != bess.No || s.IO.Coils.State != bess.Yes || s.Feeders[0].Contactor.State != bess.No {
			t.Errorf("I/O says %+v", s.IO)
		}
		for _, a := range []bess.Span{s.Bus.Volts.Age(s.Now), s.Converters[0].Power.Age(s.Now), s.IO.Alive.Age(s.Now), s.Packs[0].Volts.Age(s.Now), s.Circuits[0].Power.Age(s.Now)} {
			if a > 500 {
				t.Errorf("a reading is %d ms old", a)
			}
		}
	})
}

// TestDeadLoop stops the unit's loop: each device falls safe by its own watchdog, in the order that the machine needs.
func TestDeadLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, memory)
		defer r.stop()
		r.do(func(w *twin.World) {
			x := twin.NewSurroundings(r.unit)
			x.Feeders[0].Available = true
			w.Surround(x)
			w.Plug(0, twin.Vehicle{SoC: 0.3})
		})
		r.island()
		r.c.Inverter, r.c.IO = bess.InverterCommand{}, bess.IOCommand{}
		r.run(1)
		r.c.Feeders[0].Close = true
		r.run(1)
		r.c.Inverter = bess.InverterCommand{Mode: bess.InverterFollow, Import: 30e3, Export: 30e3}
		for k := range r.c.Converters {
			r.c.Converters[k] = bess.ConverterCommand{Mode: bess.ConverterPower, Power: -4e3, Discharge: 25e3, Charge: 20e3}
		}
		r.run(15)
		near(t, "converter on the grid", r.s.Converters[0].Power, -4e3, 100)
		near(t, "inverter mode", r.s.Inverter.Mode, si.Ratio(bess.InverterFollow), 0)

		time.Sleep(1100 * time.Millisecond)
		r.sense()
		near(t, "converter 1.1 s after the loop died", r.s.Converters[0].Power, 0, 10)
		time.Sleep(2500 * time.Millisecond)
		r.sense()
		near(t, "inverter mode 3.6 s after", r.s.Inverter.Mode, si.Ratio(bess.InverterOff), 0)
		if r.s.IO.Inhibit.State != bess.Yes || r.s.Packs[0].Contactor.State != bess.No {
			t.Errorf("after 3.6 s the hold-in says %v, pack 1's contactor %v", r.s.IO.Inhibit, r.s.Packs[0].Contactor)
		}
	})
}

// TestRestart: a controller that is gone for 1.5 s does not interrupt an islanded load; one that stays away does.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, memory)
		defer r.stop()
		r.do(func(w *twin.World) {
			x := twin.NewSurroundings(r.unit)
			x.Circuits = []si.Watts{9e3, 2e3}
			w.Surround(x)
		})
		r.island()
		served := func() (watts si.Watts) {
			r.do(func(w *twin.World) { watts = w.Truth().CircuitNow[0] })
			return watts
		}
		if w := served(); w < 8900 {
			t.Fatalf("the stage gets %v", w)
		}
		for range 15 {
			time.Sleep(100 * time.Millisecond)
			if w := served(); w < 8900 {
				t.Fatalf("during the restart the stage gets %v", w)
			}
		}
		r.run(5)
		if w := served(); w < 8900 {
			t.Errorf("after the restart the stage gets %v", w)
		}
		time.Sleep(6 * time.Second)
		r.sense()
		if w := served(); w != 0 || r.s.Packs[0].Contactor.State == bess.Yes {
			t.Errorf("6 s after the controller died the stage gets %v, pack 1 is %v", w, r.s.Packs[0].Contactor)
		}
	})
}

// TestSupplies orders a generator, a solar array and a rapid charger over their wires.
func TestSupplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, memory)
		defer r.stop()
		r.do(func(w *twin.World) {
			x := twin.NewSurroundings(r.unit)
			x.Irradiance = 600
			x.Feeders[3] = twin.Supply{Available: true, PostVolts: 920, PostCurrent: 125, PostPower: 50e3}
			w.Surround(x)
		})
		r.island()
		r.c.Feeders[1].Run = true
		r.c.Feeders[2] = bess.FeederCommand{Close: true, Limit: 5e3}
		r.c.Feeders[3] = bess.FeederCommand{Close: true, Limit: 8e3, Volts: 750}
		r.run(60)
		s := &r.s
		if s.Feeders[1].Running.State != bess.Yes || s.Feeders[2].Contactor.State != bess.Yes || s.Feeders[3].Plugged.State != bess.Yes {
			t.Errorf("supplies are %+v", s.Feeders)
		}
		near(t, "generator", s.Feeders[1].PhaseVolts[0], 230, 10)
		near(t, "fuel", s.Feeders[1].Fuel, 1, 0.01)
		near(t, "solar", s.Feeders[2].Power, 5e3, 300)
		near(t, "post", s.Feeders[3].PostPower, 50e3, 1)
		near(t, "inlet", s.Feeders[3].Power, 8e3, 300)
		r.c.Feeders[1].Run = false
		r.c.Feeders[2].Limit = 0
		r.run(5)
		if s.Feeders[1].Running.State != bess.No {
			t.Error("the generator still runs")
		}
		near(t, "curtailed solar", s.Feeders[2].Power, 0, 50)
	})
}

// TestFaultsOnWires: what goes wrong in the world shows on the wires as it does in the field.
func TestFaultsOnWires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, memory)
		defer r.stop()
		r.do(func(w *twin.World) { w.Plug(0, twin.Vehicle{SoC: 0.3}) })
		r.c.Outlets[0] = bess.OutletCommand{Enable: true, Current: 16}
		r.island()
		r.run(15)
		r.do(func(w *twin.World) {
			w.Apply(twin.Fault{Kind: twin.BMSSilent, Index: 0})
			w.Apply(twin.Fault{Kind: twin.ConverterDeaf, Index: 1})
			w.Apply(twin.Fault{Kind: twin.StationSilent, Index: 0})
			w.Apply(twin.Fault{Kind: twin.InputTrouble, Part: int(bess.Gas)})
		})
		r.run(12)
		s := &r.s
		if age := s.Packs[0].Volts.Age(s.Now); s.Packs[0].Volts.Quality == bess.Good && age < 5000 {
			t.Errorf("a silent pack's voltage is %d ms old", age)
		}
		if age := s.Packs[1].Volts.Age(s.Now); age > 200 {
			t.Errorf("the other pack's voltage is %d ms old", age)
		}
		if age := s.Converters[1].Power.Age(s.Now); age < 5000 {
			t.Errorf("a dead converter's power is %d ms old", age)
		}
		if s.Outlets[0].Online.State != bess.No || s.Outlets[0].Power.Age(s.Now) < 5000 {
			t.Errorf("a dead station is %+v", s.Outlets[0])
		}
		if s.IO.Inputs[bess.Gas].State != bess.Yes {
			t.Error("gas was not reported")
		}
		r.do(func(w *twin.World) {
			w.Heal(twin.Fault{Kind: twin.BMSSilent, Index: 0})
			w.Heal(twin.Fault{Kind: twin.StationSilent, Index: 0})
		})
		r.run(20)
		if s.Packs[0].Volts.Age(s.Now) > 200 || s.Outlets[0].Online.State != bess.Yes || s.Outlets[0].Visit == 0 {
			t.Errorf("healed: pack %v, outlet %+v", s.Packs[0].Volts, s.Outlets[0])
		}
	})
}
