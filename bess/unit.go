package bess

import "reprise/bess/si"

// Identifiers are indices into the slices of Unit and of everything sized by
// it. They are distinct types, so that a pack number cannot index outlets.
// Screens count from one.
type (
	PackID      int
	ConverterID int
	FeederID    int
	CircuitID   int
	OutletID    int
)

// Nobody is the identifier of nothing.
const Nobody = -1

// Unit is the machine as installed: constant while it runs. Slices keep their
// order and length for life.
type Unit struct {
	Name       string
	Site       Site
	Bus        Bus
	Packs      []Pack
	Converters []Converter // Converters[i].Pack names its pack; empty with SwitchedPacks
	Inverter   Inverter
	Network    Network
	Feeders    []Feeder
	Circuits   []Circuit
	Outlets    []Outlet
	IO         IO
	Cabinet    Cabinet
	Displaced  Displaced
}

// Topology is how the packs join the DC bus.
type Topology uint8

// The two topologies in the field.
const (
	ConverterPerPack Topology = iota // one DC/DC converter per pack (reference)
	SwitchedPacks                    // packs switched straight onto a common bus
)

// Regulator names who holds the DC bus voltage.
type Regulator uint8

// Exactly one device, or one droop group, regulates a bus.
const (
	RegulatorNone       Regulator = iota
	RegulatorInverter             // the inverter, while a live network carries it
	RegulatorConverters           // the converters share by droop
	RegulatorPack                 // a pack switched straight onto the bus
)

// Bus is the DC bus.
type Bus struct {
	Topology    Topology
	OnNetwork   Regulator // who regulates while grid or generator is connected
	Islanded    Regulator // who regulates in island
	Nominal     si.Volts
	Min, Max    si.Volts // operating window
	Trip        si.Volts // undervoltage trip of the inverter
	Capacitance si.Farads
}

// Chemistry of a cell.
type Chemistry uint8

// Chemistries with curves in package cell.
const (
	NMC Chemistry = iota
	NMC811
	LMO // LMO/NMC blend, as in early Leaf
	LFP
	NCA
)

// String is the chemistry's usual name.
func (c Chemistry) String() string {
	names := [...]string{"NMC", "NMC811", "LMO", "LFP", "NCA"}
	if int(c) < len(names) {
		return names[c]
	}
	return "unknown chemistry"
}

// PackType is what all packs of one model share.
type PackType struct {
	Name       string // as in the description file, such as "l405"
	Family     string // identifier family, such as "jlr"
	Title      string // for people
	StandIn    bool   // our own stand-in: no public database of this pack exists
	Chemistry  Chemistry
	Series     int          // cell groups in series
	Capacity   si.AmpHours  // as new
	Energy     si.WattHours // gross, as new
	Usable     si.WattHours // usable, as new
	Resistance si.Ohms      // whole pack, as new, 25 C, mid SoC, 10 s pulse
	Window     [2]si.Ratio  // usable SoC window of the gross capacity: floor, ceiling
	Limits     PackLimits
	Contactor  Contactor
	Closing    Closing
	HeatPerK   si.JoulesPerK // thermal mass of the pack
	LossPerK   si.WattsPerK  // to the coolant or cabinet air
}

// PackLimits are the hard limits of a pack type; a pack's own reported limit
// may only narrow them.
type PackLimits struct {
	PackMin, PackMax     si.Volts
	CellMin, CellMax     si.Volts
	CellSpread           si.Volts // highest minus lowest cell
	ChargeMin            si.Celsius
	DischargeMin         si.Celsius
	DerateAbove, TripAt  si.Celsius
	Charge, Discharge    si.Watts // continuous, as new
	ChargeCurrent        si.Amps
	DischargeCurrent     si.Amps
	InsulationOhmPerVolt si.Ohms
}

// Closing is how a pack's contactors are closed.
type Closing uint8

// Ways to close a pack; part of its type.
const (
	ClosingExternal Closing = iota // external contactors under the I/O module; the pack's own stay as its maker left them
	ClosingCAN                     // by a CAN message
	ClosingWake                    // by wake and PWM lines
)

// Contactor is a pair of main contactors with a precharge path.
type Contactor struct {
	Rated            si.Amps    // carries continuously
	Break            si.Amps    // highest current it may open
	PrechargeOhms    si.Ohms    // precharge resistor
	LinkCapacitance  si.Farads  // capacitance to be charged behind it
	MatchWithin      si.Volts   // |dV| plus its uncertainty must be within
	VoltsUncertainty si.Volts   // of one voltage measurement
	Operate          si.Seconds // mechanical operating time
	LifeOperations   int        // rated number of operations without load
}

