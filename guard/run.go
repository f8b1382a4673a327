package guard

import (
	"context"
	"fmt"
	"sync"
	"time"

	"reprise/bess"
	"reprise/wire/can"
)

// Pass is the period of the guard's loop.
const Pass = 50 * time.Millisecond

// Dial opens a CAN channel; it is called again whenever the channel died.
type Dial func(context.Context) (can.Bus, error)

// Options of a running guard.
type Options struct {
	Limits   *Limits
	Channels []Dial        // the I/O module's, then each pack's
	Tell     func(Verdict) // called when the verdict changes, from the loop; it must not wait
}

// heard is a frame on its way to the loop.
type heard struct {
	channel int
	frame   can.Frame
	at      bess.Instant
}

// Run guards until the context ends. One goroutine reads each channel; the loop alone judges and speaks.
func Run(ctx context.Context, o Options) error {
	if len(o.Channels) != 1+len(o.Limits.Packs) {
		return fmt.Errorf("guarding %s: %d channels for the I/O module and %d packs: name one for each", o.Limits.Unit, len(o.Channels), len(o.Limits.Packs))
	}
	begun := time.Now()
	instant := func(t time.Time) bess.Instant { return 1 + bess.Instant(t.Sub(begun).Milliseconds()) }
	frames, module := make(chan heard, 1024), &speaker{}
	var readers sync.WaitGroup
	defer readers.Wait()
	for i, dial := range o.Channels {
		readers.Go(func() {
			for ctx.Err() == nil {
				bus, err := dial(ctx)
				if err == nil {
					if i == 0 {
						module.set(bus)
					}
					read(ctx, i, bus, instant, frames)
					_ = bus.Close() // it is dead
				}
				rest(ctx, 200*time.Millisecond)
			}
		})
	}
	ear, judge, voice := NewEar(o.Limits), NewJudge(o.Limits), &Voice{}
	ticker := time.NewTicker(Pass)
	defer ticker.Stop()
	said := Verdict{Withhold: true, Cause: Starting}
	for {
		select {
		case <-ctx.Done():
			return nil
		case h := <-frames:
			ear.Hear(h.channel, &h.frame, h.at)
			continue
		case <-ticker.C:
		}
		for waiting := len(frames); waiting > 0; waiting-- { // what came before this pass belongs to it
			h := <-frames
			ear.Hear(h.channel, &h.frame, h.at)
		}
		now := instant(time.Now())
		verdict := judge.Look(ear.Image, now)
		if frame, ok := voice.Speak(ear.Image, &verdict, now); ok {
			module.send(frame)
		}
		if verdict.Withhold != said.Withhold || verdict.Tripped != said.Tripped || verdict.Withhold && verdict.Cause != said.Cause {
			said = verdict
			if o.Tell != nil {
				o.Tell(verdict)
			}
		}
	}
}

// read passes the frames of a channel on until it or the context ends.
func read(ctx context.Context, channel int, bus can.Bus, instant func(time.Time) bess.Instant, to chan<- heard) {
	for {
		arrival, err := bus.Receive(ctx)
		if err != nil {
			return
		}
		select {
		case to <- heard{channel, arrival.Frame, instant(arrival.At)}:
		case <-ctx.Done():
			return
		}
	}
}

// speaker is the channel of the I/O module as it stands; a pulse that finds it closed is lost, as on a cut wire.
type speaker struct {
	mutex sync.Mutex
	bus   can.Bus
}

func (s *speaker) set(bus can.Bus) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.bus = bus
}

func (s *speaker) send(frame can.Frame) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.bus != nil {
		_ = s.bus.Send(frame) // the reader finds a dead channel and dials anew
	}
}

func rest(ctx context.Context, span time.Duration) {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
