package dispatch

import (
	"reprise/bess"
	"reprise/bess/si"
)

// importMargin keeps a small import on a feeder that may not be fed back, so
// that a load that drops does not turn into an export before the next tick.
const importMargin = si.Watts(200)

// trimGain moves the converters' sum per tick towards a binding import limit
// by this share of the measured error: losses and own use are only modelled,
// the meter at the feeder is the truth.
const trimGain = 0.05

// sagStep is how much more the converters give in each tick in which the bus
// sags: a bus of 20 mF loses 7 V/s at 100 W too little.
const sagStep = si.Watts(100)

// onNetwork: a feeder is live, the inverter follows and holds the DC bus. The
// converters' power decides what the inverter moves, within import cap and
// permission to feed.
func (s *State) onNetwork(u *bess.Unit, in View, b *balance, split *bess.Split) {
	wish, why := s.wish(b)
	load := s.metered(in, b)
	ac, dc := max(b.acDraw(), load), b.dcDraw()
	coming := s.coming(u, in)
	// What the inverter may move, AC side, positive into the AC bus.
	low := max(-b.inverter, s.relief(u, in, b), ac+coming-b.supply)
	// Stations tell late that a vehicle stopped: fed is for what the meters see.
	high := min(b.parallel, load+b.export)
	if b.export == 0 {
		high = min(b.parallel, load-importMargin)
	}
	high = max(high, -b.inverter)
	low = min(low, high) // what is yet to come is no load that could be fed
	feed := si.Clamp(inverterFor(u, wish-dc), low, high)
	s.Trim = s.trim(u, in, b, feed-low)
	if u.Bus.Topology == bess.SwitchedPacks {
		s.throttle(u, b, feed, why, split)
		return
	}
	// More than the inverter may take away would only lift the bus.
	sum := min(dcFor(u, feed)+s.Trim, dcFor(u, high)) + dc
	sum = si.Clamp(sum, -b.charge, b.discharge)
	if sum > wish && sum > 0 && wish <= 0 {
		why = bess.CauseImportCap
	}
	s.split(u, in, b, sum, why, split)
	for c := range u.Converters {
		conv := &u.Converters[c]
		pack := conv.Pack
		split.Converters[c] = bess.ConverterCommand{
			Mode: bess.ConverterPower, Power: split.Packs[pack].Power,
			Reference: u.Bus.Nominal, Slope: conv.Slope,
			Discharge: busSide(conv.Loss, conv.Rated, s.envelopes[pack].Discharge.Power),
			Charge:    s.envelopes[pack].Charge.Power,
			Lease:     bess.Lease{By: bess.SourceDispatch, Until: b.now.Add(orderLife)},
		}
		if in.Stages.Packs[pack] != bess.PackJoined {
			split.Converters[c] = bess.ConverterCommand{}
		}
	}
	split.Inverter = bess.InverterCommand{
		Mode: bess.InverterFollow, Import: max(0, min(b.phaseRoom, b.supply-ac-coming)), Export: max(0, high),
		Volts: u.Inverter.PhaseVolts, Hertz: u.Inverter.Nominal,
		Lease: bess.Lease{By: bess.SourceDispatch, Until: b.now.Add(bess.Span(3 * bess.Second))},
	}
}

// metered is the load of the AC bus by the meters of feeder and inverter, which
// are faster than those of the stations. Both are taken at the moment at which
// the feeder was read.
func (s *State) metered(in View, b *balance) si.Watts {
	imported, ok := b.imported.Fresh(b.now, b.slow)
	power, known := in.Snap.Inverter.Power.Fresh(b.now, b.fast)
	switch {
	case !ok || !known:
		s.MeteredAt = 0
		return b.acDraw()
	case s.MeteredAt != b.imported.At:
		s.Metered, s.MeteredAt = imported+power, b.imported.At
	}
	return s.Metered
}

// wish is what the packs should carry in sum, DC side, positive discharge,
// before the network's limits.
func (s *State) wish(b *balance) (si.Watts, bess.Cause) {
	surplus := -b.acDraw()
	switch {
	case s.Refill:
		return -b.charge, bess.CauseRefill
	case b.generator:
		return min(0, b.acDraw()-b.least), bess.CauseGeneratorBand
	case surplus > importMargin:
		return -min(b.charge, max(0, surplus-b.dcDraw())), bess.CauseSolarSurplus
	case s.SelfUse && b.parallel > 0:
		return max(0, b.acDraw()+b.dcDraw()), bess.CauseShare
	case s.SelfUse || b.rapid > 0 && b.stored > 0:
		// The DC side lives on the packs; the feeder carries the AC side.
		return max(0, b.dcDraw()), bess.CauseShare
	}
	return 0, bess.CauseNotNeeded
}

