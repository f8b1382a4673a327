package device

import (
	"math"
	"testing"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/can"
	"reprise/wire/modbus"
	"reprise/wire/ocpp/v16"
)

// FuzzPackFrames: whatever stands on a pack's channel, nothing breaks and no reading is anything but a number.
func FuzzPackFrames(f *testing.F) {
	f.Add(uint32(673), uint8(8), []byte{0x60, 0x1b, 0x58, 0x1b, 0, 0, 0, 0}, false)
	f.Add(uint32(677), uint8(8), []byte{0, 96, 'A', '7', 0, 0, 0, 0}, false)
	f.Add(uint32(676), uint8(1), []byte{2}, true)
	table := testTable(f)
	table.Checks = nil // so that the values are reached
	f.Fuzz(func(t *testing.T, id uint32, length uint8, data []byte, extended bool) {
		p, err := NewPack(PackOptions{Clock: func() bess.Instant { return 0 }, Table: table, Serial: "A7", Dial: noDial})
		if err != nil {
			t.Fatal(err)
		}
		s := bess.NewSnapshot(testUnit())
		for i := range len(data) + 1 {
			frame := can.Frame{ID: id + uint32(i%6), Length: length, IsExtended: extended}
			copy(frame.Data[:], data[min(i, len(data)):])
			p.Accept(&frame, bess.Instant(i*10))
			p.Sense(&s, bess.Instant(i*10))
		}
		for _, q := range Quantities() {
			if q.Flag() {
				continue
			}
			if x, quality := numberOf(&s.Packs[0], q).get(); quality == bess.Good && (math.IsNaN(x) || math.IsInf(x, 0)) {
				t.Errorf("%v is %v and called good", q, x)
			}
		}
	})
}

// FuzzSampledValue: a meter value is a finite number or refused.
func FuzzSampledValue(f *testing.F) {
	f.Add("12.5", "kWh", "", "", "")
	f.Add("1e309", "W", "Power.Active.Import", "L1", "EV")
	f.Add("NaN", "A", "Current.Import", "L2-N", "Outlet")
	f.Add("-3,7", "Percent", "SoC", "", "")
	f.Fuzz(func(t *testing.T, value, unit, measurand, phase, location string) {
		var m metered
		v := v16.SampledValue{Value: value, Unit: v16.UnitOfMeasure(unit), Measurand: v16.Measurand(measurand), Phase: v16.Phase(phase), Location: v16.Location(location)}
		m.sample([]v16.SampledValue{v}, 1)
		for _, r := range [...]bess.Reading[si.Watts]{m.power, m.energy, m.offered, m.offeredDC, m.charge, m.wants} {
			if !si.Finite(r.Value) {
				t.Errorf("%q became %v", value, r.Value)
			}
		}
	})
}

// FuzzConverterRegisters: any registers give finite readings or none, and flags that are known or not.
func FuzzConverterRegisters(f *testing.F) {
	f.Add([]byte{0, 2, 0, 1, 0xFF, 0xFF, 0xF0, 0x00, 0x0D, 0xAC})
	f.Add([]byte{0, 9, 0xFF, 0xFF, 0x80, 0, 0, 0})
	table, err := ConverterTable(500).Compile()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &Converter{table: table}
		values := make([]modbus.Value, table.Len())
		for i := range values {
			words := make([]uint16, 2)
			for k := range words {
				if at := (2*i + k) % max(len(data), 1); at < len(data) {
					words[k] = uint16(data[at])<<8 | uint16(data[len(data)-1-at])
				}
			}
			n := 1
			if p := table.Point(i); p.Type == modbus.S32 || p.Type == modbus.U32 {
				n = 2
			}
			values[i] = table.Decode(i, words[:n])
		}
		c.take(values, 1)
		if !si.Finite(c.view.Power.Value) || !si.Finite(c.view.BusVolts.Value) || c.view.Running.State > bess.Yes {
			t.Errorf("became %+v", c.view)
		}
	})
}
