package storm

import (
	"reprise/bess"
	"reprise/bess/si"
	"reprise/twin"
)

// longestLease is how far ahead an order may reach: a device that hears
// nothing more must not go on for longer.
const longestLease = 2 * bess.Minute

// leases: every order that is not the safe one names who gave it and when it
// ends, and that end is near.
type leases struct{}

func newLeases(*bess.Unit) *leases { return &leases{} }

func (*leases) Name() string { return "leases" }

func (*leases) Look(s *Scene) string {
	if !s.Alive {
		return ""
	}
	o := s.Orders
	at := s.Snap.Now
	good := func(l bess.Lease) bool { return l.Holds(at) && l.Until.Since(at) <= longestLease }
	for i := range o.Packs {
		if p := &o.Packs[i]; (p.Close || p.Precharge || p.Wake) && !good(p.Lease) {
			return say("the order to pack %d has no lease", i+1)
		}
	}
	for i := range o.Converters {
		if c := &o.Converters[i]; c.Mode != bess.ConverterOff && !good(c.Lease) {
			return say("the order to converter %d has no lease", i+1)
		}
	}
	for i := range o.Feeders {
		if f := &o.Feeders[i]; (f.Close || f.Run) && !good(f.Lease) {
			return say("the order to feeder %d has no lease", i+1)
		}
	}
	for i := range o.Circuits {
		if c := &o.Circuits[i]; c.Close && !good(c.Lease) {
			return say("the order to circuit %d has no lease", i+1)
		}
	}
	for i := range o.Outlets {
		p := &o.Outlets[i]
		if p.Enable && (p.Current > s.Unit.Outlets[i].Fallback || p.Power > s.Unit.Outlets[i].FallbackDC) && !good(p.Lease) {
			return say("the order to outlet %d has no lease", i+1)
		}
	}
	if o.Inverter.Mode != bess.InverterOff && !good(o.Inverter.Lease) || (o.IO.Bond || o.IO.OutletSupply || o.IO.HoldIn) && !good(o.IO.Lease) {
		return "an order to the inverter or the I/O module has no lease"
	}
	return ""
}

// deadman: without a controller everything comes to rest by itself: power at
// the heartbeats and the island hold, contactors when the hold-in window ends.
type deadman struct{ since clocks }

func newDeadman(*bess.Unit) *deadman { return &deadman{newClocks(1)} }

func (*deadman) Name() string { return "deadman" }

func (k *deadman) Look(s *Scene) string {
	t := k.since.lasts(0, !s.Alive, s.Now)
	if t <= s.Unit.IO.HoldWindow+s.Unit.IO.CoilDelay+500 {
		return ""
	}
	for i := range s.Truth.Packs {
		if p := &s.Truth.Packs[i]; p.Closed && !p.Welded {
			return say("pack %d is closed %.1f s after the controller was killed", i+1, t.Seconds())
		}
	}
	for i := range s.Inside.Converters {
		if c := &s.Inside.Converters[i]; si.Abs(c.Power) > si.Mul(s.Unit.Converters[i].Rated, 0.05) {
			return say("converter %d still carries %.1f kW %.1f s after the controller was killed", i+1, c.Power.KW(), t.Seconds())
		}
	}
	if s.Truth.Forming {
		return say("the inverter still forms %.1f s after the controller was killed", t.Seconds())
	}
	return ""
}

// bounds: orders are finite and within what is installed.
type bounds struct{}

func newBounds(*bess.Unit) *bounds { return &bounds{} }

func (*bounds) Name() string { return "bounds" }

// fits reports whether 0 <= x <= most; what is not a number does not.
func fits[T si.Number](x, most T) bool { return x >= 0 && x <= most }

func (*bounds) Look(s *Scene) string {
	for i := range s.Orders.Converters {
		o, c := &s.Orders.Converters[i], &s.Unit.Converters[i]
		if !fits(o.Discharge, c.Rated) || !fits(o.Charge, c.Rated) || !(o.Power <= o.Discharge && -o.Power <= o.Charge) || !fits(o.Reference, s.Unit.Bus.Max) || !si.Finite(o.Slope) {
			return say("converter %d is ordered %+v", i+1, *o)
		}
	}
	if o := &s.Orders.Inverter; !fits(o.Import, si.Watts(s.Unit.Inverter.Rated)) || !fits(o.Export, si.Watts(s.Unit.Inverter.Rated)) || !si.Finite(o.Volts) || !si.Finite(o.Hertz) {
		return say("the inverter is ordered %+v", *o)
	}
	for i := range s.Orders.Feeders {
		if o := &s.Orders.Feeders[i]; !fits(o.Limit, s.Unit.Feeders[i].Cap) || !si.Finite(o.Volts) {
			return say("feeder %d is ordered %+v", i+1, *o)
		}
	}
	for i := range s.Orders.Outlets {
		o, p := &s.Orders.Outlets[i], &s.Unit.Outlets[i]
		low := p.Kind == bess.AC && o.Current > 0 && o.Current < p.Minimum
		if !fits(o.Current, p.Current) || !fits(o.Power, p.Rated) || low {
			return say("outlet %d is ordered %+v", i+1, *o)
		}
	}
	return ""
}

// stop: the emergency stop, the interlock loop and smoke part everything: the
// hardware within its coil delay, and no order asks for anything a second on.
type stop struct{ since clocks }

func newStop(*bess.Unit) *stop { return &stop{newClocks(1)} }

func (*stop) Name() string { return "stop" }

