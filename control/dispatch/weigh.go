package dispatch

import (
	"reprise/bess"
	"reprise/bess/si"
)

// weigh measures what there is: envelopes, loads and supplies. Where a load is
// not measured, the most that it could be counts; where a supply is not
// measured, nothing counts.
func (s *State) weigh(u *bess.Unit, in View, split *bess.Split) balance {
	snap := in.Snap
	b := balance{
		now: snap.Now, fast: s.Absence.Age(fastAge), slow: s.Absence.Age(2 * fastAge), feeder: in.Stages.Live, volts: u.Inverter.PhaseVolts,
		live:   in.Stages.Network == bess.NetworkGrid || in.Stages.Network == bess.NetworkGenerator,
		island: in.Stages.Network == bess.NetworkIsland,
		stored: in.Estimates.Unit.Stored,
	}
	b.generator = in.Stages.Network == bess.NetworkGenerator
	mode, ok := snap.Inverter.Mode.Fresh(b.now, b.fast)
	b.follows = !ok || bess.InverterMode(mode) == bess.InverterFollow
	b.inverter = si.Watts(u.Inverter.Rated).Scale(left(in.Verdict.Inverter))
	s.weighPacks(u, in, &b, split)
	s.weighLoads(u, in, &b)
	s.weighSupplies(u, in, &b)
	s.explain(u, in, &b)
	return b
}

// explain holds what the stations last told against what can be: they speak
// slowly, and what they said before a supply was lost is no load any more.
// Without a network nobody draws alternating current; without a supply the
// rapid outlets draw no more than the meters of packs and inverter leave them.
func (s *State) explain(u *bess.Unit, in View, b *balance) {
	given, known := in.Snap.FromStore(u, in.Stages, b.fast)
	b.given, b.metered = given+b.direct, known
	if b.live {
		imported, ok := b.imported.Fresh(b.now, b.slow)
		b.given, b.metered = b.given+imported, known && ok
		return
	}
	if !b.island {
		b.vehicles = 0
	}
	if power, ok := in.Snap.Inverter.Power.Fresh(b.now, b.fast); ok && known {
		b.rapid = min(b.rapid, max(0, b.given-power))
	}
}

// weighPacks narrows each pack's envelope to what its converter can carry and
// what safety allows.
func (s *State) weighPacks(u *bess.Unit, in View, b *balance, split *bess.Split) {
	for i := range u.Packs {
		e := in.Estimates.Packs[i].Envelope
		joined := in.Stages.Packs[i] == bess.PackJoined
		switch r := in.Verdict.Packs[i]; {
		case !joined:
			narrow(&e, 0, bess.SourceSequence, stageCause(in.Stages.Packs[i]))
		case r.Level >= bess.LevelStop:
			narrow(&e, 0, bess.SourceSafety, bess.CauseTripped)
		case r.Level == bess.LevelDerate:
			e.Discharge.Narrow(e.Discharge.Power.Scale(r.Factor), bess.SourceSafety, bess.CauseTripped, bess.Forever)
			e.Charge.Narrow(e.Charge.Power.Scale(r.Factor), bess.SourceSafety, bess.CauseTripped, bess.Forever)
		}
		if in.Verdict.NoCharge[i] {
			e.Charge.Narrow(0, bess.SourceSafety, bess.CauseColdCharge, bess.Forever)
		}
		s.envelopes[i] = e
		split.Packs[i] = bess.Carry{Limit: e.Discharge.Power, Why: bess.CauseNotNeeded, By: bess.SourceDispatch}
	}
	if u.Bus.Topology == bess.SwitchedPacks {
		s.weighCommon(u, in, b)
	}
	for c := range u.Converters {
		conv := &u.Converters[c]
		e := &s.envelopes[conv.Pack]
		rated := conv.Rated.Scale(min(left(in.Verdict.Packs[conv.Pack]), left(in.Verdict.Converters[c])))
		narrow(e, rated, bess.SourceInstalled, bess.CauseConverterRating)
		if v, ok := in.Snap.Packs[conv.Pack].Volts.Fresh(b.now, b.fast); ok {
			narrow(e, v.Times(conv.PackCurrent), bess.SourceInstalled, bess.CauseConverterRating)
		}
		b.discharge += busSide(conv.Loss, rated, e.Discharge.Power)
		b.charge += e.Charge.Power
	}
}

