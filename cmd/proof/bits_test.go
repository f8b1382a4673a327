package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"reprise/internal/require"
)

// Rule 6 of the house: same seed, same hash, on a second run and on another machine. The program is built for arm64 as
// it is for a unit, and runs under an emulator; the hash covers every command, event and entry of every tick.
func TestSameBitsOnArm64(t *testing.T) {
	emulator := require.Program(t, require.Arm64, "qemu-aarch64", "qemu-aarch64-static")
	here, there := builtFor(t, "amd64"), builtFor(t, "arm64")
	first, second := played(t, here), played(t, here)
	if first != second {
		t.Errorf("the second run differs:\n%s\n%s", first, second)
	}
	if far := played(t, emulator, there); first != far {
		t.Errorf("arm64 differs from amd64:\n%s\n%s", first, far)
	}
}

// builtFor compiles reprise for an architecture, without C.
func builtFor(t *testing.T, architecture string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reprise-"+architecture)
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "../reprise")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOAMD64=v1", "GOARCH="+architecture)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building reprise for %s: %v\n%s", architecture, err, out)
	}
	return path
}

// played is everything that the given program says about the eventful half hour: the hash first of all.
func played(t *testing.T, program ...string) string {
	t.Helper()
	study := append(program, "study", filepath.Join("testdata", "eventful-half-hour.yaml"), "--json")
	command := exec.CommandContext(t.Context(), study[0], study[1:]...)
	var complaint strings.Builder
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", study, err, complaint.String(), out)
	}
	var result struct{ Hash string }
	if err := json.Unmarshal(out, &result); err != nil || result.Hash == "" {
		t.Fatalf("%v answered %q: %v", study, out, err)
	}
	return string(out)
}
