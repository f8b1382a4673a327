package exact

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

const precision = 300

func wide(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

func zero() *big.Float { return new(big.Float).SetPrec(precision) }

// series sums the Taylor series of e^x from term first on, in steps of step and
// with the given sign of each following term, by plain 300-bit arithmetic.
func series(x *big.Float, first, step int, alternate bool) *big.Float {
	sum, term := zero(), wide(1)
	for i := 0; i < 400; i++ {
		if i > 0 {
			term.Quo(term.Mul(term, x), wide(float64(i)))
		}
		if i < first || (i-first)%step != 0 {
			continue
		}
		if alternate && (i-first)/step%2 == 1 {
			sum.Sub(sum, term)
		} else {
			sum.Add(sum, term)
		}
		if i > 40 && term.MantExp(nil) < -precision {
			break
		}
	}
	return sum
}

// bigExp is e^x: halve x until small, sum the series, square back.
func bigExp(x *big.Float) *big.Float {
	y := zero().Set(x)
	halvings := 0
	for y.Sign() != 0 && y.MantExp(nil) > -4 {
		y.Quo(y, wide(2))
		halvings++
	}
	y = series(y, 0, 1, false)
	for ; halvings > 0; halvings-- {
		y.Mul(y, y)
	}
	return y
}

// bigLog is ln x: 2^k z, then 2 atanh((z-1)/(z+1)).
func bigLog(x *big.Float) *big.Float {
	z := zero()
	k := x.MantExp(z)
	if z.Cmp(wide(0.7)) < 0 {
		z.Mul(z, wide(2))
		k--
	}
	y := atanh2(zero().Quo(zero().Sub(z, wide(1)), zero().Add(z, wide(1))))
	ln2 := atanh2(zero().Quo(wide(1), wide(3)))
	return y.Add(y, ln2.Mul(ln2, wide(float64(k))))
}

func atanh2(s *big.Float) *big.Float {
	sum, power, square := zero(), zero().Set(s), zero().Mul(s, s)
	for i := 1; i < 400; i += 2 {
		term := zero().Quo(power, wide(float64(i)))
		sum.Add(sum, term)
		if term.Sign() == 0 || term.MantExp(nil) < sum.MantExp(nil)-precision {
			break
		}
		power.Mul(power, square)
	}
	return sum.Mul(sum, wide(2))
}

// errorULP is the distance of got from the true value in ULP of the true value.
func errorULP(got float64, want *big.Float) float64 {
	near, _ := want.Float64()
	if math.IsInf(near, 0) || math.IsInf(got, 0) {
		if near == got {
			return 0
		}
		return math.Inf(1)
	}
	_, e := math.Frexp(near)
	ulp := math.Ldexp(1, max(e-53, -1074))
	d := zero().Sub(wide(got), want)
	d.Quo(d, wide(ulp))
	f, _ := d.Float64()
	return math.Abs(f)
}

func bigTanh(x float64) *big.Float {
	e := bigExp(zero().Mul(wide(2), wide(x)))
	return zero().Quo(zero().Sub(e, wide(1)), zero().Add(e, wide(1)))
}

func bigExpm1(x float64) *big.Float { return zero().Sub(bigExp(wide(x)), wide(1)) }

func bigSin(x float64) *big.Float { return series(reduced(x), 1, 2, true) }

func bigCos(x float64) *big.Float { return series(reduced(x), 0, 2, true) }

// reduced is x modulo 2 pi, with pi by Machin's formula.
func reduced(x float64) *big.Float {
	atan := func(n float64) *big.Float {
		sum, power := zero(), zero().Quo(wide(1), wide(n))
		for i := 1; i < 500; i += 2 {
			term := zero().Quo(power, wide(float64(i)))
			if i%4 == 1 {
				sum.Add(sum, term)
			} else {
				sum.Sub(sum, term)
			}
			power.Quo(power, wide(n*n))
		}
		return sum
	}
	eighth := zero().Sub(zero().Mul(wide(4), atan(5)), atan(239)) // pi/4
	turn := zero().Mul(eighth, wide(8))
	turns, _ := zero().Quo(wide(x), turn).Float64()
	return zero().Sub(wide(x), zero().Mul(turn, wide(math.Round(turns))))
}

func TestErrorBounds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	uniform := func(lo, hi float64) func() float64 {
		return func() float64 { return lo + (hi-lo)*random.Float64() }
	}
	spread := func(lo, hi float64) func() float64 { // over binary orders of magnitude
		return func() float64 { return math.Exp2(lo + (hi-lo)*random.Float64()) }
	}
	cases := []struct {
		name  string
		f     func(float64) float64
		truth func(float64) *big.Float
		draw  func() float64
		bound float64
	}{
		{"Exp", Exp, func(x float64) *big.Float { return bigExp(wide(x)) }, uniform(-745, 709.7), 0.55},
		{"Exp near 0", Exp, func(x float64) *big.Float { return bigExp(wide(x)) }, uniform(-1, 1), 0.55},
		{"Expm1", Expm1, bigExpm1, uniform(-40, 709.7), 1},
		{"Expm1 near 0", Expm1, bigExpm1, uniform(-1, 1), 1},
		{"Expm1 small", Expm1, bigExpm1, spread(-60, 0), 1},
		{"Log", Log, func(x float64) *big.Float { return bigLog(wide(x)) }, spread(-1074, 1023), 0.75},
		{"Log near 1", Log, func(x float64) *big.Float { return bigLog(wide(x)) }, uniform(0.5, 2), 0.75},
		{"Log next to 1", Log, func(x float64) *big.Float { return bigLog(wide(x)) }, uniform(1-1e-6, 1+1e-6), 0.75},
		{"Tanh", Tanh, bigTanh, uniform(-20, 20), 2},
		{"Tanh near 0", Tanh, bigTanh, uniform(-0.7, 0.7), 2},
		{"Tanh small", Tanh, bigTanh, spread(-40, 0), 2},
		{"Sin", Sin, bigSin, uniform(-8, 8), 0.9},
		{"Cos", Cos, bigCos, uniform(-8, 8), 0.9},
		{"Sin far", Sin, bigSin, uniform(-MaxAngle, MaxAngle), 0.9},
		{"Cos far", Cos, bigCos, uniform(-MaxAngle, MaxAngle), 0.9},
	}
	for _, c := range cases {
		worst, at := 0.0, 0.0
		for range 800 {
			x := c.draw()
			if e := errorULP(c.f(x), c.truth(x)); !(e <= worst) {
				worst, at = e, x
			}
		}
		t.Logf("%-14s greatest error %.3f ULP at %v", c.name, worst, at)
		if !(worst <= c.bound) {
			t.Errorf("%s(%v) errs by %.3f ULP, stated bound %.2f", c.name, at, worst, c.bound)
		}
	}
}

