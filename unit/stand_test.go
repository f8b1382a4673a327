package unit

import (
	"strings"
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

// A sentence is true for the state in which its part stands: dead, open,
// changing over and stopped are said before any cause of dispatch.
func TestTheStateSpeaksBeforeTheCause(t *testing.T) {
	m := machine(t, Config{})
	m.tick()
	s := m.state
	for i := range s.Split.Circuits {
		s.Split.Circuits[i].Why = bess.CauseShare
	}
	says := func(what, got, want string) {
		t.Helper()
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q in it", what, got, want)
		}
	}
	s.Stages.Network = bess.NetworkTransferring
	says("a circuit in a transfer", m.whyOfCircuit(0, "closed"), "changes over")
	says("an outlet in a transfer", m.whyOfOutlet(0, bess.CauseShare), "changes over")
	says("an outlet whose station is silent", m.whyOfOutlet(0, bess.CauseStationSilent), "does not answer")
	s.Stages.Network = bess.NetworkDead
	says("a circuit of a dead network", m.whyOfCircuit(0, "closed"), "no live network")
	s.Stages.Network = bess.NetworkGrid
	says("a circuit that is open", m.whyOfCircuit(0, "open"), "contactor is open")
	says("a circuit that is on", m.whyOfCircuit(0, "closed"), "takes what is plugged")

	grid := -1
	for i := range m.unit.Feeders {
		if m.unit.Feeders[i].Kind == bess.Grid {
			grid = i
		}
	}
	if grid < 0 {
		t.Fatal("the small unit has no grid")
	}
	f := bess.FeederPicture{State: "open", Volts: [3]bess.Figure{bess.Known(si.Volts(0)), bess.Known(si.Volts(3)), bess.Known(si.Volts(0))}}
	s.Split.Feeders[grid].Why = bess.CauseNotNeeded
	says("a dead grid", m.whyOfFeeder(grid, &f), "it is dead")
	f.Volts[1] = bess.Known(si.Volts(231))
	says("a live grid that is open", m.whyOfFeeder(grid, &f), "not needed now")
	s.Split.Feeders[grid].Why = bess.CauseRefill
	says("an open supply", m.whyOfFeeder(grid, &f), "contactor is open")
	s.Verdict.Unit.Level = bess.LevelOpenAll
	says("an open supply after a stop", m.whyOfFeeder(grid, &f), "stopped by safety")
	says("a circuit after a stop", m.whyOfCircuit(0, "open"), "stopped by safety")
}

// The times never contradict what the packs are seen to carry.
func TestTimesAgreeWithTheFlow(t *testing.T) {
	store := bess.StorePicture{
		SoC: bess.Known(si.Ratio(0.5)), FullToday: bess.Known(si.WattHours(100e3)), Deliverable: bess.Known(si.WattHours(40e3)),
		ToEmpty: bess.Known(si.Seconds(9000)), ToFull: unknown("the packs are not filling"),
	}
	p := &bess.Picture{Store: store, Packs: []bess.PackPicture{{Power: bess.Known(si.Watts(-20e3))}, {Power: bess.Known(si.Watts(-5e3))}}}
	if agree(p); p.Store.ToEmpty.Known || p.Store.ToFull.Value != 7200 || !(p.Store.ToFullLow.Value < 7200 && p.Store.ToFullHigh.Value > 7200) {
		t.Errorf("filling: %+v", p.Store)
	}
	p = &bess.Picture{Store: store, Packs: []bess.PackPicture{{Power: bess.Known(si.Watts(10e3))}}}
	p.Store.ToFull, p.Store.ToEmpty = bess.Known(si.Seconds(60)), unknown("the packs are not emptying")
	if agree(p); p.Store.ToFull.Known || p.Store.ToEmpty.Value != 14400 {
		t.Errorf("giving: %+v", p.Store)
	}
	p = &bess.Picture{Store: store, Packs: []bess.PackPicture{{Power: bess.Known(si.Watts(300))}}}
	if agree(p); p.Store != store {
		t.Errorf("at rest nothing changes: %+v", p.Store)
	}
}
