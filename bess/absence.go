package bess

// Absence tells a loop's own absence from the silence of what it listens to.
// While nobody ran, nobody could hear: after a tick that came late a reading's
// age counts only the time in which the loop ran. The zero value has never
// ticked.
type Absence struct {
	Last Instant // tick before
	Back Instant // last return from an absence
	Away Span    // how long that was; 0: none that counts
}

// A tick that comes later than lateTick has missed some. Beyond orderLife every
// order has ended and what was heard before says nothing any more.
const (
	lateTick  = 300 * Millisecond
	orderLife = 3 * Second
)

// Tick notes that the loop runs now.
func (a *Absence) Tick(now Instant) {
	switch away := now.Since(a.Last); {
	case away < 0 || away >= orderLife:
		a.Away = 0
	case away > lateTick:
		a.Back, a.Away = now, away
	}
	a.Last = now
}

// Age is how old a reading may be now that may be age old as a rule: for that
// long after a return, longer by the absence. What has not been read anew by
// then is silent indeed.
func (a *Absence) Age(age Span) Span {
	if !a.Just(age) {
		return age
	}
	return age + a.Away
}

// Just reports whether the loop has just returned: for that long an unknown
// proves nothing.
func (a *Absence) Just(span Span) bool { return a.Away > 0 && a.Last.Since(a.Back) < span }
