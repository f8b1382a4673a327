package ocpp_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"reprise/wire/ocpp"
)

// echoRequest and echoResponse are the only messages of two made-up versions.
type echoRequest struct {
	Text   string `json:"text"`
	Number *int   `json:"number,omitempty"`
}

func (echoRequest) Action() string       { return "Echo" }
func (echoRequest) Reply() *echoResponse { return new(echoResponse) }

type echoResponse struct {
	Version string `json:"version"`
}

func (echoResponse) Answers() string { return "Echo" }

// version is a table of one message. The old one spells and ignores like 1.6, the new one like 2.0.1.
func version(name string, old bool) *ocpp.Protocol {
	spelling := map[ocpp.Code]string{}
	if old {
		spelling = map[ocpp.Code]string{
			ocpp.FormatViolation: "FormationViolation", ocpp.FrameworkError: "FormationViolation", ocpp.MessageTypeNotSupported: "",
		}
	}
	return ocpp.NewProtocol(name, []ocpp.Action{{
		Name: "Echo", From: ocpp.StationSide | ocpp.CentralSide,
		Request:     ocpp.OpenObject(ocpp.Required("text", ocpp.Text(5)), ocpp.Optional("number", ocpp.IntegerWithin(0, 9))),
		Response:    ocpp.Object(ocpp.Required("version", ocpp.Text(0))),
		NewRequest:  func() ocpp.Request { return new(echoRequest) },
		NewResponse: func() ocpp.Response { return new(echoResponse) },
	}}, nil, spelling)
}

// echoes answers with the version of the connection.
type echoes struct{}

func (echoes) Connected(*ocpp.Station)           {}
func (echoes) Disconnected(*ocpp.Station, error) {}
func (echoes) Handle(_ context.Context, station *ocpp.Station, _ ocpp.Request) (ocpp.Response, error) {
	return echoResponse{Version: station.Protocol()}, nil
}
func (echoes) Answered(context.Context, *ocpp.Station, ocpp.Request, ocpp.Response) {}

func serveEchoes(t *testing.T) (*ocpp.Memory, *ocpp.Central, func()) {
	t.Helper()
	central, err := ocpp.NewCentral(ocpp.CentralOptions{
		Protocols: []*ocpp.Protocol{version("new", false), version("old", true)}, Handler: echoes{},
	})
	if err != nil {
		t.Fatal(err)
	}
	network := ocpp.NewMemory("127.0.0.1")
	mux := http.NewServeMux()
	mux.Handle("/ocpp/{station}", central)
	stop := network.Serve(mux)
	return network, central, func() {
		central.Close()
		stop()
	}
}

// TestTwoVersions: one endpoint serves both tables at once, and prefers its own order where a station offers both.
func TestTwoVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, _, stop := serveEchoes(t)
		defer stop()
		for _, test := range []struct {
			offers []*ocpp.Protocol
			want   string
		}{
			{[]*ocpp.Protocol{version("old", true)}, "old"},
			{[]*ocpp.Protocol{version("new", false)}, "new"},
			{[]*ocpp.Protocol{version("old", true), version("new", false)}, "new"},
		} {
			point, err := ocpp.Connect(t.Context(), ocpp.PointOptions{
				URL: "ws://central/ocpp/", Identity: "CP-" + test.want, Protocols: test.offers, Client: network.Client(),
				Handle: func(context.Context, *ocpp.Point, ocpp.Request) (ocpp.Response, error) {
					return nil, ocpp.Refuse(ocpp.NotSupported, "no")
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			answer, err := ocpp.Ask(t.Context(), point, echoRequest{Text: "hello", Number: new(9)})
			if err != nil || answer.Version != test.want || point.Protocol() != test.want {
				t.Errorf("%d offers: %+v, %v; want %s", len(test.offers), answer, err, test.want)
			}
			if _, err := ocpp.Ask(t.Context(), point, echoRequest{Text: "hello", Number: new(10)}); err == nil {
				t.Error("a number outside its bounds left")
			}
			point.Close()
		}
	})
}

// TestVersionsRefuseInTheirOwnWords: the same nonsense, two spellings.
func TestVersionsRefuseInTheirOwnWords(t *testing.T) {
	cases := []struct{ text, old, young string }{
		{`nonsense`, ``, `[4,"-1","RpcFrameworkError"`},
		{`[2,7,"Echo",{}]`, ``, `[4,"-1","RpcFrameworkError"`},
		{`[9,"a",{}]`, ``, `[4,"a","MessageTypeNotSupported"`},
		{`[2,"b","Echo"]`, `[4,"b","FormationViolation"`, `[4,"b","FormatViolation"`},
		{`[2,"c","Echo",{"text":"a","customData":{}}]`, `[3,"c",{"version":"old"}]`, `[3,"c",{"version":"new"}]`},
		{`[2,"d","Ohce",{}]`, `[4,"d","NotImplemented"`, `[4,"d","NotImplemented"`},
		{`[3,8]`, ``, ``},
	}
	synctest.Test(t, func(t *testing.T) {
		network, _, stop := serveEchoes(t)
		defer stop()
		for _, name := range []string{"old", "new"} {
			socket, _, err := websocket.Dial(t.Context(), "ws://central/ocpp/CP-"+name, &websocket.DialOptions{
				HTTPClient: network.Client(), Subprotocols: []string{name},
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, test := range cases {
				want := test.young
				if name == "old" {
					want = test.old
				}
				if err := socket.Write(t.Context(), websocket.MessageText, []byte(test.text)); err != nil {
					t.Fatal(err)
				}
				if want == "" {
					continue // what comes next shows that there was no answer
				}
				_, answer, err := socket.Read(t.Context())
				if err != nil || !strings.HasPrefix(string(answer), want) {
					t.Errorf("%s: %s was answered with %s, %v; want %s", name, test.text, answer, err, want)
				}
			}
			_ = socket.CloseNow()
		}
	})
}

// TestCloseIsFinal: after Close nothing is connected, later handshakes are refused, and everybody was told.
func TestCloseIsFinal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, central, stop := serveEchoes(t)
		defer stop()
		options := ocpp.PointOptions{
			URL: "ws://central/ocpp", Identity: "CP-1", Protocols: []*ocpp.Protocol{version("new", false)}, Client: network.Client(),
			Handle: func(context.Context, *ocpp.Point, ocpp.Request) (ocpp.Response, error) { return nil, nil },
		}
		point, err := ocpp.Connect(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		began := time.Now()
		central.Close()
		if passed := time.Since(began); passed > 2*time.Second {
			t.Errorf("closing took %v", passed)
		}
		<-point.Done()
		point.Close()
		for range central.Stations {
			t.Error("a station is still connected")
		}
		if _, err := ocpp.Connect(t.Context(), options); err == nil || !strings.Contains(err.Error(), "503") {
			t.Errorf("after closing a station got %v", err)
		}
	})
}

// TestIncompleteOptions are refused with words.
func TestIncompleteOptions(t *testing.T) {
	if _, err := ocpp.NewCentral(ocpp.CentralOptions{}); err == nil {
		t.Error("a central system without a protocol was made")
	}
	if _, err := ocpp.Connect(t.Context(), ocpp.PointOptions{}); err == nil {
		t.Error("a station without a protocol connected")
	}
}
