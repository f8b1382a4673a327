package bess

import "reprise/bess/si"

// Quality says what a reading is worth. The zero value is Missing.
type Quality uint8

// Qualities from worst to best.
const (
	Missing Quality = iota // never received, or the device said "not available"
	Bad                    // received, but failed a checksum, range or plausibility test
	Good
)

// Reading is one measured quantity with its age and quality. The zero value is
// missing.
type Reading[T si.Number] struct {
	Value   T
	At      Instant
	Quality Quality
}

// Of is a good reading of x taken at t.
func Of[T si.Number](x T, t Instant) Reading[T] {
	return Reading[T]{Value: x, At: t, Quality: Good}
}

// Fresh returns the value if it is good and at most max old.
func (r Reading[T]) Fresh(now Instant, max Span) (T, bool) {
	if r.Quality != Good || now.Since(r.At) > max {
		return 0, false
	}
	return r.Value, true
}

// Age is how long ago the reading was taken; meaningless when missing.
func (r Reading[T]) Age(now Instant) Span { return now.Since(r.At) }

// Tri is a yes-or-no that may be unknown. The zero value is Unknown.
type Tri uint8

// The three states.
const (
	Unknown Tri = iota
	No
	Yes
)

// Truth is Yes or No.
func Truth(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// Flag is one reported yes-or-no with its age. The zero value is unknown.
type Flag struct {
	State Tri
	At    Instant
}

// FlagOf is a flag reported at t.
func FlagOf(b bool, t Instant) Flag { return Flag{State: Truth(b), At: t} }

// Fresh is the state if it is at most max old, else Unknown.
func (f Flag) Fresh(now Instant, max Span) Tri {
	if f.State == Unknown || now.Since(f.At) > max {
		return Unknown
	}
	return f.State
}

// Is reports a fresh Yes; unknown is not yes.
func (f Flag) Is(now Instant, max Span) bool { return f.Fresh(now, max) == Yes }

// IsNot reports a fresh No; unknown is not no.
func (f Flag) IsNot(now Instant, max Span) bool { return f.Fresh(now, max) == No }
