package exact

import "math"

// Bounds of the exponential function.
const (
	expOverflow  = 0x1.62e42fefa39efp+09  // ln of the largest float64
	expUnderflow = -0x1.74910d52d3052p+09 // below it e^x rounds to 0
)

// Cody and Waite's two-part ln 2 / 32: the head has 36 bits, so that its product
// with any k of the range is exact.
const (
	ln2By32Head = 0x1.62e42fefap-06
	ln2By32Tail = 0x1.cf79abc9e3b3ap-45
	inverseStep = 0x1.71547652b82fep+05 // 32 / ln 2
)

// toInteger, added and taken away again, rounds to the nearest integer.
const toInteger = 0x1.8p52

// Exp is e to the power x. Error at most 0.55 ULP. Exp(+Inf) is +Inf, Exp(-Inf)
// is 0, Exp(NaN) is NaN; beyond the range the result is +Inf or 0.
func Exp(x float64) float64 { return expOfSum(x, 0) }

// expOfSum is e^(x+tail) for a tail far below one ULP of x.
func expOfSum(x, tail float64) float64 {
	switch {
	case x != x:
		return x
	case x > expOverflow:
		return math.Inf(1)
	case x < expUnderflow:
		return 0
	}
	k, r := reduce(x)
	p := expm1Series(r + tail)
	step := powersOfTwo[k&31]
	y := step.head + (step.tail + float64(step.head*p))
	return scale(y, k>>5)
}

// Expm1 is e^x - 1 without the cancellation near 0. Error at most 1 ULP.
func Expm1(x float64) float64 {
	switch {
	case x != x || x == 0:
		return x
	case x > expOverflow:
		return math.Inf(1)
	case x < -38:
		return -1
	}
	k, r := reduce(x)
	p := expm1Series(r)
	if k == 0 {
		return p
	}
	step := powersOfTwo[k&31]
	m := k >> 5
	if m > 1000 {
		return scale(step.head+(step.tail+float64(step.head*p)), m)
	}
	head := scale(step.head, m)
	small := scale(step.tail+float64(step.head*p), m)
	if m > 53 {
		return head + (small - 1)
	}
	return (head - 1) + small
}

// reduce splits x into k steps of ln 2 / 32 and a rest of at most half a step.
func reduce(x float64) (k int, r float64) {
	kf := float64(x*inverseStep) + toInteger
	kf -= toInteger
	r = x - float64(kf*ln2By32Head)
	return int(kf), r - float64(kf*ln2By32Tail)
}

// expm1Series is e^r - 1 for |r| <= ln 2 / 64 by its Taylor series; the first
// term left out is below 2^-64 of the result's scale.
func expm1Series(r float64) float64 {
	q := 1.0/120 + float64(r*(1.0/720+float64(r*(1.0/5040))))
	q = 1.0/6 + float64(r*(1.0/24+float64(r*q)))
	r2 := float64(r * r)
	return r + float64(r2*(0.5+float64(r*q)))
}

// scale is y * 2^m, rounded once also when the result is subnormal.
func scale(y float64, m int) float64 {
	if m > -1000 && m < 1000 {
		return float64(y * math.Float64frombits(uint64(m+1023)<<52))
	}
	if m > 0 {
		return float64(float64(y*0x1p1000) * math.Float64frombits(uint64(m-1000+1023)<<52))
	}
	return float64(float64(y*0x1p-900) * math.Float64frombits(uint64(m+900+1023)<<52))
}

// Tanh is the hyperbolic tangent of x. Error at most 2 ULP. Tanh(±Inf) is ±1,
// Tanh(NaN) is NaN.
func Tanh(x float64) float64 {
	a := math.Abs(x)
	switch {
	case x != x || a < 0x1p-28:
		return x
	case a > 20:
		return math.Copysign(1, x)
	}
	e := Expm1(float64(2 * a))
	return math.Copysign(e/(e+2), x)
}
