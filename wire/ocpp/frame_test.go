package ocpp

import (
	"encoding/json"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestParseFrame(t *testing.T) {
	call, problem := parseFrame([]byte("\n [2, \"a\\u0062\" ,\"Heartbeat\",{\"x\":[1,\"]\"]} ] "))
	if problem != nil || call.kind != kindCall || call.id != "ab" || call.action != "Heartbeat" ||
		string(call.payload) != `{"x":[1,"]"]}` {
		t.Errorf("read %+v, %v", call, problem)
	}
	refusal, problem := parseFrame([]byte(`[4,"a","NotSupported","why",{"detail":1}]`))
	if problem != nil || refusal.kind != kindError || refusal.code != "NotSupported" || refusal.description != "why" {
		t.Errorf("read %+v, %v", refusal, problem)
	}
}

// TestFramesComeBack: whatever is written is read as it was.
func TestFramesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringN(1, maxID, -1).Draw(t, "id")
		word := rapid.StringN(1, 50, -1).Draw(t, "word")
		payload, err := json.Marshal(rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "payload"))
		if err != nil {
			t.Fatal(err)
		}
		call, problem := parseFrame(callFrame(id, word, payload))
		if problem != nil || call.kind != kindCall || call.id != id || call.action != word || string(call.payload) != string(payload) {
			t.Fatalf("a call came back as %+v, %v", call, problem)
		}
		result, problem := parseFrame(resultFrame(id, payload))
		if problem != nil || result.kind != kindResult || result.id != id || string(result.payload) != string(payload) {
			t.Fatalf("an answer came back as %+v, %v", result, problem)
		}
		refusal, problem := parseFrame(errorFrame(id, "GenericError", word))
		if problem != nil || refusal.kind != kindError || refusal.id != id || refusal.description != word {
			t.Fatalf("a refusal came back as %+v, %v", refusal, problem)
		}
	})
}

func TestDescriptionsAreCut(t *testing.T) {
	refusal, problem := parseFrame(errorFrame("a", "GenericError", strings.Repeat("ä", 300)))
	if problem != nil || refusal.description != strings.Repeat("ä", maxDescription) {
		t.Errorf("read %d bytes, %v", len(refusal.description), problem)
	}
}

// TestMemoryForgets: the oldest answers make room, an id that returns keeps its place.
func TestMemoryForgets(t *testing.T) {
	var m memory
	for n := range remembered + 2 {
		m.keep(past{id: string(rune('a' + n))})
	}
	if m.find("a") != nil || m.find("b") != nil || m.find("c") == nil || m.find("r") == nil {
		t.Error("not exactly the oldest two were forgotten")
	}
	m.keep(past{id: "c", answer: []byte("new")})
	if string(m.find("c").answer) != "new" || m.find("d") == nil {
		t.Error("an id that returned took the place of another")
	}
}

func FuzzParseFrame(f *testing.F) {
	for _, seed := range []string{
		`[2,"a","Heartbeat",{}]`, `[3,"a",{}]`, `[4,"a","GenericError","",{}]`, `[2,"a"]`, `[]`, `{}`, `[2,"\u`, "[2,\"\xff\"]",
		`[2,"a","b",[[[]]],1,2,3]`, ` [ 3 , "a" , null ] `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		parsed, problem := parseFrame(text)
		if problem != nil {
			return
		}
		// What was accepted is a JSON list whose entries the standard library sees alike.
		var parts []json.RawMessage
		if err := json.Unmarshal(text, &parts); err != nil {
			t.Fatalf("%q was accepted: %v", text, err)
		}
		var id string
		if err := json.Unmarshal(parts[1], &id); err != nil || id != parsed.id {
			t.Fatalf("%q: the id is %q, read %q", text, id, parsed.id)
		}
		if want := map[int]int{kindCall: 4, kindResult: 3, kindError: 5}[parsed.kind]; len(parts) != want {
			t.Fatalf("%q: %d entries in a message of type %d", text, len(parts), parsed.kind)
		}
		if parsed.kind == kindCall && !json.Valid(parsed.payload) {
			t.Fatalf("%q: payload %q", text, parsed.payload)
		}
	})
}
