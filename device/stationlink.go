package device

import (
	"context"
	"sync"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// stationLink is one outlet's station as the central system sees it.
type stationLink struct {
	index  int
	outlet *bess.Outlet
	nudge  chan struct{} // capacity 1: look again at once
	tally  tally

	mutex   sync.Mutex
	station *ocpp.Station // nil while away
	cancel  context.CancelFunc
	view    bess.OutletView
	heard   bess.Instant
	newest  time.Time // own time of the newest meter values
	status  v16.ChargePointStatus
	charge  charge
	pulse   pulse
	behind  behind
	refused int  // profiles refused or not answered in a row
	fresh   bool // booted or reconnected: set up again
	booted  bool // on this connection
	order   bess.OutletCommand
	box     mailbox
}

// sense copies the view. What the station said last holds while it is heard. What it measured and offered does not outlive
// its connection: most stations that go silent have lost their supply.
func (l *stationLink) sense(v *bess.OutletView, now bess.Instant) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.station == nil || l.pulse.over(now) {
		l.forgetMeter()
	}
	if l.station != nil {
		for _, f := range [...]*bess.Flag{&l.view.Plugged, &l.view.Charging, &l.view.Fault, &l.view.Tripped, &l.view.Online} {
			if f.State != bess.Unknown {
				f.At = l.heard
			}
		}
	} else if l.view.Online.State != bess.Unknown {
		l.view.Online = bess.FlagOf(false, now)
		l.view.Offered, l.view.OfferedDC = bess.Reading[si.Amps]{}, bess.Reading[si.Watts]{}
	}
	*v = l.view
	if l.station != nil && l.refused >= refusedMost {
		v.Fault = bess.FlagOf(true, l.heard) // it cannot be told what to offer
	}
}

// forgetMeter drops what flowed; the count of energy stands.
func (l *stationLink) forgetMeter() {
	v := &l.view
	v.Power, v.VehicleWants, v.PhaseAmps = bess.Reading[si.Watts]{}, bess.Reading[si.Watts]{}, [3]bess.Reading[si.Amps]{}
}

func (l *stationLink) obey(o bess.OutletCommand, now bess.Instant) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	changed := o.Enable != l.order.Enable || o.Current != l.order.Current || o.Power != l.order.Power
	l.order = o
	l.box.note(now)
	if changed {
		l.look()
	}
}

// look wakes the worker.
func (l *stationLink) look() {
	select {
	case l.nudge <- struct{}{}:
	default:
	}
}

// stationHooks are the central system's calls into [Stations].
type stationHooks struct{ *Stations }

// Connected begins a station's worker.
func (s stationHooks) Connected(station *ocpp.Station) {
	l := s.enter(station)
	if l == nil {
		station.Close()
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.tally.connected()
	l.mutex.Lock()
	l.station, l.cancel, l.fresh, l.booted = station, cancel, true, false
	l.heard, l.newest, l.pulse.last = s.options.Clock(), time.Time{}, 0
	l.refused = 0
	l.view.Online = bess.FlagOf(true, l.heard)
	l.mutex.Unlock()
	s.working.Go(func() { s.drive(ctx, l, station) })
}

// Disconnected ends it.
func (s stationHooks) Disconnected(station *ocpp.Station, why error) {
	l := s.leave(station)
	if l == nil {
		return
	}
	l.mutex.Lock()
	if l.station == station {
		l.station = nil
		l.cancel()
	}
	l.mutex.Unlock()
	l.tally.failed(why)
}

// Answered follows a boot or a start: what the station is told then must reach it after the answer.
func (s stationHooks) Answered(_ context.Context, station *ocpp.Station, request ocpp.Request, _ ocpp.Response) {
	l := s.served(station)
	if l == nil {
		return
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	switch request.(type) {
	case *v16.BootNotificationRequest:
		l.fresh, l.booted = true, true
	case *v16.StartTransactionRequest:
		l.charge.doubt = time.Time{}
	default:
		return
	}
	l.look()
}

// Handle answers a station.
func (s stationHooks) Handle(_ context.Context, station *ocpp.Station, request ocpp.Request) (ocpp.Response, error) {
	l := s.served(station)
	if l == nil {
		return nil, ocpp.Refuse(ocpp.SecurityError, "this station is no longer known here")
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.heard = s.options.Clock()
	switch r := request.(type) {
	case *v16.BootNotificationRequest:
		l.reboot()
		return v16.BootNotificationResponse{Status: v16.RegistrationStatusAccepted, CurrentTime: ocpp.At(time.Now()), Interval: stationHeartbeat}, nil
	case *v16.HeartbeatRequest:
		return v16.HeartbeatResponse{CurrentTime: ocpp.At(time.Now())}, nil
	case *v16.StatusNotificationRequest:
		l.note(r)
		return v16.StatusNotificationResponse{}, nil
	case *v16.AuthorizeRequest:
		return v16.AuthorizeResponse{IDTagInfo: s.may(l.index, r.IDTag)}, nil
	case *v16.StartTransactionRequest:
		return s.begin(l, r), nil
	case *v16.StopTransactionRequest:
		l.end(r)
		return v16.StopTransactionResponse{}, nil
	case *v16.MeterValuesRequest:
		l.meter(r)
		return v16.MeterValuesResponse{}, nil
	case *v16.DataTransferRequest:
		return v16.DataTransferResponse{Status: v16.DataTransferStatusUnknownVendorID}, nil
	}
	return nil, ocpp.Refuse(ocpp.NotSupported, "%s is not done here", request.Action())
}

// note uses a StatusNotification. Connector 0 is the station itself: it only tells of faults.
func (l *stationLink) note(r *v16.StatusNotificationRequest) {
	v, at := &l.view, l.heard
	v.Fault = bess.FlagOf(r.Status == v16.ChargePointStatusFaulted, at)
	v.Tripped = bess.FlagOf(r.ErrorCode == v16.ChargePointErrorCodeGroundFailure, at)
	if r.ConnectorID != 1 {
		return
	}
	l.status = r.Status
	switch r.Status {
	case v16.ChargePointStatusPreparing, v16.ChargePointStatusCharging, v16.ChargePointStatusSuspendedEVSE:
		v.Plugged, v.Charging = bess.FlagOf(true, at), bess.FlagOf(true, at)
	case v16.ChargePointStatusSuspendedEV, v16.ChargePointStatusFinishing:
		v.Plugged, v.Charging = bess.FlagOf(true, at), bess.FlagOf(false, at)
	case v16.ChargePointStatusAvailable, v16.ChargePointStatusReserved:
		v.Plugged, v.Charging = bess.FlagOf(false, at), bess.FlagOf(false, at)
	case v16.ChargePointStatusUnavailable:
		v.Charging = bess.FlagOf(false, at)
	case v16.ChargePointStatusFaulted:
		v.Charging = bess.FlagOf(false, at)
	}
	if v.Charging.State == bess.No || r.Status == v16.ChargePointStatusPreparing || r.Status == v16.ChargePointStatusSuspendedEVSE {
		l.forgetMeter() // nothing flows; what does is measured anew
	}
	l.weigh(r.Status)
	l.look()
}
