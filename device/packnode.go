package device

import (
	"context"
	"fmt"
	"sync"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/can"
)

// PackNode is the other end of a pack's channel: it speaks like the pack of a table and hears its orders. The twin and
// the tests stand on it; it is driven by the same data as the driver.
type PackNode struct {
	table    *PackTable
	voices   []*voice
	hearings []*speech
	inbox    *can.Inbox // of what the unit says

	mutex  sync.Mutex
	view   bess.PackView
	speaks bool
	order  bess.PackCommand
	heard  uint64
}

// voice is one message that the pack sends.
type voice struct {
	message    *can.Message
	protection *can.Protection
	counter    can.Counter
	period     time.Duration
	due        time.Time
	roles      []role
	fixed      []part // signals that tell who it is
	energy     int    // signal of the total energy, -1 without
	pages      []uint64
	page       int
	multiplex  int // -1 without
	values     []can.Value
}

// NewPackNode makes the far end of a pack with this serial number.
func NewPackNode(table *PackTable, serial string) (*PackNode, error) {
	n := &PackNode{table: table}
	roles, err := table.roles()
	if err != nil {
		return nil, err
	}
	if n.hearings, err = table.speeches(); err != nil {
		return nil, err
	}
	if n.inbox, err = can.NewInbox(table.Database, table.Checks); err != nil {
		return nil, err
	}
	for _, m := range table.Database.Messages() {
		cycle, ok := m.CycleTime()
		if !ok || n.hears(m) {
			continue
		}
		v := &voice{message: m, period: cycle, roles: roles[m], energy: -1, multiplex: -1, values: make([]can.Value, len(m.Signals))}
		v.findPages()
		for _, c := range table.Checks {
			if c.Message != m.Name {
				continue
			}
			if v.protection, err = can.NewProtection(m, c); err != nil {
				return nil, err
			}
		}
		n.voices = append(n.voices, v)
	}
	return n, n.introduce(serial)
}

func (n *PackNode) hears(m *can.Message) bool {
	for _, s := range n.hearings {
		if s.message == m {
			return true
		}
	}
	return false
}

func (v *voice) findPages() {
	for i := range v.message.Signals {
		s := &v.message.Signals[i]
		if s.Multiplexer {
			v.multiplex = i
		}
		if s.Multiplexed {
			known := false
			for _, p := range v.pages {
				known = known || p == s.Page
			}
			if !known {
				v.pages = append(v.pages, s.Page)
			}
		}
	}
}

// introduce sets the signals by which the pack tells who it is.
func (n *PackNode) introduce(serial string) error {
	set := func(path string, value float64) error {
		at, err := n.table.dotted(path)
		if err != nil {
			return err
		}
		for _, v := range n.voices {
			if v.message == at.message {
				v.fixed = append(v.fixed, part{signal: at.signal, value: value})
			}
		}
		return nil
	}
	e := &n.table.Evidence
	if e.CellCount != "" {
		if err := set(e.CellCount, float64(n.table.Series)); err != nil {
			return err
		}
	}
	for i, path := range e.Serial {
		letter := 0.0
		if i < len(serial) {
			letter = float64(serial[i])
		}
		if err := set(path, letter); err != nil {
			return err
		}
	}
	if e.Energy == "" {
		return nil
	}
	at, err := n.table.dotted(e.Energy)
	for _, v := range n.voices {
		if err == nil && v.message == at.message {
			v.energy = at.signal
		}
	}
	return err
}

// Publish sets what the pack says from now on; speaks is false while its management system sleeps or is dead.
func (n *PackNode) Publish(v bess.PackView, speaks bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.view, n.speaks = v, speaks
}

// Ordered is what the unit asks of the pack, and how many order frames were heard so far: a number that stands still
// means that nobody asks any more.
func (n *PackNode) Ordered() (order bess.PackCommand, heard uint64) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.order, n.heard
}

// Run speaks and listens on a bus until ctx or the bus ends.
func (n *PackNode) Run(ctx context.Context, bus can.Bus) error {
	err := live(ctx, bus, func(a *can.Arrival) { n.hear(&a.Frame, a.At) }, n.speak)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("serving a %s pack: %w", n.table.Name, err)
}

