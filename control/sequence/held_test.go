package sequence

import (
	"testing"

	"reprise/bess"
)

// A pack that may carry nothing waits awake, where its readings show when it
// may; it is not joined to a dark bus, opened for that, and put to sleep again.
func TestHeldPacksWaitAwake(t *testing.T) {
	b := newBench()
	held := bess.LevelStop
	b.hurt = func(b *bench) {
		for i := range b.verdict.Packs {
			b.verdict.Packs[i].Level = held
		}
	}
	b.start(bess.Minute)
	for i := range b.stages.Packs {
		b.pack(t, i, bess.PackWaking)
	}
	held = bess.LevelNone
	b.run(10 * bess.Second)
	for i := range b.stages.Packs {
		b.pack(t, i, bess.PackJoined)
	}
}
