package safety

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	tableBegins = "<!-- table: made by `go test ./control/safety -update` -->\n"
	tableEnds   = "<!-- end of table -->\n"
)

// TestDocument keeps the tables of docs/safety.md equal to the code, the stories
// and the checkers.
func TestDocument(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "safety.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, begins := strings.Cut(string(text), tableBegins)
	_, tail, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		t.Fatalf("%s: the marks around the table are missing", path)
	}
	between, rest, begins := strings.Cut(tail, traceBegins)
	_, tail, ends = strings.Cut(rest, traceEnds)
	if !begins || !ends {
		t.Fatalf("%s: the marks around the traces are missing", path)
	}
	want := head + tableBegins + Table() + "\n" + tableEnds + between + traceBegins + traces(t, string(text)) + "\n" + traceEnds + tail
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(text) {
		t.Errorf("%s is not what the code says: run go test ./control/safety -update", path)
	}
}
