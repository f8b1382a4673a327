package twin

import (
	"crypto/sha256"
	"fmt"
	"math"
	"testing"

	"reprise/bess"
	"reprise/bess/exact"
	"reprise/bess/si"
)

func TestPrechargeIsExponential(t *testing.T) {
	u := testUnit()
	for i := range u.Packs {
		u.Packs[i].Type.Contactor.PrechargeOhms = 400 // tau 1 s, to see the curve at ticks
	}
	r := newRig(u, 3)
	r.c.Packs[0] = bess.PackCommand{Wake: true}
	r.run(1)
	r.c.Packs[0].Precharge = true
	open := r.packs[0].volts
	for n := 1; n <= 30; n++ {
		r.run(0.1)
		want := open * (1 - exact.Exp(-0.1*float64(n)))
		if got := r.packs[0].link; math.Abs(got-want) > 0.5 {
			t.Fatalf("after %d ticks the link is at %.1f V, want %.1f", n, got, want)
		}
	}
	r.c.Packs[0].Close = true
	r.run(0.3)
	if p := &r.packs[0]; !p.main.closed || math.Abs(p.link-p.volts) > 0.1 {
		t.Errorf("closed %v, link %.2f of %.2f V", p.main.closed, p.link, p.volts)
	}
	if r.Truth().Counts.HardClosings != 1 { // 5 % of 400 V is beyond the match limit
		t.Errorf("hard closings: %d", r.Truth().Counts.HardClosings)
	}
	r.c.Packs[0] = bess.PackCommand{Wake: true}
	r.run(5)
	if r.packs[0].link > 60 {
		t.Errorf("link still at %.0f V 5 s after opening", r.packs[0].link)
	}
	closes(t, r.World)
}

func TestContactorFaults(t *testing.T) {
	for _, c := range []struct {
		kind   FaultKind
		closed bool // before the fault
		ends   bool
	}{{ContactorWelded, true, true}, {ContactorStuckOpen, false, false}, {PrechargeFailure, false, false}, {InterlockOpen, false, false}} {
		r := newRig(testUnit(), 1)
		if c.closed {
			r.join()
		}
		r.Apply(Fault{Kind: c.kind, Index: 2})
		for i := range r.c.Packs {
			r.c.Packs[i] = bess.PackCommand{Wake: true, Precharge: !c.closed}
		}
		r.run(2)
		if c.kind == PrechargeFailure {
			if r.s.Packs[2].LinkVolts.Value > 10 {
				t.Errorf("%v: link rose to %v", c.kind, r.s.Packs[2].LinkVolts.Value)
			}
			continue
		}
		if !c.closed {
			for i := range r.c.Packs {
				r.c.Packs[i].Close = true
			}
			r.run(1)
		}
		for i := range r.packs {
			want := !c.closed
			if i == 2 {
				want = c.ends
			}
			if got := r.s.Packs[i].Contactor.State == bess.Yes; got != want {
				t.Errorf("%v: pack %d closed %v, want %v", c.kind, i, got, want)
			}
		}
	}
}

func TestFormRefusedOnClosedFeeder(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.onGrid()
	r.c.Inverter = bess.InverterCommand{Mode: bess.InverterForm}
	r.run(5)
	if r.inverter.mode == bess.InverterForm || !r.inverter.tripped || r.Truth().Counts.FormRefusals == 0 {
		t.Errorf("mode %v, tripped %v, refusals %d", r.inverter.mode, r.inverter.tripped, r.Truth().Counts.FormRefusals)
	}
}

func TestLossOfMains(t *testing.T) {
	for _, f := range []Fault{{Kind: FeederLost}, {Kind: PhaseLost, Part: 2}, {Kind: FeederSag, Value: 0.5}} {
		r := newRig(testUnit(), 1)
		r.onGrid()
		r.Apply(f)
		r.run(1)
		if r.s.Inverter.LossOfMain.State != bess.Yes || r.inverter.mode != bess.InverterOff {
			t.Errorf("%v: loss of mains %v, mode %v", f.Kind, r.s.Inverter.LossOfMain.State, r.inverter.mode)
		}
	}
}

