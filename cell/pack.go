package cell

import "reprise/bess/si"

// Group says how one series group of cells differs from the mean of its pack.
// The zero value is a group like all others.
type Group struct {
	Capacity   si.Ratio // relative difference of capacity: -0.05 is 5 % less
	SoC        si.Ratio // difference of state of charge at the balance point
	Resistance si.Ratio // relative difference of resistance
}

// Pack is how equal cells make a pack: the mean cell carries the state, the
// weakest and the strongest group ride along as differences. The groups set the
// lowest and highest cell voltage, and with them the usable window.
type Pack struct {
	Series, Parallel int      // counts below 1 count as 1
	Leads            si.Ohms  // busbars, contactors and fuse
	Balance          si.Ratio // state of charge at which groups are balanced, usually 1
	Weak, Strong     Group
}

func (k Pack) series() float64   { return float64(max(k.Series, 1)) }
func (k Pack) parallel() float64 { return float64(max(k.Parallel, 1)) }

// CellAmps is the current in each cell for a pack current.
func (k Pack) CellAmps(i si.Amps) si.Amps { return si.Amps(float64(i) / k.parallel()) }

// Amps is the pack current for a current in each cell.
func (k Pack) Amps(cell si.Amps) si.Amps { return si.Mul(cell, k.parallel()) }

// CellWatts is the share of one cell in a pack power or heat.
func (k Pack) CellWatts(p si.Watts) si.Watts {
	return si.Watts(float64(p) / float64(k.series()*k.parallel()))
}

// Watts is the pack's power or heat for that of one cell.
func (k Pack) Watts(cell si.Watts) si.Watts {
	return si.Mul(cell, float64(k.series()*k.parallel()))
}

// Volts is the pack's terminal voltage for the mean cell's terminal voltage at a
// pack current (positive = discharge).
func (k Pack) Volts(cell si.Volts, i si.Amps) si.Volts {
	return si.Mul(cell, k.series()) - i.Across(k.Leads)
}

// LeadsHeat is the heat in the pack's leads, which is no cell's.
func (k Pack) LeadsHeat(i si.Amps) si.Watts { return i.Heat(k.Leads) }

// Resistance is the pack's resistance for a cell resistance.
func (k Pack) Resistance(cell si.Ohms) si.Ohms {
	return si.Mul(cell, k.series()/k.parallel()) + k.Leads
}

// Energy is the pack's energy between two states of charge of new cells at rest
// at 25 C.
func (k Pack) Energy(p *Params, from, to si.Ratio) si.WattHours {
	ah := float64(float64(p.Capacity) * float64(to-from))
	return si.WattHours(float64(p.OCV.Mean(from, to)*ah) * float64(k.series()*k.parallel()))
}

// CurrentForPower is the pack current at which the pack's terminals carry a
// power, leads included; see CurrentForPower of the cell.
func (k Pack) CurrentForPower(p *Params, h Health, s *State, power si.Watts) (si.Amps, bool) {
	idle := si.Mul(Idle(p, s), k.series())
	return currentForPower(idle, k.Resistance(Resistance(p, h, s)), power)
}

// GroupSoC is a group's state of charge when the mean cell has soc: all groups
// in series move the same charge away from the balance point.
func (k Pack) GroupSoC(g Group, soc si.Ratio) si.Ratio {
	return k.Balance + g.SoC + si.Ratio(float64(soc-k.Balance)/g.capacity())
}

// MeanSoC is the mean cell's state of charge when a group has soc: the inverse
// of GroupSoC.
func (k Pack) MeanSoC(g Group, soc si.Ratio) si.Ratio {
	return k.Balance + si.Mul(soc-k.Balance-g.SoC, g.capacity())
}

func (g Group) capacity() float64 { return max(1+float64(g.Capacity), 0.1) }

// Window is the mean cell's usable window when no group may pass floor or
// ceiling; a pack too uneven for its window has lo above hi.
func (k Pack) Window(floor, ceiling si.Ratio) (lo, hi si.Ratio) {
	lo = max(floor, k.MeanSoC(k.Weak, floor), k.MeanSoC(k.Strong, floor))
	hi = min(ceiling, k.MeanSoC(k.Weak, ceiling), k.MeanSoC(k.Strong, ceiling))
	return lo, hi
}

// CellVolts are the lowest and the highest terminal voltage of any cell at a
// cell current (positive = discharge).
func (k Pack) CellVolts(p *Params, h Health, s *State, cell si.Amps) (lowest, highest si.Volts) {
	drop := s.V1 + s.V2 + cell.Across(Resistance(p, h, s))
	own := si.Mul(hysteresis(p, s.SoC), float64(s.Hysteresis))
	mean := OCV(p, s.SoC, s.Core) + own - drop
	lowest, highest = mean, mean
	for _, g := range [2]Group{k.Weak, k.Strong} {
		v := OCV(p, k.GroupSoC(g, s.SoC), s.Core) + own - si.Mul(drop, 1+float64(g.Resistance))
		lowest, highest = min(lowest, v), max(highest, v)
	}
	return lowest, highest
}
