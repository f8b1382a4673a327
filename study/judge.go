package study

import (
	"fmt"

	"reprise/bess"
	"reprise/control"
	"reprise/control/safety"
	"reprise/scenario"
)

// Outcome is what became of one expectation of the story.
type Outcome struct {
	Line  string // as written
	Place string // file:line
	At    bess.Span
	Held  bool
	Found string // what was there instead
}

// Judge checks the expectations of a story against the machine as it truly is,
// and against the controller's word where only that exists.
type Judge struct {
	sc       *scenario.Scenario
	next     int
	open     []pending
	Outcomes []Outcome
}

type pending struct {
	line  *scenario.Line
	until bess.Span
}

// NewJudge judges a scenario from its start.
func NewJudge(sc *scenario.Scenario) *Judge { return &Judge{sc: sc} }

// Look judges what is due at span now.
func (j *Judge) Look(l *Loop, now bess.Span) {
	for j.next < len(j.sc.Story) && j.sc.Story[j.next].At <= now {
		line := &j.sc.Story[j.next]
		j.next++
		if _, ok := line.Statement.(scenario.Expect); ok {
			j.open = append(j.open, pending{line: line, until: line.At + max(line.Within, line.Hold)})
		}
	}
	kept := j.open[:0]
	for _, p := range j.open {
		e := p.line.Statement.(scenario.Expect)
		held, found := meets(l, &e)
		switch {
		case held && p.line.Hold == 0, !held && p.line.Hold > 0, now >= p.until:
			j.close(p.line, now, held, found)
		default:
			kept = append(kept, p)
		}
	}
	j.open = kept
}

// Finish judges what the end of the study leaves open.
func (j *Judge) Finish(l *Loop, now bess.Span) {
	for _, p := range j.open {
		e := p.line.Statement.(scenario.Expect)
		held, found := meets(l, &e)
		j.close(p.line, now, held, found)
	}
	j.open = nil
}

func (j *Judge) close(line *scenario.Line, now bess.Span, held bool, found string) {
	o := Outcome{Line: line.Text, Place: fmt.Sprint(line.Place), At: now, Held: held}
	if !held {
		o.Found = found
	}
	j.Outcomes = append(j.Outcomes, o)
}

// meets compares an expectation with the machine.
func meets(l *Loop, e *scenario.Expect) (held bool, found string) {
	if e.Aspect == scenario.AlarmOn {
		held := alarmed(l.State(), e)
		return held != e.Not, "the alarms are " + alarmNames(l.State())
	}
	if e.Aspect == scenario.State {
		word := stateWord(l, e)
		return word == e.Word, "it is " + word
	}
	x, ok := measure(l, e)
	if !ok {
		return false, "it is not known"
	}
	return x >= e.Low && x <= e.High, fmt.Sprintf("it is %.6g", x)
}

func alarmed(s *control.State, e *scenario.Expect) bool {
	for i := range s.Verdict.Alarms {
		a := &s.Verdict.Alarms[i]
		rule, _ := safety.Describe(a.Rule)
		if (e.Rule == "" || rule.Name == e.Rule) && (e.Index < 0 || a.Subject.Kind == e.On && a.Subject.Index == e.Index) &&
			(!e.Latch || a.Latched) {
			return true
		}
	}
	return false
}

func alarmNames(s *control.State) string {
	names := ""
	for i := range s.Verdict.Alarms {
		rule, _ := safety.Describe(s.Verdict.Alarms[i].Rule)
		names += fmt.Sprintf(" %s on %s %d", rule.Name, s.Verdict.Alarms[i].Subject.Kind, s.Verdict.Alarms[i].Subject.Index+1)
	}
	if names == "" {
		return "none"
	}
	return names[1:]
}

