package unit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"reprise/bess"
	"reprise/control"
	"reprise/control/safety"
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
	last     int64
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
	m.paths = paths[from:min(low+2, len(paths))]
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
		m.last = at
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

// since is how long a part has been as it is.
type since struct {
	key   sameAs
	at    int64
	exact bool // the change was seen
}

// sameAs is what must stay equal for a part to be as it was.
type sameAs struct {
	state uint8
	why   bess.Cause
	level bess.Level
	rule  bess.RuleID
}

// witness watches the replay and keeps what an explanation needs.
type witness struct {
	context context.Context //nolint:containedctx // of the one call that made it
	options WhyOptions
	found   *moment
	machine *Machine
	sinces  map[bess.Subject]since
	answer  *bess.Explanation
	events  []bess.EventOnRecord
	asked   []bess.RequestOnRecord
	err     error
}

func (w *witness) tick(snap *bess.Snapshot, s *control.State, out *control.Outputs) {
	u := w.found.unit
	if w.err != nil || w.context.Err() != nil || len(snap.Packs) != len(u.Packs) || len(snap.Feeders) != len(u.Feeders) ||
		len(snap.Circuits) != len(u.Circuits) || len(snap.Outlets) != len(u.Outlets) { // another unit wrote that run
		return
	}
	if w.machine == nil {
		w.machine = &Machine{unit: u, rules: map[bess.RuleID]safety.Rule{}}
		for _, r := range safety.Rules() {
			w.machine.rules[r.ID] = r
		}
	}
	w.machine.state, w.machine.out, w.machine.in = s, out, &control.Inputs{Snapshot: *snap}
	w.record(snap, out)
	at := snap.Civil.UnixMilli
	if at > w.found.at {
		return
	}
	w.follow(at)
	if at == w.found.at {
		w.answer = w.explain()
	}
}

// record keeps what happened in this tick.
func (w *witness) record(snap *bess.Snapshot, out *control.Outputs) {
	m := w.machine
	for i := range out.Events {
		e := &out.Events[i]
		r := bess.EventOnRecord{
			At: snap.Civil.UnixMilli, Kind: e.Kind.String(), Level: e.Level.String(), Where: place(m.unit, e.Subject), What: m.sentence(e),
		}
		if e.Kind == bess.EventRequest {
			q := bess.RequestOnRecord{
				Number: e.Number, At: r.At, Verb: bess.Verb(e.From).String(), Where: r.Where,
				Granted: e.To == 1, Answer: bess.Refusal(e.Value).Sentence(),
			}
			if asked, known := w.found.requests[e.Number]; known {
				q.By, q.Person, q.Where = asked.By.String(), asked.Person, place(m.unit, targetOf(&asked))
				r.Where = q.Where
			}
			w.asked = append(w.asked, q)
		}
		w.events = append(w.events, r)
	}
}

// follow remembers since when each part is as it is.
func (w *witness) follow(at int64) {
	for _, p := range w.machine.allParts() {
		key := w.machine.sameness(p)
		if had, known := w.sinces[p]; !known || had.key != key {
			w.sinces[p] = since{key: key, at: at, exact: known}
		}
	}
}

// finish adds what is known only at the end.
func (w *witness) finish(r *Replayed) {
	a := w.answer
	a.Events, a.Requests = append([]bess.EventOnRecord{}, w.events...), append([]bess.RequestOnRecord{}, w.asked...)
	note := func(format string, args ...any) { a.Notes = append(a.Notes, fmt.Sprintf(format, args...)) }
	if r.Forced {
		note("Another build or configuration wrote this journal, so this program may see other reasons than the one that decided.")
	}
	if !r.Same {
		note("From %s on this program decides otherwise than the one that wrote the journal; what follows is left out.", wallClock(r.UnixMilli, a.ZoneOffset))
	}
	if w.found.times > 1 {
		note("The wall clock passed this time %d times; this is the last one.", w.found.times)
	}
	if a.ClockTrust == trust(bess.TrustNone) {
		note("The wall clock had never been set then.")
	}
	faults := append(slices.Clone(w.found.faults), r.Faults...)
	slices.Sort(faults)
	faults = slices.Compact(faults)
	for i, fault := range faults {
		if i == mostFaults {
			note("%d further parts of the journal cannot be read.", len(faults)-i)
			break
		}
		note("%s", fault)
	}
}
