package device

import (
	"math"
	"strconv"
	"strings"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/ocpp/v16"
)

// metered is what one list of sampled values says. Absent parts are missing.
type metered struct {
	power, offered, offeredDC, energy, charge, wants bess.Reading[si.Watts] // each in its own SI unit
	amps                                             [3]bess.Reading[si.Amps]
}

// sample reads one list of sampled values taken at an instant. It returns how many values could not be read: a station
// may name any measurand, but a number that is none, or a unit that does not fit, is refused.
func (m *metered) sample(values []v16.SampledValue, at bess.Instant) (refused int) {
	for i := range values {
		v := &values[i]
		x, ok := measured(v)
		if !ok {
			refused++
			continue
		}
		r := bess.Of(si.Watts(x), at)
		switch v.Measurand {
		case "", v16.MeasurandEnergyActiveImportRegister:
			if v.Phase == "" && x >= 0 {
				m.energy = r
			}
		case v16.MeasurandPowerActiveImport:
			switch {
			case v.Location == v16.LocationEV:
				m.wants = r
			case v.Phase == "":
				m.power = r
			}
		case v16.MeasurandPowerOffered:
			m.offeredDC = r
		case v16.MeasurandCurrentOffered:
			m.offered = r
		case v16.MeasurandSoC:
			m.charge = r
		case v16.MeasurandCurrentImport:
			if k := phaseNumber(v.Phase); k >= 0 {
				m.amps[k] = bess.Of(si.Amps(x), at)
			}
		default: // what the machine does not use
		}
	}
	return refused
}

// phaseNumber is 0..2 for L1..L3; a current without a phase is of L1; -1 for the neutral and for pairs.
func phaseNumber(p v16.Phase) int {
	switch p {
	case "", v16.PhaseL1, v16.PhaseL1N:
		return 0
	case v16.PhaseL2, v16.PhaseL2N:
		return 1
	case v16.PhaseL3, v16.PhaseL3N:
		return 2
	default:
		return -1
	}
}

// measured is a sampled value in W, Wh, A or a ratio. A value without a unit is in the measurand's default: Wh for energy,
// W, A, percent; some stations send a comma, none may send a word.
func measured(v *v16.SampledValue) (float64, bool) {
	if v.Format == v16.ValueFormatSignedData {
		return 0, false
	}
	x, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(v.Value), ",", ".", 1), 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, false
	}
	switch v.Measurand {
	case "", v16.MeasurandEnergyActiveImportRegister:
		return scaled(x, v.Unit, v16.UnitOfMeasureWh, v16.UnitOfMeasureKWh)
	case v16.MeasurandPowerActiveImport, v16.MeasurandPowerOffered:
		return scaled(x, v.Unit, v16.UnitOfMeasureW, v16.UnitOfMeasureKW)
	case v16.MeasurandSoC:
		if v.Unit != "" && v.Unit != v16.UnitOfMeasurePercent || x < 0 || x > 100 {
			return 0, false
		}
		return x / 100, true
	case v16.MeasurandCurrentImport, v16.MeasurandCurrentOffered:
		return scaled(x, v.Unit, v16.UnitOfMeasureA, "")
	default:
		return x, true
	}
}

func scaled(x float64, unit, one, thousand v16.UnitOfMeasure) (float64, bool) {
	switch unit {
	case "", one:
		return x, true
	case thousand:
		return x * 1000, true
	default:
		return 0, false
	}
}

// read uses a MeterValues message. Values come late or twice after a lost connection: those whose own time is not after
// the newest one of this connection are passed over.
func (l *stationLink) read(list []v16.MeterValue, at bess.Instant) {
	for i := range list {
		stampedAt := list[i].Timestamp.Time
		if !l.newest.IsZero() && !stampedAt.After(l.newest) && l.newest.Sub(stampedAt) < lateWithin {
			continue
		}
		l.newest = stampedAt
		var m metered
		refused := m.sample(list[i].SampledValue, at)
		for range refused {
			l.tally.garbage()
		}
		if l.late(stampedAt, time.Now()) {
			m = metered{energy: m.energy}
		}
		l.use(&m)
	}
}

// lateWithin bounds what counts as late: a larger step back is a corrected clock.
const lateWithin = 24 * time.Hour

// use puts readings into the view; what a message does not say keeps its older value and age.
func (l *stationLink) use(m *metered) {
	v := &l.view
	if r := m.power; r.Quality == bess.Good {
		v.Power = bess.Of(-r.Value, r.At)
	}
	if r := m.energy; r.Quality == bess.Good {
		v.Drawn = bess.Of(si.WattHours(r.Value), r.At)
	}
	if r := m.offered; r.Quality == bess.Good {
		v.Offered = bess.Of(si.Amps(r.Value), r.At)
	}
	if r := m.offeredDC; r.Quality == bess.Good {
		v.OfferedDC = r
	}
	if r := m.wants; r.Quality == bess.Good {
		v.VehicleWants = r
	}
	if r := m.charge; r.Quality == bess.Good {
		v.Vehicle = bess.Of(si.Ratio(r.Value), r.At)
	}
	for k, r := range m.amps {
		if r.Quality == bess.Good {
			v.PhaseAmps[(l.outlet.Phase+k)%3] = r
		}
	}
}
