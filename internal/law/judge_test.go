package law

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

// judged is a snippet as the judges see a package of the house.
func judged(t *testing.T, code string) (*house, *typed) {
	t.Helper()
	h := &house{root: ".", files: token.NewFileSet()}
	file, err := parser.ParseFile(h.files, "snippet.go", code, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%v in:\n%s", err, code)
	}
	s := &source{place: "snippet.go", lines: strings.Split(code, "\n"), ast: file}
	p := &typed{room: &room{room: "snippet"}, files: []*source{s}, info: newInfo()}
	config := types.Config{Importer: importer.ForCompiler(h.files, "gc", nil)}
	if p.pkg, err = config.Check("reprise/snippet", h.files, []*ast.File{file}, p.info); err != nil {
		t.Fatalf("%v in:\n%s", err, code)
	}
	return h, p
}

// A judge that never speaks is worse than none: each ban is shown a breach, and the nearest thing that is allowed.
func TestImpurityIsSeen(t *testing.T) {
	cases := []struct{ imports, body, fault string }{
		{"", "go func() {}()", "go statement"},
		{"", "select {}", "select"},
		{"", "_ = make(chan int)", "channel"},
		{"", "for range m {}", "range over a map"},
		{"", "for range m { // order: a count has none\n}", ""},
		{"", "// order:\nfor range m {}", "range over a map"},
		{"", "for range []int{} {}", ""},
		{"maps", "for range maps.Keys(m) {}", "maps.Keys"},
		{"maps,slices", "_ = slices.Sorted(maps.Keys(m))", ""},
		{"time", "_ = time.Now()", "time.Now"},
		{"time", "f := time.Sleep; f(1)", "time.Sleep"},
		{"time", "_ = time.Second", ""},
		{"math", "_ = math.Exp(1)", "math.Exp is not exact"},
		{"math", "_ = math.Sqrt(2) + math.Pi", ""},
		{"fmt", "fmt.Println()", "prints nothing"},
		{"fmt", "_ = fmt.Sprint()", ""},
	}
	for _, c := range cases {
		imports := ""
		for _, path := range splitNames(c.imports) {
			imports += "import \"" + path + "\"\n"
		}
		h, p := judged(t, "package snippet\n"+imports+"var m map[string]int\nfunc f() {\n"+c.body+"\n}\n")
		found := ""
		ast.PreorderStack(p.files[0].ast, nil, func(n ast.Node, above []ast.Node) bool {
			if fault := p.impurity(h, p.files[0], n, above); fault != "" {
				found = fault
			}
			return true
		})
		if (found == "") != (c.fault == "") || !strings.Contains(found, c.fault) {
			t.Errorf("%s: judged %q, want %q", c.body, found, c.fault)
		}
	}
}

func TestPackageStateIsSeen(t *testing.T) {
	cases := []struct{ code, fault string }{
		{`var count int; func f() { count++ }`, "counted"},
		{`var table = map[string]int{"a": 1}; func f() { table["b"] = 2 }`, "assigned"},
		{`var table = map[string]int{"a": 1}; func f() { delete(table, "a") }`, "delete"},
		{`var table = [2]int{1, 2}; func f() *int { return &table[0] }`, "address is taken"},
		{`var table = map[string]int{"a": 1}; func f() int { return table["a"] }`, ""},
		{`var Table = [2]int{1, 2}`, "exported"},
		{`var table [2]int`, "no value"},
		{`var lock = sync.Mutex{}`, "lock"},
		{`var box = struct{ m sync.Mutex }{}`, "lock"},
		{`var once sync.Once; func f() { once.Do(f) }`, "pointer method Do"},
		{`var queue = make(chan int)`, "channel"},
		{`var thing = new(int)`, "pointer"},
		{`var ErrGone error = nil`, ""},
		{`var ErrGone error; func f() { ErrGone = nil }`, "assigned"},
		{`func f() { var local int; local++; _ = local }`, ""},
	}
	for _, c := range cases {
		_, p := judged(t, "package snippet\nimport \"sync\"\ntype used = sync.Locker\n"+c.code+"\n")
		written, found := p.writtenVars(), ""
		p.files[0].declaredVars(func(spec *ast.ValueSpec, _ string) {
			for i, name := range spec.Names {
				if fault := p.stateFault(name, spec, i, written); fault != "" {
					found = fault
				}
			}
		})
		if (found == "") != (c.fault == "") || !strings.Contains(found, c.fault) {
			t.Errorf("%s: judged %q, want %q", c.code, found, c.fault)
		}
	}
}
