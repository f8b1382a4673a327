package main

import (
	"context"
	"math"
	"testing"
	"testing/synctest"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/config"
	"reprise/device"
	"reprise/guard"
	"reprise/unit"
	"reprise/wire/can"
)

// channel is one pack's channel in a bubble: its far side speaks by its DBC, the guard's ear listens.
type channel struct {
	node  *device.PackNode
	table *device.PackTable
	typ   bess.PackType
	ear   *guard.Ear
	judge *guard.Judge
	pack  *device.Pack
	bus   can.Bus
	ctx   context.Context
	view  bess.PackView
	now   bess.Instant
}

// onChannel runs play with a pack of each built-in type on its channel.
func onChannel(t *testing.T, play func(*testing.T, *channel)) {
	types, err := config.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range types.Names() {
		t.Run(name, func(t *testing.T) {
			u := &bess.Unit{Name: "one", Packs: []bess.Pack{{Name: "Pack 1", Type: types[name].Type}}, Bus: bess.Bus{Nominal: 750}}
			tables, err := unit.PackTables(u, types)
			if err != nil {
				t.Fatal(err)
			}
			limits := limitsOf(t, u)
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				wire := &can.Wire{}
				c := &channel{table: tables[0], typ: types[name].Type, ear: guard.NewEar(limits), judge: guard.NewJudge(limits), bus: wire.Attach(0), ctx: ctx}
				if c.node, err = device.NewPackNode(tables[0], "SERIAL01"); err != nil {
					t.Fatal(err)
				}
				if c.pack, err = device.NewPack(device.PackOptions{Clock: func() bess.Instant { return c.now }, Table: tables[0], Dial: noChannel}); err != nil {
					t.Fatal(err)
				}
				ended := make(chan struct{})
				go func() { defer close(ended); _ = c.node.Run(ctx, wire.Attach(0)) }()
				defer func() { cancel(); <-ended }()
				c.view = c.healthy()
				for range 60 {
					if v := c.pass(true); v.Withhold {
						t.Fatalf("withholds for a healthy pack: %+v", v)
					}
				}
				play(t, c)
			})
		})
	}
}

// pass lets 50 ms of frames arrive and judges.
func (c *channel) pass(ordered bool) guard.Verdict {
	c.node.Publish(c.view, true)
	until, cancel := context.WithTimeout(c.ctx, guard.Pass)
	defer cancel()
	c.now += 50
	for {
		a, err := c.bus.Receive(until)
		if err != nil {
			break
		}
		c.ear.Hear(1, &a.Frame, c.now)
		c.pack.Accept(&a.Frame, c.now)
	}
	v := &c.ear.Image.Of[1]
	orders(&v[guard.Ordered], ordered, c.now)
	if c.table.Closing == bess.ClosingExternal { // the I/O module tells
		says(&v[guard.Closed], bess.FlagOf(c.view.Contactor.State == bess.Yes, c.now))
	}
	c.ear.Image.Unit.Good, c.ear.Image.Unit.Sound = c.now, true
	return c.judge.Look(c.ear.Image, c.now)
}

// healthy is a pack of the type that is closed and gives a tenth of what it may.
func (c *channel) healthy() bess.PackView {
	l := &c.typ.Limits
	cell := (float64(l.CellMin) + float64(l.CellMax)) / 2
	v := bess.PackView{Alive: bess.Of(si.Ratio(1), 1)}
	v.Volts = bess.Of(si.Volts(cell*float64(c.typ.Series)), 1)
	v.LinkVolts = v.Volts
	v.CellHigh, v.CellLow = bess.Of(si.Volts(cell+0.01), 1), bess.Of(si.Volts(cell-0.01), 1)
	v.Current = bess.Of(l.DischargeCurrent/10, 1)
	v.Hot, v.Cold, v.Average = bess.Of(si.Celsius(25), 1), bess.Of(si.Celsius(22), 1), bess.Of(si.Celsius(23), 1)
	v.SoC, v.SoCLow, v.SoCHigh, v.SoH = bess.Of(si.Ratio(0.5), 1), bess.Of(si.Ratio(0.5), 1), bess.Of(si.Ratio(0.5), 1), bess.Of(si.Ratio(0.8), 1)
	v.Available = bess.Of(si.WattHours(10000), 1)
	v.Discharge, v.Charge = bess.Of(si.Watts(10000), 1), bess.Of(si.Watts(10000), 1)
	v.DischargePeak, v.ChargePeak = v.Discharge, v.Charge
	for _, f := range []*bess.Flag{&v.Precharging, &v.IsolationLow, &v.Weld, &v.OpenNow, &v.OpenSoon, &v.DerateWanted, &v.NoCharge} {
		*f = bess.FlagOf(false, 1)
	}
	v.Contactor, v.Interlock = bess.FlagOf(true, 1), bess.FlagOf(true, 1)
	return v
}

