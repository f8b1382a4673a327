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
func resistance(pack *bess.Pack, p *cell.Params, e *bess.PackEstimate, x seen) si.Ohms {
	at := cell.Rested(e.SoC, (x.hot+x.cold)/2)
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
	p := s.params[i]
	full := cell.Energy(p, cell.AsNew(), 1)
	if full <= 0 {
		return
	}
	gross := float64(pack.Type.Energy) * float64(e.SoH)
	at := cell.Energy(p, cell.AsNew(), si.Clamp(e.SoC, 0, 1))
	floor := cell.Energy(p, cell.AsNew(), min(1, pack.Type.Window[0]+x.spread))
	ceiling := cell.Energy(p, cell.AsNew(), pack.Type.Window[1])
	e.Stored = si.WattHours(gross * max(0, at-floor) / full)
	e.Room = si.WattHours(gross * max(0, ceiling-at) / full)
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
	floor := pack.Type.Window[0] + x.spread
	narrow(&d, si.Mul(t.Discharge, float64(e.SoC-floor)/taper), bess.CauseEmpty)
	narrow(&c, si.Mul(t.Charge, float64(pack.Type.Window[1]-e.SoC)/taper), bess.CauseFull)

	if span := t.TripAt - t.DerateAbove; span > 0 && x.hot > t.DerateAbove {
		left := float64(t.TripAt-x.hot) / float64(span)
		narrow(&d, si.Mul(t.Discharge, left), bess.CauseTooHot)
		narrow(&c, si.Mul(t.Charge, left), bess.CauseTooHot)
	}
	// No charge below the cold limit, full rate ten kelvin above it.
	narrow(&c, si.Mul(t.Charge, float64(x.cold-t.ChargeMin)/10), bess.CauseColdCharge)
	narrow(&d, si.Mul(t.Discharge, float64(x.cold-t.DischargeMin)/10), bess.CauseTooCold)

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
	eta := deliveryEfficiency(u)
	t.Deliverable = t.Stored.Scale(eta)
	t.Sigma = si.WattHours(root(variance) * float64(eta))
	s.flows(u, snap, t)
	remaining(t)
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
	return si.Ratio(si.Clamp(si.Watts(eta*packs), 0.5, 1))
}

// flows smooths load and supply over five minutes, so that "hours left" does
// not jump with every kettle.
func (s *State) flows(u *bess.Unit, snap *bess.Snapshot, t *bess.UnitEstimate) {
	const age = 30 * bess.Second
	load, supply := si.Watts(0), si.Watts(0)
	for i := range snap.Circuits {
		p, _ := snap.Circuits[i].Power.Fresh(snap.Now, age)
		load += max(0, -p)
	}
	for i := range snap.Outlets {
		p, _ := snap.Outlets[i].Power.Fresh(snap.Now, age)
		load += max(0, -p)
	}
	own, _ := snap.Bus.OwnUse.Fresh(snap.Now, age)
	load += max(0, own)
	for i := range snap.Feeders {
		p, _ := snap.Feeders[i].Power.Fresh(snap.Now, age)
		supply += p
	}
	if !s.Begun {
		s.Load, s.Supply = load, supply
	}
	k := min(1, float64(snap.Now.Since(s.Last).Seconds())/300)
	s.Load += si.Mul(load-s.Load, k)
	s.Supply += si.Mul(supply-s.Supply, k)
	t.Load, t.Supply = s.Load, s.Supply
}

// remaining is the time to empty and to full with a band of two standard
// deviations of the energy and a tenth of the power.
func remaining(t *bess.UnitEstimate) {
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
		room := max(0, t.FullToday-t.Stored)
		t.ToFull = room.At(-net)
		t.ToFullBand = [2]si.Seconds{
			max(0, room-2*t.Sigma).At(si.Mul(-net, 1.1)),
			(room + 2*t.Sigma).At(si.Mul(-net, 0.9)),
		}
	}
}
