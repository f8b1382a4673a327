package can

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// writeTimeout bounds how long a peer may refuse to take bytes before the link is given up.
	writeTimeout = time.Second
	// nonsenseLimit is how many malformed frames in a row end a byte stream: the peer speaks something else, or the
	// stream lost its alignment, which a stream without marks cannot regain.
	nonsenseLimit = 16
	// writeBatch is how many frames one write to a byte stream carries at most.
	writeBatch = 64
	// readBatch is how many frames one read takes at most, more than any bus carries within a sensible pace.
	readBatch = 256
)

// link is a Bus over a net.Conn that carries 16-byte wire frames: a byte stream, or one or more frames per packet.
type link struct {
	conn     net.Conn
	packets  bool
	pace     time.Duration // see Dialer.Pace
	looks    *looks        // nil: a pump reads
	incoming *queue
	outgoing *queue

	malformed atomic.Uint64
	errors    atomic.Uint64
	unsent    atomic.Uint64 // refused by the network for the moment
	pumps     sync.WaitGroup
	closing   sync.Once
}

var _ Bus = (*link)(nil)

// NewStream makes a bus of a connection that is a byte stream (TCP, Unix, net.Pipe) and takes it over. A depth below 1
// means [DefaultDepth].
func NewStream(conn net.Conn, depth int) Bus { return newLink(conn, false, depth) }

// NewPackets makes a bus of a connected datagram connection (UDP, a raw CAN socket) and takes it over.
func NewPackets(conn net.Conn, depth int) Bus { return newLink(conn, true, depth) }

func newLink(conn net.Conn, packets bool, depth int) *link {
	return startLink(&link{conn: conn, packets: packets}, depth)
}

func startLink(l *link, depth int) *link {
	l.incoming, l.outgoing = newQueue(depth), newQueue(depth)
	if l.pace > 0 {
		l.looks = newLooks(l.conn)
	}
	if l.looks == nil {
		l.pumps.Go(l.pumpIn)
	}
	l.pumps.Go(l.pumpOut)
	return l
}

// Send implements Bus.
func (l *link) Send(frame Frame) error {
	if err := checkFrame(frame); err != nil {
		return fmt.Errorf("sending on CAN link %s: %w", l.peer(), err)
	}
	return l.outgoing.push(Arrival{Frame: frame})
}

// Receive implements Bus.
func (l *link) Receive(ctx context.Context) (Arrival, error) {
	if l.looks == nil {
		return l.incoming.take(ctx)
	}
	return l.receiveAtLooks(ctx)
}

// Losses implements Bus.
func (l *link) Losses() Losses {
	return Losses{
		Received:  l.incoming.losses(),
		Sent:      l.outgoing.losses() + l.unsent.Load(),
		Malformed: l.malformed.Load(),
		Errors:    l.errors.Load(),
	}
}

// Close implements Bus. It returns when both pumps have ended.
func (l *link) Close() error {
	l.end(ErrClosed)
	l.pumps.Wait()
	return nil
}

// end stops both directions; the sending pump closes the connection when it has sent what it holds.
func (l *link) end(reason error) {
	l.incoming.finish(reason) // first: once the sending side has ended, the reading pump has a reason of its own
	l.outgoing.finish(reason)
}

func (l *link) shut() { l.closing.Do(func() { _ = l.conn.Close() }) }

func (l *link) peer() string {
	if address := l.conn.RemoteAddr(); address != nil {
		return address.String()
	}
	return "without address"
}

// pumpOut writes what is queued until the link ends.
func (l *link) pumpOut() {
	defer l.shut()
	batch := writeBatch
	if l.packets {
		batch = 1 // a raw CAN socket takes one frame a write
	}
	waiting := make([]Arrival, batch)
	buffer := make([]byte, 0, batch*WireSize)
	var hurry time.Time // when a closed link stops sending
	for {
		first, err := l.outgoing.take(context.Background())
		if err != nil {
			return
		}
		buffer = AppendWire(buffer[:0], first.Frame)
		for _, arrival := range waiting[:l.outgoing.takeMore(waiting[:batch-1])] {
			buffer = AppendWire(buffer, arrival.Frame)
		}
		deadline := time.Now().Add(writeTimeout)
		if l.outgoing.ended() {
			if hurry.IsZero() {
				hurry = deadline
			}
			deadline = hurry
		}
		err = l.conn.SetWriteDeadline(deadline)
		if err == nil {
			_, err = l.conn.Write(buffer)
		}
		if err != nil && l.packets && passing(err) {
			l.unsent.Add(1)
			continue
		}
		if err != nil {
			l.end(fmt.Errorf("writing to CAN link %s: %w", l.peer(), err))
			return
		}
	}
}

// pumpIn reads until the connection ends.
func (l *link) pumpIn() {
	var err error
	if l.packets {
		err = l.readPackets()
	} else {
		err = l.readStream()
	}
	l.end(fmt.Errorf("reading from CAN link %s: %w", l.peer(), err))
}

func (l *link) readStream() error {
	reader := bufio.NewReaderSize(l.conn, readBatch*WireSize)
	wire := make([]byte, WireSize)
	sense := alignment{}
	for {
		if l.pace > 0 && reader.Buffered() < WireSize {
			now := time.Now()
			time.Sleep(now.Truncate(l.pace).Add(l.pace).Sub(now))
		}
		if _, err := io.ReadFull(reader, wire); err != nil {
			return err
		}
		if err := sense.note(l.accept(wire, time.Now())); err != nil {
			return err
		}
	}
}

// alignment counts malformed frames in a row.
type alignment struct{ nonsense int }

func (a *alignment) note(wellFormed bool) error {
	if wellFormed {
		a.nonsense = 0
		return nil
	}
	if a.nonsense++; a.nonsense == nonsenseLimit {
		return fmt.Errorf("%d malformed frames in a row: the peer does not send 16-byte SocketCAN frames", a.nonsense)
	}
	return nil
}

func (l *link) readPackets() error {
	packet := make([]byte, 2048)
	for {
		n, err := l.conn.Read(packet)
		if err != nil {
			if l.incoming.ended() || !passing(err) {
				return err
			}
			continue
		}
		l.acceptPacket(packet[:n])
	}
}

// acceptPacket takes the frames of one datagram; an empty one is a sign of life.
func (l *link) acceptPacket(packet []byte) {
	if len(packet)%WireSize != 0 {
		l.malformed.Add(1)
		return
	}
	for at := time.Now(); len(packet) > 0; {
		l.accept(packet[:WireSize], at)
		packet = packet[WireSize:]
	}
}

// accept hands one frame on and reports whether it was well-formed.
func (l *link) accept(wire []byte, at time.Time) bool {
	frame, err := DecodeWire(wire)
	switch {
	case errors.Is(err, ErrErrorFrame):
		l.errors.Add(1)
		return true
	case err != nil:
		l.malformed.Add(1)
		return false
	}
	_ = l.incoming.push(Arrival{Frame: frame, At: at}) // after the end nobody listens
	return true
}
