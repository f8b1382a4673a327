package device

import (
	"context"
	"errors"
	"sync"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/modbus"
)

// Points of the meter's table, in its order.
const (
	meterVolts1 = iota
	meterVolts2
	meterVolts3
	meterAmps1
	meterAmps2
	meterAmps3
	meterPower
	meterImported
	meterExported
	meterHertz
	meterForward
	meterNeutral
	meterNeutralToE
)

// MeterTable is our own register map of a three-phase meter at a supply, a circuit or the unit's own use.
func MeterTable() modbus.Table {
	point := func(name string, address uint16, kind modbus.Type, scale float64, unit, doc string) modbus.Point {
		return modbus.Point{Name: name, Address: address, Type: kind, Scale: scale, Unit: unit, Doc: doc}
	}
	return modbus.Table{
		Name: "Meter",
		Doc:  "At a supply power is positive when the unit imports, at a circuit when the load draws. Phases that do not exist are \"not available\".",
		Points: []modbus.Point{
			meterVolts1:     point("VoltsL1", 0, modbus.U16, 0.1, "V", "L1 to neutral, supply side"),
			meterVolts2:     point("VoltsL2", 1, modbus.U16, 0.1, "V", "L2 to neutral, supply side"),
			meterVolts3:     point("VoltsL3", 2, modbus.U16, 0.1, "V", "L3 to neutral, supply side"),
			meterAmps1:      point("AmpsL1", 3, modbus.S16, 0.1, "A", "current of L1"),
			meterAmps2:      point("AmpsL2", 4, modbus.S16, 0.1, "A", "current of L2"),
			meterAmps3:      point("AmpsL3", 5, modbus.S16, 0.1, "A", "current of L3"),
			meterPower:      point("Power", 6, modbus.S32, 1, "W", "all phases"),
			meterImported:   point("Imported", 8, modbus.U32, 1, "Wh", "energy counter in the positive direction"),
			meterExported:   point("Exported", 10, modbus.U32, 1, "Wh", "energy counter in the negative direction"),
			meterHertz:      point("Frequency", 12, modbus.U16, 0.01, "Hz", ""),
			meterForward:    flagPoint("Forward", 13, "phase rotation L1-L2-L3"),
			meterNeutral:    flagPoint("Neutral", 14, "neutral present"),
			meterNeutralToE: point("NeutralToEarth", 15, modbus.U16, 0.1, "V", "neutral to earth"),
		},
	}
}

// MeterAt says what a meter measures.
type MeterAt uint8

// Places of a meter.
const (
	MeterFeeder MeterAt = iota
	MeterCircuit
	MeterOwnUse
)

// Beats of meters. A supply that fails must be seen at once; loads are limited by their breakers.
const (
	meterEvery = 200 * time.Millisecond
	loadEvery  = 400 * time.Millisecond
)

// MeterOptions say where a meter is.
type MeterOptions struct {
	Clock Clock
	At    MeterAt
	Index int // position in Unit.Feeders or Unit.Circuits
	Bus   modbus.Registers
	Unit  uint8
}

// Meter is a three-phase meter. It takes no orders.
type Meter struct {
	options  MeterOptions
	exchange exchange
	tally    tally

	mutex  sync.Mutex
	values [meterNeutralToE + 1]modbus.Value
	at     bess.Instant
	heard  bool
}

// NewMeter makes a driver.
func NewMeter(o MeterOptions) (*Meter, error) {
	if o.Clock == nil || o.Bus == nil || o.At > MeterOwnUse {
		return nil, errors.New("making a meter driver: it needs a clock, a bus and a place that it measures")
	}
	table, err := MeterTable().Compile()
	if err != nil {
		return nil, err
	}
	m := &Meter{options: o}
	every := loadEvery
	if o.At == MeterFeeder {
		every = meterEvery
	}
	m.exchange = exchange{
		clock: o.Clock, reader: modbus.NewReader(o.Bus, o.Unit, table), period: every, tally: &m.tally, take: m.take,
	}
	return m, nil
}

// Run owns the exchange until ctx ends.
func (m *Meter) Run(ctx context.Context) error { return m.exchange.run(ctx) }

