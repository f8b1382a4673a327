package can

import (
	"fmt"
	"time"
)

// Message describes one frame of a database. It is immutable once loaded.
type Message struct {
	ID       uint32
	Extended bool
	Name     string
	Comment  string
	// Sender is the node that transmits the message, empty when the database does not say.
	Sender string
	// Length is the declared number of data bytes, 0..8.
	Length int
	// Signals stand in the order of the database; their index is the index of their Value.
	Signals []Signal

	index       int           // position in Database.Messages
	multiplexer int           // index of the multiplexer signal, -1 without one
	cycle       time.Duration // 0 when not declared
}

// CycleTime is the declared sending period (attribute GenMsgCycleTime, milliseconds), and whether one is declared.
func (m *Message) CycleTime() (period time.Duration, declared bool) {
	return m.cycle, m.cycle > 0
}

// Signal returns the index of the named signal in Signals, and whether there is one.
func (m *Message) Signal(name string) (index int, ok bool) {
	for i := range m.Signals {
		if m.Signals[i].Name == name {
			return i, true
		}
	}
	return 0, false
}

// String gives name and identifier.
func (m *Message) String() string { return m.Name + " (" + sprintID(m.ID, m.Extended) + ")" }

// matches tells whether the frame can be an instance of this message at all.
func (m *Message) matches(frame *Frame) bool {
	return frame.ID == m.ID && frame.IsExtended == m.Extended && !frame.IsRemote && frame.Length <= 8
}

// Decode writes one Value per signal into dst, whose length must be at least len(Signals), and returns how many are
// valid. A frame of another message gives none. A frame shorter than declared gives those signals that it still holds
// in full; whether such a frame may be believed is for the caller ([Inbox] refuses it). Allocates nothing.
func (m *Message) Decode(frame *Frame, dst []Value) (valid int) {
	dst = dst[:len(m.Signals)]
	if !m.matches(frame) {
		clear(dst)
		return 0
	}
	intel, motorola := frame.Data.PackLittleEndian(), frame.Data.PackBigEndian()
	page, paged := m.page(frame, intel, motorola)
	for i := range m.Signals {
		signal := &m.Signals[i]
		if signal.bytes > frame.Length || signal.Multiplexed && !(paged && signal.Page == page) {
			dst[i] = Value{}
			continue
		}
		word := intel
		if signal.Order == Motorola {
			word = motorola
		}
		dst[i] = signal.value(signal.extract(word))
		if dst[i].Valid {
			valid++
		}
	}
	return valid
}

// page reads the multiplexer, and whether the frame holds one.
func (m *Message) page(frame *Frame, intel, motorola uint64) (page uint64, ok bool) {
	if m.multiplexer < 0 {
		return 0, false
	}
	signal := &m.Signals[m.multiplexer]
	if signal.bytes > frame.Length {
		return 0, false
	}
	word := intel
	if signal.Order == Motorola {
		word = motorola
	}
	raw := signal.extract(word)
	if signal.HasNoValue && raw == signal.NoValue {
		return 0, false
	}
	return uint64(raw) & signal.width, true
}

// Encode builds the frame from one Value per signal, of which Physical and Valid are read. Bits outside every signal are
// zero; multiplexed signals of other pages are skipped. Every signal that the frame carries must be valid, unless the
// database declares a raw value that means "no value": an order with a field that nobody set never reaches the wire.
// Counter and checksum that [Protection.Seal] writes afterwards are signals too: give them as valid zeros.
// Values are rounded to the nearest raw value; one that the bits cannot hold is an error that names signal and limits.
// The declared [min|max] is not enforced, so that a test can send what a broken device would.
func (m *Message) Encode(values []Value) (Frame, error) {
	if len(values) != len(m.Signals) {
		return Frame{}, fmt.Errorf("encoding %s: %d values for %d signals", m, len(values), len(m.Signals))
	}
	frame := Frame{ID: m.ID, IsExtended: m.Extended, Length: uint8(m.Length)}
	page := uint64(0)
	if m.multiplexer >= 0 {
		raw, err := m.rawOf(m.multiplexer, values)
		if err != nil {
			return Frame{}, err
		}
		page = uint64(raw) & m.Signals[m.multiplexer].width
	}
	for i := range m.Signals {
		signal := &m.Signals[i]
		if signal.Multiplexed && signal.Page != page {
			continue
		}
		raw, err := m.rawOf(i, values)
		if err != nil {
			return Frame{}, err
		}
		if !signal.Put(&frame, raw) {
			return Frame{}, fmt.Errorf("encoding %s: signal %s cannot hold raw value %d", m, signal.Name, raw)
		}
	}
	return frame, nil
}

// rawOf rounds the value of one signal, or says why it cannot be sent.
func (m *Message) rawOf(index int, values []Value) (int64, error) {
	signal, value := &m.Signals[index], values[index]
	if !value.Valid {
		if signal.HasNoValue {
			return signal.NoValue, nil
		}
		return 0, fmt.Errorf("encoding %s: signal %s has no value and the database declares no raw value for that: set it", m, signal.Name)
	}
	raw, ok := signal.Quantise(value.Physical)
	if !ok {
		low, high := signal.limits()
		return 0, fmt.Errorf("encoding %s: signal %s: %g %s does not fit %d bits, which hold %g to %g",
			m, signal.Name, value.Physical, signal.Unit, signal.Length, min(low, high), max(low, high))
	}
	return raw, nil
}

// limits gives the physical values of the smallest and the largest raw value.
func (s *Signal) limits() (low, high float64) {
	if s.Signed {
		return s.Physical(int64(-1) << (s.Length - 1)), s.Physical(int64(s.width >> 1))
	}
	return s.Physical(0), s.Physical(int64(s.width))
}
