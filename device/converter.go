package device

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/modbus"
)

// Points of the converter's table, in its order.
const (
	converterRunning = iota
	converterFault
	converterPower
	converterPackVolts
	converterPackAmps
	converterBusVolts
	converterHeatsink
	converterLosses
	converterHeartbeat
	converterMode
	converterSetpoint
	converterReference
	converterSlope
	converterDischarge
	converterCharge
	converterOverVolts
)

// ConverterTable is our own register map of a DC/DC converter: no public standard has a set-point for one.
func ConverterTable(heartbeat bess.Span) modbus.Table {
	const largest = 10e6 // W; far above any converter, far below what the registers hold
	return modbus.Table{
		Name: "DC/DC converter",
		Doc: "Between a pack and the DC bus. Power is positive into the bus. When the heartbeat stands still, a converter in power " +
			"mode goes to zero at once; one in droop mode holds its last references for its island hold and then stops. Orders of a " +
			"converter that stopped this way must be written again.",
		Heartbeat: "Heartbeat", HeartbeatTimeout: max(duration(heartbeat), time.Millisecond),
		Points: []modbus.Point{
			converterRunning:   flagPoint("Running", 0, "switching"),
			converterFault:     flagPoint("Fault", 1, "tripped; an order of mode 0 clears it when its cause is gone"),
			converterPower:     {Name: "Power", Address: 2, Type: modbus.S32, Unit: "W", Doc: "at the bus, positive into the bus"},
			converterPackVolts: {Name: "PackVolts", Address: 4, Scale: 0.1, Unit: "V", Doc: "at the pack side, also with the pack open"},
			converterPackAmps:  {Name: "PackAmps", Address: 5, Type: modbus.S16, Scale: 0.1, Unit: "A", Doc: "positive when the pack discharges"},
			converterBusVolts:  {Name: "BusVolts", Address: 6, Scale: 0.1, Unit: "V", Doc: "at the bus side"},
			converterHeatsink:  {Name: "Heatsink", Address: 7, Type: modbus.S16, Scale: 0.1, Unit: "°C"},
			converterLosses:    {Name: "Losses", Address: 8, Type: modbus.U32, Unit: "W", Doc: "its own losses"},
			converterHeartbeat: order(modbus.Point{Name: "Heartbeat", Address: 10, Plain: true, Doc: "any other value than before is a sign of life"}),
			converterMode:      order(modbus.Point{Name: "Mode", Address: 11, Max: 3, Doc: "0 off, 1 power, 2 droop, 3 raise the bus from dark"}),
			converterSetpoint:  order(modbus.Point{Name: "Setpoint", Address: 12, Type: modbus.S32, Unit: "W", Min: -largest, Max: largest, Doc: "mode 1, positive into the bus"}),
			converterReference: order(modbus.Point{Name: "Reference", Address: 14, Scale: 0.1, Unit: "V", Max: 2000, Doc: "modes 2 and 3: bus voltage at zero power"}),
			converterSlope:     order(modbus.Point{Name: "Slope", Address: 15, Type: modbus.U32, Scale: 0.1, Unit: "W/V", Max: 1e6, Doc: "mode 2; 0 takes the installed slope"}),
			converterDischarge: order(modbus.Point{Name: "DischargeLimit", Address: 17, Type: modbus.U32, Unit: "W", Max: largest, Doc: "never more into the bus"}),
			converterOverVolts: flagPoint("OverVoltage", 21, "tripped by its own over-voltage comparator on the bus; order 0 clears it once the bus is back in its window"),
			converterCharge:    order(modbus.Point{Name: "ChargeLimit", Address: 19, Type: modbus.U32, Unit: "W", Max: largest, Doc: "never more out of the bus"}),
		},
	}
}

// ConverterOptions say where a converter is.
type ConverterOptions struct {
	Clock     Clock
	Index     int // position in Unit.Converters
	Bus       modbus.Registers
	Unit      uint8
	Heartbeat bess.Span // its watchdog, as installed
	// LinkOf is the pack whose link voltage this converter measures because the pack does not tell it; [bess.Nobody] else.
	LinkOf int
}

// Converter is a DC/DC converter between one pack and the bus.
type Converter struct {
	options  ConverterOptions
	exchange exchange
	table    *modbus.Map
	tally    tally

	mutex sync.Mutex
	view  bess.ConverterView
	order bess.ConverterCommand
	box   mailbox
}

// pollEvery is the beat of devices that are ordered each tick.
const pollEvery = 100 * time.Millisecond

