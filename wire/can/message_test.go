package can

import (
	"math"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// sample is a small database made by hand from published facts.
func sample(t testing.TB) *Database {
	t.Helper()
	text, err := os.ReadFile("testdata/sample.dbc")
	if err != nil {
		t.Fatal(err)
	}
	database, err := Load("sample.dbc", text)
	if err != nil {
		t.Fatal(err)
	}
	return database
}

// frameOf reads a frame in candump form, from bytes that no encoder of this package made.
func frameOf(t testing.TB, text string) Frame {
	t.Helper()
	frame, err := parseFrame([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// TestDecodeGolden holds bytes worked out by hand against the published scalings.
func TestDecodeGolden(t *testing.T) {
	type expectation struct {
		signal   string
		raw      int64
		physical float64
		valid    bool
		inRange  bool
	}
	cases := []struct {
		name, frame, message string
		want                 []expectation
	}{
		// I-PACE: the published sample 0x3269 is 129.05 kW.
		{"published power sample", "100#0000000032690000", "PackPower", []expectation{
			{"DischargePeak", 0x3269, 129.05, true, true},
			{"DischargeContinuous", 0, 0, true, true}}},
		// L405: counter in bits 2-5 of byte 1, voltage in its two low bits and byte 2, current 24 bit in bytes 5-7.
		{"mid-scale current", "102#0029700170800000", "PackCurrent", []expectation{
			{"Checksum102", 0, 0, true, true},
			{"Counter102", 10, 10, true, true},
			{"PackVoltage", 0x170, 368, true, true},
			{"BusVoltage", 0x170, 368, true, true},
			{"Current", 0x800000, 0.025, true, true}}},
		{"zero current", "102#00000000007FFFFF", "PackCurrent", []expectation{{"Current", 0x7FFFFF, 0, true, true}}},
		{"100 A discharge", "102#0000000000800F9F", "PackCurrent", []expectation{{"Current", 0x800F9F, 100, true, true}}},
		{"lowest current is out of range, kept", "102#0000000000000000", "PackCurrent", []expectation{
			{"Current", 0, -209715.175, true, false}}},
		{"short frame has no current", "102#00297001708000", "PackCurrent", []expectation{
			{"PackVoltage", 0x170, 368, true, true},
			{"Current", 0, 0, false, false}}},
		// Leaf: 11-bit signed current by 0.5 A; -10 A is raw -20 = 0x7EC; 0x3FF is no voltage.
		{"negative current", "1DB#FD80B54000000000", "LeafVoltage", []expectation{
			{"LeafCurrent", -20, -10, true, true},
			{"LeafPackVoltage", 725, 362.5, true, true}}},
		{"declared no value", "1DB#0000FFC000000000", "LeafVoltage", []expectation{
			{"LeafPackVoltage", 0x3FF, 0, false, false}}},
		{"page 1", "5C0#4000820000000000", "LeafTemperature", []expectation{
			{"Page", 1, 1, true, true},
			{"Hottest", 65, 25, true, true},
			{"Average", 0, 0, false, false},
			{"Coldest", 0, 0, false, false}}},
		{"little-endian signed", "00000102#01F4FF00", "PackOrder", []expectation{
			{"Mode", 1, 1, true, true},
			{"Limit", -12 + 0, -1.2000000000000002, true, true}}},
		{"other frame", "101#0000000032690000", "PackPower", []expectation{{"DischargePeak", 0, 0, false, false}}},
	}
	database := sample(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			message, ok := database.Message(c.message)
			if !ok {
				t.Fatalf("no message %s", c.message)
			}
			frame := frameOf(t, c.frame)
			values := make([]Value, len(message.Signals))
			message.Decode(&frame, values)
			for _, want := range c.want {
				index, ok := message.Signal(want.signal)
				if !ok {
					t.Fatalf("no signal %s", want.signal)
				}
				got := values[index]
				if got.Raw != want.raw || got.Valid != want.valid || got.InRange != want.inRange || math.Abs(got.Physical-want.physical) > 1e-9 {
					t.Errorf("%s = %+v, want %+v", want.signal, got, want)
				}
			}
		})
	}
}

// TestEncodeRounds holds against truncation: 351.2 V at 0.1 V a bit is 3512, although 351.2/0.1 is just below.
func TestEncodeRounds(t *testing.T) {
	database, err := Load("v.dbc", []byte("BO_ 1 M: 2 N\n SG_ V : 0|16@1+ (0.1,0) [0|0] \"V\" N\n"))
	if err != nil {
		t.Fatal(err)
	}
	message, _ := database.Message("M")
	frame, err := message.Encode([]Value{{Physical: 351.2, Valid: true}})
	if err != nil {
		t.Fatal(err)
	}
	if want := frameOf(t, "001#B80D"); frame != want {
		t.Errorf("351.2 V = %v, want %v", frame, want)
	}
}

// TestRangeHasHalfAStepOfSlack: 3*0.1 is above 0.3 in float64, and is the declared maximum all the same.
func TestRangeHasHalfAStepOfSlack(t *testing.T) {
	signal := Signal{Length: 8, Factor: 0.1, Min: 0.1, Max: 0.3, Bounded: true}
	signal.derive()
	for raw, want := range []bool{false, true, true, true, false} {
		if got := signal.value(int64(raw)); got.InRange != want || !got.Valid {
			t.Errorf("raw %d: %+v, want in range %t", raw, got, want)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	database := sample(t)
	order, _ := database.Message("PackOrder")
	temperature, _ := database.Message("LeafTemperature")
	cases := []struct {
		name    string
		message *Message
		values  []Value
		want    string
	}{
		{"too large", order, []Value{{Physical: 1, Valid: true}, {Physical: 3276.8, Valid: true}}, "Limit: 3276.8 A does not fit 16 bits"},
		{"not a number", order, []Value{{Physical: 1, Valid: true}, {Physical: math.NaN(), Valid: true}}, "does not fit"},
		{"unset", order, []Value{{Physical: 1, Valid: true}, {}}, "Limit has no value"},
		{"too few", order, []Value{{Physical: 1, Valid: true}}, "1 values for 2 signals"},
		{"no page", temperature, make([]Value, 4), "Page has no value"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.message.Encode(c.values)
			wantError(t, err, c.want)
		})
	}
	frame, err := temperature.Encode([]Value{{Physical: 2, Valid: true}, {}, {Physical: 21, Valid: true}, {}})
	if want := frameOf(t, "5C0#80007A0000000000"); err != nil || frame != want {
		t.Errorf("page 2 = %v, %v, want %v", frame, err, want)
	}
}

func TestQuantiseSaturates(t *testing.T) {
	cases := []struct {
		signal   Signal
		physical float64
		raw      int64
		ok       bool
	}{
		{Signal{Length: 8, Factor: 1}, 255.4, 255, true},
		{Signal{Length: 8, Factor: 1}, 255.5, 255, false},
		{Signal{Length: 8, Factor: 1}, -0.5, 0, false},
		{Signal{Length: 8, Factor: 1, Signed: true}, -128.4, -128, true},
		{Signal{Length: 8, Factor: 1, Signed: true}, -129, -128, false},
		{Signal{Length: 8, Factor: 1, Signed: true}, 128, 127, false},
		{Signal{Length: 8, Factor: -0.5}, -3, 6, true},
		{Signal{Length: 64, Factor: 1}, math.Inf(1), -1, false},
		{Signal{Length: 64, Factor: 1, Signed: true}, math.Inf(-1), math.MinInt64, false},
		{Signal{Length: 64, Factor: 1, Signed: true}, 1 << 63, math.MaxInt64, false},
		{Signal{Length: 64, Factor: 1}, 1 << 63, math.MinInt64, true},
		{Signal{Length: 64, Factor: 1}, math.NaN(), 0, false},
	}
	for _, c := range cases {
		c.signal.derive()
		if raw, ok := c.signal.Quantise(c.physical); raw != c.raw || ok != c.ok {
			t.Errorf("%d bits signed %t: %g = %d %t, want %d %t", c.signal.Length, c.signal.Signed, c.physical, raw, ok, c.raw, c.ok)
		}
	}
}

// oracleBits lists the bits of a field, most significant first, by walking the frame drawing cell by cell.
func oracleBits(order ByteOrder, start, length int) []int {
	var cells []int
	bit := start
	for range length {
		cells = append(cells, bit)
		if order == Intel {
			bit++
		} else if bit%8 == 0 {
			bit += 15 // top of the next byte
		} else {
			bit--
		}
	}
	if order == Intel {
		for i, k := 0, len(cells)-1; i < k; i, k = i+1, k-1 {
			cells[i], cells[k] = cells[k], cells[i]
		}
	}
	return cells
}

// TestFieldsAgainstOracle draws signals of any place, order and sign and compares with a walk bit by bit.
func TestFieldsAgainstOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		order := ByteOrder(rapid.IntRange(0, 1).Draw(t, "order"))
		start := rapid.IntRange(0, 63).Draw(t, "start")
		length := rapid.IntRange(1, 64).Draw(t, "length")
		size := rapid.IntRange(1, 8).Draw(t, "size")
		signal := Signal{Name: "S", Start: uint8(start), Length: uint8(length), Order: order, Factor: 1, Signed: rapid.Bool().Draw(t, "signed")}
		cells := oracleBits(order, start, length)
		fits := true
		for _, cell := range cells {
			fits = fits && cell < size*8
		}
		if signal.fits(size) != fits {
			t.Fatalf("fits = %t, want %t", signal.fits(size), fits)
		}
		if !fits {
			return
		}
		signal.derive()
		message := Message{ID: 1, Name: "M", Length: size, Signals: []Signal{signal}, multiplexer: -1}
		frame := Frame{ID: 1, Length: uint8(size)}
		for i := range size {
			frame.Data[i] = rapid.Byte().Draw(t, "data")
		}
		want := int64(0)
		for i, cell := range cells {
			bit := int64(frame.Data[cell/8]>>(cell%8)) & 1
			if i == 0 && signal.Signed {
				bit = -bit
			}
			want = want<<1 | bit
		}
		values := make([]Value, 1)
		if message.Decode(&frame, values); values[0].Raw != want || !values[0].Valid {
			t.Fatalf("decoded %+v, want raw %d", values[0], want)
		}
		// Writing another value changes exactly the field's own bits, and reads back.
		other := Frame{ID: 1, Length: uint8(size)}
		if !signal.Put(&other, want) {
			t.Fatalf("cannot put %d", want)
		}
		for cell := range size * 8 {
			inside := false
			for _, own := range cells {
				inside = inside || own == cell
			}
			bit := other.Data[cell/8] >> (cell % 8) & 1
			if inside && bit != frame.Data[cell/8]>>(cell%8)&1 || !inside && bit != 0 {
				t.Fatalf("bit %d is %d", cell, bit)
			}
		}
	})
}

