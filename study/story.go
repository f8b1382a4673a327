package study

import (
	"reprise/bess"
	"reprise/bess/si"
	"reprise/control/safety"
	"reprise/scenario"
	"reprise/twin"
)

// do carries out one line of the story; expectations are the judge's.
func (d *Director) do(line *scenario.Line, now bess.Span) {
	world := d.stage.World
	switch s := line.Statement.(type) {
	case scenario.Plug:
		d.plug(s, now)
	case scenario.Unplug:
		world.Unplug(bess.OutletID(s.Outlet))
	case scenario.Need:
		d.stage.Ask(d.needOf(s.Outlet, s.Energy, s.By))
	case scenario.PlugInlet:
		d.plugInlet(s)
	case scenario.UnplugInlet:
		d.around.Feeders[s.Feeder] = twin.Supply{}
		world.Surround(d.around)
	case scenario.Warm:
		world.Apply(twin.Fault{
			Kind: twin.CellHeat, Index: s.Pack, Part: max(0, s.Cell-1),
			Value: float64(s.To), Over: float64(s.Over.Seconds()),
		})
	case scenario.Supply:
		d.supply(s)
	case scenario.CircuitLoad:
		d.forced[s.Circuit] = s.Draw
		if s.Series {
			d.forced[s.Circuit] = -1
		}
		d.weather(now)
	case scenario.FaultText:
		d.fault(s)
	case scenario.Press:
		d.press(s)
	case scenario.Process:
		d.process(s)
	case scenario.Ask:
		d.ask(s)
	case scenario.Expect:
	}
}

func (d *Director) plug(s scenario.Plug, now bess.Span) {
	name := s.Vehicle
	if name == "" {
		name = "phev"
		if d.sc.Unit.Outlets[s.Outlet].Kind == bess.Rapid {
			name = "car"
		}
	}
	d.stage.World.Plug(bess.OutletID(s.Outlet), d.kind(name, s.SoC))
	if s.Need > 0 || s.By > 0 {
		d.told = append(d.told, need{at: now + tellAfter, ask: d.needOf(s.Outlet, s.Need, s.By)})
	}
}

func (d *Director) needOf(outlet int, energy si.WattHours, by int64) bess.Request {
	ask := bess.Request{By: bess.SourceDriver, Verb: bess.VisitNeed, Target: outlet, Energy: energy}
	if by > 0 {
		ask.Until = d.sc.Civil(bess.Span(by - d.sc.Start))
	}
	return ask
}

func (d *Director) plugInlet(s scenario.PlugInlet) {
	inlet := &d.sc.Unit.Feeders[s.Feeder].Inlet
	post := twin.Supply{Available: true, PostVolts: s.Volts, PostPower: s.Power, PostCurrent: 500}
	if post.PostVolts <= 0 {
		post.PostVolts = 920
	}
	if post.PostPower <= 0 {
		post.PostPower = inlet.Rated
	}
	d.around.Feeders[s.Feeder] = post
	d.stage.World.Surround(d.around)
}

func (d *Director) supply(s scenario.Supply) {
	f := twin.Fault{Kind: twin.FeederLost, Index: s.Feeder}
	if s.Fails {
		d.stage.World.Apply(f)
	} else {
		d.stage.World.Heal(f)
	}
}

func (d *Director) fault(s scenario.FaultText) {
	kind, ok := twin.ParseFault(s.Name)
	if !ok {
		return // NewDirector has refused such a story
	}
	f := twin.Fault{Kind: kind, Index: s.Index, Part: s.Cell, Value: s.Value, Over: float64(s.Over.Seconds())}
	switch kind {
	case twin.InputTrouble:
		f.Part = s.Index
	case twin.CellHeat, twin.CellShort:
		f.Part = max(0, s.Cell-1)
	case twin.PhaseLost:
		f.Part = max(1, s.Phase)
	case twin.InterlockOpen, twin.InsulationFall:
		if s.Of != bess.OfPack { // the unit's own loop, the bus itself
			f.Index = bess.Nobody
		}
	default: // the part is the subject itself
	}
	if s.Clear {
		d.stage.World.Heal(f)
	} else {
		d.stage.World.Apply(f)
	}
}

// press is the button at the cabinet. Releasing it is done by a person who
// stands there, and who resets the wired latch with it.
func (d *Director) press(s scenario.Press) {
	f := twin.Fault{Kind: twin.InputTrouble, Part: int(bess.EmergencyStop)}
	if !s.Released {
		d.stage.World.Apply(f)
		return
	}
	d.stage.World.Heal(f)
	d.stage.World.ResetLocal()
}

func (d *Director) process(s scenario.Process) {
	kinds := map[string]twin.FaultKind{"guard": twin.GuardMissing, "store": twin.DiskFull}
	if kind, ok := kinds[s.Name]; ok {
		if s.Up {
			d.stage.World.Heal(twin.Fault{Kind: kind})
		} else {
			d.stage.World.Apply(twin.Fault{Kind: kind})
		}
		return
	}
	if d.stage.Process != nil {
		d.stage.Process(s.Name, s.Up)
	}
}

func (d *Director) ask(s scenario.Ask) {
	r := bess.Request{
		By: bess.SourceOperator, Person: "crew", Verb: s.Verb, Target: s.Target, Number: s.Number,
		Energy: s.Energy, Power: s.Power, Text: s.Text,
	}
	if s.Fleet {
		r.By, r.Person = bess.SourceFleet, ""
	}
	if s.Until > 0 {
		r.Until = d.sc.Civil(bess.Span(s.Until - d.sc.Start))
	}
	if s.Rule != "" {
		for _, rule := range safety.Rules() {
			if rule.Name == s.Rule {
				r.Number = int(rule.ID)
			}
		}
	}
	d.stage.Ask(r)
}
