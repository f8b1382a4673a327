package study

import (
	"context"
	"fmt"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/carbon"
	"reprise/control"
	"reprise/scenario"
	"reprise/twin"
)

// Progress is told now and then how far a study has come.
type Progress func(done, whole bess.Span)

// Study is one scenario being played.
type Study struct {
	Loop     *Loop
	Director *Director
	Judge    *Judge
	Digest   control.Digest
	Claim    carbon.Claim
	Entries  []bess.Entry
	Events   []bess.Event
	Promises []Promised
	Visits   []Visited
	Series   *Recorder
	Scenario *scenario.Scenario

	down   bool // nobody at the controls
	opened bool // the claim knows what the packs held
	sums   sums
}

// Visited is one visit as it ended.
type Visited struct {
	Outlet    int
	Visit     bess.Visit
	Milligram int64
}

// Promised is a word that was given or changed, with the visit or booking as it
// stood then.
type Promised struct {
	Outlet int
	Visit  bess.Visit
	Why    bess.Cause
}

// New prepares a study.
func New(sc *scenario.Scenario) (*Study, error) {
	start := twin.Start{Clock: sc.Civil(0)}
	for _, p := range sc.Packs {
		start.SoC = append(start.SoC, p.SoC)
		start.SoH = append(start.SoH, p.Health)
		start.Ambient = p.Temperature
	}
	if !anyHealth(start.SoH) {
		start.SoH = nil
	}
	loop := NewLoop(sc.Unit, twin.New(sc.Unit, sc.Seed, start))
	s := &Study{Loop: loop, Judge: NewJudge(sc), Series: NewRecorder(sc), Scenario: sc}
	director, err := NewDirector(sc, Stage{
		World: loop.World, Ask: func(r bess.Request) { loop.Ask(r) }, Process: s.process,
	})
	if err != nil {
		return nil, fmt.Errorf("preparing %s: %w", sc.Name, err)
	}
	s.Director = director
	director.Begin()
	return s, nil
}

func anyHealth(of []si.Ratio) bool {
	for _, h := range of {
		if h > 0 {
			return true
		}
	}
	return false
}

// process kills or restarts the controller. It comes back with the state it
// had: every change of a stage or a latch is a checkpoint.
func (s *Study) process(name string, up bool) {
	if name == "controller" {
		s.down = !up
	}
}

// Run plays the whole scenario. It stops early, with the context's error, when
// the context ends.
func (s *Study) Run(ctx context.Context, progress Progress) error {
	const step = bess.Span(100)
	for now := bess.Span(0); now < s.Scenario.For; now += step {
		s.tick(now)
		if now%(10*bess.Minute) == 0 {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("playing %s: %w", s.Scenario.Name, err)
			}
			if progress != nil {
				progress(now, s.Scenario.For)
			}
		}
	}
	s.Judge.Finish(s.Loop, s.Scenario.For)
	s.finish()
	if progress != nil {
		progress(s.Scenario.For, s.Scenario.For)
	}
	return nil
}

func (s *Study) tick(now bess.Span) {
	s.Director.Play(now)
	if s.down {
		s.Loop.Idle()
	} else {
		s.Loop.Tick()
		s.keep()
	}
	s.sums.add(s.Loop)
	s.Judge.Look(s.Loop, now)
	if now%bess.Minute == 0 {
		s.Series.Sample(s.Loop, s.Scenario.Start+int64(now))
	}
}

// keep takes what the controller just said.
func (s *Study) keep() {
	l := s.Loop
	s.Digest.Add(l.State(), l.Out)
	for i := range l.Out.Entries {
		e := l.Out.Entries[i]
		e.Legs = append([]bess.Leg(nil), e.Legs...)
		s.open()
		s.Claim.Add(l.Unit, &e)
		s.Entries = append(s.Entries, e)
	}
	for i := range l.Out.Events {
		e := l.Out.Events[i]
		s.Events = append(s.Events, e)
		if e.Kind == bess.EventPromise {
			s.promised(&e)
		}
		if e.Kind == bess.EventVisit && bess.VisitState(e.To) == bess.VisitGone {
			s.visited(e.Subject.Index)
		}
	}
}

// open tells the claim what the packs held when the first entry closed.
func (s *Study) open() {
	if s.opened {
		return
	}
	s.opened = true
	held := si.WattHours(0)
	for i := range s.Loop.State().Estimates.Packs {
		held += s.Loop.State().Estimates.Packs[i].Stored
	}
	s.Claim.Open(held)
}

// promised keeps a word as it was given or changed, with the visit that it is
// about: several are booked at one outlet. A booking that a vehicle takes up
// brings its word along, which is no new one.
func (s *Study) promised(e *bess.Event) {
	session := &s.Loop.State().Session
	p := Promised{Outlet: e.Subject.Index, Why: e.Cause}
	is := func(v *bess.Visit) bool {
		return v.Number == e.Number && v.Promise.Revised == e.Civil && float64(v.Promise.Energy) == e.Value
	}
	if v := &session.Visits[p.Outlet]; is(v) {
		p.Visit = *v
		s.Promises = append(s.Promises, p)
		return
	}
	for k := range session.Bookings {
		if b := &session.Bookings[k]; session.Targets[k] == p.Outlet && b.State != bess.VisitNone && is(b) {
			p.Visit = *b
			s.Promises = append(s.Promises, p)
			return
		}
	}
}

func (s *Study) visited(outlet int) {
	state := s.Loop.State()
	v := state.Session.Visits[outlet]
	s.Visits = append(s.Visits, Visited{Outlet: outlet, Visit: v, Milligram: state.Ledger.Visits[outlet].Milligram})
}

// finish keeps the visits that are still on at the end.
func (s *Study) finish() {
	for i := range s.Loop.State().Session.Visits {
		switch s.Loop.State().Session.Visits[i].State {
		case bess.VisitNone, bess.VisitGone, bess.VisitBooked:
		default:
			s.visited(i)
		}
	}
}
