package twin

import (
	"reprise/bess"
	"reprise/bess/si"
)

// frames is what happens to a pack's frames between its management system and
// whoever listens. What arrives carries the instant of its arrival: nobody can
// tell from a frame how long it was on its way.
type frames struct {
	dropped, corrupted float64 // share of the ticks whose frames are lost or garbled
	delay              int     // ticks
	doubled, reordered bool
	past               []bess.PackView // ring of what was sent; its length bounds the delay
	heard              bess.PackView   // what the listener has
	head               int
	ticks              int
	draw               chance
}

// longestDelay bounds FramesDelayed, in ticks.
const longestDelay = 50

// faultFrames sets a fault of a pack's channel. The memory it needs is taken
// here, so that a step takes none.
func (w *World) faultFrames(kind FaultKind, i int, value float64, on bool) {
	if kind < FramesDropped || kind > FramesReordered {
		return
	}
	if w.frames == nil {
		w.frames = make([]frames, len(w.packs))
	}
	f := &w.frames[i]
	if f.past == nil {
		f.past = make([]bess.PackView, longestDelay+1)
		f.draw = newChance(uint64(i), 700)
		for k := range f.past {
			f.past[k] = w.mail.Packs[i]
		}
		f.heard = w.mail.Packs[i]
	}
	switch kind {
	case FramesDropped:
		f.dropped = within(value, 0, 1)
	case FramesCorrupted:
		f.corrupted = within(value, 0, 1)
	case FramesDelayed:
		f.delay = int(within(value*10, 0, longestDelay))
	case FramesDoubled:
		f.doubled = on
	default:
		f.reordered = on
	}
}

// disturb lets what is wrong on the packs' channels happen to a snapshot.
func (w *World) disturb(s *bess.Snapshot) {
	for i := range w.frames {
		if f := &w.frames[i]; f.past != nil {
			f.pass(&s.Packs[i])
		}
	}
}

// pass turns what was sent into what is heard.
func (f *frames) pass(v *bess.PackView) {
	f.head = (f.head + 1) % len(f.past)
	f.past[f.head] = *v
	f.ticks++
	garbage := f.heard.Garbage
	late := f.delay
	switch {
	case f.reordered && f.ticks%3 == 0:
		late += 2
	case f.doubled && f.ticks%2 == 0:
		late++
	}
	if late > 0 {
		late = min(late, len(f.past)-1)
		*v = f.past[(f.head+len(f.past)-late)%len(f.past)]
		restamp(v, bess.Instant(100*late))
	}
	switch {
	case f.dropped > 0 && f.draw.uniform() < f.dropped:
		*v = f.heard
	case f.corrupted > 0 && f.draw.uniform() < f.corrupted:
		*v = f.heard // refused by its checksum
		garbage++
	}
	v.Garbage = garbage
	f.heard = *v
}

// restamp moves the instants of all readings.
func restamp(v *bess.PackView, by bess.Instant) {
	for _, at := range [...]*bess.Instant{
		&v.Volts.At, &v.LinkVolts.At, &v.Current.At, &v.SoC.At, &v.SoCLow.At, &v.SoCHigh.At, &v.SoH.At, &v.Available.At,
		&v.CellHigh.At, &v.CellLow.At, &v.Hot.At, &v.Cold.At, &v.Average.At, &v.Discharge.At, &v.Charge.At,
		&v.DischargePeak.At, &v.ChargePeak.At, &v.Alive.At, &v.Contactor.At, &v.Precharging.At, &v.Interlock.At,
		&v.IsolationLow.At, &v.Weld.At, &v.OpenNow.At, &v.OpenSoon.At, &v.DerateWanted.At, &v.NoCharge.At,
	} {
		*at += by
	}
}

