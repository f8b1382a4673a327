package sequence

import (
	"reprise/bess"
	"reprise/bess/si"
)

// TransferStep is where a change of network stands.
type TransferStep uint8

// Steps of every transfer, in this order: break before make, earth before live.
const (
	TransferIsolate TransferStep = iota // inverter off, all AC feeders open, bus proven dead
	TransferEarth                       // neutral-earth bond as the target needs it, proven
	TransferConnect                     // feeder closed, or inverter forming, proven
	TransferFollow                      // on a feeder: inverter runs
)

// lossAfter is how long a live feeder may be out of band before it is left:
// long enough to ride through a dip, short enough for a fridge not to notice.
const lossAfter = 200 * bess.Millisecond

// retryAfter is the pause after a failed transfer.
const retryAfter = 30 * bess.Second

// restartAbove is the share of the store below which an island is not begun.
const restartAbove = 0.05

// watchFeeder keeps since when an AC feeder is fit to carry the network.
func (s *State) watchFeeder(u *bess.Unit, in View, i int) {
	if u.Feeders[i].DC || u.Feeders[i].Kind == bess.Solar {
		return
	}
	f := &s.Feeders[i]
	if !s.fit(u, in, i) {
		f.GoodSince = 0
	} else if f.GoodSince == 0 {
		f.GoodSince = max(1, in.Snap.Now)
	}
}

// fit reports whether a feeder's measured supply is in band and a person has
// checked it.
func (s *State) fit(u *bess.Unit, in View, i int) bool {
	now := in.Snap.Now
	r := &in.Standing.Records[i]
	v := &in.Snap.Feeders[i]
	if r.Person == "" || r.Earth != bess.Yes || now > expiry(r) || in.Standing.FeederOff[i] ||
		in.Verdict.Feeders[i].Level >= bess.LevelStop {
		return false
	}
	hertz, ok := v.Hertz.Fresh(now, readingAge)
	if !ok || hertz < u.Network.HertzMin || hertz > u.Network.HertzMax {
		return false
	}
	for k := 0; k < u.Feeders[i].Phases; k++ {
		volts, ok := v.PhaseVolts[k].Fresh(now, readingAge)
		if !ok || volts < si.Mul(u.Inverter.PhaseVolts, float64(u.Network.VoltsMin)) ||
			volts > si.Mul(u.Inverter.PhaseVolts, float64(u.Network.VoltsMax)) {
			return false
		}
	}
	return v.Forward.Fresh(now, readingAge) != bess.No && v.Neutral.Fresh(now, readingAge) != bess.No
}

// expiry of an arrival record; a record without one does not expire.
func expiry(r *bess.SiteRecord) bess.Instant {
	if r.Expires == 0 {
		return bess.Forever
	}
	return r.Expires
}

// wish is the network that should carry the loads now.
func (s *State) wish(u *bess.Unit, in View, stages *bess.Stages) (bess.NetworkState, int) {
	if !serving(stages) {
		return bess.NetworkDead, bess.Nobody
	}
	if i := s.ready(u, in, stages, bess.Grid); i != bess.Nobody && !u.Site.Island {
		return bess.NetworkGrid, i
	}
	if i := s.ready(u, in, stages, bess.Generator); i != bess.Nobody {
		return bess.NetworkGenerator, i
	}
	island := u.Network.FormAlone || u.Site.Island || s.Dark
	if island && s.BusUp && s.energy(in, stages) && in.Verdict.Inverter.Level < bess.LevelStop {
		return bess.NetworkIsland, bess.Nobody
	}
	return bess.NetworkDead, bess.Nobody
}

// energy reports whether there is enough to begin or to keep an island.
func (s *State) energy(in View, stages *bess.Stages) bool {
	e := &in.Estimates.Unit
	if stages.Network == bess.NetworkIsland {
		return e.Stored > 0
	}
	return e.SoC > restartAbove
}

// ready is the feeder of that kind that may carry the network now. The live
// one stays until it has been out of band for lossAfter; another must have
// been in band for the return time.
func (s *State) ready(u *bess.Unit, in View, stages *bess.Stages, kind bess.FeederKind) int {
	now := in.Snap.Now
	for i := range u.Feeders {
		if u.Feeders[i].Kind != kind || u.Feeders[i].DC {
			continue
		}
		if kind == bess.Generator && stages.Generators[i] != bess.GeneratorRunning {
			continue
		}
		good := s.Feeders[i].GoodSince
		switch {
		case stages.Live == i:
			if good != 0 || s.LostSince == 0 || now.Since(s.LostSince) < lossAfter {
				return i
			}
		case good == 0:
		case s.RetryAt > now:
		case now.Since(good) >= u.Network.ReturnAfter || kind == bess.Generator || stages.Network == bess.NetworkDead && now.Since(good) >= 2*bess.Second:
			return i
		}
	}
	return bess.Nobody
}

