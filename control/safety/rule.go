package safety

import (
	"reprise/bess"
)

// Family groups the rules by what they protect.
type Family uint8

// Families in the order of the table.
const (
	FamilyPack Family = iota
	FamilyConverter
	FamilyBus
	FamilyInverter
	FamilyFeeder
	FamilyCircuit
	FamilyOutlet
	FamilyInput
	FamilySoftware
	familyCount
)

// String is the family in the words of the table.
func (f Family) String() string {
	names := [familyCount]string{
		"packs", "converters", "DC bus", "inverter and earthing", "supplies", "circuits",
		"outlets", "inputs", "software",
	}
	if f < familyCount {
		return names[f]
	}
	return "unknown family"
}

// ClearedBy is who may end a rule's action once its condition is gone.
type ClearedBy uint8

// Who clears.
const (
	ClearedBySelf   ClearedBy = iota // by itself, after the clearing time
	ClearedByPage                    // a person, at the page
	ClearedAtUnit                    // a person who stands at the unit
	clearedByCounts                  // number of values
)

// String is who clears in the words of the page.
func (c ClearedBy) String() string {
	names := [clearedByCounts]string{"itself", "a person at the page", "a person at the unit"}
	if c < clearedByCounts {
		return names[c]
	}
	return "nobody"
}

// Clear says how a rule ends. The condition counts as gone when the signal is
// back over the limit by Back; it must stay gone for After.
type Clear struct {
	By    ClearedBy
	Back  float64 // hysteresis, in the rule's unit
	After bess.Span
}

// Unknown says what a signal that is not known means for a rule. The zero value
// starts nothing; it still clears nothing.
type Unknown struct {
	Trips bool      // acts as if over the limit
	Once  bool      // only when the signal had been known before
	After bess.Span // unknown for this long
}

// Lost acts when a signal that had been known is unknown for the span: parts
// that do not have the sensor are left in peace.
func Lost(after bess.Span) Unknown { return Unknown{Trips: true, Once: true, After: after} }

// Absent acts when a signal is unknown for the span, known before or not.
func Absent(after bess.Span) Unknown { return Unknown{Trips: true, After: after} }

// Reach is a set of parts that a rule holds besides, or instead of, its subject.
type Reach uint8

// Parts that a rule may reach. Without any, it holds its subject; a rule on the
// unit, the bus or an input then holds the whole unit.
const (
	ReachPacks Reach = 1 << iota
	ReachInverter
	ReachCircuits
	ReachOutlets
)

// Rule is one row of the table.
type Rule struct {
	ID      bess.RuleID
	Name    string
	Family  Family
	Subject bess.SubjectKind
	Unit    string // of signal and limit; empty: yes or no
	Watches string // the signal in words
	Bound   string // the limit in words
	Above   bool   // acts above the limit; else below it
	Qualify bess.Span
	Level   bess.Level
	Factor  float64 // with LevelDerate: share of the envelope left, 0..1
	// NoCharge forbids charging the pack, at whatever level.
	NoCharge bool
	Reach    Reach
	Clear    Clear
	Unknown  Unknown
	What     string // what is wrong
	Did      string // what the unit did
	MayDo    string // what a person may do
	Why      string // why the limit and the level are what they are

	signal func(x *look) (float64, bool)
	limit  func(u *bess.Unit, i int) float64
	again  bool // the signal is that of the row before, a step of the same ladder
}

// Latches reports whether a person must clear the rule.
func (r *Rule) Latches() bool { return r.Clear.By != ClearedBySelf }

// over reports whether a known value breaks the limit.
func (r *Rule) over(value, limit float64) bool {
	if r.Above {
		return value > limit
	}
	return value < limit
}

// back reports whether a known value is beyond the hysteresis on the good side.
func (r *Rule) back(value, limit float64) bool {
	if r.Above {
		return value <= limit-r.Clear.Back
	}
	return value >= limit+r.Clear.Back
}

// Rules is the whole table, by family.
func Rules() []Rule {
	families := [][]Rule{
		packReportRules(), packWitnessRules(), packStagedRules(), packContactorRules(), packCurrentRules(), packCellRules(), packHeatRules(),
		converterRules(), busRules(), inverterRules(), inverterOrderRules(), earthingRules(),
		feederSupplyRules(), feederStateRules(), feederDeviceRules(), feederPowerRules(), circuitRules(), outletRules(),
		inputRules(), cabinetRules(), softwareRules(), clockAndDiskRules(),
	}
	var all []Rule
	for _, rows := range families {
		for i, r := range rows {
			if r.again {
				r.signal = rows[i-1].signal
			}
			rows[i] = complete(r)
		}
		all = append(all, rows...)
	}
	return all
}

// complete fills what a row need not say: flags have the limit one half, and
// the level says what the unit did.
func complete(r Rule) Rule {
	if r.limit == nil {
		r.limit, r.Above = constant(0.5), true
		if r.Bound == "" {
			r.Bound = "yes"
		}
	}
	if r.Did == "" {
		r.Did = did(&r)
	}
	return r
}

func did(r *Rule) string {
	switch {
	case r.NoCharge && r.Level <= bess.LevelDerate:
		return "It is not charged; it may still be discharged."
	case r.Reach != 0 && r.Level == bess.LevelStop:
		return "What it touches was brought to zero power."
	case r.Reach != 0 && r.Level == bess.LevelDerate:
		return "What it touches was turned down."
	case r.Reach != 0 && r.Level == bess.LevelOpen:
		return "What it touches was switched off."
	}
	switch r.Level {
	case bess.LevelDerate:
		return "Its power was reduced."
	case bess.LevelStop:
		return "Its power was brought to zero; its contactors stay as they are."
	case bess.LevelOpen:
		return "It was brought to zero power and switched off."
	case bess.LevelOpenAll:
		return "Converters and inverter were stopped and everything was opened. Cooling stays on."
	default:
		return "Nothing: this is for your information."
	}
}

// constant is a limit that is the same for every subject.
func constant(x float64) func(*bess.Unit, int) float64 {
	return func(*bess.Unit, int) float64 { return x }
}

// Describe is the row of a rule, for pages and reports.
func Describe(id bess.RuleID) (Rule, bool) {
	for _, r := range Rules() {
		if r.ID == id {
			return r, true
		}
	}
	return Rule{}, false
}