func stateWord(l *Loop, e *scenario.Expect) string {
	s, now := l.State(), l.In.Snapshot.Now
	onOff := func(on bool, yes, no string) string {
		if on {
			return yes
		}
		return no
	}
	switch e.Of {
	case scenario.OfPack:
		return s.Stages.Packs[e.Index].String()
	case scenario.OfOutlet:
		switch e.Word {
		case "on", "off":
			return onOff(!s.Standing.OutletOff[e.Index], "on", "off")
		case "silent":
			return onOff(l.In.Snapshot.Outlets[e.Index].Online.Is(now, bess.Minute), "online", "silent")
		}
		return s.Session.Visits[e.Index].State.String()
	case scenario.OfCircuit:
		return onOff(l.In.Snapshot.Circuits[e.Index].Closed.Is(now, 2*bess.Second) && l.World.Truth().PhaseVolts[0] > 100, "on", "off")
	case scenario.OfFeeder:
		return onOff(l.In.Snapshot.Feeders[e.Index].Contactor.Is(now, 2*bess.Second), "closed", "open")
	case scenario.OfGenerator:
		return s.Stages.Generators[e.Index].String()
	case scenario.OfNetwork:
		return s.Stages.Network.String()
	case scenario.OfInverter:
		mode, ok := l.In.Snapshot.Inverter.Mode.Fresh(now, 2*bess.Second)
		if !ok {
			return "unknown"
		}
		return bess.InverterMode(mode).String()
	case scenario.OfService:
		return s.Stages.Service.String()
	case scenario.OfPromise:
		p, _ := promised(s, e.Index, e.From)
		return promiseWord(&p)
	case scenario.OfBus, scenario.OfStore, scenario.OfAlarm:
	}
	return "unknown"
}

func measure(l *Loop, e *scenario.Expect) (float64, bool) {
	s, t := l.State(), l.World.Truth()
	sign := 1.0
	if e.Aspect == scenario.Draw {
		sign = -1
	}
	switch e.Of {
	case scenario.OfPack:
		p := &t.Packs[e.Index]
		switch e.Aspect {
		case scenario.SoC:
			return float64(p.SoC), true
		case scenario.Hot:
			return float64(p.Hot), true
		case scenario.Volts:
			return float64(p.Volts), true
		default:
			return sign * float64(p.Volts.Times(p.Current)), true
		}
	case scenario.OfOutlet:
		switch e.Aspect {
		case scenario.Delivered:
			return float64(s.Session.Visits[e.Index].Delivered), true
		case scenario.SoC:
			v, ok := l.World.Vehicle(bess.OutletID(e.Index))
			return float64(v.SoC), ok
		default:
			return float64(t.OutletNow[e.Index]), true
		}
	case scenario.OfPromise:
		p, ok := promised(s, e.Index, e.From)
		return float64(p.Energy), ok && p.Made
	case scenario.OfCircuit:
		return float64(t.CircuitNow[e.Index]), true
	case scenario.OfFeeder:
		return sign * float64(t.FeederNow[e.Index]), true
	case scenario.OfNetwork:
		if e.Aspect == scenario.Hertz {
			return float64(t.Hertz), true
		}
		return float64(t.PhaseVolts[0]), true
	case scenario.OfInverter:
		p, ok := l.In.Snapshot.Inverter.Power.Fresh(l.In.Snapshot.Now, 2*bess.Second)
		return sign * float64(p), ok
	case scenario.OfBus:
		return float64(t.BusVolts), true
	case scenario.OfStore:
		if e.Aspect == scenario.Deliverable {
			return float64(s.Estimates.Unit.Deliverable), true
		}
		return float64(s.Estimates.Unit.SoC), true
	case scenario.OfGenerator, scenario.OfService, scenario.OfAlarm:
	}
	return 0, false
}

// promised is the promise to the vehicle at an outlet, or to the next one that is
// booked there; with from, to that one whose booking begins then.
func promised(s *control.State, outlet int, from int64) (bess.Promise, bool) {
	v := &s.Session.Visits[outlet]
	here := v.State != bess.VisitNone && v.State != bess.VisitGone
	if here && (from == 0 && v.Need > 0 || from != 0 && v.From.UnixMilli == from) {
		return v.Promise, true
	}
	var next *bess.Visit
	for k := range s.Session.Bookings {
		b := &s.Session.Bookings[k]
		if b.State != bess.VisitBooked || s.Session.Targets[k] != outlet || from != 0 && b.From.UnixMilli != from {
			continue
		}
		if next == nil || b.From.UnixMilli < next.From.UnixMilli {
			next = b
		}
	}
	if next == nil {
		return bess.Promise{}, false
	}
	return next.Promise, true
}

// promiseWord is the state of a promise in the words of the story.
func promiseWord(p *bess.Promise) string {
	switch {
	case p.Broken:
		return "broken"
	case p.Waits != bess.CauseNone:
		return "waiting"
	case p.Made:
		return "in force"
	}
	return "none"
}
