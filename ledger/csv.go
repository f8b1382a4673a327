package ledger

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"reprise/bess"
)

// csvHeader names the columns of an exported ledger: one row per leg. Times are
// ms since 1970 UTC with the zone in force (s east of UTC) and the clock's trust;
// mwh and mg are integers. Zone and clock are for people: the hash does not cover
// them. An entry without legs is one row whose four leg columns are empty.
const csvHeader = "number,from_ms,from_zone_s,from_clock,to_ms,to_zone_s,to_clock,note,account,index,mwh,mg,prev,hash"

// csvColumns is the number of columns in csvHeader.
const csvColumns = 14

// csvMost is the largest export that is read, bytes: some ten years of a unit.
const csvMost = 1 << 30

func noteNames() [3]string  { return [...]string{"period", "visit-end", "gap"} }
func clockNames() [3]string { return [...]string{"none", "local", "high"} }

// WriteCSV writes entries in the order given. The text is the same for the same
// entries on every machine: fields are never quoted, lines end in a line feed.
func WriteCSV(w io.Writer, entries []bess.Entry) error {
	if _, err := io.WriteString(w, csvHeader+"\n"); err != nil {
		return fmt.Errorf("writing the ledger as CSV: %w", err)
	}
	return WriteCSVRows(w, entries)
}

// WriteCSVRows writes the rows of further entries behind what WriteCSV wrote.
func WriteCSVRows(w io.Writer, entries []bess.Entry) error {
	var b []byte
	for i := range entries {
		e := &entries[i]
		if e.Note > bess.NoteGap || e.From.Trust > bess.TrustHigh || e.To.Trust > bess.TrustHigh || namelessLeg(e) {
			return fmt.Errorf("writing the ledger as CSV: entry %d: its note, a clock's trust or an account has no name", e.Number)
		}
		if len(e.Legs) == 0 {
			b = append(appendEntry(b, e), ",,,,"...)
			b = appendHashes(b, e)
		}
		for k := range e.Legs {
			l := &e.Legs[k]
			b = append(append(appendEntry(b, e), l.Kind.String()...), ',')
			b = append(strconv.AppendInt(b, int64(l.Index), 10), ',')
			b = append(strconv.AppendInt(b, l.MilliWattHour, 10), ',')
			b = append(strconv.AppendInt(b, l.Milligram, 10), ',')
			b = appendHashes(b, e)
		}
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("writing the ledger as CSV: entry %d: %w", e.Number, err)
		}
		b = b[:0]
	}
	return nil
}

func namelessLeg(e *bess.Entry) bool {
	return slices.ContainsFunc(e.Legs, func(l bess.Leg) bool { return l.Kind > bess.AccountUnmeasured })
}

// appendEntry appends the columns before a leg's, each with its comma.
func appendEntry(b []byte, e *bess.Entry) []byte {
	b = append(strconv.AppendUint(b, e.Number, 10), ',')
	for _, at := range [...]bess.Civil{e.From, e.To} {
		b = append(strconv.AppendInt(b, at.UnixMilli, 10), ',')
		b = append(strconv.AppendInt(b, int64(at.ZoneOffset), 10), ',')
		b = append(append(b, clockNames()[at.Trust]...), ',')
	}
	return append(append(b, noteNames()[e.Note]...), ',')
}

// appendHashes ends a row.
func appendHashes(b []byte, e *bess.Entry) []byte {
	b = append(hex.AppendEncode(b, e.Prev[:]), ',')
	return append(hex.AppendEncode(b, e.Hash[:]), '\n')
}

// ReadCSV reads what WriteCSV wrote, strictly: other columns, spellings, quotes
// or a byte-order mark are errors that name the line. It does not judge the
// numbers: sums and hashes are for whoever verifies them.
func ReadCSV(r io.Reader) ([]bess.Entry, error) {
	text, err := io.ReadAll(io.LimitReader(r, csvMost+1))
	if err != nil {
		return nil, fmt.Errorf("reading the ledger's CSV: %w", err)
	}
	if len(text) > csvMost {
		return nil, fmt.Errorf("reading the ledger's CSV: more than %d bytes: export a shorter span", csvMost)
	}
	var entries []bess.Entry
	number := 0
	for line := range bytes.Lines(text) {
		number++
		row, ended := strings.CutSuffix(string(line), "\n")
		if !ended {
			return nil, fmt.Errorf("reading the ledger's CSV: line %d: it does not end: the file was cut short", number)
		}
		if number == 1 {
			if row != csvHeader {
				return nil, fmt.Errorf("reading the ledger's CSV: line 1: the columns must be %q", csvHeader)
			}
			continue
		}
		if entries, err = appendRow(entries, row); err != nil {
			return nil, fmt.Errorf("reading the ledger's CSV: line %d: %w", number, err)
		}
	}
	if number == 0 {
		return nil, errors.New("reading the ledger's CSV: it is empty: not even a line of column names")
	}
	return entries, nil
}

