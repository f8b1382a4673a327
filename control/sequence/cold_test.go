package sequence

import (
	"testing"

	"reprise/bess"
)

// On a common bus nobody steers what flows from pack to pack: one that may not
// be charged, because it is cold, stays alone.
func TestColdPacksStayAlone(t *testing.T) {
	b := newBench()
	b.u.Bus.Topology, b.u.Converters = bess.SwitchedPacks, nil
	b.u.Bus.Nominal, b.u.Bus.Min, b.u.Bus.Max, b.u.Bus.Trip = 355, 300, 404, 250
	cold := true
	b.hurt = func(b *bench) {
		for i := range b.verdict.NoCharge {
			b.verdict.NoCharge[i] = cold
		}
		if b.snap.Bus.Volts.Value > 0 {
			b.snap.Bus.Volts.Value = 355
			for i := range b.snap.Packs {
				b.snap.Packs[i].LinkVolts.Value = 355
			}
		}
	}
	b.start(bess.Minute)
	if n := countPacks(&b.stages, bess.PackJoined); n != 1 {
		t.Errorf("%d cold packs are joined, not one: %v", n, b.stages.Packs)
	}
	cold = false
	b.run(2 * bess.Minute)
	if n := countPacks(&b.stages, bess.PackJoined); n != len(b.u.Packs) {
		t.Errorf("%d packs are joined after they warmed up: %v", n, b.stages.Packs)
	}
}
