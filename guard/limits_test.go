package guard

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"crypto/sha256"
	"reprise/wire/can"
)

func written(t testing.TB, l *Limits) []byte {
	t.Helper()
	var text bytes.Buffer
	if err := l.Write(&text); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func TestLimitsThroughTheirFile(t *testing.T) {
	l := testLimits()
	read, err := ReadLimits(written(t, l))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(l, read) {
		t.Error("what was read is not what was written")
	}
}

// Any single bit that is turned over, and any torn file, is refused.
func TestDamagedLimitsAreRefused(t *testing.T) {
	text := written(t, testLimits())
	for i := 0; i < len(text)-1; i += 7 {
		damaged := bytes.Clone(text)
		damaged[i] ^= 1 << (i % 8)
		if _, err := ReadLimits(damaged); err == nil {
			t.Fatalf("a bit of byte %d was turned over and nobody noticed", i)
		}
		if _, err := ReadLimits(text[:i]); err == nil {
			t.Fatalf("torn at byte %d and nobody noticed", i)
		}
	}
}

func TestImpossibleLimitsAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Limits){
		"no packs":          func(l *Limits) { l.Packs = nil },
		"no rows":           func(l *Limits) { l.Rows = nil },
		"field outside":     func(l *Limits) { l.Reads[0].Start = 60 },
		"no bits":           func(l *Limits) { l.Reads[0].Bits = 0 },
		"frame too long":    func(l *Limits) { l.Reads[0].Bytes = 9 },
		"no age":            func(l *Limits) { l.Reads[0].Age = 0 },
		"no scale":          func(l *Limits) { l.Reads[0].Scale = 0 },
		"subject of nobody": func(l *Limits) { l.Rows[0].Subject = 2 },
		"no time":           func(l *Limits) { l.Rows[0].For = 0 },
		"nothing reads it":  func(l *Limits) { l.Reads = l.Reads[1:] },
		"crc outside":       func(l *Limits) { l.Checks = []Check{{CRC: &CRC{First: 3, Last: 2}}} },
	} {
		l := testLimits()
		spoil(l)
		if _, err := ReadLimits(written(t, l)); err == nil {
			t.Errorf("%s: it was accepted", name)
		}
	}
	for name, text := range map[string]string{
		"unknown key":    `{"guard":{"version":1,"unit":"x","packs":["a"]},"more":1}` + "\n",
		"unknown kind":   `{"guard":{"version":1,"unit":"x","packs":["a"]}}` + "\n" + `{"row":{"withhold":"loop_late"}}` + "\n",
		"other version":  `{"guard":{"version":2,"unit":"x","packs":["a"]}}` + "\n",
		"two in a line":  `{"guard":{"version":1,"unit":"x","packs":["a"]}} {}` + "\n",
		"nothing at all": "\n",
	} {
		sealed := text + fmt.Sprintf("{\"sha256\":\"%x\"}\n", sha256.Sum256([]byte(text)))
		if _, err := ReadLimits([]byte(sealed)); err == nil || !strings.Contains(err.Error(), "reading guard limits") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadLimits(f *testing.F) {
	f.Add(written(f, testLimits()))
	f.Add([]byte(`{"guard":{"version":1}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, sealed := range [][]byte{text, fmt.Appendf(bytes.Clone(text), "{\"sha256\":\"%x\"}\n", sha256.Sum256(text))} {
			l, err := ReadLimits(sealed)
			if err != nil {
				continue
			}
			ear := NewEar(l) // what is accepted can be used
			frame := can.Frame{ID: 0x100, Length: 8}
			ear.Hear(len(l.Packs), &frame, 1)
			NewJudge(l).Look(ear.Image, 1)
		}
	})
}

func FuzzHear(f *testing.F) {
	f.Add(uint32(0x30B), uint8(8), []byte{1, 2, 3, 4, 5, 6, 7, 8}, false)
	f.Add(uint32(0x102), uint8(3), []byte{1}, true)
	l := testLimits()
	l.Checks = []Check{{Channel: 1, Frame: 0x102, Counter: &Field{Start: 48, Bits: 4}, CRC: &CRC{Polynomial: 0x1D, Last: 6, At: 7}}}
	f.Fuzz(func(_ *testing.T, id uint32, length uint8, data []byte, extended bool) {
		ear, judge := NewEar(l), NewJudge(l)
		frame := can.Frame{ID: id, Length: length, IsExtended: extended}
		copy(frame.Data[:], data)
		for channel := range 2 {
			ear.Hear(channel, &frame, 1000)
			judge.Look(ear.Image, 1001)
		}
	})
}
