package guard

import (
	"fmt"
	"slices"

	"reprise/bess"
)

// Signal is something that a subject tells.
type Signal uint8

// Signals of a pack; Ordered is the controller's order to close it. From EmergencyStop on: of the I/O module.
const (
	Volts Signal = iota
	Current
	CellHigh
	CellLow
	Hot
	Cold
	Closed
	Ordered
	EmergencyStop
	HVIL
	Smoke
	Coils
	Insulation
	Reset // a person presses reset at the unit
	signals
)

func signalNames() []string {
	return []string{"volts", "current", "cell_high", "cell_low", "hot", "cold", "closed", "ordered", "emergency_stop", "hvil", "smoke", "coils", "insulation", "reset"}
}

// String is the signal as the file spells it.
func (s Signal) String() string { return word(signalNames(), int(s)) }

// MarshalText and UnmarshalText use the names of the file.
func (s Signal) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText finds a signal by name.
func (s *Signal) UnmarshalText(text []byte) error {
	i := slices.Index(signalNames(), string(text))
	if i < 0 {
		return fmt.Errorf("%q is no signal of the guard", text)
	}
	*s = Signal(i)
	return nil
}

// Kind is what a row judges.
type Kind uint8

// Kinds of a pack in use, then those of the I/O module.
const (
	CellOver        Kind = iota // highest cell above Limit, V
	CellUnder                   // lowest cell below Limit, V
	TooHot                      // hottest cell above Limit, C
	ColdCharge                  // coldest cell below Limit, C, while charging with more than With, A
	OverVolts                   // pack voltage above Limit, V
	OverCharge                  // charging with more than Limit, A
	OverDischarge               // discharging with more than Limit, A
	FlowsThoughOpen             // more than Limit, A, either way, that still changes although nobody orders it closed
	Implausible                 // pack voltage over With cell groups outside its cells by more than Limit, V
	Frozen                      // no reading moved while Limit, Ah, flowed at more than With, A
	Silent                      // ordered closed, and a signal that it tells is older than its age
	LeakLow                     // insulation below Limit, ohm, while the coils are on
	LoopIgnored                 // emergency stop, interlock or smoke, and the coils are still on
	kinds
)

func kindNames() []string {
	return []string{
		"cell_over", "cell_under", "too_hot", "cold_charge", "over_volts", "over_charge", "over_discharge", "flows_though_open", "implausible",
		"frozen", "silent", "leak_low", "loop_ignored", "starting", "limits_changed", "loop_late", "unit_wrong",
	}
}

// Causes beside the kinds: what withholds without a row.
const (
	Starting      Kind = kinds + iota // nothing was judged yet
	LimitsChanged                     // the guard's own limits differ from what was read
	LoopLate                          // the guard's own loop was late
	UnitWrong                         // the controller's frames stopped or are wrong
)

// String is the kind as the file spells it.
func (k Kind) String() string { return word(kindNames(), int(k)) }

// MarshalText uses the names of the file.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText finds a kind by name.
func (k *Kind) UnmarshalText(text []byte) error {
	i := slices.Index(kindNames(), string(text))
	if i < 0 || i >= int(kinds) {
		return fmt.Errorf("%q is nothing that the guard judges", text)
	}
	*k = Kind(i)
	return nil
}

func word(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "unknown"
}

// Needs are the signals without which a row of the kind could never stand.
func (k Kind) Needs() []Signal {
	return [][]Signal{
		{CellHigh}, {CellLow}, {Hot}, {Cold, Current}, {Volts}, {Current}, {Current}, {Current, Ordered}, {Volts, CellHigh, CellLow},
		{Volts, Current}, {Ordered}, {Insulation, Coils}, {Coils},
	}[k]
}

// Times of the guard itself.
const (
	idle     = 5.0                    // A: below it a pack carries nothing
	settled  = bess.Second            // an order to open has arrived, and the current is the new one
	overrun  = 500 * bess.Millisecond // between two passes of its loop
	patience = 2 * bess.Second        // with a controller that is not heard
	recovery = bess.Second            // clean before it pulses again
)

// Verdict is the outcome of one pass.
type Verdict struct {
	Withhold bool
	Tripped  bool    // latched: only a person at the unit ends it
	Cause    Kind    // meaningless while it does not withhold
	Subject  int     // 0: the I/O module or the guard itself
	Value    float64 // what stood beyond the limit
	Limit    float64
}

// Judge is the guard's judgement and what it remembers between passes.
type Judge struct {
	limits *Limits
	sum    uint64
	since  []bess.Instant // of each row: since when it stands
	stands []bool
	packs  []memory // by subject
	passed bool
	last   bess.Instant
	begun  bess.Instant
	until  bess.Instant // withheld until, after a disturbance
	soft   Kind         // what disturbed
	trip   Verdict
}

// memory is what is remembered of a pack.
type memory struct {
	ordered   bool
	unordered bess.Instant // since when nobody orders it closed
	flowed    float64      // Ah since a reading moved
}

// NewJudge judges by these limits, which it holds to be right now.
func NewJudge(l *Limits) *Judge {
	return &Judge{limits: l, sum: l.sum(), since: make([]bess.Instant, len(l.Rows)), stands: make([]bool, len(l.Rows)), packs: make([]memory, 1+len(l.Packs))}
}

