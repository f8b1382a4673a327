package bess

import "reprise/bess/si"

// Source says who gave an order or a limit.
type Source uint8

// Sources in rising order of authority over an order: a later one overrules.
const (
	SourceNone      Source = iota
	SourceInstalled        // the configuration: always in force
	SourcePlan             // the look-ahead
	SourceSite             // the plain site rule
	SourceFleet            // a remote operator
	SourceDriver           // a person at an outlet
	SourceOperator         // a person at the unit
	SourcePack             // a battery's own management system
	SourceDevice           // a converter, inverter, station or feeder
	SourceEstimate         // our own picture of a pack
	SourceDispatch         // who carries how much
	SourceSequence         // a step of a sequence
	SourceSafety           // a safety rule
)

// String is the source in the words of the page.
func (s Source) String() string {
	names := [...]string{
		"nobody", "installation", "plan", "site rule", "fleet", "driver", "operator",
		"pack", "device", "estimate", "dispatch", "sequence", "safety",
	}
	if int(s) < len(names) {
		return names[s]
	}
	return "unknown source"
}

// Lease is the right to be obeyed until an instant.
type Lease struct {
	By    Source
	Until Instant
}

// Holds reports whether the lease still runs at now.
func (l Lease) Holds(now Instant) bool { return l.By != SourceNone && now <= l.Until }

// Limit is a ceiling on a power, with who set it, why and until when. The zero
// value allows nothing.
type Limit struct {
	Power si.Watts // magnitude, never negative
	Why   Cause
	By    Source
	Until Instant
}

// Narrow lowers the limit to p if p is lower; it never raises it. Negative and
// non-finite p count as 0: what cannot be computed is not allowed.
func (l *Limit) Narrow(p si.Watts, by Source, why Cause, until Instant) {
	if !(p > 0) || !si.Finite(p) {
		p = 0
	}
	if p < l.Power {
		*l = Limit{Power: p, By: by, Why: why, Until: until}
	}
}

// Ceiling is a fresh limit at p, from which others may only narrow.
func Ceiling(p si.Watts, by Source, why Cause) Limit {
	if !(p > 0) || !si.Finite(p) {
		p = 0
	}
	return Limit{Power: p, By: by, Why: why, Until: Forever}
}

// Envelope is what a pack, a converter or a feeder may do now.
type Envelope struct {
	Discharge Limit // into the bus
	Charge    Limit // out of the bus
}
