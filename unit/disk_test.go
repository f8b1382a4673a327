package unit

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/journal"
	"reprise/store"
)

// A disk that fills takes series first, then the journal, and never the ledger; room gives all of it back.
func TestWhoYieldsWhenTheDiskFills(t *testing.T) {
	u := small()
	dir := t.TempDir()
	series, err := store.OpenSeries(filepath.Join(dir, "series"), Channels(u), store.SeriesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	writer, err := journal.Create(filepath.Join(dir, "journal"), journal.Header{Unit: *u}, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	keeper := &memory{}
	m := machine(t, Config{Unit: u, Keeper: keeper, Series: series, Journal: writer})
	values := make([]int64, len(Channels(u)))
	kept := func(at int64) bool { // a second of series
		before := size(t, filepath.Join(dir, "series"))
		if err := series.Append(at, values); err != nil {
			t.Fatal(err)
		}
		return size(t, filepath.Join(dir, "series")) > before
	}
	number := 0
	for _, c := range []struct {
		free            si.Ratio
		series, journal bool
	}{
		{0.5, true, true}, {0.08, true, true}, {0.04, false, true}, {0.02, false, false}, {0, false, false}, {0.5, true, true},
	} {
		m.yield(c.free)
		number++
		if got := kept(int64(number) * 1000); got != c.series {
			t.Errorf("%v %% free: series kept: %v", c.free.Percent(), got)
		}
		before, rests := writer.Health(), false
		for range 20_000 {
			m.tick()
			h := writer.Health()
			if rests = strings.Contains(h.Trouble, "rests"); rests && h.Dropped > before.Dropped+50 || !rests && h.Kept > before.Kept+50 {
				break
			}
			runtime.Gosched() // the loop is far faster here than in life
		}
		if rests == c.journal {
			t.Errorf("%v %% free: the journal rests: %v", c.free.Percent(), rests)
		}
		marks := len(keeper.batches)
		m.state.Mark++ // something that must be durable
		m.tick()
		if len(keeper.batches) == marks {
			t.Errorf("%v %% free: the store was given nothing", c.free.Percent())
		}
	}
	writer.Close()
	if err := series.Close(); err != nil {
		t.Fatal(err)
	}
}

// A full disk is said to the controller, which needs a durable record to close anything; one that nobody looks at is
// not known.
func TestDiskIsReported(t *testing.T) {
	var d disk
	v := bess.StoreView{}
	d.report(&v, 100)
	if v.Full.State != bess.Unknown || v.Free.Quality != bess.Missing {
		t.Errorf("nobody looked: %+v", v)
	}
	m := machine(t, Config{Folder: t.TempDir(), Keeper: &memory{}})
	m.lookAtDisk()
	m.disk.full.Store(true)
	m.tick()
	if s := &m.in.Snapshot.Store; s.Full.State != bess.Yes || s.Free.Quality != bess.Good {
		t.Errorf("looked at: %+v", *s)
	}
}

func size(t *testing.T, dir string) int64 {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			total += info.Size()
		}
	}
	return total
}
