package study

import (
	"os"
	"strings"
	"testing"
)

// untellable are the rules for which the twin has no fault, or needs hours,
// with the reason: the table of docs/safety.md that says so to people.
func untellable(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../docs/safety.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n## Rules that no story tells\n")
	table, _, _ := strings.Cut(rest, "\n## ")
	reasons := map[string]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) == 4 && strings.HasPrefix(cells[1], " `") {
			reasons[strings.Trim(cells[1], " `")] = strings.TrimSpace(cells[2])
		}
	}
	return reasons
}
