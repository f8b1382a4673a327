package sunspec

import (
	"context"
	"errors"
	"fmt"

	"reprise/wire/modbus"
)

// ErrNotSunSpec: none of the base addresses holds the SunSpec marker.
var ErrNotSunSpec = errors.New("no SunSpec marker")

// Device is what discovery found at a unit.
type Device struct {
	// Base is the address of the marker.
	Base uint16
	// Blocks are the models in the order of the chain, unknown ones included.
	Blocks []*Block
	// Ended tells whether the chain ended with the end model. Without, the device refused the address after the last
	// model, which many do.
	Ended bool
}

// Block is one model of a device as its client sees it: where it lies and what was last read. Not safe for concurrent
// use; the bus below is.
type Block struct {
	// ID is the model number, Address the register of its ID, Length its L.
	ID      uint16
	Address uint16
	Length  uint16

	bus    modbus.Registers
	unit   uint8
	layout *Layout  // nil: a model that this package does not know
	image  []uint16 // from ID on, Length+2 registers
	have   []bool   // per point: its registers were read and the last read of them succeeded
}

// maxModels bounds the walk through a chain that never ends.
const maxModels = 128

// Discover looks for the marker at the known bases and walks the chain of models. A base that the device refuses is
// passed over; a transport error ends the search, since it says nothing about the address.
func Discover(ctx context.Context, bus modbus.Registers, unit uint8) (*Device, error) {
	for _, base := range Bases() {
		words, err := bus.ReadHolding(ctx, unit, base, 2)
		var refused *modbus.ResponseError
		switch {
		case errors.As(err, &refused):
			continue
		case err != nil:
			return nil, fmt.Errorf("looking for SunSpec at unit %d: %w", unit, err)
		case len(words) == 2 && [2]uint16(words) == marker():
			d := &Device{Base: base}
			return d, d.walk(ctx, bus, unit)
		}
	}
	return nil, fmt.Errorf("looking for SunSpec at unit %d, registers %v: %w", unit, Bases(), ErrNotSunSpec)
}

// walk follows the chain. On an error the blocks found so far stay.
func (d *Device) walk(ctx context.Context, bus modbus.Registers, unit uint8) error {
	at := int(d.Base) + markerSize
	for range maxModels {
		if at+header > 0x10000 {
			return fmt.Errorf("SunSpec chain of unit %d runs beyond address 65535", unit)
		}
		words, err := bus.ReadHolding(ctx, unit, uint16(at), header)
		if errors.Is(err, modbus.IllegalDataAddress) && len(d.Blocks) > 0 {
			return nil
		}
		if err == nil && len(words) != header {
			err = fmt.Errorf("%w: %d registers instead of %d", modbus.ErrFrame, len(words), header)
		}
		if err != nil {
			return fmt.Errorf("SunSpec chain of unit %d after %d models: %w", unit, len(d.Blocks), err)
		}
		if words[0] == EndID {
			d.Ended = true
			return nil
		}
		b := &Block{ID: words[0], Address: uint16(at), Length: words[1], bus: bus, unit: unit}
		if at += header + int(b.Length); at > 0x10000 {
			return fmt.Errorf("SunSpec model %d at %d of unit %d: length %d runs beyond address 65535",
				b.ID, b.Address, unit, b.Length)
		}
		if err := b.prepare(); err != nil {
			return err
		}
		d.Blocks = append(d.Blocks, b)
	}
	return fmt.Errorf("SunSpec chain of unit %d: no end after %d models", unit, maxModels)
}

func (b *Block) prepare() error {
	model, ok := known(b.ID)
	if !ok {
		return nil
	}
	layout, err := layoutOf(model, b.Length)
	if err != nil {
		return err
	}
	b.layout = layout
	b.image = make([]uint16, min(layout.size, header+int(b.Length)))
	b.have = make([]bool, len(layout.points))
	return nil
}

// Model finds the first block of a model; nil when the device has none.
func (d *Device) Model(id uint16) *Block {
	for _, b := range d.Blocks {
		if b.ID == id {
			return b
		}
	}
	return nil
}

// Layout is the block's layout; nil for a model that this package does not know.
func (b *Block) Layout() *Layout { return b.layout }

// Read reads the whole model.
func (b *Block) Read(ctx context.Context) error {
	if b.layout == nil {
		return fmt.Errorf("reading SunSpec model %d at %d: its points are not known", b.ID, b.Address)
	}
	return b.ReadPoints(ctx, 0, len(b.layout.points)-1)
}

