package law

import (
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"strings"
	"testing"
)

// typed is one package as the compiler sees it: its non-test files with what every name means.
type typed struct {
	*room
	files []*source
	info  *types.Info
	pkg   *types.Package
}

// typeCheck resolves the names of every package of the house, from the compiled export data of what it imports. A
// package that does not build fails the test and is left out of the answer.
func typeCheck(t *testing.T, h *house) []*typed {
	t.Helper()
	exports := map[string]string{}
	inBuild := map[string]bool{}
	for _, p := range goList(t, "-e", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles", module+"/...") {
		exports[p.ImportPath] = p.Export
		for _, name := range p.GoFiles {
			inBuild[p.Dir+"/"+name] = true
		}
	}
	compiled := importer.ForCompiler(h.files, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	var all []*typed
	for _, p := range h.packages {
		c := &typed{room: p, info: newInfo()}
		var parsed []*ast.File
		for _, s := range p.sources {
			if !s.test && inBuild[h.files.Position(s.ast.Pos()).Filename] {
				c.files, parsed = append(c.files, s), append(parsed, s.ast)
			}
		}
		if len(parsed) == 0 {
			continue
		}
		var err error
		if c.pkg, err = (&types.Config{Importer: compiled}).Check(module+"/"+p.room, h.files, parsed, c.info); err != nil {
			t.Errorf("%s: does not build, so nothing else can be said of it: %v", p.room, err)
			continue
		}
		all = append(all, c)
	}
	return all
}

func newInfo() *types.Info {
	return &types.Info{
		Uses:       map[*ast.Ident]types.Object{},
		Defs:       map[*ast.Ident]types.Object{},
		Types:      map[ast.Expr]types.TypeAndValue{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
}

// Fifty units and a fleet live in one process, so nothing that changes may belong to a package. Constants, error
// sentinels, embedded files, assertions ("var _ I = ...") and unexported tables that no code writes are no state; nor is
// a variable whose comment says "// constant: why nothing can change it".
func TestNoPackageState(t *testing.T) {
	h := readHouse(t)
	for _, p := range typeCheck(t, h) {
		written := p.writtenVars()
		for _, s := range p.files {
			if s.generated {
				continue
			}
			s.declaredVars(func(spec *ast.ValueSpec, doc string) {
				for i, name := range spec.Names {
					if name.Name == "_" || strings.Contains(doc, "//go:embed ") || strings.Contains(doc, "// constant: ") {
						continue
					}
					if fault := p.stateFault(name, spec, i, written); fault != "" {
						t.Errorf("%s: package variable %s %s: hold it in a value that the caller owns, return it from a function, or say \"// constant: why nothing can change it\"", h.place(name), name.Name, fault)
					}
				}
			})
		}
	}
}

// stateFault says why a package variable counts as state, "" when it does not.
func (p *typed) stateFault(name *ast.Ident, spec *ast.ValueSpec, i int, written map[types.Object]string) string {
	object := p.info.Defs[name]
	if how := written[object]; how != "" {
		return "is written (" + how + ")"
	}
	if isErrorSentinel(name.Name, object) {
		return ""
	}
	if name.IsExported() {
		return "is exported, so any package may write it"
	}
	if i >= len(spec.Values) && len(spec.Values) != 1 {
		return "has no value of its own"
	}
	switch under := object.Type().Underlying().(type) {
	case *types.Chan:
		return "is a channel"
	case *types.Interface:
		return "is an interface"
	case *types.Pointer:
		if types.TypeString(object.Type(), nil) != "*regexp.Regexp" {
			return "is a pointer"
		}
	case *types.Struct:
		for f := range under.Fields() {
			if path := typePackage(f.Type()); path == "sync" || path == "sync/atomic" {
				return "holds a lock"
			}
		}
	}
	if path := typePackage(object.Type()); path == "sync" || path == "sync/atomic" {
		return "is a lock"
	}
	return ""
}

func isErrorSentinel(name string, object types.Object) bool {
	return (strings.HasPrefix(name, "Err") || strings.HasPrefix(name, "err")) && types.Identical(object.Type(), types.Universe.Lookup("error").Type())
}

func typePackage(t types.Type) string {
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil {
		return named.Obj().Pkg().Path()
	}
	return ""
}

// writtenVars finds the package variables that the package's own code may change, and how.
func (p *typed) writtenVars() map[types.Object]string {
	written := map[types.Object]string{}
	mark := func(e ast.Expr, how string) {
		if id := rootOf(e); id != nil {
			if v, ok := p.info.Uses[id].(*types.Var); ok && v.Parent() == p.pkg.Scope() {
				written[v] = how
			}
		}
	}
	for _, s := range p.files {
		ast.Inspect(s.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, lhs := range n.Lhs {
					mark(lhs, "assigned")
				}
			case *ast.IncDecStmt:
				mark(n.X, "counted")
			case *ast.RangeStmt:
				if n.Tok == token.ASSIGN {
					mark(n.Key, "assigned by range")
					mark(n.Value, "assigned by range")
				}
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					mark(n.X, "its address is taken")
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "delete" || id.Name == "clear" || id.Name == "copy") && len(n.Args) > 0 {
					mark(n.Args[0], id.Name)
				}
			case *ast.SelectorExpr:
				if p.takesAddress(n) {
					mark(n.X, "calls its pointer method "+n.Sel.Name)
				}
			}
			return true
		})
	}
	return written
}

// takesAddress says whether sel calls a pointer method on a value, which hands out its address.
func (p *typed) takesAddress(sel *ast.SelectorExpr) bool {
	s := p.info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return false
	}
	receiver := s.Obj().(*types.Func).Signature().Recv()
	_, wantsPointer := receiver.Type().(*types.Pointer)
	_, isPointer := s.Recv().Underlying().(*types.Pointer)
	return wantsPointer && !isPointer
}

// rootOf is the name at the left end of x.f[i].g, nil when there is none.
func rootOf(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}
