package sequence

import (
	"reprise/bess"
	"reprise/bess/si"
)

// orders writes the commands that fit the steps.
func (s *State) orders(u *bess.Unit, in View, stages *bess.Stages, c *bess.Commands) {
	lease := bess.Lease{By: bess.SourceSequence, Until: in.Snap.Now.Add(contactorLease)}
	for i := range u.Packs {
		c.Packs[i] = packOrder(stages.Packs[i], lease)
	}
	s.converters(u, in, stages, c)
	s.inverter(u, in, stages, c, lease)
	for i := range u.Feeders {
		s.feeder(u, in, stages, i, c, lease)
	}
	live := stages.Network == bess.NetworkGrid || stages.Network == bess.NetworkGenerator || stages.Network == bess.NetworkIsland
	stages.Supplies = live && serving(stages)
	for i := range u.Circuits {
		// Through a transfer the shed relays stay as they are: a short break
		// must not become a long one.
		on := in.Split.CircuitOn[i] || stages.Network == bess.NetworkTransferring
		c.Circuits[i] = bess.CircuitCommand{Close: on && serving(stages), Lease: lease}
	}
	copy(c.Outlets, in.Split.Outlets)
	if !stages.Supplies && stages.Network != bess.NetworkTransferring {
		for i := range c.Outlets {
			c.Outlets[i].Enable, c.Outlets[i].Current, c.Outlets[i].Power = false, 0, 0
			c.Outlets[i].Why = bess.CauseNoNetwork
		}
	}
	s.io(u, in, stages, c, lease)
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
	}
	return order
}

// converters follow the split when their pack is joined. While the bus is
// dark the first joined pack raises it through its converter.
func (s *State) converters(u *bess.Unit, in View, stages *bess.Stages, c *bess.Commands) {
	first := true
	for k := range u.Converters {
		order := in.Split.Converters[k]
		if stages.Packs[u.Converters[k].Pack] != bess.PackJoined {
			order = bess.ConverterCommand{}
		} else if !s.BusUp {
			order = bess.ConverterCommand{}
			if first {
				order = bess.ConverterCommand{
					Mode: bess.ConverterPrecharge, Reference: u.Bus.Nominal,
					Discharge: si.Mul(u.Converters[k].Rated, 0.1),
					Lease:     bess.Lease{By: bess.SourceSequence, Until: in.Snap.Now.Add(contactorLease)},
				}
			}
			first = false
		}
		c.Converters[k] = order
	}
}

func (s *State) inverter(u *bess.Unit, in View, stages *bess.Stages, c *bess.Commands, lease bess.Lease) {
	c.Inverter = bess.InverterCommand{}
	rated := si.Watts(u.Inverter.Rated)
	switch stages.Network {
	case bess.NetworkGrid, bess.NetworkGenerator, bess.NetworkIsland:
		c.Inverter = in.Split.Inverter
	case bess.NetworkTransferring:
		switch {
		case s.Transfer == TransferConnect && s.Target == bess.NetworkIsland:
			c.Inverter = bess.InverterCommand{Mode: bess.InverterForm, Import: rated, Export: rated}
		case s.Transfer == TransferFollow:
			c.Inverter = bess.InverterCommand{Mode: bess.InverterFollow}
		}
		c.Inverter.Volts, c.Inverter.Hertz, c.Inverter.Lease = u.Inverter.PhaseVolts, u.Inverter.Nominal, lease
	}
}

// feeder orders a supply's contactor and what it may feed. Solar on the AC bus
// may stay closed: its inverter cannot form, and stops with the bus.
func (s *State) feeder(u *bess.Unit, in View, stages *bess.Stages, i int, c *bess.Commands, lease bess.Lease) {
	order := bess.FeederCommand{Lease: lease, Limit: in.Split.FeederCaps[i]}
	f := &u.Feeders[i]
	barred := in.Verdict.Feeders[i].Level >= bess.LevelOpen || in.Standing.FeederOff[i] || !serving(stages)
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
	known := false
	for i := range u.Packs {
		if e := &in.Estimates.Packs[i]; e.Known {
			hot, cold, known = max(hot, e.Hot), min(cold, e.Cold), true
		}
	}
	bond := stages.Network == bess.NetworkIsland ||
		stages.Network == bess.NetworkTransferring && s.Transfer >= TransferEarth && s.bonded(u)
	c.IO = bess.IOCommand{
		HoldIn:       in.Verdict.HoldIn,
		OutletSupply: stages.Supplies,
		Bond:         bond,
		Beacon:       in.Verdict.Unit.Level >= bess.LevelStop,
		// Cooling stays on when nothing is known: too cool harms nobody.
		Pump:   !known && serving(stages) || hot > u.Cabinet.CoolAbove-5 || known && cold < u.Cabinet.HeatBelow,
		Fan:    !known && serving(stages) || hot > u.Cabinet.CoolAbove,
		Heater: known && cold < u.Cabinet.HeatBelow && serving(stages) && s.BusUp,
		Lease:  lease,
	}
}
