package dispatch

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// level is the dumb oracle of fill: the common level at which the weighted
// parts take the total, found by bisection.
func oracle(total float64, weights, caps []float64) []float64 {
	at := func(level float64) (sum float64) {
		for i := range weights {
			sum += min(weights[i]*level, caps[i])
		}
		return sum
	}
	low, high := 0.0, 1.0
	for at(high) < total && high < 1e18 {
		high *= 2
	}
	for range 200 {
		if middle := (low + high) / 2; at(middle) < total {
			low = middle
		} else {
			high = middle
		}
	}
	shares := make([]float64, len(weights))
	left := total
	for i := range shares {
		shares[i] = min(weights[i]*high, caps[i])
		left -= shares[i]
	}
	for i := range shares { // parts without weight help out in order
		give := max(0, min(left, caps[i]-shares[i]))
		shares[i] += give
		left -= give
	}
	return shares
}

func TestFillAgainstBisection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		number := rapid.OneOf(rapid.Float64Range(1, 50e3), rapid.SampledFrom([]float64{0, 0, 1, 25e3}))
		weights, caps, shares := make([]float64, n), make([]float64, n), make([]float64, n)
		whole := 0.0
		for i := range n {
			weights[i], caps[i], shares[i] = number.Draw(t, "weight"), number.Draw(t, "cap"), 7
			whole += caps[i]
		}
		total := rapid.Float64Range(0, 1.2*whole+1).Draw(t, "total")
		left := fill(total, weights, caps, shares)
		sum := left
		for i := range n {
			sum += shares[i]
			if shares[i] < 0 || shares[i] > caps[i]*(1+1e-12) {
				t.Fatalf("part %d gets %v of at most %v", i, shares[i], caps[i])
			}
		}
		if math.Abs(sum-total) > 1e-6*(1+total) {
			t.Fatalf("%v of %v is placed", sum, total)
		}
		if left > 1e-6*(1+total) && whole-total > 1e-6*(1+total) {
			t.Fatalf("%v is left although all can take %v", left, whole)
		}
		want := oracle(total, weights, caps)
		for i := range n {
			if math.Abs(shares[i]-want[i]) > 1e-5*(1+total) {
				t.Fatalf("shares %v, by bisection %v", shares, want)
			}
		}
	})
}

func TestFillTable(t *testing.T) {
	for _, c := range []struct {
		name          string
		total         float64
		weights, caps []float64
		want          []float64
		left          float64
	}{
		{"by what each holds", 30, []float64{1, 2}, []float64{100, 100}, []float64{10, 20}, 0},
		{"one at its cap", 30, []float64{1, 2}, []float64{100, 5}, []float64{25, 5}, 0},
		{"all at their caps", 30, []float64{1, 2}, []float64{10, 5}, []float64{10, 5}, 15},
		{"what has no weight helps out last", 30, []float64{1, 0}, []float64{20, 50}, []float64{20, 10}, 0},
		{"nobody holds anything", 30, []float64{0, 0}, []float64{20, 50}, []float64{20, 10}, 0},
		{"nothing to share", 0, []float64{1, 2}, []float64{10, 5}, []float64{0, 0}, 0},
	} {
		shares := make([]float64, len(c.want))
		left := fill(c.total, c.weights, c.caps, shares)
		if math.Abs(left-c.left) > 1e-9 {
			t.Errorf("%s: %v is left", c.name, left)
		}
		for i := range shares {
			if math.Abs(shares[i]-c.want[i]) > 1e-9 {
				t.Errorf("%s: %v", c.name, shares)
			}
		}
	}
}

func TestWholeAmps(t *testing.T) {
	for _, c := range []struct{ amps, minimum, want float64 }{
		{16, 6, 16}, {15.9999999, 6, 16}, {15.9, 6, 15}, {6, 6, 6}, {5.99, 6, 0}, {0, 6, 0}, {-3, 6, 0},
	} {
		if got := wholeAmps(siAmps(c.amps), siAmps(c.minimum)); got != siAmps(c.want) {
			t.Errorf("%v A: %v", c.amps, got)
		}
	}
}
