package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"reprise/api"
	"reprise/bess"
	"reprise/bess/si"
	"reprise/twin"
)

// bench is the page's bench panel on a twin: pull a plug, heat a cell, fail a supply, kill the controller.
type bench struct {
	stage *stage

	mu     sync.Mutex
	active map[string]map[int]bool // by act and target
}

// benchAct is one thing that may be done, as data and as a deed.
type benchAct struct {
	api.BenchAct
	do func(w *twin.World, target int, value float64, undo bool)
}

// acts lists everything that may be done to this unit.
func (b *bench) acts() []benchAct {
	u := b.stage.sc.Unit
	packs := named(u.Packs, func(p *bess.Pack) string { return p.Name })
	feeders := named(u.Feeders, func(f *bess.Feeder) string { return f.Name })
	outlets := named(u.Outlets, func(o *bess.Outlet) string { return o.Name })
	heat := act("heat-cell", "Heat a cell", packs, func(w *twin.World, target int, value float64, undo bool) {
		f := twin.Fault{Kind: twin.CellHeat, Index: target, Part: 40, Value: value, Over: 20}
		if undo {
			w.Heal(f)
		} else {
			w.Apply(f)
		}
	})
	heat.Unit, heat.Least, heat.Most, heat.Usual = "°C", 20, 90, 62
	lie := act("soc-lie", "Let a pack lie about its charge", packs, fault(twin.SoCLie))
	lie.Unit, lie.Least, lie.Most, lie.Usual = "ratio", -0.5, 0.5, 0.3
	leak := act("insulation", "Lower a pack's insulation", packs, fault(twin.InsulationFall))
	leak.Unit, leak.Least, leak.Most, leak.Usual = "ohm", 1000, 1e6, 20000
	plug := act("plug", "Plug in a car", outlets, b.plug)
	plug.Unit, plug.Least, plug.Most, plug.Usual = "% charged", 1, 99, 30
	kill := benchAct{BenchAct: api.BenchAct{Name: "kill", Title: "Kill the controller for a while", Unit: "s", Least: 0.1, Most: 120, Usual: 1.5}}
	list := []benchAct{
		plug,
		heat,
		act("fail-feeder", "Fail a supply", feeders, fault(twin.FeederLost)),
		act("emergency-stop", "Press the emergency stop", nil, input(bess.EmergencyStop)),
		kill,
		act("silence", "Silence a pack's management system", packs, fault(twin.BMSSilent)),
		lie,
		act("weld", "Weld a pack's contactors", packs, fault(twin.ContactorWelded)),
		leak,
		act("inverter-trip", "Trip the inverter", nil, fault(twin.InverterTrip)),
		act("station-silent", "Silence a charging station", outlets, fault(twin.StationSilent)),
		act("rcd", "Trip an outlet's residual current device", outlets, fault(twin.OutletRCD)),
		act("coolant", "Lose the coolant", nil, fault(twin.CoolantLoss)),
		act("disk-full", "Fill the disk", nil, fault(twin.DiskFull)),
		act("guard", "Kill the guard", nil, fault(twin.GuardMissing)),
	}
	return append(list, b.cabinet()...)
}

// named lists the parts of a kind as targets.
func named[T any](parts []T, name func(*T) string) []api.BenchTarget {
	list := make([]api.BenchTarget, len(parts))
	for i := range parts {
		list[i] = api.BenchTarget{Index: i, Name: name(&parts[i])}
	}
	return list
}

func act(name, title string, to []api.BenchTarget, do func(*twin.World, int, float64, bool)) benchAct {
	return benchAct{api.BenchAct{Name: name, Title: title, Targets: to, Undo: true}, do}
}

// fault begins and ends one of the twin's faults.
func fault(kind twin.FaultKind) func(*twin.World, int, float64, bool) {
	return func(w *twin.World, target int, value float64, undo bool) {
		f := twin.Fault{Kind: kind, Index: target, Value: value}
		if undo {
			w.Heal(f)
		} else {
			w.Apply(f)
		}
	}
}

// input is trouble at an input of the I/O module; to end it is also to press reset at the unit.
func input(in bess.Input) func(*twin.World, int, float64, bool) {
	return func(w *twin.World, _ int, _ float64, undo bool) {
		f := twin.Fault{Kind: twin.InputTrouble, Part: int(in)}
		if !undo {
			w.Apply(f)
			return
		}
		w.Heal(f)
		w.ResetLocal()
	}
}

