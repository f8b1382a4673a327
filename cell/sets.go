package cell

import (
	"reprise/bess/exact"
	"reprise/bess/si"
)

// NMCPrismatic is a 94 Ah NMC/graphite prismatic EV cell (Samsung SDI class), the
// stand-in for the cells of plug-in hybrid packs; scale it to the pack's cell.
//
// Sources: open-circuit voltage, R0, mass, heat capacity and voltage window from
// the cell of Collath et al. 2024 (10.1016/j.est.2024.111508) as in TUM simses;
// case share and outward conductance from a 108-cell pack of 230 kJ/K cells,
// 60 kJ/K case, 12 W/K (assumption). Assumptions: R1 = 0.4 R0 at 10 s, R2 = 0.9 R0
// at 400 s, Ea 16 kJ/mol (middle of 10-22), hysteresis 7 mV (of 5-10), no entropic
// heat, core to case 1.5 W/K, charge efficiency 0.999.
func NMCPrismatic() Params {
	const r0 = 0.819e-3
	p := Params{
		Name: "NMC prismatic 94 Ah", Capacity: 94,
		Hysteresis: through(knot{0, 0.007}), Shape: nickelShape(), Gamma: 9,
		Resistance: r0, Fast: Branch{0.4 * r0, 10}, Slow: Branch{0.9 * r0, 400},
		Activation: 16000, Coulombic: 0.999,
		Core: 2100, Case: 60e3 / 108, CoreToCase: 1.5, Outward: 12.0 / 108,
		Min: 2.70, Max: 4.15,
	}
	for i := range p.OCV {
		p.OCV[i] = collath(float64(i) / intervals)
	}
	return p
}

// collath is the open-circuit voltage fit of the 94 Ah cell, V over soc.
func collath(s float64) float64 {
	step := func(height, rate, middle float64) float64 {
		return height / (1 + exact.Exp(float64(rate*(s-middle))))
	}
	return 4.5868 + step(3.1768, 3.3479, 0.6350) - step(3.8418, -6.7241, 1.4376) -
		step(4.6932, 2.5958, 1) + step(0.3618, -61.9684, 0) + float64(0.9949*s)
}

// NMCPouch is a 58 Ah NMC/graphite pouch cell, the stand-in for packs of 432
// pouch cells of 90 kWh together (I-PACE class, 108 in series).
//
// Sources: open-circuit voltage of the Kokam 75 Ah NMC pouch cell (NREL SAM
// table); capacity 90 kWh / 432 cells / 3.6 V; window 2.70-4.25 V (community
// decoding of the pack's limits). Assumptions: R0 that of the 94 Ah cell scaled
// by capacity, its relaxation ratios, Ea, hysteresis and charge efficiency; heat
// capacity 1.0 kJ/K; liquid plate, so a case of 0.2 kJ/K at 3 W/K from the core.
func NMCPouch() Params {
	const r0 = 0.819e-3 * 94 / 58
	return Params{
		Name: "NMC pouch 58 Ah", Capacity: 58,
		OCV: through(knot{0, 3.0000}, knot{0.1, 3.4679}, knot{0.2, 3.5394}, knot{0.3, 3.5950},
			knot{0.4, 3.6453}, knot{0.5, 3.6876}, knot{0.6, 3.7469}, knot{0.7, 3.8400},
			knot{0.8, 3.9521}, knot{0.9, 4.0668}, knot{1, 4.193}),
		Hysteresis: through(knot{0, 0.007}), Shape: nickelShape(), Gamma: 9,
		Resistance: r0, Fast: Branch{0.4 * r0, 10}, Slow: Branch{0.9 * r0, 400},
		Activation: 16000, Coulombic: 0.999,
		Core: 1000, Case: 200, CoreToCase: 3, Outward: 0.08,
		Min: 2.70, Max: 4.25,
	}
}