func TestGenerator(t *testing.T) {
	r := newRig(testUnit(), 1)
	s := r.around
	s.Circuits = []si.Watts{30e3, 0, 0, 0}
	r.Surround(s)
	r.c.Feeders[1].Run = true
	r.run(3)
	if r.s.Feeders[1].Running.State == bess.Yes {
		t.Error("runs before it was cranked")
	}
	r.run(5)
	if r.s.Feeders[1].Running.State != bess.Yes || math.Abs(float64(r.s.Feeders[1].Hertz.Value)-51) > 0.1 {
		t.Fatalf("not running at no-load speed: %+v", r.s.Feeders[1].Hertz)
	}
	r.c.Feeders[1].Close, r.c.Circuits[0].Close = true, true
	r.run(0.4)
	dip := r.s.Feeders[1].Hertz.Value
	r.run(10)
	steady := r.s.Feeders[1].Hertz.Value
	if math.Abs(float64(steady)-50) > 0.1 || dip >= steady {
		t.Errorf("half load: dip to %v, steady %v", dip, steady)
	}
	r.run(60)
	used := 200 - r.feeders[1].set.fuel
	if want := 3.2/3600*76 + 0.251*30/3600*71; math.Abs(used-want) > 0.05*want {
		t.Errorf("burnt %.4f L, want about %.4f", used, want)
	}
	r.c.Feeders[1].Run = false
	r.run(1)
	r.Apply(Fault{Kind: GeneratorRefuses, Index: 1})
	r.c.Feeders[1].Run, r.c.Feeders[1].Close = true, false
	r.run(6)
	if r.s.Feeders[1].Running.State == bess.Yes || r.s.Feeders[1].Fault.State != bess.Yes {
		t.Error("a set that refuses to start started")
	}
	closes(t, r.World)
}

func TestInletRefills(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.join()
	r.raise()
	s := r.around
	s.Feeders[3] = Supply{Available: true, PostVolts: 920, PostCurrent: 200, PostPower: 50e3}
	r.Surround(s)
	for k := range r.c.Converters {
		r.c.Converters[k] = bess.ConverterCommand{Mode: bess.ConverterDroop, Reference: 750, Slope: 800, Discharge: 25e3, Charge: 20e3}
	}
	r.c.Feeders[3] = bess.FeederCommand{Close: true, Limit: 60e3, Volts: 750}
	r.run(60)
	if got := r.Truth().FeederNow[3]; math.Abs(float64(got)-50e3) > 1 {
		t.Errorf("the inlet takes %v of a 50 kW post", got)
	}
	s.Feeders[3].PostVolts = 450 // below the inlet's window
	r.Surround(s)
	r.run(2)
	if got := r.Truth().FeederNow[3]; got != 0 {
		t.Errorf("from a post that does not reach its window it takes %v", got)
	}
	closes(t, r.World)
}

func TestStationsAndVehicles(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	for i := range 9 {
		r.Plug(bess.OutletID(i), Vehicle{SoC: 0.3})
		r.c.Outlets[i] = bess.OutletCommand{Enable: true, Current: 16.9}
	}
	r.c.Outlets[1].Current = 5
	r.run(20)
	ignored := 0
	for i := range 9 {
		amps := r.s.Outlets[i].PhaseAmps[i%3].Value
		switch {
		case i == 1 && amps != 0:
			t.Errorf("5 A is below the floor, yet it draws %v", amps)
		case i != 1 && amps != 16:
			ignored++
		}
	}
	if ignored > 1 {
		t.Errorf("%d stations of 8 do not follow", ignored)
	}
	r.Apply(Fault{Kind: StationSilent, Index: 0})
	r.run(70) // its profile lasts 60 s, then its own fallback of 6 A
	if got := r.outlets[0].offer; got != 6 {
		t.Errorf("a silent station offers %v A, want its fallback 6", got)
	}
	if age := r.s.Outlets[0].Power.Age(r.Now()); age < 60*bess.Second {
		t.Errorf("a silent station still reports, age %d ms", age)
	}
	closes(t, r.World)
}

