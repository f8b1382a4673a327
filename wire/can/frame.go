package can

import (
	"encoding/binary"
	"errors"
	"fmt"

	einride "go.einride.tech/can"
)

// Frame is one classic CAN frame: identifier (11 or 29 bits), up to 8 data bytes, or a remote request.
type Frame = einride.Frame

// WireSize is the size in bytes of one frame in Linux SocketCAN layout, the form used on TCP and UDP.
const WireSize = 16

// Flags in the upper bits of the identifier word (linux/can.h).
const (
	wireExtended = 0x80000000
	wireRemote   = 0x40000000
	wireError    = 0x20000000
)

// ErrErrorFrame marks a frame by which a controller reports trouble on the bus; it carries no message.
var ErrErrorFrame = errors.New("error frame of a CAN controller: look at the bus wiring, termination and bit rate")

// AppendWire appends the 16-byte SocketCAN form of frame: identifier with flags (little-endian), length, three reserved
// bytes, eight data bytes. Bytes beyond the length are written as zero.
func AppendWire(dst []byte, frame Frame) []byte {
	identifier := frame.ID
	if frame.IsExtended {
		identifier |= wireExtended
	}
	if frame.IsRemote {
		identifier |= wireRemote
	}
	dst = binary.LittleEndian.AppendUint32(dst, identifier)
	dst = append(dst, frame.Length, 0, 0, 0)
	data := frame.Data
	clear(data[min(int(frame.Length), len(data)):])
	return append(dst, data[:]...)
}

// DecodeWire reads the 16-byte SocketCAN form. Reserved bytes are ignored, as the kernel may use them. It refuses a
// wrong size, a length above 8, a standard identifier above 0x7FF, and an error frame ([ErrErrorFrame]).
func DecodeWire(wire []byte) (Frame, error) {
	if len(wire) != WireSize {
		return Frame{}, fmt.Errorf("decoding a CAN wire frame: %d bytes, want %d: is the peer sending SocketCAN frames?", len(wire), WireSize)
	}
	word := binary.LittleEndian.Uint32(wire)
	if word&wireError != 0 && wire[4] == einride.MaxDataLength { // an error frame always holds 8 bytes (linux/can/error.h)
		return Frame{}, ErrErrorFrame
	}
	if word&wireError != 0 {
		return Frame{}, fmt.Errorf("decoding a CAN wire frame: error frame of length %d: is the peer sending SocketCAN frames?", wire[4])
	}
	frame := Frame{
		ID:         word & einride.MaxExtendedID,
		IsExtended: word&wireExtended != 0,
		IsRemote:   word&wireRemote != 0,
		Length:     wire[4],
	}
	if err := checkFrame(frame); err != nil {
		return Frame{}, fmt.Errorf("decoding a CAN wire frame: %w", err)
	}
	if !frame.IsRemote {
		copy(frame.Data[:frame.Length], wire[8:])
	}
	return frame, nil
}

// checkFrame refuses what cannot stand on a classic CAN bus.
func checkFrame(frame Frame) error {
	switch {
	case frame.Length > einride.MaxDataLength:
		return fmt.Errorf("length %d is above 8: CAN FD is not spoken here", frame.Length)
	case frame.IsExtended && frame.ID > einride.MaxExtendedID:
		return fmt.Errorf("identifier 0x%X is above 29 bits", frame.ID)
	case !frame.IsExtended && frame.ID > einride.MaxID:
		return fmt.Errorf("identifier 0x%X is above 11 bits and not marked extended", frame.ID)
	}
	return nil
}

// sprintID writes an identifier as candump does: 3 hex digits standard, 8 extended.
func sprintID(id uint32, extended bool) string {
	if extended {
		return fmt.Sprintf("0x%08X", id)
	}
	return fmt.Sprintf("0x%03X", id)
}
