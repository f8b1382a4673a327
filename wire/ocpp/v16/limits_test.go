package v16_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// TestHandshakes are refused with a reason in words.
func TestHandshakes(t *testing.T) {
	password := func(identity, password string) bool { return identity == "CP-1" && password == "secret" }
	cases := []struct {
		name     string
		peer     string
		check    func(identity, password string) bool
		identity string
		user     string
		password string
		version  string
		status   int
		says     string
	}{
		{"wrong version", "127.0.0.1", nil, "CP-1", "", "", "ocpp2.0.1", 400, "must offer one of: ocpp1.6"},
		{"no version", "127.0.0.1", nil, "CP-1", "", "", "", 400, "must offer one of: ocpp1.6"},
		{"odd identity", "127.0.0.1", nil, "CP%201", "", "", "ocpp1.6", 404, "identity"},
		{"long identity", "127.0.0.1", nil, strings.Repeat("x", 49), "", "", "ocpp1.6", 404, "identity"},
		{"this machine", "127.0.0.1", password, "CP-1", "", "", "ocpp1.6", 101, ""},
		{"several versions", "::1", password, "CP-1", "", "", "ocpp2.1, ocpp1.6", 101, ""},
		{"elsewhere, none configured", "192.0.2.7", nil, "CP-1", "CP-1", "secret", "ocpp1.6", 403, "this machine only"},
		{"elsewhere, none given", "192.0.2.7", password, "CP-1", "", "", "ocpp1.6", 401, "basic authentication"},
		{"elsewhere, wrong", "192.0.2.7", password, "CP-1", "CP-1", "guess", "ocpp1.6", 401, "basic authentication"},
		{"elsewhere, another's", "192.0.2.7", password, "CP-2", "CP-1", "secret", "ocpp1.6", 401, "basic authentication"},
		{"elsewhere, right", "192.0.2.7", password, "CP-1", "CP-1", "secret", "ocpp1.6", 101, ""},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCentral(t, func(o *ocpp.CentralOptions) { o.Admit = ocpp.PasswordCheck(test.check) })
				defer c.close()
				c.network.SetPeer(test.peer)
				header := http.Header{}
				if test.user != "" {
					request := http.Request{Header: header}
					request.SetBasicAuth(test.user, test.password)
				}
				socket, answer, err := websocket.Dial(t.Context(), "ws://central/ocpp/"+test.identity, &websocket.DialOptions{
					HTTPClient: c.network.Client(), HTTPHeader: header, Subprotocols: []string{test.version},
				})
				if err == nil {
					defer socket.CloseNow()
				}
				if answer.StatusCode != test.status {
					t.Fatalf("answered with %d (%v), want %d", answer.StatusCode, err, test.status)
				}
				if test.status == 101 {
					return
				}
				body := make([]byte, 500)
				n, _ := answer.Body.Read(body)
				if !strings.Contains(string(body[:n]), test.says) {
					t.Errorf("said %q, want %q in it", body[:n], test.says)
				}
				counts := c.system.Counters()
				if counts.RefusedAccess+counts.RefusedName+counts.RefusedVersion != 1 {
					t.Errorf("counted %+v", counts)
				}
			})
		})
	}
}

// TestPointHearsWhy: the station's side turns a refused handshake into its status and words.
func TestPointHearsWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, func(o *ocpp.CentralOptions) { o.Stations = 1 })
		defer c.close()
		defer connect(t, c.pointOptions("CP-1")).Close()
		_, err := ocpp.Connect(t.Context(), c.pointOptions("CP-2"))
		var refusal *ocpp.AccessError
		if !errors.As(err, &refusal) || refusal.Status != http.StatusServiceUnavailable || !strings.Contains(refusal.Reason, "room") {
			t.Errorf("the second of one station got %v", err)
		}
		if c.system.Counters().RefusedRoom != 1 {
			t.Errorf("counted %+v", c.system.Counters())
		}
	})
}

