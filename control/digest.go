package control

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"reflect"

	"reprise/bess"
)

// Digest is the fingerprint of a run: a chain of SHA-256 over the commands,
// events and entries of every tick, floats as IEEE bits, and over the state
// once a minute. Two runs with the same digest gave the same orders, to the
// bit. The zero value is ready.
type Digest struct {
	Ticks uint64
	Chain [sha256.Size]byte

	scratch []byte
}

// Tick adds the outputs of one tick.
func (d *Digest) Tick(out *Outputs) {
	b := append(d.scratch[:0], d.Chain[:]...)
	b = bess.AppendCommands(b, &out.Commands)
	for i := range out.Events {
		b = bess.AppendEvent(b, &out.Events[i])
	}
	for i := range out.Entries {
		b = bess.AppendEntry(b, &out.Entries[i])
	}
	d.Chain, d.scratch = sha256.Sum256(b), b
	d.Ticks++
}

// State adds the whole state; call it at StateTick. It allocates.
func (d *Digest) State(s *State) {
	b := append(d.scratch[:0], d.Chain[:]...)
	d.scratch = AppendState(b, s)
	d.Chain = sha256.Sum256(d.scratch)
}

// StateTick reports whether the state belongs into the digest after this tick:
// once a minute of 100 ms ticks.
func StateTick(tick uint64) bool { return tick%600 == 0 }

// Add adds a tick and, once a minute, the state that it led to.
func (d *Digest) Add(s *State, out *Outputs) {
	d.Tick(out)
	if StateTick(s.Tick) {
		d.State(s)
	}
}

// Sum is the digest so far in hexadecimal.
func (d *Digest) Sum() string { return hex.EncodeToString(d.Chain[:]) }

// AppendState appends all exported fields of the state, depth first in the
// order of declaration: integers as 64 bits little endian, floats as IEEE bits,
// slices with their length; a room that has MarshalBinary writes itself. It begins with a fingerprint of the types, so that
// bytes of another build are told apart. Unexported fields are scratch or
// follow from the unit and are left out.
func AppendState(b []byte, s *State) []byte {
	shape := s.shape
	if shape == ([sha256.Size]byte{}) {
		shape = stateShape() // a state that New did not make
	}
	return appendValue(append(b, shape[:]...), reflect.ValueOf(s).Elem())
}

// ReadState is the state of which AppendState made these bytes, for the same
// unit. It refuses bytes of other types, of a unit of another size, and bytes
// that end early or late.
func ReadState(u *bess.Unit, b []byte) (*State, error) {
	shape := stateShape()
	if len(b) < len(shape) || [len(shape)]byte(b) != shape {
		return nil, errors.New("reading the state: it was written by another build: its fields differ")
	}
	s := New(u)
	r := stateReader{b: b[len(shape):]}
	r.value(reflect.ValueOf(s).Elem(), "state")
	if r.err == nil && len(r.b) > 0 {
		r.err = fmt.Errorf("%d bytes are left over", len(r.b))
	}
	if r.err != nil {
		return nil, fmt.Errorf("reading the state: %w", r.err)
	}
	return s, nil
}

// stateShape is the fingerprint of the state's types.
func stateShape() [sha256.Size]byte {
	return sha256.Sum256(appendType(nil, reflect.TypeFor[State]()))
}

func appendType(b []byte, t reflect.Type) []byte {
	b = append(b, t.Kind().String()...)
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				b = appendType(append(append(append(b, ' '), f.Name...), ' '), f.Type)
			}
		}
		b = append(b, ';')
	case reflect.Slice:
		b = appendType(b, t.Elem())
	case reflect.Array:
		b = appendType(binary.LittleEndian.AppendUint64(b, uint64(t.Len())), t.Elem())
	default: // its kind says it all
	}
	return b
}

func appendValue(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return append(b, 1)
		}
		return append(b, 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return binary.LittleEndian.AppendUint64(b, uint64(v.Int()))
	case reflect.Uint8:
		return append(b, byte(v.Uint()))
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return binary.LittleEndian.AppendUint64(b, v.Uint())
	case reflect.Float64:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float()))
	case reflect.String:
		b = binary.LittleEndian.AppendUint64(b, uint64(v.Len()))
		return append(b, v.String()...)
	case reflect.Slice:
		b = binary.LittleEndian.AppendUint64(b, uint64(v.Len()))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			b = appendValue(b, v.Index(i))
		}
		return b
	case reflect.Struct:
		if m, ok := v.Addr().Interface().(encoding.BinaryMarshaler); ok {
			return appendOwn(b, m)
		}
		for i := range v.NumField() {
			if f := v.Field(i); f.CanInterface() { // it is exported; asking its type would make a copy of all that is said of it
				b = appendValue(b, f)
			}
		}
		return b
	default:
		panic("control: the state holds a " + v.Kind().String() + ", which cannot be kept")
	}
}

// appendOwn appends what a room writes of itself, with its length.
func appendOwn(b []byte, m encoding.BinaryMarshaler) []byte {
	x, err := m.MarshalBinary()
	if err != nil {
		panic("control: a room cannot write its state: " + err.Error())
	}
	return append(binary.LittleEndian.AppendUint64(b, uint64(len(x))), x...)
}

// stateReader reads what appendValue wrote. After an error it reads nothing.
type stateReader struct {
	b   []byte
	err error
}

func (r *stateReader) take(n int) []byte {
	if r.err != nil || n < 0 || n > len(r.b) {
		if r.err == nil {
			r.err = errors.New("it ends early")
		}
		return nil
	}
	x := r.b[:n]
	r.b = r.b[n:]
	return x
}

func (r *stateReader) word() uint64 {
	if x := r.take(8); x != nil {
		return binary.LittleEndian.Uint64(x)
	}
	return 0
}

func (r *stateReader) value(v reflect.Value, name string) {
	if r.err != nil {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		x := r.take(1)
		v.SetBool(len(x) == 1 && x[0] == 1)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.word()))
	case reflect.Uint8:
		if x := r.take(1); x != nil {
			v.SetUint(uint64(x[0]))
		}
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(r.word())
	case reflect.Float64:
		v.SetFloat(math.Float64frombits(r.word()))
	case reflect.String:
		v.SetString(string(r.take(r.length(1))))
	case reflect.Slice:
		r.slice(v, name)
	case reflect.Array:
		for i := range v.Len() {
			r.value(v.Index(i), name)
		}
	case reflect.Struct:
		if m, ok := v.Addr().Interface().(encoding.BinaryUnmarshaler); ok {
			if x := r.take(r.length(1)); r.err == nil {
				r.err = m.UnmarshalBinary(x)
			}
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				r.value(v.Field(i), name+"."+f.Name)
			}
		}
	default:
		r.err = fmt.Errorf("%s: a %s cannot be kept", name, v.Kind())
	}
}

// length reads the length of elements that take at least least bytes each.
func (r *stateReader) length(least int) int {
	n := r.word()
	if n > uint64(len(r.b)/max(1, least)) {
		r.err = fmt.Errorf("a length of %d does not fit into the bytes that are left", n)
		return 0
	}
	return int(n)
}

// slice keeps the memory that New sized. A slice that the unit sizes must come
// back with its length; one that begins empty takes what comes.
func (r *stateReader) slice(v reflect.Value, name string) {
	n := r.length(0)
	if r.err != nil {
		return
	}
	if v.Len() > 0 && n != v.Len() {
		r.err = fmt.Errorf("%s has %d elements where this unit has %d", name, n, v.Len())
		return
	}
	v.Grow(n)
	v.SetLen(n)
	for i := range n {
		r.value(v.Index(i), name)
	}
}
