package estimate

import (
	"math"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/cell"
)

func root(x float64) float64 { return math.Sqrt(max(0, x)) }

func nothing(by bess.Source, why bess.Cause) bess.Envelope {
	return bess.Envelope{Discharge: bess.Ceiling(0, by, why), Charge: bess.Ceiling(0, by, why)}
}

// resistance is the pack's for about a minute of load: the type's 10 s figure,
// grown with age, scaled by the curve over SoC and temperature.
func resistance(pack *bess.Pack, k *curves, e *bess.PackEstimate, x seen) si.Ohms {
	p := &k.cell
	at := cell.Rested(e.SoC, x.middle)
	base := cell.Rested(0.5, 25)
	r, r0 := cell.Resistance(p, cell.AsNew(), &at), cell.Resistance(p, cell.AsNew(), &base)
	if r0 <= 0 {
		return pack.Type.Resistance
	}
	return si.Mul(pack.Type.Resistance, float64(e.Growth)*float64(r)/float64(r0))
}

// energy is what is stored above the floor and what room is left below the
// ceiling, both at the cells. The weakest cell ends a discharge: it counts.
func (s *State) energy(pack *bess.Pack, i int, x seen, e *bess.PackEstimate) {
	k := &s.curves[i].stored
	gross := float64(pack.Type.Energy) * float64(e.SoH)
	at := k.At(si.Clamp(e.SoC, 0, 1))
	floor := k.At(min(1, pack.Type.Window[0]+x.weak))
	ceiling := k.At(max(0, pack.Type.Window[1]-x.strong))
	e.Stored = si.WattHours(gross * max(0, at-floor))
	e.Room = si.WattHours(gross * max(0, ceiling-at))
}

// Margins at the cells: the voltage taper ends this far before the limit, so
// that a measurement's error never crosses it.
const cellMargin = si.Volts(0.015)

// taper is the SoC distance over which power fades to nothing at an end of the
// usable window.
const taper = 0.02

// envelope is what the pack can do for the next minute: its type's limits,
// narrowed by cells, temperature, the ends of its window, and its own word.
func envelope(pack *bess.Pack, v *bess.PackView, x seen, e *bess.PackEstimate, now bess.Instant) {
	t := &pack.Type.Limits
	d := bess.Ceiling(min(t.Discharge, x.volts.Times(t.DischargeCurrent)), bess.SourceInstalled, bess.CauseInstalled)
	c := bess.Ceiling(min(t.Charge, x.volts.Times(t.ChargeCurrent)), bess.SourceInstalled, bess.CauseInstalled)
	minute := now.Add(bess.Minute)
	narrow := func(l *bess.Limit, p si.Watts, why bess.Cause) { l.Narrow(p, bess.SourceEstimate, why, minute) }

	// One cell group's share of the resistance bounds the current that its
	// voltage margin allows.
	group := si.Ohms(float64(e.Resistance) / float64(max(1, pack.Type.Series)))
	if group > 0 {
		down := si.Amps(float64(x.low-t.CellMin-cellMargin)/float64(group)) + x.amps
		up := si.Amps(float64(t.CellMax-cellMargin-x.high)/float64(group)) - x.amps
		narrow(&d, x.volts.Times(down), bess.CauseCellLow)
		narrow(&c, x.volts.Times(up), bess.CauseCellHigh)
	}
	floor, ceiling := pack.Type.Window[0]+x.weak, pack.Type.Window[1]-x.strong
	narrow(&d, si.Mul(t.Discharge, float64(e.SoC-floor)/taper), bess.CauseEmpty)
	narrow(&c, si.Mul(t.Charge, float64(ceiling-e.SoC)/taper), bess.CauseFull)

	if span := t.TripAt - t.DerateAbove; span > 0 && x.hot > t.DerateAbove {
		left := float64(t.TripAt-x.hot) / float64(span)
		narrow(&d, si.Mul(t.Discharge, left), bess.CauseTooHot)
		narrow(&c, si.Mul(t.Charge, left), bess.CauseTooHot)
	}
	// No charge below the cold limit, full rate ten kelvin above it.
	narrow(&c, si.Mul(t.Charge, float64(x.cold-t.ChargeMin)/10), bess.CauseColdCharge)
	narrow(&d, si.Mul(t.Discharge, float64(x.cold-t.DischargeMin)/10), bess.CauseTooCold)

	// A report that is frozen or cannot be is no ground to carry power on.
	if e.Doubt == bess.DoubtFrozen || e.Doubt == bess.DoubtImplausible {
		narrow(&d, 0, bess.CauseStale)
		narrow(&c, 0, bess.CauseStale)
	}
	if said, ok := v.Discharge.Fresh(now, cellAge); ok {
		d.Narrow(said, bess.SourcePack, bess.CausePackLimit, now.Add(cellAge))
	}
	if said, ok := v.Charge.Fresh(now, cellAge); ok {
		c.Narrow(said, bess.SourcePack, bess.CausePackLimit, now.Add(cellAge))
	}
	if v.NoCharge.Is(now, cellAge) {
		c.Narrow(0, bess.SourcePack, bess.CausePackLimit, now.Add(cellAge))
	}
	e.Envelope = bess.Envelope{Discharge: d, Charge: c}
}

