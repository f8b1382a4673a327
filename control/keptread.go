package control

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"reprise/bess"
)

// keptReader reads values of one form into a state that may have another.
type keptReader struct {
	stateReader
	unit   *bess.Unit
	losses []Loss
}

// value reads what has the form into v; a v that is not valid is nowhere.
func (r *keptReader) value(f *form, v reflect.Value, path string) {
	if r.err != nil {
		return
	}
	if !v.IsValid() || !fits(f, v) {
		if r.skip(f) { // what was zero has told nothing
			r.lose(path)
		}
		return
	}
	switch f.kind {
	case formStruct:
		r.fields(f, v, path)
	case formArray:
		for i := range f.length {
			r.value(f.elem, v.Index(i), path)
		}
	case formSlice:
		r.list(f, v, path)
	case formOwn:
		r.own(v, path)
	default:
		r.stateReader.value(v, path)
	}
}

// fits reports whether a value of that form can be read into v as a whole. A
// struct and a list always fit: their parts are looked at one by one.
func fits(f *form, v reflect.Value) bool {
	own := v.CanAddr() && v.Addr().Type().Implements(reflect.TypeFor[encoding.BinaryUnmarshaler]())
	switch f.kind {
	case formOwn:
		return own
	case formStruct:
		return v.Kind() == reflect.Struct && !own
	case formArray:
		return v.Kind() == reflect.Array && v.Len() == f.length
	case formSlice:
		return v.Kind() == reflect.Slice
	default:
		return scalar(v.Kind()) == f.kind
	}
}

// fields reads a struct: by name, whatever the order.
func (r *keptReader) fields(f *form, v reflect.Value, path string) {
	for k, name := range f.names {
		inner := name
		if path != "" {
			inner = path + "." + name
		}
		field, known := v.Type().FieldByName(name)
		if !known || !field.IsExported() || len(field.Index) != 1 {
			r.value(f.fields[k], reflect.Value{}, inner)
			continue
		}
		r.value(f.fields[k], v.FieldByIndex(field.Index), inner)
	}
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; remembers(join(path, name)) && !slices.Contains(f.names, name) {
			r.lose(join(path, name)) // it was not kept at all
		}
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// list reads a slice. One that the unit sizes must come with its length.
func (r *keptReader) list(f *form, v reflect.Value, path string) {
	n := r.length(1)
	if v.Len() > 0 && n != v.Len() {
		for range n {
			r.skip(f.elem)
		}
		r.lose(path)
		return
	}
	v.Grow(max(0, n-v.Len()))
	v.SetLen(n)
	for i := range n {
		r.value(f.elem, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
}

// own lets a room read itself. What it cannot read is as new.
func (r *keptReader) own(v reflect.Value, path string) {
	x := r.take(r.length(1))
	if r.err != nil {
		return
	}
	if v.Addr().Interface().(encoding.BinaryUnmarshaler).UnmarshalBinary(x) == nil {
		return
	}
	fresh := reflect.ValueOf(New(r.unit)).Elem()
	for name := range strings.SplitSeq(path, ".") {
		if fresh.IsValid() && fresh.Kind() == reflect.Struct {
			fresh = fresh.FieldByName(name)
		}
	}
	if fresh.IsValid() && fresh.Type() == v.Type() {
		v.Set(fresh)
	} else {
		v.SetZero()
	}
	r.lose(path)
}

// skip reads what has the form and reports whether any of it was not zero.
func (r *keptReader) skip(f *form) bool {
	if r.err != nil {
		return false
	}
	told := false
	switch f.kind {
	case formStruct:
		for _, inner := range f.fields {
			told = r.skip(inner) || told
		}
	case formArray:
		for range f.length {
			told = r.skip(f.elem) || told
		}
	case formSlice:
		n := r.length(1)
		for range n {
			told = r.skip(f.elem) || told
		}
	case formOwn, formText:
		told = len(r.take(r.length(1))) > 0
	case formBool, formByte:
		x := r.take(1)
		told = len(x) == 1 && x[0] != 0
	default:
		told = r.word() != 0
	}
	return told
}

// lose notes what could not be taken over, and what that means for the packs.
func (r *keptReader) lose(path string) {
	l := Loss{What: path, Pack: bess.Nobody}
	for _, memory := range memories() {
		if path == memory || strings.HasPrefix(path, memory+".") || strings.HasPrefix(path, memory+"[") || strings.HasPrefix(memory, path+".") {
			l.Locks = true
		}
	}
	if l.Locks {
		if _, rest, found := strings.Cut(path, "Packs["); found {
			if _, err := fmt.Sscanf(rest, "%d", &l.Pack); err != nil || l.Pack < 0 || l.Pack >= len(r.unit.Packs) {
				l.Pack = bess.Nobody
			}
		}
	}
	if len(r.losses) < mostLosses {
		r.losses = append(r.losses, l)
	} else if l.Locks { // too many to name: the last stands for all
		r.losses[mostLosses-1] = Loss{What: path, Locks: true, Pack: bess.Nobody}
	}
}

// mostLosses is how many losses are told apart.
const mostLosses = 64

// memories are the fields that remember why a pack must stay open.
func memories() []string { return []string{"Safety", "Stages.Packs", "Sequence.Packs"} }

// remembers reports whether a field is one of the memories, or holds one.
func remembers(path string) bool {
	return slices.ContainsFunc(memories(), func(m string) bool { return m == path || strings.HasPrefix(m, path+".") })
}
