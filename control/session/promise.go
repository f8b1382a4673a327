package session

import (
	"reprise/bess"
	"reprise/bess/si"
)

// Profile is the day that was seen so far: the mean load of circuits with own
// use, and the solar feed, per local hour. It is the plainest forecast:
// tomorrow is like the days before.
type Profile struct {
	Load  [24]si.Watts
	Solar [24]si.Watts
	Known [24]bool
	Last  bess.Instant
}

// learn moves the present hour's means with a time constant of 20 minutes, so
// that an hour is learnt within the hour and yesterday fades.
func (p *Profile) learn(in View) {
	snap := in.Snap
	load, solar := present(in)
	h := snap.Civil.MinuteOfDay() / 60
	if !p.Known[h] {
		p.Known[h], p.Load[h], p.Solar[h] = true, load, solar
	}
	k := min(1, float64(snap.Now.Since(p.Last).Seconds())/1200)
	p.Last = snap.Now
	p.Load[h] += si.Mul(load-p.Load[h], k)
	p.Solar[h] += si.Mul(solar-p.Solar[h], k)
}

// at is the forecast for an hour; an hour never seen is as now for loads and
// dark for solar, which errs towards a smaller promise.
func (p *Profile) at(hour int, load si.Watts) (si.Watts, si.Watts) {
	if p.Known[hour] {
		return p.Load[hour], p.Solar[hour]
	}
	return load, 0
}

// present is the load of circuits and own use and the solar feed now.
func present(in View) (load, solar si.Watts) {
	const age = 10 * bess.Second
	for i := range in.Snap.Circuits {
		p, _ := in.Snap.Circuits[i].Power.Fresh(in.Snap.Now, age)
		load += max(0, -p)
	}
	own, _ := in.Snap.Bus.OwnUse.Fresh(in.Snap.Now, age)
	load += max(0, own)
	for i := range in.Snap.Feeders {
		if i != in.Stages.Live {
			p, _ := in.Snap.Feeders[i].Power.Fresh(in.Snap.Now, age)
			solar += max(0, p)
		}
	}
	return load, solar
}

// job is one vehicle, here or booked, in the look ahead.
type job struct {
	outlet   int // or -1-k for booking k
	need     si.WattHours
	rate     si.Watts
	from, to int64 // ms
	got      si.WattHours
}

// Look-ahead figures: slots of a quarter of an hour, two days at most.
const (
	slot     = 15 * bess.Minute
	maxSlots = 192
)

// future is what the look ahead knows beside the jobs.
type future struct {
	start     bess.Civil
	energy    si.WattHours // above the reserve, deliverable
	room      si.WattHours // of the store, same basis
	power     si.Watts     // the unit's own, to vehicles
	grid      si.Watts     // supply that stays
	refill    bess.Window
	always    bool
	loadNow   si.Watts
	efficient float64 // refill into deliverable
}

// promise looks ahead and revises every promise.
func (s *State) promise(u *bess.Unit, in View) {
	s.collect(u, in)
	f := s.future(u, in)
	level := 1.0
	if !s.feasible(&f, 1) {
		low, high := 0.0, 1.0
		for range 6 {
			middle := (low + high) / 2
			if s.feasible(&f, middle) {
				low = middle
			} else {
				high = middle
			}
		}
		level = low
		s.feasible(&f, level)
	}
	s.Level = si.Ratio(level)
	for k := range s.jobs {
		j := &s.jobs[k]
		if j.outlet >= 0 {
			v := &s.Visits[j.outlet]
			revise(&v.Promise, in, v.Delivered+j.got, v.Need, v.Until, cause(in, level))
		} else {
			b := &s.Bookings[-1-j.outlet]
			revise(&b.Promise, in, j.got, b.Need, b.Until, cause(in, level))
		}
	}
}

func cause(in View, level float64) bess.Cause {
	switch {
	case level < 1:
		return bess.CauseEnergyBudget
	case in.Stages.Network == bess.NetworkDead:
		return bess.CauseNoNetwork
	}
	return bess.CauseVehicleLimit
}

// collect lists the vehicles that still need something.
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
		to := v.Until.UnixMilli
		if to == 0 {
			to = now + int64(4*bess.Hour)
		}
		s.jobs = append(s.jobs, job{
			outlet: i, need: max(0, s.need(u, i)-v.Delivered), rate: s.takes(u, in, i), from: now, to: to,
		})
	}
	for k := range s.Bookings {
		b := &s.Bookings[k]
		if b.State == bess.VisitNone {
			continue
		}
		rate := b.Rate
		if most := u.Outlets[s.Targets[k]].Rated; rate <= 0 || rate > most {
			rate = most
		}
		s.jobs = append(s.jobs, job{outlet: -1 - k, need: b.Need, rate: rate, from: b.From.UnixMilli, to: b.Until.UnixMilli})
	}
}

