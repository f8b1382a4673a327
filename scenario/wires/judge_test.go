package wires

import (
	"fmt"
	"testing"

	"reprise/bess"
	"reprise/scenario"
	"reprise/twin"
)

// scene is what there is to judge: what the unit shows, what is true, and what the devices measure.
type scene struct {
	picture *bess.Picture
	truth   *twin.Truth
	sensed  *bess.Snapshot
}

// judge checks a story's expectations: states by what the unit shows to people, measures by the twin's truth.
type judge struct {
	sc   *scenario.Scenario
	next int
	open []pending
	kept int
}

type pending struct {
	line  *scenario.Line
	until bess.Span
}

func (j *judge) look(t *testing.T, s scene, now bess.Span) {
	for j.next < len(j.sc.Story) && j.sc.Story[j.next].At <= now {
		line := &j.sc.Story[j.next]
		j.next++
		if _, ok := line.Statement.(scenario.Expect); ok {
			j.open = append(j.open, pending{line: line, until: line.At + max(line.Within, line.Hold)})
		}
	}
	waiting := j.open[:0]
	for _, p := range j.open {
		e := p.line.Statement.(scenario.Expect)
		held, found := s.meets(&e)
		switch {
		case held && p.line.Hold == 0, held && now >= p.until:
			j.kept++
		case !held && p.line.Hold > 0, now >= p.until:
			t.Errorf("%v, at %.1f s: %s: %s", p.line.Place, float64(now)/1000, p.line.Text, found)
		default:
			waiting = append(waiting, p)
		}
	}
	j.open = waiting
}

func (j *judge) finish(t *testing.T) {
	for _, p := range j.open {
		if p.line.Hold == 0 {
			t.Errorf("%v: %s: the scenario ended before", p.line.Place, p.line.Text)
		}
	}
	if j.kept == 0 {
		t.Error("no expectation was met: the story proves nothing")
	}
}

func (s *scene) meets(e *scenario.Expect) (held bool, found string) {
	switch e.Aspect {
	case scenario.AlarmOn:
		names := ""
		held := false
		for i := range s.picture.Alarms {
			a := &s.picture.Alarms[i]
			names += fmt.Sprintf(" %s of %d", a.Rule, a.Subject)
			held = held || (e.Rule == "" || a.Rule == e.Rule) && (e.Index < 0 || a.Subject == e.Index) && (!e.Latch || a.Latched)
		}
		return held != e.Not, "the alarms are" + names
	case scenario.State:
		word := s.word(e)
		return word == e.Word, "it is " + word
	default:
		x, ok := s.measure(e)
		return ok && x >= e.Low && x <= e.High, fmt.Sprintf("it is %.6g (known: %v)", x, ok)
	}
}

func (s *scene) word(e *scenario.Expect) string {
	p := s.picture
	onOff := func(on bool) string {
		if on {
			return "on"
		}
		return "off"
	}
	switch e.Of {
	case scenario.OfPack:
		return p.Packs[e.Index].Stage
	case scenario.OfOutlet:
		switch e.Word {
		case "on", "off":
			return onOff(p.Outlets[e.Index].On)
		case "silent":
			if p.Outlets[e.Index].Online != "yes" {
				return "silent"
			}
			return "online"
		}
		return p.Outlets[e.Index].Visit.State
	case scenario.OfCircuit:
		return onOff(s.sensed.Circuits[e.Index].Closed.State == bess.Yes && s.truth.PhaseVolts[0] > 100)
	case scenario.OfFeeder:
		return p.Feeders[e.Index].State
	case scenario.OfGenerator:
		return p.Feeders[e.Index].Generator
	case scenario.OfNetwork:
		return p.Network
	case scenario.OfInverter:
		return p.Inverter.Mode
	case scenario.OfService:
		return p.Service
	default:
		return "not told on the page"
	}
}

func (s *scene) measure(e *scenario.Expect) (float64, bool) {
	t, sign := s.truth, 1.0
	if e.Aspect == scenario.Draw {
		sign = -1
	}
	switch e.Of {
	case scenario.OfPack:
		k := &t.Packs[e.Index]
		switch e.Aspect {
		case scenario.SoC:
			return float64(k.SoC), true
		case scenario.Hot:
			return float64(k.Hot), true
		case scenario.Volts:
			return float64(k.Volts), true
		default:
			return sign * float64(k.Volts.Times(k.Current)), true
		}
	case scenario.OfOutlet:
		return float64(t.OutletNow[e.Index]), e.Aspect == scenario.Draw
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
		return sign * float64(s.sensed.Inverter.Power.Value), s.sensed.Inverter.Power.Quality == bess.Good
	case scenario.OfBus:
		return float64(t.BusVolts), true
	default:
		return 0, false
	}
}
