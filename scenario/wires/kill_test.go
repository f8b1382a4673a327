package wires

import (
	"bytes"
	"fmt"
	"testing"

	"reprise/bess"
	"reprise/control"
	"reprise/scenario"
	"reprise/study"
	"reprise/twin"
)

// life is a controller that can be killed, closed over the twin without wires.
type life struct {
	sc       *scenario.Scenario
	world    *twin.World
	director *study.Director
	in       *control.Inputs
	out      *control.Outputs
	state    *control.State
	next     *control.State
	asks     []bess.Request
	tick     int

	lag    int // ticks until the disk has what it was given
	stands []byte
	queue  []kept
	disk   kept
}

// kept is a checkpoint on its way to the disk.
type kept struct {
	tick  int
	mark  uint64
	state []byte // nil: only the mark
}

func newLife(t *testing.T, sc *scenario.Scenario, lag int) *life {
	t.Helper()
	u := sc.Unit
	start := twin.Start{Clock: sc.Civil(0), Ambient: 20}
	for _, p := range sc.Packs {
		start.SoC = append(start.SoC, p.SoC)
	}
	l := &life{
		sc: sc, lag: lag, world: twin.New(u, sc.Seed, start), in: control.NewInputs(u), out: control.NewOutputs(u),
		state: control.New(u), next: control.New(u),
	}
	var err error
	l.director, err = study.NewDirector(sc, study.Stage{World: l.world, Ask: func(r bess.Request) {
		r.ID, r.Expires = uint64(len(l.asks)+l.tick+1), l.world.Now().Add(bess.Minute)
		l.asks = append(l.asks, r)
	}})
	if err != nil {
		t.Fatal(err)
	}
	l.director.Begin()
	return l
}

// move takes the world on, with a controller or without.
func (l *life) move(orders *bess.Commands) {
	l.director.Play(bess.Span(l.tick) * 100)
	l.world.Step(orders, 0.1)
	l.world.Sense(&l.in.Snapshot)
	l.tick++
}

// live is one tick of the controller, with the keeping of its unit.
func (l *life) live() {
	l.move(&l.out.Commands)
	for len(l.queue) > 0 && l.queue[0].tick+l.lag <= l.tick {
		if l.queue[0].state == nil {
			l.queue[0].state = l.disk.state
		}
		l.disk, l.queue = l.queue[0], l.queue[1:]
	}
	l.in.Snapshot.Store.DurableUpTo = l.disk.mark
	l.in.Requests = l.asks
	control.Step(l.sc.Unit, l.state, l.in, l.next, l.out)
	l.state, l.next = l.next, l.state
	l.asks = l.asks[:0]
	stands := l.state.AppendStanding(nil)
	if !bytes.Equal(stands, l.stands) || l.state.Mark != l.disk.mark || len(l.out.Answers) > 0 || control.StateTick(l.state.Tick) {
		l.queue = append(l.queue, kept{l.tick, l.state.Mark, control.AppendState(nil, l.state)})
		l.stands = stands
	}
}

// restart kills the controller, leaves the machine to itself for a second and a half, and goes on from the disk.
func (l *life) restart(t *testing.T) {
	t.Helper()
	last := l.in.Snapshot.Now
	for range 15 {
		l.move(nil)
	}
	l.queue, l.stands = nil, nil
	l.state = control.New(l.sc.Unit)
	if l.disk.state == nil {
		l.disk = kept{}
		return // it had not written anything: a new unit
	}
	s, err := control.ReadState(l.sc.Unit, l.disk.state)
	if err != nil {
		t.Fatal(err)
	}
	s.Sequence.Last = last
	s.Resume(l.sc.Unit, &l.in.Snapshot)
	l.state = s
	l.out.Commands.CopyFrom(&s.Ordered)
	// What the machine last heard goes on until the first tick has spoken.
	l.move(nil)
	l.in.Snapshot.Store.DurableUpTo = l.disk.mark
	l.in.Requests = nil
	control.Step(l.sc.Unit, l.state, l.in, l.next, l.out)
	l.state, l.next = l.next, l.state
}

// closed is which packs are truly closed.
func (l *life) closed() []bool {
	truth := l.world.Truth()
	list := make([]bool, len(truth.Packs))
	for i := range truth.Packs {
		list[i] = truth.Packs[i].Closed
	}
	return list
}

// agrees compares the stages with what truly stands; empty: they agree.
func (l *life) agrees() string {
	truth, stages := l.world.Truth(), &l.state.Stages
	for i, stage := range stages.Packs {
		switch stage {
		case bess.PackJoined:
			if !truth.Packs[i].Closed {
				return fmt.Sprintf("pack %d is joined, and truly open", i+1)
			}
		case bess.PackClosing, bess.PackLeaving, bess.PackOpening: // on its way
		default:
			if truth.Packs[i].Closed {
				return fmt.Sprintf("pack %d is %v, and truly closed", i+1, stage)
			}
		}
	}
	switch stages.Network {
	case bess.NetworkIsland:
		if !truth.Forming {
			return "the network is an island, and nobody forms it"
		}
	case bess.NetworkGrid:
		if truth.Live != stages.Live {
			return "the network is the grid, and nobody closed it"
		}
	default: // nobody carries it, or it is on its way
	}
	return ""
}

// wear is what happened to hardware that must not happen. An inverter beside a grid that fails while nobody is there
// trips by its own protection, rightly.
func wear(c *twin.Counts) int {
	return c.Arcs + c.HardClosings + c.ConverterTrips + c.BreakerTrips + c.Parallelled + c.FormRefusals + c.BusCollapses
}

