package modbus

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"
)

// Slave serves a [Handler] over a serial line in RTU framing.
//
// The silent interval of 3.5 characters cannot be measured from a process behind a driver's buffer, so frames are
// recognised by their function code, length and checksum; a pause inside a frame (Gap) discards what came before it.
// Traffic of other slaves on the line is passed over and counted as foreign or garbage.
type Slave struct {
	// Unit is this slave's number, 1..247. Requests to 0 (broadcast) are executed and never answered.
	Unit uint8
	// Handler answers the requests. Required.
	Handler Handler
	// Gap is the longest pause inside a frame; 0 means 50 ms. It works where the port has read deadlines (net.Conn,
	// os.File) or returns zero bytes on its own timeout (go.bug.st/serial); elsewhere only the checksum resynchronises.
	Gap time.Duration

	requests atomic.Uint64
	refused  atomic.Uint64
	garbage  atomic.Uint64
	foreign  atomic.Uint64
}

// Counters returns the present counts; Garbage counts discarded bytes here.
func (s *Slave) Counters() Counters {
	return Counters{Requests: s.requests.Load(), Refused: s.refused.Load(), Garbage: s.garbage.Load()}
}

// Foreign is the number of well-formed requests to other units that were passed over.
func (s *Slave) Foreign() uint64 { return s.foreign.Load() }

type readDeadliner interface{ SetReadDeadline(time.Time) error }

// Serve answers requests until the port fails, ends, or ctx ends; the end of ctx is noticed between reads, or at once
// when the port is also an io.Closer, which is then closed. nil when the port or ctx ended.
func (s *Slave) Serve(ctx context.Context, port io.ReadWriter) error {
	if closer, ok := port.(io.Closer); ok {
		stop := context.AfterFunc(ctx, func() { _ = closer.Close() })
		defer stop()
	}
	gap := s.Gap
	if gap == 0 {
		gap = 50 * time.Millisecond
	}
	deadliner, _ := port.(readDeadliner)
	var buffer [2 * maxFrame]byte
	held := 0
	for ctx.Err() == nil {
		if deadliner != nil {
			var deadline time.Time
			if held > 0 {
				deadline = time.Now().Add(gap)
			}
			// A port that cannot set deadlines (a plain file) falls back to the checksum.
			_ = deadliner.SetReadDeadline(deadline)
		}
		n, err := port.Read(buffer[held:])
		if n == 0 && held > 0 && (err == nil || errors.Is(err, os.ErrDeadlineExceeded)) {
			s.garbage.Add(uint64(held))
			held = 0
			continue
		}
		held += n
		used, writeErr := s.consume(port, buffer[:held])
		held = copy(buffer[:], buffer[used:held])
		switch {
		case writeErr != nil && ctx.Err() == nil:
			return fmt.Errorf("answering as RTU unit %d: %w", s.Unit, writeErr)
		case err == nil || errors.Is(err, os.ErrDeadlineExceeded):
		case errors.Is(err, io.EOF) || ctx.Err() != nil:
			return nil
		default:
			return fmt.Errorf("reading as RTU unit %d: %w", s.Unit, err)
		}
	}
	return nil
}

// consume handles every complete frame in data and returns how many bytes are done with.
func (s *Slave) consume(port io.Writer, data []byte) (used int, err error) {
	for used < len(data) {
		length := requestLength(data[used:])
		if length == 0 {
			return used, nil
		}
		if length < 0 {
			s.garbage.Add(1)
			used++
			continue
		}
		frame := data[used : used+length]
		if CRC(frame[:length-2]) != binary.LittleEndian.Uint16(frame[length-2:]) {
			s.garbage.Add(1)
			used++
			continue
		}
		used += length
		if err := s.handle(port, frame[0], frame[1:length-2]); err != nil {
			return used, err
		}
	}
	return used, nil
}

// requestLength is the length of the request that data begins with: 0 when more bytes are needed to tell or to
// complete it, -1 when no request begins so.
func requestLength(data []byte) int {
	if len(data) < 2 {
		return 0
	}
	length := 8
	switch code := data[1]; {
	case code >= 0x01 && code <= 0x06:
	case code == 0x0F || code == functionWriteMultiple:
		if len(data) < 7 {
			return 0
		}
		length = 9 + int(data[6])
		registers := code == functionWriteMultiple
		if registers && int(data[6]) != 2*int(binary.BigEndian.Uint16(data[4:])) || length > maxFrame-4 {
			return -1
		}
	default:
		return -1
	}
	if len(data) < length {
		return 0
	}
	return length
}

func (s *Slave) handle(port io.Writer, unit uint8, pdu []byte) error {
	if unit != s.Unit && unit != 0 {
		s.foreign.Add(1)
		return nil
	}
	s.requests.Add(1)
	var response [maxPDU]byte
	reply, refused := answer(s.Handler, s.Unit, pdu, MaxWrite, response[:0])
	if refused {
		s.refused.Add(1)
	}
	if unit == 0 {
		return nil
	}
	var out [maxFrame]byte
	_, err := port.Write(rtu{}.appendFrame(out[:0], 0, unit, reply))
	return err
}
