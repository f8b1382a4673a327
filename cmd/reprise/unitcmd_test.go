package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reprise/bess"
)

func TestWiresAreStrict(t *testing.T) {
	u := &bess.Unit{Packs: make([]bess.Pack, 2)}
	const sound = `{"packs": ["tcp://127.0.0.1:1", "socketcan://can0"], "io": "udp://127.0.0.1:3", "registers": "10.0.0.1:502"}`
	if at, err := parseWires([]byte(sound), u); err != nil || at.Packs[1] != "socketcan://can0" {
		t.Fatalf("%+v, %v", at, err)
	}
	change := func(from, to string) string { return strings.Replace(sound, from, to, 1) }
	for _, c := range []struct{ text, want string }{
		{"", "line 1 column 1: EOF"},
		{"{\n  \"packs\": 3}", "line 2 column"},
		{change(`"io"`, `"oi"`), `unknown field "oi"`},
		{sound + "\n{}", "something follows"},
		{change(`"tcp://127.0.0.1:1", `, ""), "packs: 1 channels for 2 packs"},
		{change("tcp://127.0.0.1:1", "udp://127.0.0.1:3"), "io: udp://127.0.0.1:3 is that of packs[0] too"},
		{change("tcp://127.0.0.1:1", "tcp://127.0.0.1"), `packs[0]: "tcp://127.0.0.1"`},
		{change("tcp://127.0.0.1:1", "tcp://127.0.0.1:1/x"), "packs[0]"},
		{change("tcp://127.0.0.1:1", "memory:a"), "packs[0]"},
		{change("tcp://127.0.0.1:1", "tcp://127.0.0.1:99999"), "packs[0]"},
		{change("socketcan://can0", "can0"), "packs[1]"},
		{change("udp://127.0.0.1:3", ""), "io: it is missing"},
		{change("10.0.0.1:502", "10.0.0.1"), "registers"},
	} {
		if _, err := parseWires([]byte(c.text), u); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
	}
}

func FuzzWires(f *testing.F) {
	f.Add([]byte(`{"packs": ["tcp://127.0.0.1:1"], "io": "udp://127.0.0.1:3", "registers": "10.0.0.1:502"}`))
	f.Add([]byte("{\n\"packs\": [3]}"))
	u := &bess.Unit{Packs: make([]bess.Pack, 1)}
	f.Fuzz(func(t *testing.T, text []byte) {
		if at, err := parseWires(text, u); err == nil && (len(at.Packs) != 1 || at.IO == "" || at.Registers == "") {
			t.Errorf("accepted %+v", at)
		}
	})
}

func TestStationPasswords(t *testing.T) {
	u := &bess.Unit{Outlets: []bess.Outlet{{Station: "outlet-1"}, {Station: "rapid-1"}}}
	file := filepath.Join(t.TempDir(), "stations")
	write := func(text string, mode os.FileMode) {
		_ = os.Remove(file) // it may not be there
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("# site A\noutlet-1  correct horse battery\n", 0o600)
	admit, err := stationPasswords(file, u)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, station, password string
		want                    bool
	}{
		{"10.0.0.9:1", "outlet-1", "correct horse battery", true},
		{"10.0.0.9:1", "outlet-1", "correct horse batterz", false},
		{"10.0.0.9:1", "rapid-1", "", false},
		{"127.0.0.1:1", "rapid-1", "", true},
	} {
		r, _ := http.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.from
		if c.password != "" {
			r.SetBasicAuth(c.station, c.password)
		}
		if err := admit(r, c.station); (err == nil) != c.want {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, c := range []struct {
		text, want string
		mode       os.FileMode
	}{
		{"outlet-9 0123456789abcdef", "no outlet", 0o600}, {"outlet-1 short", "at least 16", 0o600},
		{"\noutlet-1 0123456789abcdef\noutlet-1 0123456789abcdef", ":3: a second", 0o600},
		{"outlet-1 0123456789abcdef", "chmod 600", 0o644},
	} {
		write(c.text, c.mode)
		if _, err := stationPasswords(file, u); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

// TestNotifier speaks to a service manager: ready with the first tick, alive while the loop ticks, silent when it hangs.
func TestNotifier(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = manager.Close() }()
	environment := map[string]string{"NOTIFY_SOCKET": socket, "WATCHDOG_USEC": "150000"}
	n, err := newNotifier(func(name string) string { return environment[name] })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := aside(func() error { n.run(ctx); return nil })
	hear := func() string {
		b := make([]byte, 64)
		_ = manager.SetReadDeadline(time.Now().Add(5 * time.Second))
		length, err := manager.Read(b)
		return fmt.Sprint(string(b[:length]), err)
	}
	n.beat()
	if got := hear(); got != "READY=1<nil>" {
		t.Errorf("first word %q", got)
	}
	if got := hear(); got != "WATCHDOG=1<nil>" {
		t.Errorf("second word %q", got)
	}
	cancel() // the loop has not ticked since: nothing but the goodbye follows
	if got := hear(); got != "STOPPING=1<nil>" {
		t.Errorf("last word %q", got)
	}
	<-ended
	n.close()
	if quiet, err := newNotifier(func(string) string { return "" }); err != nil || quiet.conn != nil {
		t.Errorf("without a manager: %+v, %v", quiet, err)
	}
}

func TestUnitRefuses(t *testing.T) {
	file := filepath.Join("..", "..", "examples", "units", "max.yaml")
	dir := t.TempDir()
	for _, args := range [][]string{
		{"unit"}, {"unit", "--unit", file, "--wires", "nowhere.json", "--data-dir", dir},
		{"unit", "--unit", "nowhere.yaml", "--wires", file, "--data-dir", dir},
		{"unit", "--unit", file, "--wires", file, "--data-dir", dir},
		{"unit", "--unit", file, "--wires", file, "--data-dir", dir, "--http", "0.0.0.0:8080"},
	} {
		if _, said, code := runCLI(t, args...); code != exitBadInput || strings.Count(said, "\n") != 1 {
			t.Errorf("reprise %s: code %d, said %q", strings.Join(args, " "), code, said)
		}
	}
}
