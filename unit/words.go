package unit

import (
	"fmt"
	"strings"

	"reprise/bess"
)

// place is a part of the machine by the name that people gave it.
func place(u *bess.Unit, s bess.Subject) string {
	i := s.Index
	name := ""
	switch s.Kind {
	case bess.OfPack:
		if i >= 0 && i < len(u.Packs) {
			name = u.Packs[i].Name
		}
	case bess.OfConverter:
		if i >= 0 && i < len(u.Converters) {
			name = u.Converters[i].Name
		}
	case bess.OfFeeder:
		if i >= 0 && i < len(u.Feeders) {
			name = u.Feeders[i].Name
		}
	case bess.OfCircuit:
		if i >= 0 && i < len(u.Circuits) {
			name = u.Circuits[i].Name
		}
	case bess.OfOutlet:
		if i >= 0 && i < len(u.Outlets) {
			name = u.Outlets[i].Name
		}
	case bess.OfBus:
		return "DC bus"
	case bess.OfIO:
		return "I/O module"
	case bess.OfInverter:
		if u.Inverter.Name != "" {
			return u.Inverter.Name
		}
		return "Inverter"
	case bess.OfUnit:
		return "Unit"
	}
	if name != "" {
		return name
	}
	return fmt.Sprintf("%s %d", capital(s.Kind.String()), i+1)
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// targetOf is the part that a request speaks of.
func targetOf(r *bess.Request) bess.Subject {
	kind := bess.OfUnit
	switch r.Verb {
	case bess.OutletOn, bess.OutletOff, bess.VisitNeed, bess.VisitEnd, bess.Booking:
		kind = bess.OfOutlet
	case bess.CircuitOn, bess.CircuitOff, bess.CircuitPriority:
		kind = bess.OfCircuit
	case bess.PackOut, bess.PackIn:
		kind = bess.OfPack
	case bess.FeederRecord, bess.FeederOn, bess.FeederOff, bess.GeneratorRun, bess.GeneratorAuto:
		kind = bess.OfFeeder
	default: // the unit as a whole
	}
	return bess.Subject{Kind: kind, Index: r.Target}
}

// sentence is an event in one sentence.
func (m *Machine) sentence(e *bess.Event) string {
	where := place(m.unit, e.Subject)
	switch e.Kind {
	case bess.EventAlarmRaised:
		return m.rules[e.Rule].What
	case bess.EventAlarmCleared:
		return "Ended: " + m.rules[e.Rule].What
	case bess.EventPackStage:
		return fmt.Sprintf("%s is %s (was %s).", where, bess.PackStage(e.To), bess.PackStage(e.From))
	case bess.EventNetwork:
		return fmt.Sprintf("The network is %s (was %s).", network(bess.NetworkState(e.To)), network(bess.NetworkState(e.From)))
	case bess.EventService:
		return fmt.Sprintf("The unit is %s.", bess.Service(e.To))
	case bess.EventGenerator:
		return fmt.Sprintf("%s is %s.", where, bess.GeneratorStage(e.To))
	case bess.EventVisit:
		return m.visitSentence(e)
	case bess.EventPromise:
		return fmt.Sprintf("%s was promised %.1f kWh: %s.", where, e.Value/1000, e.Cause.Sentence())
	case bess.EventRequest:
		verb := strings.ReplaceAll(bess.Verb(e.From).String(), "-", " ")
		if e.To == 1 {
			return fmt.Sprintf("Asked for %q: granted.", verb)
		}
		return fmt.Sprintf("Asked for %q: refused, %s.", verb, bess.Refusal(e.Value).Sentence())
	case bess.EventShed:
		return fmt.Sprintf("%s was switched off: %s.", where, e.Cause.Sentence())
	case bess.EventLimit:
		return fmt.Sprintf("%s is limited: %s.", where, e.Cause.Sentence())
	case bess.EventNone:
	}
	return ""
}

func (m *Machine) visitSentence(e *bess.Event) string {
	where := place(m.unit, e.Subject)
	switch bess.VisitState(e.To) {
	case bess.VisitGone, bess.VisitNone:
		if e.Value < 50 { // less than is shown
			return fmt.Sprintf("The vehicle left %s; nothing was charged.", where)
		}
		return fmt.Sprintf("The vehicle left %s with %.1f kWh.", where, e.Value/1000)
	case bess.VisitDone:
		return fmt.Sprintf("The vehicle at %s has what it needs, %.1f kWh.", where, e.Value/1000)
	case bess.VisitWaiting:
		return fmt.Sprintf("A vehicle waits at %s.", where)
	case bess.VisitCharging:
		return fmt.Sprintf("The vehicle at %s is charging.", where)
	case bess.VisitPaused:
		return fmt.Sprintf("The vehicle at %s is paused.", where)
	case bess.VisitBooked:
		return fmt.Sprintf("A vehicle was announced for %s.", where)
	}
	return ""
}

// network is a network state within a sentence.
func network(n bess.NetworkState) string {
	switch n {
	case bess.NetworkGrid:
		return "on the grid"
	case bess.NetworkGenerator:
		return "on the generator"
	case bess.NetworkIsland:
		return "an island"
	case bess.NetworkTransferring:
		return "being transferred"
	default:
		return "dead"
	}
}

// count is a small number as a word.
func count(n int, one, many string) string {
	words := [...]string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
	if n < 0 || n >= len(words) {
		return fmt.Sprintf("%d %s", n, many)
	}
	if n == 1 {
		return words[n] + " " + one
	}
	return words[n] + " " + many
}
