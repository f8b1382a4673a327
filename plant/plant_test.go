package plant

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"reprise/bess/si"
)

func converters() map[string]Converter {
	return map[string]Converter{"Siemens": Siemens(50e3), "Notton": Notton(50e3), "Generic": Generic(50e3), "GEN24": GEN24(50e3)}
}

// Full-load efficiency and best loading as published; the Siemens points are
// measured ones.
func TestConverterAgainstSources(t *testing.T) {
	for _, c := range []struct {
		name      string
		curve     LossCurve
		load      float64
		want, tol float64
	}{
		{"Siemens discharge", siemensDischarge(), 0.05, 0.87782, 0.003}, {"Siemens discharge", siemensDischarge(), 0.1, 0.93274, 0.003},
		{"Siemens discharge", siemensDischarge(), 0.2, 0.96075, 0.003}, {"Siemens discharge", siemensDischarge(), 0.39, 0.97335, 0.003},
		{"Siemens discharge", siemensDischarge(), 1, 0.974, 0.003},
		{"Siemens charge", siemensCharge(), 0.05 * 0.87569, 0.87569, 0.004}, {"Siemens charge", siemensCharge(), 0.2 * 0.95881, 0.95881, 0.003},
		{"Siemens charge", siemensCharge(), 0.39 * 0.97126, 0.97126, 0.003},
		{"Notton", Notton(1).Discharge, 1, 0.960, 0.001}, {"Generic", Generic(1).Charge, 1, 0.952, 0.001},
		{"GEN24", GEN24(1).Discharge, 1, 0.976, 0.001}, {"GEN24", GEN24(1).Discharge, 0.05, 0.938, 0.001},
		{"CEC median", SolarArray(1, 1).InverterUse, 0.05, 0.05 / 0.056086, 0.003},
		{"CEC median", SolarArray(1, 1).InverterUse, 0.2, 0.2 / 0.208539, 0.003},
		{"CEC median", SolarArray(1, 1).InverterUse, 0.75, 0.75 / 0.776449, 0.003},
		{"CEC median", SolarArray(1, 1).InverterUse, 1, 1 / 1.038219, 0.003},
	} {
		got := float64(c.curve.Efficiency(1000, si.Watts(1000*c.load)))
		if math.Abs(got-c.want) > c.tol {
			t.Errorf("%s at %.0f %% load: efficiency %.4f, source says %.4f", c.name, 100*c.load, got, c.want)
		}
	}
	for name, want := range map[string]float64{"Siemens": 0.71, "Notton": 0.46, "Generic": 0.72, "GEN24": 0.53} {
		if got := float64(converters()[name].Discharge.BestLoad()); math.Abs(got-want) > 0.01 {
			t.Errorf("%s is best at load %.3f, published %.2f", name, got, want)
		}
	}
}

func TestLossCurveProperties(t *testing.T) {
	all := []LossCurve{siemensCharge(), siemensDischarge(), Notton(1).Charge, Generic(1).Charge, Generic(1).Discharge, GEN24(1).Charge, SolarArray(1, 1).InverterUse}
	rapid.Check(t, func(t *rapid.T) {
		c := all[rapid.IntRange(0, len(all)-1).Draw(t, "curve")]
		rated := si.Watts(rapid.Float64Range(100, 1e6).Draw(t, "rated"))
		out := rated.Scale(si.Ratio(rapid.Float64Range(0, 1.5).Draw(t, "load")))
		more := out + rated.Scale(si.Ratio(rapid.Float64Range(1e-6, 0.2).Draw(t, "more")))
		in := c.Input(rated, out)
		switch {
		case c.Loss(rated, out) <= 0:
			t.Fatalf("loss at %v is %v", out, c.Loss(rated, out))
		case si.Abs(c.Output(rated, in)-out) > 1e-9*rated:
			t.Fatalf("%v in gives %v, not %v", in, c.Output(rated, in), out)
		case c.Input(rated, more) <= in:
			t.Fatalf("more out (%v) needs not more in", more)
		}
		best := c.Efficiency(rated, rated.Scale(c.BestLoad()))
		if c.Efficiency(rated, out) > best+1e-12 && out <= rated {
			t.Fatalf("efficiency at %v is above the best", out)
		}
	})
	var none Converter
	if none.DischargeInput(5) != 5 || none.ChargeOutput(5) != 5 || none.OffUse() != 0 {
		t.Error("an unset converter must pass power without loss")
	}
	if got := Siemens(50e3).DischargeOutput(10); got != 0 {
		t.Errorf("10 W do not cover the constant loss, yet %v come out", got)
	}
}

