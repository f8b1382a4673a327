package twin

import (
	"fmt"
	"testing"

	"reprise/bess"
)

// show is everything that a world says and is, to compare two of them.
func show(r *rig) string {
	return fmt.Sprintf("%v %v %v %v %v %v %v", r.s, *r.Truth(), r.net, r.io, r.cabinet, r.feeders[1].set, r.DiskStalled())
}

// dressed is an island with a generator running beside it, solar and two cars.
func dressed() *rig {
	r := newRig(testUnit(), 1)
	r.onGrid()
	r.c.Feeders[1].Run = true
	for i := range r.c.Circuits {
		r.c.Circuits[i].Close = true
		r.around.Circuits[i] = 2e3
	}
	r.Plug(0, Vehicle{SoC: 0.2})
	r.c.Outlets[0] = bess.OutletCommand{Enable: true, Current: 16}
	r.run(10)
	return r
}

// settle lets a few seconds pass in which the fault may show: the bond is
// ordered, a new generator start and another offer are asked for.
func (r *rig) settle() {
	r.c.Feeders[1].Run = false
	r.c.Outlets[0].Current = 10
	for i := range r.c.Packs {
		r.c.Packs[i].Close = i != 0
	}
	for k := range r.c.Converters {
		r.c.Converters[k].Power = 2e3
	}
	r.run(1)
	r.c.Feeders[1].Run, r.c.IO.Bond = true, true
	r.c.Packs[0].Close = true
	for k := range r.c.Converters {
		r.c.Converters[k].Power = -1e3
	}
	r.run(8)
	r.c.Feeders[0].Close = false
	r.run(1)
}

func TestEveryFaultShows(t *testing.T) {
	sound := dressed()
	sound.settle()
	want := show(sound)
	for k := FaultNone + 1; k < faultCount; k++ {
		f := Fault{Kind: k, Part: 2, Value: 40}
		switch k.Subject() {
		case bess.OfFeeder:
			if k == GeneratorRefuses || k == GeneratorStops {
				f.Index = 1
			}
		default:
		}
		switch k {
		case FeederSag, SoCLie:
			f.Value = 0.15
		case InsulationFall:
			f.Value = 1000
		case TwelveVoltLow:
			f.Value = 10
		default:
		}
		r := dressed()
		r.Apply(f)
		r.settle()
		if show(r) == want {
			t.Errorf("%v changes nothing that anybody could see", k)
		}
		closes(t, r.World)
		r.Heal(f)
		r.ResetLocal()
		r.run(1)
		closes(t, r.World)
	}
}
