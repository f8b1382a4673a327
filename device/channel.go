package device

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"reprise/wire/can"
)

// channel keeps a CAN channel alive: it dials, lets one goroutine speak while it listens, and dials again with jitter
// when the channel dies.
type channel struct {
	dial  DialCAN
	tally *tally
	bus   atomic.Pointer[can.Bus] // the one in use
}

// malformed is how many impossible frames the channel in use has met.
func (c *channel) malformed() uint64 {
	if bus := c.bus.Load(); bus != nil {
		return (*bus).Losses().Malformed
	}
	return 0
}

// run ends only with the context.
func (c *channel) run(ctx context.Context, take func(*can.Arrival), speak func(context.Context, can.Bus) error) error {
	var pauses backoff
	for {
		bus, err := c.dial(ctx)
		if err == nil {
			c.bus.Store(&bus)
			c.tally.connected()
			pauses = backoff{}
			err = live(ctx, bus, take, speak)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.tally.failed(err)
		if err := wait(ctx, pauses.pause()); err != nil {
			return err
		}
	}
}

// listenEvery is how often waiting frames are taken: twice a tick, on the beat on which drivers speak. Their stamps are
// those of the wire, so nothing looks fresher for it; taking them together costs a fraction of waking up for each of
// several hundred a second.
const listenEvery = 50 * time.Millisecond

// live listens and speaks until either fails.
func live(ctx context.Context, bus can.Bus, take func(*can.Arrival), speak func(context.Context, can.Bus) error) error {
	inner, cancel := context.WithCancelCause(ctx)
	spoken := make(chan struct{})
	go func() {
		defer close(spoken)
		if err := speak(inner, bus); err != nil {
			cancel(err)
		}
	}()
	err := listen(inner, bus, take)
	cancel(err)
	<-spoken
	if cause := context.Cause(inner); ctx.Err() == nil && cause != nil {
		err = cause
	}
	return errors.Join(err, bus.Close())
}

// listen takes what waits on the bus until the context or the bus ends.
func listen(ctx context.Context, bus can.Bus, take func(*can.Arrival)) error {
	// With a context that has ended, Receive gives what waits and never waits itself.
	ended, end := context.WithCancel(context.Background())
	end()
	beat := time.NewTimer(0)
	defer beat.Stop()
	for {
		arrival, err := bus.Receive(ended)
		switch {
		case err == nil:
			take(&arrival)
		case !errors.Is(err, context.Canceled):
			return err
		default:
			beat.Reset(untilBeat(listenEvery))
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-beat.C:
			}
		}
	}
}
