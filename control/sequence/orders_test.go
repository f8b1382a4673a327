package sequence

import (
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

// What tripped by heat is cooled and watched, open or not, however cool the others are.
func TestHotPackIsCooledAndWatched(t *testing.T) {
	b := newBench()
	b.start(20 * bess.Second)
	if io := &b.orders.IO; io.Beacon {
		t.Fatalf("before: %+v", *io)
	}
	b.verdict.Packs[0] = bess.Ruling{Level: bess.LevelOpen}
	b.verdict.Hot[0] = true
	for i := range b.est.Packs {
		b.est.Packs[i].Hot, b.est.Packs[i].Cold = si.Celsius(20), si.Celsius(20)
	}
	b.run(20 * bess.Second)
	c := &b.orders
	if !c.IO.Pump || !c.IO.Fan || !c.IO.Beacon || !c.Packs[0].Wake || c.Packs[0].Close {
		t.Errorf("the hot pack's orders are %+v, the cabinet's %+v", c.Packs[0], c.IO)
	}
	b.verdict.Packs[0], b.verdict.Hot[0] = bess.Ruling{}, false
	b.run(bess.Second)
	if b.orders.IO.Beacon {
		t.Error("the beacon stays on for nothing")
	}
}
