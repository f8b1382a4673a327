package safety

import (
	"reprise/bess"
	"reprise/bess/si"
)

// formAge is how old a feeder contactor's word may be while the inverter
// forms: longer than a gap of a link, shorter than anybody could close it.
const formAge = 3 * bess.Second

// Clamp has the last word on the orders of a tick. It takes away what the
// verdict does not allow and what nobody may order; it never raises a
// magnitude, never closes anything, and twice is the same as once.
//
// A pack on its way out stays closed as the sequence ordered: whether its
// contactor may be opened at this current is the break rule's to say.
func Clamp(u *bess.Unit, snap *bess.Snapshot, v *bess.Verdict, stages *bess.Stages, c *bess.Commands) {
	now := snap.Now
	for i := range c.Packs {
		clampPack(v.Packs[i], v.Unit, stages.Packs[i], now, &c.Packs[i])
	}
	for i := range c.Converters {
		clampConverter(u, v, i, now, &c.Converters[i])
	}
	clampInverter(u, snap, v, c)
	if barred(u, v, stages) {
		c.Inverter.Import = 0
	}
	clampSources(u, snap, v, stages, c)
	for i := range c.Circuits {
		if o := &c.Circuits[i]; v.Circuits[i].Level >= bess.LevelOpen || all(v) || !o.Lease.Holds(now) {
			o.Close = false
		}
	}
	for i := range c.Outlets {
		clampOutlet(&u.Outlets[i], v.Outlets[i], all(v), now, &c.Outlets[i])
	}
	clampIO(v, now, &c.IO)
}

// all reports whether everything must open.
func all(v *bess.Verdict) bool { return v.Unit.Level >= bess.LevelOpenAll }

// level is the harder of what holds a part and what holds the unit.
func level(part, unit bess.Ruling) bess.Level { return max(part.Level, unit.Level) }

func clampPack(part, unit bess.Ruling, stage bess.PackStage, now bess.Instant, o *bess.PackCommand) {
	if level(part, unit) < bess.LevelOpen && o.Lease.Holds(now) {
		return
	}
	o.Precharge = false
	if stage != bess.PackLeaving {
		o.Close = false
	}
}

// factor is the share of an envelope that rulings leave.
func factor(rulings ...bess.Ruling) si.Ratio {
	left := si.Ratio(1)
	for _, r := range rulings {
		if r.Level == bess.LevelDerate {
			left = min(left, max(0, r.Factor))
		}
	}
	return left
}

// within is the magnitude x, at most most. What is not a number is nothing.
func within[T si.Number](x, most T) T {
	if !si.Finite(x) || x < 0 {
		return 0
	}
	return min(x, max(0, most))
}

func clampConverter(u *bess.Unit, v *bess.Verdict, i int, now bess.Instant, o *bess.ConverterCommand) {
	k := &u.Converters[i]
	pack := v.Packs[k.Pack]
	if max(level(pack, v.Unit), v.Converters[i].Level) >= bess.LevelStop || !o.Lease.Holds(now) {
		*o = bess.ConverterCommand{}
		return
	}
	most := k.Rated.Scale(factor(pack, v.Converters[i], v.Unit))
	o.Discharge, o.Charge = within(o.Discharge, most), within(o.Charge, most)
	if v.NoCharge[k.Pack] {
		o.Charge = 0
	}
	if !si.Finite(o.Power) {
		o.Power = 0
	}
	o.Power = min(max(o.Power, -o.Charge), o.Discharge)
	o.Reference, o.Slope = within(o.Reference, u.Bus.Max), finite(o.Slope)
}

// finite is x, or 0 when it is not a number.
func finite[T si.Number](x T) T {
	if !si.Finite(x) {
		return 0
	}
	return x
}

