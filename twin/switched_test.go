package twin

import (
	"math"
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

func switchedUnit() *bess.Unit {
	u := testUnit()
	u.Bus.Topology, u.Converters = bess.SwitchedPacks, nil
	u.Bus.Nominal, u.Bus.Min, u.Bus.Max, u.Bus.Trip = 400, 300, 460, 290
	return u
}

// While the first pack charges the bus through its resistor nothing else draws
// from it: the 12 V battery carries the electronics. Closed, the pack feeds all.
func TestPrechargeOfACommonBusCarriesNothingElse(t *testing.T) {
	u := switchedUnit()
	r := newRig(u, 1)
	battery := r.io.battery
	r.c.Packs[0] = bess.PackCommand{Wake: true, Precharge: true}
	r.c.IO.Pump, r.c.IO.Fan = true, true
	tau := float64(u.Packs[0].Type.Contactor.PrechargeOhms) * float64(u.Bus.Capacitance)
	r.run(1 + 8*tau)
	p := &r.packs[0]
	if gap := math.Abs(p.volts - r.bus.volts); gap > 1 {
		t.Fatalf("after 8 time constants the bus is %.1f V from the pack", gap)
	}
	if r.io.battery >= battery || r.cabinet.own != 0 || r.io.twelve > 13 {
		t.Errorf("own use %.0f W from the bus, 12 V battery at %.1f of %.1f Wh", r.cabinet.own, r.io.battery, battery)
	}
	r.c.Packs[0].Close = true
	r.run(1)
	if truth := r.Truth(); truth.Counts.HardClosings > 0 || r.cabinet.own < 400 || r.io.twelve < 13 {
		t.Errorf("closed: own use %.0f W, 12 V at %.1f V, %d hard closings", r.cabinet.own, r.io.twelve, truth.Counts.HardClosings)
	}
	closes(t, r.World)
}

// A following inverter moves what its limits say beside packs that hold the
// bus wherever they stand, toward the reference that it is given.
func TestFollowingBesideSwitchedPacks(t *testing.T) {
	for _, c := range []struct {
		name     string
		order    bess.InverterCommand
		low, top si.Watts // of the inverter, into the AC bus
	}{
		{"charge", bess.InverterCommand{Import: 20e3, DCVolts: 460}, -20_050, -19_950},
		{"discharge", bess.InverterCommand{Export: 15e3, DCVolts: 300}, 14_950, 15_050},
		{"nominal, packs above it", bess.InverterCommand{Import: 20e3, Export: 20e3}, 19_950, 20_050},
		{"beyond the window", bess.InverterCommand{Import: 20e3, DCVolts: 4000}, -20_050, -19_950},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(switchedUnit(), 1)
			s := NewSurroundings(r.unit)
			s.Feeders[0].Available = true
			r.Surround(s)
			r.join()
			r.c.Feeders[0].Close = true
			r.run(1)
			c.order.Mode = bess.InverterFollow
			r.c.Inverter = c.order
			r.run(5)
			if ac := si.Watts(r.inverter.ac); ac < c.low || ac > c.top {
				t.Errorf("it moves %v at %.0f V, want %v..%v", ac, r.bus.volts, c.low, c.top)
			}
			closes(t, r.World)
		})
	}
}
