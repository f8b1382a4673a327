package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"reprise/wire/can"
)

// Replayed is what became of a recording.
type Replayed struct {
	Frames int // sent
	Faults int // lines that could not be read
}

// Replay puts the frames of a candump log on a bus at the pace at which they were recorded. Lines that cannot be read are
// counted and passed over; a recording whose clock steps back goes on at once.
func Replay(ctx context.Context, log io.Reader, bus can.Bus) (Replayed, error) {
	var done Replayed
	reader := can.NewLogReader(log)
	var first, begun time.Time
	for {
		record, err := reader.Next()
		var line *can.LineFault
		switch {
		case errors.Is(err, io.EOF):
			return done, nil
		case errors.As(err, &line):
			done.Faults++
			continue
		case err != nil:
			return done, fmt.Errorf("replaying a CAN log: %w", err)
		}
		if first.IsZero() {
			first, begun = record.At, time.Now()
		}
		if pause := record.At.Sub(first) - time.Since(begun); pause > 0 {
			timer := time.NewTimer(pause)
			select {
			case <-ctx.Done():
				timer.Stop()
				return done, ctx.Err()
			case <-timer.C:
			}
		}
		if err := bus.Send(record.Frame); err != nil {
			return done, fmt.Errorf("replaying a CAN log: %w", err)
		}
		done.Frames++
	}
}
