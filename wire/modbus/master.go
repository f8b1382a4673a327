package modbus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"time"

	library "github.com/simonvetter/modbus"
)

// MasterConfiguration says where a bus is and how its line is set.
type MasterConfiguration struct {
	// URL is "tcp://host:port", "rtu:///dev/ttyUSB0", "rtuovertcp://host:port" or "udp://host:port".
	URL string
	// Timeout limits each exchange. Dialling a socket may take up to the library's 5 s in the background; the caller
	// still returns when its own context ends.
	Timeout time.Duration
	// Speed in bit/s of a serial line; 0 means 19200.
	Speed uint
	// EvenParity selects 8E1 on a serial line; otherwise 8N2.
	EvenParity bool
}

// Master is a bus on the library simonvetter/modbus: TCP sockets and serial ports. It opens the bus at the first
// exchange and again after a transport error.
type Master struct {
	client *library.ModbusClient
	// gate is left by the exchange, not by the caller: the library cannot be interrupted, so a caller whose context
	// ends goes away while the exchange still holds the bus until its own timeout.
	gate   gate
	open   bool
	closed bool
}

var _ Registers = (*Master)(nil)

// NewMaster checks the configuration; it opens nothing yet.
func NewMaster(c MasterConfiguration) (*Master, error) {
	if c.Timeout <= 0 {
		return nil, fmt.Errorf("Modbus bus %s: timeout %v must be positive", c.URL, c.Timeout)
	}
	parity := library.PARITY_NONE
	if c.EvenParity {
		parity = library.PARITY_EVEN
	}
	client, err := library.NewClient(&library.ClientConfiguration{
		URL: c.URL, Timeout: c.Timeout, Speed: c.Speed, Parity: parity,
		// The library would log to standard output; every one of its findings also comes back as an error.
		Logger: log.New(io.Discard, "", 0),
	})
	if err != nil {
		return nil, fmt.Errorf("Modbus bus %q: %w", c.URL, err)
	}
	return &Master{client: client, gate: newGate()}, nil
}

// ReadHolding reads holding registers.
func (m *Master) ReadHolding(ctx context.Context, unit uint8, addr, count uint16) ([]uint16, error) {
	return m.read(ctx, Request{Kind: Holding, Unit: unit, Address: addr, Count: count}, library.HOLDING_REGISTER)
}

// ReadInput reads input registers.
func (m *Master) ReadInput(ctx context.Context, unit uint8, addr, count uint16) ([]uint16, error) {
	return m.read(ctx, Request{Kind: Input, Unit: unit, Address: addr, Count: count}, library.INPUT_REGISTER)
}

// WriteHolding writes holding registers.
func (m *Master) WriteHolding(ctx context.Context, unit uint8, addr uint16, values []uint16) error {
	r, err := writeRequest(unit, addr, values)
	if err != nil {
		return err
	}
	// The exchange may outlive the caller, whose slice then is its own again.
	values = append([]uint16(nil), values...)
	_, err = m.exchange(ctx, r, func() ([]uint16, error) { return nil, m.client.WriteRegisters(addr, values) })
	return err
}

// Close ends the bus for good after the exchange under way.
func (m *Master) Close() error {
	if err := m.gate.enter(context.Background()); err != nil {
		return err
	}
	defer m.gate.leave()
	m.closed = true
	if !m.open {
		return nil
	}
	m.open = false
	return m.client.Close()
}

func (m *Master) read(ctx context.Context, r Request, kind library.RegType) ([]uint16, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	return m.exchange(ctx, r, func() ([]uint16, error) { return m.client.ReadRegisters(r.Address, r.Count, kind) })
}

func (m *Master) exchange(ctx context.Context, r Request, execute func() ([]uint16, error)) ([]uint16, error) {
	if err := m.gate.enter(ctx); err != nil {
		return nil, fmt.Errorf("%s: waiting for the bus: %w", r, err)
	}
	type result struct {
		values []uint16
		err    error
	}
	done := make(chan result, 1)
	go func() {
		defer m.gate.leave()
		values, err := m.run(r, execute)
		done <- result{values, err}
	}()
	select {
	case got := <-done:
		return got.values, got.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", r, timely(ctx.Err()))
	}
}

// run owns the bus.
func (m *Master) run(r Request, execute func() ([]uint16, error)) ([]uint16, error) {
	if m.closed {
		return nil, fmt.Errorf("%s: %w", r, ErrClosed)
	}
	if !m.open {
		if err := m.client.Open(); err != nil {
			return nil, fmt.Errorf("%s: connecting: %w", r, timely(err))
		}
		m.open = true
	}
	if err := m.client.SetUnitId(r.Unit); err != nil {
		return nil, fmt.Errorf("%s: %w", r, err)
	}
	values, err := execute()
	if err == nil {
		return values, nil
	}
	if exception, ok := fromLibrary(err); ok {
		return nil, &ResponseError{Request: r, Exception: exception}
	}
	m.open = false
	_ = m.client.Close()
	return nil, fmt.Errorf("%s: %w", r, transportError(err))
}

// fromLibrary recognises the library's exceptions.
func fromLibrary(err error) (Exception, bool) {
	for exception, known := range map[Exception]error{
		IllegalFunction: library.ErrIllegalFunction, IllegalDataAddress: library.ErrIllegalDataAddress,
		IllegalDataValue: library.ErrIllegalDataValue, DeviceFailure: library.ErrServerDeviceFailure,
		Acknowledge: library.ErrAcknowledge, DeviceBusy: library.ErrServerDeviceBusy,
		MemoryParity: library.ErrMemoryParityError, GatewayPath: library.ErrGWPathUnavailable,
		GatewayTargetFailed: library.ErrGWTargetFailedToRespond,
	} {
		if errors.Is(err, known) {
			return exception, true
		}
	}
	return 0, false
}

// transportError gives the library's transport errors our names.
func transportError(err error) error {
	switch {
	case errors.Is(err, library.ErrRequestTimedOut):
		return ErrTimeout
	case errors.Is(err, library.ErrShortFrame), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %w", ErrShortFrame, err)
	case errors.Is(err, library.ErrBadCRC):
		return ErrChecksum
	case errors.Is(err, library.ErrProtocolError), errors.Is(err, library.ErrBadUnitId):
		return fmt.Errorf("%w: %w", ErrFrame, err)
	}
	return timely(err)
}
