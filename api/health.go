package api

import (
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// standsStill is how long the loop may show the same tick before the unit counts as not ready.
const standsStill = 3 * time.Second

// pulse remembers when the tick last moved.
type pulse struct {
	lock sync.Mutex
	tick uint64
	at   time.Time
}

// beats reports whether the tick moved lately. The first look always finds it beating.
func (p *pulse) beats(tick uint64, now time.Time) bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.at.IsZero() || tick != p.tick {
		p.tick, p.at = tick, now
	}
	return now.Sub(p.at) < standsStill
}

func (s *Server) healthRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		switch p := s.Machine.Latest(); {
		case p == nil:
			plain(w, http.StatusServiceUnavailable, "the unit has not finished its first tick")
		case !s.pulse.beats(p.Tick, time.Now()):
			plain(w, http.StatusServiceUnavailable, "the loop stands still")
		default:
			plain(w, http.StatusOK, "ready")
		}
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry(), promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