// weighCommon is what packs on a common bus can do together. They share a
// current as their resistances tell, not as anybody orders, so the one that
// reaches its limit first bounds them all.
func (s *State) weighCommon(u *bess.Unit, in View, b *balance) {
	sum := 0.0
	for i := range u.Packs {
		s.weights[i] = 0
		if in.Stages.Packs[i] == bess.PackJoined {
			r := max(in.Estimates.Packs[i].Resistance, u.Packs[i].Type.Resistance, 1e-3)
			s.weights[i] = 1 / float64(r)
			sum += s.weights[i]
		}
	}
	first := true
	for i := range u.Packs {
		if s.weights[i] <= 0 {
			continue
		}
		discharge := si.Mul(s.envelopes[i].Discharge.Power, sum/s.weights[i])
		charge := si.Mul(s.envelopes[i].Charge.Power, sum/s.weights[i])
		if first || discharge < b.discharge {
			b.discharge = discharge
		}
		if first || charge < b.charge {
			b.charge = charge
		}
		first = false
	}
}

// left is the share of a rating that a ruling leaves.
func left(r bess.Ruling) si.Ratio {
	switch {
	case r.Level >= bess.LevelStop:
		return 0
	case r.Level == bess.LevelDerate:
		return max(0, r.Factor)
	}
	return 1
}

func narrow(e *bess.Envelope, p si.Watts, by bess.Source, why bess.Cause) {
	e.Discharge.Narrow(p, by, why, bess.Forever)
	e.Charge.Narrow(p, by, why, bess.Forever)
}

// busSide is the power left of p behind a converter's losses; never negative.
func busSide(loss bess.LossCurve, rated, p si.Watts) si.Watts {
	return max(0, p-lossAt(loss, rated, p))
}

// lossAt is a converter's loss at throughput p, after its curve.
func lossAt(c bess.LossCurve, rated, p si.Watts) si.Watts {
	if rated <= 0 {
		return 0
	}
	x := float64(si.Abs(p)) / float64(rated)
	y := float64(float64(c.A*x)*x) + float64(c.B*x) + c.C
	return si.Watts(float64(rated) * y)
}

func stageCause(s bess.PackStage) bess.Cause {
	switch s {
	case bess.PackService:
		return bess.CauseService
	case bess.PackLockedOut, bess.PackWelded, bess.PackCooling:
		return bess.CauseLockedOut
	case bess.PackWaking, bess.PackPrecharging, bess.PackClosing:
		return bess.CausePrecharge
	default:
		return bess.CauseOpen
	}
}

func (s *State) weighLoads(u *bess.Unit, in View, b *balance) {
	for i := range u.Circuits {
		c := &u.Circuits[i]
		v := &in.Snap.Circuits[i]
		if v.Closed.IsNot(b.now, b.fast) {
			continue
		}
		if p, ok := v.Power.Fresh(b.now, b.slow); ok {
			b.circuits += max(0, -p)
		} else if in.Ordered.Circuits[i].Close {
			b.circuits += worstCase(c.Limit, c.Phases, b.volts)
		}
	}
	idle := si.Watts(0)
	for i := range u.Outlets {
		switch p := s.outletDraw(u, in, i); {
		case u.Outlets[i].Kind != bess.Rapid:
			b.vehicles += p
		case p > 0:
			b.rapid += p + lossAt(u.Outlets[i].Loss, u.Outlets[i].Rated, p)
		default:
			idle += u.Outlets[i].Standby
		}
	}
	if p, ok := in.Snap.Bus.OwnUse.Fresh(b.now, meterAge); ok {
		b.ownUse = max(0, p)
	} else {
		b.ownUse = u.Cabinet.Electronics + u.Cabinet.Pump + u.Cabinet.Fan + u.Cabinet.Heater
	}
	b.ownUse += idle
}

