package modbus

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Setting is one value to write.
type Setting struct {
	Point    int // number of the point in its table
	Physical float64
}

// Reader is the master's side of a table: it reads and writes points of one unit on a bus. It holds no values, so it
// is as safe for concurrent use as its bus.
type Reader struct {
	bus  Registers
	unit uint8
	m    *Map
}

// NewReader binds a table to a unit on a bus.
func NewReader(bus Registers, unit uint8, m *Map) *Reader { return &Reader{bus: bus, unit: unit, m: m} }

// Map is the table that the reader was made with.
func (r *Reader) Map() *Map { return r.m }

// ReadAll reads every numeric point into values, which has [Map.Len] elements, in the fewest requests that the table
// allows. Points of a request that failed become invalid, the others are good; the error joins all failures.
func (r *Reader) ReadAll(ctx context.Context, values []Value) error {
	if len(values) != r.m.Len() {
		return fmt.Errorf("reading %s: %d values for %d points", r.m.Name(), len(values), r.m.Len())
	}
	clear(values)
	var failures []error
	for _, b := range r.m.blocks {
		words, err := r.read(ctx, b.addr, b.count)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		r.m.scatter(b, words, values)
	}
	return errors.Join(failures...)
}

// scatter decodes one block's points.
func (m *Map) scatter(b block, words []uint16, values []Value) {
	for offset := 0; offset < len(words); {
		i := m.owner[int(b.addr)-int(m.low)+offset]
		if i < 0 {
			offset++
			continue
		}
		size := m.points[i].size
		values[i] = m.Decode(int(i), words[offset:offset+size])
		offset += size
	}
}

// Read reads one numeric point. An answer that says "not available" is a Value with Valid false and no error.
func (r *Reader) Read(ctx context.Context, point int) (Value, error) {
	p := &r.m.points[point]
	words, err := r.read(ctx, p.Address, uint16(p.size))
	if err != nil {
		return Value{}, err
	}
	return r.m.Decode(point, words), nil
}

// ReadText reads a text point.
func (r *Reader) ReadText(ctx context.Context, point int) (string, error) {
	p := &r.m.points[point]
	words, err := r.read(ctx, p.Address, uint16(p.size))
	if err != nil {
		return "", err
	}
	return DecodeText(words), nil
}

func (r *Reader) read(ctx context.Context, addr, count uint16) ([]uint16, error) {
	read := r.bus.ReadHolding
	if r.m.table.InputSpace {
		read = r.bus.ReadInput
	}
	words, err := read(ctx, r.unit, addr, count)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", r.m.Name(), err)
	}
	if len(words) != int(count) {
		return nil, fmt.Errorf("reading %s: %w: %d registers instead of %d", r.m.Name(), ErrFrame, len(words), count)
	}
	return words, nil
}

// Write writes settings. All are checked before anything is sent. Points that touch go into one request, in address
// order, which the slave applies completely or not at all; points apart take further requests, and an error among
// them leaves the earlier ones written.
func (r *Reader) Write(ctx context.Context, settings ...Setting) error {
	for _, s := range settings {
		if r.m.points[s.Point].Access != ReadWrite {
			return fmt.Errorf("writing %s: point %s is read-only", r.m.Name(), r.m.points[s.Point].Name)
		}
	}
	blocks := make([]Block, len(settings))
	for i, s := range settings {
		p := &r.m.points[s.Point]
		var words [2]uint16
		if err := r.m.Encode(s.Point, s.Physical, words[:min(p.size, 2)]); err != nil {
			return fmt.Errorf("writing %s: %w", r.m.Name(), err)
		}
		blocks[i] = Block{Address: p.Address, Values: slices.Clone(words[:p.size])}
	}
	blocks, err := Gather(blocks)
	if err != nil {
		return fmt.Errorf("writing %s: %w", r.m.Name(), err)
	}
	for _, b := range blocks {
		if err := r.bus.WriteHolding(ctx, r.unit, b.Address, b.Values); err != nil {
			return fmt.Errorf("writing %s: %w", r.m.Name(), err)
		}
	}
	return nil
}

// Block is registers to write together.
type Block struct {
	Address uint16
	Values  []uint16
}

// Gather sorts blocks by address and joins those that touch, so that they travel in one request, as long as one
// request can carry them. Blocks that overlap are an error: the same register would be set twice.
func Gather(blocks []Block) ([]Block, error) {
	sorted := slices.Clone(blocks)
	slices.SortStableFunc(sorted, func(a, b Block) int { return int(a.Address) - int(b.Address) })
	var joined []Block
	for _, b := range sorted {
		if n := len(joined); n > 0 {
			last := &joined[n-1]
			end := int(last.Address) + len(last.Values)
			if end > int(b.Address) {
				return nil, fmt.Errorf("%w: register %d is set twice", ErrRequest, b.Address)
			}
			if end == int(b.Address) && len(last.Values)+len(b.Values) <= MaxWrite {
				last.Values = slices.Concat(last.Values, b.Values)
				continue
			}
		}
		joined = append(joined, b)
	}
	return joined, nil
}

// WriteText writes a text point.
func (r *Reader) WriteText(ctx context.Context, point int, text string) error {
	p := &r.m.points[point]
	if p.Access != ReadWrite || p.Type != Text {
		return fmt.Errorf("writing %s: point %s is not writable text", r.m.Name(), p.Name)
	}
	words := make([]uint16, p.size)
	if err := EncodeText(text, words); err != nil {
		return fmt.Errorf("writing %s, point %s: %w", r.m.Name(), p.Name, err)
	}
	if err := r.bus.WriteHolding(ctx, r.unit, p.Address, words); err != nil {
		return fmt.Errorf("writing %s: %w", r.m.Name(), err)
	}
	return nil
}
