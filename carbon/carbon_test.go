package carbon

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"reprise/bess"
	"reprise/ledger"
	"reprise/plant"
)

// testUnit displaces a 100 kW set and has one supply of each kind.
func testUnit() *bess.Unit {
	return &bess.Unit{
		Feeders:   []bess.Feeder{{Kind: bess.Solar}, {Kind: bess.Grid}, {Kind: bess.Generator}, {Kind: bess.CCS}},
		Displaced: bess.Displaced{Rated: 100e3, GramsPerL: 2690, FactorYear: 2020, FactorName: "mineral diesel"},
	}
}

// hours is an entry over so many hours.
func hours(h float64, legs ...bess.Leg) *bess.Entry {
	return &bess.Entry{To: bess.Civil{UnixMilli: int64(h * 3.6e6)}, Legs: legs}
}

func near(a, b, within float64) bool { return math.Abs(a-b) <= within }

func TestAnnouncementIsReproduced(t *testing.T) {
	want := map[string]struct{ value, within float64 }{
		"fuel-day": {48, 0}, "factor": {2.69, 1e-12}, "day": {129.12, 1e-9}, "year": {15494.4, 1e-6},
		"generator-hours": {360, 0}, "fuel-year": {5760, 0}, "testing": {43040, 1e-6}, "load": {51.02, 0.01},
		"day-blend": {120.58, 0.01}, "day-mineral": {127.65, 0.01}, "day-gas-oil": {132.26, 0.01},
		"delivered-day": {150, 0}, "refill-day": {36.54, 0.01}, "net-day": {92.58, 0.01}, "net-year": {11109, 1}, "net-less": {0.283, 0.001},
	}
	for _, s := range Announcement() {
		w, known := want[s.Name]
		if !known || !near(s.Value, w.value, w.within) {
			t.Errorf("%s (%s): %v %s, want %v", s.Name, s.How, s.Value, s.Unit, w.value)
		}
		if s.Told && math.Round(s.Value) != math.Round(s.Said) {
			t.Errorf("%s: recomputed %v, announced %v", s.Name, s.Value, s.Said)
		}
		delete(want, s.Name)
	}
	if len(want) > 0 {
		t.Errorf("steps missing: %v", want)
	}
	if math.Round(announcedYear/announcedDay) != announcedDays {
		t.Errorf("the announced year is not %v of the announced days", announcedDays)
	}
}

// The announced day, booked: three hours at the load at which the set burns 16 L/h.
func TestTheAnnouncedDayAsALedger(t *testing.T) {
	u := testUnit()
	kilowatts := plant.FuelCurveOf(100e3).PowerAt(16).KW()
	var c Claim
	for range 36 { // of five minutes
		c.Add(u, hours(1./12, bess.Leg{Kind: bess.AccountPack, MilliWattHour: -int64(kilowatts / 12 * 1e6)},
			bess.Leg{Kind: bess.AccountOutlet, Index: 2, MilliWattHour: int64(kilowatts / 12 * 1e6), Milligram: 1e6}))
	}
	if !near(float64(c.Litres()), 48, 0.001) || !near(float64(Kilograms(c.Gross)), 129.12, 0.003) {
		t.Errorf("%v, %v; want 48 L and 129.12 kg", c.Litres(), Kilograms(c.Gross))
	}
	if Hours(c.GeneratorMillis) != 3 || c.Refill != 36e6 || c.Net() != c.Gross-36e6 {
		t.Errorf("%v h, refill %d, net %d", Hours(c.GeneratorMillis), c.Refill, c.Net())
	}
}

func TestHoursOfUseAreNotGeneratorHours(t *testing.T) {
	u := testUnit()
	var c Claim
	c.Add(u, hours(5, bess.Leg{Kind: bess.AccountFeeder, Index: 1, MilliWattHour: -50e6, Milligram: -10e6}, bess.Leg{Kind: bess.AccountPack, MilliWattHour: 50e6, Milligram: 10e6})) // refill
	c.Add(u, hours(2, bess.Leg{Kind: bess.AccountPack, MilliWattHour: -40e6, Milligram: -8e6}, bess.Leg{Kind: bess.AccountCircuit, MilliWattHour: 40e6, Milligram: 8e6}))
	c.Add(u, hours(4, bess.Leg{Kind: bess.AccountPack, MilliWattHour: -1e6}, bess.Leg{Kind: bess.AccountOwnUse, MilliWattHour: 1e6})) // stands by
	if got := [...]float64{Hours(c.CoveredMillis), Hours(c.UseMillis), Hours(c.GeneratorMillis)}; got != [...]float64{11, 7, 2} {
		t.Errorf("covered, use and generator hours %v, want 11, 7, 2", got)
	}
	if c.LoadMillis != [LoadBands]int64{2 * 3.6e6} {
		t.Errorf("load bands %v: 20 kW on 100 kW is in the first", c.LoadMillis)
	}
	if c.By[FromGrid] != 40e6 || c.Store[FromGrid] != 9e6 {
		t.Errorf("by origin %v, store %v", c.By, c.Store)
	}
}

