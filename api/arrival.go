package api

import (
	"fmt"
	"strings"
)

// Finding is what an arrival check found out of order. It blocks the record:
// for good, or until the named person gives a reason where the standard leaves
// room for one.
type Finding struct {
	Field  string // of the record
	What   string
	Reason string // what a reason must say to let it pass; empty: nothing lets it pass
}

// Volts of neutral to earth that point to a poor neutral, and that must not be
// touched: 50 V AC is the limit of touch voltage of IEC 60364-4-41 (BS 7671,
// 411). The unit watches the same figures.
const (
	RaisedNeutral = 10
	LiveNeutral   = 50
)

// Findings are what stands against using the supply. vehicles says whether the
// unit charges vehicles from it.
func (r *RecordBody) Findings(vehicles bool) []Finding {
	var list []Finding
	add := func(when bool, field, what, reason string) {
		if when {
			list = append(list, Finding{field, what, reason})
		}
	}
	add(!r.Earth, "earth", "Without an earth the supply must not be used.", "")
	add(!r.Neutral, "neutral", "Without a neutral the supply must not be used: single-phase loads may see 400 V.", "")
	add(r.Forward != nil && !*r.Forward, "forward",
		"The rotation is reversed: have two phases changed at the supply, then check again.",
		"that nothing on this supply minds the rotation")
	add(r.NeutralToE > LiveNeutral, "neutral_to_earth_v",
		fmt.Sprintf("%g V from neutral to earth is above %d V: do not touch it, have the earthing checked.", r.NeutralToE, LiveNeutral), "")
	add(r.NeutralToE > RaisedNeutral && r.NeutralToE <= LiveNeutral, "neutral_to_earth_v",
		fmt.Sprintf("%g V from neutral to earth is above %d V: a poor, shared or broken neutral.", r.NeutralToE, RaisedNeutral),
		"what was found to cause the voltage")
	add(r.Earthing == "PME" && vehicles, "earthing",
		"PME may not feed vehicles outdoors as it is: a broken neutral makes their bodies live (BS 7671, 722.411.4.1).",
		"which protection against an open PEN conductor is there")
	return list
}

// Blocked is what stands against the record still: what no reason lets pass,
// and the rest while no reason was given.
func (r *RecordBody) Blocked(vehicles bool) []Finding {
	var list []Finding
	for _, f := range r.Findings(vehicles) {
		if f.Reason == "" || strings.TrimSpace(r.Override) == "" {
			list = append(list, f)
		}
	}
	return list
}

// permitted refuses a record that grave findings stand against.
func (r *RecordBody) permitted(vehicles bool) error {
	blocked := r.Blocked(vehicles)
	if len(blocked) == 0 {
		return nil
	}
	f := blocked[0]
	for _, other := range blocked {
		if other.Reason == "" { // what nothing lets pass is said first
			f = other
		}
	}
	if f.Reason == "" {
		return wrong("body.record."+f.Field, f.What+" Nothing was recorded.", nil)
	}
	return wrong("body.record.override", f.What+" Nothing was recorded: only the named person may let it pass, with a reason that says "+f.Reason+".", nil)
}

// reference is the reference of a permission with what was let pass, as it is
// kept with the record.
func (r *RecordBody) reference(vehicles bool) string {
	text := strings.TrimSpace(r.Reference)
	passed := r.Findings(vehicles)
	if len(passed) == 0 {
		return text
	}
	names := make([]string, len(passed))
	for i, f := range passed {
		names[i] = f.Field
	}
	return strings.TrimSpace(fmt.Sprintf("%s [let pass, %s: %s]", text, strings.Join(names, ", "), strings.TrimSpace(r.Override)))
}
