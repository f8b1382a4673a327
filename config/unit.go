package config

import (
	_ "embed"
	"fmt"
	"os"
	"reflect"
	"strconv"

	"reprise/bess"
)

// ReadFile reads the unit file at a path. The error is Faults, or that of the file system.
func ReadFile(path string, types PackTypes) (*bess.Unit, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the unit file: %w", err)
	}
	return Load(path, text, types)
}

// Load reads a unit file and refuses it, with all faults, unless Check finds it safe. Warnings are dropped; Read keeps
// them.
func Load(name string, text []byte, types PackTypes) (*bess.Unit, error) {
	unit, faults := Read(name, text, types)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return unit, nil
}

// Read reads a unit file and gives every fault and warning with its place. The unit is as far as it could be read and
// must not be used when the faults hold a refusal.
func Read(name string, text []byte, types PackTypes) (*bess.Unit, Faults) {
	root, err := Parse(name, text)
	if err != nil {
		return &bess.Unit{}, faultsOf(err)
	}
	return ReadNode(root, types)
}

// ReadNode reads a unit that is part of a larger document.
func ReadNode(root *Node, types PackTypes) (*bess.Unit, Faults) {
	unit := unitStart()
	d := Decoder{Types: types, Start: startOf}
	if types == nil {
		d.Types = PackTypes{}
	}
	d.Decode(spread(root), &unit)
	// What could not be read would only cause further faults about values that nobody wrote.
	if len(d.Faults) == 0 {
		for _, f := range Check(&unit) {
			f.Place = d.Place(f.Path)
			d.Faults = append(d.Faults, f)
		}
	}
	return &unit, d.Faults.once().sorted()
}

// spread turns the key "converter", one converter for every pack, into the list "converters". Places stay those of the
// one converter.
func spread(root *Node) *Node {
	one, packs := root.Field("converter"), root.Field("packs")
	if one == nil || root.Field("converters") != nil || packs == nil || packs.Shape != Sequence {
		return root
	}
	unit := *root
	unit.Fields = nil
	for _, f := range root.Fields {
		if f.Name == "converter" {
			list := &Node{Shape: Sequence, Place: f.Place}
			for range min(len(packs.Items), mostPacks) {
				list.Items = append(list.Items, one)
			}
			f = Field{Name: "converters", Place: f.Place, Value: list}
		}
		unit.Fields = append(unit.Fields, f)
	}
	return &unit
}

//go:embed max.yaml
var reference []byte

// Reference is the reference unit, read anew at each call: seven packs of unlike health behind a converter each, nine
// vehicle outlets and a rapid one. It is examples/units/max.yaml.
func Reference() *bess.Unit {
	types, err := BuiltIn()
	if err != nil {
		panic("the built-in pack types are damaged: " + err.Error())
	}
	unit, err := Load("max.yaml", reference, types)
	if err != nil {
		panic("the built-in reference unit is damaged: " + err.Error())
	}
	return unit
}

// ReferenceText is the file from which Reference is read.
func ReferenceText() []byte { return append([]byte(nil), reference...) }

// Print writes the effective form of a unit: every value that was set or filled in, in one order. It reads back to the
// same unit.
func Print(u *bess.Unit) []byte {
	p := printer{}
	p.parts(reflect.ValueOf(u).Elem(), reflect.ValueOf(unitStart()), 0)
	return p.text
}

// printer writes values as YAML.
type printer struct{ text []byte }

func (p *printer) line(depth int, key, value string) {
	for range depth {
		p.text = append(p.text, "  "...)
	}
	p.text = append(p.text, key...)
	p.text = append(p.text, ':')
	if value != "" {
		p.text = append(p.text, ' ')
		p.text = append(p.text, value...)
	}
	p.text = append(p.text, '\n')
}

// parts writes the fields of a struct. A field that is zero and would be zero anyway is left out, unless its zero has a
// name.
func (p *printer) parts(v, standard reflect.Value, depth int) {
	for i := range v.NumField() {
		field, f := v.Type().Field(i), v.Field(i)
		named := spellings(f.Type()) != nil || f.Type() == reflect.TypeFor[bess.PackID]() || field.Name == "Phase"
		if !field.IsExported() || f.IsZero() && standard.Field(i).IsZero() && !named {
			continue
		}
		p.field(keyOf(field.Name), field.Name, f, standard.Field(i), depth)
	}
}

func (p *printer) field(key, name string, f, standard reflect.Value, depth int) {
	switch f.Type() {
	case reflect.TypeFor[bess.PackType]():
		p.line(depth, key, quoted(f.Interface().(bess.PackType).Name))
		return
	case reflect.TypeFor[[bess.InputCount]bool]():
		p.line(depth, key, inputList(f))
		return
	}
	if c, ok := codecOf(f.Type(), name); ok {
		text := c.write(f)
		if f.Kind() == reflect.String {
			text = quoted(text)
		}
		p.line(depth, key, text)
		return
	}
	switch f.Kind() {
	case reflect.Struct:
		p.line(depth, key, "")
		p.parts(f, standard, depth+1)
	case reflect.Slice:
		if f.Len() == 0 {
			p.line(depth, key, "[]")
			return
		}
		p.line(depth, key, "")
		for i := range f.Len() {
			p.element(f.Index(i), i, depth+1)
		}
	default: // no unit holds another kind
	}
}

// element writes one element of a list: its fields, the first behind "- ".
func (p *printer) element(v reflect.Value, index, depth int) {
	kind := ""
	if k := v.FieldByName("Kind"); k.IsValid() {
		kind = spellings(k.Type())[k.Uint()]
	}
	before := len(p.text)
	p.parts(v, reflect.ValueOf(standards(v.Type(), kind, index)), depth+1)
	if len(p.text) == before {
		p.line(depth+1, "name", strconv.Quote(""))
	}
	copy(p.text[before+2*depth:], "- ")
}

func inputList(f reflect.Value) string {
	text := ""
	for i := range f.Len() {
		if f.Index(i).Bool() {
			if text != "" {
				text += ", "
			}
			text += spellings(reflect.TypeFor[bess.Input]())[i]
		}
	}
	return "[" + text + "]"
}

// quoted is a text as YAML reads it back, in quotes where it could be taken for something else.
func quoted(s string) string {
	if s == "" {
		return `""`
	}
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if letter || i > 0 && (r >= '0' && r <= '9' || r == ' ' || r == '-' || r == '_' || r == '.') {
			continue
		}
		return strconv.Quote(s)
	}
	switch s {
	case "yes", "no", "true", "false", "null", "on", "off", "True", "False", "Null", "NULL", "TRUE", "FALSE":
		return strconv.Quote(s)
	}
	if s[len(s)-1] == ' ' {
		return strconv.Quote(s)
	}
	return s
}
