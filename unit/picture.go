package unit

import (
	"fmt"

	"reprise/bess"
	"reprise/bess/si"
)

// How old a reading may be and still be shown as a value.
const (
	fast = 3 * bess.Second
	slow = 30 * bess.Second
	rare = 2 * bess.Hour
)

// picture is all that anybody may know of this tick. It shares no memory with
// the loop, so it may be read for ever.
func (m *Machine) picture() *bess.Picture {
	s, snap, u := m.state, &m.in.Snapshot, m.unit
	p := &bess.Picture{
		Unit: u.Name, Site: u.Site.Name, Tick: s.Tick, Now: snap.Now,
		UnixMilli: snap.Civil.UnixMilli, ZoneOffset: snap.Civil.ZoneOffset, ClockTrust: trust(snap.Civil.Trust),
		Speed: m.pacing(), Twin: m.config.Twin, Wires: m.config.Plant == nil,
		Service: s.Stages.Service.String(), Network: s.Stages.Network.String(),
		LocalLock: yesNo(snap.IO.LocalLock.Fresh(snap.Now, fast)),
		Store:     m.storePicture(), Inverter: m.inverterPicture(),
		Packs: make([]bess.PackPicture, len(u.Packs)), Feeders: make([]bess.FeederPicture, len(u.Feeders)),
		Circuits: make([]bess.CircuitPicture, len(u.Circuits)), Outlets: make([]bess.OutletPicture, len(u.Outlets)),
		Bookings: []bess.VisitPicture{}, Alarms: m.alarmPictures(), Carbon: m.carbonPicture(), Health: m.healthPicture(),
	}
	if s.Stages.Service == bess.ServiceStarting || s.Stages.Service == bess.ServiceStopping {
		p.ServiceStep = s.Stages.Step.Sentence()
	}
	p.Bus = bess.BusPicture{
		Volts: bess.Shown(snap.Bus.Volts, snap.Now, fast), Insulation: bess.Shown(snap.Bus.Insulation, snap.Now, slow),
		OwnUse: bess.Shown(snap.Bus.OwnUse, snap.Now, slow), Regulator: m.regulator(),
	}
	for i := range u.Packs {
		p.Packs[i] = m.packPicture(i)
	}
	for i := range u.Feeders {
		p.Feeders[i] = m.feederPicture(i)
	}
	for i := range u.Circuits {
		p.Circuits[i] = m.circuitPicture(i)
	}
	for i := range u.Outlets {
		p.Outlets[i] = m.outletPicture(i)
	}
	for k := range s.Session.Bookings {
		if v := &s.Session.Bookings[k]; v.State != bess.VisitNone {
			p.Bookings = append(p.Bookings, visitPicture(v, s.Session.Targets[k]))
		}
	}
	p.Safe = m.safe(p)
	return p
}

func trust(t bess.Trust) string {
	switch t {
	case bess.TrustHigh:
		return "high"
	case bess.TrustLocal:
		return "local"
	default:
		return "none"
	}
}

func yesNo(t bess.Tri) string {
	switch t {
	case bess.Yes:
		return "yes"
	case bess.No:
		return "no"
	default:
		return "unknown"
	}
}

func contact(f bess.Flag, now bess.Instant) string {
	switch f.Fresh(now, slow) {
	case bess.Yes:
		return "closed"
	case bess.No:
		return "open"
	default:
		return "unknown"
	}
}

// by is who set a limit; empty when nothing binds.
func by(why bess.Cause, source bess.Source) string {
	if !why.Binds() || source == bess.SourceNone {
		return ""
	}
	return source.String()
}

func unknown(why string) bess.Figure { return bess.Figure{Why: why} }

func (m *Machine) storePicture() bess.StorePicture {
	s, e := m.state, &m.state.Estimates.Unit
	known := false
	for i := range s.Estimates.Packs {
		known = known || s.Estimates.Packs[i].Known
	}
	p := bess.StorePicture{
		Nameplate: bess.Known(nameplate(m.unit)), Promised: bess.Known(m.promised()), Reserve: bess.Known(s.Standing.Reserve),
		Load: bess.Known(e.Load), Supply: bess.Known(e.Supply),
	}
	if !known {
		none := unknown("no pack reports yet")
		p.SoC, p.FullToday, p.Deliverable = none, none, none
	} else {
		sigma := si.Ratio(0)
		if e.FullToday > 0 {
			sigma = si.Ratio(float64(e.Sigma) / float64(e.FullToday))
		}
		p.SoC, p.FullToday = bess.Estimated(e.SoC, sigma), bess.Known(e.FullToday)
		p.Deliverable = bess.Estimated(e.Deliverable, e.Sigma)
	}
	p.ToEmpty, p.ToEmptyLow, p.ToEmptyHigh = span(known, e.ToEmpty, e.ToEmptyBand, "the packs are not emptying")
	p.ToFull, p.ToFullLow, p.ToFullHigh = span(known, e.ToFull, e.ToFullBand, "the packs are not filling")
	return p
}

