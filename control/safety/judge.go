package safety

import (
	"reprise/bess"
)

// View is what safety may see of a tick.
type View struct {
	Snap      *bess.Snapshot
	Estimates *bess.Estimates
	Stages    *bess.Stages
	Ordered   *bess.Commands // of the tick before, as clamped
	Standing  *bess.Standing
	Desk      *bess.Desk
}

// jumpAfter is a step of the wall clock against the monotonic one that is not
// a slow correction any more.
const jumpAfter = 2 * bess.Minute

// Judge evaluates every row on every subject and says what each part is held
// to. It answers the requests to reset a latch and to stop everything.
func (s *State) Judge(u *bess.Unit, in View, v *bess.Verdict) {
	v.Clear()
	if !s.fits(u, in) {
		s.broken(v)
		return
	}
	s.open(u, in)
	x := &s.eye
	x.stopping = s.wantsStop(in.Desk)
	for i := range u.Packs {
		x.lookAtPack(i, s.table.convOf[i], &s.Traces[i])
		s.sweep(bess.OfPack, i)
	}
	for i := range u.Converters {
		x.lookAtConverter(i)
		s.sweep(bess.OfConverter, i)
	}
	for i := range u.Feeders {
		x.lookAtFeeder(i)
		s.sweep(bess.OfFeeder, i)
	}
	for i := range u.Circuits {
		x.i, x.amps = i, highest(&in.Snap.Circuits[i].PhaseAmps, 0, x.now, meterAge)
		s.sweep(bess.OfCircuit, i)
	}
	for i := range u.Outlets {
		x.i, x.amps = i, highest(&in.Snap.Outlets[i].PhaseAmps, 0, x.now, stationAge)
		s.sweep(bess.OfOutlet, i)
	}
	x.i = 0
	s.sweep(bess.OfBus, 0)
	s.sweep(bess.OfInverter, 0)
	s.sweep(bess.OfIO, 0)
	s.sweep(bess.OfUnit, 0)
	s.answer(in.Desk)
	s.rule(u, v)
}

// fits reports whether state, unit and snapshot are of one size. They always
// are; if not, nothing may be trusted.
func (s *State) fits(u *bess.Unit, in View) bool {
	if s.table == nil || len(s.Marks) != len(s.table.limits) || len(s.Timers) != len(s.Marks) {
		return false
	}
	return s.table.counts == subjects(u) && len(in.Snap.Packs) == len(u.Packs) &&
		len(in.Snap.Converters) == len(u.Converters) && len(in.Snap.Feeders) == len(u.Feeders) &&
		len(in.Snap.Circuits) == len(u.Circuits) && len(in.Snap.Outlets) == len(u.Outlets)
}

// broken opens everything.
func (s *State) broken(v *bess.Verdict) {
	v.Unit = bess.Ruling{Level: bess.LevelOpenAll, Rule: stateBroken}
	spread(v, v.Unit)
	if cap(v.Alarms) > 0 {
		v.Alarms = append(v.Alarms, bess.Alarm{Rule: stateBroken, Level: bess.LevelOpenAll, Latched: true, Acting: true})
	}
}

// open prepares the tick: what all signals share, and the clocks.
func (s *State) open(u *bess.Unit, in View) {
	now := in.Snap.Now
	if s.Begun && now < s.Last {
		s.rebase(now)
	}
	x := &s.eye
	x.u, x.snap, x.est, x.stages, x.ordered, x.standing, x.now = u, in.Snap, in.Estimates, in.Stages, in.Ordered, in.Standing, now
	x.serving = in.Stages.Service == bess.ServiceStarting || in.Stages.Service == bess.ServiceOn
	x.jump = 0
	if s.Begun {
		x.jump = float64(in.Snap.Civil.UnixMilli-s.Wall) - float64(now.Since(s.Last))
	}
	s.Absence.Tick(now)
	if s.Absence.Just(fastAge) {
		x.now = now.Add(-s.Absence.Away)
	}
	if s.Absence.Just(1) {
		s.pause(s.Absence.Away)
	}
	x.bus = busVolts(in.Snap, x.now)
	s.Ticks, s.Last, s.Wall, s.Begun = s.Ticks+1, now, in.Snap.Civil.UnixMilli, true
}

