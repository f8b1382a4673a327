package ocpp

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/coder/websocket"
)

// PointOptions say how a station connects and answers.
type PointOptions struct {
	URL       string      // of the central system without the identity, such as "ws://127.0.0.1:8080/ocpp"
	Identity  string      // 1 to 48 letters, digits or *-_=:+|@.
	Password  string      // for basic authentication, "" = none
	Protocols []*Protocol // versions in order of preference, at least one
	Limits    Limits      // zero fields are the defaults
	// Client makes the HTTP connection: TLS settings, or a Transport whose DialContext returns in-memory connections. Nil
	// is http.DefaultClient.
	Client *http.Client
	// Handle answers calls of the central system, one at a time; required. See [Handler] for the errors.
	Handle func(ctx context.Context, point *Point, request Request) (Response, error)
	// Answered comes after an answer was queued: what a call triggers is sent from here. May be nil.
	Answered func(ctx context.Context, point *Point, request Request, response Response)
	// Refused is told what was refused, dropped or broken. It must not block. May be nil.
	Refused func(what error)
}

// Point is the station's side of one connection to its central system.
type Point struct {
	conn     *conn
	counters counters
	over     chan struct{}
}

// Connect makes one connection; ctx bounds the handshake only. It ends through [Point.Close] or from outside, see
// [Point.Done].
func Connect(ctx context.Context, options PointOptions) (*Point, error) {
	if len(options.Protocols) == 0 || options.Handle == nil {
		return nil, errors.New("connecting a station: it needs at least one protocol and a handler")
	}
	if !validIdentity(options.Identity) {
		return nil, fmt.Errorf("connecting a station: %.64q is no identity, allowed are 1 to 48 letters, digits or *-_=:+|@.",
			options.Identity)
	}
	dial := &websocket.DialOptions{HTTPClient: options.Client, HTTPHeader: make(http.Header)}
	for _, protocol := range options.Protocols {
		dial.Subprotocols = append(dial.Subprotocols, protocol.name)
	}
	if options.Password != "" {
		token := base64.StdEncoding.EncodeToString([]byte(options.Identity + ":" + options.Password))
		dial.HTTPHeader.Set("Authorization", "Basic "+token)
	}
	address := strings.TrimSuffix(options.URL, "/") + "/" + url.PathEscape(options.Identity)
	socket, answer, err := websocket.Dial(ctx, address, dial)
	if err != nil {
		return nil, fmt.Errorf("connecting %s to %s: %w", options.Identity, options.URL, explain(answer, err))
	}
	for _, protocol := range options.Protocols {
		if protocol.name == socket.Subprotocol() {
			return newPoint(socket, protocol, options), nil
		}
	}
	_ = socket.CloseNow()
	return nil, fmt.Errorf("connecting %s to %s: the central system chose none of the offered sub-protocols",
		options.Identity, options.URL)
}

// explain turns a refused handshake into an *AccessError with what the central system said.
func explain(answer *http.Response, err error) error {
	if answer == nil || answer.StatusCode == http.StatusSwitchingProtocols || answer.Body == nil {
		return err
	}
	// The dialler has put at most 1 kB of the body into memory.
	body, _ := io.ReadAll(io.LimitReader(answer.Body, 1024))
	return &AccessError{answer.StatusCode, strings.TrimSpace(string(body))}
}

func newPoint(socket *websocket.Conn, protocol *Protocol, options PointOptions) *Point {
	point := &Point{over: make(chan struct{})}
	told := hooks{
		handle: func(ctx context.Context, request Request) (Response, error) {
			return options.Handle(ctx, point, request)
		},
		refused: options.Refused,
	}
	if options.Answered != nil {
		told.answered = func(ctx context.Context, request Request, response Response) {
			options.Answered(ctx, point, request, response)
		}
	}
	point.counters.connections.Add(1)
	point.conn = newConn(socket, protocol, CentralSide, options.Limits.complete(), &point.counters, told)
	go func() {
		defer close(point.over)
		_ = point.conn.run(func() {}, func(error) {})
	}()
	return point
}

// Call sends a request to the central system and waits for the answer, like [Station.Call].
func (p *Point) Call(ctx context.Context, request Request) (Response, error) {
	return p.conn.call(ctx, request)
}

// Protocol is the sub-protocol that the central system chose.
func (p *Point) Protocol() string { return p.conn.protocol.name }

// Done is closed when the connection begins to end.
func (p *Point) Done() <-chan struct{} { return p.conn.ctx.Done() }

// Cause says why the connection ended, nil while it lives.
func (p *Point) Cause() error {
	if p.conn.ctx.Err() == nil {
		return nil
	}
	return p.conn.cause
}

// Counters returns the counts of this connection.
func (p *Point) Counters() Counters { return p.counters.read() }

// Close ends the connection and waits until nothing of it is left. It must not be called from Handle or Answered.
func (p *Point) Close() {
	p.conn.end(ErrClosed)
	<-p.over
}
