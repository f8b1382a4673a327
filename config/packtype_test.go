package config

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestBuiltInPackTypes(t *testing.T) {
	types := builtInTypes(t)
	if got := types.Names(); !slices.Equal(got, []string{"ipace", "l405", "leaf", "lfp", "rr38"}) {
		t.Fatalf("types: %v", got)
	}
	for name, p := range types {
		signals := signalsOf(string(p.DBC))
		for _, m := range p.Roles {
			if !signals[m.Message+"."+m.Signal] {
				t.Errorf("%s: role %s: its database has no signal %s.%s", name, m.Role, m.Message, m.Signal)
			}
		}
		for _, c := range p.Checks {
			for _, s := range []string{c.Counter, c.Checksum} {
				if s != "" && !signals[c.Message+"."+s] {
					t.Errorf("%s: check of %s: its database has no signal %s", name, c.Message, s)
				}
			}
		}
		for _, o := range p.Orders {
			for _, v := range o.Values {
				if !signals[o.Message+"."+v.Signal] {
					t.Errorf("%s: order %s: its database has no signal %s", name, o.Message, v.Signal)
				}
			}
		}
		for _, s := range append([]string{p.Evidence.CellCount, p.Evidence.Energy}, p.Evidence.Serial...) {
			if s != "" && !signals[s] {
				t.Errorf("%s: evidence: its database has no signal %s", name, s)
			}
		}
		if p.Type.StandIn != (name == "rr38" || name == "lfp") {
			t.Errorf("%s: stand-in is %v", name, p.Type.StandIn)
		}
		if p.Source == "" {
			t.Errorf("%s: where its facts come from is not said", name)
		}
	}
}

// No invented rule outside our own stand-ins: the family's checksums stay unverified.
func TestOnlyPublicRules(t *testing.T) {
	for name, p := range builtInTypes(t) {
		for _, c := range p.Checks {
			own := p.Type.StandIn && !strings.HasPrefix(c.Message, "BMS_")
			public := p.Type.Family == "leaf" && c.Rule == RuleLeaf
			if c.Rule != RuleNonePublic && !own && !public {
				t.Errorf("%s: %s is verified by %s, which nobody published", name, c.Message, c.Rule)
			}
		}
	}
}

// signalsOf lists "Message.Signal" of a database, crudely but independently of the reader that the wires use.
func signalsOf(dbc string) map[string]bool {
	signals, message := map[string]bool{}, ""
	head, field := regexp.MustCompile(`^BO_ \d+ (\w+):`), regexp.MustCompile(`^ SG_ (\w+)`)
	for _, line := range strings.Split(dbc, "\n") {
		if m := head.FindStringSubmatch(line); m != nil {
			message = m[1]
		}
		if m := field.FindStringSubmatch(line); m != nil {
			signals[message+"."+m[1]] = true
		}
	}
	return signals
}

// A type of a folder needs no rebuild, and replaces a built-in one of its name.
func TestPackTypesFromAFolder(t *testing.T) {
	text, err := builtIn.ReadFile("packs/lfp.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dbc, err := builtIn.ReadFile("packs/lfp.dbc")
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(text), "series: 120", "series: 121", 1)
	more, err := ReadPackTypes(fstest.MapFS{"lfp.yaml": {Data: []byte(other)}, "lfp.dbc": {Data: dbc}})
	if err != nil {
		t.Fatal(err)
	}
	if got := builtInTypes(t).With(more)["lfp"].Type.Series; got != 121 {
		t.Errorf("the folder's type has %d cells in series, want 121", got)
	}
	for _, folder := range []fstest.MapFS{{}, {"lfp.yaml": {Data: text}}, {"lfp.yaml": {Data: []byte("type: [")}, "lfp.dbc": {Data: dbc}}} {
		if _, err := ReadPackTypes(folder); err == nil {
			t.Error("a folder without types, database or syntax was accepted")
		}
	}
}

func TestBadPackType(t *testing.T) {
	_, err := ReadPackTypes(os.DirFS("testdata/badpacks"))
	if err == nil {
		t.Fatal("accepted")
	}
	golden(t, "testdata/badpacks/odd.want", []byte(err.Error()+"\n"))
}

func FuzzPackType(f *testing.F) {
	for _, name := range []string{"packs/lfp.yaml", "packs/leaf.yaml"} {
		text, err := builtIn.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, faults := readPackType("fuzz.yaml", text)
		if faults.Err() == nil && p.Type.Series <= 0 {
			t.Errorf("accepted: %+v", p.Type)
		}
	})
}
