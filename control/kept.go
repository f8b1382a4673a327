package control

import (
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"reprise/bess"
)

// A kept state describes itself: before its values stands the form that they
// have, with the names of all fields. A build with other fields reads what both
// know; a latch must not depend on who reads it.

// keptMark begins a kept state; its last byte is the version of the form.
const keptMark = "RPRSTATE\x01"

// Loss is something of a kept state that this build could not take over.
type Loss struct {
	What  string // the field, as a path
	Locks bool   // it may have kept packs open: they must be locked out
	Pack  int    // which; bess.Nobody: any
}

// AppendKept appends the state with the description of its form.
func AppendKept(b []byte, s *State) []byte {
	form := appendForm(nil, reflect.TypeFor[State]())
	b = append(b, keptMark...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(form)))
	return appendValue(append(b, form...), reflect.ValueOf(s).Elem())
}

// ReadKept is the state that AppendKept kept, by this build or another, and
// what could not be taken over: fields that are gone or have another type, and
// lists of another length. Those have the value that a new unit has. An error
// means that nothing could be read.
func ReadKept(u *bess.Unit, b []byte) (*State, []Loss, error) {
	text, found := strings.CutPrefix(string(b[:min(len(b), len(keptMark))]), keptMark)
	if !found || text != "" || len(b) < len(keptMark)+4 {
		return nil, nil, errors.New("reading the state: it does not say what its fields are: another build wrote it")
	}
	s := New(u)
	r := keptReader{unit: u, stateReader: stateReader{b: b[len(keptMark):]}}
	n := binary.LittleEndian.Uint32(r.take(4))
	p := formParser{b: r.take(int(n))}
	form := p.form(0)
	if p.bad || form == nil || form.kind != formStruct || len(p.b) > 0 || r.err != nil {
		return nil, nil, errors.New("reading the state: the description of its fields is damaged")
	}
	r.value(form, reflect.ValueOf(s).Elem(), "")
	if r.err == nil && len(r.b) > 0 {
		r.err = fmt.Errorf("%d bytes are left over", len(r.b))
	}
	if r.err != nil {
		return nil, nil, fmt.Errorf("reading the state: %w", r.err)
	}
	return s, r.losses, nil
}

// Kinds of a form.
const (
	formStruct = '{' // name length, name, form ... '}'
	formSlice  = '['
	formArray  = '(' // its length, 32 bits
	formOwn    = 'm' // what a room writes of itself
	formBool   = 'b'
	formInt    = 'i'
	formByte   = 'c'
	formWord   = 'u'
	formFloat  = 'f'
	formText   = 's'
	formEnd    = '}'
)

// form is how values are laid out.
type form struct {
	kind   byte
	names  []string
	fields []*form
	elem   *form
	length int
}

func appendForm(b []byte, t reflect.Type) []byte {
	switch t.Kind() {
	case reflect.Struct:
		if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.BinaryMarshaler]()) {
			return append(b, formOwn)
		}
		b = append(b, formStruct)
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				b = appendForm(append(append(b, byte(len(f.Name))), f.Name...), f.Type)
			}
		}
		return append(b, 0, formEnd)
	case reflect.Slice:
		return appendForm(append(b, formSlice), t.Elem())
	case reflect.Array:
		return appendForm(binary.LittleEndian.AppendUint32(append(b, formArray), uint32(t.Len())), t.Elem())
	default:
		return append(b, scalar(t.Kind()))
	}
}

// scalar is the form of a single value, as appendValue writes it; 0: none.
func scalar(k reflect.Kind) byte {
	switch k {
	case reflect.Bool:
		return formBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return formInt
	case reflect.Uint8:
		return formByte
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return formWord
	case reflect.Float64:
		return formFloat
	case reflect.String:
		return formText
	default:
		return 0
	}
}

// formParser reads a form of which nothing is believed.
type formParser struct {
	b     []byte
	nodes int
	bad   bool
}

// Bounds of a form that is believed.
const (
	formDepth  = 32
	formNodes  = 4096
	formLength = 1 << 16
)

func (p *formParser) take(n int) []byte {
	if p.bad || n > len(p.b) {
		p.bad = true
		return make([]byte, n)
	}
	x := p.b[:n]
	p.b = p.b[n:]
	return x
}

func (p *formParser) form(depth int) *form {
	if p.nodes++; p.nodes > formNodes || depth > formDepth {
		p.bad = true
	}
	f := &form{kind: p.take(1)[0]}
	if p.bad {
		return nil
	}
	switch f.kind {
	case formStruct:
		for n := p.take(1)[0]; n != 0 && !p.bad; n = p.take(1)[0] {
			f.names = append(f.names, string(p.take(int(n))))
			f.fields = append(f.fields, p.form(depth+1))
		}
		p.bad = p.bad || len(f.fields) == 0 || p.take(1)[0] != formEnd
	case formArray:
		f.length = int(binary.LittleEndian.Uint32(p.take(4)))
		p.bad = p.bad || f.length < 1 || f.length > formLength
		f.elem = p.form(depth + 1)
	case formSlice:
		f.elem = p.form(depth + 1)
	case formOwn, formBool, formInt, formByte, formWord, formFloat, formText:
	default:
		p.bad = true
	}
	return f
}
