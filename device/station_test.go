package device_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/device"
	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// stationRig is the stations' driver, a far station and the unit's loop.
type stationRig struct {
	*device.Stations
	far   *farStation
	clock device.Clock
	s     bess.Snapshot
	c     bess.Commands
}

func withStation(t *testing.T, change func(*device.StationsOptions), test func(*testing.T, *stationRig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		u := machine()
		r := &stationRig{s: bess.NewSnapshot(u), c: bess.NewCommands(u)}
		r.clock = func() bess.Instant { return bess.Instant(time.Since(begun).Milliseconds()) }
		o := device.StationsOptions{Clock: r.clock, Unit: u, FirstVisit: 40}
		if change != nil {
			change(&o)
		}
		var end func()
		r.Stations, r.far, end = newFarStation(t, o)
		ctx, stop := context.WithCancel(context.Background())
		over := make(chan struct{})
		go func() { _ = r.Run(ctx); close(over) }()
		defer func() { stop(); <-over; end() }()
		test(t, r)
	})
}

func (r *stationRig) run(span time.Duration, o bess.OutletCommand) *bess.OutletView {
	for range int(span / (100 * time.Millisecond)) {
		o.Lease = bess.Lease{By: bess.SourceDispatch, Until: r.clock().Add(30 * bess.Second)}
		r.c.Outlets[0] = o
		r.Obey(&r.c, r.clock())
		r.Sense(&r.s, r.clock())
		time.Sleep(100 * time.Millisecond)
	}
	r.Sense(&r.s, r.clock())
	return &r.s.Outlets[0]
}

func (r *stationRig) said() []v16.ChargingProfile {
	r.far.mutex.Lock()
	defer r.far.mutex.Unlock()
	return append([]v16.ChargingProfile(nil), r.far.profiles...)
}

// TestProfiles: the fallback first and without an end, every other profile with one; renewed each third of it.
func TestProfiles(t *testing.T) {
	withStation(t, nil, func(t *testing.T, r *stationRig) {
		r.run(35*time.Second, bess.OutletCommand{Enable: true, Current: 5.9})
		said := r.said()
		first := said[0]
		if first.ChargingSchedule.Duration != nil || first.ChargingSchedule.ChargingSchedulePeriod[0].Limit != 6 || first.StackLevel != 0 {
			t.Errorf("the first profile is %+v", first)
		}
		if n := len(said); n < 4 || n > 6 {
			t.Errorf("%d profiles in 35 s at a hold of 30 s", n)
		}
		for i, p := range said {
			s := p.ChargingSchedule
			if s.StartSchedule == nil || p.ChargingProfileKind != v16.ChargingProfileKindAbsolute || s.ChargingRateUnit != v16.ChargingRateUnitA {
				t.Errorf("profile %d is %+v", i, p)
			}
			if i > 0 && (s.Duration == nil || *s.Duration > 30 || s.ChargingSchedulePeriod[0].Limit != 0 || p.StackLevel != 1) {
				t.Errorf("5.9 A, below the minimum, became profile %d %+v", i, p)
			}
		}
		r.run(time.Second, bess.OutletCommand{Enable: true, Current: 40})
		if _, last := r.far.leased(); last.ChargingSchedule.ChargingSchedulePeriod[0].Limit != 32 {
			t.Errorf("40 A at a 32 A outlet became %+v", last.ChargingSchedule)
		}
		r.run(time.Second, bess.OutletCommand{Enable: false, Current: 16})
		if _, last := r.far.leased(); last.ChargingSchedule.ChargingSchedulePeriod[0].Limit != 0 {
			t.Errorf("an outlet that is off became %+v", last.ChargingSchedule)
		}
	})
}

