package law

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// On arm64 the compiler may turn x*y + z into one fused instruction that rounds once instead of twice, so the same
// study would give other bits than on amd64. An explicit conversion, float64(x*y) + z, forbids it (Go specification,
// "Floating-point operators"). This test reads the arm64 assembly of every pure room; cross-compiling needs only Go.
func TestNoFusedMultiplyAddOnArm64(t *testing.T) {
	h := readHouse(t)
	pure := pureRooms(theLaw(t))
	args := []string{"build", "-gcflags=-S"}
	for _, p := range h.packages {
		switch {
		case !slices.Contains(pure, p.room) || !slices.ContainsFunc(p.sources, func(s *source) bool { return !s.test }):
		case p.broken:
			t.Errorf("%s: it, or something that it imports, cannot be loaded, so its arm64 build was not read", p.room)
		default:
			args = append(args, "./"+p.room)
		}
	}
	if len(args) == 2 {
		t.Log("no pure room has code yet")
		return
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	assembly, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("building the pure rooms for arm64: %v\n%s", err, bytes.Join(regexp.MustCompile(`(?m)^\S+\.go:\d+:\d+: .*$`).FindAll(assembly, 20), []byte("\n")))
	}
	fused, functions := fusedInstructions(assembly)
	if functions == 0 {
		t.Fatal("the compiler printed no assembly: this test sees nothing")
	}
	seen := map[string]bool{} // a line that is inlined in many functions is told once
	for _, f := range fused {
		if seen[f.line] {
			continue
		}
		seen[f.line] = true
		t.Errorf("%s: %s in %s: convert the product explicitly where it is made (here, or in what was inlined here): float64(x*y) + z (rule 6)", h.relative(f.line), f.instruction, f.function)
	}
}

// fused is one fused instruction in the compiler's listing.
type fused struct{ function, line, instruction string }

// fusedInstructions finds them in the output of "go build -gcflags=-S" and counts the functions that it saw.
func fusedInstructions(assembly []byte) (found []fused, functions int) {
	function := regexp.MustCompile(`^(\S+) STEXT`)
	instruction := regexp.MustCompile(`^\t0x[0-9a-f]+ \d+ \((.+?)\)\t(FN?M(?:ADD|SUB)[DS])\b`)
	in := ""
	for line := range bytes.Lines(assembly) {
		if m := function.FindSubmatch(line); m != nil {
			in = strings.TrimPrefix(string(m[1]), module+"/")
			functions++
		} else if m := instruction.FindSubmatch(line); m != nil {
			found = append(found, fused{in, string(m[1]), string(m[2])})
		}
	}
	return found, functions
}

// The search itself is proven on a function that must be fused and one that must not.
func TestFusedInstructionsAreSeen(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"go.mod": "module reprise/probe\n\ngo 1.26\n",
		"probe.go": "package probe\n\nfunc Fused(x, y, z float64) float64 { return x*y + z }\n\n" +
			"func Rounded(x, y, z float64) float64 { return float64(x*y) + z }\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-S", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	assembly, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("building the probe for arm64: %v\n%s", err, assembly)
	}
	found, functions := fusedInstructions(assembly)
	if functions != 2 || len(found) != 1 || found[0].function != "probe.Fused" || !strings.HasSuffix(found[0].line, "probe.go:3") {
		t.Errorf("saw %d functions and %+v; want 2 functions and one fused instruction in probe.Fused, line 3", functions, found)
	}
}
