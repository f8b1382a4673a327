package scenario

import (
	"math"

	"reprise/bess"
	"reprise/bess/si"
)

// stringer is an enumeration whose last value is followed by one that says "unknown".
type stringer interface {
	~uint8
	String() string
}

// statesOf are the words of an enumeration of package bess, up to the last one given.
func statesOf[T stringer](last T) []string {
	var words []string
	for v := T(0); v <= last; v++ {
		words = append(words, v.String())
	}
	return words
}

// expect reads what must be true.
func (r *lineReader) expect() Expect {
	e := Expect{Low: math.Inf(-1), High: math.Inf(1), Not: r.is("no")}
	topics := []string{"pack", "outlet", "promise", "circuit", "feeder", "generator", "network", "inverter", "service", "bus", "store", "deliverable", "alarm"}
	column := r.column()
	topic := r.one(topics...)
	if e.Not && topic != "alarm" {
		r.fail(column, "only an alarm can be expected not to be: write the state that is expected instead")
	}
	e.Of = Topic(topic)
	switch topic {
	case "pack":
		e.Index = r.pack()
		r.aspect(&e, statesOf(bess.PackService), Feed, Draw, SoC, Hot, Volts)
	case "outlet":
		e.Index = r.outlet()
		r.aspect(&e, append(statesOf(bess.VisitGone), "on", "off", "silent"), Draw, SoC, Delivered)
	case "promise":
		r.promise(&e)
	case "circuit":
		e.Index = r.circuit()
		r.aspect(&e, []string{"on", "off"}, Draw)
	case "feeder":
		e.Index = r.feeder()
		r.aspect(&e, []string{"open", "closed"}, Feed, Draw)
	case "generator":
		e.Index = r.feederOf(bess.Generator)
		r.aspect(&e, statesOf(bess.GeneratorFailed))
	case "network":
		r.aspect(&e, statesOf(bess.NetworkTransferring), Hertz, Volts)
	case "inverter":
		r.aspect(&e, statesOf(bess.InverterForm), Feed, Draw)
	case "service":
		r.aspect(&e, statesOf(bess.ServiceTransport))
	case "bus":
		e.Aspect = Volts
		e.Low, e.High = rangeOf(r, si.ParseVolts, "720..780 V")
	case "store":
		r.one("soc")
		e.Aspect = SoC
		e.Low, e.High = rangeOf(r, si.ParseRatio, "20..80 %")
	case "deliverable":
		e.Of, e.Aspect = OfStore, Deliverable
		e.Low, e.High = rangeOf(r, si.ParseWattHours, ">= 50 kWh")
	case "alarm":
		r.alarm(&e)
	}
	return e
}

// aspect reads a state, or the name of a measure with its range.
func (r *lineReader) aspect(e *Expect, states []string, measures ...Aspect) {
	known := states
	for _, m := range measures {
		known = append(known[:len(known):len(known)], string(m))
	}
	column := r.column()
	text := r.phrase(known)
	if text == "" {
		r.fail(column, "%q is not known here: write %s", r.peek(), orWords(known))
	}
	e.Aspect, e.Word = State, text
	for _, m := range measures {
		if text == string(m) {
			e.Aspect, e.Word = m, ""
		}
	}
	switch e.Aspect {
	case Draw, Feed:
		e.Low, e.High = rangeOf(r, si.ParseWatts, "7.0..7.4 kW")
	case SoC:
		e.Low, e.High = rangeOf(r, si.ParseRatio, "20..80 %")
	case Hot:
		e.Low, e.High = rangeOf(r, si.ParseCelsius, "<= 45 C")
	case Volts:
		e.Low, e.High = rangeOf(r, si.ParseVolts, "220..240 V")
	case Hertz:
		e.Low, e.High = rangeOf(r, si.ParseHertz, "49.5..50.5 Hz")
	case Delivered:
		e.Low, e.High = rangeOf(r, si.ParseWattHours, ">= 10 kWh")
	case State, Promised, Deliverable, AlarmOn:
	}
}

// promise reads "outlet N [from TIME] RANGE", or a state instead of the range. TIME is the one at which a booking
// begins; without it the vehicle that is there is meant, or the next one that is booked.
func (r *lineReader) promise(e *Expect) {
	r.one("outlet")
	e.Index, e.Aspect = r.outlet(), Promised
	if r.is("from") {
		e.From = r.moment()
	}
	if e.Word = r.phrase(PromiseWords()); e.Word != "" {
		e.Aspect = State
		return
	}
	if next := r.peek(); next != ">=" && next != "<=" && (next == "" || next[0] < '0' || next[0] > '9') {
		r.fail(r.column(), "what is expected of the promise is missing: write a range such as >= 10 kWh, or %s", orWords(PromiseWords()))
	}
	e.Low, e.High = rangeOf(r, si.ParseWattHours, ">= 10 kWh")
}

// PromiseWords are the states that a promise can be expected in: "none" was made, nor is one waited for; it is
// "waiting", not made yet or standing still; it is "in force"; it was "broken".
func PromiseWords() []string { return []string{"none", "waiting", "in force", "broken"} }

// phrase takes the longest of the known phrases that the next words spell, quoted or not; empty: none.
func (r *lineReader) phrase(known []string) string {
	best, words := "", 0
	text := ""
	for n := 1; r.at+n <= len(r.words) && n <= 5; n++ {
		if n > 1 {
			text += " "
		}
		text += r.words[r.at+n-1].text
		for _, k := range known {
			if k == text {
				best, words = k, n
			}
		}
	}
	r.at += words
	return best
}

// alarm reads "[RULE] [on SUBJECT] [latched]".
func (r *lineReader) alarm(e *Expect) {
	e.Aspect, e.Index = AlarmOn, -1
	if r.more() && r.peek() != "on" && r.peek() != "latched" {
		e.Rule = r.take("a rule")
	}
	if e.Rule == "" && !e.Not {
		r.fail(r.column(), "no rule is named: write its identifier, such as pack-temperature-trip")
	}
	if r.is("on") {
		e.On, e.Index, _ = r.subject()
	}
	e.Latch = r.is("latched")
}