func TestPowErrorBound(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	worst, ax, ay := 0.0, 0.0, 0.0
	for i := range 4000 {
		var x, y float64
		switch i % 3 {
		case 0: // whole range of results
			x = math.Exp2(-1022 + 2045*random.Float64())
			y = (1400*random.Float64() - 700) / math.Log(x)
		case 1: // the arguments of ageing laws
			x, y = random.Float64(), 3*random.Float64()
		case 2: // next to 1 with a large exponent
			x = 1 + (random.Float64()-0.5)*1e-3
			y = (1400*random.Float64() - 700) / math.Log(x)
		}
		truth := bigExp(zero().Mul(wide(y), bigLog(wide(x))))
		if e := errorULP(Pow(x, y), truth); !(e <= worst) {
			worst, ax, ay = e, x, y
		}
	}
	t.Logf("Pow greatest error %.3f ULP at %v, %v", worst, ax, ay)
	if !(worst <= 0.8) {
		t.Errorf("Pow(%v, %v) errs by %.3f ULP, stated bound 0.8", ax, ay, worst)
	}
}

func TestTablesAgain(t *testing.T) {
	near := func(p pair, want *big.Float) bool {
		d := zero().Sub(zero().Add(wide(p.head), wide(p.tail)), want)
		return d.Sign() == 0 || d.MantExp(nil) < -90
	}
	ln2 := bigLog(wide(2))
	for i, p := range powersOfTwo {
		if !near(p, bigExp(zero().Quo(zero().Mul(ln2, wide(float64(i))), wide(32)))) {
			t.Errorf("powersOfTwo[%d] = %v is not 2^(%d/32)", i, p, i)
		}
	}
	for i, p := range logarithms {
		if !near(p, bigLog(wide(float64(i+45)/64))) {
			t.Errorf("logarithms[%d] = %v is not ln(%d/64)", i, p, i+45)
		}
		if q := p.head * 0x1p42; q != math.Trunc(q) {
			t.Errorf("logarithms[%d].head = %v is not a multiple of 2^-42", i, p.head)
		}
	}
}

// same compares bits, with all NaN alike.
func same(a, b float64) bool {
	return a != a && b != b || math.Float64bits(a) == math.Float64bits(b)
}

