package session

import (
	"testing"

	"reprise/bess"
)

// Only a set that may be connected counts: checked, not ended, with an earth.
func TestSetsThatCount(t *testing.T) {
	for _, c := range []struct {
		name   string
		record bess.SiteRecord
		want   bool
	}{
		{"checked", bess.SiteRecord{Person: "A", Earth: bess.Yes}, true},
		{"checked, for ever", bess.SiteRecord{Person: "A", Earth: bess.Yes, Expires: bess.Forever}, true},
		{"unchecked", bess.SiteRecord{Earth: bess.Yes}, false},
		{"ended", bess.SiteRecord{Person: "A", Earth: bess.Yes, Expires: 1}, false},
		{"no earth", bess.SiteRecord{Person: "A", Earth: bess.No}, false},
		{"earth unknown", bess.SiteRecord{Person: "A"}, false},
	} {
		b := newBench(50e3, 0)
		b.u.Feeders[0] = bess.Feeder{Kind: bess.Generator, Cap: 60e3, Set: bess.GeneratorSet{Rated: 60e3}}
		b.standing.Records[0] = c.record
		b.snap.Now = 5000
		f := future{}
		f.generator(b.u, View{Snap: &b.snap, Estimates: &b.est, Stages: &b.stages, Standing: &b.standing})
		if got := f.set > 0; got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
