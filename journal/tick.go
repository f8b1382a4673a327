package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"reprise/bess"
)

// Tick is one tick as kept: all that the controller was given, and what came
// out of the tick before.
type Tick struct {
	Number   uint64 // of the state that this tick leads to
	Snapshot *bess.Snapshot
	Requests []bess.Request
	Plan     *bess.Plan // nil on nearly every tick
	Ordered  *bess.Commands
	Chain    [8]byte // of the run's digest after the tick before
	Key      bool    // the comparison begins anew here; set by the encoder
}

// Bits of a tick's first byte.
const (
	flagKey = 1 << iota
	flagRequests
	flagPlan
	flagEnd // one more than the highest
)

// image holds the words of the last tick and of this one.
type image struct {
	unit      *bess.Unit
	now, last words
	at        bess.Instant // of the last tick
	number    uint64       // of the last tick
}

// newImage learns the list of words of a unit's ticks.
func newImage(u *bess.Unit) *image {
	m := &image{unit: u}
	m.now.learn = true
	s, c := bess.NewSnapshot(u), bess.NewCommands(u)
	m.now.snapshot(&s)
	m.now.commands(&c)
	m.now.learn = false
	m.last.list = make([]uint64, len(m.now.list))
	m.forget()
	return m
}

// forget lets the comparison begin from zero.
func (m *image) forget() {
	clear(m.last.list)
	m.at, m.number = 0, 0
}

// append writes a tick behind b. It allocates only when b is too short.
func (m *image) append(b []byte, t *Tick) []byte {
	flags := byte(0)
	if t.Key {
		flags |= flagKey
		m.forget()
	}
	if len(t.Requests) > 0 {
		flags |= flagRequests
	}
	if t.Plan != nil {
		flags |= flagPlan
	}
	at := t.Snapshot.Now
	b = append(b, flags)
	b = binary.AppendVarint(b, int64(t.Number-m.number))
	b = binary.AppendVarint(b, int64(at-m.at))
	b = append(b, t.Chain[:]...)
	m.now.next = 0
	m.now.snapshot(t.Snapshot)
	m.now.commands(t.Ordered)
	b = m.appendChanges(b, uint64(at))
	m.now.list, m.last.list = m.last.list, m.now.list
	m.at, m.number = at, t.Number
	if len(t.Requests) > 0 {
		b = appendRequests(b, t.Requests)
	}
	if t.Plan != nil {
		b = appendPlan(b, t.Plan)
	}
	return b
}

// appendChanges writes groups of 64 words: the mask of those that changed,
// then their new values.
func (m *image) appendChanges(b []byte, at uint64) []byte {
	now, last, kinds := m.now.list, m.last.list, m.now.kinds
	last, kinds = last[:len(now)], kinds[:len(now)]
	for from := 0; from < len(now); from += 64 {
		to := min(from+64, len(now))
		mask := uint64(0)
		for i := from; i < to; i++ {
			if now[i] != last[i] {
				mask |= 1 << (i - from)
			}
		}
		b = binary.LittleEndian.AppendUint64(b, mask)
		for ; mask != 0; mask &= mask - 1 {
			i := from + bits.TrailingZeros64(mask)
			switch kinds[i] {
			case wordBits:
				b = binary.LittleEndian.AppendUint64(b, now[i])
			case wordTime:
				b = binary.AppendVarint(b, int64(now[i]-at))
			case wordCode:
				b = binary.AppendVarint(b, int64(now[i]-last[i]))
			}
		}
	}
	return b
}

// decoder reads ticks of one unit into memory of its own.
type decoder struct {
	image
	snapshot bess.Snapshot
	commands bess.Commands
	begun    bool
}

func newDecoder(u *bess.Unit) *decoder {
	d := &decoder{image: *newImage(u), snapshot: bess.NewSnapshot(u), commands: bess.NewCommands(u)}
	d.now.load = true
	return d
}

// errNoKey is a tick whose comparison began in a part that was not read.
var errNoKey = errors.New("the tick continues a part that is not there")

// tick reads one tick. What it returns is valid until the next call.
func (d *decoder) tick(r *cursor) (*Tick, error) {
	flags := r.byte()
	if flags >= flagEnd {
		return nil, fmt.Errorf("a tick has unknown flags %#x", flags)
	}
	if flags&flagKey != 0 {
		d.forget()
		d.begun = true
	}
	if r.err == nil && !d.begun {
		return nil, errNoKey
	}
	t := &Tick{Key: flags&flagKey != 0, Snapshot: &d.snapshot, Ordered: &d.commands}
	t.Number = d.number + uint64(r.varint())
	at := d.at + bess.Instant(r.varint())
	copy(t.Chain[:], r.bytes(len(t.Chain)))
	d.changes(r, uint64(at))
	if r.err != nil {
		return nil, r.err
	}
	d.now.next = 0
	d.now.snapshot(&d.snapshot)
	d.now.commands(&d.commands)
	d.now.list, d.last.list = d.last.list, d.now.list
	d.snapshot.Now, d.at, d.number = at, at, t.Number
	if flags&flagRequests != 0 {
		t.Requests = r.requests()
	}
	if flags&flagPlan != 0 {
		t.Plan = r.plan()
	}
	return t, r.err
}

func (d *decoder) changes(r *cursor, at uint64) {
	now, last := d.now.list, d.last.list
	copy(now, last)
	for from := 0; from < len(now) && r.err == nil; from += 64 {
		for mask := r.word(); mask != 0; mask &= mask - 1 {
			i := from + bits.TrailingZeros64(mask)
			if i >= len(now) {
				r.fail("a change beyond the last word")
				return
			}
			switch d.now.kinds[i] {
			case wordBits:
				now[i] = r.word()
			case wordTime:
				now[i] = at + uint64(r.varint())
			case wordCode:
				now[i] = last[i] + uint64(r.varint())
			}
		}
	}
}
