package serve

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// station is a charging station of the twin: the physics decide when it follows, this file what it says.
type station struct {
	outlet *bess.Outlet
	url    string
	client *http.Client

	mutex       sync.Mutex
	view        bess.OutletView
	online      bool
	profiles    map[int]v16.ChargingProfile // by identifier
	transaction int                         // 0: none
	starting    bool                        // a start was asked and is not yet acknowledged
	tag         string
	stop        v16.Reason // why the transaction should stop; empty: it should not
	stopAt      time.Time  // when it was cut off, and the count of its meter then
	stopMeter   int
	habit       PowerLoss
	dark        bool // it has no supply, or restarts
	resend      bool // tell the status again
	samples     time.Duration
	changed     chan struct{} // capacity 1: online changed
}

func newStation(o *bess.Outlet, options Options) *station {
	return &station{
		outlet: o, url: options.Central, client: options.Client, profiles: map[int]v16.ChargingProfile{},
		samples: time.Minute, changed: make(chan struct{}, 1),
	}
}

// stationDead is how long a station's readings may stand still before its connection counts as lost; it reports each 2 s.
const stationDead = 5 * bess.Second

// PowerLoss is what a station makes of a transaction in which it lost its supply. Stations of the field do each of these.
type PowerLoss uint8

// Ways of stations.
const (
	PowerLossStops   PowerLoss = iota // tells its end when it is back, and is "finishing" until it is asked to start again
	PowerLossResumes                  // goes on with it, without its profiles
	PowerLossForgets                  // knows nothing of it
	PowerLossBridged                  // its controller has a supply of its own: it stays connected and gives nothing meanwhile
)

// publish sets what the station measures. A dead or silent station loses its connection, one that runs no more (without
// supply, or restarting) also its profiles and, in its own way, its transaction.
func (s *station) publish(v bess.OutletView, runs bool, now bess.Instant) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.dark = !runs || v.Online.State == bess.No
	online := v.Online.State == bess.Yes && now.Since(v.Online.At) <= stationDead && !s.dark
	switch {
	case !s.dark:
		s.view = v
	case s.habit == PowerLossBridged:
		online = s.online
		s.view.Power, s.view.PhaseAmps = bess.Of(si.Watts(0), now), [3]bess.Reading[si.Amps]{}
		s.view.Plugged = v.Plugged
	default:
		s.lose(v)
	}
	if v.Plugged.State == bess.No {
		s.starting = false
		if s.transaction != 0 && s.stop == "" {
			s.stop = v16.ReasonEVDisconnected
		}
	}
	if online != s.online {
		s.online = online
		select {
		case s.changed <- struct{}{}:
		default:
		}
	}
}

// lose is a station without its supply.
func (s *station) lose(v bess.OutletView) {
	s.view, s.starting = v, false
	clear(s.profiles)
	switch {
	case s.transaction == 0 || s.habit == PowerLossResumes:
	case s.habit == PowerLossForgets:
		s.transaction = 0
	case s.stop == "":
		s.stop, s.stopAt, s.stopMeter = v16.ReasonPowerLoss, time.Now(), int(v.Drawn.Value)
	}
}

// ordered is what the station's profiles allow now, as an order to the physics. Without a transaction nothing flows; with
// one and no profile that has an end, the order is no order and the physics fall to their own fallback.
func (s *station) ordered(now bess.Instant) bess.OutletCommand {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.transaction == 0 || s.stop != "" {
		return bess.OutletCommand{Lease: bess.Lease{By: source, Until: now.Add(bess.Second)}}
	}
	limit, left, leased := s.inForce(time.Now())
	if !leased {
		return bess.OutletCommand{}
	}
	o := bess.OutletCommand{Enable: limit > 0, Lease: bess.Lease{By: source, Until: now.Add(bess.Span(left.Milliseconds()))}}
	if s.outlet.Kind == bess.Rapid {
		o.Power = si.Watts(limit)
	} else {
		o.Current = si.Amps(limit)
	}
	return o
}

// inForce is the limit of the profile that counts at a time: the transaction's before the default, the higher level
// before the lower. leased is false when it has no end, or none is in force.
func (s *station) inForce(at time.Time) (limit float64, left time.Duration, leased bool) {
	best := -1
	for _, p := range s.profiles {
		rank := p.StackLevel
		switch p.ChargingProfilePurpose {
		case v16.ChargingProfilePurposeTxProfile:
			if p.TransactionID == nil || *p.TransactionID != s.transaction || s.transaction == 0 {
				continue
			}
			rank += 1000
		case v16.ChargingProfilePurposeTxDefaultProfile:
		case v16.ChargingProfilePurposeChargePointMaxProfile:
			continue
		}
		c := &p.ChargingSchedule
		if rank <= best || c.StartSchedule == nil || at.Before(c.StartSchedule.Time) || len(c.ChargingSchedulePeriod) == 0 {
			continue
		}
		remains := time.Duration(math.MaxInt64)
		if c.Duration != nil {
			remains = c.StartSchedule.Add(time.Duration(*c.Duration) * time.Second).Sub(at)
		}
		if remains <= 0 {
			continue
		}
		best, limit, left, leased = rank, c.ChargingSchedulePeriod[0].Limit, remains, c.Duration != nil
	}
	return limit, left, leased
}

