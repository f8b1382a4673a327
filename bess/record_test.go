package bess

import "testing"

func TestSiteRecordHolds(t *testing.T) {
	for _, c := range []struct {
		name   string
		record SiteRecord
		want   bool
	}{
		{"nobody's", SiteRecord{Expires: Forever}, false},
		{"without an end", SiteRecord{Person: "A"}, true},
		{"for ever", SiteRecord{Person: "A", Expires: Forever}, true},
		{"at its end", SiteRecord{Person: "A", Expires: 1000}, true},
		{"ended", SiteRecord{Person: "A", Expires: 999}, false},
	} {
		if got := c.record.Holds(1000); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
