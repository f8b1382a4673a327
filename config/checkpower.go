package config

import (
	"fmt"

	"reprise/bess"
	"reprise/bess/si"
)

// converters wants one for each pack, with a working heartbeat and a pack whose contactors can break its current.
func (c *checker) converters(u *bess.Unit) {
	if u.Bus.Topology == bess.SwitchedPacks {
		c.need(len(u.Converters) == 0, "converters", "packs switched straight onto the bus have no converters", "leave them out, or write topology: converter-per-pack")
		return
	}
	feeds := make([]int, len(u.Packs))
	for i := range u.Converters {
		k := &u.Converters[i]
		if int(k.Pack) >= len(u.Packs) || k.Pack < 0 {
			c.need(false, at("converters", i, "pack"), fmt.Sprintf("there is no pack %d", k.Pack+1), fmt.Sprintf("write 1 to %d", len(u.Packs)))
			continue
		}
		feeds[k.Pack]++
		c.need(feeds[k.Pack] == 1, at("converters", i, "pack"), fmt.Sprintf("pack %d already has a converter", k.Pack+1), "give each pack one")
		c.converter(u, i, &u.Packs[k.Pack])
	}
	for i, n := range feeds {
		c.need(n > 0, at("packs", i, "name"), "the pack has no converter", "add one, or one for all under the key converter")
	}
}

func (c *checker) converter(u *bess.Unit, i int, p *bess.Pack) {
	k, contactor, limits := &u.Converters[i], p.Type.Contactor, p.Type.Limits
	path := func(key string) string { return at("converters", i, key) }
	c.need(k.Rated > 0 && k.PackCurrent > 0, path("rated"), "rating and pack current must be above zero", "take both from the data sheet")
	c.need(contactor.Break >= k.PackCurrent, path("pack_current"),
		fmt.Sprintf("the converter can draw %v, but the contactor of %s breaks only %v", k.PackCurrent, p.Type.Name, contactor.Break), "lower the converter's pack current, or fit a contactor that breaks it")
	c.need(contactor.Rated >= k.PackCurrent, path("pack_current"),
		fmt.Sprintf("the converter can draw %v, but the contactor of %s carries only %v", k.PackCurrent, p.Type.Name, contactor.Rated), "lower the converter's pack current")
	reach := k.PackCurrent.Times(limits.PackMin)
	c.warn(reach >= k.Rated, path("pack_current"), fmt.Sprintf("at %v, where %s is empty, %v give %v of the rated %v", limits.PackMin, p.Type.Name, k.PackCurrent, reach, k.Rated), "expect less than the rating from an empty pack")
	c.warn(limits.Discharge >= k.Rated, path("rated"), fmt.Sprintf("%s gives %v at most, the converter could carry %v", p.Type.Name, limits.Discharge, k.Rated), "the pack is the limit")
	c.need(k.Heartbeat > 0, path("heartbeat"), "without a heartbeat it keeps its last order for ever", "write 0.5 s, or put a switch upstream and do not use it")
	c.need(k.Heartbeat <= bess.Second, path("heartbeat"), fmt.Sprintf("%v: converters must be at zero within 1 s", k.Heartbeat.Seconds()), "write at most 1 s")
	c.hold(path("island_hold"), k.IslandHold)
	c.need(k.Ramp > 0, path("ramp"), "it cannot follow any order", "write how fast it moves, such as 50 kW/s")
	c.need(k.Slope > 0, path("slope"), "without a droop slope it cannot share an islanded bus", "write its power per volt, such as 2 kW/V")
	if k.Slope > 0 {
		fall := si.Volts(float64(k.Rated) / float64(k.Slope))
		c.need(fall < u.Bus.Nominal-u.Bus.Trip, path("slope"), fmt.Sprintf("at full power it lets the bus fall by %.0f V, into the undervoltage trip", float64(fall)), "make it steeper")
	}
	c.loss(path("loss"), k.Loss)
}

// hold wants the last references held longer than a restart takes.
func (c *checker) hold(path string, hold bess.Span) {
	c.need(hold > restart, path, fmt.Sprintf("%v is no longer than a restart of %v, which would interrupt the islanded load", hold.Seconds(), restart.Seconds()), "write 3 s")
	c.need(hold <= 10*bess.Second, path, fmt.Sprintf("%v without a controller", hold.Seconds()), "write at most 10 s")
}

