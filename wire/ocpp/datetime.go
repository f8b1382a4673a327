package ocpp

import (
	"fmt"
	"time"
)

// layout is how times are written: UTC with milliseconds. Nanoseconds are legal and have upset stations.
const layout = "2006-01-02T15:04:05.000Z"

// Time is a point in time as it stands in messages. It is written in UTC with millisecond resolution and read in any zone;
// without a zone, as some stations write it and as the 1.6 schemas allow, it is taken for UTC. The clock behind a received
// one may be wrong by any amount.
type Time struct{ time.Time }

// At makes a Time.
func At(instant time.Time) Time { return Time{instant} }

// MarshalJSON writes the time in UTC with milliseconds.
func (t Time) MarshalJSON() ([]byte, error) {
	if year := t.UTC().Year(); year < 0 || year > 9999 {
		return nil, fmt.Errorf("writing a time: year %d does not fit four digits", year)
	}
	return t.UTC().AppendFormat(nil, `"`+layout+`"`), nil
}

// UnmarshalJSON reads an RFC 3339 time, the zone of which may be absent.
func (t *Time) UnmarshalJSON(text []byte) error {
	if len(text) < 2 || text[0] != '"' {
		return fmt.Errorf("reading a time: %s where a text must be", describe(text))
	}
	contents, _ := plain(text)
	instant, err := parseTime(string(contents))
	if err != nil {
		return fmt.Errorf("reading a time: %w", err)
	}
	t.Time = instant
	return nil
}

// parseTime reads an RFC 3339 time; without a zone it is UTC.
func parseTime(text string) (time.Time, error) {
	instant, err := time.Parse(time.RFC3339, text)
	if err == nil {
		return instant, nil
	}
	const noZone = "2006-01-02T15:04:05"
	if local, otherErr := time.Parse(noZone, text); otherErr == nil {
		return local, nil
	}
	return time.Time{}, err
}
