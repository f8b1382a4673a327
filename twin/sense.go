package twin

import (
	"reprise/bess"
	"reprise/bess/si"
)

// beat is a periodic report: when the next one is due.
type beat struct{ period, next bess.Instant }

// due reports whether a report falls in the time up to now, and when it was made.
func (b *beat) due(now bess.Instant) (at bess.Instant, yes bool) {
	if now < b.next {
		return 0, false
	}
	missed := (now - b.next) / b.period
	at = b.next + missed*b.period
	b.next = at + b.period
	return at, true
}

// sensing is the reporting state of all devices: how often each speaks.
type sensing struct {
	fast   []beat // pack: voltage, current, limits, flags (15..20 ms)
	middle []beat // pack: SoC (100 ms)
	cells  []beat // pack: cell extremes (280 ms)
	warmth []beat // pack: temperatures (600 ms)
	slow   []beat // pack: energies (800 ms)
	meters beat   // feeders, circuits: power and energy
	slower beat   // fuel, price, ambient, disk
	io     beat
	stage  []beat // stations
	hiss   chance
}

func newSensing(u *bess.Unit, seed uint64) sensing {
	s := sensing{
		meters: beat{period: 200}, slower: beat{period: 1000},
		io: beat{period: max(bess.Instant(u.IO.Period), 10)}, hiss: newChance(seed, 900),
	}
	phase := newChance(seed, 901)
	row := func(n int, period bess.Instant) []beat {
		b := make([]beat, n)
		for i := range b {
			b[i] = beat{period: period, next: bess.Instant(phase.between(0, float64(period)))}
		}
		return b
	}
	n := len(u.Packs)
	s.fast, s.middle, s.cells = row(n, 20), row(n, 100), row(n, 280)
	s.warmth, s.slow, s.stage = row(n, 600), row(n, 800), row(len(u.Outlets), 2000)
	return s
}

// Resolutions, as the public L405 table has them, and usual meters'.
const (
	stepVolts    = 1.0
	stepAmps     = 0.025
	stepSoC      = 0.0001
	stepSoH      = 0.001
	stepCell     = 0.001
	stepCelsius  = 0.5
	stepLimit    = 10.0
	stepPackWh   = 50.0
	stepWatts    = 1.0
	stepDCWatts  = 10.0
	stepMeterWh  = 1.0
	stepLineVolt = 0.1
	stepLineAmp  = 0.1
	stepHertz    = 0.01
)

// read is a reading in whole steps of its resolution.
func read[T si.Number](x, step float64, at bess.Instant) bess.Reading[T] {
	return bess.Reading[T]{Value: T(quantised(x, step)), At: at, Quality: bess.Good}
}

// Sense writes what the devices say now: each at its own pace and resolution,
// stamped with when it was made. It sets Now and Civil, and leaves what the
// durable store says about entries alone. It does not allocate.
func (w *World) Sense(s *bess.Snapshot) {
	m := &w.mail
	m.Now = w.now
	m.Civil = w.civil
	m.Civil.UnixMilli += w.clockJump
	for i := range w.packs {
		w.sensePack(i)
	}
	for k := range w.converters {
		w.senseConverter(k)
	}
	w.senseInverter()
	w.senseIO()
	for i := range w.feeders {
		w.senseFeeder(i)
	}
	if at, yes := w.sensing.meters.due(w.now); yes {
		w.senseMeters(at)
	}
	for i := range w.outlets {
		w.senseOutlet(i)
	}
	if at, yes := w.sensing.slower.due(w.now); yes {
		w.senseSlow(at)
	}
	durable := s.Store.DurableUpTo
	s.CopyFrom(m)
	w.disturb(s)
	s.Store.DurableUpTo = durable
}

// hissing is seeded noise of half a step, when the world has noise.
func (w *World) hissing(step float64) float64 {
	if !w.noise {
		return 0
	}
	return float64(step * 0.5 * w.sensing.hiss.normal())
}

func (w *World) senseConverter(k int) {
	c, v, now := &w.converters[k], &w.mail.Converters[k], w.now
	if c.deaf || c.booting > 0 || !w.io.alive() {
		return
	}
	v.Running = bess.FlagOf(c.on, now)
	v.Fault = bess.FlagOf(c.tripped, now)
	v.OverVolts = bess.FlagOf(c.over, now)
	v.Power = read[si.Watts](c.power+w.hissing(stepWatts), stepWatts, now)
	v.BusVolts = read[si.Volts](w.bus.volts, 0.1, now)
	v.Heatsink = read[si.Celsius](c.heatsink, stepCelsius, now)
	v.Losses = read[si.Watts](c.loss, stepWatts, now)
	if p := w.packOf(c.typ.Pack); p != nil {
		v.PackVolts = read[si.Volts](p.link, 0.1, now)
		v.PackAmps = read[si.Amps](c.packSide/max(p.volts, 1), 0.1, now)
	}
}

