package store

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"reprise/bess"
)

// copied is a folder as a power cut leaves it: the files as they are, the write-ahead log as changed.
func copied(t *testing.T, from, to string, change func([]byte) []byte) {
	t.Helper()
	for _, name := range []string{"unit.db", "unit.db-wal", "checkpoint"} {
		b, err := os.ReadFile(filepath.Join(from, name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if name == "unit.db-wal" {
			b = change(b)
		}
		if err := os.WriteFile(filepath.Join(to, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLedgerSurvivesAKillAtAnyByte cuts and damages what the database was writing at a hundred places: every entry that
// was announced as durable is there, once, and what follows is a whole number of batches.
func TestLedgerSurvivesAKillAtAnyByte(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	type moment struct{ size, entries int }
	var announced []moment
	prev, number := [32]byte{}, uint64(0)
	for batch := range 30 {
		b := Batch{Mark: uint64(batch + 1), State: []byte{byte(batch)}}
		for range 1 + batch%4 {
			number++
			e := entry(number, prev)
			prev = e.Hash
			b.Entries = append(b.Entries, e)
		}
		s.Offer(b)
		for s.DurableUpTo() != b.Mark {
			time.Sleep(time.Millisecond) // real clock: waits for a real fsync, some milliseconds
		}
		info, err := os.Stat(filepath.Join(dir, "unit.db-wal"))
		if err != nil {
			t.Fatal(err)
		}
		announced = append(announced, moment{int(info.Size()), int(number)})
	}
	r := rand.New(rand.NewPCG(7, 8))
	for n := range 100 {
		place, flip := 0, n%3 == 2
		to := t.TempDir()
		copied(t, dir, to, func(wal []byte) []byte {
			place = r.IntN(len(wal))
			if flip { // what was being written when the power went may hold anything
				wal[place] ^= 1 << r.IntN(8)
				return wal
			}
			return wal[:place]
		})
		least := 0
		for _, m := range announced {
			if m.size <= place {
				least = m.entries
			}
		}
		if err := whole(t, to, least, int(number)); err != nil {
			t.Errorf("byte %d, flipped %v: %v", place, flip, err)
		}
	}
}

// whole checks a chain of entries that begins with the first and misses none.
func whole(t *testing.T, dir string, least, most int) error {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	list, err := s.Entries(t.Context(), 0, 1000)
	if err != nil {
		return err
	}
	if len(list) < least || len(list) > most {
		return fmt.Errorf("%d entries, at least %d had been announced", len(list), least)
	}
	prev := [32]byte{}
	for i := range list {
		if list[i].Number != uint64(i+1) || list[i].Prev != prev {
			return fmt.Errorf("entry %d stands at place %d", list[i].Number, i+1)
		}
		prev = list[i].Hash
	}
	if n, head, err := s.Head(); err != nil || int(n) != len(list) || head != prev {
		return fmt.Errorf("head %d of %d, %w", n, len(list), err)
	}
	return nil
}

// A bit that has turned in a sealed file is noticed, never shown.
func TestTurnedBitsInSeriesAreNoticed(t *testing.T) {
	table := newTable([]Channel{{Name: "soc", Scale: 0.001}, {Name: "power", Scale: 1}})
	for i := range 600 {
		table.add(int64(i)*1000, []int64{int64(i % 97), int64(i * i)})
	}
	good, err := table.encode()
	if err != nil {
		t.Fatal(err)
	}
	r, silent := rand.New(rand.NewPCG(1, 1)), 0
	for range 300 {
		b := bytes.Clone(good)
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		if back, err := decodeParquet(b); err == nil && !back.same(table) {
			silent++
		}
	}
	if silent > 0 {
		t.Errorf("%d of 300 turned bits changed values that were shown as good", silent)
	}
}

// The log of the running hour, cut at every byte, gives every whole second before the cut.
func TestSeriesLogCutAtEveryByte(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenSeries(dir, []Channel{{Name: "soc", Scale: 0.001}}, SeriesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var ends []int64
	for i := range 60 {
		if err := s.Append(int64(i+1)*1000, []int64{int64(i * 7)}); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, s.size)
	}
	path := s.log.Name()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := int(ends[0]); cut <= len(b); cut++ {
		table, _, err := parseLog(b[:cut])
		want := 0
		for _, end := range ends {
			if int(end) <= cut {
				want++
			}
		}
		if err != nil || len(table.Times) != want {
			t.Fatalf("cut at %d: %d of %d seconds, %v", cut, len(table.Times), want, err)
		}
	}
}

// A yes that waits for the disk is told when all of its batch is there, and not before.
func TestDoneFollowsTheDisk(t *testing.T) {
	s := open(t, t.TempDir())
	s.pause = time.Millisecond
	if _, err := s.db.Exec("create trigger full before insert on entry begin select raise(abort, 'disk full'); end"); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	s.Offer(Batch{Mark: 3, Entries: []bess.Entry{entry(1, [32]byte{})}, Done: func() { close(done) }})
	for s.Trouble() == "" {
		time.Sleep(time.Millisecond) // real clock: waits for the writer's try
	}
	select {
	case <-done:
		t.Error("told although refused")
	default:
	}
	if _, err := s.db.Exec("drop trigger full"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	select {
	case <-done:
	case <-ctx.Done():
		t.Fatal("never told")
	}
	if n, _, err := s.Head(); n != 1 || err != nil {
		t.Errorf("told, and the head is %d, %v", n, err)
	}
}

func FuzzCheckpoint(f *testing.F) {
	m := checkpointMagic()
	f.Add([]byte{})
	f.Add(append(m[:], 0, 0, 0, 0))
	f.Add(append(m[:], 1, 2, 3, 4, 5))
	f.Fuzz(func(t *testing.T, b []byte) {
		if state, err := parseCheckpoint(b); err == nil && len(state) != len(b)-12 {
			t.Errorf("%d bytes of %d", len(state), len(b))
		}
	})
}

func FuzzParquet(f *testing.F) {
	table := newTable([]Channel{{Name: "soc", Scale: 0.001}})
	for i := range 5 {
		table.add(int64(i)*1000, []int64{int64(i)})
	}
	good, err := table.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte("PAR1PAR1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		back, err := decodeParquet(b)
		if err != nil {
			return
		}
		for _, c := range back.Columns {
			if len(c) != len(back.Times) {
				t.Error("its columns differ in length")
			}
		}
	})
}

func FuzzLegs(f *testing.F) {
	f.Add(packLegs(entry(1, [32]byte{}).Legs))
	f.Add([]byte{0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		legs, err := unpackLegs(b)
		if err != nil {
			return
		}
		again, err := unpackLegs(packLegs(legs))
		if err != nil || len(again) != len(legs) {
			t.Errorf("%v, %v", again, err)
		}
	})
}
