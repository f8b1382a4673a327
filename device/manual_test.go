package device

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the files that tests compare with")

func TestManuals(t *testing.T) {
	manuals, err := Manuals()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join("..", "docs", "protocols")
	for _, m := range manuals {
		path := filepath.Join(folder, m.Name+".md")
		if *update {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(m.Text), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != m.Text {
			t.Errorf("%s is not what the tables say (%v): run this test with -update", path, err)
		}
	}
}
