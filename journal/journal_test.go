package journal

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"testing"

	"reprise/bess"
)

// record writes n ticks into a folder, a checkpoint before the first and each
// 600th, and returns what was written.
func record(t *testing.T, dir string, n int, o Options) []Tick {
	t.Helper()
	u, r := sizes(), rand.New(rand.NewPCG(3, 4))
	w, err := Create(dir, Header{Unit: *u, Build: "b", Seed: 7}, o)
	if err != nil {
		t.Fatal(err)
	}
	in := randomTick(u, r, 0)
	in.Snapshot.Now = 0
	var list []Tick
	for i := range n {
		if w.WantsCheckpoint() || i%600 == 0 {
			w.Checkpoint(in.Number, in.Snapshot.Now, []byte{byte(i), byte(i >> 8)})
		}
		moving(in.Snapshot, i, r)
		in.Number++
		for len(w.chunks) > queue/2 { // the loop is far faster here than in life
			<-w.free
			w.free <- make([]byte, 0, 64<<10)
		}
		w.Tick(in)
		copied := *in
		s := bess.NewSnapshot(u)
		s.CopyFrom(in.Snapshot)
		copied.Snapshot = &s
		list = append(list, copied)
	}
	w.Close()
	if h := w.Health(); h.Dropped != 0 || h.Kept != uint64(n) || h.Trouble != "" {
		t.Fatalf("health %+v", h)
	}
	return list
}

func readAll(t *testing.T, path string) (ticks []Tick, checkpoints int) {
	t.Helper()
	paths, err := Paths(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		r, err := Open(p)
		if err != nil {
			t.Fatal(err)
		}
		for {
			rec, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if rec.Tick == nil {
				checkpoints++
				continue
			}
			copied := *rec.Tick
			s := bess.NewSnapshot(&r.Header.Unit)
			s.CopyFrom(rec.Tick.Snapshot)
			copied.Snapshot = &s
			ticks = append(ticks, copied)
		}
	}
	return ticks, checkpoints
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	dir := t.TempDir()
	written := record(t, dir, 1995, Options{FileSpan: bess.Minute})
	read, checkpoints := readAll(t, dir)
	if len(read) != len(written) || checkpoints != 4 {
		t.Fatalf("%d of %d ticks, %d checkpoints", len(read), len(written), checkpoints)
	}
	for i := range read {
		if !reflect.DeepEqual(read[i].Snapshot, written[i].Snapshot) || read[i].Number != written[i].Number {
			t.Fatalf("tick %d differs", i)
		}
	}
	if paths, _ := Paths(dir); len(paths) != 4 {
		t.Errorf("files: %v", paths)
	}
}

// A file that was cut anywhere gives every whole record before the cut, and no
// fault.
func TestTornTailIsCut(t *testing.T) {
	dir := t.TempDir()
	record(t, dir, 100, Options{})
	paths, _ := Paths(dir)
	whole, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	before := 0
	for cut := len(whole); cut > 3000; cut -= 97 {
		r, err := NewReader("cut", whole[:cut])
		if err != nil { // within the header
			break
		}
		n := 0
		for {
			rec, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			if rec.Tick != nil {
				n++
			}
		}
		if n%second != 0 || (before != 0 && n > before) {
			t.Fatalf("cut at %d: %d ticks", cut, n)
		}
		before = n
	}
}

func TestDamageInTheMiddleHasAPlace(t *testing.T) {
	dir := t.TempDir()
	record(t, dir, 1300, Options{})
	paths, _ := Paths(dir)
	b, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/4] ^= 0x40
	r, err := NewReader("damaged", b)
	if err != nil {
		t.Fatal(err)
	}
	faults, last := 0, uint64(0)
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		var f *Fault
		if errors.As(err, &f) {
			faults++
			if f.File != "damaged" || f.Offset <= 0 {
				t.Errorf("fault %+v", f)
			}
		} else if rec.Tick != nil {
			last = rec.Tick.Number
		}
	}
	if faults != 1 || last != 1300 {
		t.Errorf("%d faults, last tick %d", faults, last)
	}
}

