package bess

// AccountKind is a kind of account of the ledger.
type AccountKind uint8

// Accounts. Amounts in an account are what it received; a source's account
// runs negative.
const (
	AccountFeeder     AccountKind = iota // energy from a supply
	AccountPack                          // energy in a pack
	AccountOutlet                        // energy into a vehicle outlet
	AccountCircuit                       // energy into a circuit
	AccountOwnUse                        // cooling and electronics
	AccountLoss                          // conversion and pack losses, measured or derived from measurements
	AccountExport                        // energy back into a supply
	AccountUnmeasured                    // the residual that no meter explains
)

// String is the account kind as exports spell it.
func (k AccountKind) String() string {
	names := [...]string{"feeder", "pack", "outlet", "circuit", "own-use", "loss", "export", "unmeasured"}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// Leg is one side of an entry. Over the legs of an entry both amounts sum to
// exactly zero.
type Leg struct {
	Kind          AccountKind
	Index         int
	MilliWattHour int64
	Milligram     int64 // CO2e that travels with the energy
}

// Entry is one booking over a span of time, chained to the one before it by
// hash.
type Entry struct {
	Number   uint64
	From, To Civil
	Legs     []Leg
	Note     EntryNote
	Prev     [32]byte
	Hash     [32]byte
}

// EntryNote says why an entry was made.
type EntryNote uint8

// Notes of an entry.
const (
	NotePeriod   EntryNote = iota // end of a booking period
	NoteVisitEnd                  // a vehicle left; Legs are the period's, as always
	NoteGap                       // a restart: what no journal explains goes to unmeasured
)

// EventKind is a kind of event.
type EventKind uint8

// Kinds of event.
const (
	EventNone EventKind = iota
	EventAlarmRaised
	EventAlarmCleared
	EventPackStage
	EventNetwork
	EventService
	EventGenerator
	EventVisit
	EventPromise
	EventRequest
	EventShed
	EventLimit
)

// String is the kind as the API spells it.
func (k EventKind) String() string {
	names := [...]string{
		"", "alarm-raised", "alarm-cleared", "pack", "network", "service", "generator",
		"visit", "promise", "request", "shed", "limit",
	}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// Event is something that happened, as data.
type Event struct {
	At      Instant
	Civil   Civil
	Kind    EventKind
	Subject Subject
	From    uint8 // enumerated state before, where the kind has one
	To      uint8 // enumerated state after
	Rule    RuleID
	Level   Level
	Cause   Cause
	Value   float64
	Number  uint64 // request or visit
}

// Plan is the look-ahead's advice as pure data. Constraints may ignore it.
type Plan struct {
	Made  Civil
	Slots []PlanSlot
}

// PlanSlot is the advice for one slot of time.
type PlanSlot struct {
	From      Civil
	Import    int64 // W from feeders; negative: export
	Generator bool
	SoC       float64 // 0..1 at the end
}
