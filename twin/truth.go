package twin

import (
	"math"

	"reprise/bess"
	"reprise/bess/si"
)

// PackTruth is what a pack really is.
type PackTruth struct {
	SoC, Weak, Strong si.Ratio // of the average, weakest and strongest cell group
	SoH               si.Ratio // capacity against new
	Growth            si.Ratio // resistance against new, at 25 C
	Capacity          si.AmpHours
	Stored            si.WattHours // in the cells above empty, less what the terminals owe from the last step
	Full              si.WattHours // the same from empty to full
	Volts, Link       si.Volts
	Current           si.Amps // positive: discharge
	CellHigh, CellLow si.Volts
	Core, Case, Hot   si.Celsius
	Closed, Welded    bool // main contacts
	Blown             bool // fuse
	Operations        int
}

// Books are true energies since the start, each a magnitude of what flowed.
type Books struct {
	FeederIn, FeederOut []si.WattHours // per feeder: import and export
	PackLoss            []si.WattHours // overpotential of the cells
	LinkLoss            []si.WattHours // precharge resistors, contacts, bleeders
	ConverterLoss       []si.WattHours // with standby
	Outlet, OutletLoss  []si.WattHours // into the vehicle; rapid: its converter's loss
	Circuit             []si.WattHours
	InverterLoss        si.WattHours
	BusLoss             si.WattHours // bleeder, short circuits
	OwnUse              si.WattHours
	Throughput          si.WattHours // gross flow of sources and stores
}

// Counts are how often something happened since the start.
type Counts struct {
	Arcs           int // contacts opened above their break rating
	HardClosings   int // contacts closed onto a voltage difference above their limit
	InverterTrips  int
	ConverterTrips int
	GeneratorTrips int
	BreakerTrips   int // circuits and feeders
	BusCollapses   int // bus below the inverter's trip while it ran
	Parallelled    int // two supplies closed onto each other
	FormRefusals   int // ordered to form while a feeder contactor was closed
	RapidSheds     int
}

// Truth is the true state of the world, for proofs and the bench. It is a copy
// of nothing: it shares memory with the world and is valid until the next Step.
type Truth struct {
	Packs      []PackTruth
	Books      Books
	Counts     Counts
	Stored     si.WattHours // in cells, links, bus and 12 V battery, now
	AtStart    si.WattHours // the same at the start
	BusVolts   si.Volts
	PhaseVolts [3]si.Volts
	Hertz      si.Hertz
	Forming    bool
	Live       int // feeder that carries the AC bus, or bess.Nobody
	Inhibited  bool
	Coils      bool
	Coolant    si.Celsius
	CircuitNow []si.Watts   // draw, positive
	OutletNow  []si.Watts   // draw, positive
	FeederNow  []si.Watts   // import positive
	Burnt      []si.Litres  // fuel, per feeder
	Starts     []int        // of the generator, per feeder, failed ones included
	Unserved   si.WattHours // wanted by users of closed circuits and not served
}

func newTruth(u *bess.Unit) Truth {
	packs := len(u.Packs)
	return Truth{
		Packs: make([]PackTruth, packs),
		Books: Books{
			FeederIn:      make([]si.WattHours, len(u.Feeders)),
			FeederOut:     make([]si.WattHours, len(u.Feeders)),
			PackLoss:      make([]si.WattHours, packs),
			LinkLoss:      make([]si.WattHours, packs),
			ConverterLoss: make([]si.WattHours, len(u.Converters)),
			Outlet:        make([]si.WattHours, len(u.Outlets)),
			OutletLoss:    make([]si.WattHours, len(u.Outlets)),
			Circuit:       make([]si.WattHours, len(u.Circuits)),
		},
		CircuitNow: make([]si.Watts, len(u.Circuits)),
		OutletNow:  make([]si.Watts, len(u.Outlets)),
		FeederNow:  make([]si.Watts, len(u.Feeders)),
		Burnt:      make([]si.Litres, len(u.Feeders)),
		Starts:     make([]int, len(u.Feeders)),
	}
}

// Residual is the energy that no account explains: supplies in, less what left,
// less what was lost, less what is stored more. Zero in a true world.
func (t *Truth) Residual() si.WattHours {
	b := &t.Books
	rest := -(t.Stored - t.AtStart) - b.InverterLoss - b.BusLoss - b.OwnUse
	rest += total(b.FeederIn) - total(b.FeederOut)
	rest -= total(b.PackLoss) + total(b.LinkLoss) + total(b.ConverterLoss)
	rest -= total(b.Outlet) + total(b.OutletLoss) + total(b.Circuit)
	return rest
}

// BalanceError is |Residual| over throughput; 0 while nothing has flowed.
func (t *Truth) BalanceError() float64 {
	if t.Books.Throughput <= 0 {
		return 0
	}
	return math.Abs(float64(t.Residual())) / float64(t.Books.Throughput)
}

func total(of []si.WattHours) (sum si.WattHours) {
	for _, e := range of {
		sum += e
	}
	return sum
}

// wattHours is the energy of watts over dt seconds.
func wattHours(watts, dt float64) si.WattHours {
	return si.WattHours(float64(watts*dt) / joulesPerWattHour)
}

// Flows is what flows since the last step: FeederNow, OutletNow and CircuitNow
// are of that step, everything else is of the last call of Truth, which asks
// every cell and costs as much as a tick of the controller.
func (w *World) Flows() *Truth { return &w.truth }

// Truth brings the true state up to date and returns it.
func (w *World) Truth() *Truth {
	t := &w.truth
	stored := float64(0)
	for i := range w.packs {
		p := &w.packs[i]
		t.Packs[i] = p.truth(&w.kinds[p.kind])
		stored += float64(t.Packs[i].Stored) + halfCV2(p.linkFarads, p.link)/joulesPerWattHour
	}
	stored += halfCV2(w.bus.farads, w.bus.volts)/joulesPerWattHour + w.io.battery
	t.Stored = si.WattHours(stored)
	t.BusVolts = si.Volts(w.bus.volts)
	for i := range w.feeders {
		t.Burnt[i], t.Starts[i] = si.Litres(w.feeders[i].set.burnt), w.feeders[i].set.starts
	}
	for k := range t.PhaseVolts {
		t.PhaseVolts[k] = si.Volts(w.net.volts[k])
	}
	t.Hertz = si.Hertz(w.net.hertz)
	t.Forming, t.Live = w.inverter.mode == bess.InverterForm, w.net.carrier
	t.Inhibited, t.Coils = w.io.inhibited, w.io.coils
	t.Coolant = si.Celsius(w.cabinet.coolant)
	return t
}
