package twin

import (
	"reprise/bess"
	"reprise/bess/si"
)

// sensePack is what a management system says: by frame families, each with the
// period of the public L405 table.
func (w *World) sensePack(i int) {
	p, v, s := &w.packs[i], &w.mail.Packs[i], &w.sensing
	b := &p.bms
	v.Identity = b.identity()
	if !b.awake() || b.silent {
		s.skip(i, w.now)
		return
	}
	if at, yes := s.fast[i].due(w.now); yes {
		v.Alive = bess.Of(si.Ratio(1), at)
		w.senseFlags(p, v, at)
		if b.frozen {
			v.Volts.At, v.LinkVolts.At, v.Current.At = at, at, at
		} else {
			v.Volts = read[si.Volts](p.volts+b.voltBias+w.hissing(stepVolts), stepVolts, at)
			v.LinkVolts = read[si.Volts](p.meets(&w.bus, w.switched)+b.voltBias, stepVolts, at)
			v.Current = read[si.Amps](p.amps+b.ampBias+ripple(&s.hiss)+w.hissing(stepAmps), stepAmps, at)
		}
		v.Discharge = read[si.Watts](b.discharge, stepLimit, at)
		v.Charge = read[si.Watts](b.charge, stepLimit, at)
		v.DischargePeak = read[si.Watts](b.dischargePeak, stepLimit, at)
		v.ChargePeak = read[si.Watts](b.chargePeak, stepLimit, at)
	}
	if at, yes := s.middle[i].due(w.now); yes {
		if b.frozen {
			v.SoC.At, v.SoCLow.At, v.SoCHigh.At, v.SoH.At = at, at, at, at
		} else {
			soc := within(b.soc+b.lie, 0, 1)
			v.SoC = read[si.Ratio](soc, stepSoC, at)
			v.SoCLow = read[si.Ratio](within(soc+float64(p.frame.GroupSoC(p.frame.Weak, p.state.SoC)-p.state.SoC), 0, 1), stepSoC, at)
			v.SoCHigh = read[si.Ratio](within(soc+float64(p.frame.GroupSoC(p.frame.Strong, p.state.SoC)-p.state.SoC), 0, 1), stepSoC, at)
			v.SoH = read[si.Ratio](b.soh, stepSoH, at)
		}
	}
	w.sensePackSlowly(i)
}

// ripple is what a current sensor always shows on top of a steady current: two
// steps of its resolution either way. A reading that never moves is a fault.
func ripple(c *chance) float64 { return c.between(-2*stepAmps, 2*stepAmps) }

// sensePackSlowly is cells (280 ms), temperatures (600 ms), energies (800 ms).
func (w *World) sensePackSlowly(i int) {
	p, v, s := &w.packs[i], &w.mail.Packs[i], &w.sensing
	b := &p.bms
	if at, yes := s.cells[i].due(w.now); yes {
		high, low := b.high, b.low
		if b.frozen {
			v.CellHigh.At, v.CellLow.At = at, at
		} else {
			v.CellHigh = read[si.Volts](high+b.drift, stepCell, at)
			v.CellLow = read[si.Volts](low+b.drift, stepCell, at)
		}
	}
	if at, yes := s.warmth[i].due(w.now); yes {
		if b.frozen {
			v.Hot.At, v.Cold.At, v.Average.At = at, at, at
		} else {
			v.Hot = read[si.Celsius](p.hottest()+b.tempBias, stepCelsius, at)
			v.Cold = read[si.Celsius](float64(p.state.Core)-1+b.tempBias, stepCelsius, at)
			v.Average = read[si.Celsius](float64(p.state.Core)+b.tempBias, stepCelsius, at)
		}
	}
	if at, yes := s.slow[i].due(w.now); yes {
		left := max(b.soc+b.lie-float64(p.typ.Window[0]), 0) * float64(p.typ.Energy) * b.soh
		v.Available = read[si.WattHours](left, stepPackWh, at)
	}
}