// NMC811 is the 5 Ah NMC811/silicon-graphite cell LG M50, 21700.
//
// Sources: open-circuit voltage, half gap of its branches and R0 at 0, 10 and
// 25 C (42.5, 33.8, 29.8 mohm; hence Ea 9.6 kJ/mol) of the Warwick tests; R1 5 mohm
// at 10 s; 68 g at 900 J/(kg K). Assumptions: R2 = 0.5 R0 at 400 s, case 10 J/K,
// core to case 0.5 W/K, outward 0.05 W/K, charge efficiency 0.999.
func NMC811() Params {
	return Params{
		Name: "NMC811 LG M50", Capacity: 5,
		OCV: through(knot{0, 2.872}, knot{0.02, 3.028}, knot{0.05, 3.200}, knot{0.1, 3.324},
			knot{0.15, 3.408}, knot{0.2, 3.465}, knot{0.25, 3.520}, knot{0.3, 3.569},
			knot{0.35, 3.604}, knot{0.4, 3.631}, knot{0.45, 3.659}, knot{0.5, 3.693},
			knot{0.55, 3.743}, knot{0.6, 3.806}, knot{0.65, 3.864}, knot{0.7, 3.907},
			knot{0.75, 3.950}, knot{0.8, 4.001}, knot{0.85, 4.053}, knot{0.9, 4.085},
			knot{0.95, 4.108}, knot{1, 4.175}),
		Hysteresis: through(knot{0.05, 0.067}, knot{0.1, 0.043}, knot{0.15, 0.018}, knot{0.2, 0.020},
			knot{0.25, 0.023}, knot{0.3, 0.015}, knot{0.35, 0.007}, knot{0.5, 0.006},
			knot{0.6, 0.011}, knot{0.65, 0.005}, knot{0.8, 0.003}, knot{1, 0.001}),
		Shape: nickelShape(), Gamma: 9,
		Resistance: 29.8e-3, Fast: Branch{5e-3, 10}, Slow: Branch{14.9e-3, 400},
		Activation: 9600, Coulombic: 0.999,
		Core: 0.068 * 900, Case: 10, CoreToCase: 0.5, Outward: 0.05,
		Min: 2.5, Max: 4.2,
	}
}

// LeafLMO is the 33 Ah LMO/NMC pouch cell of the 2013 Nissan Leaf.
//
// Sources: rest voltages and two-branch fit of the Oak Ridge pulse tests at 25 C
// (R0 1.65, R1 0.42 at 7.8 s, R2 1.56 mohm at 393 s; R0 1.49 mohm at 40 C, hence
// Ea 5.3 kJ/mol); 0.799 kg at 1600 J/(kg K), 9.5 W/(m2 K) over 0.0676 m2. The last
// rest point, 4.155 V at 0.992, is drawn on to 4.161 V. Assumptions: hysteresis
// 5 mV, no entropic heat, case 200 J/K, core to case 3 W/K, charge efficiency 0.999.
func LeafLMO() Params {
	return Params{
		Name: "LMO/NMC Leaf 33 Ah", Capacity: 33,
		OCV: through(knot{0, 3.0}, knot{0.05, 3.48}, knot{0.155, 3.71}, knot{0.259, 3.788},
			knot{0.364, 3.855}, knot{0.469, 3.897}, knot{0.573, 3.937}, knot{0.678, 3.973},
			knot{0.783, 4.031}, knot{0.887, 4.074}, knot{0.992, 4.155}, knot{1, 4.161}),
		Hysteresis: through(knot{0, 0.005}), Shape: nickelShape(), Gamma: 9,
		Resistance: 1.65e-3, Fast: Branch{0.42e-3, 7.8}, Slow: Branch{1.56e-3, 393},
		Activation: 5300, Coulombic: 0.999,
		Core: 0.799 * 1600, Case: 200, CoreToCase: 3, Outward: 9.5 * 0.0676,
		Min: 2.5, Max: 4.2,
	}
}