// cabinet lists what may happen to the unit around its packs: in the cabinet, on its circuits, at its supplies.
func (b *bench) cabinet() []benchAct {
	u := b.stage.sc.Unit
	circuits := named(u.Circuits, func(c *bess.Circuit) string { return c.Name })
	converters := named(u.Converters, func(c *bess.Converter) string { return c.Name })
	threePhase := []api.BenchTarget{}
	for i := range u.Feeders {
		if f := &u.Feeders[i]; f.Phases == 3 && f.Kind != bess.CCS {
			threePhase = append(threePhase, api.BenchTarget{Index: i, Name: f.Name})
		}
	}
	twelve := act("twelve-volt", "Let the 12 V supply fail", nil, fault(twin.TwelveVoltLow))
	twelve.Unit, twelve.Least, twelve.Most, twelve.Usual = "V", 5, 12, 10.4
	return []benchAct{
		act("smoke", "Smoke in the cabinet", nil, input(bess.Smoke)),
		act("gas", "Battery gas in the cabinet", nil, input(bess.Gas)),
		act("water", "Water in the cabinet", nil, input(bess.Water)),
		act("tilt", "Lean or strike the unit", nil, input(bess.Tilt)),
		act("interlock", "Open a cover of the unit", nil, input(bess.HVIL)),
		twelve,
		act("io-silent", "Silence the I/O module", nil, fault(twin.IOSilent)),
		act("unit-rcd", "Trip the unit's residual current device", nil, input(bess.RCD)),
		act("circuit-rcd", "Trip a circuit's residual current device", circuits, fault(twin.CircuitRCD)),
		act("rotation", "Reverse a supply's rotation", threePhase, fault(twin.PhasesReversed)),
		act("neutral", "Lose a supply's neutral", threePhase, fault(twin.NeutralLost)),
		act("converter-deaf", "Stall a pack's converter: it hears no more orders", converters, fault(twin.ConverterDeaf)),
	}
}

// plug puts a car of the outlet's kind there, or pulls it out.
func (b *bench) plug(w *twin.World, target int, value float64, undo bool) {
	if undo {
		w.Unplug(bess.OutletID(target))
		return
	}
	w.Plug(bess.OutletID(target), b.stage.director.Car(target, si.Ratio(value/100)))
}

// speeds are those that are offered.
func speeds() []float64 { return []float64{1, 10, 60} }

// Bench says what may be done now.
func (b *bench) Bench() api.BenchState {
	b.mu.Lock()
	defer b.mu.Unlock()
	state := api.BenchState{Speed: b.stage.Speed(), Speeds: speeds()}
	picture := b.stage.front.Latest()
	for _, a := range b.acts() {
		for i := range a.Targets {
			t := &a.Targets[i]
			t.Active = b.active[a.Name][t.Index]
			if a.Name == "plug" && picture != nil {
				t.Active = picture.Outlets[i].Plugged == "yes"
			}
		}
		state.Acts = append(state.Acts, a.BenchAct)
	}
	return state
}

// Act does it.
func (b *bench) Act(ctx context.Context, order api.BenchOrder) error {
	if order.Act == "speed" {
		if !slices.Contains(speeds(), order.Value) {
			return fmt.Errorf("speed %g is not offered: choose 1 (over the wires), 10 or 60 (no wires)", order.Value)
		}
		b.stage.wish(want{speed: order.Value})
		return nil
	}
	for _, a := range b.acts() {
		if a.Name != order.Act {
			continue
		}
		if a.Targets != nil && !slices.ContainsFunc(a.Targets, func(t api.BenchTarget) bool { return t.Index == order.Target }) {
			return fmt.Errorf("there is no part %d for that act: choose one that is listed", order.Target+1)
		}
		if a.Unit != "" && !order.Undo && !(order.Value >= a.Least && order.Value <= a.Most) {
			return fmt.Errorf("%g %s is outside %g to %g: choose a value between", order.Value, a.Unit, a.Least, a.Most)
		}
		if a.Name == "kill" {
			b.stage.wish(want{kill: time.Duration(order.Value * float64(time.Second))})
			return nil
		}
		if err := b.stage.With(ctx, func(w *twin.World) { a.do(w, order.Target, order.Value, order.Undo) }); err != nil {
			return err
		}
		b.note(a.Name, order.Target, !order.Undo)
		return nil
	}
	return fmt.Errorf("the bench has no act %q: see the list", order.Act)
}

func (b *bench) note(act string, target int, on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.active == nil {
		b.active = map[string]map[int]bool{}
	}
	if b.active[act] == nil {
		b.active[act] = map[int]bool{}
	}
	b.active[act][target] = on
}
