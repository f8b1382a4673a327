package control

import (
	"reprise/bess"
	"reprise/bess/si"
	"reprise/control/safety"
	"reprise/control/sequence"
)

// resumeAge is how old a reading may be to say how something stands.
const resumeAge = bess.Second

// Resume takes up a state that an earlier run left, before its first tick here.
// Latches, memory and what people want are the state's to say; how things stand
// is said by what is measured now. A step that the state has not seen ended, but
// whose end is measured, has ended. Time in which nobody looked proves nothing:
// whatever waits for something to last begins to wait anew.
func (s *State) Resume(u *bess.Unit, snap *bess.Snapshot) {
	s.resumeSafety(snap.Now)
	for i := range u.Packs {
		s.resumePack(i, snap)
	}
	q := &s.Sequence
	q.LostSince, q.Faulted, q.SagAt = 0, 0, 0
	if q.Ebb != 0 {
		q.Ebb = max(1, snap.Now)
	}
	for i := range q.Feeders {
		if i != s.Stages.Live {
			q.Feeders[i].GoodSince = 0
		}
	}
	for i := range q.Circuits {
		if closed := snap.Circuits[i].Closed.Fresh(snap.Now, resumeAge); closed != bess.Unknown {
			q.Circuits[i].Closed = closed == bess.Yes
		}
	}
	s.resumeNetwork(u, snap)
	s.resumeOrders(snap)
}

// resumeOrders takes from the last orders what would close anew something that
// has opened meanwhile.
func (s *State) resumeOrders(snap *bess.Snapshot) {
	o, now := &s.Ordered, snap.Now
	for i := range o.Packs {
		if snap.Packs[i].Contactor.IsNot(now, resumeAge) {
			o.Packs[i].Close = false
		}
	}
	for i := range o.Circuits {
		if snap.Circuits[i].Closed.IsNot(now, resumeAge) {
			o.Circuits[i].Close = false
		}
	}
	for i := range o.Feeders {
		if snap.Feeders[i].Contactor.IsNot(now, resumeAge) {
			o.Feeders[i].Close = false
		}
	}
	if s.Stages.Network != bess.NetworkIsland && o.Inverter.Mode == bess.InverterForm {
		o.Inverter = bess.InverterCommand{}
	}
}

// resumeSafety lets the rows that had not yet acted qualify anew. One that was
// over its limit for a moment when the state was kept would otherwise count all
// the time since then, and act on the first unknown of a start. What acts goes
// on acting, and what would end it must be seen for its full time.
func (s *State) resumeSafety(now bess.Instant) {
	for i, mark := range s.Safety.Marks {
		switch {
		case mark&safety.Acting != 0:
			s.Safety.Timers[i].Gone = now
		case mark&safety.Qualifying != 0:
			s.Safety.Marks[i], s.Safety.Timers[i] = mark&safety.Seen, safety.Timer{}
			s.Safety.Awake--
		}
	}
}

// resumePack lets the feedback of the contactors decide. A pack that closed
// after the state was kept is closing, which ends in joined or, if it may not
// stay, in the break rule: it is never opened under load by an old stage. One
// that was to close and has not may not have a charged link any more.
func (s *State) resumePack(i int, snap *bess.Snapshot) {
	now := snap.Now
	closed := snap.Packs[i].Contactor.Fresh(now, resumeAge)
	stage := s.Stages.Packs[i]
	switch stage {
	case bess.PackWaking, bess.PackPrecharging:
		if closed == bess.Yes {
			stage = bess.PackClosing
		}
	case bess.PackClosing:
		if closed == bess.No {
			stage = bess.PackPrecharging
		}
	case bess.PackJoined, bess.PackLeaving: // what has opened is not ordered closed again
		if closed == bess.No {
			stage = bess.PackOpening
		} else if stage == bess.PackJoined {
			return
		}
	case bess.PackOpening: // the weld check begins anew
	default:
		return
	}
	s.Stages.Packs[i], s.Stages.PackSince[i] = stage, now
}

