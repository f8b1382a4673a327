package plant

import (
	"math"

	"reprise/bess/si"
)

// LossCurve is the loss of a running converter in one direction over its rating,
// as a function of its output over its rating, p:
//
//	loss / rated = Constant + Linear p + Square p^2
//
// The input follows as output plus loss and the output from the input by the
// quadratic's closed form.
type LossCurve struct{ Constant, Linear, Square float64 }

// Power electronics measured by others, as fractions of the rating. The curves
// are assumed to hold for another rating of the same design.
//
// Siemens: a three-phase 100 kW class bridge (S120), least squares over the 197
// points above 2 % load of Schimpe et al. 2018 (10.1016/j.egypro.2018.11.065);
// from 5 % load on within 0.1 points of the measured efficiency discharging and
// 0.2 charging.
func siemensDischarge() LossCurve { return LossCurve{0.006637, 0.005157, 0.013126} }
func siemensCharge() LossCurve    { return LossCurve{0.005686, 0.010653, 0.010830} }

// Converter is a bidirectional converter: a battery's DC/DC or a grid inverter.
type Converter struct {
	Rated             si.Watts // output rating, both directions
	Charge, Discharge LossCurve
	Standby           si.Ratio // use over rating while off but supplied
}

// Siemens is a converter with the measured curves of the Siemens S120 (Schimpe
// 2018). Standby 0.2 % of the rating, the middle of 0.1-0.4 % (assumption).
func Siemens(rated si.Watts) Converter {
	return Converter{Rated: rated, Charge: siemensCharge(), Discharge: siemensDischarge(), Standby: 0.002}
}

// Notton is a converter after type 2 of Notton 2010 (10.1016/j.renene.2009.07.013):
// older and weaker at full load. Standby 0.2 % (assumption).
func Notton(rated si.Watts) Converter {
	c := LossCurve{0.0072, 0, 0.0345}
	return Converter{Rated: rated, Charge: c, Discharge: c, Standby: 0.002}
}

// Generic is the poor end of the market: the generic AC-coupled system of HTW
// Berlin's PerMod (bslib SG1). Standby 0.4 % (assumption, upper end).
func Generic(rated si.Watts) Converter {
	return Converter{
		Rated:     rated,
		Charge:    LossCurve{0.01834, -0.00339, 0.03569},
		Discharge: LossCurve{0.01931, -0.00356, 0.03757},
		Standby:   0.004,
	}
}

// GEN24 is the good end: the battery path of the Fronius GEN24 10 (bslib S5,
// PerMod fit), used in both directions. Standby 0.1 % (assumption, lower end).
func GEN24(rated si.Watts) Converter {
	c := LossCurve{0.00273, 0.01154, 0.00986}
	return Converter{Rated: rated, Charge: c, Discharge: c, Standby: 0.001}
}

// Loss is the loss of a running converter at an output; below 0 counts as 0.
func (c LossCurve) Loss(rated, output si.Watts) si.Watts {
	if !(rated > 0) {
		return 0
	}
	p := max(float64(output), 0) / float64(rated)
	l := c.Constant + float64(p*(c.Linear+float64(p*c.Square)))
	return si.Watts(max(float64(l*float64(rated)), 0))
}

// Input is what a running converter takes in for an output.
func (c LossCurve) Input(rated, output si.Watts) si.Watts {
	return max(output, 0) + c.Loss(rated, output)
}

// Output is what a running converter gives for an input, the inverse of Input; 0
// when the input does not cover the constant loss.
func (c LossCurve) Output(rated, input si.Watts) si.Watts {
	if !(rated > 0) {
		return max(input, 0)
	}
	rest := float64(input)/float64(rated) - c.Constant
	if rest <= 0 {
		return 0
	}
	b := 1 + c.Linear
	root := math.Sqrt(float64(b*b) + float64(float64(4*c.Square)*rest))
	return si.Watts(float64(2*rest) / (b + root) * float64(rated))
}

// Efficiency is output over input at an output; 0 without output.
func (c LossCurve) Efficiency(rated, output si.Watts) si.Ratio {
	if output <= 0 {
		return 0
	}
	return si.Ratio(float64(output) / float64(c.Input(rated, output)))
}

// BestLoad is the output over rating at which efficiency is greatest: where the
// constant loss equals the square one, at most 1.
func (c LossCurve) BestLoad() si.Ratio {
	if c.Square <= 0 || c.Constant >= c.Square {
		return 1
	}
	return si.Ratio(math.Sqrt(max(c.Constant, 0) / c.Square))
}

// DischargeInput is the power from the pack for an output to the bus.
func (k Converter) DischargeInput(output si.Watts) si.Watts {
	return k.Discharge.Input(k.Rated, output)
}

// DischargeOutput is the power into the bus for one taken from the pack.
func (k Converter) DischargeOutput(input si.Watts) si.Watts {
	return k.Discharge.Output(k.Rated, input)
}

// ChargeInput is the power from the bus for an output to the pack.
func (k Converter) ChargeInput(output si.Watts) si.Watts { return k.Charge.Input(k.Rated, output) }

// ChargeOutput is the power into the pack for one taken from the bus.
func (k Converter) ChargeOutput(input si.Watts) si.Watts { return k.Charge.Output(k.Rated, input) }

// OffUse is the use of a converter that is off but supplied.
func (k Converter) OffUse() si.Watts { return k.Rated.Scale(k.Standby) }
