package plant

import "reprise/bess/si"

// Cabinet is the machine's own use. Powers are assumptions of a 3.5 t mobile
// unit; the configuration replaces them.
type Cabinet struct {
	Electronics     si.Watts // controllers, contactor coils, network: always
	Pump            si.Watts // coolant pump
	Fans            si.Watts // all fans at full speed
	Heater          si.Watts // coolant heater at full power
	PumpAbove       si.Celsius
	FansFrom        si.Celsius   // hottest cell at which fans begin
	FansFull        si.Celsius   // ... and run at full speed
	HeatBelow       si.Celsius   // coldest cell below which the heater works
	HeatFull        si.Celsius   // ... and at which it gives its full power
	PumpConductance si.WattsPerK // from a pack's case to the outside while the pump runs
}

// DefaultCabinet is a unit with 150 W of electronics, a 90 W pump above 30 C,
// 400 W of fans from 32 to 45 C and a 2 kW heater below 8 C, full at 0 C (all
// assumptions; the temperatures follow the charge limits of the cells, none below
// 0 C and full from 15 C).
func DefaultCabinet() Cabinet {
	return Cabinet{
		Electronics: 150, Pump: 90, Fans: 400, Heater: 2000,
		PumpAbove: 30, FansFrom: 32, FansFull: 45, HeatBelow: 8, HeatFull: 0,
		PumpConductance: 60,
	}
}

// OwnUse is the cabinet's use by cause.
type OwnUse struct{ Electronics, Pump, Fans, Heater si.Watts }

// Total is the sum of the causes.
func (u OwnUse) Total() si.Watts { return u.Electronics + u.Pump + u.Fans + u.Heater }

// Use is the cabinet's use with its coldest and hottest cell at given
// temperatures. Fans do a cube's work: power by the cube of speed, speed straight
// between the two temperatures. The pump runs with the heater too.
func (c Cabinet) Use(coldest, hottest si.Celsius) OwnUse {
	u := OwnUse{Electronics: c.Electronics}
	speed := ramp(hottest, c.FansFrom, c.FansFull)
	u.Fans = si.Mul(c.Fans, float64(float64(speed*speed)*speed))
	u.Heater = si.Mul(c.Heater, ramp(-coldest, -c.HeatBelow, -c.HeatFull))
	if hottest > c.PumpAbove || u.Heater > 0 {
		u.Pump = c.Pump
	}
	return u
}

// ramp is 0 at from and below, 1 at full and above, straight between.
func ramp(x, from, full si.Celsius) float64 {
	if !(x > from) {
		return 0
	}
	if x >= full {
		return 1
	}
	return float64(x-from) / float64(full-from)
}
