package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"

	"reprise/bess"
)

// Options of a writer; zero values mean the defaults.
type Options struct {
	MaxBytes int64     // of all files together; the oldest go first; default 4 GiB, some weeks
	FileSpan bess.Span // length of one file; default one hour
	Disk     Disk      // where the files are; default the folder's file system
}

// second is how many ticks are handed over at once.
const second = 10

// queue is how many seconds may wait for the disk.
const queue = 16

// Writer keeps ticks. Tick and Checkpoint are called by the loop alone and
// never wait; a goroutine compresses, writes and syncs.
type Writer struct {
	image  *image
	fill   chunk
	key    bool
	chunks chan chunk
	free   chan []byte
	done   chan struct{}
	closed sync.Once

	lost    atomic.Bool // ticks were dropped since the last key
	dropped atomic.Uint64
	kept    atomic.Uint64
	bytes   atomic.Int64
	trouble atomic.Pointer[string]
	hold    atomic.Bool
}

// chunk is what the loop hands over: at most one checkpoint, then ticks.
type chunk struct {
	number uint64
	at     bess.Instant
	state  []byte
	ticks  []byte
	count  int
}

// Health is how the journal is.
type Health struct {
	Dropped uint64 // ticks that were not kept
	Kept    uint64
	Bytes   int64 // on disk, this run
	Trouble string
}

// ConfigDigest is the SHA-256 of a unit's JSON form, in hexadecimal.
func ConfigDigest(u *bess.Unit) (string, error) {
	text, err := json.Marshal(u)
	if err != nil {
		return "", fmt.Errorf("digesting the configuration: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// Create begins a journal in the folder. The header's Config is filled in.
func Create(dir string, h Header, o Options) (*Writer, error) {
	digest, err := ConfigDigest(&h.Unit)
	if err != nil {
		return nil, err
	}
	h.Config = digest
	header, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("creating a journal: %w", err)
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 4 << 30
	}
	if o.FileSpan == 0 {
		o.FileSpan = bess.Hour
	}
	if o.Disk == nil {
		o.Disk = folder(dir)
	}
	files, err := newFiles(header, o)
	if err != nil {
		return nil, fmt.Errorf("creating a journal in %s: %w", dir, err)
	}
	unit := h.Unit
	w := &Writer{
		image: newImage(&unit), key: true, chunks: make(chan chunk, queue), free: make(chan []byte, queue+1),
		done: make(chan struct{}),
	}
	for range queue {
		w.free <- make([]byte, 0, 64<<10)
	}
	w.fill.ticks = make([]byte, 0, 64<<10)
	w.lost.Store(true)
	go w.write(files)
	return w, nil
}

// WantsCheckpoint reports that ticks cannot be run again until the next
// checkpoint: at the beginning and after a loss.
func (w *Writer) WantsCheckpoint() bool { return w.lost.Load() }

// Checkpoint keeps the state from which the next tick starts. The writer owns
// the bytes from here on.
func (w *Writer) Checkpoint(number uint64, now bess.Instant, state []byte) {
	w.flush()
	w.fill.number, w.fill.at, w.fill.state = number, now, state
	w.lost.Store(false)
	w.key = true
}

// Tick keeps a tick, before it is taken. It allocates nothing and never waits.
// It is not kept while a checkpoint is wanted.
func (w *Writer) Tick(t *Tick) {
	if w.lost.Load() {
		w.dropped.Add(1)
		return
	}
	t.Key = w.key
	w.key = false
	w.fill.ticks = w.image.append(w.fill.ticks, t)
	w.fill.count++
	if w.fill.count >= second {
		w.flush()
	}
}

// flush hands over what was filled, or drops it.
func (w *Writer) flush() {
	if w.fill.count == 0 && w.fill.state == nil {
		return
	}
	select {
	case fresh := <-w.free:
		select {
		case w.chunks <- w.fill:
			w.fill = chunk{ticks: fresh[:0]}
			return
		default:
			w.free <- fresh
		}
	default:
	}
	w.drop(w.fill, "the disk is too slow: ticks were dropped")
	w.fill = chunk{ticks: w.fill.ticks[:0]}
}

func (w *Writer) drop(c chunk, why string) {
	w.dropped.Add(uint64(c.count))
	w.trouble.Store(&why)
	w.lost.Store(true)
}

// Hold stops writing, so that nobody else's records lack space, or resumes it.
func (w *Writer) Hold(hold bool) { w.hold.Store(hold) }

// Health is how the journal is now.
func (w *Writer) Health() Health {
	h := Health{Dropped: w.dropped.Load(), Kept: w.kept.Load(), Bytes: w.bytes.Load()}
	if s := w.trouble.Load(); s != nil {
		h.Trouble = *s
	}
	return h
}

// Close writes what waits. Call it from the loop's goroutine, also while it
// panics: the last ticks are the ones that matter.
func (w *Writer) Close() {
	w.closed.Do(func() {
		w.flush()
		close(w.chunks)
		<-w.done
	})
}

// write is the goroutine behind the queue.
func (w *Writer) write(files *files) {
	defer close(w.done)
	defer files.close()
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(256<<10))
	broken := ""
	if err != nil {
		broken = err.Error()
	}
	var record, packed []byte
	skip := false
	for c := range w.chunks {
		skip = skip && c.state == nil
		switch {
		case broken != "" || w.hold.Load():
			skip = true
			w.drop(c, "the journal rests: the disk is nearly full")
		case skip: // follows a part that was lost
			w.drop(c, *w.trouble.Load())
		default:
			record = record[:0]
			if c.state != nil {
				packed = encoder.EncodeAll(c.state, binary.LittleEndian.AppendUint64(packed[:0], c.number))
				record = appendRecord(record, recordCheckpoint, packed)
			}
			if c.count > 0 {
				packed = encoder.EncodeAll(c.ticks, packed[:0])
				record = appendRecord(record, recordTicks, packed)
			}
			if err := files.write(record, c.at, c.state != nil); err != nil {
				skip = true
				w.drop(c, err.Error())
				break
			}
			w.kept.Add(uint64(c.count))
			w.bytes.Store(files.written)
			w.trouble.Store(nil)
		}
		w.free <- c.ticks[:0]
		if len(w.chunks) > 0 { // one sync for all that waits
			continue
		}
		if err := files.sync(); err != nil {
			skip = true
			w.drop(chunk{}, err.Error())
		}
	}
}
