package unit

import (
	"context"
	"sync"
	"time"

	"reprise/bess"
)

// viewers are those who want every picture.
type viewers struct {
	mu     sync.Mutex
	list   map[chan *bess.Picture]struct{}
	closed bool
}

// Subscribe gives every new picture until ctx or the unit ends; then the
// channel is closed. Who reads too slowly loses pictures.
func (m *Machine) Subscribe(ctx context.Context) <-chan *bess.Picture {
	v := &m.viewers
	c := make(chan *bess.Picture, 4)
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		close(c)
		return c
	}
	if v.list == nil {
		v.list = map[chan *bess.Picture]struct{}{}
	}
	v.list[c] = struct{}{}
	context.AfterFunc(ctx, func() { v.drop(c) })
	return c
}

func (v *viewers) drop(c chan *bess.Picture) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, ok := v.list[c]; ok {
		delete(v.list, c)
		close(c)
	}
}

func (v *viewers) send(p *bess.Picture) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for c := range v.list {
		select {
		case c <- p:
		default:
		}
	}
}

func (v *viewers) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.closed = true
	for c := range v.list {
		delete(v.list, c)
		close(c)
	}
}

// show publishes the picture of this tick: each tick in real time, at most ten
// a second when a plant runs faster.
func (m *Machine) show() {
	now := time.Now()
	if m.pacing() > 1 && !m.shown.IsZero() && now.Sub(m.shown) < TickLength {
		return
	}
	m.shown = now
	p := m.picture()
	m.latest.Store(p)
	m.viewers.send(p)
}
