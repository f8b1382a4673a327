package can

import (
	"errors"
	"fmt"
	"time"
)

const (
	// transferTimeout is N_Bs and N_Cr of ISO 15765-2: how long flow control or the next part may take.
	transferTimeout = time.Second
	// maximumTransfer is the largest payload of classic ISO-TP (12-bit length).
	maximumTransfer = 4095
	// maximumWaits is how many "wait" answers in a row are borne.
	maximumWaits = 10
)

// Kinds of ISO-TP frames, the upper half of the first byte.
const (
	kindSingle      = 0x0
	kindFirst       = 0x1
	kindConsecutive = 0x2
	kindFlow        = 0x3
)

// Faults of a transfer.
var (
	// ErrTransferBusy means that the payload before is still on its way.
	ErrTransferBusy = errors.New("ISO-TP: the payload before is still being sent")
	// ErrTransferTimeout means that the other side did not go on within a second.
	ErrTransferTimeout = errors.New("ISO-TP: no answer within 1 s")
	// ErrTransferRefused means that the other side has no room for the payload, or asked to wait too often.
	ErrTransferRefused = errors.New("ISO-TP: the receiver refused the payload")
	// ErrTransferBroken means that a part was lost or malformed; what had come is dropped.
	ErrTransferBroken = errors.New("ISO-TP: a part is missing or malformed")
)

// Channel carries payloads of up to 4095 bytes over frames of one identifier each way, as diagnostics (UDS) needs: ISO
// 15765-2 with normal addressing on classic CAN. It is a state machine without goroutine, clock or I/O: hand it every
// frame with Take, put on the bus what Next gives, and pass the time in. It serves one goroutine.
type Channel struct {
	out, in identifier
	padding byte

	outgoing   []byte // what is being sent; nil when idle
	sent       int
	outNumber  byte
	flowing    bool // flow control allows sending
	unlimited  bool // until the end, without further flow control
	block      int  // parts that may still be sent before the next flow control
	gap        time.Duration
	notBefore  time.Time // earliest time of the next part
	outExpires time.Time
	waits      int

	incoming  []byte // what is being received
	expected  int    // its full length; 0 when idle
	inNumber  byte
	inExpires time.Time
	answer    bool // flow control is due
}

// NewChannel makes a channel that sends with identifier out and listens to identifier in, both standard or both
// extended. Frames are filled to eight bytes with padding; 0xCC, 0x55, 0xAA and 0 are in use.
func NewChannel(out, in uint32, extended bool, padding byte) *Channel {
	return &Channel{out: identifier{out, extended}, in: identifier{in, extended}, padding: padding}
}

// Send begins a payload of 1 to 4095 bytes, which is copied. Its frames come from Next.
func (c *Channel) Send(payload []byte, now time.Time) error {
	if c.outgoing != nil {
		return ErrTransferBusy
	}
	if len(payload) < 1 || len(payload) > maximumTransfer {
		return fmt.Errorf("ISO-TP: payload of %d bytes: 1 to %d can be sent", len(payload), maximumTransfer)
	}
	c.outgoing = append([]byte{}, payload...)
	c.sent, c.waits, c.flowing = 0, 0, false
	c.outExpires = now.Add(transferTimeout)
	return nil
}

// Busy tells whether a payload is still being sent.
func (c *Channel) Busy() bool { return c.outgoing != nil }

// Next returns the frame that should go out now, ok == false when there is none. Call it until then after every Take and
// Send, and again at least every few milliseconds while Busy or receiving, since it keeps the pauses that the other side
// asked for and notices its silence (ErrTransferTimeout; that transfer is over).
func (c *Channel) Next(now time.Time) (frame Frame, ok bool, err error) {
	if c.expected > 0 && now.After(c.inExpires) {
		c.dropIncoming()
		return Frame{}, false, fmt.Errorf("receiving: %w", ErrTransferTimeout)
	}
	if c.answer {
		c.answer = false
		return c.frame([]byte{kindFlow << 4, 0, 0}), true, nil // clear to send, everything, without pauses
	}
	switch {
	case c.outgoing == nil:
		return Frame{}, false, nil
	case c.sent == 0:
		return c.begin(now), true, nil
	case now.After(c.outExpires):
		c.outgoing = nil
		return Frame{}, false, fmt.Errorf("sending: %w", ErrTransferTimeout)
	case !c.flowing || now.Before(c.notBefore):
		return Frame{}, false, nil
	}
	return c.proceed(now), true, nil
}

// begin makes the single or the first frame.
func (c *Channel) begin(now time.Time) Frame {
	size := len(c.outgoing)
	if size <= 7 {
		frame := c.frame(append([]byte{byte(size)}, c.outgoing...))
		c.outgoing = nil
		return frame
	}
	c.sent, c.outNumber = 6, 1
	c.outExpires = now.Add(transferTimeout)
	return c.frame(append([]byte{kindFirst<<4 | byte(size>>8), byte(size)}, c.outgoing[:6]...))
}

