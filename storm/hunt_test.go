package storm

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"reprise/bess"
)

// TestHunt is what "make mutants" runs in a copy with a planted bug: it plays
// seeds until a promise breaks that a sound copy keeps on the same seed. What
// breaks is printed a line; it fails for nothing.
func TestHunt(t *testing.T) {
	days, err := strconv.ParseFloat(os.Getenv("STORM_HUNT"), 64)
	if err != nil {
		t.Skip("hunts only for make mutants")
	}
	seed, err := strconv.ParseUint(os.Getenv("STORM_SEED"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	known, sound := "", os.Getenv("STORM_KNOWN") == ""
	if !sound {
		text, err := os.ReadFile(os.Getenv("STORM_KNOWN"))
		if err != nil {
			t.Fatal(err)
		}
		known = string(text)
	}
	lines := strings.Split(known, "\n")
	for played := bess.Span(0); float64(played) < days*float64(bess.Day); seed++ {
		out, err := PlayPlan(t.Context(), Draw(seed), Options{Caretaker: true})
		if err != nil {
			t.Fatal(err)
		}
		played += out.Played
		for _, v := range out.Violations {
			breaks := fmt.Sprintf("BREAKS %d %s", seed, v.Checker)
			switch {
			case sound:
				fmt.Println(breaks)
			case !slices.Contains(lines, breaks):
				fmt.Printf("FOUND %s %.2f (seed %d: %s)\n", v.Checker, float64(played)/float64(bess.Day), seed, strings.SplitN(v.What, "\n", 2)[0])
				return
			}
		}
	}
}
