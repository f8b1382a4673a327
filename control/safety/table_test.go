package safety

import (
	"testing"

	"reprise/bess"
)

// acting reports whether a row acts on a subject.
func (b *bench) acting(id bess.RuleID, subject int) bool {
	cell, ok := b.state.table.cell(id, subject)
	return ok && b.state.Marks[cell]&Acting != 0
}

func (b *bench) limit(id bess.RuleID, subject int) float64 {
	cell, _ := b.state.table.cell(id, subject)
	return b.state.table.limits[cell]
}

func cases() []rowCase {
	all := append(packCases(), busCases()...)
	all = append(all, feederCases()...)
	return append(all, loadCases()...)
}

// TestEveryRow drives every row of the table: quiet just inside its limit, acts
// just outside it, not before and not long after its qualifying time, and ends
// as it declares.
func TestEveryRow(t *testing.T) {
	tested := map[bess.RuleID]bool{operatorStop: true, alarmsOverflow: true, stateBroken: true, signalLost: true}
	for _, c := range cases() {
		r, ok := Describe(c.id)
		if !ok {
			t.Errorf("case for a row %d that does not exist", c.id)
			continue
		}
		tested[c.id] = true
		t.Run(r.Name, func(t *testing.T) { c.drive(t, &r) })
	}
	for _, r := range Rules() {
		if !tested[r.ID] {
			t.Errorf("the row %s has no case", r.Name)
		}
	}
}

func (c rowCase) drive(t *testing.T, r *Rule) {
	b := newBench()
	if c.prep != nil {
		c.prep(b)
	}
	limit := b.limit(c.id, c.subject)
	slight := max(1e-4, 1e-4*max(limit, -limit))
	inside, outside := limit-slight, limit+slight
	switch {
	case !r.Above:
		inside, outside = outside, inside
	case r.Bound == "yes":
		inside, outside = 0, 1
	}
	b.hurt = func(b *bench) { c.set(b, inside) }
	b.run(3*bess.Second + r.Qualify)
	if b.acting(c.id, c.subject) {
		t.Fatalf("acts at %v, inside its limit %v", inside, limit)
	}
	b.hurt = func(b *bench) { c.set(b, outside) }
	slack := 100 * bess.Millisecond
	if informs(r) {
		slack = bess.Second // looked at once a second while quiet
	}
	from := b.snap.Now
	for !b.acting(c.id, c.subject) && b.snap.Now.Since(from) < r.Qualify+5*bess.Second {
		b.tick()
		if b.snap.Now.Since(from) > 100 && c.id == clockJumped {
			break
		}
	}
	took := b.snap.Now.Since(from) - 100*bess.Millisecond
	if !b.acting(c.id, c.subject) || took < r.Qualify || took > r.Qualify+slack {
		t.Fatalf("at %v beyond %v: acting %v after %v ms, want %v..%v", outside, limit, b.acting(c.id, c.subject), took, r.Qualify, r.Qualify+slack)
	}
	c.release(t, b, r)
}

// release heals the machine and looks how the row ends.
func (c rowCase) release(t *testing.T, b *bench, r *Rule) {
	heal := 0.0
	switch {
	case r.Bound == "yes":
	case r.Above:
		heal = b.limit(c.id, c.subject) - r.Clear.Back - 1e-3
	default:
		heal = b.limit(c.id, c.subject) + r.Clear.Back + 1e-3
	}
	b.hurt = func(b *bench) { c.set(b, heal) }
	if c.id == clockJumped {
		b.hurt = nil
	}
	if r.Clear.After > 200 {
		b.run(r.Clear.After - 100)
		if !b.acting(c.id, c.subject) {
			t.Fatalf("ended before its clearing time %v", r.Clear.After)
		}
		if r.Latches() && b.reset(r, c.subject, bess.SourceOperator) != bess.RefusedLatched {
			t.Errorf("reset before its condition was gone long enough")
		}
	}
	b.run(500)
	if !r.Latches() {
		if b.acting(c.id, c.subject) {
			t.Fatalf("still acts %v after its condition was gone", r.Clear.After)
		}
		return
	}
	b.run(bess.Minute)
	if !b.acting(c.id, c.subject) {
		t.Fatal("a latch ended by itself")
	}
	if b.reset(r, c.subject, bess.SourceDriver) != bess.RefusedPersonNeeded {
		t.Error("a driver may reset it")
	}
	remote := b.reset(r, c.subject, bess.SourceFleet)
	if at := r.Clear.By == ClearedAtUnit; at && remote != bess.RefusedPersonNeeded || !at && remote != bess.RefusedNot {
		t.Errorf("a remote reset was answered %v", remote)
	}
	if why := b.reset(r, c.subject, bess.SourceOperator); why != bess.RefusedNot || b.acting(c.id, c.subject) {
		t.Errorf("the operator's reset was answered %v, acting %v", why, b.acting(c.id, c.subject))
	}
}

// reset asks for a reset and returns the refusal.
func (b *bench) reset(r *Rule, subject int, by bess.Source) bess.Refusal {
	b.tick(bess.Request{ID: 1, By: by, Verb: bess.ResetLatch, Number: int(r.ID), Target: subject, Expires: bess.Forever})
	return b.desk.Answers[0].Why
}

func TestTableIsSound(t *testing.T) {
	ids, names := map[bess.RuleID]bool{}, map[string]bool{}
	for _, r := range Rules() {
		if r.ID == 0 || ids[r.ID] || names[r.Name] || r.Name == "" {
			t.Errorf("row %d %q: number or name is missing or taken twice", r.ID, r.Name)
		}
		ids[r.ID], names[r.Name] = true, true
		if r.Watches == "" || r.Bound == "" || r.What == "" || r.Did == "" || r.MayDo == "" || r.Why == "" || r.signal == nil {
			t.Errorf("%s: a text or its signal is missing", r.Name)
		}
		if r.Level == bess.LevelNone || (r.Level == bess.LevelDerate) != (r.Factor > 0 && r.Factor < 1) {
			t.Errorf("%s: level %v with factor %v", r.Name, r.Level, r.Factor)
		}
		if r.Level == bess.LevelOpenAll && r.Reach != 0 {
			t.Errorf("%s: open all reaches everything", r.Name)
		}
	}
}