func TestFuelAgainstChart(t *testing.T) {
	for _, c := range []struct {
		kw     float64
		litres [4]float64 // at 1/4, 1/2, 3/4, full load
	}{
		{60, [4]float64{6.8, 11.0, 14.4, 18.2}}, {100, [4]float64{9.8, 15.5, 22.0, 28.0}},
		{150, [4]float64{13.6, 22.3, 31.8, 41.3}}, {200, [4]float64{17.8, 29.1, 41.6, 54.5}},
	} {
		f := FuelCurveOf(si.Watts(c.kw * 1000))
		for i, want := range c.litres {
			p := si.Watts(c.kw * 1000 * float64(i+1) / 4)
			if got := f.PerHour(p); math.Abs(got-want) > 0.035*want {
				t.Errorf("%v kW set at %v burns %.2f L/h, chart says %.1f", c.kw, p, got, want)
			}
		}
	}
	// The announcement's 16 L/h is a 100 kW set at half load.
	if got := FuelCurveOf(100e3).Burn(50e3, 3*3600); math.Abs(float64(got)-48) > 1.5 {
		t.Errorf("three hours at half load burn %v, announced 48 L", got)
	}
}

func TestFuelProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := FuelCurveOf(si.Watts(rapid.Float64Range(1e3, 1e6).Draw(t, "rated")))
		p := f.Rated.Scale(si.Ratio(rapid.Float64Range(0, 1).Draw(t, "load")))
		if f.Fixed <= 0 || f.Slope < 0.2 || f.Slope > 0.3 {
			t.Fatalf("%+v", f)
		}
		if back := f.PowerAt(f.PerHour(p)); si.Abs(back-p) > 1e-9*f.Rated {
			t.Fatalf("%v comes back as %v", p, back)
		}
	})
	if f := FuelCurveOf(0); f.PerHour(1000) != 0 || f.PowerAt(3) != 0 {
		t.Error("no set burns no fuel")
	}
	// Continuous where sizes join.
	for _, kw := range []si.Watts{60e3, 100e3, 150e3, 200e3} {
		a, b := FuelCurveOf(kw-1e-3), FuelCurveOf(kw+1e-3)
		if math.Abs(a.Fixed-b.Fixed) > 1e-6 || math.Abs(a.Slope-b.Slope) > 1e-6 {
			t.Errorf("fuel curve jumps at %v", kw)
		}
	}
}

func TestGovernor(t *testing.T) {
	g := GovernorG2()
	if g.Steady(1) != 50 || math.Abs(float64(g.Steady(0))-52.5) > 1e-12 {
		t.Errorf("droop of 5 %%: %v at full, %v at no load", g.Steady(1), g.Steady(0))
	}
	if low := g.Lowest(0, 1); low >= g.Steady(0) || low < 47 {
		t.Errorf("full step dips to %v", low)
	}
	if g.Lowest(0.8, 0.2) > g.Steady(0.2) {
		t.Error("a load that falls must not raise the lowest frequency")
	}
}

