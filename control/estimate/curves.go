package estimate

import (
	"reprise/bess"
	"reprise/bess/si"
	"reprise/cell"
)

// curves are a chemistry as published; the true ones of a pack are never known
// here.
type curves struct {
	cell   cell.Params
	stored cell.Curve // energy from empty to a state of charge over that of a full cell
	spread float64    // V: how far a real cell's rest voltage may be from the curve
	slow   float64    // resistance of the slow relaxation over that of a 10 s pulse
}

// curvesOf a chemistry. NCA has no parameter set of its own: it is read with
// the curve of the other nickel-rich cell and its voltage is believed that
// much less (assumption: within 30 mV).
func curvesOf(c bess.Chemistry) *curves {
	k := &curves{spread: 0.004}
	params, known := cell.Nominal(c, 1)
	if !known {
		k.cell, k.spread = cell.NMC811(), 0.03
	} else {
		k.cell = params
	}
	p := &k.cell
	if full := cell.Energy(p, cell.AsNew(), 1); full > 0 {
		for i := range k.stored {
			soc := si.Ratio(float64(i) / float64(len(k.stored)-1))
			k.stored[i] = cell.Energy(p, cell.AsNew(), soc) / full
		}
	}
	if pulse := p.Resistance + p.Fast.Resistance; pulse > 0 {
		k.slow = float64(p.Slow.Resistance) / float64(pulse)
	}
	return k
}

// believed is how far the rest voltage at a state of charge may be from the
// curve, one standard deviation, V: the cell's own spread and half the gap
// between the charge and the discharge branch, since nobody knows on which of
// them the cell is.
func (k *curves) believed(soc si.Ratio) float64 {
	return k.spread + float64(0.5*k.cell.Hysteresis.At(soc))
}
