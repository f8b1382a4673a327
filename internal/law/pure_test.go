package law

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// The pure rooms: what they may import from the standard library, and what they may not do. They import nothing from
// other modules.
func pureImports() []string {
	return []string{
		"bytes", "cmp", "crypto/ed25519", "crypto/sha256", "embed", "encoding", "encoding/binary", "encoding/hex", "encoding/json",
		"errors", "fmt", "hash", "hash/crc32", "io", "iter", "maps", "math", "math/big", "math/bits", "slices", "sort", "strconv", "strings",
		"time", "unicode", "unicode/utf8",
	}
}

// excusedImports are imports beyond that list, "file path": why results still depend on arguments alone.
func excusedImports() map[string]string {
	return map[string]string{
		"control/digest.go reflect": "it walks the fields of the state in the order of their declaration, once a minute and at a checkpoint; " +
			"a kind that has no order or no bits of its own (map, pointer, interface) ends the process",
		"control/kept.go reflect":     "it describes the same fields in the same order, at a checkpoint",
		"control/keptread.go reflect": "it reads them by name, at a start",
	}
}

// exactMath are the functions of package math whose result is the same bit for bit on every machine: they move, compare
// or round bits, or are correctly rounded by the standard (Sqrt). All others approximate, each architecture its own way.
func exactMath() []string {
	return []string{
		"Abs", "Ceil", "Copysign", "Dim", "Float32bits", "Float32frombits", "Float64bits", "Float64frombits", "Floor", "Frexp", "Inf",
		"IsInf", "IsNaN", "Ldexp", "Max", "Min", "Mod", "Modf", "NaN", "Nextafter", "Nextafter32", "Remainder", "Round", "RoundToEven",
		"Signbit", "Sqrt", "Trunc",
	}
}

// bannedCalls are functions of permitted packages that read the clock, the machine, or write to the world.
func bannedCalls() map[string]string {
	const clock = "time is an argument here (rule 5): take an Instant"
	const screen = "a pure room returns values and prints nothing"
	banned := map[string]string{
		"time.LoadLocation": "it reads the machine's time zone files: take the zone as an argument",
		"time.Local":        "it is the machine's time zone: take the zone as an argument",
		"fmt.Print":         screen, "fmt.Printf": screen, "fmt.Println": screen, "fmt.Scan": screen, "fmt.Scanln": screen, "fmt.Scanf": screen,
	}
	for _, name := range [...]string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"} {
		banned["time."+name] = clock
	}
	return banned
}

func TestPureRoomsImportOnlyPureCode(t *testing.T) {
	h := readHouse(t)
	pure, allowed, excused := pureRooms(theLaw(t)), pureImports(), excusedImports()
	used := map[string]bool{}
	for _, p := range h.packages {
		for _, imp := range p.imports {
			if !slices.Contains(pure, p.room) || imp.inTest || strings.HasPrefix(imp.path, module+"/") || slices.Contains(allowed, imp.path) {
				continue
			}
			file, _, _ := strings.Cut(imp.place, ":")
			if key := file + " " + imp.path; excused[key] != "" {
				used[key] = true
				continue
			}
			t.Errorf("%s imports %s: %s is a pure room (no clock, chance, I/O or foreign code); pass what it needs as an argument", imp.place, imp.path, p.room)
		}
	}
}

func TestPureRoomsArePure(t *testing.T) {
	h := readHouse(t)
	h.packages = slices.DeleteFunc(h.packages, func(p *room) bool { return !slices.Contains(pureRooms(theLaw(t)), p.room) })
	for _, p := range typeCheck(t, h) {
		for _, s := range p.files {
			ast.PreorderStack(s.ast, nil, func(n ast.Node, above []ast.Node) bool {
				if fault := p.impurity(h, s, n, above); fault != "" {
					t.Errorf("%s: %s", h.place(n), fault)
				}
				return true
			})
		}
	}
}

// impurity says what is impure about a node, "" when nothing is.
func (p *typed) impurity(h *house, s *source, n ast.Node, above []ast.Node) string {
	switch n := n.(type) {
	case *ast.GoStmt:
		return "go statement: the order of goroutines is chance; shells may, pure rooms may not"
	case *ast.SelectStmt:
		return "select: which case runs is chance; shells may, pure rooms may not"
	case *ast.ChanType, *ast.SendStmt:
		return "channel: pure rooms take and return values"
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			return "channel: pure rooms take and return values"
		}
	case *ast.RangeStmt:
		if isMap(p.info.Types[n.X].Type) && !s.remark(h.line(n.Pos()), "order") {
			return "range over a map runs in random order: sort the keys, use a slice, or say \"// order: why it cannot matter\""
		}
	case *ast.Ident:
		return p.impureName(h, s, n, above)
	}
	return ""
}

// impureName judges a name that stands for something of the standard library.
func (p *typed) impureName(h *house, s *source, id *ast.Ident, above []ast.Node) string {
	object := p.info.Uses[id]
	if object == nil || object.Pkg() == nil || object.Parent() != object.Pkg().Scope() {
		return ""
	}
	full := object.Pkg().Path() + "." + object.Name()
	_, function := object.(*types.Func)
	switch why, banned := bannedCalls()[full]; {
	case banned:
		return full + ": " + why
	case function && object.Pkg().Path() == "math" && !slices.Contains(exactMath(), object.Name()):
		return full + " is not exact, so its bits differ between machines: use reprise/bess/exact"
	case full == "maps.Keys" || full == "maps.Values" || full == "maps.All":
		if !sortedAtOnce(above) && !s.remark(h.line(id.Pos()), "order") {
			return full + " runs in random order: wrap it in slices.Sorted, or say \"// order: why it cannot matter\""
		}
	}
	return ""
}

// sortedAtOnce says whether the call whose name is being visited is an argument of slices.Sorted or its kin.
func sortedAtOnce(above []ast.Node) bool {
	for _, n := range slices.Backward(above) {
		if call, ok := n.(*ast.CallExpr); ok {
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && isName(sel.X, "slices") && strings.HasPrefix(sel.Sel.Name, "Sorted") {
				return true
			}
		}
	}
	return false
}

func isMap(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Map)
	return ok
}
