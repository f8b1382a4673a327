package api

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckBind(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("good", "0123456789abcdefXYZ\n", 0o600)
	for _, c := range []struct{ addr, token, says string }{
		{"127.0.0.1:8080", "", ""},
		{"localhost:8080", "", ""},
		{"[::1]:8080", "", ""},
		{"127.8.9.1:0", "", ""},
		{"[::ffff:127.0.0.1]:0", "", ""},
		{"127.0.0.1:8080", good, ""},
		{"0.0.0.0:8080", good, ""},
		{":8080", "", "--token-file"},
		{"0.0.0.0:8080", "", "--token-file"},
		{"[::]:8080", "", "--token-file"},
		{"192.168.1.4:8080", "", "--token-file"},
		{"max-01.local:8080", "", "--token-file"},
		{"localhost.evil.example:8080", "", "--token-file"},
		{"8080", "", "address:port"},
		{":8080", filepath.Join(dir, "none"), "reading the token"},
		{":8080", file("short", "abc\n", 0o600), "at least 16"},
		{":8080", file("open", "0123456789abcdefXYZ\n", 0o604), "chmod 600"},
		{":8080", file("two", "0123456789abcdef\nXYZ\n", 0o600), "one line"},
	} {
		err := CheckBind(c.addr, c.token)
		if (c.says == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s with token file %q: %v; want %q", c.addr, filepath.Base(c.token), err, c.says)
		}
	}
}

func TestHostsAndOrigins(t *testing.T) {
	m := play(fixture(t, "calm"))
	s := serve(t, Options{Machine: m, Hosts: []string{"max-01.local"}})
	for host, want := range map[string]int{
		"127.0.0.1:8080": 200, "localhost:8080": 200, "[::1]:8080": 200, "192.168.4.1": 200, "max-01.local": 200, "MAX-01.local.:80": 200,
		"evil.example": 421, "max-01.local.evil.example": 421, "": 421, "127.0.0.1.evil.example": 421,
	} {
		if w := call(s, "GET", "/api/v1/unit", "", "Host", host); w.Code != want {
			t.Errorf("Host %q: %d, want %d", host, w.Code, want)
		}
	}
	for _, c := range []struct {
		want   int
		header []string
	}{
		{200, nil},
		{200, []string{"Origin", "http://127.0.0.1:8080"}},
		{200, []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://127.0.0.1:8080"}},
		{403, []string{"Origin", "http://evil.example"}},
		{403, []string{"Origin", "null"}},
		{403, []string{"Sec-Fetch-Site", "cross-site"}},
		{403, []string{"Sec-Fetch-Site", "same-site"}},
		{403, []string{"Origin", "http://127.0.0.1:9999"}},
	} {
		before := len(m.requests())
		w := call(s, "POST", "/api/v1/requests", `{"verb":"stop","person":"J. Moss"}`, c.header...)
		if w.Code != c.want || (len(m.requests()) > before) != (c.want == 200) {
			t.Errorf("%v: %d, want %d", c.header, w.Code, c.want)
		}
	}
}

const secret = "a-token-of-this-unit"

func TestToken(t *testing.T) {
	var log bytes.Buffer
	s := serve(t, Options{Machine: play(fixture(t, "calm")), Token: secret, Log: slog.New(slog.NewTextHandler(&log, nil))})
	for _, path := range []string{"/api/v1/unit", "/api/v1/stream", "/metrics", "/api/openapi.json", "/", "/readyz", "/assets/x.js"} {
		if w := call(s, "GET", path, ""); w.Code != 401 || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s without a token: %d", path, w.Code)
		}
	}
	if w := call(s, "GET", "/healthz", ""); w.Code != 200 {
		t.Errorf("/healthz: %d", w.Code)
	}
	if w := call(s, "GET", "/api/v1/unit", "", "Authorization", "Bearer "+secret); w.Code != 200 {
		t.Errorf("with the token: %d", w.Code)
	}
	for _, wrong := range []string{"Bearer x", "Bearer " + secret + "x", secret, "Basic " + secret, "Bearer "} {
		if w := call(s, "GET", "/api/v1/unit", "", "Authorization", wrong); w.Code != 401 {
			t.Errorf("Authorization %q: %d", wrong, w.Code)
		}
	}
	if w := call(s, "GET", "/", "", "Accept", "text/html"); w.Code != 303 || w.Header().Get("Location") != "/enter" {
		t.Errorf("a browser without a token: %d to %q, want the form", w.Code, w.Header().Get("Location"))
	}
	if strings.Contains(log.String(), secret) {
		t.Error("the log holds the token")
	}
}

func TestTokenForm(t *testing.T) {
	s := serve(t, Options{Machine: play(fixture(t, "calm")), Token: secret})
	enter := func(token string) (int, *http.Cookie) {
		w := call(s, "POST", "/enter", url.Values{"token": {token}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		for _, c := range w.Result().Cookies() {
			return w.Code, c
		}
		return w.Code, nil
	}
	if w := call(s, "GET", "/enter", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "<form") {
		t.Errorf("the form: %d", w.Code)
	}
	status, cookie := enter(secret)
	if status != 303 || cookie == nil || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || strings.Contains(cookie.Value, secret) {
		t.Fatalf("the right token: %d, %+v", status, cookie)
	}
	if w := call(s, "GET", "/api/v1/unit", "", "Cookie", cookie.Name+"="+cookie.Value); w.Code != 200 {
		t.Errorf("with the cookie: %d", w.Code)
	}
	end, seal, _ := strings.Cut(cookie.Value, ".")
	for _, forged := range []string{"9" + end + "." + seal, end + "." + strings.Repeat("0", 64), end, "1." + newDoor(secret, nil, nil).seal("1")} {
		if w := call(s, "GET", "/api/v1/unit", "", "Cookie", cookie.Name+"="+forged); w.Code != 401 {
			t.Errorf("a forged or ended cookie %q: %d", forged, w.Code)
		}
	}
	if status, cookie := enter("wrong"); status != 401 || cookie != nil {
		t.Errorf("a wrong token: %d, %v", status, cookie)
	}
	for range 10 {
		status, _ = enter("wrong")
	}
	if status != 429 {
		t.Errorf("after many tries: %d, want 429", status)
	}
}
