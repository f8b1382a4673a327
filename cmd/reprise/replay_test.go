package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reprise/bess"
	"reprise/config"
	"reprise/journal"
	"reprise/twin"
	"reprise/unit"
)

// journalOfATwin lets the reference unit run on its twin, at 60 times the
// speed, and returns its journal's folder.
func journalOfATwin(t *testing.T, build string) string {
	t.Helper()
	types, err := config.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	u, err := config.ReadFile("../../examples/units/max.yaml", types)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	w, err := journal.Create(filepath.Join(dir, "journal"), journal.Header{Unit: *u, Build: build, Seed: 3}, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	world := twin.New(u, 3, twin.Start{Ambient: 15, Clock: bess.Civil{UnixMilli: 1_623_772_800_000, Trust: bess.TrustHigh}, Noise: true})
	around := twin.NewSurroundings(u)
	for i := range around.Feeders {
		around.Feeders[i].Available = true
	}
	for i := range around.Circuits {
		around.Circuits[i] = 3000
	}
	world.Surround(around)
	m, err := unit.New(unit.Config{Unit: u, Plant: world, Twin: true, Speed: 60, Journal: w, Wall: world.Civil})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	go func() { _, _ = m.Ask(ctx, bess.Request{By: bess.SourceOperator, Person: "Ann", Verb: bess.Start}) }()
	if err := m.Run(ctx); err != nil {
		t.Fatal(err)
	}
	h, size := w.Health(), int64(0)
	if h.Kept < 200 { // a slow disk may lose some at this speed; the rest must replay all the same
		t.Fatalf("journal %+v", h)
	}
	paths, err := journal.Paths(filepath.Join(dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	last := m.Latest()
	t.Logf("%d ticks, %d B a tick, %.1f MB an hour; the loop took %.0f us a tick, worst %.0f; %s: %s",
		h.Kept, size/int64(h.Kept), float64(size)/float64(h.Kept)*36000/1e6, last.Health.LoopMicros, last.Health.LoopWorst, last.Service, last.Safe.Headline)
	return filepath.Join(dir, "journal")
}

// The reference unit on its twin runs again to the bit, from its journal alone.
func TestReplayOfTheReferenceUnit(t *testing.T) {
	dir := journalOfATwin(t, buildDigest())
	var out, progress bytes.Buffer
	con := &console{Context: t.Context(), out: &out, progress: &progress}
	if err := (&replayCommand{Path: dir, JSON: true}).Run(con); err != nil {
		t.Fatalf("%v\n%s%s", err, out.String(), progress.String())
	}
	var r unit.Replayed
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || !r.Same || r.Ticks < 200 || len(r.Hash) != 64 {
		t.Errorf("%v, %+v", err, r)
	}
	out.Reset()
	if err := (&replayCommand{Path: dir}).Run(con); err != nil || !strings.Contains(out.String(), r.Hash) {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestReplayRefusesWhatItCannotPromise(t *testing.T) {
	dir := journalOfATwin(t, "another build")
	con := &console{Context: t.Context(), out: &bytes.Buffer{}, progress: &bytes.Buffer{}}
	if err := (&replayCommand{Path: dir}).Run(con); exitCode(err) != exitBadInput {
		t.Errorf("another build: %v", err)
	}
	if err := (&replayCommand{Path: dir, Force: true}).Run(con); err != nil {
		t.Errorf("forced: %v", err)
	}
	for _, c := range []replayCommand{{Path: "nowhere"}, {Path: t.TempDir()}, {Path: dir, From: "yesterday"}} {
		if err := c.Run(con); exitCode(err) != exitBadInput {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
