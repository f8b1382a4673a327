package modbus

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Outcome is what becomes of one exchange on a [Memory] bus.
type Outcome struct {
	// Delay is added to the bus's own delay.
	Delay time.Duration
	// Silent: the request never reaches the device and no answer comes.
	Silent bool
	// LostAnswer: the device executes the request and the answer is lost.
	LostAnswer bool
	// Refuse, when not zero, is the exception with which the device answers.
	Refuse Exception
}

// Memory is a bus without a wire: calls go straight into a [Handler], with a delay and faults that tests and fast
// simulation inject. All waiting uses package time, so it is virtual under testing/synctest.
type Memory struct {
	handler Handler
	timeout time.Duration
	gate    gate

	mutex sync.Mutex
	delay time.Duration
	fault func(Request) Outcome
}

var _ Registers = (*Memory)(nil)

// NewMemory returns a bus that answers at once and waits at most timeout when it must not answer.
func NewMemory(handler Handler, timeout time.Duration) *Memory {
	return &Memory{handler: handler, timeout: timeout, gate: newGate()}
}

// SetDelay sets the time that each exchange takes from now on.
func (m *Memory) SetDelay(delay time.Duration) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.delay = delay
}

// SetFault sets the function that decides each exchange's outcome; nil heals the bus.
func (m *Memory) SetFault(fault func(Request) Outcome) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.fault = fault
}

// ReadHolding reads holding registers.
func (m *Memory) ReadHolding(ctx context.Context, unit uint8, addr, count uint16) ([]uint16, error) {
	return m.read(ctx, Request{Kind: Holding, Unit: unit, Address: addr, Count: count})
}

// ReadInput reads input registers.
func (m *Memory) ReadInput(ctx context.Context, unit uint8, addr, count uint16) ([]uint16, error) {
	return m.read(ctx, Request{Kind: Input, Unit: unit, Address: addr, Count: count})
}

// WriteHolding writes holding registers.
func (m *Memory) WriteHolding(ctx context.Context, unit uint8, addr uint16, values []uint16) error {
	r, err := writeRequest(unit, addr, values)
	if err != nil {
		return err
	}
	return m.exchange(ctx, r, func() error { return m.handler.WriteRegisters(unit, addr, values) })
}

func (m *Memory) read(ctx context.Context, r Request) ([]uint16, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	values := make([]uint16, r.Count)
	err := m.exchange(ctx, r, func() error { return m.handler.ReadRegisters(r.Kind, r.Unit, r.Address, values) })
	if err != nil {
		return nil, err
	}
	return values, nil
}

func (m *Memory) exchange(ctx context.Context, r Request, execute func() error) error {
	if err := m.gate.enter(ctx); err != nil {
		return fmt.Errorf("%s: waiting for the bus: %w", r, err)
	}
	defer m.gate.leave()
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	outcome := m.outcome(r)
	if outcome.Silent {
		return m.lost(ctx, r)
	}
	if outcome.Delay > 0 {
		timer := time.NewTimer(outcome.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", r, timely(ctx.Err()))
		}
	}
	if outcome.Refuse != 0 {
		return &ResponseError{Request: r, Exception: outcome.Refuse}
	}
	err := execute()
	if outcome.LostAnswer {
		return m.lost(ctx, r)
	}
	if err != nil {
		return &ResponseError{Request: r, Exception: exceptionOf(err)}
	}
	return nil
}

func (m *Memory) outcome(r Request) Outcome {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	var o Outcome
	if m.fault != nil {
		o = m.fault(r)
	}
	o.Delay += m.delay
	return o
}

// lost waits as a master waits whose answer never comes.
func (m *Memory) lost(ctx context.Context, r Request) error {
	<-ctx.Done()
	return fmt.Errorf("%s: %w", r, timely(ctx.Err()))
}
