package modbus

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func point(t testing.TB, m *Map, name string) int {
	t.Helper()
	i, err := m.Index(name)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestCompileRefuses(t *testing.T) {
	for want, spoil := range map[string]func(*Table){
		"no points":                     func(b *Table) { b.Points = nil },
		"has no name":                   func(b *Table) { b.Points[0].Name = "" },
		"stands twice":                  func(b *Table) { b.Points[1].Name = "Voltage" },
		"overlaps \"Energy\" at 102":    func(b *Table) { b.Points[3].Address = 103 },
		"beyond address 65535":          func(b *Table) { b.Points[3].Address = 65535 },
		"must be positive":              func(b *Table) { b.Points[0].Scale = -0.1 },
		"are no interval":               func(b *Table) { b.Points[0].Min = 5 },
		"hold no value":                 func(b *Table) { b.Points[0].Min, b.Points[0].Max = 1e9, 2e9 },
		"text length":                   func(b *Table) { b.Points[5].Length = 0 },
		"heartbeat \"Voltage\" needs":   func(b *Table) { b.Heartbeat = "Voltage" },
		"input register cannot":         func(b *Table) { b.InputSpace = true },
		"Example converter, point 0 \"": func(b *Table) { b.Points[0].Type = 99 },
	} {
		table := exampleTable()
		spoil(&table)
		if _, err := table.Compile(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

func TestRoundingAndRefusal(t *testing.T) {
	m := exampleMap(t)
	for _, test := range []struct {
		point    string
		physical float64
		words    []uint16 // nil: refused
	}{
		{"Voltage", 351.2, []uint16{3512}}, // 351.2 is not a double; truncation would give 3511
		{"Voltage", 351.25, []uint16{3513}},
		{"Voltage", 6553.4, []uint16{65534}},
		{"Voltage", 6553.5, nil}, // the pattern for "not available"
		{"Voltage", 6553.6, nil},
		{"Voltage", -0.1, nil},
		{"Voltage", math.NaN(), nil},
		{"Voltage", math.Inf(1), nil},
		{"Flags", 65535, []uint16{65535}}, // plain
		{"Current", -3276.7, []uint16{0x8001}},
		{"Current", -3276.8, nil},
		{"Setpoint", 250, []uint16{0, 2500}},
		{"Setpoint", -250.04, []uint16{0xFFFF, 0xF63C}},
		{"Setpoint", 250.06, nil},
		{"Temperature", 21.5, []uint16{0x41AC, 0}},
		{"Temperature", 1e39, nil},
		{"Temperature", math.NaN(), nil},
		{"Energy", 4294967294, []uint16{0xFFFF, 0xFFFE}},
		{"Energy", 4294967295, nil},
	} {
		i := point(t, m, test.point)
		words := make([]uint16, m.Point(i).registers())
		err := m.Encode(i, test.physical, words)
		switch {
		case test.words == nil && !errors.Is(err, ErrRange):
			t.Errorf("%s %v: %v, want a refusal", test.point, test.physical, err)
		case test.words != nil && (err != nil || words[0] != test.words[0] || words[len(words)-1] != test.words[len(words)-1]):
			t.Errorf("%s %v: %04X, %v; want %04X", test.point, test.physical, words, err, test.words)
		}
	}
	if v := m.Decode(point(t, m, "Voltage"), []uint16{3512}); v.Physical != 351.2 {
		t.Errorf("3512 tenths are %v", v.Physical)
	}
}

// TestEncodeDecodeProperty: whatever Encode accepts, Decode returns within half a count.
func TestEncodeDecodeProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.SampledFrom([]float64{0, 1, 0.1, 0.01, 0.001, 10, 0.25, 0.0625}).Draw(t, "scale")
		kind := rapid.SampledFrom([]Type{U16, S16, U32, S32, F32}).Draw(t, "type")
		table := Table{Name: "p", LowWordFirst: rapid.Bool().Draw(t, "low first"),
			Points: []Point{{Name: "x", Type: kind, Scale: scale, Plain: rapid.Bool().Draw(t, "plain")}}}
		m, err := table.Compile()
		if err != nil {
			t.Fatal(err)
		}
		physical := rapid.Float64Range(-1e10, 1e10).Draw(t, "physical")
		words := make([]uint16, m.points[0].size)
		if m.Encode(0, physical, words) != nil {
			return
		}
		v := m.Decode(0, words)
		tolerance := m.points[0].scale / 2 * (1 + 1e-9)
		if kind == F32 {
			tolerance = math.Abs(physical)*1e-7 + 1e-30
		}
		if !v.Valid || math.Abs(v.Physical-physical) > tolerance {
			t.Errorf("%v became %v", physical, v)
		}
	})
}

func TestBankAndReader(t *testing.T) {
	m := exampleMap(t)
	at := &clock{time.Unix(1000, 0)}
	bank := NewBank(m, at.now)
	bus := NewMemory(bank, time.Second)
	reader := NewReader(bus, 1, m)
	ctx := context.Background()
	values := make([]Value, m.Len())
	if err := reader.ReadAll(ctx, values); err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if v.Valid != m.Point(i).Plain {
			t.Errorf("fresh bank: %s reads %+v", m.Point(i).Name, v)
		}
	}
	for name, physical := range map[string]float64{"Voltage": 812.5, "Current": -31.2, "Energy": 123456789,
		"Power": -25350, "Temperature": 41.25, "Flags": 0xFFFF} {
		if err := bank.Set(point(t, m, name), physical); err != nil {
			t.Fatal(err)
		}
		if v, err := reader.Read(ctx, point(t, m, name)); err != nil || !v.Valid || v.Physical != physical {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
	if err := bank.SetText(point(t, m, "Serial"), "AB-12"); err != nil {
		t.Fatal(err)
	}
	if text, err := reader.ReadText(ctx, point(t, m, "Serial")); err != nil || text != "AB-12" {
		t.Errorf("text %q, %v", text, err)
	}
	if err := reader.WriteText(ctx, point(t, m, "Label"), "pack 4"); err != nil || bank.Text(point(t, m, "Label")) != "pack 4" {
		t.Errorf("label %q, %v", bank.Text(point(t, m, "Label")), err)
	}
	var requests int
	bus.SetFault(func(Request) Outcome { requests++; return Outcome{} })
	if err := reader.ReadAll(ctx, values); err != nil || requests != 2 {
		t.Errorf("ReadAll took %d requests, %v; the table has two runs of registers", requests, err)
	}
	bank.SetMissing(point(t, m, "Power"))
	if v := bank.Get(point(t, m, "Power")); v.Valid {
		t.Errorf("missing power reads %+v", v)
	}
	bus.SetFault(func(r Request) Outcome {
		return Outcome{Refuse: map[bool]Exception{true: DeviceBusy}[r.Address == 100]}
	})
	err := reader.ReadAll(ctx, values)
	if !errors.Is(err, DeviceBusy) || values[point(t, m, "Voltage")].Valid || !values[point(t, m, "Heartbeat")].Valid {
		t.Errorf("one failed request: %v, %+v", err, values)
	}
}

func TestBankValidatesWrites(t *testing.T) {
	m := exampleMap(t)
	bank := NewBank(m, time.Now)
	bus := NewMemory(bank, time.Second)
	ctx := context.Background()
	setpoint := point(t, m, "Setpoint")
	if err := bank.Set(setpoint, 10); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		addr   uint16
		values []uint16
		want   Exception
	}{
		"out of range":           {201, []uint16{0, 2501}, IllegalDataValue},
		"not available":          {201, []uint16{0x8000, 0}, IllegalDataValue},
		"half a point":           {201, []uint16{0}, IllegalDataAddress},
		"second half":            {202, []uint16{0}, IllegalDataAddress},
		"read-only":              {100, []uint16{1}, IllegalDataAddress},
		"hole":                   {113, []uint16{1}, IllegalDataAddress},
		"below the table":        {99, []uint16{1}, IllegalDataAddress},
		"runs out of the table":  {203, []uint16{0, 0, 0, 0}, IllegalDataAddress},
		"good first, then bad":   {200, []uint16{7, 0, 9999}, IllegalDataValue},
		"good first, then a cut": {200, []uint16{7, 0}, IllegalDataAddress},
	} {
		if err := bus.WriteHolding(ctx, 1, test.addr, test.values); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if v := bank.Get(setpoint); v.Physical != 10 || bank.Get(point(t, m, "Heartbeat")).Physical != 0 {
			t.Errorf("%s changed the bank: %+v", name, v)
		}
	}
	if _, err := bus.ReadHolding(ctx, 1, 112, 2); !errors.Is(err, IllegalDataAddress) {
		t.Errorf("reading a hole: %v", err)
	}
	reader := NewReader(bus, 1, m)
	for name, settings := range map[string][]Setting{
		"read-only": {{point(t, m, "Voltage"), 1}}, "twice": {{setpoint, 1}, {setpoint, 2}},
		"out of range": {{point(t, m, "Heartbeat"), 1}, {setpoint, 251}}, "text": {{point(t, m, "Label"), 1}},
	} {
		if err := reader.Write(ctx, settings...); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	if bank.Get(point(t, m, "Heartbeat")).Physical != 0 {
		t.Error("a refused write sent part of itself")
	}
	var told []int
	bank.OnWrite(func(i int, v Value) { told = append(told, i) })
	var requests int
	bus.SetFault(func(Request) Outcome { requests++; return Outcome{} })
	if err := reader.Write(ctx, Setting{setpoint, -125.3}, Setting{point(t, m, "Heartbeat"), 1}); err != nil {
		t.Fatal(err)
	}
	if requests != 1 || len(told) != 2 || told[0] != point(t, m, "Heartbeat") || bank.Get(setpoint).Physical != -125.3 {
		t.Errorf("%d requests, told of %v, setpoint %+v", requests, told, bank.Get(setpoint))
	}
}

func TestHeartbeat(t *testing.T) {
	m := exampleMap(t)
	at := &clock{time.Unix(1000, 0)}
	bank := NewBank(m, at.now)
	beat := func(value float64) {
		t.Helper()
		if err := NewReader(NewMemory(bank, time.Second), 1, m).Write(context.Background(),
			Setting{point(t, m, "Heartbeat"), value}); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want bool) {
		t.Helper()
		if got := bank.Expired(at.at); got != want {
			t.Errorf("at %v expired is %v", at.at.Unix(), got)
		}
	}
	expect(true) // never fed
	beat(0)
	expect(false)
	at.at = at.at.Add(time.Second)
	expect(false)
	beat(0) // stuck: no sign of life
	at.at = at.at.Add(time.Millisecond)
	expect(true)
	beat(1)
	expect(false)
	if NewBank(mustCompile(t, Table{Name: "none", Points: []Point{{Name: "x"}}}), time.Now).Expired(at.at) {
		t.Error("a table without a heartbeat expired")
	}
}

func mustCompile(t testing.TB, table Table) *Map {
	t.Helper()
	m, err := table.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestManual(t *testing.T) {
	got := exampleMap(t).Manual()
	for _, want := range []string{
		"## Example converter\n\nA table for tests.\n\nHolding registers (functions 3, 6, 16), zero-based addresses, 32-bit values high word first.",
		"Heartbeat: `Heartbeat` must change at least every 1s.",
		"| 101 | `Current` | s16 | 0.1 | A | r |  | positive out of the terminals |",
		"| 201 | `Setpoint` | s32 | 0.1 | kW | rw | -250 to 250 |  |",
		"| 203 | `Label` | text, 6 characters |  |  | rw |  |  |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the manual lacks %q:\n%s", want, got)
		}
	}
}

func TestWordOrderAndInputSpace(t *testing.T) {
	m := mustCompile(t, Table{Name: "meter", LowWordFirst: true, InputSpace: true, ReadGap: 2,
		Points: []Point{{Name: "a", Address: 0, Type: U32}, {Name: "b", Address: 4, Type: S32, Scale: 0.01}}})
	device := new(image)
	copy(device.words[:], []uint16{^uint16(0x5678), ^uint16(0x1234), 0, 0, ^uint16(0xFF9C), ^uint16(0xFFFF)})
	values := make([]Value, 2)
	bus := NewMemory(device, time.Second)
	requests := 0
	bus.SetFault(func(Request) Outcome { requests++; return Outcome{} })
	if err := NewReader(bus, 1, m).ReadAll(context.Background(), values); err != nil {
		t.Fatal(err)
	}
	if values[0].Physical != 0x12345678 || values[1].Physical != -1 || requests != 1 {
		t.Errorf("%+v in %d requests", values, requests)
	}
}