// run keeps the station connected while it lives.
func (s *station) run(ctx context.Context) {
	life := v16.Station{
		Point: ocpp.PointOptions{
			URL: s.url, Identity: s.outlet.Station, Protocols: []*ocpp.Protocol{v16.Protocol()}, Client: s.client, Handle: s.handle,
		},
		Boot:     v16.BootNotificationRequest{ChargePointVendor: "Reprise", ChargePointModel: "Twin"},
		Accepted: s.serve, Retry: 500 * time.Millisecond, RetryMost: 5 * time.Second,
	}
	for ctx.Err() == nil {
		s.mutex.Lock()
		online := s.online
		s.mutex.Unlock()
		if !online {
			select {
			case <-ctx.Done():
			case <-s.changed:
			}
			continue
		}
		inner, cancel := context.WithCancel(ctx)
		over := make(chan struct{})
		go func() {
			defer close(over)
			_ = life.Run(inner)
		}()
		select {
		case <-ctx.Done():
		case <-s.changed:
		}
		cancel()
		<-over
	}
}

// handle answers the central system.
func (s *station) handle(_ context.Context, _ *ocpp.Point, request ocpp.Request) (ocpp.Response, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch r := request.(type) {
	case *v16.SetChargingProfileRequest:
		return v16.SetChargingProfileResponse{Status: s.install(&r.CSChargingProfiles)}, nil
	case *v16.ClearChargingProfileRequest:
		if r.ID != nil {
			delete(s.profiles, *r.ID)
		} else {
			clear(s.profiles)
		}
		return v16.ClearChargingProfileResponse{Status: v16.ClearChargingProfileStatusAccepted}, nil
	case *v16.GetCompositeScheduleRequest:
		return s.composite(r), nil
	case *v16.ChangeConfigurationRequest:
		return v16.ChangeConfigurationResponse{Status: s.configure(r)}, nil
	case *v16.TriggerMessageRequest:
		s.resend = true
		return v16.TriggerMessageResponse{Status: v16.TriggerMessageStatusAccepted}, nil
	case *v16.RemoteStartTransactionRequest:
		if s.view.Plugged.State != bess.Yes || s.transaction != 0 {
			return v16.RemoteStartTransactionResponse{Status: v16.RemoteStartStopStatusRejected}, nil
		}
		s.starting, s.tag = true, r.IDTag
		return v16.RemoteStartTransactionResponse{Status: v16.RemoteStartStopStatusAccepted}, nil
	case *v16.RemoteStopTransactionRequest:
		if r.TransactionID != s.transaction || s.transaction == 0 {
			return v16.RemoteStopTransactionResponse{Status: v16.RemoteStartStopStatusRejected}, nil
		}
		s.stop = v16.ReasonRemote
		return v16.RemoteStopTransactionResponse{Status: v16.RemoteStartStopStatusAccepted}, nil
	}
	return nil, ocpp.Refuse(ocpp.NotSupported, "%s is not done here", request.Action())
}

// install takes a profile, or refuses what this station cannot follow.
func (s *station) install(p *v16.ChargingProfile) v16.ChargingProfileStatus {
	unit := v16.ChargingRateUnitA
	if s.outlet.Kind == bess.Rapid {
		unit = v16.ChargingRateUnitW
	}
	c := &p.ChargingSchedule
	if p.ChargingProfileKind != v16.ChargingProfileKindAbsolute || c.StartSchedule == nil || c.ChargingRateUnit != unit ||
		len(c.ChargingSchedulePeriod) == 0 ||
		p.ChargingProfilePurpose == v16.ChargingProfilePurposeTxProfile && (p.TransactionID == nil || *p.TransactionID != s.transaction) {
		return v16.ChargingProfileStatusRejected
	}
	s.profiles[p.ChargingProfileID] = *p
	return v16.ChargingProfileStatusAccepted
}

func (s *station) composite(r *v16.GetCompositeScheduleRequest) v16.GetCompositeScheduleResponse {
	limit, _, _ := s.inForce(time.Now())
	begin := ocpp.At(time.Now())
	unit := v16.ChargingRateUnitA
	if s.outlet.Kind == bess.Rapid {
		unit = v16.ChargingRateUnitW
	}
	return v16.GetCompositeScheduleResponse{
		Status: v16.GetCompositeScheduleStatusAccepted, ConnectorID: &r.ConnectorID, ScheduleStart: &begin,
		ChargingSchedule: &v16.ChargingSchedule{
			Duration: &r.Duration, StartSchedule: &begin, ChargingRateUnit: unit,
			ChargingSchedulePeriod: []v16.ChargingSchedulePeriod{{Limit: v16.Tenths(limit)}},
		},
	}
}

func (s *station) configure(r *v16.ChangeConfigurationRequest) v16.ConfigurationStatus {
	switch r.Key {
	case "MeterValueSampleInterval", "ClockAlignedDataInterval":
		seconds, err := strconv.Atoi(r.Value)
		if err != nil || seconds < 0 || seconds > 86400 {
			return v16.ConfigurationStatusRejected
		}
		if seconds > 0 {
			s.samples = time.Duration(seconds) * time.Second
		}
		return v16.ConfigurationStatusAccepted
	case "HeartbeatInterval", "MeterValuesSampledData":
		return v16.ConfigurationStatusAccepted
	}
	return v16.ConfigurationStatusNotSupported
}
