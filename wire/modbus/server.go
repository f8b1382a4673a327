package modbus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Server serves a [Handler] over Modbus TCP to several masters at once. Set the fields before the first use.
type Server struct {
	// Handler answers the requests. Required.
	Handler Handler
	// IdleTimeout ends a connection that sends no complete frame for so long; 0 means 60 s.
	IdleTimeout time.Duration
	// MaxConnections is how many masters may be connected at once; further ones are turned away and counted.
	// 0 means 16.
	MaxConnections int
	// MaxWrite limits the registers of one write request; 0 means the protocol's 123.
	MaxWrite uint16

	open     atomic.Int64
	requests atomic.Uint64
	refused  atomic.Uint64
	garbage  atomic.Uint64
	turned   atomic.Uint64
}

// Counters tells what a server or slave has seen since it began.
type Counters struct {
	Requests    uint64 // well-framed requests, refused ones included
	Refused     uint64 // requests answered with an exception
	Garbage     uint64 // frames that were no frames: oversize, foreign protocol, cut off, bad checksum
	TurnedAway  uint64 // connections refused because too many were open
	Connections int64  // connections open now
}

// Counters returns the present counts.
func (s *Server) Counters() Counters {
	return Counters{
		Requests: s.requests.Load(), Refused: s.refused.Load(), Garbage: s.garbage.Load(),
		TurnedAway: s.turned.Load(), Connections: s.open.Load(),
	}
}

// Serve accepts connections until ctx ends, which closes the listener and every connection, or until the listener
// fails. It returns nil when ctx ended, after all connections are done.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	var connections sync.WaitGroup
	defer connections.Wait()
	defer cancel()
	for {
		conn, err := listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("accepting Modbus connections at %s: %w", listener.Addr(), err)
		}
		connections.Go(func() { _ = s.ServeConn(ctx, conn) })
	}
}

// ServeConn serves one connection until ctx ends, the peer closes it, it idles too long or sends garbage, and closes
// it. The error says why; nil when the peer closed between frames or ctx ended.
func (s *Server) ServeConn(ctx context.Context, conn net.Conn) error {
	defer func() { _ = conn.Close() }()
	limit := int64(s.MaxConnections)
	if limit == 0 {
		limit = 16
	}
	if s.open.Add(1) > limit {
		s.open.Add(-1)
		s.turned.Add(1)
		return fmt.Errorf("serving %s: more than %d connections", conn.RemoteAddr(), limit)
	}
	defer s.open.Add(-1)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	err := s.converse(conn)
	if ctx.Err() != nil || errors.Is(err, io.EOF) {
		return nil
	}
	if errors.Is(err, ErrFrame) || errors.Is(err, ErrShortFrame) {
		s.garbage.Add(1)
	}
	return fmt.Errorf("serving %s: %w", conn.RemoteAddr(), err)
}

func (s *Server) converse(conn net.Conn) error {
	idle := s.IdleTimeout
	if idle == 0 {
		idle = 60 * time.Second
	}
	maxWrite := s.MaxWrite
	if maxWrite == 0 || maxWrite > MaxWrite {
		maxWrite = MaxWrite
	}
	var frame [maxFrame]byte
	var response [maxPDU]byte
	out := make([]byte, 0, maxFrame)
	for {
		if err := conn.SetDeadline(time.Now().Add(idle)); err != nil {
			return err
		}
		transaction, unit, pdu, err := readMBAP(conn, frame[:])
		if err != nil {
			return timely(err)
		}
		s.requests.Add(1)
		reply, refused := answer(s.Handler, unit, pdu, maxWrite, response[:0])
		if refused {
			s.refused.Add(1)
		}
		out = mbap{}.appendFrame(out[:0], transaction, unit, reply)
		if _, err := conn.Write(out); err != nil {
			return timely(err)
		}
	}
}
