package si

import (
	"fmt"
	"strconv"
	"strings"
)

// unit is one spelling of a unit: value in text times Scale plus Offset gives
// the SI value.
type unit struct {
	name  string
	scale float64
}

func powerUnits() []unit {
	return []unit{{"kW", 1e3}, {"MW", 1e6}, {"W", 1}}
}

// ParseWatts reads a power with its unit, such as "25 kW".
func ParseWatts(s string) (Watts, error) {
	x, err := parse(s, "power", powerUnits())
	return Watts(x), err
}

// ParseVoltAmps reads an apparent power with its unit, such as "100 kVA".
func ParseVoltAmps(s string) (VoltAmps, error) {
	x, err := parse(s, "apparent power", []unit{{"kVA", 1e3}, {"VA", 1}, {"kvar", 1e3}, {"var", 1}})
	return VoltAmps(x), err
}

// ParseWattHours reads an energy with its unit, such as "38.2 kWh".
func ParseWattHours(s string) (WattHours, error) {
	x, err := parse(s, "energy", []unit{{"kWh", 1e3}, {"MWh", 1e6}, {"Wh", 1}})
	return WattHours(x), err
}

// ParseVolts reads a voltage with its unit, such as "750 V" or "4250 mV".
func ParseVolts(s string) (Volts, error) {
	x, err := parse(s, "voltage", []unit{{"mV", 1e-3}, {"kV", 1e3}, {"V", 1}})
	return Volts(x), err
}

// ParseAmps reads a current with its unit, such as "63 A".
func ParseAmps(s string) (Amps, error) {
	x, err := parse(s, "current", []unit{{"mA", 1e-3}, {"kA", 1e3}, {"A", 1}})
	return Amps(x), err
}

// ParseAmpHours reads a charge with its unit, such as "50 Ah".
func ParseAmpHours(s string) (AmpHours, error) {
	x, err := parse(s, "charge", []unit{{"Ah", 1}})
	return AmpHours(x), err
}

// ParseOhms reads a resistance with its unit, such as "60 mohm" or "1 Mohm".
func ParseOhms(s string) (Ohms, error) {
	x, err := parse(s, "resistance", []unit{{"mohm", 1e-3}, {"kohm", 1e3}, {"Mohm", 1e6}, {"ohm", 1}})
	return Ohms(x), err
}

// ParseFarads reads a capacitance with its unit, such as "4 mF".
func ParseFarads(s string) (Farads, error) {
	x, err := parse(s, "capacitance", []unit{{"mF", 1e-3}, {"uF", 1e-6}, {"F", 1}})
	return Farads(x), err
}

// ParseCelsius reads a temperature with its unit, such as "25 C" or "25 °C".
func ParseCelsius(s string) (Celsius, error) {
	x, err := parse(s, "temperature", []unit{{"°C", 1}, {"C", 1}, {"degC", 1}})
	return Celsius(x), err
}

// ParseHertz reads a frequency with its unit, such as "50 Hz".
func ParseHertz(s string) (Hertz, error) {
	x, err := parse(s, "frequency", []unit{{"Hz", 1}})
	return Hertz(x), err
}

// ParseSeconds reads a duration with its unit, such as "60 s" or "10 min".
func ParseSeconds(s string) (Seconds, error) {
	x, err := parse(s, "duration", []unit{{"ms", 1e-3}, {"min", 60}, {"s", 1}, {"h", 3600}, {"d", 86400}})
	return Seconds(x), err
}

// ParseRatio reads a ratio as percent, such as "75 %"; the result is 0.75.
func ParseRatio(s string) (Ratio, error) {
	x, err := parse(s, "ratio", []unit{{"%", 1}})
	return Ratio(x / 100), err
}

// ParseLitres reads a volume with its unit, such as "200 L".
func ParseLitres(s string) (Litres, error) {
	x, err := parse(s, "volume", []unit{{"L", 1}})
	return Litres(x), err
}

// ParseKilograms reads a mass with its unit, such as "3400 kg".
func ParseKilograms(s string) (Kilograms, error) {
	x, err := parse(s, "mass", []unit{{"kg", 1}, {"t", 1000}, {"g", 1e-3}})
	return Kilograms(x), err
}

// ParseGramsPerKWh reads a carbon intensity, such as "207 g/kWh".
func ParseGramsPerKWh(s string) (GramsPerKWh, error) {
	x, err := parse(s, "carbon intensity", []unit{{"kg/kWh", 1000}, {"g/kWh", 1}})
	return GramsPerKWh(x), err
}

