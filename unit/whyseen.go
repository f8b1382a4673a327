package unit

import (
	"context"
	"fmt"
	"slices"

	"reprise/bess"
	"reprise/control"
	"reprise/control/safety"
)

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
