package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"reprise/bess"
)

// Disk is where journal files are. Names are those of NameOf.
type Disk interface {
	Create(name string) (File, error)
	Remove(name string) error
	List() ([]Stored, error) // in any order
}

// File is one journal file that is being written.
type File interface {
	io.Writer
	Truncate(size int64) error
	Sync() error
	Close() error
}

// Stored is one journal file on a disk.
type Stored struct {
	Name string
	Size int64
}

// suffix ends the name of every journal file.
const suffix = ".journal"

// NameOf is the name of the file of that number. Names sort in order.
func NameOf(number int) string { return fmt.Sprintf("%08d%s", number, suffix) }

func numberOf(name string) (int, bool) {
	digits, ok := strings.CutSuffix(name, suffix)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n >= 0
}

// folder is a Disk of the file system.
type folder string

// Create makes a new file and the folder when it is missing.
func (d folder) Create(name string) (File, error) {
	if err := os.MkdirAll(string(d), 0o750); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(string(d), name), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o640)
	if err != nil {
		return nil, err
	}
	return f, syncFolder(string(d))
}

// syncFolder makes a new name durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Remove deletes a file.
func (d folder) Remove(name string) error { return os.Remove(filepath.Join(string(d), name)) }

// List names the files that are there.
func (d folder) List() ([]Stored, error) {
	entries, err := os.ReadDir(string(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var list []Stored
	for _, e := range entries {
		if info, err := e.Info(); err == nil && !e.IsDir() {
			list = append(list, Stored{e.Name(), info.Size()})
		}
	}
	return list, err
}

// files is the ring of files, used by one goroutine.
type files struct {
	disk    Disk
	header  []byte // its record with the magic before it
	span    bess.Span
	most    int64
	next    int // number of the next file
	old     []Stored
	oldSize int64
	open    File
	size    int64
	begun   bess.Instant
	written int64
}

func newFiles(header []byte, o Options) (*files, error) {
	m := magic()
	f := &files{disk: o.Disk, span: o.FileSpan, most: o.MaxBytes, header: appendRecord(m[:], recordHeader, header), next: 1}
	list, err := o.Disk.List()
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		if n, ok := numberOf(s.Name); ok {
			f.old = append(f.old, s)
			f.oldSize += s.Size
			f.next = max(f.next, n+1)
		}
	}
	slices.SortFunc(f.old, func(a, b Stored) int { return strings.Compare(a.Name, b.Name) })
	return f, nil
}

// write appends whole records; sync makes them durable. A file only begins at a
// checkpoint, so that each can be read alone. After an error the file ends
// where it was good.
func (f *files) write(records []byte, at bess.Instant, checkpoint bool) error {
	if f.open == nil || (checkpoint && at.Since(f.begun) >= f.span) {
		if err := f.begin(at); err != nil {
			return err
		}
	}
	if _, err := f.open.Write(records); err != nil {
		err = errors.Join(err, f.open.Truncate(f.size))
		f.close()
		return fmt.Errorf("writing the journal: %w", err)
	}
	f.size += int64(len(records))
	f.written += int64(len(records))
	return nil
}

// sync makes what was written durable. After an error nobody knows how much of
// it is on disk, so the file ends; its reader cuts what is torn.
func (f *files) sync() error {
	if f.open == nil {
		return nil
	}
	if err := f.open.Sync(); err != nil {
		f.close()
		return fmt.Errorf("writing the journal: %w", err)
	}
	return nil
}

func (f *files) begin(at bess.Instant) error {
	f.close()
	f.prune()
	name := NameOf(f.next)
	open, err := f.disk.Create(name)
	if err != nil {
		return fmt.Errorf("beginning a journal file: %w", err)
	}
	f.next++
	if _, err := open.Write(f.header); err != nil {
		return fmt.Errorf("beginning a journal file: %w", errors.Join(err, open.Close(), f.disk.Remove(name)))
	}
	f.open, f.begun, f.size = open, at, int64(len(f.header))
	f.written += f.size
	f.old = append(f.old, Stored{Name: name})
	return nil
}

// prune removes the oldest files until there is room for as much as the newest
// one took.
func (f *files) prune() {
	for len(f.old) > 1 && f.oldSize > f.most {
		if err := f.disk.Remove(f.old[0].Name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return
		}
		f.oldSize -= f.old[0].Size
		f.old = f.old[1:]
	}
}

func (f *files) close() {
	if f.open == nil {
		return
	}
	_ = errors.Join(f.open.Sync(), f.open.Close()) // what fails here is a torn tail, which readers cut
	f.open = nil
	f.old[len(f.old)-1].Size = f.size
	f.oldSize += f.size
}
