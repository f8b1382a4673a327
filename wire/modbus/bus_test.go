package modbus

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	library "github.com/simonvetter/modbus"
)

// exercise is the conformance suite of Registers: every implementation passes it against an image.
func exercise(t *testing.T, bus Registers, device *image) {
	t.Helper()
	ctx := context.Background()
	long := make([]uint16, MaxWrite)
	for i := range long {
		long[i] = uint16(i * 521)
	}
	for _, values := range [][]uint16{{0xBEEF}, {1, 2, 3}, long} {
		if err := bus.WriteHolding(ctx, 7, 40000, values); err != nil {
			t.Fatal(err)
		}
		got, err := bus.ReadHolding(ctx, 7, 40000, uint16(len(values)))
		if err != nil || !slices.Equal(got, values) {
			t.Fatalf("read back %v, %v; wrote %v", got, err, values)
		}
	}
	if got, err := bus.ReadInput(ctx, 7, 40001, 1); err != nil || got[0] != ^uint16(521) {
		t.Errorf("input registers: %v, %v", got, err)
	}
	if got, err := bus.ReadHolding(ctx, 7, 0xFFFF, 1); err != nil || got[0] != 0 {
		t.Errorf("last register: %v, %v", got, err)
	}
	if got, err := bus.ReadHolding(ctx, 7, 40000, MaxRead); err != nil || len(got) != MaxRead {
		t.Errorf("longest read: %d registers, %v", len(got), err)
	}
	for _, e := range []Exception{IllegalFunction, IllegalDataAddress, IllegalDataValue, DeviceFailure, DeviceBusy} {
		device.refuse = e
		_, err := bus.ReadHolding(ctx, 1, 40123, 2)
		if !errors.Is(err, e) || !strings.Contains(err.Error(), e.Error()+" 40123 at unit 1") {
			t.Errorf("refusal %v came as %v", e, err)
		}
		if err := bus.WriteHolding(ctx, 1, 40123, []uint16{1}); !errors.Is(err, e) {
			t.Errorf("refused write %v came as %v", e, err)
		}
		device.refuse = 0
	}
	for name, err := range map[string]error{
		"no registers":       errorOf(bus.ReadHolding(ctx, 1, 0, 0)),
		"too many":           errorOf(bus.ReadHolding(ctx, 1, 0, MaxRead+1)),
		"beyond the end":     errorOf(bus.ReadInput(ctx, 1, 0xFFFF, 2)),
		"empty write":        bus.WriteHolding(ctx, 1, 0, nil),
		"write too long":     bus.WriteHolding(ctx, 1, 0, make([]uint16, MaxWrite+1)),
		"write by 65537":     bus.WriteHolding(ctx, 1, 0, make([]uint16, 65537)),
		"write past the end": bus.WriteHolding(ctx, 1, 0xFFFF, []uint16{1, 2}),
	} {
		if !errors.Is(err, ErrRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := bus.ReadHolding(ended, 1, 0, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
	var callers sync.WaitGroup
	for n := range 8 {
		callers.Go(func() {
			addr := uint16(1000 * n)
			for i := range uint16(20) {
				if err := bus.WriteHolding(ctx, 1, addr, []uint16{i}); err != nil {
					t.Error(err)
				}
				if got, err := bus.ReadHolding(ctx, 1, addr, 1); err != nil || got[0] != i {
					t.Errorf("caller %d read %v, %v", n, got, err)
				}
			}
		})
	}
	callers.Wait()
}

func errorOf(_ []uint16, err error) error { return err }

func TestConformance(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		device := new(image)
		exercise(t, NewMemory(device, time.Second), device)
	})
	t.Run("client over TCP", func(t *testing.T) {
		device := new(image)
		client := NewClient(DialTCP(serveLoopback(t, &Server{Handler: device})), 5*time.Second)
		defer client.Close()
		exercise(t, client, device)
	})
	t.Run("client over a pipe", func(t *testing.T) {
		device := new(image)
		client := NewClient(pipeTo(t.Context(), &Server{Handler: device}), 5*time.Second)
		defer client.Close()
		exercise(t, client, device)
	})
	t.Run("library master against own server", func(t *testing.T) {
		device := new(image)
		address := serveLoopback(t, &Server{Handler: device})
		master, err := NewMaster(MasterConfiguration{URL: "tcp://" + address, Timeout: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer master.Close()
		exercise(t, master, device)
	})
}

// peer is the library's server on the same image: the independent peer of our client.
type peer struct{ device *image }

func (p peer) HandleCoils(*library.CoilsRequest) ([]bool, error) {
	return nil, library.ErrIllegalFunction
}
func (p peer) HandleDiscreteInputs(*library.DiscreteInputsRequest) ([]bool, error) {
	return nil, library.ErrIllegalFunction
}

func (p peer) HandleHoldingRegisters(r *library.HoldingRegistersRequest) ([]uint16, error) {
	if r.IsWrite {
		return nil, toLibrary(p.device.WriteRegisters(r.UnitId, r.Addr, r.Args))
	}
	values := make([]uint16, r.Quantity)
	return values, toLibrary(p.device.ReadRegisters(Holding, r.UnitId, r.Addr, values))
}

func (p peer) HandleInputRegisters(r *library.InputRegistersRequest) ([]uint16, error) {
	values := make([]uint16, r.Quantity)
	return values, toLibrary(p.device.ReadRegisters(Input, r.UnitId, r.Addr, values))
}

func toLibrary(err error) error {
	return map[error]error{
		nil: nil, IllegalFunction: library.ErrIllegalFunction, IllegalDataAddress: library.ErrIllegalDataAddress,
		IllegalDataValue: library.ErrIllegalDataValue, DeviceFailure: library.ErrServerDeviceFailure,
		DeviceBusy: library.ErrServerDeviceBusy,
	}[err]
}

func TestConformanceAgainstIndependentServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	device := new(image)
	server, err := library.NewServer(&library.ServerConfiguration{URL: "tcp://" + address, MaxClients: 2}, peer{device})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	client := NewClient(DialTCP(address), 5*time.Second)
	defer client.Close()
	exercise(t, client, device)
}

// TestSilentDevice: virtual time, so the timeouts are exact.
func TestSilentDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mute := func(context.Context) (net.Conn, error) {
			near, far := net.Pipe()
			go func() { // reads and never answers
				buffer := make([]byte, 300)
				for {
					if _, err := far.Read(buffer); err != nil {
						return
					}
				}
			}()
			return near, nil
		}
		silent := NewMemory(new(image), 300*time.Millisecond)
		silent.SetFault(func(Request) Outcome { return Outcome{Silent: true} })
		for name, bus := range map[string]Registers{
			"client": NewClient(mute, 300*time.Millisecond), "rtu": NewRTUClient(mute, 300*time.Millisecond), "memory": silent,
		} {
			start := time.Now()
			_, err := bus.ReadHolding(context.Background(), 3, 10, 2)
			if !errors.Is(err, ErrTimeout) || time.Since(start) != 300*time.Millisecond {
				t.Errorf("%s: %v after %v", name, err, time.Since(start))
			}
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			start = time.Now()
			err = bus.WriteHolding(ctx, 3, 10, []uint16{1})
			if !errors.Is(err, ErrTimeout) || time.Since(start) != 100*time.Millisecond {
				t.Errorf("%s with an earlier deadline: %v after %v", name, err, time.Since(start))
			}
			cancel()
			ctx, cancel = context.WithCancel(context.Background())
			time.AfterFunc(50*time.Millisecond, cancel)
			start = time.Now()
			if _, err := bus.ReadHolding(ctx, 3, 10, 2); !errors.Is(err, context.Canceled) || time.Since(start) != 50*time.Millisecond {
				t.Errorf("%s cancelled: %v after %v", name, err, time.Since(start))
			}
			cancel()
			if c, ok := bus.(*Client); ok {
				_ = c.Close()
			}
		}
	})
}

