package unit

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"reprise/bess"
	"reprise/bess/si"
)

// allParts are the parts of the unit in the order of a page.
func (m *Machine) allParts() []bess.Subject {
	list := make([]bess.Subject, 0, 2+len(m.unit.Feeders)+len(m.unit.Packs)+len(m.unit.Circuits)+len(m.unit.Outlets))
	add := func(kind bess.SubjectKind, n int) {
		for i := range n {
			list = append(list, bess.Subject{Kind: kind, Index: i})
		}
	}
	add(bess.OfUnit, 1)
	add(bess.OfFeeder, len(m.unit.Feeders))
	add(bess.OfInverter, 1)
	add(bess.OfPack, len(m.unit.Packs))
	add(bess.OfCircuit, len(m.unit.Circuits))
	add(bess.OfOutlet, len(m.unit.Outlets))
	return list
}

// choice is what dispatch or sequence decided for a part, and what safety holds
// it to.
func (m *Machine) choice(p bess.Subject) (why bess.Cause, by bess.Source, ruling bess.Ruling) {
	s := m.state
	switch p.Kind {
	case bess.OfPack:
		why, by, ruling = s.Split.Packs[p.Index].Why, s.Split.Packs[p.Index].By, s.Verdict.Packs[p.Index]
	case bess.OfFeeder:
		why, by, ruling = s.Split.Feeders[p.Index].Why, s.Split.Feeders[p.Index].By, s.Verdict.Feeders[p.Index]
	case bess.OfCircuit:
		why, by, ruling = s.Split.Circuits[p.Index].Why, s.Split.Circuits[p.Index].By, s.Verdict.Circuits[p.Index]
	case bess.OfOutlet:
		o := &s.Ordered.Outlets[p.Index]
		why, by, ruling = o.Why, o.Lease.By, s.Verdict.Outlets[p.Index]
		if why == bess.CauseNone {
			why = s.Wants[p.Index].Why
		}
	case bess.OfInverter:
		by, ruling = s.Ordered.Inverter.Lease.By, s.Verdict.Inverter
	default: // the unit as a whole
		why, ruling = s.Stages.Step, s.Verdict.Unit
	}
	if s.Verdict.Unit.Level > ruling.Level {
		ruling = s.Verdict.Unit
	}
	return why, by, ruling
}

// sameness is what must stay equal for a part to be as it was.
func (m *Machine) sameness(p bess.Subject) sameAs {
	why, _, ruling := m.choice(p)
	key := sameAs{why: why, level: ruling.Level, rule: ruling.Rule}
	if ruling.Level > bess.LevelInform { // the rule decides, whatever else were reason enough
		key.why = bess.CauseNone
	}
	switch p.Kind {
	case bess.OfPack:
		key.state = uint8(m.state.Stages.Packs[p.Index])
	case bess.OfOutlet:
		key.state = uint8(m.state.Session.Visits[p.Index].State)
	case bess.OfCircuit:
		key.state = uint8(m.in.Snapshot.Circuits[p.Index].Closed.State)
	case bess.OfFeeder:
		key.state = uint8(m.in.Snapshot.Feeders[p.Index].Contactor.State)
	case bess.OfInverter:
		key.state = uint8(m.state.Ordered.Inverter.Mode)
	case bess.OfUnit:
		key.state = uint8(m.state.Stages.Service)
	default: // nothing else has a state of its own
	}
	return key
}

// partNamed is the part that a person means: its name, or its kind and its
// number counted from one.
func partNamed(u *bess.Unit, text string) (bess.Subject, error) {
	m := &Machine{unit: u}
	var known []string
	for _, p := range m.allParts() {
		name := place(u, p)
		kinds := []string{p.Kind.String()}
		if p.Kind == bess.OfFeeder {
			kinds = append(kinds, "supply")
		}
		for _, kind := range kinds {
			if strings.EqualFold(text, name) || strings.EqualFold(text, kind+" "+strconv.Itoa(p.Index+1)) || strings.EqualFold(text, kind+" "+name) {
				return p, nil
			}
		}
		if p.Kind == bess.OfInverter && strings.EqualFold(text, "inverter") {
			return p, nil
		}
		known = append(known, name)
	}
	return bess.Subject{}, fmt.Errorf("explaining %q: %w on this unit: choose from %s", text, ErrNoPart, strings.Join(known, ", "))
}

