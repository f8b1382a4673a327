package main

import (
	"strings"
	"testing"
)

func TestReportListsReasonsAndFailures(t *testing.T) {
	stream := `
{"Action":"run","Package":"reprise/a","Test":"TestOne"}
{"Action":"output","Package":"reprise/a","Test":"TestOne","Output":"=== RUN   TestOne\n"}
{"Action":"output","Package":"reprise/a","Test":"TestOne","Output":"    a_test.go:9: left out, needs node: not installed\n"}
{"Action":"output","Package":"reprise/a","Test":"TestOne","Output":"--- SKIP: TestOne (0.00s)\n"}
{"Action":"skip","Package":"reprise/a","Test":"TestOne"}
{"Action":"output","Package":"reprise/a","Output":"PASS\n"}
{"Action":"output","Package":"reprise/a","Output":"ok  \treprise/a\t0.01s\n"}
{"Action":"pass","Package":"reprise/a","Elapsed":5.25}
{"Action":"output","Package":"reprise/b","Test":"TestTwo","Output":"    b_test.go:3: wrong\n"}
{"Action":"fail","Package":"reprise/b","Test":"TestTwo"}
{"Action":"fail","Package":"reprise/b","Elapsed":12}
{"Action":"pass","Package":"reprise/c","Elapsed":4}
not an event
`
	var out strings.Builder
	failed, err := report(strings.NewReader(strings.TrimPrefix(stream, "\n")), &out)
	if err != nil || !failed {
		t.Fatalf("failed = %v, err = %v; want a failure without error", failed, err)
	}
	want := "ok  \treprise/a\t0.01s\n    b_test.go:3: wrong\nnot an event\n" +
		"\nSlowest, from 5 s:\n    12.0 s  reprise/b\n     5.2 s  reprise/a\n\n" +
		"Left out (1); .ci/run installs what they need:\n  needs node: not installed\n      a.TestOne\n"
	if out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", out.String(), want)
	}
}

func TestReportOfAFullRun(t *testing.T) {
	var out strings.Builder
	failed, err := report(strings.NewReader(`{"Action":"pass","Package":"reprise/a","Test":"TestOne"}`), &out)
	if err != nil || failed || out.String() != "\nNothing was left out.\n" {
		t.Errorf("failed = %v, err = %v, said %q", failed, err, out.String())
	}
}