// future reads what is there to share. One standard deviation of the energy is
// kept back: a promise is what is kept, not what is hoped.
func (s *State) future(u *bess.Unit, in View) future {
	e := &in.Estimates.Unit
	eta := 0.9
	if e.Stored > 0 {
		eta = float64(e.Deliverable) / float64(e.Stored)
	}
	f := future{
		start: in.Snap.Civil, efficient: eta * eta, refill: u.Site.RefillWindow,
		always: u.Site.RefillWindow.From == u.Site.RefillWindow.To,
		energy: max(0, e.Deliverable-e.Sigma-in.Standing.Reserve),
		room:   max(0, si.Mul(e.FullToday, eta*float64(u.Site.RefillTarget))-in.Standing.Reserve),
	}
	f.loadNow, _ = present(in)
	for i := range in.Estimates.Packs {
		if in.Stages.Packs[i] == bess.PackJoined {
			f.power += in.Estimates.Packs[i].Envelope.Discharge.Power
		}
	}
	if f.power == 0 { // not in service yet: by rating
		for i := range u.Converters {
			f.power += u.Converters[i].Rated
		}
	}
	if live := in.Stages.Live; live >= 0 && u.Feeders[live].Kind == bess.Grid {
		f.grid = min(u.Feeders[live].Cap, in.Standing.ImportCap.Power)
		if agreed := in.Standing.Records[live].Agreed; agreed > 0 {
			f.grid = min(f.grid, agreed)
		}
	}
	return f
}

// feasible plays the future with every need scaled by level, leaves what each
// job got, and reports whether each got its scaled need as far as its own rate
// and time allow.
func (s *State) feasible(f *future, level float64) bool {
	energy := f.energy
	hours := float64(slot.Seconds()) / si.SecondsPerHour
	end := f.start.UnixMilli
	for k := range s.jobs {
		s.jobs[k].got = 0
		end = max(end, s.jobs[k].to)
	}
	for n := 0; n < maxSlots; n++ {
		t := f.start.Add(bess.Span(n) * slot)
		if t.UnixMilli >= end {
			break
		}
		load, solar := s.Profile.at(t.MinuteOfDay()/60, f.loadNow)
		feed := f.grid + solar - load
		wanted := si.Watts(0)
		for k := range s.jobs {
			wanted += s.jobs[k].ask(t.UnixMilli, level)
		}
		most := max(0, feed+min(f.power, energy.Over(slot.Seconds())))
		part := 1.0
		if wanted > most {
			part = float64(most) / float64(wanted)
		}
		given := si.Watts(0)
		for k := range s.jobs {
			p := si.Mul(s.jobs[k].ask(t.UnixMilli, level), part)
			s.jobs[k].got += si.WattHours(float64(p) * hours)
			given += p
		}
		energy = f.after(energy, feed-given, hours, t)
	}
	for k := range s.jobs {
		j := &s.jobs[k]
		if float64(j.got) < 0.995*float64(j.most(level, f.start.UnixMilli)) {
			return false
		}
	}
	return true
}

// after is the energy at the end of a slot with that net power into the store.
func (f *future) after(energy si.WattHours, net si.Watts, hours float64, t bess.Civil) si.WattHours {
	if net > 0 {
		if f.always || f.refill.Holds(t.MinuteOfDay()) || f.grid == 0 {
			return max(energy, min(f.room, energy+si.WattHours(float64(net)*hours*f.efficient)))
		}
		return energy
	}
	return max(0, energy+si.WattHours(float64(net)*hours))
}

// ask is what a job draws in the slot at t if it may, W.
func (j *job) ask(t int64, level float64) si.Watts {
	begin, finish := max(t, j.from), min(t+int64(slot), j.to)
	if finish <= begin {
		return 0
	}
	left := si.Mul(j.need, level) - j.got
	share := float64(finish-begin) / float64(slot)
	return max(0, min(si.Mul(j.rate, share), left.Over(slot.Seconds())))
}

// most is what a job can get by its own rate and time.
func (j *job) most(level float64, now int64) si.WattHours {
	t := float64(j.to-max(j.from, now)) / 1000
	return min(si.Mul(j.need, level), j.rate.For(si.Seconds(max(0, t))))
}

// Promises move down at once and up only when it is worth telling.
const (
	downBy = 0.02
	upBy   = 0.05
)

// revise changes a promise to what the look ahead found.
func revise(p *bess.Promise, in View, energy, need si.WattHours, by bess.Civil, why bess.Cause) {
	if need <= 0 || by.UnixMilli == 0 {
		return // nothing was asked: nothing is promised
	}
	energy = min(energy, need)
	full := float64(energy) >= 0.99*float64(need)
	if full {
		energy, why = need, bess.CauseNone
	}
	switch {
	case !p.Made:
		*p = bess.Promise{Made: true, First: energy}
	case energy < p.Energy-si.Mul(need, downBy), energy > p.Energy+si.Mul(need, upBy), full && !p.Full:
	default:
		return
	}
	p.Energy, p.By, p.Full, p.Why, p.Revised = energy, by, full, why, in.Snap.Civil
	p.Revision++
}
