package unit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"reprise/bess"
	"reprise/journal"
)

// WhyOptions say which moment is explained.
type WhyOptions struct {
	At     int64     // wall time, ms
	Around bess.Span // how far before and after it events are looked for; default 30 s, at most 10 min
	Part   string    // "pack 3", "outlet 2", "Grid"; empty: every part
	Build  string    // digest of this program: a journal of another is explained with a note
}

// Spans of an explanation. A gap is what lies between two ticks that are
// further apart than any pause of a living loop.
const (
	usualAround   = 30 * bess.Second
	longestAround = 10 * bess.Minute
	longestPause  = 1 * bess.Second
)

// mostFaults is how many damaged parts of a journal are named one by one.
const mostFaults = 3

// ErrNotKept is a moment of which the journal tells nothing.
var ErrNotKept = errors.New("the journal does not tell") // constant: compared, never written

// ErrNoPart is a part that the unit does not have.
var ErrNoPart = errors.New("there is no such part") // constant: compared, never written

// Explain answers from the journal why the unit did what it did at a moment: it
// runs the controller again from the checkpoint before, on exactly what it was
// given, and reads off what decided. It only reads, so it may be asked while
// the unit writes the same files. It ends soon after ctx does.
func Explain(ctx context.Context, paths []string, o WhyOptions) (*bess.Explanation, error) {
	switch {
	case o.Around == 0:
		o.Around = usualAround
	case o.Around < 0 || o.Around > longestAround:
		return nil, fmt.Errorf("explaining: %v around the moment: choose at most %v", o.Around.Seconds(), longestAround.Seconds())
	}
	found, err := findMoment(ctx, paths, o)
	if err != nil {
		return nil, err
	}
	if o.Part != "" {
		part, err := partNamed(found.unit, o.Part)
		if err != nil {
			return nil, err
		}
		found.part = &part
	}
	w := &witness{context: ctx, options: o, found: found, sinces: map[bess.Subject]since{}}
	result, err := Replay(found.paths, ReplayOptions{
		From: o.At - int64(o.Around), To: o.At + int64(o.Around), Build: o.Build, Force: true, Tick: w.tick,
	})
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("explaining: %w", ctx.Err())
	case w.err != nil:
		return nil, w.err
	case w.answer == nil && err != nil:
		return nil, fmt.Errorf("explaining: %w: use the program that wrote the journal", err)
	case w.answer == nil && !result.Same:
		return nil, fmt.Errorf("explaining: %w why: this program decides otherwise than the one that wrote it, from %s on: use that one",
			ErrNotKept, wallClock(result.UnixMilli, found.zone))
	case w.answer == nil:
		return nil, fmt.Errorf("explaining: %w: no checkpoint lies in the 90 s before %s", ErrNotKept, wallClock(o.At, found.zone))
	}
	w.finish(result)
	return w.answer, nil
}

// moment is where a moment lies in a journal.
type moment struct {
	paths    []string // the files around it
	at       int64    // wall time of the tick, the last one not after it
	unit     *bess.Unit
	part     *bess.Subject // nil: every part
	zone     int32
	times    int // how often the wall clock passed it
	first    int64
	next     int64 // of the first tick in the file behind; 0: it is looked through, or there is none
	requests map[uint64]bess.Request
	faults   []string
}

// findMoment looks for the file that holds the moment and reads what lies
// around it.
func findMoment(ctx context.Context, paths []string, o WhyOptions) (*moment, error) {
	heads := make([]*bess.Civil, len(paths))
	head := func(i int) (bess.Civil, error) {
		if heads[i] == nil {
			c, err := firstTick(paths[i])
			if err != nil {
				return bess.Civil{}, err
			}
			heads[i] = &c
		}
		return *heads[i], ctx.Err()
	}
	// Files are in order; the wall clock nearly always is, so that a search by
	// halves finds the file.
	low, high := 0, len(paths)-1
	for low < high {
		mid := (low + high + 1) / 2
		c, err := head(mid)
		if err != nil {
			return nil, fmt.Errorf("explaining: %w", err)
		}
		if c.UnixMilli != 0 && c.UnixMilli <= o.At {
			low = mid
		} else {
			high = mid - 1
		}
	}
	m := &moment{requests: map[uint64]bess.Request{}}
	from := low
	if c, err := head(low); err == nil && low > 0 && o.At-int64(o.Around)-90_000 < c.UnixMilli {
		from = low - 1
	}
	end := low + 1
	if end < len(paths) {
		switch c, err := head(end); {
		case err != nil:
			return nil, fmt.Errorf("explaining: %w", err)
		case c.UnixMilli <= o.At+int64(o.Around):
			end++
		default:
			m.next = c.UnixMilli
		}
	}
	m.paths = paths[from:end]
	return m, m.read(ctx, paths, o)
}

