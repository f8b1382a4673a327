package guard

import (
	"reprise/bess"
	"reprise/wire/can"
)

// Value is the newest number of a signal.
type Value struct {
	X      float64
	Known  bool
	At     bess.Instant // when it came
	Moved  bess.Instant // when it last differed from the one before
	MaxAge bess.Span    // 0: nobody tells this signal
}

// Set takes a new number that came at an instant.
func (v *Value) Set(x float64, at bess.Instant) {
	if !v.Known || x != v.X {
		v.Moved = at
	}
	v.X, v.Known, v.At = x, true, at
}

// fresh is the number if it is known and not too old.
func (v *Value) fresh(now bess.Instant) (float64, bool) {
	return v.X, v.Known && now.Since(v.At) <= v.MaxAge
}

// is reports whether a flag is known to be set, or known not to be.
func (v *Value) is(set bool, now bess.Instant) bool {
	x, ok := v.fresh(now)
	return ok && (x != 0) == set
}

// Image is what the guard knows of each subject.
type Image struct {
	Of     [][signals]Value
	Module Questions // of the I/O module
	Unit   Partner   // the controller's pulses
}

// NewImage is an image in which nothing is known.
func NewImage(l *Limits) *Image {
	image := &Image{Of: make([][signals]Value, 1+len(l.Packs))}
	for _, r := range l.Reads {
		image.Of[r.Subject][r.Signal].MaxAge = bess.Span(r.Age)
	}
	return image
}

// fits reports whether the field lies within a frame of so many bytes.
func (f *Field) fits(length int) bool {
	if f.Bits < 1 || f.Bits > 64 || f.Start < 0 || f.Start >= 8*length {
		return false
	}
	if f.Motorola {
		return f.Bits <= (length-1-f.Start/8)*8+f.Start%8+1
	}
	return f.Start+f.Bits <= 8*length
}

// raw takes the field out of a frame, bit by bit: slow, and plain to see.
func (f *Field) raw(data *can.Frame) int64 {
	x, at := uint64(0), f.Start
	for i := range f.Bits {
		bit := uint64(data.Data[at/8]>>(at%8)) & 1
		switch {
		case !f.Motorola:
			x |= bit << i
			at++
		case at%8 == 0: // on to the top of the next byte
			x = x<<1 | bit
			at += 15
		default:
			x = x<<1 | bit
			at--
		}
	}
	if f.Signed && x>>(f.Bits-1)&1 == 1 {
		return int64(x | ^uint64(0)<<(f.Bits-1)<<1)
	}
	return int64(x)
}

// holds reports whether the frame's checksum is right.
func (c *CRC) holds(frame *can.Frame) bool {
	return c.sum(frame) == frame.Data[c.At]
}

func (c *CRC) sum(frame *can.Frame) uint8 {
	sum := c.Initial
	for i := c.First; i <= c.Last; i++ {
		sum ^= frame.Data[i]
		for range 8 {
			top := sum >> 7
			sum = sum<<1 ^ top*c.Polynomial
		}
	}
	return sum ^ c.Final
}

// Ear hears frames and keeps the image.
type Ear struct {
	Image    *Image
	limits   *Limits
	counters []int64 // of each check, -1 before the first frame
	Refused  uint64  // frames with a wrong length, a wrong checksum or a standing counter
}

// NewEar hears what the limits describe.
func NewEar(l *Limits) *Ear {
	e := &Ear{Image: NewImage(l), limits: l, counters: make([]int64, len(l.Checks))}
	for i := range e.counters {
		e.counters[i] = -1
	}
	return e
}

// Hear takes one frame that left the wire of a channel at an instant. It allocates nothing.
func (e *Ear) Hear(channel int, frame *can.Frame, at bess.Instant) {
	if frame.IsRemote || frame.Length > 8 {
		e.Refused++
		return
	}
	if channel == 0 && !frame.IsExtended && e.hearPulse(frame, at) {
		return
	}
	if !e.sound(channel, frame) {
		e.Refused++
		return
	}
	for i := range e.limits.Reads {
		r := &e.limits.Reads[i]
		if r.Channel != channel || uint32(r.Frame) != frame.ID || r.Extended != frame.IsExtended {
			continue
		}
		if int(frame.Length) != r.Bytes {
			e.Refused++
			return
		}
		if r.Page == nil || r.Page.raw(frame) == r.Page.Value {
			r.put(&e.Image.Of[r.Subject][r.Signal], r.raw(frame), at)
		}
	}
}

// put sets the signal from its raw value; "no value" makes it unknown.
func (r *Read) put(v *Value, raw int64, at bess.Instant) {
	switch {
	case r.Void != nil && raw == *r.Void:
		v.Known = false
	case r.Yes == nil:
		v.Set(float64(float64(raw)*r.Scale)+r.Offset, at)
	case raw == *r.Yes:
		v.Set(1, at)
	case raw == *r.No:
		v.Set(0, at)
	default:
		v.Known = false
	}
}

// sound judges checksum and counter.
func (e *Ear) sound(channel int, frame *can.Frame) bool {
	for i := range e.limits.Checks {
		c := &e.limits.Checks[i]
		if c.Channel != channel || uint32(c.Frame) != frame.ID || c.Extended != frame.IsExtended {
			continue
		}
		if frame.Length != 8 || c.CRC != nil && !c.CRC.holds(frame) {
			return false
		}
		if c.Counter != nil {
			now := c.Counter.raw(frame)
			stuck := now == e.counters[i]
			if e.counters[i] = now; stuck {
				return false
			}
		}
	}
	return true
}
