package can

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func numbered(i int) Frame {
	return Frame{ID: uint32(i % 0x800), Length: 2, Data: [8]byte{byte(i >> 8), byte(i)}}
}

func receive(t *testing.T, bus Bus) Frame {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	arrival, err := bus.Receive(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return arrival.Frame
}

func send(t *testing.T, bus Bus, frame Frame) {
	t.Helper()
	if err := bus.Send(frame); err != nil {
		t.Fatal(err)
	}
}

func TestWireReachesAllOthers(t *testing.T) {
	var wire Wire
	a, b, c := wire.Attach(0), wire.Attach(0), wire.Attach(2)
	for i := range 5 {
		send(t, a, numbered(i))
	}
	for i := range 5 {
		if got := receive(t, b); got != numbered(i) {
			t.Errorf("b got %v at %d", got, i)
		}
	}
	// The slow reader with room for two lost the oldest three.
	if c.Losses() != (Losses{Received: 3}) || receive(t, c) != numbered(3) || receive(t, c) != numbered(4) {
		t.Errorf("c lost %+v", c.Losses())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Receive(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a hears itself: %v", err)
	}
	_ = b.Close()
	if err := b.Send(numbered(0)); !errors.Is(err, ErrClosed) {
		t.Errorf("closed node sends: %v", err)
	}
	if _, err := b.Receive(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("closed node receives: %v", err)
	}
	send(t, a, numbered(9))
	wantError(t, a.Send(Frame{ID: 0x800}), "above 11 bits")
	wantError(t, a.Send(Frame{Length: 9}), "length 9")
}

// TestArrivalIsStampedAtTheWire: waiting in the queue does not make a frame younger.
func TestArrivalIsStampedAtTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wire Wire
		a, b := wire.Attach(0), wire.Attach(0)
		sent := time.Now()
		send(t, a, numbered(1))
		time.Sleep(time.Minute)
		if arrival, err := b.Receive(t.Context()); err != nil || !arrival.At.Equal(sent) {
			t.Errorf("arrived %v, %v", arrival.At, err)
		}
	})
}

func TestStreamBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		a, b := NewStream(near, 0), NewStream(far, 0)
		for i := range 300 {
			send(t, a, numbered(i))
			send(t, b, numbered(i+1))
		}
		for i := range 300 {
			if got, back := receive(t, b), receive(t, a); got != numbered(i) || back != numbered(i+1) {
				t.Fatalf("%d: %v and %v", i, got, back)
			}
		}
		send(t, a, numbered(7))
		_ = a.Close() // what was queued still goes out
		if got := receive(t, b); got != numbered(7) {
			t.Errorf("last frame %v", got)
		}
		if _, err := b.Receive(t.Context()); err == nil {
			t.Error("received from a closed peer")
		}
		if err := b.Send(numbered(1)); err == nil {
			t.Error("sent to a closed peer")
		}
		if _, err := a.Receive(t.Context()); !errors.Is(err, ErrClosed) {
			t.Errorf("own end: %v", err)
		}
		_, _ = a.Close(), b.Close()
	})
}

// TestStreamStalledPeer: a peer that takes nothing costs the oldest frames, then the link, never the sender's time.
func TestStreamStalledPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		bus := NewStream(near, 4)
		begin := time.Now()
		for i := range 100 {
			send(t, bus, numbered(i))
		}
		if time.Since(begin) != 0 || bus.Losses().Sent == 0 {
			t.Errorf("sending took %v, lost %+v", time.Since(begin), bus.Losses())
		}
		_, err := bus.Receive(t.Context())
		wantError(t, err, "writing to CAN link")
		if waited := time.Since(begin); waited != writeTimeout {
			t.Errorf("given up after %v", waited)
		}
		_, _ = bus.Close(), far.Close()
	})
}

func TestStreamGarbage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		bus := NewStream(near, 0)
		bad := AppendWire(nil, numbered(1))
		bad[4] = 200
		controller := AppendWire(nil, numbered(1))
		controller[3], controller[4] = 0x20, 8
		for _, wire := range [][]byte{bad, controller, AppendWire(nil, numbered(5))} {
			if _, err := far.Write(wire); err != nil {
				t.Fatal(err)
			}
		}
		if got := receive(t, bus); got != numbered(5) {
			t.Errorf("got %v", got)
		}
		if bus.Losses() != (Losses{Malformed: 1, Errors: 1}) {
			t.Errorf("losses %+v", bus.Losses())
		}
		for range 3 { // garbage between good frames does not add up
			for range nonsenseLimit - 1 {
				if _, err := far.Write(bad); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := far.Write(AppendWire(nil, numbered(6))); err != nil {
				t.Fatal(err)
			}
			if got := receive(t, bus); got != numbered(6) {
				t.Errorf("got %v", got)
			}
		}
		if _, err := far.Write([]byte(strings.Repeat("GET / HTTP/1.1\r\n", nonsenseLimit))); err != nil {
			t.Fatal(err)
		}
		_, err := bus.Receive(t.Context())
		wantError(t, err, "malformed frames in a row")
		_, _ = bus.Close(), far.Close()
	})
}

