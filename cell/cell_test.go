package cell

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"reprise/bess/si"
)

func sets() []Params {
	return []Params{NMCPrismatic(), NMCPouch(), NMC811(), LeafLMO(), LFP(), Scaled(LFP(), 100), Scaled(NMCPrismatic(), 96)}
}

func drawState(t *rapid.T) State {
	return State{
		SoC:        si.Ratio(rapid.Float64Range(0, 1).Draw(t, "soc")),
		V1:         si.Volts(rapid.Float64Range(-0.1, 0.1).Draw(t, "v1")),
		V2:         si.Volts(rapid.Float64Range(-0.1, 0.1).Draw(t, "v2")),
		Hysteresis: si.Ratio(rapid.Float64Range(-1, 1).Draw(t, "hysteresis")),
		Core:       si.Celsius(rapid.Float64Range(-30, 60).Draw(t, "core")),
		Case:       si.Celsius(rapid.Float64Range(-30, 60).Draw(t, "case")),
	}
}

func drawHealth(t *rapid.T) Health {
	return Health{
		Capacity:   si.Ratio(rapid.Float64Range(0.5, 1).Draw(t, "capacity")),
		Resistance: si.Ratio(rapid.Float64Range(1, 3).Draw(t, "resistance")),
	}
}

func TestCurvesRise(t *testing.T) {
	for _, p := range sets() {
		for i := range intervals {
			if !(p.OCV[i+1] > p.OCV[i]) {
				t.Errorf("%s: open-circuit voltage falls from %v to %v at %d %%", p.Name, p.OCV[i], p.OCV[i+1], i)
			}
			if p.Hysteresis[i] < 0 || p.Shape[i] <= 0 {
				t.Errorf("%s: hysteresis %v V, shape %v at %d %%", p.Name, p.Hysteresis[i], p.Shape[i], i)
			}
		}
	}
}

// Published points that the tables must meet; none is a knot of a table.
func TestOpenCircuitAgainstSources(t *testing.T) {
	prismatic, pouch, leaf, lfp := NMCPrismatic(), NMCPouch(), LeafLMO(), LFP()
	for _, c := range []struct {
		p         *Params
		soc       si.Ratio
		want, tol si.Volts
	}{
		{&prismatic, 0, 3.23815, 1e-4}, {&prismatic, 0.25, 3.5795, 1e-4}, {&prismatic, 0.5, 3.69398, 1e-4},
		{&prismatic, 0.85, 3.9642, 1e-4}, {&prismatic, 1, 4.1274, 1e-4},
		{&pouch, 0.5, 3.6876, 1e-9}, {&leaf, 0.573, 3.937, 1e-3}, {&leaf, 0.783, 4.031, 1e-3},
		{&lfp, 0.02, 2.89524, 0.01}, {&lfp, 0.275, 3.26285, 0.001}, {&lfp, 0.625, 3.3047, 0.001}, {&lfp, 0.825, 3.3387, 0.001},
	} {
		if got := OCV(c.p, c.soc, 25); math.Abs(float64(got-c.want)) > float64(c.tol) {
			t.Errorf("%s at %v: %v V, source says %v V", c.p.Name, c.soc, float64(got), float64(c.want))
		}
	}
}

func TestCurveAgainstPlainSums(t *testing.T) {
	p := LFP()
	rapid.Check(t, func(t *rapid.T) {
		a := si.Ratio(rapid.Float64Range(-0.05, 1.05).Draw(t, "a"))
		b := si.Ratio(rapid.Float64Range(-0.05, 1.05).Draw(t, "b"))
		const parts = 4000
		var sum float64
		for i := range parts {
			sum += p.OCV.At(a + (b-a)*si.Ratio((float64(i)+0.5)/parts))
		}
		if got, want := p.OCV.Mean(a, b), sum/parts; math.Abs(got-want) > 1e-5 {
			t.Fatalf("mean of the curve from %v to %v = %v, sum says %v", a, b, got, want)
		}
		if p.OCV.Mean(a, b) != p.OCV.Mean(b, a) {
			t.Fatalf("mean depends on the direction between %v and %v", a, b)
		}
		if got := p.OCV.Inverse(p.OCV.At(a)); math.Abs(float64(got-a)) > 1e-9 {
			t.Fatalf("inverse of %v is %v", a, got)
		}
	})
}

