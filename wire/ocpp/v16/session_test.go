package v16_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// TestSession charges one vehicle from boot to stop, with a profile in between.
func TestSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentral(t, nil)
		defer c.close()
		var profile *v16.SetChargingProfileRequest
		options := c.pointOptions("CP-1")
		options.Handle = func(_ context.Context, _ *ocpp.Point, request ocpp.Request) (ocpp.Response, error) {
			switch r := request.(type) {
			case *v16.SetChargingProfileRequest:
				profile = r
				return v16.SetChargingProfileResponse{Status: v16.ChargingProfileStatusAccepted}, nil
			case *v16.GetCompositeScheduleRequest:
				return v16.GetCompositeScheduleResponse{
					Status: v16.GetCompositeScheduleStatusAccepted, ConnectorID: &r.ConnectorID,
					ScheduleStart:    profile.CSChargingProfiles.ChargingSchedule.StartSchedule,
					ChargingSchedule: &profile.CSChargingProfiles.ChargingSchedule,
				}, nil
			}
			return nil, ocpp.Refuse(ocpp.NotSupported, "no")
		}
		point := connect(t, options)
		defer point.Close()
		station := c.station()
		charge(t, point, station)
		want := []string{"connected CP-1", "BootNotification", "Authorize", "StartTransaction", "MeterValues", "StopTransaction"}
		if got := c.noted(); !slices.Equal(got, want) {
			t.Errorf("the central system saw %q, want %q", got, want)
		}
		if profile.CSChargingProfiles.ChargingSchedule.ChargingSchedulePeriod[0].Limit != 16.1 {
			t.Errorf("the station got the profile %+v", profile)
		}
	})
}

// charge is the session that both sides go through.
func charge(t *testing.T, point *ocpp.Point, station *ocpp.Station) {
	t.Helper()
	if answer := ask(t, point, v16.BootNotificationRequest{ChargePointVendor: "Reprise", ChargePointModel: "Twin"}); answer.Interval != 300 {
		t.Errorf("boot answered with %+v", answer)
	}
	ask(t, point, v16.AuthorizeRequest{IDTag: "04A1B2"})
	start := ask(t, point, v16.StartTransactionRequest{ConnectorID: 1, IDTag: "04A1B2", MeterStart: 1200, Timestamp: ocpp.At(time.Now())})
	ask(t, point, v16.MeterValuesRequest{
		ConnectorID: 1, TransactionID: &start.TransactionID,
		MeterValue: []v16.MeterValue{{Timestamp: ocpp.At(time.Now()), SampledValue: []v16.SampledValue{{
			Value: "6900", Measurand: v16.MeasurandPowerActiveImport, Unit: v16.UnitOfMeasureW,
		}}}},
	})
	ask(t, station, absolute(start.TransactionID, 16.1))
	schedule := ask(t, station, v16.GetCompositeScheduleRequest{ConnectorID: 1, Duration: 600})
	if schedule.ChargingSchedule == nil || *schedule.ChargingSchedule.Duration != 120 {
		t.Errorf("read back %+v", schedule)
	}
	ask(t, point, v16.StopTransactionRequest{TransactionID: start.TransactionID, MeterStop: 2400, Timestamp: ocpp.At(time.Now())})
}

// absolute is a profile as a driver should send it: with a start and a duration.
func absolute(transaction int, limit float64) v16.SetChargingProfileRequest {
	return v16.SetChargingProfileRequest{ConnectorID: 1, CSChargingProfiles: v16.ChargingProfile{
		ChargingProfileID: 1, TransactionID: &transaction, ChargingProfilePurpose: v16.ChargingProfilePurposeTxProfile,
		ChargingProfileKind: v16.ChargingProfileKindAbsolute,
		ChargingSchedule: v16.ChargingSchedule{
			StartSchedule: new(ocpp.At(time.Now())), Duration: new(120), ChargingRateUnit: v16.ChargingRateUnitA,
			ChargingSchedulePeriod: []v16.ChargingSchedulePeriod{{Limit: limit}},
		},
	}}
}
