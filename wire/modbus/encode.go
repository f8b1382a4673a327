package modbus

import (
	"fmt"
	"math"
	"strings"
)

// Decode reads point i from its registers, which are as many as the point has. Text is never a number: use
// [DecodeText].
func (m *Map) Decode(i int, words []uint16) Value {
	p := &m.points[i]
	if len(words) < p.size || p.Type == Text {
		return Value{}
	}
	raw, available := m.raw(p, words)
	if !available {
		return Value{}
	}
	return Value{Physical: p.toPhysical(raw), Valid: true}
}

// raw is the number in the registers; false when they hold the "not available" pattern or a float that is no number.
func (m *Map) raw(p *compiled, words []uint16) (float64, bool) {
	switch p.Type {
	case U16:
		return float64(words[0]), p.Plain || words[0] != 0xFFFF
	case S16:
		return float64(int16(words[0])), p.Plain || words[0] != 0x8000
	default: // two registers, or text
	}
	bits := m.join(words)
	switch p.Type {
	case U32:
		return float64(bits), p.Plain || bits != 0xFFFFFFFF
	case S32:
		return float64(int32(bits)), p.Plain || bits != 0x80000000
	case F32:
		f := float64(math.Float32frombits(bits))
		return f, !math.IsNaN(f) && !math.IsInf(f, 0)
	default:
		return 0, false
	}
}

// Encode writes physical into the registers of point i, rounded to the nearest count. What does not fit is refused
// with an error wrapping [ErrRange]; words then are unchanged.
func (m *Map) Encode(i int, physical float64, words []uint16) error {
	p := &m.points[i]
	if p.Type == Text || len(words) != p.size {
		return fmt.Errorf("point %s: %w: a number needs a numeric point and its %d registers", p.Name, ErrRange, p.size)
	}
	raw := p.toRaw(physical)
	if p.Type != F32 {
		raw = math.Round(raw)
	}
	if !(raw >= p.rawLow && raw <= p.rawHigh) {
		return fmt.Errorf("point %s: %w: %v%s is not within %v..%v%s",
			p.Name, ErrRange, physical, unitSuffix(p.Unit), p.toPhysical(p.rawLow), p.toPhysical(p.rawHigh), unitSuffix(p.Unit))
	}
	var scratch [2]uint16
	switch p.Type {
	case U16:
		scratch[0] = uint16(raw)
	case S16:
		scratch[0] = uint16(int16(raw))
	case U32:
		m.split(uint32(raw), scratch[:])
	case S32:
		m.split(uint32(int32(raw)), scratch[:])
	case F32:
		m.split(math.Float32bits(float32(raw)), scratch[:])
	case Text: // refused above
	}
	if _, available := m.raw(p, scratch[:p.size]); !available {
		return fmt.Errorf("point %s: %w: %v%s is the pattern for \"not available\"",
			p.Name, ErrRange, physical, unitSuffix(p.Unit))
	}
	copy(words, scratch[:p.size])
	return nil
}

// invalidate writes the "not available" pattern. A Plain point has none and becomes zero.
func (m *Map) invalidate(i int, words []uint16) {
	p := &m.points[i]
	clear(words)
	if p.Plain {
		return
	}
	switch p.Type {
	case U16:
		words[0] = 0xFFFF
	case S16:
		words[0] = 0x8000
	case U32:
		m.split(0xFFFFFFFF, words)
	case S32:
		m.split(0x80000000, words)
	case F32:
		m.split(0x7FC00000, words)
	case Text: // it is never missing, only empty
	}
}

// validate checks registers that a master wants to write: inside the limits and not the "not available" pattern.
func (m *Map) validate(i int, words []uint16) error {
	p := &m.points[i]
	if p.Type == Text {
		return nil
	}
	raw, available := m.raw(p, words)
	if !available || raw < p.rawLow || raw > p.rawHigh {
		return IllegalDataValue
	}
	return nil
}

func (m *Map) join(words []uint16) uint32 {
	if m.table.LowWordFirst {
		return uint32(words[1])<<16 | uint32(words[0])
	}
	return uint32(words[0])<<16 | uint32(words[1])
}

func (m *Map) split(bits uint32, words []uint16) {
	high, low := uint16(bits>>16), uint16(bits)
	if m.table.LowWordFirst {
		high, low = low, high
	}
	words[0], words[1] = high, low
}

// DecodeText reads two characters per register, high byte first, up to the first zero byte; trailing spaces go.
func DecodeText(words []uint16) string {
	text := make([]byte, 0, 2*len(words))
	for _, w := range words {
		text = append(text, byte(w>>8), byte(w))
	}
	if end := strings.IndexByte(string(text), 0); end >= 0 {
		text = text[:end]
	}
	return strings.TrimRight(string(text), " ")
}

// EncodeText writes text padded with zero bytes; a text too long for the registers or with a zero byte is refused.
func EncodeText(text string, words []uint16) error {
	if len(text) > 2*len(words) || strings.IndexByte(text, 0) >= 0 {
		return fmt.Errorf("%w: text %q must have no zero byte and at most %d bytes", ErrRange, text, 2*len(words))
	}
	clear(words)
	for i := range len(text) {
		words[i/2] |= uint16(text[i]) << (8 * (1 - i%2))
	}
	return nil
}

func unitSuffix(unit string) string {
	if unit == "" {
		return ""
	}
	return " " + unit
}