// unit sums the store and says how long it lasts.
func (s *State) unit(u *bess.Unit, snap *bess.Snapshot, stages *bess.Stages, e *bess.Estimates) {
	t := &e.Unit
	old := *t
	*t = bess.UnitEstimate{Load: old.Load, Supply: old.Supply}
	variance := 0.0
	for i := range u.Packs {
		t.Nameplate += u.Packs[i].Type.Energy
		switch stages.Packs[i] {
		case bess.PackService, bess.PackLockedOut, bess.PackWelded:
			continue
		default: // it serves, or can
		}
		p := &e.Packs[i]
		t.FullToday += p.Full
		if p.Known {
			t.Stored += p.Stored
			sigma := float64(p.Full) * (float64(p.SoCSigma) + float64(float64(p.SoC)*float64(p.SoHSigma)))
			variance += float64(sigma * sigma)
		}
	}
	if t.FullToday > 0 {
		t.SoC = si.Ratio(float64(t.Stored) / float64(t.FullToday))
	}
	eta := s.efficient
	t.Deliverable = t.Stored.Scale(eta)
	t.Sigma = si.WattHours(root(variance) * float64(eta))
	s.flows(u, snap, stages, t)
	s.remaining(t)
}

// deliveryEfficiency is what is left of a stored watt-hour at the AC bus, at a
// third of the ratings, where such units live.
func deliveryEfficiency(u *bess.Unit) si.Ratio {
	const p = 0.33
	of := func(c bess.LossCurve) float64 {
		return 1 - (float64(c.A*p*p)+float64(c.B*p)+c.C)/p
	}
	eta := of(u.Inverter.Loss)
	if len(u.Converters) > 0 {
		eta *= of(u.Converters[0].Loss)
	}
	const packs = 0.985 // inside the cells at such a load
	return si.Clamp(si.Ratio(eta*packs), 0.5, 1)
}

// flows smooths load and supply over five minutes, so that "hours left" does
// not jump with every kettle. What the loads tell counts up to what packs and
// supplies measurably give: a station speaks slowly, and may still tell what it
// drew before the supply was lost.
func (s *State) flows(u *bess.Unit, snap *bess.Snapshot, stages *bess.Stages, t *bess.UnitEstimate) {
	const age = 30 * bess.Second
	load, supply := si.Watts(0), si.Watts(0)
	for i := range snap.Circuits {
		p, _ := fresh(snap.Circuits[i].Power, snap.Now, age)
		load += max(0, -p)
	}
	for i := range snap.Outlets {
		p, _ := fresh(snap.Outlets[i].Power, snap.Now, age)
		load += max(0, -p)
	}
	own, _ := fresh(snap.Bus.OwnUse, snap.Now, age)
	load += max(0, own)
	for i := range snap.Feeders {
		p, _ := fresh(snap.Feeders[i].Power, snap.Now, age)
		supply += p
	}
	if given, known := snap.FromStore(u, stages, s.Absence.Age(bess.Second)); known {
		load = min(load, max(0, given+supply))
	}
	if !s.Begun {
		s.Load, s.Supply = load, supply
	}
	dt := snap.Now.Since(s.Last).Seconds()
	s.Load = smooth(s.Load, load, dt)
	s.Supply = smooth(s.Supply, supply, dt)
	t.Load, t.Supply = s.Load, s.Supply
}

// smooth follows a big step within seconds, since a crew must not be told hours
// that a rapid charge has just turned into minutes, and a small one within five
// minutes, so that the figure does not jump with every kettle.
func smooth(mean, now si.Watts, dt si.Seconds) si.Watts {
	tau := si.Seconds(300)
	if si.Abs(now-mean) > 2000+si.Abs(mean)/5 {
		tau = 10
	}
	return mean + (now - mean).Scale(si.Clamp(si.Ratio(dt/tau), 0, 1))
}

// remaining is the time to empty and to full with a band of two standard
// deviations of the energy and a tenth of the power. What is filled in arrives
// less the losses on its way.
func (s *State) remaining(t *bess.UnitEstimate) {
	const still = 100 // W: neither emptying nor filling
	net := t.Load - t.Supply
	switch {
	case net > still:
		t.ToEmpty = t.Deliverable.At(net)
		t.ToEmptyBand = [2]si.Seconds{
			max(0, t.Deliverable-2*t.Sigma).At(si.Mul(net, 1.1)),
			(t.Deliverable + 2*t.Sigma).At(si.Mul(net, 0.9)),
		}
	case net < -still:
		room, fill := max(0, t.FullToday-t.Stored), (-net).Scale(s.efficient)
		t.ToFull = room.At(fill)
		t.ToFullBand = [2]si.Seconds{
			max(0, room-2*t.Sigma).At(si.Mul(fill, 1.1)),
			(room + 2*t.Sigma).At(si.Mul(fill, 0.9)),
		}
	}
}