func (m *Meter) take(v []modbus.Value, at bess.Instant) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	copy(m.values[:], v)
	m.at, m.heard = at, true
}

// Sense copies the newest readings; what the meter does not measure is left to others.
func (m *Meter) Sense(s *bess.Snapshot, _ bess.Instant) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if !m.heard {
		return
	}
	switch o := &m.options; {
	case o.At == MeterFeeder && o.Index < len(s.Feeders):
		m.feeder(&s.Feeders[o.Index])
	case o.At == MeterCircuit && o.Index < len(s.Circuits):
		c := &s.Circuits[o.Index]
		c.Power = hear[si.Watts](m.values[meterPower], -1, m.at)
		c.Drawn = hear[si.WattHours](m.values[meterImported], 1, m.at)
		for k := range c.PhaseAmps {
			c.PhaseAmps[k] = hear[si.Amps](m.values[meterAmps1+k], 1, m.at)
		}
	case o.At == MeterOwnUse:
		s.Bus.OwnUse = hear[si.Watts](m.values[meterPower], 1, m.at)
	}
}

func (m *Meter) feeder(f *bess.FeederView) {
	for k := range f.PhaseVolts {
		f.PhaseVolts[k] = hear[si.Volts](m.values[meterVolts1+k], 1, m.at)
		f.PhaseAmps[k] = hear[si.Amps](m.values[meterAmps1+k], 1, m.at)
	}
	f.Hertz = hear[si.Hertz](m.values[meterHertz], 1, m.at)
	f.Power = hear[si.Watts](m.values[meterPower], 1, m.at)
	f.Imported = hear[si.WattHours](m.values[meterImported], 1, m.at)
	f.Exported = hear[si.WattHours](m.values[meterExported], 1, m.at)
	f.Forward, f.Neutral = hearFlag(m.values[meterForward], m.at), hearFlag(m.values[meterNeutral], m.at)
	f.NeutralToE = hear[si.Volts](m.values[meterNeutralToE], 1, m.at)
}

// Obey does nothing: a meter takes no orders.
func (m *Meter) Obey(*bess.Commands, bess.Instant) {}

// Watchdog is none, and none is needed.
func (m *Meter) Watchdog() (bess.Span, bool) { return 0, false }

// Status is how the connection fares.
func (m *Meter) Status() Status { return m.tally.read() }

// MeterBank is the far side of the meter's registers.
type MeterBank struct{ *bank }

// NewMeterBank makes the registers of a meter.
func NewMeterBank(now func() time.Time) (*MeterBank, error) {
	table, err := MeterTable().Compile()
	if err != nil {
		return nil, err
	}
	return &MeterBank{newBank(table, now, -1)}, nil
}

// PublishFeeder sets the readings of a supply.
func (b *MeterBank) PublishFeeder(v *bess.FeederView) {
	for k := range v.PhaseVolts {
		tell(b.Bank, meterVolts1+k, v.PhaseVolts[k], 1)
		tell(b.Bank, meterAmps1+k, v.PhaseAmps[k], 1)
	}
	tell(b.Bank, meterPower, v.Power, 1)
	tell(b.Bank, meterImported, v.Imported, 1)
	tell(b.Bank, meterExported, v.Exported, 1)
	tell(b.Bank, meterHertz, v.Hertz, 1)
	tellFlag(b.Bank, meterForward, v.Forward)
	tellFlag(b.Bank, meterNeutral, v.Neutral)
	tell(b.Bank, meterNeutralToE, v.NeutralToE, 1)
}

// PublishCircuit sets the readings of a circuit.
func (b *MeterBank) PublishCircuit(v *bess.CircuitView) {
	for k := range v.PhaseAmps {
		tell(b.Bank, meterAmps1+k, v.PhaseAmps[k], 1)
	}
	tell(b.Bank, meterPower, v.Power, -1)
	tell(b.Bank, meterImported, v.Drawn, 1)
}

// PublishOwnUse sets the reading of the unit's own use.
func (b *MeterBank) PublishOwnUse(v bess.Reading[si.Watts]) { tell(b.Bank, meterPower, v, 1) }
