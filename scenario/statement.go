package scenario

import (
	"reprise/bess"
	"reprise/bess/si"
	"reprise/config"
)

// Line is one line of the story.
type Line struct {
	At        bess.Span    // since the start
	Within    bess.Span    // an expectation must come true by At + Within
	Hold      bess.Span    // an expectation must hold from At to At + Hold
	Statement Statement    // one of the types below
	Place     config.Place // for messages
	Text      string       // the line as written, without its time
}

// Statement is what a line says: Plug, Unplug, Need, PlugInlet, UnplugInlet, Warm, Supply, CircuitLoad, FaultText,
// Press, Process, Ask or Expect.
type Statement interface{ statement() }

// Plug is a vehicle that arrives and is plugged in.
type Plug struct {
	Outlet  int
	Vehicle string       // kind; empty: phev at AC outlets, car at rapid ones
	SoC     si.Ratio     // 0: of its kind
	Need    si.WattHours // 0: not told
	By      int64        // departure, ms since 1970 UTC; 0: not told
}

// Unplug is a vehicle that leaves.
type Unplug struct{ Outlet int }

// Need is a driver who says, or says anew, what is needed.
type Need struct {
	Outlet int
	Energy si.WattHours
	By     int64 // ms since 1970 UTC; 0: not told
}

// PlugInlet is a vehicle charger that is plugged into the unit.
type PlugInlet struct {
	Feeder int
	Power  si.Watts // of the post; 0: the inlet's rating
	Volts  si.Volts // highest of the post; 0: 920 V
}

// UnplugInlet is the charger's plug pulled out.
type UnplugInlet struct{ Feeder int }

// Warm brings a pack, or one of its cells, to a temperature.
type Warm struct {
	Pack int
	Cell int // counted from one; 0: the whole pack
	To   si.Celsius
	Over bess.Span
}

// Supply is a feeder that fails or comes back.
type Supply struct {
	Feeder int
	Fails  bool
}

// CircuitLoad replaces what hangs on a circuit.
type CircuitLoad struct {
	Circuit int
	Draw    si.Watts
	Series  bool // back to its series
}

// FaultText is a fault of the twin by its name. The twin knows the names and what their values mean.
type FaultText struct {
	Name  string // in small letters with spaces, such as "bms silent"
	Of    bess.SubjectKind
	Index int // 0 for the unit, the inverter and the bus
	Cell  int // of a pack, counted from one; 0: none
	Phase int // of a feeder, 1 to 3; 0: none
	Value float64
	Unit  string // of Value: "V", "A", "C", "W", "Wh", "ohm", "s", "Hz", "ratio"; empty: a plain number, or none
	Has   bool   // a value was written
	Over  bess.Span
	Clear bool
}

// Press is the emergency stop, pressed or released.
type Press struct{ Released bool }

// Process is a process of the unit that is killed or started again: "controller", "guard" or "store".
type Process struct {
	Name string
	Up   bool
}

// Ask is a request of a person at the unit.
type Ask struct {
	Verb   bess.Verb
	Target int
	Number int
	Energy si.WattHours
	Power  si.Watts
	Until  int64 // ms since 1970 UTC; 0: not told
	Text   string
	Rule   string // of reset: the rule's identifier
	Fleet  bool   // a remote operator asks, not the person at the unit
}

// Aspect is what an expectation looks at.
type Aspect string

// Aspects. A range is in the unit behind each; a word is one of the words of package bess.
const (
	State       Aspect = "state"       // word
	Draw        Aspect = "draw"        // W
	Feed        Aspect = "feed"        // W
	SoC         Aspect = "soc"         // ratio
	Volts       Aspect = "volts"       // V
	Hot         Aspect = "hot"         // degree Celsius
	Promised    Aspect = "promise"     // Wh
	Delivered   Aspect = "delivered"   // Wh
	Deliverable Aspect = "deliverable" // Wh
	AlarmOn     Aspect = "alarm"       // rule
	Hertz       Aspect = "hertz"       // Hz
)

// Expect is what must be true.
type Expect struct {
	Of     Topic
	Index  int // of pack, outlet, circuit, feeder, or of what an alarm is on; -1: alarms on anything
	Aspect Aspect
	Word   string  // of State
	Low    float64 // of a range, SI; -Inf: open
	High   float64
	From   int64            // of a promise: the booking's beginning, ms since 1970 UTC; 0: who is there, or comes next
	Rule   string           // of an alarm; empty: any
	On     bess.SubjectKind // of an alarm
	Latch  bool             // the alarm must be latched
	Not    bool             // must not be
}

// Topic is what kind of part an expectation is about.
type Topic string

// Topics of expectations.
const (
	OfPack      Topic = "pack"
	OfOutlet    Topic = "outlet"
	OfPromise   Topic = "promise"
	OfCircuit   Topic = "circuit"
	OfFeeder    Topic = "feeder"
	OfGenerator Topic = "generator"
	OfNetwork   Topic = "network"
	OfInverter  Topic = "inverter"
	OfService   Topic = "service"
	OfBus       Topic = "bus"
	OfStore     Topic = "store"
	OfAlarm     Topic = "alarm"
)

func (Plug) statement()        {}
func (Unplug) statement()      {}
func (Need) statement()        {}
func (PlugInlet) statement()   {}
func (UnplugInlet) statement() {}
func (Warm) statement()        {}
func (Supply) statement()      {}
func (CircuitLoad) statement() {}
func (FaultText) statement()   {}
func (Press) statement()       {}
func (Process) statement()     {}
func (Ask) statement()         {}
func (Expect) statement()      {}
