// Package require says what a test needs beyond Go itself (a browser, node, the race detector, real data, an arm64
// emulator) and what happens without it: the test is skipped and written down as left out, or fails where
// REPRISE_REQUIRE names the tool. Only test files import it.
package require

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The tools that a test may need. REPRISE_REQUIRE is a comma-separated list of them.
const (
	Browser = "browser" // Chromium, to look at the page
	Node    = "node"    // node and npm packages, for independent peers and the page's own tests
	Race    = "race"    // the race detector: cgo and a C compiler
	DataSet = "data"    // the folder of real series
	Arm64   = "arm64"   // qemu-user, to run the arm64 build
)

// Tool skips the test because tool is not here, for the stated reason ("no chromium in PATH"), and leaves a line for
// the list that "make test" prints. Where REPRISE_REQUIRE names the tool, it fails the test instead.
func Tool(t testing.TB, tool, reason string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("REPRISE_REQUIRE"), ","), tool) {
		t.Fatalf("needs %s: %s (REPRISE_REQUIRE says that it must not be left out)", tool, reason)
	}
	t.Skipf("left out, needs %s: %s", tool, reason)
}

// Program is the path of the first of the named programs that is installed, or else Tool.
func Program(t testing.TB, tool string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Tool(t, tool, "none of "+strings.Join(names, ", ")+" is installed")
	return ""
}

// Data is the folder of real series: the environment's DATA, or ../shared/data beside the repository; absent, the
// test is left out. With sub-folder names, those must be there too.
func Data(t testing.TB, folders ...string) string {
	t.Helper()
	dir := os.Getenv("DATA")
	if dir == "" {
		dir = filepath.Join("..", "shared", "data")
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(Root(t), dir)
	}
	for _, folder := range append([]string{"."}, folders...) {
		if info, err := os.Stat(filepath.Join(dir, folder)); err != nil || !info.IsDir() {
			Tool(t, DataSet, "no folder "+filepath.Join(dir, folder)+"; set DATA to the folder of real series")
		}
	}
	return dir
}

// Root is the repository's top folder: the nearest one above the test that holds go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test: run it inside the repository")
		}
		dir = parent
	}
}