func TestRapidShedsOnSag(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	s := r.around
	s.Circuits = []si.Watts{40e3, 0, 0, 0}
	r.Surround(s)
	r.Plug(9, Vehicle{SoC: 0.1, Capacity: 117e3, Curve: fast()})
	r.c.Outlets[9] = bess.OutletCommand{Enable: true, Power: 80e3}
	r.run(20)
	if got := r.Truth().OutletNow[9]; got < 79e3 {
		t.Fatalf("rapid outlet gives %v", got)
	}
	for k := range r.c.Converters { // five packs drop out
		if k > 1 {
			r.c.Converters[k].Mode = bess.ConverterOff
		}
	}
	r.run(0.3)
	truth := r.Truth()
	if truth.Counts.RapidSheds == 0 || truth.CircuitNow[0] != 40e3 || truth.Counts.InverterTrips != 0 {
		t.Errorf("sheds %d, stage %v, trips %d, bus %v", truth.Counts.RapidSheds, truth.CircuitNow[0], truth.Counts.InverterTrips, truth.BusVolts)
	}
	closes(t, r.World)
}

func TestSwitchedPacksShareABus(t *testing.T) {
	u := testUnit()
	u.Bus.Topology, u.Converters = bess.SwitchedPacks, nil
	u.Bus.Nominal, u.Bus.Min, u.Bus.Max, u.Bus.Trip = 400, 300, 470, 290
	r := newRig(u, 1)
	r.join()
	r.c.Inverter = bess.InverterCommand{Mode: bess.InverterForm}
	r.run(5)
	r.c.Circuits[0].Close = true
	s := r.around
	s.Circuits = []si.Watts{50e3, 0, 0, 0}
	r.Surround(s)
	r.run(30)
	truth := r.Truth()
	if truth.CircuitNow[0] != 50e3 || math.Abs(float64(truth.BusVolts-truth.Packs[0].Volts)) > 1 {
		t.Errorf("load %v, bus %v, pack %v", truth.CircuitNow[0], truth.BusVolts, truth.Packs[0].Volts)
	}
	closes(t, r.World)
}

