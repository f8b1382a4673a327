package api

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// tape is a response writer that a test may read while the handler still writes.
type tape struct {
	lock   sync.Mutex
	text   bytes.Buffer
	header http.Header
	block  chan struct{} // when set, writes wait here: a client that does not read
}

func (w *tape) Header() http.Header { return w.header }
func (w *tape) WriteHeader(int)     {}
func (w *tape) FlushError() error   { return nil }
func (w *tape) count(part string) int {
	w.lock.Lock()
	defer w.lock.Unlock()
	return strings.Count(w.text.String(), part)
}

func (w *tape) Write(b []byte) (int, error) {
	if w.block != nil {
		<-w.block
		return 0, context.DeadlineExceeded
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.text.Write(b)
}

func follow(t *testing.T, s *Server, query string, w *tape) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	w.header = http.Header{}
	r := httptest.NewRequestWithContext(ctx, "GET", "/api/v1/stream"+query, nil)
	r.Host = "localhost"
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.ServeHTTP(w, r)
	}()
	return func() { cancel(); <-done }
}

func TestStreamPace(t *testing.T) {
	for _, c := range []struct {
		query string
		every time.Duration // of the unit's pictures
		want  int           // events in 10 s, with the one at once
	}{
		{"", time.Second, 11},
		{"", 100 * time.Millisecond, 11},
		{"?hz=5", 100 * time.Millisecond, 51},
		{"?hz=10", 100 * time.Millisecond, 101},
		{"?hz=10", time.Second, 11},
		{"?hz=0.5", 100 * time.Millisecond, 6},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := play(fixture(t, "calm"))
			m.every = c.every
			w := &tape{}
			stop := follow(t, serve(t, Options{Machine: m}), c.query, w)
			time.Sleep(10*time.Second + 50*time.Millisecond)
			stop()
			if got := w.count("event: picture\n"); got < c.want-1 || got > c.want {
				t.Errorf("%q of pictures each %v: %d events in 10 s, want %d", c.query, c.every, got, c.want)
			}
			if got := w.header.Get("Content-Type"); got != "text/event-stream" {
				t.Errorf("Content-Type %q", got)
			}
		})
	}
}

// A machine that says nothing keeps its readers: a comment now and then, and no invented picture.
func TestStreamHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := play(fixture(t, "calm"))
		m.every = 0
		w := &tape{}
		stop := follow(t, serve(t, Options{Machine: m}), "", w)
		time.Sleep(61 * time.Second)
		stop()
		if pictures, beats := w.count("event: picture"), w.count(": alive"); pictures != 1 || beats != 4 {
			t.Errorf("%d pictures and %d comments in 61 s, want 1 and 4", pictures, beats)
		}
	})
}

func TestStreamsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, Options{Machine: play(fixture(t, "calm")), Clients: 2})
		a, b := &tape{}, &tape{block: make(chan struct{})}
		stopA, stopB := follow(t, s, "", a), follow(t, s, "", b)
		synctest.Wait()
		if w := call(s, "GET", "/api/v1/stream", ""); w.Code != 503 || !strings.Contains(w.Body.String(), "too many") {
			t.Errorf("a third of two streams: %d %s", w.Code, w.Body)
		}
		time.Sleep(5 * time.Second)
		if got := a.count("event: picture"); got < 5 {
			t.Errorf("a reader that blocks held up another: %d events in 5 s", got)
		}
		close(b.block) // its deadline passes
		stopB()
		stopA()
		if n := s.streams.Load(); n != 0 {
			t.Errorf("%d streams are still counted", n)
		}
	})
}

// Over a real connection: headers, first event at once, and no end when the time to read a request is over.
func TestStreamOverLoopback(t *testing.T) {
	m := play(fixture(t, "calm"))
	m.every = 50 * time.Millisecond
	server := httptest.NewUnstartedServer(nil)
	server.Config = serve(t, Options{Machine: m}).HTTP()
	server.Config.ReadTimeout = 100 * time.Millisecond
	server.Start()
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/api/v1/stream?hz=10", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 64)
	n, err := answer.Body.Read(first)
	if err != nil || !strings.HasPrefix(string(first[:n]), "event: picture\ndata: {\"unit\":\"MAX 01\"") {
		t.Errorf("first bytes %q, %v", first[:n], err)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	events := 0
	for events < 5 && lines.Scan() {
		if lines.Text() == "event: picture" {
			events++
		}
	}
	if events < 5 {
		t.Errorf("the stream ended after %d more events: %v", events, lines.Err())
	}
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
}