// trim corrects the converters' sum while the import is above its limit, and
// forgets slowly when it is not. room is how far the plan is from the limit.
func (s *State) trim(u *bess.Unit, in View, b *balance, room si.Watts) si.Watts {
	// A bus that sags says that the inverter is at its limit and the converters
	// were given too little: losses are only modelled.
	if volts, ok := in.Snap.Bus.Volts.Fresh(b.now, b.fast); ok && volts < si.Mul(u.Bus.Nominal, 0.99) {
		return si.Clamp(s.Trim+sagStep, 0, si.Mul(b.inverter, 0.1))
	}
	imported, ok := b.imported.Fresh(b.now, b.slow)
	if !ok {
		return s.Trim
	}
	over := imported - b.supply
	if over > 0 || s.Trim > 0 && room < si.Mul(b.supply, 0.05) {
		return si.Clamp(s.Trim+si.Mul(over, trimGain), 0, si.Mul(b.inverter, 0.1))
	}
	return si.Mul(s.Trim, 0.98)
}

// inverterFor is the AC power that a DC power gives through the inverter,
// positive into the AC bus.
func inverterFor(u *bess.Unit, dc si.Watts) si.Watts {
	return dc - lossAt(u.Inverter.Loss, si.Watts(u.Inverter.Rated), dc)
}

// dcFor is the DC power that an AC power needs.
func dcFor(u *bess.Unit, ac si.Watts) si.Watts {
	return ac + lossAt(u.Inverter.Loss, si.Watts(u.Inverter.Rated), ac)
}

// throttle: packs on a common bus follow whatever the inverter moves, so its
// limits are the order.
func (s *State) throttle(u *bess.Unit, b *balance, feed si.Watts, why bess.Cause, split *bess.Split) {
	sum := si.Clamp(dcFor(u, feed)+b.dcDraw(), -b.charge, b.discharge)
	feed = inverterFor(u, sum-b.dcDraw())
	s.splitCommon(sum, b, why, split)
	// The packs hold the bus wherever they stand. A reference at the far end of
	// the window makes the limits the power, and ends a charge at its edge.
	reference := u.Bus.Max
	if feed > 0 {
		reference = u.Bus.Min
	}
	split.Inverter = bess.InverterCommand{
		Mode: bess.InverterFollow, Import: max(0, -feed-s.Trim), Export: max(0, feed),
		Volts: u.Inverter.PhaseVolts, Hertz: u.Inverter.Nominal, DCVolts: reference,
		Lease: bess.Lease{By: bess.SourceDispatch, Until: b.now.Add(3 * bess.Second)},
	}
}

// splitCommon says what each pack on a common bus carries of a sum: its share
// by resistance.
func (s *State) splitCommon(sum si.Watts, b *balance, why bess.Cause, split *bess.Split) {
	whole := 0.0
	for i := range split.Packs {
		whole += s.weights[i]
	}
	for i := range split.Packs {
		share, limit := si.Watts(0), s.envelopes[i].Discharge.Power
		if sum < 0 {
			limit = s.envelopes[i].Charge.Power
		}
		if whole > 0 {
			share = si.Mul(si.Abs(sum), s.weights[i]/whole)
		}
		s.carry(i, sum, share, limit, why, &split.Packs[i])
	}
}

// split shares the sum over the packs: discharge by what each holds above its
// floor, charge by what each has room for, so that unlike packs reach their
// ends together.
func (s *State) split(u *bess.Unit, in View, b *balance, sum si.Watts, why bess.Cause, split *bess.Split) {
	n := len(u.Packs)
	weights, caps, shares := s.weights[:n], s.caps[:n], s.shares[:n]
	for i := range weights {
		weights[i], caps[i] = 0, 0
	}
	for c := range u.Converters {
		conv := &u.Converters[c]
		i := conv.Pack
		e, est := &s.envelopes[i], &in.Estimates.Packs[i]
		if sum >= 0 {
			weights[i] = max(0, float64(est.Stored))
			caps[i] = float64(busSide(conv.Loss, conv.Rated, e.Discharge.Power))
		} else {
			weights[i] = max(0, float64(est.Room))
			caps[i] = float64(e.Charge.Power)
		}
	}
	fill(float64(si.Abs(sum)), weights, caps, shares)
	for i := range shares {
		s.carry(i, sum, si.Watts(shares[i]), si.Watts(caps[i]), why, &split.Packs[i])
	}
}