// outletDraw is what an outlet draws now; a silent station counts at its full
// last order.
func (s *State) outletDraw(u *bess.Unit, in View, i int) si.Watts {
	v := &in.Snap.Outlets[i]
	if p, ok := v.Power.Fresh(in.Snap.Now, meterAge); ok {
		return max(0, -p)
	}
	return s.Offers[i]
}

func worstCase(limit si.Amps, phases int, volts si.Volts) si.Watts {
	return si.Mul(volts.Times(limit), float64(phases))
}

func (s *State) weighSupplies(u *bess.Unit, in View, b *balance) {
	for i := range u.Feeders {
		f := &u.Feeders[i]
		p, fresh := in.Snap.Feeders[i].Power.Fresh(b.now, b.slow)
		switch {
		case f.DC && fresh:
			b.direct += max(0, p)
		case f.Kind == bess.Solar && fresh && in.Snap.Feeders[i].Contactor.Is(b.now, b.slow):
			b.solar += max(0, p)
		}
	}
	if !b.live || b.feeder < 0 || b.feeder >= len(u.Feeders) {
		return
	}
	b.supply = feederLimit(u, in, b.feeder, b.volts)
	if set := &u.Feeders[b.feeder].Set; b.generator {
		b.least = set.Rated.Scale(set.MinimumLoad)
	}
	b.imported = in.Snap.Feeders[b.feeder].Power
	b.phaseRoom, b.phaseOver = phaseRoom(u, in, b)
	record := &in.Standing.Records[b.feeder]
	mode := u.Feeders[b.feeder].Mode
	allowed := record.Parallel && record.Holds(b.now)
	if allowed && (mode == bess.Parallel || mode == bess.Export || mode == bess.Supported) {
		b.parallel = b.inverter
	}
	if allowed && mode == bess.Export {
		b.export = record.ExportCap
	}
}

// phaseRoom is what the inverter may draw, balanced over all phases, before the
// most loaded phase of the live feeder is full; over is by how much that phase
// is over its limit now, as a balanced power. Without readings nothing is known
// of single phases and only the sum counts.
func phaseRoom(u *bess.Unit, in View, b *balance) (room, over si.Watts) {
	f := &u.Feeders[b.feeder]
	room = b.inverter
	own, ok := in.Snap.Inverter.Power.Fresh(b.now, b.fast)
	if !ok || f.Phases < 1 || f.PhaseLimit <= 0 {
		return room, 0
	}
	phases := float64(f.Phases)
	own = si.Mul(own, 1/phases)
	limit := b.volts.Times(f.PhaseLimit)
	for k := 0; k < f.Phases; k++ {
		amps, ok := in.Snap.Feeders[b.feeder].PhaseAmps[k].Fresh(b.now, b.fast)
		if !ok {
			return b.inverter, 0
		}
		power := b.volts.Times(amps)
		room = min(room, si.Mul(limit-power-own, phases))
		over = max(over, si.Mul(power-limit, phases))
	}
	return max(0, room), over
}

// feederLimit is the least of all that bounds a feeder: its installed cap, its
// phase limit, what was agreed on arrival, the site's cap, and safety.
func feederLimit(u *bess.Unit, in View, i int, volts si.Volts) si.Watts {
	f := &u.Feeders[i]
	limit := f.Cap
	if !f.DC {
		limit = min(limit, worstCase(f.PhaseLimit, f.Phases, volts))
	}
	if agreed := in.Standing.Records[i].Agreed; agreed > 0 {
		limit = min(limit, agreed)
	}
	if f.Kind == bess.Grid {
		limit = min(limit, in.Standing.ImportCap.Power)
	}
	if f.Kind == bess.Generator {
		limit = min(limit, f.Set.Rated.Scale(generatorBand))
	}
	return max(0, limit.Scale(left(in.Verdict.Feeders[i])))
}

// generatorBand is the upper edge of a diesel set's good load band; 50-80 % is
// usual (waltpower.com, "What is the minimum load for a diesel generator").
const generatorBand = 0.8
