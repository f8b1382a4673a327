package storm

import (
	"math"
	"strings"
	"testing"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/config"
	"reprise/scenario"
	"reprise/twin"
)

// calm is a scene of the reference unit at work on its grid, in which nothing
// is wrong.
func calm() (*Scene, *twin.World) {
	u := config.Reference()
	w := twin.New(u, 1, twin.Start{Ambient: 20})
	orders, before := bess.NewCommands(u), bess.NewCommands(u)
	snap := bess.NewSnapshot(u)
	stages := bess.NewStages(u)
	w.Sense(&snap)
	s := &Scene{
		Unit: u, Truth: w.Truth(), Inside: w.NewInside(), Orders: &orders, Before: &before, Snap: &snap, Stages: &stages,
		Visits: make([]bess.Visit, len(u.Outlets)), Troubles: &Troubles{}, Alive: true, Run: bess.Hour, Cap: u.Site.ImportCap,
	}
	w.Look(s.Inside)
	s.Inside.TwelveVolt = 13
	for i := range s.Truth.Packs {
		s.Truth.Packs[i].Closed = true
	}
	s.Truth.Coils = true
	stages.Network = bess.NetworkGrid
	return s, w
}

// watch shows the scene to a checker for a while and gives what it says.
func watch(s *Scene, k Checker, span bess.Span, each func(s *Scene)) string {
	for end := s.Now + span; s.Now < end; s.Now += 100 {
		s.Snap.Now, s.Troubles.now = s.Snap.Now.Add(100), s.Now
		lease := bess.Lease{By: bess.SourceSequence, Until: s.Snap.Now.Add(bess.Second)}
		for i := range s.Orders.Packs {
			s.Orders.Packs[i] = bess.PackCommand{Wake: true, Close: true, Lease: lease}
			s.Before.Packs[i] = s.Orders.Packs[i]
		}
		if each != nil {
			each(s)
		}
		if what := k.Look(s); what != "" {
			return what
		}
	}
	return ""
}

func find(u *bess.Unit, name string) Checker {
	for _, k := range Checkers(u) {
		if k.Name() == name {
			return k
		}
	}
	panic("no checker is called " + name)
}

// made is a made-up violation.
type made struct {
	name string
	each func(s *Scene)
	says string
}

