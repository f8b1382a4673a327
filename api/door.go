package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// door is who may come in: the right name, the right origin, and a token where one is set.
type door struct {
	token  string
	hosts  []string
	log    *slog.Logger
	origin *http.CrossOriginProtection
	tries  tries
}

func newDoor(token string, hosts []string, log *slog.Logger) *door {
	return &door{token: token, hosts: hosts, log: log, origin: http.NewCrossOriginProtection()}
}

// around puts the door before the handler.
func (d *door) around(inside http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		if !d.knowsHost(r.Host) {
			d.refused(r, "unknown host name")
			problem(w, http.StatusMisdirectedRequest, "this unit is not known by that name: use its IP address, or add the name to its configuration")
			return
		}
		if err := d.origin.Check(r); err != nil {
			d.refused(r, "write from another origin")
			problem(w, http.StatusForbidden, "a page of another origin may not write here: use the unit's own page, or a program that is not a browser")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody+1)
		if d.token != "" && !isPublic(r.URL.Path) && !d.admitted(r) {
			d.turnAway(w, r)
			return
		}
		inside.ServeHTTP(w, r)
	})
}

// knowsHost reports whether the caller used a name of this unit. A foreign page that points its own name at this
// address comes with that name; an IP address cannot be pointed elsewhere.
func (d *door) knowsHost(hostPort string) bool {
	host := hostPort
	if h, _, err := net.SplitHostPort(hostPort); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	if _, err := netip.ParseAddr(host); err == nil || strings.EqualFold(host, "localhost") {
		return true
	}
	for _, name := range d.hosts {
		if strings.EqualFold(host, name) {
			return true
		}
	}
	return false
}

// isPublic are the addresses that tell nothing about the machine.
func isPublic(path string) bool {
	return path == "/enter" || path == "/healthz" || path == "/icon.svg" || path == "/manifest.webmanifest"
}

const cookieName = "reprise"

// admitted reports whether the request carries the token, or the cookie that the form gave for it.
func (d *door) admitted(r *http.Request) bool {
	if given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return d.isToken(given)
	}
	c, err := r.Cookie(cookieName)
	if err != nil {
		return false
	}
	end, seal, ok := strings.Cut(c.Value, ".")
	seconds, err := strconv.ParseInt(end, 10, 64)
	return ok && err == nil && time.Now().Unix() < seconds && subtle.ConstantTimeCompare([]byte(seal), []byte(d.seal(end))) == 1
}

// isToken compares hashes, so that neither content nor length shows in the time it takes.
func (d *door) isToken(given string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(d.token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// seal binds a cookie's end to the token: a new token ends every cookie.
func (d *door) seal(end string) string {
	mac := hmac.New(sha256.New, []byte(d.token))
	mac.Write([]byte("reprise page until " + end))
	return hex.EncodeToString(mac.Sum(nil))
}

func (d *door) turnAway(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Redirect(w, r, "/enter", http.StatusSeeOther)
		return
	}
	d.refused(r, "no token")
	w.Header().Set("WWW-Authenticate", `Bearer realm="reprise"`)
	problem(w, http.StatusUnauthorized, "a token is needed: send it as \"Authorization: Bearer TOKEN\", or open this address in a browser")
}

func (d *door) refused(r *http.Request, why string) {
	d.log.Warn("api: refused", "why", why, "from", r.RemoteAddr, "method", r.Method, "path", r.URL.Path)
}

func (d *door) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /enter", func(w http.ResponseWriter, _ *http.Request) { enterForm(w, http.StatusOK, "") })
	mux.HandleFunc("POST /enter", d.enter)
}

const cookieLife = 30 * 24 * time.Hour

// enter exchanges the token of the form for a cookie.
func (d *door) enter(w http.ResponseWriter, r *http.Request) {
	if d.token == "" {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	if !d.tries.allow(time.Now()) {
		d.refused(r, "too many tries")
		w.Header().Set("Retry-After", "60")
		enterForm(w, http.StatusTooManyRequests, "Too many tries. Wait a minute.")
		return
	}
	if err := r.ParseForm(); err != nil || !d.isToken(strings.TrimSpace(r.PostForm.Get("token"))) {
		d.refused(r, "wrong token")
		enterForm(w, http.StatusUnauthorized, "That is not the token of this unit.")
		return
	}
	end := strconv.FormatInt(time.Now().Add(cookieLife).Unix(), 10)
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: end + "." + d.seal(end), Path: "/", MaxAge: int(cookieLife.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// tries bounds how often a token may be guessed: ten a minute, from everywhere together.
type tries struct {
	lock  sync.Mutex
	since time.Time
	count int
}

func (t *tries) allow(now time.Time) bool {
	t.lock.Lock()
	defer t.lock.Unlock()
	if now.Sub(t.since) >= time.Minute {
		t.since, t.count = now, 0
	}
	t.count++
	return t.count <= 10
}

func enterForm(w http.ResponseWriter, status int, said string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	w.WriteHeader(status)
	alert := ""
	if said != "" {
		alert = `<p role="alert">` + said + `</p>`
	}
	_, _ = w.Write([]byte(`<!doctype html><html lang="en-GB"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
		`<meta name="color-scheme" content="light dark"><title>Reprise</title><style>*{box-sizing:border-box}body{font:400 1rem/1.5 system-ui,sans-serif;max-width:22rem;margin:20vh auto;padding:0 16px}` +
		`input,button{font:inherit;width:100%;min-height:44px;margin-top:8px;padding:8px 12px;border-radius:8px;border:1px solid GrayText}</style>` +
		`<main><h1>This unit asks for its token</h1>` + alert +
		`<form method="post" action="/enter"><label>Token<input name="token" type="password" autocomplete="current-password" required autofocus></label>` +
		`<button>Enter</button></form><p>It stands in the file that was named when the unit was started.</p></main></html>`))
}