// fullDisk fails after so many bytes until it is emptied.
type fullDisk struct {
	room  int
	files map[string]*bytes.Buffer
}

type fullFile struct {
	*bytes.Buffer
	disk *fullDisk
}

func (d *fullDisk) Create(name string) (File, error) {
	d.files[name] = &bytes.Buffer{}
	return fullFile{d.files[name], d}, nil
}
func (d *fullDisk) Remove(name string) error { delete(d.files, name); return nil }
func (d *fullDisk) List() (l []Stored, err error) {
	for name, b := range d.files {
		l = append(l, Stored{name, int64(b.Len())})
	}
	return l, nil
}
func (f fullFile) Write(b []byte) (int, error) {
	if len(b) > f.disk.room {
		n, _ := f.Buffer.Write(b[:f.disk.room])
		f.disk.room = 0
		return n, errors.New("no space left on device")
	}
	f.disk.room -= len(b)
	return f.Buffer.Write(b)
}
func (f fullFile) Truncate(n int64) error { f.Buffer.Truncate(int(n)); return nil }
func (fullFile) Sync() error              { return nil }
func (fullFile) Close() error             { return nil }

// On a full disk ticks are dropped and counted, the loop goes on, and when
// there is room again the journal continues at a new checkpoint.
func TestFullDiskIsCountedAndLeft(t *testing.T) {
	u, r := sizes(), rand.New(rand.NewPCG(5, 6))
	disk := &fullDisk{room: 100_000, files: map[string]*bytes.Buffer{}}
	w, err := Create("", Header{Unit: *u}, Options{Disk: disk})
	if err != nil {
		t.Fatal(err)
	}
	in := randomTick(u, r, 0)
	run := func(n int) {
		for i := range n {
			if w.WantsCheckpoint() {
				w.Checkpoint(in.Number, in.Snapshot.Now, []byte("state"))
			}
			moving(in.Snapshot, i, r)
			in.Number++
			w.Tick(in)
		}
	}
	settle := func() {
		for len(w.chunks) > 0 || len(w.free) < queue {
			b := <-w.free
			w.free <- b
		}
	}
	for range 30 {
		run(100)
		settle()
	}
	h := w.Health()
	if h.Dropped == 0 || h.Kept == 0 || h.Trouble == "" {
		t.Fatalf("full disk: %+v", h)
	}
	disk.room = 1 << 30
	run(20)
	settle()
	run(200)
	w.Close()
	after := w.Health()
	if after.Trouble != "" || after.Kept < h.Kept+150 {
		t.Fatalf("room again: %+v after %+v", after, h)
	}
	for name, b := range disk.files {
		reader, err := NewReader(name, b.Bytes())
		for err == nil {
			_, err = reader.Next()
		}
		if !errors.Is(err, io.EOF) || reader.Cut != 0 {
			t.Errorf("%s: %v, cut %d", name, err, reader.Cut)
		}
	}
}

func TestRingKeepsTheNewest(t *testing.T) {
	dir := t.TempDir()
	record(t, dir, 2000, Options{FileSpan: bess.Minute})
	record(t, dir, 2000, Options{FileSpan: bess.Minute, MaxBytes: 500_000})
	paths, _ := Paths(dir)
	size := int64(0)
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if _, number := paths[0], paths[len(paths)-1]; size > 900_000 || number[len(number)-16:] != NameOf(8) {
		t.Errorf("%d bytes in %v", size, paths)
	}
}

func FuzzReader(f *testing.F) {
	m := magic()
	u := sizes()
	u.Packs = u.Packs[:1]
	header := appendRecord(m[:], recordHeader, []byte(`{"unit":{"Packs":[{}],"Outlets":[{}]}}`))
	f.Add(header)
	f.Add(appendRecord(header, recordCheckpoint, []byte("12345678")))
	f.Add(appendRecord(header, recordTicks, []byte{0x28, 0xb5, 0x2f, 0xfd}))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewReader("fuzz", b)
		if err != nil {
			return
		}
		for range 1000 {
			if _, err := r.Next(); errors.Is(err, io.EOF) {
				return
			}
		}
	})
}
