package bess

import "reprise/bess/si"

// Commands are the orders of one tick. The zero value is everything open and
// off. Each order carries its own lease; what happens when it ends is declared
// beside the actuator.
type Commands struct {
	Packs      []PackCommand
	Converters []ConverterCommand
	Inverter   InverterCommand
	Feeders    []FeederCommand
	Circuits   []CircuitCommand
	Outlets    []OutletCommand
	IO         IOCommand
}

// PackCommand orders a pack's contactors. Safe value: open. Hold: the lease.
type PackCommand struct {
	Wake      bool
	Precharge bool
	Close     bool
	Lease     Lease
}

// ConverterMode is how a converter is run.
type ConverterMode uint8

// Converter modes.
const (
	ConverterOff       ConverterMode = iota
	ConverterPower                   // follows a power setpoint; supports the bus only outside its band
	ConverterDroop                   // regulates the bus: power = Slope x (Reference - bus voltage), within its limits
	ConverterPrecharge               // raises the DC bus slowly from dark
)

// ConverterCommand orders a converter. Safe value: zero power. On a network it
// falls to zero at its heartbeat; in droop it holds its last references for
// its island hold and then stops.
type ConverterCommand struct {
	Mode      ConverterMode
	Power     si.Watts // setpoint, positive into the bus
	Reference si.Volts // droop: bus voltage at zero power
	Slope     si.Watts // droop: per volt
	Discharge si.Watts // limit, magnitude
	Charge    si.Watts // limit, magnitude
	Lease     Lease
}

// InverterCommand orders the inverter. Safe value: off.
type InverterCommand struct {
	Mode     InverterMode
	Import   si.Watts // limit of power out of the AC bus, magnitude
	Export   si.Watts // limit of power into the AC bus, magnitude
	Reactive si.VoltAmps
	Volts    si.Volts // forming: line to neutral
	Hertz    si.Hertz // forming
	DCVolts  si.Volts // following: the DC bus voltage it holds within its limits; 0: the nominal one
	Lease    Lease
}

// FeederCommand orders a supply. Safe value: contactor open, generator stopped.
type FeederCommand struct {
	Close bool
	Run   bool     // generator
	Limit si.Watts // solar: curtail to; CCS: request at most
	Volts si.Volts // CCS: presented voltage
	Lease Lease
}

// CircuitCommand orders a circuit's shed relay. Safe value: open.
type CircuitCommand struct {
	Close bool
	Lease Lease
}

// OutletCommand orders a charging station. Safe value: its fallback offer.
type OutletCommand struct {
	Enable  bool
	Current si.Amps  // offer per phase; 0 or at least the outlet's minimum
	Power   si.Watts // rapid: offer
	Why     Cause
	Lease   Lease
}

// IOCommand orders the I/O module. Safe value: all off but cooling.
type IOCommand struct {
	HoldIn       bool // this tick's half of the hold-in pulse
	OutletSupply bool
	Bond         bool // neutral-earth bond
	Beacon       bool
	Pump         bool
	Fan          bool
	Heater       bool
	Lease        Lease
}

// NewCommands are all-off orders sized for the unit.
func NewCommands(u *Unit) Commands {
	return Commands{
		Packs:      make([]PackCommand, len(u.Packs)),
		Converters: make([]ConverterCommand, len(u.Converters)),
		Feeders:    make([]FeederCommand, len(u.Feeders)),
		Circuits:   make([]CircuitCommand, len(u.Circuits)),
		Outlets:    make([]OutletCommand, len(u.Outlets)),
	}
}

// CopyFrom makes c equal to o without sharing memory. Both are sized for the
// same unit.
func (c *Commands) CopyFrom(o *Commands) {
	packs, converters, feeders := c.Packs, c.Converters, c.Feeders
	circuits, outlets := c.Circuits, c.Outlets
	copy(packs, o.Packs)
	copy(converters, o.Converters)
	copy(feeders, o.Feeders)
	copy(circuits, o.Circuits)
	copy(outlets, o.Outlets)
	*c = *o
	c.Packs, c.Converters, c.Feeders, c.Circuits, c.Outlets = packs, converters, feeders, circuits, outlets
}

// Clear sets every order to its zero value: open and off.
func (c *Commands) Clear() {
	clear(c.Packs)
	clear(c.Converters)
	clear(c.Feeders)
	clear(c.Circuits)
	clear(c.Outlets)
	c.Inverter, c.IO = InverterCommand{}, IOCommand{}
}