func TestSolar(t *testing.T) {
	s := SolarArray(10e3, 10e3)
	if got := s.CellTemperature(800, 20); got != 45 {
		t.Errorf("cell temperature at NOCT conditions %v, want 45 C by definition", got)
	}
	if got := s.DC(1000, -6.25); math.Abs(float64(got)-8600) > 1e-6 {
		t.Errorf("DC at 1000 W/m2 and 25 C cells %v, want the peak less 14 %%", got)
	}
	if hot, cold := s.DC(800, 35), s.DC(800, 5); hot >= cold {
		t.Errorf("hot cells give %v, cold ones %v", hot, cold)
	}
	if got := s.AC(0, 10); got >= 0 || got < -10 {
		t.Errorf("night use %v", got)
	}
	big := SolarArray(20e3, 10e3)
	if got := big.AC(1000, 0); got != 10e3 {
		t.Errorf("inverter gives %v, its rating is 10 kW", got)
	}
	var none Solar
	if none.AC(1000, 20) != 0 {
		t.Errorf("no array gives %v", none.AC(1000, 20))
	}
	last := si.Watts(-100)
	for g := si.WattsPerM2(0); g < 1200; g += 10 {
		p := s.AC(g, 15)
		if p < last {
			t.Errorf("power falls from %v to %v at %v W/m2", last, p, float64(g))
		}
		last = p
	}
}

// minutes from one state of charge to another on DC, by plain summing.
func minutes(v Vehicle, from, to si.Ratio) float64 {
	var m float64
	for s := from; s < to; s += 0.001 {
		m += float64(v.Usable) * 0.001 / float64(v.DC.At(s)) * 60
	}
	return m
}

func TestVehiclesAgainstSources(t *testing.T) {
	phev := RangeRoverPHEV()
	if m := minutes(phev, 0, 0.8); m < 34 || m > 60 {
		t.Errorf("Range Rover PHEV 0-80 %% in %.0f min, published about 40, under an hour", m)
	}
	if h := float64(phev.Usable) / (7200 * float64(phev.OnBoard)); h < 4.5 || h > 5.5 {
		t.Errorf("full charge on AC %.1f h, published about 5", h)
	}
	evoque := EvoquePHEV()
	if m := minutes(evoque, 0, 0.8); m < 24 || m > 34 {
		t.Errorf("Evoque PHEV 0-80 %% in %.0f min, published 30", m)
	}
	if p := evoque.DC.Greatest(); p != 32e3 {
		t.Errorf("Evoque PHEV takes %v DC, published 32 kW", p)
	}
	electric := RangeRoverElectric()
	if p := electric.DC.Greatest(); p != 350e3 {
		t.Errorf("Range Rover Electric takes %v DC, cut at 350 kW", p)
	}
	ipace := IPace()
	if got := ipace.DC.At(0.55); got != 80e3 {
		t.Errorf("I-PACE at 55 %% takes %v, straight between 105 and 55 kW is 80", got)
	}
}

func TestChargeCurveProperties(t *testing.T) {
	var none ChargeCurve
	if none.At(0.5) != 0 {
		t.Error("an empty curve takes power")
	}
	for _, v := range []Vehicle{RangeRoverPHEV(), EvoquePHEV(), RangeRoverElectric(), IPace()} {
		for s := si.Ratio(-0.1); s < 1.1; s += 0.01 {
			for _, p := range []si.Watts{v.AC.At(s), v.DC.At(s)} {
				if !(p > 0) || p > 350e3 {
					t.Errorf("%s at %v takes %v", v.Name, s, p)
				}
			}
		}
	}
	two := TwoStage(7000, 0.8, 0)
	for s, want := range map[si.Ratio]si.Watts{0: 7000, 0.8: 7000, 0.9: 3500, 1: 0, 2: 0} {
		if got := two.At(s); si.Abs(got-want) > 1e-9 {
			t.Errorf("two-stage curve at %v takes %v, want %v", s, got, want)
		}
	}
	if got := Curve(Point{0.5, 10}, Point{0.4, 20}, Point{0.6, -1}, Point{0.7, si.Watts(math.NaN())}); got.n != 1 {
		t.Errorf("bad points were kept: %+v", got)
	}
	if ColdFactor(-30) != 0.3 || ColdFactor(20) != 1 || ColdFactor(7.5) != 0.5 {
		t.Error("cold factor is off its published corners")
	}
}

