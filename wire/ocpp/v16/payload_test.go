package v16_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// TestAbsentIsNotZero: optional fields keep apart what is not there and what is nothing.
func TestAbsentIsNotZero(t *testing.T) {
	protocol := v16.Protocol()
	stop := `{"transactionId":0,"meterStop":0,"timestamp":"2026-03-01T12:00:00Z"}`
	request, err := protocol.DecodeRequest("StopTransaction", ocpp.StationSide, []byte(stop))
	if err != nil {
		t.Fatal(err)
	}
	read := request.(*v16.StopTransactionRequest)
	if read.IDTag != nil || read.Reason != "" || read.TransactionData != nil {
		t.Errorf("absent fields were read as %+v", read)
	}
	clear, err := protocol.EncodeRequest(v16.ClearChargingProfileRequest{ID: new(0)}, ocpp.CentralSide)
	if err != nil || string(clear) != `{"id":0}` {
		t.Errorf("a zero id was written as %s, %v", clear, err)
	}
	key, err := protocol.EncodeResponse("GetConfiguration", ocpp.CentralSide, v16.GetConfigurationResponse{
		ConfigurationKey: []v16.KeyValue{{Key: "AuthorizationKey"}, {Key: "CpoName", Value: new("")}},
	})
	want := `{"configurationKey":[{"key":"AuthorizationKey","readonly":false},{"key":"CpoName","readonly":false,"value":""}]}`
	if err != nil || string(key) != want {
		t.Errorf("configuration was written as %s, %v", key, err)
	}
}

// TestWrongOrdersDoNotLeave: what a station would refuse is an error on our side, with its place.
func TestWrongOrdersDoNotLeave(t *testing.T) {
	fine := absolute(1, 16)
	change := func(edit func(*v16.ChargingSchedule)) v16.SetChargingProfileRequest {
		profile := fine
		edit(&profile.CSChargingProfiles.ChargingSchedule)
		return profile
	}
	cases := []struct {
		name    string
		request ocpp.Request
		says    string
	}{
		{"fine", fine, ""},
		{"too fine a step", change(func(s *v16.ChargingSchedule) {
			s.ChargingSchedulePeriod = []v16.ChargingSchedulePeriod{{Limit: 16.05}}
		}), "chargingSchedulePeriod[0].limit: 16.05 is not a multiple of 0.1"},
		{"no periods", change(func(s *v16.ChargingSchedule) { s.ChargingSchedulePeriod = nil }), "null where a list must be"},
		{"no unit", change(func(s *v16.ChargingSchedule) { s.ChargingRateUnit = "" }), "chargingRateUnit"},
		{"no number", change(func(s *v16.ChargingSchedule) {
			s.ChargingSchedulePeriod = []v16.ChargingSchedulePeriod{{Limit: math.NaN()}}
		}), "NaN"},
		{"from the wrong side", v16.BootNotificationRequest{}, "NotSupported"},
	}
	for _, test := range cases {
		_, err := v16.Protocol().EncodeRequest(test.request, ocpp.CentralSide)
		if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
			t.Errorf("%s: %v, want %q", test.name, err, test.says)
		}
	}
}

func TestTenths(t *testing.T) {
	for value, want := range map[float64]float64{
		16.1: 16.1, 2.3: 2.3, 0.3: 0.3, 4.35: 4.3, 6.09: 6, 5.999999: 5.9, 0: 0, -0.05: -0.1, 31.999999999: 32,
	} {
		if got := v16.Tenths(value); got != want {
			t.Errorf("Tenths(%v) = %v, want %v", value, got, want)
		}
	}
	protocol := v16.Protocol()
	for n := range 1000 {
		if _, err := protocol.EncodeRequest(absolute(1, v16.Tenths(float64(n)*0.0377)), ocpp.CentralSide); err != nil {
			t.Fatal(err)
		}
	}
}

// FuzzPayload: whatever is accepted is written again, accepted again, and means the same.
func FuzzPayload(f *testing.F) {
	names := actionNames()
	sent, err := v16.Protocol().EncodeRequest(absolute(1, 16.1), ocpp.CentralSide)
	if err != nil {
		f.Fatal(err)
	}
	for n, name := range names {
		f.Add(byte(n), []byte(`{}`))
		if name == "SetChargingProfile" {
			f.Add(byte(n), sent)
		}
		if name == "MeterValues" {
			f.Add(byte(n), []byte(`{"connectorId":1,"meterValue":[{"timestamp":"2026-03-01T12:00:00Z","sampledValue":[{"value":"1"}]}]}`))
		}
	}
	protocol := v16.Protocol()
	f.Fuzz(func(t *testing.T, which byte, payload []byte) {
		name := names[int(which)%len(names)]
		from := ocpp.StationSide
		request, err := protocol.DecodeRequest(name, from, payload)
		if err != nil {
			from = ocpp.CentralSide
			if request, err = protocol.DecodeRequest(name, from, payload); err != nil {
				return
			}
		}
		text, err := protocol.EncodeRequest(request, from)
		if err != nil {
			// Years of five digits are the one thing that can be read in another zone and not be written.
			if !strings.Contains(err.Error(), "year") {
				t.Fatalf("%s %s was read as %+v and cannot be written: %v", name, payload, request, err)
			}
			return
		}
		again, err := protocol.DecodeRequest(name, from, text)
		if err != nil {
			t.Fatalf("%s %s was written as %s and refused: %v", name, payload, text, err)
		}
		second, err := json.Marshal(again)
		if err != nil || string(second) != string(text) {
			t.Fatalf("%s changed from %s to %s, %v", name, text, second, err)
		}
		if reflect.TypeOf(again) != reflect.TypeOf(request) {
			t.Fatalf("%s came back as %T", name, again)
		}
	})
}

// BenchmarkRequest is one checked request on the side that receives it and its checked answer.
func BenchmarkRequest(b *testing.B) {
	protocol := v16.Protocol()
	answer := v16.MeterValuesResponse{}
	request, err := protocol.EncodeRequest(v16.MeterValuesRequest{
		ConnectorID: 1, TransactionID: new(7),
		MeterValue: []v16.MeterValue{{Timestamp: ocpp.At(time.Unix(1772366400, 0)), SampledValue: []v16.SampledValue{
			{Value: "6912.5", Measurand: v16.MeasurandPowerActiveImport, Unit: v16.UnitOfMeasureW, Phase: v16.PhaseL1},
			{Value: "12345678", Measurand: v16.MeasurandEnergyActiveImportRegister, Unit: v16.UnitOfMeasureWh},
			{Value: "16.1", Measurand: v16.MeasurandCurrentImport, Unit: v16.UnitOfMeasureA, Phase: v16.PhaseL1},
		}}},
	}, ocpp.StationSide)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := protocol.DecodeRequest("MeterValues", ocpp.StationSide, request); err != nil {
			b.Fatal(err)
		}
		if _, err := protocol.EncodeResponse("MeterValues", ocpp.StationSide, answer); err != nil {
			b.Fatal(err)
		}
	}
}