// TestSilence ends a connection whose other side is gone without a word, and keeps one that only answers pings.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, nil)
		defer c.close()
		quiet := connect(t, c.pointOptions("CP-quiet"))
		defer quiet.Close()
		gone := c.raw("CP-gone") // never reads, so it answers no ping
		defer gone.socket.CloseNow()
		time.Sleep(119 * time.Second)
		if _, there := c.system.Station("CP-gone"); !there {
			t.Error("ended before its time")
		}
		time.Sleep(10 * time.Minute)
		if _, there := c.system.Station("CP-gone"); there {
			t.Error("a station that answers no ping is still connected")
		}
		if _, there := c.system.Station("CP-quiet"); !there {
			t.Error("a station that answers pings was disconnected")
		}
		counts := c.system.Counters()
		if counts.Silent+counts.Stuck != 1 {
			t.Errorf("counted %+v", counts)
		}
	})
}

// TestOneSlot: a station gets one call at a time, and no more wait than allowed.
func TestOneSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, func(o *ocpp.CentralOptions) { o.Limits.Waiting = 4 })
		defer c.close()
		active, most := 0, 0
		options := c.pointOptions("CP-1")
		options.Handle = func(context.Context, *ocpp.Point, ocpp.Request) (ocpp.Response, error) {
			active++
			most = max(most, active)
			time.Sleep(time.Second)
			active--
			return v16.ClearCacheResponse{Status: v16.ClearCacheStatusAccepted}, nil
		}
		point := connect(t, options)
		defer point.Close()
		station := c.station()
		results := make(chan error, 6)
		for range 6 {
			go func() {
				_, err := station.Call(t.Context(), v16.ClearCacheRequest{})
				results <- err
			}()
		}
		busy, fine := 0, 0
		for range 6 {
			switch err := <-results; {
			case errors.Is(err, ocpp.ErrBusy):
				busy++
			case err == nil:
				fine++
			}
		}
		if busy != 2 || fine != 4 || most != 1 {
			t.Errorf("%d turned away, %d answered, %d at once; want 2, 4, 1", busy, fine, most)
		}
	})
}

// TestNothingWasSent: a caller that never got the slot knows that the station heard nothing.
func TestNothingWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, nil)
		defer c.close()
		raw := c.raw("CP-1")
		defer raw.socket.CloseNow()
		station := c.station()
		first := make(chan error, 1)
		go func() {
			_, err := station.Call(t.Context(), v16.ClearCacheRequest{})
			first <- err
		}()
		raw.next()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := station.Call(ctx, v16.ResetRequest{Type: v16.ResetTypeHard})
		if !errors.Is(err, ocpp.ErrBusy) || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ocpp.ErrTimeout) {
			t.Errorf("the second call ended with %v", err)
		}
		if err := <-first; !errors.Is(err, ocpp.ErrTimeout) {
			t.Errorf("the first call ended with %v", err)
		}
		if counts := c.system.Counters(); counts.CallsMade != 1 || counts.Timeouts != 1 {
			t.Errorf("counted %+v", counts)
		}
	})
}

// TestFlood: calls beyond the queue are refused, and a station that never reads the refusals is disconnected.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, nil)
		defer c.close()
		c.reply = func(ctx context.Context, _ *ocpp.Station, _ ocpp.Request) (ocpp.Response, error) {
			<-ctx.Done() // a handler that hangs, and returns when told to
			return nil, ctx.Err()
		}
		raw := c.raw("CP-1")
		defer raw.socket.CloseNow()
		for n := range 300 {
			err := raw.socket.Write(t.Context(), websocket.MessageText, fmt.Appendf(nil, `[2,"%d","Heartbeat",{}]`, n))
			if err != nil {
				break
			}
		}
		time.Sleep(time.Minute)
		counts := c.system.Counters()
		if _, there := c.system.Station("CP-1"); there || counts.Flooded != 1 || counts.QueueFull < 16 {
			t.Errorf("still there: %v, counted %+v", there, counts)
		}
	})
}

// TestStuckSocket: callers get their timeouts at the deadline even when nothing more goes into the socket, calls that were
// given up do not leave later, and the connection ends.
func TestStuckSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, nil)
		defer c.close()
		raw := c.raw("CP-1") // never reads
		defer raw.socket.CloseNow()
		station := c.station()
		for n := range 80 {
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			_, err := station.Call(ctx, v16.ClearCacheRequest{})
			cancel()
			if passed := time.Since(began); !errors.Is(err, ocpp.ErrTimeout) || passed != 100*time.Millisecond {
				t.Fatalf("call %d ended after %v with %v", n, passed, err)
			}
		}
		<-station.Done()
		if _, err := station.Call(t.Context(), v16.ClearCacheRequest{}); !errors.Is(err, ocpp.ErrDisconnected) || !errors.Is(err, ocpp.ErrStuck) {
			t.Errorf("a call over the stuck connection ended with %v", err)
		}
		if counts := c.system.Counters(); counts.Stuck != 1 || counts.Timeouts != 80 {
			t.Errorf("counted %+v", counts)
		}
	})
}

