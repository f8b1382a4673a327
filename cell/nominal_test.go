package cell

import (
	"testing"

	"reprise/bess"
)

func TestNominal(t *testing.T) {
	for _, c := range []bess.Chemistry{bess.NMC, bess.NMC811, bess.LMO, bess.LFP} {
		p, known := Nominal(c, 50)
		if !known || p.Capacity != 50 || p.Resistance <= 0 || p.Max <= p.Min {
			t.Errorf("%v: known %v, %v, %v", c, known, p.Capacity, p.Resistance)
		}
	}
	if _, known := Nominal(bess.NCA, 50); known {
		t.Error("a parameter set for NCA appeared; name its source in the package")
	}
}
