package bess

import "reprise/bess/si"

// Snapshot is what the machine reports, as one picture per tick. Readings keep
// their own age.
type Snapshot struct {
	Now        Instant
	Civil      Civil
	Packs      []PackView
	Converters []ConverterView
	Inverter   InverterView
	Bus        BusView
	Feeders    []FeederView
	Circuits   []CircuitView
	Outlets    []OutletView
	IO         IOView
	Store      StoreView
	Ambient    Reading[si.Celsius]
}

// Identity is the verdict on who a pack is, from evidence.
type Identity uint8

// Only Confirmed may close a contactor.
const (
	Unidentified Identity = iota // nothing of it is known: "unknown"
	FamilyKnown                  // family known, type unconfirmed
	Confirmed
	WrongPack // evidence contradicts the configured type or serial
)

// String is the identity in the words of the page.
func (i Identity) String() string {
	names := [...]string{"unknown", "family known, type unconfirmed", "confirmed", "wrong pack"}
	if int(i) < len(names) {
		return names[i]
	}
	return "unknown"
}

// PackView is what a pack's own management system says. What it says can be
// wrong.
type PackView struct {
	Identity      Identity
	Volts         Reading[si.Volts] // behind its main contactors, cell side
	LinkVolts     Reading[si.Volts] // converter side
	Current       Reading[si.Amps]  // positive: discharge
	SoC           Reading[si.Ratio]
	SoCLow        Reading[si.Ratio] // weakest cell
	SoCHigh       Reading[si.Ratio]
	SoH           Reading[si.Ratio]
	Available     Reading[si.WattHours]
	CellHigh      Reading[si.Volts]
	CellLow       Reading[si.Volts]
	Hot           Reading[si.Celsius]
	Cold          Reading[si.Celsius]
	Average       Reading[si.Celsius]
	Discharge     Reading[si.Watts] // continuous limit
	Charge        Reading[si.Watts]
	DischargePeak Reading[si.Watts]
	ChargePeak    Reading[si.Watts]
	Contactor     Flag // main contactors closed, by feedback
	Precharging   Flag
	Interlock     Flag // its HVIL loop is closed
	IsolationLow  Flag
	Weld          Flag // reports a welded contactor
	OpenNow       Flag // staged fault: open at once
	OpenSoon      Flag // staged fault: open within its announced time
	DerateWanted  Flag
	NoCharge      Flag
	Alive         Reading[si.Ratio] // last frame of any kind; value 1
	Garbage       uint32            // frames refused so far
}

// ConverterView is what a DC/DC converter reports.
type ConverterView struct {
	Running   Flag
	Fault     Flag
	Power     Reading[si.Watts] // bus side; positive into the bus
	PackVolts Reading[si.Volts]
	PackAmps  Reading[si.Amps] // positive: discharge
	BusVolts  Reading[si.Volts]
	Heatsink  Reading[si.Celsius]
	Losses    Reading[si.Watts]
	OverVolts Flag // its own over-voltage trip blocked it; Fault says so too
}

// InverterMode is the mode an inverter reports or is ordered to.
type InverterMode uint8

// Inverter modes. Form is impossible while a feeder contactor is closed.
const (
	InverterOff InverterMode = iota
	InverterFollow
	InverterForm
)

// String is the mode in the words of the page.
func (m InverterMode) String() string {
	names := [...]string{"off", "following", "forming"}
	if int(m) < len(names) {
		return names[m]
	}
	return "unknown mode"
}

// InverterView is what the inverter reports.
type InverterView struct {
	Running    Flag
	Fault      Flag
	LossOfMain Flag                 // its loss-of-mains protection tripped
	Mode       Reading[si.Ratio]    // numeric value of InverterMode
	Power      Reading[si.Watts]    // AC side; positive into the AC bus
	Reactive   Reading[si.VoltAmps] // positive into the AC bus
	PhasePower [3]Reading[si.Watts]
	PhaseVolts [3]Reading[si.Volts] // of the AC bus
	PhaseAmps  [3]Reading[si.Amps]
	Hertz      Reading[si.Hertz]
	DCVolts    Reading[si.Volts]
	DCPower    Reading[si.Watts] // DC side; positive into the DC bus
	Heatsink   Reading[si.Celsius]
	OverVolts  Flag // blocked by its own trip on the DC bus's voltage: too high; Fault says so too
	UnderVolts Flag // too low
}

