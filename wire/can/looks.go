package can

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"
)

// looks is the reading side of a byte stream that is read by whoever receives, now and then, in place of a pump.
type looks struct {
	raw syscall.RawConn

	mutex  sync.Mutex
	last   time.Time // of the last look; what the next one finds came later
	sense  alignment
	buffer []byte
	held   int // bytes of a frame that has come in part
}

// newLooks is nil for a connection that can be read only by waiting for it.
func newLooks(conn net.Conn) *looks {
	raw := quietly(conn)
	if raw == nil {
		return nil
	}
	return &looks{raw: raw, last: time.Now(), buffer: make([]byte, readBatch*WireSize)}
}

// receiveAtLooks is Receive of such a link. With a context that has ended it looks, if it is time, and does not wait.
func (l *link) receiveAtLooks(ctx context.Context) (Arrival, error) {
	for {
		if arrival, waits := l.incoming.poll(); waits {
			return arrival, nil
		}
		l.look(time.Now())
		if ctx.Err() != nil {
			return l.incoming.take(ctx)
		}
		pause, cancel := context.WithTimeout(ctx, l.pace)
		arrival, err := l.incoming.take(pause)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			return arrival, err
		}
	}
}

// look takes what has come, unless there is still something to receive or the last look was just now.
func (l *link) look(now time.Time) {
	k := l.looks
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if now.Sub(k.last) < l.pace || !l.incoming.idle() {
		return
	}
	at := k.last
	k.last = now
	for {
		n, err := glance(k.raw, k.buffer[k.held:])
		full := k.held+n == len(k.buffer)
		if err == nil {
			err = l.acceptHeld(n, at)
		}
		if err != nil {
			l.end(fmt.Errorf("reading from CAN link %s: %w", l.peer(), err))
			return
		}
		if !full {
			return
		}
	}
}

// acceptHeld takes the whole frames of the buffer after n more bytes have come.
func (l *link) acceptHeld(n int, at time.Time) error {
	k := l.looks
	waiting := k.buffer[:k.held+n]
	for len(waiting) >= WireSize {
		if err := k.sense.note(l.accept(waiting[:WireSize], at)); err != nil {
			return err
		}
		waiting = waiting[WireSize:]
	}
	k.held = copy(k.buffer, waiting)
	return nil
}
