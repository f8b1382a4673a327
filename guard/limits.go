package guard

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// Limits is what the guard knows: subject 0 is the I/O module on channel 0, subject and channel n are pack n.
type Limits struct {
	Unit   string   // name of the unit, for people
	Packs  []string // names of the packs, for people
	Checks []Check
	Reads  []Read
	Rows   []Row
}

// Field is where a number stands in a frame: Start is its least significant bit, with Motorola its most significant one,
// counted byte*8+bit as in a DBC.
type Field struct {
	Start    int  `json:"start"`
	Bits     int  `json:"bits"`
	Motorola bool `json:"motorola,omitempty"`
	Signed   bool `json:"signed,omitempty"`
}

// ID is the identifier of a frame; the file has it as databases do, "0x424".
type ID uint32

// MarshalText writes it in hexadecimal.
func (id ID) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "0x%03X", uint32(id)), nil }

// UnmarshalText reads what MarshalText writes.
func (id *ID) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 0, 29)
	*id = ID(n)
	return err
}

// Check is how a frame protects itself: one without a moving counter or with a wrong checksum is not used.
type Check struct {
	Channel  int    `json:"channel"`
	Frame    ID     `json:"frame"`
	Extended bool   `json:"extended,omitempty"`
	Counter  *Field `json:"counter,omitempty"`
	CRC      *CRC   `json:"crc8,omitempty"`
}

// CRC is a CRC-8 over the bytes First to Last, most significant bit first, that stands in byte At.
type CRC struct {
	Polynomial uint8 `json:"polynomial"`
	Initial    uint8 `json:"initial"`
	Final      uint8 `json:"final"`
	First      int   `json:"first"`
	Last       int   `json:"last"`
	At         int   `json:"at"`
}

// Read says which field feeds which signal of which subject: value = field x Scale + Offset. A flag (Yes or No set) is 1
// or 0, and unknown for any other raw value.
type Read struct {
	Subject  int    `json:"subject"`
	Signal   Signal `json:"signal"`
	Channel  int    `json:"channel"`
	Frame    ID     `json:"frame"`
	Extended bool   `json:"extended,omitempty"`
	Bytes    int    `json:"bytes"` // length of the frame
	Field
	Scale  float64 `json:"scale,omitempty"`
	Offset float64 `json:"offset,omitempty"`
	Unit   string  `json:"unit,omitempty"`
	Void   *int64  `json:"void,omitempty"` // raw value that means "no value"
	Yes    *int64  `json:"yes,omitempty"`
	No     *int64  `json:"no,omitempty"`
	Page   *Page   `json:"page,omitempty"`
	Age    int64   `json:"age_ms"` // older than this, the value counts as unknown
}

// Page selects the frames that carry a field: those in which another field has this value.
type Page struct {
	Field
	Value int64 `json:"value"`
}

// Row is one reason to withhold: Kind beyond Limit for longer than For. With is the second number of kinds that need one.
type Row struct {
	Subject int     `json:"subject"`
	Kind    Kind    `json:"withhold"`
	Limit   float64 `json:"limit"`
	With    float64 `json:"with,omitempty"`
	Unit    string  `json:"unit,omitempty"`
	For     int64   `json:"for_ms"`
	Why     string  `json:"why"`
}

// line is one line of the file; exactly one of its parts is set.
type line struct {
	Guard  *header `json:"guard,omitempty"`
	Check  *Check  `json:"check,omitempty"`
	Read   *Read   `json:"read,omitempty"`
	Row    *Row    `json:"row,omitempty"`
	SHA256 string  `json:"sha256,omitempty"`
}

type header struct {
	Version int      `json:"version"`
	Unit    string   `json:"unit"`
	Packs   []string `json:"packs"`
}

// Write puts the limits into their file form: a JSON object a line, and the SHA-256 of all lines before it in the last.
func (l *Limits) Write(w io.Writer) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	lines := []line{{Guard: &header{1, l.Unit, l.Packs}}}
	for i := range l.Checks {
		lines = append(lines, line{Check: &l.Checks[i]})
	}
	for i := range l.Reads {
		lines = append(lines, line{Read: &l.Reads[i]})
	}
	for i := range l.Rows {
		lines = append(lines, line{Row: &l.Rows[i]})
	}
	for i := range lines {
		if err := encoder.Encode(&lines[i]); err != nil {
			return fmt.Errorf("writing guard limits: %w", err)
		}
	}
	fmt.Fprintf(&text, "{\"sha256\":\"%x\"}\n", sha256.Sum256(text.Bytes()))
	_, err := w.Write(text.Bytes())
	return err
}

