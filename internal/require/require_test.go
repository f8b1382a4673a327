package require_test

import (
	"os"
	"path/filepath"
	"testing"

	"reprise/internal/require"
)

// recorder stands in for a test and keeps how it ended; a real test ends at the first of these calls.
type recorder struct {
	testing.TB
	ended string
}

func (r *recorder) Helper()               {}
func (r *recorder) Skipf(string, ...any)  { r.end("left out") }
func (r *recorder) Fatalf(string, ...any) { r.end("failed") }

func (r *recorder) end(how string) {
	if r.ended == "" {
		r.ended = how
	}
}

func TestToolSkipsUnlessRequired(t *testing.T) {
	for required, want := range map[string]string{"": "left out", "node": "left out", "node,browser": "failed"} {
		t.Setenv("REPRISE_REQUIRE", required)
		r := &recorder{TB: t}
		require.Tool(r, require.Browser, "no chromium in PATH")
		if r.ended != want {
			t.Errorf("REPRISE_REQUIRE=%q: %s, want %s", required, r.ended, want)
		}
	}
}

func TestDataFollowsTheEnvironment(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "loads"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DATA", dir)
	t.Setenv("REPRISE_REQUIRE", "")
	if got := require.Data(t, "loads"); got != dir {
		t.Errorf("Data = %s, want %s", got, dir)
	}
	r := &recorder{TB: t}
	if require.Data(r, "absent"); r.ended != "left out" {
		t.Errorf("an absent folder of data: %q, want left out", r.ended)
	}
}
