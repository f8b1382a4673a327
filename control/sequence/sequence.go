// Package sequence owns everything that takes steps: packs that join and leave
// the bus, precharge, weld check and lock-out, the network states with
// transfer and earthing, black start, generators, start and stop of the whole
// unit. It turns the split that dispatch wants into orders that fit the step
// in which each part stands.
//
// Every step advances on measured values only. What is not measured is not
// assumed; it runs into the step's timeout, which is safe.
package sequence

import (
	"reprise/bess"
	"reprise/bess/si"
)

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

// Leases of the orders given here; each actuator's own watchdog is not shorter.
const (
	contactorLease = bess.Second
	readingAge     = bess.Second
)

// State is what sequence remembers beside the stages.
type State struct {
	Packs      []PackSteps
	Feeders    []FeederSteps
	Wanted     bool // a person wants the unit in service
	Dark       bool // black start asked: form without waiting for a feeder
	BusUp      bool // the DC bus has reached its window since it was dark
	Target     bess.NetworkState
	TargetFeed int
	Transfer   TransferStep
	StepSince  bess.Instant
	RetryAt    bess.Instant // after a failed transfer
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

// New is a unit at rest.
func New(u *bess.Unit) State {
	return State{
		Packs: make([]PackSteps, len(u.Packs)), Feeders: make([]FeederSteps, len(u.Feeders)),
		TargetFeed: bess.Nobody,
	}
}

// CopyFrom makes s equal to o without sharing memory.
func (s *State) CopyFrom(o *State) {
	packs, feeders := s.Packs, s.Feeders
	copy(packs, o.Packs)
	copy(feeders, o.Feeders)
	*s = *o
	s.Packs, s.Feeders = packs, feeders
}

// Update takes every sequence one tick on and writes the orders.
func (s *State) Update(u *bess.Unit, in View, stages *bess.Stages, c *bess.Commands) {
	s.answer(u, in, stages)
	s.service(u, in, stages)
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
		}
	}
}

func (s *State) answerStart(in View, stages *bess.Stages, i int, dark bool) {
	switch {
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
	if want := u.Packs[r.Target].Serial; want != "" && r.Text != want {
		in.Desk.Refuse(i, bess.RefusedForbidden)
		return
	}
	p.Out, p.Tries = false, 0
	switch stages.Packs[r.Target] {
	case bess.PackService, bess.PackLockedOut, bess.PackWelded:
		setPack(stages, r.Target, bess.PackOpen, in.Snap.Now)
	}
	in.Desk.Grant(i)
}

// service is the unit as a whole: off, starting, on, stopping.
func (s *State) service(u *bess.Unit, in View, stages *bess.Stages) {
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
		if in.Standing.Records[i].Person != "" {
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

// serving reports whether packs and network should be up.
func serving(stages *bess.Stages) bool {
	return stages.Service == bess.ServiceStarting || stages.Service == bess.ServiceOn
}

// busVolts is the DC bus voltage, if freshly measured.
func busVolts(in View) (si.Volts, bool) {
	return in.Snap.Bus.Volts.Fresh(in.Snap.Now, readingAge)
}