// ReadLimits reads the file form. It refuses a text whose checksum is missing or wrong, and names the line of any fault.
func ReadLimits(text []byte) (*Limits, error) {
	body, last := text, []byte(nil)
	if i := bytes.LastIndexByte(bytes.TrimRight(text, "\n"), '\n'); i >= 0 {
		body, last = text[:i+1], text[i+1:]
	}
	var seal line
	if err := decode(last, &seal); err != nil || seal.SHA256 == "" {
		return nil, errors.New("reading guard limits: the last line is no checksum: the file is torn or was never sealed: write it again with \"reprise limits\"")
	}
	if sum := sha256.Sum256(body); seal.SHA256 != hex.EncodeToString(sum[:]) {
		return nil, errors.New("reading guard limits: the checksum does not fit the text: somebody changed it or the disk did: write it again with \"reprise limits\"")
	}
	l := &Limits{}
	for n, text := range bytes.Split(bytes.TrimSuffix(body, []byte("\n")), []byte("\n")) {
		var one line
		if err := decode(text, &one); err != nil {
			return nil, fmt.Errorf("reading guard limits: line %d: %w", n+1, err)
		}
		switch {
		case one.Guard != nil && n == 0 && one.Guard.Version == 1:
			l.Unit, l.Packs = one.Guard.Unit, one.Guard.Packs
		case n == 0:
			return nil, errors.New("reading guard limits: line 1: not the header of version 1: use the \"reprise limits\" of this release")
		case one.Check != nil:
			l.Checks = append(l.Checks, *one.Check)
		case one.Read != nil:
			l.Reads = append(l.Reads, *one.Read)
		case one.Row != nil:
			l.Rows = append(l.Rows, *one.Row)
		default:
			return nil, fmt.Errorf("reading guard limits: line %d: neither check, read nor row", n+1)
		}
	}
	if err := l.check(); err != nil {
		return nil, fmt.Errorf("reading guard limits: %w", err)
	}
	return l, nil
}

func decode(text []byte, into *line) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if decoder.More() {
		return errors.New("more than one object")
	}
	return nil
}

// mostPacks bounds the file.
const mostPacks = 64

// check refuses what cannot be read from a frame or judged.
func (l *Limits) check() error {
	if len(l.Packs) == 0 || len(l.Packs) > mostPacks || len(l.Rows) == 0 {
		return fmt.Errorf("%d packs and %d rows: want 1 to %d packs, and something to judge", len(l.Packs), len(l.Rows), mostPacks)
	}
	there := func(subject int) bool { return subject >= 0 && subject <= len(l.Packs) }
	for i, c := range l.Checks {
		sum := c.CRC == nil || c.CRC.First >= 0 && c.CRC.First <= c.CRC.Last && c.CRC.Last < 8 && c.CRC.At >= 0 && c.CRC.At < 8
		if !there(c.Channel) || !sum || c.Counter != nil && !c.Counter.fits(8) {
			return fmt.Errorf("check %d, frame 0x%X: its channel, counter or checksum cannot be", i+1, c.Frame)
		}
	}
	for i, r := range l.Reads {
		page := r.Page == nil || r.Page.fits(r.Bytes)
		flag := r.Yes != nil && r.No != nil
		if !there(r.Subject) || !there(r.Channel) || r.Signal >= signals || r.Bytes < 1 || r.Bytes > 8 || !r.fits(r.Bytes) || !page || r.Age <= 0 ||
			!finite(r.Scale) || !finite(r.Offset) || r.Scale == 0 && !flag {
			return fmt.Errorf("read %d, frame 0x%X: its subject, place, scale or age cannot be", i+1, r.Frame)
		}
	}
	for i, r := range l.Rows {
		if !there(r.Subject) || r.Kind >= kinds || !finite(r.Limit) || !finite(r.With) || r.For <= 0 {
			return fmt.Errorf("row %d: its subject, kind, limit or time cannot be", i+1)
		}
		for _, s := range r.Kind.Needs() {
			if !slices.ContainsFunc(l.Reads, func(read Read) bool { return read.Subject == r.Subject && read.Signal == s }) {
				return fmt.Errorf("row %d, %v of subject %d: nothing reads its %v", i+1, r.Kind, r.Subject, s)
			}
		}
	}
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// sum is a checksum (FNV-1a by words) over every number by which the guard reads and judges: memory that has changed
// gives another.
func (l *Limits) sum() uint64 {
	sum := uint64(14695981039346656037)
	add := func(x uint64) { sum = (sum ^ x) * 1099511628211 }
	for i := range l.Rows {
		r := &l.Rows[i]
		add(uint64(r.Subject)<<32 | uint64(r.Kind))
		add(math.Float64bits(r.Limit))
		add(math.Float64bits(r.With))
		add(uint64(r.For))
	}
	for i := range l.Reads {
		r := &l.Reads[i]
		add(uint64(r.Subject)<<48 | uint64(r.Channel)<<32 | uint64(r.Frame))
		add(uint64(r.Signal)<<48 | uint64(r.Start)<<32 | uint64(r.Bits)<<16 | uint64(r.Bytes))
		add(math.Float64bits(r.Scale))
		add(math.Float64bits(r.Offset))
		add(uint64(r.Age))
	}
	return sum
}
