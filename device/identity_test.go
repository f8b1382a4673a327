package device

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/can"
)

// TestIdentity judges one pack after another by what it says.
func TestIdentity(t *testing.T) {
	for _, c := range []struct {
		name   string
		serial string
		view   func(*bess.PackView)
		node   func(*PackTable)
		also   []can.Frame // what else is heard each 0.1 s
		want   bess.Identity
	}{
		{name: "the right one", serial: "A7", want: bess.Confirmed},
		{name: "another serial", serial: "B8", want: bess.WrongPack},
		{name: "no serial yet", serial: "", want: bess.FamilyKnown},
		{name: "a relative's frame", serial: "A7", also: []can.Frame{{ID: 0x123, Length: 8}}, want: bess.WrongPack},
		{name: "a relative's identifier, extended", serial: "A7", also: []can.Frame{{ID: 0x123, Length: 8, IsExtended: true}}, want: bess.Confirmed},
		{name: "another cell count", serial: "A7", node: func(n *PackTable) { n.Series = 108 }, want: bess.WrongPack},
		{name: "an implausible voltage", serial: "A7", view: func(v *bess.PackView) { v.Volts.Value = 200 }, want: bess.FamilyKnown},
		{name: "another energy", serial: "A7", node: func(n *PackTable) { n.Energy = 12e3 }, want: bess.FamilyKnown},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				defer synctest.Wait()
				defer stop()
				r := newPackRig(ctx, t, c.serial)
				view, table := soundView(), testTable(t)
				if c.view != nil {
					c.view(&view)
				}
				if c.node != nil {
					c.node(table)
					other, err := NewPackNode(table, c.serial)
					if err != nil {
						t.Fatal(err)
					}
					go func() { _ = other.Run(ctx, r.wire.Attach(0)) }()
					other.Publish(view, true)
				} else {
					r.node.Publish(view, true)
				}
				liar := r.wire.Attach(0)
				for range 50 {
					for _, f := range c.also {
						_ = liar.Send(f)
					}
					time.Sleep(100 * time.Millisecond)
					if v := r.sense(); v.Identity == bess.Confirmed && c.want != bess.Confirmed {
						t.Fatal("it was confirmed for a moment")
					}
				}
				if v := r.sense(); v.Identity != c.want {
					t.Errorf("it is %v, want %v", v.Identity, c.want)
				}
			})
		})
	}
}

// TestIdentityInService: an odd voltage in service is a fault and not another pack; silence ends the verdict; a pack
// exchanged under way is noticed.
func TestIdentityInService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer stop()
		r := newPackRig(ctx, t, "A7")
		view := soundView()
		r.node.Publish(view, true)
		time.Sleep(3 * time.Second)
		r.sense()
		view.Volts = bess.Of[si.Volts](100, 0)
		r.node.Publish(view, true)
		time.Sleep(3 * time.Second)
		if v := r.sense(); v.Identity != bess.Confirmed || v.Volts.Value != 100 {
			t.Errorf("with an odd voltage it is %v at %v", v.Identity, v.Volts)
		}
		r.node.Publish(view, false)
		time.Sleep(time.Second)
		if v := r.sense(); v.Identity != bess.Confirmed || v.Volts.Age(r.clock()) < 900 {
			t.Errorf("a second into its silence it is %v, its voltage %d ms old", v.Identity, v.Volts.Age(r.clock()))
		}
		time.Sleep(3 * time.Second)
		if v := r.sense(); v.Identity != bess.Unidentified || v.Volts.Quality != bess.Missing {
			t.Errorf("a silent pack is %v with %v", v.Identity, v.Volts)
		}
		other, err := NewPackNode(testTable(t), "B8")
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = other.Run(ctx, r.wire.Attach(0)) }()
		other.Publish(soundView(), true)
		time.Sleep(4 * time.Second)
		if v := r.sense(); v.Identity != bess.WrongPack || r.Serial() != "B8" {
			t.Errorf("the exchanged pack %q is %v", r.Serial(), v.Identity)
		}
	})
}

// TestBadTables: a table that does not fit its database is refused with the place.
func TestBadTables(t *testing.T) {
	for name, spoil := range map[string]func(*PackTable){
		"role message":   func(p *PackTable) { p.Roles[0].Message = "None" },
		"role signal":    func(p *PackTable) { p.Roles[0].Signal = "None" },
		"role quantity":  func(p *PackTable) { p.Roles[0].Quantity = packQuantities },
		"check":          func(p *PackTable) { p.Checks[0].Counter = "None" },
		"cell count":     func(p *PackTable) { p.Evidence.CellCount = "nodot" },
		"serial":         func(p *PackTable) { p.Evidence.Serial[0] = "Test_Identity.None" },
		"energy":         func(p *PackTable) { p.Evidence.Energy = "None.None" },
		"order message":  func(p *PackTable) { p.Orders[0].Message = "None" },
		"order constant": func(p *PackTable) { p.Orders[0].Values[0].Signal = "None" },
		"order period":   func(p *PackTable) { p.Orders[0].Period = 0 },
		"no database":    func(p *PackTable) { p.Database = nil },
	} {
		table := testTable(t)
		spoil(table)
		if _, err := NewPack(PackOptions{Clock: ticking(), Table: table, Dial: noDial}); err == nil {
			t.Errorf("a table with a bad %s was accepted", name)
		}
	}
}