// hear takes an order frame: a reason holds when all its constants stand in the frame.
func (n *PackNode) hear(frame *can.Frame, at time.Time) {
	message := n.inbox.Accept(frame, at)
	for _, s := range n.hearings {
		if message == nil || s.message != message {
			continue
		}
		samples := make([]can.Sample, len(message.Signals))
		n.inbox.Read(message, samples)
		n.mutex.Lock()
		n.heard++
		n.note(s, samples)
		n.mutex.Unlock()
	}
}

func (n *PackNode) note(s *speech, samples []can.Sample) {
	holds := func(why Why) (said, known bool) {
		said = true
		for _, p := range s.parts {
			if p.why == why {
				known = true
				said = said && samples[p.signal].Valid && samples[p.signal].Physical == p.value
			}
		}
		return said && known, known
	}
	alive, told := holds(WhyAlive)
	if wake, known := holds(WhyWake); known {
		alive, told = wake, true
	}
	if told {
		n.order.Wake = alive
	}
	if said, known := holds(WhyPrecharge); known {
		n.order.Precharge = said
	}
	if said, known := holds(WhyClose); known {
		n.order.Close = said
	}
}

func (n *PackNode) speak(ctx context.Context, bus can.Bus) error {
	for _, v := range n.voices {
		v.due = time.Now().Truncate(v.period) // at once, then on beats that all packs share: a rig of seven wakes up for all of them
	}
	for {
		next := time.Now().Add(time.Second)
		for _, v := range n.voices {
			if !v.due.After(time.Now()) {
				if err := n.say(v, bus); err != nil {
					return err
				}
				v.due = v.due.Add(v.period)
				if late := time.Now(); v.due.Before(late) {
					v.due = late.Truncate(v.period).Add(v.period)
				}
			}
			if v.due.Before(next) {
				next = v.due
			}
		}
		if err := wait(ctx, time.Until(next)); err != nil {
			return err
		}
	}
}

func (n *PackNode) say(v *voice, bus can.Bus) error {
	n.mutex.Lock()
	view, speaks := n.view, n.speaks
	n.mutex.Unlock()
	if !speaks || !v.ready(&view) {
		return nil
	}
	frame, err := v.frame(&view, n.table)
	if err != nil {
		return fmt.Errorf("speaking as a %s pack: %w", n.table.Name, err)
	}
	return bus.Send(frame)
}

// ready reports whether the view has a number for each signal that cannot say "no value": a pack that has not measured yet
// does not speak of it, and nobody may read a raw zero as a temperature.
func (v *voice) ready(view *bess.PackView) bool {
	for i := range v.roles {
		r := &v.roles[i]
		if n := numberOf(view, r.Quantity); n != nil && !v.message.Signals[r.signal].HasNoValue {
			if _, quality := n.get(); quality != bess.Good {
				return false
			}
		}
	}
	return true
}

// frame is the message with the view's values, clamped to what its bits hold, as a real pack does.
func (v *voice) frame(view *bess.PackView, table *PackTable) (can.Frame, error) {
	for i := range v.values {
		v.values[i] = can.Value{Valid: true, Physical: v.message.Signals[i].Physical(0)}
	}
	for i := range v.roles {
		v.put(&v.roles[i], view)
	}
	for _, p := range v.fixed {
		v.set(p.signal, p.value)
	}
	if v.energy >= 0 {
		health := si.Ratio(1)
		if view.SoH.Quality == bess.Good {
			health = view.SoH.Value
		}
		v.set(v.energy, table.Energy.Scale(health).KWh())
	}
	if v.multiplex >= 0 && len(v.pages) > 0 {
		v.values[v.multiplex].Physical = float64(v.pages[v.page%len(v.pages)])
		v.page++
	}
	frame, err := v.message.Encode(v.values)
	if err == nil && v.protection != nil {
		v.protection.Seal(&frame, &v.counter)
	}
	return frame, err
}

func (v *voice) put(r *role, view *bess.PackView) {
	if flag := flagOf(view, r.Quantity); flag != nil {
		if (flag.State == bess.Yes) != r.Invert {
			v.set(r.signal, 1)
		}
		return
	}
	x, quality := numberOf(view, r.Quantity).get()
	if quality != bess.Good {
		v.values[r.signal].Valid = !v.message.Signals[r.signal].HasNoValue
		return
	}
	v.set(r.signal, (x-r.Offset)/r.Scale)
}

func (v *voice) set(signal int, physical float64) {
	s := &v.message.Signals[signal]
	raw, _ := s.Quantise(physical)
	v.values[signal] = can.Value{Valid: true, Physical: s.Physical(raw)}
}
