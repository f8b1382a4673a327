package plant

import "reprise/bess/si"

// Solar is an array with its inverter.
type Solar struct {
	Peak        si.Watts   // DC at 1000 W/m2 and 25 C cell
	NOCT        si.Celsius // nominal operating cell temperature: 800 W/m2, 20 C air
	PerKelvin   float64    // change of power per kelvin of cell temperature
	SystemLoss  si.Ratio   // soiling, wiring, mismatch, shade
	Inverter    si.Watts   // AC rating
	InverterUse LossCurve
	Night       si.Ratio // inverter's use at night over its rating
}

// SolarArray is an array of typical parts. NOCT 45 C and -0.4 %/K are typical of
// crystalline silicon (assumption), 14 % system loss is the default of PVWatts,
// the inverter is the median of 70 inverters of 20-150 kW in the California
// Energy Commission's list (Sandia model, at nominal voltage; within 0.3 points
// of the median efficiency from 5 to 100 % load).
func SolarArray(peak, inverter si.Watts) Solar {
	return Solar{
		Peak: peak, NOCT: 45, PerKelvin: -0.004, SystemLoss: 0.14,
		Inverter: inverter, InverterUse: LossCurve{0.0053, 0.0150, 0.0179}, Night: 0.0003,
	}
}

// CellTemperature is the temperature of the solar cells: air plus
// (NOCT - 20) G / 800.
func (s Solar) CellTemperature(irradiance si.WattsPerM2, air si.Celsius) si.Celsius {
	g := max(float64(irradiance), 0)
	return air + si.Celsius(float64(s.NOCT-20)*g/800)
}

// DC is the array's power at the inverter's input; irradiance is on the plane of
// the array, below 0 counts as 0.
func (s Solar) DC(irradiance si.WattsPerM2, air si.Celsius) si.Watts {
	if !(irradiance > 0) {
		return 0
	}
	heat := 1 + float64(s.PerKelvin*float64(s.CellTemperature(irradiance, air)-25))
	share := float64(irradiance) / 1000 * max(heat, 0) * (1 - float64(s.SystemLoss))
	return si.Watts(max(float64(share*float64(s.Peak)), 0))
}

// AC is the power at the inverter's terminals: clipped at its rating, and a
// small draw, below 0, when the sun does not cover the inverter's own use.
func (s Solar) AC(irradiance si.WattsPerM2, air si.Celsius) si.Watts {
	out := s.InverterUse.Output(s.Inverter, s.DC(irradiance, air))
	if out <= 0 {
		return -s.Inverter.Scale(s.Night)
	}
	return min(out, s.Inverter)
}
