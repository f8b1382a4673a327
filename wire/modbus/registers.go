package modbus

import (
	"context"
	"errors"
	"fmt"
)

// Limits of one exchange, from the Modbus application protocol V1.1b3.
const (
	MaxRead  = 125 // registers that one request may read
	MaxWrite = 123 // registers that one request may write
)

// Registers is a bus as its consumer sees it. Addresses are zero-based. Implementations are safe for concurrent use
// and carry one exchange at a time; a call returns when the answer is there, when the device refused
// ([ResponseError]), when the transport failed, or when ctx ends.
type Registers interface {
	// ReadHolding reads count (1..125) holding registers from addr on.
	ReadHolding(ctx context.Context, unit uint8, addr, count uint16) ([]uint16, error)
	// ReadInput reads count (1..125) input registers from addr on.
	ReadInput(ctx context.Context, unit uint8, addr, count uint16) ([]uint16, error)
	// WriteHolding writes 1..123 holding registers from addr on in one request. After any error but a ResponseError
	// the device may or may not have executed it: read back.
	WriteHolding(ctx context.Context, unit uint8, addr uint16, values []uint16) error
}

// Kind tells holding registers from input registers.
type Kind uint8

// The two register spaces of Modbus that this package carries.
const (
	Holding Kind = iota
	Input
)

// String names the space.
func (k Kind) String() string {
	if k == Input {
		return "input"
	}
	return "holding"
}

// Handler answers a slave's requests. Implementations are safe for concurrent use. An error that is (or wraps) an
// [Exception] reaches the master as that exception, any other error as [DeviceFailure].
type Handler interface {
	// ReadRegisters fills into with the registers from addr on.
	ReadRegisters(kind Kind, unit uint8, addr uint16, into []uint16) error
	// WriteRegisters stores values from addr on, all of them or none.
	WriteRegisters(unit uint8, addr uint16, values []uint16) error
}

// Units is a gateway: one handler per unit number. A request to a unit that is not there is answered with
// [GatewayTargetFailed].
type Units map[uint8]Handler

// ReadRegisters passes the request to the unit's handler.
func (u Units) ReadRegisters(kind Kind, unit uint8, addr uint16, into []uint16) error {
	h, ok := u[unit]
	if !ok {
		return GatewayTargetFailed
	}
	return h.ReadRegisters(kind, unit, addr, into)
}

// WriteRegisters passes the request to the unit's handler.
func (u Units) WriteRegisters(unit uint8, addr uint16, values []uint16) error {
	h, ok := u[unit]
	if !ok {
		return GatewayTargetFailed
	}
	return h.WriteRegisters(unit, addr, values)
}

// Exception is a refusal by a device, as the code on the wire.
type Exception uint8

// The exceptions of the Modbus application protocol V1.1b3, section 7.
const (
	IllegalFunction     Exception = 0x01
	IllegalDataAddress  Exception = 0x02
	IllegalDataValue    Exception = 0x03
	DeviceFailure       Exception = 0x04
	Acknowledge         Exception = 0x05
	DeviceBusy          Exception = 0x06
	MemoryParity        Exception = 0x08
	GatewayPath         Exception = 0x0A
	GatewayTargetFailed Exception = 0x0B
)

// Error names the exception in words.
func (e Exception) Error() string {
	switch e {
	case IllegalFunction:
		return "illegal function"
	case IllegalDataAddress:
		return "illegal data address"
	case IllegalDataValue:
		return "illegal data value"
	case DeviceFailure:
		return "device failure"
	case Acknowledge:
		return "acknowledged, not finished"
	case DeviceBusy:
		return "device busy"
	case MemoryParity:
		return "memory parity error"
	case GatewayPath:
		return "gateway path unavailable"
	case GatewayTargetFailed:
		return "gateway target failed to respond"
	}
	return fmt.Sprintf("unknown exception 0x%02X", uint8(e))
}

// exceptionOf is the code with which a handler's error goes on the wire.
func exceptionOf(err error) Exception {
	var e Exception
	if errors.As(err, &e) {
		return e
	}
	return DeviceFailure
}

// Transport errors. They are wrapped with the request that met them.
var (
	// ErrTimeout: no answer within the bus's timeout.
	ErrTimeout = errors.New("no answer in time")
	// ErrShortFrame: the connection ended inside a frame.
	ErrShortFrame = errors.New("short frame")
	// ErrFrame: the bytes are not a frame of this protocol, or not the answer to this request.
	ErrFrame = errors.New("malformed frame")
	// ErrChecksum: an RTU frame whose CRC does not fit.
	ErrChecksum = errors.New("bad checksum")
	// ErrClosed: the bus was closed by its owner.
	ErrClosed = errors.New("bus closed")
	// ErrRequest: the request itself breaks a limit of the protocol; nothing was sent.
	ErrRequest = errors.New("impossible request")
)

// Request says what was asked, for errors and for fault injection.
type Request struct {
	Write   bool
	Kind    Kind
	Unit    uint8
	Address uint16
	Count   uint16
}

// String reads like "reading 2 holding registers at 40123 of unit 1".
func (r Request) String() string {
	verb := "reading"
	if r.Write {
		verb = "writing"
	}
	plural := "s"
	if r.Count == 1 {
		plural = ""
	}
	return fmt.Sprintf("%s %d %s register%s at %d of unit %d", verb, r.Count, r.Kind, plural, r.Address, r.Unit)
}

// check refuses what the protocol cannot carry.
func (r Request) check() error {
	limit := uint16(MaxRead)
	if r.Write {
		limit = MaxWrite
	}
	if r.Count == 0 || r.Count > limit {
		return fmt.Errorf("%s: %w: count must be 1..%d", r, ErrRequest, limit)
	}
	if int(r.Address)+int(r.Count) > 0x10000 {
		return fmt.Errorf("%s: %w: the block ends beyond address 65535", r, ErrRequest)
	}
	return nil
}

// ResponseError is a device's refusal together with what was asked.
type ResponseError struct {
	Request   Request
	Exception Exception
}

// Error reads like "illegal data address 40123 at unit 1 (reading 2 holding registers at 40123 of unit 1)".
func (e *ResponseError) Error() string {
	return fmt.Sprintf("%s %d at unit %d (%s)", e.Exception, e.Request.Address, e.Request.Unit, e.Request)
}

// Unwrap lets errors.Is(err, IllegalDataAddress) work.
func (e *ResponseError) Unwrap() error { return e.Exception }

// gate lets one caller at a time onto a bus and respects deadlines while waiting, which a mutex cannot.
type gate chan struct{}

func newGate() gate { return make(gate, 1) }

func (g gate) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g gate) leave() { <-g }
