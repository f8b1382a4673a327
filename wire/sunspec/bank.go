package sunspec

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"reprise/wire/modbus"
)

// Bases are the register addresses at which a SunSpec device may begin, in the order in which they are tried.
func Bases() []uint16 { return []uint16{40000, 0, 50000} }

// marker is "SunS", the two registers before the first model.
func marker() [markerSize]uint16 { return [markerSize]uint16{0x5375, 0x6E53} }

const markerSize = 2

// Bank is a device's side: a chain of models in registers, served as a [modbus.Handler] that answers holding and input
// reads alike and any unit number. Every point begins as "not implemented" except ID, L and the group count. Safe for
// concurrent use.
type Bank struct {
	base     uint16
	now      func() time.Time
	sections []*Section

	mutex   sync.Mutex
	words   []uint16
	places  []place
	onWrite func(s *Section, point int)
	beat    modbus.Heartbeat
	watched struct {
		section *Section
		point   int
		timeout time.Duration
	}
}

var _ modbus.Handler = (*Bank)(nil)

// place says whose a register is.
type place struct {
	section *Section // nil: marker or end model
	point   int
}

// Section is one model of a bank.
type Section struct {
	bank   *Bank
	layout *Layout
	image  []uint16 // the section's part of the bank's registers, from ID on
	first  int      // position in the bank's registers
	limits map[int]interval
}

type interval struct{ min, max float64 }

// NewBank chains models from base on: the marker, the models, the end model. The first must be model 1. now gives the
// time of writes for the heartbeat; pass time.Now in a shell.
func NewBank(base uint16, now func() time.Time, layouts ...*Layout) (*Bank, error) {
	if len(layouts) == 0 || layouts[0].model.ID != 1 {
		return nil, fmt.Errorf("SunSpec bank at %d: the first model must be model 1", base)
	}
	b := &Bank{base: base, now: now}
	size := markerSize
	for _, l := range layouts {
		size += l.size
	}
	size += header
	if int(base)+size > 0x10000 {
		return nil, fmt.Errorf("SunSpec bank at %d: %d registers end beyond address 65535", base, size)
	}
	b.words = make([]uint16, size)
	b.places = make([]place, size)
	suns := marker()
	at := copy(b.words, suns[:])
	for _, l := range layouts {
		s := &Section{bank: b, layout: l, image: b.words[at : at+l.size], first: at, limits: map[int]interval{}}
		b.sections = append(b.sections, s)
		for i := range l.points {
			p := &l.points[i]
			p.setMissing(s.at(i))
			for r := range p.size {
				b.places[at+p.offset+r] = place{s, i}
			}
		}
		s.image[0], s.image[1] = l.model.ID, l.Length()
		if l.model.Group != "" {
			s.image[l.points[l.model.GroupCount].offset] = uint16(l.groups)
		}
		at += l.size
	}
	b.words[at], b.words[at+1] = EndID, 0
	return b, nil
}

// Model finds the first section of a model; nil when the bank has none.
func (b *Bank) Model(id uint16) *Section {
	for _, s := range b.sections {
		if s.layout.model.ID == id {
			return s
		}
	}
	return nil
}

// OnWrite sets the function that is told of every point that a master wrote, in register order, after the whole block
// was stored. It is called without the bank's lock. Set it before serving.
func (b *Bank) OnWrite(told func(s *Section, point int)) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.onWrite = told
}

// Watch makes a point the master's heartbeat: [Bank.Expired] is true unless its value changed within timeout.
func (b *Bank) Watch(s *Section, point int, timeout time.Duration) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.watched.section, b.watched.point, b.watched.timeout = s, point, timeout
}

// Expired is true when a watched heartbeat did not change within its timeout before now, so also before its first
// write. Without a watched heartbeat it is false.
func (b *Bank) Expired(now time.Time) bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.watched.section != nil && b.beat.Expired(now, b.watched.timeout)
}