// LFP is the 3 Ah LFP/graphite cell Sony US26650FT, with its flat curve and its
// wide hysteresis; scale it to the cell of the pack.
//
// Sources: open-circuit voltage, hysteresis (half gap times 1.2, the ratio at
// which the model meets both branches), entropic coefficient, resistance over
// charge (47.8 mohm in all at half charge, 25 C) and over temperature (69.4 mohm
// at 10 C, hence Ea 17.4 kJ/mol) of Naumann's tests (10.1016/j.est.2018.01.019) as
// in TUM simses; gamma 9 and the split of the resistance and its time constants
// from fits on 1.2 and 2.06 Ah A123 cells; 70 g at 1001 J/(kg K). Assumptions: case
// 10 J/K, core to case 0.5 W/K, outward 0.05 W/K, charge efficiency 0.999.
func LFP() Params {
	return Params{
		Name: "LFP 26650 3 Ah", Capacity: 3,
		OCV: through(knot{0, 2.2862}, knot{0.01, 2.7833}, knot{0.025, 2.9344}, knot{0.05, 3.0647},
			knot{0.075, 3.1455}, knot{0.1, 3.1967}, knot{0.125, 3.2068}, knot{0.15, 3.2120},
			knot{0.175, 3.2214}, knot{0.2, 3.2343}, knot{0.225, 3.2449}, knot{0.25, 3.2547},
			knot{0.3, 3.2703}, knot{0.35, 3.2826}, knot{0.4, 3.2921}, knot{0.45, 3.2973},
			knot{0.5, 3.2995}, knot{0.55, 3.3014}, knot{0.6, 3.3035}, knot{0.65, 3.3063},
			knot{0.7, 3.3108}, knot{0.75, 3.3185}, knot{0.8, 3.3345}, knot{0.85, 3.3403},
			knot{0.9, 3.3425}, knot{0.95, 3.3447}, knot{0.975, 3.3471}, knot{1, 3.5305}),
		Entropy: through(knot{0, -0.5e-3}, knot{0.1, -0.2e-3}, knot{0.2, -0.1e-3}, knot{0.3, 0},
			knot{0.4, 0.1e-3}, knot{1, 0.1e-3}),
		Hysteresis: through(knot{0, 0.0360}, knot{0.05, 0.0344}, knot{0.1, 0.0301}, knot{0.2, 0.0299},
			knot{0.3, 0.0346}, knot{0.35, 0.0341}, knot{0.4, 0.0271}, knot{0.5, 0.0224},
			knot{0.7, 0.0251}, knot{0.75, 0.0270}, knot{0.85, 0.0206}, knot{0.95, 0.0222}, knot{1, 0.0360}),
		Shape: through(knot{0, 1.29}, knot{0.1, 1.29}, knot{0.2, 1.05}, knot{0.5, 1}, knot{0.7, 0.87},
			knot{0.8, 0.97}, knot{0.9, 0.89}, knot{1, 0.89}),
		Gamma:      9,
		Resistance: 7.1e-3, Fast: Branch{9.3e-3, 27}, Slow: Branch{31.4e-3, 3000},
		Activation: 17400, Coulombic: 0.999,
		Core: 0.07 * 1001, Case: 10, CoreToCase: 0.5, Outward: 0.05,
		Min: 2.0, Max: 3.65,
	}
}

// nickelShape is how resistance rises towards empty in nickel and manganese
// cells: assumption, 1.6 times at empty, 1.1 times at 10 %.
func nickelShape() Curve {
	return through(knot{0, 1.6}, knot{0.05, 1.25}, knot{0.1, 1.1}, knot{0.2, 1}, knot{1, 1})
}

// Scaled is a cell of the same make and another capacity: resistance falls and
// heat capacity and conductance rise in proportion. A capacity that is not
// positive leaves the cell as it is.
func Scaled(p Params, capacity si.AmpHours) Params {
	if !(capacity > 0) {
		return p
	}
	k := float64(capacity) / float64(p.Capacity)
	p.Capacity = capacity
	p.Resistance = si.Mul(p.Resistance, 1/k)
	p.Fast.Resistance = si.Mul(p.Fast.Resistance, 1/k)
	p.Slow.Resistance = si.Mul(p.Slow.Resistance, 1/k)
	p.Core, p.Case = si.Mul(p.Core, k), si.Mul(p.Case, k)
	p.CoreToCase, p.Outward = si.Mul(p.CoreToCase, k), si.Mul(p.Outward, k)
	return p
}
