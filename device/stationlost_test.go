package device_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"reprise/bess"
	"reprise/device"
	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// scripted is a station that says what a test says, and keeps the rules of profiles: one that is bound to a transaction
// which it does not have is refused.
type scripted struct {
	*stationRig
	t     *testing.T
	point *ocpp.Point

	mutex   sync.Mutex
	has     int  // its running transaction
	deaf    bool // refuses every profile
	unbound bool // refuses every profile that is bound to a transaction
	told    []v16.ChargingProfile
	invited int
	asked   int // to tell its state
}

var order16 = bess.OutletCommand{Enable: true, Current: 16}

// withScript connects a scripted station in the middle of transaction 41.
func withScript(t *testing.T, test func(*scripted)) {
	t.Helper()
	withStation(t, func(o *device.StationsOptions) { o.FreeVend = true }, func(t *testing.T, r *stationRig) {
		r.far.Cut()
		s := &scripted{stationRig: r, t: t}
		s.boot()
		defer func() { s.point.Close() }()
		s.status(v16.ChargePointStatusPreparing)
		s.run(3*time.Second, order16)
		if s.invited != 1 {
			t.Fatalf("a plugged vehicle was invited %d times", s.invited)
		}
		s.start(41)
		s.status(v16.ChargePointStatusCharging)
		for range 4 {
			s.meter(41, 3680, 1000, time.Now())
			s.run(2*time.Second, order16)
		}
		if p, v := s.last(), s.run(0, order16); p.TransactionID == nil || *p.TransactionID != 41 || v.Power.Value != -3680 || v.Visit != 41 {
			t.Fatalf("it charges with %+v as %+v", p, v)
		}
		s.invited = 0
		test(s)
	})
}

func (s *scripted) handle(_ context.Context, _ *ocpp.Point, request ocpp.Request) (ocpp.Response, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch r := request.(type) {
	case *v16.SetChargingProfileRequest:
		p := r.CSChargingProfiles
		s.told = append(s.told, p)
		bound := p.ChargingProfilePurpose == v16.ChargingProfilePurposeTxProfile
		if s.deaf || bound && (s.unbound || p.TransactionID == nil || *p.TransactionID != s.has) {
			return v16.SetChargingProfileResponse{Status: v16.ChargingProfileStatusRejected}, nil
		}
		return v16.SetChargingProfileResponse{Status: v16.ChargingProfileStatusAccepted}, nil
	case *v16.ChangeConfigurationRequest:
		return v16.ChangeConfigurationResponse{Status: v16.ConfigurationStatusAccepted}, nil
	case *v16.TriggerMessageRequest:
		s.asked++
		return v16.TriggerMessageResponse{Status: v16.TriggerMessageStatusAccepted}, nil
	case *v16.RemoteStartTransactionRequest:
		s.invited++
		return v16.RemoteStartTransactionResponse{Status: v16.RemoteStartStopStatusAccepted}, nil
	}
	return nil, ocpp.Refuse(ocpp.NotSupported, "no")
}

