package modbus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// framing turns PDUs into frames and back, seen from the master.
type framing interface {
	// appendFrame appends the frame that carries pdu to unit.
	appendFrame(out []byte, transaction uint16, unit uint8, pdu []byte) []byte
	// readAnswer reads one frame into buffer (at least maxFrame long) and returns what it carries. The transaction
	// is the request's own where the framing has none.
	readAnswer(r io.Reader, buffer []byte, asked uint16) (transaction uint16, unit uint8, pdu []byte, err error)
}

// maxFrame is the longest frame of either framing (MBAP: 7+253, RTU: 1+253+2).
const maxFrame = 260

// mbapHeader is the length of the Modbus TCP header: transaction, protocol, length, unit.
const mbapHeader = 7

// mbap is the Modbus TCP framing (Modbus messaging on TCP/IP implementation guide V1.0b).
type mbap struct{}

func (mbap) appendFrame(out []byte, transaction uint16, unit uint8, pdu []byte) []byte {
	out = binary.BigEndian.AppendUint16(out, transaction)
	out = binary.BigEndian.AppendUint16(out, 0)
	out = binary.BigEndian.AppendUint16(out, uint16(1+len(pdu)))
	out = append(out, unit)
	return append(out, pdu...)
}

func (mbap) readAnswer(r io.Reader, buffer []byte, _ uint16) (uint16, uint8, []byte, error) {
	return readMBAP(r, buffer)
}

// readMBAP reads one frame into buffer, which is at least maxFrame long. io.EOF means that the peer closed between
// frames.
func readMBAP(r io.Reader, buffer []byte) (transaction uint16, unit uint8, pdu []byte, err error) {
	header := buffer[:mbapHeader]
	if _, err := io.ReadFull(r, header); err != nil {
		return 0, 0, nil, short(err)
	}
	transaction = binary.BigEndian.Uint16(header)
	if protocol := binary.BigEndian.Uint16(header[2:]); protocol != 0 {
		return 0, 0, nil, fmt.Errorf("%w: protocol %d instead of 0", ErrFrame, protocol)
	}
	length := int(binary.BigEndian.Uint16(header[4:]))
	if length < 2 || length > 1+maxPDU {
		return 0, 0, nil, fmt.Errorf("%w: length %d, allowed 2..%d", ErrFrame, length, 1+maxPDU)
	}
	unit = header[6]
	pdu = buffer[mbapHeader : mbapHeader+length-1]
	if _, err := io.ReadFull(r, pdu); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return 0, 0, nil, short(err)
	}
	return transaction, unit, pdu, nil
}

// short names the end of a stream inside a frame; other errors pass.
func short(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrShortFrame
	}
	return err
}

// rtu is the serial framing: unit, PDU, CRC-16 low byte first (Modbus over serial line V1.02).
type rtu struct{}

func (rtu) appendFrame(out []byte, _ uint16, unit uint8, pdu []byte) []byte {
	start := len(out)
	out = append(out, unit)
	out = append(out, pdu...)
	return binary.LittleEndian.AppendUint16(out, CRC(out[start:]))
}

// readAnswer needs no silent interval: the function code and the byte count tell an answer's length.
func (rtu) readAnswer(r io.Reader, buffer []byte, asked uint16) (uint16, uint8, []byte, error) {
	if _, err := io.ReadFull(r, buffer[:3]); err != nil {
		return 0, 0, nil, short(err)
	}
	total := 8
	switch code := buffer[1]; {
	case code&functionException != 0:
		total = 5
	case code == functionReadHolding || code == functionReadInput:
		total = 5 + int(buffer[2])
	case code != functionWriteOne && code != functionWriteMultiple:
		return 0, 0, nil, fmt.Errorf("%w: answer with function 0x%02X", ErrFrame, code)
	}
	if total > maxFrame {
		return 0, 0, nil, fmt.Errorf("%w: answer of %d bytes", ErrFrame, total)
	}
	if _, err := io.ReadFull(r, buffer[3:total]); err != nil {
		return 0, 0, nil, short(err)
	}
	body := buffer[:total-2]
	if CRC(body) != binary.LittleEndian.Uint16(buffer[total-2:]) {
		return 0, 0, nil, ErrChecksum
	}
	return asked, body[0], body[1:], nil
}

// CRC is the CRC-16 of Modbus RTU: polynomial 0xA001 (reflected 0x8005), start 0xFFFF.
func CRC(data []byte) uint16 {
	crc := uint16(0xFFFF)
	for _, b := range data {
		crc ^= uint16(b)
		for range 8 {
			if crc&1 != 0 {
				crc = crc>>1 ^ 0xA001
			} else {
				crc >>= 1
			}
		}
	}
	return crc
}