// The same energy over half the time burns less: the profile decides, not the hours.
func TestSavingFollowsTheProfile(t *testing.T) {
	u := testUnit()
	energy := bess.Leg{Kind: bess.AccountCircuit, MilliWattHour: 100e6}
	var slow, fast Claim
	slow.Add(u, hours(4, energy))
	fast.Add(u, hours(2, energy))
	if difference := float64(slow.Litres() - fast.Litres()); !near(difference, 2*3.55, 1e-5) {
		t.Errorf("two more hours at no more energy burn %v L more, want 7.1", difference)
	}
	fast.Add(u, hours(1, bess.Leg{Kind: bess.AccountOutlet, MilliWattHour: 130e6}))
	if fast.Above != 30e6 || fast.LoadMillis[LoadBands-1] != 3.6e6 {
		t.Errorf("130 kW on a 100 kW set: %d mWh above, bands %v", fast.Above, fast.LoadMillis)
	}
}

func TestInventoryStandsBeside(t *testing.T) {
	u := testUnit()
	var c Claim
	c.Add(u, hours(1,
		bess.Leg{Kind: bess.AccountFeeder, Index: 0, MilliWattHour: -10e6},
		bess.Leg{Kind: bess.AccountFeeder, Index: 1, MilliWattHour: -20e6, Milligram: -4e6},
		bess.Leg{Kind: bess.AccountFeeder, Index: 2, MilliWattHour: -30e6, Milligram: -24e6},
		bess.Leg{Kind: bess.AccountFeeder, Index: 3, MilliWattHour: -40e6, Milligram: -8e6},
		bess.Leg{Kind: bess.AccountCircuit, MilliWattHour: 100e6, Milligram: 36e6}))
	n := c.Inventory
	if n.Scope1 != 24e6 || n.Scope2 != 12e6 || n.OnSite != 30e6 || n.Purchased != 60e6 || n.Renewable != 10e6 || Hours(n.GeneratorMillis) != 1 {
		t.Errorf("%+v", n)
	}
	if n.Scope3().Known || n.Scope3().Why == "" {
		t.Error("scope 3 must be unknown, with a reason")
	}
	if want := [OriginCount]int64{10e6, 20e6, 30e6, 40e6}; c.By != want {
		t.Errorf("by origin %v, want %v", c.By, want)
	}
}

func TestNothingDeliveredClaimsNothing(t *testing.T) {
	var c Claim
	u := testUnit()
	c.Add(u, hours(24, bess.Leg{Kind: bess.AccountOwnUse, MilliWattHour: 1e6}))
	c.Add(u, hours(-1))
	if c.Gross != 0 || c.Microlitres != 0 || c.GeneratorMillis != 0 || Hours(c.CoveredMillis) != 24 {
		t.Errorf("%+v", c)
	}
	u.Displaced = bess.Displaced{}
	c.Add(u, hours(1, bess.Leg{Kind: bess.AccountOutlet, MilliWattHour: 1e6, Milligram: 5}))
	if p := c.Picture(u); p.Gross.Known || p.Net.Known || !p.Refill.Known || c.Gross != 0 {
		t.Errorf("without a displaced set: %+v", p)
	}
	if p := c.Picture(testUnit()); !p.Gross.Known || !strings.HasPrefix(p.Factor, "2.69 kg CO2e/L, mineral diesel, scope 1") {
		t.Errorf("%+v", p)
	}
}

func TestOpenedStoreMixesInProportion(t *testing.T) {
	var c Claim
	c.Open(30e3)
	u := testUnit()
	c.Add(u, hours(1, bess.Leg{Kind: bess.AccountFeeder, MilliWattHour: -10e6}, bess.Leg{Kind: bess.AccountPack, MilliWattHour: 10e6}))
	c.Add(u, hours(1, bess.Leg{Kind: bess.AccountPack, MilliWattHour: -20e6}, bess.Leg{Kind: bess.AccountOutlet, MilliWattHour: 20e6}))
	if c.By[FromSolar] != 5e6 || c.By[FromStart] != 15e6 {
		t.Errorf("by origin %v, want a quarter solar", c.By)
	}
}

// Whatever the entries: the origins sum to what was delivered, none is negative,
// and a copy does not share memory.
func TestOriginsSumToWhatWasDelivered(t *testing.T) {
	u := testUnit()
	rapid.Check(t, func(t *rapid.T) {
		var c Claim
		for range rapid.IntRange(1, 30).Draw(t, "entries") {
			e := hours(1. / 12)
			for range rapid.IntRange(0, 8).Draw(t, "legs") {
				kind := bess.AccountKind(rapid.IntRange(0, int(bess.AccountUnmeasured)).Draw(t, "kind"))
				amount := rapid.Int64Range(0, 1e12).Draw(t, "mwh")
				if kind == bess.AccountFeeder || kind == bess.AccountPack && rapid.Bool().Draw(t, "discharge") {
					amount = -amount
				}
				e.Legs = append(e.Legs, bess.Leg{Kind: kind, Index: rapid.IntRange(-1, 6).Draw(t, "index"), MilliWattHour: amount})
			}
			c.Add(u, e)
		}
		if total(&c.By) != c.MilliWattHour {
			t.Fatalf("origins %v sum to %d, delivered %d", c.By, total(&c.By), c.MilliWattHour)
		}
		for o := range c.By {
			if c.By[o] < 0 || c.Store[o] < 0 {
				t.Fatalf("negative origin: %v, store %v", c.By, c.Store)
			}
		}
	})
}