func span(known bool, x si.Seconds, band [2]si.Seconds, why string) (mid, low, high bess.Figure) {
	switch {
	case !known:
		why = "no pack reports yet"
	case x > 0:
		return bess.Known(x), bess.Known(band[0]), bess.Known(band[1])
	}
	none := unknown(why)
	return none, none, none
}

func nameplate(u *bess.Unit) si.WattHours {
	sum := si.WattHours(0)
	for i := range u.Packs {
		sum += u.Packs[i].Type.Energy
	}
	return sum
}

// promised is what is still owed to vehicles and bookings.
func (m *Machine) promised() si.WattHours {
	sum := si.WattHours(0)
	for _, list := range [][]bess.Visit{m.state.Session.Visits, m.state.Session.Bookings} {
		for i := range list {
			v := &list[i]
			if v.Promise.Made && v.State != bess.VisitNone && v.State != bess.VisitGone && v.State != bess.VisitDone {
				sum += max(0, v.Promise.Energy-v.Delivered)
			}
		}
	}
	return sum
}

func (m *Machine) regulator() string {
	r := bess.RegulatorNone
	switch m.state.Stages.Network {
	case bess.NetworkGrid, bess.NetworkGenerator:
		r = m.unit.Bus.OnNetwork
	case bess.NetworkIsland:
		r = m.unit.Bus.Islanded
	default: // nobody may be relied on while there is no live network
	}
	switch r {
	case bess.RegulatorInverter:
		return "inverter"
	case bess.RegulatorConverters:
		return "converters"
	case bess.RegulatorPack:
		return "pack"
	default:
		return "none"
	}
}

func (m *Machine) inverterPicture() bess.InverterPicture {
	v, now := &m.in.Snapshot.Inverter, m.in.Snapshot.Now
	p := bess.InverterPicture{
		Mode: "unknown", Power: bess.Shown(v.Power, now, fast), Hertz: bess.Shown(v.Hertz, now, fast),
		Rated: bess.Known(m.unit.Inverter.Rated), Ruling: m.state.Verdict.Inverter.Level.String(),
	}
	if mode, ok := v.Mode.Fresh(now, fast); ok {
		p.Mode = bess.InverterMode(mode).String()
	}
	for i := range p.Volts {
		p.Volts[i], p.Amps[i] = bess.Shown(v.PhaseVolts[i], now, fast), bess.Shown(v.PhaseAmps[i], now, fast)
	}
	return p
}

func (m *Machine) packPicture(i int) bess.PackPicture {
	k, v, e := &m.unit.Packs[i], &m.in.Snapshot.Packs[i], &m.state.Estimates.Packs[i]
	now, carry := m.in.Snapshot.Now, &m.state.Split.Packs[i]
	p := bess.PackPicture{
		Name: k.Name, Type: k.Type.Title, StandIn: k.Type.StandIn, Chemistry: k.Type.Chemistry.String(), Serial: k.Serial,
		Identity: v.Identity.String(), Stage: m.state.Stages.Packs[i].String(), Doubt: e.Doubt.Sentence(),
		SoCSaid: bess.Shown(v.SoC, now, fast), Nameplate: bess.Known(k.Type.Energy), TempTrip: bess.Known(k.Type.Limits.TripAt),
		Volts: bess.Shown(v.Volts, now, fast), Amps: bess.Shown(v.Current, now, fast),
		CellHigh: bess.Shown(v.CellHigh, now, fast), CellLow: bess.Shown(v.CellLow, now, fast),
		Hot: bess.Shown(v.Hot, now, slow), Cold: bess.Shown(v.Cold, now, slow),
		Power: unknown("it has no converter of its own"), Garbage: v.Garbage,
		Why: carry.Why.Sentence(), LimitBy: by(carry.Why, carry.By), Ruling: m.state.Verdict.Packs[i].Level.String(),
	}
	for c := range m.unit.Converters {
		if m.unit.Converters[c].Pack == bess.PackID(i) {
			p.Power = bess.Shown(m.in.Snapshot.Converters[c].Power, now, fast)
		}
	}
	if !e.Known {
		none := unknown(bess.DoubtSilent.Sentence())
		p.SoC, p.SoH, p.Today, p.Discharge, p.Charge = none, bess.Estimated(k.Health, k.HealthSigma), none, none, none
		return p
	}
	p.SoC, p.SoH = bess.Estimated(e.SoC, e.SoCSigma), bess.Estimated(e.SoH, e.SoHSigma)
	p.Today = bess.Estimated(e.Full, si.WattHours(float64(e.Full)*float64(e.SoHSigma)))
	p.Discharge, p.Charge = bess.Known(e.Envelope.Discharge.Power), bess.Known(e.Envelope.Charge.Power)
	return p
}

