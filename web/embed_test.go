package web

import (
	"io/fs"
	"strings"
	"testing"
)

// With or without Node the folder is embedded; a built page loads nothing from another host.
func TestPageIsEmbedded(t *testing.T) {
	if _, err := fs.Stat(FS(), "placeholder"); err != nil {
		t.Fatalf("the placeholder is part of every build: %v", err)
	}
	if !Built() {
		t.Log("the page was not built: run make web")
		return
	}
	page, err := fs.ReadFile(FS(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, foreign := range []string{`src="http`, `href="http`, `src="//`, `href="//`} {
		if strings.Contains(string(page), foreign) {
			t.Errorf("index.html loads something from elsewhere (%s): the page must work without a network", foreign)
		}
	}
}
