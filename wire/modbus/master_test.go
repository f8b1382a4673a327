package modbus

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"time"
)

// TestSlaveAgainstIndependentMaster: the library speaks RTU framing to our slave.
func TestSlaveAgainstIndependentMaster(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	device := new(image)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			slave := &Slave{Unit: 17, Handler: device}
			go func() { _ = slave.Serve(t.Context(), conn) }()
		}
	}()
	master, err := NewMaster(MasterConfiguration{
		URL: "rtuovertcp://" + listener.Addr().String(), Timeout: 5 * time.Second, Speed: 115200})
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	ctx := context.Background()
	if err := master.WriteHolding(ctx, 17, 300, []uint16{1, 0xFFFF, 3}); err != nil {
		t.Fatal(err)
	}
	if got, err := master.ReadHolding(ctx, 17, 300, 3); err != nil || !slices.Equal(got, []uint16{1, 0xFFFF, 3}) {
		t.Errorf("read back %v, %v", got, err)
	}
	device.refuse = DeviceBusy
	if _, err := master.ReadInput(ctx, 17, 5, 1); !errors.Is(err, DeviceBusy) {
		t.Errorf("refusal: %v", err)
	}
}

// TestMasterLeavesASilentDevice: the caller goes when its context ends, though the library cannot be interrupted; the
// bus is free again after its own timeout.
func TestMasterLeavesASilentDevice(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	master, err := NewMaster(MasterConfiguration{URL: "tcp://" + listener.Addr().String(), Timeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := master.ReadHolding(ctx, 1, 0, 1); !errors.Is(err, ErrTimeout) || time.Since(start) > 150*time.Millisecond {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	if _, err := master.ReadHolding(context.Background(), 1, 0, 1); !errors.Is(err, ErrTimeout) {
		t.Errorf("second call: %v", err)
	}
	if err := master.Close(); err != nil {
		t.Error(err)
	}
	if _, err := master.ReadHolding(context.Background(), 1, 0, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	for _, bad := range []MasterConfiguration{{URL: "tcp://x:1"}, {URL: "carrier pigeon", Timeout: time.Second}} {
		if _, err := NewMaster(bad); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}
