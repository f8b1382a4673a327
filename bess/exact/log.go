package exact

import "math"

// Cody and Waite's two-part ln 2: the head has 40 bits, so that its product with
// any exponent and its sum with a table head are exact.
const (
	ln2Head = 0x1.62e42fefa4p-01
	ln2Tail = -0x1.8432a1b0e2634p-43
)

// Log is the natural logarithm of x. Error at most 0.75 ULP. Log(0) is -Inf,
// Log(+Inf) is +Inf, Log of a negative number or NaN is NaN.
func Log(x float64) float64 {
	switch {
	case x != x || x > math.MaxFloat64:
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	k, z := split(x)
	c, entry := breakPoint(z)
	f := z - c
	s := f / (z + c)
	s2 := float64(s * s)
	if c == 1 {
		// ln(1+f) = f - (f^2/2 - s (f^2/2 + R)): f is exact, the rest is small.
		half := float64(float64(0.5*f) * f)
		rest := float64(s * (half + atanhRest(s2)))
		if k == 0 {
			return f - (half - rest)
		}
		kf := float64(k)
		return float64(kf*ln2Head) - ((half - (rest + float64(kf*ln2Tail))) - f)
	}
	kf := float64(k)
	head := float64(kf*ln2Head) + entry.head
	tail := float64(kf*ln2Tail) + entry.tail
	return head + (float64(2*s) + (float64(s*atanhRest(s2)) + tail))
}

// atanhRest is (2 atanh(s) / s) - 2 for s2 = s^2 <= (1/84)^2: the series
// 2/3 s^2 + 2/5 s^4 + ...
func atanhRest(s2 float64) float64 {
	q := 2.0/7 + float64(s2*(2.0/9+float64(s2*(2.0/11))))
	return float64(s2 * (2.0/3 + float64(s2*(2.0/5+float64(s2*q)))))
}

// split writes x = 2^k z with z in [45/64, 91/64].
func split(x float64) (k int, z float64) {
	bits := math.Float64bits(x)
	if bits < 1<<52 {
		bits = math.Float64bits(x * 0x1p54)
		k = -54
	}
	k += int(bits>>52) - 1023
	bits = bits&(1<<52-1) | 1023<<52
	if bits >= math.Float64bits(0x1.6ap+00) { // 90.5/64
		bits -= 1 << 52
		k++
	}
	return k, math.Float64frombits(bits)
}

// breakPoint is the multiple of 1/64 next to z, and its logarithm. The two
// neighbours of 1 are left out, so that ln z near 0 keeps its relative accuracy.
func breakPoint(z float64) (float64, pair) {
	i := int(float64(z*64) + 0.5)
	if i >= 63 && i <= 65 {
		i = 64
	}
	return float64(float64(i) * (1.0 / 64)), logarithms[i-45]
}
