package bess

import "reprise/bess/si"

// Instant is a moment on the unit's monotonic clock: milliseconds since the
// controller started. It is never wall time.
type Instant int64

// Span is a length of time in milliseconds.
type Span int64

// Spans of everyday use.
const (
	Millisecond Span = 1
	Second      Span = 1000
	Minute      Span = 60 * Second
	Hour        Span = 60 * Minute
	Day         Span = 24 * Hour
)

// Forever is the expiry of what never expires: emergency stop and lock-outs.
const Forever Instant = 1<<63 - 1

// Add is the instant s after t; Forever stays Forever.
func (t Instant) Add(s Span) Instant {
	if t == Forever || (s > 0 && t > Forever-Instant(s)) {
		return Forever
	}
	return t + Instant(s)
}

// Since is the span from u to t.
func (t Instant) Since(u Instant) Span { return Span(t - u) }

// SpanOf is t in whole milliseconds, rounded to nearest.
func SpanOf(t si.Seconds) Span {
	if t < 0 {
		return -SpanOf(-t)
	}
	return Span(float64(float64(t)*1000) + 0.5)
}

// Seconds is the span in seconds.
func (s Span) Seconds() si.Seconds { return si.Seconds(float64(s) / 1000) }

// Trust says how far the wall clock may be believed.
type Trust uint8

// An off-grid real-time clock may be wrong; nobody may assume it is not.
const (
	TrustNone  Trust = iota // never set since power-up
	TrustLocal              // the unit's own battery-backed clock, unconfirmed
	TrustHigh               // confirmed by GNSS, network time or a person
)

// Civil is wall time as a reading.
type Civil struct {
	UnixMilli  int64 // milliseconds since 1970-01-01 UTC
	ZoneOffset int32 // seconds east of UTC in force at the site
	Trust      Trust
}

// MinuteOfDay is the local minute since midnight, 0..1439.
func (c Civil) MinuteOfDay() int {
	return int(floorMod(c.UnixMilli/1000+int64(c.ZoneOffset), 86400) / 60)
}

// Day is the local day number since 1970-01-01.
func (c Civil) Day() int64 {
	s := c.UnixMilli/1000 + int64(c.ZoneOffset)
	return (s - floorMod(s, 86400)) / 86400
}

// Add is the wall time s later, with the same trust and zone.
func (c Civil) Add(s Span) Civil {
	c.UnixMilli += int64(s)
	return c
}

func floorMod(a, b int64) int64 {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}

// Window is a daily span of local time, in minutes since midnight. From above
// To wraps over midnight; From equal to To is empty.
type Window struct{ From, To int }

// Holds reports whether the local minute lies in the window.
func (w Window) Holds(minute int) bool {
	if w.From <= w.To {
		return minute >= w.From && minute < w.To
	}
	return minute >= w.From || minute < w.To
}
