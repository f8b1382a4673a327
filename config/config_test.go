package config

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"reprise/bess"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a committed file, or rewrites it.
func golden(t *testing.T, path string, text []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: run the test with -update", err)
	}
	if !bytes.Equal(text, want) {
		got, wanted := bytes.Split(text, []byte("\n")), bytes.Split(want, []byte("\n"))
		for i := range min(len(got), len(wanted)) {
			if !bytes.Equal(got[i], wanted[i]) {
				t.Fatalf("%s:%d is %q, got %q: read the difference, then run the test with -update", path, i+1, wanted[i], got[i])
			}
		}
		t.Fatalf("%s has %d lines, got %d: read the difference, then run the test with -update", path, len(wanted), len(got))
	}
}

func builtInTypes(t testing.TB) PackTypes {
	t.Helper()
	types, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	return types
}

// Every example unit loads, prints, and reads back to the same unit.
func TestExampleUnits(t *testing.T) {
	types := builtInTypes(t)
	files, err := filepath.Glob("../examples/units/*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("example units: %v, %v", files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			u, faults := Read(filepath.Base(file), text, types)
			if err := faults.Err(); err != nil {
				t.Fatal(err)
			}
			printed := Print(u)
			again, err := Load("printed", printed, types)
			if err != nil {
				t.Fatalf("%v\n%s", err, printed)
			}
			if !reflect.DeepEqual(u, again) {
				t.Error("the printed form reads back to another unit")
			}
			if !bytes.Equal(Print(again), printed) {
				t.Error("the printed form is not its own normal form")
			}
			golden(t, "testdata/"+name+".effective", append(printed, warnings(faults)...))
		})
	}
}

func warnings(faults Faults) string {
	text := ""
	for _, f := range faults.Warnings() {
		text += "# " + f.Error() + "\n"
	}
	return text
}

func TestReferenceIsTheExample(t *testing.T) {
	text, err := os.ReadFile("../examples/units/max.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, ReferenceText()) {
		t.Error("config/max.yaml and examples/units/max.yaml differ: copy one over the other")
	}
	if u := Reference(); len(u.Packs) != 7 || len(u.Outlets) != 10 {
		t.Errorf("the reference unit has %d packs and %d outlets", len(u.Packs), len(u.Outlets))
	}
}

// Bad files say what is wrong, all of it, with its place and what to do.
func TestBadUnits(t *testing.T) {
	types := builtInTypes(t)
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("bad units: %d, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, faults := Read(filepath.Base(file), text, types)
			refusals := faults.Refusals()
			if len(refusals) == 0 {
				t.Fatal("a bad file was accepted")
			}
			for _, f := range refusals {
				if f.Place.Line == 0 || f.Do == "" {
					t.Errorf("a fault without its place or without advice: %v", f)
				}
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".want", []byte(refusals.Error()+"\n"))
		})
	}
}

func TestSchema(t *testing.T) {
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/unit.schema.json", text)
}

func FuzzLoad(f *testing.F) {
	types := builtInTypes(f)
	f.Add(ReferenceText())
	f.Add([]byte("name: A\npacks:\n  - {type: lfp}\nconverter: {rated: 25 kW}\n"))
	f.Add([]byte("a: |\n  x\n"))
	f.Add([]byte("? [a]\n: {b: 1}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		u, faults := Read("fuzz", text, types)
		if u == nil {
			t.Fatal("no unit, not even an empty one")
		}
		if faults.Err() != nil {
			return
		}
		again, err := Load("printed", Print(u), types)
		if err != nil {
			t.Fatalf("the printed form of an accepted unit is refused: %v\n%s", err, Print(u))
		}
		if !reflect.DeepEqual(u, again) {
			t.Errorf("the printed form reads back to another unit:\n%s", Print(u))
		}
	})
}

// Check judges whatever it is given, also what no file could have said.
func TestCheckOfNothing(t *testing.T) {
	if len(Check(&bess.Unit{}).Refusals()) == 0 {
		t.Error("an empty unit was found safe")
	}
	for _, topology := range []bess.Topology{bess.ConverterPerPack, bess.SwitchedPacks} {
		u := Reference()
		u.Bus.Topology = topology
		u.Converters[0].Pack = 99
		u.Converters[1].Pack = bess.PackID(bess.Nobody)
		if len(Check(u).Refusals()) == 0 {
			t.Errorf("%d: a converter without a pack was found safe", topology)
		}
	}
}

// One galvanic set for each isolated pack, one for the bus, one for the network.
func TestGalvanics(t *testing.T) {
	u := Reference()
	if sets := Galvanics(u); len(sets) != 9 || len(sets[0].Others) != 1 {
		t.Errorf("isolated converters and inverter: %+v", sets)
	}
	u.Converters[2].Isolated = false
	u.Inverter.Isolated = false
	sets := Galvanics(u)
	if len(sets) != 7 || len(sets[0].Parts) != 4 || len(sets[0].Others) != 2 {
		t.Errorf("one pack and the network on the bus: %+v", sets)
	}
}
