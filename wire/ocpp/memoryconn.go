package ocpp

import (
	"io"
	"net"
	"sync"
	"time"
)

const (
	// memoryDepth is how many writes a connection in memory takes before the other side reads, as a kernel's socket buffer
	// would. Without any, two readers that both answer a ping would wait for each other.
	memoryDepth = 64
	// memoryLinger is how long what was written before Close may still reach the other side.
	memoryLinger = time.Second
)

// memoryConn is one end of a pipe with some room for writes and the address of a peer. It has no write deadline.
type memoryConn struct {
	net.Conn
	remote  net.Addr
	written chan []byte
	closed  chan struct{} // by this end
	broken  chan struct{} // closed when the pump has stopped
	once    sync.Once
}

func newMemoryConn(pipe net.Conn, remote net.Addr) *memoryConn {
	c := &memoryConn{
		Conn: pipe, remote: remote,
		written: make(chan []byte, memoryDepth), closed: make(chan struct{}), broken: make(chan struct{}),
	}
	go c.pump()
	return c
}

// pump moves what was written into the pipe, after Close what is left of it.
func (c *memoryConn) pump() {
	defer close(c.broken)
	defer func() { _ = c.Conn.Close() }()
	for {
		select {
		case piece := <-c.written:
			if _, err := c.Conn.Write(piece); err != nil {
				return
			}
			continue
		default:
		}
		select {
		case piece := <-c.written:
			if _, err := c.Conn.Write(piece); err != nil {
				return
			}
		case <-c.closed:
			if len(c.written) == 0 {
				return
			}
		}
	}
}

// Write takes a copy; it waits only while the room is full.
func (c *memoryConn) Write(piece []byte) (int, error) {
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	default:
	}
	select {
	case c.written <- append([]byte(nil), piece...):
		return len(piece), nil
	case <-c.closed:
		return 0, net.ErrClosed
	case <-c.broken:
		return 0, io.ErrClosedPipe
	}
}

// Read reads what the other end has written.
func (c *memoryConn) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	if err != nil {
		select {
		case <-c.closed:
			return n, net.ErrClosed
		default:
		}
	}
	return n, err
}

// Close ends the connection: Read and Write fail at once, what was written may linger for a second.
func (c *memoryConn) Close() error {
	c.once.Do(func() {
		close(c.closed)
		_ = c.Conn.SetReadDeadline(time.Unix(1, 0))
		_ = c.Conn.SetWriteDeadline(time.Now().Add(memoryLinger))
	})
	return nil
}

// RemoteAddr is the peer's address.
func (c *memoryConn) RemoteAddr() net.Addr { return c.remote }

// SetWriteDeadline is not needed by the engine, which closes a socket that takes nothing.
func (c *memoryConn) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline sets the deadline for reading.
func (c *memoryConn) SetDeadline(deadline time.Time) error { return c.SetReadDeadline(deadline) }