func TestStationReconnects(t *testing.T) {
	withStation(t, nil, func(t *testing.T, r *stationRig) {
		order := bess.OutletCommand{Enable: true, Current: 10}
		r.run(5*time.Second, order)
		if v := r.run(time.Second, order); v.Online.State != bess.Yes {
			t.Fatalf("the outlet is %+v", v)
		}
		r.far.Cut()
		if v := r.run(20*time.Second, order); v.Online.State != bess.No || v.Plugged.Fresh(r.clock(), 10*bess.Second) != bess.Unknown {
			t.Errorf("a station that is away is %+v", v)
		}
		r.far.mutex.Lock()
		r.far.profiles = nil
		r.far.mutex.Unlock()
		r.far.Restore()
		r.run(5*time.Second, order)
		said := r.said()
		if len(said) < 2 || said[0].ChargingSchedule.Duration != nil || said[1].ChargingSchedule.ChargingSchedulePeriod[0].Limit != 10 {
			t.Errorf("after the reconnect it was told %+v", said)
		}
	})
}

// TestMessagesOfTheField: what stations send late, twice, in other units, or without saying what it is.
func TestMessagesOfTheField(t *testing.T) {
	withStation(t, nil, func(t *testing.T, r *stationRig) {
		order := bess.OutletCommand{Enable: true, Current: 10}
		r.run(3*time.Second, order)
		r.far.mutex.Lock()
		point := r.far.point
		r.far.mutex.Unlock()
		ctx := context.Background()
		start := v16.StartTransactionRequest{ConnectorID: 1, IDTag: "CARD", MeterStart: 1000, Timestamp: ocpp.At(time.Now())}
		one, err := ocpp.Ask(ctx, point, start)
		again, err2 := ocpp.Ask(ctx, point, start)
		if err != nil || err2 != nil || one.TransactionID != again.TransactionID || one.TransactionID != 41 {
			t.Errorf("a start told twice became %+v and %+v", one, again)
		}
		at := time.Now().Add(time.Hour)
		send := func(when time.Time, values ...v16.SampledValue) {
			if _, err := ocpp.Ask(ctx, point, v16.MeterValuesRequest{ConnectorID: 1, MeterValue: []v16.MeterValue{{Timestamp: ocpp.At(when), SampledValue: values}}}); err != nil {
				t.Error(err)
			}
		}
		send(at, v16.SampledValue{Value: "12,5", Unit: v16.UnitOfMeasureKWh}, v16.SampledValue{Value: "80", Measurand: v16.MeasurandSoC},
			v16.SampledValue{Value: "9.9", Measurand: v16.MeasurandCurrentImport, Phase: v16.PhaseL1}, v16.SampledValue{Value: "1", Measurand: v16.MeasurandRPM})
		send(at.Add(-time.Minute), v16.SampledValue{Value: "3", Unit: v16.UnitOfMeasureKWh})
		v := r.run(200*time.Millisecond, order)
		if v.Drawn.Value != 12500 || v.Vehicle.Value != 0.8 || v.PhaseAmps[1].Value != 9.9 || v.PhaseAmps[0].Quality != bess.Missing || v.Visit != 41 {
			t.Errorf("the outlet is %+v", v)
		}
		if _, err := ocpp.Ask(ctx, point, v16.StopTransactionRequest{TransactionID: 7, MeterStop: 1, Timestamp: ocpp.At(time.Now())}); err != nil {
			t.Error(err)
		}
		if v := r.run(200*time.Millisecond, order); v.Visit != 41 {
			t.Error("the stop of another transaction ended this one")
		}
		if _, err := ocpp.Ask(ctx, point, v16.StatusNotificationRequest{ConnectorID: 1, ErrorCode: v16.ChargePointErrorCodeGroundFailure, Status: v16.ChargePointStatusFaulted}); err != nil {
			t.Error(err)
		}
		if v := r.run(200*time.Millisecond, order); v.Tripped.State != bess.Yes || v.Fault.State != bess.Yes || v.Charging.State != bess.No {
			t.Errorf("a tripped outlet is %+v", v)
		}
	})
}

