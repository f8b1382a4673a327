package modbus

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestServerByHand: frames written out by hand from the protocol's rules, one connection, answers byte by byte.
func TestServerByHand(t *testing.T) {
	server := &Server{Handler: Units{0x11: new(image)}, MaxWrite: 4}
	near, far := net.Pipe()
	go func() { _ = server.ServeConn(t.Context(), far) }()
	for _, test := range []struct{ name, ask, want string }{
		{"write two", "0001000000 0b 11 10 0001 0002 04 000a 0102", "0001000000 06 11 10 0001 0002"},
		{"read three", "0002000000 06 11 03 0000 0003", "0002000000 09 11 03 06 0000 000a 0102"},
		{"write one", "0003000000 06 11 06 0001 0003", "0003000000 06 11 06 0001 0003"},
		{"coils", "0004000000 06 11 01 0000 0001", "0004000000 03 11 81 01"},
		{"no such unit", "0005000000 06 12 03 0000 0001", "0005000000 03 12 83 0b"},
		{"read none", "0006000000 06 11 03 0000 0000", "0006000000 03 11 83 03"},
		{"read too many", "0007000000 06 11 03 0000 007e", "0007000000 03 11 83 03"},
		{"past the end", "0008000000 06 11 03 ffff 0002", "0008000000 03 11 83 02"},
		{"write too many here", "0009000000 11 11 10 0000 0005 0a 00000000000000000000", "0009000000 03 11 90 03"},
		{"byte count lies", "000a000000 0b 11 10 0001 0002 05 000a 0102", "000a000000 03 11 90 03"},
		{"body too short", "000b000000 04 11 03 0000", "000b000000 03 11 83 03"},
		{"function only", "000c000000 02 11 2b", "000c000000 03 11 ab 01"},
	} {
		ask, want := unhex(t, stripped(test.ask)), unhex(t, stripped(test.want))
		if _, err := near.Write(ask); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		got := make([]byte, len(want))
		if _, err := io.ReadFull(near, got); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %x (%v), want %x", test.name, got, err, want)
		}
	}
	if c := server.Counters(); c.Requests != 12 || c.Refused != 9 || c.Garbage != 0 || c.Connections != 1 {
		t.Errorf("counters %+v", c)
	}
	_ = near.Close()
}

func stripped(s string) string { return string(bytes.ReplaceAll([]byte(s), []byte(" "), nil)) }

func TestServerRefusesGarbage(t *testing.T) {
	for name, garbage := range map[string]string{
		"foreign protocol": "000100010006110300000001", "oversize": "0001000000ff11", "length 0": "00010000000011",
		"cut off": "0001000000061103",
	} {
		server := &Server{Handler: new(image)}
		near, far := net.Pipe()
		done := make(chan error)
		go func() { done <- server.ServeConn(context.Background(), far) }()
		// The server may hang up before it has taken everything.
		_, _ = near.Write(unhex(t, garbage))
		if name == "cut off" {
			_ = near.Close()
		}
		if err := <-done; err == nil || server.Counters().Garbage != 1 {
			t.Errorf("%s: %v, %+v", name, err, server.Counters())
		}
		_ = near.Close()
	}
}

func TestServerLimitsConnectionsAndIdling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &Server{Handler: new(image), MaxConnections: 1, IdleTimeout: 10 * time.Second}
		near, far := net.Pipe()
		start := time.Now()
		done := make(chan error)
		go func() { done <- server.ServeConn(context.Background(), far) }()
		synctest.Wait()
		second, turned := net.Pipe()
		if err := server.ServeConn(context.Background(), turned); err == nil || server.Counters().TurnedAway != 1 {
			t.Errorf("second connection: %v", err)
		}
		if err := <-done; !errors.Is(err, ErrTimeout) || time.Since(start) != 10*time.Second {
			t.Errorf("idle connection ended with %v after %v", err, time.Since(start))
		}
		_, _ = near.Close(), second.Close()
	})
}

// TestServerStops: the end of the context ends the listener and every connection.
func TestServerStops(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &Server{Handler: new(image)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, listener) }()
	client := NewClient(DialTCP(listener.Addr().String()), time.Second)
	if _, err := client.ReadHolding(ctx, 1, 0, 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; err != nil || server.Counters().Connections != 0 {
		t.Errorf("Serve returned %v with %d connections", err, server.Counters().Connections)
	}
	if _, err := client.ReadHolding(context.Background(), 1, 0, 1); err == nil {
		t.Error("the stopped server still answers")
	}
}

