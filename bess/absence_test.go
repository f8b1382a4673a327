package bess

import "testing"

func TestAbsence(t *testing.T) {
	var a Absence
	for _, c := range []struct {
		now  Instant
		want Span // age of a reading that may be a second old
	}{
		{100_000, Second}, // the first tick
		{100_100, Second},
		{100_400, Second},     // a little late
		{102_400, 3 * Second}, // 2 s away
		{103_300, 3 * Second},
		{103_400, Second},
		{106_400, Second}, // away so long that every order has ended
		{106_300, Second}, // a clock that began anew
	} {
		for a.Last != 0 && a.Last < 103_300 && c.now > 102_400 {
			a.Tick(min(a.Last+100, 103_300)) // ticks between
		}
		a.Tick(c.now)
		if got := a.Age(Second); got != c.want {
			t.Errorf("at %v: %v, not %v", c.now, got, c.want)
		}
	}
}