// PrechargeTau is the time constant of the precharge path.
func (c Contactor) PrechargeTau() si.Seconds {
	return si.Seconds(float64(c.PrechargeOhms) * float64(c.LinkCapacitance))
}

// Pack is one battery as racked.
type Pack struct {
	Name         string // for people, such as "Pack 3"
	Serial       string // expected serial; empty: not known before the first reading
	Type         PackType
	Health       si.Ratio // capacity against new, from intake
	HealthSigma  si.Ratio // one standard deviation of Health
	Growth       si.Ratio // resistance against new, from intake; 1 = as new
	FrameTimeout Span     // readings older than this are stale
}

// Converter is a DC/DC converter between one pack and the DC bus.
type Converter struct {
	Name        string
	Pack        PackID
	Rated       si.Watts
	PackCurrent si.Amps // pack-side maximum
	Isolated    bool
	Loss        LossCurve
	Standby     si.Watts
	Ramp        si.Watts // per second
	Heartbeat   Span     // falls to zero this long after the last order
	IslandHold  Span     // in droop holds the last references this long
	MinimumOn   Span
	Slope       si.Watts // per volt below the reference, in droop
}

// LossCurve is converter loss over throughput, relative to the rating:
// loss/rated = A p^2 + B p + C with p = |power|/rated.
type LossCurve struct{ A, B, C float64 }

// Inverter is the grid-forming, grid-following PCS between DC and AC bus.
type Inverter struct {
	Name         string
	Rated        si.VoltAmps // all phases
	Phases       int
	PhaseVolts   si.Volts // line to neutral, nominal
	Nominal      si.Hertz
	Overload     si.Ratio // of rated, for OverloadFor
	OverloadFor  Span
	FaultCurrent si.Amps // per phase, into a short circuit
	Loss         LossCurve
	Standby      si.Watts
	Ramp         si.Watts // per second
	Heartbeat    Span
	IslandHold   Span
	Isolated     bool
	Starts       si.Seconds // from order to forming
}

// Network is the AC side's supervision.
type Network struct {
	VoltsMin, VoltsMax si.Ratio // of nominal
	HertzMin, HertzMax si.Hertz
	ReturnAfter        Span // volts and hertz in band this long before a return
	DeadBelow          si.Volts
	SyncCheck          bool // a sync-check device permits a return without a break
	TransferTimeout    Span
	FormAlone          bool // the unit may go to island when no feeder is live
}

// FeederKind is the kind of a supply.
type FeederKind uint8

// Kinds of feeder.
const (
	Grid FeederKind = iota
	Generator
	Solar
	CCS // the vehicle inlet, fed by a rapid charger
)

// String is the kind in the words of the page.
func (k FeederKind) String() string {
	names := [...]string{"grid", "generator", "solar", "ccs"}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown supply"
}

// FeederMode is what a feeder may be used for.
type FeederMode uint8

// Modes; the default is the narrowest.
const (
	ChargeOnly FeederMode = iota // never back into it
	Parallel                     // may run beside it without export
	Export                       // may feed back up to the recorded limit
	Transfer                     // generator: carries the loads alone
	Supported                    // generator: the unit helps above its band
)

// Earthing of a supply.
type Earthing uint8

// Earthing arrangements (BS 7671).
const (
	EarthingUnknown Earthing = iota
	TNS
	PME // TN-C-S
	TT
	GeneratorEarth
)

// Feeder is one supply as installed. What a person found at the site stands in
// its SiteRecord.
type Feeder struct {
	Name       string
	Kind       FeederKind
	DC         bool    // hangs on the DC bus (CCS, DC-coupled solar); else on the AC bus
	Phases     int     // 1 or 3
	PhaseLimit si.Amps // per phase
	Cap        si.Watts
	Mode       FeederMode
	Impedance  si.Ohms // source impedance per phase
	Set        GeneratorSet
	Array      SolarArray
	Inlet      Inlet
	Record     SiteRecord
}

// Carries reports whether a feeder can carry the AC bus. Solar on it cannot
// form; what hangs on the DC bus is not on it.
func (f *Feeder) Carries() bool { return !f.DC && f.Kind != Solar }

// GeneratorSet is a generating set with its governor.
type GeneratorSet struct {
	Rated       si.Watts
	MinimumLoad si.Ratio // below: wet stacking
	WarmUp      Span
	CoolDown    Span
	MinimumRun  Span
	StartTries  int
	StartWait   Span
	Tank        si.Litres
	Droop       si.Ratio // frequency fall from no load to full load
}

// SolarArray is a photovoltaic array with its inverter.
type SolarArray struct {
	Peak  si.Watts
	Rated si.Watts // of its inverter
}

// Inlet is the CCS vehicle inlet: the unit plays the car.
type Inlet struct {
	VoltsMin, VoltsMax si.Volts
	Current            si.Amps
	Rated              si.Watts
}

