package modbus

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// Dial opens the connection of a [Client]. It is called at the first exchange and again after a transport error.
type Dial func(ctx context.Context) (net.Conn, error)

// DialTCP returns a Dial for a Modbus TCP device, for example "192.0.2.7:502".
func DialTCP(address string) Dial {
	return func(ctx context.Context) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, "tcp", address)
	}
}

// Client is a master over any connection. Its zero value is not usable; see [NewClient] and [NewRTUClient].
type Client struct {
	dial    Dial
	timeout time.Duration
	framing framing

	gate        gate
	conn        net.Conn
	reader      *bufio.Reader // of conn: an answer takes one read, not one for each of its parts
	closed      bool
	transaction uint16
	request     []byte
	answer      [maxFrame]byte
}

var _ Registers = (*Client)(nil)

// NewClient returns a Modbus TCP master. timeout limits each exchange, dialling included; a context with an earlier
// deadline limits it further.
func NewClient(dial Dial, timeout time.Duration) *Client {
	return &Client{dial: dial, timeout: timeout, framing: mbap{}, gate: newGate()}
}

// NewRTUClient returns an RTU master over a stream connection (RTU over TCP, or a pipe in tests).
func NewRTUClient(dial Dial, timeout time.Duration) *Client {
	return &Client{dial: dial, timeout: timeout, framing: rtu{}, gate: newGate()}
}

// ReadHolding reads holding registers.
func (c *Client) ReadHolding(ctx context.Context, unit uint8, addr, count uint16) ([]uint16, error) {
	return c.exchange(ctx, Request{Kind: Holding, Unit: unit, Address: addr, Count: count}, nil)
}

// ReadInput reads input registers.
func (c *Client) ReadInput(ctx context.Context, unit uint8, addr, count uint16) ([]uint16, error) {
	return c.exchange(ctx, Request{Kind: Input, Unit: unit, Address: addr, Count: count}, nil)
}

// WriteHolding writes holding registers.
func (c *Client) WriteHolding(ctx context.Context, unit uint8, addr uint16, values []uint16) error {
	r, err := writeRequest(unit, addr, values)
	if err != nil {
		return err
	}
	_, err = c.exchange(ctx, r, values)
	return err
}

// writeRequest guards against a slice too long for the count field.
func writeRequest(unit uint8, addr uint16, values []uint16) (Request, error) {
	r := Request{Write: true, Unit: unit, Address: addr, Count: uint16(min(len(values), 0xFFFF))}
	return r, r.check()
}

// Close ends the bus for good after the exchange under way.
func (c *Client) Close() error {
	if err := c.gate.enter(context.Background()); err != nil {
		return err
	}
	defer c.gate.leave()
	c.closed = true
	if c.conn == nil {
		return nil
	}
	err := c.conn.Close()
	c.conn = nil
	return err
}

func (c *Client) exchange(ctx context.Context, r Request, values []uint16) ([]uint16, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	if err := c.gate.enter(ctx); err != nil {
		return nil, fmt.Errorf("%s: waiting for the bus: %w", r, err)
	}
	defer c.gate.leave()
	deadline := time.Now().Add(c.timeout)
	if earlier, ok := ctx.Deadline(); ok && earlier.Before(deadline) {
		deadline = earlier
	}
	if err := c.connect(ctx, deadline); err != nil {
		return nil, fmt.Errorf("%s: connecting: %w", r, timely(err))
	}
	// Cancelling closes the connection: the exchange's outcome is unknown from then on, so its answer, should it still
	// come, must not meet a later question.
	conn := c.conn
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	result, err := c.talk(conn, deadline, r, values)
	interrupted := !stop()
	var refused *ResponseError
	if interrupted || (err != nil && !errors.As(err, &refused)) {
		_ = conn.Close()
		c.conn = nil
	}
	if err != nil && interrupted {
		err = fmt.Errorf("%s: %w", r, timely(ctx.Err()))
	}
	return result, err
}

func (c *Client) connect(ctx context.Context, deadline time.Time) error {
	if c.closed {
		return ErrClosed
	}
	if c.conn != nil {
		return nil
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	conn, err := c.dial(ctx)
	if err != nil {
		return err
	}
	c.conn = conn
	if c.reader == nil {
		c.reader = bufio.NewReaderSize(nil, maxFrame)
	}
	c.reader.Reset(conn)
	return nil
}

// staleAnswers is how many answers to other questions are skipped before the peer counts as confused.
const staleAnswers = 8

func (c *Client) talk(conn net.Conn, deadline time.Time, r Request, values []uint16) ([]uint16, error) {
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, fmt.Errorf("%s: %w", r, err)
	}
	c.transaction++
	var pdu [maxPDU]byte
	c.request = c.framing.appendFrame(c.request[:0], c.transaction, r.Unit, appendRequest(pdu[:0], r, values))
	if _, err := conn.Write(c.request); err != nil {
		return nil, fmt.Errorf("%s: sending: %w", r, timely(err))
	}
	for range staleAnswers {
		transaction, unit, body, err := c.framing.readAnswer(c.reader, c.answer[:], c.transaction)
		if err != nil {
			return nil, fmt.Errorf("%s: reading the answer: %w", r, timely(err))
		}
		if transaction != c.transaction {
			continue
		}
		if unit != r.Unit {
			return nil, fmt.Errorf("%s: %w: unit %d answered", r, ErrFrame, unit)
		}
		return parseResponse(r, body)
	}
	return nil, fmt.Errorf("%s: %w: %d answers to other questions", r, ErrFrame, staleAnswers)
}

// timely turns every kind of "too late" into ErrTimeout; a cancelled context stays a cancelled context.
func timely(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return ErrTimeout
	}
	return err
}
