package session

import (
	"math"

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
	default: // a vehicle is here
	}
	s.meter(u, in, i)
	due(v, in)
	if plugged == bess.No {
		s.leave(in, i)
		return true
	}
	s.progress(u, in, i)
	return false
}

// arrive begins a visit, taking up a booking that fits and a need that was told
// before the station noticed the vehicle.
func (s *State) arrive(u *bess.Unit, in View, i int) {
	v := &s.Visits[i]
	*v = bess.Visit{Number: s.Next, State: bess.VisitWaiting, Since: in.Snap.Civil}
	s.Stays[i] = Stay{Since: in.Snap.Now, Seen: in.Snap.Now, Takes: u.Outlets[i].Rated}
	s.Next++
	if k := s.next(in, i); k >= 0 {
		b := &s.Bookings[k]
		v.Need, v.From, v.Until, v.Priority, v.Promise, v.Booked = b.Need, b.From, b.Until, b.Priority, b.Promise, true
		*b = bess.Visit{}
	}
	if a := &s.Awaited[i]; a.Expires != 0 {
		s.tell(in, i, *a)
		*a = Awaited{}
	}
}

// meter counts what was delivered by the station's own counter, and by its
// power while that is silent. A counter that runs back or leaps further than
// the outlet could carry is not believed: it is counted on from where it is.
func (s *State) meter(u *bess.Unit, in View, i int) {
	now, o := in.Snap.Now, &in.Snap.Outlets[i]
	v, stay := &s.Visits[i], &s.Stays[i]
	p, _ := fresh(o.Power, now, stationAge)
	v.Power = max(0, -p)
	since := now.Since(stay.Seen)
	stay.Seen = now
	counter, ok := fresh(o.Drawn, now, stationAge)
	if !ok {
		if stay.HasMeter && since > 0 && since <= bess.Second {
			stay.Guessed += v.Power.For(since.Seconds())
			v.Delivered += v.Power.For(since.Seconds())
		}
		return
	}
	if stay.HasMeter && counter == stay.Meter && stay.Guessed == 0 {
		stay.MeterAt = max(stay.MeterAt, o.Drawn.At)
		return
	}
	advance := counter - stay.Meter
	most := si.Mul(u.Outlets[i].Rated.For(now.Since(stay.MeterAt).Seconds()), 1.2) + 500
	if stay.HasMeter && advance >= 0 && advance <= most {
		v.Delivered += advance - stay.Guessed
	}
	stay.Meter, stay.MeterAt, stay.HasMeter, stay.Guessed = counter, now, true, 0
}

// leave ends a visit. A vehicle that goes before its time breaks no promise.
func (s *State) leave(in View, i int) {
	v := &s.Visits[i]
	p := &v.Promise
	if p.Made && p.By.UnixMilli != 0 && in.Snap.Civil.UnixMilli >= p.By.UnixMilli-int64(bess.Minute) && !kept(v) {
		p.Broken = true
	}
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
	s.heed(u, in, i, offered)
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
	case v.Need > 0 && v.Delivered >= v.Need-10:
		s.enter(in, i, bess.VisitDone)
	case idle >= fullAfter && (v.Delivered > 100 || in.Snap.Outlets[i].Charging.IsNot(now, stationAge)):
		settled(v, in, bess.CauseVehicleFull)
		s.enter(in, i, bess.VisitDone)
	case v.Power >= drawing:
		s.enter(in, i, bess.VisitCharging)
	case v.State == bess.VisitCharging:
		s.enter(in, i, bess.VisitPaused)
	}
}

// heed watches whether the station offers what it was ordered.
func (s *State) heed(u *bess.Unit, in View, i int, ordered si.Watts) {
	o, v, stay := &u.Outlets[i], &in.Snap.Outlets[i], &s.Stays[i]
	now := in.Snap.Now
	offers, ok := fresh(v.OfferedDC, now, stationAge)
	if o.Kind == bess.AC {
		var amps si.Amps
		amps, ok = fresh(v.Offered, now, stationAge)
		offers = si.Mul(u.Inverter.PhaseVolts.Times(amps), float64(o.Phases))
	}
	within := max(500, si.Mul(o.Rated, 0.02))
	switch {
	case ordered != stay.Ordered: // a new order: it has its lag anew
		stay.Ordered, stay.Unheard = ordered, 0
	case !ok || si.Abs(offers-ordered) <= within:
		stay.Unheard = 0
	case stay.Unheard == 0:
		stay.Unheard = max(1, now)
	case now.Since(stay.Unheard) >= o.Lag+deafAfter:
		stay.Unheard, stay.Again = 0, now.Add(againFor)
	}
}

// again reports whether outlet i is to be ordered nothing for a moment: a
// station that lost an order hears the next one that differs.
func (s *State) again(in View, i int) bool { return in.Snap.Now < s.Stays[i].Again }

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
	if w, ok := fresh(in.Snap.Outlets[i].VehicleWants, in.Snap.Now, stationAge); ok && o.Kind == bess.Rapid {
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
		if v.Need > 0 && v.Delivered >= v.Need-10 {
			w.Why = bess.CauseNotNeeded
		}
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
	switch {
	case v.Delivered >= s.share(in, i):
		w.Budget, w.Why = 0, bess.CauseEnergyBudget
	case s.again(in, i):
		w.Budget, w.Why = 0, bess.CauseStationIgnores
	}
	return w
}

// share is what a visit may have while the store is short; all it needs else.
func (s *State) share(in View, i int) si.WattHours {
	v, stay := &s.Visits[i], &s.Stays[i]
	p := &v.Promise
	running := p.Made && !p.Broken && (p.By.UnixMilli == 0 || in.Snap.Civil.UnixMilli < p.By.UnixMilli)
	switch {
	case running && !p.Full:
		return p.Energy
	case !running && stay.Short:
		return stay.Allowed - 10
	}
	return si.WattHours(math.Inf(1))
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
// fill on top of what it has.
func (s *State) need(u *bess.Unit, i int) si.WattHours {
	v := &s.Visits[i]
	switch {
	case v.Need > 0:
		return v.Need
	case u.Outlets[i].Kind == bess.Rapid:
		return max(usualRapidFill, v.Delivered+si.Mul(usualRapidFill, 0.25))
	}
	return max(usualFill, v.Delivered+si.Mul(usualFill, 0.25))
}
