package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// Fault is a part of a journal that cannot be read.
type Fault struct {
	File   string
	Offset int64 // of the record
	Cause  error
}

func (f *Fault) Error() string {
	return fmt.Sprintf("reading journal %s at byte %d: %v", f.File, f.Offset, f.Cause)
}

func (f *Fault) Unwrap() error { return f.Cause }

// Reader reads one file from its beginning.
type Reader struct {
	Header Header
	Cut    int64 // bytes of a torn tail that were left out; known at the end

	name   string
	bytes  []byte // unread
	size   int64
	ticks  cursor
	decode *decoder
	packed *zstd.Decoder
}

// Record is one thing that was kept: a checkpoint or a tick.
type Record struct {
	Tick  *Tick  // valid until the next record; nil at a checkpoint
	State []byte // at a checkpoint: the state from which the next tick starts
	After uint64 // at a checkpoint: number of the tick that led to it
}

// Paths are the journal files of a folder in order, or the file itself.
func Paths(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("looking for a journal: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	list, err := folder(path).List()
	if err != nil {
		return nil, fmt.Errorf("looking for a journal: %w", err)
	}
	var paths []string
	for _, s := range list {
		if _, ok := numberOf(s.Name); ok {
			paths = append(paths, filepath.Join(path, s.Name))
		}
	}
	slices.Sort(paths)
	if len(paths) == 0 {
		return nil, fmt.Errorf("looking for a journal: %s holds no *%s file", path, suffix)
	}
	return paths, nil
}

// Open reads a file into memory (an hour is some ten MB) and its header.
func Open(path string) (*Reader, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading a journal: %w", err)
	}
	return NewReader(path, b)
}

// NewReader reads the bytes of a file; the name is for errors.
func NewReader(name string, b []byte) (*Reader, error) {
	m := magic()
	r := &Reader{name: name, bytes: b, size: int64(len(b))}
	if len(b) < len(m) || [6]byte(b) != [6]byte(m[:]) {
		return nil, r.fault(errors.New("it is not a journal"))
	}
	if b[7] != Format {
		return nil, r.fault(fmt.Errorf("it has format %d, this program reads %d", b[7], Format))
	}
	r.bytes = b[len(m):]
	kind, body, rest, err := splitRecord(r.bytes)
	if err == nil && kind != recordHeader {
		err = errors.New("it does not begin with a header")
	}
	if err != nil {
		return nil, r.fault(err)
	}
	h, err := readHeader(body)
	if err != nil {
		return nil, r.fault(err)
	}
	r.packed, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPlain))
	if err != nil {
		return nil, r.fault(err)
	}
	r.Header, r.bytes, r.decode = *h, rest, newDecoder(&h.Unit)
	return r, nil
}

func (r *Reader) fault(err error) error {
	return &Fault{File: r.name, Offset: r.size - int64(len(r.bytes)), Cause: err}
}

// Next is the next record, or io.EOF. A torn tail ends the file as if it had
// never been written; Cut says how long it was. Damage before the tail is a
// Fault, after which Next goes on behind the next checkpoint.
func (r *Reader) Next() (Record, error) {
	for len(r.ticks.b) == 0 {
		if len(r.bytes) == 0 {
			return Record{}, io.EOF
		}
		kind, body, rest, err := splitRecord(r.bytes)
		if err != nil {
			return Record{}, r.torn()
		}
		switch kind {
		case recordTicks:
			plain, err := r.packed.DecodeAll(body, nil)
			if err != nil {
				return Record{}, r.skip(rest, err)
			}
			r.ticks, r.bytes = cursor{b: plain}, rest
		case recordCheckpoint:
			return r.checkpoint(body, rest)
		default:
			return Record{}, r.skip(rest, fmt.Errorf("a record of unknown kind %d", kind))
		}
	}
	t, err := r.decode.tick(&r.ticks)
	if errors.Is(err, errNoKey) { // its beginning was in a part that was skipped
		r.ticks = cursor{}
		return r.Next()
	}
	if err != nil {
		return Record{}, r.skip(r.bytes, err)
	}
	return Record{Tick: t}, nil
}

func (r *Reader) checkpoint(body, rest []byte) (Record, error) {
	if len(body) < 8 {
		return Record{}, r.skip(rest, errors.New("a checkpoint without a number"))
	}
	state, err := r.packed.DecodeAll(body[8:], nil)
	if err != nil {
		return Record{}, r.skip(rest, err)
	}
	r.bytes = rest
	return Record{State: state, After: binary.LittleEndian.Uint64(body)}, nil
}

// skip leaves out a damaged record; what follows is read from the next key on.
func (r *Reader) skip(rest []byte, cause error) error {
	err := r.fault(cause)
	r.bytes, r.ticks = rest, cursor{}
	r.decode.begun = false
	return err
}

// torn looks whether whole records follow the damage. If none does, it is the
// tail.
func (r *Reader) torn() error {
	for from := 1; from+recordFrame <= len(r.bytes); from++ {
		if k := recordKind(r.bytes[from+8]); k != recordTicks && k != recordCheckpoint {
			continue
		}
		if _, _, _, err := splitRecord(r.bytes[from:]); err == nil {
			return r.skip(r.bytes[from:], errTorn)
		}
	}
	r.Cut = int64(len(r.bytes))
	r.bytes = nil
	return io.EOF
}
