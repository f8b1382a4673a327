package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"reprise/bess"
	"reprise/config"
	"reprise/journal"
	"reprise/store"
)

// pair is "reprise unit" on "reprise twin": two real processes on loopback, and somebody who reads along.
type pair struct {
	t       *testing.T
	unit    *bess.Unit
	address string
	data    string
	args    []string
	twin    *process
	process *process
	seen    *observer
}

func newPair(t *testing.T) *pair {
	t.Helper()
	file := filepath.Join("..", "..", "examples", "units", "max.yaml")
	p := &pair{t: t, address: freePort(t), data: t.TempDir()}
	wires := filepath.Join(t.TempDir(), "wires.json")
	line := &firstLine{}
	p.twin = begin(t, line, "twin", "--unit", file, "--central", "ws://"+p.address+"/ocpp")
	until(t, "the twin's addresses", 30*time.Second, line.whole)
	if err := os.WriteFile(wires, line.bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	types, err := config.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p.unit, _ = config.Read(file, text, types)
	at, err := readWires(wires, p.unit)
	if err != nil {
		t.Fatal(err)
	}
	p.args = []string{"unit", "--unit", file, "--wires", wires, "--http", p.address, "--data-dir", p.data, "--quiet"}
	p.seen = newObserver(t, p.unit, at)
	return p
}

// start starts the controller and waits for its page.
func (p *pair) start() {
	p.t.Helper()
	p.process = begin(p.t, io.Discard, p.args...)
	until(p.t, "the page", 30*time.Second, func() bool { return page(p.address) != nil })
}

func (p *pair) kill() {
	p.t.Helper()
	if err := p.process.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = p.process.Wait() // it was killed
}

// becomes waits for a network in service.
func (p *pair) becomes(network string) {
	p.t.Helper()
	until(p.t, "the network "+network, 60*time.Second, func() bool {
		shown := page(p.address)
		return shown != nil && shown.Service == "in service" && shown.Network == network
	})
}

// volts is what stands on the AC bus; false: nobody has heard it.
func (p *pair) volts() (float64, bool) {
	s := p.seen.look()
	v, ok := s.Inverter.PhaseVolts[0].Fresh(s.Now, bess.Second)
	return float64(v), ok
}

// mode is what the inverter does; false: nobody has heard it.
func (p *pair) mode() (bess.InverterMode, bool) {
	s := p.seen.look()
	mode, ok := s.Inverter.Mode.Fresh(s.Now, bess.Second)
	return bess.InverterMode(mode), ok
}

// TestUnitOnItsTwin is the whole in two real processes: killed beside the grid, back with everything that was
// acknowledged; restarted in island, where the load never notices; a torn connection, of which the page says what and why.
func TestUnitOnItsTwin(t *testing.T) {
	switch {
	case testing.Short():
		t.Skip("it takes half a minute of real time")
	case raceDetector:
		t.Skip("ten times slower, nothing is back in time")
	}
	p := newPair(t)
	p.start()
	until(t, "an answer to the start", 20*time.Second, func() bool { return asked(p.address, `{"verb":"start","person":"test"}`) })
	p.becomes("grid")
	p.diesBesideTheGrid()
	p.losesNothing()
	p.start()
	p.becomes("grid")
	if told := events(p.address); !contains(told, "The controller was away for", "all begins anew") {
		t.Errorf("the unit does not say why all began anew; it tells\n%s", told)
	}
	if off := page(p.address).Outlets[1]; off.On {
		t.Error("what a person had switched off before the kill is on again")
	}
	asks(t, p.address, `{"verb":"feeder-off","target":0,"person":"test"}`)
	p.becomes("island")
	until(t, "the island's circuits", 20*time.Second, func() bool {
		v, ok := p.volts()
		on := 0
		for _, c := range page(p.address).Circuits {
			if c.State == "closed" {
				on++
			}
		}
		return ok && v > 220 && on == len(p.unit.Circuits)
	})
	p.restartsInIsland()
	p.losesItsDevices()
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.process.Wait(); err != nil {
		t.Errorf("after SIGTERM the unit ended with %v", err)
	}
}

// diesBesideTheGrid: every device falls safe by its own watchdog. A second before, somebody was answered.
func (p *pair) diesBesideTheGrid() {
	p.t.Helper()
	until(p.t, "an inverter that follows the grid, and stations that called", 60*time.Second, func() bool {
		mode, ok := p.mode()
		online := 0
		for _, o := range page(p.address).Outlets {
			if o.Online == "yes" {
				online++
			}
		}
		return ok && mode == bess.InverterFollow && online == len(p.unit.Outlets)
	})
	asks(p.t, p.address, `{"verb":"outlet-off","target":1,"person":"test"}`)
	p.kill()
	gone := time.Now()
	p.t.Logf("converters at zero %v after the kill", until(p.t, "converters at zero", 3*time.Second, p.seen.stopped))
	p.t.Logf("inverter off after %v more", until(p.t, "inverter off", 8*time.Second, func() bool {
		mode, ok := p.mode()
		return ok && mode == bess.InverterOff
	}))
	until(p.t, "the end of what devices hold", 5*time.Second, func() bool { return time.Since(gone) > 3200*time.Millisecond })
}

// losesNothing reads what the killed process left: the journal is whole up to its tail, the request that was answered
// is on disk, and the checkpoint can be read.
func (p *pair) losesNothing() {
	p.t.Helper()
	paths, err := journal.Paths(filepath.Join(p.data, "journal"))
	if err != nil {
		p.t.Fatal(err)
	}
	ticks := uint64(0)
	for _, path := range paths {
		r, err := journal.Open(path)
		for err == nil {
			var rec journal.Record
			if rec, err = r.Next(); err == nil && rec.Tick != nil {
				if ticks != 0 && rec.Tick.Number != ticks+1 {
					p.t.Errorf("tick %d follows %d", rec.Tick.Number, ticks)
				}
				ticks = rec.Tick.Number
			}
		}
		if !errors.Is(err, io.EOF) {
			p.t.Errorf("the journal of a killed process: %v", err)
		}
	}
	if ticks < 20 {
		p.t.Errorf("the journal holds %d ticks", ticks)
	}
	s, err := store.Open(p.data)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	list, err := s.Asked(p.t.Context(), 0, time.Now().Add(time.Hour).UnixMilli())
	if err != nil || len(list) < 2 || list[len(list)-1].Request.Verb != bess.OutletOff {
		p.t.Errorf("requests on disk: %+v, %v", list, err)
	}
	if _, err := store.ReadCheckpoint(p.data); err != nil {
		p.t.Error(err)
	}
}

// restartsInIsland: a second and a half without a controller. On a machine that is too busy to give the processes
// their turns nothing can be said of that; then it tries again.
func (p *pair) restartsInIsland() {
	p.t.Helper()
	for try := 1; ; try++ {
		lost, busy := p.restart()
		if lost == "" {
			break
		}
		if busy == "" {
			p.t.Fatal(lost)
		}
		if try == 3 {
			p.t.Logf("this machine is too busy to judge a restart of 1.5 s: %s", busy)
			return
		}
		p.becomes("island")
	}
	p.becomes("island")
}

// restart says what was lost, and whether something else than the unit may be to blame.
func (p *pair) restart() (lost, busy string) {
	p.kill()
	gone := time.Now()
	time.Sleep(time.Second) // real clock: with the start of a process and its first look this makes 1.5 s
	p.process = begin(p.t, io.Discard, p.args...)
	back := false
	for last := time.Now(); time.Since(gone) < 5*time.Second; last = time.Now() {
		if v, ok := p.volts(); lost == "" && ok && v < 200 {
			lost = fmt.Sprintf("%v after the kill the island has %.0f V; the unit tells\n%s", time.Since(gone), v, events(p.address))
		}
		if back = back || page(p.address) != nil; !back && time.Since(gone) > 2200*time.Millisecond {
			busy = "the new process took too long to start"
		}
		time.Sleep(20 * time.Millisecond) // real clock: the other side is a real process
		if held := time.Since(last); held > 300*time.Millisecond && lost == "" {
			busy = fmt.Sprintf("nothing ran for %v", held)
		}
	}
	return lost, busy
}

// losesItsDevices: every connection breaks at once. The unit lives on and says of every pack what it does not know.
func (p *pair) losesItsDevices() {
	p.t.Helper()
	if err := p.twin.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = p.twin.Wait() // it was killed
	until(p.t, "an alarm with words", 20*time.Second, func() bool {
		shown := page(p.address)
		if shown == nil || len(shown.Alarms) == 0 {
			return false
		}
		for i := range shown.Alarms {
			if a := &shown.Alarms[i]; a.What == "" || a.MayDo == "" {
				p.t.Fatalf("alarm %s says %q, %q", a.Rule, a.What, a.MayDo)
			}
		}
		return shown.Network != "island"
	})
}
