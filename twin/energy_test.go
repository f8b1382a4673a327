package twin

import (
	"math"
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

// One full discharge gives what the cells lost, less every loss on the way.
func TestFullDischargeDeliversWhatWasStored(t *testing.T) {
	r := newRig(testUnit(), 5)
	r.island()
	s := r.around
	s.Circuits = []si.Watts{30e3, 10e3, 0, 0}
	r.Surround(s)
	before := r.Truth().Stored
	hours := 0.0
	for r.inverter.mode == bess.InverterForm && hours < 8 {
		r.run(60)
		hours += 1.0 / 60
	}
	truth := r.Truth()
	gone := float64(before - truth.Stored)
	given := float64(total(truth.Books.Circuit))
	if share := given / gone; share < 0.88 || share > 0.97 {
		t.Errorf("%.1f of %.1f kWh reached the circuits (%.3f) in %.2f h", given/1e3, gone/1e3, share, hours)
	}
	for i, p := range truth.Packs {
		if p.SoC < -0.07 {
			t.Errorf("pack %d was drained to %v", i, p.SoC)
		}
	}
	closes(t, r.World)
}

func TestSolarSurplusIsSpilledWhenPacksMayNotCharge(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	s := r.around
	s.Irradiance, s.Circuits = 1000, []si.Watts{5e3, 0, 0, 0}
	r.Surround(s)
	r.c.Feeders[2] = bess.FeederCommand{Close: true, Limit: 18e3}
	r.run(60)
	if feed := r.Truth().FeederNow[2]; feed < 14e3 {
		t.Errorf("solar feeds %v with packs that may charge", feed)
	}
	closes(t, r.World)
	for k := range r.c.Converters {
		r.c.Converters[k].Charge = 0
	}
	r.run(60)
	truth := r.Truth()
	if feed := truth.FeederNow[2]; feed < 4e3 || feed > 8e3 || truth.CircuitNow[0] != 5e3 || !truth.Forming {
		t.Errorf("solar feeds %v, load %v, bus %v, %v", feed, truth.CircuitNow[0], truth.BusVolts, truth.Hertz)
	}
	closes(t, r.World)
}

func TestOverloadTripsByTime(t *testing.T) {
	for _, c := range []struct{ load, after float64 }{{95e3, math.Inf(1)}, {110e3, 10}, {130e3, 0.5}} {
		u := testUnit()
		for k := range u.Converters {
			u.Converters[k].Rated, u.Converters[k].PackCurrent = 40e3, 150
		}
		u.Circuits[1].Limit = 500
		r := newRig(u, 1)
		r.island()
		for k := range r.c.Converters {
			r.c.Converters[k].Discharge, r.c.Converters[k].Slope = 40e3, 1500
		}
		s := r.around
		s.Circuits = []si.Watts{0, si.Watts(c.load), 0, 0}
		r.Surround(s)
		lasted := 0.0
		for lasted < 20 && r.inverter.mode == bess.InverterForm {
			r.run(0.1)
			lasted += 0.1
		}
		want := math.Min(c.after, 20)
		if lasted < 0.5*want || lasted > 1.3*want+0.2 {
			t.Errorf("%.0f kW held for %.1f s, want about %.1f (bus %.0f V)", c.load/1e3, lasted, want, r.bus.volts)
		}
		closes(t, r.World)
	}
}

func TestBrownOutTripsTheInverterOnce(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	for k := range r.c.Converters {
		r.c.Converters[k].Discharge = 5e3
	}
	s := r.around
	s.Circuits = []si.Watts{60e3, 0, 0, 0}
	r.Surround(s)
	r.run(3)
	truth := r.Truth()
	if truth.Forming || truth.Counts.BusCollapses != 1 || truth.CircuitNow[0] != 0 {
		t.Errorf("forming %v, collapses %d, load %v", truth.Forming, truth.Counts.BusCollapses, truth.CircuitNow[0])
	}
	closes(t, r.World)
}

func TestTwoSuppliesOnOneBusTrip(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.onGrid()
	r.c.Feeders[1] = bess.FeederCommand{Run: true}
	r.run(10)
	r.c.Feeders[1].Close = true
	r.run(1)
	if truth := r.Truth(); truth.Counts.Parallelled != 1 || truth.Live != bess.Nobody {
		t.Errorf("parallelled %d, live %d", truth.Counts.Parallelled, truth.Live)
	}
}

func TestVehicleFillsAndTapers(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	r.Plug(0, Vehicle{SoC: 0.90, Capacity: 31800})
	r.c.Outlets[0] = bess.OutletCommand{Enable: true, Current: 32}
	r.run(1800)
	v, _ := r.Vehicle(0)
	if v.SoC < 0.97 {
		t.Errorf("after 30 min at %v", v.SoC)
	}
	if a := r.outlets[0].amps; a >= 32 || a < 6 {
		t.Errorf("at %v it draws %v A", v.SoC, a)
	}
	r.run(1800)
	if v, _ = r.Vehicle(0); v.SoC < 1 || r.s.Outlets[0].Charging.State != bess.No || r.Truth().OutletNow[0] != 0 {
		t.Errorf("not done: %v, charging %v, %v", v.SoC, r.s.Outlets[0].Charging.State, r.Truth().OutletNow[0])
	}
	drawn := r.s.Outlets[0].Drawn.Value
	if want := 0.1 * 31800 / 0.9; math.Abs(float64(drawn)-want) > 20 {
		t.Errorf("meter %v, want %.0f Wh", drawn, want)
	}
	closes(t, r.World)
}
