package modbus

import (
	"encoding/binary"
	"fmt"
)

// Function codes that this package speaks.
const (
	functionReadHolding   = 0x03
	functionReadInput     = 0x04
	functionWriteOne      = 0x06
	functionWriteMultiple = 0x10
	functionException     = 0x80
)

// maxPDU is the longest protocol data unit: function code and data.
const maxPDU = 253

// appendRequest appends the request's PDU. The request has been checked.
func appendRequest(pdu []byte, r Request, values []uint16) []byte {
	if !r.Write {
		code := byte(functionReadHolding)
		if r.Kind == Input {
			code = functionReadInput
		}
		pdu = append(pdu, code)
		pdu = binary.BigEndian.AppendUint16(pdu, r.Address)
		return binary.BigEndian.AppendUint16(pdu, r.Count)
	}
	pdu = append(pdu, functionWriteMultiple)
	pdu = binary.BigEndian.AppendUint16(pdu, r.Address)
	pdu = binary.BigEndian.AppendUint16(pdu, r.Count)
	pdu = append(pdu, byte(2*r.Count))
	for _, v := range values {
		pdu = binary.BigEndian.AppendUint16(pdu, v)
	}
	return pdu
}

// parseResponse checks that pdu answers r and returns the registers that were read (nil for a write).
func parseResponse(r Request, pdu []byte) ([]uint16, error) {
	if len(pdu) < 2 {
		return nil, fmt.Errorf("%s: %w: answer of %d bytes", r, ErrFrame, len(pdu))
	}
	code := byte(functionWriteMultiple)
	if !r.Write {
		code = functionReadHolding
		if r.Kind == Input {
			code = functionReadInput
		}
	}
	switch {
	case pdu[0] == code|functionException && len(pdu) == 2:
		return nil, &ResponseError{Request: r, Exception: Exception(pdu[1])}
	case pdu[0] != code:
		return nil, fmt.Errorf("%s: %w: answer to function 0x%02X, asked 0x%02X", r, ErrFrame, pdu[0], code)
	case r.Write:
		if len(pdu) != 5 || binary.BigEndian.Uint16(pdu[1:]) != r.Address || binary.BigEndian.Uint16(pdu[3:]) != r.Count {
			return nil, fmt.Errorf("%s: %w: the answer confirms another write", r, ErrFrame)
		}
		return nil, nil
	case int(pdu[1]) != 2*int(r.Count) || len(pdu) != 2+2*int(r.Count):
		return nil, fmt.Errorf("%s: %w: answer carries %d bytes for %d registers", r, ErrFrame, len(pdu)-2, r.Count)
	}
	values := make([]uint16, r.Count)
	for i := range values {
		values[i] = binary.BigEndian.Uint16(pdu[2+2*i:])
	}
	return values, nil
}

// answer executes one request PDU on a handler and appends the response PDU to out. It never panics on any bytes;
// what is not a well-formed request is answered with an exception. maxWrite limits registers per write.
func answer(h Handler, unit uint8, pdu []byte, maxWrite uint16, out []byte) (response []byte, refused bool) {
	if len(pdu) == 0 {
		return append(out, functionException, byte(IllegalFunction)), true
	}
	code := pdu[0]
	start := len(out)
	out, err := execute(h, unit, code, pdu[1:], maxWrite, out)
	if err != nil {
		return append(out[:start], code|functionException, byte(exceptionOf(err))), true
	}
	return out, false
}

func execute(h Handler, unit uint8, code byte, body []byte, maxWrite uint16, out []byte) ([]byte, error) {
	switch code {
	case functionReadHolding, functionReadInput:
		return executeRead(h, unit, code, body, out)
	case functionWriteOne:
		if len(body) != 4 {
			return out, IllegalDataValue
		}
		addr := binary.BigEndian.Uint16(body)
		value := [1]uint16{binary.BigEndian.Uint16(body[2:])}
		if err := h.WriteRegisters(unit, addr, value[:]); err != nil {
			return out, err
		}
		out = append(out, code)
		return append(out, body...), nil
	case functionWriteMultiple:
		if len(body) < 5 {
			return out, IllegalDataValue
		}
		addr, count := binary.BigEndian.Uint16(body), binary.BigEndian.Uint16(body[2:])
		if count == 0 || count > maxWrite || int(body[4]) != 2*int(count) || len(body) != 5+2*int(count) {
			return out, IllegalDataValue
		}
		if int(addr)+int(count) > 0x10000 {
			return out, IllegalDataAddress
		}
		var buffer [MaxWrite]uint16
		values := buffer[:count]
		for i := range values {
			values[i] = binary.BigEndian.Uint16(body[5+2*i:])
		}
		if err := h.WriteRegisters(unit, addr, values); err != nil {
			return out, err
		}
		out = append(out, code)
		return append(out, body[:4]...), nil
	}
	return out, IllegalFunction
}

func executeRead(h Handler, unit uint8, code byte, body, out []byte) ([]byte, error) {
	if len(body) != 4 {
		return out, IllegalDataValue
	}
	addr, count := binary.BigEndian.Uint16(body), binary.BigEndian.Uint16(body[2:])
	if count == 0 || count > MaxRead {
		return out, IllegalDataValue
	}
	if int(addr)+int(count) > 0x10000 {
		return out, IllegalDataAddress
	}
	kind := Holding
	if code == functionReadInput {
		kind = Input
	}
	var buffer [MaxRead]uint16
	values := buffer[:count]
	if err := h.ReadRegisters(kind, unit, addr, values); err != nil {
		return out, err
	}
	out = append(out, code, byte(2*count))
	for _, v := range values {
		out = binary.BigEndian.AppendUint16(out, v)
	}
	return out, nil
}
