package serve

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// stationLook is how often a station looks at its connector.
const stationLook = 200 * time.Millisecond

// serve tells the central system what happens at the connector, until the connection ends.
func (s *station) serve(ctx context.Context, point *ocpp.Point, _ *v16.BootNotificationResponse) {
	var told v16.ChargePointStatus
	var sampled time.Time
	for {
		if err := s.transact(ctx, point); err != nil && ctx.Err() != nil {
			return
		}
		s.mutex.Lock()
		status, code := s.status()
		if s.resend {
			told, s.resend = "", false
		}
		due := time.Since(sampled) >= s.samples
		s.mutex.Unlock()
		if status != told {
			now := ocpp.At(time.Now())
			if _, err := ocpp.Ask(ctx, point, v16.StatusNotificationRequest{ConnectorID: 1, ErrorCode: code, Status: status, Timestamp: &now}); err == nil {
				told = status
			}
		}
		if due {
			if _, err := ocpp.Ask(ctx, point, s.meterValues()); err == nil {
				sampled = time.Now()
			}
		}
		timer := time.NewTimer(stationLook)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// status is the connector's state in the protocol's words.
func (s *station) status() (v16.ChargePointStatus, v16.ChargePointErrorCode) {
	v := &s.view
	sound := v16.ChargePointErrorCodeNoError
	if s.dark {
		sound = v16.ChargePointErrorCodeUnderVoltage
	}
	switch {
	case v.Tripped.State == bess.Yes:
		return v16.ChargePointStatusFaulted, v16.ChargePointErrorCodeGroundFailure
	case v.Fault.State == bess.Yes:
		return v16.ChargePointStatusFaulted, v16.ChargePointErrorCodeInternalError
	case v.Plugged.State != bess.Yes:
		return v16.ChargePointStatusAvailable, sound
	case s.transaction == 0 && s.stop != "":
		return v16.ChargePointStatusFinishing, sound
	case s.transaction == 0:
		return v16.ChargePointStatusPreparing, sound
	case s.dark:
		return v16.ChargePointStatusSuspendedEVSE, sound
	case v.Power.Value < 0:
		return v16.ChargePointStatusCharging, sound
	case v.Charging.State != bess.Yes:
		return v16.ChargePointStatusSuspendedEV, sound
	}
	return v16.ChargePointStatusSuspendedEVSE, sound
}

// transact starts and stops transactions as asked.
func (s *station) transact(ctx context.Context, point *ocpp.Point) error {
	s.mutex.Lock()
	starting := s.starting && s.transaction == 0
	stopping := s.transaction != 0 && s.stop != ""
	meter := int(s.view.Drawn.Value)
	number, reason, tag := s.transaction, s.stop, s.tag
	ended, counted := time.Now(), meter
	if reason == v16.ReasonPowerLoss {
		ended, counted = s.stopAt, s.stopMeter
	}
	if s.view.Plugged.State == bess.No && s.transaction == 0 {
		s.stop = "" // the connector is free again
	}
	s.mutex.Unlock()
	if stopping {
		_, err := ocpp.Ask(ctx, point, v16.StopTransactionRequest{TransactionID: number, MeterStop: counted, Timestamp: ocpp.At(ended), Reason: reason})
		if err != nil {
			return err
		}
		s.mutex.Lock()
		s.transaction = 0
		s.mutex.Unlock()
		return nil
	}
	if !starting {
		return nil
	}
	answer, err := ocpp.Ask(ctx, point, v16.StartTransactionRequest{ConnectorID: 1, IDTag: tag, MeterStart: meter, Timestamp: ocpp.At(time.Now())})
	if err != nil {
		return err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.starting, s.stop = false, ""
	if answer.IDTagInfo.Status == v16.AuthorizationStatusAccepted {
		s.transaction = answer.TransactionID
	}
	return nil
}

// meterValues is what the meter says now.
func (s *station) meterValues() v16.MeterValuesRequest {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	v := &s.view
	list := []v16.SampledValue{
		sample(v16.MeasurandEnergyActiveImportRegister, float64(v.Drawn.Value), v16.UnitOfMeasureWh),
		sample(v16.MeasurandPowerActiveImport, -float64(v.Power.Value), v16.UnitOfMeasureW),
	}
	if s.outlet.Kind == bess.Rapid {
		list = append(list, sample(v16.MeasurandPowerOffered, float64(v.OfferedDC.Value), v16.UnitOfMeasureW))
	} else {
		list = append(list, sample(v16.MeasurandCurrentOffered, float64(v.Offered.Value), v16.UnitOfMeasureA))
		for k := range max(s.outlet.Phases, 1) {
			one := sample(v16.MeasurandCurrentImport, float64(v.PhaseAmps[(s.outlet.Phase+k)%3].Value), v16.UnitOfMeasureA)
			one.Phase = v16.Phase(fmt.Sprintf("L%d", k+1))
			list = append(list, one)
		}
	}
	if v.Vehicle.Quality == bess.Good {
		list = append(list, sample(v16.MeasurandSoC, si.Ratio(v.Vehicle.Value).Percent(), v16.UnitOfMeasurePercent))
	}
	if v.VehicleWants.Quality == bess.Good {
		// 1.6 has no measurand for what a vehicle asks for; a power located in the vehicle is the nearest to it.
		one := sample(v16.MeasurandPowerActiveImport, float64(v.VehicleWants.Value), v16.UnitOfMeasureW)
		one.Location = v16.LocationEV
		list = append(list, one)
	}
	r := v16.MeterValuesRequest{ConnectorID: 1, MeterValue: []v16.MeterValue{{Timestamp: ocpp.At(time.Now()), SampledValue: list}}}
	if s.transaction != 0 {
		number := s.transaction
		r.TransactionID = &number
	}
	return r
}

func sample(m v16.Measurand, x float64, unit v16.UnitOfMeasure) v16.SampledValue {
	return v16.SampledValue{Value: strconv.FormatFloat(x, 'f', -1, 64), Measurand: m, Unit: unit}
}
