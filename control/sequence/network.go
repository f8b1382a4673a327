package sequence

import (
	"reprise/bess"
	"reprise/bess/si"
)

// TransferStep is where a change of network stands.
type TransferStep uint8

// Steps of every transfer, in this order: break before make, earth before live.
// On a feeder the inverter follows later, when it can: the loads do not wait.
const (
	TransferIsolate TransferStep = iota // inverter off, all AC feeders open, bus proven dead
	TransferEarth                       // neutral-earth bond as the target needs it, proven
	TransferConnect                     // feeder closed, or inverter forming, proven
)

// A live grid that is out of band for lossAfter is left: long enough to ride
// through a dip, short enough for a fridge not to notice. A generator is given
// the time that its governor needs for a load step.
const (
	lossAfter      = 200 * bess.Millisecond
	governorSettle = 3 * bess.Second
)

// retryAfter is the pause after a failed transfer.
const retryAfter = 30 * bess.Second

// An island ends when the store falls to emptyBelow, while enough is left to end
// it in order, and is begun again only above restartAbove.
const (
	emptyBelow   = 0.005
	restartAbove = 0.05
)

// The inverter's fault is given faultRest before its order is withdrawn for
// withdrawn: that is how it clears a fault that does not last.
const (
	faultRest = 10 * bess.Second
	withdrawn = bess.Second
)