func (s *scripted) boot() {
	s.t.Helper()
	var err error
	s.point, err = ocpp.Connect(s.t.Context(), ocpp.PointOptions{
		URL: "ws://central/ocpp", Identity: "outlet-1", Protocols: []*ocpp.Protocol{v16.Protocol()}, Client: s.far.client, Handle: s.handle,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.say(v16.BootNotificationRequest{ChargePointVendor: "Test", ChargePointModel: "Test"})
}

func (s *scripted) say(request ocpp.Request) ocpp.Response {
	s.t.Helper()
	answer, err := s.point.Call(s.t.Context(), request)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer
}

func (s *scripted) status(status v16.ChargePointStatus) {
	s.t.Helper()
	s.say(v16.StatusNotificationRequest{ConnectorID: 1, ErrorCode: v16.ChargePointErrorCodeNoError, Status: status})
}

// start begins a transaction, whose number must be as foreseen.
func (s *scripted) start(number int) {
	s.t.Helper()
	s.mutex.Lock()
	s.has = number
	s.mutex.Unlock()
	answer, ok := s.say(v16.StartTransactionRequest{ConnectorID: 1, IDTag: "FREE", MeterStart: 900 + number, Timestamp: ocpp.At(time.Now())}).(*v16.StartTransactionResponse)
	if !ok || answer.TransactionID != number {
		s.t.Fatalf("a start as number %d was answered %+v", number, answer)
	}
}

func (s *scripted) stop(number int, why v16.Reason) {
	s.t.Helper()
	s.say(v16.StopTransactionRequest{TransactionID: number, MeterStop: 1100, Timestamp: ocpp.At(time.Now()), Reason: why})
}

// meter says what flows, in the name of a transaction or, for 0, of none.
func (s *scripted) meter(number int, watts, wattHours float64, at time.Time) {
	s.t.Helper()
	r := v16.MeterValuesRequest{ConnectorID: 1, MeterValue: []v16.MeterValue{{Timestamp: ocpp.At(at), SampledValue: []v16.SampledValue{
		sampled(v16.MeasurandPowerActiveImport, watts, v16.UnitOfMeasureW), sampled(v16.MeasurandEnergyActiveImportRegister, wattHours, v16.UnitOfMeasureWh),
	}}}}
	if number != 0 {
		r.TransactionID = &number
	}
	s.say(r)
}

// cut takes the supply away: the connection ends, and what the station was told is gone.
func (s *scripted) cut() *bess.OutletView {
	s.point.Close()
	v := s.run(20*time.Second, order16)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.told, s.has = nil, 0
	return v
}

func (s *scripted) last() v16.ChargingProfile {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if len(s.told) == 0 {
		return v16.ChargingProfile{}
	}
	return s.told[len(s.told)-1]
}

// bound counts the profiles that were bound to a transaction.
func (s *scripted) bound(number int) (n int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, p := range s.told {
		if p.TransactionID != nil && *p.TransactionID == number {
			n++
		}
	}
	return n
}

// carriesOn lets a transaction run for some seconds and wants it controlled.
func (s *scripted) carriesOn(number int) {
	s.t.Helper()
	for range 4 {
		s.meter(number, 3680, 1100, time.Now())
		s.run(2*time.Second, order16)
	}
	p, v := s.last(), s.run(0, order16)
	if p.TransactionID == nil || *p.TransactionID != number || p.ChargingSchedule.ChargingSchedulePeriod[0].Limit != 16 {
		s.t.Errorf("it charges with %+v", p)
	}
	if v.Visit != uint64(number) || v.Power.Value != -3680 || v.Drawn.Value != 1100 {
		s.t.Errorf("it charges as %+v", v)
	}
}

// TestStationResumes: many stations go on with the transaction in which they lost their supply.
func TestStationResumes(t *testing.T) {
	for _, first := range []v16.ChargePointStatus{v16.ChargePointStatusCharging, v16.ChargePointStatusSuspendedEV, v16.ChargePointStatusPreparing, v16.ChargePointStatusFaulted} {
		t.Run(string(first), func(t *testing.T) {
			withScript(t, func(s *scripted) {
				s.cut()
				s.boot()
				s.has = 41
				s.status(first)
				s.run(3*time.Second, order16)
				s.carriesOn(41)
				if s.invited != 0 {
					t.Errorf("a charge that went on was begun again %d times", s.invited)
				}
			})
		})
	}
}

// TestStationResumesLate: it said that it waits for a start, and names its transaction after all.
func TestStationResumesLate(t *testing.T) {
	withScript(t, func(s *scripted) {
		s.cut()
		s.boot()
		s.status(v16.ChargePointStatusPreparing)
		s.run(15*time.Second, order16)
		s.has = 41
		s.status(v16.ChargePointStatusCharging)
		s.carriesOn(41)
	})
}

// TestStationStops: others tell the end of the old transaction and wait, "preparing" or "finishing", to be asked again.
func TestStationStops(t *testing.T) {
	for _, then := range []v16.ChargePointStatus{v16.ChargePointStatusFinishing, v16.ChargePointStatusPreparing} {
		t.Run(string(then), func(t *testing.T) {
			withScript(t, func(s *scripted) {
				s.cut()
				s.boot()
				s.stop(41, v16.ReasonPowerLoss)
				s.status(then)
				v := s.run(4*time.Second, order16)
				if s.invited != 1 || v.Visit != 0 || v.Plugged.State != bess.Yes || v.Drawn.Value != 1100 {
					t.Fatalf("invited %d times, as %+v", s.invited, v)
				}
				s.start(42)
				s.status(v16.ChargePointStatusCharging)
				s.stop(41, v16.ReasonPowerLoss) // told twice
				s.carriesOn(42)
			})
		})
	}
}

// TestStationForgets: the worst say nothing at all of the transaction that they lost.
func TestStationForgets(t *testing.T) {
	withScript(t, func(s *scripted) {
		s.cut()
		s.boot()
		s.status(v16.ChargePointStatusPreparing)
		v := s.run(9*time.Second, order16)
		if s.invited != 1 || v.Visit != 0 || s.bound(41) != 0 {
			t.Fatalf("invited %d times, %d profiles for what is over, as %+v", s.invited, s.bound(41), v)
		}
		s.run(20*time.Second, order16)
		if s.invited != 1 {
			t.Errorf("invited %d times within half a minute", s.invited)
		}
		s.start(42)
		s.status(v16.ChargePointStatusCharging)
		s.carriesOn(42)
	})
}

// TestStationForgetsUnseen: it restarted so quickly that its connection lived on, and only its refusal shows it.
func TestStationForgetsUnseen(t *testing.T) {
	withScript(t, func(s *scripted) {
		s.has, s.asked = 0, 0
		s.run(11*time.Second, order16) // the profile is due
		if s.asked == 0 || s.bound(41) == 0 || s.last().TransactionID != nil {
			t.Fatalf("a refused profile: asked %d times, last told %+v", s.asked, s.last())
		}
		s.status(v16.ChargePointStatusPreparing)
		if v := s.run(9*time.Second, order16); s.invited != 1 || v.Visit != 0 {
			t.Errorf("invited %d times, as %+v", s.invited, v)
		}
		s.start(42)
		s.status(v16.ChargePointStatusCharging)
		s.carriesOn(42)
	})
}

// TestEndedByItsDriver: a charge that somebody ended is not begun again, whatever happened before.
func TestEndedByItsDriver(t *testing.T) {
	withScript(t, func(s *scripted) {
		s.cut()
		s.boot()
		s.stop(41, v16.ReasonLocal)
		s.status(v16.ChargePointStatusFinishing)
		if v := s.run(2*time.Minute, order16); s.invited != 0 || v.Visit != 0 {
			t.Errorf("invited %d times, as %+v", s.invited, v)
		}
		s.status(v16.ChargePointStatusAvailable)
		s.run(time.Second, order16)
		s.status(v16.ChargePointStatusPreparing)
		if s.run(time.Second, order16); s.invited != 1 {
			t.Errorf("the next vehicle was invited %d times within a second", s.invited)
		}
	})
}

// TestProfilesRefused: a station that takes no profile bound to its transaction gets the same limit as its default; one
// that takes none at all is told upward, and is not asked more often than is any use.
func TestProfilesRefused(t *testing.T) {
	withScript(t, func(s *scripted) {
		s.unbound, s.told = true, nil
		for range 30 {
			s.meter(41, 3680, 1100, time.Now())
			if v := s.run(2*time.Second, order16); v.Fault.State == bess.Yes || v.Visit != 41 {
				t.Fatalf("it is %+v", v)
			}
		}
		if n, p := s.bound(41), s.last(); n != 3 || p.TransactionID != nil || p.ChargingSchedule.ChargingSchedulePeriod[0].Limit != 16 {
			t.Errorf("%d profiles bound to the transaction, the last is %+v", n, p)
		}
		s.deaf, s.told = true, nil
		beat := func(times int) (v *bess.OutletView) {
			for range times {
				s.meter(41, 3680, 1100, time.Now())
				v = s.run(2*time.Second, order16)
			}
			return v
		}
		if v := beat(20); v.Fault.State != bess.Yes {
			t.Errorf("a station that takes no limit is %+v", v)
		}
		beat(130)
		if n := len(s.told); n < 8 || n > 30 {
			t.Errorf("told %d times in five minutes", n)
		}
		s.deaf = false
		if v := beat(25); v.Fault.State != bess.No {
			t.Errorf("healed, it is %+v", v)
		}
	})
}

// TestMeterDoesNotOutlive: what flowed before the supply was lost is not believed, however that is seen.
func TestMeterDoesNotOutlive(t *testing.T) {
	t.Run("connection ends", func(t *testing.T) {
		withScript(t, func(s *scripted) {
			s.point.Close()
			if v := s.run(100*time.Millisecond, order16); v.Power.Quality == bess.Good || v.Online.State != bess.No || v.Drawn.Quality != bess.Good {
				t.Errorf("it is %+v", v)
			}
		})
	})
	t.Run("nothing ends", func(t *testing.T) {
		withScript(t, func(s *scripted) {
			if v := s.run(7*time.Second, order16); v.Power.Quality == bess.Good {
				t.Errorf("three values are missing, and it is %+v", v)
			}
		})
	})
	t.Run("restart", func(t *testing.T) {
		withScript(t, func(s *scripted) {
			s.say(v16.BootNotificationRequest{ChargePointVendor: "Test", ChargePointModel: "Test"})
			if v := s.run(100*time.Millisecond, order16); v.Power.Quality == bess.Good {
				t.Errorf("it is %+v", v)
			}
		})
	})
	t.Run("held back", func(t *testing.T) {
		withScript(t, func(s *scripted) {
			before := time.Now().Add(time.Second)
			s.cut()
			s.boot()
			for i := range 5 {
				s.meter(41, 3680, 1050, before.Add(time.Duration(i)*2*time.Second))
			}
			if v := s.run(0, order16); v.Power.Quality == bess.Good || v.Drawn.Value != 1050 {
				t.Errorf("values from before became %+v", v)
			}
			s.meter(41, 0, 1050, time.Now())
			if v := s.run(0, order16); v.Power.Quality != bess.Good || v.Power.Value != 0 {
				t.Errorf("a value of now became %+v", v)
			}
		})
	})
	t.Run("clock set back", func(t *testing.T) {
		withScript(t, func(s *scripted) {
			s.cut()
			s.boot()
			for range 3 {
				s.meter(41, 1840, 1050, time.Now().Add(-time.Hour))
				s.run(2*time.Second, order16)
			}
			if v := s.run(0, order16); v.Power.Value != -1840 {
				t.Errorf("a station whose clock is an hour late is %+v", v)
			}
		})
	})
}

func sampled(m v16.Measurand, x float64, unit v16.UnitOfMeasure) v16.SampledValue {
	return v16.SampledValue{Value: strconv.FormatFloat(x, 'f', -1, 64), Measurand: m, Unit: unit}
}
