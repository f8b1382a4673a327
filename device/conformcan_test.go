package device_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/device"
	"reprise/device/devicetest"
	"reprise/wire/can"
	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

func TestPackConforms(t *testing.T) {
	devicetest.Check(t, machine(), func(t *testing.T, _ *bess.Unit, clock func() bess.Instant) devicetest.Subject {
		table := device.TestTable(t)
		node := must[*device.PackNode](t)(device.NewPackNode(table, "A7"))
		node.Publish(device.SoundView(), true)
		pipe, dial, wire, end := channelLine(node.Run)
		d := must[*device.Pack](t)(device.NewPack(device.PackOptions{Clock: clock, Table: table, Serial: "A7", Dial: dial}))
		liar := wire.Attach(0)
		return devicetest.Subject{
			Driver: d, Line: pipe, Close: end,
			Newest: func(s *bess.Snapshot) (bess.Instant, bool) {
				return s.Packs[0].Volts.At, s.Packs[0].Volts.Quality == bess.Good
			},
			Good: func(s *bess.Snapshot) bool {
				return si.Abs(s.Packs[0].Volts.Value-351.2) < 1e-6 && s.Packs[0].Current.Value == 12.5
			},
			Rubbish: func() {
				_ = liar.Send(can.Frame{ID: 673, Length: 8, Data: [8]byte{255, 255, 255, 255, 1, 2, 3, 4}})
				_ = liar.Send(can.Frame{ID: 672, Length: 2})
				_ = liar.Send(can.Frame{ID: 673, Length: 8, IsExtended: true})
			},
			Counted: func() uint64 { return d.Status().Garbage },
			Order: func(c *bess.Commands, lease bess.Lease) {
				c.Packs[0] = bess.PackCommand{Wake: true, Close: true, Lease: lease}
			},
			Life:   func() uint64 { _, heard := node.Ordered(); return heard },
			Active: func() bool { o, _ := node.Ordered(); return o.Wake && o.Close && !o.Precharge },
		}
	})
}

// farStation is a charging station as simple as can be.
type farStation struct {
	client *http.Client

	mutex    sync.Mutex
	stop     func()
	point    *ocpp.Point
	clogged  bool
	profiles []v16.ChargingProfile
	starts   int
	tx       int
}

func (f *farStation) Restore() {
	f.Cut()
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	f.mutex.Lock()
	f.stop = func() { cancel(); <-over }
	f.clogged = false
	f.mutex.Unlock()
	station := v16.Station{
		Point: ocpp.PointOptions{URL: "ws://central/ocpp", Identity: "outlet-1", Protocols: []*ocpp.Protocol{v16.Protocol()}, Client: f.client, Handle: f.handle},
		Boot:  v16.BootNotificationRequest{ChargePointVendor: "Test", ChargePointModel: "Test"}, Accepted: f.live, Retry: time.Second,
	}
	go func() {
		defer close(over)
		select { // the driver's first look is before the first call
		case <-ctx.Done():
		case <-time.After(time.Millisecond):
			_ = station.Run(ctx)
		}
	}()
}

func (f *farStation) Cut() {
	f.mutex.Lock()
	stop := f.stop
	f.stop = nil
	f.mutex.Unlock()
	if stop != nil {
		stop()
	}
}

func (f *farStation) Clog() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.clogged = true
}

func (f *farStation) Calls() []time.Time { return nil }

func (f *farStation) handle(ctx context.Context, _ *ocpp.Point, request ocpp.Request) (ocpp.Response, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.clogged {
		f.mutex.Unlock()
		<-ctx.Done()
		f.mutex.Lock()
	}
	switch r := request.(type) {
	case *v16.SetChargingProfileRequest:
		f.profiles = append(f.profiles, r.CSChargingProfiles)
		return v16.SetChargingProfileResponse{Status: v16.ChargingProfileStatusAccepted}, nil
	case *v16.ChangeConfigurationRequest:
		return v16.ChangeConfigurationResponse{Status: v16.ConfigurationStatusAccepted}, nil
	case *v16.RemoteStartTransactionRequest:
		f.starts++
		return v16.RemoteStartTransactionResponse{Status: v16.RemoteStartStopStatusAccepted}, nil
	}
	return nil, ocpp.Refuse(ocpp.NotSupported, "no")
}

