package twin

import (
	"math"
	"testing"

	"reprise/bess/si"
)

// Beside a set that runs fast solar steps back by 40 % of its power per hertz
// above 50.2 Hz, within the 2 s that the standards allow, and comes back.
func TestSolarStepsBackWithFrequency(t *testing.T) {
	const generator, solar = 1, 2
	r := newRig(testUnit(), 1)
	s := NewSurroundings(r.unit)
	s.Irradiance = 800
	s.Circuits = []si.Watts{20e3, 0, 0, 0}
	r.Surround(s)
	r.c.Feeders[generator].Run, r.c.Feeders[generator].Close = true, true
	r.c.Feeders[solar].Close, r.c.Feeders[solar].Limit = true, 18e3
	for i := range r.c.Circuits {
		r.c.Circuits[i].Close = true
	}
	r.run(60)
	feeds := func() (watts, hertz float64) {
		truth := r.Truth()
		return float64(truth.FeederNow[solar]), float64(truth.Hertz)
	}
	most := float64(r.feeders[solar].array.AC(800, r.around.Ambient))
	for _, load := range []si.Watts{20e3, 8e3, 40e3} {
		s.Circuits[0] = load
		r.Surround(s)
		r.run(10)
		watts, hertz := feeds()
		want := most * (1 - max(0.4*(hertz-50.2), 0))
		if math.Abs(watts-want) > 0.01*most {
			t.Errorf("load %v: %.0f W at %.2f Hz, not %.0f W", load, watts, hertz, want)
		}
		closes(t, r.World)
	}
	if watts, _ := feeds(); watts < 0.99*most {
		t.Errorf("it did not come back: %.0f of %.0f W", watts, most)
	}
}
