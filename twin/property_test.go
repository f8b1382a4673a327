package twin

import (
	"math"
	"reflect"
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

// scramble gives random orders, in and out of sense.
func scramble(c *bess.Commands, now bess.Instant, draw *chance) {
	coin := func(p float64) bool { return draw.uniform() < p }
	lease := func() bess.Lease {
		return bess.Lease{By: bess.SourceDispatch, Until: now.Add(bess.Span(draw.between(-100, 4000)))}
	}
	for i := range c.Packs {
		c.Packs[i] = bess.PackCommand{Wake: coin(.9), Precharge: coin(.6), Close: coin(.7), Lease: lease()}
	}
	for i := range c.Converters {
		c.Converters[i] = bess.ConverterCommand{
			Mode: bess.ConverterMode(draw.between(0, 4)), Power: si.Watts(draw.between(-40e3, 40e3)),
			Reference: si.Volts(draw.between(600, 850)), Slope: si.Watts(draw.between(-100, 3000)),
			Discharge: si.Watts(draw.between(0, 40e3)), Charge: si.Watts(draw.between(0, 40e3)), Lease: lease(),
		}
		if coin(0.05) {
			c.Converters[i].Power = si.Watts(math.NaN())
			c.Converters[i].Reference = si.Volts(math.Inf(1))
		}
	}
	c.Inverter = bess.InverterCommand{Mode: bess.InverterMode(draw.between(0, 3)), Import: si.Watts(draw.between(0, 2e5)),
		Export: si.Watts(draw.between(0, 2e5)), Volts: 230, Hertz: 50, Lease: lease()}
	for i := range c.Feeders {
		c.Feeders[i] = bess.FeederCommand{Close: coin(.4), Run: coin(.7), Limit: si.Watts(draw.between(0, 1e5)),
			Volts: si.Volts(draw.between(400, 900)), Lease: lease()}
	}
	for i := range c.Circuits {
		c.Circuits[i] = bess.CircuitCommand{Close: coin(.8), Lease: lease()}
	}
	for i := range c.Outlets {
		c.Outlets[i] = bess.OutletCommand{Enable: coin(.9), Current: si.Amps(draw.between(0, 40)), Power: si.Watts(draw.between(0, 2e5)), Lease: lease()}
	}
	c.IO = bess.IOCommand{HoldIn: coin(.95), OutletSupply: coin(.9), Bond: coin(.5), Pump: coin(.5), Fan: coin(.5), Heater: coin(.5), Lease: lease()}
}

// storm throws random orders, surroundings, vehicles and faults at a world.
func storm(u *bess.Unit, seed uint64, steps int) *World {
	draw := newChance(seed, 7)
	w := New(u, seed, Start{Ambient: si.Celsius(draw.between(-15, 40)), SoC: []si.Ratio{
		0.02, 0.5, 0.99, si.Ratio(draw.uniform()), si.Ratio(draw.uniform()), 0.3, 0.9}})
	s, c := bess.NewSnapshot(u), bess.NewCommands(u)
	around := NewSurroundings(u)
	for n := range steps {
		if n%50 == 0 {
			scramble(&c, w.Now(), &draw)
			around.Ambient = si.Celsius(draw.between(-15, 45))
			around.Irradiance = si.WattsPerM2(draw.between(-10, 1100))
			for i := range around.Circuits {
				around.Circuits[i] = si.Watts(draw.between(-1e3, 30e3))
			}
			for i := range around.Feeders {
				around.Feeders[i] = Supply{Available: draw.uniform() < 0.7, PostVolts: 950, PostCurrent: 200, PostPower: si.Watts(draw.between(0, 150e3))}
			}
			w.Surround(around)
			out := bess.OutletID(draw.between(-1, float64(len(u.Outlets))+1))
			w.Plug(out, Vehicle{SoC: si.Ratio(draw.uniform())})
		}
		if n%20 == 0 {
			f := Fault{Kind: FaultKind(draw.between(0, float64(faultCount)+2)), Index: int(draw.between(-2, 11)),
				Part: int(draw.between(-1, 12)), Value: draw.between(-1, 80), Over: draw.between(-2, 5)}
			w.Apply(f)
			f.Index = int(draw.between(0, 10))
			f.Kind = FaultKind(draw.between(0, float64(faultCount)))
			w.Heal(f)
			w.ResetLocal()
		}
		order := &c
		if draw.uniform() < 0.05 {
			order = nil
		}
		if n%5 == 0 { // keep leases alive
			for i := range c.Packs {
				c.Packs[i].Lease.Until = w.Now().Add(2000)
			}
			for i := range c.Converters {
				c.Converters[i].Lease.Until = w.Now().Add(2000)
			}
			c.Inverter.Lease.Until, c.IO.Lease.Until = w.Now().Add(2000), w.Now().Add(2000)
		}
		w.Step(order, 0.1)
		w.Sense(&s)
	}
	return w
}

// finiteAll walks a value and reports the first number that is none.
func finiteAll(v reflect.Value, path string) string {
	switch v.Kind() {
	case reflect.Float64:
		if f := v.Float(); f-f != 0 {
			return path
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if p := finiteAll(v.Field(i), path+"."+v.Type().Field(i).Name); p != "" {
				return p
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if p := finiteAll(v.Index(i), path); p != "" {
				return p
			}
		}
	default: // what is no number cannot fail to be one
	}
	return ""
}

func TestEnergyIsConservedInAnyStorm(t *testing.T) {
	for _, topology := range []bess.Topology{bess.ConverterPerPack, bess.SwitchedPacks} {
		for seed := range uint64(120) {
			u := testUnit()
			u.Bus.Topology = topology
			if topology == bess.SwitchedPacks {
				u.Converters = nil
				u.Bus.Nominal, u.Bus.Min, u.Bus.Max, u.Bus.Trip = 400, 300, 470, 290
			}
			w := storm(u, seed, 3000)
			if where := finiteAll(reflect.ValueOf(*w), "World"); where != "" {
				t.Fatalf("topology %d seed %d: %s is not a number", topology, seed, where)
			}
			for i := range w.packs {
				if debt := w.packs[i].debt; math.Abs(debt) > 500 {
					t.Errorf("topology %d seed %d: pack %d owes %.0f J", topology, seed, i, debt)
				}
			}
			truth := w.Truth()
			if e := truth.BalanceError(); !(e < 1e-6) {
				t.Errorf("topology %d seed %d: balance error %g, residual %v of %v", topology, seed, e, truth.Residual(), truth.Books.Throughput)
			}
		}
	}
}

func TestAnyUnitSurvivesAnyStorm(t *testing.T) {
	for seed := range uint64(30) {
		draw := newChance(seed, 11)
		u := testUnit()
		pack, outlet := u.Packs[0], u.Outlets[0]
		chemistries := []bess.Chemistry{bess.NMC, bess.NMC811, bess.LMO, bess.LFP, bess.NCA, 77}
		u.Packs, u.Converters, u.Outlets = nil, u.Converters[:1], u.Outlets[9:]
		for i := range int(draw.between(2, 33)) {
			p := pack
			p.Type.Chemistry = chemistries[i%len(chemistries)]
			p.Type.Name = p.Type.Chemistry.String()
			u.Packs = append(u.Packs, p)
			k := u.Converters[0]
			k.Pack = bess.PackID(i)
			u.Converters = append(u.Converters, k)
		}
		for range int(draw.between(0, 64)) {
			u.Outlets = append(u.Outlets, outlet)
		}
		w := storm(u, seed, 400)
		if where := finiteAll(reflect.ValueOf(*w), "World"); where != "" {
			t.Fatalf("seed %d: %s is not a number", seed, where)
		}
		if e := w.Truth().BalanceError(); !(e < 1e-6) {
			t.Errorf("seed %d: balance error %g of %v", seed, e, w.Truth().Books.Throughput)
		}
	}
	// A unit with nothing filled in must not hurt either.
	blank := &bess.Unit{
		Packs: make([]bess.Pack, 2), Converters: make([]bess.Converter, 2), Feeders: make([]bess.Feeder, 4),
		Circuits: make([]bess.Circuit, 1), Outlets: make([]bess.Outlet, 2),
	}
	blank.Feeders[1].Kind, blank.Feeders[2].Kind, blank.Feeders[3].Kind = bess.Generator, bess.Solar, bess.CCS
	w := storm(blank, 1, 500)
	if where := finiteAll(reflect.ValueOf(*w), "World"); where != "" {
		t.Errorf("a blank unit: %s is not a number", where)
	}
}

func FuzzParseFault(f *testing.F) {
	for k := FaultNone; k <= faultCount; k++ {
		f.Add(k.String())
	}
	f.Add(" Cell HEAT ")
	f.Fuzz(func(t *testing.T, words string) {
		k, ok := ParseFault(words)
		if again, okAgain := ParseFault(k.String()); ok && (!okAgain || again != k) {
			t.Errorf("%q is %v, which reads back as %v", words, k, again)
		}
	})
}