// pause leaves the time in which nobody ran out of every time that runs: one bad
// sample before an absence has not lasted through it, nor has a good one.
func (s *State) pause(away bess.Span) {
	for i, mark := range s.Marks {
		t := &s.Timers[i]
		if mark&Qualifying != 0 {
			t.Since = t.Since.Add(away)
		}
		if mark&Gone != 0 {
			t.Gone = t.Gone.Add(away)
		}
	}
}

// rebase carries running times over a restart: the monotonic clock began anew,
// so every time that ran starts again from now. A latch stays a latch.
func (s *State) rebase(now bess.Instant) {
	for i := range s.Timers {
		s.Timers[i].Since, s.Timers[i].Gone = now, now
	}
	clear(s.Traces)
	s.Begun = false
}

// busVolts is the DC bus voltage by whoever measures it: the bus itself, the
// inverter, or any converter.
func busVolts(snap *bess.Snapshot, now bess.Instant) figure {
	if v := of(snap.Bus.Volts, now, fastAge); v.ok {
		return v
	}
	if v := of(snap.Inverter.DCVolts, now, fastAge); v.ok {
		return v
	}
	for i := range snap.Converters {
		if v := of(snap.Converters[i].BusVolts, now, fastAge); v.ok {
			return v
		}
	}
	return figure{}
}

// sweep evaluates every row of a kind on one subject. The quiet case is the
// usual one and costs a call and two comparisons. Rows that only inform are
// looked at in one of ten ticks while they are quiet.
func (s *State) sweep(kind bess.SubjectKind, i int) {
	t := s.table
	rows := t.rows[kind]
	base := t.blocks[kind] + i*len(rows)
	if turn := (s.Ticks + uint64(i)) % 10; turn != 0 {
		few := rows[:t.seldom[kind]]
		for k := range few {
			if s.Marks[base+k] > Seen {
				s.look(base+k, &few[k])
			}
		}
		rows, base = rows[len(few):], base+len(few)
	}
	// The lengths are cut so that the compiler sees that they are one.
	marks, bounds := s.Marks[base:][:len(rows)], t.bounds[base:][:len(rows)]
	x := &s.eye
	value, known := 0.0, false
	for k := range rows {
		r := &rows[k]
		if !r.again {
			value, known = r.signal(x)
		}
		if known && marks[k] <= Seen && value*r.sign <= bounds[k] {
			marks[k] = Seen
			continue
		}
		s.advance(base+k, r.rule, value, known)
	}
}

// look evaluates one row.
func (s *State) look(cell int, r *row) {
	value, known := r.signal(&s.eye)
	s.advance(cell, r.rule, value, known)
}

// advance takes one row that is not quiet one tick on.
func (s *State) advance(cell int, r *Rule, value float64, known bool) {
	known = known && value-value == 0 // NaN and infinity are no measurements
	bad := known && r.over(value, s.table.limits[cell])
	mark, t := s.Marks[cell], &s.Timers[cell]
	was := mark
	if known {
		mark |= Seen
	}
	switch {
	case mark&Acting != 0:
		mark = s.hold(cell, r, mark, value, known, bad)
	case mark&Qualifying != 0:
		mark = s.qualify(cell, r, mark, value, known, bad)
	case bad:
		*t = Timer{Since: s.Last, Value: value}
		mark = s.qualify(cell, r, mark|Qualifying, value, true, true)
	case !known && r.Unknown.Trips && (mark&Seen != 0 || !r.Unknown.Once):
		*t = Timer{Since: s.Last}
		mark = s.qualify(cell, r, mark|Qualifying|Blind, 0, false, false)
	}
	if awake, is := was&^Seen != 0, mark&^Seen != 0; awake != is {
		s.Awake--
		if is {
			s.Awake += 2
		}
	}
	s.Marks[cell] = mark
}

