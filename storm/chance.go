package storm

import (
	"math"
	"math/rand/v2"
	"strconv"

	"reprise/bess"
)

// chance draws from a seed. Each part of a plan has a stream of its own, so
// that one more pack does not change the weather.
type chance struct{ *rand.Rand }

func newChance(seed, stream uint64) chance {
	return chance{rand.New(rand.NewPCG(scatter(seed), scatter(stream)))} //nolint:gosec // a campaign is repeated from its seed
}

// scatter spreads neighbouring seeds over all bits (SplitMix64's finaliser).
func scatter(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// odds is true with probability p.
func (c chance) odds(p float64) bool { return c.Float64() < p }

// between is uniform in low..high, rounded to whole steps.
func (c chance) between(low, high, step float64) float64 {
	x := low + c.Float64()*(high-low)
	return math.Round(x/step) * step
}

// whole is uniform in low..high, both included.
func (c chance) whole(low, high int) int { return low + c.IntN(high-low+1) }

// span is uniform in low..high, in whole seconds.
func (c chance) span(low, high bess.Span) bess.Span {
	return low + bess.Span(c.Int64N(int64((high-low)/bess.Second)+1))*bess.Second
}

func pick[T any](c chance, of ...T) T { return of[c.IntN(len(of))] }

// number writes x with no more digits than it needs.
func number(x float64) string {
	return strconv.FormatFloat(math.Round(x*1000)/1000, 'f', -1, 64)
}
