package can

import (
	"math"
	"math/bits"
)

// ByteOrder tells how the bits of a signal run through the data bytes.
type ByteOrder uint8

const (
	// Intel is little-endian: the start bit is the least significant bit.
	Intel ByteOrder = iota
	// Motorola is big-endian: the start bit is the most significant bit, counted in saw-tooth manner.
	Motorola
)

// String gives the name that DBC tools show.
func (o ByteOrder) String() string {
	if o == Motorola {
		return "Motorola"
	}
	return "Intel"
}

// Label names one raw value of a signal (VAL_ in the DBC).
type Label struct {
	Raw  int64
	Text string
}

// Signal describes one field of a message. It is immutable once loaded; Load fills what the exported fields imply.
type Signal struct {
	Name    string
	Comment string
	// Unit is the declared text, empty for flags, counters and enumerations.
	Unit string
	// Start is the bit number byte*8+bit: least significant bit for Intel, most significant for Motorola.
	Start uint8
	// Length is the number of bits, 1..64.
	Length uint8
	Order  ByteOrder
	Signed bool
	// Factor and Offset: physical = raw*Factor + Offset. Factor is finite and not zero.
	Factor, Offset float64
	// Min and Max bound the physical value when Bounded; [0|0] in the DBC means not bounded.
	Min, Max float64
	Bounded  bool
	// Multiplexer marks the signal that selects the page of its message.
	Multiplexer bool
	// Multiplexed marks a signal that is present only while the multiplexer equals Page.
	Multiplexed bool
	Page        uint64
	// NoValue is the raw value by which the sender says "no value", when HasNoValue (attribute RawInvalid).
	NoValue    int64
	HasNoValue bool
	// Labels is ordered by raw value.
	Labels []Label

	shift     uint8   // distance of the least significant bit in the packed word
	width     uint64  // Length ones, right-aligned
	bytes     uint8   // bytes a frame must have for this signal
	low, high float64 // Min and Max widened by half a step
}

// Value is one decoded signal.
type Value struct {
	// Raw is the field itself, sign-extended when the signal is signed; a 64-bit unsigned field keeps its bits.
	Raw int64
	// Physical is raw*factor+offset in the signal's unit. It means nothing unless Valid.
	Physical float64
	// Valid tells that the frame held this signal: long enough, right page, not the declared "no value".
	Valid bool
	// InRange tells that Physical lies in the declared range, or that none is declared. False while not Valid.
	InRange bool
}

// Label returns the text for a raw value, and whether the database has one.
func (s *Signal) Label(raw int64) (text string, ok bool) {
	for _, label := range s.Labels {
		if label.Raw == raw {
			return label.Text, true
		}
	}
	return "", false
}

// derive fills what follows from the declared fields. The fields must have passed the checks of Load.
func (s *Signal) derive() {
	s.width = math.MaxUint64 >> (64 - s.Length)
	if s.Order == Intel {
		s.shift = s.Start
	} else {
		// In a word packed big-endian, byte b stands at bits (7-b)*8; the start bit is the top of the field.
		s.shift = (7-s.Start/8)*8 + s.Start%8 + 1 - s.Length
	}
	s.bytes = uint8((bits.Len64(s.mask()) + 7) / 8)
	half := float64(math.Abs(s.Factor) / 2)
	s.low, s.high = s.Min-half, s.Max+half
}

// fits tells whether the field lies within a frame of length bytes, before derive may be called.
func (s *Signal) fits(length int) bool {
	if s.Length < 1 || s.Length > 64 || int(s.Start) >= length*8 {
		return false
	}
	if s.Order == Intel {
		return int(s.Start)+int(s.Length) <= length*8
	}
	top := (length-1-int(s.Start/8))*8 + int(s.Start%8) + 1 // bits from the start bit to the end of the frame
	return int(s.Length) <= top
}

// mask marks the bits of the field, numbered byte*8+bit.
func (s *Signal) mask() uint64 {
	mask := s.width << s.shift
	if s.Order == Motorola {
		mask = bits.ReverseBytes64(mask)
	}
	return mask
}

// extract takes the raw field from a word packed in the byte order of the signal.
func (s *Signal) extract(word uint64) int64 {
	field := word >> s.shift & s.width
	if s.Signed {
		unused := 64 - s.Length
		return int64(field<<unused) >> unused
	}
	return int64(field)
}

// Physical converts a raw value: two roundings, never a fused one.
func (s *Signal) Physical(raw int64) float64 {
	number := float64(raw)
	if !s.Signed && s.Length == 64 {
		number = float64(uint64(raw))
	}
	return float64(number*s.Factor) + s.Offset
}

// value judges one raw field that was present in its frame.
func (s *Signal) value(raw int64) Value {
	value := Value{Raw: raw, Valid: true, InRange: true}
	if s.HasNoValue && raw == s.NoValue {
		return Value{Raw: raw}
	}
	value.Physical = s.Physical(raw)
	if s.Bounded {
		// Half a step of slack: 65535*0.1 need not be the same float64 as the 6553.5 that the file declares.
		value.InRange = value.Physical >= s.low && value.Physical <= s.high
	}
	return value
}

// Quantise rounds a physical value to the nearest raw value, halves away from zero. When the bits cannot hold it, the
// nearest raw value that they can hold is returned with ok == false; a NaN gives 0 and false.
func (s *Signal) Quantise(physical float64) (raw int64, ok bool) {
	number := math.Round((physical - s.Offset) / s.Factor)
	if math.IsNaN(number) {
		return 0, false
	}
	if s.Signed {
		limit := math.Ldexp(1, int(s.Length)-1) // exact
		switch {
		case number < -limit:
			return int64(math.MinInt64) >> (64 - s.Length), false
		case number >= limit:
			return int64(s.width >> 1), false
		}
		return int64(number), true
	}
	switch {
	case number < 0:
		return 0, false
	case number >= math.Ldexp(1, int(s.Length)):
		return int64(s.width), false
	}
	return int64(uint64(number)), true
}

// representable tells whether the field can hold raw.
func (s *Signal) representable(raw int64) bool {
	if s.Signed {
		unused := 64 - s.Length
		return raw<<unused>>unused == raw
	}
	return uint64(raw)&^s.width == 0
}

// Put writes the raw value into the frame, leaving every other bit alone, and reports whether field and frame can hold
// it; if not, the frame is unchanged.
func (s *Signal) Put(frame *Frame, raw int64) bool {
	if !s.representable(raw) || frame.Length > 8 || s.bytes > frame.Length {
		return false
	}
	field, mask := uint64(raw)&s.width<<s.shift, s.width<<s.shift
	if s.Order == Intel {
		frame.Data.UnpackLittleEndian(frame.Data.PackLittleEndian()&^mask | field)
	} else {
		frame.Data.UnpackBigEndian(frame.Data.PackBigEndian()&^mask | field)
	}
	return true
}
