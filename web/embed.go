// Package web is the page of a unit: one screen that says what the machine does, for how long, and what a person may
// do. Its sources are TypeScript and Svelte; what "make web" builds of them into dist is embedded here. Without Node the
// folder holds a placeholder only, and Built says so.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS holds the built page: index.html, assets with a hash in their name, and a few files beside them. Where the page
// was not built it holds nothing to show.
func FS() fs.FS {
	page, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("web: the embedded folder has no dist: " + err.Error())
	}
	return page
}

// Built reports whether the page was built before this program was: "make web" builds it.
func Built() bool {
	_, err := fs.Stat(FS(), "index.html")
	return err == nil
}