// skip lets a silent pack's reports pass unsent.
func (s *sensing) skip(i int, now bess.Instant) {
	s.fast[i].due(now)
	s.middle[i].due(now)
	s.cells[i].due(now)
	s.warmth[i].due(now)
	s.slow[i].due(now)
}

func (w *World) senseFlags(p *pack, v *bess.PackView, at bess.Instant) {
	b := &p.bms
	v.Contactor = bess.FlagOf(p.main.closed, at)
	v.Precharging = bess.FlagOf(p.precharging, at)
	v.Interlock = bess.FlagOf(!b.interlockOpen, at)
	v.IsolationLow = bess.FlagOf(p.insulation < float64(p.typ.Limits.InsulationOhmPerVolt)*p.volts, at)
	v.Weld = bess.FlagOf(p.main.closed && !p.ordered, at)
	v.OpenNow = bess.FlagOf(b.openNow(), at)
	v.OpenSoon = bess.FlagOf(b.staged[stagedOpenSoon], at)
	v.DerateWanted = bess.FlagOf(b.staged[stagedDerate], at)
	v.NoCharge = bess.FlagOf(b.staged[stagedNoCharge], at)
}

func (w *World) senseFeeder(i int) {
	f, v, now := &w.feeders[i], &w.mail.Feeders[i], w.now
	if !w.io.alive() {
		return
	}
	v.Contactor = bess.FlagOf(f.main.closed, now)
	if f.typ.DC {
		if f.typ.Kind == bess.CCS {
			a := &w.around.Feeders[i]
			v.Plugged, v.Locked = bess.FlagOf(f.inlet.plugged, now), bess.FlagOf(f.inlet.locked, now)
			if f.inlet.plugged {
				v.PostVolts, v.PostCurrent, v.PostPower = bess.Of(a.PostVolts, now), bess.Of(a.PostCurrent, now), bess.Of(a.PostPower, now)
			} else {
				v.PostVolts, v.PostCurrent, v.PostPower = bess.Reading[si.Volts]{}, bess.Reading[si.Amps]{}, bess.Reading[si.Watts]{}
			}
		}
		return
	}
	for k := range v.PhaseVolts {
		v.PhaseVolts[k] = read[si.Volts](f.volts[k], stepLineVolt, now)
		v.PhaseAmps[k] = read[si.Amps](f.amps[k], stepLineAmp, now)
	}
	v.Hertz = read[si.Hertz](f.hertz, stepHertz, now)
	if !f.carries() {
		return
	}
	live := f.live()
	v.Forward, v.Neutral = bess.Flag{}, bess.Flag{}
	if live {
		v.Forward = bess.FlagOf(!f.reversed, now)
		v.Neutral = bess.FlagOf(!f.neutralLost, now)
	}
	rise := f.neutralToE
	if f.neutralLost {
		rise = 35
	}
	v.NeutralToE = read[si.Volts](rise, 0.1, now)
	if f.typ.Kind == bess.Generator {
		v.Running = bess.FlagOf(f.set.turning(), now)
		v.Fault = bess.FlagOf(f.set.failed || f.set.tripped, now)
	} else {
		v.Fault = bess.FlagOf(f.tripped, now)
	}
}

