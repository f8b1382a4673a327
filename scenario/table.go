package scenario

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Bounds of what is read from one file; the largest real series have some tens of thousands of rows.
const (
	mostRows  = 4_000_000
	mostBytes = 512 << 20
)

// find lists the files that a pattern names, after ${DATA} was filled in.
func (r *Reader) find(pattern string) ([]string, error) {
	const mark = "${DATA}"
	path := pattern
	if strings.Contains(pattern, mark) {
		if r.Data == "" {
			return nil, &DataAbsentError{pattern, "no folder of real series was given; set DATA to one"}
		}
		path = strings.ReplaceAll(pattern, mark, escapeGlob(r.Data))
	}
	files, err := filepath.Glob(path)
	if err != nil {
		return nil, fmt.Errorf("the pattern %q is not readable: %w", pattern, err)
	}
	if len(files) == 0 {
		return nil, &DataAbsentError{pattern, "no file matches"}
	}
	slices.Sort(files)
	return files, nil
}

// escapeGlob keeps a folder's own characters from being read as a pattern.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// rowReader reads the named columns of one CSV file, row by row.
type rowReader struct {
	name    string
	csv     *csv.Reader
	columns []int
	row     []string
}

// newRowReader opens CSV text whose first row names its columns; optional ones may be missing and read as empty.
func newRowReader(name string, text io.Reader, needed []string, optional ...string) (*rowReader, error) {
	buffered := bufio.NewReader(io.LimitReader(text, mostBytes))
	if mark, err := buffered.Peek(3); err == nil && bytes.Equal(mark, []byte("\xEF\xBB\xBF")) {
		_, _ = buffered.Discard(3)
	}
	r := &rowReader{name: name, csv: csv.NewReader(buffered)}
	r.csv.ReuseRecord = true
	r.csv.FieldsPerRecord = -1
	head, err := r.csv.Read()
	if err != nil {
		return nil, fmt.Errorf("%s:1: reading the column names: %w", name, err)
	}
	head = slices.Clone(head)
	for i, column := range append(slices.Clone(needed), optional...) {
		at := slices.IndexFunc(head, func(s string) bool { return strings.TrimSpace(s) == column })
		if at < 0 && i < len(needed) {
			return nil, fmt.Errorf("%s:1: no column %q: it has %s", name, column, strings.Join(head, ", "))
		}
		r.columns = append(r.columns, at)
	}
	r.row = make([]string, len(r.columns))
	return r, nil
}

// next reads the next row; io.EOF ends the file. The slice is reused.
func (r *rowReader) next() ([]string, int, error) {
	record, err := r.csv.Read()
	if err != nil {
		var trouble *csv.ParseError
		if errors.As(err, &trouble) {
			return nil, trouble.Line, fmt.Errorf("%s:%d:%d: %w", r.name, trouble.Line, trouble.Column, trouble.Err)
		}
		return nil, 0, err
	}
	line, _ := r.csv.FieldPos(0)
	for i, at := range r.columns {
		r.row[i] = ""
		if at >= len(record) {
			return nil, line, fmt.Errorf("%s:%d: the row has %d columns, fewer than the first row names", r.name, line, len(record))
		}
		if at >= 0 {
			r.row[i] = strings.TrimSpace(record[at])
		}
	}
	return r.row, line, nil
}

// open opens a file of real data for reading.
func (r *Reader) open(path string) (fs.File, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &DataAbsentError{path, "the file is not there"}
	}
	return file, err
}

// stampReader reads stamps in the zone that a column declares.
type stampReader struct {
	zone   *time.Location // of stamps without an offset
	offset bool           // stamps carry their own
	layout string         // the one that fitted last
}

func newStampReader(zone string) (stampReader, error) {
	if zone == "offset" {
		return stampReader{zone: time.UTC, offset: true}, nil
	}
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "" || zone == "Local" {
		return stampReader{}, fmt.Errorf("%q is not a time zone: write UTC, a name such as Europe/London, or offset", zone)
	}
	return stampReader{zone: location}, nil
}

// stampLayouts are the ways in which a stamp may be written, with its offset or without.
func stampLayouts(offset bool) []string {
	if offset {
		return []string{"2006-01-02 15:04:05-07:00", time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02 15:04-07:00", "2006-01-02 15:04:05.999999-07:00"}
	}
	return []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02T15:04Z", time.RFC3339, "02/01/2006 15:04"}
}

func (s *stampReader) read(text string) (time.Time, error) {
	if s.layout != "" {
		if t, err := time.ParseInLocation(s.layout, text, s.zone); err == nil {
			return t, nil
		}
	}
	for _, layout := range stampLayouts(s.offset) {
		if t, err := time.ParseInLocation(layout, text, s.zone); err == nil {
			s.layout = layout
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a stamp of the declared zone: write the zone as %q or correct the row", text, "offset")
}
