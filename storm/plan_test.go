package storm

import (
	"strings"
	"testing"
)

// Whatever the seed, the unit passes the checks of package config and every
// line of the story is understood.
func TestEverySeedIsAValidUnit(t *testing.T) {
	for seed := range uint64(60) {
		p := Draw(seed)
		if _, err := p.Scenario(); err != nil {
			t.Fatalf("%v\n%s", err, p.Text())
		}
	}
}

func TestSameSeedSameText(t *testing.T) {
	if a, b := Draw(7).Text(), Draw(7).Text(); string(a) != string(b) {
		t.Error("two texts of one seed differ")
	}
	if a, b := Draw(7).Text(), Draw(8).Text(); string(a) == string(b) {
		t.Error("two seeds give one text")
	}
	if !strings.Contains(string(Draw(7).Text("why\nand more")), "# and more") {
		t.Error("the notes are missing")
	}
}
