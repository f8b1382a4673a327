package v16_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// TestStationLife: a station that is put off boots again at the interval that it was told, beats, and begins anew when its
// connection is lost.
func TestStationLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, nil)
		defer c.close()
		began := time.Now()
		boots := 0
		var at []time.Duration
		c.reply = func(_ context.Context, _ *ocpp.Station, request ocpp.Request) (ocpp.Response, error) {
			at = append(at, time.Since(began))
			if _, boot := request.(*v16.BootNotificationRequest); !boot {
				return nil, nil
			}
			boots++
			switch boots {
			case 1:
				return nil, ocpp.Refuse(ocpp.InternalError, "not yet") // 60 s, as nothing else was said
			case 2:
				return v16.BootNotificationResponse{Status: v16.RegistrationStatusPending, CurrentTime: ocpp.At(time.Now()), Interval: 10}, nil
			}
			return v16.BootNotificationResponse{Status: v16.RegistrationStatusAccepted, CurrentTime: ocpp.At(time.Now()), Interval: 30}, nil
		}
		var downs []error
		station := v16.Station{
			Point: c.pointOptions("CP-1"),
			Boot:  v16.BootNotificationRequest{ChargePointVendor: "Reprise", ChargePointModel: "Twin"},
			Accepted: func(ctx context.Context, point *ocpp.Point, _ *v16.BootNotificationResponse) {
				_, _ = point.Call(ctx, v16.StatusNotificationRequest{
					ErrorCode: v16.ChargePointErrorCodeNoError, Status: v16.ChargePointStatusAvailable,
				})
				<-ctx.Done()
			},
			Down: func(why error) { downs = append(downs, why) },
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- station.Run(ctx) }()
		first := c.station()
		time.Sleep(140 * time.Second)
		first.Close()
		c.station()
		time.Sleep(10 * time.Second)
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
		want := []string{"connected CP-1", "BootNotification", "BootNotification", "BootNotification", "StatusNotification",
			"Heartbeat", "Heartbeat", "disconnected CP-1", "connected CP-1", "BootNotification", "StatusNotification"}
		synctest.Wait()
		if got := c.noted(); !slices.Equal(got[:min(len(got), len(want))], want) {
			t.Errorf("the central system saw\n%q, want\n%q", got, want)
		}
		second := time.Second
		if want := []time.Duration{0, 60 * second, 70 * second, 70 * second, 100 * second, 130 * second, 141 * second, 141 * second}; !slices.Equal(at, want) {
			t.Errorf("at %v, want %v", at, want)
		}
		if len(downs) != 1 || !errors.Is(downs[0], ocpp.ErrDisconnected) {
			t.Errorf("told about %v", downs)
		}
	})
}

// TestStationKeepsTrying: without a central system the pauses double up to their bound.
func TestStationKeepsTrying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := ocpp.NewMemory("127.0.0.1")
		_ = network.Close()
		began := time.Now()
		var at []time.Duration
		ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
		defer stop()
		station := v16.Station{
			Point: ocpp.PointOptions{
				URL: "ws://central/ocpp", Identity: "CP-1", Protocols: []*ocpp.Protocol{v16.Protocol()}, Client: network.Client(),
				Handle: obey,
			},
			Down:      func(error) { at = append(at, time.Since(began)) },
			RetryMost: 8 * time.Second,
		}
		if err := station.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended with %v", err)
		}
		second := time.Second
		if want := []time.Duration{0, second, 3 * second, 7 * second, 15 * second, 23 * second}; !slices.Equal(at, want) {
			t.Errorf("tried at %v, want %v", at, want)
		}
	})
}
