package config

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"reprise/bess"
	"reprise/bess/si"
)

// codec reads and writes the text of one kind of value.
type codec struct {
	read    func(text string, into reflect.Value) error
	write   func(v reflect.Value) string
	pattern string // JSON Schema pattern; empty: any text
	example string
}

// number is the codec of a quantity that package si parses. units lists its spellings from the one that people prefer
// to the SI unit itself, which holds every bit.
func number[T si.Number](parse func(string) (T, error), suffix string, signed bool, units ...string) codec {
	full := func(text string) (T, error) {
		head, ok := strings.CutSuffix(strings.TrimSpace(text), suffix)
		if !ok {
			return 0, fmt.Errorf("%q has no %q behind its unit: write it like %q", text, suffix, "25 "+units[0]+suffix)
		}
		x, err := parse(head)
		if err == nil && !signed && x < 0 {
			return 0, fmt.Errorf("%q is negative: write its magnitude", text)
		}
		return x, err
	}
	return codec{
		read: func(text string, into reflect.Value) error {
			x, err := full(text)
			if err == nil {
				into.SetFloat(float64(x))
			}
			return err
		},
		write:   func(v reflect.Value) string { return exact(v.Float(), units, suffix, full) },
		pattern: `^\s*[-+]?[0-9.]+([eE][-+]?[0-9]+)?\s*[A-Za-z%°]+` + strings.ReplaceAll(suffix, "/", `\/`) + `\s*$`,
		example: "25 " + units[0] + suffix,
	}
}

// exact is the shortest text that reads back to the same bits: the first preferred unit in which the number stays
// short, else the last one with all its digits.
func exact[T si.Number](x float64, units []string, suffix string, parse func(string) (T, error)) string {
	best := ""
	for _, unit := range units {
		one, err := parse("1 " + unit + suffix)
		if err != nil || one == 0 {
			continue
		}
		for digits := range 17 {
			text := strconv.FormatFloat(x/float64(one), 'f', digits, 64) + " " + unit + suffix
			if back, err := parse(text); err == nil && float64(back) == x {
				if best == "" || len(text) < len(best) {
					best = text
				}
				break
			}
		}
	}
	if best == "" {
		best = strconv.FormatFloat(x, 'g', -1, 64) + " " + units[len(units)-1] + suffix
	}
	return best
}

// suffixOf is the unit behind the unit, where a field's own type cannot say it.
func suffixOf(field string) string {
	switch field {
	case "Ramp":
		return "/s"
	case "Slope":
		return "/V"
	case "InsulationOhmPerVolt":
		return "/V"
	}
	return ""
}

