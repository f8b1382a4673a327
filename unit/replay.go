package unit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"

	"reprise/bess"
	"reprise/control"
	"reprise/journal"
)

// ReplayOptions say what is run again.
type ReplayOptions struct {
	From, To int64  // wall time, ms; 0: from the beginning, to the end
	Build    string // digest of this program; another in a header is refused
	Config   string // digest of the configuration; empty: the journal's own
	Force    bool   // run again what another build or configuration wrote
	// Tick is called after each tick that was run again; nil: nobody looks.
	Tick func(snap *bess.Snapshot, s *control.State, out *control.Outputs)
}

// Replayed is what came of a replay.
type Replayed struct {
	Unit      string   `json:"unit"`
	Ticks     uint64   `json:"ticks"`  // run again
	Parts     int      `json:"parts"`  // unbroken stretches, each from a checkpoint
	Checked   int      `json:"states"` // states compared with a checkpoint on the way
	Hash      string   `json:"hash"`   // of the last part
	Same      bool     `json:"same"`   // everything that was recorded came out again
	Differs   uint64   `json:"differs,omitempty"`
	UnixMilli int64    `json:"differs_at,omitempty"`
	What      []string `json:"what,omitempty"` // what differs at that tick
	Faults    []string `json:"faults,omitempty"`
	Forced    bool     `json:"forced,omitempty"`
}

// ErrRefused is a journal of another build or configuration.
var ErrRefused = errors.New("it was written by another build or configuration") // constant: compared, never written

// Replay runs a journal again: the same Step on the same inputs from a
// checkpoint. It stops at the first tick whose recorded orders or digest do not
// come out again.
func Replay(paths []string, o ReplayOptions) (*Replayed, error) {
	p := player{options: o, result: &Replayed{Same: true}}
	for _, path := range paths {
		r, err := journal.Open(path)
		if err != nil {
			return p.result, err
		}
		if err := p.admit(path, &r.Header); err != nil {
			return p.result, err
		}
		if err := p.file(r); err != nil || !p.result.Same || p.over {
			return p.result, err
		}
	}
	if p.result.Ticks == 0 {
		return p.result, errors.New("replaying: no tick lies in that span behind a checkpoint")
	}
	return p.result, nil
}

type player struct {
	options ReplayOptions
	result  *Replayed

	run    string
	unit   *bess.Unit
	state  *control.State // nil before the first checkpoint
	next   *control.State
	in     control.Inputs
	out    *control.Outputs
	digest control.Digest
	civil  bess.Civil // of the last tick
	warm   bool       // at least one tick was run since the checkpoint
	over   bool
}

func (p *player) admit(path string, h *journal.Header) error {
	same := h.Build == p.options.Build && (p.options.Config == "" || h.Config == p.options.Config)
	if digest, err := journal.ConfigDigest(&h.Unit); err != nil || digest != h.Config {
		same = false
	}
	switch {
	case !same && !p.options.Force:
		return fmt.Errorf("replaying %s: %w: use the program that wrote it, or force it", path, ErrRefused)
	case !same:
		p.result.Forced = true
	}
	if h.Run != p.run || p.unit == nil {
		unit := h.Unit
		p.unit, p.run, p.state = &unit, h.Run, nil
		p.result.Unit = unit.Name
		p.in, p.out = control.Inputs{}, control.NewOutputs(&unit)
		p.next = control.New(&unit)
	}
	return nil
}

func (p *player) file(r *journal.Reader) error {
	for {
		record, err := r.Next()
		var fault *journal.Fault
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &fault):
			p.result.Faults = append(p.result.Faults, fault.Error())
			p.state = nil
			continue
		case err != nil:
			return err
		}
		if record.Tick == nil {
			err = p.checkpoint(record)
		} else {
			p.tick(record.Tick)
		}
		if err != nil || !p.result.Same || p.over {
			return err
		}
	}
}

// checkpoint compares the state that was reached with the recorded one, or
// begins a new part with it.
func (p *player) checkpoint(r journal.Record) error {
	c, err := ReadCheckpoint(p.unit, r.State)
	if err != nil {
		return fmt.Errorf("replaying from tick %d: %w", r.After, err)
	}
	if p.state != nil && p.warm && p.state.Tick == r.After {
		p.result.Checked++
		if !bytes.Equal(control.AppendState(nil, p.state), control.AppendState(nil, c.State)) {
			p.differ(r.After, p.civil, differences("state", reflect.ValueOf(p.state).Elem(), reflect.ValueOf(c.State).Elem()))
		}
		return nil
	}
	if c.Civil.UnixMilli < p.options.From-90_000 { // a later checkpoint will do
		p.state = nil
		return nil
	}
	p.state, p.digest, p.warm = c.State, c.Digest, false
	p.result.Parts++
	return nil
}

// tick runs one tick again. The record also tells what came out of the tick
// before it.
func (p *player) tick(t *journal.Tick) {
	if p.state == nil {
		return
	}
	if t.Number != p.state.Tick+1 {
		p.state = nil // ticks are missing: wait for the next checkpoint
		return
	}
	if p.options.To != 0 && t.Snapshot.Civil.UnixMilli > p.options.To {
		p.over = true
	}
	if p.warm && [8]byte(p.digest.Chain[:8]) != t.Chain {
		what := differences("orders", reflect.ValueOf(&p.state.Ordered).Elem(), reflect.ValueOf(t.Ordered).Elem())
		if len(what) == 0 {
			what = []string{"the orders are the same; an event, an entry or the state differs"}
		}
		p.differ(t.Number-1, p.civil, what)
		return
	}
	if p.over {
		return
	}
	p.in.Snapshot, p.in.Requests, p.in.Plan = *t.Snapshot, t.Requests, t.Plan
	control.Step(p.unit, p.state, &p.in, p.next, p.out)
	p.state, p.next = p.next, p.state
	p.digest.Add(p.state, p.out)
	p.warm, p.civil = true, t.Snapshot.Civil
	p.result.Ticks++
	p.result.Hash = p.digest.Sum()
	if p.options.Tick != nil && t.Snapshot.Civil.UnixMilli >= p.options.From {
		p.options.Tick(t.Snapshot, p.state, p.out)
	}
}

func (p *player) differ(tick uint64, at bess.Civil, what []string) {
	p.result.Same, p.result.Differs, p.result.UnixMilli, p.result.What = false, tick, at.UnixMilli, what
}

// maxDifferences is how many differing fields are named.
const maxDifferences = 12

// differences names the exported fields in which two values differ: got from
// the replay, had from the journal.
func differences(name string, got, had reflect.Value) []string {
	var list []string
	var walk func(name string, a, b reflect.Value)
	walk = func(name string, a, b reflect.Value) {
		switch {
		case len(list) >= maxDifferences:
		case a.Kind() == reflect.Struct:
			for i := range a.NumField() {
				if f := a.Type().Field(i); f.IsExported() {
					walk(name+"."+f.Name, a.Field(i), b.Field(i))
				}
			}
		case a.Kind() == reflect.Slice || a.Kind() == reflect.Array:
			if a.Len() != b.Len() {
				list = append(list, fmt.Sprintf("%s has %d elements, recorded were %d", name, a.Len(), b.Len()))
				return
			}
			for i := range a.Len() {
				walk(fmt.Sprintf("%s[%d]", name, i), a.Index(i), b.Index(i))
			}
		case a.Comparable() && !a.Equal(b):
			list = append(list, fmt.Sprintf("%s is %v, recorded was %v", name, a.Interface(), b.Interface()))
		}
	}
	walk(name, got, had)
	return list
}
