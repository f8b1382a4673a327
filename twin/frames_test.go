package twin

import (
	"testing"

	"reprise/bess"
)

// What happens on a wire changes when words arrive, never their stamps: late
// words look new, lost ones grow old, garbled ones are counted.
func TestFrames(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.onGrid()
	r.run(5)
	r.Apply(Fault{Kind: FramesDelayed, Value: 2})
	r.run(3)
	r.packs[0].bms.voltBias += 50
	r.run(1)
	now := r.s.Now
	if v := r.s.Packs[0].Volts; v.Value > 430 || now.Since(v.At) > 300 {
		t.Errorf("a late word is %v, %v old", v.Value, now.Since(v.At))
	}
	r.Heal(Fault{Kind: FramesDelayed})
	r.run(1)
	late := r.s.Packs[0].Volts.Value

	r.Apply(Fault{Kind: FramesDropped, Value: 1})
	r.run(3)
	if age := r.s.Now.Since(r.s.Packs[0].Volts.At); age < 2*bess.Second {
		t.Errorf("a lost word is only %v old", age)
	}
	r.Heal(Fault{Kind: FramesDropped})
	r.Apply(Fault{Kind: FramesCorrupted, Value: 1})
	r.run(2)
	if n := r.s.Packs[0].Garbage; n < 15 {
		t.Errorf("%d garbled frames were counted", n)
	}
	r.Heal(Fault{Kind: FramesCorrupted})
	r.run(1)
	if v := r.s.Packs[0].Volts; r.s.Now.Since(v.At) > 300 || v.Value < late-5 {
		t.Errorf("a healed wire says %v, %v old", v.Value, r.s.Now.Since(v.At))
	}
}

func TestDevicesReboot(t *testing.T) {
	r := newRig(testUnit(), 1)
	r.onGrid()
	r.run(5)
	r.Apply(Fault{Kind: BMSReboots, Value: 1})
	r.Apply(Fault{Kind: ConverterReboots, Index: 1, Value: 1})
	r.run(0.5)
	if r.packs[0].bms.awake() || r.converters[1].booting <= 0 {
		t.Error("nothing reboots")
	}
	r.run(5)
	if !r.packs[0].bms.awake() || r.converters[1].booting > 0 {
		t.Error("they do not come back")
	}
	r.Apply(Fault{Kind: DiskStalls})
	if !r.DiskStalled() {
		t.Error("the disk does not stall")
	}
	r.Heal(Fault{Kind: DiskStalls})
	if r.DiskStalled() {
		t.Error("the disk stays stalled")
	}
}
