package twin

import (
	"reprise/bess"
	"reprise/bess/si"
)

// set makes a fault true with a value, or ends it.
func (w *World) set(f Fault, value float64, on bool) {
	if !si.Finite(si.Ratio(value)) {
		return
	}
	switch f.Kind.Subject() {
	case bess.OfPack:
		if f.Index == bess.Nobody {
			w.faultWhole(f.Kind, value, on)
		}
		if f.Index >= 0 && f.Index < len(w.packs) {
			w.packs[f.Index].fault(f.Kind, value, on)
			w.faultFrames(f.Kind, f.Index, value, on)
		}
	case bess.OfConverter:
		if f.Index >= 0 && f.Index < len(w.converters) {
			w.faultConverter(f.Kind, f.Index, value, on)
		}
	case bess.OfFeeder:
		if f.Index >= 0 && f.Index < len(w.feeders) {
			w.feeders[f.Index].fault(f, value, on)
		}
	case bess.OfCircuit:
		if f.Index >= 0 && f.Index < len(w.circuits) {
			c := &w.circuits[f.Index]
			if f.Kind == CircuitShort {
				c.short = on
			}
			c.tripped = on && (f.Kind == CircuitRCD || c.tripped)
		}
	case bess.OfOutlet:
		if f.Index >= 0 && f.Index < len(w.outlets) {
			w.outlets[f.Index].fault(f.Kind, value, on)
		}
	default:
		w.faultUnit(f, value, on)
	}
}

// fault sets a fault of a pack.
func (p *pack) fault(kind FaultKind, value float64, on bool) {
	b := &p.bms
	switch kind {
	case CellHeat:
		p.heated = on
		if on {
			p.hotRise = value - float64(p.state.Core) - 1
		}
	case CellShort:
		p.lowDrop = value
	case BMSFrozen:
		b.frozen = on
	case BMSSilent:
		b.silent = on
	case BMSDrift:
		b.drift = value
	case SoCLie:
		b.lie = value
	case BMSOpenNow:
		b.staged[stagedOpenNow] = on
	case BMSOpenSoon:
		b.staged[stagedOpenSoon] = on
	case BMSDerate:
		b.staged[stagedDerate] = on
	case BMSNoCharge:
		b.staged[stagedNoCharge] = on
	case BMSReboots:
		b.booting = value
	case InterlockOpen:
		b.interlockOpen = on
	case InsulationFall:
		p.insulation = value
		if !on {
			p.insulation = soundInsulation
		}
	case PrechargeFailure:
		p.prechargeBad = on
	case ContactorWelded:
		p.main.welded = on
	case ContactorStuckOpen:
		p.main.stuckOpen = on
		p.main.closed = p.main.closed && !on
	default: // not a fault of this part
	}
}

// faultWhole sets a fault of a pack's kind on the unit itself: its interlock
// loop, the insulation of its bus.
func (w *World) faultWhole(kind FaultKind, value float64, on bool) {
	switch kind {
	case InterlockOpen:
		w.io.inputs[bess.HVIL] = on
	case InsulationFall:
		w.bus.insulation = soundInsulation
		if on {
			w.bus.insulation = value
		}
	default: // not a fault of this part
	}
}

func (w *World) faultConverter(kind FaultKind, k int, value float64, on bool) {
	c := &w.converters[k]
	switch kind {
	case ConverterTrip:
		c.held = on
		if on {
			w.trip(k)
		}
	case ConverterIgnores:
		c.stubborn = on
	case ConverterDeaf:
		c.deaf = on
	case ConverterReboots:
		c.booting = value
	case ConverterOverdrives:
		c.drives = max(value, 0)
	default: // not a fault of this part
	}
}

// fault sets a fault of a supply.
func (f *feeder) fault(x Fault, value float64, on bool) {
	switch x.Kind {
	case FeederWelded:
		f.main.welded = on
	case FeederStuckOpen:
		f.main.stuckOpen = on
		f.main.closed = f.main.closed && !on
	case FeederLost:
		f.lost = on
		f.tripped = false
	case FeederSag:
		f.sag = 1
		if on {
			f.sag = within(value, 0, 2)
		}
	case PhaseLost:
		f.phaseLost = 0
		if on {
			f.phaseLost = x.Part
		}
	case NeutralLost:
		f.neutralLost = on
	case PhasesReversed:
		f.reversed = on
	case GeneratorRefuses:
		f.set.refuses = on
	case GeneratorStops:
		f.set.tripped = on
	default: // not a fault of this part
	}
}

// fault sets a fault of a station or its vehicle.
func (o *outlet) fault(kind FaultKind, value float64, on bool) {
	switch kind {
	case OutletRCD:
		o.tripped = on
	case StationSilent:
		o.silent = on
	case StationIgnores:
		o.ignores = on
	case StationReboots:
		o.rebooting = value
	case MeterJump:
		if on {
			o.jump += si.WattHours(value)
		}
	case VehicleOverdraw:
		o.over = value
	case StationLies:
		o.lying, o.lie = on, value
	default: // not a fault of this part
	}
}

func (w *World) faultUnit(f Fault, value float64, on bool) {
	switch f.Kind {
	case CoolantLoss:
		w.cabinet.dry = on
		w.io.inputs[bess.CoolantLow] = on
	case BusShort:
		w.bus.short = on
		for i := range w.packs {
			w.packs[i].blown = w.packs[i].blown && on // repaired with it
		}
	case InverterTrip:
		w.inverter.held = on
		if on {
			w.inverter.stop(&w.truth.Counts)
		}
	case InverterReboots:
		w.inverter.booting = value
		if on {
			w.inverter.stop(&w.truth.Counts)
		}
	case IOReboots:
		w.io.booting = value
	case DiskStalls:
		w.disk.stalled = on
	case BondWelded:
		w.io.bond.welded = on
		w.io.bond.closed = w.io.bond.closed || on
	case BondMissing:
		w.io.bondMissing = on
	case InputTrouble:
		if f.Part >= 0 && f.Part < int(bess.InputCount) {
			w.io.inputs[f.Part] = on
		}
	case TwelveVoltLow:
		w.io.twelveFault = 0
		if on {
			w.io.twelveFault = max(value, 0.1)
		}
	case AmbientStep:
		if on {
			w.around.Ambient = si.Celsius(value)
		}
	case ClockJump:
		w.clockJump = int64(value * 1000)
	case DiskFull:
		w.disk.full = on
	case GuardMissing:
		w.io.guard.missing = on
	case IOSilent:
		w.io.silent = on
	default: // not a fault of this part
	}
}
