package unit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"reprise/bess"
	"reprise/control"
	"reprise/journal"
	"reprise/store"
)

// memory is a keeper whose disk answers a tick later.
type memory struct {
	mu      sync.Mutex
	batches []store.Batch
	mark    uint64
	state   []byte
}

func (k *memory) Offer(b store.Batch) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.batches = append(k.batches, b)
	k.mark = max(k.mark, b.Mark)
	if b.State != nil {
		k.state = b.State
	}
	if b.Done != nil {
		b.Done()
	}
}

func (k *memory) DurableUpTo() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.mark
}

func (*memory) Trouble() string { return "" }

func machine(t testing.TB, c Config) *Machine {
	t.Helper()
	if c.Unit == nil {
		c.Unit = small()
	}
	if c.Plant == nil && c.Ports == nil {
		c.Plant = newToy(c.Unit)
	}
	m, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The loop keeps its pace, pictures flow, a request gets its answer, and all of
// it ends with the context.
func TestTheLoopRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keeper := &memory{}
		m := machine(t, Config{Keeper: keeper, Speed: 1})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- m.Run(ctx) }()
		pictures := m.Subscribe(t.Context())
		time.Sleep(10*time.Second + 50*time.Millisecond)
		p := m.Latest()
		if p == nil || p.Tick != 101 || p.Health.LateTicks != 0 {
			t.Fatalf("after ten seconds: %+v", p)
		}
		answer, err := m.Ask(ctx, bess.Request{By: bess.SourceOperator, Person: "Ann", Verb: bess.OutletOff, Target: 1})
		if err != nil || !answer.Granted {
			t.Errorf("answer %+v, %v", answer, err)
		}
		answer, err = m.Ask(ctx, bess.Request{By: bess.SourceOperator, Person: "Ann", Verb: bess.OutletOff, Target: 99})
		if err != nil || answer.Granted || answer.Why != bess.RefusedNoTarget {
			t.Errorf("answer %+v, %v", answer, err)
		}
		time.Sleep(time.Second)
		if p := m.Latest(); p.Outlets[1].On || !p.Outlets[0].On {
			t.Error("outlet 2 should be off")
		}
		if first := <-pictures; first == nil || first.Tick > 5 {
			t.Errorf("a slow reader keeps the oldest: %+v", first)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		for range pictures { // closed
		}
		if _, err := m.Ask(t.Context(), bess.Request{Verb: bess.Start}); err == nil {
			t.Error("a stopped unit answered")
		}
		keeper.mu.Lock()
		defer keeper.mu.Unlock()
		if len(keeper.batches) == 0 || keeper.state == nil {
			t.Fatal("nothing was kept")
		}
		asked := 0
		for _, b := range keeper.batches {
			asked += len(b.Asked)
		}
		if asked != 2 {
			t.Errorf("%d requests were kept", asked)
		}
	})
}

