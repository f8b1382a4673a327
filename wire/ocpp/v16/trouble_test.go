package v16_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// rawStation is a station below the engine: it sends and reads text as it is.
type rawStation struct {
	t      *testing.T
	socket *websocket.Conn
}

func (c *central) raw(identity string) *rawStation {
	c.t.Helper()
	socket, _, err := websocket.Dial(c.t.Context(), "ws://central/ocpp/"+identity, &websocket.DialOptions{
		HTTPClient: c.network.Client(), Subprotocols: []string{v16.Name},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	socket.SetReadLimit(1 << 20)
	return &rawStation{c.t, socket}
}

func (r *rawStation) send(text string) {
	r.t.Helper()
	if err := r.socket.Write(r.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		r.t.Fatalf("sending %.80s: %v", text, err)
	}
}

// next returns the next message, "" when there is none for a minute.
func (r *rawStation) next() string {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	_, text, err := r.socket.Read(ctx)
	if err != nil {
		return ""
	}
	return string(text)
}

// TestSilentStations has one call to each of many stations that read and never answer. Every caller gets its timeout at the
// deadline, and a station that does answer is not held up meanwhile.
func TestSilentStations(t *testing.T) {
	for _, count := range []int{9, 300} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { silentStations(t, count) })
		})
	}
}

func silentStations(t *testing.T, count int) {
	c := newCentral(t, nil)
	defer c.close()
	silent := make(chan struct{})
	options := c.pointOptions("")
	options.Handle = func(ctx context.Context, _ *ocpp.Point, _ ocpp.Request) (ocpp.Response, error) {
		select {
		case <-silent:
		case <-ctx.Done():
		}
		return v16.ResetResponse{Status: v16.ResetStatusAccepted}, nil
	}
	var points []*ocpp.Point
	for n := range count {
		options.Identity = fmt.Sprintf("CP-%d", n)
		points = append(points, connect(t, options))
	}
	options.Identity = "CP-awake"
	options.Handle = func(context.Context, *ocpp.Point, ocpp.Request) (ocpp.Response, error) {
		return v16.ResetResponse{Status: v16.ResetStatusAccepted}, nil
	}
	points = append(points, connect(t, options))
	defer func() {
		close(silent)
		for _, point := range points {
			point.Close()
		}
	}()
	synctest.Wait()

	began := time.Now()
	var calls sync.WaitGroup
	var mu sync.Mutex
	timeouts := 0
	for n := range count {
		station, _ := c.system.Station(fmt.Sprintf("CP-%d", n))
		calls.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := station.Call(ctx, v16.ResetRequest{Type: v16.ResetTypeSoft})
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, ocpp.ErrTimeout) && time.Since(began) == time.Second {
				timeouts++
			}
		})
	}
	synctest.Wait()
	awake, _ := c.system.Station("CP-awake")
	ask(t, awake, v16.ResetRequest{Type: v16.ResetTypeSoft})
	if passed := time.Since(began); passed != 0 {
		t.Errorf("the station that answers was held up for %v", passed)
	}
	calls.Wait()
	if timeouts != count {
		t.Errorf("%d timeouts at the deadline, want %d", timeouts, count)
	}
	if got := c.system.Counters().Timeouts; got != uint64(count) {
		t.Errorf("%d timeouts counted, want %d", got, count)
	}
}