// resumeNetwork lets the contactors and the inverter say who carries the loads.
// Where they contradict the state or each other, everything is opened and proven
// dead before anything else.
func (s *State) resumeNetwork(u *bess.Unit, snap *bess.Snapshot) {
	q, stages, now := &s.Sequence, &s.Stages, snap.Now
	q.StepSince = now
	m := s.measureNetwork(u, snap)
	switch {
	case m.state == stages.Network && m.live == stages.Live:
	case m.state == bess.NetworkTransferring && !m.clash: // not all is known: the rules judge that
	case stages.Network == bess.NetworkTransferring && !m.clash && (m.state != q.Target || m.live != q.TargetFeed || m.state == bess.NetworkDead):
		// On its way, and the steps look at what is measured.
	case !m.clash && m.state != bess.NetworkDead && (stages.Service == bess.ServiceStarting || stages.Service == bess.ServiceOn):
		stages.Network, stages.Live, stages.Since = m.state, m.live, now
	default:
		stages.Network, stages.Live, stages.Since = bess.NetworkTransferring, bess.Nobody, now
		q.Target, q.TargetFeed, q.Transfer = bess.NetworkDead, bess.Nobody, sequence.TransferIsolate
	}
}

// measured is who carries the AC bus by what is measured.
type measured struct {
	state bess.NetworkState // transferring: it cannot be told
	live  int
	clash bool // two carry it
}

func (s *State) measureNetwork(u *bess.Unit, snap *bess.Snapshot) measured {
	now := snap.Now
	m := measured{state: bess.NetworkTransferring, live: bess.Nobody}
	closed, unknown := 0, 0
	for i := range u.Feeders {
		if !u.Feeders[i].Carries() {
			continue
		}
		switch snap.Feeders[i].Contactor.Fresh(now, resumeAge) {
		case bess.Yes:
			closed, m.live = closed+1, i
		case bess.Unknown:
			unknown++
		case bess.No:
		}
	}
	mode, known := snap.Inverter.Mode.Fresh(now, resumeAge)
	forms := known && bess.InverterMode(mode) == bess.InverterForm
	switch {
	case closed > 1, closed == 1 && forms:
		m.clash = true
	case closed == 1 && known:
		m.state = bess.NetworkGrid
		if u.Feeders[m.live].Kind == bess.Generator {
			m.state = bess.NetworkGenerator
			m.clash = s.Stages.Generators[m.live] != bess.GeneratorRunning
		}
	case closed == 0 && unknown == 0 && forms && formed(u, snap):
		m.state = bess.NetworkIsland
	case closed == 0 && unknown == 0 && known && !forms:
		m.state = bess.NetworkDead
	}
	if m.state == bess.NetworkTransferring {
		m.live = bess.Nobody
	}
	return m
}

// formed is proven: the unit's own bond closed and every phase in band.
func formed(u *bess.Unit, snap *bess.Snapshot) bool {
	for k := range u.Inverter.Phases {
		v, ok := snap.Inverter.PhaseVolts[k].Fresh(snap.Now, resumeAge)
		if !ok || v < si.Mul(u.Inverter.PhaseVolts, float64(u.Network.VoltsMin)) {
			return false
		}
	}
	return snap.IO.Bond.Is(snap.Now, resumeAge) && snap.Inverter.Running.Is(snap.Now, resumeAge)
}

// AppendStanding appends everything about the state that is on or off, open or
// closed, or at a step: what a restart should find as it was. A change of it is
// worth a checkpoint at once; what only drifts waits for the next minute.
func (s *State) AppendStanding(b []byte) []byte {
	bits := func(list ...bool) {
		mask := byte(0)
		for i, on := range list {
			if on {
				mask |= 1 << i
			}
		}
		b = append(b, mask)
	}
	stages, orders := &s.Stages, &s.Ordered
	b = append(b, byte(stages.Service), byte(stages.Network), byte(stages.Live))
	for i := range stages.Packs {
		b = append(b, byte(stages.Packs[i]))
	}
	for i := range stages.Generators {
		b = append(b, byte(stages.Generators[i]))
	}
	for i := range orders.Packs {
		bits(orders.Packs[i].Wake, orders.Packs[i].Precharge, orders.Packs[i].Close)
	}
	for i := range orders.Converters {
		b = append(b, byte(orders.Converters[i].Mode))
	}
	for i := range orders.Feeders {
		bits(orders.Feeders[i].Close, orders.Feeders[i].Run)
	}
	for i := range orders.Circuits {
		bits(orders.Circuits[i].Close)
	}
	b = append(b, byte(orders.Inverter.Mode))
	bits(orders.IO.OutletSupply, orders.IO.Bond)
	return b
}
