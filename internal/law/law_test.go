package law

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// law is who may import whom. Read "a, b < c, d" as: c and d may each import a and b, and whatever a and b may import.
// "x/*" is every room under x that the law names; "nothing" and "everything" are what they say. A line "tests: a < b"
// lets only the test files of b import a. A folder that is not named here is not a room: name it before it exists.
const law = `
	nothing < bess/si, bess/exact, wire/can, wire/modbus, wire/ocpp, wire/v2g, web;

	wire/modbus < wire/sunspec;
	wire/ocpp < wire/ocpp/v16, wire/ocpp/ocpptest;
	tests: wire/ocpp/v16, wire/ocpp/ocpptest < wire/ocpp, wire/ocpp/v16;
	nothing < wire/ocpp/internal/generate;    # a program that writes wire/ocpp/v16
	bess/si < bess;

	bess, bess/exact < cell, plant, ledger, passport, grid;
	bess, bess/exact < control/safety, control/session, control/sequence;
	cell, plant < control/estimate, control/dispatch, plan, twin, grade;
	control/*, ledger < control;
	ledger, plant < carbon;

	bess < config, journal, store, link, report;
	config < scenario;                  # text to values only
	bess, wire/* < device;
	device < device/devicetest;         # the conformance suite of every driver
	tests: device/devicetest < device;
	plan < solve;

	control, twin, plan, solve, carbon, scenario, report < study;
	study < storm;                      # its checkers stand apart from control
	cell, plant, control/estimate, twin < fit;
	control, plan, solve, device, journal, store, link, config < unit;
	bess, wire/can < guard;
	twin, device < twin/serve;
	ledger, carbon, passport, grid, link, store < fleet;
	bess, ledger, carbon, passport, grade < api;    # declares the small interfaces that it needs

	unit, guard, api, fleet, twin/serve, scenario, storm < scenario/wires;    # tests of the whole over real wires
	everything < cmd/reprise, cmd/proof;

	nothing < internal/law, internal/require, internal/omitted;
	tests: internal/require < everything, cmd/*, internal/law;    # what a test needs beyond Go, and what to do without it
`

// pureRooms are the rooms whose results depend on their arguments alone: no clock, no chance, no I/O, no goroutine,
// the same bits on every machine.
func pureRooms(l *lawTable) []string {
	return l.expand("bess, bess/*, cell, plant, ledger, carbon, control, control/*, twin, plan, grade, passport, grid")
}

// lawTable is the law as data: for each room the rooms that it may import, directly or through others.
type lawTable struct {
	may      map[string]map[string]string // importer -> imported -> the line that allows it
	mayTests map[string]map[string]string // the same for what only test files may import
}

func readLaw(text string) (*lawTable, error) {
	l := &lawTable{may: map[string]map[string]string{}, mayTests: map[string]map[string]string{}}
	type rule struct {
		lower, upper, line string
		tests              bool
	}
	var rules []rule
	for _, raw := range strings.Split(text, "\n") {
		line, _, _ := strings.Cut(raw, "#")
		line = strings.TrimSuffix(strings.TrimSpace(line), ";")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		body, tests := strings.CutPrefix(line, "tests:")
		lower, upper, ok := strings.Cut(body, "<")
		if !ok {
			return nil, fmt.Errorf("law: %q is not of the form \"a, b < c\"", line)
		}
		rules = append(rules, rule{strings.TrimSpace(lower), strings.TrimSpace(upper), line, tests})
		if tests {
			continue
		}
		for _, room := range splitNames(upper) {
			if !strings.HasSuffix(room, "/*") && l.may[room] == nil {
				l.may[room] = map[string]string{}
			}
		}
	}
	for _, r := range rules {
		table := l.may
		if r.tests {
			table = l.mayTests
		}
		for _, upper := range l.expand(r.upper) {
			if table[upper] == nil {
				table[upper] = map[string]string{}
			}
			for _, lower := range l.expand(r.lower) {
				if l.may[lower] == nil {
					return nil, fmt.Errorf("law: %q stands left of \"<\" in %q but never right of it: say what it may import, or \"nothing < %s\"", lower, r.line, lower)
				}
				if lower != upper {
					table[upper][lower] = r.line
				}
			}
		}
	}
	l.close()
	for room := range l.may {
		if line, circular := l.may[room][room]; circular {
			return nil, fmt.Errorf("law: %s stands above itself through %q", room, line)
		}
	}
	return l, nil
}