func edges() []float64 {
	inf, nan := math.Inf(1), math.NaN()
	return []float64{0, math.Copysign(0, -1), 1, -1, 2, -2, 3, -3, 0.5, -0.5, inf, -inf, nan,
		1e300, -1e300, 1e-300, 0x1p53, 0x1p53 + 2, -0x1p53, 0x1p52 + 1, math.MaxFloat64, 0x1p-1022}
}

func TestSpecialValues(t *testing.T) {
	for _, x := range edges() {
		for _, c := range []struct {
			name      string
			got, want float64
		}{
			{"Exp", Exp(x), math.Exp(x)}, {"Log", Log(x), math.Log(x)}, {"Tanh", Tanh(x), math.Tanh(x)},
			{"Expm1", Expm1(x), math.Expm1(x)},
		} {
			if !same(c.got, c.want) && !(math.Abs(c.got-c.want) <= 1e-15*math.Abs(c.want)) {
				t.Errorf("%s(%v) = %v, want %v", c.name, x, c.got, c.want)
			}
		}
		for _, y := range edges() {
			got, want := Pow(x, y), math.Pow(x, y)
			if !same(got, want) && !(math.Abs(got-want) <= 1e-12*math.Abs(want)) {
				t.Errorf("Pow(%v, %v) = %v, want %v", x, y, got, want)
			}
		}
	}
	if got := Log(math.SmallestNonzeroFloat64); math.Abs(got+744.4400719213812) > 1e-12 {
		t.Errorf("Log of the smallest number = %v, want -744.44", got)
	}
	for _, x := range []float64{MaxAngle * 1.001, math.Inf(1), math.NaN()} {
		if Sin(x) == Sin(x) || Cos(x) == Cos(x) {
			t.Errorf("Sin and Cos of %v are %v and %v, want NaN", x, Sin(x), Cos(x))
		}
	}
}

// TestGoldenBits pins results, so that another architecture or compiler that
// changes one bit fails here.
func TestGoldenBits(t *testing.T) {
	var sum uint64
	random := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		x, y := 1400*random.Float64()-700, random.Float64()
		for _, v := range []float64{Exp(x), Expm1(x / 20), Log(y), Pow(y, x/50), Tanh(x / 100), Sin(x), Cos(x)} {
			sum = (sum ^ math.Float64bits(v)) * 0x100000001b3
		}
	}
	const want = 0x846b90d54803aca
	if sum != want {
		t.Errorf("hash of 140,000 results = %#x, want %#x", sum, uint64(want))
	}
}

func FuzzAgainstMath(f *testing.F) {
	f.Add(1.0, 2.0)
	f.Add(-745.2, 0.5)
	f.Add(0x1p-1074, -1.0)
	f.Add(709.79, 1e-300)
	f.Fuzz(func(t *testing.T, x, y float64) {
		close := func(name string, got, want, ulps float64) {
			if same(got, want) || math.Abs(got-want) <= ulps*0x1p-52*math.Abs(want)+0x1p-1073 {
				return
			}
			t.Errorf("%s of %v, %v = %v, package math says %v", name, x, y, got, want)
		}
		close("Exp", Exp(x), math.Exp(x), 3)
		close("Expm1", Expm1(x), math.Expm1(x), 3)
		if x > 0x1p-1022 { // math.Log is wrong for subnormal numbers on amd64
			close("Log", Log(x), math.Log(x), 3)
		}
		close("Tanh", Tanh(x), math.Tanh(x), 4)
		if p := math.Pow(x, y); math.Abs(x) > 0x1p-1022 && math.Abs(p) < 1e290 && math.Abs(p) > 1e-290 {
			close("Pow", Pow(x, y), p, 2000+math.Abs(y)) // math.Pow multiplies |y| times and rounds as often
		}
		if math.Abs(x) < 100 {
			close("Sin", Sin(x)+2, math.Sin(x)+2, 2)
			close("Cos", Cos(x)+2, math.Cos(x)+2, 2)
		}
	})
}

func bench(b *testing.B, f func(float64) float64) {
	x := 0.37
	var sum float64
	for b.Loop() {
		sum += f(x)
		x += 1e-7
	}
	if sum != sum {
		b.Fatal("NaN")
	}
}

func BenchmarkExp(b *testing.B)   { bench(b, Exp) }
func BenchmarkExpm1(b *testing.B) { bench(b, Expm1) }
func BenchmarkLog(b *testing.B)   { bench(b, Log) }
func BenchmarkTanh(b *testing.B)  { bench(b, Tanh) }
func BenchmarkSin(b *testing.B)   { bench(b, Sin) }
func BenchmarkPow(b *testing.B) {
	bench(b, func(x float64) float64 { return Pow(x, 0.578) })
}
