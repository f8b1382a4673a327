package sequence

import (
	"testing"

	"reprise/bess"
)

// Nobody knows who has his hands in a pack that was taken out: a remote order
// behind which no person stands does not put it back, nor start in the dark.
func TestNamelessRemoteOrders(t *testing.T) {
	b := newBench()
	b.start(10 * bess.Second)
	b.run(5*bess.Second, bess.Request{ID: 2, By: bess.SourceOperator, Verb: bess.PackOut, Target: 0})
	b.pack(t, 0, bess.PackService)
	b.run(5*bess.Second, bess.Request{ID: 3, By: bess.SourceFleet, Verb: bess.PackIn, Target: 0, Text: "S1"},
		bess.Request{ID: 4, By: bess.SourceFleet, Verb: bess.BlackStart})
	b.pack(t, 0, bess.PackService)
	if b.state.Dark {
		t.Error("it starts in the dark for nobody")
	}
	b.run(5*bess.Second, bess.Request{ID: 5, By: bess.SourceFleet, Person: "A. Example", Verb: bess.PackIn, Target: 0, Text: "S1"})
	b.pack(t, 0, bess.PackJoined)
}
