package study

import (
	"reprise/bess"
	"reprise/bess/si"
	"reprise/control"
	"reprise/twin"
)

// TickLength is the controller's period.
const TickLength = si.Seconds(0.1)

// durableTicks is how many ticks the imitated store takes to confirm a record.
const durableTicks = 3

// Loop is the controller closed over the twin, without wires: the very Step
// that runs a unit, at full speed.
type Loop struct {
	Unit  *bess.Unit
	World *twin.World
	In    *control.Inputs
	Out   *control.Outputs

	state, next *control.State
	marks       [durableTicks]uint64
	ticks       uint64
	requests    []bess.Request
	number      uint64
}

// NewLoop is a loop over a world that was just made; the controller has just
// been switched on.
func NewLoop(u *bess.Unit, world *twin.World) *Loop {
	return &Loop{
		Unit: u, World: world, In: control.NewInputs(u), Out: control.NewOutputs(u),
		state: control.New(u), next: control.New(u),
	}
}

// State is the controller's state after the last tick.
func (l *Loop) State() *control.State { return l.state }

// Ticks is how many ticks have run.
func (l *Loop) Ticks() uint64 { return l.ticks }

// Ask lays a request on the next tick's desk. It ends a minute later unless it
// carries its own expiry, and gets a number if it has none.
func (l *Loop) Ask(r bess.Request) uint64 {
	l.number++
	if r.ID == 0 {
		r.ID = l.number
	}
	if r.Expires == 0 {
		r.Expires = l.World.Now().Add(bess.Minute)
	}
	l.requests = append(l.requests, r)
	return r.ID
}

// Tick runs one tick: the world moves under the last orders, is looked at, and
// the controller decides anew.
func (l *Loop) Tick() {
	l.World.Step(&l.Out.Commands, TickLength)
	l.World.Sense(&l.In.Snapshot)
	k := l.ticks % durableTicks
	if !l.World.DiskStalled() {
		l.In.Snapshot.Store.DurableUpTo = l.marks[k]
	}
	l.marks[k] = l.state.Mark
	l.In.Requests = l.requests
	control.Step(l.Unit, l.state, l.In, l.next, l.Out)
	l.state, l.next = l.next, l.state
	l.requests = l.requests[:0]
	l.ticks++
}

// Idle runs one tick without a controller: the devices live on their last
// orders until those end.
func (l *Loop) Idle() {
	l.World.Step(nil, TickLength)
	l.World.Sense(&l.In.Snapshot)
}
