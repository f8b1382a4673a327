package device

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"reprise/bess"
	"reprise/wire/can"
)

func TestIOModuleBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer stop()
		u := testUnit()
		u.IO = bess.IO{Period: 50, Watchdog: 500}
		clock, wire := ticking(), &can.Wire{}
		m, err := NewIOModule(IOModuleOptions{Clock: clock, Unit: u, Dial: func(context.Context) (can.Bus, error) { return wire.Attach(0), nil }})
		if err != nil {
			t.Fatal(err)
		}
		n, err := NewIONode(u)
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = m.Run(ctx) }()
		go func() { _ = n.Run(ctx, wire.Attach(0)) }()

		said := bess.NewSnapshot(u)
		said.IO.Inputs[bess.Smoke] = bess.FlagOf(true, 0)
		said.IO.Inputs[bess.Door] = bess.FlagOf(false, 0)
		said.IO.Bond = bess.FlagOf(true, 0)
		said.IO.TwelveVolt.Value, said.IO.TwelveVolt.Quality = 12.6, bess.Good
		said.Bus.Insulation.Value, said.Bus.Insulation.Quality = 1.2e6, bess.Good
		said.Feeders[2].Contactor = bess.FlagOf(true, 0)
		said.Circuits[1].Tripped = bess.FlagOf(true, 0)
		said.Packs[1].Contactor = bess.FlagOf(true, 0)
		n.Publish(&said, true)
		time.Sleep(120 * time.Millisecond)
		s := bess.NewSnapshot(u)
		m.Sense(&s, clock())
		if s.IO.Inputs[bess.Smoke].State != bess.Yes || s.IO.Inputs[bess.Door].State != bess.No || s.IO.Inputs[bess.Gas].State != bess.Unknown ||
			s.IO.Bond.State != bess.Yes || s.IO.TwelveVolt.Value != 12.6 || s.Bus.Insulation.Value != 1.2e6 ||
			s.Ambient.Quality != bess.Missing || s.Feeders[2].Contactor.State != bess.Yes || s.Circuits[1].Tripped.State != bess.Yes ||
			s.Packs[1].Contactor.State != bess.Yes {
			t.Errorf("sensed %+v, insulation %v, feeders %+v", s.IO, s.Bus.Insulation, s.Feeders)
		}
		c := bess.NewCommands(u)
		for range 10 {
			lease := bess.Lease{By: bess.SourceSequence, Until: clock().Add(bess.Second)}
			c.IO = bess.IOCommand{HoldIn: true, Bond: true, Fan: true, Lease: lease}
			c.Feeders[3] = bess.FeederCommand{Close: true, Lease: lease}
			c.Circuits[1] = bess.CircuitCommand{Close: true, Lease: lease}
			c.Packs[1] = bess.PackCommand{Wake: true, Close: true, Lease: lease}
			m.Obey(&c, clock())
			time.Sleep(100 * time.Millisecond)
		}
		got := bess.NewCommands(u)
		heard, pulses := n.Ordered(&got)
		if heard != 10 || pulses != 9 || !got.IO.Bond || !got.IO.Fan || got.IO.OutletSupply || !got.Feeders[3].Close || got.Feeders[2].Close ||
			!got.Circuits[1].Close || got.Circuits[0].Close || !got.Packs[1].Close || got.Packs[1].Precharge {
			t.Errorf("%d frames, %d pulses, ordered %+v", heard, pulses, got)
		}
		time.Sleep(5 * time.Second)
		if again, _ := n.Ordered(&got); again != heard {
			t.Errorf("%d frames were sent although the loop is dead", again-heard)
		}
	})
}
