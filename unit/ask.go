package unit

import (
	"context"
	"errors"
	"sync"

	"reprise/bess"
)

// question is a request on its way through the loop.
type question struct {
	request bess.Request
	answer  chan bess.Answer // room for one; nobody may be reading
}

// inbox is where requests wait for the next tick.
type inbox struct {
	mu      sync.Mutex
	waiting []question
	last    uint64 // number given last, by the loop
}

// maxWaiting is how many requests may wait for one tick: more than people can
// make.
const maxWaiting = 64

// Ask lays a request on the desk of the next tick and waits for its answer. The
// request gets its number there; one without an expiry ends ten seconds from
// then. An error means that there was no answer, not that it was no.
func (m *Machine) Ask(ctx context.Context, r bess.Request) (bess.Answer, error) {
	q := question{request: r, answer: make(chan bess.Answer, 1)}
	m.line.mu.Lock()
	if len(m.line.waiting) >= maxWaiting {
		m.line.mu.Unlock()
		return bess.Answer{}, errors.New("asking the unit: too many requests wait: try again in a second")
	}
	m.line.waiting = append(m.line.waiting, q)
	m.line.mu.Unlock()
	select {
	case a := <-q.answer:
		return a, nil
	case <-ctx.Done():
		return bess.Answer{}, ctx.Err()
	case <-m.ended:
		return bess.Answer{}, errors.New("asking the unit: it has stopped")
	}
}

// hear takes what people asked into this tick.
func (m *Machine) hear() {
	m.line.mu.Lock()
	m.desk = append(m.desk[:0], m.line.waiting...)
	m.line.waiting = m.line.waiting[:0]
	m.line.mu.Unlock()
	m.in.Requests = m.in.Requests[:0]
	for i := range m.desk {
		r := &m.desk[i].request
		// From wall time, so that numbers go on after a restart.
		m.line.last = max(m.line.last, uint64(max(0, m.in.Snapshot.Civil.UnixMilli))) + 1
		r.ID = m.line.last
		if r.Expires == 0 {
			r.Expires = m.in.Snapshot.Now.Add(10 * bess.Second)
		}
		m.in.Requests = append(m.in.Requests, *r)
	}
}

// answer gives every question of this tick its answer: a no at once, a yes when
// the disk has what was granted, see keep.
func (m *Machine) answer() {
	for i := range m.desk {
		for _, a := range m.out.Answers {
			if a.ID != m.desk[i].request.ID {
				continue
			}
			if a.Granted && m.config.Keeper != nil {
				m.kept.granted = append(m.kept.granted, grant{m.desk[i], a})
			} else {
				m.desk[i].answer <- a
			}
			break
		}
	}
}