// TestLateAnswer: after a timeout the same connection still carries calls; the late answer is dropped and counted.
func TestLateAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, nil)
		defer c.close()
		raw := c.raw("CP-1")
		defer raw.socket.CloseNow()
		station := c.station()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		failed := make(chan error, 1)
		go func() {
			_, err := station.Call(ctx, v16.ClearCacheRequest{})
			failed <- err
		}()
		first := raw.next()
		if err := <-failed; !errors.Is(err, ocpp.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("the silent call ended with %v", err)
		}
		answerTo := func(call string) string {
			return fmt.Sprintf(`[3,%s,{"status":"Accepted"}]`, strings.Split(call, ",")[1])
		}
		raw.send(answerTo(first))
		go func() {
			_, err := station.Call(t.Context(), v16.ClearCacheRequest{})
			failed <- err
		}()
		second := raw.next()
		raw.send(answerTo(first)) // once more, while another call is outstanding
		raw.send(answerTo(second))
		if err := <-failed; err != nil {
			t.Errorf("the call after a timeout: %v", err)
		}
		if counts := c.system.Counters(); counts.UnmatchedAnswers != 2 || counts.Timeouts != 1 {
			t.Errorf("counted %+v", counts)
		}
	})
}

// TestNonsense sends what no station should and then charges normally.
func TestNonsense(t *testing.T) {
	cases := []struct{ text, answer string }{
		{``, ``},
		{`hello`, ``},
		{`{}`, ``},
		{`[]`, ``},
		{`[2]`, ``},
		{`[2,7,"Heartbeat",{}]`, ``},
		{`[2,"","Heartbeat",{}]`, ``},
		{`["2","a","Heartbeat",{}]`, ``},
		{`[2,"0123456789012345678901234567890123456","Heartbeat",{}]`, ``},
		{`[5,"a",{}]`, ``},
		{`[3,"a",{}]`, ``},
		{`[4,"a","GenericError","",{}]`, ``},
		{`[4,"a"]`, ``},
		{"[2,\"\xff\",\"Heartbeat\",{}]", ``},
		{strings.Repeat("[", 20000), ``},
		{`[2,"a"]`, `[4,"a","FormationViolation"`},
		{`[2,"b","Heartbeat"]`, `[4,"b","FormationViolation"`},
		{`[2,"c","Heartbeat",{},{}]`, `[4,"c","FormationViolation"`},
		{`[2,"d",7,{}]`, `[4,"d","FormationViolation"`},
		{`[2,"e","Frobnicate",{}]`, `[4,"e","NotImplemented"`},
		{`[2,"f","Reset",{"type":"Soft"}]`, `[4,"f","NotSupported"`},
		{`[2,"g","SignCertificate",{"csr":"x"}]`, `[4,"g","NotSupported"`},
		{`[2,"h","Authorize",{}]`, `[4,"h","OccurenceConstraintViolation","idTag: `},
		{`[2,"i","Authorize",{"idTag":7}]`, `[4,"i","TypeConstraintViolation","idTag: `},
		{`[2,"j","Authorize",{"idTag":null}]`, `[4,"j","TypeConstraintViolation","idTag: `},
		{`[2,"k","Authorize",{"idTag":"123456789012345678901"}]`, `[4,"k","PropertyConstraintViolation","idTag: `},
		{`[2,"l","Authorize",{"idTag":"a","IdTag":"b"}]`, `[4,"l","FormationViolation"`},
		{`[2,"m","Authorize",{"idTag":"a","idTag":"b"}]`, `[4,"m","FormationViolation"`},
		{`[2,"n","Authorize",[]]`, `[4,"n","TypeConstraintViolation"`},
		{`[2,"o","Heartbeat",{}]`, `[3,"o",{"currentTime":"2000-01-01T00:00:00.000Z"}]`},
	}
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, nil)
		defer c.close()
		raw := c.raw("CP-1")
		defer raw.socket.CloseNow()
		if err := raw.socket.Write(t.Context(), websocket.MessageBinary, []byte(`[2,"z","Heartbeat",{}]`)); err != nil {
			t.Fatal(err)
		}
		for _, test := range cases {
			raw.send(test.text)
			if test.answer == "" {
				continue
			}
			if got := raw.next(); !strings.HasPrefix(got, test.answer) {
				t.Errorf("%.60s was answered with\n%s, want\n%s", test.text, got, test.answer)
			}
		}
		want := ocpp.Counters{
			Connections: 1, Binary: 1, Malformed: 17, UnmatchedAnswers: 3, Calls: 11,
			UnknownActions: 1, UnsupportedCalls: 2, InvalidCalls: 7,
		}
		if got := c.system.Counters(); got != want {
			t.Errorf("counted\n%+v, want\n%+v", got, want)
		}
	})
}

