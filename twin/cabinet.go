package twin

import (
	"reprise/bess"
)

// cabinet is the enclosure: own use, coolant and 12 V battery.
type cabinet struct {
	typ       *bess.Cabinet
	air       float64 // degC
	coolant   float64
	own       float64 // W drawn from the DC bus
	fed       bool    // the auxiliary supplies may draw from the DC bus
	toBattery float64 // W of it that recharge the 12 V battery
	moving    bool    // coolant moves
	pump, fan bool
	heater    bool
	dry       bool // coolant lost
}

// Assumed: the 12 V battery holds 480 Wh and recharges with 60 W; coolant is a sixth of the cabinet's
// heat capacity; the radiator moves 350 W/K with the fan on, 25 W/K without.
const (
	batteryFull    = 480.0
	batteryCharge  = 60.0
	coolantShare   = 1.0 / 6
	radiatorFan    = 350.0
	radiatorStill  = 25.0
	packsToCoolant = 0.7
)

// feedAuxiliaries finds whether the DC/DC converter of the 12 V system and the
// inverter's own supply may start. Packs that are switched straight onto the
// bus charge it through a resistor that carries nothing beside: there an
// auxiliary contact of the main contactors, or the running inverter, enables
// them, and the 12 V battery bridges the time. Elsewhere a converter raises the
// bus, which can carry them.
func (w *World) feedAuxiliaries() {
	fed := !w.switched || w.inverter.mode != bess.InverterOff
	for i := range w.packs {
		fed = fed || w.packs[i].joined()
	}
	w.cabinet.fed = fed
}

// powered reports whether the auxiliary supplies run.
func (w *World) powered() bool { return w.cabinet.fed && w.bus.live() }

// ownDemand is what the cabinet wants from the DC bus. Cooling is on when
// nobody orders otherwise: its safe state.
func (w *World) ownDemand() float64 {
	c := &w.cabinet
	order := &w.orders.IO
	held := order.Lease.Holds(w.now) && w.io.outputsAlive(w.now)
	c.pump = order.Pump || !held
	c.fan = order.Fan || !held
	c.heater = order.Heater && held
	watts := float64(c.typ.Electronics)
	if c.pump {
		watts += float64(c.typ.Pump)
	}
	if c.fan {
		watts += float64(c.typ.Fan)
	}
	if c.heater {
		watts += float64(c.typ.Heater)
	}
	c.toBattery = 0
	if !c.fed {
		return 0
	}
	if w.io.battery < batteryFull && w.io.twelveFault == 0 {
		c.toBattery = batteryCharge
	}
	return watts + c.toBattery
}

// settleOwn books what the bus gave; what the electronics lack comes from the
// 12 V battery.
func (w *World) settleOwn(got, dt float64) {
	c := &w.cabinet
	c.own = got
	electronics := float64(c.typ.Electronics)
	if rest := got - c.toBattery; rest >= electronics {
		w.io.battery += float64(c.toBattery*dt) / joulesPerWattHour
		w.truth.Books.OwnUse += wattHours(rest, dt)
		return
	}
	// Fed in part: the battery makes up the electronics.
	c.toBattery = 0
	lack := within(electronics-got, 0, w.io.battery*joulesPerWattHour/dt)
	w.io.battery -= float64(lack*dt) / joulesPerWattHour
	w.truth.Books.OwnUse += wattHours(got+lack, dt)
}

// warm moves the temperatures of cabinet and coolant.
func (w *World) warm(dt float64) {
	c := &w.cabinet
	powered := w.powered()
	c.moving = c.pump && powered && !c.dry
	touch := stillTouch
	if c.moving {
		touch = 1
	}
	heat := 0.0
	if c.heater && powered {
		heat += float64(c.typ.Heater)
	}
	for i := range w.packs {
		p := &w.packs[i]
		heat += float64(float64(p.typ.LossPerK) * touch * (float64(p.state.Case) - c.coolant))
	}
	losses := w.inverter.loss + float64(c.own*0.5)
	for k := range w.converters {
		losses += w.converters[k].loss
	}
	heat += float64(losses * packsToCoolant)
	ambient := float64(w.around.Ambient)
	radiator := radiatorStill
	if c.fan && powered {
		radiator = radiatorFan
	}
	if c.dry {
		radiator = 0
	}
	mass := max(float64(c.typ.HeatPerK), 1e5)
	c.coolant += (heat - float64(radiator*(c.coolant-ambient))) * dt / (mass * coolantShare)
	leak := float64(float64(c.typ.HeatLossPerK) * (c.air - ambient))
	c.air += (float64(losses*(1-packsToCoolant)) - leak) * dt / (mass * (1 - coolantShare))
}