// SiteRecord is what a named person established on arrival. The zero record
// permits nothing to be closed.
type SiteRecord struct {
	Person     string
	At         Civil
	Earthing   Earthing
	Poles      int // phases found live
	Neutral    Tri // neutral present
	Earth      Tri // earth present
	Forward    Tri // phase rotation L1-L2-L3
	NeutralToE si.Volts
	Agreed     si.Watts // agreed cap
	Parallel   bool     // permission to run in parallel
	ExportCap  si.Watts // permission to export, with reference
	Reference  string
	Expires    Instant // 0: it does not end
}

// Holds reports whether the record permits anything at an instant: a person has
// signed it and it has not ended. A record without an end does not end.
func (r *SiteRecord) Holds(now Instant) bool {
	return r.Person != "" && (r.Expires == 0 || now <= r.Expires)
}

// Inrush is the class of a load's starting current.
type Inrush uint8

// Inrush classes.
const (
	InrushLow Inrush = iota
	InrushMotor
	InrushTransformer
)

// Circuit is a metered output for general loads.
type Circuit struct {
	Name     string
	Phases   int
	Phase    int // 0..2 for a single-phase circuit: L1, L2, L3
	Limit    si.Amps
	Priority int  // 1 is shed last
	Shed     bool // has a shed relay
	Inrush   Inrush
}

// OutletKind is how an outlet feeds a vehicle.
type OutletKind uint8

// Kinds of outlet.
const (
	AC    OutletKind = iota
	Rapid            // CCS direct current
)

// Outlet is one charge point for vehicles.
type Outlet struct {
	Name       string
	Station    string // OCPP identity
	Kind       OutletKind
	Phases     int
	Phase      int     // 0..2: the bus phase that feeds its L1
	Current    si.Amps // highest offer per phase
	Minimum    si.Amps // lowest offer that a vehicle follows
	Rated      si.Watts
	VoltsMin   si.Volts // rapid: output window
	VoltsMax   si.Volts
	Fallback   si.Amps // offered by the station alone after its order ended
	FallbackDC si.Watts
	Hold       Span // an order's life at the station
	Lag        Span // a station may take this long to follow
	ShedsFast  bool // sheds on bus droop by a fast path
	Priority   int
	Loss       LossCurve // rapid: its DC/DC converter
	Ramp       si.Watts  // rapid: per second
	Standby    si.Watts
}

// IO is the I/O module: which inputs and outputs exist.
type IO struct {
	Period     Span // of its frames
	Watchdog   Span // outputs fall safe this long after the last order
	HoldWindow Span // the hold-in window; longer than a controller restart
	CoilDelay  Span // coils drop this long after the inhibit
	Has        [InputCount]bool
}

// Input is a digital or analogue safety input.
type Input uint8

// Inputs of the I/O module. A true flag means trouble.
const (
	EmergencyStop Input = iota
	HVIL
	RCD
	Smoke
	Gas
	Water
	Tilt
	Door
	CoolantLow
	InputCount
)

// String is the input in the words of the page.
func (i Input) String() string {
	names := [...]string{
		"emergency stop", "interlock loop", "residual current device", "smoke",
		"gas", "water", "tilt", "door", "coolant flow",
	}
	if int(i) < len(names) {
		return names[i]
	}
	return "unknown input"
}

// Cabinet is the enclosure with its own use.
type Cabinet struct {
	Electronics   si.Watts // always on
	Pump          si.Watts
	Fan           si.Watts
	Heater        si.Watts
	HeatLossPerK  si.WattsPerK
	HeatPerK      si.JoulesPerK
	CoolAbove     si.Celsius
	HeatBelow     si.Celsius
	TwelveVoltMin si.Volts
}

// Site is the plain rule that runs the unit until a plan says better.
type Site struct {
	Name         string
	ImportCap    si.Watts
	Reserve      si.WattHours
	RefillWindow Window
	RefillTarget si.Ratio
	SolarFirst   bool
	Island       bool // no grid at this site
	QuietHours   Window
	StartBelow   si.Ratio // generator starts below this SoC
	StopAbove    si.Ratio
	StartLoad    si.Watts // or above this load
	LostDataRuns bool     // lost pack data starts it
	Sharing      Sharing
	Transport    bool
}

// Sharing is the policy that shares energy among vehicles.
type Sharing uint8

// Sharing policies; equitable is the default.
const (
	Equitable Sharing = iota
	FirstCome
	PriorityClasses
	MostFinished
)

// Displaced is the generator that the unit is claimed to replace, for the
// gross saving; zero: no claim.
type Displaced struct {
	Rated      si.Watts
	GramsPerL  float64 // g CO2e per litre burnt
	FactorYear int
	FactorName string
}