func TestUnknownStations(t *testing.T) {
	withStation(t, func(o *device.StationsOptions) {
		u := *o.Unit
		u.Outlets = append([]bess.Outlet(nil), u.Outlets...)
		u.Outlets[0].Station = "another"
		o.Unit = &u
	}, func(t *testing.T, r *stationRig) {
		order := bess.OutletCommand{Enable: true, Current: 10}
		v := r.run(10*time.Second, order)
		if v.Online.State == bess.Yes || len(r.said()) != 0 || len(r.Unknown()) != 1 || r.Unknown()[0] != "outlet-1" {
			t.Errorf("a station that nobody knows: %+v, unknown %q", v, r.Unknown())
		}
		if err := r.Approve("outlet-1", 9); err == nil {
			t.Error("approved for an outlet that is not there")
		}
		if err := r.Approve("outlet-1", 0); err != nil {
			t.Fatal(err)
		}
		v = r.run(20*time.Second, order)
		if v.Online.State != bess.Yes || len(r.Unknown()) != 0 {
			t.Errorf("an approved station: %+v, unknown %q", v, r.Unknown())
		}
		_, err := ocpp.Connect(t.Context(), ocpp.PointOptions{
			URL: "ws://central/ocpp", Identity: "another", Protocols: []*ocpp.Protocol{v16.Protocol()}, Client: r.far.client,
			Handle: func(context.Context, *ocpp.Point, ocpp.Request) (ocpp.Response, error) { return nil, nil },
		})
		var refused *ocpp.AccessError
		if !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
			t.Errorf("the station that was replaced: %v", err)
		}
	})
}

// TestExchangedStation: approving another station ends the connection of the one before.
func TestExchangedStation(t *testing.T) {
	withStation(t, nil, func(t *testing.T, r *stationRig) {
		order := bess.OutletCommand{Enable: true, Current: 10}
		if v := r.run(5*time.Second, order); v.Online.State != bess.Yes {
			t.Fatalf("the outlet is %+v", v)
		}
		if err := r.Approve("new-station", 0); err != nil {
			t.Fatal(err)
		}
		if v := r.run(5*time.Second, order); v.Online.State != bess.No || len(r.Unknown()) != 1 {
			t.Errorf("the old station is still there: %+v, unknown %q", v, r.Unknown())
		}
	})
}

// TestPolicy: a tag that may not charge gets no visit.
func TestPolicy(t *testing.T) {
	withStation(t, func(o *device.StationsOptions) {
		o.Authorize = func(_ bess.OutletID, tag string) bool { return tag == "GOOD" }
	}, func(t *testing.T, r *stationRig) {
		r.run(3*time.Second, bess.OutletCommand{})
		r.far.mutex.Lock()
		point := r.far.point
		r.far.mutex.Unlock()
		for tag, want := range map[string]v16.AuthorizationStatus{"GOOD": v16.AuthorizationStatusAccepted, "BAD": v16.AuthorizationStatusInvalid} {
			answer, err := ocpp.Ask(t.Context(), point, v16.AuthorizeRequest{IDTag: tag})
			if err != nil || answer.IDTagInfo.Status != want {
				t.Errorf("%s: %+v, %v", tag, answer, err)
			}
		}
		if _, err := ocpp.Ask(t.Context(), point, v16.StartTransactionRequest{ConnectorID: 1, IDTag: "BAD", Timestamp: ocpp.At(time.Now())}); err != nil {
			t.Error(err)
		}
		if v := r.run(time.Second, bess.OutletCommand{}); v.Visit != 0 {
			t.Errorf("a bad tag charges as visit %d", v.Visit)
		}
	})
}

// TestRapid: a rapid outlet is ordered in watts.
func TestRapid(t *testing.T) {
	withStation(t, func(o *device.StationsOptions) {
		o.Unit.Outlets[0].Kind, o.Unit.Outlets[0].Rated = bess.Rapid, 150e3
	}, func(t *testing.T, r *stationRig) {
		r.run(3*time.Second, bess.OutletCommand{Enable: true, Power: si.Watts(43210.9)})
		if _, last := r.far.leased(); last.ChargingSchedule.ChargingRateUnit != v16.ChargingRateUnitW || last.ChargingSchedule.ChargingSchedulePeriod[0].Limit != 43210 {
			t.Errorf("it was told %+v", last)
		}
	})
}
