package modbus

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Type is how a point lies in its registers.
type Type uint8

// The register types. 32-bit types take two registers, Text takes [Point.Length].
const (
	U16 Type = iota
	S16
	U32
	S32
	F32
	Text
)

// String is the type's name in the manual.
func (t Type) String() string {
	switch t {
	case U16:
		return "u16"
	case S16:
		return "s16"
	case U32:
		return "u32"
	case S32:
		return "s32"
	case F32:
		return "f32"
	case Text:
		return "text"
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// Access says what a master may do with a point.
type Access uint8

// The access rights.
const (
	ReadOnly Access = iota
	ReadWrite
)

// String is the right's name in the manual.
func (a Access) String() string {
	if a == ReadWrite {
		return "rw"
	}
	return "r"
}

// Point is one named quantity in the registers.
type Point struct {
	Name    string
	Address uint16 // zero-based, of the first register
	Type    Type
	// Scale is the physical value of one count: physical = raw x Scale. 0 means 1.
	Scale  float64
	Unit   string // "V", "kW"; empty for counts, states and flags
	Access Access
	// Min and Max limit the physical value, for master and slave alike. Both 0 means whatever the type holds.
	Min, Max float64
	// Length is the number of registers of a Text point, two characters each.
	Length uint16
	// Plain: every pattern is a value. Otherwise the type's "not available" pattern (0xFFFF, 0x8000, 0xFFFFFFFF,
	// 0x80000000, NaN) reads as invalid and cannot be written. Flags and device codes that use all bits are Plain.
	Plain bool
	Doc   string
}

// registers is the number of registers that the point takes.
func (p Point) registers() int {
	switch p.Type {
	case U32, S32, F32:
		return 2
	case Text:
		return int(p.Length)
	default:
		return 1
	}
}

// Table describes a device's registers once, for master, slave and manual.
type Table struct {
	Name   string
	Doc    string
	Points []Point
	// LowWordFirst: 32-bit values have their low word at the lower address, against the usual order.
	LowWordFirst bool
	// InputSpace: the points are input registers (function 4), read-only.
	InputSpace bool
	// Heartbeat names the point whose change is the master's sign of life; empty for none.
	Heartbeat string
	// HeartbeatTimeout is how long the slave trusts an unchanged heartbeat.
	HeartbeatTimeout time.Duration
	// ReadGap is how many registers without a point a master may read across to save a request. 0 for devices that
	// refuse holes; strict devices are common.
	ReadGap uint16
}

// Value is a reading: a number, or the statement that there is none. Physical has no meaning unless Valid.
type Value struct {
	Physical float64
	Valid    bool
}

// ErrRange marks a value that a point cannot carry.
var ErrRange = errors.New("out of range")

// Map is a compiled [Table]: checked, indexed, with its read plan. It is immutable.
type Map struct {
	table  Table
	points []compiled
	index  map[string]int
	blocks []block
	low    uint16  // first address
	owner  []int32 // point number of each register from low on, -1 for holes
	beat   int     // point number of the heartbeat, -1 for none
}

// compiled is a point with its numbers worked out.
type compiled struct {
	Point
	size    int
	scale   float64 // multiply, unless divisor is set
	divisor float64 // divide: 0.1 as /10 gives the nearest double, which x0.1 does not
	rawLow  float64 // limits of the raw value, sentinel excluded by rule, not by limit
	rawHigh float64
}

// block is one read request of the plan.
type block struct {
	addr, count uint16
}

// Compile checks the table and prepares it. The error names the point and what is wrong with it.
func (t Table) Compile() (*Map, error) {
	m := &Map{table: t, index: make(map[string]int, len(t.Points)), beat: -1}
	m.table.Points = slices.Clone(t.Points)
	if len(t.Points) == 0 {
		return nil, fmt.Errorf("register table %s: no points", t.Name)
	}
	for i, p := range t.Points {
		c, err := p.compile(t.InputSpace)
		if err != nil {
			return nil, fmt.Errorf("register table %s, point %d %q: %w", t.Name, i, p.Name, err)
		}
		if _, twice := m.index[p.Name]; twice {
			return nil, fmt.Errorf("register table %s: point name %q stands twice", t.Name, p.Name)
		}
		m.index[p.Name] = i
		m.points = append(m.points, c)
	}
	if err := m.plan(); err != nil {
		return nil, err
	}
	if t.Heartbeat == "" {
		return m, nil
	}
	beat, ok := m.index[t.Heartbeat]
	if !ok || m.points[beat].Access != ReadWrite || m.points[beat].Type == Text || t.HeartbeatTimeout <= 0 {
		return nil, fmt.Errorf("register table %s: heartbeat %q needs a writable number and a positive timeout",
			t.Name, t.Heartbeat)
	}
	m.beat = beat
	return m, nil
}

func (p Point) compile(input bool) (compiled, error) {
	c := compiled{Point: p, size: p.registers(), scale: p.Scale}
	if p.Scale == 0 {
		c.scale = 1
	}
	switch {
	case p.Name == "":
		return c, errors.New("has no name")
	case p.Type > Text:
		return c, fmt.Errorf("unknown %s", p.Type)
	case p.Type == Text && (p.Length == 0 || p.Length > MaxWrite):
		return c, fmt.Errorf("text length %d must be 1..%d registers", p.Length, MaxWrite)
	case int(p.Address)+c.size > 0x10000:
		return c, errors.New("ends beyond address 65535")
	case math.IsNaN(c.scale) || math.IsInf(c.scale, 0) || c.scale < 0:
		return c, fmt.Errorf("scale %v must be positive", p.Scale)
	case !(p.Min <= p.Max):
		return c, fmt.Errorf("limits %v..%v are no interval", p.Min, p.Max)
	case input && p.Access == ReadWrite:
		return c, errors.New("an input register cannot be written")
	}
	if d := math.Round(1 / c.scale); d > 1 && 1/d == c.scale {
		c.divisor = d
	}
	c.rawLow, c.rawHigh = p.Type.span()
	if p.Min != 0 || p.Max != 0 {
		// A limit need not lie on a count: the counts inside it are what may be written.
		low, high := c.toRaw(p.Min), c.toRaw(p.Max)
		if p.Type != F32 {
			const hair = 1e-9
			low, high = math.Ceil(low-hair), math.Floor(high+hair)
		}
		c.rawLow, c.rawHigh = math.Max(c.rawLow, low), math.Min(c.rawHigh, high)
		if c.rawLow > c.rawHigh {
			return c, fmt.Errorf("limits %v..%v hold no value that a %s with scale %v can carry",
				p.Min, p.Max, p.Type, c.scale)
		}
	}
	return c, nil
}

// span is the range of raw values.
func (t Type) span() (low, high float64) {
	switch t {
	case U16:
		return 0, math.MaxUint16
	case S16:
		return math.MinInt16, math.MaxInt16
	case U32:
		return 0, math.MaxUint32
	case S32:
		return math.MinInt32, math.MaxInt32
	default:
		return -math.MaxFloat32, math.MaxFloat32
	}
}

func (c *compiled) toRaw(physical float64) float64 {
	if c.divisor != 0 {
		return physical * c.divisor
	}
	return physical / c.scale
}

func (c *compiled) toPhysical(raw float64) float64 {
	if c.divisor != 0 {
		return raw / c.divisor
	}
	return raw * c.scale
}

// plan lays out the registers and merges neighbouring points into read requests.
func (m *Map) plan() error {
	order := make([]int, len(m.points))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(m.points[a].Address) - int(m.points[b].Address) })
	m.low = m.points[order[0]].Address
	for position, i := range order {
		p := &m.points[i]
		start := int(p.Address) - int(m.low)
		if start < len(m.owner) {
			before := m.points[order[position-1]]
			return fmt.Errorf("register table %s: point %q at %d overlaps %q at %d",
				m.table.Name, p.Name, p.Address, before.Name, before.Address)
		}
		gap := start - len(m.owner)
		for range gap {
			m.owner = append(m.owner, -1)
		}
		for range p.size {
			m.owner = append(m.owner, int32(i))
		}
		if n := len(m.blocks); n > 0 && gap <= int(m.table.ReadGap) &&
			int(p.Address)+p.size-int(m.blocks[n-1].addr) <= MaxRead {
			b := &m.blocks[n-1]
			b.count = uint16(int(p.Address) + p.size - int(b.addr))
			continue
		}
		m.blocks = append(m.blocks, block{addr: p.Address, count: uint16(p.size)})
	}
	return nil
}

// Len is the number of points.
func (m *Map) Len() int { return len(m.points) }

// Point describes point i.
func (m *Map) Point(i int) Point { return m.points[i].Point }

// Index finds a point by name.
func (m *Map) Index(name string) (int, error) {
	i, ok := m.index[name]
	if !ok {
		return 0, fmt.Errorf("register table %s has no point %q", m.table.Name, name)
	}
	return i, nil
}

// Name is the table's name.
func (m *Map) Name() string { return m.table.Name }
