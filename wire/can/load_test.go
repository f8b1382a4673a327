package can

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func wantError(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) {
		t.Errorf("error %v, want one with %q", err, part)
	}
}

func TestLoadReadsEverything(t *testing.T) {
	database := sample(t)
	if database.Name() != "sample.dbc" || len(database.Messages()) != 6 {
		t.Fatalf("%s has %d messages", database.Name(), len(database.Messages()))
	}
	current, _ := database.Lookup(0x102, false)
	order, _ := database.Lookup(0x102, true)
	if current == nil || order == nil || current.Name != "PackCurrent" || order.Name != "PackOrder" {
		t.Fatalf("0x102 is %v and %v", current, order)
	}
	if current.Comment != "Sent every 20 ms. Second line of the comment" || current.Sender != "Pack" || current.Length != 8 {
		t.Errorf("message %+v", current)
	}
	for name, want := range map[string]time.Duration{"PackCurrent": 20 * time.Millisecond, "PackPower": 100 * time.Millisecond, "Losses": 0} {
		message, _ := database.Message(name)
		if period, declared := message.CycleTime(); period != want || declared != (want > 0) {
			t.Errorf("%s every %v (%t), want %v", name, period, declared, want)
		}
	}
	index, _ := current.Signal("Current")
	signal := current.Signals[index]
	if signal.Comment != "Positive while discharging." || signal.Unit != "A" || signal.Order != Motorola || !signal.Bounded || signal.Min != -600 {
		t.Errorf("signal %+v", signal)
	}
	mode := order.Signals[0]
	if text, ok := mode.Label(2); !ok || text != "charge" || mode.Labels[0].Raw != 0 {
		t.Errorf("labels %v", mode.Labels)
	}
	if _, ok := mode.Label(9); ok {
		t.Error("label for 9")
	}
	warnings := database.Warnings()
	if len(warnings) != 2 || !strings.Contains(warnings[0].Error(), "sample.dbc:43:2: signals LossToTarget and CoolingRequest of message Losses overlap") {
		t.Errorf("warnings %v", warnings)
	}
}

func TestLoadFaults(t *testing.T) {
	const head = "BO_ 1 M: 2 N\n"
	cases := []struct{ name, text, want string }{
		{"syntax", "BO_ 1 M: 2 N\n SG_ S : 0|8@1+ (1,0) [0|0] V N\n", `x.dbc:2:29: expected token "`},
		{"keyword", "BO_ 1 M: 2 N\nB0_ 2 X: 2 N\n", `x.dbc:2:1: unknown statement "B0_"`},
		{"duplicate identifier", head + "BO_ 1 K: 2 N\n", "x.dbc:2:1: message K has identifier 0x001, which M has too: keep one"},
		{"duplicate message", head + "BO_ 2 M: 2 N\n", "message name M is used twice"},
		{"duplicate signal", head + " SG_ S : 0|8@1+ (1,0) [0|0] \"\" N\n SG_ S : 8|8@1+ (1,0) [0|0] \"\" N\n", "x.dbc:3:2: signal M.S is declared twice"},
		{"beyond length", head + " SG_ S : 9|8@1+ (1,0) [0|0] \"\" N\n", "x.dbc:2:2: signal M.S (9|8, Intel) does not fit the 2 bytes"},
		{"beyond length, big-endian", head + " SG_ S : 14|8@0+ (1,0) [0|0] \"\" N\n", "does not fit the 2 bytes"},
		{"no bits", head + " SG_ S : 0|0@1+ (1,0) [0|0] \"\" N\n", "does not fit"},
		{"absurd start", head + " SG_ S : 18446744073709551615|8@1+ (1,0) [0|0] \"\" N\n", "does not fit"},
		{"factor", head + " SG_ S : 0|8@1+ (0,0) [0|0] \"\" N\n", "signal M.S has factor 0: give the physical value of one raw step"},
		{"limits", head + " SG_ S : 0|8@1+ (1,0) [5|1] \"\" N\n", "minimum 5 above maximum 1"},
		{"flexible data rate", "BO_ 1 M: 64 N\n", "64 bytes long"},
		{"page without multiplexer", head + " SG_ S m1 : 0|8@1+ (1,0) [0|0] \"\" N\n", "no multiplexer"},
		{"page too large", head + " SG_ P M : 0|2@1+ (1,0) [0|0] \"\" N\n SG_ S m4 : 8|8@1+ (1,0) [0|0] \"\" N\n", "page m4"},
		{"two multiplexers", head + " SG_ P M : 0|2@1+ (1,0) [0|0] \"\" N\n SG_ S M : 8|8@1+ (1,0) [0|0] \"\" N\n", "second multiplexer S"},
		{"float", head + " SG_ S : 0|16@1- (1,0) [0|0] \"\" N\nSIG_VALTYPE_ 1 S : 1;\n", "IEEE float"},
		{"signal alone", "BU_: N\nSG_ S : 0|8@1+ (1,0) [0|0] \"\" N\n", "outside any message"},
		{"no end", "SIG_GROUP_ 1 A 1 : B\n", "x.dbc:1:1: statement SIG_GROUP_ is not ended"},
		{"no value too large", head + " SG_ S : 0|8@1+ (1,0) [0|0] \"\" N\nBA_DEF_ SG_ \"RawInvalid\" INT 0 0;\nBA_ \"RawInvalid\" SG_ 1 S 256;\n", "cannot hold the raw value 256"},
		{"bad identifier", "BO_ 2048 M: 2 N\n", "x.dbc:1:5: invalid standard ID"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load("x.dbc", []byte(c.text))
			wantError(t, err, c.want)
		})
	}
	_, err := Load("x.dbc", []byte(head+" SG_ S : 0|8@1+ (0,0) [0|0] \"\" N\n SG_ R : 0|8@1+ (0,0) [0|0] \"\" N\n"))
	wantError(t, err, "x.dbc:2:2")
	wantError(t, err, "x.dbc:3:2")
}

