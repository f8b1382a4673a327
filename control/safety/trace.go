package safety

import (
	"reprise/bess"
	"reprise/bess/si"
)

// Trace follows a pack's hottest cell, to tell how fast it heats.
type Trace struct {
	Begun bool
	Hot   float64 // degree Celsius at the start of the running window
	At    bess.Instant
	Rise  float64 // K/s over the last full window
	Told  bool    // Rise is known
}

// riseWindow is long against the 600 ms and 0.5 K of a pack's temperature
// frame: one step of resolution then counts 0.25 K/s, not 0.8.
const riseWindow = 2 * bess.Second

// follow takes the newest temperature. A pack out for service may be another
// one when it comes back, so its trace begins anew.
func (t *Trace) follow(r bess.Reading[si.Celsius], hot figure, out bool) figure {
	switch dt := r.At.Since(t.At); {
	case !hot.ok || out:
		*t = Trace{}
	case !t.Begun || dt < 0:
		*t = Trace{Begun: true, Hot: hot.x, At: r.At}
	case dt >= riseWindow:
		*t = Trace{Begun: true, Hot: hot.x, At: r.At, Rise: (hot.x - t.Hot) / float64(dt.Seconds()), Told: true}
	}
	return figure{t.Rise, t.Told}
}