// codecOf is the codec of a type as it stands in a field, or false when the type has parts.
func codecOf(t reflect.Type, field string) (codec, bool) {
	suffix := suffixOf(field)
	switch reflect.Zero(t).Interface().(type) {
	case si.Watts:
		return number(si.ParseWatts, suffix, false, "kW", "W"), true
	case si.VoltAmps:
		return number(si.ParseVoltAmps, "", false, "kVA", "VA"), true
	case si.WattHours:
		return number(si.ParseWattHours, "", false, "kWh", "Wh"), true
	case si.Volts:
		return number(si.ParseVolts, "", false, "V"), true
	case si.Amps:
		return number(si.ParseAmps, "", false, "A"), true
	case si.AmpHours:
		return number(si.ParseAmpHours, "", false, "Ah"), true
	case si.Ohms:
		return number(si.ParseOhms, suffix, false, "mohm", "ohm"), true
	case si.Farads:
		return number(si.ParseFarads, "", false, "mF", "uF", "F"), true
	case si.Celsius:
		return number(si.ParseCelsius, "", true, "C"), true
	case si.Hertz:
		return number(si.ParseHertz, "", false, "Hz"), true
	case si.Seconds:
		return number(si.ParseSeconds, "", false, "h", "min", "s"), true
	case si.Ratio:
		return number(si.ParseRatio, "", false, "%"), true
	case si.Kilograms:
		return number(si.ParseKilograms, "", false, "kg"), true
	case si.Litres:
		return number(si.ParseLitres, "", false, "L"), true
	case si.GramsPerKWh:
		return number(si.ParseGramsPerKWh, "", false, "g/kWh"), true
	case si.Pounds:
		return number(si.ParsePounds, "", true, "GBP"), true
	case si.WattsPerK:
		return number(func(s string) (si.WattsPerK, error) {
			p, err := si.ParseWatts(s)
			return si.WattsPerK(p), err
		}, "/K", false, "W"), true
	case si.JoulesPerK:
		return number(parseJoules, "/K", false, "kJ", "J"), true
	case si.WattsPerM2:
		return number(func(s string) (si.WattsPerM2, error) {
			p, err := si.ParseWatts(s)
			return si.WattsPerM2(p), err
		}, "/m2", false, "W"), true
	case bess.Span:
		return spanCodec(), true
	case bess.Civil:
		return civilCodec(), true
	case bess.Instant:
		return instantCodec(), true
	case bess.Window:
		return windowCodec(), true
	case [2]si.Ratio:
		return rangeCodec(), true
	case bess.PackID:
		return ordinalCodec(), true
	}
	if field == "GramsPerL" {
		return number(parseGramsPerLitre, "/L", false, "kg", "g"), true
	}
	if names := spellings(t); names != nil {
		return choiceCodec(names), true
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return textCodec(), true
	}
	return plainCodec(t, field)
}

func parseJoules(s string) (si.JoulesPerK, error) {
	x, err := parseScaled(s, "a heat capacity", "120 kJ/K", scaled{"kJ", 1e3}, scaled{"MJ", 1e6}, scaled{"J", 1})
	return si.JoulesPerK(x), err
}

func parseGramsPerLitre(s string) (si.Watts, error) {
	x, err := parseScaled(s, "an emission factor", "2.69 kg/L", scaled{"kg", 1e3}, scaled{"g", 1})
	return si.Watts(x), err
}

// scaled is a unit and what one of it is in the unit of the value.
type scaled struct {
	name  string
	scale float64
}

// parseScaled reads a number with one of the units, the longer names first.
func parseScaled(s, what, example string, units ...scaled) (float64, error) {
	for _, unit := range units {
		if head, ok := strings.CutSuffix(strings.TrimSpace(s), unit.name); ok {
			x, err := parseFinite(head)
			return x * unit.scale, err
		}
	}
	return 0, fmt.Errorf("%q is not %s: write a number and a unit, such as %q", s, what, example)
}

func parseFinite(s string) (float64, error) {
	x, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
		return 0, fmt.Errorf("%q is not a number", s)
	}
	return x, nil
}

// plainCodec reads what has no unit: words, counts, flags and coefficients.
func plainCodec(t reflect.Type, field string) (codec, bool) {
	switch t.Kind() {
	case reflect.String:
		return codec{
			read: func(s string, into reflect.Value) error {
				if len(s) > 400 {
					return fmt.Errorf("the text has %d characters: write at most 400", len(s))
				}
				into.SetString(s)
				return nil
			},
			write: func(v reflect.Value) string { return v.String() },
		}, true
	case reflect.Bool:
		return choiceOf("yes", "no"), true
	case reflect.Int, reflect.Uint8, reflect.Uint64, reflect.Uint32, reflect.Int64:
		if field == "Phase" {
			return phaseCodec(), true
		}
		return countCodec(), true
	case reflect.Float64:
		return codec{
			read: func(s string, into reflect.Value) error {
				x, err := parseFinite(s)
				if err != nil {
					return fmt.Errorf("%w: write a plain number, this value has no unit", err)
				}
				into.SetFloat(x)
				return nil
			},
			write:   func(v reflect.Value) string { return strconv.FormatFloat(v.Float(), 'f', -1, 64) },
			pattern: `^[-+]?[0-9.]+([eE][-+]?[0-9]+)?$`,
			example: "0.015",
		}, true
	default:
		return codec{}, false // it has parts
	}
}
