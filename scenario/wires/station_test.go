package wires

import (
	"fmt"
	"testing"

	"reprise/twin/serve"
)

// everyHabit gives the stations of a unit each way that stations have after a loss of supply, in turn.
func everyHabit(outlets int) []serve.PowerLoss {
	habits := make([]serve.PowerLoss, outlets)
	for i := range habits {
		habits[i] = [...]serve.PowerLoss{serve.PowerLossStops, serve.PowerLossResumes, serve.PowerLossForgets, serve.PowerLossBridged}[i%4]
	}
	return habits
}

// TestCarsAfterGridLoss: the grid fails for half a minute and comes back. The stations lose their supply at the loss and
// at the transfer back. Every car charges again each time: at stations of every habit, and those too that were plugged
// within the last seconds before the cut.
func TestCarsAfterGridLoss(t *testing.T) {
	story := `
start: 2021-06-14 10:00 Europe/London
for: 240 s
seed: 3
packs: {soc: 70 %, temperature: 20 C}
story: |
`
	for i := range 4 {
		story += fmt.Sprintf("  10:00:05      plug outlet %d phev soc 30 %%\n", i+1)
	}
	all := func(at, rest string) {
		for i := range 9 {
			story += fmt.Sprintf("  %-13s expect outlet %d %s\n", at, i+1, rest)
		}
	}
	story += "  10:01:00      expect network grid\n                expect outlet 1 draw 6.5..7.4 kW\n"
	for i, at := range []string{"04", "06", "07", "08", "09"} {
		story += fmt.Sprintf("  10:01:%s      plug outlet %d phev soc 30 %%\n", at, i+5)
	}
	story += "  10:01:10      fail feeder Grid\n"
	all("within 5 s", "draw 0..1 W")
	story += "  10:01:22      expect network island\n"
	all("within 30 s", "draw 1.2..7.4 kW")
	story += "  10:01:52      restore feeder Grid\n"
	story += "  within 75 s   expect network grid\n"
	story += "  10:03:00      expect no alarm outlet-station-silent\n"
	story += "  10:03:35      expect network grid\n"
	all("within 1 s", "draw 1.2..7.4 kW")
	play(t, written(t, "cars-after-grid-loss", story))
}

// TestCarsAfterMomentaryLoss: the grid is gone for only four seconds, less than a station's start.
func TestCarsAfterMomentaryLoss(t *testing.T) {
	story := `
start: 2021-06-14 10:00 Europe/London
for: 190 s
seed: 4
packs: {soc: 70 %, temperature: 20 C}
story: |
`
	for i := range 4 {
		story += fmt.Sprintf("  10:00:05      plug outlet %d phev soc 30 %%\n", i+1)
	}
	story += "  10:01:00      expect outlet 4 draw 6.5..7.4 kW\n                fail feeder Grid\n  10:01:04      restore feeder Grid\n"
	for i := range 4 {
		story += fmt.Sprintf("  within 40 s   expect outlet %d draw 3..7.4 kW\n", i+1)
	}
	for i := range 4 {
		story += fmt.Sprintf("  10:03:00      expect outlet %d draw 3..7.4 kW\n", i+1)
	}
	play(t, written(t, "cars-after-momentary-loss", story))
}

// TestRapidAtGridLoss: what the rapid outlet drew before the cut is not told as its draw when its station has no
// supply; it is told again when it is measured anew, and the car charges.
func TestRapidAtGridLoss(t *testing.T) {
	sc := written(t, "rapid-at-grid-loss", `
start: 2021-06-14 10:00 Europe/London
for: 150 s
seed: 5
packs: {soc: 85 %, temperature: 20 C}
story: |
  10:00:05      plug outlet 10 soc 20 %
  10:01:00      expect outlet 10 draw 40..160 kW
                fail feeder Grid
  within 5 s    expect outlet 10 draw 0..1 W
  within 20 s   expect network island
  10:01:50      expect outlet 10 draw 20..160 kW
`)
	var checks []act
	for at := 61 * second; at < 80*second; at += second / 2 {
		checks = append(checks, act{at, func(r *rig) {
			p := r.last.Load()
			o := &p.Outlets[9]
			if p.Network == "island" {
				return // its station may be back, and charge
			}
			if o.Draw.Known && (o.Online != "yes" || o.Draw.Value > 1) {
				t.Errorf("at %d ms the outlet without supply is told to draw %.0f W", at, o.Draw.Value)
			}
		}})
	}
	play(t, sc, checks...)
}