// TestOversize ends the connection of a station that sends too much, and only that.
func TestOversize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, func(o *ocpp.CentralOptions) { o.Limits.Message = 1000 })
		defer c.close()
		other := connect(t, c.pointOptions("CP-2"))
		defer other.Close()
		raw := c.raw("CP-1")
		defer raw.socket.CloseNow()
		raw.send(`[2,"a","DataTransfer",{"vendorId":"x","data":"` + strings.Repeat("x", 2000) + `"}]`)
		if _, _, err := raw.socket.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
			t.Errorf("the station was told %v", err)
		}
		synctest.Wait()
		if _, there := c.system.Station("CP-1"); there || c.system.Counters().Oversize != 1 {
			t.Errorf("still there: %v, counted %+v", there, c.system.Counters())
		}
		ask(t, other, v16.HeartbeatRequest{})
	})
}

// TestReplay: a call that comes again is answered as before and carried out once; the same id with other contents is a new
// call.
func TestReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, nil)
		defer c.close()
		raw := c.raw("CP-1")
		defer raw.socket.CloseNow()
		start := `[2,"a","StartTransaction",{"connectorId":1,"idTag":"x","meterStart":0,"timestamp":"2026-03-01T12:00:00Z"}]`
		raw.send(start)
		raw.send(start)
		first, second := raw.next(), raw.next()
		if first != second || !strings.Contains(first, `"transactionId":17`) {
			t.Errorf("answered with %s and then %s", first, second)
		}
		raw.send(`[2,"a","Heartbeat",{}]`)
		if answer := raw.next(); !strings.Contains(answer, "currentTime") {
			t.Errorf("the reused id was answered with %s", answer)
		}
		failures := 0
		c.reply = func(context.Context, *ocpp.Station, ocpp.Request) (ocpp.Response, error) {
			if failures++; failures == 1 {
				return nil, errors.New("the store is full")
			}
			return nil, nil
		}
		for _, want := range []string{`[4,"b","InternalError"`, `[3,"b",`} {
			raw.send(`[2,"b","Authorize",{"idTag":"x"}]`)
			if answer := raw.next(); !strings.HasPrefix(answer, want) {
				t.Errorf("answered with %s, want %s", answer, want)
			}
		}
		want := []string{"connected CP-1", "StartTransaction", "Heartbeat", "Authorize", "Authorize"}
		if got := c.noted(); !slices.Equal(got, want) {
			t.Errorf("carried out %q, want %q", got, want)
		}
		if counts := c.system.Counters(); counts.RepeatedCalls != 1 || counts.ReusedIDs != 1 {
			t.Errorf("counted %+v", counts)
		}
	})
}

// TestNewestWins: the second connection of an identity replaces the first, which is told.
func TestNewestWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, nil)
		defer c.close()
		old := connect(t, c.pointOptions("CP-1"))
		oldStation := c.station()
		waiting := make(chan error, 1)
		go func() {
			_, err := oldStation.Call(t.Context(), v16.ClearCacheRequest{})
			waiting <- err
		}()
		young := connect(t, c.pointOptions("CP-1"))
		defer young.Close()
		current := c.station()
		<-old.Done()
		if err := old.Cause(); err == nil || !strings.Contains(err.Error(), "newer connection") {
			t.Errorf("the old connection was told %v", err)
		}
		if err := <-waiting; err == nil {
			t.Error("a call over the replaced connection succeeded")
		}
		if found, _ := c.system.Station("CP-1"); found != current {
			t.Error("the newest connection is not the one in use")
		}
		want := []string{"connected CP-1", "replaced CP-1", "connected CP-1"}
		if got := c.noted(); !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
		old.Close()
	})
}
