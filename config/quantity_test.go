package config

import (
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"reprise/bess"
	"reprise/bess/si"
)

// Whatever number a quantity holds, its text reads back to the same bits: the effective form loses nothing.
func TestQuantitiesReadBack(t *testing.T) {
	types := []struct {
		t     reflect.Type
		field string
	}{
		{reflect.TypeFor[si.Watts](), "Rated"}, {reflect.TypeFor[si.Watts](), "Ramp"}, {reflect.TypeFor[si.Watts](), "Slope"},
		{reflect.TypeFor[si.VoltAmps](), ""}, {reflect.TypeFor[si.WattHours](), ""}, {reflect.TypeFor[si.Volts](), ""},
		{reflect.TypeFor[si.Amps](), ""}, {reflect.TypeFor[si.AmpHours](), ""}, {reflect.TypeFor[si.Ohms](), ""},
		{reflect.TypeFor[si.Farads](), ""}, {reflect.TypeFor[si.Celsius](), ""}, {reflect.TypeFor[si.Hertz](), ""},
		{reflect.TypeFor[si.Seconds](), ""}, {reflect.TypeFor[si.Litres](), ""}, {reflect.TypeFor[si.WattsPerK](), ""},
		{reflect.TypeFor[si.JoulesPerK](), ""}, {reflect.TypeFor[float64](), "GramsPerL"}, {reflect.TypeFor[float64](), "A"},
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(0, 1e7).Draw(t, "x")
		if rapid.Bool().Draw(t, "round") {
			x = math.Round(x) / 100
		}
		for _, k := range types {
			c, ok := codecOf(k.t, k.field)
			if !ok {
				t.Fatalf("no codec for %v", k.t)
			}
			v := reflect.New(k.t).Elem()
			v.SetFloat(x)
			text := c.write(v)
			back := reflect.New(k.t).Elem()
			if err := c.read(text, back); err != nil || back.Float() != x {
				t.Errorf("%v %s: %v is written %q and reads back as %v, %v", k.t, k.field, x, text, back.Float(), err)
			}
		}
	})
}

// A percentage that a person writes reads back to the same ratio.
func TestRatiosReadBack(t *testing.T) {
	c, _ := codecOf(reflect.TypeFor[si.Ratio](), "")
	rapid.Check(t, func(t *rapid.T) {
		var r, back si.Ratio
		written, err := si.ParseRatio(rapid.StringMatching(`[0-9]{1,3}(\.[0-9]{1,6})?`).Draw(t, "text") + " %")
		if err != nil {
			t.Fatal(err)
		}
		r = written
		text := c.write(reflect.ValueOf(&r).Elem())
		if err := c.read(text, reflect.ValueOf(&back).Elem()); err != nil || back != r {
			t.Errorf("%v is written %q and reads back as %v, %v", float64(r), text, float64(back), err)
		}
	})
}

func TestPlainTextIsShort(t *testing.T) {
	for _, x := range []struct {
		value any
		field string
		want  string
	}{
		{si.Watts(25000), "Rated", "25 kW"}, {si.Watts(180), "Rated", "180 W"}, {si.Watts(2000), "Slope", "2 kW/V"},
		{si.WattHours(38200), "", "38.2 kWh"}, {si.Ohms(0.09), "", "90 mohm"}, {si.Farads(0.0015), "", "1.5 mF"},
		{si.Ratio(0.75), "", "75 %"}, {si.Celsius(-20), "", "-20 C"}, {bess.Span(1500), "", "1.5 s"},
		{30 * bess.Minute, "", "30 min"}, {2 * bess.Hour, "", "2 h"}, {bess.Window{From: 1320, To: 360}, "", "22:00-06:00"},
		{bess.Window{}, "", "none"}, {bess.Forever, "", "never"}, {[2]si.Ratio{0.09, 0.9225}, "", "9 %..92.25 %"},
	} {
		c, ok := codecOf(reflect.TypeOf(x.value), x.field)
		if !ok {
			t.Fatalf("no codec for %T", x.value)
		}
		if got := c.write(reflect.ValueOf(x.value)); got != x.want {
			t.Errorf("%T %v: %q, want %q", x.value, x.value, got, x.want)
		}
	}
}

func TestKeys(t *testing.T) {
	for field, want := range map[string]string{
		"PackCurrent": "pack_current", "FallbackDC": "fallback_dc", "IO": "io", "DC": "dc", "SoC": "soc", "HeatPerK": "heat_per_k",
		"NeutralToE": "neutral_to_e", "CSV": "csv", "DBC": "dbc", "GramsPerL": "grams_per_l",
	} {
		if got := keyOf(field); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
}
