package config

import (
	"fmt"
	"strings"

	"reprise/bess"
)

// checkPackType finds what contradicts itself in a description. Whether its names exist in its database is found when
// the database is read.
func checkPackType(p *PackDescription) []Fault {
	c := checker{}
	t, l := &p.Type, &p.Type.Limits
	c.need(t.Name != "", "type.name", "the type has no name", "give it the name of its file")
	c.need(t.Family != "", "type.family", "the type has no family", "name the family of its identifiers; alone it is its own")
	c.need(t.Series > 0 && t.Series <= 400, "type.series", "the number of cell groups in series must lie in 1..400", "write the number of groups in series")
	c.need(t.Capacity > 0, "type.capacity", "the capacity is missing", "write it as new, such as 109 Ah")
	c.need(t.Energy > 0 && t.Usable > 0 && t.Usable <= t.Energy, "type.usable", "usable energy must be above zero and at most the gross energy", "write both as new")
	c.need(t.Resistance > 0, "type.resistance", "the resistance is missing", "write that of the whole pack as new")
	c.need(t.Window[0] < t.Window[1], "type.window", "the window is empty", "write it like 9 %..92 %")
	c.need(t.HeatPerK > 0 && t.LossPerK > 0, "type.heat_per_k", "heat capacity and heat loss must be above zero", "write both")
	c.need(l.PackMin > 0 && l.PackMin < l.PackMax, "type.limits.pack_min", "the pack's voltage window is empty", "write pack_min below pack_max")
	c.need(l.CellMin > 0 && l.CellMin < l.CellMax, "type.limits.cell_min", "the cell's voltage window is empty", "write cell_min below cell_max")
	cells := float64(t.Series)
	c.need(float64(l.PackMax) <= cells*float64(l.CellMax)*1.001, "type.limits.pack_max",
		fmt.Sprintf("%v on %d cells is %.3f V a cell, above cell_max %v", l.PackMax, t.Series, float64(l.PackMax)/max(cells, 1), l.CellMax), "correct the series count or the limit")
	c.need(l.DerateAbove > 0 && l.DerateAbove < l.TripAt && l.TripAt <= 70, "type.limits.trip_at", "derate_above must lie below trip_at, and trip_at at most at 70 C", "correct the two")
	c.need(l.DischargeMin <= l.ChargeMin, "type.limits.charge_min", "charging may not begin in deeper cold than discharging", "correct the two")
	c.need(l.Charge > 0 && l.Discharge > 0 && l.ChargeCurrent > 0 && l.DischargeCurrent > 0, "type.limits.charge", "the power and current limits must be above zero", "write all four")
	c.need(l.CellSpread > 0, "type.limits.cell_spread", "the limit of the cell spread is missing", "write highest minus lowest cell, such as 0.15 V")
	c.need(l.InsulationOhmPerVolt >= 100, "type.limits.insulation_ohm_per_volt", "below 100 ohm/V charging practice stops", "write at least 100 ohm/V")
	c.contactor(&t.Contactor)
	seen := map[Role]bool{}
	for i, m := range p.Roles {
		path := fmt.Sprintf("roles[%d]", i+1)
		c.need(m.Role != RoleNone && m.Message != "" && m.Signal != "", path, "role, message and signal are needed", "write all three")
		c.need(!seen[m.Role] || m.Role == RoleSerial, path, "the role "+m.Role.String()+" is fed twice", "keep the better signal")
		c.need(m.Scale != 0, path+".scale", "a scale of 0 hides the signal", "leave it out for 1")
		seen[m.Role] = true
	}
	for _, role := range []Role{RoleVolts, RoleCurrent, RoleSoC, RoleHot, RoleDischarge, RoleCharge} {
		c.need(seen[role], "roles", "nothing feeds the role "+role.String(), "say which signal does, the unit cannot run the pack without it")
	}
	c.need(len(p.Evidence.Identifiers) > 0, "evidence.identifiers", "no identifiers tell the family", "list those that every pack of it sends")
	c.need(p.Evidence.VoltsMin > 0 && p.Evidence.VoltsMin < p.Evidence.VoltsMax, "evidence.volts_min", "the voltage window of the evidence is empty", "write volts_min below volts_max")
	for _, name := range append([]string{p.Evidence.CellCount, p.Evidence.Energy}, p.Evidence.Serial...) {
		c.need(name == "" || strings.Count(name, ".") == 1, "evidence", fmt.Sprintf("%q does not name a signal", name), "write Message.Signal")
	}
	for i, o := range p.Orders {
		path := fmt.Sprintf("orders[%d]", i+1)
		c.need(o.Message != "" && o.Period > 0, path, "message and period are needed", "write both")
		c.need(o.Why == "keep-alive" || o.Why == "wake" || o.Why == "precharge" || o.Why == "close", path+".why",
			fmt.Sprintf("%q is no reason to send it", o.Why), "write keep-alive, wake, precharge or close")
	}
	c.need(t.Closing != bess.ClosingCAN || p.closes(), "orders", "the type closes by CAN but no order has \"why: close\"", "say which message closes it")
	return c.faults
}

func (p *PackDescription) closes() bool {
	for _, o := range p.Orders {
		if o.Why == "close" {
			return true
		}
	}
	return false
}

func (c *checker) contactor(k *bess.Contactor) {
	const path = "type.contactor"
	c.need(k.Rated > 0 && k.Break > 0, path+".break", "rated and break current must be above zero", "take both from its data sheet")
	c.need(k.PrechargeOhms > 0 && k.LinkCapacitance > 0, path+".precharge_ohms", "the precharge path is missing", "write the resistor and the capacitance behind it")
	tau := float64(k.PrechargeTau())
	c.need(tau < 2, path+".precharge_ohms", fmt.Sprintf("the time constant of the precharge is %.1f s", tau), "check resistor and capacitance: it is a fraction of a second in practice")
	c.need(k.MatchWithin > 2*k.VoltsUncertainty && k.MatchWithin <= 20, path+".match_within",
		fmt.Sprintf("the match of %v must exceed the uncertainty of two measurements (%v) and stay within 20 V", k.MatchWithin, 2*k.VoltsUncertainty), "widen it, or measure finer")
	c.need(k.Operate > 0 && k.Operate < 1, path+".operate", "the operating time must be above zero and below 1 s", "take it from its data sheet")
}

// checker collects faults.
type checker struct{ faults Faults }

func (c *checker) need(holds bool, path, what, do string) {
	if !holds {
		c.faults = append(c.faults, Fault{Path: path, What: what, Do: do})
	}
}

func (c *checker) warn(fine bool, path, what, do string) {
	if !fine {
		c.faults = append(c.faults, Fault{Path: path, What: what, Do: do, Warning: true})
	}
}