// watchFeeder keeps since when an AC feeder is fit to carry the network.
func (s *State) watchFeeder(u *bess.Unit, in View, i int) {
	if !u.Feeders[i].Carries() {
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
	if !r.Holds(now) || r.Earth != bess.Yes || in.Standing.FeederOff[i] ||
		in.Verdict.Feeders[i].Level >= bess.LevelStop {
		return false
	}
	// A governed set runs above nominal without load and below under load.
	governed := si.Mul(u.Inverter.Nominal, float64(u.Feeders[i].Set.Droop))
	age := s.Absence.Age(readingAge)
	hertz, ok := v.Hertz.Fresh(now, age)
	if !ok || hertz < u.Network.HertzMin-governed || hertz > u.Network.HertzMax+governed {
		return false
	}
	for k := 0; k < u.Feeders[i].Phases; k++ {
		volts, ok := v.PhaseVolts[k].Fresh(now, age)
		if !ok || volts < si.Mul(u.Inverter.PhaseVolts, float64(u.Network.VoltsMin)) ||
			volts > si.Mul(u.Inverter.PhaseVolts, float64(u.Network.VoltsMax)) {
			return false
		}
	}
	return v.Forward.Fresh(now, readingAge) != bess.No && v.Neutral.Fresh(now, readingAge) != bess.No
}

// wish is the network that should carry the loads now.
func (s *State) wish(u *bess.Unit, in View, stages *bess.Stages) (bess.NetworkState, int) {
	switch {
	case stages.Service == bess.ServiceStopping && !s.Quiet:
		return stages.Network, stages.Live // loads first
	case !serving(stages), in.Snap.IO.Coils.IsNot(in.Snap.Now, readingAge):
		return bess.NetworkDead, bess.Nobody
	}
	if i := s.ready(u, in, stages, bess.Grid); i != bess.Nobody && !u.Site.Island {
		return bess.NetworkGrid, i
	}
	if i := s.ready(u, in, stages, bess.Generator); i != bess.Nobody {
		return bess.NetworkGenerator, i
	}
	if s.mayForm(u, in, stages) && !(stages.Network == bess.NetworkDead && s.gridComes(u, in)) {
		return bess.NetworkIsland, bess.Nobody
	}
	return bess.NetworkDead, bess.Nobody
}

// gridComes reports a grid that is in band and will be used within moments: no
// island is begun for these.
func (s *State) gridComes(u *bess.Unit, in View) bool {
	for i := range u.Feeders {
		if u.Feeders[i].Kind == bess.Grid && s.Feeders[i].GoodSince != 0 {
			return !u.Site.Island && s.RetryAt <= in.Snap.Now
		}
	}
	return false
}

// mayForm reports whether an island may begin, or go on: permitted, and no
// supply contactor but the live one's, which is opened first, reports closed.
func (s *State) mayForm(u *bess.Unit, in View, stages *bess.Stages) bool {
	for i := range u.Feeders {
		if u.Feeders[i].Carries() && stages.Live != i && in.Snap.Feeders[i].Contactor.Is(in.Snap.Now, readingAge) {
			return false
		}
	}
	return s.permitted(u, in, stages)
}

// permitted reports whether the unit may carry an island: by configuration or
// person, the bus up, energy in store, the inverter held to nothing.
func (s *State) permitted(u *bess.Unit, in View, stages *bess.Stages) bool {
	if !(u.Network.FormAlone || u.Site.Island || s.Dark) || !s.BusUp ||
		in.Verdict.Inverter.Level >= bess.LevelStop || in.Verdict.Unit.Level >= bess.LevelStop ||
		s.SagAt != 0 && in.Snap.Now.Since(s.SagAt) >= sagFor {
		return false
	}
	if stages.Network == bess.NetworkIsland {
		return !s.Empty || !s.Quiet
	}
	return !s.Empty && in.Estimates.Unit.SoC > restartAbove
}

// stillWanted reports whether the target of a running transfer still makes sense.
func (s *State) stillWanted(u *bess.Unit, in View, stages *bess.Stages) bool {
	switch {
	case s.Target == bess.NetworkDead:
		return true
	case !serving(stages), in.Snap.IO.Coils.IsNot(in.Snap.Now, readingAge):
		return false
	case s.Target == bess.NetworkIsland:
		return s.permitted(u, in, stages)
	case s.Target == bess.NetworkGenerator && stages.Generators[s.TargetFeed] != bess.GeneratorRunning:
		return false
	}
	return s.Feeders[s.TargetFeed].GoodSince != 0
}

// ready is the feeder of that kind that may carry the network now. The live
// one stays until it was lost for a while; another must have been in band for
// the return time.
func (s *State) ready(u *bess.Unit, in View, stages *bess.Stages, kind bess.FeederKind) int {
	now := in.Snap.Now
	lost := lossAfter
	if kind == bess.Generator {
		lost = governorSettle
	}
	for i := range u.Feeders {
		if u.Feeders[i].Kind != kind || u.Feeders[i].DC {
			continue
		}
		if kind == bess.Generator && stages.Generators[i] != bess.GeneratorRunning {
			continue
		}
		if stages.Live == i {
			if s.LostSince == 0 || now.Since(s.LostSince) < lost {
				return i
			}
			continue
		}
		good := s.Feeders[i].GoodSince
		if good == 0 || s.RetryAt > now {
			continue
		}
		if now.Since(good) >= u.Network.ReturnAfter || kind == bess.Generator ||
			stages.Network == bess.NetworkDead && now.Since(good) >= returnToDark {
			return i
		}
	}
	return bess.Nobody
}

// returnToDark is how long a supply is watched when nobody is served without it.
const returnToDark = 2 * bess.Second

// network takes the network's state machine one tick on.
func (s *State) network(u *bess.Unit, in View, stages *bess.Stages) {
	now := in.Snap.Now
	s.watchLive(in, stages)
	s.watchInverter(in, stages)
	s.watchIsland(u, in, stages)
	if in.Verdict.Unit.Level >= bess.LevelOpenAll {
		s.settle(stages, bess.NetworkDead, bess.Nobody, now)
		return
	}
	if stages.Network == bess.NetworkTransferring {
		s.transfer(u, in, stages)
		return
	}
	want, feeder := s.wish(u, in, stages)
	if want == stages.Network && feeder == stages.Live {
		return
	}
	if want == bess.NetworkIsland && s.RetryAt > now {
		return
	}
	s.blame(stages, want, now)
	s.Target, s.TargetFeed = want, feeder
	s.Transfer, s.StepSince = TransferIsolate, now
	stages.Network, stages.Live, stages.Since = bess.NetworkTransferring, bess.Nobody, now
}

// Blame: a circuit that was closed within blameWithin before the inverter gave
// up is left open for blameFor, so that one short circuit does not take all
// others down again and again.
const (
	blameWithin = 3 * bess.Second
	blameFor    = 10 * bess.Minute
)

// blame holds the circuit that was closed just before an island broke down.
func (s *State) blame(stages *bess.Stages, want bess.NetworkState, now bess.Instant) {
	if stages.Network != bess.NetworkIsland || want != bess.NetworkDead || s.LastClosed == bess.Nobody {
		return
	}
	if s.SagAt != 0 {
		now = s.SagAt
	}
	if c := &s.Circuits[s.LastClosed]; c.Closed && now < s.NextClose.Add(blameWithin) {
		c.HeldUntil = now.Add(blameFor)
	}
}

// watchLive keeps since when the live feeder is lost: its supply out of band,
// or its contactor open.
func (s *State) watchLive(in View, stages *bess.Stages) {
	if stages.Live == bess.Nobody {
		s.LostSince = 0
		return
	}
	now := in.Snap.Now
	if s.Feeders[stages.Live].GoodSince != 0 && !in.Snap.Feeders[stages.Live].Contactor.IsNot(now, readingAge) {
		s.LostSince = 0
	} else if s.LostSince == 0 {
		s.LostSince = max(1, now)
	}
}

// An island whose voltage stays below sagBelow of nominal for sagFor serves
// nobody: something holds it down, such as a short circuit that no breaker cleared.
const (
	sagBelow = 0.8
	sagFor   = 500 * bess.Millisecond
)

// watchIsland keeps since when an island's voltage is down.
func (s *State) watchIsland(u *bess.Unit, in View, stages *bess.Stages) {
	sags := false
	for k := 0; k < u.Inverter.Phases; k++ {
		v, ok := in.Snap.Inverter.PhaseVolts[k].Fresh(in.Snap.Now, readingAge)
		sags = sags || ok && v < si.Mul(u.Inverter.PhaseVolts, sagBelow)
	}
	switch {
	case stages.Network != bess.NetworkIsland || !sags:
		s.SagAt = 0
	case s.SagAt == 0:
		s.SagAt = max(1, in.Snap.Now)
	}
}

// watchInverter keeps since when the inverter reports that it tripped although
// the network beside it is live.
func (s *State) watchInverter(in View, stages *bess.Stages) {
	now := in.Snap.Now
	v := &in.Snap.Inverter
	tripped := v.Fault.Is(now, readingAge) || v.LossOfMain.Is(now, readingAge)
	switch since := now.Since(s.Faulted); {
	case stages.Live == bess.Nobody:
		s.Faulted = 0
	case s.Faulted == 0 && tripped:
		s.Faulted = max(1, now)
	case !tripped && since < faultRest, since >= faultRest+withdrawn:
		s.Faulted = 0
	}
}

func (s *State) settle(stages *bess.Stages, state bess.NetworkState, live int, now bess.Instant) {
	if stages.Network != state || stages.Live != live {
		stages.Network, stages.Live, stages.Since = state, live, now
	}
}

// transfer takes a running change one tick on. A step that times out, or a
// target that makes no sense any more, ends in a dead network; the first also
// in a pause before the next try.
func (s *State) transfer(u *bess.Unit, in View, stages *bess.Stages) {
	now := in.Snap.Now
	done := false
	switch s.Transfer {
	case TransferIsolate:
		done = s.isolated(u, in)
	case TransferEarth:
		done = in.Snap.IO.Bond.Fresh(now, readingAge) == bess.Truth(s.bonded())
	case TransferConnect:
		done = s.connected(u, in)
	}
	timeout := u.Network.TransferTimeout
	if s.Transfer == TransferConnect && s.bonded() {
		timeout += bess.SpanOf(u.Inverter.Starts)
	}
	switch {
	case s.Target == bess.NetworkDead && done:
		s.settle(stages, bess.NetworkDead, bess.Nobody, now)
	case !s.stillWanted(u, in, stages), s.Transfer > TransferIsolate && s.bonded() && !s.suppliesOpen(u, in):
		s.Target, s.TargetFeed = bess.NetworkDead, bess.Nobody
		s.Transfer, s.StepSince = TransferIsolate, now
	case done && s.Transfer == TransferConnect:
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

// bonded reports whether the target needs the unit's own neutral-earth bond:
// exactly one bond per live source, and a supply brings its own.
func (s *State) bonded() bool { return s.Target == bess.NetworkIsland }

// suppliesOpen is proven: every contactor of a supply that can carry the AC
// bus reports open. An unknown is no proof.
func (s *State) suppliesOpen(u *bess.Unit, in View) bool {
	for i := range u.Feeders {
		if u.Feeders[i].Carries() && !in.Snap.Feeders[i].Contactor.IsNot(in.Snap.Now, readingAge) {
			return false
		}
	}
	return true
}

// isolated is proven: every supply open, the bus measured dead, the inverter
// not running.
func (s *State) isolated(u *bess.Unit, in View) bool {
	now := in.Snap.Now
	if !s.suppliesOpen(u, in) || in.Snap.Inverter.Running.Is(now, readingAge) {
		return false
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
