package unit

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"reprise/bess"
	"reprise/bess/si"
)

// explain is the explanation of the tick that the witness looks at now.
func (w *witness) explain() *bess.Explanation {
	m := w.machine
	pic, s, snap := m.picture(), m.state, &m.in.Snapshot
	a := &bess.Explanation{
		Unit: m.unit.Name, Site: m.unit.Site.Name, Tick: s.Tick, Asked: w.options.At, At: snap.Civil.UnixMilli,
		ZoneOffset: snap.Civil.ZoneOffset, ClockTrust: pic.ClockTrust, Service: pic.Service, Network: pic.Network,
		NetworkSince: m.wall(s.Stages.Since), Rules: m.whyRules(), Around: float64(w.options.Around.Seconds()),
		Standing: m.standing(), Promises: []bess.VisitPicture{}, Notes: []string{},
	}
	for i := range pic.Outlets {
		if v := &pic.Outlets[i].Visit; v.Number != 0 && v.State != bess.VisitNone.String() {
			a.Promises = append(a.Promises, *v)
		}
	}
	a.Promises = append(a.Promises, pic.Bookings...)
	for _, p := range m.allParts() {
		if w.found.part == nil || *w.found.part == p {
			a.Parts = append(a.Parts, w.part(p, pic, a.Rules))
		}
	}
	a.Answer = answers(a, pic, w.found.part != nil)
	return a
}

// whyRules are the safety rules that acted or were latched, the hardest first.
func (m *Machine) whyRules() []bess.RuleExplanation {
	alarms := slices.Clone(m.state.Verdict.Alarms)
	slices.SortStableFunc(alarms, func(a, b bess.Alarm) int { return cmp.Compare(b.Level, a.Level) })
	list := make([]bess.RuleExplanation, 0, len(alarms))
	for i := range alarms {
		a := &alarms[i]
		r := m.rules[a.Rule]
		e := bess.RuleExplanation{
			Number: int(a.Rule), Rule: r.Name, Where: place(m.unit, a.Subject), Level: a.Level.String(), What: r.What, Did: r.Did,
			Because: r.Why, Watches: r.Watches, Bound: onOff(r.Above, "above ", "below ") + r.Bound, Unit: r.Unit,
			Since: m.wall(a.Since), Acting: a.Acting, Latched: a.Latched, ClearedBy: clearedBy(r.Clear.By), MayDo: r.MayDo,
			Value: unknown("a switch, not a measurement"), Limit: unknown("a switch, not a measurement"),
		}
		if r.Unit != "" {
			e.Value = bess.Known(si.Watts(a.Value))
		}
		if limit, ok := r.LimitOf(m.unit, a.Subject.Index); ok {
			e.Limit = bess.Known(si.Watts(limit))
		} else {
			e.Bound = r.Bound
		}
		list = append(list, e)
	}
	return list
}

// standing are the limits of the unit as a whole, which people have set.
func (m *Machine) standing() []bess.LimitInForce {
	st := &m.state.Standing
	list := []bess.LimitInForce{
		m.limit("import", st.ImportCap, bess.OfUnit),
		{What: "kept in reserve", Unit: "Wh", Value: bess.Known(st.Reserve), By: bess.SourceSite.String(), Why: bess.CauseReserve.Sentence()},
	}
	list[0].Why = onOff(st.ImportCap.By == bess.SourceInstalled, "the installed cap", "lowered on request; it can only be lowered")
	off := func(kind bess.SubjectKind, i int) {
		list = append(list, bess.LimitInForce{
			What: place(m.unit, bess.Subject{Kind: kind, Index: i}), Unit: "W", Value: bess.Known(si.Watts(0)),
			By: bess.SourceOperator.String(), Why: bess.CauseOperatorOff.Sentence(),
		})
	}
	for i, is := range st.FeederOff {
		if is {
			off(bess.OfFeeder, i)
		}
	}
	for i, is := range st.CircuitOff {
		if is {
			off(bess.OfCircuit, i)
		}
	}
	for i, is := range st.OutletOff {
		if is {
			off(bess.OfOutlet, i)
		}
	}
	return list
}

// answers are the first sentences: what a crew must know, the weightiest first.
func answers(a *bess.Explanation, pic *bess.Picture, one bool) []string {
	list := []string{}
	if one {
		for i := range a.Parts {
			list = append(list, a.Parts[i].Answer)
		}
	} else {
		list = append(list, pic.Safe.Headline)
		if pic.Safe.Detail != "" {
			list = append(list, pic.Safe.Detail)
		}
	}
	told := map[string]bool{} // the hardest rule of each part is enough here
	for i := range a.Rules {
		r := &a.Rules[i]
		if !told[r.Where] && (!one || len(a.Parts) == 1 && r.Where == a.Parts[0].Name) {
			list = append(list, ruleSentence(r, a.ZoneOffset))
			told[r.Where] = true
		}
	}
	if one {
		return list
	}
	held := 0
	var groups []heldBack
	for i := range a.Parts {
		p := &a.Parts[i]
		if !p.Binds {
			continue
		}
		held++
		if !(p.Decided == "rule" && told[p.Name]) {
			groups = joinReason(groups, p)
		}
	}
	for i := range groups {
		list = append(list, groups[i].sentence())
	}
	if held == 0 && len(a.Rules) == 0 {
		list = append(list, "No limit held anything back and no safety rule acted.")
	}
	return list
}

