package law

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// drawers are names that say nothing of what is inside; whatever is put there belongs to some room.
var drawers = [...]string{"util", "utils", "common", "core", "helper", "helpers", "type", "types", "manager", "misc", "shared", "base"}

func TestNoDrawers(t *testing.T) {
	for _, p := range readHouse(t).packages {
		names := strings.Split(p.room, "/")
		for _, s := range p.sources {
			names = append(names, strings.TrimSuffix(s.ast.Name.Name, "_test"))
		}
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			if slices.Contains(drawers[:], name) {
				t.Errorf("%s: %q is a drawer, not a room: name the package after what it does, or give its code to the room that uses it", p.room, name)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range readHouse(t).packages {
		if !slices.ContainsFunc(p.sources, func(s *source) bool { return s.ast.Doc != nil }) {
			t.Errorf("%s: no package comment: say in a few sentences what it does, for whom, and what it leaves to others", p.room)
		}
	}
}

// What a room offers, it explains: meaning, unit, sign, range, errors. One comment may stand above a group.
func TestExportedNamesAreExplained(t *testing.T) {
	h := readHouse(t)
	for s := range h.everySource {
		if s.test || s.generated || s.ast.Name.Name == "main" {
			continue
		}
		for _, d := range s.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Doc == nil && d.Name.IsExported() && (d.Recv == nil || receiverIsExported(d.Recv)) && !isPlainMethod(d.Name.Name) {
					t.Errorf("%s: %s has no comment: say what it means, its unit and sign, and how it fails", h.place(d), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, name := range unexplained(d) {
					t.Errorf("%s: %s has no comment: say what it means, its unit, sign and range", h.place(name), name.Name)
				}
			}
		}
	}
}

// isPlainMethod says whether a method's meaning is fixed by the standard library's interface of that name.
func isPlainMethod(name string) bool {
	return slices.Contains([]string{"Error", "Unwrap", "Is", "String", "Len", "Less", "Swap", "MarshalText", "UnmarshalText", "MarshalJSON", "UnmarshalJSON"}, name)
}

func receiverIsExported(receiver *ast.FieldList) bool {
	id := rootOf(receiver.List[0].Type)
	return id != nil && id.IsExported()
}

// unexplained lists the exported names of a declaration that neither the group nor their own line explains.
func unexplained(d *ast.GenDecl) (names []*ast.Ident) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
				names = append(names, spec.Name)
			}
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				if name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

func TestNoInit(t *testing.T) {
	h := readHouse(t)
	for s := range h.everySource {
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: func init: it runs behind the reader's back and cannot fail, be ordered or be tested: build the value where it is used", h.place(f))
			}
		}
	}
}

func TestNothingIsLeftOpen(t *testing.T) {
	h := readHouse(t)
	for s := range h.everySource {
		for _, group := range s.ast.Comments {
			for _, c := range group.List {
				for _, word := range [...]string{"TODO", "FIXME", "XXX"} {
					if slices.Contains(strings.FieldsFunc(c.Text, notLetter), word) {
						t.Errorf("%s: %s: finish it, or write it down where work is planned; code says what is", h.place(c), word)
					}
				}
			}
		}
	}
}

func notLetter(r rune) bool { return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') }

// A test that waits on the real clock is slow on a good day and wrong on a bad one.
func TestTestsDoNotSleep(t *testing.T) {
	h := readHouse(t)
	for s := range h.everySource {
		clock, bubble := s.importName("time"), s.importName("testing/synctest")
		if !s.test || clock == "" || bubble != "" {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && isName(sel.X, clock) && sel.Sel.Name == "Sleep" && !s.remark(h.line(n.Pos()), "real clock") {
				t.Errorf("%s: time.Sleep in a test: run it in testing/synctest, or say \"// real clock: reason\" on the line", h.place(n))
			}
			return true
		})
	}
}

// Sizes. A file is read in one sitting and a function on one screen or two; beyond that it has parts with names.
const (
	longestFile     = 500
	longestFunction = 100
)

// ratchet holds what is longer for a reason, "file" or "file:function"; it may shrink, never grow.
func ratchet() map[string]string {
	return map[string]string{}
}

func TestSizes(t *testing.T) {
	h := readHouse(t)
	excused := ratchet()
	used := map[string]bool{}
	for s := range h.everySource {
		if s.generated {
			continue
		}
		if n := len(s.lines); n > longestFile {
			if used[s.place] = true; excused[s.place] == "" {
				t.Errorf("%s: %d lines, at most %d: split it along what it talks about", s.place, n, longestFile)
			}
		}
		for _, d := range s.ast.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			key := s.place + ":" + f.Name.Name
			if n := h.line(f.End()) - h.line(f.Pos()) + 1; n > longestFunction {
				if used[key] = true; excused[key] == "" {
					t.Errorf("%s: func %s has %d lines, at most %d: name its parts", h.place(f), f.Name.Name, n, longestFunction)
				}
			}
		}
	}
	for key := range excused {
		if !used[key] {
			t.Errorf("ratchet: %s is short enough now: remove it from the list", key)
		}
	}
}

// everySource visits every file of every package.
func (h *house) everySource(yield func(*source) bool) {
	for _, p := range h.packages {
		for _, s := range p.sources {
			if !yield(s) {
				return
			}
		}
	}
}

// importName is the name under which the file knows a package, "" when it does not import it.
func (s *source) importName(path string) string {
	for _, spec := range s.ast.Imports {
		if spec.Path.Value != `"`+path+`"` {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path[strings.LastIndexByte(path, '/')+1:]
	}
	return ""
}

func isName(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// declaredVars visits every variable that a file declares at package level.
func (s *source) declaredVars(visit func(spec *ast.ValueSpec, doc string)) {
	for _, d := range s.ast.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			visit(v, commentText(g.Doc)+commentText(v.Doc)+commentText(v.Comment))
		}
	}
}

// commentText keeps directives such as go:embed, which CommentGroup.Text drops.
func commentText(group *ast.CommentGroup) string {
	if group == nil {
		return ""
	}
	var text strings.Builder
	for _, c := range group.List {
		text.WriteString(c.Text + "\n")
	}
	return text.String()
}
