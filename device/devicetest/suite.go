// Package devicetest is what every driver promises, as tests: readings grow stale and are never filled in, garbage is
// counted and never used, an order may be left any number of times, nothing ever waits for a wire, a lost connection is
// made again and the order asserted, and the far side falls to its safe value when orders stop.
//
// It runs in virtual time over in-memory connections, with the far side of each kind of device.
package devicetest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"reprise/bess"
)

// Driver is what the suite uses of a driver.
type Driver interface {
	Run(ctx context.Context) error
	Sense(s *bess.Snapshot, now bess.Instant)
	Obey(c *bess.Commands, now bess.Instant)
	Watchdog() (span bess.Span, works bool)
}

// Subject is one driver with its far side, made anew for each test, inside the test's bubble. Functions that a kind has no
// use for are nil; the tests that need them then are left out.
type Subject struct {
	Driver Driver
	// Newest is the stamp of the newest reading in a snapshot, and whether there is one.
	Newest func(s *bess.Snapshot) (bess.Instant, bool)
	// Good reports whether the reading has the value that the far side says.
	Good func(s *bess.Snapshot) bool
	// Line cuts, restores and clogs the connection.
	Line Line
	// Rubbish sends what no device says, and Counted is how many things were refused so far.
	Rubbish func()
	Counted func() uint64
	// Order writes an active order with a lease into the commands.
	Order func(c *bess.Commands, lease bess.Lease)
	// Life is how many signs of life the far side has had; Active whether the order that it holds is an active one.
	Life   func() uint64
	Active func() bool
	// Close ends what Make began; it is called after the driver's Run has returned.
	Close func()
}

// Line is the connection between a driver and its far side.
type Line interface {
	Cut()               // ends it; nobody answers a new call
	Restore()           // answers again
	Clog()              // nothing moves any more, but nothing ends either
	Calls() []time.Time // of the driver while the line was cut; nil where the far side is the one that calls
}

// Make makes a subject on a unit's clock.
type Make func(t *testing.T, u *bess.Unit, clock func() bess.Instant) Subject

// bench is a running subject.
type bench struct {
	Subject
	t     *testing.T
	unit  *bess.Unit
	clock func() bess.Instant
	s     bess.Snapshot
	c     bess.Commands
}

// Check runs every test of the suite on a kind of driver.
func Check(t *testing.T, u *bess.Unit, create Make) {
	t.Helper()
	run := func(name string, test func(*bench)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { with(t, u, create, test) })
		})
	}
	run("readings grow stale", stale)
	run("garbage is counted", garbage)
	run("obeying twice is obeying once", idempotent)
	run("nothing waits", quick)
	run("a lost connection comes back", reconnect)
	run("dead-man", deadMan)
	run("nothing is said before the first order", quietStart)
}

func with(t *testing.T, u *bess.Unit, create Make, test func(*bench)) {
	begun := time.Now()
	clock := func() bess.Instant { return bess.Instant(time.Since(begun).Milliseconds()) + 100000 }
	b := &bench{t: t, unit: u, clock: clock, s: bess.NewSnapshot(u), c: bess.NewCommands(u)}
	b.Subject = create(t, u, clock)
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- b.Driver.Run(ctx) }()
	defer func() { // also when the test gave up
		stop()
		select {
		case err := <-over:
			if err == nil {
				t.Error("Run returned no error although only its context ends it")
			}
		case <-time.After(time.Minute):
			t.Error("Run did not return within a minute of its context's end")
		}
		if b.Close != nil {
			b.Close()
		}
	}()
	test(b)
}

// sense takes an image and returns the newest stamp.
func (b *bench) sense() (bess.Instant, bool) {
	b.Driver.Sense(&b.s, b.clock())
	return b.Newest(&b.s)
}

