package twin

import "math"

// within limits x to lo..hi; what is not a number becomes lo.
func within(x, lo, hi float64) float64 {
	if x > hi {
		x = hi
	}
	if x > lo {
		return x
	}
	return lo
}

// toward moves x to goal by at most step.
func toward(x, goal, step float64) float64 {
	step = float64(step) // callers pass products
	switch {
	case goal > x+step:
		return x + step
	case goal < x-step:
		return x - step
	}
	return goal
}

// rise is 0 below lo, 1 above hi and a straight line between.
func rise(x, lo, hi float64) float64 {
	if x <= lo {
		return 0
	}
	if x >= hi {
		return 1
	}
	return (x - lo) / (hi - lo)
}

// quantised is x in whole steps, rounded to nearest.
func quantised(x, step float64) float64 {
	return float64(math.Floor(x/step+0.5) * step)
}

// halfCV2 is the energy of a capacitor, J.
func halfCV2(farads, volts float64) float64 {
	return float64(0.5 * farads * float64(volts*volts))
}

// joulesPerWattHour converts between J and Wh.
const joulesPerWattHour = 3600.0
