package sequence

import (
	"reprise/bess"
	"reprise/bess/si"
)

// orders writes the commands that fit the steps.
func (s *State) orders(u *bess.Unit, in View, stages *bess.Stages, c *bess.Commands) {
	lease := bess.Lease{By: bess.SourceSequence, Until: in.Snap.Now.Add(orderLife)}
	for i := range u.Packs {
		c.Packs[i] = packOrder(stages.Packs[i], lease)
		// A pack that was opened for heat is not put to sleep: somebody must see how hot it gets.
		c.Packs[i].Wake = c.Packs[i].Wake || in.Verdict.Hot[i] && stages.Packs[i] != bess.PackService
	}
	s.converters(u, in, stages, c)
	s.inverter(u, in, stages, c, lease)
	for i := range u.Feeders {
		s.feeder(u, in, stages, i, c, lease)
	}
	stages.Supplies = alive(stages) && s.loadsUp(stages)
	s.circuits(u, in, stages, c, lease)
	copy(c.Outlets, in.Split.Outlets)
	if !stages.Supplies && stages.Network != bess.NetworkTransferring {
		for i := range c.Outlets {
			c.Outlets[i].Enable, c.Outlets[i].Current, c.Outlets[i].Power = false, 0, 0
			c.Outlets[i].Why = bess.CauseNoNetwork
		}
	}
	s.io(u, in, stages, c, lease)
}

// alive reports whether somebody carries the AC bus.
func alive(stages *bess.Stages) bool {
	return stages.Network == bess.NetworkGrid || stages.Network == bess.NetworkGenerator || stages.Network == bess.NetworkIsland
}

// closePause parts the closing of circuits, so that starting currents do not
// add up.
const closePause = bess.Second

// circuits orders the shed relays. They open at once and close one by one, the
// most important first. Through a short break they stay as they are; only what
// starts with a surge is taken off before an inverter has to start it.
func (s *State) circuits(u *bess.Unit, in View, stages *bess.Stages, c *bess.Commands, lease bess.Lease) {
	now := in.Snap.Now
	island := stages.Network == bess.NetworkTransferring && s.bonded()
	next := bess.Nobody
	for i := range u.Circuits {
		p := &s.Circuits[i]
		wanted := in.Split.CircuitOn[i] && s.loadsUp(stages) && now >= p.HeldUntil
		if !wanted || stages.Network == bess.NetworkDead || island && u.Circuits[i].Inrush != bess.InrushLow {
			p.Closed = false
		} else if !p.Closed && (next == bess.Nobody || in.Standing.Priority[i] < in.Standing.Priority[next]) {
			next = i
		}
	}
	if next != bess.Nobody && alive(stages) && now >= s.NextClose {
		s.Circuits[next].Closed = true
		s.LastClosed, s.NextClose = next, now.Add(closePause)
	}
	for i := range u.Circuits {
		c.Circuits[i] = bess.CircuitCommand{Close: s.Circuits[i].Closed, Lease: lease}
	}
}

func packOrder(stage bess.PackStage, lease bess.Lease) bess.PackCommand {
	order := bess.PackCommand{Lease: lease}
	switch stage {
	case bess.PackWaking:
		order.Wake = true
	case bess.PackPrecharging:
		order.Wake, order.Precharge = true, true
	case bess.PackClosing:
		order.Wake, order.Precharge, order.Close = true, true, true
	case bess.PackJoined, bess.PackLeaving:
		order.Wake, order.Close = true, true
	default: // open and asleep
	}
	return order
}

// converters follow the split when their pack is joined. While the bus is
// dark, the joined pack that can give most raises it through its converter.
func (s *State) converters(u *bess.Unit, in View, stages *bess.Stages, c *bess.Commands) {
	raises := bess.Nobody
	for k := range u.Converters {
		pack := u.Converters[k].Pack
		c.Converters[k] = bess.ConverterCommand{}
		if stages.Packs[pack] != bess.PackJoined || in.Verdict.Packs[pack].Level >= bess.LevelStop {
			continue
		}
		if s.BusUp {
			c.Converters[k] = in.Split.Converters[k]
		} else if raises == bess.Nobody || able(in, pack) > able(in, u.Converters[raises].Pack) {
			raises = k
		}
	}
	if raises != bess.Nobody {
		c.Converters[raises] = bess.ConverterCommand{
			Mode: bess.ConverterPrecharge, Reference: u.Bus.Nominal,
			Discharge: si.Mul(u.Converters[raises].Rated, 0.1),
			Lease:     bess.Lease{By: bess.SourceSequence, Until: in.Snap.Now.Add(orderLife)},
		}
	}
}

