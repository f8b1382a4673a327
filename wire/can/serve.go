package can

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

const (
	// maximumPeers bounds the connections of one listener.
	maximumPeers = 64
	// peerSilence is how long a UDP peer may send nothing, not even a greeting, before it is forgotten.
	peerSilence = 4 * helloPeriod
)

// Serve accepts byte-stream connections and makes each a node of the wire: frames of one reach all other nodes. Several
// listeners may serve one wire. It takes the listener over, and returns when the context ends (nil) or the listener
// fails; by then all its connections are closed. More than 64 connections at a time are refused.
func (w *Wire) Serve(ctx context.Context, listener net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	var joined sync.WaitGroup
	defer joined.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	places := make(chan struct{}, maximumPeers)
	for {
		conn, err := listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			_ = listener.Close()
			return fmt.Errorf("serving a CAN bus on %s: %w", listener.Addr(), err)
		}
		select {
		case places <- struct{}{}:
		default:
			_ = conn.Close()
			continue
		}
		joined.Go(func() {
			defer func() { <-places }()
			_ = w.Join(ctx, NewStream(conn, 0)) // a client may leave whenever and however it likes
		})
	}
}

// Join bridges another bus to the wire in both directions until either ends or the context does, closes that bus, and
// returns why it ended; nil for the context.
func (w *Wire) Join(ctx context.Context, bus Bus) error {
	ctx, cancel := context.WithCancel(ctx)
	node := w.Attach(0)
	reasons := make(chan error, 2)
	var both sync.WaitGroup
	both.Go(func() { reasons <- forward(ctx, node, bus) })
	both.Go(func() { reasons <- forward(ctx, bus, node) })
	reason := <-reasons
	ended := ctx.Err() != nil
	cancel() // ends the other direction
	both.Wait()
	err := errors.Join(node.Close(), bus.Close())
	if ended {
		return err
	}
	return errors.Join(reason, err)
}

// forward copies frames until one side fails.
func forward(ctx context.Context, from, to Bus) error {
	for {
		arrival, err := from.Receive(ctx)
		if err != nil {
			return err
		}
		if err := to.Send(arrival.Frame); err != nil {
			return err
		}
	}
}

// ServePackets makes each address that sends a datagram to the connection a node of the wire, until it has been silent
// for 20 s. An empty datagram is a greeting. It takes the connection over, and returns when the context ends (nil) or
// the connection fails. More than 64 addresses at a time are ignored. There is no authentication: bind it to a network
// that you trust.
func (w *Wire) ServePackets(ctx context.Context, conn net.PacketConn) error {
	s := &packetServer{wire: w, conn: conn, peers: make(map[string]*packetPeer)}
	ctx, cancel := context.WithCancel(ctx)
	defer s.pumps.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer s.forgetAll()
	packet := make([]byte, 2048)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(helloPeriod)) // to look for silent peers; a dead connection fails below
		n, address, err := conn.ReadFrom(packet)
		s.forgetSilent(time.Now())
		switch {
		case err == nil:
			s.take(packet[:n], address)
		case ctx.Err() != nil:
			return nil
		case !passing(err) && !errors.Is(err, os.ErrDeadlineExceeded):
			_ = conn.Close()
			return fmt.Errorf("serving a CAN bus on %s: %w", conn.LocalAddr(), err)
		}
	}
}

// packetServer is the state of one ServePackets, touched by its reading goroutine only.
type packetServer struct {
	wire  *Wire
	conn  net.PacketConn
	peers map[string]*packetPeer
	pumps sync.WaitGroup
}

// packetPeer is one address that has sent something.
type packetPeer struct {
	node *Node
	last time.Time
}

// take handles one datagram. Malformed frames are dropped; the client's end counts its own.
func (s *packetServer) take(packet []byte, address net.Addr) {
	if len(packet)%WireSize != 0 {
		return
	}
	peer, known := s.peers[address.String()]
	if !known {
		if len(s.peers) >= maximumPeers {
			return
		}
		peer = &packetPeer{node: s.wire.Attach(0)}
		s.peers[address.String()] = peer
		s.pumps.Go(func() { s.pump(peer.node, address) })
	}
	peer.last = time.Now()
	for ; len(packet) > 0; packet = packet[WireSize:] {
		if frame, err := DecodeWire(packet[:WireSize]); err == nil {
			_ = peer.node.Send(frame) // the node ends with this server only
		}
	}
}

// pump sends what the wire has for one address until its node is closed.
func (s *packetServer) pump(node *Node, address net.Addr) {
	buffer := make([]byte, 0, WireSize)
	for {
		arrival, err := node.Receive(context.Background())
		if err != nil {
			return
		}
		buffer = AppendWire(buffer[:0], arrival.Frame)
		_, _ = s.conn.WriteTo(buffer, address) // datagrams may be lost; silence decides who is gone
	}
}

func (s *packetServer) forgetSilent(now time.Time) {
	for key, peer := range s.peers {
		if now.Sub(peer.last) > peerSilence {
			_ = peer.node.Close()
			delete(s.peers, key)
		}
	}
}

func (s *packetServer) forgetAll() {
	for _, peer := range s.peers {
		_ = peer.node.Close()
	}
}
