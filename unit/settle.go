package unit

import (
	"context"
	"time"

	"reprise/bess"
)

// How long a restarted unit looks before it decides. Its devices hold their
// last references meanwhile: droop converters and the forming inverter for 3 s,
// contactors for the 2.5 s of the hold-in's window. A restart of 1.5 s leaves
// so much of that.
const (
	settleMost = 900 * time.Millisecond
	settleLook = 20 * time.Millisecond
)

// settle waits until every device that carried something when the run before
// ended has reported, and takes up the state by what they say. Without it the
// first ticks would see a machine of which nothing is known, or one that has
// moved on since the checkpoint, and bring down what runs well.
func (m *Machine) settle(ctx context.Context) {
	if !m.resumed && m.lockedOut == "" {
		return
	}
	if m.config.Plant == nil {
		m.listen(ctx)
	}
	if !m.resumed {
		for i := range m.unit.Packs {
			m.holdOpen(i)
		}
		return
	}
	m.state.Resume(m.unit, &m.in.Snapshot)
	m.lockLost()
	m.out.Commands.CopyFrom(&m.state.Ordered)
}

// listen waits until what carries something has been heard.
func (m *Machine) listen(ctx context.Context) {
	for end := time.Now().Add(settleMost); time.Now().Before(end) && ctx.Err() == nil; {
		m.sense()
		if m.complete() {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(settleLook):
		}
	}
}

// complete reports whether everything that carries something is in the image.
func (m *Machine) complete() bool {
	snap, stages := &m.in.Snapshot, &m.state.Stages
	now := snap.Now
	if !heard(snap.IO.Alive, now) {
		return false
	}
	for i := range stages.Packs {
		if !m.resumed && snap.Packs[i].Contactor.State == bess.Unknown {
			return false
		}
		switch stages.Packs[i] {
		case bess.PackOpen, bess.PackWaking, bess.PackCooling, bess.PackLockedOut, bess.PackWelded, bess.PackService:
			continue
		default: // it carries something, or is about to
		}
		p := &snap.Packs[i]
		if p.Contactor.State == bess.Unknown || !heard(p.Volts, now) || !heard(p.Current, now) ||
			!heard(p.CellHigh, now) || !heard(p.CellLow, now) || !heard(p.Hot, now) || !heard(p.Cold, now) {
			return false
		}
		for c := range m.unit.Converters {
			if m.unit.Converters[c].Pack == bess.PackID(i) && !heard(snap.Converters[c].Power, now) {
				return false
			}
		}
	}
	if stages.Network == bess.NetworkDead {
		return true
	}
	for i := range snap.Circuits {
		if m.state.Ordered.Circuits[i].Close && snap.Circuits[i].Closed.State == bess.Unknown {
			return false
		}
	}
	live := stages.Live
	return heard(snap.Inverter.Mode, now) && (live == bess.Nobody || snap.Feeders[live].Contactor.State != bess.Unknown)
}

func heard[T ~float64](r bess.Reading[T], now bess.Instant) bool {
	_, ok := r.Fresh(now, fast)
	return ok
}