// qualify: a running time. An unknown does not stop it; only a known good
// value does.
func (s *State) qualify(cell int, r *Rule, mark Mark, value float64, known, bad bool) Mark {
	t := &s.Timers[cell]
	if known && !bad {
		return mark &^ (Qualifying | Blind)
	}
	if bad {
		if mark&Blind != 0 { // back, and bad: now it is seen
			mark &^= Blind
			t.Since = s.Last
		}
		t.Value = value
	}
	need := r.Qualify
	if mark&Blind != 0 {
		need = r.Unknown.After
	}
	if s.Last.Since(t.Since) >= need {
		return mark&^Qualifying | Acting
	}
	return mark
}

// hold: an acting row. It ends by itself when it may; a latch keeps acting and
// only notes that its condition is gone.
func (s *State) hold(cell int, r *Rule, mark Mark, value float64, known, bad bool) Mark {
	t := &s.Timers[cell]
	mark &^= Mute
	switch {
	case bad:
		t.Value = value
		return mark &^ (Gone | Blind)
	case !known:
		return mark&^Gone | Mute
	case !r.back(value, s.table.limits[cell]):
		return mark &^ Gone
	case mark&Gone == 0:
		t.Gone = s.Last
		mark |= Gone
	}
	if s.Last.Since(t.Gone) >= r.Clear.After && (!r.Latches() || mark&Blind != 0) {
		*t = Timer{}
		return mark & Seen
	}
	return mark
}

// wantsStop grants every wish to stop everything, whoever has it.
func (s *State) wantsStop(d *bess.Desk) bool {
	if d == nil {
		return false
	}
	wanted := false
	for i := range d.Requests {
		if d.Requests[i].Verb == bess.EmergencyStopWanted && d.Pending(i) {
			wanted = true
			d.Grant(i)
		}
	}
	return wanted
}

// answer grants or refuses the resets.
func (s *State) answer(d *bess.Desk) {
	if d == nil {
		return
	}
	for i := range d.Requests {
		if d.Requests[i].Verb != bess.ResetLatch || !d.Pending(i) {
			continue
		}
		if why := s.reset(&d.Requests[i]); why == bess.RefusedNot {
			d.Grant(i)
		} else {
			d.Refuse(i, why)
		}
	}
}

// reset ends a latch whose condition is gone, if its source may. What only a
// person at the unit may clear is refused to everybody else: no remote order
// recloses an RCD, insulation or emergency-stop trip.
func (s *State) reset(q *bess.Request) bess.Refusal {
	cell, ok := s.table.cell(bess.RuleID(q.Number), q.Target)
	if !ok || q.Number < 0 || q.Number > int(^bess.RuleID(0)) {
		return bess.RefusedNoTarget
	}
	r, subject := s.table.at(cell)
	mark, t := s.Marks[cell], &s.Timers[cell]
	switch {
	case q.By != bess.SourceOperator && (r.Clear.By == ClearedAtUnit || q.By != bess.SourceFleet):
		return bess.RefusedPersonNeeded
	case mark&Acting == 0:
		return bess.RefusedNot // nothing is latched: a second press does no harm
	case mark&Mute != 0 && q.By == bess.SourceOperator && s.asleep(subject) && (!r.heat() || mark&Blind != 0):
	case mark&Gone == 0 || s.Last.Since(t.Gone) < r.Clear.After:
		return bess.RefusedLatched
	}
	*t = Timer{}
	s.Marks[cell] = mark & Seen
	s.Awake--
	return bess.RefusedNot
}

// asleep reports a pack with open contactors. Its management system sleeps
// while a rule keeps it open, so its readings would never come back to show
// that the condition is gone. A person may then end the latch: the pack is
// woken and must report all readings before it closes, and the rows judge them.
// Not so where heat was seen: that pack is kept awake, and only its own readings
// show that it has cooled.
func (s *State) asleep(subject bess.Subject) bool {
	if subject.Kind != bess.OfPack {
		return false
	}
	switch s.eye.stages.Packs[subject.Index] {
	case bess.PackClosing, bess.PackJoined, bess.PackLeaving, bess.PackOpening:
		return false
	default:
		return true
	}
}
