package journal

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"

	"reprise/bess"
)

// Format is the version of the file format. A reader refuses others.
const Format = 2

// magic begins every file; its last byte is the format.
func magic() [8]byte { return [8]byte{'R', 'P', 'R', 'J', 'N', 'L', 0, Format} }

// recordKind is what a record holds.
type recordKind uint8

const (
	recordHeader     recordKind = 1 + iota // JSON of Header
	recordTicks                            // zstd of ticks one behind the other
	recordCheckpoint                       // tick number, then zstd of the state
)

// Bounds of what a reader believes: a second of ticks of the largest unit is
// below 1 MB, a state below 4 MB.
const (
	recordFrame = 9
	maxRecord   = 8 << 20
	maxPlain    = 32 << 20
)

// Header says what a journal is of. It begins every file.
type Header struct {
	Unit    bess.Unit  `json:"unit"`    // the machine as installed: enough to run it again
	Build   string     `json:"build"`   // digest of the program that wrote it
	Config  string     `json:"config"`  // digest of Unit, see ConfigDigest
	Seed    uint64     `json:"seed"`    // of the twin; 0 on a real unit
	Started bess.Civil `json:"started"` // wall time of instant 0
	Run     string     `json:"run"`     // told apart from other runs of the same unit
}

// appendRecord frames a body behind b.
func appendRecord(b []byte, kind recordKind, body []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	b = binary.LittleEndian.AppendUint32(b, check(kind, body))
	return append(append(b, byte(kind)), body...)
}

func check(kind recordKind, body []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum([]byte{byte(kind)}, table), table, body)
}

// errTorn is a record that does not end or whose check fails.
var errTorn = errors.New("the record is torn")

// splitRecord takes the first record off b.
func splitRecord(b []byte) (kind recordKind, body, rest []byte, err error) {
	if len(b) < recordFrame {
		return 0, nil, nil, errTorn
	}
	n := binary.LittleEndian.Uint32(b)
	if n > maxRecord || int(n) > len(b)-recordFrame {
		return 0, nil, nil, errTorn
	}
	kind, body, rest = recordKind(b[8]), b[recordFrame:recordFrame+n], b[recordFrame+n:]
	if check(kind, body) != binary.LittleEndian.Uint32(b[4:]) {
		return 0, nil, nil, errTorn
	}
	return kind, body, rest, nil
}

func readHeader(body []byte) (*Header, error) {
	h := &Header{}
	if err := json.Unmarshal(body, h); err != nil {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	u := &h.Unit
	if max(len(u.Packs), len(u.Converters), len(u.Feeders), len(u.Circuits), len(u.Outlets)) > 1024 {
		return nil, errors.New("reading the header: the unit is larger than any")
	}
	return h, nil
}
