package twin

import (
	"strings"

	"reprise/bess"
)

// FaultKind is what can go wrong. The list is closed; its words stand in String.
type FaultKind uint8

// Faults. Behind each: what Index names, what Part names, the unit of Value.
const (
	FaultNone           FaultKind = iota
	CellHeat                      // pack; cell; degC of that cell, reached after Over
	CellShort                     // pack; cell; V below the others
	CoolantLoss                   // unit
	BMSFrozen                     // pack
	BMSSilent                     // pack
	BMSDrift                      // pack; V of cell readings, reached after Over
	SoCLie                        // pack; ratio added to what it says
	BMSOpenNow                    // pack
	BMSOpenSoon                   // pack
	BMSDerate                     // pack
	BMSNoCharge                   // pack
	InterlockOpen                 // pack; Nobody: the unit's loop
	InsulationFall                // pack, Nobody: the bus; ohm, reached after Over
	PrechargeFailure              // pack
	ContactorWelded               // pack
	ContactorStuckOpen            // pack
	FeederWelded                  // feeder
	ConverterTrip                 // converter
	ConverterIgnores              // converter
	ConverterDeaf                 // converter: hears no more orders
	BusShort                      // unit
	InverterTrip                  // unit
	FeederLost                    // feeder
	FeederSag                     // feeder; ratio of nominal left
	PhaseLost                     // feeder; phase 1..3
	NeutralLost                   // feeder
	PhasesReversed                // feeder
	BondMissing                   // unit
	BondWelded                    // unit: closed beside a live supply's own bond
	GeneratorRefuses              // feeder
	GeneratorStops                // feeder
	CircuitShort                  // circuit
	OutletRCD                     // outlet
	CircuitRCD                    // circuit
	StationSilent                 // outlet
	StationIgnores                // outlet
	StationReboots                // outlet; s
	MeterJump                     // outlet; Wh
	VehicleOverdraw               // outlet; A above its offer
	InputTrouble                  // Part: bess.Input
	TwelveVoltLow                 // unit; V; electronics stop below 9 V
	AmbientStep                   // unit; degC
	ClockJump                     // unit; s
	DiskFull                      // unit
	GuardMissing                  // unit
	IOSilent                      // unit
	FramesDropped                 // pack; ratio of its frames that never arrive
	FramesDelayed                 // pack; s
	FramesDoubled                 // pack: each arrives twice
	FramesCorrupted               // pack; ratio
	FramesReordered               // pack: an older one arrives behind a newer one
	BMSReboots                    // pack; s
	ConverterReboots              // converter; s
	InverterReboots               // unit; s
	IOReboots                     // unit; s
	FeederStuckOpen               // feeder
	StationLies                   // outlet; ratio of its power that it reports
	DiskStalls                    // unit: nothing becomes durable
	ConverterOverdrives           // converter; V to which it drives the bus: its regulator's sensor reads low
	faultCount
)

// String is the fault in the words of a scenario.
func (k FaultKind) String() string {
	names := [faultCount]string{
		"none", "cell heat", "cell short", "coolant loss", "bms frozen", "bms silent", "bms drift", "soc lie",
		"bms open now", "bms open soon", "bms derate", "bms no charge", "interlock open", "insulation fall",
		"precharge failure", "contactor welded", "contactor stuck open", "feeder contactor welded",
		"converter trip", "converter ignores", "converter deaf", "bus short", "inverter trip", "feeder lost",
		"feeder sag", "phase lost", "neutral lost", "phases reversed", "bond missing", "bond welded", "generator refuses",
		"generator stops", "circuit short", "outlet rcd", "circuit rcd", "station silent", "station ignores",
		"station reboots", "meter jump", "vehicle overdraw", "input trouble", "12 v low", "ambient step",
		"clock jump", "disk full", "guard missing", "io silent", "frames dropped", "frames delayed", "frames doubled",
		"frames corrupted", "frames reordered", "bms reboots", "converter reboots", "inverter reboots", "io reboots",
		"feeder contactor stuck open", "station lies", "disk stalls",
		"converter overdrives",
	}
	if k < faultCount {
		return names[k]
	}
	return "unknown fault"
}

// ParseFault is the kind of those words, or false.
func ParseFault(words string) (FaultKind, bool) {
	words = strings.ToLower(strings.TrimSpace(words))
	for k := FaultNone + 1; k < faultCount; k++ {
		if k.String() == words {
			return k, true
		}
	}
	return FaultNone, false
}

