package plant

import "reprise/bess/si"

// FuelCurve is the fuel of a running generator set: a fixed part and a part in
// proportion to the power.
type FuelCurve struct {
	Rated si.Watts // electrical, not kVA
	Fixed float64  // L/h at no load
	Slope float64  // L/kWh
}

// FuelCurveOf is the fuel curve of a set by size: straight lines through the
// published consumption of 60, 100, 150 and 200 kW sets at quarter loads
// (diesel generator fuel consumption chart, oer.enviraj.com and bigrentz.com),
// interpolated between sizes. Smaller and larger sets keep the slope of the
// nearest size, their fixed part in proportion to the rating (assumption).
func FuelCurveOf(rated si.Watts) FuelCurve {
	published := [...]FuelCurve{
		{60e3, 3.20, 0.251}, {100e3, 3.55, 0.244}, {150e3, 4.10, 0.247}, {200e3, 5.10, 0.245},
	}
	first, last := published[0], published[len(published)-1]
	switch {
	case !(rated > 0):
		return FuelCurve{}
	case rated <= first.Rated:
		return FuelCurve{rated, first.Fixed / float64(first.Rated) * float64(rated), first.Slope}
	case rated >= last.Rated:
		return FuelCurve{rated, last.Fixed / float64(last.Rated) * float64(rated), last.Slope}
	}
	i := 0
	for rated > published[i+1].Rated {
		i++
	}
	a, b := published[i], published[i+1]
	x := float64(rated-a.Rated) / float64(b.Rated-a.Rated)
	return FuelCurve{rated, a.Fixed + float64(x*(b.Fixed-a.Fixed)), a.Slope + float64(x*(b.Slope-a.Slope))}
}

// PerHour is the fuel of a running set at an electrical power, L/h; a power
// below 0 counts as 0.
func (f FuelCurve) PerHour(p si.Watts) float64 {
	return f.Fixed + float64(f.Slope*max(p.KW(), 0))
}

// Burn is the fuel that a running set burns at a power for a time.
func (f FuelCurve) Burn(p si.Watts, t si.Seconds) si.Litres {
	return si.Litres(f.PerHour(p) * float64(t) / si.SecondsPerHour)
}

// PowerAt is the electrical power that burns so much fuel, L/h: the inverse of
// PerHour, 0 below the fixed part.
func (f FuelCurve) PowerAt(litresPerHour float64) si.Watts {
	if f.Slope <= 0 {
		return 0
	}
	return si.Watts(max(litresPerHour-f.Fixed, 0) / f.Slope * 1000)
}

// MinimumLoad is the share of the rating below which a diesel should not run for
// long (wet stacking; waltpower.com, "minimum load for a diesel generator").
const MinimumLoad si.Ratio = 0.30

// Governor is how a set's frequency answers its load.
type Governor struct {
	Nominal  si.Hertz
	Droop    si.Ratio   // no-load above full-load frequency, over nominal
	Dip      si.Ratio   // transient dip at a step of the whole rating
	Recovery si.Seconds // until back in the steady band
}

// GovernorG2 has the limits of performance class G2 of ISO 8528-5 at 50 Hz: droop
// 5 %, dip 10 %, recovery 5 s. The clause was not at hand: an assumption until
// checked against the standard or the set.
func GovernorG2() Governor { return Governor{Nominal: 50, Droop: 0.05, Dip: 0.10, Recovery: 5} }

// GovernorG3 has the limits of performance class G3, as GovernorG2: droop 3 %,
// dip 7 %, recovery 3 s. The same caution.
func GovernorG3() Governor { return Governor{Nominal: 50, Droop: 0.03, Dip: 0.07, Recovery: 3} }

// Steady is the settled frequency at a load over rating: nominal at full load.
func (g Governor) Steady(load si.Ratio) si.Hertz {
	return si.Mul(g.Nominal, 1+float64(float64(g.Droop)*float64(1-load)))
}

// Lowest is the least frequency after a load step (over rating) up to a load.
func (g Governor) Lowest(before, after si.Ratio) si.Hertz {
	step := max(float64(after-before), 0)
	return min(g.Steady(before)-si.Mul(g.Nominal, float64(float64(g.Dip)*step)), g.Steady(after))
}