func TestCabinet(t *testing.T) {
	c := DefaultCabinet()
	mild := c.Use(20, 25)
	if mild.Total() != c.Electronics {
		t.Errorf("mild weather uses %+v", mild)
	}
	if hot := c.Use(40, 50); hot.Fans != c.Fans || hot.Pump != c.Pump || hot.Heater != 0 {
		t.Errorf("hot cells use %+v", hot)
	}
	if cold := c.Use(-10, -5); cold.Heater != c.Heater || cold.Fans != 0 || cold.Pump != c.Pump {
		t.Errorf("cold cells use %+v", cold)
	}
	if half := c.Use(4, 10); half.Heater != c.Heater/2 {
		t.Errorf("at 4 C the heater uses %v", half.Heater)
	}
	if (Cabinet{}).Use(-20, 60).Total() != 0 {
		t.Error("no cabinet uses power")
	}
}

func TestFactors(t *testing.T) {
	for _, c := range []struct {
		year int
		fuel Fuel
		want float64
	}{
		{2016, MineralDiesel, 2.67620}, {2018, MineralDiesel, 2.68779}, {2019, DieselBlend, 2.59411},
		{2020, GasOil, 2.75776}, {2023, DieselBlend, 2.51206}, {2025, GasOil, 2.75541}, {2023, HVO, 0.03558},
	} {
		f, known := FuelFactor(c.year, c.fuel)
		if !known || f.KilogramsPerLitre() != c.want || f.Year != c.year || f.Source == "" {
			t.Errorf("%v %d: %+v, want %v kg/L", c.fuel, c.year, f, c.want)
		}
	}
	for _, year := range []int{2018, 2019, 2020} { // 48 L are announced as 129.12 kg
		if f, _ := FuelFactor(year, MineralDiesel); math.Round(f.KilogramsPerLitre()*100) != 269 {
			t.Errorf("mineral diesel of %d rounds to %v kg/L, announced 2.69", year, f.KilogramsPerLitre())
		}
	}
	for _, year := range []int{0, 2015, 2024, 2026} {
		if f, known := FuelFactor(year, GasOil); known {
			t.Errorf("a factor for %d appeared: %+v", year, f)
		}
		if f, known := GridFactor(year); known {
			t.Errorf("a grid factor for %d appeared: %+v", year, f)
		}
	}
	if f, known := GridFactor(2023); !known || f.PerKWh() != 207.07 || !f.Confirmed {
		t.Errorf("grid 2023: %+v", f)
	}
	if f, _ := GridFactor(2025); f.Confirmed {
		t.Error("the grid factor of 2025 has a single weak source and must say so")
	}
	if _, known := FuelFactor(2023, Fuel(99)); known {
		t.Error("an unknown fuel has a factor")
	}
}

func TestNothingAllocates(t *testing.T) {
	k, s, v, c := Siemens(50e3), SolarArray(10e3, 10e3), RangeRoverPHEV(), DefaultCabinet()
	var sum si.Watts
	n := testing.AllocsPerRun(100, func() {
		f, _ := FuelFactor(2023, GasOil)
		sum += k.DischargeInput(3e3) + k.ChargeOutput(3e3) + s.AC(500, 20) + v.DC.At(0.7) + c.Use(0, 40).Total() +
			si.Watts(FuelCurveOf(80e3).PerHour(30e3)) + si.Watts(f.Direct)
	})
	if n != 0 {
		t.Errorf("curves allocate %v times", n)
	}
}

func BenchmarkOutput(b *testing.B) {
	k := Siemens(50e3)
	p := si.Watts(0)
	for b.Loop() {
		p = k.DischargeOutput(p) + 10
	}
}

func BenchmarkChargeCurve(b *testing.B) {
	v := RangeRoverElectric()
	s := si.Ratio(0)
	for b.Loop() {
		if v.DC.At(s) > 0 {
			s += 1e-6
		}
	}
}
