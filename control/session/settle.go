package session

import (
	"reprise/bess"
	"reprise/bess/si"
)

// Times of the wait before the first word. Right after a start circuits close
// one by one and own use, losses and import are only just seen: a word given
// then is taken back within the minute.
const (
	settleMost = 5 * bess.Minute // after this a first word is given in any case
	settleLoad = si.Watts(100)   // by which supply less load may differ between two looks, or 5 % of the load

	settleStore = si.WattHours(500) // by which the store may, in any case: a minute of vehicles
)

// Settling is the wait before promises are made: until two looks, half a minute
// apart, agree within what would be told as a fall.
type Settling struct {
	Over   bool
	From   bess.Instant // of the wait
	Looked bess.Instant // the look that the next is compared with; 0: none yet
	Energy si.WattHours // that it found to give away
	Net    si.Watts     // supply less load that it found
	Given  si.WattHours // that it found for all vehicles
}

// again begins the wait anew.
func (w *Settling) again(now bess.Instant) { *w = Settling{From: max(1, now)} }

// agrees takes one look in and reports whether promises may be made by it.
func (w *Settling) agrees(now bess.Instant, f *future, jobs []job) bool {
	if w.Over {
		return true
	}
	given, needs := si.WattHours(0), si.WattHours(0)
	for k := range jobs {
		given, needs = given+jobs[k].got, needs+jobs[k].need
	}
	if w.From == 0 {
		w.again(now)
	}
	if w.Looked != 0 && now.Since(w.Looked) < lookEvery && now.Since(w.From) < settleMost {
		return false
	}
	net := f.fills - f.least
	near := func(a, b, of si.WattHours) bool { return si.Abs(a-b) <= max(settleStore, si.Mul(of, downBy)) }
	w.Over = w.Looked != 0 && near(given, w.Given, needs) && near(f.energy, w.Energy, f.energy) && si.Abs(net-w.Net) <= max(settleLoad, si.Mul(f.least, 0.05)) ||
		now.Since(w.From) >= settleMost
	w.Looked, w.Energy, w.Net, w.Given = max(1, now), f.energy, net, given
	return w.Over
}

// standstill is why nothing can be delivered to anybody now, so that promises
// stand still; CauseNone: vehicles can be served.
func standstill(in View) bess.Cause {
	switch {
	case in.Snap.IO.Inputs[bess.EmergencyStop].Is(in.Snap.Now, bess.Minute):
		return bess.CauseEmergency
	case in.Stages.Service == bess.ServiceTransport:
		return bess.CauseTransport
	case in.Stages.Service == bess.ServiceStopped:
		return bess.CauseTripped
	case in.Stages.Network == bess.NetworkDead:
		return bess.CauseNoNetwork
	}
	return bess.CauseNone
}

// wait says of every promise what it waits for. A word that was given stands as
// it is meanwhile: it neither falls nor rises, and at its time it is judged.
func (s *State) wait(why bess.Cause) {
	for i := range s.Visits {
		switch s.Visits[i].State {
		case bess.VisitWaiting, bess.VisitCharging, bess.VisitPaused:
			waits(&s.Visits[i], why)
		default: // nobody waits there
		}
	}
	for k := range s.Bookings {
		if s.Bookings[k].State != bess.VisitNone {
			waits(&s.Bookings[k], why)
		}
	}
}

func waits(v *bess.Visit, why bess.Cause) {
	if v.Need > 0 {
		v.Promise.Waits, v.Promise.Why = why, why
	}
}
