package modbus

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// Heartbeat watches a value that a living master keeps changing. The zero value has never been fed. It is not safe
// for concurrent use.
type Heartbeat struct {
	last  uint64
	at    time.Time
	begun bool
}

// Feed notes a written value: the first one and every changed one is a sign of life at now.
func (h *Heartbeat) Feed(value uint64, now time.Time) {
	if h.begun && value == h.last {
		return
	}
	h.last, h.at, h.begun = value, now, true
}

// Expired is true when no sign of life came within timeout before now, so also before the first one.
func (h *Heartbeat) Expired(now time.Time, timeout time.Duration) bool {
	return !h.begun || now.Sub(h.at) > timeout
}

// Bank is the slave's side of a table: its registers, served as a [Handler]. Points begin as "not available" (Plain
// points as zero, text as empty). It answers holding and input reads alike, and any unit number. Safe for concurrent
// use.
type Bank struct {
	m   *Map
	now func() time.Time

	mutex   sync.Mutex
	words   []uint16 // from m.low on
	beat    Heartbeat
	onWrite func(point int, value Value)
}

var _ Handler = (*Bank)(nil)

// NewBank makes the registers of a table. now gives the time of each write for the heartbeat; pass time.Now in a
// shell.
func NewBank(m *Map, now func() time.Time) *Bank {
	b := &Bank{m: m, now: now, words: make([]uint16, len(m.owner))}
	for i := range m.points {
		m.invalidate(i, b.at(i))
	}
	return b
}

// at is the registers of point i.
func (b *Bank) at(i int) []uint16 {
	p := &b.m.points[i]
	start := int(p.Address) - int(b.m.low)
	return b.words[start : start+p.size]
}

// Map is the bank's table.
func (b *Bank) Map() *Map { return b.m }

// OnWrite sets the function that is told of every point that a master wrote, in address order, after the whole block
// was stored. It is called without the bank's lock, on the connection's goroutine. Set it before serving.
func (b *Bank) OnWrite(told func(point int, value Value)) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.onWrite = told
}

// Set stores the device's own value, rounded to the nearest count; what does not fit is an error and leaves the point
// as it was.
func (b *Bank) Set(point int, physical float64) error {
	return b.Update(Setting{Point: point, Physical: physical})
}

// Update stores several of the device's own values so that no master reads some of them new and some old. A value that
// does not fit leaves its own point as it was; the error joins all of them.
func (b *Bank) Update(settings ...Setting) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	var failures []error
	for _, s := range settings {
		if err := b.m.Encode(s.Point, s.Physical, b.at(s.Point)); err != nil {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

// SetMissing stores "not available".
func (b *Bank) SetMissing(point int) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.m.invalidate(point, b.at(point))
}

// SetText stores the device's own text.
func (b *Bank) SetText(point int, text string) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.m.points[point].Type != Text {
		return fmt.Errorf("point %s of %s is not text", b.m.points[point].Name, b.m.Name())
	}
	return EncodeText(text, b.at(point))
}

// Get reads a point as a master would.
func (b *Bank) Get(point int) Value {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.m.Decode(point, b.at(point))
}

// Text reads a text point.
func (b *Bank) Text(point int) string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return DecodeText(b.at(point))
}

// Expired is true when the table declares a heartbeat and no master changed it within its timeout before now, so also
// before the first heartbeat. A table without one never expires.
func (b *Bank) Expired(now time.Time) bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.m.beat >= 0 && b.beat.Expired(now, b.m.table.HeartbeatTimeout)
}

// ReadRegisters answers a read; a hole in the table is [IllegalDataAddress].
func (b *Bank) ReadRegisters(_ Kind, _ uint8, addr uint16, into []uint16) error {
	start, err := b.m.locate(addr, len(into))
	if err != nil {
		return err
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	copy(into, b.words[start:start+len(into)])
	return nil
}

// locate checks that every register of a block belongs to a point.
func (m *Map) locate(addr uint16, count int) (start int, err error) {
	start = int(addr) - int(m.low)
	if start < 0 || start+count > len(m.owner) {
		return 0, IllegalDataAddress
	}
	for _, i := range m.owner[start : start+count] {
		if i < 0 {
			return 0, IllegalDataAddress
		}
	}
	return start, nil
}

// WriteRegisters stores a block completely or not at all. Holes, read-only points and parts of a point are
// [IllegalDataAddress]; a value outside the limits, or "not available", is [IllegalDataValue].
func (b *Bank) WriteRegisters(_ uint8, addr uint16, values []uint16) error {
	start, err := b.m.locate(addr, len(values))
	if err != nil {
		return err
	}
	for offset := 0; offset < len(values); {
		i := int(b.m.owner[start+offset])
		p := &b.m.points[i]
		if p.Access != ReadWrite || int(p.Address)-int(addr) != offset || offset+p.size > len(values) {
			return IllegalDataAddress
		}
		if err := b.m.validate(i, values[offset:offset+p.size]); err != nil {
			return err
		}
		offset += p.size
	}
	told := b.store(start, values)
	if told == nil {
		return nil
	}
	for offset := 0; offset < len(values); {
		i := int(b.m.owner[start+offset])
		size := b.m.points[i].size
		told(i, b.m.Decode(i, values[offset:offset+size]))
		offset += size
	}
	return nil
}

func (b *Bank) store(start int, values []uint16) func(int, Value) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	copy(b.words[start:], values)
	if beat := b.m.beat; beat >= 0 {
		first := int(b.m.points[beat].Address) - int(b.m.low)
		if first >= start && first < start+len(values) {
			var pattern uint64
			for _, w := range b.at(beat) {
				pattern = pattern<<16 | uint64(w)
			}
			b.beat.Feed(pattern, b.now())
		}
	}
	return b.onWrite
}