// Unit is the unit of a fault's Value; empty when it has none.
func (k FaultKind) Unit() string {
	switch k {
	case CellHeat, AmbientStep:
		return "C"
	case CellShort, BMSDrift, TwelveVoltLow, ConverterOverdrives:
		return "V"
	case SoCLie, FeederSag, FramesDropped, FramesCorrupted, StationLies:
		return "ratio"
	case InsulationFall:
		return "ohm"
	case StationReboots, ClockJump, FramesDelayed, BMSReboots, ConverterReboots, InverterReboots, IOReboots:
		return "s"
	case MeterJump:
		return "Wh"
	case VehicleOverdraw:
		return "A"
	default:
		return ""
	}
}

// Subject is the kind of part that a fault's Index counts.
func (k FaultKind) Subject() bess.SubjectKind {
	switch {
	case k == CellHeat, k == CellShort, k >= BMSFrozen && k <= ContactorStuckOpen, k >= FramesDropped && k <= BMSReboots:
		return bess.OfPack
	case k >= ConverterTrip && k <= ConverterDeaf, k == ConverterReboots, k == ConverterOverdrives:
		return bess.OfConverter
	case k == FeederWelded, k >= FeederLost && k <= PhasesReversed, k == GeneratorRefuses, k == GeneratorStops,
		k == FeederStuckOpen:
		return bess.OfFeeder
	case k == CircuitShort, k == CircuitRCD:
		return bess.OfCircuit
	case k == OutletRCD, k >= StationSilent && k <= VehicleOverdraw, k == StationLies:
		return bess.OfOutlet
	case k == InverterTrip, k == InverterReboots:
		return bess.OfInverter
	case k == BusShort:
		return bess.OfBus
	case k == InputTrouble:
		return bess.OfIO
	}
	return bess.OfUnit
}

// Fault is one thing that goes wrong.
type Fault struct {
	Kind  FaultKind
	Index int     // which part, from 0
	Part  int     // cell, phase or input, where the kind has one
	Value float64 // in the kind's Unit
	Over  float64 // s until Value is reached; 0: at once
}

// ramp is a fault on its way to its value.
type ramp struct {
	fault   Fault
	from    float64
	elapsed float64
}

// Apply makes a fault true. A part that does not exist is left out in silence:
// a fault is data, and whoever wrote it is told by the scenario's own check.
func (w *World) Apply(f Fault) {
	if f.Over > 0 && len(w.faults) < cap(w.faults) {
		w.faults = append(w.faults, ramp{fault: f, from: w.present(f)})
		return
	}
	w.set(f, f.Value, true)
}

// Heal ends a fault: what can recover by itself recovers; what a person must
// repair (a weld, a tripped breaker) is repaired.
func (w *World) Heal(f Fault) {
	kept := w.faults[:0]
	for _, r := range w.faults {
		if r.fault.Kind != f.Kind || r.fault.Index != f.Index {
			kept = append(kept, r)
		}
	}
	w.faults = kept
	w.set(f, 0, false)
}

// present is the value from which a ramp starts.
func (w *World) present(f Fault) float64 {
	if f.Index < 0 || f.Index >= len(w.packs) {
		return 0
	}
	switch f.Kind {
	case CellHeat:
		return w.packs[f.Index].hottest()
	case InsulationFall:
		return w.packs[f.Index].insulation
	default:
		return 0
	}
}

// rampFaults moves faults towards their values.
func (w *World) rampFaults(dt float64) {
	w.bootDevices(dt)
	if len(w.faults) == 0 {
		w.coolCells(dt)
		return
	}
	kept := w.faults[:0]
	for _, r := range w.faults {
		r.elapsed += dt
		share := rise(r.elapsed, 0, r.fault.Over)
		w.set(r.fault, r.from+float64((r.fault.Value-r.from)*share), true)
		if share < 1 {
			kept = append(kept, r)
		}
	}
	w.faults = kept
	w.coolCells(dt)
}

// coolCells lets the extra heat of a healed cell fade.
func (w *World) coolCells(dt float64) {
	for i := range w.packs {
		if p := &w.packs[i]; p.hotRise != 0 && !p.heated {
			p.hotRise = toward(p.hotRise, 0, float64(p.hotRise)*dt/120)
			if p.hotRise < 0.01 && p.hotRise > -0.01 {
				p.hotRise = 0
			}
		}
	}
}
