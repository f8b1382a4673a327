package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"reprise/bess"
	"reprise/config"
	"reprise/twin/serve"
	"reprise/unit"
)

// asProgram makes the test binary the program itself, so that a test can kill it.
const asProgram = "REPRISE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// process is a running program of the test.
type process struct {
	*exec.Cmd
	said *bytes.Buffer
}

// begin starts the program; it ends with the test at the latest.
func begin(t *testing.T, out io.Writer, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0], args...), said: &bytes.Buffer{}}
	p.Env = append(os.Environ(), asProgram+"=1")
	p.Stdout, p.Stderr = out, p.said
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.Process.Kill() // it may have ended
		_ = p.Wait()
		if t.Failed() {
			t.Logf("reprise %s said\n%s", args[0], p.said)
		}
	})
	return p
}

// until waits for something to come true.
func until(t *testing.T, what string, most time.Duration, holds func() bool) time.Duration {
	t.Helper()
	begun := time.Now()
	for !holds() {
		if time.Since(begun) > most {
			t.Fatalf("%s: not within %v", what, most)
		}
		time.Sleep(20 * time.Millisecond) // real clock: the other side is a real process
	}
	return time.Since(begun)
}

// observer reads the twin's registers beside the controller and orders nothing.
type observer struct {
	ports []serve.Port
	clock func() bess.Instant
	snap  bess.Snapshot
}

func newObserver(t *testing.T, u *bess.Unit, at serve.Addresses) *observer {
	t.Helper()
	types, err := config.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	tables, err := unit.PackTables(u, types)
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	o := &observer{clock: func() bess.Instant { return bess.Instant(time.Since(begun).Milliseconds()) + 1 }, snap: bess.NewSnapshot(u)}
	if o.ports, err = serve.Ports(u, tables, at.Wires(), o.clock); err != nil {
		t.Fatal(err)
	}
	for _, p := range o.ports {
		go func() { _ = p.Run(t.Context()) }()
	}
	return o
}

func (o *observer) look() *bess.Snapshot {
	o.snap.Now = o.clock()
	for _, p := range o.ports {
		p.Sense(&o.snap, o.snap.Now)
	}
	return &o.snap
}

// stopped reports whether every converter is heard and at zero.
func (o *observer) stopped() bool {
	s := o.look()
	for k := range s.Converters {
		if p, ok := s.Converters[k].Power.Fresh(s.Now, bess.Second); !ok || p < -60 || p > 60 {
			return false
		}
	}
	return true
}

// page is what the unit shows.
func page(address string) *bess.Picture {
	response, err := http.Get("http://" + address + "/api/v1/unit")
	if err != nil {
		return nil
	}
	defer func() { _ = response.Body.Close() }()
	var p bess.Picture
	if response.StatusCode != http.StatusOK || json.NewDecoder(response.Body).Decode(&p) != nil {
		return nil
	}
	return &p
}

// asked lays a request on the desk and reports whether it was granted.
func asked(address, body string) bool {
	response, err := http.Post("http://"+address+"/api/v1/requests", "application/json", strings.NewReader(body))
	if err != nil {
		return false
	}
	defer func() { _ = response.Body.Close() }()
	answer, _ := io.ReadAll(response.Body)
	return strings.Contains(string(answer), `"granted":true`)
}

func asks(t *testing.T, address, body string) {
	t.Helper()
	if !asked(address, body) {
		t.Fatalf("%s was not granted", body)
	}
}

func contains(text string, words ...string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// events are the newest events that the unit tells.
func events(address string) string {
	response, err := http.Get("http://" + address + "/api/v1/events?limit=200")
	if err != nil {
		return err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	text, _ := io.ReadAll(response.Body)
	return strings.ReplaceAll(string(text), "},", "},\n")
}

// freePort is an address that was free just now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// firstLine keeps what is written until its first line is whole.
type firstLine struct {
	text  bytes.Buffer
	ready atomic.Bool
}

func (f *firstLine) Write(b []byte) (int, error) {
	if !f.ready.Load() {
		f.text.Write(b)
		f.ready.Store(bytes.IndexByte(f.text.Bytes(), '\n') >= 0)
	}
	return len(b), nil
}

func (f *firstLine) whole() bool { return f.ready.Load() }

func (f *firstLine) bytes() []byte { return f.text.Bytes() }
