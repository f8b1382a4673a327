package control

import (
	"reprise/bess"
	"reprise/control/safety"
)

// Inputs is all that one tick may know.
type Inputs struct {
	Snapshot bess.Snapshot
	Requests []bess.Request
	Plan     *bess.Plan // only on the tick on which it arrives
}

// Outputs is all that one tick decides. Commands that close a contactor are
// given only when the records behind them are durable; entries are announced
// once Snapshot.Store.DurableUpTo has reached their number.
type Outputs struct {
	Commands bess.Commands
	Events   []bess.Event
	Entries  []bess.Entry
	Answers  []bess.Answer
}

// Step is the controller: one tick of 100 ms. It reads prev, never writes it,
// and leaves the new state in next, which must not alias it. The same state
// and inputs give the same outputs, to the bit. It allocates nothing.
//
// The order is fixed. Safety speaks first (Judge) and last (Clamp): everyone
// between acts within its verdict, and nothing touches the commands after it
// but the books.
func Step(u *bess.Unit, prev *State, in *Inputs, next *State, out *Outputs) {
	snap := &in.Snapshot
	next.begin(prev, in, out)
	next.stand(u, snap)

	next.Estimate.Update(u, snap, &prev.Stages, &next.Estimates)
	next.Safety.Judge(u, next.safetyView(snap, prev), &next.Verdict)
	next.Session.Update(u, next.sessionView(snap, &prev.Stages), next.Wants)
	next.Dispatch.Update(u, next.dispatchView(snap, prev), &next.Split)
	next.Sequence.Update(u, next.sequenceView(snap), &next.Stages, &out.Commands)
	safety.Clamp(u, snap, &next.Verdict, &next.Stages, &out.Commands)

	out.Entries = next.Ledger.Accrue(u, snap, &next.Estimates, out.Entries)
	next.end(u, prev, snap, out)
}
