//go:build unix

package can

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// looked is a paced link over the loopback interface, and the connection of its peer.
func looked(t *testing.T) (*link, net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	bus, err := Dialer{Pace: time.Hour}.Dial(t.Context(), "tcp://"+listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	peer, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = bus.Close(), peer.Close() })
	l, ok := bus.(*link)
	if !ok || l.looks == nil {
		t.Fatal("the link does not read at looks")
	}
	return l, peer
}

// taken is what has been found so far.
func taken(t *testing.T, l *link) []Arrival {
	t.Helper()
	list := make([]Arrival, DefaultDepth)
	return list[:l.incoming.takeMore(list)]
}

// TestLooks: what comes between two looks bears the stamp of the first, and a frame in parts waits for its rest.
func TestLooks(t *testing.T) {
	l, peer := looked(t)
	opened := l.looks.last
	write := func(b []byte) {
		if _, err := peer.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	first, second := AppendWire(nil, numbered(1)), AppendWire(nil, numbered(2))
	write(first)
	write(second[:5])
	l.look(opened.Add(time.Minute))
	if got := taken(t, l); len(got) != 0 {
		t.Fatalf("looked too early: %v", got)
	}
	l.look(opened.Add(time.Hour))
	if got := taken(t, l); len(got) != 1 || got[0] != (Arrival{numbered(1), opened}) {
		t.Fatalf("first look: %v", got)
	}
	write(second[5:])
	var many []byte
	for i := range 2 * readBatch { // more than one read takes
		many = AppendWire(many, numbered(i))
	}
	write(many[:len(many)-WireSize])
	l.look(opened.Add(2 * time.Hour))
	got := taken(t, l)
	if len(got) != 2*readBatch || got[0] != (Arrival{numbered(2), opened.Add(time.Hour)}) || got[len(got)-1].Frame != numbered(2*readBatch-2) {
		t.Fatalf("second look: %d frames", len(got))
	}
	if err := l.Send(numbered(9)); err != nil {
		t.Fatal(err)
	}
	wire := make([]byte, WireSize)
	if _, err := io.ReadFull(peer, wire); err != nil {
		t.Fatal(err)
	}
	if frame, err := DecodeWire(wire); err != nil || frame != numbered(9) {
		t.Errorf("sent %v, %v", frame, err)
	}
}

// TestLooksEnd: a look finds that the peer has gone or speaks something else; a receiver that waits hears of a close.
func TestLooksEnd(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	l, peer := looked(t)
	if _, err := l.Receive(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("nothing has come: %v", err)
	}
	_ = peer.Close()
	l.look(l.looks.last.Add(time.Hour))
	if _, err := l.Receive(ended); !errors.Is(err, io.EOF) {
		t.Errorf("peer gone: %v", err)
	}

	l, peer = looked(t)
	nonsense := make([]byte, nonsenseLimit*WireSize)
	for i := range nonsense {
		nonsense[i] = 0xFF
	}
	if _, err := peer.Write(nonsense); err != nil {
		t.Fatal(err)
	}
	l.look(l.looks.last.Add(time.Hour))
	_, err := l.Receive(ended)
	wantError(t, err, "malformed frames in a row")
	if l.Losses().Malformed != nonsenseLimit {
		t.Errorf("counted %+v", l.Losses())
	}

	l, _ = looked(t)
	done := make(chan error, 1)
	go func() {
		_, err := l.Receive(t.Context())
		done <- err
	}()
	_ = l.Close()
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}
