package v16_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// overLoopback serves the central system on a real socket and connects stations to it.
func overLoopback(tb testing.TB, c *central, stations int) []*ocpp.Point {
	tb.Helper()
	mux := http.NewServeMux()
	mux.Handle("/ocpp/{station}", c.system)
	server := httptest.NewServer(mux)
	transport := &http.Transport{DisableKeepAlives: true}
	options := c.pointOptions("")
	options.URL, options.Client = strings.Replace(server.URL, "http", "ws", 1)+"/ocpp", &http.Client{Transport: transport}
	points := make([]*ocpp.Point, stations)
	for n := range points {
		options.Identity = fmt.Sprintf("CP-%d", n)
		point, err := ocpp.Connect(context.Background(), options)
		if err != nil {
			tb.Fatal(err)
		}
		points[n] = point
	}
	tb.Cleanup(func() {
		c.close()
		for _, point := range points {
			point.Close()
		}
		server.Close()
	})
	return points
}

// TestOverLoopback has forty stations and the central system talk in both directions at once over real sockets; under the
// race detector it is the proof that connections share nothing unguarded.
func TestOverLoopback(t *testing.T) {
	c := newCentral(t, nil)
	points := overLoopback(t, c, 40)
	for range points {
		c.station() // a station may know of its connection before the central system does
	}
	var talking sync.WaitGroup
	for n, point := range points {
		talking.Go(func() {
			for range 20 {
				if _, err := point.Call(t.Context(), v16.HeartbeatRequest{}); err != nil {
					t.Errorf("station %d: %v", n, err)
				}
			}
		})
		talking.Go(func() {
			station, there := c.system.Station(fmt.Sprintf("CP-%d", n))
			if !there {
				t.Errorf("station %d is not connected", n)
				return
			}
			for range 20 {
				if _, err := station.Call(t.Context(), v16.ClearCacheRequest{}); err == nil || !strings.Contains(err.Error(), "NotSupported") {
					t.Errorf("station %d answered with %v", n, err)
				}
			}
		})
	}
	talking.Wait()
	if counts := c.system.Counters(); counts.Calls != 800 || counts.ErrorAnswers != 800 || counts.Malformed+counts.Timeouts != 0 {
		t.Errorf("counted %+v", counts)
	}
}

// BenchmarkLoopback is a checked heartbeat and its checked answer over real sockets, from fifty stations at once; both ends
// are in this process.
func BenchmarkLoopback(b *testing.B) {
	c := newQuietCentral(b)
	points := overLoopback(b, c, 50)
	b.ReportAllocs()
	b.ResetTimer()
	began := time.Now()
	var talking sync.WaitGroup
	for n, point := range points {
		share := b.N / len(points)
		if n < b.N%len(points) {
			share++
		}
		talking.Go(func() {
			for range share {
				if _, err := point.Call(context.Background(), v16.HeartbeatRequest{}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	talking.Wait()
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "requests/s")
}

// quiet answers without keeping anything.
type quiet struct{}

func (quiet) Connected(*ocpp.Station)           {}
func (quiet) Disconnected(*ocpp.Station, error) {}
func (quiet) Handle(_ context.Context, _ *ocpp.Station, request ocpp.Request) (ocpp.Response, error) {
	return coreAnswer(request)
}
func (quiet) Answered(context.Context, *ocpp.Station, ocpp.Request, ocpp.Response) {}

func newQuietCentral(b *testing.B) *central {
	system, err := ocpp.NewCentral(ocpp.CentralOptions{Protocols: []*ocpp.Protocol{v16.Protocol()}, Handler: quiet{}})
	if err != nil {
		b.Fatal(err)
	}
	return &central{system: system, network: ocpp.NewMemory("127.0.0.1"), stop: func() {}}
}