// heldBack are parts of one kind that the same reason holds back.
type heldBack struct {
	first *bess.PartExplanation
	names []string
}

// joinReason puts a part to those with the same reason.
func joinReason(groups []heldBack, p *bess.PartExplanation) []heldBack {
	for i := range groups {
		if f := groups[i].first; f.Kind == p.Kind && f.Why == p.Why && f.By == p.By && f.Rule == p.Rule {
			groups[i].names = append(groups[i].names, p.Name)
			return groups
		}
	}
	return append(groups, heldBack{p, []string{p.Name}})
}

func (h *heldBack) sentence() string {
	if len(h.names) == 1 {
		return h.first.Answer
	}
	last := len(h.names) - 1
	why := h.first.Why
	if h.first.Decided == "rule" {
		why = "safety rule " + h.first.Rule + " holds them"
	} else if h.first.By != "" {
		why += " (set by: " + h.first.By + ")"
	}
	return strings.Join(h.names[:last], ", ") + " and " + h.names[last] + ": " + why + "."
}

// ruleSentence is a rule in one sentence: what, since when, its value against
// its limit, and who ends it.
func ruleSentence(r *bess.RuleExplanation, zone int32) string {
	against := ""
	if r.Value.Known && r.Limit.Known {
		against = fmt.Sprintf(", %s against a limit of %s", Quantity(r.Value.Value, r.Unit), Quantity(r.Limit.Value, r.Unit))
	}
	ends := "It ends by itself."
	switch {
	case r.Latched && r.ClearedBy != "self":
		ends = "A " + r.ClearedBy + " must clear it."
	case r.ClearedBy != "self":
		ends = "A " + r.ClearedBy + " clears it."
	}
	return fmt.Sprintf("%s: safety rule %d %s (%s) since %s%s. %s %s %s", r.Where, r.Number, r.Rule, r.Level,
		clockOf(r.Since, zone), against, r.What, r.Did, ends)
}

// answerOf is what a part did and who decided it, in one sentence.
func answerOf(e *bess.PartExplanation, kind bess.SubjectKind, rules []bess.RuleExplanation) string {
	does := e.State
	if len(e.Measured) > 0 && e.Measured[0].Value.Known {
		x := e.Measured[0].Value.Value
		verb := "gives"
		switch {
		case kind == bess.OfUnit:
			verb = "carries"
		case kind == bess.OfCircuit || kind == bess.OfOutlet:
			verb = "draws"
		case x < 0:
			verb, x = "takes", -x
		}
		if e.State != "" {
			does += ", "
		}
		does += verb + " " + Quantity(max(0, x), "W")
	}
	why := e.Why
	if e.Decided == "rule" {
		why = "safety rule " + e.Rule + " holds it"
		for i := range rules {
			if rules[i].Rule == e.Rule && (rules[i].Where == e.Name || why == "safety rule "+e.Rule+" holds it") {
				why = fmt.Sprintf("safety rule %d %s holds it: %s", rules[i].Number, e.Rule, strings.TrimSuffix(lower(rules[i].What), "."))
			}
		}
	}
	if e.By != "" && e.Decided != "rule" {
		why += " (set by: " + e.By + ")"
	}
	return fmt.Sprintf("%s (%s): %s.", e.Name, does, why)
}

// Quantity is a value with its unit as people read it.
func Quantity(x float64, unit string) string {
	switch {
	case unit == "1" || unit == "ratio":
		return strconv.FormatFloat(x*100, 'f', 1, 64) + " %"
	case (unit == "W" || unit == "Wh" || unit == "VA") && math.Abs(x) >= 1000:
		return strconv.FormatFloat(x/1000, 'f', 1, 64) + " k" + unit
	case unit == "W" || unit == "Wh" || unit == "VA":
		return strconv.FormatFloat(x, 'f', 0, 64) + " " + unit
	case unit == "C":
		return strconv.FormatFloat(x, 'f', 1, 64) + " degC"
	case unit == "V" && math.Abs(x) < 10 && math.Abs(x) >= 1:
		return strconv.FormatFloat(x, 'f', 3, 64) + " V"
	case unit == "":
		return strconv.FormatFloat(x, 'g', 4, 64)
	}
	return strconv.FormatFloat(x, 'f', 1, 64) + " " + unit
}

// clockOf is the time of day of a wall time.
func clockOf(ms int64, zone int32) string { return wallClock(ms, zone)[11:19] }
