package twin

import (
	"math"

	"reprise/bess"
	"reprise/bess/exact"
)

// segments of a tabulated open-circuit voltage over SoC 0..1.
const segments = 100

// openCircuit is the open-circuit voltage of one cell over SoC, as a table, with
// its integral so that stored energy is a function of state.
type openCircuit struct {
	volts    [segments + 1]float64
	integral [segments + 1]float64 // of volts over SoC from 0
}

// Slopes beyond the table, V per unit of SoC: an empty cell collapses, a full
// one climbs.
const (
	slopeBelow = 30.0
	slopeAbove = 4.0
)

func newOpenCircuit(c bess.Chemistry) openCircuit {
	var o openCircuit
	soc, volts := restPoints(c)
	for i := range o.volts {
		s := float64(i) / segments
		if len(soc) == 0 {
			o.volts[i] = samsung94(s)
		} else {
			o.volts[i] = interpolate(soc, volts, s)
		}
		if i > 0 {
			o.integral[i] = o.integral[i-1] + float64((o.volts[i-1]+o.volts[i])*(0.5/segments))
		}
	}
	return o
}

// at is the voltage and its slope at SoC s.
func (o *openCircuit) at(s float64) (volts, slope float64) {
	switch {
	case s < 0:
		return o.volts[0] + float64(slopeBelow*s), slopeBelow
	case s >= 1:
		return o.volts[segments] + float64(slopeAbove*(s-1)), slopeAbove
	}
	x := s * segments
	i := int(x)
	slope = o.volts[i+1] - o.volts[i]
	return o.volts[i] + float64(slope*(x-float64(i))), slope * segments
}

// energy is the integral of voltage over SoC from 0 to s: times charge it is
// what the cell has stored.
func (o *openCircuit) energy(s float64) float64 {
	switch {
	case s < 0:
		return float64(o.volts[0]*s) + float64(0.5*slopeBelow*float64(s*s))
	case s >= 1:
		d := s - 1
		return o.integral[segments] + float64(o.volts[segments]*d) + float64(0.5*slopeAbove*float64(d*d))
	}
	x := s * segments
	i := int(x)
	d := (x - float64(i)) / segments
	slope := (o.volts[i+1] - o.volts[i]) * segments
	return o.integral[i] + float64(o.volts[i]*d) + float64(0.5*slope*float64(d*d))
}

// samsung94 is the open-circuit voltage of a 94 Ah NMC prismatic cell in late
// life: the closed form published with simses (TUM; after Collath 2024).
func samsung94(s float64) float64 {
	sigmoid := func(scale, steep, shift float64) float64 {
		return scale / (1 + exact.Exp(float64(steep*(s-shift))))
	}
	return 4.5868 + sigmoid(3.1768, 3.3479, 0.6350) - sigmoid(3.8418, -6.7241, 1.4376) -
		sigmoid(4.6932, 2.5958, 1) + sigmoid(0.3618, -61.9684, 0) + float64(0.9949*s)
}

// restPoints are measured rest voltages. LMO/NMC: Leaf 33 Ah at 25 degC; LFP and
// NMC811: typical published shapes; NCA shares the NMC811 shape.
func restPoints(c bess.Chemistry) (soc, volts []float64) {
	switch c {
	case bess.LMO:
		return []float64{0, .05, .155, .259, .364, .469, .573, .678, .783, .887, .992, 1},
			[]float64{3.0, 3.48, 3.71, 3.788, 3.855, 3.897, 3.937, 3.973, 4.031, 4.074, 4.155, 4.17}
	case bess.LFP:
		return []float64{0, .02, .05, .1, .2, .3, .4, .5, .6, .7, .8, .9, .95, .98, 1},
			[]float64{2.6, 2.95, 3.1, 3.19, 3.24, 3.265, 3.285, 3.29, 3.295, 3.32, 3.33, 3.335, 3.34, 3.37, 3.5}
	case bess.NMC811, bess.NCA:
		return []float64{0, .05, .1, .2, .3, .4, .5, .6, .7, .8, .9, 1},
			[]float64{2.8, 3.15, 3.3, 3.46, 3.56, 3.64, 3.72, 3.83, 3.93, 4.02, 4.08, 4.18}
	}
	return nil, nil
}

func interpolate(x, y []float64, at float64) float64 {
	i := 1
	for i < len(x)-1 && x[i] < at {
		i++
	}
	share := (at - x[i-1]) / (x[i] - x[i-1])
	return y[i-1] + float64((y[i]-y[i-1])*share)
}

// Shares of a cell's resistance and their time constants, relative to the ohmic
// part: assumed for NMC prismatic cells as in the model set's default.
const (
	fastShare, fastTau = 0.4, 10.0
	slowShare, slowTau = 0.9, 400.0
	// pulseShare is the 10 s pulse resistance over the ohmic part:
	// 1 + 0.4 (1 - e^-1) + 0.9 (1 - e^-0.025).
	pulseShare = 1.275
	// activation of the resistance, K: 18 kJ/mol over the gas constant.
	activation = 2165.0
)

// warmth is resistance at a temperature over that at 25 degC.
func warmth(celsius float64) float64 {
	kelvin := math.Max(celsius, -60) + 273.15
	return exact.Exp(activation * (1/kelvin - 1/298.15))
}
