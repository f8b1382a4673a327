package ocpp

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// hooks is what a connection tells its owner.
type hooks struct {
	handle   func(ctx context.Context, request Request) (Response, error)
	answered func(ctx context.Context, request Request, response Response)
	refused  func(err error)
}

// conn is one OCPP-J connection, the same for both sides. Three goroutines serve it: one reads and never writes or handles,
// one writes, one handles the received calls in their order. So no handler can keep an answer from its caller, and no
// socket that takes nothing can keep a caller beyond its deadline.
type conn struct {
	socket   *websocket.Conn
	protocol *Protocol
	from     Side // whose calls are received
	limits   Limits
	counters *counters
	hooks    hooks

	received chan frame
	outgoing chan message
	recent   memory // used by the handling goroutine only

	slot      chan struct{} // holds one token: the right to have a call outstanding
	waiting   atomic.Int32
	prefix    string
	serial    uint64 // used by the holder of the slot only
	pendingMu sync.Mutex
	pendingID string
	pending   chan reply

	ctx    context.Context // ends with the connection
	cancel context.CancelFunc
	ended  sync.Once
	cause  error // set before ctx ends

	readCtx  context.Context // ends when even the goodbye is over
	stopRead context.CancelFunc
	lifeSign *time.Timer
}

// message is a frame to be written. Once its context has ended it is dropped, so that an order which nobody waits for any
// more does not arrive late from a slow socket.
type message struct {
	ctx  context.Context
	text []byte
}

// reply ends an outstanding call.
type reply struct {
	frame frame
	err   error
}