func TestReadingsAreQuantisedAndAge(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	v := &r.s.Packs[0]
	if x := float64(v.Volts.Value); x != math.Floor(x) || v.Volts.Quality != bess.Good {
		t.Errorf("volts %v", v.Volts)
	}
	if x := float64(v.Current.Value) / stepAmps; math.Abs(x-math.Round(x)) > 1e-6 {
		t.Errorf("current %v", v.Current)
	}
	if v.Identity != bess.Confirmed {
		t.Errorf("identity %v", v.Identity)
	}
	r.Apply(Fault{Kind: BMSSilent, Index: 0})
	r.Apply(Fault{Kind: BMSFrozen, Index: 1})
	frozen := r.s.Packs[1].Current.Value
	r.run(3)
	if age := v.Volts.Age(r.Now()); age < 2900 {
		t.Errorf("a silent pack's voltage is %d ms old", age)
	}
	if r.s.Packs[1].Current.Value != frozen || r.s.Packs[1].Current.Age(r.Now()) > 100 {
		t.Error("a frozen pack must repeat its old value with a new stamp")
	}
	r.Apply(Fault{Kind: SoCLie, Index: 2, Value: 0.2})
	r.Apply(Fault{Kind: CellHeat, Index: 3, Part: 41, Value: 61, Over: 5})
	r.run(6)
	if said, is := r.s.Packs[2].SoC.Value, r.Truth().Packs[2].SoC; said-is < 0.15 {
		t.Errorf("said %v, is %v", said, is)
	}
	if hot := r.s.Packs[3].Hot.Value; math.Abs(float64(hot)-61) > 2 {
		t.Errorf("hot cell at %v, want 61", hot)
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	sum := func(seed uint64) [32]byte {
		w := storm(testUnit(), seed, 500)
		return sha256.Sum256(fmt.Appendf(nil, "%v %v %v", w.mail, *w.Truth(), w.packs[0].state))
	}
	if first, second := sum(3), sum(3); first != second {
		t.Error("the same seed gave another world")
	}
	if sum(3) == sum(4) {
		t.Error("another seed gave the same world")
	}
}

func TestFaultWordsReadBack(t *testing.T) {
	for k := FaultNone + 1; k < faultCount; k++ {
		if got, ok := ParseFault(k.String()); !ok || got != k || k.String() == "" {
			t.Errorf("%d: %q reads back as %v, %v", k, k.String(), got, ok)
		}
	}
	if _, ok := ParseFault("gremlins"); ok {
		t.Error("read a fault that does not exist")
	}
}

func TestStepAndSenseDoNotAllocate(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	r.Apply(Fault{Kind: CellHeat, Index: 3, Value: 61, Over: 500})
	if n := testing.AllocsPerRun(200, func() {
		r.lease(3 * bess.Second)
		r.Step(&r.c, 0.1)
		r.Sense(&r.s)
	}); n != 0 {
		t.Errorf("%v allocations a tick", n)
	}
}

func TestShortCircuitInIsland(t *testing.T) {
	for _, c := range []struct {
		limit   si.Amps
		breaker bool
	}{{32, true}, {80, false}} {
		u := testUnit()
		u.Circuits[1].Limit = c.limit
		r := newRig(u, 1)
		r.island()
		s := r.around
		s.Circuits = []si.Watts{5e3, 5e3, 0, 0}
		r.Surround(s)
		r.run(2)
		r.Apply(Fault{Kind: CircuitShort, Index: 1})
		r.run(1)
		if got := r.circuits[1].tripped; got != c.breaker {
			t.Errorf("%v breaker tripped %v", c.limit, got)
		}
		if got := r.inverter.mode == bess.InverterForm; got != c.breaker {
			t.Errorf("%v breaker: island lives %v", c.limit, got)
		}
		closes(t, r.World)
	}
}

func TestSinglePhaseUnit(t *testing.T) {
	u := testUnit()
	u.Inverter.Phases, u.Inverter.Rated = 1, 30e3
	u.Feeders[0].Phases = 1
	u.Circuits = u.Circuits[3:]
	u.Circuits[0].Phase = 0
	r := newRig(u, 1)
	r.onGrid()
	if r.inverter.mode != bess.InverterFollow {
		t.Fatalf("does not follow a single-phase grid: %v", r.inverter.mode)
	}
	for k := range r.c.Converters {
		r.c.Converters[k].Power = 1e3
	}
	r.run(10)
	if got := r.Truth().FeederNow[0]; got > -5e3 || got < -7e3 {
		t.Errorf("7 kW of discharge gives %v at the grid", got)
	}
	closes(t, r.World)
}

func TestManagementSystemOpensByItself(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.island()
	r.Apply(Fault{Kind: BMSOpenNow, Index: 4})
	r.run(1)
	if r.s.Packs[4].OpenNow.State != bess.Yes || r.s.Packs[4].Contactor.State != bess.Yes {
		t.Errorf("announced %v, closed %v", r.s.Packs[4].OpenNow.State, r.s.Packs[4].Contactor.State)
	}
	r.run(4)
	if r.s.Packs[4].Contactor.State != bess.No || r.Truth().Packs[3].Closed == false {
		t.Error("pack 5 alone must open by itself")
	}
}
