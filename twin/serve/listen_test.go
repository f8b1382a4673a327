package serve

import (
	"context"
	"strings"
	"testing"
	"time"

	"reprise/device"
	"reprise/twin"
	"reprise/wire/can"
	"reprise/wire/modbus"
)

// TestListen reaches the devices over real sockets.
func TestListen(t *testing.T) {
	u := testUnit()
	s, err := New(twin.New(u, 1, twin.Start{Ambient: 20}), u, Options{Packs: []*device.PackTable{testTable(t), testTable(t)}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	at, wait, err := s.Listen(ctx, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _ = s.Run(ctx); close(done) }()
	defer func() { cancel(); wait(); <-done }()

	bus, err := at.Wires().IO(ctx)
	if err != nil {
		t.Fatal(err)
	}
	arrival, err := bus.Receive(ctx)
	if err != nil || arrival.Frame.ID < 768 || arrival.Frame.ID > 780 {
		t.Errorf("the I/O module sent %v, %v", arrival.Frame, err)
	}
	_ = bus.Close()
	client := modbus.NewClient(at.Wires().Registers, time.Second)
	defer func() { _ = client.Close() }()
	words, err := client.ReadHolding(ctx, InverterUnit, 40000, 2)
	if err != nil || words[0] != 0x5375 || words[1] != 0x6E53 {
		t.Errorf("the inverter's marker is %x, %v", words, err)
	}
	if len(at.Packs) != len(u.Packs) {
		t.Errorf("addresses are %+v", at)
	}
	if _, _, err := s.Listen(ctx, "192.0.2.1"); err == nil {
		t.Error("an address that is not this machine's was accepted")
	}
}

func TestReplayKeepsThePace(t *testing.T) {
	log := "(100.000000) can0 102#0011\nno frame\n(100.010000) can0 103#00\n"
	wire := &can.Wire{}
	ear := wire.Attach(0)
	begun := time.Now()
	done, err := Replay(t.Context(), strings.NewReader(log), wire.Attach(0))
	if err != nil || done.Frames != 2 || done.Faults != 1 || time.Since(begun) < 10*time.Millisecond {
		t.Errorf("%+v, %v after %v", done, err, time.Since(begun))
	}
	if a, err := ear.Receive(t.Context()); err != nil || a.Frame.ID != 0x102 {
		t.Errorf("heard %v, %v", a.Frame, err)
	}
}
