package ocpp

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
)

// Caller is what calls can be made to: a [Station], or a [Point]'s central system.
type Caller interface {
	// Call sends a request and waits for its answer.
	Call(ctx context.Context, request Request) (Response, error)
}

// Ask is Call with the answer's own type: the generated requests name theirs through Reply.
func Ask[A any](ctx context.Context, to Caller, question interface {
	Request
	Reply() *A
}) (*A, error) {
	response, err := to.Call(ctx, question)
	if err != nil {
		return nil, err
	}
	answer, ok := response.(any).(*A)
	if !ok {
		return nil, fmt.Errorf("%w to %s: it is a %T", ErrInvalidAnswer, question.Action(), response)
	}
	return answer, nil
}

// newPrefix begins the message ids of a connection, so that they repeat neither within it nor after a reconnect.
func newPrefix() string { return rand.Text()[:8] + "-" }

// call sends a request and waits for the answer. At most one call is outstanding; others wait their turn, in no fixed order.
func (c *conn) call(ctx context.Context, request Request) (Response, error) {
	payload, err := c.protocol.EncodeRequest(request, c.from.other())
	if err != nil {
		return nil, err
	}
	name := request.Action()
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.limits.Call)
		defer cancel()
	}
	if int(c.waiting.Add(1)) > c.limits.Waiting {
		c.waiting.Add(-1)
		return nil, fmt.Errorf("calling %s: %w", name, ErrBusy)
	}
	defer c.waiting.Add(-1)
	select {
	case c.slot <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("calling %s: %w: %w", name, ErrBusy, ctx.Err())
	case <-c.ctx.Done():
		return nil, c.gone(name)
	}
	defer func() { <-c.slot }()
	answer, err := c.exchange(ctx, name, payload)
	if err != nil {
		return nil, err
	}
	if answer.kind == kindError {
		c.counters.errorAnswers.Add(1)
		return nil, fmt.Errorf("calling %s: %w", name, &CallError{c.protocol.mean(answer.code), answer.description})
	}
	response, err := c.protocol.decodeResponse(name, c.from.other(), answer.payload)
	if err != nil {
		c.counters.invalidAnswers.Add(1)
		c.refused(err)
		return nil, err
	}
	return response, nil
}

// exchange sends a call and waits for the frame that answers it. The slot must be held.
func (c *conn) exchange(ctx context.Context, name string, payload []byte) (frame, error) {
	c.serial++
	id := c.prefix + strconv.FormatUint(c.serial, 10)
	answers := make(chan reply, 1)
	c.expect(id, answers)
	defer c.expect("", nil)
	select {
	case c.outgoing <- message{ctx, callFrame(id, name, payload)}:
		c.counters.callsMade.Add(1)
	case <-ctx.Done():
		return frame{}, c.late(ctx, name)
	case <-c.ctx.Done():
		return frame{}, c.gone(name)
	}
	select {
	case answer := <-answers:
		if answer.err != nil {
			c.counters.invalidAnswers.Add(1)
			return frame{}, fmt.Errorf("calling %s: %w", name, answer.err)
		}
		return answer.frame, nil
	case <-ctx.Done():
		return frame{}, c.late(ctx, name)
	case <-c.ctx.Done():
		return frame{}, c.gone(name)
	}
}

// expect sets which answer is waited for.
func (c *conn) expect(id string, answers chan reply) {
	c.pendingMu.Lock()
	defer c.pendingMu.Unlock()
	c.pendingID, c.pending = id, answers
}

// deliver hands an answer to its caller, or drops and counts it when nobody waits for it (any more).
func (c *conn) deliver(answer frame, err error) {
	c.pendingMu.Lock()
	answers := c.pending
	matched := answers != nil && answer.id == c.pendingID
	if matched {
		c.pending = nil
	}
	c.pendingMu.Unlock()
	if !matched {
		c.counters.unmatchedAnswers.Add(1)
		c.refused(fmt.Errorf("an answer with the id %.36q that no call waits for: dropped", answer.id))
		return
	}
	answers <- reply{answer, err} // has room for one, and only one is ever sent
}

// late is the error of a call whose context ended.
func (c *conn) late(ctx context.Context, name string) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		c.counters.timeouts.Add(1)
		return fmt.Errorf("calling %s: %w: %w", name, ErrTimeout, ctx.Err())
	}
	return fmt.Errorf("calling %s: %w", name, ctx.Err())
}

// gone is the error of a call whose connection ended.
func (c *conn) gone(name string) error {
	if errors.Is(c.cause, ErrDisconnected) {
		return fmt.Errorf("calling %s: %w", name, c.cause)
	}
	return fmt.Errorf("calling %s: %w: %w", name, ErrDisconnected, c.cause)
}

// other is the opposite end.
func (s Side) other() Side {
	if s == StationSide {
		return CentralSide
	}
	return StationSide
}
