package ocpp

import (
	"context"

	"github.com/coder/websocket"
)

// Station is one connection of a charging station to a [Central]. After a reconnect there is a new Station with the same
// identity.
type Station struct {
	identity  string
	remote    string
	conn      *conn
	hooksOver chan struct{} // closed after Disconnected
}

func newStation(central *Central, socket *websocket.Conn, protocol *Protocol, identity, remote string) *Station {
	station := &Station{identity: identity, remote: remote, hooksOver: make(chan struct{})}
	handler := central.options.Handler
	station.conn = newConn(socket, protocol, StationSide, central.options.Limits, &central.counters, hooks{
		handle: func(ctx context.Context, request Request) (Response, error) {
			return handler.Handle(ctx, station, request)
		},
		answered: func(ctx context.Context, request Request, response Response) {
			handler.Answered(ctx, station, request, response)
		},
		refused: func(err error) { central.refused(identity, err) },
	})
	return station
}

// Identity is the name with which the station connected.
func (s *Station) Identity() string { return s.identity }

// Remote is the network address of the station, or of the proxy before it.
func (s *Station) Remote() string { return s.remote }

// Protocol is the sub-protocol in use, such as "ocpp1.6".
func (s *Station) Protocol() string { return s.conn.protocol.name }

// Done is closed when the connection begins to end.
func (s *Station) Done() <-chan struct{} { return s.conn.ctx.Done() }

// Call sends a request and waits for the answer, until the deadline of ctx, or 30 s (Limits.Call) if it has none. Several
// goroutines may call; the station gets one call at a time. Errors wrap [ErrTimeout], [ErrBusy], [ErrDisconnected] or
// [ErrInvalidAnswer], or are a *[CallError] when the station refused. After a timeout nobody knows whether the station did
// what was asked.
func (s *Station) Call(ctx context.Context, request Request) (Response, error) {
	return s.conn.call(ctx, request)
}

// Close ends the connection without waiting for it.
func (s *Station) Close() { s.conn.end(ErrClosed) }