func TestSoCAtOCVReadsBack(t *testing.T) {
	for _, p := range sets() {
		for i := 0; i <= 1000; i++ {
			s := si.Ratio(float64(i) / 1000)
			if got := SoCAtOCV(&p, OCV(&p, s, 25), 25); math.Abs(float64(got-s)) > 1e-9 {
				t.Errorf("%s: %v reads back as %v", p.Name, float64(s), float64(got))
			}
			steep := p.OCV.Slope(s) > 0.3
			if got := SoCAtOCV(&p, OCV(&p, s, 5), 5); steep && math.Abs(float64(got-s)) > 1e-3 {
				t.Errorf("%s at 5 C: %v reads back as %v", p.Name, float64(s), float64(got))
			}
		}
	}
}

// The cell's enthalpy, the terminals and the heat balance in every step.
func TestEnergyIsConserved(t *testing.T) {
	all := sets()
	rapid.Check(t, func(t *rapid.T) {
		p := &all[rapid.IntRange(0, len(all)-1).Draw(t, "cell")]
		h := drawHealth(t)
		d := Discretise(p, p.Outward, si.Seconds(rapid.SampledFrom([]float64{0.1, 1, 60}).Draw(t, "dt")))
		s := drawState(t)
		start := s
		limit := 3 * float64(p.Capacity)
		var terminal, heat, outward, turnover float64
		for range 50 {
			i := si.Amps(rapid.Float64Range(-limit, limit).Draw(t, "current"))
			var f Flows
			s, f = Step(p, &d, h, s, i, 20)
			terminal += float64(i.Times(f.Mean)) * float64(d.Step)
			heat += float64(f.Heat) * float64(d.Step)
			outward += float64(f.Outward) * float64(d.Step)
			turnover += math.Abs(float64(i.Times(f.Mean))) * float64(d.Step)
		}
		given := Energy(p, h, start.SoC) - Energy(p, h, s.SoC)
		full := Energy(p, h, 1)
		if e := math.Abs(given - terminal - heat); e > 1e-9*(full+turnover) {
			t.Fatalf("%s: cell gave %v J, terminals took %v J and heat %v J: %v J missing", p.Name, given, terminal, heat, e)
		}
		gained := float64(p.Core)*float64(s.Core-start.Core) + float64(p.Case)*float64(s.Case-start.Case)
		if e := math.Abs(heat - outward - gained); e > 1e-9*(full+turnover) {
			t.Fatalf("%s: heat %v J, outward %v J, kept %v J: %v J missing", p.Name, heat, outward, gained, e)
		}
	})
}

// At rest the heat by difference must be the sum of its known causes.
func TestHeatByCause(t *testing.T) {
	p := LFP()
	d := Discretise(&p, p.Outward, 1)
	s := Rested(0.53, 35)
	s.Hysteresis = -1
	i := si.Amps(6)
	s.V1, s.V2 = i.Across(si.Mul(p.Fast.Resistance, stiffness(&p, AsNew(), &s))), i.Across(si.Mul(p.Slow.Resistance, stiffness(&p, AsNew(), &s)))
	_, f := Step(&p, &d, AsNew(), s, i, 35)
	m := p.Hysteresis.At(0.53 - 3.0/3600/3)
	want := float64(i.Heat(Resistance(&p, AsNew(), &s))) + float64(i)*(float64(s.V1+s.V2)+m) -
		float64(i)*(35+si.Kelvin)*p.Entropy.At(0.53)
	if math.Abs(float64(f.Heat)-want) > 1e-4*want {
		t.Errorf("heat %v W, causes sum to %v W", float64(f.Heat), want)
	}
}

