package device

import (
	"context"
	"errors"

	"reprise/wire/can"
)

// channel keeps a CAN channel alive: it dials, lets one goroutine speak while it listens, and dials again with jitter
// when the channel dies.
type channel struct {
	dial  DialCAN
	tally *tally
}

// run ends only with the context.
func (c channel) run(ctx context.Context, take func(*can.Arrival, can.Losses), speak func(context.Context, can.Bus) error) error {
	var pauses backoff
	for {
		bus, err := c.dial(ctx)
		if err == nil {
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

// live listens and speaks until either fails.
func live(ctx context.Context, bus can.Bus, take func(*can.Arrival, can.Losses), speak func(context.Context, can.Bus) error) error {
	inner, cancel := context.WithCancelCause(ctx)
	spoken := make(chan struct{})
	go func() {
		defer close(spoken)
		if err := speak(inner, bus); err != nil {
			cancel(err)
		}
	}()
	var err error
	for {
		var arrival can.Arrival
		if arrival, err = bus.Receive(inner); err != nil {
			break
		}
		take(&arrival, bus.Losses())
	}
	cancel(err)
	<-spoken
	if cause := context.Cause(inner); ctx.Err() == nil && cause != nil {
		err = cause
	}
	return errors.Join(err, bus.Close())
}
