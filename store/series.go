package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"reprise/bess"
)

// SeriesOptions bound what is kept; zero values mean the defaults.
type SeriesOptions struct {
	MaxSeconds int64 // bytes of sealed hours in seconds; default 512 MiB
	MaxMinutes int64 // bytes of sealed hours in minutes; default 512 MiB
}

// Series keeps values a second. Append is called by one goroutine of the
// unit's shell, never by the loop itself: it waits for the disk.
type Series struct {
	dir      string
	channels []Channel
	options  SeriesOptions

	mu    sync.Mutex
	log   *os.File
	hour  int64 // of the open log
	size  int64
	last  int64
	delta deltas
	buf   []byte
	hold  bool
}

const (
	logEnd     = ".log"
	secondsEnd = ".seconds.parquet"
	minutesEnd = ".minutes.parquet"
)

// OpenSeries opens or creates the series of a folder and seals what an earlier
// run left open.
func OpenSeries(dir string, channels []Channel, o SeriesOptions) (*Series, error) {
	if o.MaxSeconds == 0 {
		o.MaxSeconds = 512 << 20
	}
	if o.MaxMinutes == 0 {
		o.MaxMinutes = 512 << 20
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("opening the series: %w", err)
	}
	s := &Series{dir: dir, channels: channels, options: o, hour: -1}
	logs, err := s.names(logEnd)
	for _, name := range logs {
		err = errors.Join(err, s.seal(name))
	}
	return s, err
}

// Hold stops keeping, so that more important records find space, or resumes.
func (s *Series) Hold(hold bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold = hold
}

// Append keeps the values of one second, one per channel, and syncs them. A
// wall clock that runs back begins a new log.
func (s *Series) Append(at int64, values []int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hold {
		return nil
	}
	if len(values) != len(s.channels) {
		return fmt.Errorf("keeping series: %d values for %d channels", len(values), len(s.channels))
	}
	hour := floorDiv(at, int64(bess.Hour))
	var err error
	if s.log != nil && (hour != s.hour || at <= s.last) {
		err = s.finish()
	}
	if s.log == nil {
		if begin := s.begin(hour); begin != nil {
			return errors.Join(err, begin)
		}
	}
	s.buf = s.delta.append(s.buf[:0], at, values)
	record := appendFramed(nil, s.buf)
	_, failed := s.log.Write(record)
	if failed == nil {
		failed = s.log.Sync()
	}
	if failed != nil {
		failed = errors.Join(failed, s.log.Truncate(s.size), s.log.Close())
		s.log = nil
		return errors.Join(err, fmt.Errorf("keeping series: %w", failed))
	}
	s.size += int64(len(record))
	s.last = at
	return err
}

func (s *Series) begin(hour int64) error {
	head, err := json.Marshal(s.channels)
	if err != nil {
		return fmt.Errorf("keeping series: %w", err)
	}
	for part := 0; ; part++ {
		name := fmt.Sprintf("%08d-%02d", hour, part)
		if s.taken(name) {
			continue
		}
		f, err := os.OpenFile(filepath.Join(s.dir, name+logEnd), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o640)
		if err != nil {
			return fmt.Errorf("keeping series: %w", err)
		}
		record := appendFramed(nil, head)
		if _, err := f.Write(record); err != nil {
			return fmt.Errorf("keeping series: %w", errors.Join(err, f.Close(), os.Remove(f.Name())))
		}
		s.log, s.hour, s.size = f, hour, int64(len(record))
		s.delta = deltas{values: make([]int64, len(s.channels))}
		return syncFolder(s.dir)
	}
}

func (s *Series) taken(name string) bool {
	for _, end := range []string{logEnd, secondsEnd, minutesEnd} {
		if _, err := os.Stat(filepath.Join(s.dir, name+end)); err == nil {
			return true
		}
	}
	return false
}

// finish closes the open log and seals it.
func (s *Series) finish() error {
	name := strings.TrimSuffix(filepath.Base(s.log.Name()), logEnd)
	err := s.log.Close()
	s.log = nil
	if err != nil {
		return fmt.Errorf("keeping series: %w", err)
	}
	return s.seal(name)
}

// seal turns a log into Parquet, reads it back, compares, and only then removes
// the log.
func (s *Series) seal(name string) error {
	path := filepath.Join(s.dir, name+logEnd)
	t, _, err := readLog(path)
	if errors.Is(err, errTail) { // not even its head was written
		return os.Remove(path)
	}
	if err != nil {
		return err
	}
	if len(t.Times) > 0 {
		for _, part := range []struct {
			end   string
			table *Table
		}{{secondsEnd, t}, {minutesEnd, t.minutes()}} {
			if err := s.sealTable(name+part.end, part.table); err != nil {
				return fmt.Errorf("sealing %s: %w", path, err)
			}
		}
	}
	return errors.Join(os.Remove(path), s.prune(secondsEnd, s.options.MaxSeconds), s.prune(minutesEnd, s.options.MaxMinutes))
}

