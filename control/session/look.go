package session

import (
	"reprise/bess"
	"reprise/bess/si"
)

// job is one vehicle, here or booked, in the look ahead.
type job struct {
	index    int          // of its outlet or booking
	booked   bool         // a booking
	rapid    bool         // draws from the DC bus
	firm     bool         // somebody was or will be told what it gets
	settled  bool         // its level is final
	need     si.WattHours // in all
	done     si.WattHours // of it, so far
	rate     si.Watts
	held     bess.Cause // its outlet gives nothing as things stand; CauseNone: it does
	from, to int64      // ms
	level    float64
	got      si.WattHours // from here on
	asks     si.Watts     // in the present slot
	first    int          // slot that it touches
	last     int
}

// Look-ahead figures: four days at most, in slots of a quarter of an hour for
// six hours, of half an hour to the end of the first day, of an hour behind it.
const (
	slot     = 15 * bess.Minute
	fine     = 24
	middling = fine + 36
	maxSlots = middling + 72
	horizon  = 4 * bess.Day
)

// slotLength is the length of slot n.
func slotLength(n int) bess.Span {
	switch {
	case n < fine:
		return slot
	case n < middling:
		return 2 * slot
	}
	return 4 * slot
}

// openStay is how long a vehicle whose departure is not known is taken to stay.
const openStay = 4 * bess.Hour

// usualFill is taken for what a driver did not tell, so that the store is not
// promised twice.
const (
	usualFill      = si.WattHours(20_000)
	usualRapidFill = si.WattHours(40_000)
)

// collect lists the vehicles that still need something, firm ones first.
func (s *State) collect(u *bess.Unit, in View) {
	s.jobs = s.jobs[:0]
	now := in.Snap.Civil.UnixMilli
	for i := range s.Visits {
		v := &s.Visits[i]
		switch v.State {
		case bess.VisitWaiting, bess.VisitCharging, bess.VisitPaused:
		default:
			continue
		}
		j := job{
			index: i, rapid: u.Outlets[i].Kind == bess.Rapid, firm: v.Need > 0,
			need: s.need(u, i), done: v.Delivered, rate: s.takes(u, in, i), from: now, to: v.Until.UnixMilli,
		}
		if in.Verdict.Outlets[i].Level >= bess.LevelStop {
			j.rate, j.held = 0, bess.CauseTripped
		}
		if j.to <= now { // not told, or over and still here
			j.firm = j.firm && v.Until.UnixMilli == 0
			j.to = now + int64(openStay)
		}
		s.jobs = append(s.jobs, j)
	}
	for k := range s.Bookings {
		b := &s.Bookings[k]
		if b.State == bess.VisitNone || b.Until.UnixMilli > now+int64(horizon) {
			continue
		}
		o := &u.Outlets[s.Targets[k]]
		rate := b.Rate
		if rate <= 0 || rate > o.Rated {
			rate = o.Rated
		}
		s.jobs = append(s.jobs, job{
			index: k, booked: true, rapid: o.Kind == bess.Rapid, firm: true,
			need: b.Need, rate: rate, from: b.From.UnixMilli, to: b.Until.UnixMilli,
		})
	}
}

// span is one slot of the look ahead.
type span struct {
	at, length int64    // ms
	hours      float64  // of its length
	load       si.Watts // net of solar
	open       bool     // a supply refills the store
	quiet      bool     // no generator is started
}

// lay fixes the slots up to the last departure and finds those that each job
// touches.
func (s *State) lay(f *future) {
	end := f.start.UnixMilli
	for k := range s.jobs {
		end = max(end, s.jobs[k].to)
	}
	s.spans = s.spans[:0]
	t := f.start
	for n := 0; n < maxSlots && t.UnixMilli < end; n++ {
		length, minute := slotLength(n), t.MinuteOfDay()
		load, solar := s.Profile.at(minute/60, f)
		s.spans = append(s.spans, span{
			at: t.UnixMilli, length: int64(length), hours: float64(length.Seconds()) / si.SecondsPerHour,
			load: load - solar, open: f.always || f.refill.Holds(minute), quiet: f.quiet.Holds(minute),
		})
		t = t.Add(length)
	}
	for k := range s.jobs {
		j := &s.jobs[k]
		j.first, j.last = len(s.spans), -1
		for n := range s.spans {
			if x := &s.spans[n]; x.at+x.length > j.from && x.at < j.to {
				j.first, j.last = min(j.first, n), n
			}
		}
	}
}

// run plays the future with every need scaled by its job's level and leaves
// what each job got. It returns what general loads would then lack: they come
// before vehicles.
func (s *State) run(f *future) (lacking si.WattHours) {
	for k := range s.jobs {
		s.jobs[k].got = 0
	}
	energy, running := f.energy, f.runs
	for n := range s.spans {
		x := &s.spans[n]
		ac, dc := si.Watts(0), si.Watts(0)
		for k := range s.jobs {
			j := &s.jobs[k]
			if n < j.first || n > j.last {
				continue
			}
			j.ask(x)
			if j.rapid {
				dc += j.asks
			} else {
				ac += j.asks
			}
		}
		y := f.supplied(x, energy, &running)
		partAC, partDC := f.parts(&y, energy, x, ac, dc)
		if ac > 0 || dc > 0 {
			s.give(n, partAC, partDC, x.hours)
		}
		energy = f.after(&y, energy, x, x.load+si.Mul(ac, partAC), si.Mul(dc, partDC))
		if energy < 0 {
			lacking, energy = lacking-energy, 0
		}
	}
	return lacking
}

// give hands the jobs of slot n their parts.
func (s *State) give(n int, partAC, partDC, hours float64) {
	for k := range s.jobs {
		j := &s.jobs[k]
		if n < j.first || n > j.last || j.asks <= 0 {
			continue
		}
		part := partAC
		if j.rapid {
			part = partDC
		}
		j.got += si.WattHours(float64(j.asks) * part * hours)
	}
}

// ask is what a job draws in a slot if it may.
func (j *job) ask(x *span) {
	j.asks = 0
	begin, finish := max(x.at, j.from), min(x.at+x.length, j.to)
	left := float64(si.Mul(j.need, j.level)-j.done-j.got) / x.hours
	if finish <= begin || left <= 0 {
		return
	}
	share := 1.0
	if finish-begin < x.length {
		share = float64(finish-begin) / float64(x.length)
	}
	j.asks = min(si.Mul(j.rate, share), si.Watts(left))
}

// most is what a job can get at its level by its own rate and time.
func (j *job) most(now int64) si.WattHours {
	t := float64(j.to-max(j.from, now)) / 1000
	return min(max(0, si.Mul(j.need, j.level)-j.done), j.rate.For(si.Seconds(max(0, t))))
}