// close makes the order transitive: whoever may import b may import what b may import.
func (l *lawTable) close() {
	for grown := true; grown; {
		grown = false
		for _, below := range l.may {
			for _, lower := range slices.Sorted(maps.Keys(below)) {
				for lowest := range l.may[lower] {
					if _, known := below[lowest]; !known {
						below[lowest] = below[lower]
						grown = true
					}
				}
			}
		}
	}
}

// expand turns a list of names and patterns of the law into rooms, sorted. cmd/* and internal/* are never part of
// "everything".
func (l *lawTable) expand(list string) []string {
	var rooms []string
	for _, name := range splitNames(list) {
		folder, isFolder := strings.CutSuffix(name, "*")
		switch {
		case name == "nothing":
		case name == "everything":
			for room := range l.may {
				if !strings.HasPrefix(room, "cmd/") && !strings.HasPrefix(room, "internal/") {
					rooms = append(rooms, room)
				}
			}
		case isFolder:
			for room := range l.may {
				if strings.HasPrefix(room, folder) {
					rooms = append(rooms, room)
				}
			}
		default:
			rooms = append(rooms, name)
		}
	}
	slices.Sort(rooms)
	return slices.Compact(rooms)
}

func splitNames(list string) []string {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// allows says whether room may import lower; in a test file the test-only lines count too.
func (l *lawTable) allows(room, lower string, testFile bool) bool {
	if _, ok := l.may[room][lower]; ok || room == lower {
		return true
	}
	_, ok := l.mayTests[room][lower]
	return testFile && ok
}

func theLaw(t *testing.T) *lawTable {
	t.Helper()
	l, err := readLaw(law)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestImportsObeyTheLaw(t *testing.T) {
	l := theLaw(t)
	for _, p := range readHouse(t).packages {
		if _, named := l.may[p.room]; !named {
			t.Errorf("%s: not a room of the house: add it to the law in internal/law/law_test.go (and to ARCHITECTURE.md), or give its code to a room that exists", p.room)
			continue
		}
		for _, imp := range p.imports {
			if lower, ours := strings.CutPrefix(imp.path, module+"/"); ours && !l.allows(p.room, lower, imp.inTest) {
				t.Errorf("%s imports %s: the law lets %s import only %s", imp.place, lower, p.room, orNothing(slices.Sorted(maps.Keys(l.may[p.room]))))
			}
		}
	}
}

func orNothing(rooms []string) string {
	if len(rooms) == 0 {
		return "nothing of the house"
	}
	return strings.Join(rooms, ", ")
}

// The law's notation is itself code; these cases say what it means.
func TestLawNotation(t *testing.T) {
	l, err := readLaw(`
		nothing < si, wire/a, wire/b;
		si < bess;              # a comment
		bess, wire/* < device;
	device < device/devicetest;         # the conformance suite of every driver
	tests: device/devicetest < device;
		nothing < kit;
		tests: kit < bess;
	`)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		room, lower string
		test, want  bool
	}{
		{"device", "bess", false, true},
		{"device", "si", false, true}, // transitive
		{"device", "wire/b", false, true},
		{"bess", "device", false, false},
		{"wire/a", "wire/b", false, false},
		{"bess", "kit", false, false},
		{"bess", "kit", true, true},
		{"device", "kit", true, false}, // a test-only line is not passed on
	}
	for _, c := range cases {
		if got := l.allows(c.room, c.lower, c.test); got != c.want {
			t.Errorf("%s imports %s (test file: %v): allowed %v, want %v", c.room, c.lower, c.test, got, c.want)
		}
	}
	for _, bad := range []string{"a b", "unknown < a", "nothing < a\na < b\nb < a"} {
		if _, err := readLaw(bad); err == nil {
			t.Errorf("law %q was accepted", bad)
		}
	}
}
