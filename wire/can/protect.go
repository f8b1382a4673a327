package can

import (
	"fmt"
	"strings"
)

// Table is the lookup table of one CRC-8 polynomial, most significant bit first, no reflection.
type Table [256]uint8

// MakeTable builds the table of a polynomial given without its x^8 term, such as 0x1D (SAE J1850) or 0x85 (Nissan).
func MakeTable(polynomial uint8) *Table {
	var table Table
	for i := range table {
		remainder := uint8(i)
		for range 8 {
			top := remainder&0x80 != 0
			remainder <<= 1
			if top {
				remainder ^= polynomial
			}
		}
		table[i] = remainder
	}
	return &table
}

// Sum returns the CRC-8 of data: the register begins at initial and is combined with final at the end.
func (t *Table) Sum(data []byte, initial, final uint8) uint8 {
	register := initial
	for _, b := range data {
		register = t[register^b]
	}
	return register ^ final
}

// The rules that a Check can name.
const (
	// RuleJ1850 is SAE J1850 CRC-8: polynomial 0x1D, begins at 0xFF, final xor 0xFF, over bytes First..Last.
	RuleJ1850 = "crc8-j1850"
	// RuleLeaf is the Nissan Leaf's CRC-8: polynomial 0x85, begins at 0, no final xor, over bytes 0..6.
	RuleLeaf = "crc8-leaf"
	// RuleCRC8 is a CRC-8 with Polynomial, Initial and Final as given, over bytes First..Last.
	RuleCRC8 = "crc8"
	// RuleNonePublic says that the message has a checksum whose rule nobody published: it stays unverified.
	RuleNonePublic = "none-public"
)

// Check says, as data, how one message protects itself against corruption and a stuck sender.
type Check struct {
	Message string
	// Counter names the rolling counter, empty without one.
	Counter string
	// Modulus is the number of counter values before it wraps; 0 means all that its bits can hold.
	Modulus uint64
	// Checksum names the 8-bit checksum signal; empty is legal only with an empty Rule.
	Checksum string
	// Rule is one of the Rule constants; empty when the message has no checksum.
	Rule string
	// First and Last are the bytes covered, both included (not read for RuleLeaf).
	First, Last int
	// Polynomial, Initial and Final are read for RuleCRC8 only.
	Polynomial, Initial, Final uint8
}

// Protection is a Check resolved against its message. It is immutable and safe to share.
type Protection struct {
	message  *Message
	counter  *Signal
	modulus  uint64
	checksum *Signal
	table    *Table // nil: nothing to verify
	first    int
	last     int
	initial  uint8
	final    uint8
	public   bool // false: there is a checksum of unknown rule
}

// Verdict is the outcome of looking at checksum and counter of one frame.
type Verdict uint8

const (
	// Sound means nothing speaks against the frame; with an unpublished rule nothing could.
	Sound Verdict = iota
	// BadChecksum means that the frame was damaged or comes from another kind of sender.
	BadChecksum
	// StuckCounter means that the counter did not move: the sender repeats old data.
	StuckCounter
	// JumpedCounter means that frames in between were lost; the frame itself is sound.
	JumpedCounter
)

