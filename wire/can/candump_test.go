package can

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

const goodLog = `# recorded on the bench

(1700000000.123456) can0 102#0011223344556677
(1700000000.123457) can1 1F334455#
(1700000000.5) vcan0 7FF#R8 R
(1700000001) slcan0 001#R
  (1700000002.000000)   can0   00a#de.ad.BE.ef   T
`

func TestLogReader(t *testing.T) {
	var records []Record
	reader := NewLogReader(strings.NewReader(goodLog))
	for record, err := range reader.All() {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, record)
	}
	want := []Record{
		{time.Unix(1700000000, 123456000).UTC(), "can0", Frame{ID: 0x102, Length: 8, Data: [8]byte{0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77}}},
		{time.Unix(1700000000, 123457000).UTC(), "can1", Frame{ID: 0x1F334455, IsExtended: true}},
		{time.Unix(1700000000, 500000000).UTC(), "vcan0", Frame{ID: 0x7FF, Length: 8, IsRemote: true}},
		{time.Unix(1700000001, 0).UTC(), "slcan0", Frame{ID: 1, IsRemote: true}},
		{time.Unix(1700000002, 0).UTC(), "can0", Frame{ID: 10, Length: 4, Data: [8]byte{0xDE, 0xAD, 0xBE, 0xEF}}},
	}
	if len(records) != len(want) {
		t.Fatalf("%d records, want %d", len(records), len(want))
	}
	for i := range want {
		if records[i] != want[i] {
			t.Errorf("record %d: %+v, want %+v", i, records[i], want[i])
		}
	}
	const written = "(1700000000.123456) can0 102#0011223344556677\n(1700000000.123457) can1 1F334455#\n" +
		"(1700000000.500000) vcan0 7FF#R8\n(1700000001.000000) slcan0 001#R\n(1700000002.000000) can0 00A#DEADBEEF\n"
	var text []byte
	for _, record := range records {
		text = AppendRecord(text, record)
	}
	if string(text) != written {
		t.Errorf("written\n%swant\n%s", text, written)
	}
}

func TestLogFaults(t *testing.T) {
	lines := []struct{ line, want string }{
		{"(1700000000.1) can0", "2 fields"},
		{"1700000000.1 can0 102#00", "is not (seconds.fraction)"},
		{"(1700000000.) can0 102#00", "is not (seconds.fraction)"},
		{"(1700000000.1234567890) can0 102#00", "is not (seconds.fraction)"},
		{"(1700000000.-1) can0 102#00", "is not (seconds.fraction)"},
		{"(-5.1) can0 102#00", "is not (seconds.fraction)"},
		{"(1.1) can0 102", "is not id#data"},
		{"(1.1) can0 1024#00", "is not id#data"},
		{"(1.1) can0 800#00", "above 11 bits"},
		{"(1.1) can0 9FFFFFFF#00", "above 29 bits"},
		{"(1.1) can0 20000080#0000000000000000", "error frame"},
		{"(1.1) can0 102##100", "CAN FD"},
		{"(1.1) can0 102#0", "odd length"},
		{"(1.1) can0 102#xy", "invalid byte"},
		{"(1.1) can0 102#001122334455667788", "at most 16"},
		{"(1.1) can0 102#R9", "0 to 8"},
		{"(1.1) can0 102#00 X", `unexpected "X"`},
		{strings.Repeat("x", 10000), "longer than"},
	}
	var log strings.Builder
	for _, l := range lines {
		log.WriteString(l.line + "\n(1.5) can0 123#42\n")
	}
	reader := NewLogReader(strings.NewReader(log.String()))
	for i, l := range lines {
		_, err := reader.Next()
		var fault *LineFault
		if !errors.As(err, &fault) || fault.Line != 2*i+1 || !strings.Contains(err.Error(), l.want) {
			t.Errorf("line %d %.40q: %v, want %q", 2*i+1, l.line, err, l.want)
		}
		if record, err := reader.Next(); err != nil || record.Frame.ID != 0x123 {
			t.Errorf("behind line %d: %+v %v", 2*i+1, record, err)
		}
	}
	if _, err := reader.Next(); !errors.Is(err, io.EOF) || reader.Faults() != len(lines) {
		t.Errorf("end %v, %d faults", err, reader.Faults())
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("disk on fire") }

func TestLogBrokenInput(t *testing.T) {
	log := io.MultiReader(strings.NewReader("(1.5) can0 123#42\nnonsense\n"), brokenReader{})
	var ends []error
	for _, err := range NewLogReader(log).All() {
		ends = append(ends, err)
	}
	if len(ends) != 3 || ends[0] != nil || ends[2] == nil || ends[2].Error() != "disk on fire" {
		t.Errorf("%v", ends)
	}
	wantError(t, ends[1], "line 2")
}

func FuzzCandump(f *testing.F) {
	f.Add([]byte(goodLog))
	f.Add([]byte("(1.1) can0 102#R9\n(1.1) can0 20000080#00"))
	f.Fuzz(func(t *testing.T, log []byte) {
		reader := NewLogReader(bytes.NewReader(log))
		for record, err := range reader.All() {
			if err != nil {
				continue
			}
			again, err := ParseRecord(string(AppendRecord(nil, record)))
			record.At = record.At.Truncate(time.Microsecond)
			if err != nil || again != record {
				t.Fatalf("%+v came back as %+v, %v", record, again, err)
			}
		}
	})
}