// A round trip back to rest must leave heat behind and give less than it took.
func TestRoundTripLoses(t *testing.T) {
	for _, p := range sets() {
		d := Discretise(&p, p.Outward, 1)
		c := si.Amps(float64(p.Capacity) / 2)
		s := Rested(0.5, 25)
		var out float64
		for step := range 2400 {
			i := c
			if step >= 1200 {
				i = -c
			}
			var f Flows
			s, f = Step(&p, &d, AsNew(), s, i, 25)
			out += float64(i.Times(f.Mean)) / 3600
		}
		took := float64(p.Capacity) / 6 * p.OCV.At(0.5)
		if loss := -out / took; loss < 0.002 || loss > 0.12 {
			t.Errorf("%s: half-C round trip loses %.2f %% of the energy moved", p.Name, 100*loss)
		}
	}
}

func TestCurrentForPower(t *testing.T) {
	all := sets()
	rapid.Check(t, func(t *rapid.T) {
		p := &all[rapid.IntRange(0, len(all)-1).Draw(t, "cell")]
		h, s := drawHealth(t), drawState(t)
		power := si.Watts(rapid.Float64Range(-1e5, 1e5).Draw(t, "power"))
		i, feasible := CurrentForPower(p, h, &s, power)
		r := Resistance(p, h, &s)
		at := i.Times(Idle(p, &s) - i.Across(r))
		if !si.Finite(i) || feasible && si.Abs(at-power) > 1e-9*max(si.Abs(power), 1) {
			t.Fatalf("%v W needs %v A, which carries %v W", float64(power), float64(i), float64(at))
		}
		if feasible && power > 0 && i > si.Mul(Idle(p, &s).Times(1).At(1), 1/(2*float64(r))) {
			t.Fatalf("%v W at %v A is beyond the greatest power", float64(power), float64(i))
		}
		if !feasible && (power <= 0 || at > power) {
			t.Fatalf("%v W called infeasible with %v W at hand", float64(power), float64(at))
		}
	})
}

func TestNeverNaN(t *testing.T) {
	for _, p := range sets() {
		for _, dt := range []si.Seconds{0, 0.1, 1, 3600, 86400} {
			d := Discretise(&p, 0, dt)
			for _, temperature := range []si.Celsius{-30, 0, 25, 60} {
				for _, soc := range []si.Ratio{0, 0.001, 0.5, 0.999, 1} {
					for _, power := range []si.Watts{-1e6, -10, 0, 10, 1e6} {
						for _, h := range []Health{{}, AsNew(), {Capacity: 0.5, Resistance: 3}} {
							s := Rested(soc, temperature)
							i, _ := CurrentForPower(&p, h, &s, power)
							s, f := Step(&p, &d, h, s, i, temperature)
							sum := float64(s.SoC) + float64(s.V1+s.V2) + float64(s.Hysteresis) + float64(s.Core+s.Case) +
								float64(f.Terminal+f.Mean) + float64(f.Heat+f.OhmicLoss+f.Outward)
							if !si.Finite(sum) {
								t.Fatalf("%s, %v s, %v C, %v, %v W: %+v %+v", p.Name, float64(dt), float64(temperature), float64(soc), float64(power), s, f)
							}
						}
					}
				}
			}
		}
	}
}

