package unit

import (
	"context"
	"sync/atomic"
	"time"

	"reprise/bess"
)

// clock is the unit's monotonic clock. It starts on first use and never runs
// back, also not over a restart: instants in the state stay true.
type clock struct {
	start atomic.Pointer[time.Time]
	base  atomic.Int64
}

func (c *clock) now() bess.Instant {
	start := c.start.Load()
	if start == nil {
		now := time.Now()
		c.start.CompareAndSwap(nil, &now)
		start = c.start.Load()
	}
	return bess.Instant(c.base.Load() + time.Since(*start).Milliseconds())
}

// resume lets the clock continue from an instant.
func (c *clock) resume(from bess.Instant) { c.base.Store(int64(from)) }

// pace gives ticks at even distances.
type pace struct {
	next  time.Time
	timer *time.Timer
}

func newPace() *pace { return &pace{next: time.Now(), timer: time.NewTimer(time.Hour)} }

// wait waits for the next tick. It reports whether the tick before took so long
// that this one comes more than half a period late, and false when ctx ended.
// Ticks that were missed are not made up for.
func (p *pace) wait(ctx context.Context, period time.Duration) (late, ok bool) {
	p.next = p.next.Add(period)
	left := time.Until(p.next)
	if left < -period/2 {
		late = true
		p.next = time.Now()
	}
	if left > 0 {
		p.timer.Reset(left)
		select {
		case <-ctx.Done():
			p.timer.Stop()
			return false, false
		case <-p.timer.C:
		}
	}
	return late, ctx.Err() == nil
}

// meter measures the loop over the last whole second.
type meter struct {
	late  atomic.Uint64
	sum   [stageCount]time.Duration
	worst time.Duration
	count int

	mean, peak float64 // µs of the last second
	stages     [stageCount]float64
	over       [stageCount]uint64
	told       int // s until the next word about stages that took too long
}

// stage is a part of a tick with a time budget.
type stage uint8

const (
	stageSense stage = iota
	stageJournal
	stageStep
	stageObey
	stageKeep
	stageShow
	stageCount
)

// budget is what a stage may take, a twentieth of the tick; beyond it is counted and told once a minute. Step needs a
// hundredth of that, but on a processor that wakes up for it, beside others, a clock on the wall shows more.
func (s stage) budget() time.Duration {
	return [stageCount]time.Duration{
		5 * time.Millisecond, 5 * time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
		5 * time.Millisecond, 5 * time.Millisecond,
	}[s]
}

// String is the stage as logs name it.
func (s stage) String() string {
	return [stageCount]string{"sense", "journal", "step", "obey", "keep", "show"}[s]
}

// add takes the times of a tick and reports whether a second is full.
func (m *meter) add(times *[stageCount]time.Duration) bool {
	total := time.Duration(0)
	for s, t := range times {
		m.sum[s] += t
		total += t
		if t > stage(s).budget() {
			m.over[s]++
		}
	}
	m.worst = max(m.worst, total)
	if m.count++; m.count < 10 {
		return false
	}
	sum := time.Duration(0)
	for s, t := range m.sum {
		sum += t
		m.stages[s] = float64(t.Nanoseconds()) / 1e3 / float64(m.count)
	}
	m.mean, m.peak = float64(sum.Nanoseconds())/1e3/float64(m.count), float64(m.worst.Nanoseconds())/1e3
	m.sum, m.worst, m.count = [stageCount]time.Duration{}, 0, 0
	return true
}