func (s *State) carry(i int, sum, share, cap si.Watts, why bess.Cause, c *bess.Carry) {
	limit := s.envelopes[i].Discharge
	*c = bess.Carry{Power: share, Limit: cap, Why: why, By: bess.SourceDispatch}
	if sum < 0 {
		limit = s.envelopes[i].Charge
		c.Power = -share
	}
	switch {
	case cap <= 0 || share >= cap-1:
		c.Why, c.By = limit.Why, limit.By
	case share > 0 && why == bess.CauseNotNeeded:
		c.Why = bess.CauseShare
	}
}

// inIsland: the inverter forms, the load decides the power, the converters
// share by droop. Each line passes through its pack's share at the nominal bus
// voltage, so the measured split is the wanted one, and a load step divides by
// what each pack can do.
func (s *State) inIsland(u *bess.Unit, in View, b *balance, split *bess.Split) {
	ac, ok := in.Snap.Inverter.Power.Fresh(b.now, b.fast)
	if !ok {
		ac = b.acDraw()
	}
	sum := si.Clamp(dcFor(u, ac)+b.dcDraw(), -b.charge, b.discharge)
	why := bess.CauseShare
	if sum < 0 {
		why = bess.CauseSolarSurplus
	}
	s.droop(u, in, b, sum, why, split)
	split.Inverter = bess.InverterCommand{
		Mode: bess.InverterForm, Import: min(b.inverter, b.charge), Export: b.inverter,
		Volts: u.Inverter.PhaseVolts, Hertz: u.Inverter.Nominal,
		Lease: bess.Lease{By: bess.SourceDispatch, Until: b.now.Add(3 * bess.Second)},
	}
}

// droop shares sum over the packs and lays each converter's line through its
// share at the nominal bus voltage.
func (s *State) droop(u *bess.Unit, in View, b *balance, sum si.Watts, why bess.Cause, split *bess.Split) {
	if u.Bus.Topology == bess.SwitchedPacks {
		s.splitCommon(sum, b, why, split)
		return
	}
	s.split(u, in, b, sum, why, split)
	band := si.Mul(u.Bus.Nominal, droopBand)
	for c := range u.Converters {
		conv := &u.Converters[c]
		i := conv.Pack
		if in.Stages.Packs[i] != bess.PackJoined {
			split.Converters[c] = bess.ConverterCommand{}
			continue
		}
		e := &s.envelopes[i]
		discharge := busSide(conv.Loss, conv.Rated, e.Discharge.Power)
		slope := si.Watts(float64(max(discharge, e.Charge.Power, si.Mul(conv.Rated, 0.05))) / float64(band))
		lift := si.Volts(float64(split.Packs[i].Power) / float64(slope))
		split.Converters[c] = bess.ConverterCommand{
			Mode: bess.ConverterDroop, Power: split.Packs[i].Power,
			Reference: u.Bus.Nominal + lift, Slope: slope,
			Discharge: discharge, Charge: e.Charge.Power,
			Lease: bess.Lease{By: bess.SourceDispatch, Until: b.now.Add(orderLife)},
		}
	}
}

// droopBand is the bus voltage change, relative to nominal, over which a
// converter goes from nothing to its full envelope.
const droopBand = 0.03

// idle: no live network. Joined converters hold the DC bus among themselves,
// fed by a CCS inlet if one is plugged; the inverter rests.
func (s *State) idle(u *bess.Unit, in View, b *balance, split *bess.Split) {
	s.standBy(u, in, b, split)
	split.Inverter = bess.InverterCommand{}
}

// standBy: the inverter does not hold the DC bus, so the converters do.
func (s *State) standBy(u *bess.Unit, in View, b *balance, split *bess.Split) {
	why := bess.CauseNoNetwork
	sum := si.Clamp(b.dcDraw(), -b.charge, b.discharge)
	if sum < 0 {
		why = bess.CauseRefill
	}
	s.droop(u, in, b, sum, why, split)
}
