package ocpp

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
)

// remembered is how many answers a connection keeps for calls that come again.
const remembered = 16

// memory keeps the last answers of a connection by message id, so that a call which the other side repeats (because it
// believes its first try lost) is not carried out twice.
type memory struct {
	entries [remembered]past
	next    int
}

// past is a call that was answered.
type past struct {
	id     string
	print  [sha256.Size]byte // of action and payload
	answer []byte
}

// find returns the entry of an id, nil if there is none.
func (m *memory) find(id string) *past {
	for n := range m.entries {
		if m.entries[n].id == id {
			return &m.entries[n]
		}
	}
	return nil
}

// keep stores an answer in place of the oldest, or of the one with the same id.
func (m *memory) keep(entry past) {
	if known := m.find(entry.id); known != nil {
		*known = entry
		return
	}
	m.entries[m.next] = entry
	m.next = (m.next + 1) % remembered
}

// fingerprint tells two calls of the same id apart.
func fingerprint(call frame) [sha256.Size]byte {
	hash := sha256.New()
	hash.Write([]byte(call.action)) // a hash never fails
	hash.Write([]byte{0})
	hash.Write(call.payload)
	var print [sha256.Size]byte
	hash.Sum(print[:0])
	return print
}

// handleCalls answers the received calls in their order until the connection ends.
func (c *conn) handleCalls() {
	for {
		select {
		case <-c.ctx.Done():
			return
		case call := <-c.received:
			if c.ctx.Err() != nil {
				return // both were ready: nothing is carried out for a connection that is over
			}
			c.answer(call)
		}
	}
}

// answer carries out one call.
func (c *conn) answer(call frame) {
	print := fingerprint(call)
	if known := c.recent.find(call.id); known != nil {
		if known.print == print {
			c.counters.repeatedCalls.Add(1)
			c.send(known.answer)
			return
		}
		// Refusing would lose a charge's end to a station that counts badly, so the call is carried out.
		c.counters.reusedIDs.Add(1)
		c.refused(fmt.Errorf("%s under the id %.36q of an earlier, different call", call.action, call.id))
	}
	request, response, text := c.carryOut(call)
	c.send(text)
	if response == nil {
		return // not kept: what was refused or failed may go well when it comes again
	}
	c.recent.keep(past{call.id, print, text})
	if c.hooks.answered != nil {
		ctx, cancel := context.WithTimeout(c.ctx, c.limits.Handle)
		defer cancel()
		c.hooks.answered(ctx, request, response)
	}
}

// carryOut returns the frame that answers a call; the response is nil when that frame is an error.
func (c *conn) carryOut(call frame) (Request, Response, []byte) {
	request, err := c.protocol.decodeRequest(call.action, c.from, call.payload)
	if err != nil {
		return nil, nil, c.refusal(call, err, true)
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.limits.Handle)
	defer cancel()
	response, err := c.hooks.handle(ctx, request)
	if err != nil {
		return nil, nil, c.refusal(call, err, false)
	}
	payload, err := c.protocol.EncodeResponse(call.action, c.from, response)
	if err != nil {
		return nil, nil, c.refusal(call, err, false)
	}
	return request, response, resultFrame(call.id, payload)
}

// refusal counts an error and makes the frame that tells it. Only a *CallError is told as it is: what else went wrong
// inside is not for the other side.
func (c *conn) refusal(call frame, err error, invalid bool) []byte {
	answer := &CallError{InternalError, call.action + " could not be carried out"}
	deliberate := errors.As(err, &answer)
	switch {
	case answer.Code == NotImplemented:
		c.counters.unknownActions.Add(1)
	case answer.Code == NotSupported:
		c.counters.unsupportedCalls.Add(1)
	case invalid:
		c.counters.invalidCalls.Add(1)
	case !deliberate:
		c.counters.failedHandlers.Add(1)
	}
	c.refused(fmt.Errorf("%.64s: %w", call.action, err))
	spelt := c.protocol.spell(answer.Code)
	if spelt == "" {
		spelt = string(GenericError)
	}
	return errorFrame(call.id, spelt, answer.Description)
}

// send queues an answer; it waits while the socket is slow.
func (c *conn) send(text []byte) {
	select {
	case c.outgoing <- message{c.ctx, text}:
	case <-c.ctx.Done():
	}
}
