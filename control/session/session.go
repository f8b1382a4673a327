// Package session is a vehicle's visit: what it needs, what it was promised,
// what it should get now. A finite store is shared by energy, not only by
// power: a bounded look ahead finds the largest share of every need that can
// be met by its departure, and promises exactly that. A promise changes early
// and says why.
package session

import (
	"reprise/bess"
	"reprise/bess/si"
)

// View is what session may see of a tick.
type View struct {
	Snap      *bess.Snapshot
	Estimates *bess.Estimates
	Verdict   *bess.Verdict
	Stages    *bess.Stages
	Standing  *bess.Standing
	Split     *bess.Split // of the tick before
	Desk      *bess.Desk
}

// MaxBookings is how many announced visits are held at once.
const MaxBookings = 16

// Times of a visit.
const (
	lookEvery   = 30 * bess.Second
	goneAfter   = 10 * bess.Second
	fullAfter   = 3 * bess.Minute // offered and not taken this long: the vehicle is full
	settleAfter = bess.Minute     // an offer is compared with the draw after this
	earlyBy     = 3 * bess.Hour   // a booking is taken up by a vehicle this early
)

// drawing is the power above which energy is being transferred.
const drawing = si.Watts(200)

// State is what session remembers.
type State struct {
	Visits   []bess.Visit // per outlet
	Stays    []Stay       // per outlet
	Bookings []bess.Visit // length MaxBookings; VisitNone: free
	Targets  []int        // per booking: its outlet
	Next     uint64       // number of the next visit
	LookAt   bess.Instant // of the next look ahead
	Profile  Profile
	Level    si.Ratio // share of every need that can be met

	jobs []job
}

// Stay is what is remembered of a visit beside what is shown.
type Stay struct {
	Since     bess.Instant // of the state
	Meter     si.WattHours // station counter at the start
	HasMeter  bool
	Takes     si.Watts     // what the vehicle was seen to take at most
	Unmet     bess.Instant // offered more than drawn since; 0: not
	IdleSince bess.Instant // offered and not drawing since; 0: not
	Warned    bool
}

// New knows no vehicle.
func New(u *bess.Unit) State {
	return State{
		Visits: make([]bess.Visit, len(u.Outlets)), Stays: make([]Stay, len(u.Outlets)),
		Bookings: make([]bess.Visit, MaxBookings), Targets: make([]int, MaxBookings), Next: 1, Level: 1,
		jobs: make([]job, 0, len(u.Outlets)+MaxBookings),
	}
}

// CopyFrom makes s equal to o without sharing memory.
func (s *State) CopyFrom(o *State) {
	visits, stays, bookings, targets, jobs := s.Visits, s.Stays, s.Bookings, s.Targets, s.jobs
	copy(visits, o.Visits)
	copy(stays, o.Stays)
	copy(bookings, o.Bookings)
	copy(targets, o.Targets)
	*s = *o
	s.Visits, s.Stays, s.Bookings, s.Targets, s.jobs = visits, stays, bookings, targets, jobs
}

// Update takes every visit one tick on and says what each outlet should get.
func (s *State) Update(u *bess.Unit, in View, wants []bess.Want) {
	changed := s.answer(u, in)
	s.Profile.learn(in)
	for i := range u.Outlets {
		changed = s.track(u, in, i) || changed
	}
	s.expireBookings(in)
	if changed || in.Snap.Now >= s.LookAt {
		s.LookAt = in.Snap.Now.Add(lookEvery)
		s.promise(u, in)
	}
	for i := range u.Outlets {
		wants[i] = s.want(u, in, i)
	}
}

// answer takes needs, ends and bookings from the desk; true when something
// changed what can be promised.
func (s *State) answer(u *bess.Unit, in View) bool {
	d := in.Desk
	changed := false
	for i := range d.Requests {
		if !d.Pending(i) {
			continue
		}
		r := &d.Requests[i]
		switch r.Verb {
		case bess.VisitNeed, bess.VisitEnd, bess.Booking:
		default:
			continue
		}
		if r.Target < 0 || r.Target >= len(u.Outlets) {
			d.Refuse(i, bess.RefusedNoTarget)
			continue
		}
		switch r.Verb {
		case bess.VisitNeed:
			v := &s.Visits[r.Target]
			if v.State == bess.VisitNone || v.State == bess.VisitGone {
				d.Refuse(i, bess.RefusedNotNow)
				continue
			}
			v.Need, v.Until, v.Priority = max(0, r.Energy), r.Until, r.Number
			v.Promise.Made = false
			if v.State == bess.VisitDone && v.Delivered < v.Need {
				s.enter(in, r.Target, bess.VisitWaiting)
			}
		case bess.VisitEnd:
			s.enter(in, r.Target, bess.VisitDone)
		case bess.Booking:
			if !s.book(r) {
				d.Refuse(i, bess.RefusedNotNow)
				continue
			}
		}
		d.Grant(i)
		changed = true
	}
	return changed
}

// book keeps an announced visit, replacing one of the same number.
func (s *State) book(r *bess.Request) bool {
	free := -1
	for k := range s.Bookings {
		b := &s.Bookings[k]
		if b.State == bess.VisitNone && free < 0 {
			free = k
		}
		if b.State != bess.VisitNone && b.Number == uint64(r.Number) && s.Targets[k] == r.Target {
			free = k
			break
		}
	}
	if free < 0 {
		return false
	}
	s.Targets[free] = r.Target
	s.Bookings[free] = bess.Visit{
		Number: uint64(r.Number), State: bess.VisitBooked, Need: max(0, r.Energy),
		From: r.From, Until: r.Until, Rate: r.Power, Booked: true,
	}
	return true
}

// expireBookings forgets bookings whose time has passed without a vehicle.
func (s *State) expireBookings(in View) {
	for k := range s.Bookings {
		b := &s.Bookings[k]
		if b.State != bess.VisitNone && in.Snap.Civil.UnixMilli > b.Until.UnixMilli {
			*b = bess.Visit{}
		}
	}
}

func (s *State) enter(in View, i int, state bess.VisitState) {
	v := &s.Visits[i]
	if v.State != state {
		v.State, v.Since = state, in.Snap.Civil
		s.Stays[i].Since = in.Snap.Now
		s.Stays[i].IdleSince, s.Stays[i].Unmet = 0, 0
	}
}
