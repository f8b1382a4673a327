package modbus

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"
)

// image is the dumbest device: 65536 registers that hold whatever was written.
type image struct {
	mutex sync.Mutex
	words [0x10000]uint16
	// refuse makes every request fail with this exception.
	refuse Exception
}

func (d *image) ReadRegisters(kind Kind, _ uint8, addr uint16, into []uint16) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.refuse != 0 {
		return d.refuse
	}
	copy(into, d.words[addr:])
	if kind == Input {
		for i := range into {
			into[i] = ^into[i]
		}
	}
	return nil
}

func (d *image) WriteRegisters(_ uint8, addr uint16, values []uint16) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.refuse != 0 {
		return d.refuse
	}
	copy(d.words[addr:], values)
	return nil
}

// serveLoopback runs a server on a loopback port until the test ends.
func serveLoopback(t testing.TB, server *Server) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return listener.Addr().String()
}

// pipeTo dials a server over net.Pipe.
func pipeTo(ctx context.Context, server *Server) Dial {
	return func(context.Context) (net.Conn, error) {
		near, far := net.Pipe()
		go func() { _ = server.ServeConn(ctx, far) }()
		return near, nil
	}
}

// clock is a settable time for banks.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func exampleTable() Table {
	return Table{
		Name: "Example converter", Doc: "A table for tests.", Heartbeat: "Heartbeat", HeartbeatTimeout: time.Second,
		Points: []Point{
			{Name: "Voltage", Address: 100, Type: U16, Scale: 0.1, Unit: "V", Doc: "terminal voltage"},
			{Name: "Current", Address: 101, Type: S16, Scale: 0.1, Unit: "A", Doc: "positive out of the terminals"},
			{Name: "Energy", Address: 102, Type: U32, Unit: "Wh"},
			{Name: "Power", Address: 104, Type: S32, Unit: "W"},
			{Name: "Temperature", Address: 106, Type: F32, Unit: "°C"},
			{Name: "Serial", Address: 108, Type: Text, Length: 4},
			{Name: "Flags", Address: 112, Type: U16, Plain: true},
			{Name: "Heartbeat", Address: 200, Type: U16, Access: ReadWrite, Plain: true},
			{Name: "Setpoint", Address: 201, Type: S32, Scale: 0.1, Unit: "kW", Access: ReadWrite, Min: -250, Max: 250},
			{Name: "Label", Address: 203, Type: Text, Length: 3, Access: ReadWrite},
		},
	}
}

func exampleMap(t testing.TB) *Map {
	t.Helper()
	m, err := exampleTable().Compile()
	if err != nil {
		t.Fatal(err)
	}
	return m
}