// TestHandlerFails: what goes wrong inside is refused without telling the inside, wrong answers never leave.
func TestHandlerFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, nil)
		defer c.close()
		answers := []func() (ocpp.Response, error){
			func() (ocpp.Response, error) { return nil, errors.New("disk full at sector 7") },
			func() (ocpp.Response, error) { return v16.AuthorizeResponse{}, nil },
			func() (ocpp.Response, error) { return v16.HeartbeatResponse{}, nil },
			func() (ocpp.Response, error) { return nil, ocpp.Refuse(ocpp.SecurityError, "not you") },
		}
		want := []string{"InternalError", "InternalError", "", "SecurityError: not you"}
		turn := 0
		c.reply = func(context.Context, *ocpp.Station, ocpp.Request) (ocpp.Response, error) { return answers[turn]() }
		point := connect(t, c.pointOptions("CP-1"))
		defer point.Close()
		for turn = range answers {
			_, err := point.Call(t.Context(), v16.HeartbeatRequest{})
			if want[turn] == "" {
				if err != nil {
					t.Errorf("answer %d: %v", turn, err)
				}
				continue
			}
			if err == nil || !strings.Contains(err.Error(), want[turn]) || strings.Contains(err.Error(), "disk") {
				t.Errorf("answer %d arrived as %v, want %s", turn, err, want[turn])
			}
		}
		if counts := c.system.Counters(); counts.FailedHandlers != 2 {
			t.Errorf("counted %+v", counts)
		}
		if _, err := point.Call(t.Context(), v16.AuthorizeRequest{IDTag: strings.Repeat("x", 21)}); err == nil {
			t.Error("an invalid call left")
		}
		if _, err := point.Call(t.Context(), v16.ResetRequest{Type: v16.ResetTypeHard}); err == nil {
			t.Error("a station sent Reset")
		}
	})
}

// TestAnsweredFollows: a call made from Answered reaches the station after the answer.
func TestAnsweredFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, nil)
		defer c.close()
		c.then = func(ctx context.Context, station *ocpp.Station, request ocpp.Request) {
			if _, boot := request.(*v16.BootNotificationRequest); boot {
				_, _ = station.Call(ctx, v16.ClearCacheRequest{})
			}
		}
		raw := c.raw("CP-1")
		defer raw.socket.CloseNow()
		raw.send(`[2,"b","BootNotification",{"chargePointVendor":"v","chargePointModel":"m"}]`)
		first, second := raw.next(), raw.next()
		if !strings.HasPrefix(first, `[3,"b",`) || !strings.Contains(second, "ClearCache") {
			t.Errorf("the station got %s and then %s", first, second)
		}
	})
}

// TestWrongAnswers end their call at once with a clear error.
func TestWrongAnswers(t *testing.T) {
	cases := []struct {
		answer string
		want   error
		words  string
	}{
		{`[3,%s,{}]`, ocpp.ErrInvalidAnswer, "status: the field is required"},
		{`[3,%s,{"status":"Perhaps"}]`, ocpp.ErrInvalidAnswer, "not one of the allowed values"},
		{`[3,%s]`, ocpp.ErrInvalidAnswer, "entries"},
		{`[4,%s,"OccurenceConstraintViolation","no",{}]`, nil, "OccurrenceConstraintViolation: no"},
		{`[4,%s,"FormationViolation","",{}]`, nil, "FormatViolation"},
		{`[4,%s,7,"",{}]`, ocpp.ErrInvalidAnswer, "error code"},
	}
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, nil)
		defer c.close()
		raw := c.raw("CP-1")
		defer raw.socket.CloseNow()
		station := c.station()
		for _, test := range cases {
			failed := make(chan error, 1)
			go func() {
				_, err := station.Call(t.Context(), v16.ClearCacheRequest{})
				failed <- err
			}()
			raw.send(fmt.Sprintf(test.answer, strings.Split(raw.next(), ",")[1]))
			err := <-failed
			if err == nil || test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.words) {
				t.Errorf("%s ended the call with %v", test.answer, err)
			}
		}
	})
}
