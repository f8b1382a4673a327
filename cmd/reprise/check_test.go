package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	out, progress, code := runCLI(t, "check", "../../examples/units/max.yaml")
	if code != exitOK || !strings.Contains(out, "pack_current: 100 A") || !strings.Contains(progress, "warning") {
		t.Errorf("a good file: code %d, said %q", code, progress)
	}
	out, progress, code = runCLI(t, "check", "../../config/testdata/bad/many-faults.yaml")
	if code != exitBadInput || out != "" || strings.Count(progress, "many-faults.yaml:") < 4 {
		t.Errorf("a bad file: code %d, printed %q, said %q", code, out, progress)
	}
	out, _, code = runCLI(t, "check", "--json", "../../config/testdata/bad/many-faults.yaml")
	var result checkResult
	if err := json.Unmarshal([]byte(out), &result); err != nil || code != exitBadInput || result.Holds || len(result.Faults) != 4 {
		t.Errorf("a bad file as JSON: code %d, %v, %+v", code, err, result)
	}
	out, _, code = runCLI(t, "check", "--schema")
	if code != exitOK || !json.Valid([]byte(out)) {
		t.Errorf("the schema: code %d, not JSON", code)
	}
	out, _, code = runCLI(t, "check", "../../examples/launch-event.yaml")
	if code != exitOK || !strings.Contains(out, "10 h") || !strings.Contains(out, "7 packs") {
		t.Errorf("a scenario: code %d, printed %q", code, out)
	}
	if _, progress, code := runCLI(t, "check", "../../scenario/testdata/bad/values.yaml"); code != exitBadInput || !strings.Contains(progress, "values.yaml:8:17") {
		t.Errorf("a bad scenario: code %d, said %q", code, progress)
	}
	if _, progress, code := runCLI(t, "check", "../../examples/real/retailer.yaml"); code != exitNoData || !strings.Contains(progress, "--data") {
		t.Errorf("a scenario without its data: code %d, said %q", code, progress)
	}
	for _, args := range [][]string{{"check"}, {"check", "nowhere.yaml"}, {"check", "--packs", "nowhere", "../../examples/units/max.yaml"}} {
		if _, _, code := runCLI(t, args...); code != exitBadInput {
			t.Errorf("reprise %s: code %d", strings.Join(args, " "), code)
		}
	}
}