// part explains one part.
func (w *witness) part(p bess.Subject, pic *bess.Picture, rules []bess.RuleExplanation) bess.PartExplanation {
	m := w.machine
	why, by, ruling := m.choice(p)
	e := bess.PartExplanation{
		Kind: p.Kind.String(), Index: p.Index, Name: place(m.unit, p), Decided: "choice", Why: why.SentenceFor(p.Kind),
		Binds: why.Binds(), Since: w.sinces[p].at, SinceExact: w.sinces[p].exact,
	}
	if why.Binds() && by != bess.SourceNone {
		e.By = by.String()
	}
	switch p.Kind {
	case bess.OfInverter:
		e.Why, e.Binds = m.inverterWhy(), false
	case bess.OfUnit:
		if e.Binds = why != bess.CauseNone; !e.Binds {
			e.Why = "nothing stands in its way"
		}
	default: // the others' words are right as they are
	}
	if ruling.Level > bess.LevelInform {
		e.Decided, e.By, e.Binds = "rule", bess.SourceSafety.String(), true
		e.Rule = m.rules[ruling.Rule].Name
	}
	lease := bess.Lease{}
	switch p.Kind {
	case bess.OfPack:
		lease = m.whyPack(p.Index, pic, &e)
	case bess.OfFeeder:
		lease = m.whyFeeder(p.Index, pic, &e)
	case bess.OfCircuit:
		lease = m.whyCircuit(p.Index, pic, &e)
	case bess.OfOutlet:
		lease = m.whyOutlet(p.Index, pic, &e)
	case bess.OfInverter:
		lease = m.whyInverter(pic, &e)
	case bess.OfUnit:
		lease = m.whyUnit(pic, &e)
	default: // nothing else is a part of its own
	}
	if lease.By != bess.SourceNone {
		e.Until = m.wall(lease.Until)
	}
	e.Answer = answerOf(&e, p.Kind, rules)
	return e
}

// wall is an instant of the unit's clock as wall time; 0: never.
func (m *Machine) wall(t bess.Instant) int64 {
	if t == bess.Forever {
		return 0
	}
	return m.in.Snapshot.Civil.UnixMilli + int64(t.Since(m.in.Snapshot.Now))
}

func figureOf[T si.Number](what, unit string, x T) bess.NamedFigure {
	return bess.NamedFigure{What: what, Unit: unit, Value: bess.Known(x)}
}

func measured(what, unit string, f bess.Figure) bess.NamedFigure {
	return bess.NamedFigure{What: what, Unit: unit, Value: f}
}

func word(what, text string) bess.NamedFigure {
	return bess.NamedFigure{What: what, Word: text, Value: unknown("a word, not a measurement")}
}

// drawn is a power of a load as people speak of it: positive when it draws.
func drawn(f bess.Figure) bess.Figure {
	f.Value = 0 - f.Value
	return f
}