// Two decoders, written apart, read the same numbers from the frames of every pack type.
func TestGuardReadsWhatTheDriverReads(t *testing.T) {
	onChannel(t, func(t *testing.T, c *channel) {
		for k := range 40 {
			c.view.Current.Value = si.Amps(20 * math.Sin(float64(k)))
			c.view.Hot.Value = si.Celsius(10 + k)
			c.view.Cold.Value = si.Celsius(k - 30)
			c.view.CellHigh.Value += 0.003
			c.view.CellLow.Value -= 0.003
			for range 16 {
				c.pass(true)
			}
			s := bess.Snapshot{Packs: make([]bess.PackView, 1)}
			c.pack.Sense(&s, c.now)
			p, v := &s.Packs[0], &c.ear.Image.Of[1]
			same := func(what guard.Signal, x float64, q bess.Quality) {
				t.Helper()
				if g := v[what]; g.Known != (q == bess.Good) || g.Known && math.Abs(g.X-x) > 1e-9 {
					t.Errorf("%v: the guard reads %v (known: %v), the driver %v (%v)", what, g.X, g.Known, x, q)
				}
			}
			same(guard.Volts, float64(p.Volts.Value), p.Volts.Quality)
			same(guard.Current, float64(p.Current.Value), p.Current.Quality)
			same(guard.CellHigh, float64(p.CellHigh.Value), p.CellHigh.Quality)
			same(guard.CellLow, float64(p.CellLow.Value), p.CellLow.Quality)
			same(guard.Hot, float64(p.Hot.Value), p.Hot.Quality)
			same(guard.Cold, float64(p.Cold.Value), p.Cold.Quality)
			if c.table.Closing != bess.ClosingExternal {
				same(guard.Closed, 1, bess.Good)
			}
		}
		if c.ear.Refused > 0 {
			t.Errorf("%d frames were refused", c.ear.Refused)
		}
	})
}

// Every fault of a pack trips in its time, from frames as the pack sends them.
func TestGuardTripsFromFrames(t *testing.T) {
	for _, f := range []struct {
		kind   guard.Kind
		spoil  func(*channel)
		after  bess.Span
		spared string // a type that does not tell what it takes
	}{
		{guard.CellOver, func(c *channel) {
			c.view.CellHigh.Value = c.typ.Limits.CellMax + 0.13
			c.view.Volts.Value = si.Volts(float64(c.typ.Series) * float64(c.view.CellHigh.Value-0.05))
			c.view.CellLow.Value = c.view.CellHigh.Value - 0.1
		}, 3 * bess.Second, "leaf"},
		{guard.CellUnder, func(c *channel) { c.view.CellLow.Value = c.typ.Limits.CellMin - 0.26 }, 5 * bess.Second, "leaf"},
		{guard.TooHot, func(c *channel) { c.view.Hot.Value = c.typ.Limits.TripAt + 8 }, 3 * bess.Second, ""},
		{guard.ColdCharge, func(c *channel) {
			c.view.Cold.Value, c.view.Current.Value = c.typ.Limits.ChargeMin-4, -15
		}, 10 * bess.Second, ""},
		{guard.OverCharge, func(c *channel) { c.view.Current.Value = -c.typ.Limits.ChargeCurrent * 1.55 }, 5 * bess.Second, ""},
		{guard.Implausible, func(c *channel) { c.view.Volts.Value += si.Volts(0.25 * float64(c.typ.Series)) }, 10 * bess.Second, "leaf"},
		{guard.Frozen, func(c *channel) { c.view.Current.Value = c.typ.Limits.DischargeCurrent }, 0, ""},
	} {
		t.Run(f.kind.String(), func(t *testing.T) {
			onChannel(t, func(t *testing.T, c *channel) {
				if c.typ.Name == f.spared {
					return
				}
				after := f.after
				if f.kind == guard.Frozen { // 3 % of its capacity
					after = bess.Span(0.03*float64(c.typ.Capacity)/float64(c.typ.Limits.DischargeCurrent)*3.6e6) + 2*bess.Second
				}
				begun := c.now
				f.spoil(c)
				for {
					v := c.pass(true)
					took := c.now.Since(begun)
					if v.Tripped {
						if v.Cause != f.kind || took < after || took > after+2*bess.Second { // a page of the slowest frame comes every 1.5 s
							t.Errorf("tripped by %v (%v, limit %v) after %v ms, want %v after %v ms", v.Cause, v.Value, v.Limit, took, f.kind, after)
						}
						return
					}
					if took > after+3*bess.Second {
						t.Fatalf("no trip within %v ms", took)
					}
				}
			})
		})
	}
}

// A frame whose counter stands is no reading: a pack that repeats its last frames for ever is a silent one.
func TestGuardCountsRepeatedFramesAsSilence(t *testing.T) {
	onChannel(t, func(t *testing.T, c *channel) {
		last := map[uint32]can.Frame{}
		for end := c.now.Add(3 * bess.Second); c.now < end; {
			until, cancel := context.WithTimeout(c.ctx, guard.Pass)
			for {
				a, err := c.bus.Receive(until)
				if err != nil {
					break
				}
				last[a.Frame.ID] = a.Frame
				c.ear.Hear(1, &a.Frame, c.now)
			}
			cancel()
			c.now += 50
		}
		begun := c.now
		for {
			c.now += 50
			for _, f := range last {
				c.ear.Hear(1, &f, c.now)
			}
			orders(&c.ear.Image.Of[1][guard.Ordered], true, c.now)
			c.ear.Image.Unit.Good = c.now
			v := c.judge.Look(c.ear.Image, c.now)
			took := c.now.Since(begun)
			if v.Tripped {
				if took > 19*bess.Second || v.Cause != guard.Silent {
					t.Errorf("tripped by %v after %v ms, want silent within 19 s", v.Cause, took)
				}
				return
			}
			if took > 20*bess.Second {
				t.Fatal("repeated frames were believed")
			}
		}
	})
}