func TestThePictureIsJSONWithoutZerosForUnknown(t *testing.T) {
	m := machine(t, Config{})
	for range 30 {
		m.tick()
	}
	b, err := json.Marshal(m.Latest())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"vehicle_soc":{"why":"an AC station does not tell"}`, `"bookings":[]`, `"wires":false`, `"identity":"confirmed"`} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("%s is missing in %s", want, b)
		}
	}
	if p := m.Latest(); p.Safe.Headline == "" || p.Safe.Detail == "" {
		t.Errorf("safe %+v", p.Safe)
	}
}

// recorded runs a machine over a journal for so many ticks.
func recorded(t *testing.T, dir string, ticks int) *Machine {
	t.Helper()
	u := small()
	w, err := journal.Create(dir, journal.Header{Unit: *u, Build: "this"}, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	plant := newToy(u)
	m := machine(t, Config{Unit: u, Plant: plant, Journal: w, Keeper: &memory{}})
	for i := range ticks {
		if i == 40 {
			go func() { _, _ = m.Ask(t.Context(), bess.Request{By: bess.SourceOperator, Verb: bess.Start}) }()
			for waiting := 0; waiting == 0; runtime.Gosched() {
				m.line.mu.Lock()
				waiting = len(m.line.waiting)
				m.line.mu.Unlock()
			}
		}
		if i == 700 {
			plant.heat = 75
		}
		for i%10 == 9 && w.Health().Kept+20 < uint64(i) { // the loop is far faster here than in life
			runtime.Gosched()
		}
		m.tick()
	}
	w.Close()
	if h := w.Health(); h.Dropped > 0 {
		t.Fatalf("health %+v", h)
	}
	return m
}

func TestReplayGivesTheSameHash(t *testing.T) {
	dir := t.TempDir()
	m := recorded(t, dir, 1500)
	paths, err := journal.Paths(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Replay(paths, ReplayOptions{Build: "this"})
	if err != nil || !r.Same || r.Ticks != 1500 || r.Hash != m.digest.Sum() || r.Checked != 2 {
		t.Fatalf("replay %+v, %v; want %s", r, err, m.digest.Sum())
	}
	at := m.in.Snapshot.Civil.UnixMilli
	r, err = Replay(paths, ReplayOptions{Build: "this", From: at - 20_000})
	if err != nil || !r.Same || r.Ticks < 250 || r.Ticks > 900 || r.Hash != m.digest.Sum() {
		t.Errorf("from the last checkpoint: %+v, %v", r, err)
	}
	if _, err := Replay(paths, ReplayOptions{Build: "another"}); !errors.Is(err, ErrRefused) {
		t.Errorf("another build: %v", err)
	}
	if r, err := Replay(paths, ReplayOptions{Build: "another", Force: true}); err != nil || !r.Same || !r.Forced {
		t.Errorf("forced: %+v, %v", r, err)
	}
}

// A replay that is made to decide otherwise says where and what.
func TestReplayTellsTheFirstDifference(t *testing.T) {
	dir := t.TempDir()
	recorded(t, dir, 300)
	paths, _ := journal.Paths(dir)
	n := 0
	r, err := Replay(paths, ReplayOptions{Build: "this", Tick: func(_ *bess.Snapshot, s *control.State, _ *control.Outputs) {
		if n++; n == 100 {
			s.Standing.OutletOff[0], s.Ordered.IO.Beacon = true, !s.Ordered.IO.Beacon
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Same || r.Differs == 0 || len(r.What) == 0 {
		t.Fatalf("the change did not reach any output within 300 ticks: %+v", r)
	}
}

func TestStateSurvivesItsBytes(t *testing.T) {
	m := recorded(t, t.TempDir(), 800)
	b := m.checkpoint()
	c, err := ReadCheckpoint(m.unit, b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(control.AppendState(nil, c.State), control.AppendState(nil, m.state)) || c.Digest.Sum() != m.digest.Sum() {
		t.Error("the state came back changed")
	}
	for cut := 0; cut < len(b); cut += 211 {
		if _, err := ReadCheckpoint(m.unit, b[:cut]); err == nil {
			t.Errorf("cut at %d was read", cut)
		}
	}
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	plant := newToy(small())
	start := func() (*Machine, *store.Store) {
		s, err := store.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		r, err := ReadRestart(dir, s)
		if err != nil {
			t.Fatal(err)
		}
		m := machine(t, Config{Plant: plant, Keeper: s, Restart: r, Wall: func() bess.Civil { return bess.Civil{UnixMilli: plant.wall, Trust: bess.TrustHigh} }})
		m.begin()
		return m, s
	}
	m, s := start()
	for range 3700 { // over the end of a booking period
		m.tick()
	}
	number, digest := m.state.Ledger.Number, m.digest.Sum()
	if number == 0 {
		t.Fatal("nothing was booked")
	}
	m.keepLast()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	m, s = start()
	if m.state.Ledger.Number != number || m.digest.Sum() != digest || m.lockedOut != "" {
		t.Errorf("resumed at entry %d of %d, locked out %q", m.state.Ledger.Number, number, m.lockedOut)
	}
	old, err := store.ReadCheckpoint(dir)
	if err != nil {
		t.Fatal(err)
	}
	for range 3200 {
		m.tick()
	}
	newer := m.state.Ledger.Number
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if newer == number {
		t.Fatal("nothing more was booked")
	}

	// The checkpoint is older than the ledger: the head beats it.
	if err := store.WriteCheckpoint(dir, old); err != nil {
		t.Fatal(err)
	}
	m, s = start()
	if m.state.Ledger.Number != newer+1 {
		t.Errorf("resumed at entry %d, the ledger's head is %d", m.state.Ledger.Number, newer)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err = store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Entries(t.Context(), newer-1, 10)
	if err != nil || len(list) != 2 || list[1].Note != bess.NoteGap || list[1].Prev != list[0].Hash {
		t.Errorf("entries %+v, %v", list, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	// No readable checkpoint: everything is locked out, and the page says why.
	if err := os.WriteFile(filepath.Join(dir, "checkpoint"), []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	m, s = start()
	m.tick()
	if p := m.Latest(); p.Packs[0].Stage != bess.PackLockedOut.String() || p.Safe.Level != "stop" || !strings.Contains(p.Safe.Detail, "checkpoint") {
		t.Errorf("pack %s, %+v", p.Packs[0].Stage, p.Safe)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// What the loop may tell about is in the history a second later.
func TestHistory(t *testing.T) {
	u := small()
	series, err := store.OpenSeries(t.TempDir(), Channels(u), store.SeriesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m := machine(t, Config{Unit: u, Series: series})
	for range 100 {
		m.tick()
		select {
		case s := <-m.samples:
			if err := series.Append(s.at, s.values); err != nil {
				t.Fatal(err)
			}
		default:
		}
	}
	now := m.Latest().UnixMilli
	past, err := m.History(t.Context(), now-60_000, now+1, 60, nil)
	if err != nil || len(past.Times) < 9 || past.Lines[0].Name != "soc" || len(past.Lines[0].Low) != len(past.Times) {
		t.Fatalf("past %+v, %v", past, err)
	}
	last := len(past.Times) - 1
	for _, l := range past.Lines {
		if l.Name == "grid" && l.Values[last] != 1400 || l.Name == "loads" && l.Values[last] != 1100 {
			t.Errorf("%s: %v", l.Name, l.Values)
		}
	}
	if err := series.Close(); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkTick(b *testing.B) {
	u := small()
	w, err := journal.Create(b.TempDir(), journal.Header{Unit: *u}, journal.Options{})
	if err != nil {
		b.Fatal(err)
	}
	m := machine(b, Config{Unit: u, Journal: w, Keeper: &memory{}})
	b.ReportAllocs()
	for b.Loop() {
		m.tick()
	}
	b.ReportMetric(float64(len(m.checkpoint())), "checkpoint-B")
}