func violations() []made {
	lease := func(s *Scene) bess.Lease {
		return bess.Lease{By: bess.SourceDispatch, Until: s.Snap.Now.Add(bess.Second)}
	}
	fault := func(s *Scene, kind twin.FaultKind, of bess.SubjectKind, index, part int) {
		if len(s.Troubles.List) == 0 {
			s.Troubles.List = append(s.Troubles.List, Trouble{Kind: kind, Of: of, Index: index, Part: part, On: true, From: s.Now})
		}
	}
	at := func(s *Scene, t bess.Span, do func()) {
		if s.Now >= t {
			do()
		}
	}
	return []made{
		{"cell-volts", func(s *Scene) { s.Truth.Packs[2].CellHigh = 4.4 }, "pack 3"},
		{"cell-volts", func(s *Scene) { s.Truth.Packs[1].CellLow = 2.4 }, "below"},
		{"cell-heat", func(s *Scene) { s.Truth.Packs[0].Hot = 58 }, "58.0 C"},
		{"pack-current", func(s *Scene) { s.Truth.Packs[0].Current = 300 }, "300 A"},
		{"cold-charge", func(s *Scene) { s.Truth.Packs[0].Current, s.Inside.Packs[0].Cold = -20, -5 }, "charged"},
		{"break-rating", func(s *Scene) {
			s.Truth.Packs[0].Current, s.Inside.Packs[0].Awake = 250, true
			at(s, bess.Second, func() { s.Truth.Packs[0].Closed, s.Before.Packs[0].Close = false, false })
		}, "250 A"},
		{"match", func(s *Scene) { at(s, bess.Second, func() { s.Truth.Counts.HardClosings = 1 }) }, "difference"},
		{"latched", func(s *Scene) {
			s.Truth.Packs[0].Hot = 59
			at(s, 5*bess.Second, func() { s.Truth.Packs[0].Closed, s.Truth.Packs[0].Hot = false, 20 })
			at(s, 9*bess.Second, func() { s.Truth.Packs[0].Closed = true })
		}, "overheated"},
		{"latched", func(s *Scene) {
			s.Asked = nil
			if s.Now == 1000 {
				s.Asked = []scenario.Ask{{Verb: bess.PackOut, Target: 1}}
			}
			if s.Now == 3000 {
				s.Asked = []scenario.Ask{{Verb: bess.PackIn, Target: 1, Fleet: true}}
			}
			s.Truth.Packs[1].Closed = s.Now < 2000 || s.Now > 4000
		}, "took it out"},
		{"unheard", func(s *Scene) { fault(s, twin.BMSSilent, bess.OfPack, 1, 0) }, "pack 2"},
		{"inhibit-first", func(s *Scene) {
			s.Orders.Packs[0].Close = false
			s.Orders.Converters[0] = bess.ConverterCommand{Mode: bess.ConverterPower, Lease: lease(s)}
		}, "converter 1"},
		{"inhibit-first", func(s *Scene) { s.Truth.Coils, s.Truth.Inhibited = false, false }, "coils"},
		{"bond", func(s *Scene) { s.Truth.Forming, s.Inside.Bond = true, false }, "without a bond"},
		{"bond", func(s *Scene) { s.Inside.Feeders[0].Closed, s.Inside.Feeders[0].Live, s.Inside.Bond = true, true, true }, "beside"},
		{"parallel", func(s *Scene) { at(s, bess.Second, func() { s.Truth.Counts.Parallelled = 1 }) }, "onto each other"},
		{"parallel", func(s *Scene) { s.Orders.Feeders[0].Close, s.Orders.Inverter.Mode = true, bess.InverterForm }, "ordered"},
		{"regulated", func(s *Scene) { s.Orders.Converters[0].Mode, s.Orders.Converters[0].Power = bess.ConverterPower, 5e3 }, "nobody"},
		{"regulated", func(s *Scene) { s.Truth.Forming, s.Truth.BusVolts = true, 900 }, "900 V"},
		{"import-cap", func(s *Scene) { s.Inside.Feeders[0].Closed, s.Truth.FeederNow[0] = true, 60e3 }, "60.0 kW"},
		{"phase-limit", func(s *Scene) { s.Inside.Feeders[0].Amps[1] = 90 }, "90 A"},
		{"export", func(s *Scene) { s.Truth.FeederNow[0] = -5e3 }, "5.0 kW"},
		{"leases", func(s *Scene) { s.Orders.Converters[0].Mode = bess.ConverterPower }, "converter 1"},
		{"leases", func(s *Scene) { s.Orders.Packs[0].Lease.Until = bess.Forever }, "pack 1"},
		{"deadman", func(s *Scene) { s.Alive = false }, "pack 1"},
		{"bounds", func(s *Scene) { s.Orders.Converters[0].Discharge = si.Watts(math.NaN()) }, "converter 1"},
		{"bounds", func(s *Scene) { s.Orders.Outlets[0].Current = 4 }, "outlet 1"},
		{"stop", func(s *Scene) { fault(s, twin.InputTrouble, bess.OfIO, 0, int(bess.EmergencyStop)) }, "wired stop"},
		{"alarm-in-time", func(s *Scene) { fault(s, twin.GuardMissing, bess.OfUnit, 0, 0) }, "guard"},
		{"alarm-in-time", func(s *Scene) { fault(s, twin.ConverterTrip, bess.OfConverter, 2, 0) }, "converter 3"},
		{"promise", func(s *Scene) {
			s.Snap.Civil.UnixMilli = int64(1e12) + int64(s.Now)
			s.Visits[0] = bess.Visit{Number: 1, State: bess.VisitCharging, Promise: bess.Promise{Made: true, Energy: 5000, By: bess.Civil{UnixMilli: 1e12 + 2000}}}
		}, "5.00 kWh"},
		{"books", func(s *Scene) {
			s.Entries = []bess.Entry{{Number: 1, Legs: []bess.Leg{{MilliWattHour: 5}, {MilliWattHour: -4}}}}
		}, "1 mWh"},
		{"books", func(s *Scene) { s.Entries = []bess.Entry{{Number: uint64(s.Now)}} }, "follow"},
		{"stuck", func(s *Scene) { s.Stages.Packs[0] = bess.PackClosing }, "closing"},
		{"stuck", func(s *Scene) { s.Stages.Network = bess.NetworkTransferring }, "transfers"},
		{"wear", func(s *Scene) {
			s.Now += bess.Minute
			s.Truth.Packs[0].Operations++
		}, "switched"},
		{"load-dropped", func(s *Scene) {
			s.Truth.Forming, s.Inside.Circuits[0].Wanted = true, 2e3
			for i := range s.Truth.Packs {
				s.Truth.Packs[i].Weak, s.Truth.Packs[i].Hot, s.Inside.Packs[i].Cold = 0.6, 22, 20
			}
			s.Truth.CircuitNow[0] = 2e3
			at(s, 90*bess.Second, func() { s.Truth.CircuitNow[0] = 0 })
		}, "went dark"},
		{"restored", func(s *Scene) {
			s.Now += 10 * bess.Second
			s.Last = s.Now > bess.Hour
			s.Inside.Feeders[0].Live, s.Truth.PhaseVolts[0] = true, 0
		}, "dead"},
	}
}

