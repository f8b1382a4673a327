// Package session is a vehicle's visit: what it needs, what it was promised,
// what it should get now. A finite store is shared by energy, not only by
// power: a bounded look ahead finds the largest share of every need that can
// be met by its departure, and promises that. A promise changes early and says
// why; one that cannot be kept any more is called broken, not lowered in
// silence.
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
	deafAfter   = 2 * bess.Second // beyond its lag: a station that does not follow lost the order
	againFor    = bess.Second     // for which such a station is ordered nothing, so that it hears anew
	settleAfter = bess.Minute     // an offer is compared with the draw after this
	patience    = bess.Minute     // with packs that fell silent, before promises are judged without them
	earlyBy     = 3 * bess.Hour   // a booking is taken up by a vehicle this early
)

// drawing is the power above which energy is being transferred.
const drawing = si.Watts(200)

// State is what session remembers.
type State struct {
	Visits    []bess.Visit // per outlet
	Stays     []Stay       // per outlet
	Awaited   []Awaited    // per outlet
	Bookings  []bess.Visit // length MaxBookings; VisitNone: free
	Targets   []int        // per booking: its outlet
	Next      uint64       // number of the next visit
	LookAt    bess.Instant // of the next look ahead
	BlindFrom bess.Instant // too little of the store is seen since; 0: it is seen
	Settling  Settling
	Profile   Profile
	Level     si.Ratio // smallest share of a need that can be met

	jobs  []job // scratch of the look ahead, as are the slots
	spans []span
}

// Stay is what is remembered of a visit beside what is shown.
type Stay struct {
	Since     bess.Instant // of the state
	Seen      bess.Instant // energy counted up to here
	Meter     si.WattHours // station counter last believed
	MeterAt   bess.Instant
	HasMeter  bool
	Guessed   si.WattHours // counted by power since then
	Takes     si.Watts     // what the vehicle was seen to take at most
	Unmet     bess.Instant // offered more than drawn since; 0: not
	IdleSince bess.Instant // offered and not drawing since; 0: not
	Ordered   si.Watts     // last seen order
	Unheard   bess.Instant // the station offers something else since; 0: it follows
	Again     bess.Instant // it is ordered nothing until then
	Short     bool         // the store does not hold the need of a vehicle that was promised nothing
	Allowed   si.WattHours // what it may have then
}

// New knows no vehicle.
func New(u *bess.Unit) State {
	return State{
		Visits: make([]bess.Visit, len(u.Outlets)), Stays: make([]Stay, len(u.Outlets)),
		Awaited:  make([]Awaited, len(u.Outlets)),
		Bookings: make([]bess.Visit, MaxBookings), Targets: make([]int, MaxBookings), Next: 1, Level: 1,
		jobs: make([]job, 0, len(u.Outlets)+MaxBookings), spans: make([]span, 0, maxSlots),
	}
}

// CopyFrom makes s equal to o without sharing memory.
func (s *State) CopyFrom(o *State) {
	copy(s.Visits, o.Visits)
	copy(s.Stays, o.Stays)
	copy(s.Awaited, o.Awaited)
	copy(s.Bookings, o.Bookings)
	copy(s.Targets, o.Targets)
	s.Next, s.LookAt, s.BlindFrom, s.Level = o.Next, o.LookAt, o.BlindFrom, o.Level
	s.Profile, s.Settling = o.Profile, o.Settling
}

// Update takes every visit one tick on and says what each outlet should get.
func (s *State) Update(u *bess.Unit, in View, wants []bess.Want) {
	changed := s.answer(u, in)
	still := standstill(in)
	if still == bess.CauseNone {
		s.Profile.learn(u, in)
	}
	for i := range u.Outlets {
		changed = s.track(u, in, i) || changed
	}
	s.expire(in)
	if still != bess.CauseNone {
		s.wait(still)
		s.Settling.again(in.Snap.Now)
		s.LookAt = in.Snap.Now
	} else if changed || in.Snap.Now >= s.LookAt || s.LookAt.Since(in.Snap.Now) > lookEvery {
		s.look(u, in)
	}
	for i := range u.Outlets {
		wants[i] = s.want(u, in, i)
	}
}

// look revises the promises, unless too little of the store is seen to judge
// them: before the unit is in service, and for a minute when packs fall silent.
func (s *State) look(u *bess.Unit, in View) {
	now := in.Snap.Now
	s.LookAt = now.Add(lookEvery)
	if !blind(in) {
		s.BlindFrom = 0
		s.promise(u, in)
		return
	}
	if s.BlindFrom == 0 {
		s.BlindFrom = max(1, now)
	}
	s.LookAt = now.Add(bess.Second)
	if in.Stages.Service == bess.ServiceOn && now.Since(s.BlindFrom) >= patience {
		s.LookAt = now.Add(lookEvery)
		s.promise(u, in)
	}
}

// blind reports whether a pack that carries is not known, or none is.
func blind(in View) bool {
	some := false
	for i := range in.Estimates.Packs {
		known := in.Estimates.Packs[i].Known
		some = some || known
		if !known && in.Stages.Packs[i] == bess.PackJoined {
			return true
		}
	}
	return !some || in.Stages.Service == bess.ServiceStarting
}

func (s *State) enter(in View, i int, state bess.VisitState) {
	v := &s.Visits[i]
	if v.State != state {
		v.State, v.Since = state, in.Snap.Civil
		s.Stays[i].Since = in.Snap.Now
		s.Stays[i].IdleSince, s.Stays[i].Unmet = 0, 0
	}
}
