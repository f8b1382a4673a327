package device

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"reprise/bess"
)

// Clock is the unit's monotonic clock. Drivers stamp every reading with it at the moment the reading left the wire.
type Clock func() bess.Instant

// obeyAge is how long an order is passed on after the loop last named it, two and a half ticks: a loop that is silent for
// longer has died or hangs, and then nobody but the far side's own watchdog may decide. Together with a converter's
// heartbeat of 0.5 s it keeps the second within which a converter must be at zero.
const obeyAge = 250 * bess.Millisecond

// standing says what may be done with an order that a driver holds.
type standing uint8

const (
	silent  standing = iota // the loop is not heard: send nothing, so that the far side's watchdog runs out
	lapsed                  // the loop lives, the order has ended: send the safe value
	inForce                 // the order holds
)

// mailbox is when the loop last left an order.
type mailbox struct {
	told bool
	at   bess.Instant
}

func (m *mailbox) note(now bess.Instant) { m.told, m.at = true, now }

// judge says what to do with an order under this lease now.
func (m *mailbox) judge(lease bess.Lease, now bess.Instant) standing {
	switch {
	case !m.told || now.Since(m.at) > obeyAge:
		return silent
	case lease.Holds(now):
		return inForce
	}
	return lapsed
}

// Status is how a driver's connection fares, for the page and the metrics.
type Status struct {
	Connected  bool
	Reconnects uint64 // connections made after the first
	Failures   uint64 // exchanges or dial attempts that failed
	Garbage    uint64 // frames, registers or messages that were refused
	Mismatches uint64 // orders that did not read back as written
	Fault      string // the last failure, empty after a success
}

// tally keeps a Status.
type tally struct {
	mutex  sync.Mutex
	status Status
	ever   bool
}

func (t *tally) connected() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.ever && !t.status.Connected {
		t.status.Reconnects++
	}
	t.ever, t.status.Connected, t.status.Fault = true, true, ""
}

func (t *tally) failed(err error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.status.Connected = false
	t.status.Failures++
	t.status.Fault = err.Error()
}

func (t *tally) garbage() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.status.Garbage++
}

func (t *tally) mismatch() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.status.Mismatches++
}

func (t *tally) read() Status {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.status
}

// Pauses after failures: doubling from the first to the longest, each with jitter, so that a returning device is not met
// by everybody at once and an absent one costs nothing.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 2 * time.Second
)

// backoff counts failures in a row.
type backoff struct{ failures int }

// pause is how long to wait after one more failure: between half and one and a half of the doubled pause.
func (b *backoff) pause() time.Duration {
	span := min(firstPause<<min(b.failures, 8), longestPause)
	b.failures++
	return span/2 + rand.N(span)
}

// wait lets time pass or ends with the context.
func wait(ctx context.Context, span time.Duration) error {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// untilBeat is how long to wait for the next multiple of a period. Drivers share these beats, so that one wake-up of the
// processor serves all of them: a controller that idles well lives longer on its battery.
func untilBeat(period time.Duration) time.Duration {
	now := time.Now()
	return now.Truncate(period).Add(period).Sub(now)
}

// elapsed is a duration in the unit's milliseconds.
func elapsed(d time.Duration) bess.Span { return bess.Span(d.Milliseconds()) }

// duration is a span as package time has it.
func duration(s bess.Span) time.Duration { return time.Duration(s) * time.Millisecond }

// stamp carries a unit instant through a part that counts in time.Time: the wire's inbox only compares stamps.
func stamp(at bess.Instant) time.Time { return time.UnixMilli(int64(at)) }