// run is the unit's loop for a time: an image and an order each tick.
func (b *bench) run(span time.Duration) {
	for range int(span / (100 * time.Millisecond)) {
		b.sense()
		if b.Order != nil {
			b.Order(&b.c, bess.Lease{By: bess.SourceSequence, Until: b.clock().Add(bess.Second)})
			b.Driver.Obey(&b.c, b.clock())
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// settled is how long a kind may take to be connected and to have read everything once.
const settled = 12 * time.Second

// freshWithin is what counts as fresh: the slowest device, a charging station, reports each 2 s.
const freshWithin = 3 * bess.Second

func stale(b *bench) {
	if at, known := b.sense(); known {
		b.t.Errorf("a reading of %d before anything was said", at)
	}
	b.run(settled)
	at, known := b.sense()
	if !known || b.clock().Since(at) > freshWithin {
		b.t.Fatalf("the newest reading is of %d, now is %d", at, b.clock())
	}
	if !b.Good(&b.s) {
		b.t.Fatal("the reading is not what the far side says")
	}
	b.Line.Cut()
	b.run(time.Second)
	last, _ := b.sense()
	b.run(5 * time.Second)
	if after, known := b.sense(); known && after != last {
		b.t.Errorf("a reading was renewed from %d to %d while nobody was there", last, after)
	}
}

func garbage(b *bench) {
	if b.Rubbish == nil {
		return
	}
	b.run(settled)
	before := b.Counted()
	for range 20 {
		b.Rubbish()
		b.run(200 * time.Millisecond)
		if _, known := b.sense(); known && !b.Good(&b.s) {
			b.t.Fatal("garbage became a reading")
		}
	}
	if b.Counted() == before {
		b.t.Error("garbage was not counted")
	}
	b.run(settled)
	if at, known := b.sense(); !known || b.clock().Since(at) > freshWithin || !b.Good(&b.s) {
		b.t.Errorf("after the garbage the newest reading is of %d, now is %d", at, b.clock())
	}
}

func idempotent(b *bench) {
	if b.Order == nil {
		return
	}
	b.run(settled)
	for range 5 {
		for range 10 {
			b.Order(&b.c, bess.Lease{By: bess.SourceSequence, Until: b.clock().Add(bess.Second)})
			b.Driver.Obey(&b.c, b.clock())
		}
		time.Sleep(100 * time.Millisecond)
	}
	if !b.Active() {
		b.t.Error("the order was lost when it was left ten times")
	}
}

// quick proves that neither call waits: in a bubble, time passes only while somebody waits.
func quick(b *bench) {
	b.run(settled)
	b.Line.Clog()
	b.run(3 * time.Second)
	begun := time.Now()
	allocations := testing.AllocsPerRun(200, func() {
		b.Driver.Sense(&b.s, b.clock())
		b.Driver.Obey(&b.c, b.clock())
	})
	if waited := time.Since(begun); waited != 0 {
		b.t.Errorf("with a clogged connection the calls waited for %v", waited)
	}
	if allocations != 0 {
		b.t.Errorf("an image and an order allocate %v times", allocations)
	}
	b.Line.Restore()
}

func reconnect(b *bench) {
	b.run(settled)
	b.Line.Cut()
	b.run(20 * time.Second)
	calls := b.Line.Calls()
	b.Line.Restore()
	b.run(settled)
	if at, known := b.sense(); !known || b.clock().Since(at) > freshWithin || !b.Good(&b.s) {
		b.t.Errorf("after the connection came back the newest reading is of %d, now is %d", at, b.clock())
	}
	if b.Order != nil && !b.Active() {
		b.t.Error("the order was not asserted again")
	}
	if calls == nil {
		return
	}
	if n := len(calls); n < 5 || n > 200 {
		b.t.Errorf("%d calls in 20 s", n)
		return
	}
	gaps := map[time.Duration]bool{}
	for i := 1; i < len(calls); i++ {
		gaps[calls[i].Sub(calls[i-1])] = true
	}
	if len(gaps) < len(calls)/2 {
		b.t.Errorf("%d calls with only %d different pauses: no jitter", len(calls), len(gaps))
	}
}

// deadMan stops the loop: no sign of life may reach the far side any more.
func deadMan(b *bench) {
	if b.Order == nil {
		return
	}
	span, works := b.Driver.Watchdog()
	b.run(settled)
	if !b.Active() {
		b.t.Fatal("the order did not arrive")
	}
	time.Sleep(time.Second) // what was under way when the loop died
	life := b.Life()
	time.Sleep(30 * time.Second)
	if again := b.Life(); again != life {
		b.t.Errorf("%d signs of life although the loop is dead", again-life)
	}
	if works && (span <= 0 || span > bess.Minute) {
		b.t.Errorf("a watchdog of %d ms", span)
	}
	b.run(settled)
	if !b.Active() {
		b.t.Error("the order of the loop that came back did not arrive")
	}
}

// quietStart begins without orders: a controller that restarts must not say "off" to an island before its loop has spoken.
func quietStart(b *bench) {
	if b.Order == nil {
		return
	}
	time.Sleep(5 * time.Second)
	if life := b.Life(); life != 0 {
		b.t.Errorf("%d signs of life before the loop has named an order", life)
	}
}
