package si

// Quantities, each in the SI unit (or the field's own: watt-hour, degree
// Celsius) that its name says.
type (
	Watts       float64 // electrical power, W
	VoltAmps    float64 // apparent or reactive power, VA or var
	WattHours   float64 // energy, Wh
	Volts       float64 // potential, V
	Amps        float64 // current, A
	AmpHours    float64 // charge, Ah
	Ohms        float64 // resistance, ohm
	Farads      float64 // capacitance, F
	Celsius     float64 // temperature, degree Celsius
	Hertz       float64 // frequency, Hz
	Seconds     float64 // duration, s
	Ratio       float64 // dimensionless, 0..1 unless stated
	Kilograms   float64 // mass, kg
	Litres      float64 // volume of fuel, L
	GramsPerKWh float64 // carbon intensity, g CO2e per kWh
	Pounds      float64 // money, GBP
	WattsPerK   float64 // heat conductance, W/K
	JoulesPerK  float64 // heat capacity, J/K
	WattsPerM2  float64 // irradiance, W/m2
)

// Kelvin is the zero of Celsius on the absolute scale.
const Kelvin = 273.15

// SecondsPerHour converts between Ws and Wh.
const SecondsPerHour = 3600

// Times is electrical power of a current at this voltage.
func (v Volts) Times(i Amps) Watts { return Watts(float64(v) * float64(i)) }

// Times is electrical power of this current at a voltage.
func (i Amps) Times(v Volts) Watts { return Watts(float64(i) * float64(v)) }

// Across is the voltage that this current drops over a resistance.
func (i Amps) Across(r Ohms) Volts { return Volts(float64(i) * float64(r)) }

// Heat is the power that this current turns into heat in a resistance.
func (i Amps) Heat(r Ohms) Watts { return Watts(float64(float64(i)*float64(i)) * float64(r)) }

// For is the charge that this current moves in t.
func (i Amps) For(t Seconds) AmpHours {
	return AmpHours(float64(i) * float64(t) / SecondsPerHour)
}

// For is the energy that this power moves in t.
func (p Watts) For(t Seconds) WattHours {
	return WattHours(float64(p) * float64(t) / SecondsPerHour)
}

// At is the current of this power at a voltage; 0 when the voltage is not
// positive, since no power can flow there.
func (p Watts) At(v Volts) Amps {
	if v <= 0 {
		return 0
	}
	return Amps(float64(p) / float64(v))
}

// Scale is this power times a ratio.
func (p Watts) Scale(r Ratio) Watts { return Watts(float64(p) * float64(r)) }

// Scale is this energy times a ratio.
func (e WattHours) Scale(r Ratio) WattHours { return WattHours(float64(e) * float64(r)) }

// Over is the mean power that moves this energy in t; 0 when t is not positive.
func (e WattHours) Over(t Seconds) Watts {
	if t <= 0 {
		return 0
	}
	return Watts(float64(e) * SecondsPerHour / float64(t))
}

// At is how long this energy lasts at a power; 0 when the power is not positive.
func (e WattHours) At(p Watts) Seconds {
	if p <= 0 {
		return 0
	}
	return Seconds(float64(e) * SecondsPerHour / float64(p))
}

// Times is the energy of this charge at a voltage.
func (q AmpHours) Times(v Volts) WattHours { return WattHours(float64(q) * float64(v)) }

// KW is the power in kilowatts, for screens and text.
func (p Watts) KW() float64 { return float64(p) / 1000 }

// KWh is the energy in kilowatt-hours, for screens and text.
func (e WattHours) KWh() float64 { return float64(e) / 1000 }

// Percent is the ratio in percent, for screens and text.
func (r Ratio) Percent() float64 { return float64(r) * 100 }

// Kelvin is the absolute temperature, K.
func (t Celsius) Kelvin() float64 { return float64(t) + Kelvin }

// Number is any quantity of this package.
type Number interface{ ~float64 }

// Clamp limits x to lo..hi. When lo is above hi the result is lo, so that a
// floor (a safety minimum) beats a ceiling.
func Clamp[T Number](x, lo, hi T) T {
	if x > hi {
		x = hi
	}
	if x < lo {
		x = lo
	}
	return x
}

// Abs is the magnitude of x.
func Abs[T Number](x T) T {
	if x < 0 {
		return -x
	}
	return x
}

// Finite reports whether x is neither NaN nor infinite.
func Finite[T Number](x T) bool { return x-x == 0 }

// Mul is a quantity times a plain number, safe against fused instructions.
func Mul[T Number](x T, k float64) T { return T(float64(x) * k) }
