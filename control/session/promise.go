package session

import (
	"reprise/bess"
	"reprise/bess/si"
)

// Promises move down at once and up only when it is worth telling. One that is
// not for the whole need keeps a little back, so that the next look ahead need
// not take it down again. To somebody who is not here yet only a rise is told
// that changes a plan: what the night brings beyond a cautious forecast may be
// gone before the vehicle comes, and is there for it when it does.
const (
	downBy     = 0.02
	upBy       = 0.05
	bookedUpBy = 0.10
	slack      = 0.97
)

// tooLate is how near to the departure a promise that falls counts as broken:
// the driver can no longer arrange for it.
const tooLate = 15 * bess.Minute

// keptAt is the share of a promise that counts as kept: meters differ.
const keptAt = 0.98

// promise looks ahead and revises every promise, once what it sees has settled.
func (s *State) promise(u *bess.Unit, in View) {
	s.collect(u, in)
	f := s.future(u, in)
	s.shares(&f)
	if !s.Settling.agrees(in.Snap.Now, &f, s.jobs) {
		s.wait(bess.CauseStarting)
		return
	}
	s.Level = 1
	for k := range s.jobs {
		j := &s.jobs[k]
		s.Level = min(s.Level, si.Ratio(j.level))
		switch {
		case j.booked:
			b := &s.Bookings[j.index]
			revise(&b.Promise, in, j.got, b.Need, b.Until, bookedUpBy, j.cause(in, f.start.UnixMilli))
		case j.firm:
			v := &s.Visits[j.index]
			revise(&v.Promise, in, j.done+j.got, v.Need, v.Until, upBy, j.cause(in, f.start.UnixMilli))
		default:
			stay := &s.Stays[j.index]
			stay.Short, stay.Allowed = j.level < 1, j.done+j.got
		}
	}
}

// cause says why a job does not get its whole need.
func (j *job) cause(in View, now int64) bess.Cause {
	whole := *j
	whole.level = 1
	switch {
	case j.held != bess.CauseNone:
		return j.held
	case in.Stages.Network == bess.NetworkDead && !j.booked:
		return bess.CauseNoNetwork
	case j.level < 1 || j.got < si.Mul(whole.most(now), 0.99):
		return bess.CauseEnergyBudget
	}
	return bess.CauseVehicleLimit
}

// revise changes a promise to what the look ahead found.
// A rise by less than up, a share of the need, is not told.
func revise(p *bess.Promise, in View, energy, need si.WattHours, by bess.Civil, up float64, why bess.Cause) {
	now := in.Snap.Civil
	if need <= 0 || by.UnixMilli != 0 && now.UnixMilli >= by.UnixMilli {
		return // nothing was asked, or it is settled whether it was kept
	}
	energy = min(energy, need)
	full := float64(energy) >= 0.99*float64(need)
	if full {
		energy, why = need, bess.CauseNone
	} else {
		energy = si.Mul(energy, slack)
	}
	if p.Waits != bess.CauseNone {
		p.Waits, p.Why = bess.CauseNone, why
	}
	falls := p.Made && energy < p.Energy-si.Mul(need, downBy)
	switch {
	case !p.Made:
		*p = bess.Promise{Made: true, MadeAt: now, First: energy, Revision: p.Revision}
	case falls, energy > p.Energy+si.Mul(need, up), full && !p.Full:
	default:
		return
	}
	if falls && by.UnixMilli != 0 && by.UnixMilli-now.UnixMilli < int64(tooLate) && why != bess.CauseVehicleLimit {
		p.Due = max(p.Due, p.Energy) // too late to be told: the word stands, and is judged at its time
	}
	p.Energy, p.By, p.Full, p.Why, p.Revised = energy, by, full, why, now
	p.Revision++
}

// due marks a promise whose time has come and that was not kept, so that it is
// told at once.
func due(v *bess.Visit, in View) {
	p := &v.Promise
	if !p.Made || p.Broken || p.By.UnixMilli == 0 || in.Snap.Civil.UnixMilli < p.By.UnixMilli || kept(v) {
		return
	}
	p.Broken, p.Revised = true, in.Snap.Civil // Why says what it waited for, if it did
	p.Revision++
}

// kept reports whether what was delivered is what was promised.
func kept(v *bess.Visit) bool {
	return float64(v.Delivered) >= float64(keptAt*float64(max(v.Promise.Energy, v.Promise.Due)))-50
}

// settled ends the promise to a vehicle that takes no more, or to a driver who
// ended the visit: that is no broken word.
func settled(v *bess.Visit, in View, why bess.Cause) {
	p := &v.Promise
	if !p.Made || kept(v) {
		return
	}
	p.Energy, p.Full, p.Why, p.Revised = v.Delivered, false, why, in.Snap.Civil
	p.Revision++
}
