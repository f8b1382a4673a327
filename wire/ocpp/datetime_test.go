package ocpp

import (
	"encoding/json"
	"testing"
	"time"
)

func TestTime(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 250e6, time.UTC)
	for _, text := range []string{
		`"2026-03-01T12:00:00.25Z"`, `"2026-03-01T12:00:00.250"`, `"2026-03-01T13:00:00.25+01:00"`, `"2026-03-01T12:00:00.25\u005a"`,
	} {
		var read Time
		if err := json.Unmarshal([]byte(text), &read); err != nil || !read.Equal(noon) {
			t.Errorf("%s was read as %v, %v", text, read, err)
		}
	}
	for _, text := range []string{`5`, `"noon"`, `""`, `"2026-03-01"`} {
		if err := json.Unmarshal([]byte(text), new(Time)); err == nil {
			t.Errorf("%s was read", text)
		}
	}
	here := time.FixedZone("here", 3600)
	written, err := json.Marshal(At(noon.In(here).Add(123 * time.Nanosecond)))
	if err != nil || string(written) != `"2026-03-01T12:00:00.250Z"` {
		t.Errorf("written as %s, %v", written, err)
	}
	if _, err := json.Marshal(At(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))); err == nil {
		t.Error("a year of five digits was written")
	}
}
