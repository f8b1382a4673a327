package twin

// chance is a PCG-XSH-RR 64/32 generator (M. E. O'Neill, "PCG: a family of
// simple fast space-efficient statistically good algorithms", 2014), carried as
// a value in the world.
type chance struct{ state, stream uint64 }

const pcgMultiplier = 6364136223846793005

// newChance is a generator of its own for one purpose of one seed.
func newChance(seed, purpose uint64) chance {
	c := chance{stream: purpose<<1 | 1}
	c.bits()
	c.state += seed
	c.bits()
	return c
}

func (c *chance) bits() uint32 {
	old := c.state
	c.state = old*pcgMultiplier + c.stream
	x := uint32(((old >> 18) ^ old) >> 27)
	r := uint(old >> 59)
	return x>>r | x<<(-r&31)
}

// uniform is in [0,1).
func (c *chance) uniform() float64 { return float64(float64(c.bits()) / (1 << 32)) }

// between is uniform in [lo,hi).
func (c *chance) between(lo, hi float64) float64 {
	return lo + float64((hi-lo)*c.uniform())
}

// normal has mean 0 and standard deviation 1: the sum of twelve uniforms less
// six, exact arithmetic on every machine and never beyond six.
func (c *chance) normal() float64 {
	sum := -6.0
	for range 12 {
		sum += c.uniform()
	}
	return sum
}