// Every checker speaks when its promise is broken, and names what is wrong.
func TestCheckersFire(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range violations() {
		s, _ := calm()
		k := find(s.Unit, m.name)
		seen[m.name] = true
		if what := watch(s, k, 3*bess.Hour/2, m.each); !strings.Contains(what, m.says) || what == "" {
			t.Errorf("%s says %q, not %q", m.name, what, m.says)
		}
	}
	for _, name := range CheckerNames() {
		if !seen[name] && name != "crash" {
			t.Errorf("no violation was made up for %s", name)
		}
	}
}

// Nobody speaks when nothing is wrong.
func TestCheckersAreQuiet(t *testing.T) {
	s, _ := calm()
	for _, k := range Checkers(s.Unit) {
		s.Now = 0
		if what := watch(s, k, bess.Minute, nil); what != "" {
			t.Errorf("%s says %q although nothing is wrong", k.Name(), what)
		}
	}
}

// A fault in a program is a finding like any other.
func TestCrashIsAFinding(t *testing.T) {
	sc, err := Draw(1).Scenario()
	if err != nil {
		t.Fatal(err)
	}
	sc.Unit.Outlets = sc.Unit.Outlets[:0] // the story still plugs vehicles in
	sc.Visits = append(sc.Visits, scenario.Visit{Outlet: 3})
	out, err := Play(t.Context(), sc, Options{})
	if err != nil || len(out.Violations) == 0 || out.Violations[len(out.Violations)-1].Checker != "crash" {
		t.Errorf("a panic gave %+v, %v", out, err)
	}
}

// A violation shrinks to a story that breaks the same promise by itself, and
// what the caretaker did stands in it.
func TestShrink(t *testing.T) {
	p := Draw(3)
	p.Lines = []Line{{At: 4 * bess.Minute, Text: "ask stop"}, {At: 5 * bess.Minute, Part: bess.OfPack, Index: len(p.Machine.Packs) - 1, Text: "ask pack-out %d"}}
	if q := p.clone(); q.remove(bess.OfPack, len(p.Machine.Packs)-1) {
		t.Error("a pack that is named was taken away")
	}
	q := p.clone()
	if !q.remove(bess.OfPack, 0) || q.Lines[1].Index != len(p.Machine.Packs)-2 || p.Lines[1].Index != len(p.Machine.Packs)-1 {
		t.Error("the lines were not counted anew")
	}
	if _, err := q.Scenario(); err != nil {
		t.Error(err)
	}
}
