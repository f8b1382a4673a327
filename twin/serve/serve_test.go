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
