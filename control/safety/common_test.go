package safety

import (
	"testing"

	"reprise/bess"
)

// On a common bus no converter stands between a pack that may not be charged
// and what the inverter brings in: the inverter brings in nothing.
func TestClampCommonBus(t *testing.T) {
	for _, c := range []struct {
		topology bess.Topology
		stage    bess.PackStage
		noCharge bool
		imports  bool
	}{
		{bess.SwitchedPacks, bess.PackJoined, true, false},
		{bess.SwitchedPacks, bess.PackJoined, false, true},
		{bess.SwitchedPacks, bess.PackOpen, true, true},
		{bess.ConverterPerPack, bess.PackJoined, true, true},
	} {
		u := &bess.Unit{Packs: make([]bess.Pack, 2), Inverter: bess.Inverter{Rated: 40e3}}
		u.Bus.Topology = c.topology
		snap, verdict, stages, orders := bess.NewSnapshot(u), bess.NewVerdict(u, 4), bess.NewStages(u), bess.NewCommands(u)
		snap.Now = 1000
		verdict.NoCharge[1], stages.Packs[1] = c.noCharge, c.stage
		orders.Inverter = bess.InverterCommand{Mode: bess.InverterFollow, Import: 10e3, Export: 5e3, Lease: bess.Lease{By: bess.SourceDispatch, Until: 2000}}
		Clamp(u, &snap, &verdict, &stages, &orders)
		if got := orders.Inverter.Import > 0; got != c.imports || orders.Inverter.Export != 5e3 {
			t.Errorf("%+v: the inverter is ordered %+v", c, orders.Inverter)
		}
	}
}
