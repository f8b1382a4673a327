package twin

import (
	"math"

	"reprise/bess"
)

// Assumed: contacts that close onto, or open at, more than this many times what
// they are made for weld.
const weldFactor = 2

// movePacks moves the contactors of all packs and lets their links follow.
func (w *World) movePacks(dt float64) {
	for i := range w.packs {
		p := &w.packs[i]
		order := &w.orders.Packs[i]
		held := order.Lease.Holds(w.now)
		p.bms.wake(held && (order.Wake || order.Precharge || order.Close), w.io.alive(), dt)
		ready := held && p.bms.awake() && !p.bms.interlockOpen && !p.bms.opened
		closing := ready && order.Close
		p.ordered = closing
		p.precharging = (ready && order.Precharge || closing) && w.io.coils && !p.prechargeBad && !p.main.closed && !p.main.spent
		before := p.main.closed
		gap := math.Abs(p.volts - p.meets(&w.bus, w.switched))
		amps := math.Abs(p.amps)
		if p.main.move(closing, w.io.coils, float64(p.typ.Contactor.Operate), dt) {
			w.opened(p, amps)
		} else if p.main.closed && !before {
			w.closed(p, gap)
		}
	}
}

// meets is the voltage on the far side of the pack's contacts.
func (p *pack) meets(b *bus, switched bool) float64 {
	if switched {
		return b.volts
	}
	return p.link
}

func (w *World) opened(p *pack, amps float64) {
	limit := float64(p.typ.Contactor.Break)
	if amps <= limit {
		return
	}
	w.truth.Counts.Arcs++
	if amps > weldFactor*limit {
		p.main.welded, p.main.closed = true, true
	}
}

func (w *World) closed(p *pack, gap float64) {
	limit := float64(p.typ.Contactor.MatchWithin + p.typ.Contactor.VoltsUncertainty)
	if gap <= limit {
		return
	}
	w.truth.Counts.HardClosings++
	if gap > max(5*limit, 60) {
		p.main.welded = true
	}
}

// chargeLinks lets every link follow its pack through the precharge resistor or
// the closed contacts, or fall through its bleeder. What the pack gives is
// booked against what the link stores; the rest is heat in the path.
func (w *World) chargeLinks(dt float64) {
	for i := range w.packs {
		p := &w.packs[i]
		p.drawn = 0
		if w.switched || p.linkFarads <= 0 {
			continue
		}
		share := 0.0
		switch {
		case p.joined():
			share = 1
		case p.precharging && !p.blown:
			share = p.linkFade
		default:
			lost := halfCV2(p.linkFarads, p.link)
			p.link *= p.bleed
			lost -= halfCV2(p.linkFarads, p.link)
			w.truth.Books.LinkLoss[i] += wattHours(lost, 1)
			continue
		}
		step := float64(share * (p.volts - p.link))
		given := float64(p.linkFarads * step * p.volts)
		stored := halfCV2(p.linkFarads, p.link+step) - halfCV2(p.linkFarads, p.link)
		p.link += step
		p.drawn = given / dt
		w.truth.Books.LinkLoss[i] += wattHours(given-stored, 1)
	}
}

// joined reports whether the pack's contacts feed its converter.
func (p *pack) joined() bool { return p.main.closed && !p.blown }

// advancePacks moves the cells with what converters, links and, when switched,
// the bus took from the terminals.
func (w *World) advancePacks(dt float64) {
	for i := range w.packs {
		p := &w.packs[i]
		p.advance(&w.kinds[p.kind], p.drawn, w.cabinet.coolant, w.cabinet.moving, dt)
		w.truth.Books.PackLoss[i] += wattHours(p.loss, dt)
		w.truth.Books.Throughput += wattHours(math.Abs(p.drawn), dt)
		p.bms.count(p, &w.kinds[p.kind], dt)
	}
}

func (w *World) packOf(id bess.PackID) *pack {
	if id < 0 || int(id) >= len(w.packs) {
		return nil
	}
	return &w.packs[id]
}
