package bess

import "reprise/bess/si"

// PackEstimate is our own picture of one pack, beside what it reports.
type PackEstimate struct {
	Known      bool // enough fresh readings to say anything
	SoC        si.Ratio
	SoCSigma   si.Ratio // one standard deviation
	SoH        si.Ratio // capacity against new
	SoHSigma   si.Ratio
	Growth     si.Ratio // resistance against new
	Capacity   si.AmpHours
	Open       si.Volts // open-circuit voltage of the pack
	Resistance si.Ohms
	CellHigh   si.Volts
	CellLow    si.Volts
	Hot        si.Celsius
	Cold       si.Celsius
	Stored     si.WattHours // above the floor of its window, at the cells
	Room       si.WattHours // below the ceiling of its window
	Full       si.WattHours // window at today's health
	Envelope   Envelope     // what it can do for the next minute, pack side
	Believes   Source       // whose SoC is used: SourcePack or SourceEstimate
	Doubt      Doubt
}

// Doubt is what is wrong with a pack's own report.
type Doubt uint8

// Named findings on a pack's own report.
const (
	DoubtNone Doubt = iota
	DoubtSilent
	DoubtFrozen
	DoubtDrifted // reported SoC disagrees with ours
	DoubtHealth  // reported SoH disagrees with ours
	DoubtImplausible
)

// Sentence is the doubt in words.
func (d Doubt) Sentence() string {
	sentences := [...]string{
		"its report agrees with our estimate",
		"it does not report",
		"its readings do not move although it works",
		"its reported state of charge has drifted; we use our own",
		"its reported health disagrees with what we measure",
		"its report is not physically plausible",
	}
	if int(d) < len(sentences) {
		return sentences[d]
	}
	return "unknown doubt"
}

// UnitEstimate is the picture of the whole store.
type UnitEstimate struct {
	Nameplate   si.WattHours // sum of gross as new
	FullToday   si.WattHours // full at today's health, at the cells
	Stored      si.WattHours // at the cells, above the floors, of usable packs
	Deliverable si.WattHours // at the AC bus after conversion, own use charged separately
	Sigma       si.WattHours // one standard deviation of Deliverable
	SoC         si.Ratio     // Stored over FullToday
	Load        si.Watts     // smoothed draw of circuits, outlets and own use
	Supply      si.Watts     // smoothed feed of all feeders
	ToEmpty     si.Seconds   // at this load; 0: not emptying
	ToEmptyBand [2]si.Seconds
	ToFull      si.Seconds // at this supply; 0: not filling
	ToFullBand  [2]si.Seconds
}

// Level is how hard a safety rule acts. Higher wins.
type Level uint8

// Levels in rising order.
const (
	LevelNone Level = iota
	LevelInform
	LevelDerate
	LevelStop    // zero power, contactors stay
	LevelOpen    // open that pack, feeder, outlet or circuit
	LevelOpenAll // open everything
)

// String is the level in the words of the page.
func (l Level) String() string {
	names := [...]string{"none", "inform", "derate", "stop", "open", "open all"}
	if int(l) < len(names) {
		return names[l]
	}
	return "unknown level"
}

// SubjectKind is what a rule or an event speaks of.
type SubjectKind uint8

// Kinds of subject.
const (
	OfUnit SubjectKind = iota
	OfPack
	OfConverter
	OfInverter
	OfFeeder
	OfCircuit
	OfOutlet
	OfIO
	OfBus
)

// String is the kind in the words of the page.
func (k SubjectKind) String() string {
	names := [...]string{"unit", "pack", "converter", "inverter", "feeder", "circuit", "outlet", "input", "bus"}
	if int(k) < len(names) {
		return names[k]
	}
	return "part"
}

// Subject is one part of the machine.
type Subject struct {
	Kind  SubjectKind
	Index int
}

// RuleID names a safety rule. Its row stands in control/safety.
type RuleID uint16

// Alarm is a safety rule that acts now.
type Alarm struct {
	Rule    RuleID
	Subject Subject
	Level   Level
	Latched bool // stays until a person clears it
	Acting  bool // the condition still holds
	Since   Instant
	Value   float64 // the offending measurement, in the rule's unit
}

// Ruling is what safety holds a part to. The zero value holds it to nothing.
type Ruling struct {
	Level  Level
	Rule   RuleID
	Factor si.Ratio // with LevelDerate: the share of the envelope left, 0..1
}

// Verdict is what safety holds every part to, this tick.
type Verdict struct {
	Unit       Ruling
	Packs      []Ruling
	NoCharge   []bool // per pack
	Hot        []bool // per pack: heat was seen and has not been cleared; it is cooled and watched, open or not
	Converters []Ruling
	Inverter   Ruling
	Feeders    []Ruling
	Circuits   []Ruling
	Outlets    []Ruling
	HoldIn     bool    // the controller's half of the hold-in pulse may be given
	Alarms     []Alarm // active or latched, highest level first; length varies within capacity
}

// NewVerdict is a verdict that holds nothing, sized for the unit, with room for
// the given number of alarms.
func NewVerdict(u *Unit, alarms int) Verdict {
	return Verdict{
		Packs:      make([]Ruling, len(u.Packs)),
		NoCharge:   make([]bool, len(u.Packs)),
		Hot:        make([]bool, len(u.Packs)),
		Converters: make([]Ruling, len(u.Converters)),
		Feeders:    make([]Ruling, len(u.Feeders)),
		Circuits:   make([]Ruling, len(u.Circuits)),
		Outlets:    make([]Ruling, len(u.Outlets)),
		Alarms:     make([]Alarm, 0, alarms),
	}
}

// Clear lifts every ruling.
func (v *Verdict) Clear() {
	clear(v.Packs)
	clear(v.NoCharge)
	clear(v.Hot)
	clear(v.Converters)
	clear(v.Feeders)
	clear(v.Circuits)
	clear(v.Outlets)
	v.Unit, v.Inverter, v.HoldIn = Ruling{}, Ruling{}, false
	v.Alarms = v.Alarms[:0]
}

// CopyFrom makes v equal to o without sharing memory.
func (v *Verdict) CopyFrom(o *Verdict) {
	copy(v.Packs, o.Packs)
	copy(v.NoCharge, o.NoCharge)
	copy(v.Hot, o.Hot)
	copy(v.Converters, o.Converters)
	copy(v.Feeders, o.Feeders)
	copy(v.Circuits, o.Circuits)
	copy(v.Outlets, o.Outlets)
	v.Unit, v.Inverter, v.HoldIn = o.Unit, o.Inverter, o.HoldIn
	v.Alarms = append(v.Alarms[:0], o.Alarms...)
}
