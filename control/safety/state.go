package safety

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"reprise/bess"
)

// MaxAlarms is the most that a verdict tells at once. What is beyond is
// counted in one alarm of its own.
const MaxAlarms = 64

// Mark is where a rule stands on one subject: a set of bits.
type Mark uint8

// Bits of a mark. A row that was never known, or is known and fine, has none
// but Seen.
const (
	Seen       Mark = 1 << iota // the signal has been known
	Qualifying                  // over the limit or unknown, not yet long enough
	Acting                      // holds its subject
	Blind                       // because the signal is unknown
	Gone                        // acting, but the condition is not there any more
	Mute                        // acting, and the signal is not known now
)

// Timer is what a row that is not quiet remembers of one subject.
type Timer struct {
	Since bess.Instant // qualifying or acting since
	Gone  bess.Instant // condition absent since, with the bit Gone
	Value float64      // the last offending value, in the rule's unit
}

// State is what safety remembers: latches, running times. It survives restarts.
type State struct {
	Marks  []Mark  // per row and subject, in the order of the unit's table
	Timers []Timer // beside Marks
	Traces []Trace // per pack
	Awake  int     // marks other than Seen
	Ticks  uint64
	Last   bess.Instant
	Wall   int64 // wall time at Last, ms
	Begun  bool

	Absence bess.Absence

	table  *table
	eye    look
	acting []int // scratch: rows that act in this tick
}

// table is the rules laid out for one unit; it never changes.
type table struct {
	rules  []Rule
	blocks [subjectKinds]int   // first cell of a kind
	counts [subjectKinds]int   // subjects of a kind
	rows   [subjectKinds][]row // those that only inform stand first
	seldom [subjectKinds]int   // how many do
	limits []float64           // per cell
	bounds []float64           // limits with the sign of their row
	convOf []int               // per pack: its converter, or bess.Nobody
}

// row is what the sweep needs of a rule.
type row struct {
	signal func(x *look) (float64, bool)
	rule   *Rule
	sign   float64 // 1 for a row that acts above its limit, -1 below: value*sign <= limit*sign is fine, exactly
	again  bool    // same signal as the row before
}

const subjectKinds = int(bess.OfBus) + 1

func subjects(u *bess.Unit) [subjectKinds]int {
	return [subjectKinds]int{
		bess.OfUnit: 1, bess.OfPack: len(u.Packs), bess.OfConverter: len(u.Converters), bess.OfInverter: 1,
		bess.OfFeeder: len(u.Feeders), bess.OfCircuit: len(u.Circuits), bess.OfOutlet: len(u.Outlets),
		bess.OfIO: 1, bess.OfBus: 1,
	}
}

func newTable(u *bess.Unit) *table {
	t := &table{rules: Rules(), counts: subjects(u), convOf: make([]int, len(u.Packs))}
	for i := range t.convOf {
		t.convOf[i] = bess.Nobody
	}
	for c := range u.Converters {
		if p := u.Converters[c].Pack; p >= 0 && int(p) < len(u.Packs) {
			t.convOf[p] = c
		}
	}
	for _, only := range []bool{true, false} {
		last := -2
		for k := range t.rules {
			r := &t.rules[k]
			if informs(r) == only {
				t.rows[r.Subject] = append(t.rows[r.Subject], row{
					signal: r.signal, rule: r, sign: sign(r), again: r.again && last == k-1,
				})
				last = k
			}
		}
	}
	for kind, n := range t.counts {
		t.blocks[kind] = len(t.limits)
		for i := range n {
			for _, r := range t.rows[kind] {
				limit := r.rule.limit(u, i)
				t.limits, t.bounds = append(t.limits, limit), append(t.bounds, float64(limit*r.sign))
			}
		}
		for _, r := range t.rows[kind] {
			if informs(r.rule) {
				t.seldom[kind]++
			}
		}
	}
	return t
}

func sign(r *Rule) float64 {
	if r.Above {
		return 1
	}
	return -1
}

// informs reports whether a row only informs, and in no hurry.
func informs(r *Rule) bool {
	return r.Level == bess.LevelInform && r.Qualify >= bess.Second && !r.NoCharge
}

// cell is where a rule's mark on a subject lies, or false.
func (t *table) cell(id bess.RuleID, subject int) (int, bool) {
	for kind, n := range t.counts {
		for k, r := range t.rows[kind] {
			if r.rule.ID == id {
				return t.blocks[kind] + subject*len(t.rows[kind]) + k, subject >= 0 && subject < n
			}
		}
	}
	return 0, false
}

// at is the rule and the subject of a cell.
func (t *table) at(cell int) (*Rule, bess.Subject) {
	kind := 0
	for k := range t.blocks {
		if t.counts[k]*len(t.rows[k]) > 0 && cell >= t.blocks[k] {
			kind = k
		}
	}
	n := len(t.rows[kind])
	at := cell - t.blocks[kind]
	return t.rows[kind][at%n].rule, bess.Subject{Kind: bess.SubjectKind(kind), Index: at / n}
}

// New is a state without any latch, sized for the unit.
func New(u *bess.Unit) State {
	t := newTable(u)
	return State{
		Marks:  make([]Mark, len(t.limits)),
		Timers: make([]Timer, len(t.limits)),
		Traces: make([]Trace, len(u.Packs)),
		table:  t,
		acting: make([]int, 0, len(t.limits)),
	}
}