func (k *stop) Look(s *Scene) string {
	pressed := s.Troubles.Any(0, bess.OfUnit, 0, twin.InterlockOpen)
	for i := range s.Troubles.List {
		t := &s.Troubles.List[i]
		pressed = pressed || t.On && t.Kind == twin.InputTrouble && (t.Part == int(bess.EmergencyStop) || t.Part == int(bess.Smoke) || t.Part == int(bess.HVIL))
	}
	t := k.since.lasts(0, pressed, s.Now)
	if t <= s.Unit.IO.CoilDelay+500 {
		return ""
	}
	for i := range s.Truth.Packs {
		if p := &s.Truth.Packs[i]; p.Closed && !p.Welded {
			return say("pack %d is closed %.1f s after a wired stop", i+1, t.Seconds())
		}
	}
	if s.Truth.Forming {
		return say("the inverter forms %.1f s after a wired stop", t.Seconds())
	}
	heard := s.Alive && s.Run > 2*bess.Second && s.Electronics() && !s.Troubles.Somewhere(5*bess.Second, twin.IOSilent, twin.IOReboots, twin.TwelveVoltLow)
	if !heard || t <= 1500*bess.Millisecond {
		return ""
	}
	o := s.Orders
	running := o.Inverter.Mode != bess.InverterOff || o.IO.HoldIn || o.IO.OutletSupply
	for i := range o.Converters {
		running = running || o.Converters[i].Mode != bess.ConverterOff
	}
	for i := range o.Feeders {
		running = running || o.Feeders[i].Close
	}
	if running {
		return say("something is ordered to run %.1f s after a wired stop", t.Seconds())
	}
	return ""
}

// stuck: no step of a sequence lasts longer than it can.
type stuck struct{ packs, network, service, sets clocks }

func newStuck(u *bess.Unit) *stuck {
	return &stuck{newClocks(len(u.Packs)), newClocks(1), newClocks(1), newClocks(len(u.Feeders))}
}

func (*stuck) Name() string { return "stuck" }

// longest is how long a pack may stand in a stage; 0: for ever. A pack that
// carries more than its contacts break waits for its fuse.
func longest(u *bess.Unit, i int, stage bess.PackStage) bess.Span {
	switch stage {
	case bess.PackPrecharging:
		k := &u.Packs[i].Type.Contactor
		tau := k.PrechargeTau()
		if u.Bus.Topology == bess.SwitchedPacks { // it charges the whole bus
			tau = si.Seconds(float64(k.PrechargeOhms) * float64(u.Bus.Capacitance))
		}
		return 2*bess.Second + 8*bess.SpanOf(tau)
	case bess.PackClosing:
		return 3 * bess.Second
	case bess.PackLeaving:
		return 2 * bess.Minute
	case bess.PackOpening:
		return 5 * bess.Second
	case bess.PackCooling:
		return 15 * bess.Second
	default:
		return 0
	}
}

func (k *stuck) Look(s *Scene) string {
	if !s.Alive {
		return ""
	}
	at := s.Snap.Now
	for i, stage := range s.Stages.Packs {
		if most := longest(s.Unit, i, stage); most > 0 && at.Since(s.Stages.PackSince[i]) > most && s.Run > most {
			return say("pack %d is %v for %.0f s", i+1, stage, at.Since(s.Stages.PackSince[i]).Seconds())
		}
	}
	if t := k.network.lasts(0, s.Stages.Network == bess.NetworkTransferring, s.Now); t > 3*s.Unit.Network.TransferTimeout+30*bess.Second {
		return say("the network transfers for %.0f s", t.Seconds())
	}
	if t := k.service.lasts(0, s.Stages.Service == bess.ServiceStopping, s.Now); t > 3*bess.Minute && !s.anyWelded() {
		return say("the unit is stopping for %.0f s", t.Seconds())
	}
	for i, stage := range s.Stages.Generators {
		set := &s.Unit.Feeders[i].Set
		moving := stage == bess.GeneratorCranking || stage == bess.GeneratorWarming || stage == bess.GeneratorCoolingDown || stage == bess.GeneratorResting
		if t := k.sets.lasts(i, moving, s.Now); t > bess.Span(set.StartTries+1)*(2*set.StartWait+set.WarmUp)+set.CoolDown+bess.Minute {
			return say("feeder %d is %v, and no end, for %.0f s", i+1, stage, t.Seconds())
		}
	}
	return ""
}

func (s *Scene) anyWelded() bool {
	for i := range s.Truth.Packs {
		if s.Truth.Packs[i].Welded {
			return true
		}
	}
	return welded(s)
}

// wear: contactors are not switched more often than troubles explain: thirty
// operations in an hour and six for each trouble and request of that hour.
type wear struct {
	count []int
	from  []int
	hour  bess.Span
}

func newWear(u *bess.Unit) *wear {
	return &wear{count: make([]int, len(u.Packs)), from: make([]int, len(u.Packs))}
}

func (*wear) Name() string { return "wear" }

func (k *wear) Look(s *Scene) string {
	if s.Now-k.hour < bess.Hour {
		return ""
	}
	causes := 0
	for i := range s.Troubles.List {
		if t := &s.Troubles.List[i]; t.On || t.To >= k.hour {
			causes++
		}
	}
	k.hour = s.Now
	for i := range s.Truth.Packs {
		n := s.Truth.Packs[i].Operations - k.from[i]
		k.from[i] = s.Truth.Packs[i].Operations
		if n > 30+6*causes {
			return say("pack %d switched %d times in an hour with %d causes", i+1, n, causes)
		}
	}
	return ""
}
