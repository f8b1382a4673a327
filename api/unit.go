package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"reprise/bess"
)

func (s *Server) unitRoutes() {
	huma.Register(s.api, get("unit", "/api/v1/unit", tagUnit, "The picture of the unit now",
		"All that anybody may know of the unit at one tick: the same body as one event of the live stream."),
		func(context.Context, *struct{}) (*pictureOutput, error) {
			p, err := s.latest()
			return &pictureOutput{CacheControl: "no-store", Body: p}, err
		})
	stream := get("stream", "/api/v1/stream", tagUnit, "The live stream",
		"Server-sent events named picture, each with the body of GET /api/v1/unit. A comment every 15 s keeps the "+
			"connection alive. A reader that is too slow loses pictures, never delays them for others.")
	stream.Responses = map[string]*huma.Response{
		"200": {Description: "A stream of events.", Content: map[string]*huma.MediaType{"text/event-stream": {
			Schema: s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[bess.Picture](), true, "Picture"),
		}}},
	}
	huma.Register(s.api, stream, func(_ context.Context, in *streamInput) (*huma.StreamResponse, error) {
		if s.streams.Add(1) > int64(s.Clients) {
			s.streams.Add(-1)
			return nil, huma.Error503ServiceUnavailable("too many live streams: close another page of this unit and try again")
		}
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			defer s.streams.Add(-1)
			r, w := humago.Unwrap(ctx)
			s.stream(r.Context(), w, time.Duration(float64(time.Second)/in.Hertz))
		}}, nil
	})
	history := get("history", "/api/v1/history", tagUnit, "Series over time",
		"Series on one time axis. Points later than now are a plan. Unknown is null.")
	huma.Register(s.api, history, s.history)
	events := get("events", "/api/v1/events", tagUnit, "What happened", "The newest events, newest first.")
	huma.Register(s.api, events, s.events)
}

type pictureOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         *bess.Picture
}

type streamInput struct {
	Hertz float64 `query:"hz" default:"1" minimum:"0.1" maximum:"10" doc:"Pictures a second."`
}

// latest is the newest picture, or a problem before there is one.
func (s *Server) latest() (*bess.Picture, error) {
	if p := s.Machine.Latest(); p != nil {
		return p, nil
	}
	return nil, huma.Error503ServiceUnavailable("the unit has not finished its first tick: try again in a second")
}

// How long one write to a stream may take before its client counts as gone, and how often a silent one hears that the
// link lives.
const (
	writeTimeout = 5 * time.Second
	heartbeat    = 15 * time.Second
)

// stream sends the newest picture at once and then one each period, until the client is gone.
func (s *Server) stream(ctx context.Context, w http.ResponseWriter, period time.Duration) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pictures := s.Machine.Subscribe(ctx)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	out := &eventWriter{w: w, control: http.NewResponseController(w)}
	// The server's limit on reading a request would end the stream with it.
	_ = out.control.SetReadDeadline(time.Time{})
	w.WriteHeader(http.StatusOK)

	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	last := time.Now()
	if p := s.Machine.Latest(); p == nil {
		out.comment("the unit has not finished its first tick")
	} else {
		out.picture(p)
	}
	for out.err == nil {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			out.comment("alive")
		case p, open := <-pictures:
			if !open {
				return
			}
			// Half a tick of tolerance, so that a picture that came a little early is not skipped.
			if now := time.Now(); now.Sub(last) >= period-50*time.Millisecond {
				last = now
				out.picture(p)
			}
		}
	}
}

// eventWriter writes events until the first error, which it keeps.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	buffer  bytes.Buffer
	err     error
}

func (e *eventWriter) picture(p *bess.Picture) {
	e.buffer.Reset()
	e.buffer.WriteString("event: picture\ndata: ")
	if err := json.NewEncoder(&e.buffer).Encode(p); err != nil { // ends with a newline
		e.err = err
		return
	}
	e.buffer.WriteByte('\n')
	e.flush()
}

func (e *eventWriter) comment(text string) {
	e.buffer.Reset()
	e.buffer.WriteString(": " + text + "\n\n")
	e.flush()
}

func (e *eventWriter) flush() {
	// A writer without deadlines (in tests) is still bounded by its own connection.
	_ = e.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := e.w.Write(e.buffer.Bytes()); err != nil {
		e.err = err
		return
	}
	e.err = e.control.Flush()
}

type historyInput struct {
	From   int64    `query:"from" minimum:"0" doc:"Wall time, ms; absent: a day before to."`
	To     int64    `query:"to" minimum:"0" doc:"Wall time, ms; absent: now. A later time asks for the plan too."`
	Points int      `query:"points" default:"600" minimum:"2" maximum:"4000" doc:"At most this many points."`
	Series []string `query:"series" maxItems:"64" doc:"Names of series, separated by commas; absent: those of the page."`
}

type historyOutput struct{ Body History }

const dayMS = 24 * 60 * 60 * 1000

func (s *Server) history(ctx context.Context, in *historyInput) (*historyOutput, error) {
	p, err := s.latest()
	if err != nil {
		return nil, err
	}
	q := HistoryQuery{From: in.From, To: in.To, Points: in.Points, Series: in.Series}
	if q.To == 0 {
		q.To = p.UnixMilli
	}
	if q.From == 0 {
		q.From = max(0, q.To-dayMS)
	}
	if q.From >= q.To {
		return nil, wrong("query.from", "it must be before to", q.From)
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	h, err := s.Machine.History(ctx, q)
	if err != nil {
		return nil, s.failed("reading the history", err)
	}
	h.Times, h.Series = append([]int64{}, h.Times...), append([]Series{}, h.Series...) // empty lists, never null
	return &historyOutput{Body: h}, nil
}

type eventsInput struct {
	Since int64 `query:"since" minimum:"0" doc:"Wall time, ms."`
	Limit int   `query:"limit" default:"100" minimum:"1" maximum:"1000"`
}

type eventsOutput struct {
	Body struct {
		Events []Event `json:"events"`
	}
}

func (s *Server) events(ctx context.Context, in *eventsInput) (*eventsOutput, error) {
	if s.Chronicle == nil {
		return nil, absent("no events: the store is not running")
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	events, err := s.Chronicle.Events(ctx, in.Since, in.Limit)
	if err != nil {
		return nil, s.failed("reading the events", err)
	}
	out := &eventsOutput{}
	out.Body.Events = append([]Event{}, events...)
	return out, nil
}
