package exact

import "math"

// MaxAngle is the largest angle that Sin and Cos accept, radians. One step of a
// float64 there is already 1e-10 rad; who has a larger angle must reduce it first.
const MaxAngle = 1e6

// Cody and Waite's three-part pi/2: heads of 33 bits, exact with any quadrant of
// the range.
const (
	quarterHead   = 0x1.921fb544p+00
	quarterMiddle = 0x1.0b4611a6p-34
	quarterTail   = 0x1.3198a2e037073p-69
	byQuarter     = 0x1.45f306dc9c883p-01 // 2 / pi
)

// Sin is the sine of x, radians. Error at most 0.9 ULP. NaN when |x| is above
// MaxAngle or x is NaN.
func Sin(x float64) float64 {
	if math.Abs(x) < 0x1p-26 {
		return x
	}
	n, r, tail := quadrant(x)
	return trigonometric(n, r, tail)
}

// Cos is the cosine of x, radians. Error at most 0.9 ULP. NaN when |x| is above
// MaxAngle or x is NaN.
func Cos(x float64) float64 {
	n, r, tail := quadrant(x)
	return trigonometric(n+1, r, tail)
}

func trigonometric(n int, r, tail float64) float64 {
	var y float64
	if n&1 == 0 {
		y = sinSeries(r, tail)
	} else {
		y = cosSeries(r, tail)
	}
	if n&2 != 0 {
		return -y
	}
	return y
}

// quadrant splits x into n quarter turns and a rest of at most an eighth, with
// the rest's own rounding error.
func quadrant(x float64) (n int, r, tail float64) {
	if x != x || math.Abs(x) > MaxAngle {
		return 0, math.NaN(), 0
	}
	nf := float64(x*byQuarter) + toInteger
	nf -= toInteger
	a := x - float64(nf*quarterHead)
	b, lost := twoSum(a, -float64(nf*quarterMiddle))
	r, tail = twoSum(b, lost-float64(nf*quarterTail))
	return int(nf), r, tail
}

// sinSeries is sin(r+tail) for |r| <= pi/4.
func sinSeries(r, tail float64) float64 {
	z := float64(r * r)
	q := -1.0/39916800 + float64(z*(1.0/6227020800+float64(z*(-1.0/1307674368000+float64(z*(1.0/355687428096000))))))
	q = 1.0/120 + float64(z*(-1.0/5040+float64(z*(1.0/362880+float64(z*q)))))
	q = -1.0/6 + float64(z*q)
	return r + (float64(float64(r*z)*q) + float64(tail*(1-float64(0.5*z))))
}

// cosSeries is cos(r+tail) for |r| <= pi/4.
func cosSeries(r, tail float64) float64 {
	z := float64(r * r)
	q := 1.0/479001600 + float64(z*(-1.0/87178291200+float64(z*(1.0/20922789888000+float64(z*(-1.0/6402373705728000))))))
	q = -1.0/720 + float64(z*(1.0/40320+float64(z*(-1.0/3628800+float64(z*q)))))
	q = 1.0/24 + float64(z*q)
	half := float64(0.5 * z)
	w := 1 - half
	return w + (((1 - w) - half) + (float64(float64(z*z)*q) - float64(r*tail)))
}
