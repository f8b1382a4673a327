package serve

import (
	"fmt"
	"sync/atomic"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/device"
	"reprise/wire/modbus"
)

// Unit numbers on the one Modbus address behind which all register devices stand, as behind a gateway.
const (
	InverterUnit = 40
	OwnUseUnit   = 41
)

// ConverterUnit is the number of a converter, 1 to 32.
func ConverterUnit(k int) uint8 { return uint8(1 + k) }

// FeederMeterUnit is the number of the meter at a feeder.
func FeederMeterUnit(i int) uint8 { return uint8(50 + i) }

// FeederUnit is the number of a feeder's own controller: generator, solar inverter or vehicle inlet.
func FeederUnit(i int) uint8 { return uint8(60 + i) }

// CircuitMeterUnit is the number of the meter at a circuit.
func CircuitMeterUnit(i int) uint8 { return uint8(100 + i) }

// Most parts that the unit numbers have room for.
const (
	mostConverters = 32
	mostFeeders    = 8
	mostCircuits   = 48
)

// gate stands before a device's registers: a dead device does not answer, and the gateway says so.
type gate struct {
	modbus.Handler
	open atomic.Bool
}

func (g *gate) set(open bool) { g.open.Store(open) }

// ReadRegisters answers while the device lives.
func (g *gate) ReadRegisters(kind modbus.Kind, unit uint8, addr uint16, into []uint16) error {
	if !g.open.Load() {
		return modbus.GatewayTargetFailed
	}
	return g.Handler.ReadRegisters(kind, unit, addr, into)
}

// WriteRegisters answers while the device lives.
func (g *gate) WriteRegisters(unit uint8, addr uint16, values []uint16) error {
	if !g.open.Load() {
		return modbus.GatewayTargetFailed
	}
	return g.Handler.WriteRegisters(unit, addr, values)
}

// feederEnd is a supply's meter and its own controller, if it has one.
type feederEnd struct {
	kind      bess.FeederKind
	rated     si.Watts
	meter     *device.MeterBank
	generator *device.GeneratorBank
	solar     *device.SolarBank
	post      *device.PostBank
	beat      beat
}

// ordered is what the wires ask of the supply. The contactor hangs on the I/O module, but that of a vehicle inlet on its
// own controller. Every part has its own watchdog, so what is left of them here is in force.
func (f *feederEnd) ordered(closed bool, now bess.Instant) bess.FeederCommand {
	o := bess.FeederCommand{Close: closed, Limit: f.rated, Lease: bess.Lease{By: source, Until: now.Add(bess.Second)}}
	switch {
	case f.generator != nil:
		f.beat.note(f.generator.Beats(), now, device.GeneratorDeadMan)
		o.Run = f.generator.Ordered() && f.beat.alive(now)
	case f.solar != nil:
		f.beat.note(f.solar.Beats(), now, device.SolarDeadMan)
		if o.Limit = 0; f.beat.alive(now) {
			o.Limit = f.solar.Ordered()
		}
	case f.post != nil:
		f.beat.note(f.post.Beats(), now, device.PostDeadMan)
		asked := f.post.Ordered()
		o.Close, o.Limit, o.Volts = asked.Close && f.beat.alive(now), asked.Limit, asked.Volts
	}
	return o
}

func (f *feederEnd) publish(v *bess.FeederView) {
	f.meter.PublishFeeder(v)
	switch {
	case f.generator != nil:
		f.generator.Publish(v)
	case f.solar != nil:
		f.solar.Publish(v)
	case f.post != nil:
		f.post.Publish(v)
	}
}

// makeRegisters makes the banks of all register devices and puts them behind one gateway.
func (s *Server) makeRegisters() error {
	u := s.unit
	if len(u.Converters) > mostConverters || len(u.Feeders) > mostFeeders || len(u.Circuits) > mostCircuits {
		return fmt.Errorf("serving the twin: more than %d converters, %d feeders or %d circuits", mostConverters, mostFeeders, mostCircuits)
	}
	mount := func(unit uint8, h modbus.Handler) {
		g := &gate{Handler: h}
		s.gates[unit], s.registers[unit] = g, g
	}
	for k := range u.Converters {
		bank, err := device.NewConverterBank(u.Converters[k].Heartbeat, time.Now)
		if err != nil {
			return err
		}
		s.converters = append(s.converters, converterEnd{bank: bank})
		mount(ConverterUnit(k), bank)
	}
	var err error
	if s.inverter, err = device.NewInverterBank(u.Inverter.Rated, time.Now); err != nil {
		return err
	}
	mount(InverterUnit, s.inverter)
	if s.ownUse, err = device.NewMeterBank(time.Now); err != nil {
		return err
	}
	mount(OwnUseUnit, s.ownUse)
	for i := range u.Feeders {
		end, own, err := newFeederEnd(&u.Feeders[i])
		if err != nil {
			return err
		}
		s.feeders = append(s.feeders, end)
		mount(FeederMeterUnit(i), end.meter)
		if own != nil {
			mount(FeederUnit(i), own)
		}
	}
	for i := range u.Circuits {
		bank, err := device.NewMeterBank(time.Now)
		if err != nil {
			return err
		}
		s.circuits = append(s.circuits, bank)
		mount(CircuitMeterUnit(i), bank)
	}
	return nil
}

// newFeederEnd makes a supply's registers; own is nil for a plain connection.
func newFeederEnd(f *bess.Feeder) (end feederEnd, own modbus.Handler, err error) {
	end = feederEnd{kind: f.Kind, rated: f.Cap}
	if end.meter, err = device.NewMeterBank(time.Now); err != nil {
		return end, nil, err
	}
	switch f.Kind {
	case bess.Generator:
		end.generator, err = device.NewGeneratorBank(time.Now)
		return end, end.generator, err
	case bess.Solar:
		end.rated = SolarRating(f)
		end.solar, err = device.NewSolarBank(end.rated, time.Now)
		return end, end.solar, err
	case bess.CCS:
		end.post, err = device.NewPostBank(time.Now)
		return end, end.post, err
	case bess.Grid:
	}
	return end, nil, nil
}

// SolarRating is what a solar inverter's percentages refer to.
func SolarRating(f *bess.Feeder) si.Watts {
	return max(f.Array.Rated, f.Array.Peak, f.Cap, 1)
}
