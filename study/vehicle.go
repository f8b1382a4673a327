package study

import (
	"math"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/plant"
	"reprise/scenario"
	"reprise/twin"
)

// vehicle is the car of a visit. A real session tells what was taken, not what
// car it was: then the battery is made large enough to take it.
func (d *Director) vehicle(v *scenario.Visit) twin.Vehicle {
	if v.Vehicle != "" {
		return d.kind(v.Vehicle, v.SoC)
	}
	takes := max(v.Need, v.Taken)
	car := twin.Vehicle{Capacity: max(60_000, si.Mul(takes, 1.1)), Current: 32, Phases: 1}
	if d.sc.Unit.Outlets[v.Outlet].Kind == bess.Rapid {
		car = d.kind("car", 0)
		car.Capacity = max(car.Capacity, si.Mul(takes, 1.1))
	}
	car.SoC = max(0.01, 0.99-si.Ratio(float64(si.Mul(takes, 0.92))/float64(car.Capacity)))
	return car
}

// kind is a car of a named kind at a state of charge.
func (d *Director) kind(name string, soc si.Ratio) twin.Vehicle {
	for i := range d.sc.Vehicles {
		k := &d.sc.Vehicles[i]
		if k.Name != name {
			continue
		}
		if soc <= 0 {
			soc = k.SoC
		}
		car := twin.Vehicle{Capacity: k.Battery, SoC: soc, Phases: max(1, k.Phases)}
		car.Current = si.Amps(math.Round(float64(k.AC) / float64(230*car.Phases)))
		points := make([]plant.Point, 0, 12)
		for s := 0; s <= 10; s++ {
			at := si.Ratio(s) / 10
			points = append(points, plant.Point{SoC: at, Power: k.Power(at)})
		}
		car.Curve = plant.Curve(points...)
		return car
	}
	return twin.Vehicle{SoC: soc}
}

// Car is the usual car for an outlet, at a state of charge.
func (d *Director) Car(outlet int, soc si.Ratio) twin.Vehicle {
	if d.sc.Unit.Outlets[outlet].Kind == bess.Rapid {
		return d.kind("car", soc)
	}
	return d.kind("phev", soc)
}
