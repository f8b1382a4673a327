package sequence

import (
	"testing"

	"reprise/bess"
)

// An inverter that tripped beside a live network is brought back by withdrawing
// its order for a moment, however long the unit has been running.
func TestTrippedInverterIsBroughtBack(t *testing.T) {
	b := newBench()
	b.start(2 * bess.Minute)
	b.network(t, bess.NetworkGrid)
	withdrawn := false
	b.hurt = func(b *bench) {
		withdrawn = withdrawn || b.orders.Inverter.Mode == bess.InverterOff
		b.snap.Inverter.LossOfMain = bess.FlagOf(!withdrawn, b.snap.Now)
	}
	b.run(9 * bess.Second)
	if withdrawn {
		t.Error("the order was withdrawn before the fault had its rest")
	}
	b.run(3 * bess.Second)
	if !withdrawn {
		t.Error("the order was never withdrawn: the trip lasts for ever")
	}
	b.run(2 * bess.Second)
	b.network(t, bess.NetworkGrid)
	if b.orders.Inverter.Mode != bess.InverterFollow {
		t.Errorf("the inverter is ordered %v", b.orders.Inverter.Mode)
	}
}
