package sunspec

import (
	"context"
	"encoding/hex"
	"errors"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"reprise/wire/modbus"
)

func layout(t testing.TB, m Model, groups int) *Layout {
	t.Helper()
	l, err := m.Layout(groups)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func newBank(t testing.TB, base uint16, now func() time.Time) *Bank {
	t.Helper()
	b, err := NewBank(base, now, layout(t, Common(), 0), layout(t, ACMeasurement(), 0), layout(t, Capacity(), 0),
		layout(t, EnterService(), 0), layout(t, ACControls(), 0), layout(t, StorageCapacity(), 0),
		layout(t, DCMeasurement(), 2), layout(t, Control(), 0))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func discover(t testing.TB, h modbus.Handler) *Device {
	t.Helper()
	d, err := Discover(context.Background(), modbus.NewMemory(h, time.Second), 1)
	must(t, err)
	return d
}

// TestWalkEqualsTables: at each base, the walk finds the chain that the bank was made of, everything not implemented.
func TestWalkEqualsTables(t *testing.T) {
	for _, base := range Bases() {
		bank := newBank(t, base, time.Now)
		device := discover(t, bank)
		if device.Base != base || !device.Ended || len(device.Blocks) != len(bank.sections) {
			t.Fatalf("found %+v", device)
		}
		for n, b := range device.Blocks {
			s := bank.sections[n]
			if b.ID != s.layout.model.ID || b.Address != s.Address() || b.Length != s.layout.Length() ||
				b.Layout().Len() != s.layout.Len() {
				t.Errorf("block %d: model %d at %d, length %d", n, b.ID, b.Address, b.Length)
			}
			must(t, b.Read(context.Background()))
			for i := range b.Layout().Len() {
				p := b.Layout().Point(i)
				known := i < 2 || p.Type == Count
				if b.Value(i).Valid != known || b.Text(i) != "" {
					t.Errorf("model %d, %s of a fresh bank reads %+v", b.ID, p.Name, b.Value(i))
				}
			}
		}
	}
}

// TestCommonGolden: marker and model 1 as they stand on the wire.
func TestCommonGolden(t *testing.T) {
	bank := newBank(t, 40000, time.Now)
	common := bank.Model(1)
	must(t, common.SetText(CommonMn, "Reprise"), common.SetText(CommonMd, "Twin inverter"),
		common.SetText(CommonVr, "1"), common.SetText(CommonSN, "R-0001"), common.Set(CommonDA, 1))
	words := make([]uint16, 72)
	must(t, bank.ReadRegisters(modbus.Holding, 1, 40000, words))
	var raw []byte
	for _, w := range words {
		raw = append(raw, byte(w>>8), byte(w))
	}
	zeros := func(n int) string { return hex.EncodeToString(make([]byte, n)) }
	want := "53756e53" + "00010042" +
		"52657072697365" + zeros(25) + // Reprise
		"5477696e20696e766572746572" + zeros(19) + // Twin inverter
		zeros(16) + "31" + zeros(15) + "522d30303031" + zeros(26) + "0001" + "8000" + "02bd" + "0099"
	if got := hex.EncodeToString(raw); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// memory is a device of bare registers: the hand-written oracle.
type memory map[uint16]uint16

func (m memory) ReadRegisters(_ modbus.Kind, _ uint8, addr uint16, into []uint16) error {
	for i := range into {
		w, ok := m[addr+uint16(i)]
		if !ok {
			return modbus.IllegalDataAddress
		}
		into[i] = w
	}
	return nil
}

func (m memory) WriteRegisters(_ uint8, addr uint16, values []uint16) error {
	for i, w := range values {
		m[addr+uint16(i)] = w
	}
	return nil
}

func (m memory) put(addr uint16, words ...uint16) uint16 {
	for i, w := range words {
		m[addr+uint16(i)] = w
	}
	return addr + uint16(len(words))
}

// TestHandWrittenImage: a device written down register by register: short model 1 (65, without padding), a vendor
// model, storage of an early draft length, DC ports, and no end model.
func TestHandWrittenImage(t *testing.T) {
	m := memory{}
	at := m.put(0, 0x5375, 0x6E53, 1, 65)
	at = m.put(at, 0x4142, 0x4300) // "ABC"
	at = m.put(at, make([]uint16, 62)...)
	at = m.put(at, 7)
	vendor := at
	at = m.put(at, 64999, 3, 1, 2, 3)
	storage := at
	at = m.put(at, 713, 6, 3000, 1234, 57, 0xFFFF, 1, 1) // no Pct_SF: percentages have no scale, so no value
	at = m.put(at, 714, 18+25, 0, 1, 1, 0xFFF6, 0x8000, 0, 0, 0, 0x3039, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF,
		0xFFFF, 0xFFFF, 2, 0, 0x8000)
	at = m.put(at, 1, 7, 0x4130, 0, 0, 0, 0, 0, 0, 0, 0xFFF6, 8123, 0xFFAF, 0, 0, 0, 1, 0, 0, 0, 2, 250, 1, 0, 5)
	d := discover(t, m)
	if d.Base != 0 || d.Ended || len(d.Blocks) != 4 || int(at) != int(d.Blocks[3].Address)+2+int(d.Blocks[3].Length) {
		t.Fatalf("found %+v", d)
	}
	ctx := context.Background()
	if b := d.Model(64999); b.Address != vendor || b.Layout() != nil || b.Read(ctx) == nil || b.Value(2).Valid {
		t.Errorf("vendor model: %+v", b)
	}
	common := d.Model(1)
	must(t, common.Read(ctx))
	if common.Text(CommonMn) != "ABC" || common.Value(CommonDA).Physical != 7 || common.Value(CommonPad).Valid {
		t.Errorf("common: %q, %+v", common.Text(CommonMn), common.Value(CommonDA))
	}
	st := d.Model(713)
	must(t, st.Read(ctx))
	for point, want := range map[int]modbus.Value{
		StorageCapacityWHRtg: {Physical: 30000, Valid: true}, StorageCapacityWHAvail: {Physical: 12340, Valid: true},
		StorageCapacitySoC: {}, StorageCapacitySoH: {}, StorageCapacityPctSF: {},
		StorageCapacitySta: {Physical: 1, Valid: true}, StorageCapacityWHSF: {Physical: 1, Valid: true},
	} {
		if got := st.Value(point); got != want {
			t.Errorf("%s reads %+v, want %+v", st.Layout().Point(point).Name, got, want)
		}
	}
	if st.Address != storage {
		t.Errorf("storage at %d, want %d", st.Address, storage)
	}
	dc := d.Model(714)
	must(t, dc.Read(ctx))
	port := func(p int) int { return DCMeasurement().Repeated(0, p) }
	for point, want := range map[int]modbus.Value{
		DCMeasurementNPrt: {Physical: 1, Valid: true}, DCMeasurementDCW: {}, DCMeasurementDCWhInj: {Physical: 12345, Valid: true},
		DCMeasurementDCWhAbs: {}, DCMeasurementDCA: {Physical: -1, Valid: true}, // -10 counts, exponent -1
		port(DCMeasurementPrtPrtTyp): {Physical: 1, Valid: true}, port(DCMeasurementPrtDCV): {Physical: 812.3, Valid: true},
		port(DCMeasurementPrtDCW): {Physical: -8100, Valid: true}, port(DCMeasurementPrtDCWhInj): {Physical: 1, Valid: true},
		port(DCMeasurementPrtDCWhAbs): {Physical: 2, Valid: true}, port(DCMeasurementPrtTmp): {},
		port(DCMeasurementPrtDCSta): {Physical: 1, Valid: true},
	} {
		if got := dc.Value(point); got != want {
			t.Errorf("%s reads %+v, want %+v", dc.Layout().Point(point).Name, got, want)
		}
	}
	if bits, ok := dc.Bits(port(DCMeasurementPrtDCAlrm)); !ok || bits != 5 {
		t.Errorf("alarms %x, %v", bits, ok)
	}
	if dc.Text(port(DCMeasurementPrtIDStr)) != "A0" {
		t.Errorf("port name %q", dc.Text(port(DCMeasurementPrtIDStr)))
	}
}

// TestWriteRoundsAndRefuses: the client rounds with the device's exponents; both sides refuse what does not fit.
func TestWriteRoundsAndRefuses(t *testing.T) {
	bank := newBank(t, 40000, time.Now)
	section := bank.Model(704)
	bus := modbus.NewMemory(bank, time.Second)
	ctx := context.Background()
	device, err := Discover(ctx, bus, 1)
	must(t, err)
	b := device.Model(704)
	set := func(point int, v float64) error { return b.Write(ctx, modbus.Setting{Point: point, Physical: v}) }
	if err := set(ACControlsWSet, 5); err == nil {
		t.Error("written before its scale factor was read")
	}
	must(t, b.Read(ctx))
	if err := set(ACControlsWSet, 5); !errors.Is(err, modbus.ErrRange) {
		t.Errorf("written without a scale factor: %v", err)
	}
	must(t, section.Set(ACControlsWSetSF, 1), section.Set(ACControlsWSetPctSF, -1))
	section.Limit(ACControlsWSet, -100_000, 100_000)
	must(t, b.Read(ctx))

	var requests int
	bus.SetFault(func(r modbus.Request) modbus.Outcome { requests++; return modbus.Outcome{} })
	must(t, b.Write(ctx, modbus.Setting{Point: ACControlsWSet, Physical: -25_346},
		modbus.Setting{Point: ACControlsWSetMod, Physical: WSetWatts}, modbus.Setting{Point: ACControlsWSetEna, Physical: Enabled}))
	if requests != 1 || section.Value(ACControlsWSet).Physical != -25_350 || section.Value(ACControlsWSetEna).Physical != 1 {
		t.Errorf("%d requests, WSet %+v", requests, section.Value(ACControlsWSet))
	}
	must(t, set(ACControlsWSetPct, 33.3))
	if v := section.Value(ACControlsWSetPct); v.Physical != 33.3 {
		t.Errorf("33.3 %% became %v", v.Physical)
	}
	for name, test := range map[string]struct {
		point int
		v     float64
		want  error
	}{
		"beyond the device's limit":  {ACControlsWSet, 100_010, modbus.IllegalDataValue},
		"beyond int32":               {ACControlsWSet, 3e10, modbus.ErrRange},
		"no such symbol":             {ACControlsWSetEna, 2, modbus.ErrRange},
		"the not implemented value":  {ACControlsWSetRvrtTms, 0xFFFFFFFF, modbus.ErrRange},
		"a share beyond its 16 bits": {ACControlsWSetPct, 3276.8, modbus.ErrRange},
	} {
		if err := set(test.point, test.v); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := set(ACControlsWSetRvrtRem, 1); err == nil {
		t.Error("a read-only point was written")
	}
	for name, test := range map[string]struct {
		addr   uint16
		values []uint16
		want   modbus.Exception
	}{
		"half a point":    {section.Address() + 24, []uint16{0}, modbus.IllegalDataAddress},
		"the marker":      {40000, []uint16{0}, modbus.IllegalDataAddress},
		"a model number":  {section.Address(), []uint16{1}, modbus.IllegalDataAddress},
		"past the end":    {section.Address() + 300, []uint16{1}, modbus.IllegalDataAddress},
		"before the bank": {39999, []uint16{1}, modbus.IllegalDataAddress},
		"unknown symbol":  {section.Address() + 22, []uint16{2}, modbus.IllegalDataValue},
		"not implemented": {section.Address() + 22, []uint16{0xFFFF}, modbus.IllegalDataValue},
		"good, then bad":  {section.Address() + 22, []uint16{0, 9}, modbus.IllegalDataValue},
	} {
		if err := bus.WriteHolding(ctx, 1, test.addr, test.values); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if section.Value(ACControlsWSetEna).Physical != 1 {
		t.Error("a refused block was partly stored")
	}
}

// TestFailedReadsInvalidate: a range whose read failed has no values; the rest and the scale factors stay.
func TestFailedReadsInvalidate(t *testing.T) {
	bank := newBank(t, 40000, time.Now)
	ac := bank.Model(701)
	must(t, ac.Set(ACMeasurementWSF, 1), ac.Set(ACMeasurementHzSF, -3), ac.Set(ACMeasurementW, 45_000),
		ac.Set(ACMeasurementHz, 50.012), ac.Set(ACMeasurementWL1, 15_000))
	bus := modbus.NewMemory(bank, time.Second)
	ctx := context.Background()
	device, err := Discover(ctx, bus, 1)
	must(t, err)
	b := device.Model(701)
	must(t, b.Read(ctx))
	if b.Value(ACMeasurementW).Physical != 45_000 || b.Value(ACMeasurementHz).Physical != 50.012 || b.Value(ACMeasurementA).Valid {
		t.Errorf("W %+v, Hz %+v", b.Value(ACMeasurementW), b.Value(ACMeasurementHz))
	}
	bus.SetFault(func(modbus.Request) modbus.Outcome { return modbus.Outcome{Refuse: modbus.DeviceBusy} })
	if err := b.ReadPoints(ctx, ACMeasurementW, ACMeasurementHz); !errors.Is(err, modbus.DeviceBusy) {
		t.Errorf("error %v", err)
	}
	if b.Value(ACMeasurementW).Valid || !b.Value(ACMeasurementWL1).Valid {
		t.Error("a failed read kept its values or took others along")
	}
	bus.SetFault(nil)
	must(t, b.ReadPoints(ctx, ACMeasurementW, ACMeasurementHz))
	if !b.Value(ACMeasurementW).Valid {
		t.Error("no value after recovery")
	}
}

// TestHeartbeatOverPipe: model 715 over Modbus TCP framing on an in-memory wire, in virtual time.
func TestHeartbeatOverPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bank := newBank(t, 40000, time.Now)
		bank.Watch(bank.Model(715), ControlControllerHb, 3*time.Second)
		var told []int
		bank.OnWrite(func(s *Section, point int) { told = append(told, point) })
		server := &modbus.Server{Handler: bank}
		ctx, cancel := context.WithCancel(context.Background())
		bus := modbus.NewClient(func(context.Context) (net.Conn, error) {
			near, far := net.Pipe()
			go func() { _ = server.ServeConn(ctx, far) }()
			return near, nil
		}, time.Second)
		device, err := Discover(ctx, bus, 9)
		must(t, err)
		control := device.Model(715)
		if !bank.Expired(time.Now()) {
			t.Error("a heartbeat that never came is not expired")
		}
		for beat := range 5 {
			must(t, control.Write(ctx, modbus.Setting{Point: ControlControllerHb, Physical: float64(beat)}))
			time.Sleep(time.Second)
			if bank.Expired(time.Now()) {
				t.Errorf("expired at beat %d", beat)
			}
		}
		for range 3 { // the master is stuck
			must(t, control.Write(ctx, modbus.Setting{Point: ControlControllerHb, Physical: 4}))
			time.Sleep(time.Second)
		}
		if !bank.Expired(time.Now()) || !slices.Equal(told[:2], []int{ControlControllerHb, ControlControllerHb}) {
			t.Errorf("a stuck master keeps the device alive; told %v", told)
		}
		cancel()
		_ = bus.Close()
	})
}

func TestDiscoveryFailures(t *testing.T) {
	ctx := context.Background()
	loop := memory{}
	at := loop.put(0, 0x5375, 0x6E53)
	for range maxModels + 1 {
		at = loop.put(at, 64999, 0)
	}
	overlong := memory{}
	overlong.put(50000, 0x5375, 0x6E53, 1, 0xFFF0)
	cut := memory{}
	cut.put(40000, 0x5375, 0x6E53)
	for name, h := range map[string]modbus.Handler{"endless": loop, "overlong": overlong, "nothing after the marker": cut} {
		if _, err := Discover(ctx, modbus.NewMemory(h, time.Second), 1); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Discover(ctx, modbus.NewMemory(memory{}, time.Second), 1); !errors.Is(err, ErrNotSunSpec) {
		t.Errorf("no device: %v", err)
	}
	dead := modbus.NewMemory(memory{}, time.Millisecond)
	dead.SetFault(func(modbus.Request) modbus.Outcome { return modbus.Outcome{Silent: true} })
	if _, err := Discover(ctx, dead, 1); !errors.Is(err, modbus.ErrTimeout) {
		t.Errorf("silent device: %v", err)
	}
	if _, err := NewBank(0, time.Now, layout(t, Control(), 0)); err == nil {
		t.Error("a bank without model 1")
	}
	if _, err := NewBank(65500, time.Now, layout(t, Common(), 0)); err == nil {
		t.Error("a bank beyond the address space")
	}
}