func newConn(socket *websocket.Conn, protocol *Protocol, from Side, limits Limits, counts *counters, hooks hooks) *conn {
	socket.SetReadLimit(int64(limits.Message))
	c := &conn{
		socket: socket, protocol: protocol, from: from, limits: limits, counters: counts, hooks: hooks,
		received: make(chan frame, limits.Queue),
		outgoing: make(chan message, 2*limits.Queue),
		slot:     make(chan struct{}, 1),
		prefix:   newPrefix(),
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.readCtx, c.stopRead = context.WithCancel(context.Background())
	return c
}

// run serves the connection until it ends and returns why. began runs before the first call is handled, over after the
// last one; calls may be made from began on.
func (c *conn) run(began func(), over func(error)) error {
	var serving sync.WaitGroup
	c.lifeSign = time.AfterFunc(c.limits.Silence/2, c.probe)
	serving.Go(c.read)
	serving.Go(c.write)
	began()
	c.handleCalls()
	over(c.cause)
	c.lifeSign.Stop()
	c.goodbye()
	serving.Wait()
	return c.cause
}

// end ends the connection; the first cause counts.
func (c *conn) end(cause error) {
	c.ended.Do(func() {
		c.cause = cause
		c.cancel()
	})
}

// goodbye closes the socket and tells the other side why, as far as it listens.
func (c *conn) goodbye() {
	force := time.AfterFunc(c.limits.Goodbye, c.stopRead)
	defer force.Stop()
	status, reason := closeStatus(c.cause)
	// The error tells only that the other side was gone already.
	_ = c.socket.Close(status, reason)
	c.stopRead()
}

// closeStatus is what the other side is told.
func closeStatus(cause error) (websocket.StatusCode, string) {
	switch {
	case errors.Is(cause, ErrReplaced):
		return websocket.StatusPolicyViolation, ErrReplaced.Error()
	case errors.Is(cause, ErrFlood):
		return websocket.StatusPolicyViolation, ErrFlood.Error()
	case errors.Is(cause, ErrOversize):
		return websocket.StatusMessageTooBig, ErrOversize.Error()
	case errors.Is(cause, ErrSilent):
		return websocket.StatusGoingAway, ErrSilent.Error()
	}
	return websocket.StatusNormalClosure, ""
}

// probe runs after half the allowed silence.
func (c *conn) probe() {
	ctx, cancel := context.WithTimeout(c.ctx, c.limits.Silence/2)
	defer cancel()
	err := c.socket.Ping(ctx)
	switch {
	case c.ctx.Err() != nil:
	case err != nil:
		c.counters.silent.Add(1)
		c.end(fmt.Errorf("%w for %v", ErrSilent, c.limits.Silence))
	default:
		c.lifeSign.Reset(c.limits.Silence / 2)
	}
}

// read takes messages from the socket until it ends.
func (c *conn) read() {
	for {
		kind, text, err := c.socket.Read(c.readCtx)
		if err != nil {
			c.end(c.readError(err))
			return
		}
		if c.ctx.Err() != nil {
			return
		}
		c.lifeSign.Reset(c.limits.Silence / 2)
		if kind != websocket.MessageText {
			c.counters.binary.Add(1)
			c.refused(errors.New("a binary message, OCPP-J is text: ignored"))
			continue
		}
		c.take(text)
	}
}

// readError says why reading ended.
func (c *conn) readError(err error) error {
	var closed websocket.CloseError
	switch {
	case errors.Is(err, websocket.ErrMessageTooBig):
		c.counters.oversize.Add(1)
		return fmt.Errorf("%w of %d bytes", ErrOversize, c.limits.Message)
	case errors.As(err, &closed) && closed.Reason != "":
		return fmt.Errorf("%w: closed by the other side, %.128q", ErrDisconnected, closed.Reason)
	case errors.As(err, &closed):
		return fmt.Errorf("%w: closed by the other side", ErrDisconnected)
	}
	return fmt.Errorf("%w: %w", ErrDisconnected, err)
}

// take sorts one message. It must not block: the goroutine that reads also brings the answers.
func (c *conn) take(text []byte) {
	parsed, problem := parseFrame(text)
	if problem != nil {
		c.counters.malformed.Add(1)
		c.refused(fmt.Errorf("a message that is no OCPP-J frame: %w", problem))
	}
	switch {
	case problem == nil && parsed.kind == kindCall:
		c.counters.calls.Add(1)
		select {
		case c.received <- parsed:
		default:
			c.counters.queueFull.Add(1)
			c.refuse(parsed.id, InternalError, "too many calls at once: wait for each answer")
		}
	case problem == nil:
		c.deliver(parsed, nil)
	case parsed.id != "" && (parsed.kind == kindResult || parsed.kind == kindError):
		c.deliver(parsed, fmt.Errorf("%w: %w", ErrInvalidAnswer, problem))
	case parsed.id != "":
		c.refuse(parsed.id, problem.code, problem.reason)
	case parsed.kind == kindResult || parsed.kind == kindError:
		// Never answered, whatever the version: an answer to an answer could go round for ever.
	case c.protocol.spell(MessageTypeNotSupported) != "":
		// Versions after 1.6 answer even what has no readable id.
		c.refuse(unreadID, problem.code, problem.reason)
	}
}

// refuse queues an error answer from the reading goroutine. When even the answers pile up the other side only talks and
// never listens, and the connection ends.
func (c *conn) refuse(id string, code Code, description string) {
	spelt := c.protocol.spell(code)
	if spelt == "" {
		return
	}
	select {
	case c.outgoing <- message{c.ctx, errorFrame(id, spelt, description)}:
	default:
		c.counters.flooded.Add(1)
		c.end(ErrFlood)
	}
}

// refused tells the owner about something that was not accepted.
func (c *conn) refused(err error) {
	if c.hooks.refused != nil {
		c.hooks.refused(err)
	}
}

// write puts messages into the socket until the connection ends.
func (c *conn) write() {
	for {
		select {
		case <-c.ctx.Done():
			return
		case next := <-c.outgoing:
			if next.ctx.Err() != nil {
				continue
			}
			if err := c.writeOne(next.text); err != nil {
				return
			}
		}
	}
}

// writeOne puts one message into the socket. The limit is a timer of our own and not a deadline of the write, because such a
// deadline closes the socket under the reading goroutine, which would then name the wrong cause.
func (c *conn) writeOne(text []byte) error {
	stuck := time.AfterFunc(c.limits.Write, func() {
		c.counters.stuck.Add(1)
		c.end(fmt.Errorf("%w for %v", ErrStuck, c.limits.Write))
	})
	err := c.socket.Write(c.readCtx, websocket.MessageText, text)
	stuck.Stop()
	if err == nil {
		return nil
	}
	// When the other side has closed, the reading goroutine learns the reason; it gets a moment to say so.
	select {
	case <-c.ctx.Done():
	case <-time.After(c.limits.Goodbye):
		c.end(fmt.Errorf("%w: %w", ErrDisconnected, err))
	}
	return err
}
