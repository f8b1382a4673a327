package sunspec

import (
	"fmt"
	"math"

	"reprise/wire/modbus"
)

// missing is the "not implemented" pattern of a type as one number of its width.
func (t Type) missing() uint64 {
	switch t {
	case Int16, ScaleFactor, Pad:
		return 0x8000
	case Uint32, Bitfield32:
		return 0xFFFFFFFF
	case Int32:
		return 0x80000000
	case Uint64:
		return 0xFFFFFFFFFFFFFFFF
	case String:
		return 0
	default:
		return 0xFFFF
	}
}

// join puts registers together, high word first.
func join(words []uint16) uint64 {
	var pattern uint64
	for _, w := range words {
		pattern = pattern<<16 | uint64(w)
	}
	return pattern
}

// split spreads a pattern over registers, high word first.
func split(pattern uint64, words []uint16) {
	for i := len(words) - 1; i >= 0; i-- {
		words[i] = uint16(pattern)
		pattern >>= 16
	}
}

// setMissing writes the "not implemented" pattern.
func (p *placed) setMissing(words []uint16) { split(p.Type.missing(), words) }

// pattern is the bits of a point that carries a value; false for strings, padding and "not implemented".
func (p *placed) pattern(words []uint16) (uint64, bool) {
	if p.Type == String || p.Type == Pad {
		return 0, false
	}
	bits := join(words)
	return bits, bits != p.Type.missing()
}

// count is the number on the wire before scaling.
func (p *placed) count(words []uint16) (float64, bool) {
	bits, ok := p.pattern(words)
	if !ok {
		return 0, false
	}
	switch p.Type {
	case Int16, ScaleFactor:
		return float64(int16(bits)), true
	case Int32:
		return float64(int32(bits)), true
	default:
		return float64(bits), true
	}
}

// maxExponent limits scale factors, as the specification does.
const maxExponent = 10

// exponent reads a scale factor's registers.
func exponent(words []uint16) (int, bool) {
	e := int(int16(words[0]))
	return e, e >= -maxExponent && e <= maxExponent
}

// scaled is count x 10^e. Division by a power of ten gives the double nearest to the decimal, multiplication by its
// inverse does not.
func scaled(count float64, e int) float64 {
	if e < 0 {
		return count / math.Pow10(-e)
	}
	return count * math.Pow10(e)
}

// value decodes point i of an image that begins at the model's ID register. The image may be shorter than the layout:
// what lies beyond it is not implemented.
func (l *Layout) value(i int, image []uint16) modbus.Value {
	p := &l.points[i]
	if p.offset+p.size > len(image) {
		return modbus.Value{}
	}
	count, ok := p.count(image[p.offset : p.offset+p.size])
	if !ok {
		return modbus.Value{}
	}
	if p.scale < 0 {
		return modbus.Value{Physical: count, Valid: true}
	}
	e, ok := l.exponentOf(p, image)
	if !ok {
		return modbus.Value{}
	}
	return modbus.Value{Physical: scaled(count, e), Valid: true}
}

// exponentOf is the exponent that applies to a scaled point.
func (l *Layout) exponentOf(p *placed, image []uint16) (int, bool) {
	at := l.points[p.scale].offset
	if at >= len(image) {
		return 0, false
	}
	return exponent(image[at : at+1])
}

// encode writes physical into the registers of point i, rounded to the nearest count with the image's exponent. What
// does not fit is refused with an error wrapping [modbus.ErrRange].
func (l *Layout) encode(i int, physical float64, image, words []uint16) error {
	p := &l.points[i]
	count := physical
	if p.scale >= 0 {
		e, ok := l.exponentOf(p, image)
		if !ok {
			return fmt.Errorf("model %d, point %s: %w: its scale factor %s is not known", l.model.ID, p.Name,
				modbus.ErrRange, p.Scale)
		}
		count = scaled(physical, -e)
	}
	count = math.Round(count)
	low, high := p.span()
	if !(count >= low && count <= high) {
		return fmt.Errorf("model %d, point %s: %w: %v is %v counts, allowed %v..%v", l.model.ID, p.Name,
			modbus.ErrRange, physical, count, low, high)
	}
	if count < 0 {
		split(uint64(int64(count)), words)
	} else {
		split(uint64(count), words)
	}
	return nil
}

// span is the counts that a point can carry; the "not implemented" pattern is outside. For 64 bits the limit is 2^53,
// up to which a float64 counts exactly.
func (p *placed) span() (low, high float64) {
	switch p.Type {
	case Int16:
		return -0x7FFF, 0x7FFF
	case ScaleFactor:
		return -maxExponent, maxExponent
	case Uint32, Bitfield32:
		return 0, 0xFFFFFFFE
	case Int32:
		return -0x7FFFFFFF, 0x7FFFFFFF
	case Uint64:
		return 0, 1 << 53
	case String, Pad:
		return 1, 0 // carries no number
	case Enum16:
		if len(p.Symbols) > 0 {
			return 0, float64(len(p.Symbols) - 1)
		}
	default: // unsigned, one register
	}
	return 0, 0xFFFE
}
