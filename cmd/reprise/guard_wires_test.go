package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"reprise/bess"
	"reprise/config"
	"reprise/device"
	"reprise/guard"
	"reprise/scenario"
	"reprise/study"
	"reprise/twin"
	"reprise/twin/serve"
	"reprise/unit"
	"reprise/wire/can"
)

// What a tap does to the frames that the controller sends to the I/O module.
const (
	passes  int32 = iota
	flips         // a bit of each frame is turned over
	repeats       // the last good frames are sent for ever
	reseals       // the pulse moves on and the checksums are right, but nobody heard the question
)

// tap is the controller's end of the I/O module's channel, with somebody at the wire.
type tap struct {
	can.Bus
	does *atomic.Int32
	last map[uint32]can.Frame
}

func (b *tap) Send(f can.Frame) error {
	switch b.does.Load() {
	case flips:
		f.Data[2] ^= 0x10
	case repeats:
		f = b.last[f.ID]
	case reseals:
		if f.ID == 0x310 {
			f.Data[3], f.Data[4] = 0x12, 0x34
			f.Data[7] = crc8(f.Data[:7])
		}
	default:
		b.last[f.ID] = f
	}
	return b.Bus.Send(f)
}

// crc8 is SAE J1850, once more and by hand.
func crc8(data []byte) uint8 {
	sum := uint8(0xFF)
	for _, b := range data {
		sum ^= b
		for range 8 {
			if sum >= 0x80 {
				sum = sum<<1 ^ 0x1D
			} else {
				sum <<= 1
			}
		}
	}
	return ^sum
}

// holding is a unit, its guard and its twin on wires in a bubble of virtual time.
type holding struct {
	t       *testing.T
	unit    *bess.Unit
	tables  []*device.PackTable
	limits  *guard.Limits
	server  *serve.Server
	tapped  atomic.Int32
	machine atomic.Pointer[unit.Machine]
	verdict atomic.Pointer[guard.Verdict]
	asks    chan bess.Request
	snap    bess.Snapshot
	all     sync.WaitGroup
}

// held runs a story beside a guard: play is called in the bubble when all runs.
func held(t *testing.T, sc *scenario.Scenario, play func(context.Context, *holding)) {
	types, err := config.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	tables, err := unit.PackTables(sc.Unit, types)
	if err != nil {
		t.Fatal(err)
	}
	limits := limitsOf(t, sc.Unit)
	synctest.Test(t, func(t *testing.T) {
		h := &holding{t: t, unit: sc.Unit, tables: tables, limits: limits, asks: make(chan bess.Request, 64), snap: bess.NewSnapshot(sc.Unit)}
		start := twin.Start{Clock: sc.Civil(0)}
		for _, p := range sc.Packs {
			start.SoC = append(start.SoC, p.SoC)
			start.Ambient = p.Temperature
		}
		world := twin.New(sc.Unit, sc.Seed, start)
		director, err := study.NewDirector(sc, study.Stage{World: world, Ask: func(q bess.Request) { h.asks <- q }, Process: func(string, bool) {}})
		if err != nil {
			t.Fatal(err)
		}
		if h.server, err = serve.New(world, sc.Unit, serve.Options{Packs: tables, Guarded: true}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer h.all.Wait()
		defer cancel()
		director.Begin()
		h.all.Go(func() { _ = h.server.Run(ctx) })
		h.all.Go(func() { h.ask(ctx) })
		h.all.Go(func() {
			for now := bess.Span(0); ctx.Err() == nil; now += 100 {
				_ = h.server.Do(ctx, func(*twin.World) { director.Play(now) })
				time.Sleep(serve.Tick)
			}
		})
		play(ctx, h)
	})
}

// ask lays the story's requests on the desk.
func (h *holding) ask(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case q := <-h.asks:
			for ctx.Err() == nil {
				if m := h.machine.Load(); m != nil && m.Latest() != nil {
					q.Expires = m.Now().Add(bess.Minute)
					if _, err := m.Ask(ctx, q); err == nil {
						break
					}
				}
				time.Sleep(100 * time.Millisecond)
			}
		}
	}
}

// controls starts the controller; the answer kills it.
func (h *holding) controls(ctx context.Context) (kill func()) {
	life, end := context.WithCancel(ctx)
	wires := h.server.Memory(life)
	dial := wires.IO
	wires.IO = func(ctx context.Context) (can.Bus, error) {
		bus, err := dial(ctx)
		return &tap{bus, &h.tapped, map[uint32]can.Frame{}}, err
	}
	ports, err := serve.Ports(h.unit, h.tables, wires, func() bess.Instant { return h.machine.Load().Now() })
	if err != nil {
		h.t.Fatal(err)
	}
	c := unit.Config{Unit: h.unit, Twin: true}
	for _, p := range ports {
		c.Ports = append(c.Ports, p)
	}
	m, err := unit.New(c)
	if err != nil {
		h.t.Fatal(err)
	}
	h.machine.Store(m)
	over := make(chan struct{})
	h.all.Go(func() {
		defer close(over)
		_ = m.Run(life)
	})
	return func() { end(); <-over }
}