func (s *Series) sealTable(name string, t *Table) error {
	b, err := t.encode()
	if err != nil {
		return err
	}
	if err := replace(s.dir, name, b); err != nil {
		return err
	}
	back, err := readParquet(filepath.Join(s.dir, name))
	if err != nil {
		return err
	}
	if !back.same(t) {
		return errors.New("what was read back differs from what was written")
	}
	return nil
}

// names are the files with that ending, without it, oldest first.
func (s *Series) names(end string) ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("looking for series: %w", err)
	}
	var list []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), end); ok {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list, nil
}

func (s *Series) prune(end string, most int64) error {
	names, err := s.names(end)
	if err != nil {
		return err
	}
	total := int64(0)
	for _, name := range slices.Backward(names) {
		path := filepath.Join(s.dir, name+end)
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if total += info.Size(); total > most {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// Yield removes the oldest sealed file of seconds, or of minutes when no
// seconds are left, and reports whether there was one.
func (s *Series) Yield() (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, end := range []string{secondsEnd, minutesEnd} {
		if names, err := s.names(end); err != nil || len(names) > 0 {
			if err != nil {
				return false, err
			}
			return true, os.Remove(filepath.Join(s.dir, names[0]+end))
		}
	}
	return false, nil
}

// Close closes the open log; the next start seals it.
func (s *Series) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.log == nil {
		return nil
	}
	err := s.log.Close()
	s.log = nil
	return err
}

// Query is what is kept of the span of wall time, from before to, ms: in
// seconds when all of it is, else in minutes. Channels that the unit no longer
// has are left out; unknown names are unknown values.
func (s *Series) Query(ctx context.Context, from, to int64, names []string) (*Table, error) {
	const secondsFor = int64(6 * bess.Hour)
	table := newTable(nil)
	for _, name := range names {
		scale := 1.0
		if k := slices.IndexFunc(s.channels, func(c Channel) bool { return c.Name == name }); k >= 0 {
			scale = s.channels[k].Scale
		}
		table.Channels = append(table.Channels, Channel{Name: name, Scale: scale})
		table.Columns = append(table.Columns, nil)
	}
	s.mu.Lock()
	logs, err := s.names(logEnd)
	sealed, err2 := s.names(minutesEnd)
	s.mu.Unlock()
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	fine := to-from <= secondsFor
	for _, name := range sealed {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !overlaps(name, from, to) {
			continue
		}
		part, err := s.sealedPart(name, fine)
		if err != nil {
			return nil, err
		}
		table.join(part, from, to)
	}
	for _, name := range logs {
		if !overlaps(name, from, to) {
			continue
		}
		part, _, err := readLog(filepath.Join(s.dir, name+logEnd))
		if errors.Is(err, os.ErrNotExist) { // sealed meanwhile
			part, err = s.sealedPart(name, fine)
		}
		if err != nil {
			return nil, err
		}
		if !fine {
			part = part.minutes()
		}
		table.join(part, from, to)
	}
	return table, nil
}

func (s *Series) sealedPart(name string, fine bool) (*Table, error) {
	if fine {
		if t, err := readParquet(filepath.Join(s.dir, name+secondsEnd)); !errors.Is(err, os.ErrNotExist) {
			return t, err
		}
	}
	return readParquet(filepath.Join(s.dir, name+minutesEnd))
}

func overlaps(name string, from, to int64) bool {
	var hour int64
	if _, err := fmt.Sscanf(name, "%d", &hour); err != nil {
		return false
	}
	return hour*int64(bess.Hour) < to && (hour+1)*int64(bess.Hour)+int64(bess.Minute) > from
}

// join adds those rows of a part that lie in the span and after what is there.
func (t *Table) join(part *Table, from, to int64) {
	places := make([]int, len(t.Channels))
	for c := range t.Channels {
		places[c] = slices.IndexFunc(part.Channels, func(k Channel) bool { return k.Name == t.Channels[c].Name })
	}
	values := make([]int64, len(t.Channels))
	for i, at := range part.Times {
		if at < from || at >= to || (len(t.Times) > 0 && at <= t.Times[len(t.Times)-1]) {
			continue
		}
		for c, place := range places {
			values[c] = Unknown
			if place >= 0 {
				values[c] = t.Channels[c].Whole(part.Channels[place].Value(part.Columns[place][i]))
			}
		}
		t.add(at, values)
	}
}
