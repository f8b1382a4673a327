package config

import (
	"reflect"
	"strconv"

	"reprise/bess"
)

// standards is everything that a unit file need not say: the one place where defaults stand. kind is the text behind
// the element's own "kind" key, index its place in its list from zero. Parts that have no default begin with zero
// values, and Check complains where zero will not do.
func standards(t reflect.Type, kind string, index int) any {
	number := strconv.Itoa(index + 1)
	switch t {
	case reflect.TypeFor[bess.Unit]():
		return bess.Unit{
			Site: bess.Site{SolarFirst: true, RefillTarget: 0.95, StartBelow: 0.20, StopAbove: 0.60, LostDataRuns: true},
			Bus: bess.Bus{
				OnNetwork: bess.RegulatorInverter, Islanded: bess.RegulatorConverters,
				Nominal: 750, Min: 700, Max: 800, Trip: 650, Capacitance: 0.02,
			},
			Inverter: bess.Inverter{
				Name: "Inverter", Phases: 3, PhaseVolts: 230, Nominal: 50,
				Overload: 1.1, OverloadFor: 10 * bess.Second, Loss: bess.LossCurve{A: 0.012, B: 0.008, C: 0.004},
				Standby: 60, Ramp: 50e3, Heartbeat: 3 * bess.Second, IslandHold: 3 * bess.Second, Starts: 5,
			},
			Network: bess.Network{
				VoltsMin: 0.90, VoltsMax: 1.10, HertzMin: 49.5, HertzMax: 50.5, ReturnAfter: bess.Minute,
				DeadBelow: 25, TransferTimeout: 10 * bess.Second, FormAlone: true,
			},
			IO: bess.IO{
				Period: 50 * bess.Millisecond, Watchdog: 2400 * bess.Millisecond, HoldWindow: 2500 * bess.Millisecond,
				CoilDelay: 500 * bess.Millisecond, Has: everyInput(),
			},
			Cabinet: bess.Cabinet{
				Electronics: 180, Pump: 120, Fan: 150, Heater: 1500, HeatLossPerK: 25, HeatPerK: 900e3,
				CoolAbove: 30, HeatBelow: 5, TwelveVoltMin: 11.5,
			},
		}
	case reflect.TypeFor[bess.Pack]():
		return bess.Pack{Name: "Pack " + number, Health: 0.75, HealthSigma: 0.03, Growth: 1.3, FrameTimeout: 2 * bess.Second}
	case reflect.TypeFor[bess.Converter]():
		return bess.Converter{
			Name: "Converter " + number, Pack: bess.PackID(index), Rated: 25e3, PackCurrent: 100, Isolated: true,
			Loss: bess.LossCurve{A: 0.010, B: 0.008, C: 0.004}, Standby: 25, Ramp: 50e3,
			Heartbeat: 500 * bess.Millisecond, IslandHold: 3 * bess.Second, MinimumOn: bess.Minute, Slope: 2000,
		}
	case reflect.TypeFor[bess.Feeder]():
		return standardFeeder(kind)
	case reflect.TypeFor[bess.SiteRecord]():
		return bess.SiteRecord{Expires: bess.Forever}
	case reflect.TypeFor[bess.Circuit]():
		return bess.Circuit{Name: "Circuit " + number, Phases: 3, Priority: index + 1, Shed: true}
	case reflect.TypeFor[bess.Outlet]():
		outlet := bess.Outlet{
			Name: "Outlet " + number, Station: "outlet-" + number, Phases: 1, Phase: index % 3, Current: 32, Minimum: 6,
			Rated: 7400, Hold: bess.Minute, Lag: 5 * bess.Second, Priority: 1,
		}
		if kind == "rapid" {
			outlet.Phases, outlet.Phase, outlet.Current, outlet.Minimum, outlet.Rated = 0, 0, 200, 2, 150e3
			outlet.VoltsMin, outlet.VoltsMax, outlet.ShedsFast, outlet.Ramp = 200, 1000, true, 20e3
			outlet.Loss, outlet.Standby = bess.LossCurve{A: 0.010, B: 0.010, C: 0.003}, 50
		}
		return outlet
	}
	return reflect.Zero(t).Interface()
}

func standardFeeder(kind string) bess.Feeder {
	f := bess.Feeder{Name: "Grid", Phases: 3, Impedance: 0.15, Record: bess.SiteRecord{Expires: bess.Forever}}
	switch kind {
	case "generator":
		f.Name, f.Mode, f.Impedance = "Generator", bess.Transfer, 0.25
		f.Set = bess.GeneratorSet{
			MinimumLoad: 0.30, WarmUp: bess.Minute, CoolDown: 3 * bess.Minute, MinimumRun: 30 * bess.Minute,
			StartTries: 3, StartWait: 30 * bess.Second, Tank: 200, Droop: 0.03,
		}
	case "solar":
		f.Name = "Solar"
	case "ccs":
		f.Name, f.DC, f.Phases, f.Impedance = "Vehicle inlet", true, 0, 0
		f.Inlet = bess.Inlet{VoltsMin: 300, VoltsMax: 500, Current: 125, Rated: 50e3}
	}
	return f
}

func everyInput() (has [bess.InputCount]bool) {
	for i := range has {
		has[i] = true
	}
	return has
}

// startOf gives every element of a list its defaults.
func startOf(t reflect.Type, n *Node, index int) any {
	kind := ""
	if k := n.Field("kind"); k != nil {
		kind = k.Text
	}
	return standards(t, kind, index)
}

// unitStart is the installed machine before its file is read.
func unitStart() bess.Unit {
	unit, _ := standards(reflect.TypeFor[bess.Unit](), "", 0).(bess.Unit)
	return unit
}
