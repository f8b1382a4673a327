package bess

import (
	"encoding/binary"
	"math"

	"reprise/bess/si"
)

// AppendCommands appends the canonical bytes of the orders of one tick: every
// field in the order of declaration, integers and IEEE bits of floats little
// endian, small enumerations as one byte. Equal bytes are equal orders, on
// every machine. It allocates only when b is too short.
func AppendCommands(b []byte, c *Commands) []byte {
	for i := range c.Packs {
		p := &c.Packs[i]
		b = append(b, bits(p.Wake, p.Precharge, p.Close))
		b = appendLease(b, p.Lease)
	}
	for i := range c.Converters {
		p := &c.Converters[i]
		b = append(b, byte(p.Mode))
		b = appendFloat(appendFloat(b, p.Power), p.Reference)
		b = appendFloat(appendFloat(appendFloat(b, p.Slope), p.Discharge), p.Charge)
		b = appendLease(b, p.Lease)
	}
	b = appendInverterCommand(b, &c.Inverter)
	for i := range c.Feeders {
		p := &c.Feeders[i]
		b = append(b, bits(p.Close, p.Run))
		b = appendLease(appendFloat(appendFloat(b, p.Limit), p.Volts), p.Lease)
	}
	for i := range c.Circuits {
		b = appendLease(append(b, bits(c.Circuits[i].Close)), c.Circuits[i].Lease)
	}
	for i := range c.Outlets {
		p := &c.Outlets[i]
		b = append(b, bits(p.Enable), byte(p.Why))
		b = appendLease(appendFloat(appendFloat(b, p.Current), p.Power), p.Lease)
	}
	o := &c.IO
	b = append(b, bits(o.HoldIn, o.OutletSupply, o.Bond, o.Beacon, o.Pump, o.Fan, o.Heater))
	return appendLease(b, o.Lease)
}

func appendInverterCommand(b []byte, p *InverterCommand) []byte {
	b = append(b, byte(p.Mode))
	b = appendFloat(appendFloat(appendFloat(b, p.Import), p.Export), p.Reactive)
	return appendLease(appendFloat(appendFloat(appendFloat(b, p.Volts), p.Hertz), p.DCVolts), p.Lease)
}

// AppendEvent appends the canonical bytes of an event.
func AppendEvent(b []byte, e *Event) []byte {
	b = appendCivil(appendInt(b, e.At), e.Civil)
	b = append(b, byte(e.Kind), byte(e.Subject.Kind), e.From, e.To, byte(e.Level), byte(e.Cause))
	b = binary.LittleEndian.AppendUint16(b, uint16(e.Rule))
	b = appendInt(b, e.Subject.Index)
	return appendInt(binary.LittleEndian.AppendUint64(b, math.Float64bits(e.Value)), e.Number)
}

// AppendEntry appends the canonical bytes of an entry with its hash. What the
// hash itself covers is defined by the ledger.
func AppendEntry(b []byte, e *Entry) []byte {
	b = appendCivil(appendCivil(appendInt(b, e.Number), e.From), e.To)
	b = appendInt(append(b, byte(e.Note)), len(e.Legs))
	for i := range e.Legs {
		l := &e.Legs[i]
		b = appendInt(append(b, byte(l.Kind)), l.Index)
		b = appendInt(appendInt(b, l.MilliWattHour), l.Milligram)
	}
	return append(append(b, e.Prev[:]...), e.Hash[:]...)
}

func appendLease(b []byte, l Lease) []byte { return appendInt(append(b, byte(l.By)), l.Until) }

func appendCivil(b []byte, c Civil) []byte {
	return append(binary.LittleEndian.AppendUint32(appendInt(b, c.UnixMilli), uint32(c.ZoneOffset)), byte(c.Trust))
}

func appendFloat[T si.Number](b []byte, x T) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(x)))
}

func appendInt[T ~int | ~int64 | ~uint64](b []byte, x T) []byte {
	return binary.LittleEndian.AppendUint64(b, uint64(x))
}

// bits packs flags into one byte, the first lowest.
func bits(flags ...bool) byte {
	var b byte
	for i, f := range flags {
		if f {
			b |= 1 << i
		}
	}
	return b
}
