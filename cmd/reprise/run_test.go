package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// runCLI runs the program as a shell would and returns what it said and how it ended.
func runCLI(t *testing.T, args ...string) (out, progress string, code int) {
	t.Helper()
	var o, p bytes.Buffer
	code = run(t.Context(), args, &o, &p)
	return o.String(), p.String(), code
}

func TestVersionPrintsOneJSONObject(t *testing.T) {
	out, _, code := runCLI(t, "version", "--json")
	var id buildIdentity
	if err := json.Unmarshal([]byte(out), &id); err != nil || code != exitOK {
		t.Fatalf("version --json: code %d, %v:\n%s", code, err, out)
	}
	if id.Go == "" || id.Platform == "" {
		t.Errorf("identity without compiler or platform: %+v", id)
	}
}

func TestExitCodes(t *testing.T) {
	cases := []struct {
		args     []string
		code     int
		progress string
	}{
		{nil, exitOK, ""},
		{[]string{"--help"}, exitOK, ""},
		{[]string{"version"}, exitOK, ""},
		{[]string{"nonsense"}, exitBadInput, "reprise: "},
		{[]string{"version", "--nonsense"}, exitBadInput, "reprise version: "},
	}
	for _, c := range cases {
		_, progress, code := runCLI(t, c.args...)
		if code != c.code || !strings.HasPrefix(progress, c.progress) || strings.Count(progress, "\n") > 1 {
			t.Errorf("reprise %s: code %d, said %q; want code %d and one line that begins %q",
				strings.Join(c.args, " "), code, progress, c.code, c.progress)
		}
	}
}

func TestFailureKeepsItsCauseAndItsCode(t *testing.T) {
	err := badInput(fs.ErrNotExist, "name a file that exists")
	if !errors.Is(err, fs.ErrNotExist) || exitCode(err) != exitBadInput {
		t.Errorf("badInput lost its cause or code: %v, code %d", err, exitCode(err))
	}
	if got, want := err.Error(), "file does not exist: name a file that exists"; got != want {
		t.Errorf("error text %q, want %q", got, want)
	}
	if exitCode(noData(fs.ErrNotExist, "")) != exitNoData || exitCode(fs.ErrNotExist) != exitFailure || exitCode(nil) != exitOK {
		t.Error("an exit code does not match its kind of failure")
	}
}

// Every subcommand shows an example: the first thing that a newcomer copies.
func TestEverySubcommandHasAnExample(t *testing.T) {
	parser, err := newParser(&commands{}, &bytes.Buffer{}, &bytes.Buffer{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	err = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		if n, ok := node.(*kong.Node); ok && n.Leaf() && !n.Hidden && !strings.Contains(n.Detail, "Example:") {
			t.Errorf("reprise %s: no example: give its command type a Help() string with \"Example:\"", n.Name)
		}
		return next(nil)
	})
	if err != nil {
		t.Fatal(err)
	}
}
