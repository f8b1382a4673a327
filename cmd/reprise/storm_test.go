package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reprise/scenario"
)

// The text of a seed is a scenario that study reads.
func TestStormText(t *testing.T) {
	var out bytes.Buffer
	if code := run(t.Context(), []string{"storm", "--seed", "5", "--text"}, &out, &bytes.Buffer{}); code != exitOK {
		t.Fatalf("exit %d", code)
	}
	reader := scenario.Reader{}
	if _, err := reader.Parse("storm.yaml", out.Bytes()); err != nil {
		t.Error(err)
	}
}

func TestStormFiles(t *testing.T) {
	var out, progress bytes.Buffer
	code := run(t.Context(), []string{"storm", filepath.Join("..", "..", "examples", "storm", "pack-in-from-afar.yaml")}, &out, &progress)
	if code != exitOK || !strings.Contains(out.String(), "0 broken") {
		t.Errorf("exit %d: %s%s", code, out.String(), progress.String())
	}
	if code := run(t.Context(), []string{"storm", "missing.yaml"}, &out, &progress); code != exitBadInput {
		t.Errorf("a missing file: exit %d", code)
	}
}

// A campaign of no length begins nothing and says so in the same form.
func TestStormJSON(t *testing.T) {
	var out bytes.Buffer
	code := run(t.Context(), []string{"storm", "--minutes", "0.00001", "--json"}, &out, &bytes.Buffer{})
	var result stormResult
	if err := json.Unmarshal(out.Bytes(), &result); err != nil || code != exitOK || result.Storms != 0 {
		t.Errorf("exit %d, %v: %s", code, err, out.String())
	}
	if code := run(t.Context(), []string{"storm", "--minutes", "-1"}, &out, &bytes.Buffer{}); code != exitBadInput {
		t.Errorf("minutes below zero: exit %d", code)
	}
	if _, err := os.Stat("out"); err == nil {
		t.Error("a folder was made that nobody asked for")
	}
}
