package session

import (
	"reprise/bess"
	"reprise/bess/si"
)

// stationAge is how old a station's word may be.
const stationAge = 2 * bess.Minute

// track follows one outlet's vehicle; true when it came or went.
func (s *State) track(u *bess.Unit, in View, i int) bool {
	now := in.Snap.Now
	o := &in.Snap.Outlets[i]
	v := &s.Visits[i]
	plugged := o.Plugged.Fresh(now, stationAge)
	switch v.State {
	case bess.VisitNone, bess.VisitBooked:
		if plugged == bess.Yes {
			s.arrive(u, in, i)
			return true
		}
		return false
	case bess.VisitGone:
		if now.Since(s.Stays[i].Since) >= goneAfter {
			*v, s.Stays[i] = bess.Visit{}, Stay{}
		}
		return false
	}
	s.meter(in, i)
	if plugged == bess.No {
		s.leave(in, i)
		return true
	}
	s.progress(u, in, i)
	return false
}

// arrive begins a visit, taking up a booking that fits.
func (s *State) arrive(u *bess.Unit, in View, i int) {
	v := &s.Visits[i]
	*v = bess.Visit{Number: s.Next, State: bess.VisitWaiting, Since: in.Snap.Civil}
	s.Stays[i] = Stay{Since: in.Snap.Now, Takes: u.Outlets[i].Rated}
	s.Next++
	for k := range s.Bookings {
		b := &s.Bookings[k]
		early := b.From.UnixMilli - in.Snap.Civil.UnixMilli
		if b.State == bess.VisitNone || s.Targets[k] != i || early > int64(earlyBy) {
			continue
		}
		v.Need, v.Until, v.Priority, v.Promise, v.Booked = b.Need, b.Until, b.Priority, b.Promise, true
		*b = bess.Visit{}
		break
	}
}

// meter counts what was delivered by the station's own counter.
func (s *State) meter(in View, i int) {
	o := &in.Snap.Outlets[i]
	v, stay := &s.Visits[i], &s.Stays[i]
	p, _ := o.Power.Fresh(in.Snap.Now, stationAge)
	v.Power = max(0, -p)
	counter, ok := o.Drawn.Fresh(in.Snap.Now, stationAge)
	switch {
	case !ok:
	case !stay.HasMeter || counter < stay.Meter:
		// First sight, or the counter ran backwards: count on from here.
		stay.Meter, stay.HasMeter = counter-v.Delivered, true
	default:
		v.Delivered = counter - stay.Meter
	}
}

func (s *State) leave(in View, i int) {
	v := &s.Visits[i]
	p := &v.Promise
	late := p.Made && in.Snap.Civil.UnixMilli >= p.By.UnixMilli-int64(bess.Minute)
	p.Broken = late && float64(v.Delivered) < 0.98*float64(p.Energy)
	s.enter(in, i, bess.VisitGone)
}

// progress moves a plugged visit between waiting, charging, paused and done,
// and learns what the vehicle can take.
func (s *State) progress(u *bess.Unit, in View, i int) {
	now := in.Snap.Now
	v, stay := &s.Visits[i], &s.Stays[i]
	offered := offeredPower(u, in, i)
	since := func(t *bess.Instant, on bool) bess.Span {
		if !on {
			*t = 0
			return 0
		}
		if *t == 0 {
			*t = max(1, now)
		}
		return now.Since(*t)
	}
	idle := since(&stay.IdleSince, offered > 0 && v.Power < drawing)
	unmet := since(&stay.Unmet, offered > v.Power+1000 && v.Power >= drawing)
	if unmet >= settleAfter {
		stay.Takes = v.Power + 700
		stay.Unmet = 0
	} else if v.Power > stay.Takes-300 {
		stay.Takes = min(u.Outlets[i].Rated, v.Power+1000)
	}
	switch {
	case v.State == bess.VisitDone:
	case v.Need > 0 && v.Delivered >= v.Need-10, idle >= fullAfter:
		s.enter(in, i, bess.VisitDone)
	case v.Power >= drawing:
		s.enter(in, i, bess.VisitCharging)
	case v.State == bess.VisitCharging:
		s.enter(in, i, bess.VisitPaused)
	}
}

// offeredPower is what the outlet was last ordered to offer.
func offeredPower(u *bess.Unit, in View, i int) si.Watts {
	c := &in.Split.Outlets[i]
	if u.Outlets[i].Kind == bess.Rapid {
		return c.Power
	}
	return si.Mul(u.Inverter.PhaseVolts.Times(c.Current), float64(u.Outlets[i].Phases))
}

// takes is what a vehicle can take now, as far as it is known.
func (s *State) takes(u *bess.Unit, in View, i int) si.Watts {
	o := &u.Outlets[i]
	if w, ok := in.Snap.Outlets[i].VehicleWants.Fresh(in.Snap.Now, stationAge); ok && o.Kind == bess.Rapid {
		return min(o.Rated, max(0, w))
	}
	return min(o.Rated, max(s.Stays[i].Takes, least(u, i)))
}

// least is the power of the smallest offer that a vehicle follows.
func least(u *bess.Unit, i int) si.Watts {
	o := &u.Outlets[i]
	if o.Kind == bess.Rapid {
		return 1000
	}
	return si.Mul(u.Inverter.PhaseVolts.Times(o.Minimum), float64(o.Phases))
}

// want is what outlet i should get now.
func (s *State) want(u *bess.Unit, in View, i int) bess.Want {
	v := &s.Visits[i]
	w := bess.Want{Priority: v.Priority, Least: least(u, i)}
	online := in.Snap.Outlets[i].Online.Fresh(in.Snap.Now, stationAge)
	switch {
	case in.Standing.OutletOff[i]:
		w.Why = bess.CauseOperatorOff
		return w
	case v.State == bess.VisitNone || v.State == bess.VisitGone || v.State == bess.VisitBooked:
		w.Why = bess.CauseNotNeeded
		return w
	case v.State == bess.VisitDone:
		w.Why = bess.CauseVehicleFull
		return w
	case online != bess.Yes:
		w.Why = bess.CauseStationSilent
	case in.Verdict.Outlets[i].Level >= bess.LevelStop:
		w.Why = bess.CauseTripped
		return w
	}
	w.Active = true
	w.Power = s.takes(u, in, i)
	w.Budget = w.Power
	w.Need = max(0, s.need(u, i)-v.Delivered)
	w.Urgency = urgency(w, v, in)
	if w.Power < u.Outlets[i].Rated && w.Why == bess.CauseNone {
		w.Why = bess.CauseVehicleLimit
	}
	// When the store is short, each stops at its promised share.
	if v.Promise.Made && !v.Promise.Full && v.Delivered >= v.Promise.Energy {
		w.Budget, w.Why = 0, bess.CauseEnergyBudget
	}
	return w
}

// urgency is the time that the need takes over the time that is left.
func urgency(w bess.Want, v *bess.Visit, in View) si.Ratio {
	if v.Until.UnixMilli == 0 || w.Power <= 0 {
		return 0.5
	}
	left := float64(v.Until.UnixMilli-in.Snap.Civil.UnixMilli) / 1000
	if left <= 0 {
		return 1
	}
	return si.Clamp(si.Ratio(float64(w.Need.At(w.Power))/left), 0, 1)
}

// need is the visit's need; what a driver did not tell is taken as a usual
// fill, so that the store is not promised twice.
func (s *State) need(u *bess.Unit, i int) si.WattHours {
	if n := s.Visits[i].Need; n > 0 {
		return n
	}
	if u.Outlets[i].Kind == bess.Rapid {
		return 40_000
	}
	return 20_000
}
