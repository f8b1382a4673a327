package device

import (
	"context"
	"sync"
	"time"

	"reprise/bess"
	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// stationLink is one outlet's station as the central system sees it.
type stationLink struct {
	index  int
	outlet *bess.Outlet
	nudge  chan struct{} // capacity 1: look again at once
	tally  tally

	mutex       sync.Mutex
	station     *ocpp.Station // nil while away
	cancel      context.CancelFunc
	view        bess.OutletView
	heard       bess.Instant
	newest      time.Time // own time of the newest meter values
	status      v16.ChargePointStatus
	transaction int // 0: none
	start       v16.StartTransactionRequest
	stopped     int  // the last transaction that was stopped
	fresh       bool // booted or reconnected: set up again
	booted      bool // on this connection
	askedStart  time.Time
	order       bess.OutletCommand
	box         mailbox
}

// sense copies the view. What the station said last holds while it is heard.
func (l *stationLink) sense(v *bess.OutletView, now bess.Instant) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.station != nil {
		for _, f := range [...]*bess.Flag{&l.view.Plugged, &l.view.Charging, &l.view.Fault, &l.view.Tripped, &l.view.Online} {
			if f.State != bess.Unknown {
				f.At = l.heard
			}
		}
	} else if l.view.Online.State != bess.Unknown {
		l.view.Online = bess.FlagOf(false, now)
	}
	*v = l.view
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
	l.heard, l.newest = s.options.Clock(), time.Time{}
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

// Answered follows a boot: what the station is told then must reach it after the answer.
func (s stationHooks) Answered(_ context.Context, station *ocpp.Station, request ocpp.Request, _ ocpp.Response) {
	l := s.served(station)
	if _, boot := request.(*v16.BootNotificationRequest); !boot || l == nil {
		return
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.fresh, l.booted = true, true
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
		// A station that says it is free has no transaction, whatever became of its StopTransaction.
		l.transaction, v.Visit = 0, 0
	case v16.ChargePointStatusUnavailable:
		v.Charging = bess.FlagOf(false, at)
	case v16.ChargePointStatusFaulted:
		v.Charging = bess.FlagOf(false, at)
	}
	l.look()
}

// begin answers a StartTransaction. The same start told again, after a lost connection, is the same visit.
func (s stationHooks) begin(l *stationLink, r *v16.StartTransactionRequest) ocpp.Response {
	info := s.may(l.index, r.IDTag)
	again := l.start.IDTag == r.IDTag && l.start.ConnectorID == r.ConnectorID && l.start.MeterStart == r.MeterStart &&
		l.start.Timestamp.Equal(r.Timestamp.Time) && (l.transaction != 0 || l.stopped != 0)
	number := l.transaction
	switch {
	case again && number == 0:
		number = l.stopped
	case again:
	default:
		number = s.nextVisit()
		l.start = *r
		if info.Status == v16.AuthorizationStatusAccepted {
			l.transaction = number
		}
	}
	if l.transaction != 0 {
		l.view.Visit = uint64(l.transaction)
		l.look()
	}
	return v16.StartTransactionResponse{IDTagInfo: info, TransactionID: number}
}

// end takes a StopTransaction; a late one, of a transaction that is over, changes nothing.
func (l *stationLink) end(r *v16.StopTransactionRequest) {
	l.read(r.TransactionData, l.heard)
	if r.TransactionID == l.transaction {
		l.stopped, l.transaction, l.view.Visit = l.transaction, 0, 0
		l.look()
	}
}

// meter takes meter values. A transaction that is not known began while we were away: it is taken over.
func (l *stationLink) meter(r *v16.MeterValuesRequest) {
	if r.ConnectorID > 1 {
		l.tally.garbage()
		return
	}
	if id := r.TransactionID; id != nil && *id > 0 && l.transaction == 0 && *id != l.stopped {
		l.transaction, l.view.Visit = *id, uint64(*id)
		l.look()
	}
	l.read(r.MeterValue, l.heard)
}