// Look judges an image at an instant. It allocates nothing and reads no clock.
func (j *Judge) Look(image *Image, now bess.Instant) Verdict {
	if !j.passed {
		j.begun, j.last = now, now
	}
	gap := now.Since(j.last)
	j.remember(image, now, gap)
	standing := j.rows(image, now)
	switch {
	case j.limits.sum() != j.sum:
		j.trip = Verdict{Withhold: true, Tripped: true, Cause: LimitsChanged}
	case j.trip.Tripped && j.trip.Cause != LimitsChanged && !standing && image.Of[0][Reset].is(true, now):
		j.trip = Verdict{}
	}
	j.disturbances(image, now, gap)
	j.last, j.passed = now, true
	switch {
	case j.trip.Tripped:
		return j.trip
	case now < j.until:
		return Verdict{Withhold: true, Cause: j.soft}
	}
	return Verdict{}
}

// disturbances are what withholds for a while and ends by itself.
func (j *Judge) disturbances(image *Image, now bess.Instant, gap bess.Span) {
	heard := max(j.begun, image.Unit.Good)
	switch {
	case gap > overrun:
		j.soft, j.until = LoopLate, now.Add(recovery)
	case now.Since(heard) > patience:
		j.soft, j.until = UnitWrong, now.Add(recovery)
	case !image.Unit.Sound:
		j.soft, j.until = Starting, now.Add(1) // until the controller is heard for the first time
	}
}

// rows runs the clock of each row and trips what stood too long. It reports whether anything stands now.
func (j *Judge) rows(image *Image, now bess.Instant) (standing bool) {
	for i := range j.limits.Rows {
		r := &j.limits.Rows[i]
		x, beyond := j.beyond(r, image, now)
		if !beyond {
			j.stands[i] = false
			continue
		}
		if !j.stands[i] {
			j.stands[i], j.since[i] = true, now
		}
		standing = true
		if now.Since(j.since[i]) >= bess.Span(r.For) && !j.trip.Tripped {
			j.trip = Verdict{Withhold: true, Tripped: true, Cause: r.Kind, Subject: r.Subject, Value: x, Limit: r.Limit}
		}
	}
	return standing
}

// remember follows orders, and the charge that flows while no reading moves.
func (j *Judge) remember(image *Image, now bess.Instant, gap bess.Span) {
	for s := 1; s < len(j.packs); s++ {
		m, v := &j.packs[s], &image.Of[s]
		ordered := v[Ordered].is(true, now)
		if m.ordered && !ordered || !j.passed {
			m.unordered = now
		}
		m.ordered = ordered
		amps, ok := v[Current].fresh(now)
		moved := max(v[Current].Moved, v[Volts].Moved, v[CellHigh].Moved, v[CellLow].Moved)
		if !ok || !ordered || now.Since(moved) < gap+settled {
			m.flowed = 0
			continue
		}
		m.flowed += float64(max(amps, -amps) * float64(gap.Seconds()) / 3600)
	}
}

// beyond reports whether a row stands, and the value by which it does.
func (j *Judge) beyond(r *Row, image *Image, now bess.Instant) (float64, bool) {
	v := &image.Of[r.Subject]
	amps, flowing := v[Current].fresh(now)
	above := func(s Signal, sign float64) (float64, bool) {
		x, ok := v[s].fresh(now)
		return x, ok && sign*x > sign*r.Limit && inUse(v, now)
	}
	switch r.Kind {
	case CellOver:
		return above(CellHigh, 1)
	case CellUnder:
		return above(CellLow, -1)
	case TooHot:
		return above(Hot, 1)
	case ColdCharge:
		x, cold := above(Cold, -1)
		return x, cold && flowing && amps < -r.With
	case OverVolts:
		return above(Volts, 1)
	case OverCharge:
		return amps, flowing && amps < -r.Limit
	case OverDischarge:
		return amps, flowing && amps > r.Limit
	case FlowsThoughOpen:
		free := j.packs[r.Subject].unordered.Add(settled)
		return amps, flowing && max(amps, -amps) > r.Limit && !j.packs[r.Subject].ordered && now >= free && v[Current].Moved >= free
	case Implausible:
		return j.apart(r, v, now)
	case Frozen:
		m := &j.packs[r.Subject]
		return m.flowed, m.flowed > r.Limit && max(amps, -amps) > r.With
	case Silent:
		return 0, v[Ordered].is(true, now) && old(v, now)
	case LeakLow:
		x, ok := v[Insulation].fresh(now)
		return x, ok && x < r.Limit && v[Coils].is(true, now)
	case LoopIgnored:
		return 1, v[Coils].is(true, now) && (v[EmergencyStop].is(true, now) || v[HVIL].is(true, now) || v[Smoke].is(true, now))
	case kinds, LimitsChanged, LoopLate, UnitWrong: // no row has them
	}
	return 0, true // what is not understood is not safe
}

// apart is how far the pack's voltage per cell group lies outside its own cells.
func (j *Judge) apart(r *Row, v *[signals]Value, now bess.Instant) (float64, bool) {
	volts, a := v[Volts].fresh(now)
	high, b := v[CellHigh].fresh(now)
	low, c := v[CellLow].fresh(now)
	mean := volts / r.With
	apart := max(mean-high, low-mean)
	return apart, a && b && c && apart > r.Limit && inUse(v, now)
}

// inUse reports whether a pack says closed, is ordered closed, or carries current.
func inUse(v *[signals]Value, now bess.Instant) bool {
	amps, flowing := v[Current].fresh(now)
	return v[Closed].is(true, now) || v[Ordered].is(true, now) || flowing && max(amps, -amps) > idle
}

// old reports whether anything that the pack tells, beside the contactor, is older than it may be.
func old(v *[signals]Value, now bess.Instant) bool {
	for s := Volts; s <= Cold; s++ {
		if _, ok := v[s].fresh(now); v[s].MaxAge > 0 && !ok {
			return true
		}
	}
	return false
}
