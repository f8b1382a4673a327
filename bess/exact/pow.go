package exact

import "math"

// Pow is x to the power y. Error at most 0.8 ULP when the result is normal. The
// special cases are those of math.Pow: Pow(x, 0) and Pow(1, y) are 1, a negative
// x with a fractional y is NaN.
func Pow(x, y float64) float64 {
	if y == 0 || x == 1 {
		return 1
	}
	if x != x || y != y {
		return math.NaN()
	}
	if x == 0 || x-x != 0 || y-y != 0 {
		return powAtTheEdge(x, y)
	}
	sign := 1.0
	if x < 0 {
		if y != math.Trunc(y) {
			return math.NaN()
		}
		if odd(y) {
			sign = -1
		}
		x = -x
		if x == 1 {
			return sign
		}
	}
	head, tail := logPair(x)
	p, q := exactProduct(y, head)
	if p-p != 0 || math.Abs(p) > 800 {
		if (y > 0) == (head > 0) {
			return math.Inf(int(sign))
		}
		return math.Copysign(0, sign)
	}
	return float64(sign * expOfSum(p, q+float64(y*tail)))
}

// powAtTheEdge answers Pow when x is 0 or one of the two is infinite.
func powAtTheEdge(x, y float64) float64 {
	if y-y != 0 { // y is infinite
		a := math.Abs(x)
		switch {
		case a == 1:
			return 1
		case (a > 1) == (y > 0):
			return math.Inf(1)
		}
		return 0
	}
	size := 0.0 // |x|^y for x = 0, y > 0 or x = Inf, y < 0
	if (x == 0) == (y < 0) {
		size = math.Inf(1)
	}
	if math.Signbit(x) && odd(y) {
		return -size
	}
	return size
}

// odd reports whether y is an odd integer.
func odd(y float64) bool {
	if y != math.Trunc(y) || math.Abs(y) >= 0x1p53 {
		return false
	}
	return int64(y)&1 == 1
}

// logPair is ln x for a positive finite x as a head and a tail, together good to
// about 2^-67 of the result.
func logPair(x float64) (head, tail float64) {
	k, z := split(x)
	c, entry := breakPoint(z)
	f := z - c
	// s = f / (z+c) with its remainder: z + c = t + u exactly.
	t := z + c
	u := (c - t) + z
	if z > c {
		u = (z - t) + c
	}
	s := f / t
	p, q := exactProduct(s, t)
	low := (((f - p) - q) - float64(s*u)) / t
	s2 := float64(s * s)
	cube := float64(s * atanhRest(s2)) // 2 atanh(s) - 2 s

	kf := float64(k)
	a, b := twoSum(float64(kf*ln2Head)+entry.head, float64(2*s))
	rest, lost := twoSum(float64(kf*ln2Tail)+entry.tail, cube)
	b += float64(2*low) + lost
	a, e := twoSum(a, rest)
	return twoSum(a, b+e)
}

// twoSum is a + b as a rounded sum and its exact error (Knuth).
func twoSum(a, b float64) (sum, lost float64) {
	sum = a + b
	t := sum - a
	return sum, (a - (sum - t)) + (b - t)
}

// exactProduct is a * b as a rounded product and its error, by splitting both
// factors at 26 bits. The error is exact unless it underflows or b overflows.
func exactProduct(a, b float64) (product, lost float64) {
	const upper = ^uint64(1<<27 - 1)
	ah := math.Float64frombits(math.Float64bits(a) & upper)
	bh := math.Float64frombits(math.Float64bits(b) & upper)
	al, bl := a-ah, b-bh
	product = float64(a * b)
	lost = float64(ah*bh) - product
	lost += float64(ah * bl)
	lost += float64(al * bh)
	return product, lost + float64(al*bl)
}
