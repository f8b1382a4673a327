package cell

import (
	"math"

	"reprise/bess/si"
)

// intervals of a Curve: one per cent of state of charge each.
const intervals = 100

// Curve is a function of state of charge, linear between 101 equally spaced
// points from 0 to 1 and continued straight on beyond both ends.
type Curve [intervals + 1]float64

// At is the value at state of charge s.
func (c *Curve) At(s si.Ratio) float64 {
	i, x := place(s)
	return c.on(i, x)
}

// Slope is the derivative by state of charge at s; on a point it is that of the
// interval above.
func (c *Curve) Slope(s si.Ratio) float64 {
	i, _ := place(s)
	return float64(intervals * (c[i+1] - c[i]))
}

// place finds the interval of s and the position in it, 0..1 inside the curve.
func place(s si.Ratio) (int, float64) {
	x := float64(float64(s) * intervals)
	i := 0
	switch {
	case x >= intervals:
		i = intervals - 1
	case x > 0:
		i = int(x)
	}
	return i, x - float64(i)
}

func (c *Curve) on(i int, x float64) float64 {
	return c[i] + float64(x*(c[i+1]-c[i]))
}

// Mean is the mean value over the way from a to b, exactly, in either direction.
func (c *Curve) Mean(a, b si.Ratio) float64 {
	if a > b {
		a, b = b, a
	}
	i, x := place(a)
	j, y := place(b)
	if i == j {
		return c.on(i, float64(0.5*(x+y)))
	}
	// Trapezia: the rest of the first interval, whole ones, the start of the last.
	area := float64((1 - x) * c.on(i, float64(0.5*(1+x))))
	for k := i + 1; k < j; k++ {
		area += float64(0.5 * (c[k] + c[k+1]))
	}
	area += float64(y * c.on(j, float64(0.5*y)))
	return area / ((1 - x) + float64(j-i-1) + y)
}

// Inverse is the state of charge at which a rising curve has value v; beyond
// the ends it follows the same straight lines as At.
func (c *Curve) Inverse(v float64) si.Ratio {
	lo, hi := 0, intervals
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		if c[mid] <= v {
			lo = mid
		} else {
			hi = mid
		}
	}
	rise := c[lo+1] - c[lo]
	if !(rise > 0) {
		return si.Ratio(float64(lo) / intervals)
	}
	return si.Ratio((float64(lo) + (v-c[lo])/rise) / intervals)
}

// knot is one published point of a curve.
type knot struct{ soc, value float64 }

// through draws a curve through knots in rising order of soc, without
// overshoot: monotone cubic interpolation (Fritsch and Carlson, SIAM J. Numer.
// Anal. 17(2), 1980). Outside the knots the outermost value holds.
func through(knots ...knot) Curve {
	var c Curve
	j := 0
	for i := range c {
		s := float64(i) / intervals
		for j+2 < len(knots) && s > knots[j+1].soc {
			j++
		}
		c[i] = hermite(knots, j, s)
	}
	return c
}

func hermite(knots []knot, j int, s float64) float64 {
	if len(knots) == 1 || s <= knots[0].soc {
		return knots[0].value
	}
	if last := knots[len(knots)-1]; s >= last.soc {
		return last.value
	}
	a, b := knots[j], knots[j+1]
	w := b.soc - a.soc
	t := (s - a.soc) / w
	rise := b.value - a.value
	ma, mb := float64(w*tangent(knots, j)), float64(w*tangent(knots, j+1))
	// a + t ma + t^2 (3 rise - 2 ma - mb) + t^3 (ma + mb - 2 rise)
	cubic := (ma + mb) - float64(2*rise)
	square := (float64(3*rise) - float64(2*ma)) - mb
	return a.value + float64(t*(ma+float64(t*(square+float64(t*cubic)))))
}

// tangent is the weighted harmonic mean of the slopes on both sides of knot j,
// 0 where they disagree in sign, the one slope at an end.
func tangent(knots []knot, j int) float64 {
	slope := func(k int) float64 {
		return (knots[k+1].value - knots[k].value) / (knots[k+1].soc - knots[k].soc)
	}
	if j == 0 {
		return slope(0)
	}
	if j == len(knots)-1 {
		return slope(j - 1)
	}
	l, r := slope(j-1), slope(j)
	if l == 0 || r == 0 || math.Signbit(l) != math.Signbit(r) {
		return 0
	}
	wl := knots[j].soc - knots[j-1].soc
	wr := knots[j+1].soc - knots[j].soc
	a, b := float64(2*wr)+wl, wr+float64(2*wl)
	return (a + b) / (a/l + b/r)
}
