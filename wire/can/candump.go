package can

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	einride "go.einride.tech/can"
)

// Record is one line of a candump log: a frame, when it was seen and on which interface.
type Record struct {
	At        time.Time
	Interface string
	Frame     Frame
}

// AppendRecord appends the log form of the record and a line end: (1700000000.123456) can0 102#0011223344556677
func AppendRecord(dst []byte, record Record) []byte {
	seconds, micros := record.At.Unix(), record.At.Nanosecond()/1000
	dst = fmt.Appendf(dst, "(%d.%06d) %s ", seconds, micros, record.Interface)
	if record.Frame.IsExtended {
		dst = fmt.Appendf(dst, "%08X#", record.Frame.ID)
	} else {
		dst = fmt.Appendf(dst, "%03X#", record.Frame.ID)
	}
	if record.Frame.IsRemote {
		dst = append(dst, 'R')
		if record.Frame.Length > 0 {
			dst = strconv.AppendUint(dst, uint64(record.Frame.Length), 10)
		}
		return append(dst, '\n')
	}
	dst = fmt.Appendf(dst, "%X", record.Frame.Data[:min(int(record.Frame.Length), len(record.Frame.Data))])
	return append(dst, '\n')
}

// LineFault is a line of a log that could not be read; the reading goes on behind it.
type LineFault struct {
	Line  int // counted from 1
	Cause error
}

// Error names the line and the cause.
func (f *LineFault) Error() string {
	return fmt.Sprintf("candump log line %d: %v", f.Line, f.Cause)
}

// Unwrap gives the cause.
func (f *LineFault) Unwrap() error { return f.Cause }

// LogReader reads candump logs (candump -l, log2asc's input). Blank lines and lines that begin with # or ; are skipped.
type LogReader struct {
	input  *bufio.Reader
	line   int
	faults int
}

// maximumLine bounds a log line; the longest legal one is below 80 bytes.
const maximumLine = 4096

// NewLogReader reads from input until its end.
func NewLogReader(input io.Reader) *LogReader {
	return &LogReader{input: bufio.NewReaderSize(input, maximumLine)}
}

// Faults is the number of lines that could not be read so far.
func (r *LogReader) Faults() int { return r.faults }

// Next returns the next record. A line that cannot be read gives a *LineFault, after which Next may be called again;
// the end gives io.EOF, a broken input its own error.
func (r *LogReader) Next() (Record, error) {
	for {
		line, err := r.readLine()
		if errors.Is(err, bufio.ErrBufferFull) {
			return r.fault(fmt.Errorf("longer than %d bytes: is this a candump log?", maximumLine))
		}
		if err != nil && len(line) == 0 {
			return Record{}, err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' || line[0] == ';' {
			continue
		}
		record, err := ParseRecord(string(line))
		if err != nil {
			return r.fault(err)
		}
		return record, nil
	}
}

// All iterates over the records and the faults between them, and ends at the end of the log or at a broken input, whose
// error comes last. The iteration can be done once.
func (r *LogReader) All() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for {
			record, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			var fault *LineFault
			if !yield(record, err) || err != nil && !errors.As(err, &fault) {
				return
			}
		}
	}
}

func (r *LogReader) fault(cause error) (Record, error) {
	r.faults++
	return Record{}, &LineFault{Line: r.line, Cause: cause}
}

// readLine returns one line; of a line that is too long it drops the rest.
func (r *LogReader) readLine() ([]byte, error) {
	r.line++
	line, err := r.input.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = r.input.ReadSlice('\n')
	}
	return nil, bufio.ErrBufferFull
}

// ParseRecord reads one log line without its end. A trailing direction mark T or R, which some tools add, is ignored.
func ParseRecord(line string) (Record, error) {
	fields := bytes.Fields([]byte(line))
	if len(fields) < 3 || len(fields) > 4 {
		return Record{}, fmt.Errorf("%d fields, want (seconds) interface id#data", len(fields))
	}
	if len(fields) == 4 && string(fields[3]) != "T" && string(fields[3]) != "R" {
		return Record{}, fmt.Errorf("unexpected %q behind the frame", fields[3])
	}
	at, err := parseStamp(fields[0])
	if err != nil {
		return Record{}, err
	}
	frame, err := parseFrame(fields[2])
	if err != nil {
		return Record{}, err
	}
	return Record{At: at, Interface: string(fields[1]), Frame: frame}, nil
}

// parseStamp reads (seconds.fraction) without going through floating point, which would lose microseconds.
func parseStamp(field []byte) (time.Time, error) {
	inner, opened := bytes.CutPrefix(field, []byte("("))
	inner, closed := bytes.CutSuffix(inner, []byte(")"))
	whole, fraction, dotted := bytes.Cut(inner, []byte("."))
	seconds, err := strconv.ParseUint(string(whole), 10, 40)
	if !opened || !closed || err != nil || dotted && (len(fraction) < 1 || len(fraction) > 9) {
		return time.Time{}, fmt.Errorf("time %q is not (seconds.fraction)", field)
	}
	nanoseconds := uint64(0)
	if dotted {
		padded := append(append([]byte{}, fraction...), "00000000"[:9-len(fraction)]...)
		if nanoseconds, err = strconv.ParseUint(string(padded), 10, 32); err != nil {
			return time.Time{}, fmt.Errorf("time %q is not (seconds.fraction)", field)
		}
	}
	return time.Unix(int64(seconds), int64(nanoseconds)).UTC(), nil
}

// parseFrame reads id#data or id#R, the id with 3 digits standard and 8 extended.
func parseFrame(field []byte) (Frame, error) {
	id, data, ok := bytes.Cut(field, []byte("#"))
	if !ok || len(id) != 3 && len(id) != 8 {
		return Frame{}, fmt.Errorf("frame %q is not id#data with an id of 3 or 8 hex digits", field)
	}
	number, err := strconv.ParseUint(string(id), 16, 32)
	if err != nil {
		return Frame{}, fmt.Errorf("identifier %q is not hexadecimal", id)
	}
	frame := Frame{ID: uint32(number), IsExtended: len(id) == 8}
	if frame.IsExtended && number&wireError != 0 {
		return Frame{}, ErrErrorFrame
	}
	if err := checkFrame(frame); err != nil {
		return Frame{}, err
	}
	switch {
	case len(data) > 0 && data[0] == '#':
		return Frame{}, errors.New("a CAN FD frame (##): only classic CAN is read")
	case len(data) > 0 && data[0] == 'R':
		frame.IsRemote = true
		if len(data) == 2 && data[1] >= '0' && data[1] <= '8' {
			frame.Length = data[1] - '0'
		} else if len(data) != 1 {
			return Frame{}, fmt.Errorf("remote length %q is not 0 to 8", data[1:])
		}
		return frame, nil
	}
	data = bytes.ReplaceAll(data, []byte("."), nil) // candump and cansend allow dots between bytes
	if len(data) > 2*einride.MaxDataLength {
		return Frame{}, fmt.Errorf("%d hex digits of data, at most 16 fit", len(data))
	}
	if _, err := hex.Decode(frame.Data[:], data); err != nil {
		return Frame{}, fmt.Errorf("data %q: %w", data, err)
	}
	frame.Length = uint8(len(data) / 2)
	return frame, nil
}