// TestWaitingForTheBus: a caller with a deadline does not queue behind a slow exchange.
func TestWaitingForTheBus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := NewMemory(new(image), 5*time.Second)
		bus.SetDelay(2 * time.Second)
		first := make(chan error)
		go func() { first <- errorOf(bus.ReadHolding(context.Background(), 1, 0, 1)) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := bus.ReadHolding(ctx, 1, 0, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("second caller: %v", err)
		}
		if err := <-first; err != nil {
			t.Error(err)
		}
	})
}

func TestMemoryFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device := new(image)
		bus := NewMemory(device, time.Second)
		bus.SetFault(func(r Request) Outcome { return Outcome{LostAnswer: r.Write} })
		if err := bus.WriteHolding(context.Background(), 1, 5, []uint16{9}); !errors.Is(err, ErrTimeout) {
			t.Errorf("lost answer: %v", err)
		}
		if device.words[5] != 9 {
			t.Error("a lost answer must not mean a lost order")
		}
		bus.SetFault(func(Request) Outcome { return Outcome{Refuse: DeviceBusy} })
		if _, err := bus.ReadHolding(context.Background(), 1, 5, 1); !errors.Is(err, DeviceBusy) {
			t.Errorf("injected refusal: %v", err)
		}
		bus.SetFault(func(Request) Outcome { return Outcome{Delay: 2 * time.Second} })
		if _, err := bus.ReadHolding(context.Background(), 1, 5, 1); !errors.Is(err, ErrTimeout) {
			t.Errorf("too slow: %v", err)
		}
		bus.SetFault(nil)
		if got, err := bus.ReadHolding(context.Background(), 1, 5, 1); err != nil || got[0] != 9 {
			t.Errorf("healed: %v, %v", got, err)
		}
	})
}