// NewConverter makes a driver.
func NewConverter(o ConverterOptions) (*Converter, error) {
	if o.Clock == nil || o.Bus == nil || o.Heartbeat <= 0 {
		return nil, errors.New("making a converter driver: it needs a clock, a bus and the converter's heartbeat time")
	}
	table, err := ConverterTable(o.Heartbeat).Compile()
	if err != nil {
		return nil, err
	}
	c := &Converter{options: o, table: table}
	c.exchange = exchange{
		clock: o.Clock, reader: modbus.NewReader(o.Bus, o.Unit, table), period: pollEvery,
		tally: &c.tally, take: c.take, write: c.settings, heartbeat: converterHeartbeat, renew: renewal(o.Heartbeat),
	}
	return c, nil
}

// Run owns the exchange until ctx ends.
func (c *Converter) Run(ctx context.Context) error { return c.exchange.run(ctx) }

// settings are the registers to write now.
func (c *Converter) settings() []modbus.Setting {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	o := c.order
	switch c.box.judge(o.Lease, c.options.Clock()) {
	case silent:
		return nil
	case lapsed:
		if o.Mode == bess.ConverterDroop && o.Lease.By != bess.SourceNone {
			return nil // an island holds its references until the converter's own hold ends
		}
		o = bess.ConverterCommand{}
	case inForce:
	}
	if math.IsNaN(float64(o.Power)) || o.Mode > bess.ConverterPrecharge {
		o = bess.ConverterCommand{}
	}
	m := c.table
	return []modbus.Setting{
		setting(m, converterMode, float64(o.Mode)),
		setting(m, converterSetpoint, float64(o.Power)),
		setting(m, converterReference, float64(o.Reference)),
		setting(m, converterSlope, float64(o.Slope)),
		setting(m, converterDischarge, float64(o.Discharge)),
		setting(m, converterCharge, float64(o.Charge)),
	}
}

// take uses what was read.
func (c *Converter) take(v []modbus.Value, at bess.Instant) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.view = bess.ConverterView{
		Running: hearFlag(v[converterRunning], at), Fault: hearFlag(v[converterFault], at),
		Power:     hear[si.Watts](v[converterPower], 1, at),
		PackVolts: hear[si.Volts](v[converterPackVolts], 1, at), PackAmps: hear[si.Amps](v[converterPackAmps], 1, at),
		BusVolts: hear[si.Volts](v[converterBusVolts], 1, at), Heatsink: hear[si.Celsius](v[converterHeatsink], 1, at),
		Losses: hear[si.Watts](v[converterLosses], 1, at), OverVolts: hearFlag(v[converterOverVolts], at),
	}
}

// Sense copies the newest readings.
func (c *Converter) Sense(s *bess.Snapshot, _ bess.Instant) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.options.Index < len(s.Converters) {
		s.Converters[c.options.Index] = c.view
	}
	if link := c.options.LinkOf; link >= 0 && link < len(s.Packs) {
		s.Packs[link].LinkVolts = c.view.PackVolts
	}
}

// Obey leaves the newest order.
func (c *Converter) Obey(o *bess.Commands, now bess.Instant) {
	if c.options.Index >= len(o.Converters) {
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.order = o.Converters[c.options.Index]
	c.box.note(now)
}

// Watchdog is the converter's heartbeat.
func (c *Converter) Watchdog() (bess.Span, bool) { return c.options.Heartbeat, true }

// Status is how the connection fares.
func (c *Converter) Status() Status { return c.tally.read() }

// ConverterBank is the far side of the converter's registers.
type ConverterBank struct{ *bank }

// NewConverterBank makes the registers of a converter with this watchdog.
func NewConverterBank(heartbeat bess.Span, now func() time.Time) (*ConverterBank, error) {
	table, err := ConverterTable(heartbeat).Compile()
	if err != nil {
		return nil, err
	}
	return &ConverterBank{newBank(table, now, converterHeartbeat)}, nil
}

// Publish sets the readings.
func (b *ConverterBank) Publish(v *bess.ConverterView) {
	tellFlag(b.Bank, converterRunning, v.Running)
	tellFlag(b.Bank, converterFault, v.Fault)
	tell(b.Bank, converterPower, v.Power, 1)
	tell(b.Bank, converterPackVolts, v.PackVolts, 1)
	tell(b.Bank, converterPackAmps, v.PackAmps, 1)
	tell(b.Bank, converterBusVolts, v.BusVolts, 1)
	tell(b.Bank, converterHeatsink, v.Heatsink, 1)
	tell(b.Bank, converterLosses, v.Losses, 1)
	tellFlag(b.Bank, converterOverVolts, v.OverVolts)
}

// Ordered is the order in the registers; its lease is for the caller to judge by Beats.
func (b *ConverterBank) Ordered() bess.ConverterCommand {
	return bess.ConverterCommand{
		Mode: bess.ConverterMode(b.physical(converterMode)), Power: si.Watts(b.physical(converterSetpoint)),
		Reference: si.Volts(b.physical(converterReference)), Slope: si.Watts(b.physical(converterSlope)),
		Discharge: si.Watts(b.physical(converterDischarge)), Charge: si.Watts(b.physical(converterCharge)),
	}
}