func (w *World) senseInverter() {
	v, m, now := &w.inverter, &w.mail.Inverter, w.now
	if !w.io.alive() {
		return
	}
	m.Running = bess.FlagOf(v.mode != bess.InverterOff, now)
	m.Fault = bess.FlagOf(v.tripped, now)
	m.OverVolts, m.UnderVolts = bess.FlagOf(v.over, now), bess.FlagOf(v.under, now)
	m.LossOfMain = bess.FlagOf(v.lossOfMain, now)
	m.Mode = bess.Of(si.Ratio(v.mode), now)
	m.Power = read[si.Watts](v.ac+w.hissing(stepWatts), stepWatts, now)
	m.Reactive = read[si.VoltAmps](v.reactive, 1, now)
	for k := range m.PhaseVolts {
		m.PhaseVolts[k] = read[si.Volts](w.net.volts[k], stepLineVolt, now)
		m.PhasePower[k] = read[si.Watts](v.phase[k], stepWatts, now)
		m.PhaseAmps[k] = read[si.Amps](v.phase[k]/max(w.net.volts[k], 50), stepLineAmp, now)
	}
	m.Hertz = read[si.Hertz](w.net.hertz, stepHertz, now)
	m.DCVolts = read[si.Volts](w.bus.volts, 0.1, now)
	m.DCPower = read[si.Watts](float64(v.dc*v.meter)+w.hissing(stepDCWatts), stepDCWatts, now)
	m.Heatsink = read[si.Celsius](v.heatsink, stepCelsius, now)
	w.mail.Bus.Volts = read[si.Volts](w.bus.volts, 0.1, now)
	w.mail.Bus.OwnUse = read[si.Watts](w.cabinet.own, stepWatts, now)
}

func (w *World) senseIO() {
	m, v := &w.io, &w.mail.IO
	at, yes := w.sensing.io.due(w.now)
	if !yes || m.silent || m.booting > 0 || !m.alive() {
		return
	}
	for i := range m.inputs {
		if m.typ.Has[i] {
			trouble := m.inputs[i]
			if bess.Input(i) == bess.EmergencyStop || bess.Input(i) == bess.HVIL || bess.Input(i) == bess.Smoke {
				trouble = trouble || m.latched && w.mail.IO.Inputs[i].State == bess.Yes
			}
			v.Inputs[i] = bess.FlagOf(trouble, at)
		}
	}
	v.TwelveVolt = read[si.Volts](m.twelve, 0.05, at)
	v.OutletSupply = bess.FlagOf(m.outletSupply.closed, at)
	v.Bond = bess.FlagOf(m.bond.closed, at)
	v.Inhibit = bess.FlagOf(m.inhibited, at)
	v.Coils = bess.FlagOf(m.coils, at)
	v.LocalLock = bess.FlagOf(m.localLock, at)
	v.Guard = bess.FlagOf(w.guardThere(), at)
	v.Coolant = read[si.Celsius](w.cabinet.coolant, stepCelsius, at)
	v.Alive = bess.Of(si.Ratio(1), at)
}

// senseSlow is what changes slowly: fuel, price, ambient, disk, insulation.
func (w *World) senseSlow(at bess.Instant) {
	w.mail.Ambient = read[si.Celsius](float64(w.around.Ambient), 0.1, at)
	free := 0.7
	if w.disk.full {
		free = 0
	}
	w.mail.Store.Full = bess.FlagOf(w.disk.full, at)
	w.mail.Store.Failed = bess.FlagOf(false, at)
	w.mail.Store.Free = bess.Of(si.Ratio(free), at)
	leak := 1 / max(w.bus.insulation, 1)
	for i := range w.packs {
		p := &w.packs[i]
		if p.main.closed && !w.isolated(i) {
			leak += 1 / max(p.insulation, 1)
		}
	}
	w.mail.Bus.Insulation = read[si.Ohms](1/leak, 100, at)
	for i := range w.feeders {
		f, v, a := &w.feeders[i], &w.mail.Feeders[i], &w.around.Feeders[i]
		if f.typ.Kind == bess.Generator && f.typ.Set.Tank > 0 {
			v.Fuel = read[si.Ratio](f.set.fuel/float64(f.typ.Set.Tank), 0.005, at)
		}
		if a.Priced {
			v.Intensity, v.Price = bess.Of(a.Intensity, at), bess.Of(a.Price, at)
		}
	}
}

// isolated reports whether the converter of a pack separates it from the bus.
func (w *World) isolated(i int) bool {
	for k := range w.converters {
		if int(w.converters[k].typ.Pack) == i {
			return w.converters[k].typ.Isolated
		}
	}
	return false
}