// BusView is what is measured on the DC bus itself.
type BusView struct {
	Volts      Reading[si.Volts]
	Insulation Reading[si.Ohms]  // of the active insulation monitor
	OwnUse     Reading[si.Watts] // cooling and electronics, a draw, positive
}

// FeederView is what is measured at a supply.
type FeederView struct {
	PhaseVolts  [3]Reading[si.Volts] // supply side of its contactor
	Hertz       Reading[si.Hertz]
	PhaseAmps   [3]Reading[si.Amps]
	Power       Reading[si.Watts] // positive: import
	Imported    Reading[si.WattHours]
	Exported    Reading[si.WattHours]
	Contactor   Flag
	Forward     Flag // phase rotation as expected
	Neutral     Flag // neutral present
	NeutralToE  Reading[si.Volts]
	Running     Flag // generator
	Fault       Flag
	Fuel        Reading[si.Ratio]
	Plugged     Flag // CCS
	Locked      Flag
	PostVolts   Reading[si.Volts] // CCS: what the post can reach
	PostCurrent Reading[si.Amps]
	PostPower   Reading[si.Watts]
	Intensity   Reading[si.GramsPerKWh] // carbon of its energy now
	Price       Reading[si.Pounds]      // per kWh
}

// CircuitView is what is measured on a circuit.
type CircuitView struct {
	Closed    Flag
	Tripped   Flag              // its RCD or breaker
	Power     Reading[si.Watts] // negative: draws
	PhaseAmps [3]Reading[si.Amps]
	Drawn     Reading[si.WattHours] // meter
}

// OutletView is what a charging station reports.
type OutletView struct {
	Online       Flag
	Plugged      Flag
	Charging     Flag // energy is being transferred or wanted
	Fault        Flag
	Tripped      Flag              // its RCD
	Power        Reading[si.Watts] // negative: draws
	PhaseAmps    [3]Reading[si.Amps]
	Drawn        Reading[si.WattHours] // meter
	Offered      Reading[si.Amps]      // read back from the station
	OfferedDC    Reading[si.Watts]
	Vehicle      Reading[si.Ratio] // SoC, where the vehicle tells it
	VehicleWants Reading[si.Watts] // rapid: requested power
	Visit        uint64            // transaction number, 0: none
}

// IOView is what the I/O module reports. For Inputs, Yes means trouble.
type IOView struct {
	Inputs       [InputCount]Flag
	TwelveVolt   Reading[si.Volts]
	OutletSupply Flag // outlet supply contactor closed, by feedback
	Bond         Flag // neutral-earth bond closed, by feedback
	Inhibit      Flag // the hold-in window ran out: converters and inverter inhibited
	Coils        Flag // coil supply present
	LocalLock    Flag // a person locked the unit out at the cabinet
	Guard        Flag // the second process contributes its half of the hold-in
	Coolant      Reading[si.Celsius]
	Alive        Reading[si.Ratio]
}

// StoreView is the durable store's own report.
type StoreView struct {
	DurableUpTo uint64 // the highest entry and latch number safely on disk
	Full        Flag
	Failed      Flag
	Free        Reading[si.Ratio]
}

// NewSnapshot is an all-missing snapshot sized for the unit.
func NewSnapshot(u *Unit) Snapshot {
	return Snapshot{
		Packs:      make([]PackView, len(u.Packs)),
		Converters: make([]ConverterView, len(u.Converters)),
		Feeders:    make([]FeederView, len(u.Feeders)),
		Circuits:   make([]CircuitView, len(u.Circuits)),
		Outlets:    make([]OutletView, len(u.Outlets)),
	}
}

// CopyFrom makes s equal to o without sharing memory. Both are sized for the
// same unit.
func (s *Snapshot) CopyFrom(o *Snapshot) {
	packs, converters, feeders := s.Packs, s.Converters, s.Feeders
	circuits, outlets := s.Circuits, s.Outlets
	copy(packs, o.Packs)
	copy(converters, o.Converters)
	copy(feeders, o.Feeders)
	copy(circuits, o.Circuits)
	copy(outlets, o.Outlets)
	*s = *o
	s.Packs, s.Converters, s.Feeders, s.Circuits, s.Outlets = packs, converters, feeders, circuits, outlets
}
