package ledger

import (
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

// The inverter's loss is the difference of its two sides where both are
// measured at the same moment, its nominal curve where they are not, and what
// stands on a curve is counted as estimated.
func TestLossesMeasuredElseEstimated(t *testing.T) {
	const inverter, rapid = 2, 4
	nominal := int64((0.01*0.2*0.2 + 0.01*0.2 + 0.004) * 50e3 * 1000)
	for _, c := range []struct {
		name             string
		set              func(b *bench)
		index            int
		mWh, estimatedUp int64
	}{
		{"both sides", func(b *bench) {
			b.snap.Inverter.DCPower, b.snap.Inverter.Running = of(b, si.Watts(-10_350)), bess.FlagOf(true, b.snap.Now+100)
		}, inverter, 350_000, 0},
		{"standing by", func(b *bench) {
			b.snap.Inverter.Power, b.snap.Inverter.DCPower = of(b, si.Watts(0)), of(b, si.Watts(-60))
		}, inverter, 60_000, 0},
		{"AC side alone", func(b *bench) { b.snap.Inverter.Running = bess.FlagOf(true, b.snap.Now+100) }, inverter, nominal, nominal},
		{"sides of different moments", func(b *bench) {
			b.snap.Inverter.DCPower, b.snap.Inverter.Running = bess.Of(si.Watts(-99e3), b.snap.Now), bess.FlagOf(true, b.snap.Now+100)
		}, inverter, nominal, nominal},
		{"off, AC side alone", func(b *bench) { b.snap.Inverter.Running = bess.FlagOf(false, b.snap.Now+100) }, inverter, 0, 0},
		{"rapid outlet standing by", func(b *bench) {
			b.snap.Inverter.Power = bess.Reading[si.Watts]{}
			b.snap.Outlets[1].Power, b.snap.Outlets[1].Online = of(b, si.Watts(0)), bess.FlagOf(true, b.snap.Now+100)
		}, rapid, 50_000, 50_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench()
			b.u.Outlets[1].Standby = 50
			b.tick()
			b.run(bess.Hour, func() {
				b.snap.Inverter.Power = of(b, si.Watts(10e3))
				c.set(b)
			})
			b.sound(t)
			if mWh, _ := b.sum(bess.AccountLoss, c.index); mWh-c.mWh > 15 || c.mWh-mWh > 15 {
				t.Errorf("%d mWh lost in an hour, want %d", mWh, c.mWh)
			}
			if e := b.state.Totals.Estimated; e-c.estimatedUp > 15 || c.estimatedUp-e > 15 {
				t.Errorf("%d mWh of it estimated, want %d", e, c.estimatedUp)
			}
		})
	}
}
