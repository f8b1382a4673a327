package dispatch

import (
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

// switched lets circuits do what they are ordered: circuit 0 draws that much
// while it is on, the feeder gives the sum.
func (b *bench) switched(draw *si.Watts) {
	b.hurt = func(b *bench) {
		sum := si.Watts(0)
		for i, on := range b.split.CircuitOn {
			p := si.Watts(3000)
			if i == 0 {
				p = *draw
			}
			if b.snap.Now > 100_200 && !on {
				p = 0
			}
			b.circuit(i, p)
			b.snap.Circuits[i].Closed = bess.FlagOf(p > 0, b.snap.Now)
			sum += p
		}
		if b.stages.Live != bess.Nobody {
			b.imports(sum)
		}
	}
}

// A circuit that surged and was shed is tried again, and stays when the surge
// is over: what is remembered of it fades.
func TestSurgedCircuitIsTriedAgain(t *testing.T) {
	for _, island := range []bool{false, true} {
		b := newBench()
		b.standing.Priority[0] = 9
		if island {
			b.island()
		}
		draw := si.Watts(3000)
		b.switched(&draw)
		b.run(bess.Minute)
		draw = 120e3
		b.run(35 * bess.Second)
		if !b.state.Shed[0] {
			t.Fatalf("island %v: 120 kW were not shed", island)
		}
		draw = 3000
		b.run(6 * bess.Minute)
		if b.state.Shed[0] || !b.split.CircuitOn[0] {
			t.Errorf("island %v: still shed, remembered with %v", island, b.state.LastDraw[0])
		}
	}
}

// A circuit that stays too much is tried at most ten times in the first hour and
// eight in every other.
func TestTriesAreBounded(t *testing.T) {
	for _, island := range []bool{false, true} {
		b := newBench()
		b.standing.Priority[0] = 9
		if island {
			b.island()
		}
		draw := si.Watts(3000)
		b.switched(&draw)
		b.run(bess.Minute)
		draw = 120e3
		b.run(20 * bess.Second)
		for hour, most := range []int{10, 8, 8} {
			closed, was := 0, b.state.Shed[0]
			for end := b.snap.Now.Add(bess.Hour); b.snap.Now < end; {
				b.tick()
				if was && !b.state.Shed[0] {
					closed++
				}
				was = b.state.Shed[0]
			}
			if closed < 1 || closed > most {
				t.Errorf("island %v, hour %d: closed %d times, may be %d", island, hour+1, closed, most)
			}
		}
	}
}

// Where less to vehicles is enough, they give way before a circuit does; when
// they do not, it is shed.
func TestVehiclesGiveWayFirst(t *testing.T) {
	for _, c := range []struct {
		vehicles si.Watts
		waits    bess.Span
	}{{20e3, bearVehicles}, {0, bearFeeder}} {
		b := newBench()
		b.hurt = func(b *bench) {
			b.snap.Outlets[0].Power = bess.Of(-c.vehicles, b.snap.Now)
			b.imports(44e3)
			for k := range b.snap.Feeders[gridFeeder].PhaseAmps {
				b.snap.Feeders[gridFeeder].PhaseAmps[k] = bess.Of(si.Amps(10), b.snap.Now)
			}
		}
		b.run(c.waits - bess.Second)
		if b.state.LastShed != 0 {
			t.Errorf("%v to vehicles: shed too early", c.vehicles)
		}
		b.run(2 * bess.Second)
		if b.state.LastShed == 0 {
			t.Errorf("%v to vehicles: not shed", c.vehicles)
		}
	}
}