// TestRoundTrip encodes physical values of random scaling and wants them back within half a step.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		length := rapid.IntRange(1, 48).Draw(t, "length")
		order := ByteOrder(rapid.IntRange(0, 1).Draw(t, "order"))
		start := rapid.IntRange(0, 63).Draw(t, "start")
		signal := Signal{
			Name: "S", Start: uint8(start), Length: uint8(length), Order: order, Signed: rapid.Bool().Draw(t, "signed"),
			Factor: rapid.SampledFrom([]float64{1, 0.1, 0.025, 0.5, -0.01, 77, 1e-3}).Draw(t, "factor"),
			Offset: rapid.SampledFrom([]float64{0, -40, -209715.175, 12.5}).Draw(t, "offset"),
		}
		if !signal.fits(8) {
			return
		}
		signal.derive()
		message := Message{ID: 1, Name: "M", Length: 8, Signals: []Signal{signal}, multiplexer: -1}
		low, high := signal.limits()
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		physical := low + float64(share*(high-low))
		frame, err := message.Encode([]Value{{Physical: physical, Valid: true}})
		if err != nil {
			t.Fatal(err)
		}
		values := make([]Value, 1)
		message.Decode(&frame, values)
		slack := math.Abs(signal.Factor)*0.5 + math.Abs(physical)*1e-12 + 1e-9
		if math.Abs(values[0].Physical-physical) > slack {
			t.Fatalf("%g came back as %g", physical, values[0].Physical)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	message, _ := sample(b).Message("PackCurrent")
	frame := frameOf(b, "102#0029700170800000")
	values := make([]Value, len(message.Signals))
	b.ReportAllocs()
	for b.Loop() {
		message.Decode(&frame, values)
	}
}

func BenchmarkEncode(b *testing.B) {
	message, _ := sample(b).Message("PackCurrent")
	frame := frameOf(b, "102#0029700170800000")
	values := make([]Value, len(message.Signals))
	message.Decode(&frame, values)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := message.Encode(values); err != nil {
			b.Fatal(err)
		}
	}
}
