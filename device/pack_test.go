package device

import (
	"context"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/can"
)

// testTable is a small pack type with everything that a table can have.
func testTable(t testing.TB) *PackTable {
	t.Helper()
	text, err := os.ReadFile("testdata/pack.dbc")
	if err != nil {
		t.Fatal(err)
	}
	database, err := can.Load("pack.dbc", text)
	if err != nil {
		t.Fatal(err)
	}
	crc := func(message, stem string) can.Check {
		return can.Check{Message: message, Counter: stem + "Counter", Checksum: stem + "Checksum", Rule: can.RuleJ1850, First: 0, Last: 6}
	}
	return &PackTable{
		Name: "test", Family: "test", Database: database, Closing: bess.ClosingCAN, Series: 96, Energy: 38200,
		Roles: []Role{
			{Quantity: PackVolts, Message: "Test_Measured", Signal: "PackVolts"},
			{Quantity: PackLinkVolts, Message: "Test_Measured", Signal: "LinkVolts"},
			{Quantity: PackCurrent, Message: "Test_Measured", Signal: "PackCurrent", Scale: -1},
			{Quantity: PackSoC, Message: "Test_SoC", Signal: "SoC", Scale: 0.01},
			{Quantity: PackSoH, Message: "Test_SoC", Signal: "SoH", Scale: 0.01},
			{Quantity: PackHot, Message: "Test_Temperatures", Signal: "Hot"},
			{Quantity: PackCold, Message: "Test_Temperatures", Signal: "Cold"},
			{Quantity: PackContactor, Message: "Test_State", Signal: "Closed"},
			{Quantity: PackPrecharging, Message: "Test_State", Signal: "Precharging"},
			{Quantity: PackInterlock, Message: "Test_State", Signal: "LoopOpen", Invert: true},
			{Quantity: PackOpenNow, Message: "Test_State", Signal: "OpenNow"},
		},
		Checks: []can.Check{crc("Test_State", "State"), crc("Test_Measured", "Measured"), crc("Unit_Demand", "Demand")},
		Evidence: Evidence{
			Identifiers: []uint32{672, 673, 675, 676}, Distinctive: []uint32{677}, Absent: []uint32{0x123},
			VoltsMin: 250, VoltsMax: 410, CellCount: "Test_Identity.CellGroups",
			Serial: []string{"Test_Identity.Serial1", "Test_Identity.Serial2"},
			Energy: "Test_SoC.Energy", EnergyLow: 19e3, EnergyHigh: 40e3,
		},
		Orders: []Demand{
			{Message: "Unit_Demand", Period: 50, Why: WhyWake, Values: []Constant{{"Wake", 1}}},
			{Message: "Unit_Demand", Period: 50, Why: WhyPrecharge, Values: []Constant{{"PrechargeDemand", 1}}},
			{Message: "Unit_Demand", Period: 50, Why: WhyClose, Values: []Constant{{"CloseDemand", 1}}},
		},
	}
}

// testUnit is the smallest machine that has one of each part.
func testUnit() *bess.Unit {
	return &bess.Unit{
		Packs: make([]bess.Pack, 2), Converters: make([]bess.Converter, 1), Feeders: make([]bess.Feeder, 4),
		Circuits: make([]bess.Circuit, 2), Outlets: make([]bess.Outlet, 2),
	}
}

// ticking is a unit clock that begins with the test.
func ticking() Clock {
	begun := time.Now()
	return func() bess.Instant { return bess.Instant(time.Since(begun).Milliseconds()) + 5000 }
}

func soundView() bess.PackView {
	return bess.PackView{
		Volts: bess.Of[si.Volts](351.2, 0), LinkVolts: bess.Of[si.Volts](349.85, 0), Current: bess.Of[si.Amps](12.5, 0),
		SoC: bess.Of[si.Ratio](0.634, 0), SoH: bess.Of[si.Ratio](0.78, 0), Hot: bess.Of[si.Celsius](31, 0), Cold: bess.Of[si.Celsius](28, 0),
		Contactor: bess.FlagOf(false, 0), Precharging: bess.FlagOf(false, 0), Interlock: bess.FlagOf(true, 0), OpenNow: bess.FlagOf(false, 0),
	}
}

// packRig is a driver and the far end of its channel on one virtual wire.
type packRig struct {
	*Pack
	clock Clock
	node  *PackNode
	wire  *can.Wire
	snap  bess.Snapshot
	c     bess.Commands
}

