package v16_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// site is a central system that accepts every station and, once it has booted, holds its first connector at 10 A for two
// minutes.
type site struct{}

func (site) Connected(*ocpp.Station)           {}
func (site) Disconnected(*ocpp.Station, error) {}

func (site) Handle(_ context.Context, _ *ocpp.Station, request ocpp.Request) (ocpp.Response, error) {
	switch request.(type) {
	case *v16.BootNotificationRequest:
		return v16.BootNotificationResponse{
			Status: v16.RegistrationStatusAccepted, CurrentTime: ocpp.At(time.Now()), Interval: 60,
		}, nil
	case *v16.HeartbeatRequest:
		return v16.HeartbeatResponse{CurrentTime: ocpp.At(time.Now())}, nil
	}
	return nil, ocpp.Refuse(ocpp.NotSupported, "%s is not done here", request.Action())
}

func (site) Answered(ctx context.Context, station *ocpp.Station, request ocpp.Request, _ ocpp.Response) {
	if _, boot := request.(*v16.BootNotificationRequest); !boot {
		return
	}
	// A driver looks at the answer, reads the schedule back and compares with the meter.
	_, _ = ocpp.Ask(ctx, station, v16.SetChargingProfileRequest{
		ConnectorID: 1,
		CSChargingProfiles: v16.ChargingProfile{
			ChargingProfileID:      1,
			ChargingProfilePurpose: v16.ChargingProfilePurposeTxDefaultProfile,
			ChargingProfileKind:    v16.ChargingProfileKindAbsolute,
			ChargingSchedule: v16.ChargingSchedule{
				StartSchedule:          new(ocpp.At(time.Now())),
				Duration:               new(120),
				ChargingRateUnit:       v16.ChargingRateUnitA,
				ChargingSchedulePeriod: []v16.ChargingSchedulePeriod{{StartPeriod: 0, Limit: v16.Tenths(10.04)}},
			},
		},
	})
}

// Example boots a station at a central system in one process.
func Example() {
	central, err := ocpp.NewCentral(ocpp.CentralOptions{Protocols: []*ocpp.Protocol{v16.Protocol()}, Handler: site{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	network := ocpp.NewMemory("127.0.0.1")
	mux := http.NewServeMux()
	mux.Handle("/ocpp/{station}", central)
	defer network.Serve(mux)()
	defer central.Close()

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	limited := make(chan float64)
	station := v16.Station{
		Boot: v16.BootNotificationRequest{ChargePointVendor: "Reprise", ChargePointModel: "Twin"},
		Point: ocpp.PointOptions{
			URL: "ws://unit/ocpp", Identity: "outlet-1", Protocols: []*ocpp.Protocol{v16.Protocol()}, Client: network.Client(),
			Handle: func(_ context.Context, _ *ocpp.Point, request ocpp.Request) (ocpp.Response, error) {
				profile, ok := request.(*v16.SetChargingProfileRequest)
				if !ok {
					return nil, ocpp.Refuse(ocpp.NotSupported, "%s is not done here", request.Action())
				}
				limited <- profile.CSChargingProfiles.ChargingSchedule.ChargingSchedulePeriod[0].Limit
				return v16.SetChargingProfileResponse{Status: v16.ChargingProfileStatusAccepted}, nil
			},
		},
	}
	ended := make(chan error)
	go func() { ended <- station.Run(ctx) }()
	fmt.Println("limit", <-limited, "A")
	stop()
	fmt.Println(<-ended)
	// Output:
	// limit 10 A
	// context canceled
}
