package unit

import (
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/control"
	"reprise/journal"
)

// tick is one turn of the loop, in the order of the house: image, journal,
// step, orders, watchdog, records, picture.
func (m *Machine) tick() {
	var took [stageCount]time.Duration
	last := time.Now()
	lap := func(s stage) {
		now := time.Now()
		took[s] = now.Sub(last)
		last = now
	}
	m.sense()
	m.hear()
	lap(stageSense)
	m.record()
	lap(stageJournal)
	control.Step(m.unit, m.state, m.in, m.next, m.out)
	m.state, m.next = m.next, m.state
	lap(stageStep)
	m.obey()
	lap(stageObey)
	m.digest.Add(m.state, m.out)
	m.answer()
	m.keep()
	m.collect()
	lap(stageKeep)
	m.show()
	lap(stageShow)
	if m.meter.add(&took) {
		m.complain()
	}
}

// sense takes the image of all devices. A plant is moved on first, under the
// orders of the tick before.
func (m *Machine) sense() {
	snap := &m.in.Snapshot
	if p := m.config.Plant; p != nil {
		p.Step(&m.out.Commands, si.Seconds(TickLength.Seconds()))
		p.Sense(snap)
	} else {
		snap.Now, snap.Civil = m.clock.now(), m.config.Wall()
		for _, p := range m.config.Ports {
			p.Sense(snap, snap.Now)
		}
	}
	snap.Store = m.storeView(snap.Now)
}

// storeView is the durable store's own report. Without a store nothing is ever
// lost that anybody was promised, so nothing waits.
func (m *Machine) storeView(now bess.Instant) bess.StoreView {
	v := bess.StoreView{DurableUpTo: m.state.Mark}
	if k := m.config.Keeper; k != nil {
		v.DurableUpTo = k.DurableUpTo()
		v.Failed = bess.FlagOf(k.Trouble() != "", now)
	}
	if m.config.Folder != "" {
		m.disk.report(&v, now)
	}
	if w := m.config.Journal; w != nil && w.Health().Trouble != "" {
		v.Full = bess.FlagOf(true, now)
	}
	return v
}

// record journals the inputs before they are used, so that a tick that breaks
// the controller can be run again.
func (m *Machine) record() {
	w := m.config.Journal
	if w == nil {
		return
	}
	if w.WantsCheckpoint() || control.StateTick(m.state.Tick) {
		w.Checkpoint(m.state.Tick, m.in.Snapshot.Now, m.checkpoint())
	}
	t := journal.Tick{
		Number: m.state.Tick + 1, Snapshot: &m.in.Snapshot, Requests: m.in.Requests, Plan: m.in.Plan,
		Ordered: &m.state.Ordered, Chain: [8]byte(m.digest.Chain[:8]),
	}
	w.Tick(&t)
}

func (m *Machine) obey() {
	now := m.in.Snapshot.Now
	for _, p := range m.config.Ports {
		p.Obey(&m.out.Commands, now)
	}
	m.pulse.set(Alive{Now: now, Civil: m.in.Snapshot.Civil.UnixMilli})
	if m.config.Feed != nil {
		m.config.Feed()
	}
}

// complain tells what took longer than it may, at most once a minute.
func (m *Machine) complain() {
	if m.meter.told > 0 {
		m.meter.told--
		return
	}
	for s, n := range m.meter.over {
		if n > 0 {
			m.log.Warn("a stage of the loop took too long", "stage", stage(s).String(), "ticks", n, "mean_us", m.meter.stages[s])
			m.meter.told = 60
		}
	}
	m.meter.over = [stageCount]uint64{}
}