// appendRow adds a row to the last entry, or begins a new one when its number
// differs from the last.
func appendRow(entries []bess.Entry, row string) ([]bess.Entry, error) {
	fields := strings.Split(row, ",")
	if len(fields) != csvColumns {
		return nil, fmt.Errorf("%d columns, not %d", len(fields), csvColumns)
	}
	p := fieldReader{fields: fields}
	e := p.entry()
	leg, has := p.leg()
	if p.err != nil {
		return nil, p.err
	}
	last := len(entries) - 1
	if last < 0 || entries[last].Number != e.Number {
		if has {
			e.Legs = append(e.Legs, leg)
		}
		return append(entries, e), nil
	}
	o := &entries[last]
	switch {
	case !has || len(o.Legs) == 0:
		return nil, fmt.Errorf("entry %d stands twice: an entry without legs is one row", e.Number)
	case o.From != e.From || o.To != e.To || o.Note != e.Note || o.Prev != e.Prev || o.Hash != e.Hash:
		return nil, fmt.Errorf("entry %d: its rows differ in times, note or hashes", e.Number)
	}
	o.Legs = append(o.Legs, leg)
	return entries, nil
}

// fieldReader reads the fields of a row; the first fault wins.
type fieldReader struct {
	fields []string
	err    error
}

func (p *fieldReader) fail(column int, want string) {
	if p.err == nil {
		p.err = fmt.Errorf("column %s: %q is not %s", strings.Split(csvHeader, ",")[column], p.fields[column], want)
	}
}

// integer accepts only the spelling that WriteCSV uses, so that a file has one
// form.
func (p *fieldReader) integer(column, bits int) int64 {
	x, err := strconv.ParseInt(p.fields[column], 10, bits)
	if err != nil || strconv.FormatInt(x, 10) != p.fields[column] {
		p.fail(column, "a plain integer of "+strconv.Itoa(bits)+" bits")
	}
	return x
}

func (p *fieldReader) name(column int, names []string) uint8 {
	for i, name := range names {
		if p.fields[column] == name {
			return uint8(i)
		}
	}
	p.fail(column, "one of "+strings.Join(names, ", "))
	return 0
}

func (p *fieldReader) hash(column int) (h [32]byte) {
	b, err := hex.DecodeString(p.fields[column])
	if err != nil || len(b) != len(h) || hex.EncodeToString(b) != p.fields[column] {
		p.fail(column, "64 lower-case hexadecimal digits")
		return h
	}
	copy(h[:], b)
	return h
}

func (p *fieldReader) civil(column int) bess.Civil {
	names := clockNames()
	return bess.Civil{
		UnixMilli: p.integer(column, 64), ZoneOffset: int32(p.integer(column+1, 32)),
		Trust: bess.Trust(p.name(column+2, names[:])),
	}
}

func (p *fieldReader) entry() bess.Entry {
	number, err := strconv.ParseUint(p.fields[0], 10, 64)
	if err != nil || strconv.FormatUint(number, 10) != p.fields[0] {
		p.fail(0, "a plain positive integer")
	}
	names := noteNames()
	return bess.Entry{
		Number: number, From: p.civil(1), To: p.civil(4), Note: bess.EntryNote(p.name(7, names[:])),
		Prev: p.hash(12), Hash: p.hash(13),
	}
}

// leg reads a row's leg; false when all of its columns are empty.
func (p *fieldReader) leg() (bess.Leg, bool) {
	if p.fields[8]+p.fields[9]+p.fields[10]+p.fields[11] == "" {
		return bess.Leg{}, false
	}
	return bess.Leg{
		Kind: bess.AccountKind(p.name(8, accountNames())), Index: int(p.integer(9, 32)),
		MilliWattHour: p.integer(10, 64), Milligram: p.integer(11, 64),
	}, true
}

func accountNames() []string {
	names := make([]string, 0, 8)
	for k := bess.AccountFeeder; k <= bess.AccountUnmeasured; k++ {
		names = append(names, k.String())
	}
	return names
}
