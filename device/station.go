package device

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"reprise/bess"
	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// StationsOptions say which stations belong to the unit.
type StationsOptions struct {
	Clock Clock
	Unit  *bess.Unit
	// Admit judges the handshake of a known station, see [ocpp.PasswordCheck]; nil admits this machine only.
	Admit func(*http.Request, string) error
	// Authorize decides whether an identification tag may charge at an outlet; nil lets everybody.
	Authorize func(outlet bess.OutletID, tag string) bool
	// FreeVend starts a charge as soon as a vehicle is plugged, without a tag.
	FreeVend bool
	// FirstVisit is the number of the first transaction, above all that were ever given; 0 takes the wall clock in seconds.
	FirstVisit int
}

// Stations are the unit's charging stations: the central system of OCPP 1.6J, one connection for each outlet. Mount it at
// "/ocpp/{station}".
type Stations struct {
	options StationsOptions
	central *ocpp.Central
	links   []*stationLink
	working sync.WaitGroup

	mutex   sync.Mutex
	known   map[string]int  // identity to outlet
	refused map[string]bool // identities that asked and are not known
	serving map[*ocpp.Station]*stationLink
	visit   int
}

// Limits of what an unknown peer may cost.
const maximumUnknown = 64

// Periods that stations are asked for.
const (
	stationHeartbeat = 5 // s
	stationSamples   = 2 // s
)

// NewStations makes the central system. Stations may call as soon as it is mounted.
func NewStations(o StationsOptions) (*Stations, error) {
	if o.Clock == nil || o.Unit == nil {
		return nil, errors.New("making the stations' central system: it needs a clock and the unit")
	}
	s := &Stations{options: o, known: map[string]int{}, refused: map[string]bool{}, serving: map[*ocpp.Station]*stationLink{}, visit: o.FirstVisit}
	if s.visit <= 0 {
		s.visit = int(time.Now().Unix() % (1 << 31))
	}
	for i := range o.Unit.Outlets {
		name := o.Unit.Outlets[i].Station
		if _, twice := s.known[name]; twice {
			return nil, fmt.Errorf("making the stations' central system: two outlets name the station %q", name)
		}
		if name != "" {
			s.known[name] = i
		}
		s.links = append(s.links, &stationLink{index: i, outlet: &o.Unit.Outlets[i], nudge: make(chan struct{}, 1), charge: charge{interrupted: true}})
	}
	admit := o.Admit
	if admit == nil {
		admit = ocpp.PasswordCheck(nil)
	}
	var err error
	s.central, err = ocpp.NewCentral(ocpp.CentralOptions{
		Protocols: []*ocpp.Protocol{v16.Protocol()}, Handler: stationHooks{s},
		Limits: ocpp.Limits{Call: 10 * time.Second, Silence: 30 * time.Second},
		Admit: func(r *http.Request, identity string) error {
			if !s.knows(identity) {
				return &ocpp.AccessError{Status: http.StatusForbidden, Reason: "this station is not known here: let a person approve it"}
			}
			return admit(r, identity)
		},
		Refused: s.note,
	})
	return s, err
}

// note counts what was refused against the station that sent it.
func (s *Stations) note(identity string, _ error) {
	if link := s.link(identity); link != nil {
		link.tally.garbage()
	}
}

// knows reports whether an identity belongs to an outlet, and remembers those that do not.
func (s *Stations) knows(identity string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if _, ok := s.known[identity]; ok {
		return true
	}
	if len(s.refused) < maximumUnknown {
		s.refused[identity] = true
	}
	return false
}

func (s *Stations) link(identity string) *stationLink {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if i, ok := s.known[identity]; ok {
		return s.links[i]
	}
	return nil
}

// enter binds a connection to its outlet for its life; nil when its station is not, or no longer, known.
func (s *Stations) enter(station *ocpp.Station) *stationLink {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	i, ok := s.known[station.Identity()]
	if !ok {
		return nil
	}
	s.serving[station] = s.links[i]
	return s.links[i]
}

// served is the outlet to which a connection is bound.
func (s *Stations) served(station *ocpp.Station) *stationLink {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.serving[station]
}

// leave ends the binding.
func (s *Stations) leave(station *ocpp.Station) *stationLink {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	l := s.serving[station]
	delete(s.serving, station)
	return l
}

// Unknown are the identities that asked for entry and are not known, sorted.
func (s *Stations) Unknown() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	list := make([]string, 0, len(s.refused))
	for name := range s.refused {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// Approve makes a station that of an outlet, in place of the one before: a person has looked at it.
func (s *Stations) Approve(identity string, outlet bess.OutletID) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if int(outlet) < 0 || int(outlet) >= len(s.links) {
		return fmt.Errorf("approving station %q: there is no outlet %d", identity, outlet+1)
	}
	if at, ok := s.known[identity]; ok && at != int(outlet) {
		return fmt.Errorf("approving station %q: it already is that of outlet %d", identity, at+1)
	}
	for name, at := range s.known {
		if at == int(outlet) && name != identity {
			delete(s.known, name)
			if old, ok := s.central.Station(name); ok {
				old.Close()
			}
		}
	}
	s.known[identity] = int(outlet)
	delete(s.refused, identity)
	return nil
}

// ServeHTTP is the stations' door.
func (s *Stations) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.central.ServeHTTP(w, r) }

// Run keeps the door open until ctx ends; then every connection is closed and nothing of it is left.
func (s *Stations) Run(ctx context.Context) error {
	<-ctx.Done()
	s.central.Close()
	s.working.Wait()
	return ctx.Err()
}

// Sense copies the newest readings. While a station is away its readings only grow older.
func (s *Stations) Sense(snap *bess.Snapshot, now bess.Instant) {
	for i, l := range s.links {
		if i < len(snap.Outlets) {
			l.sense(&snap.Outlets[i], now)
		}
	}
}

// Obey leaves the newest orders.
func (s *Stations) Obey(c *bess.Commands, now bess.Instant) {
	for i, l := range s.links {
		if i < len(c.Outlets) {
			l.obey(c.Outlets[i], now)
		}
	}
}

// Watchdog is the duration of the profiles: the longest of all outlets.
func (s *Stations) Watchdog() (bess.Span, bool) {
	span := bess.Span(0)
	for _, l := range s.links {
		span = max(span, l.outlet.Hold)
	}
	return span, true
}

// Status is how the connection of one outlet fares.
func (s *Stations) Status(outlet bess.OutletID) Status {
	if int(outlet) < 0 || int(outlet) >= len(s.links) {
		return Status{}
	}
	return s.links[outlet].tally.read()
}

// nextVisit is a new transaction number.
func (s *Stations) nextVisit() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.visit++
	return s.visit
}

// may is the local policy about a tag at an outlet.
func (s *Stations) may(outlet int, tag string) v16.IDTagInfo {
	if s.options.Authorize == nil || s.options.Authorize(bess.OutletID(outlet), tag) {
		return v16.IDTagInfo{Status: v16.AuthorizationStatusAccepted}
	}
	return v16.IDTagInfo{Status: v16.AuthorizationStatusInvalid}
}