// TestLoadTolerates reads what other tools write.
func TestLoadTolerates(t *testing.T) {
	text := "\uFEFFVERSION \"\"\r\nNS_ : \r\n\tNS_DESC_\r\n\tBU_SG_REL_\r\n\r\nBS_: 500000 : 1,2\r\nBU_: N\r\n" +
		"BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 Vector__XXX\r\n SG_ Old : 0|8@1+ (1,0) [0|0] \"\" Vector__XXX\r\n\r\n" +
		"BO_ 1 M: 2 Vector__XXX\r\n SG_ T : 0|8@1+ (0.5,-40) [0|0] \"\xB0C\" Vector__XXX\r\n SG_ P : 8|8@1+ (2,0) [0|0] \"\" N,K\r\n" +
		"BA_DEF_REL_ BU_SG_REL_ \"GenSigTimeout; really\" INT 0 65535;\r\nSG_MUL_VAL_ 1 T P 0-1,\r\n 2-2;\r\nCM_ BO_ 7 \"unknown\";\r\nCM_ SG_ 1 X \"unknown\";\r\n" +
		"VAL_ 1 P 300 \"too large\" 1 \"one\";\r\nBO_TX_BU_ 1 : N,K;\r\n"
	database, err := Load("x.dbc", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	message, _ := database.Message("M")
	if message == nil || message.Sender != "" || message.Signals[0].Unit != "°C" || len(message.Signals[1].Labels) != 1 {
		t.Fatalf("%+v", message)
	}
	want := []string{":15:1: extended multiplexing", ":13:2: signal M.P is scaled but has no unit", ":17:1: no message has identifier 7",
		":18:1: message M has no signal X", ":19:10: signal P cannot hold the raw value 300"}
	warnings := database.Warnings()
	for i, part := range want {
		if i >= len(warnings) || !strings.Contains(warnings[i].Error(), part) {
			t.Errorf("warnings %v, want %q", warnings, part)
		}
	}
	if len(warnings) != len(want) {
		t.Errorf("%d warnings, want %d: %v", len(warnings), len(want), warnings)
	}
}

// TestLoadBounds reads hostile text in bounded time and memory.
func TestLoadBounds(t *testing.T) {
	var text strings.Builder
	text.WriteString("BO_ 1 M: 8 N\n")
	for i := range maximumSignals {
		fmt.Fprintf(&text, " SG_ S%d : 0|64@1+ (1,0) [0|0] \"\" N\n", i)
	}
	database, err := Load("x.dbc", []byte(text.String()))
	if err != nil || len(database.Warnings()) != maximumWarnings {
		t.Fatalf("%v", err)
	}
	text.WriteString(" SG_ More : 0|64@1+ (1,0) [0|0] \"\" N\n")
	_, err = Load("x.dbc", []byte(text.String()))
	wantError(t, err, "x.dbc:1:1: message M has 4097 signals")
	_, err = Load("x.dbc", make([]byte, maximumText+1))
	wantError(t, err, "is this a DBC file?")
}

func FuzzLoadDBC(f *testing.F) {
	text, err := os.ReadFile("testdata/sample.dbc")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("BO_ 1 M: 8 N\n SG_ P M : 0|2@1+ (1,0) [0|0] \"\" N\n SG_ S m1 : 63|64@0- (0.1,5) [0|1] \"V\" N\n"))
	f.Add([]byte("CM_ \"open\nNS_ :\n\tX\nSG_MUL_VAL_ 1 \"; "))
	f.Fuzz(func(t *testing.T, text []byte) {
		database, err := Load("fuzz.dbc", text)
		if err != nil {
			return
		}
		frame := Frame{Length: 8, Data: [8]byte{0x81, 2, 0xFF, 4, 5, 6, 7, 0x88}}
		for _, message := range database.Messages() {
			values := make([]Value, len(message.Signals))
			frame.ID, frame.IsExtended = message.ID, message.Extended
			message.Decode(&frame, values)
			_, _ = message.Encode(values)
			_ = message.String()
		}
		database.Warnings()
	})
}
