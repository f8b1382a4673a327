package serve

import (
	"testing"
	"testing/synctest"

	"reprise/bess"
	"reprise/twin"
)

// TestPowerLoss: what the driver sees of stations of each habit when their supply goes for ten seconds and comes back.
func TestPowerLoss(t *testing.T) {
	for name, test := range map[string]struct {
		habit  PowerLoss
		online bool // while it is dark
		visit  uint64
	}{
		"stops":   {PowerLossStops, false, 102},
		"resumes": {PowerLossResumes, false, 101},
		"forgets": {PowerLossForgets, false, 102},
		"bridged": {PowerLossBridged, true, 101},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, memory)
				defer r.stop()
				r.Server.stations[0].habit = test.habit
				r.do(func(w *twin.World) { w.Plug(0, twin.Vehicle{SoC: 0.3}) })
				r.c.Outlets[0] = bess.OutletCommand{Enable: true, Current: 16}
				r.island()
				r.run(30)
				near(t, "before the loss", r.s.Outlets[0].Power, -16*230, 40)
				if r.s.Outlets[0].Visit != 101 {
					t.Fatalf("the outlet is %+v", r.s.Outlets[0])
				}
				r.c.IO.OutletSupply = false
				r.run(3)
				v := &r.s.Outlets[0]
				if online := v.Online.State == bess.Yes; online != test.online || v.Plugged.State != bess.Yes || v.Drawn.Quality != bess.Good {
					t.Errorf("without supply the outlet is %+v", *v)
				}
				if test.online {
					near(t, "without supply", v.Power, 0, 0)
				} else if v.Power.Quality == bess.Good {
					t.Errorf("without supply it draws %v", v.Power)
				}
				r.run(7)
				r.c.IO.OutletSupply = true
				r.run(8 + 22) // its start, and the ramp of the vehicle
				near(t, "after the loss", v.Power, -16*230, 40)
				if v.Visit != test.visit {
					t.Errorf("it goes on as %d, want %d", v.Visit, test.visit)
				}
			})
		})
	}
}
