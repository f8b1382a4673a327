package wires

import (
	"fmt"
	"testing"

	"reprise/bess"
	"reprise/scenario"
)

// TestSafetyStories plays the very files that a study plays at function level.
func TestSafetyStories(t *testing.T) {
	for _, name := range []string{"pack-silent", "controller-killed-on-grid", "controller-restart-in-island", "rapid-at-grid-loss"} {
		t.Run(name, func(t *testing.T) {
			sc, err := scenario.Load("../../examples/safety/" + name + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			play(t, sc)
		})
	}
}

// written is a story of this file on the reference unit.
func written(t *testing.T, name, text string) *scenario.Scenario {
	t.Helper()
	sc, err := new(scenario.Reader).Parse("../../examples/safety/"+name+".yaml", []byte("name: "+name+"\nunit: ../units/max.yaml\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

const second = bess.Second

// TestCars: three vehicles charge on the grid; then a pack's wire is pulled, and put back.
func TestCars(t *testing.T) {
	sc := written(t, "cars", `
start: 2021-06-14 10:00 Europe/London
for: 200 s
seed: 3
packs: {soc: 60 %, temperature: 20 C}
story: |
  10:00:05      plug outlet 1 phev soc 30 %
                plug outlet 2 phev soc 30 %
                plug outlet 9 phev soc 30 %
  10:01:00      expect network grid
                expect service "in service"
                expect outlet 1 charging
                expect outlet 1 draw 6.5..7.4 kW
                expect outlet 9 draw 6.5..7.4 kW
                expect pack 4 joined
  within 5 s    expect alarm pack-silent-stop on pack 4
  within 7 s    expect pack 4 feed -200..200 W
  within 10 s   expect pack 4 open
  10:01:05      expect pack 3 joined
  for 50 s      expect pack 3 joined
  for 50 s      expect network grid
  for 50 s      expect outlet 1 draw 6.5..7.4 kW
  10:03:15      expect pack 4 joined
                expect no alarm on pack 4
`)
	play(t, sc, act{61 * second, func(r *rig) { r.packs[3].sever() }}, act{100 * second, func(r *rig) { r.packs[3].mend() }})
}

// TestStopped: the controller dies beside the grid while cars charge and packs refill, and stays away. Every device falls
// safe by its own watchdog, in the time that its kind has.
func TestStopped(t *testing.T) {
	sc := written(t, "stopped", `
start: 2021-06-14 23:00 Europe/London
for: 170 s
seed: 6
packs: {soc: 50 %, temperature: 20 C}
story: |
  23:00:05      plug outlet 1 phev soc 30 %
                plug outlet 2 phev soc 30 %
  23:01:10      expect inverter draw 10..40 kW
                expect outlet 1 draw 6.5..7.4 kW
                kill controller
  within 1 s    expect pack 1 draw -100..100 W
  within 1 s    expect pack 7 draw -100..100 W
  within 3 s    expect inverter draw -10..100 W
  23:01:45      expect outlet 1 draw 0..1.6 kW
                expect outlet 2 draw 0..1.6 kW
  23:01:50      restart controller
  within 55 s   expect network grid
  within 55 s   expect outlet 1 draw 6.5..7.4 kW
`)
	play(t, sc)
}

// TestRestartKeepsTheIsland: the controller is gone for a second and a half; the load never notices.
func TestRestartKeepsTheIsland(t *testing.T) {
	sc := written(t, "restart", `
start: 2021-06-14 10:00 Europe/London
for: 150 s
seed: 5
packs: {soc: 80 %, temperature: 20 C}
series:
  loads: [{circuit: Stage, constant: 12 kW}, {circuit: Welfare, constant: 2 kW}]
story: |
  10:00:00      fail feeder Grid
  10:01:00      expect network island
  for 80 s      expect circuit Stage draw 11..13 kW
  for 80 s      expect circuit Welfare draw 1.8..2.2 kW
  for 80 s      expect network volts 220..240 V
  for 80 s      expect network island
  10:02:25      expect pack 1 joined
                expect pack 7 joined
                expect no alarm pack-silent-stop
                expect no alarm pack-welded
`)
	var acts []act
	for _, at := range []bess.Span{65500, 100 * second} {
		acts = append(acts, act{at, func(r *rig) { r.process("controller", false) }}, act{at + 1500, func(r *rig) { r.process("controller", true) }})
	}
	play(t, sc, acts...)
}

// TestStationsSilent: the network cable of all nine stations is pulled at once: each falls back by its own profile, and
// the site stays within its cap.
func TestStationsSilent(t *testing.T) {
	story := `
start: 2021-06-14 10:00 Europe/London
for: 260 s
seed: 8
packs: {soc: 70 %, temperature: 20 C}
story: |
`
	for i := range 9 {
		story += fmt.Sprintf("  10:00:%02d      plug outlet %d phev soc 30 %%\n", 5+i, i+1)
	}
	story += "  10:01:30      expect outlet 1 draw 3..7.4 kW\n                expect outlet 9 draw 1.2..7.4 kW\n"
	for i := range 9 {
		story += fmt.Sprintf("  10:01:31      fault outlet %d station silent\n", i+1)
	}
	story += "  for 150 s     expect network grid\n  for 150 s     expect feeder Grid feed -2..42 kW\n"
	for i := range 9 {
		story += fmt.Sprintf("  within 65 s   expect outlet %d draw 0..1.6 kW\n  within 65 s   expect outlet %d silent\n", i+1, i+1)
	}
	for i := range 9 {
		story += fmt.Sprintf("  10:03:00      clear outlet %d station silent\n", i+1)
	}
	story += "  within 70 s   expect outlet 1 draw 3..7.4 kW\n  within 70 s   expect outlet 9 charging\n"
	play(t, written(t, "stations", story))
}