func (c *checker) loss(path string, l bess.LossCurve) {
	sum := l.A + l.B + l.C
	c.need(l.A >= 0 && l.B >= 0 && l.C >= 0 && sum < 0.2, path, fmt.Sprintf("it loses %.1f %% at full power", sum*100), "write coefficients from zero whose sum stays below 0.2")
	c.warn(sum > 0, path, "a converter without losses does not exist", "take them from its data sheet")
}

func (c *checker) inverter(u *bess.Unit) {
	v := &u.Inverter
	c.need(v.Rated > 0, "inverter.rated", "the rating is missing", "write it, such as 100 kVA")
	c.need(v.Phases == 1 || v.Phases == 3, "inverter.phases", fmt.Sprintf("%d phases", v.Phases), "write 1 or 3")
	c.need(v.PhaseVolts >= 100 && v.PhaseVolts <= 300, "inverter.phase_volts", fmt.Sprintf("%v from line to neutral", v.PhaseVolts), "write 230 V")
	c.need(v.Nominal == 50 || v.Nominal == 60, "inverter.nominal", fmt.Sprintf("%v", v.Nominal), "write 50 Hz or 60 Hz")
	c.need(v.Overload >= 1 && v.Overload <= 3, "inverter.overload", fmt.Sprintf("an overload of %v of the rating", v.Overload), "write 100 % to 300 %")
	c.need(v.Heartbeat > 0, "inverter.heartbeat", "without a heartbeat it keeps its last order for ever", "write 3 s")
	c.need(v.Heartbeat <= 3*bess.Second, "inverter.heartbeat", fmt.Sprintf("%v: it must be at zero within 3 s", v.Heartbeat.Seconds()), "write at most 3 s")
	c.hold("inverter.island_hold", v.IslandHold)
	c.need(v.Ramp > 0, "inverter.ramp", "it cannot follow any order", "write how fast it moves, such as 50 kW/s")
	c.loss("inverter.loss", v.Loss)
	rated := si.Amps(float64(v.Rated) / max(1, float64(v.Phases)) / max(1, float64(v.PhaseVolts)))
	c.warn(v.FaultCurrent >= rated, "inverter.fault_current", fmt.Sprintf("%v into a short circuit is less than the %.0f A that it carries", v.FaultCurrent, float64(rated)), "take it from its data sheet: protection is chosen by it")
}

func (c *checker) circuits(u *bess.Unit) {
	for i := range u.Circuits {
		k := &u.Circuits[i]
		path := func(key string) string { return at("circuits", i, key) }
		c.need(k.Limit > 0, path("limit"), "the limit is missing", "write its breaker, such as 32 A")
		c.need(k.Phases == 1 || k.Phases == 3, path("phases"), fmt.Sprintf("%d phases", k.Phases), "write 1 or 3")
		c.need(k.Priority >= 1, path("priority"), "priorities begin at 1, which is shed last", "write 1 or more")
		c.warn(k.Shed, path("shed"), "without a shed relay it cannot be given up for others", "it counts as always on")
	}
}

func (c *checker) outlets(u *bess.Unit) {
	for i := range u.Outlets {
		o := &u.Outlets[i]
		path := func(key string) string { return at("outlets", i, key) }
		c.need(o.Rated > 0 && o.Current > 0, path("rated"), "rating and current must be above zero", "write both")
		c.need(o.Hold > 0, path("hold"), "an order to this station would never end", "write how long it holds, such as 60 s")
		c.need(o.Hold == 0 || o.Hold > o.Lag && o.Hold <= 10*bess.Minute, path("hold"), fmt.Sprintf("an order of %v cannot reach a station that lags %v in time", o.Hold.Seconds(), o.Lag.Seconds()), "write more than the lag and at most 10 min")
		c.need(o.Priority >= 1, path("priority"), "priorities begin at 1, the highest", "write 1 or more")
		if o.Kind == bess.Rapid {
			c.rapid(u, i)
			continue
		}
		c.need(o.Phases == 1 || o.Phases == 3, path("phases"), fmt.Sprintf("%d phases", o.Phases), "write 1 or 3")
		c.need(o.Minimum >= 6 && o.Minimum <= o.Current, path("minimum"), fmt.Sprintf("vehicles follow from 6 A up; %v to %v is no such range", o.Minimum, o.Current), "write 6 A")
		c.need(o.Fallback == 0 || o.Fallback >= o.Minimum && o.Fallback <= o.Current, path("fallback"), fmt.Sprintf("%v alone is not an offer between %v and %v", o.Fallback, o.Minimum, o.Current), "write 0 A, or an offer that a vehicle follows")
		carries := o.Current.Times(u.Inverter.PhaseVolts) * si.Watts(max(1, o.Phases))
		c.warn(o.Rated <= carries*1.05, path("rated"), fmt.Sprintf("%v on %d phase is %v, not %v", o.Current, o.Phases, carries, o.Rated), "the current is the limit")
	}
}

