package twin

import (
	"math"

	"reprise/bess"
	"reprise/bess/si"
)

// Knee is one corner of a vehicle's DC charge curve.
type Knee struct {
	SoC   si.Ratio
	Power si.Watts
}

// Vehicle is a car at an outlet. The zero value of a field means the default
// named beside it.
type Vehicle struct {
	Capacity    si.WattHours // usable; 31.8 kWh
	SoC         si.Ratio
	Full        si.Ratio // stops here; 1
	Current     si.Amps  // AC, per phase; 32 A
	Phases      int      // AC; 1
	Curve       [12]Knee // DC, rising SoC, unused ones zero; a 50 kW PHEV
	Temperature si.Celsius
	Known       bool // Temperature is given; else 20 degC
	TellsSoC    bool
}

// standard fills the defaults.
func (v Vehicle) standard() Vehicle {
	if v.Capacity <= 0 {
		v.Capacity = 31800
	}
	if v.Full <= 0 {
		v.Full = 1
	}
	if v.Current <= 0 {
		v.Current = 32
	}
	if v.Phases <= 0 {
		v.Phases = 1
	}
	if !v.Known {
		v.Temperature = 20
	}
	if v.Curve[0].Power <= 0 {
		// Assumed shape of a 50 kW PHEV: 0-80 % in 36 minutes.
		v.Curve = [12]Knee{{0, 48e3}, {0.5, 48e3}, {0.6, 42e3}, {0.7, 33e3}, {0.8, 22e3}, {0.9, 12e3}, {1, 3e3}}
	}
	v.SoC = si.Clamp(v.SoC, 0, 1)
	return v
}

func (v *Vehicle) full() si.Ratio { return v.Full }

// taper is the share of its AC limit that a vehicle takes: straight down from
// 95 % to 20 % of it at full, then nothing.
func (v *Vehicle) taper() float64 {
	if v.SoC >= v.Full {
		return 0
	}
	return 1 - float64(0.8*rise(float64(v.SoC), 0.95, 1))
}

// asks is the DC power that a vehicle requests: its curve, less when cold
// ((T + 5)/25 within 0.3..1, assumed).
func (v *Vehicle) asks() float64 {
	s := v.SoC
	watts := float64(v.Curve[0].Power)
	for i := 1; i < len(v.Curve) && v.Curve[i].SoC > v.Curve[i-1].SoC; i++ {
		a, b := v.Curve[i-1], v.Curve[i]
		share := rise(float64(s), float64(a.SoC), float64(b.SoC))
		watts += float64(float64(b.Power-a.Power) * share)
	}
	return watts * within((float64(v.Temperature)+5)/25, 0.3, 1)
}

// chargerEfficiency is of an on-board charger (assumed); DC goes straight in
// but for 3 % in the battery.
const (
	chargerEfficiency = 0.90
	directEfficiency  = 0.97
)

// charge takes energy at the inlet, Wh.
func (v *Vehicle) charge(wattHours float64, kind bess.OutletKind) {
	efficiency := chargerEfficiency
	if kind == bess.Rapid {
		efficiency = directEfficiency
	}
	v.SoC += si.Ratio(wattHours * efficiency / float64(v.Capacity))
	v.SoC = min(v.SoC, 1)
}

// Plug puts a vehicle at an outlet; one that stood there is gone.
func (w *World) Plug(outlet bess.OutletID, v Vehicle) {
	if int(outlet) < 0 || int(outlet) >= len(w.outlets) {
		return
	}
	o := &w.outlets[outlet]
	w.visits++
	o.vehicle, o.plugged, o.visit = v.standard(), true, w.visits
	o.amps, o.output = 0, 0
}

// Unplug takes the vehicle away.
func (w *World) Unplug(outlet bess.OutletID) {
	if int(outlet) < 0 || int(outlet) >= len(w.outlets) {
		return
	}
	o := &w.outlets[outlet]
	o.plugged, o.visit, o.amps, o.output = false, 0, 0, 0
}

// Vehicle is the car at an outlet now, and whether there is one.
func (w *World) Vehicle(outlet bess.OutletID) (Vehicle, bool) {
	if int(outlet) < 0 || int(outlet) >= len(w.outlets) {
		return Vehicle{}, false
	}
	o := &w.outlets[outlet]
	return o.vehicle, o.plugged && !math.IsNaN(float64(o.vehicle.SoC))
}