func (m *Machine) feederPicture(i int) bess.FeederPicture {
	f, v, s := &m.unit.Feeders[i], &m.in.Snapshot.Feeders[i], m.state
	now, carry, record := m.in.Snapshot.Now, &m.state.Split.Feeders[i], &m.state.Standing.Records[i]
	p := bess.FeederPicture{
		Name: f.Name, Kind: f.Kind.String(), State: contact(v.Contactor, now), Used: !s.Standing.FeederOff[i],
		Live: s.Stages.Live == i, Power: bess.Shown(v.Power, now, fast), Cap: bess.Known(f.Cap),
		Hertz: bess.Shown(v.Hertz, now, fast), Intensity: bess.Shown(v.Intensity, now, rare), Price: bess.Shown(v.Price, now, rare),
		Fuel: unknown("not a generator"), Checked: record.Person, Earthing: earthing(record.Earthing),
		Why: carry.Why.Sentence(), LimitBy: by(carry.Why, carry.By), Ruling: s.Verdict.Feeders[i].Level.String(),
	}
	for k := range p.Volts {
		if k >= f.Phases {
			p.Volts[k], p.Amps[k] = unknown("single circuit"), unknown("single circuit")
			continue
		}
		p.Volts[k], p.Amps[k] = bess.Shown(v.PhaseVolts[k], now, fast), bess.Shown(v.PhaseAmps[k], now, fast)
	}
	if f.Kind == bess.Generator {
		p.Fuel, p.Generator = bess.Shown(v.Fuel, now, slow), s.Stages.Generators[i].String()
	}
	return p
}

func earthing(e bess.Earthing) string {
	names := [...]string{"unknown", "TN-S", "PME", "TT", "generator"}
	if int(e) < len(names) {
		return names[e]
	}
	return names[0]
}

func (m *Machine) circuitPicture(i int) bess.CircuitPicture {
	c, v, s := &m.unit.Circuits[i], &m.in.Snapshot.Circuits[i], m.state
	carry := &s.Split.Circuits[i]
	return bess.CircuitPicture{
		Name: c.Name, State: contact(v.Closed, m.in.Snapshot.Now), On: !s.Standing.CircuitOff[i], Priority: s.Standing.Priority[i],
		Draw: drawn(bess.Shown(v.Power, m.in.Snapshot.Now, fast)), Limit: bess.Known(c.Limit),
		Why: carry.Why.Sentence(), Ruling: s.Verdict.Circuits[i].Level.String(),
	}
}

func (m *Machine) outletPicture(i int) bess.OutletPicture {
	o, v, s, now := &m.unit.Outlets[i], &m.in.Snapshot.Outlets[i], m.state, m.in.Snapshot.Now
	order, want := &s.Ordered.Outlets[i], &s.Wants[i]
	why := order.Why
	if why == bess.CauseNone {
		why = want.Why
	}
	p := bess.OutletPicture{
		Name: o.Name, Kind: "ac", Station: o.Station, Online: yesNo(v.Online.Fresh(now, 5*bess.Minute)),
		Plugged: yesNo(v.Plugged.Fresh(now, 5*bess.Minute)), On: !s.Standing.OutletOff[i],
		Draw: drawn(bess.Shown(v.Power, now, slow)), Amps: highest(v, now), Offer: bess.Shown(v.Offered, now, slow),
		Rated: bess.Known(o.Rated), Vehicle: unknown("an AC station does not tell"), Visit: visitPicture(&s.Session.Visits[i], i),
		Why: why.Sentence(), LimitBy: by(why, order.Lease.By), Ruling: s.Verdict.Outlets[i].Level.String(),
	}
	if o.Kind == bess.Rapid {
		p.Kind, p.Offer, p.Vehicle = "rapid", bess.Shown(v.OfferedDC, now, slow), bess.Shown(v.Vehicle, now, slow)
	} else if o.Phases == 1 {
		p.Phase = fmt.Sprintf("L%d", o.Phase+1)
	}
	return p
}

func highest(v *bess.OutletView, now bess.Instant) bess.Figure {
	best := unknown("not measured yet")
	for k := range v.PhaseAmps {
		if f := bess.Shown(v.PhaseAmps[k], now, slow); !best.Known || f.Known && si.Abs(si.Amps(f.Value)) > si.Abs(si.Amps(best.Value)) {
			if f.Known || k == 0 {
				best = f
			}
		}
	}
	return best
}

func visitPicture(v *bess.Visit, outlet int) bess.VisitPicture {
	p := bess.VisitPicture{
		Number: v.Number, State: v.State.String(), Outlet: outlet, Delivered: bess.Known(v.Delivered),
		Grams: bess.Known(si.Kilograms(float64(v.Grams) / 1000)), From: v.From.UnixMilli, Until: v.Until.UnixMilli,
		Need: unknown("not told"), Promised: unknown("no promise was made"), By: v.Promise.By.UnixMilli,
		Full: v.Promise.Full, Revised: v.Promise.Revised.UnixMilli,
	}
	if v.Need > 0 {
		p.Need = bess.Known(v.Need)
	}
	switch v.Promise.Waits {
	case bess.CauseNone:
	case bess.CauseStarting:
		p.Promised = unknown("no promise yet: what it rests on must settle first, five minutes at most")
	default:
		p.Promised = unknown("no promise yet: " + v.Promise.Waits.Sentence())
	}
	if v.Promise.Made {
		p.Promised = bess.Known(v.Promise.Energy)
		if v.Promise.Why != bess.CauseNone {
			p.Why = v.Promise.Why.Sentence()
		}
	}
	return p
}
