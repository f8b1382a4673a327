package scenario

import (
	"math"

	"reprise/bess/si"
)

// Curve is one quantity over time on an even grid. At allocates nothing; the zero value knows nothing.
type Curve struct {
	name   string
	from   int64     // ms since 1970 UTC of the first value
	step   int64     // ms
	values []float64 // SI; NaN where unknown
	linear bool      // between values; else each holds for its step
}

// At is the value at a moment, and whether there is one.
func (c *Curve) At(unixMilli int64) (float64, bool) {
	if c.step <= 0 || unixMilli < c.from {
		return 0, false
	}
	i := (unixMilli - c.from) / c.step
	if i >= int64(len(c.values)) {
		return 0, false
	}
	x := c.values[i]
	if x != x {
		return 0, false
	}
	if !c.linear || i+1 >= int64(len(c.values)) {
		return x, true
	}
	y := c.values[i+1]
	if y != y {
		return x, true
	}
	share := float64(unixMilli-c.from-i*c.step) / float64(c.step)
	return x + float64((y-x)*share), true
}

// Known reports whether the curve holds anything.
func (c *Curve) Known() bool { return len(c.values) > 0 }

// Name is what the curve is called in notes.
func (c *Curve) Name() string { return c.name }

// gaps counts the unknown steps between two moments.
func (c *Curve) gaps(from, to int64) (missing, all int) {
	for t := from; t < to; t += c.step {
		all++
		if _, ok := c.At(t); !ok {
			missing++
		}
	}
	return missing, all
}

// Series are the quantities around the machine.
type Series struct {
	Loads      []Demand
	Irradiance Curve // W/m2
	Ambient    Curve // degree Celsius
	Price      Curve // GBP per kWh of the grid
	Carbon     Curve // g CO2e per kWh of the grid
}

// Demand is what hangs on a circuit.
type Demand struct {
	Circuit int
	Draw    Curve // W, positive
}

// Sample is one value that may be unknown.
type Sample struct {
	Value float64
	OK    bool
}

// Frame is all series at one moment.
type Frame struct {
	Loads      []Sample // W, per load of the series
	Irradiance Sample
	Ambient    Sample
	Price      Sample
	Carbon     Sample
}

// NewFrame is an all-unknown frame sized for the series.
func (s *Series) NewFrame() Frame { return Frame{Loads: make([]Sample, len(s.Loads))} }

// Read fills a frame that NewFrame made. It allocates nothing.
func (s *Series) Read(unixMilli int64, into *Frame) {
	for i := range s.Loads {
		into.Loads[i] = sample(&s.Loads[i].Draw, unixMilli)
	}
	into.Irradiance = sample(&s.Irradiance, unixMilli)
	into.Ambient = sample(&s.Ambient, unixMilli)
	into.Price = sample(&s.Price, unixMilli)
	into.Carbon = sample(&s.Carbon, unixMilli)
}

func sample(c *Curve, t int64) Sample {
	x, ok := c.At(t)
	return Sample{x, ok}
}

// sampled is a curve made by a function of time, once a minute over the span with a day to spare for whoever looks
// ahead.
func sampled(name string, from, to int64, f func(unixMilli int64) float64) Curve {
	const minute, day = 60_000, 86_400_000
	c := Curve{name: name, from: from - from%minute, step: minute, linear: true}
	for t := c.from; t < to+day; t += minute {
		x := f(t)
		if !si.Finite(si.Watts(x)) {
			x = math.NaN()
		}
		c.values = append(c.values, x)
	}
	return c
}
