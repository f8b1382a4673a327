package ocpp

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// sample is a shape with one field of every kind.
func sample() *Shape {
	return Object(
		Required("text", Text(4)),
		Optional("choice", OneOf("A", "B")),
		Optional("time", DateTime()),
		Optional("flag", Boolean()),
		Optional("whole", IntegerWithin(-2, 9)),
		Optional("number", Number(0.1)),
		Optional("list", List(Object(Required("n", Integer())), 1, 2)),
		Optional("custom", OpenObject(Required("vendorId", Text(255)))),
		Optional("any", Anything()),
	)
}

func TestShape(t *testing.T) {
	cases := []struct{ text, says string }{
		{`{"text":"abcd"}`, ""},
		{` { "text" : "äöüß" , "any" : [ { } ] } `, ""},
		{`{"t\u0065xt":"a"}`, ""},
		{`{"text":"\u00e4\u00e4\u00e4\u00e4"}`, ""},
		{`{"text":"äöüßx"}`, "text: 5 characters, at most 4"},
		{`{}`, "text: the field is required and absent"},
		{`[]`, "a list where an object must be"},
		{`null`, "null where an object must be"},
		{`{"text":null}`, "text: null where a text must be"},
		{`{"text":"a","Text":"b"}`, `no field "Text" exists here`},
		{`{"text":"a","text":"b"}`, "text: the field is there twice"},
		{`{"text":"a","choice":"A"}`, ""},
		{`{"text":"a","choice":"a"}`, `choice: "a" is not one of`},
		{`{"text":"a","choice":""}`, `choice: "" is not one of`},
		{`{"text":"a","time":"2026-03-01T12:00:00Z"}`, ""},
		{`{"text":"a","time":"2026-03-01T12:00:00.123+01:00"}`, ""},
		{`{"text":"a","time":"2026-03-01T12:00:00"}`, ""},
		{`{"text":"a","time":"2026-03-01"}`, "time: "},
		{`{"text":"a","time":"2026-02-30T12:00:00Z"}`, "time: "},
		{`{"text":"a","time":5}`, "time: a number where a text must be"},
		{`{"text":"a","flag":false}`, ""},
		{`{"text":"a","flag":0}`, "flag: a number where true or false must be"},
		{`{"text":"a","whole":9}`, ""},
		{`{"text":"a","whole":10}`, "whole: 10 lies outside -2 to 9"},
		{`{"text":"a","whole":1.0}`, "whole: a number with fraction or exponent where a whole number must be"},
		{`{"text":"a","whole":99999999999999999999}`, "whole: a number where a whole number must be"},
		{`{"text":"a","number":16.1}`, ""},
		{`{"text":"a","number":0.3}`, ""},
		{`{"text":"a","number":-7}`, ""},
		{`{"text":"a","number":1e3}`, ""},
		{`{"text":"a","number":16.15}`, "number: 16.15 is not a multiple of 0.1"},
		{`{"text":"a","number":1e999}`, "number: a number with fraction or exponent where a number that fits"},
		{`{"text":"a","number":"6"}`, "number: a text where a number must be"},
		{`{"text":"a","list":[{"n":1},{"n":2}]}`, ""},
		{`{"text":"a","list":[]}`, "list: 0 entries, at least 1"},
		{`{"text":"a","list":[{"n":1},{"n":2},{"n":3}]}`, "list: more than 2 entries"},
		{`{"text":"a","list":[{"n":1},{"n":"2"}]}`, "list[1].n: a text where a number must be"},
		{`{"text":"a","list":{}}`, "list: an object where a list must be"},
		{`{"text":"a","custom":{"vendorId":"x","more":{"deep":["]}",1]}}}`, ""},
		{`{"text":"a","custom":{"more":1}}`, "custom.vendorId: the field is required"},
	}
	shape := sample()
	for _, test := range cases {
		if !json.Valid([]byte(test.text)) {
			t.Fatalf("%s is not JSON", test.text)
		}
		_, violation := shape.check([]byte(test.text), 0)
		switch {
		case violation == nil && test.says != "":
			t.Errorf("%s passed, want %q", test.text, test.says)
		case violation != nil && (test.says == "" || !strings.HasPrefix(violation.Error(), test.says)):
			t.Errorf("%s: %v, want %q", test.text, violation, test.says)
		}
	}
}

// TestScannerAgainstDecoder compares the scanner with the decoder of the standard library on any JSON: what skipValue calls a
// value ends where the decoder says it does.
func TestScannerAgainstDecoder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := anyJSON(3).Draw(t, "value")
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		padded := append(append([]byte(" "), text...), ` ,"tail"]`...)
		if end := skipValue(padded, 1); end != 1+len(text) {
			t.Fatalf("skipValue(%s) ends at %d, want %d", padded, end, 1+len(text))
		}
	})
}

func anyJSON(depth int) *rapid.Generator[any] {
	scalars := []*rapid.Generator[any]{
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.String().AsAny(), rapid.Int().AsAny(), rapid.Float64().AsAny(),
	}
	if depth == 0 {
		return rapid.OneOf(scalars...)
	}
	return rapid.OneOf(append(scalars,
		rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[any] { return anyJSON(depth - 1) }), 0, 4).AsAny(),
		rapid.MapOfN(rapid.String(), rapid.Deferred(func() *rapid.Generator[any] { return anyJSON(depth - 1) }), 0, 4).AsAny(),
	)...)
}

func FuzzShape(f *testing.F) {
	for _, seed := range []string{`{"text":"a"}`, `{"text":"a","list":[{"n":1}],"any":{"x":[1,2]}}`, `[[[`, `{"text":"\ud800"}`} {
		f.Add([]byte(seed))
	}
	shape := sample()
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			return
		}
		end, violation := shape.check(text, 0)
		if violation == nil && skipSpace(text, end) != len(text) {
			t.Errorf("%q passed with %d bytes left", text, len(text)-end)
		}
		if violation != nil && violation.Code == "" {
			t.Errorf("%q: a violation without a code: %v", text, violation)
		}
	})
}
