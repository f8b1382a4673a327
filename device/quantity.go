package device

import (
	"fmt"

	"reprise/bess"
	"reprise/bess/si"
)

// Quantity names a reading or flag of bess.PackView.
type Quantity uint8

// Quantities of a pack. Readings are in SI units and ratios; a current is positive when the pack discharges.
const (
	PackNothing Quantity = iota
	PackVolts
	PackLinkVolts
	PackCurrent
	PackSoC
	PackSoCLow
	PackSoCHigh
	PackSoH
	PackAvailable
	PackCellHigh
	PackCellLow
	PackHot
	PackCold
	PackAverage
	PackDischarge
	PackCharge
	PackDischargePeak
	PackChargePeak
	PackContactor
	PackPrecharging
	PackInterlock
	PackIsolationLow
	PackWeld
	PackOpenNow
	PackOpenSoon
	PackDerateWanted
	PackNoCharge
	packQuantities
)

func quantityNames() [packQuantities]string {
	return [packQuantities]string{
		"none", "volts", "link_volts", "current", "soc", "soc_low", "soc_high", "soh", "available",
		"cell_high", "cell_low", "hot", "cold", "average", "discharge", "charge", "discharge_peak",
		"charge_peak", "contactor", "precharging", "interlock", "isolation_low", "weld", "open_now",
		"open_soon", "derate_wanted", "no_charge",
	}
}

// String is the quantity as pack descriptions spell it.
func (q Quantity) String() string {
	if q < packQuantities {
		return quantityNames()[q]
	}
	return "unknown quantity"
}

// ParseQuantity finds a quantity by the name that pack descriptions give it.
func ParseQuantity(name string) (Quantity, error) {
	for i, known := range quantityNames() {
		if known == name {
			return Quantity(i), nil
		}
	}
	return PackNothing, fmt.Errorf("%q is no quantity of a pack", name)
}

// Flag reports whether the quantity is a yes-or-no.
func (q Quantity) Flag() bool { return q >= PackContactor && q < packQuantities }

// number is a reading of any quantity, seen as a plain number.
type number interface {
	set(x float64, at bess.Instant, quality bess.Quality)
	get() (x float64, quality bess.Quality)
	text() string
}

// reading gives bess.Reading the methods of number without a copy: a pointer to one converts to a pointer to the other.
type reading[T si.Number] bess.Reading[T]

func (r *reading[T]) set(x float64, at bess.Instant, quality bess.Quality) {
	r.Value, r.At, r.Quality = T(x), at, quality
}

func (r *reading[T]) get() (float64, bess.Quality) { return float64(r.Value), r.Quality }

func (r *reading[T]) text() string { return fmt.Sprint(r.Value) }

// numberOf is the reading that a quantity names in a view; nil for a flag.
func numberOf(v *bess.PackView, q Quantity) number {
	switch q {
	case PackVolts:
		return (*reading[si.Volts])(&v.Volts)
	case PackLinkVolts:
		return (*reading[si.Volts])(&v.LinkVolts)
	case PackCurrent:
		return (*reading[si.Amps])(&v.Current)
	case PackSoC:
		return (*reading[si.Ratio])(&v.SoC)
	case PackSoCLow:
		return (*reading[si.Ratio])(&v.SoCLow)
	case PackSoCHigh:
		return (*reading[si.Ratio])(&v.SoCHigh)
	case PackSoH:
		return (*reading[si.Ratio])(&v.SoH)
	case PackAvailable:
		return (*reading[si.WattHours])(&v.Available)
	case PackCellHigh:
		return (*reading[si.Volts])(&v.CellHigh)
	case PackCellLow:
		return (*reading[si.Volts])(&v.CellLow)
	case PackHot:
		return (*reading[si.Celsius])(&v.Hot)
	case PackCold:
		return (*reading[si.Celsius])(&v.Cold)
	case PackAverage:
		return (*reading[si.Celsius])(&v.Average)
	case PackDischarge:
		return (*reading[si.Watts])(&v.Discharge)
	case PackCharge:
		return (*reading[si.Watts])(&v.Charge)
	case PackDischargePeak:
		return (*reading[si.Watts])(&v.DischargePeak)
	case PackChargePeak:
		return (*reading[si.Watts])(&v.ChargePeak)
	default:
		return nil
	}
}

// flagOf is the flag that a quantity names in a view; nil for a reading.
func flagOf(v *bess.PackView, q Quantity) *bess.Flag {
	switch q {
	case PackContactor:
		return &v.Contactor
	case PackPrecharging:
		return &v.Precharging
	case PackInterlock:
		return &v.Interlock
	case PackIsolationLow:
		return &v.IsolationLow
	case PackWeld:
		return &v.Weld
	case PackOpenNow:
		return &v.OpenNow
	case PackOpenSoon:
		return &v.OpenSoon
	case PackDerateWanted:
		return &v.DerateWanted
	case PackNoCharge:
		return &v.NoCharge
	default:
		return nil
	}
}

// Quantities lists every quantity of a pack, in the order of bess.PackView.
func Quantities() []Quantity {
	list := make([]Quantity, 0, packQuantities-1)
	for q := PackVolts; q < packQuantities; q++ {
		list = append(list, q)
	}
	return list
}

// Text is what a view says about the quantity, for people; false when it says nothing.
func (q Quantity) Text(v *bess.PackView) (string, bool) {
	if flag := flagOf(v, q); flag != nil {
		switch flag.State {
		case bess.Yes:
			return "yes", true
		case bess.No:
			return "no", true
		case bess.Unknown:
		}
		return "", false
	}
	n := numberOf(v, q)
	if n == nil {
		return "", false
	}
	switch _, quality := n.get(); quality {
	case bess.Good:
		return n.text(), true
	case bess.Bad:
		return n.text() + " (implausible)", true
	case bess.Missing:
	}
	return "", false
}