// live reports as a plugged station does, until the connection ends.
func (f *farStation) live(ctx context.Context, point *ocpp.Point, _ *v16.BootNotificationResponse) {
	f.mutex.Lock()
	f.point = point
	f.mutex.Unlock()
	status := v16.ChargePointStatusPreparing
	f.mutex.Lock()
	if f.tx != 0 {
		status = v16.ChargePointStatusCharging
	}
	f.mutex.Unlock()
	_, _ = ocpp.Ask(ctx, point, v16.StatusNotificationRequest{ConnectorID: 1, ErrorCode: v16.ChargePointErrorCodeNoError, Status: status})
	for ctx.Err() == nil {
		f.meter(ctx, point, v16.SampledValue{Value: "3.68", Measurand: v16.MeasurandPowerActiveImport, Unit: v16.UnitOfMeasureKW})
		f.mutex.Lock()
		start := f.starts > 0 && f.tx == 0
		f.mutex.Unlock()
		if start {
			if answer, err := ocpp.Ask(ctx, point, v16.StartTransactionRequest{ConnectorID: 1, IDTag: "FREE", Timestamp: ocpp.At(time.Now())}); err == nil {
				f.mutex.Lock()
				f.tx = answer.TransactionID
				f.mutex.Unlock()
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
	}
}

func (f *farStation) meter(ctx context.Context, point *ocpp.Point, values ...v16.SampledValue) {
	_, _ = ocpp.Ask(ctx, point, v16.MeterValuesRequest{ConnectorID: 1, MeterValue: []v16.MeterValue{{Timestamp: ocpp.At(time.Now()), SampledValue: values}}})
}

// leased counts the profiles that carry an order, and tells the last.
func (f *farStation) leased() (n uint64, last v16.ChargingProfile) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for _, p := range f.profiles {
		if p.ChargingSchedule.Duration != nil {
			n, last = n+1, p
		}
	}
	return n, last
}

func newFarStation(t *testing.T, o device.StationsOptions) (*device.Stations, *farStation, func()) {
	t.Helper()
	d := must[*device.Stations](t)(device.NewStations(o))
	network := ocpp.NewMemory("127.0.0.1")
	mux := http.NewServeMux()
	mux.Handle("/ocpp/{station}", d)
	stop := network.Serve(mux)
	far := &farStation{client: network.Client()}
	far.Restore()
	return d, far, func() { far.Cut(); stop() }
}

func TestStationsConform(t *testing.T) {
	devicetest.Check(t, machine(), func(t *testing.T, u *bess.Unit, clock func() bess.Instant) devicetest.Subject {
		d, far, end := newFarStation(t, device.StationsOptions{Clock: clock, Unit: u, FreeVend: true, FirstVisit: 40})
		return devicetest.Subject{
			Driver: d, Line: far, Close: end,
			Newest: func(s *bess.Snapshot) (bess.Instant, bool) {
				return s.Outlets[0].Power.At, s.Outlets[0].Power.Quality == bess.Good
			},
			Good: func(s *bess.Snapshot) bool {
				return s.Outlets[0].Power.Value == -3680 && s.Outlets[0].Plugged.State == bess.Yes
			},
			Rubbish: func() {
				far.mutex.Lock()
				point := far.point
				far.mutex.Unlock()
				far.meter(context.Background(), point, v16.SampledValue{Value: "banana", Measurand: v16.MeasurandPowerActiveImport},
					v16.SampledValue{Value: "12", Measurand: v16.MeasurandPowerActiveImport, Unit: v16.UnitOfMeasureV})
			},
			Counted: func() uint64 { return d.Status(0).Garbage },
			Order: func(c *bess.Commands, lease bess.Lease) {
				lease.Until = lease.Until.Add(29 * bess.Second)
				c.Outlets[0] = bess.OutletCommand{Enable: true, Current: 16.9, Lease: lease}
			},
			Life: func() uint64 { n, _ := far.leased(); return n },
			Active: func() bool {
				_, p := far.leased()
				c := p.ChargingSchedule
				return p.ChargingProfilePurpose == v16.ChargingProfilePurposeTxProfile && c.ChargingSchedulePeriod[0].Limit == 16 &&
					*c.Duration >= 29 && time.Since(c.StartSchedule.Time) <= time.Duration(*c.Duration)*time.Second
			},
		}
	})
}