// clampSources keeps at most one source on the AC bus: one grid or generator
// contactor, or the forming inverter with the unit's own bond.
func clampSources(u *bess.Unit, snap *bess.Snapshot, v *bess.Verdict, stages *bess.Stages, c *bess.Commands) {
	taken := bess.Nobody
	for i := range c.Feeders {
		o := &c.Feeders[i]
		r := v.Feeders[i]
		if level(r, v.Unit) >= bess.LevelOpenAll || !o.Lease.Holds(snap.Now) {
			*o = bess.FeederCommand{Lease: o.Lease}
			continue
		}
		o.Volts, o.Limit = finite(o.Volts), within(o.Limit, u.Feeders[i].Cap.Scale(factor(r)))
		if r.Level >= bess.LevelStop {
			o.Limit = 0
		}
		if r.Level >= bess.LevelOpen {
			o.Close = false
		}
		if o.Close && u.Feeders[i].Carries() {
			switch {
			case c.Inverter.Mode == bess.InverterForm:
				o.Close = false
			case taken == bess.Nobody:
				taken = i
			case stages.Live == i:
				c.Feeders[taken].Close, taken = false, i
			default:
				o.Close = false
			}
		}
	}
	if taken != bess.Nobody {
		c.IO.Bond = false
	}
}

// suppliesAway: no contactor of a supply reports closed, and none that has ever
// been seen is unknown now. One that was never seen in this life of the
// controller is the sequence's matter, which proves it open before an island
// begins; a restart must not end an island that runs.
func suppliesAway(u *bess.Unit, snap *bess.Snapshot) bool {
	for i := range u.Feeders {
		k := snap.Feeders[i].Contactor
		if u.Feeders[i].Carries() && k.State != bess.Unknown && !k.IsNot(snap.Now, formAge) {
			return false
		}
	}
	return true
}

// barred reports whether a pack on a common bus may not be charged: there no
// converter stands between it and what the inverter brings in.
func barred(u *bess.Unit, v *bess.Verdict, stages *bess.Stages) bool {
	if u.Bus.Topology != bess.SwitchedPacks {
		return false
	}
	for i, stage := range stages.Packs {
		if v.NoCharge[i] && (stage == bess.PackJoined || stage == bess.PackClosing || stage == bess.PackLeaving) {
			return true
		}
	}
	return false
}

func clampInverter(u *bess.Unit, snap *bess.Snapshot, v *bess.Verdict, c *bess.Commands) {
	o := &c.Inverter
	forms := o.Mode == bess.InverterForm
	if level(v.Inverter, v.Unit) >= bess.LevelStop || !o.Lease.Holds(snap.Now) || forms && !suppliesAway(u, snap) {
		*o = bess.InverterCommand{}
		return
	}
	most := si.Watts(u.Inverter.Rated).Scale(factor(v.Inverter, v.Unit))
	o.Import, o.Export = within(o.Import, most), within(o.Export, most)
	o.Reactive, o.Volts, o.Hertz = finite(o.Reactive), finite(o.Volts), finite(o.Hertz)
}

func clampOutlet(out *bess.Outlet, r bess.Ruling, all bool, now bess.Instant, o *bess.OutletCommand) {
	left := factor(r)
	o.Current = within(o.Current, si.Mul(out.Current, float64(left)))
	o.Power = within(o.Power, out.Rated.Scale(left))
	if !o.Lease.Holds(now) { // the station's own fallback is the safe value
		o.Current, o.Power = min(o.Current, max(0, out.Fallback)), min(o.Power, max(0, out.FallbackDC))
	}
	if r.Level >= bess.LevelStop || all {
		o.Current, o.Power = 0, 0
	}
	if r.Level >= bess.LevelOpen || all {
		o.Enable = false
	}
	if out.Kind == bess.AC && o.Current < out.Minimum { // a vehicle stops below it anyway
		o.Current = 0
	}
}

// clampIO withholds; cooling is never taken away.
func clampIO(v *bess.Verdict, now bess.Instant, o *bess.IOCommand) {
	o.HoldIn = o.HoldIn && v.HoldIn && !all(v)
	if all(v) || !o.Lease.Holds(now) {
		o.HoldIn, o.OutletSupply, o.Bond, o.Heater = false, false, false, false
	}
	o.OutletSupply = o.OutletSupply && !everyOpen(v.Outlets)
}

// everyOpen reports whether all of some parts are to be open: then what feeds
// them all opens too, also for a station that does not listen.
func everyOpen(parts []bess.Ruling) bool {
	for i := range parts {
		if parts[i].Level < bess.LevelOpen {
			return false
		}
	}
	return len(parts) > 0
}