// proceed makes the next consecutive frame.
func (c *Channel) proceed(now time.Time) Frame {
	part := c.outgoing[c.sent:min(c.sent+7, len(c.outgoing))]
	frame := c.frame(append([]byte{kindConsecutive<<4 | c.outNumber}, part...))
	c.sent += len(part)
	c.outNumber = (c.outNumber + 1) & 0xF
	c.notBefore, c.outExpires = now.Add(c.gap), now.Add(max(transferTimeout, 2*c.gap))
	if c.sent == len(c.outgoing) {
		c.outgoing = nil
		return frame
	}
	if !c.unlimited {
		c.block--
		c.flowing = c.block > 0
	}
	return frame
}

// frame wraps up to eight bytes.
func (c *Channel) frame(content []byte) Frame {
	frame := Frame{ID: c.out.id, IsExtended: c.out.extended, Length: 8}
	for i := copy(frame.Data[:], content); i < len(frame.Data); i++ {
		frame.Data[i] = c.padding
	}
	return frame
}

// Take looks at one frame from the bus. It returns a payload when one is complete, which is then the caller's, and an
// error when a transfer ended badly. Frames of other identifiers are not for this channel and give neither. A new
// payload from the other side replaces one that was not complete.
func (c *Channel) Take(frame *Frame, now time.Time) (payload []byte, err error) {
	if frame.ID != c.in.id || frame.IsExtended != c.in.extended || frame.IsRemote || frame.Length > 8 {
		return nil, nil
	}
	data := frame.Data[:frame.Length]
	if len(data) == 0 {
		return nil, fmt.Errorf("receiving: empty frame: %w", ErrTransferBroken)
	}
	switch data[0] >> 4 {
	case kindSingle:
		return c.takeSingle(data)
	case kindFirst:
		return nil, c.takeFirst(data, now)
	case kindConsecutive:
		return c.takePart(data, now)
	case kindFlow:
		return nil, c.takeFlow(data, now)
	}
	return nil, fmt.Errorf("receiving: frame of unknown kind %#x: %w", data[0]>>4, ErrTransferBroken)
}

func (c *Channel) dropIncoming() { c.incoming, c.expected, c.answer = nil, 0, false }

func (c *Channel) takeSingle(data []byte) ([]byte, error) {
	size := int(data[0] & 0xF)
	if size < 1 || size > 7 || size >= len(data) {
		return nil, fmt.Errorf("receiving: single frame says %d bytes in a frame of %d: %w", size, len(data), ErrTransferBroken)
	}
	c.dropIncoming()
	return append([]byte{}, data[1:1+size]...), nil
}

func (c *Channel) takeFirst(data []byte, now time.Time) error {
	if len(data) < 8 {
		return fmt.Errorf("receiving: first frame of %d bytes: %w", len(data), ErrTransferBroken)
	}
	size := int(data[0]&0xF)<<8 | int(data[1])
	if size < 8 { // 0 announces a 32-bit length, which no pack needs
		return fmt.Errorf("receiving: first frame announces %d bytes: %w", size, ErrTransferBroken)
	}
	c.incoming = append(make([]byte, 0, size), data[2:]...)
	c.expected, c.inNumber, c.answer = size, 1, true
	c.inExpires = now.Add(transferTimeout)
	return nil
}

func (c *Channel) takePart(data []byte, now time.Time) ([]byte, error) {
	if c.expected == 0 {
		return nil, nil // the rest of a transfer that was given up, or meant for someone else
	}
	missing := c.expected - len(c.incoming)
	if number := data[0] & 0xF; number != c.inNumber || len(data)-1 < min(missing, 7) {
		expected := c.inNumber
		c.dropIncoming()
		return nil, fmt.Errorf("receiving: part %d of %d bytes where part %d was due: %w", number, len(data)-1, expected, ErrTransferBroken)
	}
	c.incoming = append(c.incoming, data[1:1+min(missing, 7)]...)
	c.inNumber = (c.inNumber + 1) & 0xF
	c.inExpires = now.Add(transferTimeout)
	if len(c.incoming) < c.expected {
		return nil, nil
	}
	payload := c.incoming
	c.dropIncoming()
	return payload, nil
}

// takeFlow obeys flow control, which counts only while it is due.
func (c *Channel) takeFlow(data []byte, now time.Time) error {
	if c.outgoing == nil || c.sent == 0 || c.flowing {
		return nil
	}
	if len(data) < 3 {
		c.outgoing = nil
		return fmt.Errorf("sending: flow control of %d bytes: %w", len(data), ErrTransferBroken)
	}
	switch data[0] & 0xF {
	case 0:
		c.flowing, c.waits = true, 0
		c.block, c.unlimited = int(data[1]), data[1] == 0
		c.gap, c.notBefore = pause(data[2]), now
		c.outExpires = now.Add(transferTimeout)
		return nil
	case 1:
		if c.waits++; c.waits <= maximumWaits {
			c.outExpires = now.Add(transferTimeout)
			return nil
		}
	}
	c.outgoing = nil
	return fmt.Errorf("sending: flow control %#x: %w", data[0], ErrTransferRefused)
}

// pause decodes STmin; reserved codes mean the longest pause, as the standard says.
func pause(code byte) time.Duration {
	switch {
	case code <= 0x7F:
		return time.Duration(code) * time.Millisecond
	case code >= 0xF1 && code <= 0xF9:
		return time.Duration(code-0xF0) * 100 * time.Microsecond
	}
	return 127 * time.Millisecond
}
