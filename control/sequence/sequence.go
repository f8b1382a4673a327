// Package sequence owns everything that takes steps: packs that join and leave
// the bus, precharge, weld check and lock-out, the network states with
// transfer and earthing, black start, generators, start and stop of the whole
// unit. It turns the split that dispatch wants into orders that fit the step
// in which each part stands.
//
// Every step advances on measured values only. What is not measured is not
// assumed; it runs into the step's timeout, which is safe.
package sequence

import "reprise/bess"

// View is what sequence may see of a tick.
type View struct {
	Snap      *bess.Snapshot
	Estimates *bess.Estimates
	Verdict   *bess.Verdict
	Standing  *bess.Standing
	Split     *bess.Split
	Desk      *bess.Desk
	Mark      uint64 // number of the last record that must become durable
}

// orderLife is how long contactors, relays and supplies obey an order that is
// not renewed: as long as an island's hold, so that a controller that restarts
// in 1.5 s interrupts nobody, and no pack opens before the converters stopped.
// The I/O module's own watchdog and the hold-in window are shorter.
const orderLife = 3 * bess.Second

// readingAge is how old a reading may be to prove a step.
const readingAge = bess.Second

// State is what sequence remembers beside the stages.
type State struct {
	Last       bess.Instant // of the tick before
	Absence    bess.Absence
	BusSeen    bess.Instant // the DC bus was last heard, or the loop was away
	Packs      []PackSteps
	Feeders    []FeederSteps
	Circuits   []CircuitSteps
	NextClose  bess.Instant // no further circuit is closed before
	LastClosed int          // circuit that was closed last, or Nobody
	Wanted     bool         // a person wants the unit in service
	Empty      bool         // the store ran empty in island
	Ebb        bess.Instant // since when loads are being shed for a stop; 0: not
	Quiet      bool         // they are off: the network may go
	Dark       bool         // black start asked: form without waiting for a feeder
	BusUp      bool         // the DC bus has reached its window since it was dark
	Target     bess.NetworkState
	TargetFeed int
	Transfer   TransferStep
	StepSince  bess.Instant
	RetryAt    bess.Instant // after a failed transfer
	Faulted    bess.Instant // the inverter reports a fault on a live network since; 0: not
	SagAt      bess.Instant // the island's voltage is down since; 0: not
	LostSince  bess.Instant // the live feeder is out of band since; 0: in band
}

// PackSteps is what is remembered of one pack's sequence.
type PackSteps struct {
	Tries    int
	NeedMark uint64 // closing waits until this record is durable
	Out      bool   // taken out by a person
}

// FeederSteps is what is remembered of one feeder.
type FeederSteps struct {
	GoodSince bess.Instant // volts, hertz and poles in band since; 0: not
	Since     bess.Instant // of the generator stage
	Tries     int
	Manual    bool // a person asked the generator to run
}

// CircuitSteps is what is remembered of one circuit.
type CircuitSteps struct {
	Closed    bool         // ordered closed
	HeldUntil bess.Instant // it brought the inverter down: not closed before
}

// New is a unit at rest.
func New(u *bess.Unit) State {
	return State{
		Packs: make([]PackSteps, len(u.Packs)), Feeders: make([]FeederSteps, len(u.Feeders)),
		Circuits: make([]CircuitSteps, len(u.Circuits)), LastClosed: bess.Nobody,
		TargetFeed: bess.Nobody,
	}
}

// CopyFrom makes s equal to o without sharing memory.
func (s *State) CopyFrom(o *State) {
	packs, feeders, circuits := s.Packs, s.Feeders, s.Circuits
	copy(packs, o.Packs)
	copy(feeders, o.Feeders)
	copy(circuits, o.Circuits)
	*s = *o
	s.Packs, s.Feeders, s.Circuits = packs, feeders, circuits
}

// Update takes every sequence one tick on and writes the orders.
func (s *State) Update(u *bess.Unit, in View, stages *bess.Stages, c *bess.Commands) {
	s.wakeUp(u, in, stages)
	s.answer(u, in, stages)
	s.watchBus(u, in, stages)
	s.service(in, stages)
	s.ebb(u, in, stages)
	for i := range u.Packs {
		s.pack(u, in, stages, i)
	}
	for i := range u.Feeders {
		s.watchFeeder(u, in, i)
		if u.Feeders[i].Kind == bess.Generator {
			s.generator(u, in, stages, i)
		}
	}
	s.network(u, in, stages)
	s.orders(u, in, stages, c)
}

