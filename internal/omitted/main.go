// Command omitted reads the stream of "go test -json" and prints what "go test" would have printed, and after it the
// slowest packages and the list of tests that were left out with their reasons, which "go test" keeps to itself. It ends
// with 1 when a package failed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
)

func main() {
	failed, err := report(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintf(os.Stderr, "omitted: reading the stream of go test -json: %v\n", err)
	}
	if failed || err != nil {
		os.Exit(1)
	}
}

// event is one line of "go test -json"; build failures carry ImportPath instead of Package.
type event struct {
	Action, Package, ImportPath, Test, Output, FailedBuild string
	Elapsed                                                float64 // s
}

// report copies from in to out and says whether anything failed. Lines that are not events are passed on as they are.
func report(in io.Reader, out io.Writer) (failed bool, err error) {
	said := map[string][]string{} // package and test: its output so far, kept until we know whether it failed
	leftOut := map[string][]string{}
	var slow []event
	lines := bufio.NewReader(in)
	for {
		line, readErr := lines.ReadString('\n')
		var e event
		switch {
		case line == "":
		case json.Unmarshal([]byte(line), &e) != nil:
			fmt.Fprint(out, line)
		case e.Action == "build-output":
			fmt.Fprint(out, e.Output)
		case e.Action == "build-fail":
			failed = true
		case e.Test == "":
			failed = packageEvent(out, e) || failed
			if e.Elapsed >= slowFrom {
				slow = append(slow, e)
			}
		default:
			testEvent(out, e, said, leftOut)
		}
		if readErr == io.EOF {
			break
		}
		if readErr != nil {
			return failed, readErr
		}
	}
	printSlow(out, slow)
	printLeftOut(out, leftOut)
	return failed, nil
}

// slowFrom is how long a package may take, in s, before it is named.
const slowFrom = 5

// printSlow names the packages whose tests take long, the slowest first.
func printSlow(out io.Writer, slow []event) {
	if len(slow) == 0 {
		return
	}
	sort.SliceStable(slow, func(i, j int) bool { return slow[i].Elapsed > slow[j].Elapsed })
	fmt.Fprintf(out, "\nSlowest, from %d s:\n", slowFrom)
	for _, e := range slow {
		fmt.Fprintf(out, "  %6.1f s  %s\n", e.Elapsed, e.Package)
	}
}

// packageEvent passes on a package's own lines ("ok  reprise/bess  0.01s") and says whether the package failed.
func packageEvent(out io.Writer, e event) (failed bool) {
	switch {
	case e.Action == "output" && e.Output != "PASS\n" && !strings.HasPrefix(e.Output, "testing: warning"):
		fmt.Fprint(out, e.Output)
	case e.Action == "fail":
		return true
	}
	return false
}

// testEvent collects what a test says, prints it when the test fails and keeps the reason when it was skipped.
func testEvent(out io.Writer, e event, said, leftOut map[string][]string) {
	name := e.Package + "." + e.Test
	switch e.Action {
	case "output":
		if !strings.HasPrefix(e.Output, "=== ") {
			said[name] = append(said[name], e.Output)
		}
		return
	case "fail":
		fmt.Fprint(out, strings.Join(said[name], ""))
	case "skip":
		reason := skipReason(said[name])
		leftOut[reason] = append(leftOut[reason], strings.TrimPrefix(name, "reprise/"))
	case "pass":
	default:
		return
	}
	delete(said, name)
}

// skipReason is the last line that a skipped test said, without the file and line that "go test" puts before it.
func skipReason(said []string) string {
	for i := len(said) - 1; i >= 0; i-- {
		line := strings.TrimSpace(said[i])
		if line == "" || strings.HasPrefix(line, "--- SKIP") {
			continue
		}
		if place, reason, ok := strings.Cut(line, ": "); ok && strings.Contains(place, ".go:") {
			return strings.TrimPrefix(reason, "left out, ")
		}
		return line
	}
	return "skipped without a reason"
}

func printLeftOut(out io.Writer, leftOut map[string][]string) {
	if len(leftOut) == 0 {
		fmt.Fprintln(out, "\nNothing was left out.")
		return
	}
	reasons := make([]string, 0, len(leftOut))
	count := 0
	for reason, tests := range leftOut {
		reasons = append(reasons, reason)
		count += len(tests)
	}
	sort.Strings(reasons)
	fmt.Fprintf(out, "\nLeft out (%d); .ci/run installs what they need:\n", count)
	for _, reason := range reasons {
		fmt.Fprintf(out, "  %s\n", reason)
		sort.Strings(leftOut[reason])
		for _, test := range leftOut[reason] {
			fmt.Fprintf(out, "      %s\n", test)
		}
	}
}
