package si

import "testing"

func TestProducts(t *testing.T) {
	if got := Volts(400).Times(10); got != 4000 {
		t.Errorf("400 V x 10 A = %v, want 4 kW", got)
	}
	if got := Watts(7200).For(1800); got != 3600 {
		t.Errorf("7.2 kW for half an hour = %v, want 3.6 kWh", got)
	}
	if got := WattHours(3600).At(7200); got != 1800 {
		t.Errorf("3.6 kWh at 7.2 kW lasts %v, want 1800 s", got)
	}
	if got := Amps(10).Heat(0.05); got != 5 {
		t.Errorf("10 A through 50 mohm heat %v, want 5 W", got)
	}
	if got := Watts(100).At(0); got != 0 {
		t.Errorf("a power at no voltage has current %v, want 0", got)
	}
}

func TestClampFloorWins(t *testing.T) {
	if got := Clamp(Watts(5), 10, 3); got != 10 {
		t.Errorf("Clamp(5, 10, 3) = %v, want the floor 10", got)
	}
}

func TestParse(t *testing.T) {
	good := []struct {
		text string
		want Watts
	}{{"25 kW", 25000}, {"25kW", 25000}, {"0.5 MW", 500000}, {" 7.4 kW ", 7400}, {"-3 kW", -3000}}
	for _, c := range good {
		if got, err := ParseWatts(c.text); err != nil || got != c.want {
			t.Errorf("ParseWatts(%q) = %v, %v, want %v", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{"25", "kW", "", "25 kWh", "NaN kW", "1e999 kW", "25 kw"} {
		if got, err := ParseWatts(text); err == nil {
			t.Errorf("ParseWatts(%q) = %v, want an error", text, got)
		}
	}
	if r, err := ParseRatio("75 %"); err != nil || r != 0.75 {
		t.Errorf("ParseRatio(75 %%) = %v, %v", r, err)
	}
}

func TestPrintReadsBack(t *testing.T) {
	for _, p := range []Watts{0, 5, 999, 1000, 25000, -7400, 123456} {
		if got, err := ParseWatts(p.String()); err != nil || Abs(got-p) > 0.5 {
			t.Errorf("%q reads back as %v, %v", p.String(), got, err)
		}
	}
	for _, s := range []Seconds{0.1, 59, 60, 3600, 86400, 90} {
		if got, err := ParseSeconds(s.String()); err != nil || got != s {
			t.Errorf("%q reads back as %v, %v", s.String(), float64(got), err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("25 kW")
	f.Add("1e9kW")
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := ParseWatts(s); err == nil && !Finite(p) {
			t.Errorf("ParseWatts(%q) = %v", s, float64(p))
		}
	})
}