// ParsePounds reads an amount of money, such as "0.31 GBP".
func ParsePounds(s string) (Pounds, error) {
	x, err := parse(s, "price", []unit{{"GBP", 1}})
	return Pounds(x), err
}

// parse splits number and unit. A bare number is an error: 25 what?
func parse(s, what string, units []unit) (float64, error) {
	text := strings.TrimSpace(s)
	cut := len(text)
	for i, r := range text {
		if (r < '0' || r > '9') && r != '.' && r != '-' && r != '+' && r != 'e' && r != 'E' {
			cut = i
			break
		}
	}
	number, name := text[:cut], strings.TrimSpace(text[cut:])
	x, err := strconv.ParseFloat(number, 64)
	if err != nil || x-x != 0 {
		return 0, fmt.Errorf("%q is not a %s: write a number and a unit, such as %q", s, what, "25 "+units[0].name)
	}
	for _, u := range units {
		if name == u.name {
			return x * u.scale, nil
		}
	}
	if name == "" {
		return 0, fmt.Errorf("%q has no unit: write a %s such as %q", s, what, number+" "+units[0].name)
	}
	return 0, fmt.Errorf("%q: %q is not a unit of %s (known: %s)", s, name, what, unitNames(units))
}

func unitNames(units []unit) string {
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = u.name
	}
	return strings.Join(names, ", ")
}

// short prints at most three decimals and no trailing zeros.
func short(x float64) string {
	return strconv.FormatFloat(roundTo(x, 3), 'f', -1, 64)
}

func roundTo(x float64, decimals int) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', decimals, 64), 64)
	if err != nil {
		return x
	}
	return y
}

// String prints the power with a fitting unit, such as "25 kW".
func (p Watts) String() string {
	if Abs(p) >= 1000 {
		return short(float64(p)/1e3) + " kW"
	}
	return short(float64(p)) + " W"
}

// String prints the energy with a fitting unit, such as "38.2 kWh".
func (e WattHours) String() string {
	if Abs(e) >= 1000 {
		return short(float64(e)/1e3) + " kWh"
	}
	return short(float64(e)) + " Wh"
}

// String prints the apparent power with a fitting unit, such as "100 kVA".
func (s VoltAmps) String() string {
	if Abs(s) >= 1000 {
		return short(float64(s)/1e3) + " kVA"
	}
	return short(float64(s)) + " VA"
}

// String prints the voltage, such as "750 V".
func (v Volts) String() string { return short(float64(v)) + " V" }

// String prints the current, such as "63 A".
func (i Amps) String() string { return short(float64(i)) + " A" }

// String prints the charge, such as "50 Ah".
func (q AmpHours) String() string { return short(float64(q)) + " Ah" }

// String prints the resistance with a fitting unit, such as "60 mohm".
func (r Ohms) String() string {
	if Abs(r) < 1 && r != 0 {
		return short(float64(r)*1e3) + " mohm"
	}
	if Abs(r) >= 1000 {
		return short(float64(r)/1e3) + " kohm"
	}
	return short(float64(r)) + " ohm"
}

// String prints the capacitance, such as "4 mF".
func (c Farads) String() string { return short(float64(c)*1e3) + " mF" }

// String prints the temperature, such as "25 C".
func (t Celsius) String() string { return short(float64(t)) + " C" }

// String prints the frequency, such as "50 Hz".
func (f Hertz) String() string { return short(float64(f)) + " Hz" }

// String prints the duration, such as "60 s" or "2 h".
func (t Seconds) String() string {
	switch {
	case t >= 3600 && roundTo(float64(t)/3600, 3)*3600 == float64(t):
		return short(float64(t)/3600) + " h"
	case t >= 60 && roundTo(float64(t)/60, 3)*60 == float64(t):
		return short(float64(t)/60) + " min"
	}
	return short(float64(t)) + " s"
}

// String prints the ratio in percent, such as "75 %".
func (r Ratio) String() string { return short(float64(r)*100) + " %" }

// String prints the volume, such as "200 L".
func (l Litres) String() string { return short(float64(l)) + " L" }

// String prints the mass, such as "3400 kg".
func (m Kilograms) String() string { return short(float64(m)) + " kg" }

// String prints the carbon intensity, such as "207 g/kWh".
func (g GramsPerKWh) String() string { return short(float64(g)) + " g/kWh" }

// String prints the amount of money, such as "0.31 GBP".
func (p Pounds) String() string { return short(float64(p)) + " GBP" }
