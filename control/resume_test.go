package control

import (
	"testing"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/control/safety"
)

// A row that was over its limit when the state was kept has not been so ever since.
func TestResumeCountsNoTimeThatNobodySaw(t *testing.T) {
	u := resumeUnit()
	s := New(u)
	s.Safety.Marks[0], s.Safety.Timers[0] = safety.Seen|safety.Qualifying|safety.Blind, safety.Timer{Since: 1000}
	s.Safety.Marks[1], s.Safety.Timers[1] = safety.Seen|safety.Acting|safety.Gone, safety.Timer{Since: 900, Gone: 1000, Value: 4}
	s.Safety.Awake = 2
	snap := bess.NewSnapshot(u)
	snap.Now = 100_000
	s.Resume(u, &snap)
	if s.Safety.Marks[0] != safety.Seen || s.Safety.Timers[0] != (safety.Timer{}) || s.Safety.Awake != 1 {
		t.Errorf("qualifying: %b, %+v, awake %d", s.Safety.Marks[0], s.Safety.Timers[0], s.Safety.Awake)
	}
	if s.Safety.Marks[1] != safety.Seen|safety.Acting|safety.Gone || s.Safety.Timers[1] != (safety.Timer{Since: 900, Gone: 100_000, Value: 4}) {
		t.Errorf("acting: %b, %+v", s.Safety.Marks[1], s.Safety.Timers[1])
	}
}

// What is measured says how things stand; what is not measured leaves the state its word.
func TestResumeByWhatIsMeasured(t *testing.T) {
	const now = bess.Instant(50_000)
	no, yes, unknown := bess.FlagOf(false, now), bess.FlagOf(true, now), bess.Flag{}
	off, follow, form := bess.InverterOff, bess.InverterFollow, bess.InverterForm
	for _, c := range []struct {
		name            string
		was             bess.NetworkState
		live            int
		grid, generator bess.Flag
		mode            bess.InverterMode
		bond            bess.Flag
		want            bess.NetworkState
		wantLive        int
	}{
		{"grid as it was", bess.NetworkGrid, 0, yes, no, follow, no, bess.NetworkGrid, 0},
		{"grid, nothing heard", bess.NetworkGrid, 0, unknown, unknown, follow, unknown, bess.NetworkGrid, 0},
		{"island as it was", bess.NetworkIsland, bess.Nobody, no, no, form, yes, bess.NetworkIsland, bess.Nobody},
		{"island, a meter not heard", bess.NetworkIsland, bess.Nobody, unknown, no, form, yes, bess.NetworkIsland, bess.Nobody},
		{"grid that has become an island", bess.NetworkGrid, 0, no, no, form, yes, bess.NetworkIsland, bess.Nobody},
		{"island that has become the grid", bess.NetworkIsland, bess.Nobody, yes, no, follow, no, bess.NetworkGrid, 0},
		{"grid that has opened", bess.NetworkGrid, 0, no, no, off, no, bess.NetworkTransferring, bess.Nobody},
		{"island whose inverter has stopped", bess.NetworkIsland, bess.Nobody, no, no, off, yes, bess.NetworkTransferring, bess.Nobody},
		{"a supply beside a forming inverter", bess.NetworkIsland, bess.Nobody, yes, no, form, yes, bess.NetworkTransferring, bess.Nobody},
		{"two supplies", bess.NetworkGrid, 0, yes, yes, follow, no, bess.NetworkTransferring, bess.Nobody},
		{"a generator that was not running", bess.NetworkDead, bess.Nobody, no, yes, off, no, bess.NetworkTransferring, bess.Nobody},
	} {
		u := resumeUnit()
		s := New(u)
		s.Stages.Service, s.Stages.Network, s.Stages.Live = bess.ServiceOn, c.was, c.live
		snap := bess.NewSnapshot(u)
		snap.Now = now
		snap.Feeders[0].Contactor, snap.Feeders[1].Contactor = c.grid, c.generator
		snap.Inverter.Mode = bess.Of(si.Ratio(c.mode), now)
		snap.Inverter.Running = bess.FlagOf(c.mode == form, now)
		snap.Inverter.PhaseVolts[0] = bess.Of(si.Volts(230), now)
		snap.IO.Bond = c.bond
		s.Resume(u, &snap)
		if s.Stages.Network != c.want || s.Stages.Live != c.wantLive {
			t.Errorf("%s: %v by %d", c.name, s.Stages.Network, s.Stages.Live)
		}
		if c.want == bess.NetworkTransferring && s.Sequence.Target != bess.NetworkDead {
			t.Errorf("%s: towards %v", c.name, s.Sequence.Target)
		}
	}
}

func TestResumeOfPacks(t *testing.T) {
	const now = bess.Instant(50_000)
	for _, c := range []struct {
		was    bess.PackStage
		closed bess.Flag
		want   bess.PackStage
		anew   bool
	}{
		{bess.PackPrecharging, bess.FlagOf(true, now), bess.PackClosing, true},
		{bess.PackPrecharging, bess.FlagOf(false, now), bess.PackPrecharging, true},
		{bess.PackClosing, bess.FlagOf(false, now), bess.PackPrecharging, true},
		{bess.PackClosing, bess.Flag{}, bess.PackClosing, true},
		{bess.PackLeaving, bess.FlagOf(false, now), bess.PackOpening, true},
		{bess.PackLeaving, bess.FlagOf(true, now), bess.PackLeaving, true},
		{bess.PackOpening, bess.FlagOf(true, now), bess.PackOpening, true},
		{bess.PackJoined, bess.FlagOf(false, now), bess.PackOpening, true},
		{bess.PackJoined, bess.Flag{}, bess.PackJoined, false},
		{bess.PackJoined, bess.FlagOf(true, now), bess.PackJoined, false},
		{bess.PackLockedOut, bess.FlagOf(true, now), bess.PackLockedOut, false},
		{bess.PackOpen, bess.FlagOf(true, now), bess.PackOpen, false},
	} {
		u := resumeUnit()
		s := New(u)
		s.Stages.Packs[0], s.Stages.PackSince[0] = c.was, 7
		snap := bess.NewSnapshot(u)
		snap.Now, snap.Packs[0].Contactor = now, c.closed
		s.Resume(u, &snap)
		if s.Stages.Packs[0] != c.want || (s.Stages.PackSince[0] == now) != c.anew {
			t.Errorf("%v, closed %v: %v since %v", c.was, c.closed.State, s.Stages.Packs[0], s.Stages.PackSince[0])
		}
	}
}

func resumeUnit() *bess.Unit {
	return &bess.Unit{
		Packs:    make([]bess.Pack, 1),
		Feeders:  []bess.Feeder{{Kind: bess.Grid, Phases: 1}, {Kind: bess.Generator, Phases: 1}},
		Inverter: bess.Inverter{Phases: 1, PhaseVolts: 230}, Network: bess.Network{VoltsMin: 0.9},
	}
}
