package v16_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// central is a central system for tests: it records what happens and answers Core requests.
type central struct {
	t       *testing.T
	system  *ocpp.Central
	network *ocpp.Memory
	stop    func()

	mu        sync.Mutex
	events    []string
	requests  []ocpp.Request
	refusals  []error
	reply     func(ctx context.Context, station *ocpp.Station, request ocpp.Request) (ocpp.Response, error)
	then      func(ctx context.Context, station *ocpp.Station, request ocpp.Request)
	connected chan *ocpp.Station
}

func newCentral(t *testing.T, change func(*ocpp.CentralOptions)) *central {
	t.Helper()
	c := &central{t: t, network: ocpp.NewMemory("127.0.0.1"), connected: make(chan *ocpp.Station, 2000)}
	options := ocpp.CentralOptions{
		Protocols: []*ocpp.Protocol{v16.Protocol()}, Handler: c,
		Refused: func(_ string, what error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.refusals = append(c.refusals, what)
		},
	}
	if change != nil {
		change(&options)
	}
	system, err := ocpp.NewCentral(options)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/ocpp/{station}", system)
	c.system, c.stop = system, c.network.Serve(mux)
	return c
}

func (c *central) close() {
	c.system.Close()
	c.stop()
}

func (c *central) note(event string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, event)
}

func (c *central) noted() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.events...)
}

func (c *central) Connected(station *ocpp.Station) {
	c.note("connected " + station.Identity())
	c.connected <- station
}

func (c *central) Disconnected(station *ocpp.Station, why error) {
	reason := "disconnected "
	if errors.Is(why, ocpp.ErrReplaced) {
		reason = "replaced "
	}
	c.note(reason + station.Identity())
}

func (c *central) Handle(ctx context.Context, station *ocpp.Station, request ocpp.Request) (ocpp.Response, error) {
	c.mu.Lock()
	c.requests = append(c.requests, request)
	reply := c.reply
	c.mu.Unlock()
	c.note(request.Action())
	if reply != nil {
		if response, err := reply(ctx, station, request); response != nil || err != nil {
			return response, err
		}
	}
	return coreAnswer(request)
}

func (c *central) Answered(ctx context.Context, station *ocpp.Station, request ocpp.Request, _ ocpp.Response) {
	if c.then != nil {
		c.then(ctx, station, request)
	}
}

func coreAnswer(request ocpp.Request) (ocpp.Response, error) {
	accepted := v16.IDTagInfo{Status: v16.AuthorizationStatusAccepted}
	switch request.(type) {
	case *v16.BootNotificationRequest:
		return v16.BootNotificationResponse{
			Status: v16.RegistrationStatusAccepted, CurrentTime: ocpp.At(time.Now()), Interval: 300,
		}, nil
	case *v16.AuthorizeRequest:
		return v16.AuthorizeResponse{IDTagInfo: accepted}, nil
	case *v16.HeartbeatRequest:
		return v16.HeartbeatResponse{CurrentTime: ocpp.At(time.Now())}, nil
	case *v16.StartTransactionRequest:
		return v16.StartTransactionResponse{IDTagInfo: accepted, TransactionID: 17}, nil
	case *v16.MeterValuesRequest:
		return v16.MeterValuesResponse{}, nil
	case *v16.StatusNotificationRequest:
		return v16.StatusNotificationResponse{}, nil
	case *v16.StopTransactionRequest:
		return v16.StopTransactionResponse{}, nil
	}
	return nil, ocpp.Refuse(ocpp.NotSupported, "%s is not done here", request.Action())
}

// station returns the next station that connects.
func (c *central) station() *ocpp.Station {
	c.t.Helper()
	select {
	case station := <-c.connected:
		return station
	case <-time.After(time.Minute):
		c.t.Fatal("no station connected within a minute")
		return nil
	}
}

// pointOptions connects a station that refuses every call.
func (c *central) pointOptions(identity string) ocpp.PointOptions {
	return ocpp.PointOptions{
		URL: "ws://central/ocpp", Identity: identity, Protocols: []*ocpp.Protocol{v16.Protocol()},
		Client: c.network.Client(),
		Handle: func(_ context.Context, _ *ocpp.Point, request ocpp.Request) (ocpp.Response, error) {
			return nil, ocpp.Refuse(ocpp.NotSupported, "%s is not done here", request.Action())
		},
	}
}

// connect makes a point and fails the test when it cannot.
func connect(t *testing.T, options ocpp.PointOptions) *ocpp.Point {
	t.Helper()
	point, err := ocpp.Connect(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	return point
}

// ask is ocpp.Ask that fails the test.
func ask[A any](t *testing.T, to ocpp.Caller, question interface {
	ocpp.Request
	Reply() *A
}) *A {
	t.Helper()
	answer, err := ocpp.Ask(t.Context(), to, question)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}
