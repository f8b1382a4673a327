package sunspec

import (
	"context"
	"testing"
	"time"

	"reprise/wire/modbus"
)

// FuzzDiscover: no register image brings discovery, reading or decoding down.
func FuzzDiscover(f *testing.F) {
	f.Add(uint16(0), []byte("SunS\x00\x01\x00\x02AB\xff\xff\x00\x00"))
	f.Add(uint16(40000), []byte("SunS\x02\xca\x00\x13\x00\x00\x00\x00\x00\x01"))
	f.Add(uint16(50000), []byte("SunS\x02\xc9\x00\x07\x00\x64\x00\x01\x00\x02\x00\x03\x00\x01\x00\x0b\xff\xff"))
	f.Fuzz(func(t *testing.T, base uint16, image []byte) {
		m := memory{}
		for i := 0; i+1 < len(image) && i < 4000; i += 2 {
			m[base+uint16(i/2)] = uint16(image[i])<<8 | uint16(image[i+1])
		}
		device, _ := Discover(context.Background(), modbus.NewMemory(m, time.Second), 1)
		if device == nil {
			return
		}
		for _, b := range device.Blocks {
			_ = b.Read(context.Background())
			if b.Layout() == nil {
				continue
			}
			for i := range b.Layout().Len() {
				v := b.Value(i)
				_, present := b.Bits(i)
				if v.Valid && !present {
					t.Fatalf("model %d, %s: a number without bits", b.ID, b.Layout().Point(i).Name)
				}
				_ = b.Text(i)
				_ = b.Write(context.Background(), modbus.Setting{Point: i, Physical: v.Physical})
			}
		}
	})
}

// FuzzBank: no request breaks the bank, and a set-point outside its limit never gets in.
func FuzzBank(f *testing.F) {
	f.Add(uint16(24), []byte{0, 0, 0x0F, 0xA0})
	f.Add(uint16(22), []byte{0, 1, 0, 1, 0xFF, 0xFF, 0xF0, 0x60})
	f.Fuzz(func(t *testing.T, offset uint16, data []byte) {
		bank := newBank(t, 0, time.Now)
		s := bank.Model(704)
		must(t, s.Set(ACControlsWSetSF, 1))
		s.Limit(ACControlsWSet, -100_000, 100_000)
		values := make([]uint16, min(len(data)/2, modbus.MaxWrite))
		for i := range values {
			values[i] = uint16(data[2*i])<<8 | uint16(data[2*i+1])
		}
		_ = bank.WriteRegisters(1, s.Address()+offset, values)
		_ = bank.ReadRegisters(modbus.Holding, 1, s.Address()+offset, values)
		if v := s.Value(ACControlsWSet); v.Valid && (v.Physical > 100_000 || v.Physical < -100_000) {
			t.Fatalf("set-point %v was let through", v.Physical)
		}
		if id := s.Value(ACControlsID); id.Physical != 704 {
			t.Fatal("the model's number was overwritten")
		}
	})
}

func BenchmarkHotRead(b *testing.B) {
	bank := newBank(b, 40000, time.Now)
	ac := bank.Model(701)
	must(b, ac.Set(ACMeasurementWSF, 1), ac.Set(ACMeasurementW, 45_000))
	block := discover(b, bank).Model(701)
	ctx := context.Background()
	must(b, block.Read(ctx))
	b.ReportAllocs()
	for b.Loop() {
		if err := block.ReadPoints(ctx, ACMeasurementSt, ACMeasurementHz); err != nil {
			b.Fatal(err)
		}
		if v := block.Value(ACMeasurementW); v.Physical != 45_000 {
			b.Fatal(v)
		}
	}
}

func BenchmarkDiscover(b *testing.B) {
	bank := newBank(b, 40000, time.Now)
	b.ReportAllocs()
	for b.Loop() {
		discover(b, bank)
	}
}