func (c *checker) rapid(u *bess.Unit, i int) {
	o := &u.Outlets[i]
	path := func(key string) string { return at("outlets", i, key) }
	c.need(o.VoltsMin >= 150 && o.VoltsMin < o.VoltsMax && o.VoltsMax <= 1000, path("volts_min"), fmt.Sprintf("the window %v..%v", o.VoltsMin, o.VoltsMax), "write it within 150 V..1000 V")
	c.need(o.FallbackDC <= o.Rated, path("fallback_dc"), "the fallback is above the rating", "write 0 kW")
	c.need(o.Ramp > 0, path("ramp"), "it cannot follow any order", "write how fast it moves, such as 20 kW/s")
	c.warn(o.ShedsFast, path("sheds_fast"), "it does not shed when the bus sags", "an islanded load may go dark with it")
	c.loss(path("loss"), o.Loss)
	if sum, name := source(u); sum > 0 {
		c.warn(o.Rated <= sum, path("rated"), fmt.Sprintf("it can draw %v, %s give %v", o.Rated, name, sum), "it will rarely reach its rating")
	}
}

// source is what the packs can give to the bus, and through what.
func source(u *bess.Unit) (si.Watts, string) {
	sum := si.Watts(0)
	if u.Bus.Topology == bess.SwitchedPacks {
		for i := range u.Packs {
			sum += u.Packs[i].Type.Limits.Discharge
		}
		return sum, "the packs"
	}
	for i := range u.Converters {
		sum += u.Converters[i].Rated
	}
	return sum, "the converters"
}

// sums says with numbers where more is plugged in than there is behind it, and refuses what stations alone would
// overload.
func (c *checker) sums(u *bess.Unit) {
	var outlets, circuits si.Watts
	var fallback [3]si.Amps
	for i := range u.Outlets {
		o := &u.Outlets[i]
		if o.Kind == bess.Rapid {
			continue
		}
		outlets += o.Rated
		for phase := range 3 {
			if o.Phases == 3 || phase == o.Phase {
				fallback[phase] += o.Fallback
			}
		}
	}
	for i := range u.Circuits {
		circuits += u.Circuits[i].Limit.Times(u.Inverter.PhaseVolts) * si.Watts(max(1, u.Circuits[i].Phases))
	}
	c.warn(float64(outlets+circuits) <= float64(u.Inverter.Rated), "inverter.rated",
		fmt.Sprintf("outlets of %v and circuits of %v are %v together, the inverter forms %v", outlets, circuits, outlets+circuits, u.Inverter.Rated), "islanded, not all can run at once")
	for i := range u.Feeders {
		f := &u.Feeders[i]
		if f.Kind != bess.Grid && f.Kind != bess.Generator {
			continue
		}
		c.warn(outlets+circuits <= f.Cap, at("feeders", i, "cap"), fmt.Sprintf("outlets and circuits of %v hang on %v", outlets+circuits, f.Cap), "the packs must carry the rest")
		carried := fallback
		if f.Phases == 1 { // everything hangs on its one phase
			carried = [3]si.Amps{fallback[0] + fallback[1] + fallback[2]}
		}
		for phase, sum := range carried {
			c.need(sum <= f.PhaseLimit, at("feeders", i, "phase_limit"),
				fmt.Sprintf("left alone, the stations on L%d offer %v together, the supply carries %v", phase+1, sum, f.PhaseLimit), "lower their fallback, or spread them over the phases")
		}
	}
}