func newPackRig(ctx context.Context, t *testing.T, serial string) *packRig {
	t.Helper()
	table := testTable(t)
	r := &packRig{clock: ticking(), wire: &can.Wire{}}
	var err error
	r.Pack, err = NewPack(PackOptions{Clock: r.clock, Table: table, Serial: "A7", Dial: func(context.Context) (can.Bus, error) { return r.wire.Attach(0), nil }})
	if err != nil {
		t.Fatal(err)
	}
	if r.node, err = NewPackNode(table, serial); err != nil {
		t.Fatal(err)
	}
	r.snap, r.c = bess.NewSnapshot(testUnit()), bess.NewCommands(testUnit())
	go func() { _ = r.Run(ctx) }()
	go func() { _ = r.node.Run(ctx, r.wire.Attach(0)) }()
	return r
}

func (r *packRig) sense() *bess.PackView {
	r.Sense(&r.snap, r.clock())
	return &r.snap.Packs[0]
}

// order renews an order each tick for a time.
func (r *packRig) obey(order bess.PackCommand, span time.Duration) {
	for range int(span / (100 * time.Millisecond)) {
		order.Lease = bess.Lease{By: bess.SourceSequence, Until: r.clock().Add(bess.Second)}
		r.c.Packs[0] = order
		r.Obey(&r.c, r.clock())
		time.Sleep(100 * time.Millisecond)
	}
}

func TestPackSpeaksAndObeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer stop()
		r := newPackRig(ctx, t, "A7")
		time.Sleep(time.Second)
		if v := r.sense(); v.Identity != bess.Unidentified || v.Volts.Quality != bess.Missing {
			t.Fatalf("a silent pack is %v with %v", v.Identity, v.Volts)
		}
		r.node.Publish(soundView(), true)
		time.Sleep(600 * time.Millisecond)
		if v := r.sense(); v.Identity != bess.FamilyKnown {
			t.Fatalf("after 0.6 s it is %v", v.Identity)
		}
		time.Sleep(time.Second)
		v := r.sense()
		if v.Identity != bess.Confirmed || r.Serial() != "A7" {
			t.Fatalf("it is %v, serial %q", v.Identity, r.Serial())
		}
		want := soundView()
		for q := PackVolts; q < packQuantities; q++ {
			if !r.options.Table.Tells(q) {
				continue
			}
			if q.Flag() {
				if got := flagOf(v, q).State; got != flagOf(&want, q).State {
					t.Errorf("%v is %v", q, got)
				}
				continue
			}
			got, quality := numberOf(v, q).get()
			expected, _ := numberOf(&want, q).get()
			if quality != bess.Good || si.Abs(si.Volts(got-expected)) > 1e-9 {
				t.Errorf("%v is %v (%v), want %v", q, got, quality, expected)
			}
		}
		if age := v.Volts.Age(r.clock()); age > 70 {
			t.Errorf("voltage is %d ms old, sent each 20 ms and taken each 50 ms", age)
		}
		r.obey(bess.PackCommand{Wake: true, Precharge: true}, 300*time.Millisecond)
		if order, _ := r.node.Ordered(); !order.Wake || !order.Precharge || order.Close {
			t.Errorf("the pack hears %+v", order)
		}
		r.obey(bess.PackCommand{}, 300*time.Millisecond)
		if order, _ := r.node.Ordered(); order.Wake || order.Precharge {
			t.Errorf("after the withdrawal the pack hears %+v", order)
		}
	})
}

func noDial(context.Context) (can.Bus, error) { return nil, can.ErrClosed }

// TestNotYetMeasured: what a pack has not measured is missing, never the raw zero of its signal.
func TestNotYetMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer stop()
		r := newPackRig(ctx, t, "A7")
		view := soundView()
		view.Hot = bess.Reading[si.Celsius]{}
		view.SoC = bess.Reading[si.Ratio]{}
		r.node.Publish(view, true)
		time.Sleep(2 * time.Second)
		if v := r.sense(); v.Hot.Quality != bess.Missing || v.SoC.Quality != bess.Missing || v.Volts.Quality != bess.Good {
			t.Errorf("it reads %v, %v, %v", v.Hot, v.SoC, v.Volts)
		}
	})
}
