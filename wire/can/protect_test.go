package can

import "testing"

// TestTable checks the catalogue values: the CRC-8 of the digits "123456789", and the head of Nissan's table.
func TestTable(t *testing.T) {
	digits := []byte("123456789")
	cases := []struct {
		name                             string
		polynomial, initial, final, want uint8
	}{
		{"SAE J1850", 0x1D, 0xFF, 0xFF, 0x4B},
		{"GSM-A", 0x1D, 0, 0, 0x37},
		{"SMBus", 0x07, 0, 0, 0xF4},
		{"AUTOSAR", 0x2F, 0xFF, 0xFF, 0xDF},
		{"OPENSAFETY", 0x2F, 0, 0, 0x3E},
	}
	for _, c := range cases {
		if got := MakeTable(c.polynomial).Sum(digits, c.initial, c.final); got != c.want {
			t.Errorf("%s: %#02x, want %#02x", c.name, got, c.want)
		}
	}
	if table := MakeTable(0x85); [8]uint8(table[:8]) != [8]uint8{0, 133, 143, 10, 155, 30, 20, 145} {
		t.Errorf("Nissan's table begins %v", table[:8])
	}
}

const leafCommand = `BO_ 468 LeafCommand: 8 Unit
 SG_ Torque : 23|12@0- (0.25,0) [0|0] "Nm" Pack
 SG_ Roll : 39|2@0+ (1,0) [0|3] "" Pack
 SG_ Sum : 63|8@0+ (1,0) [0|255] "" Pack
BO_ 150 Charger: 8 Unit
 SG_ Sum : 7|8@0+ (1,0) [0|255] "" Pack
 SG_ Roll : 11|4@0+ (1,0) [0|14] "" Pack
 SG_ Wide : 16|48@1+ (1,0) [0|0] "" Pack
`

func protection(t testing.TB, check Check) *Protection {
	t.Helper()
	database, err := Load("check.dbc", []byte(leafCommand))
	if err != nil {
		t.Fatal(err)
	}
	message, _ := database.Message(check.Message)
	protection, err := NewProtection(message, check)
	if err != nil {
		t.Fatal(err)
	}
	return protection
}

// TestLeafFrames holds the four frames 0x1D4 that open controllers send to Leaf packs in turn, byte by byte as published.
func TestLeafFrames(t *testing.T) {
	leaf := protection(t, Check{Message: "LeafCommand", Counter: "Roll", Checksum: "Sum", Rule: RuleLeaf})
	frames := []string{"1D4#6E6E00040746E012", "1D4#6E6E00044746E0D5", "1D4#6E6E00048746E019", "1D4#6E6E0004C746E0DE"}
	var reading, writing Counter
	for range 2 { // the counter wraps
		for _, text := range frames {
			frame := frameOf(t, text)
			if verdict := leaf.Judge(&frame, &reading); verdict != Sound {
				t.Errorf("%s: verdict %d", text, verdict)
			}
			bare := frameOf(t, "1D4#6E6E00040746E000")
			if !leaf.Seal(&bare, &writing) || bare != frame {
				t.Errorf("sealed %v, want %s", bare, text)
			}
		}
	}
	same, jumped, damaged, short := frameOf(t, frames[3]), frameOf(t, frames[1]), frameOf(t, "1D4#6E6E00048746E018"), frameOf(t, "1D4#6E6E00048746E0")
	for i, step := range []struct {
		frame *Frame
		want  Verdict
	}{{&same, StuckCounter}, {&damaged, BadChecksum}, {&short, BadChecksum}, {&same, StuckCounter}, {&jumped, JumpedCounter}} {
		if verdict := leaf.Judge(step.frame, &reading); verdict != step.want {
			t.Errorf("step %d: verdict %d, want %d", i, verdict, step.want)
		}
	}
}

// TestCounterModulus wraps at 15 as AUTOSAR profile 1 does, with the checksum in front.
func TestCounterModulus(t *testing.T) {
	charger := protection(t, Check{Message: "Charger", Counter: "Roll", Modulus: 15, Checksum: "Sum", Rule: RuleJ1850, First: 1, Last: 7})
	var reading, writing Counter
	for i := range 40 {
		frame := Frame{ID: 150, Length: 8}
		if !charger.Seal(&frame, &writing) || int(frame.Data[1]) != i%15 {
			t.Fatalf("frame %d is %v", i, frame)
		}
		if verdict := charger.Judge(&frame, &reading); verdict != Sound {
			t.Errorf("frame %d: verdict %d", i, verdict)
		}
	}
	if charger.Seal(&Frame{ID: 150, Length: 2}, &writing) {
		t.Error("sealed a short frame")
	}
}

func TestCheckFaults(t *testing.T) {
	database, err := Load("check.dbc", []byte(leafCommand))
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		check Check
		want  string
	}{
		{Check{Message: "Nothing"}, `no message "Nothing"`},
		{Check{Message: "Charger", Rule: "crc9"}, `unknown rule "crc9"`},
		{Check{Message: "Charger", Rule: RuleJ1850, Checksum: "Wide", First: 1, Last: 7}, "one whole unsigned byte"},
		{Check{Message: "Charger", Rule: RuleJ1850, First: 1, Last: 7}, "no checksum signal"},
		{Check{Message: "Charger", Rule: RuleJ1850, Checksum: "Sum", First: 0, Last: 7}, "leave out the checksum in byte 0"},
		{Check{Message: "Charger", Rule: RuleCRC8, Checksum: "Sum", First: 1, Last: 8}, "must lie within"},
		{Check{Message: "Charger", Counter: "Rol"}, "no counter signal Rol"},
		{Check{Message: "Charger", Counter: "Roll", Modulus: 17}, "modulus 17"},
		{Check{Message: "LeafCommand", Counter: "Torque"}, "unsigned"},
		{Check{Message: "Charger", Checksum: "Sum"}, "without a rule"},
	}
	for _, c := range cases {
		_, err := NewInbox(database, []Check{c.check})
		wantError(t, err, c.want)
	}
	twice := Check{Message: "Charger", Rule: RuleNonePublic}
	_, err = NewInbox(database, []Check{twice, twice})
	wantError(t, err, "two checks")
}
