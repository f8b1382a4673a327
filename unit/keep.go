package unit

import (
	"bytes"
	"context"
	"slices"

	"github.com/thejerf/suture/v4"

	"reprise/bess"
	"reprise/control"
	"reprise/store"
)

// keeping is what waits to become durable.
type keeping struct {
	mark    uint64      // of the last batch
	entries []announced // oldest first
	stands  []byte      // what stood at the last checkpoint, see control.State.AppendStanding
	now     []byte      // the same of this tick
	granted []grant     // of this tick, not handed to the store yet
	late    []waiting   // not told for certain, oldest first
}

// grant is a yes that is not told before it is on disk, so that nothing that
// anybody was told is lost with the process.
type grant struct {
	question
	yes bess.Answer
}

// waiting is a grant with the tick at which it is told in any case.
type waiting struct {
	grant
	until uint64
}

// tellAnyway is after how many ticks a yes is told although the disk has not
// answered: what was granted acts, and a disk in trouble has its own alarm.
const tellAnyway = 10

// tell tells it, once.
func (p *grant) tell() {
	select {
	case p.answer <- p.yes:
	default:
	}
}

// confirm hands this tick's grants to the store with the batch that makes them
// durable, and tells those that wait for too long.
func (m *Machine) confirm(b *store.Batch) {
	granted := m.kept.granted
	if len(granted) == 0 {
		return
	}
	m.kept.granted = nil
	b.Done = func() {
		for i := range granted {
			granted[i].tell()
		}
	}
	until := m.state.Tick + tellAnyway
	for _, p := range granted {
		m.kept.late = append(m.kept.late, waiting{p, until})
	}
}

// overdue tells what waits for too long.
func (m *Machine) overdue() {
	n := 0
	for n < len(m.kept.late) && m.kept.late[n].until <= m.state.Tick {
		m.kept.late[n].tell()
		n++
	}
	m.kept.late = slices.Delete(m.kept.late, 0, n)
}

// announced is an entry with the mark that makes it durable.
type announced struct {
	mark  uint64
	entry bess.Entry
}

// keep hands what this tick left to the store, and tells the entries that have
// become durable.
func (m *Machine) keep() {
	s, out := m.state, m.out
	for i := range out.Entries {
		m.kept.entries = append(m.kept.entries, announced{s.Mark, copyEntry(&out.Entries[i])})
	}
	m.announce()
	m.overdue()
	granted := slices.ContainsFunc(out.Answers, func(a bess.Answer) bool { return a.Granted })
	m.kept.now = s.AppendStanding(m.kept.now[:0])
	moved := !bytes.Equal(m.kept.now, m.kept.stands)
	checkpoint := s.Mark != m.kept.mark || moved || granted || control.StateTick(s.Tick)
	if len(out.Events) == 0 && len(out.Entries) == 0 && !checkpoint {
		return
	}
	b := store.Batch{Events: m.tell(), Visits: m.visits(), Asked: m.asked()}
	for i := range out.Entries {
		b.Entries = append(b.Entries, copyEntry(&out.Entries[i]))
	}
	if checkpoint {
		b.Mark, b.State = s.Mark, m.checkpoint()
		m.kept.mark = s.Mark
		m.kept.stands = append(m.kept.stands[:0], m.kept.now...)
	}
	m.confirm(&b)
	b.Notices = m.notices(b.Events)
	if k := m.config.Keeper; k != nil {
		k.Offer(b)
	}
	if len(b.Notices) > 0 {
		select {
		case m.alarms <- struct{}{}:
		default:
		}
	}
}

// keepLast leaves the state as it is when the unit ends in order.
func (m *Machine) keepLast() {
	if k := m.config.Keeper; k != nil {
		k.Offer(store.Batch{Mark: m.state.Mark, State: m.checkpoint()})
	}
}

// announce books the entries that the disk has confirmed.
func (m *Machine) announce() {
	durable := m.state.Mark
	if k := m.config.Keeper; k != nil {
		durable = k.DurableUpTo()
	}
	n := 0
	for n < len(m.kept.entries) && m.kept.entries[n].mark <= durable {
		if m.config.Saving != nil {
			m.config.Saving.Book(&m.kept.entries[n].entry)
		}
		n++
	}
	m.kept.entries = slices.Delete(m.kept.entries, 0, n)
}

func copyEntry(e *bess.Entry) bess.Entry {
	c := *e
	c.Legs = slices.Clone(e.Legs)
	return c
}

// tell puts this tick's events into words.
func (m *Machine) tell() []store.Event {
	list := make([]store.Event, 0, len(m.out.Events))
	for i := range m.out.Events {
		e := &m.out.Events[i]
		t := store.Event{Event: *e, Where: place(m.unit, e.Subject), What: m.sentence(e)}
		if e.Kind == bess.EventRequest {
			for k := range m.in.Requests {
				if r := &m.in.Requests[k]; r.ID == e.Number {
					t.Person = r.Person
					t.Where = place(m.unit, targetOf(r))
				}
			}
		}
		list = append(list, t)
	}
	return list
}

func (m *Machine) visits() []store.Visit {
	var list []store.Visit
	for i := range m.out.Events {
		e := &m.out.Events[i]
		if e.Kind != bess.EventVisit && e.Kind != bess.EventPromise {
			continue
		}
		if v := m.state.Session.Visits[e.Subject.Index]; v.Number != 0 {
			list = append(list, store.Visit{Outlet: e.Subject.Index, Visit: v})
		}
	}
	return list
}

func (m *Machine) asked() []store.Asked {
	var list []store.Asked
	for i := range m.in.Requests {
		for _, a := range m.out.Answers {
			if a.ID == m.in.Requests[i].ID {
				list = append(list, store.Asked{At: m.in.Snapshot.Civil, Request: m.in.Requests[i], Answer: a})
			}
		}
	}
	return list
}

// supervise keeps every connection running. A connection that ends is begun
// again, with pauses when it ends often; a panic passes through.
func (m *Machine) supervise(ctx context.Context) {
	if len(m.config.Ports) == 0 {
		return
	}
	tree := suture.New("connections", suture.Spec{
		PassThroughPanics: true,
		EventHook:         func(e suture.Event) { m.log.Warn("a connection ended", "what", e.String()) },
	})
	for _, p := range m.config.Ports {
		tree.Add(service{p})
	}
	_ = tree.Serve(ctx) // ends with ctx, whose end is no error
}

// service is a port as the supervisor sees it.
type service struct{ port Port }

// Serve runs the port.
func (s service) Serve(ctx context.Context) error { return s.port.Run(ctx) }