// able is what a pack can give now.
func able(in View, pack bess.PackID) si.Watts {
	return in.Estimates.Packs[pack].Envelope.Discharge.Power
}

// inverter follows the split, as far as it is meant for the network that is.
func (s *State) inverter(u *bess.Unit, in View, stages *bess.Stages, c *bess.Commands, lease bess.Lease) {
	c.Inverter = bess.InverterCommand{}
	forms := stages.Network == bess.NetworkIsland ||
		stages.Network == bess.NetworkTransferring && s.Transfer == TransferConnect && s.bonded()
	switch {
	case forms && in.Split.Inverter.Mode == bess.InverterForm:
		c.Inverter = in.Split.Inverter
	case forms:
		// The split still speaks of the tick before the island: form all the same.
		rated := si.Watts(u.Inverter.Rated)
		c.Inverter = bess.InverterCommand{
			Mode: bess.InverterForm, Import: rated, Export: rated,
			Volts: u.Inverter.PhaseVolts, Hertz: u.Inverter.Nominal, Lease: lease,
		}
	case stages.Live == bess.Nobody, !s.BusUp, in.Split.Inverter.Mode != bess.InverterFollow:
	case s.Faulted != 0 && in.Snap.Now.Since(s.Faulted) >= faultRest:
		// A fault that does not last clears when the order is withdrawn.
	default:
		c.Inverter = in.Split.Inverter
	}
}

// feeder orders a supply's contactor and what it may feed. Solar on the AC bus
// may stay closed: its inverter cannot form, and stops with the bus.
func (s *State) feeder(u *bess.Unit, in View, stages *bess.Stages, i int, c *bess.Commands, lease bess.Lease) {
	order := bess.FeederCommand{Lease: lease, Limit: in.Split.FeederCaps[i]}
	f := &u.Feeders[i]
	barred := in.Verdict.Feeders[i].Level >= bess.LevelOpen || in.Standing.FeederOff[i] ||
		!serving(stages) && stages.Live != i
	switch {
	case f.Kind == bess.Solar:
		order.Close = !barred && stages.Network != bess.NetworkTransferring && stages.Network != bess.NetworkDead
	case f.DC:
		order.Close = !barred && s.BusUp && in.Snap.Feeders[i].Plugged.Is(in.Snap.Now, readingAge)
		order.Volts = u.Bus.Nominal
	default:
		order.Close = stages.Live == i && !barred ||
			stages.Network == bess.NetworkTransferring && s.TargetFeed == i && s.Transfer >= TransferConnect && !barred
	}
	if f.Kind == bess.Generator {
		order.Run = runs(stages.Generators[i])
	}
	c.Feeders[i] = order
}

func (s *State) io(u *bess.Unit, in View, stages *bess.Stages, c *bess.Commands, lease bess.Lease) {
	hot, cold := si.Celsius(-100), si.Celsius(100)
	known, held := false, false
	for i := range u.Packs {
		held = held || in.Verdict.Hot[i]
		if e := &in.Estimates.Packs[i]; e.Known {
			hot, cold, known = max(hot, e.Hot), min(cold, e.Cold), true
		}
	}
	bond := stages.Network == bess.NetworkIsland ||
		stages.Network == bess.NetworkTransferring && s.Transfer >= TransferEarth && s.bonded()
	c.IO = bess.IOCommand{
		HoldIn:       in.Verdict.HoldIn,
		OutletSupply: stages.Supplies,
		Bond:         bond,
		Beacon:       in.Verdict.Unit.Level >= bess.LevelStop || held,
		// Cooling stays on when nothing is known and for what tripped by heat: too cool harms nobody.
		Pump:   held || !known && serving(stages) || hot > u.Cabinet.CoolAbove-5 || known && cold < u.Cabinet.HeatBelow,
		Fan:    held || !known && serving(stages) || hot > u.Cabinet.CoolAbove,
		Heater: known && cold < u.Cabinet.HeatBelow && serving(stages) && s.BusUp,
		Lease:  lease,
	}
}