func onOff(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

// limit is a limit as it is told.
func (m *Machine) limit(what string, l bess.Limit, kind bess.SubjectKind) bess.LimitInForce {
	return bess.LimitInForce{
		What: what, Unit: "W", Value: bess.Known(l.Power), By: l.By.String(), Why: l.Why.SentenceFor(kind), Until: m.wall(l.Until),
	}
}

// installed is a limit that the configuration sets.
func installed[T si.Number](what, unit string, x T) bess.LimitInForce {
	return bess.LimitInForce{
		What: what, Unit: unit, Value: bess.Known(x), By: bess.SourceInstalled.String(), Why: bess.CauseInstalled.Sentence(),
	}
}

// held is the limit that a safety rule sets; ok is false when none does.
func (m *Machine) held(ruling bess.Ruling) (l bess.LimitInForce, ok bool) {
	r := m.rules[ruling.Rule]
	l = bess.LimitInForce{What: "share of its power", Unit: "1", By: bess.SourceSafety.String(), Why: r.Name + ": " + lower(r.What)}
	switch {
	case ruling.Level == bess.LevelDerate:
		l.Value = bess.Known(ruling.Factor)
	case ruling.Level >= bess.LevelStop:
		l.Value = bess.Known(si.Ratio(0))
	}
	return l, ruling.Level >= bess.LevelDerate
}

func (m *Machine) whyPack(i int, pic *bess.Picture, e *bess.PartExplanation) bess.Lease {
	s, p, carry, envelope := m.state, &pic.Packs[i], &m.state.Split.Packs[i], &m.state.Estimates.Packs[i].Envelope
	e.State = p.Stage
	order := s.Ordered.Packs[i]
	e.Ordered = []bess.NamedFigure{
		word("contactors", onOff(order.Close, "closed", onOff(order.Precharge, "precharge", "open"))),
		figureOf("power", "W", carry.Power),
	}
	e.Measured = []bess.NamedFigure{
		measured("power", "W", p.Power), measured("voltage", "V", p.Volts), measured("current", "A", p.Amps),
		measured("highest cell", "V", p.CellHigh), measured("lowest cell", "V", p.CellLow),
		measured("hottest cell", "degC", p.Hot), measured("coldest cell", "degC", p.Cold),
		measured("state of charge", "1", p.SoC), word("report", strings.TrimPrefix(p.Doubt, "its report ")),
	}
	lease := order.Lease
	for c := range m.unit.Converters {
		if m.unit.Converters[c].Pack != bess.PackID(i) {
			continue
		}
		o := &s.Ordered.Converters[c]
		e.Ordered = append(e.Ordered, word("converter", converterMode(o.Mode)))
		lease = o.Lease
		if lease.By != bess.SourceNone {
			e.Limits = append(e.Limits,
				m.leased("discharge at its converter", o.Discharge, o.Lease, carry.Why.SentenceFor(bess.OfPack)),
				m.leased("charge at its converter", o.Charge, o.Lease, carry.Why.SentenceFor(bess.OfPack)))
		}
	}
	e.Limits = append(e.Limits, m.limit("discharge of the pack", envelope.Discharge, bess.OfPack), m.limit("charge of the pack", envelope.Charge, bess.OfPack))
	m.addHeld(e, bess.Subject{Kind: bess.OfPack, Index: i})
	if s.Verdict.NoCharge[i] {
		e.Limits = append(e.Limits, bess.LimitInForce{
			What: "charge of the pack", Unit: "W", Value: bess.Known(si.Watts(0)), By: bess.SourceSafety.String(), Why: "a safety rule forbids to charge it",
		})
	}
	return lease
}

// leased is a limit that stands in an order, and ends with it.
func (m *Machine) leased(what string, x si.Watts, l bess.Lease, why string) bess.LimitInForce {
	limit := bess.LimitInForce{What: what, Unit: "W", Value: bess.Known(x), By: l.By.String(), Why: why}
	if l.By != bess.SourceNone {
		limit.Until = m.wall(l.Until)
	}
	return limit
}

func (m *Machine) addHeld(e *bess.PartExplanation, p bess.Subject) {
	_, _, ruling := m.choice(p)
	if l, ok := m.held(ruling); ok {
		e.Limits = append(e.Limits, l)
	}
}

func converterMode(c bess.ConverterMode) string {
	names := [...]string{"off", "follows its setpoint", "regulates the bus", "raises the bus from dark"}
	if int(c) < len(names) {
		return names[c]
	}
	return "unknown"
}

func (m *Machine) whyFeeder(i int, pic *bess.Picture, e *bess.PartExplanation) bess.Lease {
	f, p, o, carry := &m.unit.Feeders[i], &pic.Feeders[i], &m.state.Ordered.Feeders[i], &m.state.Split.Feeders[i]
	e.State = p.State
	e.Ordered = []bess.NamedFigure{word("contactor", onOff(o.Close, "closed", "open"))}
	e.Measured = []bess.NamedFigure{measured("feeds", "W", p.Power), measured("frequency", "Hz", p.Hertz)}
	for k := range f.Phases {
		e.Measured = append(e.Measured, measured(fmt.Sprintf("L%d", k+1), "V", p.Volts[k]), measured(fmt.Sprintf("L%d", k+1), "A", p.Amps[k]))
	}
	if f.Kind == bess.Generator {
		e.Ordered = append(e.Ordered, word("generator", onOff(o.Run, "run", "stop")))
		e.Measured = append(e.Measured, measured("fuel", "1", p.Fuel), word("generator", p.Generator))
	}
	e.Limits = append(e.Limits,
		bess.LimitInForce{What: "what it may give now", Unit: "W", Value: bess.Known(carry.Limit), By: carry.By.String(), Why: carry.Why.SentenceFor(bess.OfFeeder)},
		installed("cap", "W", f.Cap))
	if f.PhaseLimit > 0 {
		e.Limits = append(e.Limits, installed("current per phase", "A", f.PhaseLimit))
	}
	record := &m.state.Standing.Records[i]
	if record.Person != "" && record.Agreed > 0 {
		e.Limits = append(e.Limits, bess.LimitInForce{
			What: "agreed at the site", Unit: "W", Value: bess.Known(record.Agreed), By: record.Person,
			Why: "the arrival record of " + wallClock(record.At.UnixMilli, record.At.ZoneOffset), Until: m.expires(record.Expires),
		}, bess.LimitInForce{
			What: "permitted to feed back", Unit: "W", Value: bess.Known(record.ExportCap), By: record.Person,
			Why: cmp.Or(record.Reference, "no permission is on record"), Until: m.expires(record.Expires),
		})
	}
	m.addHeld(e, bess.Subject{Kind: bess.OfFeeder, Index: i})
	return o.Lease
}

// expires is the end of a record; one without an end runs for ever.
func (m *Machine) expires(t bess.Instant) int64 {
	if t == 0 {
		return 0
	}
	return m.wall(t)
}

func (m *Machine) whyCircuit(i int, pic *bess.Picture, e *bess.PartExplanation) bess.Lease {
	c, p, o := &m.unit.Circuits[i], &pic.Circuits[i], &m.state.Ordered.Circuits[i]
	e.State = p.State
	e.Ordered = []bess.NamedFigure{word("shed relay", onOff(o.Close, "closed", "open"))}
	e.Measured = []bess.NamedFigure{measured("draws", "W", p.Draw)}
	e.Limits = []bess.LimitInForce{installed("current per phase", "A", c.Limit)}
	m.addHeld(e, bess.Subject{Kind: bess.OfCircuit, Index: i})
	return o.Lease
}

func (m *Machine) whyOutlet(i int, pic *bess.Picture, e *bess.PartExplanation) bess.Lease {
	o, p, order, want := &m.unit.Outlets[i], &pic.Outlets[i], &m.state.Ordered.Outlets[i], &m.state.Wants[i]
	e.State = p.Visit.State
	e.Ordered = []bess.NamedFigure{word("outlet", onOff(order.Enable, "on", "off")), figureOf("offer per phase", "A", order.Current)}
	if o.Kind == bess.Rapid {
		e.Ordered[1] = figureOf("offer", "W", order.Power)
	}
	e.Measured = []bess.NamedFigure{
		measured("draws", "W", p.Draw), measured("current", "A", p.Amps), measured("offer it holds", onOff(o.Kind == bess.Rapid, "W", "A"), p.Offer),
		word("station", "answers: "+p.Online), word("plugged", p.Plugged),
	}
	e.Limits = []bess.LimitInForce{installed("rating", "W", o.Rated)}
	if want.Active {
		e.Limits = append(e.Limits,
			bess.LimitInForce{What: "what the vehicle can take", Unit: "W", Value: bess.Known(want.Power), By: "vehicle", Why: bess.CauseVehicleLimit.Sentence()},
			bess.LimitInForce{What: "what the energy allows", Unit: "W", Value: bess.Known(want.Budget), By: "session", Why: want.Why.SentenceFor(bess.OfOutlet)})
	}
	m.addHeld(e, bess.Subject{Kind: bess.OfOutlet, Index: i})
	return order.Lease
}

func (m *Machine) whyInverter(pic *bess.Picture, e *bess.PartExplanation) bess.Lease {
	o, p := &m.state.Ordered.Inverter, &pic.Inverter
	e.State = p.Mode
	e.Ordered = []bess.NamedFigure{word("mode", o.Mode.String()), figureOf("import at most", "W", o.Import), figureOf("export at most", "W", o.Export)}
	e.Measured = []bess.NamedFigure{measured("power", "W", p.Power), measured("frequency", "Hz", p.Hertz)}
	for k := range p.Volts {
		e.Measured = append(e.Measured, measured(fmt.Sprintf("L%d", k+1), "V", p.Volts[k]), measured(fmt.Sprintf("L%d", k+1), "A", p.Amps[k]))
	}
	e.Limits = []bess.LimitInForce{
		installed("rating", "VA", m.unit.Inverter.Rated),
		m.leased("import", o.Import, o.Lease, e.Why), m.leased("export", o.Export, o.Lease, e.Why),
	}
	m.addHeld(e, bess.Subject{Kind: bess.OfInverter})
	return o.Lease
}

// whyUnit is the unit as a whole: what the I/O module was ordered, and the DC bus.
func (m *Machine) whyUnit(pic *bess.Picture, e *bess.PartExplanation) bess.Lease {
	o := &m.state.Ordered.IO
	e.State = pic.Service
	e.Ordered = []bess.NamedFigure{
		word("hold-in", onOff(o.HoldIn, "given", "withheld")), word("outlet supply", onOff(o.OutletSupply, "closed", "open")),
		word("neutral-earth bond", onOff(o.Bond, "closed", "open")), word("beacon", onOff(o.Beacon, "on", "off")),
		word("pump", onOff(o.Pump, "on", "off")), word("fan", onOff(o.Fan, "on", "off")), word("heater", onOff(o.Heater, "on", "off")),
	}
	e.Measured = []bess.NamedFigure{
		measured("load", "W", pic.Store.Load), measured("supply", "W", pic.Store.Supply), measured("state of charge", "1", pic.Store.SoC),
		measured("DC bus", "V", pic.Bus.Volts), measured("own use", "W", pic.Bus.OwnUse), word("DC bus held by", pic.Bus.Regulator),
	}
	e.Limits = m.standing()
	m.addHeld(e, bess.Subject{Kind: bess.OfUnit})
	return o.Lease
}

func (m *Machine) inverterWhy() string {
	switch m.state.Ordered.Inverter.Mode {
	case bess.InverterForm:
		return "it makes the network, because there is no supply"
	case bess.InverterFollow:
		return "it follows the supply that carries the network"
	default:
		return "it is not wanted now"
	}
}
