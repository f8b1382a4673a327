package law

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "reprise"

// house is every Go package of the module as it stands on disk.
type house struct {
	root     string // absolute folder of go.mod
	files    *token.FileSet
	packages []*room
}

// room is one package: its files parsed with comments, whatever their build constraints say.
type room struct {
	room    string // import path without the module, "control/safety"
	dir     string
	sources []*source
	imports []importLine
	broken  bool // it, or something that it imports, cannot be loaded
}

// source is one parsed file.
type source struct {
	place     string // path from the root, for messages
	test      bool
	generated bool
	lines     []string
	ast       *ast.File
}

// importLine is one import of one file.
type importLine struct {
	path   string
	place  string // file:line
	inTest bool
}

// listed is the part of "go list -json" that the law reads.
type listed struct {
	ImportPath, Dir, Export                                      string
	GoFiles, CgoFiles, IgnoredGoFiles, TestGoFiles, XTestGoFiles []string
	Module                                                       *struct{ Path, Dir string }
	Error                                                        *struct{ Err string }
	Incomplete                                                   bool
}

// readHouse lists and parses the whole module. Files that do not parse and packages that "go list" cannot load fail
// the test, so nothing hides from the law by being broken.
func readHouse(t *testing.T) *house {
	t.Helper()
	h := &house{files: token.NewFileSet()}
	for _, p := range goList(t, "-e", "-json=ImportPath,Dir,GoFiles,CgoFiles,IgnoredGoFiles,TestGoFiles,XTestGoFiles,Module,Error,Incomplete", module+"/...") {
		if p.Module == nil || p.Module.Path != module {
			continue
		}
		if p.Error != nil {
			t.Errorf("%s: cannot be loaded: %s", p.ImportPath, p.Error.Err)
		}
		h.root = p.Module.Dir
		r := &room{room: strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/"), dir: p.Dir, broken: p.Incomplete}
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.IgnoredGoFiles, p.TestGoFiles, p.XTestGoFiles) {
			r.sources = append(r.sources, h.parse(t, filepath.Join(p.Dir, name)))
		}
		for _, s := range r.sources {
			for _, spec := range s.ast.Imports {
				path, _ := strconv.Unquote(spec.Path.Value)
				r.imports = append(r.imports, importLine{path, h.place(spec), s.test})
			}
		}
		h.packages = append(h.packages, r)
	}
	if len(h.packages) == 0 {
		t.Fatal("go list found no packages: run the test inside the repository")
	}
	return h
}

func (h *house) parse(t *testing.T, path string) *source {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(h.files, path, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("a file that does not parse cannot be judged: %v", err)
	}
	return &source{
		place:     h.relative(path),
		test:      strings.HasSuffix(path, "_test.go"),
		generated: ast.IsGenerated(file),
		lines:     strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"),
		ast:       file,
	}
}

// place is "file:line" of a node, from the root of the repository.
func (h *house) place(n ast.Node) string {
	p := h.files.Position(n.Pos())
	return h.relative(p.Filename) + ":" + strconv.Itoa(p.Line)
}

func (h *house) line(p token.Pos) int { return h.files.Position(p).Line }

func (h *house) relative(path string) string {
	if rel, err := filepath.Rel(h.root, path); err == nil {
		return filepath.ToSlash(rel)
	}
	return path
}

// remark says whether a line, or the line above it, carries "// KEY: reason", which is how one place is excused from
// one ban.
func (s *source) remark(line int, key string) bool {
	for _, n := range []int{line, line - 1} {
		if n < 1 || n > len(s.lines) {
			continue
		}
		if _, reason, found := strings.Cut(s.lines[n-1], "// "+key+": "); found && strings.TrimSpace(reason) != "" {
			return true
		}
	}
	return false
}

// goList runs "go list" from the root of the module and decodes its stream of objects.
func goList(t *testing.T, args ...string) []listed {
	t.Helper()
	var out, complaint bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	cmd.Stdout, cmd.Stderr = &out, &complaint
	cmd.Dir = filepath.Join("..", "..")
	if err := cmd.Run(); err != nil {
		t.Fatalf("go list: %v\n%s", err, complaint.String())
	}
	var packages []listed
	for dec := json.NewDecoder(&out); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
