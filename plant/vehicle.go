package plant

import "reprise/bess/si"

// Point is the greatest charge power at a state of charge.
type Point struct {
	SoC   si.Ratio
	Power si.Watts
}

// ChargeCurve is the greatest power that a vehicle takes over its state of
// charge, straight between points in rising order. The zero value takes nothing.
type ChargeCurve struct {
	points [16]Point
	n      int
}

// Curve makes a charge curve of up to 16 points in rising order of state of
// charge; points that do not rise, are negative or come too late are left out.
func Curve(points ...Point) ChargeCurve {
	var c ChargeCurve
	for _, p := range points {
		if c.n == len(c.points) {
			break
		}
		if !(p.Power >= 0) || c.n > 0 && !(p.SoC > c.points[c.n-1].SoC) {
			continue
		}
		c.points[c.n] = p
		c.n++
	}
	return c
}

// TwoStage is constant power up to a knee and then a straight fall to a last
// power at full (acnportal's Linear2Stage with last = 0).
func TwoStage(power si.Watts, knee si.Ratio, last si.Watts) ChargeCurve {
	return Curve(Point{0, power}, Point{knee, power}, Point{1, last})
}

// At is the greatest power at a state of charge; outside the points the
// outermost one holds.
func (c *ChargeCurve) At(soc si.Ratio) si.Watts {
	if c.n == 0 {
		return 0
	}
	if !(soc > c.points[0].SoC) {
		return c.points[0].Power
	}
	for i := 1; i < c.n; i++ {
		a, b := &c.points[i-1], &c.points[i]
		if soc < b.SoC {
			x := float64(soc-a.SoC) / float64(b.SoC-a.SoC)
			return a.Power + si.Mul(b.Power-a.Power, x)
		}
	}
	return c.points[c.n-1].Power
}

// Greatest is the curve's highest power.
func (c *ChargeCurve) Greatest() si.Watts {
	var most si.Watts
	for _, p := range c.points[:c.n] {
		most = max(most, p.Power)
	}
	return most
}

// Scaled is the curve times k, cut at a greatest power.
func (c ChargeCurve) Scaled(k float64, most si.Watts) ChargeCurve {
	for i := range c.points[:c.n] {
		c.points[i].Power = min(si.Mul(c.points[i].Power, k), most)
	}
	return c
}

// ColdFactor is the share of charge power that a cold battery still takes:
// (T + 5) / 25 between 0.3 and 1 (assumption).
func ColdFactor(battery si.Celsius) si.Ratio {
	return si.Clamp(si.Ratio(float64(battery+5)/25), 0.3, 1)
}

// Vehicle is a class of vehicle as a charge point sees it.
type Vehicle struct {
	Name    string
	Usable  si.WattHours
	AC, DC  ChargeCurve // at the socket; DC is empty when the class has none
	Phases  int         // of the on-board charger
	OnBoard si.Ratio    // efficiency of the on-board charger, socket to battery
}

// taperedAC is an on-board charger that gives its power up to 95 % and falls to
// 20 % of it at full (assumption).
func taperedAC(power si.Watts) ChargeCurve { return TwoStage(power, 0.95, power.Scale(0.2)) }

// onBoard is the efficiency of on-board chargers (assumption).
const onBoard si.Ratio = 0.90

// RangeRoverPHEV is the plug-in Range Rover from 2022: 31.8 kWh usable, 7.2 kW AC
// on one phase, 50 kW DC, 80 % in under an hour (edmunds.com, 2022-09-20). The
// shape of the DC curve is an assumption that meets those figures.
func RangeRoverPHEV() Vehicle {
	return Vehicle{
		Name: "Range Rover PHEV", Usable: 31800, AC: taperedAC(7200), Phases: 1, OnBoard: onBoard,
		DC: Curve(Point{0, 48e3}, Point{0.5, 48e3}, Point{0.6, 42e3}, Point{0.7, 33e3}, Point{0.8, 22e3},
			Point{0.9, 12e3}, Point{1, 3e3}),
	}
}

// EvoquePHEV is the plug-in Evoque and Discovery Sport: 15 kWh, 7 kW AC, 32 kW DC
// (paultan.org, 2020-04-22). The shape is that of RangeRoverPHEV (assumption).
func EvoquePHEV() Vehicle {
	big := RangeRoverPHEV()
	return Vehicle{
		Name: "Evoque PHEV", Usable: 15000, AC: taperedAC(7000), Phases: 1, OnBoard: onBoard,
		DC: big.DC.Scaled(32.0/48, 32e3),
	}
}

// RangeRoverElectric is a large 800 V vehicle of 117 kWh (autocarpro.in; sources
// differ by 1 kWh and on gross or usable). DC: the measured curve of the 800 V
// Ioniq 5, 72.6 kWh (open-ev-data), by energy, cut at 350 kW (assumption). AC 11 kW
// on three phases (assumption).
func RangeRoverElectric() Vehicle {
	ioniq := Curve(Point{0, 200e3}, Point{0.10, 210e3}, Point{0.22, 232e3}, Point{0.23, 185e3},
		Point{0.37, 185e3}, Point{0.38, 175e3}, Point{0.47, 175e3}, Point{0.48, 155e3}, Point{0.55, 155e3},
		Point{0.56, 130e3}, Point{0.70, 130e3}, Point{0.80, 100e3}, Point{1, 11e3})
	return Vehicle{
		Name: "Range Rover Electric", Usable: 117000, AC: taperedAC(11000), Phases: 3, OnBoard: onBoard,
		DC: ioniq.Scaled(117/72.6, 350e3),
	}
}

// IPace is the Jaguar I-PACE, 84 kWh usable, measured DC curve and 11 kW AC of the
// 2020 model (open-ev-data).
func IPace() Vehicle {
	return Vehicle{
		Name: "I-PACE", Usable: 84000, AC: taperedAC(11000), Phases: 3, OnBoard: onBoard,
		DC: Curve(Point{0, 100e3}, Point{0.3, 105e3}, Point{0.8, 55e3}, Point{0.9, 37e3}, Point{1, 12e3}),
	}
}
