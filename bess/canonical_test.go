package bess

import (
	"bytes"
	"math"
	"reflect"
	"testing"
)

// Every field counts: a change of any of them changes the canonical bytes.
func TestCanonicalSeesEveryField(t *testing.T) {
	u := &Unit{
		Packs: make([]Pack, 2), Converters: make([]Converter, 2), Feeders: make([]Feeder, 2),
		Circuits: make([]Circuit, 2), Outlets: make([]Outlet, 2),
	}
	commands := NewCommands(u)
	everyField(t, "Commands", reflect.ValueOf(&commands).Elem(), func() []byte { return AppendCommands(nil, &commands) })
	event := Event{}
	everyField(t, "Event", reflect.ValueOf(&event).Elem(), func() []byte { return AppendEvent(nil, &event) })
	entry := Entry{Legs: make([]Leg, 2)}
	everyField(t, "Entry", reflect.ValueOf(&entry).Elem(), func() []byte { return AppendEntry(nil, &entry) })
}

func everyField(t *testing.T, name string, v reflect.Value, encode func() []byte) {
	t.Helper()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			everyField(t, name+"."+v.Type().Field(i).Name, v.Field(i), encode)
		}
		return
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			everyField(t, name, v.Index(i), encode)
		}
		return
	default: // a leaf, below
	}
	before, old := encode(), reflect.ValueOf(v.Interface())
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Float64:
		v.SetFloat(math.Copysign(0, -1))
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Uint8, reflect.Uint16, reflect.Uint64:
		v.SetUint(v.Uint() + 1)
	default:
		t.Fatalf("%s: a %s has no canonical bytes", name, v.Kind())
	}
	if bytes.Equal(before, encode()) {
		t.Errorf("%s is not in the canonical bytes", name)
	}
	v.Set(old)
}

func BenchmarkAppendCommands(b *testing.B) {
	u := &Unit{
		Packs: make([]Pack, 7), Converters: make([]Converter, 7), Feeders: make([]Feeder, 4),
		Circuits: make([]Circuit, 6), Outlets: make([]Outlet, 10),
	}
	commands, buffer := NewCommands(u), make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buffer = AppendCommands(buffer[:0], &commands)
	}
}
