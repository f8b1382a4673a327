package storm

import (
	"context"
	"fmt"
	"slices"

	"reprise/bess"
)

// Shrunk is the shortest story that was found to break the same promise.
type Shrunk struct {
	Plan      *Plan
	Violation Violation
	Tries     int
}

// Shrink looks for a shorter story with the same violation: it cuts the end,
// takes away lines in ever smaller groups (delta debugging), then parts of the
// unit that no line names, then the weather. It gives up at most tries plays.
func Shrink(ctx context.Context, seed uint64, checker string, tries int) (*Shrunk, error) {
	p := Draw(seed)
	out, err := PlayPlan(ctx, p, Options{Caretaker: true, Until: checker})
	if err != nil {
		return nil, err
	}
	k := &shrinker{ctx: ctx, checker: checker, left: tries, care: checker == (*restored)(nil).Name()}
	if !k.care {
		p.mended(out.Mended)
	}
	if !k.breaks(p) {
		return nil, fmt.Errorf("storm %d: %s does not break when the story is played from its text", seed, checker)
	}
	k.cut()
	k.lines()
	k.parts()
	k.lines()
	k.cut()
	if k.care {
		if out, err = PlayPlan(ctx, k.best, Options{Caretaker: true, Until: checker}); err != nil {
			return nil, err
		}
		k.best.mended(out.Mended)
	}
	return &Shrunk{Plan: k.best, Violation: k.what, Tries: tries - k.left}, ctx.Err()
}

// mended makes what the caretaker did part of the story, so that it plays
// alone.
func (p *Plan) mended(lines []Line) {
	p.Lines = append(slices.Clone(lines), p.Lines...)
	p.sort()
}

// shrinker keeps the best plan so far. Whether service comes back is judged
// with somebody there who does what is a person's to do; else every story that
// stops the unit would do.
type shrinker struct {
	care    bool
	ctx     context.Context
	checker string
	left    int
	best    *Plan
	what    Violation
}

// breaks plays a candidate and keeps it when it still breaks the promise.
func (k *shrinker) breaks(p *Plan) bool {
	if k.left <= 0 || k.ctx.Err() != nil {
		return false
	}
	k.left--
	out, err := PlayPlan(k.ctx, p, Options{Caretaker: k.care, Until: k.checker, Only: []string{k.checker}})
	if err != nil {
		return false // a candidate that is no unit, or no story
	}
	for _, v := range out.Violations {
		if v.Checker == k.checker {
			k.best, k.what = p, v
			return true
		}
	}
	return false
}

// cut ends the story soon after the violation.
func (k *shrinker) cut() {
	p := k.best.clone()
	end := k.what.At + bess.Minute
	end += bess.Minute - end%bess.Minute
	if end >= p.For || k.care { // that is judged at the end

		return
	}
	p.For = end
	p.Lines = slices.DeleteFunc(p.Lines, func(l Line) bool { return l.At > k.what.At })
	k.breaks(p)
}

// lines takes away lines: halves, quarters and so on, down to single ones. A
// fault and its end are tried together first.
func (k *shrinker) lines() {
	for n := max(len(k.best.Lines)/2, 1); ; n = n / 2 {
		for at := 0; at < len(k.best.Lines); {
			p := k.best.clone()
			p.Lines = slices.Delete(p.Lines, at, min(at+n, len(p.Lines)))
			if !k.breaks(p) {
				at += n
			}
		}
		if n <= 1 {
			return
		}
	}
}

// parts takes away what no line names: packs, outlets, circuits, supplies.
func (k *shrinker) parts() {
	for _, part := range []bess.SubjectKind{bess.OfOutlet, bess.OfCircuit, bess.OfPack, bess.OfFeeder} {
		for i := k.best.count(part) - 1; i >= 0; i-- {
			if p := k.best.clone(); p.remove(part, i) {
				k.breaks(p)
			}
		}
	}
	p := k.best.clone()
	p.Sun = 0
	k.breaks(p)
}

// clone shares nothing with p.
func (p *Plan) clone() *Plan {
	q := *p
	q.Lines = slices.Clone(p.Lines)
	m := &q.Machine
	m.Packs, m.Feeders = slices.Clone(m.Packs), slices.Clone(m.Feeders)
	m.Circuits, m.Outlets = slices.Clone(m.Circuits), slices.Clone(m.Outlets)
	return &q
}

// count is how many parts of a kind the plan's unit has.
func (p *Plan) count(part bess.SubjectKind) int {
	switch part {
	case bess.OfPack, bess.OfConverter:
		return len(p.Machine.Packs)
	case bess.OfFeeder:
		return len(p.Machine.Feeders)
	case bess.OfCircuit:
		return len(p.Machine.Circuits)
	case bess.OfOutlet:
		return len(p.Machine.Outlets)
	default:
		return 1
	}
}

// remove takes part i away and counts the parts in the lines anew. It reports
// false when a line names it.
func (p *Plan) remove(part bess.SubjectKind, i int) bool {
	same := func(k bess.SubjectKind) bool {
		return k == part || part == bess.OfPack && k == bess.OfConverter
	}
	for _, l := range p.Lines {
		if same(l.Part) && l.Index == i {
			return false
		}
	}
	for n := range p.Lines {
		if l := &p.Lines[n]; same(l.Part) && l.Index > i {
			l.Index--
		}
	}
	m := &p.Machine
	switch part {
	case bess.OfPack:
		m.Packs = slices.Delete(m.Packs, i, i+1)
	case bess.OfFeeder:
		m.Feeders = slices.Delete(m.Feeders, i, i+1)
	case bess.OfCircuit:
		m.Circuits = slices.Delete(m.Circuits, i, i+1)
	default:
		m.Outlets = slices.Delete(m.Outlets, i, i+1)
	}
	return true
}
