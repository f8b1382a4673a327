package session

import (
	"reprise/bess"
	"reprise/bess/si"
)

// Awaited is a need told for a vehicle that the station has not noticed yet.
type Awaited struct {
	Need     si.WattHours
	Until    bess.Civil
	Priority int
	Expires  bess.Instant // 0: none is awaited
}

// awaitedFor is how long a need waits for its vehicle.
const awaitedFor = 10 * bess.Minute

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
		if why := s.take(in, r); why != bess.RefusedNot {
			d.Refuse(i, why)
			continue
		}
		d.Grant(i)
		changed = true
	}
	return changed
}

// take does what a request to an outlet asks, or says why not.
func (s *State) take(in View, r *bess.Request) bess.Refusal {
	if !si.Finite(r.Energy) || r.Energy < 0 || !si.Finite(r.Power) || r.Power < 0 {
		return bess.RefusedForbidden
	}
	if r.Until.UnixMilli != 0 && r.Until.UnixMilli <= in.Snap.Civil.UnixMilli {
		return bess.RefusedExpired
	}
	here := s.Visits[r.Target].State != bess.VisitNone && s.Visits[r.Target].State != bess.VisitGone
	switch {
	case r.Verb == bess.Booking:
		return s.book(r)
	case r.Verb == bess.VisitNeed && here:
		s.tell(in, r.Target, Awaited{Need: r.Energy, Until: r.Until, Priority: r.Number})
	case r.Verb == bess.VisitNeed:
		s.Awaited[r.Target] = Awaited{
			Need: r.Energy, Until: r.Until, Priority: r.Number, Expires: in.Snap.Now.Add(awaitedFor),
		}
	case here:
		settled(&s.Visits[r.Target], in, bess.CauseOperatorOff)
		s.enter(in, r.Target, bess.VisitDone)
	default:
		return bess.RefusedNotNow
	}
	return bess.RefusedNot
}

// tell gives a visit its need. The same need told again changes nothing; a new
// one is promised anew.
func (s *State) tell(in View, i int, a Awaited) {
	v := &s.Visits[i]
	v.Priority = a.Priority
	if v.Need == a.Need && v.Until.UnixMilli == a.Until.UnixMilli {
		return
	}
	v.Need, v.Until = a.Need, a.Until
	v.Promise = bess.Promise{Revision: v.Promise.Revision}
	if v.State == bess.VisitDone && (v.Need == 0 || v.Delivered < v.Need) {
		s.enter(in, i, bess.VisitWaiting)
	}
}

// book keeps an announced visit, replacing one of the same number.
func (s *State) book(r *bess.Request) bess.Refusal {
	if r.Energy <= 0 || r.Until.UnixMilli <= r.From.UnixMilli || r.From.UnixMilli == 0 {
		return bess.RefusedForbidden
	}
	free := bess.Nobody
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
		return bess.RefusedNotNow
	}
	old := &s.Bookings[free]
	promise := bess.Promise{}
	if old.State != bess.VisitNone { // the same visit, asked for anew
		promise.Revision = old.Promise.Revision
	}
	s.Targets[free] = r.Target
	*old = bess.Visit{
		Number: uint64(r.Number), State: bess.VisitBooked, Need: r.Energy,
		From: r.From, Until: r.Until, Rate: r.Power, Booked: true, Promise: promise,
	}
	return bess.RefusedNot
}

// expire forgets bookings whose time has passed without a vehicle, and needs
// whose vehicle did not come.
func (s *State) expire(in View) {
	for k := range s.Bookings {
		b := &s.Bookings[k]
		if b.State != bess.VisitNone && in.Snap.Civil.UnixMilli > b.Until.UnixMilli {
			*b = bess.Visit{}
		}
	}
	for i := range s.Awaited {
		if a := &s.Awaited[i]; a.Expires != 0 && in.Snap.Now > a.Expires {
			*a = Awaited{}
		}
	}
}

// next is the booking that a vehicle arriving at outlet i takes up: the one
// that begins first among those that begin soon, or bess.Nobody.
func (s *State) next(in View, i int) int {
	best := bess.Nobody
	for k := range s.Bookings {
		b := &s.Bookings[k]
		if b.State == bess.VisitNone || s.Targets[k] != i || b.From.UnixMilli-in.Snap.Civil.UnixMilli > int64(earlyBy) {
			continue
		}
		if best < 0 || b.From.UnixMilli < s.Bookings[best].From.UnixMilli {
			best = k
		}
	}
	return best
}
