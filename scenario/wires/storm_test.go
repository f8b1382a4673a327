package wires

import (
	"fmt"
	"strings"
	"testing"

	"reprise/bess"
	"reprise/scenario"
	"reprise/storm"
)

// TestStorms plays random units over every wire: a supply that fails, one
// trouble of the storm's catalogue in the island, and everybody back in the end.
func TestStorms(t *testing.T) {
	for seed, trouble := range map[uint64][2]string{
		21: {"fault pack 1 frames dropped 0.6", "clear pack 1 frames dropped"},
		22: {"fault converter 2 converter reboots 5 s", "clear converter 2 converter reboots"},
		24: {"fault pack 2 frames corrupted 0.7", "clear pack 2 frames corrupted"},
		23: {"fault outlet 1 station reboots 10 s", "clear outlet 1 station reboots"},
	} {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			p := storm.Draw(seed)
			m := &p.Machine
			m.Switched, m.Packs, m.NoGrid, m.Alone = false, m.Packs[:2], false, true
			for i := range m.Packs {
				m.Packs[i].SoC, m.Packs[i].Temperature = 60, 18
				if m.Packs[i].Type == "leaf" { // its frames carry neither cells nor contactors: it never joins
					m.Packs[i].Type = "rr38"
				}
			}
			m.Feeders = []storm.FeederPlan{{Kind: bess.Grid, Limit: 63, Cap: 40}}
			m.Circuits = m.Circuits[:1]
			m.Circuits[0].Load = [3]float64{1, 1, 1}
			m.Outlets = m.Outlets[:1]
			p.Begin, p.For, p.Sun = 10*bess.Hour, 4*bess.Minute, 0
			story := strings.Join([]string{
				"  10:00:40      expect network grid",
				"                expect pack 1 joined",
				"                fail feeder 1",
				"  within 15 s   expect network island",
				"  10:01:10      " + trouble[0],
				"  10:01:20      expect network island",
				"  10:01:40      " + trouble[1],
				"                restore feeder 1",
				"  within 100 s  expect network grid",
				"  10:03:50      expect circuit 1 on",
				"                expect pack 2 joined",
				"",
			}, "\n")
			text := string(p.Text())
			sc, err := new(scenario.Reader).Parse("storm.yaml", []byte(text[:strings.Index(text, "story: |")]+"story: |\n"+story))
			if err != nil {
				t.Fatal(err)
			}
			play(t, sc)
		})
	}
}