// answer grants or refuses what persons ask of the sequences.
func (s *State) answer(u *bess.Unit, in View, stages *bess.Stages) {
	d := in.Desk
	for i := range d.Requests {
		if !d.Pending(i) {
			continue
		}
		switch r := &d.Requests[i]; r.Verb {
		case bess.Start, bess.BlackStart:
			s.answerStart(in, stages, i, r.Verb == bess.BlackStart)
		case bess.Stop:
			s.Wanted, s.Dark = false, false
			d.Grant(i)
		case bess.PackOut, bess.PackIn:
			s.answerPack(u, in, stages, i)
		case bess.GeneratorRun, bess.GeneratorAuto:
			if r.Target < 0 || r.Target >= len(u.Feeders) || u.Feeders[r.Target].Kind != bess.Generator {
				d.Refuse(i, bess.RefusedNoTarget)
				continue
			}
			s.Feeders[r.Target].Manual = r.Verb == bess.GeneratorRun
			s.Feeders[r.Target].Tries = 0
			if stages.Generators[r.Target] == bess.GeneratorFailed {
				setGenerator(stages, s, r.Target, bess.GeneratorOff, in.Snap.Now)
			}
			d.Grant(i)
		default: // other rooms answer those
		}
	}
}

func (s *State) answerStart(in View, stages *bess.Stages, i int, dark bool) {
	switch {
	case dark && nameless(&in.Desk.Requests[i]):
		in.Desk.Refuse(i, bess.RefusedPersonNeeded)
	case in.Standing.Transport:
		in.Desk.Refuse(i, bess.RefusedNotNow)
	case in.Verdict.Unit.Level >= bess.LevelOpenAll:
		in.Desk.Refuse(i, bess.RefusedLatched)
	default:
		s.Wanted, s.Dark = true, s.Dark || dark
		if stages.Service == bess.ServiceStopped {
			stages.Service = bess.ServiceOff
		}
		in.Desk.Grant(i)
	}
}

// nameless is a remote request behind which nobody stands.
func nameless(r *bess.Request) bool { return r.By == bess.SourceFleet && r.Person == "" }

// answerPack takes a pack out for service or back in. Back in needs the serial
// that the pack reports or the one configured, typed by the person: the
// exchange of the wrong pack shows here, before anything closes.
func (s *State) answerPack(u *bess.Unit, in View, stages *bess.Stages, i int) {
	r := &in.Desk.Requests[i]
	if r.Target < 0 || r.Target >= len(u.Packs) {
		in.Desk.Refuse(i, bess.RefusedNoTarget)
		return
	}
	p := &s.Packs[r.Target]
	if r.Verb == bess.PackOut {
		p.Out = true
		in.Desk.Grant(i)
		return
	}
	if nameless(r) { // somebody may have his hands in it
		in.Desk.Refuse(i, bess.RefusedPersonNeeded)
		return
	}
	if want := u.Packs[r.Target].Serial; want != "" && r.Text != want {
		in.Desk.Refuse(i, bess.RefusedForbidden)
		return
	}
	p.Out, p.Tries = false, 0
	switch stages.Packs[r.Target] {
	case bess.PackService, bess.PackLockedOut, bess.PackWelded:
		setPack(stages, r.Target, bess.PackOpen, in.Snap.Now)
	default: // in service already
	}
	in.Desk.Grant(i)
}

// wakeUp is for a controller that was away for longer than its orders lived:
// everything has fallen open and off meanwhile. Nothing may be ordered closed
// again as if it still were; every part goes through its sequence anew.
func (s *State) wakeUp(u *bess.Unit, in View, stages *bess.Stages) {
	now := in.Snap.Now
	away := now.Since(s.Last)
	s.Last = now
	s.Absence.Tick(now)
	if away >= 0 && away < orderLife {
		if s.Absence.Just(1) {
			s.pause(s.Absence.Away)
		}
		return
	}
	for i := range u.Packs {
		switch stages.Packs[i] {
		case bess.PackPrecharging, bess.PackClosing, bess.PackJoined, bess.PackLeaving:
			setPack(stages, i, bess.PackOpening, now)
		case bess.PackWaking:
			setPack(stages, i, bess.PackOpen, now)
		default: // open in any case
		}
	}
	for i := range u.Feeders {
		s.Feeders[i].GoodSince = 0
		if runs(stages.Generators[i]) {
			setGenerator(stages, s, i, bess.GeneratorOff, now)
		}
	}
	for i := range s.Circuits {
		s.Circuits[i].Closed = false
	}
	s.settle(stages, bess.NetworkDead, bess.Nobody, now)
	s.RetryAt, s.LostSince, s.Faulted, s.SagAt, s.NextClose = 0, 0, 0, 0, 0
}

// pause leaves the time in which nobody ran out of the times after which a
// network or a transfer is given up: one bad sample before an absence has not
// lasted through it.
func (s *State) pause(away bess.Span) {
	for _, since := range [...]*bess.Instant{&s.LostSince, &s.SagAt, &s.Faulted, &s.StepSince} {
		if *since != 0 {
			*since = since.Add(away)
		}
	}
}
