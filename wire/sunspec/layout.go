package sunspec

import (
	"fmt"
	"strings"
)

// Type is how a point lies in its registers.
type Type uint8

// The SunSpec types that the models here use.
const (
	Uint16 Type = iota
	Int16
	Enum16
	Bitfield16
	Count
	ScaleFactor // power of ten, -10..10
	Pad         // no value
	Uint32
	Int32
	Bitfield32
	Uint64
	String
)

// String is the type's SunSpec name.
func (t Type) String() string {
	names := [...]string{"uint16", "int16", "enum16", "bitfield16", "count", "sunssf", "pad", "uint32", "int32",
		"bitfield32", "uint64", "string"}
	if int(t) < len(names) {
		return names[t]
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// Point is one entry of a model.
type Point struct {
	Name string
	Type Type
	// Size is the number of registers of a String.
	Size int
	// Scale names the point that holds the exponent; empty for none.
	Scale    string
	Unit     string
	Writable bool
	// Symbols names the values 0, 1, 2, ... of an Enum16; a server refuses any other value.
	Symbols []string
	Doc     string
}

func (p Point) registers() int {
	switch p.Type {
	case Uint32, Int32, Bitfield32:
		return 2
	case Uint64:
		return 4
	case String:
		return p.Size
	default:
		return 1
	}
}

// Model is a SunSpec model: its points in register order, beginning with ID and L, and optionally one group of points
// that is repeated after them.
type Model struct {
	ID     uint16
	Name   string
	Doc    string
	Points []Point
	// Group is the name of the repeated group, empty for none; GroupCount is the point that tells how many there are.
	Group       string
	GroupCount  int
	GroupPoints []Point
}

// Repeated is the number, within a layout, of point of the group-th repetition (from 0).
func (m Model) Repeated(group, point int) int {
	return len(m.Points) + group*len(m.GroupPoints) + point
}

// EndID is the model number that ends the chain.
const EndID = 0xFFFF

// Models returns every model that this package knows, in order.
func Models() []Model {
	return []Model{Common(), ACMeasurement(), Capacity(), EnterService(), ACControls(), StorageCapacity(),
		DCMeasurement(), Control()}
}

// known finds a model by number.
func known(id uint16) (Model, bool) {
	for _, m := range Models() {
		if m.ID == id {
			return m, true
		}
	}
	return Model{}, false
}

// header is the registers of ID and L, which the model length does not count.
const header = 2

// Layout is a model with a given number of repeated groups, its points placed in registers. It is immutable.
type Layout struct {
	model  Model
	groups int
	points []placed
	index  map[string]int
	size   int // registers, header included
}

// placed is a point with its place; offset counts from the model's ID register.
type placed struct {
	Point
	offset, size int
	scale        int // number of the exponent's point, -1 for none
}

// Layout places the model's points. groups is 0 for a model without a repeated group.
func (m Model) Layout(groups int) (*Layout, error) {
	l := &Layout{model: m, groups: groups, index: make(map[string]int)}
	if groups < 0 || groups > 0 && m.Group == "" {
		return nil, fmt.Errorf("SunSpec model %d: %d repetitions of a group that it does not have", m.ID, groups)
	}
	for _, p := range m.Points {
		l.place(p.Name, p)
	}
	for g := range groups {
		for _, p := range m.GroupPoints {
			l.place(fmt.Sprintf("%s[%d].%s", m.Group, g, p.Name), p)
		}
	}
	if l.size > 0x10000 {
		return nil, fmt.Errorf("SunSpec model %d: %d registers with %d groups", m.ID, l.size, groups)
	}
	for i := range l.points {
		p := &l.points[i]
		p.scale = -1
		if p.Scale == "" {
			continue
		}
		scale, ok := l.index[p.Scale]
		if !ok || l.points[scale].Type != ScaleFactor {
			return nil, fmt.Errorf("SunSpec model %d, point %s: no scale factor %q", m.ID, p.Name, p.Scale)
		}
		p.scale = scale
	}
	return l, nil
}

func (l *Layout) place(name string, p Point) {
	l.index[name] = len(l.points)
	size := p.registers()
	p.Name = name
	l.points = append(l.points, placed{Point: p, offset: l.size, size: size})
	l.size += size
}

// layoutOf places a model as a device announces it: its length decides how many groups there are.
func layoutOf(m Model, length uint16) (*Layout, error) {
	fixed, group := -header, 0
	for _, p := range m.Points {
		fixed += p.registers()
	}
	for _, p := range m.GroupPoints {
		group += p.registers()
	}
	groups := 0
	if group > 0 && int(length) > fixed {
		groups = (int(length) - fixed) / group
	}
	return m.Layout(groups)
}

// Model is the layout's model.
func (l *Layout) Model() Model { return l.model }

// Len is the number of points.
func (l *Layout) Len() int { return len(l.points) }

// Point describes point i; points of a group are named like "Prt[0].DCV".
func (l *Layout) Point(i int) Point { return l.points[i].Point }

// Offset is the register of point i, counted from the model's ID register.
func (l *Layout) Offset(i int) int { return l.points[i].offset }

// Length is the model's L: its registers without ID and L.
func (l *Layout) Length() uint16 { return uint16(l.size - header) }

// Index finds a point by name.
func (l *Layout) Index(name string) (int, error) {
	i, ok := l.index[name]
	if !ok {
		return 0, fmt.Errorf("SunSpec model %d has no point %q", l.model.ID, name)
	}
	return i, nil
}

// Manual renders the layout as a Markdown section.
func (l *Layout) Manual() string {
	var s strings.Builder
	fmt.Fprintf(&s, "## SunSpec model %d, %s\n\nHolds %s. %d registers after ID and L.\n\n", l.model.ID, l.model.Name,
		l.model.Doc, l.Length())
	s.WriteString("| offset | name | type | scale factor | unit | access | meaning |\n|---:|---|---|---|---|---|---|\n")
	for i := range l.points {
		p := &l.points[i]
		access, kind, doc := "r", p.Type.String(), p.Doc
		if p.Writable {
			access = "rw"
		}
		if p.Type == String {
			kind = fmt.Sprintf("string, %d characters", 2*p.size)
		}
		for value, symbol := range p.Symbols {
			separator := ", "
			if value == 0 {
				separator = ": "
			}
			doc += fmt.Sprintf("%s%d %s", separator, value, symbol)
		}
		fmt.Fprintf(&s, "| %d | `%s` | %s | %s | %s | %s | %s |\n", p.offset, p.Name, kind, p.Scale, p.Unit, access,
			strings.ReplaceAll(doc, "|", "\\|"))
	}
	return s.String()
}
