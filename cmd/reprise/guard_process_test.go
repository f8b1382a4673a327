package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"reprise/bess"
	"reprise/config"
	"reprise/twin"
	"reprise/twin/serve"
	"reprise/unit"
)

// cabinet is the machine's twin in this process, behind real sockets; controller and guard are processes of their own.
type cabinet struct {
	t      *testing.T
	server *serve.Server
	snap   bess.Snapshot
	args   struct{ unit, wires, limits, data, http string }
}

func newCabinet(t *testing.T) *cabinet {
	t.Helper()
	const file = "../../examples/units/max.yaml"
	types, err := config.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	u, faults := config.Read(file, text, types)
	if refusals := faults.Refusals(); len(refusals) > 0 {
		t.Fatal(refusals.Err())
	}
	tables, err := unit.PackTables(u, types)
	if err != nil {
		t.Fatal(err)
	}
	start := twin.Start{Ambient: 15}
	for range u.Packs {
		start.SoC = append(start.SoC, 0.6)
	}
	c := &cabinet{t: t, snap: bess.NewSnapshot(u)}
	if c.server, err = serve.New(twin.New(u, 1, start), u, serve.Options{Packs: tables, Guarded: true}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	at, wait, err := c.server.Listen(ctx, "127.0.0.1")
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = c.server.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done; wait() })
	folder := t.TempDir()
	c.args.unit, c.args.wires, c.args.limits = file, filepath.Join(folder, "wires.json"), filepath.Join(folder, "max.limits")
	c.args.data, c.args.http = filepath.Join(folder, "data"), freePort(t)
	wires, err := json.Marshal(at)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.args.wires, wires, 0o600); err != nil {
		t.Fatal(err)
	}
	if code := run(t.Context(), []string{"limits", "--unit", file, "--out", c.args.limits}, io.Discard, os.Stderr); code != 0 {
		t.Fatalf("reprise limits ended with %d", code)
	}
	return c
}

func (c *cabinet) controller() *process {
	return begin(c.t, io.Discard, "unit", "--quiet", "--unit", c.args.unit, "--wires", c.args.wires, "--data-dir", c.args.data, "--http", c.args.http)
}

func (c *cabinet) guard() *process {
	return begin(c.t, io.Discard, "guard", "--json", "--limits", c.args.limits, "--wires", c.args.wires)
}

// look is what is true of the machine now.
func (c *cabinet) look() *bess.Snapshot {
	if err := c.server.Do(c.t.Context(), func(w *twin.World) { w.Sense(&c.snap) }); err != nil {
		c.t.Fatal(err)
	}
	return &c.snap
}

func (c *cabinet) both(when string) {
	c.t.Helper()
	until(c.t, "both halves "+when, 15*time.Second, func() bool { return coilsOn(c.look()) })
	time.Sleep(500 * time.Millisecond) // real clock: processes run in it
}

// falls proves what follows the last pulse: the inhibit within the window, then the coils. A busy machine may look late at
// the inhibit, so how long the coils hold after it at least is for the tests in virtual time.
func (c *cabinet) falls(when string) {
	c.t.Helper()
	inhibited := until(c.t, "inhibit "+when, 4*time.Second, func() bool { return c.look().IO.Inhibit.State == bess.Yes })
	coils := until(c.t, "coils off "+when, 2*time.Second, func() bool { return c.look().IO.Coils.State == bess.No })
	if inhibited > 3*time.Second || coils > 800*time.Millisecond || c.look().IO.OutletSupply.State != bess.No {
		c.t.Errorf("%s: inhibited after %v (want at most 3 s), coils %v later (want 0.5 s, at most 0.8 s)", when, inhibited, coils)
	}
	c.t.Logf("%s: inhibited after %v, coils %v later", when, inhibited, coils)
}

func (c *cabinet) stays(when string, span time.Duration) {
	c.t.Helper()
	for begun := time.Now(); time.Since(begun) < span; {
		if s := c.look(); s.IO.Inhibit.State == bess.Yes || s.IO.Coils.State != bess.Yes {
			c.t.Fatalf("%s: interrupted after %v", when, time.Since(begun))
		}
		time.Sleep(50 * time.Millisecond) // real clock: processes run in it
	}
}

// TestGuardProcesses kills, freezes and starves real processes: controller and guard.
func TestGuardProcesses(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute of real time")
	}
	if raceDetector {
		t.Skip("ten times slower, nothing is back in time")
	}
	c := newCabinet(t)
	controller, guard := c.controller(), c.guard()
	c.both("at the start")

	c.signal(guard, syscall.SIGKILL)
	time.Sleep(800 * time.Millisecond) // real clock: the service manager's pause
	guard = c.guard()
	c.stays("a guard that is back within 1.5 s", 4*time.Second)

	c.signal(controller, syscall.SIGSTOP)
	c.falls("after the controller froze")
	c.signal(controller, syscall.SIGCONT)
	c.both("after the controller thawed")

	c.signal(guard, syscall.SIGSTOP)
	c.falls("after the guard froze")
	c.signal(guard, syscall.SIGCONT)
	c.both("after the guard thawed")

	relieve := c.starve(controller, guard)
	c.falls("while the machine starved")
	relieve()
	c.both("after the machine was relieved")

	c.signal(guard, syscall.SIGKILL)
	c.falls("after the guard was killed")
	c.guard()
	c.both("with another guard")

	c.signal(controller, syscall.SIGKILL)
	c.falls("after the controller was killed")
	c.controller()
	c.both("with another controller")
}

func (c *cabinet) signal(p *process, s syscall.Signal) {
	c.t.Helper()
	if err := p.Process.Signal(s); err != nil {
		c.t.Fatal(err)
	}
}

// starve lets processes run for a tenth of the time, in slices a second apart, until it is relieved.
func (c *cabinet) starve(processes ...*process) (relieve func()) {
	ctx, cancel := context.WithCancel(c.t.Context())
	over := make(chan struct{})
	go func() {
		defer close(over)
		for ctx.Err() == nil {
			for _, p := range processes {
				_ = p.Process.Signal(syscall.SIGSTOP)
			}
			pause(ctx, 900*time.Millisecond)
			for _, p := range processes {
				_ = p.Process.Signal(syscall.SIGCONT)
			}
			pause(ctx, 100*time.Millisecond)
		}
	}()
	return func() { cancel(); <-over }
}

// TestGuardRefusesDamagedLimits: it never starts, and says what to do.
func TestGuardRefusesDamagedLimits(t *testing.T) {
	file := filepath.Join(t.TempDir(), "max.limits")
	if code := run(t.Context(), []string{"limits", "--unit", "../../examples/units/max.yaml", "--out", file}, io.Discard, os.Stderr); code != 0 {
		t.Fatal(code)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if code := run(t.Context(), []string{"guard", "--limits", file, "--can", "tcp://127.0.0.1:1"}, io.Discard, io.Discard); code != exitBadInput {
		t.Errorf("with a damaged file it ended with %d", code)
	}
}