// killed is one life with a kill after so many ticks. Afterwards nothing that was closed opens, an island that stood
// goes on standing, and within half a minute everything is as it would have been.
func killed(t *testing.T, sc *scenario.Scenario, at, ticks int, then bess.NetworkState) {
	t.Helper()
	lag := late(at)
	l := newLife(t, sc, lag)
	for l.tick < at {
		l.live()
	}
	before := l.world.Truth()
	worn := wear(&before.Counts)
	stood := then == bess.NetworkIsland && l.state.Stages.Network == then && before.PhaseVolts[0] > 200
	l.restart(t)
	joined := l.closed()
	wrong := 0
	for l.tick < ticks {
		l.live()
		if said := l.agrees(); said == "" {
			wrong = 0
		} else if wrong++; wrong > 3 {
			t.Fatalf("killed at tick %d, disk %d ticks late: at %d %s", at, lag, l.tick, said)
		}
		for i, closed := range l.closed() {
			if joined[i] && !closed {
				t.Fatalf("killed at tick %d, disk %d ticks late: pack %d opened at %d", at, lag, i+1, l.tick)
			}
		}
		if v := l.world.Truth().PhaseVolts[0]; stood && v < 200 {
			t.Fatalf("killed at tick %d, disk %d ticks late: the island has %.0f V at %d", at, lag, v, l.tick)
		}
	}
	if c := l.world.Truth().Counts; wear(&c) > worn {
		t.Errorf("killed at tick %d, disk %d ticks late: %+v", at, lag, c)
	}
	l.serves(t, at, then)
}

// late is a disk of which every fifth answer takes a second.
func late(at int) int {
	if at%5 == 0 {
		return 10
	}
	return 1 + at%3
}

const stageAndWelfare = `
start: 2021-06-14 10:00 Europe/London
for: 120 s
seed: 5
packs: {soc: 80 %, temperature: 20 C}
series:
  loads: [{circuit: Stage, constant: 12 kW}, {circuit: Welfare, constant: 2 kW}]
story: |
`

// serves checks that everything is as it would be without a kill.
func (l *life) serves(t *testing.T, at int, network bess.NetworkState) {
	t.Helper()
	truth := l.world.Truth()
	if l.state.Stages.Network != network || truth.CircuitNow[0] < 11000 || truth.CircuitNow[1] < 1800 {
		t.Errorf("killed at tick %d: the network is %v with %v and %v", at, l.state.Stages.Network, truth.CircuitNow[0], truth.CircuitNow[1])
	}
	for i, closed := range l.closed() {
		if !closed {
			t.Errorf("killed at tick %d: pack %d is %v", at, i+1, l.state.Stages.Packs[i])
		}
	}
	for i := range l.state.Verdict.Alarms {
		if a := &l.state.Verdict.Alarms[i]; a.Latched {
			t.Errorf("killed at tick %d: rule %d latched on %v", at, a.Rule, a.Subject)
		}
	}
}

// TestKilledAtEveryTickOfAStart: packs join and the island is raised while the grid is dead.
func TestKilledAtEveryTickOfAStart(t *testing.T) {
	sc := written(t, "killed", stageAndWelfare+"  10:00:00 fail feeder Grid\n")
	for at := 15; at <= 150; at++ { // before, the disk may not know that it is wanted
		killed(t, sc, at, 450, bess.NetworkIsland)
	}
}

// TestKilledAtEveryTickOfATransfer: the grid fails, and comes back.
func TestKilledAtEveryTickOfATransfer(t *testing.T) {
	sc := written(t, "killed", stageAndWelfare+"  10:00:20 fail feeder Grid\n")
	for at := 197; at <= 280; at++ {
		killed(t, sc, at, 600, bess.NetworkIsland)
	}
	sc = written(t, "killed", stageAndWelfare+"  10:00:00 fail feeder Grid\n  10:00:20 restore feeder Grid\n")
	sc.Unit.Network.ReturnAfter = 10 * bess.Second
	for at := 290; at <= 330; at++ {
		killed(t, sc, at, 800, bess.NetworkGrid)
	}
}

// TestKilledAtEveryTickOfATrip: a cell gets too hot, and the latch holds whenever the controller dies.
func TestKilledAtEveryTickOfATrip(t *testing.T) {
	sc := written(t, "killed", stageAndWelfare+"  10:00:00 fail feeder Grid\n  10:00:20 heat pack 3 cell 59 to 66 C over 2 s\n")
	tripped := 0
	for at := 200; at <= 260; at++ {
		l := newLife(t, sc, late(at))
		for l.tick < at {
			l.live()
		}
		if !l.closed()[2] {
			tripped++
		}
		l.restart(t)
		for l.tick < 420 {
			l.live()
		}
		latched := false
		for _, a := range l.state.Verdict.Alarms {
			latched = latched || a.Latched && a.Subject == bess.Subject{Kind: bess.OfPack, Index: 2}
		}
		for i, closed := range l.closed() {
			if closed != (i != 2) {
				t.Errorf("killed at tick %d: pack %d closed: %v", at, i+1, closed)
			}
		}
		if said := l.agrees(); !latched || said != "" {
			t.Errorf("killed at tick %d: latched %v; %s", at, latched, said)
		}
	}
	if tripped == 0 || tripped == 61 {
		t.Errorf("pack 3 was open in %d of 61 lives: none was killed on the other side", tripped)
	}
}