// guards starts a guard; the answer kills it.
func (h *holding) guards(ctx context.Context) (kill func()) {
	life, end := context.WithCancel(ctx)
	wires := h.server.Memory(life)
	channels := []guard.Dial{guard.Dial(wires.IO)}
	for _, d := range wires.Packs {
		channels = append(channels, guard.Dial(d))
	}
	over := make(chan struct{})
	h.all.Go(func() {
		defer close(over)
		if err := guard.Run(life, guard.Options{Limits: h.limits, Channels: channels, Tell: func(v guard.Verdict) { h.verdict.Store(&v) }}); err != nil {
			h.t.Error(err)
		}
	})
	return func() { end(); <-over }
}

// look is what is true of the machine now.
func (h *holding) look(ctx context.Context) *bess.Snapshot {
	if err := h.server.Do(ctx, func(w *twin.World) { w.Sense(&h.snap) }); err != nil {
		h.t.Fatal(err)
	}
	return &h.snap
}

// until waits for something, and says how long it took.
func (h *holding) until(ctx context.Context, what string, most time.Duration, holds func(*bess.Snapshot) bool) time.Duration {
	h.t.Helper()
	begun := time.Now()
	for !holds(h.look(ctx)) {
		if time.Since(begun) > most {
			h.t.Fatalf("%s: not within %v; the guard says %+v", what, most, h.verdict.Load())
		}
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(begun)
}

func coilsOn(s *bess.Snapshot) bool {
	return s.IO.Coils.State == bess.Yes && s.IO.Inhibit.State == bess.No && s.IO.Guard.State == bess.Yes
}

// falls proves the fall after the last good pulse: first the inhibit, half a second later the coils, with them the outlet
// supply.
func (h *holding) falls(ctx context.Context) {
	h.t.Helper()
	inhibited := h.until(ctx, "inhibit", 5*time.Second, func(s *bess.Snapshot) bool { return s.IO.Inhibit.State == bess.Yes })
	coils := h.until(ctx, "coils off", 2*time.Second, func(s *bess.Snapshot) bool { return s.IO.Coils.State == bess.No })
	supply := h.until(ctx, "outlet supply open", time.Second, func(s *bess.Snapshot) bool { return s.IO.OutletSupply.State == bess.No })
	if inhibited < 1500*time.Millisecond || inhibited > 3*time.Second || coils < 350*time.Millisecond || coils > 700*time.Millisecond || supply > 200*time.Millisecond {
		h.t.Errorf("inhibited after %v (want 1.5 s to 3 s), coils %v later (want 0.5 s), outlet supply %v after them", inhibited, coils, supply)
	}
	s := h.look(ctx)
	power := max(s.Inverter.Power.Value, -s.Inverter.Power.Value)
	for k := range s.Converters {
		power = max(power, s.Converters[k].Power.Value, -s.Converters[k].Power.Value)
	}
	if power > 100 {
		h.t.Errorf("%v still flows", power)
	}
	h.t.Logf("inhibited after %v, coils %v later", inhibited, coils)
}

// story is one on the reference unit.
func guardStory(t *testing.T, text string) *scenario.Scenario {
	t.Helper()
	sc, err := new(scenario.Reader).Parse("../../examples/guard.yaml", []byte("name: guard\nunit: units/max.yaml\nstart: 2021-06-14 10:00 Europe/London\nfor: 600 s\nseed: 3\npacks: {soc: 60 %, temperature: 20 C}\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// TestGuardAndControllerHoldIn: with nobody in service, whoever of the two stops or turns wrong, the machine falls.
func TestGuardAndControllerHoldIn(t *testing.T) {
	kill := func(t *testing.T, wrong int32) {
		held(t, guardStory(t, ""), func(ctx context.Context, h *holding) {
			killUnit := h.controls(ctx)
			killGuard := h.guards(ctx)
			h.until(ctx, "both halves", 10*time.Second, coilsOn)
			time.Sleep(time.Second)
			if wrong == passes {
				killUnit()
			} else {
				h.tapped.Store(wrong)
			}
			h.falls(ctx)
			killGuard()
			_ = killUnit
		})
	}
	t.Run("controller killed", func(t *testing.T) { kill(t, passes) })
	t.Run("controller's frames corrupted", func(t *testing.T) { kill(t, flips) })
	t.Run("controller's frames repeated", func(t *testing.T) { kill(t, repeats) })
	t.Run("controller's pulses answer nothing", func(t *testing.T) { kill(t, reseals) })
	t.Run("the wrong come right", func(t *testing.T) {
		held(t, guardStory(t, ""), func(ctx context.Context, h *holding) {
			h.controls(ctx)
			h.guards(ctx)
			h.until(ctx, "both halves", 10*time.Second, coilsOn)
			h.tapped.Store(flips)
			h.falls(ctx)
			h.tapped.Store(passes)
			h.until(ctx, "both halves again", 5*time.Second, coilsOn)
		})
	})
}

// TestGuardInService: the guard is away for 1.4 s and nobody notices; it dies and all power ends; it trips and only a
// person at the unit brings it back.
func TestGuardInService(t *testing.T) {
	held(t, guardStory(t, "story: |\n  10:00:05  plug outlet 1 phev soc 30 %\n"), func(ctx context.Context, h *holding) {
		h.controls(ctx)
		killGuard := h.guards(ctx)
		serving := func(s *bess.Snapshot) bool {
			return coilsOn(s) && s.IO.OutletSupply.State == bess.Yes && s.Packs[0].Contactor.State == bess.Yes && s.Packs[6].Contactor.State == bess.Yes
		}
		h.until(ctx, "in service", 2*time.Minute, serving)
		time.Sleep(5 * time.Second)
		killGuard()
		for range 14 {
			time.Sleep(100 * time.Millisecond)
			h.served(ctx, "while the guard was away", serving)
		}
		killGuard = h.guards(ctx)
		for range 50 {
			time.Sleep(100 * time.Millisecond)
			h.served(ctx, "after a restart of the guard", serving)
		}
		killGuard()
		h.falls(ctx)
	})
}

// served proves that nothing was interrupted.
func (h *holding) served(ctx context.Context, when string, serving func(*bess.Snapshot) bool) {
	h.t.Helper()
	s := h.look(ctx)
	there := s.IO.Guard
	s.IO.Guard = bess.FlagOf(true, s.Now) // the gap itself is no interruption
	if !serving(s) {
		h.t.Fatalf("interrupted %s: %+v", when, s.IO)
	}
	s.IO.Guard = there
}

// TestGuardTripIsLatched: a tripped guard ends all power at once; neither time nor another guard brings it back, only a
// person at the unit, and only when nothing stands beyond a limit any more.
func TestGuardTripIsLatched(t *testing.T) {
	held(t, guardStory(t, ""), func(ctx context.Context, h *holding) {
		h.controls(ctx)
		killGuard := h.guards(ctx)
		h.until(ctx, "in service", 2*time.Minute, func(s *bess.Snapshot) bool { return coilsOn(s) && s.Packs[2].Contactor.State == bess.Yes })
		time.Sleep(5 * time.Second)
		killGuard()
		right := *h.limits
		wrong := right
		wrong.Rows = append([]guard.Row(nil), right.Rows...)
		for i := range wrong.Rows {
			if r := &wrong.Rows[i]; r.Subject == 3 && r.Kind == guard.TooHot {
				r.Limit, r.For = 5, 3000 // as if pack 3 had become too hot
			}
		}
		h.limits = &wrong
		killGuard = h.guards(ctx)
		h.until(ctx, "inhibit by the trip", 5*time.Second, func(s *bess.Snapshot) bool { return s.IO.Inhibit.State == bess.Yes })
		if v := h.verdict.Load(); !v.Tripped || v.Cause != guard.TooHot || v.Subject != 3 {
			t.Fatalf("the guard says %+v", v)
		}
		h.until(ctx, "coils off", 700*time.Millisecond, func(s *bess.Snapshot) bool { return s.IO.Coils.State == bess.No })
		still := func(when string) {
			t.Helper()
			for range 100 {
				time.Sleep(100 * time.Millisecond)
				if s := h.look(ctx); s.IO.Inhibit.State != bess.Yes || s.IO.Coils.State != bess.No {
					t.Fatalf("%s: %+v", when, s.IO)
				}
			}
		}
		still("by itself")
		killGuard()
		h.limits = &right
		h.guards(ctx)
		still("by another guard")
		if err := h.server.Do(ctx, func(w *twin.World) { w.ResetLocal() }); err != nil {
			t.Fatal(err)
		}
		h.until(ctx, "both halves after a reset at the unit", 10*time.Second, coilsOn)
	})
}

// TestGuardResetInPlace: the guard that tripped is the one that is reset.
func TestGuardResetInPlace(t *testing.T) {
	held(t, guardStory(t, ""), func(ctx context.Context, h *holding) {
		h.controls(ctx)
		limits := *h.limits
		limits.Rows = append([]guard.Row(nil), limits.Rows...)
		for i := range limits.Rows {
			if r := &limits.Rows[i]; r.Subject == 3 && r.Kind == guard.TooHot {
				r.Limit = 5
			}
		}
		h.limits = &limits
		h.guards(ctx)
		tripped := func(*bess.Snapshot) bool { v := h.verdict.Load(); return v != nil && v.Tripped }
		h.until(ctx, "trip as soon as pack 3 is in use", 2*time.Minute, tripped)
		h.until(ctx, "packs open", 10*time.Second, func(s *bess.Snapshot) bool { return s.Packs[2].Contactor.State != bess.Yes })
		time.Sleep(5 * time.Second)
		if err := h.server.Do(ctx, func(w *twin.World) { w.ResetLocal() }); err != nil {
			t.Fatal(err)
		}
		h.until(ctx, "its pulses after the reset", 3*time.Second, func(*bess.Snapshot) bool { return !h.verdict.Load().Withhold })
	})
}

// TestGuardNeverTripsOnTheWires: the whole program, every frame on its wire, a day's charging. REPRISE_GUARD_WIRE_DAYS
// sets how many unit-days; without it some minutes.
func TestGuardNeverTripsOnTheWires(t *testing.T) {
	span := 5 * time.Minute
	if text := os.Getenv("REPRISE_GUARD_WIRE_DAYS"); text != "" {
		days, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		span = time.Duration(days * 24 * float64(time.Hour))
	}
	sc, err := scenario.ReferenceDay()
	if err != nil {
		t.Fatal(err)
	}
	if text := os.Getenv("REPRISE_GUARD_SEED"); text != "" {
		if sc.Seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	held(t, sc, func(ctx context.Context, h *holding) {
		h.controls(ctx)
		h.guards(ctx)
		h.until(ctx, "both halves", 10*time.Second, coilsOn)
		begun, first := time.Now(), h.verdict.Load()
		for time.Since(begun) < span {
			time.Sleep(time.Minute)
			if v := h.verdict.Load(); v != first {
				t.Fatalf("after %v the guard says %+v", time.Since(begun), *v)
			}
			if time.Since(begun)%time.Hour < time.Minute && span > time.Hour {
				fmt.Fprintf(os.Stderr, "%v on the wires without a trip\n", time.Since(begun))
			}
		}
		if s := h.look(ctx); !coilsOn(s) {
			t.Errorf("at the end: %+v", s.IO)
		}
	})
}

// TestGuardHearsTheOrders: on the wires the guard knows what the controller orders each pack; a pack that falls silent is
// taken out by the controller, six carry on, and the guard lets them.
func TestGuardHearsTheOrders(t *testing.T) {
	held(t, guardStory(t, ""), func(ctx context.Context, h *holding) {
		h.controls(ctx)
		h.guards(ctx)
		h.until(ctx, "in service", 2*time.Minute, func(s *bess.Snapshot) bool {
			return coilsOn(s) && s.Packs[3].Contactor.State == bess.Yes && s.Packs[6].Contactor.State == bess.Yes
		})
		ordered := func(pack int) bool {
			listening, end := context.WithTimeout(ctx, 500*time.Millisecond)
			defer end()
			bus, err := h.server.Memory(listening).Packs[pack](listening)
			if err != nil {
				t.Fatal(err)
			}
			ear := guard.NewEar(h.limits)
			for {
				a, err := bus.Receive(listening)
				if err != nil {
					_ = bus.Close()
					return ear.Image.Of[1+pack][guard.Ordered].X == 1
				}
				ear.Hear(1+pack, &a.Frame, 1)
			}
		}
		if !ordered(3) || !ordered(6) {
			t.Error("the guard does not hear that packs 4 and 7 are ordered closed")
		}
		if err := h.server.Do(ctx, func(w *twin.World) { w.Apply(twin.Fault{Kind: twin.BMSSilent, Index: 3}) }); err != nil {
			t.Fatal(err)
		}
		for range 400 {
			time.Sleep(100 * time.Millisecond)
			if s := h.look(ctx); !coilsOn(s) || s.Packs[6].Contactor.State != bess.Yes {
				t.Fatalf("six do not carry on: %+v; the guard says %+v", s.IO, h.verdict.Load())
			}
		}
		if ordered(3) || !ordered(6) {
			t.Error("pack 4 is still ordered closed, or pack 7 is not any more")
		}
	})
}