func TestCRC(t *testing.T) {
	// The worked example of "Modbus over serial line" V1.02, section 6.2.2: 02 07 has the CRC 0x1241.
	if got := CRC([]byte{0x02, 0x07}); got != 0x1241 {
		t.Errorf("CRC %04X", got)
	}
}

// TestSlaveOverPipe runs master and slave over one serial line in virtual time.
func TestSlaveOverPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device := new(image)
		slave := &Slave{Unit: 17, Handler: device}
		near, far := net.Pipe()
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- slave.Serve(ctx, far) }()
		bus := NewRTUClient(func(context.Context) (net.Conn, error) { return near, nil }, time.Second)
		want := make([]uint16, MaxWrite)
		for i := range want {
			want[i] = uint16(i * 997)
		}
		if err := bus.WriteHolding(ctx, 17, 300, want); err != nil {
			t.Fatal(err)
		}
		if got, err := bus.ReadHolding(ctx, 17, 300, MaxWrite); err != nil || got[122] != want[122] {
			t.Errorf("read back: %v", err)
		}
		device.refuse = DeviceBusy
		if _, err := bus.ReadInput(ctx, 17, 5, 1); !errors.Is(err, DeviceBusy) {
			t.Errorf("refusal over RTU: %v", err)
		}
		device.refuse = 0
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
		_ = bus.Close()
	})
}

// line is a serial port for one direction of test bytes; answers are collected.
type line struct {
	chunks  [][]byte
	answers bytes.Buffer
}

func (l *line) Read(into []byte) (int, error) {
	if len(l.chunks) == 0 {
		return 0, io.EOF
	}
	chunk := l.chunks[0]
	if chunk == nil { // a pause longer than the gap
		l.chunks = l.chunks[1:]
		return 0, os.ErrDeadlineExceeded
	}
	n := copy(into, chunk)
	if l.chunks[0] = chunk[n:]; n == len(chunk) {
		l.chunks = l.chunks[1:]
	}
	return n, nil
}

func (l *line) Write(b []byte) (int, error) { return l.answers.Write(b) }

func TestSlaveByHand(t *testing.T) {
	frame := func(unit byte, pdu ...byte) []byte { return rtu{}.appendFrame(nil, 0, unit, pdu) }
	read := frame(17, 3, 0, 5, 0, 1)
	answered := frame(17, 3, 2, 0, 77)
	broken := append([]byte(nil), read...)
	broken[3] ^= 1
	for name, test := range map[string]struct {
		chunks [][]byte
		want   []byte
	}{
		"whole":               {[][]byte{read}, answered},
		"byte by byte":        {[][]byte{read[:1], read[1:2], read[2:7], read[7:]}, answered},
		"two at once":         {[][]byte{append(append([]byte(nil), read...), read...)}, append(append([]byte(nil), answered...), answered...)},
		"noise before":        {[][]byte{{0xFF, 0x00, 0x33}, read}, answered},
		"bad checksum":        {[][]byte{broken, nil, read}, answered},
		"half, pause, whole":  {[][]byte{{17, 16, 0, 0, 0, 2, 4, 0}, nil, read}, answered},
		"another slave's":     {[][]byte{frame(9, 3, 0, 5, 0, 1), frame(9, 3, 2, 1, 2), nil, read}, answered},
		"broadcast is silent": {[][]byte{frame(0, 6, 0, 5, 0, 78)}, nil},
		"coils refused":       {[][]byte{frame(17, 1, 0, 0, 0, 1)}, frame(17, 0x81, 1)},
		"lying byte count":    {[][]byte{{17, 16, 0, 0, 0, 2, 255}, read}, answered},
	} {
		device := new(image)
		device.words[5] = 77
		slave := &Slave{Unit: 17, Handler: device}
		port := &line{chunks: test.chunks}
		if err := slave.Serve(context.Background(), port); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Equal(port.answers.Bytes(), test.want) {
			t.Errorf("%s: answered % x, want % x", name, port.answers.Bytes(), test.want)
		}
		if name == "broadcast is silent" && device.words[5] != 78 {
			t.Error("the broadcast was not executed")
		}
	}
}
