package api

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// What one picture costs one reader of the stream.
func BenchmarkStreamEvent(b *testing.B) {
	p := fixture(b, "busy")
	e := &eventWriter{w: discard{}, control: http.NewResponseController(discard{})}
	b.ReportAllocs()
	for b.Loop() {
		e.err = nil
		e.picture(p)
	}
}

// What the surface costs at the start, with the built page where there is one.
func BenchmarkNew(b *testing.B) {
	m := play(fixture(b, "calm"))
	for b.Loop() {
		if _, err := New(Options{Machine: m, Page: os.DirFS(filepath.Join("..", "web", "dist"))}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnit(b *testing.B) {
	s := serve(b, Options{Machine: play(fixture(b, "busy"))})
	b.ReportAllocs()
	for b.Loop() {
		if w := call(s, "GET", "/api/v1/unit", ""); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}

// discard is a response that nobody reads.
type discard struct{ io.Writer }

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}