// scripted answers each request with prepared bytes.
func scripted(answers ...[]byte) Dial {
	return func(context.Context) (net.Conn, error) {
		near, far := net.Pipe()
		go func() {
			defer far.Close()
			buffer := make([]byte, maxFrame)
			for len(answers) > 0 {
				if _, err := far.Read(buffer); err != nil {
					return
				}
				next := answers[0]
				answers = answers[1:]
				if _, err := far.Write(next); err != nil {
					return
				}
			}
		}()
		return near, nil
	}
}

func TestClientRefusesNonsense(t *testing.T) {
	for name, test := range map[string]struct {
		answer []byte
		want   error
	}{
		"foreign protocol":  {[]byte{0, 1, 0, 9, 0, 5, 1, 3, 2, 0, 7}, ErrFrame},
		"oversize":          {[]byte{0, 1, 0, 0, 1, 5, 1}, ErrFrame},
		"no function":       {[]byte{0, 1, 0, 0, 0, 1, 1}, ErrFrame},
		"cut off":           {[]byte{0, 1, 0, 0, 0, 5, 1, 3, 2}, ErrShortFrame},
		"cut off in header": {[]byte{0, 1, 0}, ErrShortFrame},
		"another unit":      {[]byte{0, 1, 0, 0, 0, 5, 2, 3, 2, 0, 7}, ErrFrame},
		"another function":  {[]byte{0, 1, 0, 0, 0, 5, 1, 4, 2, 0, 7}, ErrFrame},
		"too few registers": {[]byte{0, 1, 0, 0, 0, 3, 1, 3, 0}, ErrFrame},
		"wrong byte count":  {[]byte{0, 1, 0, 0, 0, 5, 1, 3, 4, 0, 7}, ErrFrame},
		"unknown exception": {[]byte{0, 1, 0, 0, 0, 3, 1, 0x83, 0x55}, Exception(0x55)},
	} {
		client := NewClient(scripted(test.answer), time.Second)
		if _, err := client.ReadHolding(context.Background(), 1, 0, 1); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
		_ = client.Close()
	}
}

func TestClientSkipsStaleAnswersAndRecovers(t *testing.T) {
	stale := []byte{0, 9, 0, 0, 0, 5, 1, 3, 2, 0, 1}
	fresh := []byte{0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 2}
	client := NewClient(scripted(slices.Concat(stale, fresh)), time.Second)
	if got, err := client.ReadHolding(context.Background(), 1, 0, 1); err != nil || got[0] != 2 {
		t.Errorf("got %v, %v", got, err)
	}
	_ = client.Close()
	if _, err := client.ReadHolding(context.Background(), 1, 0, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}

	device := &image{}
	broken := true
	client = NewClient(func(ctx context.Context) (net.Conn, error) {
		if broken {
			return nil, errors.New("no route")
		}
		return pipeTo(t.Context(), &Server{Handler: device})(ctx)
	}, time.Second)
	defer client.Close()
	if _, err := client.ReadHolding(context.Background(), 1, 0, 1); err == nil || !strings.Contains(err.Error(), "connecting: no route") {
		t.Errorf("no route: %v", err)
	}
	broken = false
	if _, err := client.ReadHolding(context.Background(), 1, 0, 1); err != nil {
		t.Errorf("after the route came back: %v", err)
	}
}