// One step of 60 s equals 600 of 0.1 s as far as the circuit is linear.
func TestStepsAreExact(t *testing.T) {
	p := NMCPrismatic()
	p.Activation = 0
	coarse, fine := Discretise(&p, 0.2, 60), Discretise(&p, 0.2, 0.1)
	a := State{SoC: 0.6, V1: 0.01, V2: -0.02, Hysteresis: 0.3, Core: 30, Case: 20}
	b := a
	var heat float64
	for range 600 {
		var f Flows
		b, f = Step(&p, &fine, AsNew(), b, 40, 15)
		heat += float64(f.Heat) / 600
	}
	a, f := Step(&p, &coarse, AsNew(), a, 40, 15)
	for _, c := range []struct {
		name      string
		got, want float64
		tol       float64
	}{
		{"soc", float64(a.SoC), float64(b.SoC), 1e-12}, {"v1", float64(a.V1), float64(b.V1), 1e-12},
		{"v2", float64(a.V2), float64(b.V2), 1e-12}, {"hysteresis", float64(a.Hysteresis), float64(b.Hysteresis), 1e-12},
		{"core", float64(a.Core), float64(b.Core), 0.01}, {"case", float64(a.Case), float64(b.Case), 0.01},
		{"heat", float64(f.Heat), heat, 0.01 * heat},
	} {
		if math.Abs(c.got-c.want) > c.tol {
			t.Errorf("%s: one step %v, many steps %v", c.name, c.got, c.want)
		}
	}
}

func TestPack(t *testing.T) {
	p := Scaled(NMCPrismatic(), 96)
	k := Pack{Series: 108, Parallel: 1, Leads: 15e-3, Balance: 1, Weak: Group{Capacity: -0.05, Resistance: 0.1}, Strong: Group{Capacity: 0.03}}
	if e := k.Energy(&p, 0, 1).KWh(); e < 37.5 || e > 39 {
		t.Errorf("108 cells of 96 Ah hold %.1f kWh, published class is 38.2 kWh", e)
	}
	if r := float64(k.Resistance(p.Resistance)); r < 0.095 || r > 0.108 {
		t.Errorf("pack resistance %.3f ohm, expected 0.10", r)
	}
	s := Rested(0.2, 25)
	low, high := k.CellVolts(&p, AsNew(), &s, 0)
	if spread := high - low; spread < 0.005 || spread > 0.1 {
		t.Errorf("spread at 20 %% is %v V", float64(spread))
	}
	if v := OCV(&p, 0.2, 25); !(low < v && v < high) {
		t.Errorf("mean %v V is not between %v and %v V", v, low, high)
	}
	lo, hi := k.Window(0.05, 0.95)
	if !(lo > 0.09 && lo < 0.11) || !(hi > 0.94 && hi <= 0.95) {
		t.Errorf("window %v..%v", float64(lo), float64(hi))
	}
	i, feasible := k.CurrentForPower(&p, AsNew(), &s, 20000)
	if !feasible || i < 50 || i > 56 {
		t.Errorf("20 kW needs %v, feasible %v", i, feasible)
	}
	rapid.Check(t, func(t *rapid.T) {
		g := Group{Capacity: si.Ratio(rapid.Float64Range(-0.3, 0.3).Draw(t, "capacity")), SoC: si.Ratio(rapid.Float64Range(-0.1, 0.1).Draw(t, "soc"))}
		soc := si.Ratio(rapid.Float64Range(0, 1).Draw(t, "mean"))
		if back := k.MeanSoC(g, k.GroupSoC(g, soc)); math.Abs(float64(back-soc)) > 1e-12 {
			t.Fatalf("%v comes back as %v", float64(soc), float64(back))
		}
	})
	var none Pack
	if v := none.Volts(3.7, 1); v != 3.7 {
		t.Errorf("an unset pack is one cell, got %v", v)
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	p := LFP()
	d := Discretise(&p, p.Outward, 1)
	s := Rested(0.5, 25)
	if n := testing.AllocsPerRun(100, func() { s, _ = Step(&p, &d, AsNew(), s, 1, 25) }); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
}

func BenchmarkStep(b *testing.B) {
	p := NMCPrismatic()
	d := Discretise(&p, p.Outward, 1)
	s := Rested(0.5, 25)
	i := si.Amps(40)
	for b.Loop() {
		s, _ = Step(&p, &d, AsNew(), s, i, 20)
		if s.SoC < 0.2 || s.SoC > 0.8 {
			i = -i
		}
	}
}

func BenchmarkCurrentForPower(b *testing.B) {
	p := NMCPrismatic()
	s := Rested(0.5, 25)
	for b.Loop() {
		CurrentForPower(&p, AsNew(), &s, 200)
	}
}
