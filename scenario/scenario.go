package scenario

import (
	"errors"
	"fmt"
	"time"

	"reprise/bess"
	"reprise/bess/si"
)

// Scenario is one story with everything it needs, as values. Times are milliseconds since 1970 UTC where they are
// absolute, and spans since Start where they are relative.
type Scenario struct {
	Name     string
	About    string
	Path     string
	Unit     *bess.Unit
	Start    int64 // ms since 1970 UTC
	Zone     *time.Location
	For      bess.Span
	Seed     uint64
	Packs    []PackStart // one for each pack of the unit
	Series   Series
	Vehicles []Vehicle
	Visits   []Visit   // from a file of sessions, by arrival
	Bookings []Booking // by arrival
	Story    []Line
	Notes    []string // what was filled, moved, turned away or assumed while reading
}

// Civil is the wall time of the scenario at span s after its start, with high trust.
func (s *Scenario) Civil(after bess.Span) bess.Civil {
	at := s.Start + int64(after)
	_, offset := time.UnixMilli(at).In(s.Zone).Zone()
	return bess.Civil{UnixMilli: at, ZoneOffset: int32(offset), Trust: bess.TrustHigh}
}

// End is the end of the scenario, ms since 1970 UTC.
func (s *Scenario) End() int64 { return s.Start + int64(s.For) }

// PackStart is the true state in which a pack begins. What the controller knows of it is in the unit.
type PackStart struct {
	SoC         si.Ratio
	Health      si.Ratio // true capacity against new; 0: drawn by the twin around the unit's figure
	Temperature si.Celsius
}

// Vehicle is a kind of vehicle.
type Vehicle struct {
	Name    string
	Battery si.WattHours // usable
	AC      si.Watts     // on-board charger, all phases
	Phases  int
	DC      si.Watts // highest; 0: takes none
	Volts   si.Volts // nominal of its battery
	SoC     si.Ratio // on arrival, where a visit does not say
	Curve   []CurvePoint
}

// CurvePoint is one point of a charge curve: the power that the vehicle takes at a state of charge, by direct current.
type CurvePoint struct {
	SoC   si.Ratio
	Power si.Watts
}

// Power is what the vehicle takes by direct current at a state of charge: between the points of its curve, at most DC.
func (v *Vehicle) Power(soc si.Ratio) si.Watts {
	if len(v.Curve) == 0 {
		return v.DC
	}
	for i := range v.Curve {
		p := v.Curve[i]
		if soc > p.SoC {
			continue
		}
		if i == 0 {
			return min(p.Power, v.DC)
		}
		q := v.Curve[i-1]
		share := float64(soc-q.SoC) / float64(p.SoC-q.SoC)
		return min(q.Power+si.Watts(float64(p.Power-q.Power)*share), v.DC)
	}
	return min(v.Curve[len(v.Curve)-1].Power, v.DC)
}

// Visit is a vehicle's stay at an outlet. What it says of itself may be wrong, as it is in life.
type Visit struct {
	Outlet  int    // of the unit
	Vehicle string // kind; empty: only what stands here is known
	Arrive  int64
	Leave   int64
	Stated  int64 // the departure that the driver states; 0: none
	Need    si.WattHours
	Taken   si.WattHours // delivered in the real session, 0: not known
	SoC     si.Ratio     // on arrival; 0: of its kind
}

// Booking is a visit that is announced.
type Booking struct {
	Visit
	Number int // counted from one
	Known  int64
	Rate   si.Watts // wanted power, 0: any
}

// ErrDataAbsent says that real data which a scenario names is not there. errors.As with *DataAbsentError tells which.
var ErrDataAbsent = errors.New("data absent")

// DataAbsentError names data that is not there.
type DataAbsentError struct {
	Pattern string // as the scenario writes it
	Why     string
}

// Error says which and what to do.
func (e *DataAbsentError) Error() string {
	return fmt.Sprintf("data absent: %s: %s", e.Pattern, e.Why)
}

// Is makes every DataAbsentError an ErrDataAbsent.
func (e *DataAbsentError) Is(target error) bool { return target == ErrDataAbsent }
