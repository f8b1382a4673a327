package journal

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"sync"
	"testing"
)

// written is a file of so many ticks and what is in it.
func written(t *testing.T, n int) ([]byte, map[uint64]Tick) {
	t.Helper()
	dir := t.TempDir()
	ticks := map[uint64]Tick{}
	for _, k := range record(t, dir, n, Options{}) {
		ticks[k.Number] = k
	}
	paths, err := Paths(dir)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	return b, ticks
}

// told reads what a damaged file still tells and compares it with what was written: nothing is changed, nothing comes
// twice. It returns how many ticks there are, the last of them, and how many parts were faulty.
func told(t *testing.T, b []byte, ticks map[uint64]Tick) (n int, last uint64, faults int) {
	t.Helper()
	r, err := NewReader("damaged", b)
	if err != nil {
		return 0, 0, 1
	}
	for range 10_000 {
		rec, err := r.Next()
		var fault *Fault
		switch {
		case errors.Is(err, io.EOF):
			return n, last, faults
		case errors.As(err, &fault):
			faults++
		case err != nil:
			t.Fatal(err)
		case rec.Tick != nil:
			if rec.Tick.Number <= last {
				t.Fatalf("tick %d after %d", rec.Tick.Number, last)
			}
			last, n = rec.Tick.Number, n+1
			if was, ok := ticks[last]; !ok || !reflect.DeepEqual(was.Snapshot, rec.Tick.Snapshot) {
				t.Fatalf("tick %d is not what was written", last)
			}
		}
	}
	t.Fatal("the reader does not end")
	return 0, 0, 0
}

// TestKilledAtAnyByte cuts a file at five hundred places: all whole seconds before the cut are there.
func TestKilledAtAnyByte(t *testing.T) {
	b, ticks := written(t, 60)
	ends := []int{}
	r, err := NewReader("whole", b)
	if err != nil {
		t.Fatal(err)
	}
	for rest := r.bytes; len(rest) > 0; {
		kind, _, next, err := splitRecord(rest)
		if err != nil {
			t.Fatal(err)
		}
		if rest = next; kind == recordTicks {
			ends = append(ends, len(b)-len(rest))
		}
	}
	random := rand.New(rand.NewPCG(11, 12))
	for range 500 {
		cut := random.IntN(len(b) + 1)
		n, _, faults := told(t, b[:cut], ticks)
		want := 0
		for _, end := range ends {
			if end <= cut {
				want += second
			}
		}
		if n != want || faults > 0 && n > 0 {
			t.Fatalf("cut at %d of %d: %d ticks, %d expected, %d faults", cut, len(b), n, want, faults)
		}
	}
}

// TestTurnedBitsAreNoticed turns one bit at five hundred places: what is told is what was written, and a hole has a fault
// or is the torn end.
func TestTurnedBitsAreNoticed(t *testing.T) {
	b, ticks := written(t, 60)
	random := rand.New(rand.NewPCG(13, 14))
	for range 500 {
		bad := bytes.Clone(b)
		place := random.IntN(len(bad))
		bad[place] ^= 1 << random.IntN(8)
		n, last, faults := told(t, bad, ticks)
		if n < len(ticks) && faults == 0 && uint64(n) != last {
			t.Fatalf("byte %d: %d ticks up to %d and no fault", place, n, last)
		}
	}
}

// strictDisk keeps what was written and what was synced apart, and may refuse.
type strictDisk struct {
	mu      sync.Mutex
	files   map[string]*strictFile
	refuses error // of every call that changes anything: a disk that is read-only
}

type strictFile struct {
	disk           *strictDisk
	all            []byte
	synced, closed int
}

func (d *strictDisk) Create(name string) (File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuses != nil {
		return nil, d.refuses
	}
	f := &strictFile{disk: d}
	d.files[name] = f
	return f, nil
}

func (d *strictDisk) Remove(string) error       { return d.refuses }
func (*strictDisk) List() ([]Stored, error)     { return nil, nil }
func (f *strictFile) Truncate(size int64) error { f.all = f.all[:size]; return nil }
func (f *strictFile) Close() error              { f.closed++; return nil }

func (f *strictFile) Write(b []byte) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.disk.refuses != nil {
		return 0, f.disk.refuses
	}
	f.all = append(f.all, b...)
	return len(b), nil
}

func (f *strictFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.synced = len(f.all)
	return f.disk.refuses
}

// A disk that becomes read-only costs ticks, which are counted; the loop goes on, and when the disk is back so is the
// journal, in a file of its own.
func TestReadOnlyDisk(t *testing.T) {
	u, random := sizes(), rand.New(rand.NewPCG(5, 6))
	disk := &strictDisk{files: map[string]*strictFile{}}
	w, err := Create("", Header{Unit: *u}, Options{Disk: disk})
	if err != nil {
		t.Fatal(err)
	}
	in := randomTick(u, random, 0)
	turn := func(refuses error, want func(Health) bool) {
		t.Helper()
		disk.mu.Lock()
		disk.refuses = refuses
		disk.mu.Unlock()
		for i := 0; i < 50_000 && !want(w.Health()); i++ {
			if w.WantsCheckpoint() {
				w.Checkpoint(in.Number, in.Snapshot.Now, []byte("state"))
			}
			moving(in.Snapshot, i, random)
			in.Number++
			w.Tick(in)
			for len(w.chunks) > 2 { // the loop is far faster here than in life
				b := <-w.free
				w.free <- b
			}
		}
		if h := w.Health(); !want(h) {
			t.Fatalf("health %+v", h)
		}
	}
	turn(nil, func(h Health) bool { return h.Kept > 100 })
	turn(errors.New("read-only file system"), func(h Health) bool { return h.Dropped > 50 && h.Trouble != "" })
	kept := w.Health().Kept
	turn(nil, func(h Health) bool { return h.Kept > kept+100 && h.Trouble == "" })
	w.Close()
	if len(disk.files) < 2 {
		t.Errorf("%d files", len(disk.files))
	}
	for name, f := range disk.files {
		r, err := NewReader(name, f.all)
		for err == nil {
			_, err = r.Next()
		}
		if !errors.Is(err, io.EOF) || f.synced != len(f.all) {
			t.Errorf("%s: %v, %d of %d bytes synced", name, err, f.synced, len(f.all))
		}
	}
}