// senseMeters is power and energy of feeders and circuits.
func (w *World) senseMeters(at bess.Instant) {
	if !w.io.alive() {
		return
	}
	for i := range w.feeders {
		f, v := &w.feeders[i], &w.mail.Feeders[i]
		v.Power = read[si.Watts](f.power+w.hissing(stepWatts), stepWatts, at)
		v.Imported = read[si.WattHours](float64(f.imported), stepMeterWh, at)
		v.Exported = read[si.WattHours](float64(f.exported), stepMeterWh, at)
		if f.typ.DC {
			v.PhaseAmps[0] = read[si.Amps](f.amps[0], stepLineAmp, at)
		}
	}
	for i := range w.circuits {
		c, v := &w.circuits[i], &w.mail.Circuits[i]
		v.Closed = bess.FlagOf(c.relay.closed, at)
		v.Tripped = bess.FlagOf(c.tripped, at)
		v.Power = read[si.Watts](-c.power+w.hissing(stepWatts), stepWatts, at)
		v.Drawn = read[si.WattHours](float64(c.drawn), stepMeterWh, at)
		phases := max(c.typ.Phases, 1)
		each := c.power / float64(phases)
		for k := range phases {
			ph := (c.typ.Phase + k) % 3
			v.PhaseAmps[ph] = read[si.Amps](each/max(w.net.volts[ph], 50), stepLineAmp, at)
		}
	}
}

func (w *World) senseOutlet(i int) {
	o, v := &w.outlets[i], &w.mail.Outlets[i]
	at, yes := w.sensing.stage[i].due(w.now)
	changed := o.online() && (v.Plugged.State == bess.Unknown || v.Plugged.State != bess.Truth(o.plugged) ||
		v.Charging.State != bess.Truth(o.charging()) || v.Visit != o.visit)
	if o.silent {
		return
	}
	if yes || changed {
		if !yes {
			at = w.now
		}
		v.Online = bess.FlagOf(o.online(), at)
		if !o.online() {
			o.hangUp(v)
			return
		}
		o.report(v, at)
		for k := range v.PhaseAmps {
			v.PhaseAmps[k] = read[si.Amps](0, stepLineAmp, at)
		}
		if o.typ.Kind == bess.AC {
			for k := range o.phases {
				v.PhaseAmps[(o.typ.Phase+k)%3] = read[si.Amps](o.amps, stepLineAmp, at)
			}
		}
	}
}

// hangUp is what a driver knows of a station whose connection is gone: what it
// last said of its power and its offer no longer counts. The meter's last count
// stands.
func (o *outlet) hangUp(v *bess.OutletView) {
	v.Power, v.VehicleWants = bess.Reading[si.Watts]{}, bess.Reading[si.Watts]{}
	v.Offered, v.OfferedDC = bess.Reading[si.Amps]{}, bess.Reading[si.Watts]{}
	v.PhaseAmps = [3]bess.Reading[si.Amps]{}
}

// charging reports whether energy flows or is wanted.
func (o *outlet) charging() bool {
	return o.plugged && !o.tripped && o.vehicle.SoC < o.vehicle.Full
}

func (o *outlet) report(v *bess.OutletView, at bess.Instant) {
	v.Plugged = bess.FlagOf(o.plugged, at)
	v.Charging = bess.FlagOf(o.charging(), at)
	v.Fault = bess.FlagOf(false, at)
	v.Tripped = bess.FlagOf(o.tripped, at)
	power := o.power
	if o.lying {
		power = float64(power * o.lie)
	}
	v.Power = read[si.Watts](-power, stepWatts, at)
	v.Drawn = read[si.WattHours](float64(o.drawn+o.jump), stepMeterWh, at)
	v.Visit = o.visit
	v.Vehicle, v.VehicleWants = bess.Reading[si.Ratio]{}, bess.Reading[si.Watts]{}
	if o.typ.Kind == bess.Rapid {
		v.OfferedDC = read[si.Watts](o.offer, stepWatts, at)
		if o.plugged {
			wants := 0.0
			if o.charging() {
				wants = o.vehicle.asks()
			}
			v.VehicleWants = read[si.Watts](wants, stepLimit, at)
			v.Vehicle = read[si.Ratio](float64(o.vehicle.SoC), 0.01, at)
		}
		return
	}
	v.Offered = read[si.Amps](o.offer, 1, at)
	if o.plugged && o.vehicle.TellsSoC {
		v.Vehicle = read[si.Ratio](float64(o.vehicle.SoC), 0.01, at)
	}
}
