// Package cell is the electro-thermal model of a lithium cell and of the pack
// that is made of it: an equivalent circuit with two relaxation branches,
// hysteresis and two thermal nodes. Pure: no clock, no allocation in a step.
//
// # Sign
//
// Current and power are positive when the cell discharges.
//
// # Equations
//
// With s the state of charge, T the core temperature, I the current, dt the
// step, Q the present capacity (Capacity x Health.Capacity):
//
//	s+  = s - eta I dt / (3600 Q)             eta = 1 discharging
//	vj+ = vj e_j + Rj (1 - e_j) I             e_j = exp(-dt/tau_j), j = 1, 2
//	h+  = a h - (1 - a) sign(I)               a = exp(-|I| gamma dt / (3600 Q))
//	U   = U25(s) + (T - 25) dU/dT(s)          open-circuit voltage
//	V   = U + M(s) h - v1 - v2 - R0 I         terminal voltage
//	R   = R25 g(s) exp(Ea/Rgas (1/T - 1/298.15)) x Health.Resistance
//
// The step is exact for a current held over dt (zero-order hold); the two
// thermal nodes advance by the exact exponential of their 2x2 matrix:
//
//	Ccore dT/dt  = heat - k (T - Tcase)
//	Ccase dTc/dt = k (T - Tcase) - UA (Tcase - Toutside)
//
// # Energy
//
// The first law holds to rounding in every step. The energy held by the cell is
// its enthalpy, a function of s alone because U - T dU/dT does not depend on T:
//
//	H(s) = 3600 Q * integral of (U25 - 298.15 dU/dT) ds
//	H(s) - H(s+) = V I dt + heat dt
//
// where V is the mean terminal voltage over the step. Heat so holds the ohmic
// and relaxation losses, the hysteresis loss, the charge lost to side reactions
// and the reversible (entropic) heat. It is negative for a moment when the
// relaxation branches still push against a reversed current; their energy was
// booked as heat when they were wound up.
//
// # Sources
//
// Each parameter set names the origin of its numbers; what has no published
// origin says "assumption". Equations: G. L. Plett, "Battery Management Systems,
// Volume I" (2015), chapter 2; NREL thevenin; TUM simses; PyBaMM's Thevenin model
// (cell and case nodes).
package cell
