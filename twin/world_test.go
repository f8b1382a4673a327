package twin

import (
	"math"
	"testing"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/plant"
)

// fast is a curve that takes 150 kW up to 80 %.
func fast() plant.ChargeCurve {
	return plant.Curve(plant.Point{SoC: 0, Power: 150e3}, plant.Point{SoC: 0.8, Power: 150e3}, plant.Point{SoC: 1, Power: 10e3})
}

func closes(t *testing.T, w *World) {
	t.Helper()
	truth := w.Truth()
	if e := truth.BalanceError(); !(e < 1e-6) {
		t.Errorf("balance error %g: residual %v of %v throughput; %+v", e, truth.Residual(), truth.Books.Throughput, truth.Books)
	}
}

func TestIslandCarriesLoads(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	s := r.around
	s.Circuits = []si.Watts{20e3, 8e3, 3e3, 1e3}
	r.Surround(s)
	r.run(30)
	truth := r.Truth()
	if !truth.Forming || math.Abs(float64(truth.PhaseVolts[0])-230) > 1 || truth.Hertz != 50 {
		t.Fatalf("not forming: %+v", truth)
	}
	for i, want := range s.Circuits {
		if math.Abs(float64(truth.CircuitNow[i]-want)) > 1 {
			t.Errorf("circuit %d draws %v, want %v", i, truth.CircuitNow[i], want)
		}
	}
	if truth.BusVolts < 740 || truth.BusVolts > 760 {
		t.Errorf("droop bus at %v", truth.BusVolts)
	}
	closes(t, r.World)
}

func TestGridHoldsBus(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.onGrid()
	for k := range r.c.Converters {
		r.c.Converters[k].Power = -3e3
	}
	r.run(60)
	truth := r.Truth()
	if math.Abs(float64(truth.BusVolts)-750) > 5 {
		t.Errorf("bus at %v", truth.BusVolts)
	}
	if truth.FeederNow[0] < 21e3 || truth.FeederNow[0] > 25e3 {
		t.Errorf("import %v for 21 kW of charging", truth.FeederNow[0])
	}
	closes(t, r.World)
}

func BenchmarkStepSense(b *testing.B) {
	r := newRig(testUnit(), 1)
	r.island()
	s := r.around
	s.Circuits = []si.Watts{20e3, 8e3, 3e3, 1e3}
	r.Surround(s)
	for i := range r.outlets {
		r.c.Outlets[i] = bess.OutletCommand{Enable: true, Current: 16, Power: 30e3}
		r.Plug(bess.OutletID(i), Vehicle{SoC: 0.1, Capacity: 1e9})
	}
	r.run(10)
	b.ReportAllocs()
	for b.Loop() {
		r.lease(3 * bess.Second)
		r.Step(&r.c, 0.1)
		r.Sense(&r.s)
	}
}
