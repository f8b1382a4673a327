package bess

import "reprise/bess/si"

// Verb is what a request asks for.
type Verb uint8

// Verbs. Arguments that a verb uses are named behind it.
const (
	NoVerb              Verb = iota
	Start                    // bring the unit into service on what is there
	Stop                     // take it out of service in order
	BlackStart               // from dark, without any supply
	OutletOn                 // Target: outlet
	OutletOff                // Target: outlet
	CircuitOn                // Target: circuit
	CircuitOff               // Target: circuit
	CircuitPriority          // Target: circuit, Number: priority
	ResetLatch               // Number: rule, Target: subject
	PackOut                  // Target: pack; out for service
	PackIn                   // Target: pack; exchanged or back, Text: serial found
	VisitNeed                // Target: outlet, Energy, Until (civil), Number: priority
	VisitEnd                 // Target: outlet
	Booking                  // a vehicle that will come: Target: outlet, Energy, From, Until, Power, Number: booking
	FeederRecord             // Target: feeder, Record: what a person found on arrival
	FeederOn                 // Target: feeder; allow its use
	FeederOff                // Target: feeder
	ImportCap                // Power; may only narrow the installed cap
	ReserveEnergy            // Energy
	GeneratorRun             // Target: feeder; run now
	GeneratorAuto            // Target: feeder
	TransportOn              // lock for the road
	TransportOff             // arrived
	EmergencyStopWanted      // stop everything at once
	verbCount
)

// String is the verb as the API spells it.
func (v Verb) String() string {
	names := [verbCount]string{
		"", "start", "stop", "black-start", "outlet-on", "outlet-off", "circuit-on",
		"circuit-off", "circuit-priority", "reset", "pack-out", "pack-in",
		"visit-need", "visit-end", "booking", "feeder-record", "feeder-on",
		"feeder-off", "import-cap", "reserve", "generator-run", "generator-auto",
		"transport-on", "transport-off", "emergency-stop",
	}
	if v < verbCount {
		return names[v]
	}
	return "unknown verb"
}

// ParseVerb is the verb of that spelling, or false.
func ParseVerb(s string) (Verb, bool) {
	for v := Start; v < verbCount; v++ {
		if v.String() == s {
			return v, true
		}
	}
	return NoVerb, false
}

// Request is a wish with a source and an expiry. The unit decides.
type Request struct {
	ID      uint64
	By      Source
	Person  string
	Expires Instant // not considered after; a standing wish (Booking) ends here too
	Verb    Verb
	Target  int
	Number  int
	Energy  si.WattHours
	Power   si.Watts
	From    Civil
	Until   Civil
	Text    string
	Record  *SiteRecord
}

// Answer says what became of a request.
type Answer struct {
	ID      uint64
	Granted bool
	Why     Refusal
}

// Refusal is why a request was not granted.
type Refusal uint8

// Refusals. Texts stand in Sentence.
const (
	RefusedNot Refusal = iota
	RefusedExpired
	RefusedNoTarget
	RefusedNotNow
	RefusedLatched
	RefusedPersonNeeded
	RefusedOnlyNarrows
	RefusedUnchecked
	RefusedNotDurable
	RefusedForbidden
	refusalCount
)

// Sentence is the refusal in words, with what to do.
func (r Refusal) Sentence() string {
	sentences := [refusalCount]string{
		"granted",
		"the request came too late: send it again",
		"there is no such part on this unit: check the number",
		"this is not possible in the present state: wait until the running sequence has ended",
		"a safety rule is latched: clear its cause first",
		"only a person at the unit may do this",
		"a limit can only be lowered here: change the installed value to raise it",
		"the supply was not checked on arrival: run the arrival check first",
		"the disk has not confirmed the last records: try again in a few seconds",
		"this source may not ask for that",
	}
	if r < refusalCount {
		return sentences[r]
	}
	return "refused"
}
