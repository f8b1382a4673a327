package storm

import (
	"reprise/bess"
	"reprise/bess/si"
	"reprise/twin"
)

// carries reports whether a supply can carry the AC bus.
func carries(f *bess.Feeder) bool { return f.Kind == bess.Grid || f.Kind == bess.Generator }

// inhibitFirst: a converter is never ordered to run while its pack's contacts
// are not ordered closed, and the hardware inhibits before coils drop.
type inhibitFirst struct{ since clocks }

func newInhibitFirst(*bess.Unit) *inhibitFirst { return &inhibitFirst{newClocks(1)} }

func (*inhibitFirst) Name() string { return "inhibit-first" }

func (k *inhibitFirst) Look(s *Scene) string {
	if !s.Truth.Coils && !s.Truth.Inhibited {
		return "the coils dropped while converters were not inhibited"
	}
	if !s.Alive {
		return ""
	}
	for i := range s.Unit.Converters {
		o, pack := &s.Orders.Converters[i], s.Unit.Converters[i].Pack
		if o.Mode != bess.ConverterOff && !s.Orders.Packs[pack].Close {
			return say("converter %d is ordered to run while pack %d is ordered open", i+1, pack+1)
		}
	}
	return ""
}

// bond: one neutral-earth bond per live source. Beside a supply that carries
// the network the unit's own is open; an island without it goes dark. Half a
// second of the rule, and the contacts' time.
type bond struct{ double, missing clocks }

func newBond(*bess.Unit) *bond { return &bond{newClocks(1), newClocks(1)} }

func (*bond) Name() string { return "bond" }

func (k *bond) Look(s *Scene) string {
	forming := s.Truth.Forming
	live := false
	for i := range s.Inside.Feeders {
		f := &s.Inside.Feeders[i]
		live = live || carries(&s.Unit.Feeders[i]) && f.Closed && f.Live
		if s.Alive && s.Orders.IO.Bond && s.Orders.Feeders[i].Close && carries(&s.Unit.Feeders[i]) {
			return "bond and supply contactor are ordered closed together"
		}
	}
	limit := 1500 * bess.Millisecond
	if !s.Alive || s.Run < 2*bess.Second || s.Troubles.Somewhere(bess.Second, twin.IOSilent, twin.IOReboots) {
		limit = 5 * bess.Second
	}
	if t := k.double.lasts(0, live && s.Inside.Bond, s.Now); t > limit && !welded(s) {
		return say("the unit's bond is closed beside a live supply for %.1f s", t.Seconds())
	}
	if t := k.missing.lasts(0, forming && !s.Inside.Bond, s.Now); t > limit {
		return say("an island runs without a bond for %.1f s", t.Seconds())
	}
	return ""
}

// welded reports whether a supply contactor cannot open.
func welded(s *Scene) bool { return s.Troubles.Somewhere(0, twin.FeederWelded) }

// parallel: two sources are never put onto one bus, whatever happens.
type parallel struct{ twice, forms int }

func newParallel(*bess.Unit) *parallel { return &parallel{} }

func (*parallel) Name() string { return "parallel" }

func (k *parallel) Look(s *Scene) (what string) {
	c := &s.Truth.Counts
	if c.Parallelled > k.twice {
		what = "two sources were closed onto each other"
	}
	if c.FormRefusals > k.forms && s.Alive {
		what = "the inverter was ordered to form while a supply contactor was closed"
	}
	k.twice, k.forms = c.Parallelled, c.FormRefusals
	if !s.Alive {
		return what
	}
	closed := 0
	for i := range s.Orders.Feeders {
		if s.Orders.Feeders[i].Close && carries(&s.Unit.Feeders[i]) {
			closed++
		}
	}
	if closed > 1 || closed > 0 && s.Orders.Inverter.Mode == bess.InverterForm {
		what = "two sources are ordered onto the AC bus"
	}
	return what
}

// regulated: while the AC bus lives from the DC bus, somebody regulates it:
// orders never leave it to nobody, and the voltage stays where the devices do
// not trip.
type regulated struct{ orders, volts clocks }

func newRegulated(*bess.Unit) *regulated { return &regulated{newClocks(1), newClocks(1)} }

func (*regulated) Name() string { return "regulated" }