// firstTick is the wall time of a file's first tick; zero when it holds none.
func firstTick(path string) (bess.Civil, error) {
	r, err := journal.Open(path)
	if err != nil {
		return bess.Civil{}, err
	}
	for {
		record, err := r.Next()
		var fault *journal.Fault
		switch {
		case errors.As(err, &fault):
		case err != nil:
			return bess.Civil{}, nil //nolint:nilerr // an empty file has no first tick
		case record.Tick != nil:
			return record.Tick.Snapshot.Civil, nil
		}
	}
}

// read looks through the files of the moment: whether it was kept, and what was
// asked around it.
func (m *moment) read(ctx context.Context, all []string, o WhyOptions) error {
	before, after, previous := int64(0), int64(0), int64(0)
	err := m.each(ctx, m.paths, func(h *journal.Header, t *journal.Tick) {
		at := t.Snapshot.Civil.UnixMilli
		m.zone = t.Snapshot.Civil.ZoneOffset
		if m.first == 0 {
			m.first = at
		}
		if at <= o.At {
			before, after = at, 0
			m.unit = &h.Unit
		} else if after == 0 {
			after = at
			if previous != 0 && previous <= o.At {
				m.times++
			}
		}
		previous = at
		if at >= o.At-int64(o.Around) && at <= o.At+int64(o.Around) {
			for i := range t.Requests {
				m.requests[t.Requests[i].ID] = t.Requests[i]
			}
		}
	})
	if err != nil {
		return err
	}
	m.at = before
	if after == 0 {
		after = m.next
	}
	switch {
	case m.first == 0:
		return fmt.Errorf("explaining: %w: it holds no tick", ErrNotKept)
	case before == 0 || after == 0 && o.At-before > int64(longestPause):
		span, err := Span(ctx, all)
		if err != nil {
			return err
		}
		return fmt.Errorf("explaining %s: %w: it runs from %s to %s", wallClock(o.At, m.zone), ErrNotKept,
			wallClock(span.From, m.zone), wallClock(span.To, m.zone))
	case o.At-before > int64(longestPause):
		return fmt.Errorf("explaining %s: %w: nothing was kept between %s and %s: the unit did not run, or its disk was full",
			wallClock(o.At, m.zone), ErrNotKept, wallClock(before, m.zone), wallClock(after, m.zone))
	}
	return nil
}

// each calls a function with every tick that can be read.
func (m *moment) each(ctx context.Context, paths []string, do func(*journal.Header, *journal.Tick)) error {
	for _, path := range paths {
		r, err := journal.Open(path)
		if err != nil {
			return fmt.Errorf("explaining: %w", err)
		}
		for n := 0; ; n++ {
			if n%512 == 0 && ctx.Err() != nil {
				return fmt.Errorf("explaining: %w", ctx.Err())
			}
			record, err := r.Next()
			var fault *journal.Fault
			if errors.As(err, &fault) {
				m.faults = append(m.faults, fault.Error())
				continue
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return fmt.Errorf("explaining: %w", err)
			}
			if record.Tick != nil {
				do(&r.Header, record.Tick)
			}
		}
	}
	return nil
}

// JournalSpan is what a journal covers.
type JournalSpan struct {
	From, To   int64 // wall time, ms, of its first and last tick; 0: it holds none
	ZoneOffset int32 // s east of UTC at the last tick
	Header     journal.Header
	Faults     []string // of the last file
}

// Span is what the journal files cover.
func Span(ctx context.Context, paths []string) (JournalSpan, error) {
	var s JournalSpan
	for _, path := range paths {
		c, err := firstTick(path)
		if err != nil {
			return s, fmt.Errorf("reading the journal's span: %w", err)
		}
		if c.UnixMilli != 0 {
			s.From = c.UnixMilli
			break
		}
	}
	m := &moment{}
	for _, path := range slices.Backward(paths) {
		r, err := journal.Open(path)
		if err != nil {
			return s, fmt.Errorf("reading the journal's span: %w", err)
		}
		s.Header = r.Header
		err = m.each(ctx, []string{path}, func(_ *journal.Header, t *journal.Tick) {
			s.To, s.ZoneOffset = t.Snapshot.Civil.UnixMilli, t.Snapshot.Civil.ZoneOffset
		})
		s.Faults = append(s.Faults, m.faults...)
		if err != nil || s.To != 0 {
			return s, err
		}
	}
	return s, nil
}

// wallClock is a wall time for people.
func wallClock(ms int64, zone int32) string {
	return time.UnixMilli(ms).In(time.FixedZone("", int(zone))).Format("2006-01-02T15:04:05Z07:00")
}