// NewProtection resolves a check. Its error names message, signal and what to correct.
func NewProtection(message *Message, check Check) (*Protection, error) {
	p := &Protection{message: message, public: check.Rule != RuleNonePublic, first: check.First, last: check.Last}
	fail := func(format string, arguments ...any) (*Protection, error) {
		return nil, fmt.Errorf("check of %s: %s", message, fmt.Sprintf(format, arguments...))
	}
	if check.Counter != "" {
		index, ok := message.Signal(check.Counter)
		if !ok {
			return fail("no counter signal %s: correct the name", check.Counter)
		}
		p.counter = &message.Signals[index]
		p.modulus = check.Modulus
		if p.modulus == 0 {
			p.modulus = p.counter.width + 1 // 0 for 64 bits, where the wrap is the machine's own
		}
		if p.modulus == 1 || check.Modulus > 0 && check.Modulus-1 > p.counter.width || p.counter.Signed {
			return fail("counter %s: modulus %d needs an unsigned signal that can hold it", check.Counter, p.modulus)
		}
	}
	switch check.Rule {
	case "":
		if check.Checksum != "" {
			return fail("checksum %s without a rule: name one, or %s", check.Checksum, RuleNonePublic)
		}
		return p, nil
	case RuleNonePublic:
		return p, nil
	case RuleJ1850:
		p.table, p.initial, p.final = MakeTable(0x1D), 0xFF, 0xFF
	case RuleLeaf:
		p.table, p.first, p.last = MakeTable(0x85), 0, 6
	case RuleCRC8:
		p.table, p.initial, p.final = MakeTable(check.Polynomial), check.Initial, check.Final
	default:
		return fail("unknown rule %q: use %s", check.Rule, strings.Join([]string{RuleJ1850, RuleLeaf, RuleCRC8, RuleNonePublic}, ", "))
	}
	index, ok := message.Signal(check.Checksum)
	if !ok {
		return fail("no checksum signal %q: correct the name", check.Checksum)
	}
	p.checksum = &message.Signals[index]
	if p.checksum.Length != 8 || p.checksum.Signed || p.checksum.bytes == 0 || !wholeByte(p.checksum) {
		return fail("checksum %s must be one whole unsigned byte", check.Checksum)
	}
	own := int(p.checksum.bytes) - 1
	if p.first < 0 || p.last < p.first || p.last >= message.Length || own >= p.first && own <= p.last {
		return fail("bytes %d..%d must lie within the message and leave out the checksum in byte %d", p.first, p.last, own)
	}
	return p, nil
}

// wholeByte tells whether an 8-bit field fills exactly one data byte.
func wholeByte(s *Signal) bool { return s.shift%8 == 0 }

// Message is the message that is protected.
func (p *Protection) Message() *Message { return p.message }

// Verified tells whether the checksum of the message can be verified, or there is none. False: its rule is not public.
func (p *Protection) Verified() bool { return p.public }

// Counter follows the rolling counter of one message. The zero value has seen nothing.
type Counter struct {
	last uint64
	seen bool
}

// Judge looks at one frame and moves the counter on when the frame is not damaged. Allocates nothing.
func (p *Protection) Judge(frame *Frame, counter *Counter) Verdict {
	if p.table != nil {
		if frame.Length > 8 || int(frame.Length) <= p.last || frame.Length < p.checksum.bytes {
			return BadChecksum
		}
		if p.sum(frame) != frame.Data[p.checksum.bytes-1] {
			return BadChecksum
		}
	}
	if p.counter == nil || frame.Length > 8 || frame.Length < p.counter.bytes {
		return Sound
	}
	now := p.field(frame)
	before := *counter
	*counter = Counter{last: now, seen: true}
	switch {
	case !before.seen || now == p.after(before.last):
		return Sound
	case now == before.last:
		return StuckCounter
	}
	return JumpedCounter
}

// Seal writes counter and checksum into an otherwise complete frame, the counter one further than the last one sealed
// with the same Counter, beginning at 0. It does nothing for parts that the check does not have, and reports whether the
// frame is long enough for both. A checksum of unpublished rule is left as it is.
func (p *Protection) Seal(frame *Frame, counter *Counter) bool {
	if p.counter != nil {
		next := uint64(0)
		if counter.seen {
			next = p.after(counter.last)
		}
		if !p.counter.Put(frame, int64(next)) {
			return false
		}
		*counter = Counter{last: next, seen: true}
	}
	if p.table == nil {
		return true
	}
	return frame.Length <= 8 && int(frame.Length) > p.last && p.checksum.Put(frame, int64(p.sum(frame)))
}

func (p *Protection) sum(frame *Frame) uint8 {
	return p.table.Sum(frame.Data[p.first:p.last+1], p.initial, p.final)
}

// after is the counter value that follows.
func (p *Protection) after(value uint64) uint64 {
	value++
	if value == p.modulus {
		return 0
	}
	return value
}

// field reads the counter.
func (p *Protection) field(frame *Frame) uint64 {
	word := frame.Data.PackLittleEndian()
	if p.counter.Order == Motorola {
		word = frame.Data.PackBigEndian()
	}
	return uint64(p.counter.extract(word))
}
