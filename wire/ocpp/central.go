package ocpp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/coder/websocket"
)

// Handler is the consumer of a central system. Its methods are called from the connections' own goroutines: for one
// station one after the other, for different stations at the same time. A method that blocks holds up its own station's
// calls only.
type Handler interface {
	// Connected comes first. Calls to the station may be made from here on.
	Connected(station *Station)
	// Handle answers a call. An error made with [Refuse] refuses it with that code, any other with InternalError. It must
	// return soon after ctx ends. Messages lost with a connection may come again on the next one with a new id, so what
	// starts and ends a charge must be recognised by its contents.
	Handle(ctx context.Context, station *Station, request Request) (Response, error)
	// Answered comes after the answer was queued: calls made here reach the station after it.
	Answered(ctx context.Context, station *Station, request Request, response Response)
	// Disconnected comes last, before the Connected of a successor with the same identity. why wraps one of this package's
	// errors.
	Disconnected(station *Station, why error)
}

// CentralOptions say how a central system behaves.
type CentralOptions struct {
	Protocols []*Protocol // versions in order of preference, at least one
	Handler   Handler     // required
	Limits    Limits      // per connection; zero fields are the defaults
	Stations  int         // connections at most, 0 = 1024
	// Admit decides who may connect, see [PasswordCheck]. An *[AccessError] sets the HTTP status, any other error is a 403.
	// Nil admits peers on a loopback address and nobody else.
	Admit func(request *http.Request, identity string) error
	// Refused is told what was refused, dropped or broken, for the log; the identity may be empty or false when a handshake
	// was refused. It must not block. May be nil.
	Refused func(identity string, what error)
}

// Central is the central system: an http.Handler for the pattern "/ocpp/{station}". One endpoint serves all versions.
// Stations share no lock with each other: one that is slow or silent holds up nobody. The http.Server around it should
// have a ReadHeaderTimeout; its Shutdown does not know upgraded connections, so call Close beside it.
type Central struct {
	options  CentralOptions
	names    []string
	counters counters
	stations sync.Map // identity to *Station
	count    atomic.Int64

	closing sync.RWMutex // held for reading while a handshake enters serving
	closed  bool
	serving sync.WaitGroup
}

// NewCentral makes a central system. It fails when a required option is absent.
func NewCentral(options CentralOptions) (*Central, error) {
	if len(options.Protocols) == 0 || options.Handler == nil {
		return nil, errors.New("making a central system: it needs at least one protocol and a handler")
	}
	options.Limits = options.Limits.complete()
	if options.Stations == 0 {
		options.Stations = 1024
	}
	if options.Admit == nil {
		options.Admit = PasswordCheck(nil)
	}
	central := &Central{options: options}
	for _, protocol := range options.Protocols {
		central.names = append(central.names, protocol.name)
	}
	return central, nil
}

// Counters returns the counts of all connections since the start.
func (c *Central) Counters() Counters { return c.counters.read() }

// Station returns the connected station of that identity.
func (c *Central) Station(identity string) (*Station, bool) {
	found, ok := c.stations.Load(identity)
	if !ok {
		return nil, false
	}
	return found.(*Station), true
}

// Stations calls yield for every connected station, in no fixed order, until it returns false.
func (c *Central) Stations(yield func(*Station) bool) {
	c.stations.Range(func(_, station any) bool { return yield(station.(*Station)) })
}

// Close ends all connections and waits until nothing of them is left, which takes no longer than the slowest handler and
// goodbye. Later handshakes are refused. It must not be called from a hook.
func (c *Central) Close() {
	c.closing.Lock()
	c.closed = true
	c.closing.Unlock()
	c.Stations(func(station *Station) bool {
		station.Close()
		return true
	})
	c.serving.Wait()
}

// enter counts a connection in; false after Close or when there is no room.
func (c *Central) enter() bool {
	c.closing.RLock()
	defer c.closing.RUnlock()
	if c.closed {
		return false
	}
	if c.count.Add(1) > int64(c.options.Stations) {
		c.count.Add(-1)
		return false
	}
	c.serving.Add(1)
	return true
}

func (c *Central) leave() {
	c.count.Add(-1)
	c.serving.Done()
}

// ServeHTTP makes a station's handshake and serves its connection until it ends.
func (c *Central) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	identity, protocol, refusal := c.judge(r)
	if refusal == nil && !c.enter() {
		c.counters.refusedRoom.Add(1)
		refusal = &AccessError{http.StatusServiceUnavailable, "no room for another station"}
	}
	if refusal != nil {
		if refusal.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="OCPP", charset="UTF-8"`)
		}
		c.refused(identity, refusal)
		http.Error(w, refusal.Reason, refusal.Status)
		return
	}
	defer c.leave()
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{protocol.name}})
	if err != nil {
		c.counters.refusedUpgrade.Add(1)
		c.refused(identity, err)
		return
	}
	c.counters.connections.Add(1)
	c.serve(newStation(c, socket, protocol, identity, r.RemoteAddr))
}

// judge decides about a handshake.
func (c *Central) judge(r *http.Request) (string, *Protocol, *AccessError) {
	identity := r.PathValue("station")
	if identity == "" {
		identity = r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	}
	if !validIdentity(identity) {
		c.counters.refusedName.Add(1)
		return "", nil, &AccessError{http.StatusNotFound,
			"the path must end in the station's identity, 1 to 48 letters, digits or *-_=:+|@."}
	}
	if err := c.options.Admit(r, identity); err != nil {
		c.counters.refusedAccess.Add(1)
		var refusal *AccessError
		if !errors.As(err, &refusal) {
			refusal = &AccessError{http.StatusForbidden, err.Error()}
		}
		return identity, nil, refusal
	}
	offered := strings.Join(r.Header.Values("Sec-WebSocket-Protocol"), ",")
	for _, protocol := range c.options.Protocols {
		for name := range strings.SplitSeq(offered, ",") {
			if strings.TrimSpace(name) == protocol.name {
				return identity, protocol, nil
			}
		}
	}
	c.counters.refusedVersion.Add(1)
	return identity, nil, &AccessError{http.StatusBadRequest, fmt.Sprintf(
		"Sec-WebSocket-Protocol must offer one of: %s; it offers %.128q", strings.Join(c.names, ", "), offered)}
}

// serve runs a connection. The newest of an identity wins: an older one is ended and has said its Disconnected before the
// new one says Connected.
func (c *Central) serve(station *Station) {
	before, had := c.stations.Swap(station.identity, station)
	if had {
		c.counters.replaced.Add(1)
		old := before.(*Station)
		old.conn.end(ErrReplaced)
		<-old.hooksOver
	}
	c.closing.RLock()
	if c.closed {
		station.Close() // Close may have looked for stations before this one was in the map
	}
	c.closing.RUnlock()
	handler := c.options.Handler
	_ = station.conn.run(
		func() { handler.Connected(station) },
		func(why error) {
			c.stations.CompareAndDelete(station.identity, station)
			handler.Disconnected(station, why)
			close(station.hooksOver)
		})
}

// refused tells the owner.
func (c *Central) refused(identity string, what error) {
	if c.options.Refused != nil {
		c.options.Refused(identity, what)
	}
}

// validIdentity accepts the characters of OCPP 2.0.1's identifierString; they also keep names safe in paths and logs.
func validIdentity(identity string) bool {
	if identity == "" || len(identity) > 48 {
		return false
	}
	for _, r := range identity {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune("*-_=:+|@.", r) {
			return false
		}
	}
	return true
}
