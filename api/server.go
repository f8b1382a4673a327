package api

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"reprise/bess"
)

// Options is what a server is made of. Machine is needed; what else is nil answers with a sentence that says so.
type Options struct {
	Machine   Machine
	Chronicle Chronicle
	Books     Books
	Reporter  Reporter
	Explainer Explainer
	Alarms    AlarmTester
	Bench     Bench

	// Page holds the built page; nil, or without index.html: a plain text says how to build it.
	Page fs.FS
	// Token opens the API; empty: none is needed, which CheckBind permits on loopback only.
	Token string
	// Hosts are the names by which this unit may be called beside IP addresses and localhost, such as "max-01.local".
	Hosts []string
	// Source is written into every request. The zero value means a person at the unit's page.
	Source bess.Source
	// Log takes one line for each refused caller and each failure behind the surface; nil: none. Tokens never
	// reach it.
	Log *slog.Logger
	// Clients is the highest number of live streams at once; zero: 64.
	Clients int
}

// Server is the handler of everything that the unit serves over HTTP, OCPP apart.
type Server struct {
	Options
	handler http.Handler
	api     huma.API
	streams atomic.Int64
	pulse   pulse
	counted *counted
}

// New builds the server. It starts nothing: serve it with net/http.
func New(o Options) (*Server, error) {
	if o.Machine == nil {
		return nil, errors.New("building the API: no machine was given")
	}
	if o.Source == bess.SourceNone {
		o.Source = bess.SourceOperator
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clients <= 0 {
		o.Clients = 64
	}
	s := &Server{Options: o, counted: newCounted()}
	mux := http.NewServeMux()
	s.api = humago.New(mux, description())
	s.unitRoutes()
	s.requestRoutes()
	s.paperRoutes()
	s.whyRoutes()
	s.benchRoutes()
	s.healthRoutes(mux)
	page, err := newPage(o.Page)
	if err != nil {
		return nil, err
	}
	mux.Handle("/api/", http.HandlerFunc(noSuchRoute))
	mux.Handle("/", page)
	door := newDoor(o.Token, o.Hosts, o.Log)
	door.routes(mux)
	s.handler = s.counted.around(door.around(mux))
	return s, nil
}

// ServeHTTP serves one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// OpenAPI is the generated description of the surface, as served at /api/openapi.json.
func (s *Server) OpenAPI() ([]byte, error) { return s.api.OpenAPI().MarshalJSON() }

// HTTP is a server for this handler with limits that hold for slow and hostile callers. Streams set their own
// deadlines.
func (s *Server) HTTP() *http.Server {
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
}

// Limits of what is read and how long the unit is waited for.
const (
	maxBody    = 16 << 10
	askTimeout = 5 * time.Second
)