// CopyFrom makes s equal to o without sharing memory but for the constant
// table. Both are of the same unit.
func (s *State) CopyFrom(o *State) {
	if s.Awake > 0 || o.Awake > 0 {
		copy(s.Timers, o.Timers)
	}
	copy(s.Marks, o.Marks)
	copy(s.Traces, o.Traces)
	s.Awake, s.Ticks, s.Last, s.Wall, s.Begun, s.Absence = o.Awake, o.Ticks, o.Last, o.Wall, o.Begun, o.Absence
}

// AppendHash appends all of the state: rows by rule and subject, floats as IEEE
// bits, little endian.
func (s *State) AppendHash(b []byte) []byte {
	little := binary.LittleEndian
	b = little.AppendUint64(b, s.Ticks)
	b = little.AppendUint64(b, uint64(s.Last))
	b = little.AppendUint64(b, uint64(s.Wall))
	b = append(b, bit(s.Begun))
	b = little.AppendUint64(b, uint64(s.Absence.Back))
	b = little.AppendUint64(b, uint64(s.Absence.Away))
	b = little.AppendUint32(b, uint32(len(s.Traces)))
	for i := range s.Traces {
		t := &s.Traces[i]
		b = append(b, bit(t.Begun), bit(t.Told))
		b = little.AppendUint64(b, uint64(t.At))
		b = little.AppendUint64(b, math.Float64bits(t.Hot))
		b = little.AppendUint64(b, math.Float64bits(t.Rise))
	}
	count := len(b)
	b = little.AppendUint32(b, 0)
	records := uint32(0)
	for cell, m := range s.Marks {
		if m == 0 {
			continue
		}
		records++
		r, subject := s.table.at(cell)
		b = little.AppendUint16(b, uint16(r.ID))
		b = little.AppendUint32(b, uint32(subject.Index))
		b = append(b, byte(m))
		if m != Seen {
			t := &s.Timers[cell]
			b = little.AppendUint64(b, uint64(t.Since))
			b = little.AppendUint64(b, uint64(t.Gone))
			b = little.AppendUint64(b, math.Float64bits(t.Value))
		}
	}
	little.PutUint32(b[count:], records)
	return b
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// MarshalBinary writes the state for a checkpoint. Rows are written by rule
// and subject, so that a latch survives a change of the table.
func (s *State) MarshalBinary() ([]byte, error) { return s.AppendHash(nil), nil }

// UnmarshalBinary reads a checkpoint into a state made by New for the same
// unit. A latch of a rule that this build does not know is an error: it must
// not be forgotten in silence.
func (s *State) UnmarshalBinary(b []byte) error {
	if s.table == nil {
		return errors.New("reading the safety checkpoint: the state was not made for a unit: call New first")
	}
	r := reader{b: b}
	s.Ticks, s.Last, s.Wall, s.Begun = r.u64(), bess.Instant(r.u64()), int64(r.u64()), r.u8() == 1
	s.Absence = bess.Absence{Last: s.Last, Back: bess.Instant(r.u64()), Away: bess.Span(r.u64())}
	if n := int(r.u32()); n != len(s.Traces) {
		return fmt.Errorf("reading the safety checkpoint: it holds %d packs, the unit has %d: start without it", n, len(s.Traces))
	}
	for i := range s.Traces {
		t := &s.Traces[i]
		t.Begun, t.Told = r.u8() == 1, r.u8() == 1
		t.At, t.Hot, t.Rise = bess.Instant(r.u64()), r.f64(), r.f64()
	}
	clear(s.Marks)
	clear(s.Timers)
	s.Awake = 0
	records := r.u32()
	for ; records > 0 && !r.short; records-- {
		id, index, m := bess.RuleID(r.u16()), int(int32(r.u32())), Mark(r.u8())
		var t Timer
		if m != Seen {
			t = Timer{Since: bess.Instant(r.u64()), Gone: bess.Instant(r.u64()), Value: r.f64()}
		}
		cell, ok := s.table.cell(id, index)
		switch {
		case ok:
			s.Marks[cell], s.Timers[cell] = m, t
			if m&^Seen != 0 {
				s.Awake++
			}
		case m&Acting != 0:
			return fmt.Errorf("reading the safety checkpoint: rule %d acts on part %d but this build has no such row: start without it", id, index)
		}
	}
	if r.short || len(r.b) > 0 {
		return errors.New("reading the safety checkpoint: it is cut or too long: start without it")
	}
	return nil
}

// reader takes numbers off a checkpoint.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if len(r.b) < n {
		r.short, r.b = true, nil
		return make([]byte, n)
	}
	head := r.b[:n]
	r.b = r.b[n:]
	return head
}

func (r *reader) u8() byte     { return r.take(1)[0] }
func (r *reader) u16() uint16  { return binary.LittleEndian.Uint16(r.take(2)) }
func (r *reader) u32() uint32  { return binary.LittleEndian.Uint32(r.take(4)) }
func (r *reader) u64() uint64  { return binary.LittleEndian.Uint64(r.take(8)) }
func (r *reader) f64() float64 { return math.Float64frombits(r.u64()) }

// Changed reports whether a latch was set or cleared since o, the state of the
// tick before: such a change must become durable. Rules that clear by
// themselves need no record.
func (s *State) Changed(o *State) bool {
	if s.Awake == 0 && o.Awake == 0 || len(s.Marks) != len(o.Marks) {
		return len(s.Marks) != len(o.Marks)
	}
	for cell, m := range s.Marks {
		if latched(m) != latched(o.Marks[cell]) {
			if r, _ := s.table.at(cell); r.Latches() {
				return true
			}
		}
	}
	return false
}

// latched reports whether a row acts on what was seen, not on an unknown.
func latched(m Mark) bool { return m&(Acting|Blind) == Acting }