// TestServeSeveralListeners joins clients of two TCP listeners and a node in memory.
func TestServeSeveralListeners(t *testing.T) {
	var wire Wire
	local := wire.Attach(0)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 2)
	var clients []Bus
	for range 2 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() { served <- wire.Serve(ctx, listener) }()
		for range 2 {
			client, err := Dialer{}.Dial(ctx, "tcp://"+listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			clients = append(clients, client)
		}
	}
	// A client is on the wire once its own frame has come out at the local node.
	for i, client := range clients {
		send(t, client, numbered(0x700+i))
		if got := receive(t, local); got != numbered(0x700+i) {
			t.Fatalf("local got %v", got)
		}
	}
	send(t, local, numbered(1))
	for i, client := range clients {
		heard := map[uint32]int{}
		for got := (Frame{}); got != numbered(1); {
			got = receive(t, client)
			heard[got.ID]++
		}
		for k := range clients {
			// Those who were on the wire before hear the later ones; nobody hears itself, or anything twice.
			if n := heard[uint32(0x700+k)]; k > i && n != 1 || k == i && n != 0 || n > 1 {
				t.Errorf("client %d heard client %d %d times", i, k, n)
			}
		}
	}
	cancel()
	for range 2 {
		if err := <-served; err != nil {
			t.Error(err)
		}
	}
	if _, err := clients[0].Receive(t.Context()); err == nil {
		t.Error("the server ended and the client did not notice")
	}
}

func TestServePackets(t *testing.T) {
	var wire Wire
	local := wire.Attach(0)
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- wire.ServePackets(ctx, conn) }()
	dial := func() Bus {
		bus, err := Dialer{}.Dial(ctx, "udp://"+conn.LocalAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = bus.Close() })
		return bus
	}
	talker, listener := dial(), dial()
	send(t, listener, numbered(2)) // proves that the server knows it
	if got := receive(t, local); got != numbered(2) {
		t.Fatalf("local got %v", got)
	}
	send(t, talker, numbered(3))
	if got := receive(t, listener); got != numbered(3) {
		t.Errorf("listener got %v", got)
	}
	if got := receive(t, local); got != numbered(3) {
		t.Errorf("local got %v", got)
	}
	stray, err := net.Dial("udp", conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer stray.Close()
	_, _ = stray.Write([]byte("not a frame"))
	send(t, local, numbered(4))
	if got := receive(t, listener); got != numbered(4) {
		t.Errorf("listener got %v", got)
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// sink is a packet connection that drops what is written to it.
type sink struct{ net.PacketConn }

func (sink) WriteTo(packet []byte, _ net.Addr) (int, error) { return len(packet), nil }

// TestPacketPeersAreForgotten: a silent address leaves the wire after 20 s, one that greets stays.
func TestPacketPeersAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wire Wire
		server := &packetServer{wire: &wire, conn: sink{}, peers: make(map[string]*packetPeer)}
		silent, alive := &net.UDPAddr{Port: 1}, &net.UDPAddr{Port: 2}
		server.take(nil, silent)
		for range 5 {
			server.take(nil, alive)
			time.Sleep(helloPeriod)
			server.forgetSilent(time.Now())
		}
		if len(server.peers) != 1 || server.peers[alive.String()] == nil || len(wire.nodes) != 1 {
			t.Errorf("%d peers, %d nodes", len(server.peers), len(wire.nodes))
		}
		for port := range 2 * maximumPeers {
			server.take(nil, &net.UDPAddr{Port: 100 + port})
		}
		if len(server.peers) != maximumPeers {
			t.Errorf("%d peers", len(server.peers))
		}
		server.forgetAll()
		server.pumps.Wait()
	})
}

func TestDialMemoryAndFaults(t *testing.T) {
	wire := new(Wire)
	dialer := Dialer{Memory: map[string]*Wire{"pack3": wire}}
	node := wire.Attach(0)
	for _, address := range []string{"memory:pack3", "memory://pack3"} {
		bus, err := dialer.Dial(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		send(t, node, numbered(1))
		if got := receive(t, bus); got != numbered(1) {
			t.Errorf("got %v", got)
		}
	}
	for address, want := range map[string]string{
		"memory:pack9":               `no virtual bus is called "pack9"`,
		"tcp://127.0.0.1":            "want tcp://host:port",
		"can0":                       "want tcp://host:port, udp://host:port, socketcan://interface or memory:name",
		"socketcan://":               "such as socketcan://can0",
		"://":                        "missing protocol scheme",
		"socketcan://no-such-wire-9": "SocketCAN",
	} {
		_, err := dialer.Dial(t.Context(), address)
		if strings.HasPrefix(address, "socketcan://no") {
			if err == nil || !strings.Contains(err.Error(), "SocketCAN") && !strings.Contains(err.Error(), "no network interface") {
				t.Errorf("%s: %v", address, err)
			}
			t.Log(err)
			continue
		}
		wantError(t, err, want)
	}
}

func BenchmarkStream(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var wire Wire
	local := wire.Attach(1 << 16)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	go func() { _ = wire.Serve(ctx, listener) }()
	client, err := Dialer{Depth: 1 << 16}.Dial(ctx, "tcp://"+listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := client.Send(numbered(i)); err != nil {
			b.Fatal(err)
		}
		if _, err := local.Receive(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

// TestPace: a stream that is looked at now and then loses nothing and keeps the order.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		bus, peer := startLink(&link{conn: near, pace: 25 * time.Millisecond}, 0), NewStream(far, 0)
		begun := time.Now()
		for i := range 100 {
			send(t, peer, numbered(i))
		}
		for i := range 100 {
			if got := receive(t, bus); got != numbered(i) {
				t.Fatalf("frame %d is %v", i, got)
			}
		}
		if took := time.Since(begun); took == 0 || took > 100*time.Millisecond {
			t.Errorf("a hundred frames took %v", took)
		}
		_ = peer.Close()
		_ = bus.Close()
	})
}
