package device

import (
	"math"
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

func TestSurroundings(t *testing.T) {
	now := bess.Instant(7000)
	s := NewSurroundings(func() bess.Instant { return now }, 2)
	s.Tell(1, 180, si.Pounds(math.NaN()))
	s.Tell(9, 1, 1)
	snap := bess.NewSnapshot(testUnit())
	s.Sense(&snap, now+1000)
	if f := snap.Feeders[1]; f.Intensity != bess.Of[si.GramsPerKWh](180, 7000) || f.Price.Quality != bess.Missing || snap.Feeders[0].Intensity.Quality != bess.Missing {
		t.Errorf("sensed %+v", snap.Feeders[:2])
	}
}