// ReadRegisters answers a read anywhere inside the chain.
func (b *Bank) ReadRegisters(_ modbus.Kind, _ uint8, addr uint16, into []uint16) error {
	start := int(addr) - int(b.base)
	if start < 0 || start+len(into) > len(b.words) {
		return modbus.IllegalDataAddress
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	copy(into, b.words[start:])
	return nil
}

// WriteRegisters stores a block of whole, writable points completely or not at all. Anything else at those addresses
// is [modbus.IllegalDataAddress]; a value that the point cannot carry, that lies outside its limits or says "not
// implemented" is [modbus.IllegalDataValue], and so is a number whose scale factor the device has not set.
func (b *Bank) WriteRegisters(_ uint8, addr uint16, values []uint16) error {
	start := int(addr) - int(b.base)
	if start < 0 || start+len(values) > len(b.words) {
		return modbus.IllegalDataAddress
	}
	b.mutex.Lock()
	told, err := b.store(start, values)
	b.mutex.Unlock()
	if err != nil || told == nil {
		return err
	}
	for offset := 0; offset < len(values); {
		at := b.places[start+offset]
		told(at.section, at.point)
		offset += at.section.layout.points[at.point].size
	}
	return nil
}

func (b *Bank) store(start int, values []uint16) (told func(*Section, int), err error) {
	for offset := 0; offset < len(values); {
		at := b.places[start+offset]
		if at.section == nil {
			return nil, modbus.IllegalDataAddress
		}
		p := &at.section.layout.points[at.point]
		if !p.Writable || at.section.first+p.offset != start+offset || offset+p.size > len(values) {
			return nil, modbus.IllegalDataAddress
		}
		if !at.section.acceptable(at.point, values[offset:offset+p.size]) {
			return nil, modbus.IllegalDataValue
		}
		offset += p.size
	}
	copy(b.words[start:], values)
	if s := b.watched.section; s != nil {
		p := &s.layout.points[b.watched.point]
		if at := s.first + p.offset; at >= start && at < start+len(values) {
			b.beat.Feed(join(s.at(b.watched.point)), b.now())
		}
	}
	return b.onWrite, nil
}

// acceptable judges what a master wants to write into a point.
func (s *Section) acceptable(i int, words []uint16) bool {
	p := &s.layout.points[i]
	if p.Type == String {
		return true
	}
	count, ok := p.count(words)
	low, high := p.span()
	if !ok || count < low || count > high {
		return false
	}
	physical := count
	if p.scale >= 0 {
		e, ok := s.layout.exponentOf(p, s.image)
		if !ok {
			return false
		}
		physical = scaled(count, e)
	}
	limit, limited := s.limits[i]
	return !limited || physical >= limit.min && physical <= limit.max
}

// at is the registers of point i.
func (s *Section) at(i int) []uint16 {
	p := &s.layout.points[i]
	return s.image[p.offset : p.offset+p.size]
}

// Layout is the section's layout.
func (s *Section) Layout() *Layout { return s.layout }

// Address is the register of the model's ID.
func (s *Section) Address() uint16 { return s.bank.base + uint16(s.first) }

// Limit refuses masters' writes of point i outside min..max (physical); the device's own Set is not limited.
func (s *Section) Limit(i int, min, max float64) {
	s.bank.mutex.Lock()
	defer s.bank.mutex.Unlock()
	s.limits[i] = interval{min, max}
}

// Set stores the device's own value, rounded to the nearest count. Scale factors are set the same way, as exponents,
// and before the points that use them. What does not fit is an error and changes nothing.
func (s *Section) Set(i int, physical float64) error {
	return s.Update(modbus.Setting{Point: i, Physical: physical})
}

// Update stores several of the device's own values so that no master reads some of them new and some old. A value that
// does not fit leaves its own point as it was; the error joins all of them.
func (s *Section) Update(settings ...modbus.Setting) error {
	s.bank.mutex.Lock()
	defer s.bank.mutex.Unlock()
	var failures []error
	for _, v := range settings {
		if v.Point < header {
			failures = append(failures, fmt.Errorf("model %d: ID and L are fixed", s.layout.model.ID))
			continue
		}
		if err := s.layout.encode(v.Point, v.Physical, s.image, s.at(v.Point)); err != nil {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

// SetMissing stores "not implemented".
func (s *Section) SetMissing(i int) {
	s.bank.mutex.Lock()
	defer s.bank.mutex.Unlock()
	if i >= header {
		s.layout.points[i].setMissing(s.at(i))
	}
}

// SetText stores the device's own text.
func (s *Section) SetText(i int, text string) error {
	s.bank.mutex.Lock()
	defer s.bank.mutex.Unlock()
	if p := &s.layout.points[i]; p.Type != String {
		return fmt.Errorf("model %d, point %s is not a string", s.layout.model.ID, p.Name)
	}
	return modbus.EncodeText(text, s.at(i))
}

// Value reads a point as a master would.
func (s *Section) Value(i int) modbus.Value {
	s.bank.mutex.Lock()
	defer s.bank.mutex.Unlock()
	return s.layout.value(i, s.image)
}

// Text reads a string point.
func (s *Section) Text(i int) string {
	s.bank.mutex.Lock()
	defer s.bank.mutex.Unlock()
	return modbus.DecodeText(s.at(i))
}
