package scenario

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reprise/bess"
	"reprise/config"
)

// stage is a scenario of the reference unit, one day from midnight of a summer day, without a story.
func stage(t testing.TB) *Scenario {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return &Scenario{
		Unit: config.Reference(), Vehicles: standardVehicles(), Zone: zone,
		Start: time.Date(2021, 6, 14, 0, 0, 0, 0, zone).UnixMilli(), For: 2 * bess.Day,
	}
}

// The example of the house, word for word.
func TestStoryOfTheHouse(t *testing.T) {
	const text = `10:00      plug outlet 3 phev need 12 kWh by 17:30
12:05      heat pack 3 cell 41 to 61 C over 5 s
within 4 s expect pack 3 open
           expect outlet 3 draw 7.0..7.4 kW
`
	s := stage(t)
	lines, faults := Story(text, config.Place{File: "x", Line: 1, Column: 1}, s)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	noon := 12*bess.Hour + 5*bess.Minute
	want := []Line{
		{At: 10 * bess.Hour, Statement: Plug{Outlet: 2, Vehicle: "phev", Need: 12e3, By: s.Start + int64(17*bess.Hour+30*bess.Minute)}},
		{At: noon, Statement: Warm{Pack: 2, Cell: 41, To: 61, Over: 5 * bess.Second}},
		{At: noon, Within: 4 * bess.Second, Statement: Expect{Of: OfPack, Index: 2, Aspect: State, Word: "open", Low: math.Inf(-1), High: math.Inf(1)}},
		{At: noon, Within: 4 * bess.Second, Statement: Expect{Of: OfOutlet, Index: 2, Aspect: Draw, Low: 7000, High: 7400}},
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d", len(lines), len(want))
	}
	for i, line := range lines {
		if line.At != want[i].At || line.Within != want[i].Within || line.Statement != want[i].Statement {
			t.Errorf("line %d: %+v, want %+v", i+1, line, want[i])
		}
	}
}

// Every statement of the language, and how it is understood.
func TestStories(t *testing.T) {
	text, err := os.ReadFile("testdata/every-statement.story")
	if err != nil {
		t.Fatal(err)
	}
	lines, faults := Story(string(text), config.Place{File: "every-statement.story", Line: 1, Column: 1}, stage(t))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%8.1f s within %.1f hold %.1f  %s\n%31T %+v\n", l.At.Seconds(), l.Within.Seconds(), l.Hold.Seconds(), l.Text, l.Statement, l.Statement)
	}
	golden(t, "testdata/every-statement.want", b.String())
}

func TestBadStories(t *testing.T) {
	text, err := os.ReadFile("testdata/bad.story")
	if err != nil {
		t.Fatal(err)
	}
	lines, faults := Story(string(text), config.Place{File: "bad.story", Line: 1, Column: 1}, stage(t))
	for _, f := range faults {
		if f.Do == "" || f.Place.Line == 0 || f.Place.Column == 0 {
			t.Errorf("a fault without place or advice: %v", f)
		}
	}
	golden(t, "testdata/bad.want", fmt.Sprintf("%s\n%d lines understood\n", faults.Error(), len(lines)))
}

// Bad scenario files say all that is wrong, with its place.
func TestBadScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("bad scenarios: %d, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			_, err := new(Reader).Load(file)
			if err == nil {
				t.Fatal("a bad file was accepted")
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".want", err.Error()+"\n")
		})
	}
}

func FuzzStory(f *testing.F) {
	for _, name := range []string{"testdata/every-statement.story", "testdata/bad.story"} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	s := stage(f)
	f.Fuzz(func(t *testing.T, text string) {
		lines, _ := Story(text, config.Place{File: "fuzz", Line: 1, Column: 1}, s)
		last := bess.Span(0)
		for _, l := range lines {
			if l.Statement == nil || l.At < last || l.At > s.For {
				t.Fatalf("a line out of order or of time: %+v", l)
			}
			last = l.At
		}
	})
}

func FuzzScenario(f *testing.F) {
	for _, name := range []string{"../examples/reference-day.yaml", "../examples/remote-durability.yaml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(strings.Replace(string(text), "units/max.yaml", "reference", 1)))
	}
	f.Add([]byte("unit: reference\nstart: 2021-06-14 00:00 UTC\nfor: 1 h\n"))
	types, err := config.BuiltIn()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if strings.Contains(string(text), "/") && strings.Contains(string(text), "csv") {
			return // no file of this machine is to be read
		}
		r := Reader{Types: types}
		s, err := r.Parse("fuzz", text)
		if err == nil && (s.Unit == nil || s.For <= 0) {
			t.Errorf("accepted without a unit or a length: %+v", s)
		}
	})
}
