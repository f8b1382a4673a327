package twin

import (
	"math"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/plant"
)

// Vehicle is a car at an outlet. The zero value of a field means the default
// named beside it.
type Vehicle struct {
	Capacity    si.WattHours // usable; 31.8 kWh
	SoC         si.Ratio
	Full        si.Ratio          // stops here; 1
	Current     si.Amps           // AC, per phase; 32 A
	Phases      int               // AC; 1
	OnBoard     si.Ratio          // efficiency of the on-board charger; 0.9
	Curve       plant.ChargeCurve // DC; that of a plug-in Range Rover
	Temperature si.Celsius        // of its battery, when Known
	Known       bool              // else 20 degC
	TellsSoC    bool              // over AC; over DC a vehicle always does
}

// Of is a vehicle of a class at a state of charge; its AC current is that of
// its on-board charger at 230 V.
func Of(v plant.Vehicle, soc si.Ratio) Vehicle {
	n := Vehicle{Capacity: v.Usable, SoC: soc, Phases: v.Phases, OnBoard: v.OnBoard, Curve: v.DC}
	n.Current = si.Amps(math.Ceil(float64(v.AC.Greatest()) / float64(230*max(v.Phases, 1))))
	return n
}

// standard fills the defaults.
func (v Vehicle) standard() Vehicle {
	like := plant.RangeRoverPHEV()
	if !(v.Capacity > 0) {
		v.Capacity = like.Usable
	}
	if !(v.Full > 0) {
		v.Full = 1
	}
	if !(v.Current > 0) {
		v.Current = 32
	}
	if v.Phases <= 0 {
		v.Phases = like.Phases
	}
	if !(v.OnBoard > 0 && v.OnBoard <= 1) {
		v.OnBoard = like.OnBoard
	}
	if !v.Known || !si.Finite(v.Temperature) {
		v.Temperature = 20
	}
	if !(v.Curve.Greatest() > 0) {
		v.Curve = like.DC
	}
	v.SoC = si.Ratio(within(float64(v.SoC), 0, 1))
	return v
}

// taper is the share of its AC limit that a vehicle takes: straight down from
// 95 % to 20 % of it at full, then nothing.
func (v *Vehicle) taper() float64 {
	if v.SoC >= v.Full {
		return 0
	}
	return 1 - float64(0.8*rise(float64(v.SoC), 0.95, 1))
}

// asks is the DC power that a vehicle requests: its curve, less when cold.
func (v *Vehicle) asks() float64 {
	if v.SoC >= v.Full {
		return 0
	}
	return float64(v.Curve.At(v.SoC).Scale(plant.ColdFactor(v.Temperature)))
}

// directEfficiency is of a traction battery on DC (assumed): 3 % stay in it as
// heat.
const directEfficiency = 0.97

// charge takes energy at the inlet, Wh.
func (v *Vehicle) charge(wattHours float64, kind bess.OutletKind) {
	efficiency := float64(v.OnBoard)
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
	return o.vehicle, o.plugged
}