func TestAddDoesNotAllocate(t *testing.T) {
	u, c := testUnit(), Claim{}
	e := hours(1, bess.Leg{Kind: bess.AccountPack, MilliWattHour: -9}, bess.Leg{Kind: bess.AccountOutlet, MilliWattHour: 9})
	if n := testing.AllocsPerRun(100, func() { c.Add(u, e) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestUnknownYearIsNeverSilent(t *testing.T) {
	cases := []struct {
		year    int
		nearest []int
	}{{2024, []int{2023, 2025}}, {2015, []int{2016}}, {2030, []int{2025}}, {-5, []int{2016}}, {1 << 40, []int{2025}}}
	for _, c := range cases {
		var unknown *UnknownYear
		if _, err := FuelFactor(c.year, plant.MineralDiesel); !errors.As(err, &unknown) || !reflect.DeepEqual(unknown.Nearest, c.nearest) {
			t.Errorf("%d: %v, want nearest %v", c.year, err, c.nearest)
		}
	}
	if _, err := GridFactor(2024); err == nil || !strings.Contains(err.Error(), "nearest 2023 and 2025") {
		t.Errorf("grid 2024: %v", err)
	}
	f, err := GridFactor(2025)
	if err != nil || f.Confirmed || !strings.HasSuffix(f.String(), "not confirmed") {
		t.Errorf("grid 2025 is not confirmed: %v, %v", f, err)
	}
	g, err := FuelFactor(2020, plant.MineralDiesel)
	if want := "2.68787 kg CO2e/L, mineral diesel, scope 1 (direct combustion), 2020, "; err != nil || !strings.HasPrefix(g.String(), want) {
		t.Errorf("%q, want %q...", g, want)
	}
}

func TestDisplacedFactorIsConfirmedOnlyWhenPublished(t *testing.T) {
	d := bess.Displaced{Rated: 1, GramsPerL: 2687.87, FactorYear: 2020, FactorName: "mineral diesel"}
	if f, ok := DisplacedFactor(d); !ok || !f.Confirmed {
		t.Errorf("%v, %v: it is the published factor", f, ok)
	}
	d.GramsPerL = 3000
	if f, ok := DisplacedFactor(d); !ok || f.Confirmed {
		t.Errorf("%v, %v: nobody published it", f, ok)
	}
}

// ring is a ledger that holds.
func ring() []bess.Entry {
	var entries []bess.Entry
	var head [32]byte
	for i := range 4 {
		e := bess.Entry{Number: uint64(i + 1), From: bess.Civil{UnixMilli: int64(i)}, To: bess.Civil{UnixMilli: int64(i + 1)}, Prev: head}
		e.Legs = []bess.Leg{{Kind: bess.AccountPack, MilliWattHour: -7, Milligram: -2}, {Kind: bess.AccountOutlet, MilliWattHour: 7, Milligram: 2}}
		e.Hash = ledger.Hash(&e)
		head = e.Hash
		entries = append(entries, e)
	}
	return entries
}

func TestVerifyFindsWhatWasChanged(t *testing.T) {
	cases := []struct {
		name   string
		change func([]bess.Entry) []bess.Entry
		want   string
	}{
		{"nothing", func(e []bess.Entry) []bess.Entry { return e }, ""},
		{"a slice", func(e []bess.Entry) []bess.Entry { return e[2:] }, ""},
		{"amount", func(e []bess.Entry) []bess.Entry { e[1].Legs[1].MilliWattHour++; return e }, "sum to 1 mWh and 0 mg"},
		{"both sides", func(e []bess.Entry) []bess.Entry {
			e[1].Legs[0].Milligram--
			e[1].Legs[1].Milligram++
			return e
		}, "something in it was changed"},
		{"removed", func(e []bess.Entry) []bess.Entry { return append(e[:1], e[2:]...) }, "follows entry 1"},
		{"forged with a fresh hash", func(e []bess.Entry) []bess.Entry {
			e[1].To.UnixMilli++
			e[1].Hash = ledger.Hash(&e[1])
			return e
		}, "entry 3: it names"},
		{"false first", func(e []bess.Entry) []bess.Entry { e[0].Prev[0] = 1; e[0].Hash = ledger.Hash(&e[0]); return e }, "names an entry before it"},
	}
	for _, c := range cases {
		found := Verify(c.change(ring()))
		text := ""
		for _, b := range found {
			text += b.String() + "\n"
		}
		if (c.want == "") != (len(found) == 0) || !strings.Contains(text, c.want) {
			t.Errorf("%s: found %q, want %q", c.name, text, c.want)
		}
	}
	e := ring()
	e[2].From.UnixMilli += 5
	if got := Gaps(e); !reflect.DeepEqual(got, []Gap{{2, 5}}) {
		t.Errorf("gaps %v", got)
	}
}
