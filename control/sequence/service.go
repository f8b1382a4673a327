package sequence

import (
	"reprise/bess"
	"reprise/bess/si"
)

// service is the unit as a whole: off, starting, on, stopping.
func (s *State) service(in View, stages *bess.Stages) {
	if in.Standing.Transport {
		s.Wanted = false
	}
	if in.Verdict.Unit.Level >= bess.LevelOpenAll {
		s.Wanted, s.Dark = false, false
		stages.Service = bess.ServiceStopped
		stages.Step = bess.CauseTripped
		return
	}
	joined := countPacks(stages, bess.PackJoined) > 0
	live := stages.Network != bess.NetworkDead && stages.Network != bess.NetworkTransferring
	switch stages.Service {
	case bess.ServiceOff, bess.ServiceTransport:
		stages.Step = bess.CauseNone
		stages.Service = bess.ServiceOff
		switch {
		case in.Standing.Transport:
			stages.Service = bess.ServiceTransport
			stages.Step = bess.CauseTransport
		case s.Wanted:
			stages.Service = bess.ServiceStarting
			stages.Step = bess.CauseStarting
		}
	case bess.ServiceStarting, bess.ServiceOn:
		switch {
		case !s.Wanted:
			stages.Service = bess.ServiceStopping
			stages.Step = bess.CauseStopping
		case live && joined:
			stages.Service = bess.ServiceOn
			stages.Step = bess.CauseNone
		case stages.Service == bess.ServiceOn && s.Empty:
			stages.Step = bess.CauseEmpty
		case stages.Service == bess.ServiceStarting:
			stages.Step = s.waitsFor(in, joined)
		}
	case bess.ServiceStopping:
		if s.Wanted {
			stages.Service = bess.ServiceStarting
		} else if !joined && stages.Network == bess.NetworkDead && s.allOpen(stages) {
			stages.Service = bess.ServiceOff
		}
	case bess.ServiceStopped:
		stages.Service = bess.ServiceOff
	}
}

// waitsFor is what a running start waits for, for the page.
func (s *State) waitsFor(in View, joined bool) bess.Cause {
	switch {
	case !joined:
		return bess.CausePrecharge
	case !s.BusUp:
		return bess.CauseStarting
	}
	for i := range in.Standing.Records {
		if in.Standing.Records[i].Holds(in.Snap.Now) {
			return bess.CauseNoNetwork
		}
	}
	return bess.CauseArrival
}

func (s *State) allOpen(stages *bess.Stages) bool {
	for _, p := range stages.Packs {
		switch p {
		case bess.PackOpen, bess.PackLockedOut, bess.PackWelded, bess.PackService, bess.PackCooling:
		default:
			return false
		}
	}
	return true
}

func countPacks(stages *bess.Stages, stage bess.PackStage) int {
	n := 0
	for _, p := range stages.Packs {
		if p == stage {
			n++
		}
	}
	return n
}

// serving reports whether the unit is to be up.
func serving(stages *bess.Stages) bool {
	return stages.Service == bess.ServiceStarting || stages.Service == bess.ServiceOn
}

// A stop and an empty store end in the same order: loads are shed, then the
// network goes dead, then the packs leave.

// loadsUp reports whether circuits and outlets may be on.
func (s *State) loadsUp(stages *bess.Stages) bool { return serving(stages) && s.Ebb == 0 }

// packsUp reports whether packs should be joined.
func (s *State) packsUp(u *bess.Unit, in View, stages *bess.Stages) bool {
	switch {
	case stages.Service == bess.ServiceStopping:
		return stages.Network != bess.NetworkDead
	case !serving(stages):
		return false
	case s.Empty && stages.Network == bess.NetworkDead:
		return s.sourceNear(u, in, stages)
	}
	return true
}

// sourceNear reports whether anything is there that could fill an empty store.
func (s *State) sourceNear(u *bess.Unit, in View, stages *bess.Stages) bool {
	for i := range u.Feeders {
		switch {
		case in.Standing.FeederOff[i]:
		case u.Feeders[i].Kind == bess.CCS && in.Snap.Feeders[i].Plugged.Is(in.Snap.Now, readingAge),
			s.Feeders[i].GoodSince != 0, runs(stages.Generators[i]):
			return true
		}
	}
	return false
}

// quietAfter is how long a stop waits for its loads to be off.
const quietAfter = 3 * bess.Second

// ebb sheds the loads before the network goes: in a stop, and when the store
// runs empty in island.
func (s *State) ebb(u *bess.Unit, in View, stages *bess.Stages) {
	now := in.Snap.Now
	unit := &in.Estimates.Unit
	switch {
	case stages.Network == bess.NetworkIsland && unit.SoC <= emptyBelow:
		s.Empty = true
	case unit.SoC > restartAbove:
		s.Empty = false
	}
	if stages.Service != bess.ServiceStopping && !(s.Empty && stages.Network == bess.NetworkIsland) {
		s.Ebb, s.Quiet = 0, false
		return
	}
	if s.Ebb == 0 {
		s.Ebb = max(1, now)
	}
	s.Quiet = s.Quiet || s.unloaded(u, in) || now.Since(s.Ebb) >= quietAfter
}

// unloaded is proven: every shed relay reports open and the inverter idles.
func (s *State) unloaded(u *bess.Unit, in View) bool {
	now := in.Snap.Now
	for i := range u.Circuits {
		if u.Circuits[i].Shed && !in.Snap.Circuits[i].Closed.IsNot(now, readingAge) {
			return false
		}
	}
	power, ok := in.Snap.Inverter.Power.Fresh(now, readingAge)
	return ok && si.Abs(power) < si.Mul(si.Watts(u.Inverter.Rated), 0.02)
}

// watchBus keeps whether the DC bus is up: held by a joined pack, from its
// window on, until it falls below the inverter's trip. A charged bus that
// nobody holds is not up. One that is up and not heard stays up for busHold of
// the time in which the loop ran: a gap in a meter's readings is no fall.
func (s *State) watchBus(u *bess.Unit, in View, stages *bess.Stages) {
	now := in.Snap.Now
	v, ok := in.Snap.Bus.Volts.Fresh(now, readingAge)
	if ok || s.Absence.Just(1) {
		s.BusSeen = now
	}
	switch {
	case countPacks(stages, bess.PackJoined) == 0:
		s.BusUp = false
	case ok:
		s.BusUp = v >= u.Bus.Min || s.BusUp && v >= u.Bus.Trip
	default:
		s.BusUp = s.BusUp && now.Since(s.BusSeen) < busHold
	}
}

// busHold is as long as an island's hold. The rules stop what nobody measures
// before that, and say so.
const busHold = orderLife
