package control

import (
	"crypto/sha256"

	"reprise/bess"
	"reprise/control/dispatch"
	"reprise/control/estimate"
	"reprise/control/safety"
	"reprise/control/sequence"
	"reprise/control/session"
	"reprise/ledger"
)

// State is all that the controller remembers from tick to tick.
type State struct {
	Tick     uint64
	Mark     uint64 // number of the last record that a restart must find on disk
	Standing bess.Standing

	Estimate  estimate.State
	Estimates bess.Estimates
	Safety    safety.State
	Verdict   bess.Verdict
	Session   session.State
	Wants     []bess.Want
	Dispatch  dispatch.State
	Split     bess.Split
	Sequence  sequence.State
	Stages    bess.Stages
	Ledger    ledger.State
	Ordered   bess.Commands // of the tick before, as clamped

	desk  bess.Desk
	shape [sha256.Size]byte // fingerprint of the types, see AppendState
}

// New is the state of a unit that has just been switched on: everything open,
// nothing known.
func New(u *bess.Unit) *State {
	return &State{
		Standing:  bess.NewStanding(u),
		Estimate:  estimate.New(u),
		Estimates: bess.NewEstimates(u),
		Safety:    safety.New(u),
		Verdict:   bess.NewVerdict(u, safety.MaxAlarms),
		Session:   session.New(u),
		Wants:     make([]bess.Want, len(u.Outlets)),
		Dispatch:  dispatch.New(u),
		Split:     bess.NewSplit(u),
		Sequence:  sequence.New(u),
		Stages:    bess.NewStages(u),
		Ledger:    ledger.New(u),
		Ordered:   bess.NewCommands(u),
		shape:     stateShape(),
	}
}

// NewInputs are empty inputs sized for the unit.
func NewInputs(u *bess.Unit) *Inputs { return &Inputs{Snapshot: bess.NewSnapshot(u)} }

// NewOutputs are empty outputs sized for the unit.
func NewOutputs(u *bess.Unit) *Outputs {
	return &Outputs{Commands: bess.NewCommands(u), Events: make([]bess.Event, 0, 256)}
}

// CopyFrom makes s equal to o without sharing memory.
func (s *State) CopyFrom(o *State) {
	s.inherit(o)
	s.Verdict.CopyFrom(&o.Verdict)
	s.Ordered.CopyFrom(&o.Ordered)
}

// inherit copies what a tick begins with. The verdict it makes anew, and the
// orders of the tick before it reads where they are.
func (s *State) inherit(o *State) {
	s.Tick, s.Mark = o.Tick, o.Mark
	s.Standing.CopyFrom(&o.Standing)
	s.Estimate.CopyFrom(&o.Estimate)
	s.Estimates.CopyFrom(&o.Estimates)
	s.Safety.CopyFrom(&o.Safety)
	s.Session.CopyFrom(&o.Session)
	copy(s.Wants, o.Wants)
	s.Dispatch.CopyFrom(&o.Dispatch)
	s.Split.CopyFrom(&o.Split)
	s.Sequence.CopyFrom(&o.Sequence)
	s.Stages.CopyFrom(&o.Stages)
	s.Ledger.CopyFrom(&o.Ledger)
}

func (s *State) begin(prev *State, in *Inputs, out *Outputs) {
	s.inherit(prev)
	s.Tick++
	s.desk.Open(in.Requests, in.Snapshot.Now)
	out.Commands.Clear()
	out.Events = out.Events[:0]
	out.Entries = out.Entries[:0]
}

func (s *State) safetyView(snap *bess.Snapshot, prev *State) safety.View {
	return safety.View{
		Snap: snap, Estimates: &s.Estimates, Stages: &prev.Stages,
		Ordered: &prev.Ordered, Standing: &s.Standing, Desk: &s.desk,
	}
}

func (s *State) sessionView(snap *bess.Snapshot, stages *bess.Stages) session.View {
	return session.View{
		Snap: snap, Estimates: &s.Estimates, Verdict: &s.Verdict, Stages: stages,
		Standing: &s.Standing, Split: &s.Split, Desk: &s.desk,
	}
}

func (s *State) dispatchView(snap *bess.Snapshot, prev *State) dispatch.View {
	return dispatch.View{
		Snap: snap, Estimates: &s.Estimates, Verdict: &s.Verdict, Stages: &prev.Stages,
		Standing: &s.Standing, Wants: s.Wants, Ordered: &prev.Ordered,
	}
}

func (s *State) sequenceView(snap *bess.Snapshot) sequence.View {
	return sequence.View{
		Snap: snap, Estimates: &s.Estimates, Verdict: &s.Verdict,
		Standing: &s.Standing, Split: &s.Split, Desk: &s.desk, Mark: s.Mark,
	}
}

// end remembers the orders as given and tells what changed.
func (s *State) end(u *bess.Unit, prev *State, snap *bess.Snapshot, out *Outputs) {
	s.Ordered.CopyFrom(&out.Commands)
	s.mark(prev, out)
	s.desk.Close()
	out.Answers = s.desk.Answers
	announce(u, prev, s, snap, out)
}

// mark numbers what must be durable before a contactor may close on it: a new
// entry, a changed latch, a pack that is about to join.
func (s *State) mark(prev *State, out *Outputs) {
	changed := len(out.Entries) > 0 || s.Safety.Changed(&prev.Safety)
	for i, stage := range s.Stages.Packs {
		changed = changed || stage == bess.PackWaking && prev.Stages.Packs[i] != bess.PackWaking
	}
	if changed {
		s.Mark++
	}
}