// network takes the network's state machine one tick on.
func (s *State) network(u *bess.Unit, in View, stages *bess.Stages) {
	now := in.Snap.Now
	if v, ok := busVolts(in); ok {
		s.BusUp = v >= u.Bus.Min || s.BusUp && v >= u.Bus.Trip
	} else {
		s.BusUp = false
	}
	s.watchLive(in, stages)
	if in.Verdict.Unit.Level >= bess.LevelOpenAll {
		s.settle(stages, bess.NetworkDead, bess.Nobody, now)
		return
	}
	want, feeder := s.wish(u, in, stages)
	if stages.Network == bess.NetworkTransferring {
		s.transfer(u, in, stages)
		return
	}
	if want == stages.Network && feeder == stages.Live {
		return
	}
	if want == bess.NetworkIsland && s.RetryAt > now {
		return
	}
	s.Target, s.TargetFeed = want, feeder
	s.Transfer, s.StepSince = TransferIsolate, now
	stages.Network, stages.Live, stages.Since = bess.NetworkTransferring, bess.Nobody, now
}

func (s *State) watchLive(in View, stages *bess.Stages) {
	if stages.Live == bess.Nobody {
		s.LostSince = 0
		return
	}
	now := in.Snap.Now
	opened := in.Snap.Feeders[stages.Live].Contactor.IsNot(now, readingAge)
	if s.Feeders[stages.Live].GoodSince == 0 || opened {
		if s.LostSince == 0 {
			s.LostSince = max(1, now)
		}
		return
	}
	s.LostSince = 0
}

func (s *State) settle(stages *bess.Stages, state bess.NetworkState, live int, now bess.Instant) {
	if stages.Network != state || stages.Live != live {
		stages.Network, stages.Live, stages.Since = state, live, now
	}
}

// transfer takes a running change one tick on. A step that times out ends in a
// dead network, and a new try after a pause.
func (s *State) transfer(u *bess.Unit, in View, stages *bess.Stages) {
	now := in.Snap.Now
	done := false
	switch s.Transfer {
	case TransferIsolate:
		done = s.isolated(u, in)
	case TransferEarth:
		done = in.Snap.IO.Bond.Fresh(now, readingAge) == bess.Truth(s.bonded(u))
	case TransferConnect:
		done = s.connected(u, in)
	case TransferFollow:
		done = in.Snap.Inverter.Running.Is(now, readingAge)
	}
	timeout := u.Network.TransferTimeout + bess.SpanOf(u.Inverter.Starts)
	switch {
	case done && s.lastStep():
		s.settle(stages, s.Target, s.TargetFeed, now)
	case done:
		s.Transfer++
		s.StepSince = now
	case now.Since(s.StepSince) > timeout:
		s.RetryAt = now.Add(retryAfter)
		s.Target, s.TargetFeed = bess.NetworkDead, bess.Nobody
		s.settle(stages, bess.NetworkDead, bess.Nobody, now)
	}
}

// lastStep reports whether the running step completes the transfer.
func (s *State) lastStep() bool {
	switch s.Target {
	case bess.NetworkDead:
		return true // isolated is dead enough
	case bess.NetworkIsland:
		return s.Transfer == TransferConnect
	default:
		return s.Transfer == TransferFollow
	}
}

// bonded reports whether the target needs the unit's own neutral-earth bond:
// exactly one bond per live source, and a supply brings its own.
func (s *State) bonded(u *bess.Unit) bool { return s.Target == bess.NetworkIsland }

// isolated is proven: every AC feeder reports open and the bus is measured
// dead. An unknown is no proof.
func (s *State) isolated(u *bess.Unit, in View) bool {
	now := in.Snap.Now
	for i := range u.Feeders {
		if !u.Feeders[i].DC && u.Feeders[i].Kind != bess.Solar && !in.Snap.Feeders[i].Contactor.IsNot(now, readingAge) {
			return false
		}
	}
	for k := 0; k < u.Inverter.Phases; k++ {
		v, ok := in.Snap.Inverter.PhaseVolts[k].Fresh(now, readingAge)
		if !ok || v > u.Network.DeadBelow {
			return false
		}
	}
	return true
}

// connected is proven: the feeder reports closed, or the formed voltage is in
// band.
func (s *State) connected(u *bess.Unit, in View) bool {
	now := in.Snap.Now
	if s.Target != bess.NetworkIsland {
		return in.Snap.Feeders[s.TargetFeed].Contactor.Is(now, readingAge)
	}
	for k := 0; k < u.Inverter.Phases; k++ {
		v, ok := in.Snap.Inverter.PhaseVolts[k].Fresh(now, readingAge)
		if !ok || v < si.Mul(u.Inverter.PhaseVolts, float64(u.Network.VoltsMin)) {
			return false
		}
	}
	return true
}
