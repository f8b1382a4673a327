package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

// page serves the built page from memory: files with a hash in their name are kept for good, the rest is asked for
// again each time and mostly not sent.
type page struct {
	files map[string]*file
}

type file struct {
	plain, packed []byte // packed: gzip, nil where it does not pay
	kind, tag     string
	forever       bool
}

// notBuilt is what is shown where the page was not built.
const notBuilt = "The page was not built: run \"make web\" (it needs Node), then build again.\nThe API works without it: /api/openapi.json\n"

func newPage(from fs.FS) (*page, error) {
	p := &page{files: map[string]*file{}}
	if from == nil {
		return p, nil
	}
	err := fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == "placeholder" {
			return err
		}
		content, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		f, err := newFile(name, content)
		p.files["/"+name] = f
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the built page: %w", err)
	}
	return p, nil
}

func newFile(name string, content []byte) (*file, error) {
	sum := sha256.Sum256(content)
	f := &file{plain: content, kind: mediaType(name), tag: `"` + hex.EncodeToString(sum[:8]) + `"`, forever: strings.HasPrefix(name, "assets/")}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(content); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if packed.Len() < len(content)*9/10 {
		f.packed = packed.Bytes()
	}
	return f, nil
}

// mediaType does not depend on the machine's own tables for what the page is made of.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".webmanifest":
		return "application/manifest+json"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// policy lets the page load and call nothing but this unit.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
	"font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// ServeHTTP answers with a file of the page.
func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		problem(w, http.StatusMethodNotAllowed, "the page can only be read; requests go to /api/v1/requests")
		return
	}
	name := r.URL.Path
	if name == "/" {
		name = "/index.html"
	}
	f := p.files[name]
	h := w.Header()
	if f == nil {
		if name == "/index.html" {
			h.Set("Content-Type", "text/plain; charset=utf-8")
			h.Set("Cache-Control", "no-store")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(notBuilt))
			return
		}
		problem(w, http.StatusNotFound, "there is no such file: the page stands at /")
		return
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("ETag", f.tag)
	h.Set("Vary", "Accept-Encoding")
	if f.forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	if strings.Contains(r.Header.Get("If-None-Match"), f.tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.kind)
	body := f.plain
	if f.packed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.packed
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body)
	}
}
