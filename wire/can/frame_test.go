package can

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
)

// TestWireGolden holds struct can_frame of linux/can.h on a little-endian machine, written by hand.
func TestWireGolden(t *testing.T) {
	cases := []struct{ frame, wire string }{
		{"102#0011223344556677", "02010000080000000011223344556677"},
		{"1FFFFFFF#AB", "ffffff9f01000000ab00000000000000"},
		{"7FF#R3", "ff070040030000000000000000000000"},
		{"000#", "00000000000000000000000000000000"},
	}
	for _, c := range cases {
		frame := frameOf(t, c.frame)
		if got := hex.EncodeToString(AppendWire(nil, frame)); got != c.wire {
			t.Errorf("%s = %s, want %s", c.frame, got, c.wire)
		}
		wire, _ := hex.DecodeString(c.wire)
		if got, err := DecodeWire(wire); err != nil || got != frame {
			t.Errorf("%s = %v %v, want %s", c.wire, got, err, c.frame)
		}
	}
	dirty := Frame{ID: 1, Length: 1, Data: [8]byte{1, 2, 3}} // what stands behind the length stays off the wire
	if got := hex.EncodeToString(AppendWire(nil, dirty)); got != "01000000010000000100000000000000" {
		t.Errorf("dirty frame = %s", got)
	}
	for text, want := range map[string]string{
		"020100000900000000112233445566":     "15 bytes",
		"02010000090000000011223344556677":   "length 9",
		"00080000080000000011223344556677":   "above 11 bits",
		"0201000008000000001122334455667788": "17 bytes",
	} {
		wire, _ := hex.DecodeString(text)
		_, err := DecodeWire(wire)
		wantError(t, err, want)
	}
	wire, _ := hex.DecodeString("04000020080000000000000000000000")
	if _, err := DecodeWire(wire); !errors.Is(err, ErrErrorFrame) {
		t.Errorf("error frame gives %v", err)
	}
}

func FuzzWireFrame(f *testing.F) {
	f.Add([]byte{2, 1, 0, 0, 8, 0, 0, 0, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77})
	f.Add([]byte{0xFF, 0xFF, 0xFF, 0xDF, 3, 1, 2, 3, 9, 9, 9, 9, 9, 9, 9, 9})
	f.Fuzz(func(t *testing.T, wire []byte) {
		frame, err := DecodeWire(wire)
		if err != nil {
			return
		}
		again := AppendWire(nil, frame)
		if !bytes.Equal(again[:5], wire[:5]) {
			t.Fatalf("%x became %x", wire, again)
		}
		if back, err := DecodeWire(again); err != nil || back != frame {
			t.Fatalf("%v became %v, %v", frame, back, err)
		}
	})
}