// bootDevices lets devices that restart come back.
func (w *World) bootDevices(dt float64) {
	for i := range w.packs {
		if b := &w.packs[i].bms; b.booting > 0 {
			b.booting -= dt
			b.up = 0
		}
	}
	for k := range w.converters {
		if c := &w.converters[k]; c.booting > 0 {
			c.booting -= dt
			c.order, c.hearing = bess.ConverterCommand{}, hearing{}
		}
	}
	if v := &w.inverter; v.booting > 0 {
		v.booting -= dt
		v.stop(&w.truth.Counts)
		v.tripped = v.booting > 0 // a fresh start has no fault to be cleared
	}
	if m := &w.io; m.booting > 0 {
		m.booting -= dt
		m.hearing = false
	}
}

// DiskStalled reports whether nothing becomes durable.
func (w *World) DiskStalled() bool { return w.disk.stalled || w.disk.full }

// Inside is what switchgear and power electronics truly do, beside Truth.
type Inside struct {
	Feeders    []FeederInside
	Converters []ConverterInside
	Circuits   []CircuitInside
	Outlets    []OutletInside
	Packs      []PackInside
	Inverter   bess.InverterMode
	Trips      bool     // the inverter is tripped
	AC         si.Watts // of the inverter, into the AC bus
	Bond       bool     // closed
	Supply     bool     // outlet supply contactor closed
	TwelveVolt si.Volts
}

// FeederInside is a supply's contactor and what stands before it.
type FeederInside struct {
	Closed, Live bool
	Amps         [3]si.Amps
}

// ConverterInside is what a converter does.
type ConverterInside struct {
	On    bool
	Mode  bess.ConverterMode
	Power si.Watts // bus side
}

// CircuitInside is a circuit's relay and its users.
type CircuitInside struct {
	Closed, Tripped bool
	Wanted          si.Watts
}

// OutletInside is what a station offers.
type OutletInside struct {
	Plugged bool
	Online  bool
	Offer   float64      // A, rapid: W
	Drawn   si.WattHours // into the vehicle that is there, true
}

// PackInside is what only the pack itself knows.
type PackInside struct {
	Cold       si.Celsius // coldest cell
	Insulation si.Ohms
	Opened     bool // its own management system opened it
	Awake      bool
	Drop       si.Volts // its lowest cell below the others, by a fault
}

// NewInside is sized for a world.
func (w *World) NewInside() *Inside {
	return &Inside{
		Feeders: make([]FeederInside, len(w.feeders)), Converters: make([]ConverterInside, len(w.converters)),
		Circuits: make([]CircuitInside, len(w.circuits)), Outlets: make([]OutletInside, len(w.outlets)),
		Packs: make([]PackInside, len(w.packs)),
	}
}

// Look brings it up to date. It does not allocate.
func (w *World) Look(n *Inside) {
	for i := range w.feeders {
		f := &w.feeders[i]
		n.Feeders[i] = FeederInside{Closed: f.main.closed, Live: f.live()}
		for k := range f.amps {
			n.Feeders[i].Amps[k] = si.Amps(f.amps[k])
		}
	}
	for k := range w.converters {
		c := &w.converters[k]
		n.Converters[k] = ConverterInside{On: c.on, Mode: c.mode, Power: si.Watts(c.power)}
	}
	for i := range w.circuits {
		c := &w.circuits[i]
		n.Circuits[i] = CircuitInside{Closed: c.relay.closed, Tripped: c.tripped, Wanted: si.Watts(c.wanted)}
	}
	for i := range w.outlets {
		o := &w.outlets[i]
		n.Outlets[i] = OutletInside{Plugged: o.plugged, Online: o.online(), Offer: o.offer, Drawn: o.drawn}
	}
	for i := range w.packs {
		p := &w.packs[i]
		n.Packs[i] = PackInside{
			Cold: p.state.Core - 1, Insulation: si.Ohms(p.insulation), Opened: p.bms.opened, Awake: p.bms.awake(), Drop: si.Volts(p.lowDrop),
		}
	}
	n.Inverter, n.Trips, n.AC = w.inverter.mode, w.inverter.tripped, si.Watts(w.inverter.ac)
	n.Bond, n.Supply, n.TwelveVolt = w.io.bond.closed, w.io.outletSupply.closed, si.Volts(w.io.twelve)
}
