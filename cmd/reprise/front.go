package main

import (
	"context"
	"errors"
	"math"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"reprise/api"
	"reprise/bess"
	"reprise/unit"
)

// front is the face of the unit towards the API: the machine that runs now. When the controller is restarted, another
// one takes its place and nobody outside has to know.
type front struct {
	machine  atomic.Pointer[unit.Machine]
	last     atomic.Pointer[bess.Picture]
	stations atomic.Pointer[http.Handler]
	house    *house
	explains atomic.Bool // an explanation is being made
}

var errNoController = errors.New("the controller is not running now: wait until it is back")

// Latest is the newest picture; while no controller runs, the last one, which grows old on the page.
func (f *front) Latest() *bess.Picture {
	if m := f.machine.Load(); m != nil {
		if p := m.Latest(); p != nil {
			f.last.Store(p)
			return p
		}
	}
	return f.last.Load()
}

// Subscribe follows whichever machine runs.
func (f *front) Subscribe(ctx context.Context) <-chan *bess.Picture {
	out := make(chan *bess.Picture, 1)
	go func() {
		defer close(out)
		for ctx.Err() == nil {
			m := f.machine.Load()
			if m == nil {
				select {
				case <-ctx.Done():
				case <-time.After(100 * time.Millisecond):
				}
				continue
			}
			for p := range m.Subscribe(ctx) {
				f.last.Store(p)
				select {
				case out <- p:
				case <-ctx.Done():
				default: // who reads too slowly loses pictures
				}
			}
		}
	}()
	return out
}

// Ask lays a request that came over HTTP on the desk.
func (f *front) Ask(ctx context.Context, r bess.Request) (bess.Answer, error) {
	if person(ctx, &r) {
		return bess.Answer{ID: r.ID, Why: bess.RefusedPersonNeeded}, nil
	}
	return f.lay(ctx, r)
}

// lay lays a request on the desk of the machine that runs.
func (f *front) lay(ctx context.Context, r bess.Request) (bess.Answer, error) {
	m := f.machine.Load()
	if m == nil {
		return bess.Answer{}, errNoController
	}
	return m.Ask(ctx, r)
}

// History is what the series store keeps.
func (f *front) History(ctx context.Context, q api.HistoryQuery) (api.History, error) {
	m := f.machine.Load()
	if m == nil {
		return api.History{}, errNoController
	}
	past, err := m.History(ctx, q.From, q.To, q.Points, q.Series)
	if err != nil {
		return api.History{}, err
	}
	h := api.History{Now: past.Now, StepMS: past.Step, Times: past.Times}
	for i := range past.Lines {
		l := &past.Lines[i]
		h.Series = append(h.Series, api.Series{
			Name: l.Name, Title: l.Title, Unit: l.Unit, Values: samples(l.Values), Low: samples(l.Low), High: samples(l.High),
		})
	}
	return h, nil
}

func samples(of []float64) []api.Sample {
	if of == nil {
		return nil
	}
	list := make([]api.Sample, len(of))
	for i, x := range of {
		list[i] = api.Sample(x)
		if math.IsInf(x, 0) {
			list[i] = api.Sample(math.NaN())
		}
	}
	return list
}

// Events are the newest events, in words.
func (f *front) Events(ctx context.Context, since int64, limit int) ([]api.Event, error) {
	kept, err := f.house.store.Events(ctx, since, limit)
	if err != nil {
		return nil, err
	}
	list := make([]api.Event, len(kept))
	for i := range kept {
		e := &kept[i]
		list[i] = api.Event{
			At: e.Civil.UnixMilli, Kind: e.Kind.String(), Level: e.Level.String(), Where: e.Where, What: e.What, Person: e.Person,
		}
	}
	return list, nil
}

// Entries are the ledger's entries above a number.
func (f *front) Entries(ctx context.Context, after uint64, limit int) ([]bess.Entry, error) {
	return f.house.store.Entries(ctx, after, limit)
}

// TestAlarm sends a test by every way that is configured.
func (f *front) TestAlarm(ctx context.Context, person string) ([]api.Delivery, error) {
	m := f.machine.Load()
	if m == nil {
		return nil, errNoController
	}
	sent, err := m.TestAlarm(ctx, person)
	list := make([]api.Delivery, len(sent))
	for i, d := range sent {
		list[i] = api.Delivery(d)
	}
	return list, err
}

// serveStations hands a charging station to the central system that runs now.
func (f *front) serveStations(w http.ResponseWriter, r *http.Request) {
	h := f.stations.Load()
	if h == nil {
		http.Error(w, "no central system is running: stations call again by themselves", http.StatusServiceUnavailable)
		return
	}
	(*h).ServeHTTP(w, r)
}

// panelKey marks the context of a request that came from the machine itself: the unit's own screen.
type panelKey struct{}

// fromPanel marks requests of the unit's own screen, which is a browser on the machine itself; all others are remote,
// whatever token they carry.
func fromPanel(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsLoopback() {
			r = r.WithContext(context.WithValue(r.Context(), panelKey{}, true))
		}
		next.ServeHTTP(w, r)
	})
}

// person holds a request to who may ask: what is reset, black-started or put back has a name behind it, and only who stands at the unit
// counts as a person at the unit.
func person(ctx context.Context, r *bess.Request) (refused bool) {
	if ctx.Value(panelKey{}) == nil && r.By == bess.SourceOperator {
		r.By = bess.SourceFleet
	}
	switch r.Verb {
	case bess.ResetLatch, bess.BlackStart, bess.PackIn, bess.TransportOff:
		return r.Person == ""
	default:
		return false
	}
}
