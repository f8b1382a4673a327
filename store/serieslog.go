package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"

	"reprise/bess"
)

// Channel is one series. Values are kept as whole multiples of Scale.
type Channel struct {
	Name  string  `json:"name"`
	Scale float64 `json:"scale"` // such as 0.1 for tenths; above 0
}

// Unknown is the kept form of a value that is not known.
const Unknown = math.MinInt64

// Whole is x as a multiple of the channel's scale; what is not finite is
// Unknown.
func (c Channel) Whole(x float64) int64 {
	y := x / c.Scale
	if y-y != 0 || y > 1e15 || y < -1e15 {
		return Unknown
	}
	return int64(math.RoundToEven(y))
}

// Value is a kept value; NaN when it is not known.
func (c Channel) Value(whole int64) float64 {
	if whole == Unknown {
		return math.NaN()
	}
	return float64(whole) * c.Scale
}

// Table is series on one axis of wall times, ms, rising.
type Table struct {
	Channels []Channel
	Times    []int64
	Columns  [][]int64 // per channel, as long as Times
}

func newTable(channels []Channel) *Table {
	return &Table{Channels: channels, Columns: make([][]int64, len(channels))}
}

func (t *Table) add(at int64, values []int64) {
	t.Times = append(t.Times, at)
	for c := range t.Columns {
		t.Columns[c] = append(t.Columns[c], values[c])
	}
}

// The log of an hour: the channels as JSON in the first record, then one record
// a second: time and values as differences to the record before, as varints. A
// record is its length, its CRC-32C and its bytes.

func appendFramed(b, body []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)))
	return append(b, body...)
}

var errTail = errors.New("the tail is torn") // constant: compared, never written

func splitFramed(b []byte) (body, rest []byte, err error) {
	if len(b) < 8 {
		return nil, nil, errTail
	}
	n := binary.LittleEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-8) {
		return nil, nil, errTail
	}
	body = b[8 : 8+n]
	if crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)) != binary.LittleEndian.Uint32(b[4:]) {
		return nil, nil, errTail
	}
	return body, b[8+n:], nil
}

// deltas writes and reads the records of one log.
type deltas struct {
	at     int64
	values []int64
}

func (d *deltas) append(b []byte, at int64, values []int64) []byte {
	b = binary.AppendVarint(b, at-d.at)
	d.at = at
	for c, x := range values {
		b = binary.AppendVarint(b, x-d.values[c])
		d.values[c] = x
	}
	return b
}

func (d *deltas) read(b []byte) error {
	step, n := binary.Varint(b)
	if n <= 0 {
		return errors.New("a record has no time")
	}
	b = b[n:]
	d.at += step
	for c := range d.values {
		x, n := binary.Varint(b)
		if n <= 0 {
			return errors.New("a record ends early")
		}
		d.values[c] += x
		b = b[n:]
	}
	if len(b) > 0 {
		return errors.New("a record is too long")
	}
	return nil
}

// readLog reads a log up to its torn tail, whose place it returns.
func readLog(path string) (*Table, int64, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, fmt.Errorf("reading a series log: %w", err)
	}
	t, good, err := parseLog(b)
	if err != nil {
		return nil, good, fmt.Errorf("reading series log %s at byte %d: %w", path, good, err)
	}
	return t, good, nil
}

func parseLog(b []byte) (*Table, int64, error) {
	size := len(b)
	head, rest, err := splitFramed(b)
	if err != nil {
		return nil, 0, err
	}
	var channels []Channel
	if err := json.Unmarshal(head, &channels); err != nil {
		return nil, 0, err
	}
	for _, c := range channels {
		if !(c.Scale > 0) {
			return nil, 0, fmt.Errorf("channel %q has no scale", c.Name)
		}
	}
	t, d := newTable(channels), deltas{values: make([]int64, len(channels))}
	for len(rest) > 0 {
		body, next, err := splitFramed(rest)
		if err != nil {
			break
		}
		if err := d.read(body); err != nil {
			return nil, int64(size - len(rest)), err
		}
		t.add(d.at, d.values)
		rest = next
	}
	return t, int64(size - len(rest)), nil
}

// minutes is the table in means over whole minutes of wall time, standing at
// their end. A minute without any known value is unknown.
func (t *Table) minutes() *Table {
	m := newTable(t.Channels)
	values := make([]int64, len(t.Channels))
	for from := 0; from < len(t.Times); {
		minute := floorDiv(t.Times[from], int64(bess.Minute))
		to := from
		for to < len(t.Times) && floorDiv(t.Times[to], int64(bess.Minute)) == minute {
			to++
		}
		for c, column := range t.Columns {
			values[c] = mean(column[from:to])
		}
		m.add((minute+1)*int64(bess.Minute), values)
		from = to
	}
	return m
}

func mean(list []int64) int64 {
	sum, n := 0.0, 0
	for _, x := range list {
		if x != Unknown {
			sum += float64(x)
			n++
		}
	}
	if n == 0 {
		return Unknown
	}
	return int64(math.RoundToEven(sum / float64(n)))
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