// ReadPoints reads the points first..last, for values that are polled often; scale factors keep what was read before.
// Points whose read failed are invalid until they are read again.
func (b *Block) ReadPoints(ctx context.Context, first, last int) error {
	if b.layout == nil || first < 0 || last >= len(b.layout.points) || first > last {
		return fmt.Errorf("reading SunSpec model %d at %d: no points %d..%d", b.ID, b.Address, first, last)
	}
	clear(b.have[first : last+1])
	for first <= last {
		next := b.chunk(first, last)
		if next == first {
			return nil // beyond the length that the device announced
		}
		from := b.layout.points[first].offset
		end := b.layout.points[next-1]
		count := end.offset + end.size - from
		words, err := b.bus.ReadHolding(ctx, b.unit, b.Address+uint16(from), uint16(count))
		if err != nil {
			return fmt.Errorf("reading SunSpec model %d: %w", b.ID, err)
		}
		if len(words) != count {
			return fmt.Errorf("reading SunSpec model %d: %w: %d registers instead of %d", b.ID, modbus.ErrFrame,
				len(words), count)
		}
		copy(b.image[from:], words)
		for i := first; i < next; i++ {
			b.have[i] = true
		}
		first = next
	}
	return nil
}

// chunk is the point after the last one that one request can read together with first.
func (b *Block) chunk(first, last int) int {
	from := b.layout.points[first].offset
	next := first
	for next <= last {
		p := &b.layout.points[next]
		if p.offset+p.size > len(b.image) || p.offset+p.size-from > modbus.MaxRead {
			break
		}
		next++
	}
	return next
}

// Value is point i as last read, scaled. It is invalid when it was never read, when its last read failed, when the
// device does not implement it or its scale factor, and for strings.
func (b *Block) Value(i int) modbus.Value {
	if !b.read(i) {
		return modbus.Value{}
	}
	return b.layout.value(i, b.image)
}

// read tells whether a point and what it needs were read.
func (b *Block) read(i int) bool {
	if b.layout == nil || i < 0 || i >= len(b.have) || !b.have[i] {
		return false
	}
	scale := b.layout.points[i].scale
	return scale < 0 || b.have[scale]
}

// Bits is point i as last read, exactly and without scaling: bit fields, enumerations, 64-bit counters. false when
// there is none.
func (b *Block) Bits(i int) (uint64, bool) {
	if !b.read(i) {
		return 0, false
	}
	p := &b.layout.points[i]
	return p.pattern(b.image[p.offset : p.offset+p.size])
}

// Text is a string point as last read; empty when there is none.
func (b *Block) Text(i int) string {
	if !b.read(i) || b.layout.points[i].Type != String {
		return ""
	}
	p := &b.layout.points[i]
	return modbus.DecodeText(b.image[p.offset : p.offset+p.size])
}

// Write writes settings, rounded to the nearest count of the device's own scale factors. All are checked before
// anything is sent; points that touch travel in one request, others one after another.
func (b *Block) Write(ctx context.Context, settings ...modbus.Setting) error {
	blocks := make([]modbus.Block, len(settings))
	for n, s := range settings {
		if b.layout == nil || s.Point < 0 || s.Point >= len(b.layout.points) {
			return fmt.Errorf("writing SunSpec model %d at %d: no point %d", b.ID, b.Address, s.Point)
		}
		p := &b.layout.points[s.Point]
		if !p.Writable || p.offset+p.size > len(b.image) {
			return fmt.Errorf("writing SunSpec model %d: point %s cannot be written", b.ID, p.Name)
		}
		if p.scale >= 0 && !b.have[p.scale] {
			return fmt.Errorf("writing SunSpec model %d, point %s: read its scale factor %s first", b.ID, p.Name, p.Scale)
		}
		words := make([]uint16, p.size)
		if err := b.layout.encode(s.Point, s.Physical, b.image, words); err != nil {
			return fmt.Errorf("writing SunSpec %w", err)
		}
		blocks[n] = modbus.Block{Address: b.Address + uint16(p.offset), Values: words}
	}
	blocks, err := modbus.Gather(blocks)
	if err != nil {
		return fmt.Errorf("writing SunSpec model %d: %w", b.ID, err)
	}
	for _, w := range blocks {
		if err := b.bus.WriteHolding(ctx, b.unit, w.Address, w.Values); err != nil {
			return fmt.Errorf("writing SunSpec model %d: %w", b.ID, err)
		}
	}
	return nil
}