func (k *regulated) Look(s *Scene) string {
	o := s.Orders
	pushes, droops, raises := false, false, false
	for i := range o.Converters {
		c := &o.Converters[i]
		pushes = pushes || c.Mode == bess.ConverterPower && c.Power != 0
		droops = droops || c.Mode == bess.ConverterDroop
		raises = raises || c.Mode == bess.ConverterPrecharge
	}
	follows := o.Inverter.Mode == bess.InverterFollow
	nobody := pushes && !droops && !raises && !follows || droops && o.Inverter.Mode == bess.InverterFollow && s.Unit.Bus.OnNetwork == bess.RegulatorInverter && pushes
	if t := k.orders.lasts(0, s.Alive && nobody, s.Now); t > bess.Second {
		return say("converters push power and nobody is ordered to hold the DC bus for %.1f s", t.Seconds())
	}
	b := &s.Unit.Bus
	bad := (s.Truth.Forming || s.Inside.Inverter == bess.InverterFollow) && (s.Truth.BusVolts > si.Mul(b.Max, 1.05) || s.Truth.BusVolts < b.Trip)
	calm := !s.Troubles.Somewhere(5*bess.Second, twin.BusShort) && s.Alive
	if t := k.volts.lasts(0, bad && calm, s.Now); t > 2*bess.Second {
		return say("the DC bus stands at %.0f V, window %.0f..%.0f V, for %.1f s", s.Truth.BusVolts, b.Min, b.Max, t.Seconds())
	}
	return ""
}

// imported: the site's import cap. The rules derate after 5 s at 103 % and stop
// every vehicle after 20 s at 110 %; what is left is what circuits without a
// shed relay draw, which nobody steers.
type imported struct{ since clocks }

func newImport(*bess.Unit) *imported { return &imported{newClocks(1)} }

func (*imported) Name() string { return "import-cap" }

func (k *imported) Look(s *Scene) string {
	sum, fixed := si.Watts(0), si.Watts(0)
	for i := range s.Truth.FeederNow {
		if s.Unit.Feeders[i].Kind == bess.Grid && s.Inside.Feeders[i].Closed {
			sum += s.Truth.FeederNow[i]
		}
	}
	for i := range s.Unit.Circuits {
		if !s.Unit.Circuits[i].Shed {
			fixed += s.Truth.CircuitNow[i]
		}
	}
	over := sum > max(si.Mul(s.Unit.Site.ImportCap, 1.12), fixed+500) && steers(s)
	if t := k.since.lasts(0, over, s.Now); t > bess.Minute {
		return say("%.1f kW are imported, the cap is %.1f kW, for %.0f s", sum.KW(), s.Unit.Site.ImportCap.KW(), t.Seconds())
	}
	return ""
}

// steers reports whether the controller can reach what it must steer.
func steers(s *Scene) bool {
	return s.Alive && s.Run > 30*bess.Second && s.Electronics() && !s.Troubles.Somewhere(10*bess.Second, twin.IOSilent, twin.IOReboots)
}

// phases: the current of a supply's phase. The rules halve the vehicles after
// 5 s at 105 % and stop them after 15 s at 120 %.
type phases struct{ since clocks }

func newPhases(u *bess.Unit) *phases { return &phases{newClocks(len(u.Feeders))} }

func (*phases) Name() string { return "phase-limit" }

func (k *phases) Look(s *Scene) string {
	fixed := si.Amps(0)
	for i := range s.Unit.Circuits {
		if c := &s.Unit.Circuits[i]; !c.Shed {
			fixed += s.Truth.CircuitNow[i].At(s.Unit.Inverter.PhaseVolts) / si.Amps(max(1, c.Phases))
		}
	}
	for i := range s.Unit.Feeders {
		f := &s.Unit.Feeders[i]
		worst := si.Amps(0)
		for _, a := range s.Inside.Feeders[i].Amps {
			worst = max(worst, si.Abs(a))
		}
		over := carries(f) && worst > max(si.Mul(f.PhaseLimit, 1.22), si.Mul(fixed, 1.15)+2) && steers(s)
		if t := k.since.lasts(i, over, s.Now); t > 45*bess.Second {
			return say("feeder %d carries %.0f A in a phase of %.0f A for %.0f s", i+1, worst, f.PhaseLimit, t.Seconds())
		}
	}
	return ""
}

// exported: power fed back beyond what the record permits, for longer than the
// five seconds of an export limitation scheme; into a generator, two.
type exported struct{ since clocks }

func newExport(u *bess.Unit) *exported { return &exported{newClocks(len(u.Feeders))} }

func (*exported) Name() string { return "export" }

func (k *exported) Look(s *Scene) string {
	for i := range s.Unit.Feeders {
		f := &s.Unit.Feeders[i]
		if !carries(f) {
			continue
		}
		may := max(1000, si.Mul(f.Cap, 0.03)) * 1.1
		if f.Mode == bess.Export {
			may += f.Record.ExportCap
		}
		limit := 8 * bess.Second
		if f.Kind == bess.Generator {
			may, limit = si.Mul(f.Set.Rated, 0.055), 5*bess.Second
		}
		watch := s.Alive && s.Run > 5*bess.Second && s.Electronics() && !welded(s)
		if t := k.since.lasts(i, watch && -s.Truth.FeederNow[i] > may, s.Now); t > limit {
			return say("%.1f kW flow back into feeder %d for %.1f s", -s.Truth.FeederNow[i].KW(), i+1, t.Seconds())
		}
	}
	return ""
}
