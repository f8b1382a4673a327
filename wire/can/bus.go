package can

import (
	"context"
	"errors"
	"time"
)

// ErrClosed is returned by a bus that was closed at this end.
var ErrClosed = errors.New("CAN bus connection is closed")

// DefaultDepth is the number of frames that a bus end holds for a slow reader: 0.1 s of a full bus at 500 kbit/s.
const DefaultDepth = 512

// Arrival is a frame with the time at which it left the wire. The stamp is taken before the frame waits in any queue, so
// that a slow reader does not make old data look fresh.
type Arrival struct {
	Frame Frame
	At    time.Time
}

// Bus is one end of a CAN bus. It may be used by several goroutines. A dead bus stays dead: dial again, with jitter.
// Silence is no error here, since a bus may have nothing to say: whether it should have spoken is for the [Inbox] to tell.
type Bus interface {
	// Send queues a frame and never waits for the bus. It fails for an impossible frame and on a dead bus. When the bus
	// is too slow the oldest queued frame is lost and counted.
	Send(frame Frame) error
	// Receive returns the oldest waiting frame, or waits for one until the context or the bus ends.
	Receive(ctx context.Context) (Arrival, error)
	// Close ends the bus after sending what is queued, for at most two seconds. Waiting receivers get ErrClosed.
	Close() error
	// Losses tells what did not get through this end.
	Losses() Losses
}

// Losses are numbers of frames since the bus was opened.
type Losses struct {
	Received  uint64 // dropped, oldest first, because this end did not receive fast enough
	Sent      uint64 // dropped, oldest first, because the bus did not take them fast enough
	Malformed uint64 // not a classic CAN frame, never handed on
	Errors    uint64 // error frames of the controller
}
