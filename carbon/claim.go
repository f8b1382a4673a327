package carbon

import (
	"math/bits"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/plant"
)

// Origin is where delivered energy came from.
type Origin uint8

// Origins of energy.
const (
	FromSolar       Origin = iota
	FromGrid               // a site's connection
	FromGenerator          // a set that ran on site
	FromCCS                // a rapid charger, through the vehicle inlet
	FromStart              // what the packs held when the claim began
	FromUnexplained        // no meter and no stock accounts for it
	OriginCount
)

// String is the origin in the words of the page.
func (o Origin) String() string {
	names := [...]string{"solar", "grid", "generator", "ccs", "held at the start", "unexplained"}
	if int(o) < len(names) {
		return names[o]
	}
	return "unknown origin"
}

// Claim sums a unit's entries up to now. It is a value: a copy is a claim of its
// own. All amounts are positive.
type Claim struct {
	Entries         uint64
	MilliWattHour   int64              // delivered to outlets and circuits
	Refill          int64              // mg that travelled with what was delivered
	Microlitres     int64              // of fuel that the displaced set would have burnt
	Gross           int64              // mg of that fuel
	By              [OriginCount]int64 // MilliWattHour split by origin
	Above           int64              // mWh delivered above the displaced set's rating: it could not have carried them
	CoveredMillis   int64              // span of the entries
	UseMillis       int64              // hours of use: periods in which energy was delivered or stored from a supply
	GeneratorMillis int64              // generator-hours displaced: periods in which energy was delivered
	LoadMillis      [LoadBands]int64   // GeneratorMillis by load over rating: the displaced profile
	Inventory       Inventory
	Store           [OriginCount]int64 // mWh in the packs by origin, as far as entries tell

	residual, throughput int64 // mWh: |unmeasured|, and what all sinks took
}

// LoadBands is the number of bands of load over the displaced set's rating: up
// to 1/4, 1/2, 3/4, 1, and above.
const LoadBands = 5

// Inventory is what was emitted at the site, beside the claim and never netted
// with it. Scope 3 (upstream of fuel and power, making of packs, transport) has no
// meter here and is unknown, not zero.
type Inventory struct {
	Scope1          int64 // mg: fuel burnt on site in a generator
	Scope2          int64 // mg, location-based: energy taken from a connection or a charger
	OnSite          int64 // mWh from the generator on site
	Purchased       int64 // mWh from a connection or a charger
	Renewable       int64 // mWh from the site's own solar
	Exported        int64 // mWh back into a supply; earns nothing here
	GeneratorMillis int64 // periods in which the generator on site delivered
}

// Scope3 is unknown, with its reason.
func (Inventory) Scope3() bess.Figure {
	return bess.Figure{Why: "upstream emissions, the making of the packs and transport are not metered here"}
}

// Open tells a claim that begins what the packs hold, so that origins mix in
// proportion. Without it, energy that came in during the claim counts as drawn
// first, and only the rest as held at the start.
func (c *Claim) Open(held si.WattHours) {
	if held > 0 {
		c.Store[FromStart] = int64(float64(float64(held)*1000) + 0.5)
	}
}

// flows are the sums of one entry, all positive.
type flows struct {
	from      [OriginCount]int64 // mWh by source
	sources   int64
	delivered int64
	milligram int64
	charged   int64
	drawn     int64
	others    int64 // own use, loss and export
}

// Add accumulates one entry of the unit's ledger.
func (c *Claim) Add(u *bess.Unit, e *bess.Entry) {
	millis := e.To.UnixMilli - e.From.UnixMilli
	if millis < 0 { // the clock was set back inside the period: energy counts, time does not
		millis = 0
	}
	f := c.read(u, e, millis)
	c.mix(&f)
	c.Entries++
	c.CoveredMillis += millis
	c.throughput += f.delivered + f.charged + f.others
	if f.delivered > 0 || f.charged > 0 && f.sources > 0 {
		c.UseMillis += millis
	}
	if f.delivered > 0 {
		c.MilliWattHour += f.delivered
		c.Refill += f.milligram
		c.displace(u.Displaced, f.delivered, millis)
	}
}

// read sorts the legs of an entry and books the inventory.
func (c *Claim) read(u *bess.Unit, e *bess.Entry, millis int64) flows {
	var f flows
	ran := false
	for i := range e.Legs {
		l := &e.Legs[i]
		switch l.Kind {
		case bess.AccountFeeder:
			o := originOf(u, l.Index)
			f.from[o] -= l.MilliWattHour
			f.sources -= l.MilliWattHour
			c.Inventory.add(o, -l.MilliWattHour, -l.Milligram)
			ran = ran || o == FromGenerator && l.MilliWattHour < 0
		case bess.AccountPack:
			if l.MilliWattHour > 0 {
				f.charged += l.MilliWattHour
			} else {
				f.drawn -= l.MilliWattHour
			}
		case bess.AccountOutlet, bess.AccountCircuit:
			f.delivered += l.MilliWattHour
			f.milligram += l.Milligram
		case bess.AccountExport:
			c.Inventory.Exported += l.MilliWattHour
			f.others += l.MilliWattHour
		case bess.AccountOwnUse, bess.AccountLoss:
			f.others += l.MilliWattHour
		case bess.AccountUnmeasured:
			c.residual += max(l.MilliWattHour, -l.MilliWattHour)
		}
	}
	if ran {
		c.Inventory.GeneratorMillis += millis
	}
	return f
}

func originOf(u *bess.Unit, feeder int) Origin {
	if feeder < 0 || feeder >= len(u.Feeders) {
		return FromUnexplained
	}
	switch u.Feeders[feeder].Kind {
	case bess.Solar:
		return FromSolar
	case bess.Grid:
		return FromGrid
	case bess.Generator:
		return FromGenerator
	case bess.CCS:
		return FromCCS
	}
	return FromUnexplained
}

// add books what a supply brought.
func (n *Inventory) add(o Origin, milliWattHour, milligram int64) {
	switch o {
	case FromGenerator:
		n.OnSite += milliWattHour
		n.Scope1 += milligram
	case FromSolar:
		n.Renewable += milliWattHour
	default: // a supply of unknown kind counts as purchased: the careful side
		n.Purchased += milliWattHour
		n.Scope2 += milligram
	}
}

// mix draws from the store, lets all sources of the period mix, delivers and
// stores shares of the mixture: the ledger's own rule, "proportional stock,
// period mix", with the packs as one store.
func (c *Claim) mix(f *flows) {
	stored := total(&c.Store)
	draw := min(f.drawn, stored)
	taken := share(&c.Store, draw)
	for o := range taken {
		c.Store[o] -= taken[o]
		f.from[o] += taken[o]
	}
	f.from[FromStart] += f.drawn - draw
	for o := range f.from {
		f.from[o] = max(f.from[o], 0)
	}
	given, kept := share(&f.from, f.delivered), share(&f.from, f.charged)
	for o := range given {
		c.By[o] += given[o]
		c.Store[o] += kept[o]
	}
}

func total(by *[OriginCount]int64) int64 {
	sum := int64(0)
	for _, x := range by {
		sum += x
	}
	return sum
}

// share splits an amount in the proportions of by, exactly: the parts sum to the
// amount. Without any proportion all of it is unexplained.
func share(by *[OriginCount]int64, amount int64) (part [OriginCount]int64) {
	of := total(by)
	if of <= 0 || amount <= 0 {
		part[FromUnexplained] = max(amount, 0)
		return part
	}
	// Parts end at rounded-down running sums, so each is within 1 mWh of its share
	// and an origin that brought nothing gets nothing.
	sum, end := int64(0), int64(0)
	for o, x := range by {
		sum += x
		next := scale(amount, sum, of)
		part[o] = next - end
		end = next
	}
	return part
}

// scale is x*part/whole without overflow, rounded down; part <= whole, none
// negative.
func scale(x, part, whole int64) int64 {
	high, low := bits.Mul64(uint64(x), uint64(part))
	quotient, _ := bits.Div64(high, low, uint64(whole))
	return int64(quotient)
}

// displace books the fuel that the displaced set would have burnt at the mean
// power of the period.
func (c *Claim) displace(d bess.Displaced, milliWattHour, millis int64) {
	c.GeneratorMillis += millis
	if d.Rated <= 0 || millis == 0 {
		return
	}
	const millisPerHour = 3_600_000
	hours := float64(millis) / millisPerHour
	mean := si.Watts(float64(milliWattHour) / 1000 / hours)
	litres := plant.FuelCurveOf(d.Rated).PerHour(mean) * hours
	c.Microlitres += int64(float64(litres*1e6) + 0.5)
	c.Gross += int64(float64(litres*d.GramsPerL*1000) + 0.5)
	if mean > d.Rated {
		c.Above += milliWattHour - int64(float64(d.Rated)*hours*1000)
	}
	band := 0
	for band < LoadBands-1 && mean > si.Mul(d.Rated, float64(band+1)/4) {
		band++
	}
	c.LoadMillis[band] += millis
}

// Net is gross minus refill, mg. It may be negative: then the unit emitted more
// than the generator would have.
func (c *Claim) Net() int64 { return c.Gross - c.Refill }

// Litres is the fuel that the displaced set would have burnt.
func (c *Claim) Litres() si.Litres { return si.Litres(float64(c.Microlitres) / 1e6) }

// UnmeasuredShare is the part of the energy that no meter explains, over what
// all sinks took; 0 before the first energy.
func (c *Claim) UnmeasuredShare() si.Ratio {
	if c.throughput <= 0 {
		return 0
	}
	return si.Ratio(float64(c.residual) / float64(c.throughput))
}

// Kilograms is an amount of mg in kg.
func Kilograms(milligram int64) si.Kilograms { return si.Kilograms(float64(milligram) / 1e6) }

// Hours is an amount of ms in hours.
func Hours(millis int64) float64 { return float64(millis) / 3_600_000 }

// Picture is the claim for the page. The carbon of the energy now in the packs is
// the ledger's to tell, so Stored is left unknown.
func (c *Claim) Picture(u *bess.Unit) bess.CarbonPicture {
	p := bess.CarbonPicture{
		Refill:     bess.Known(Kilograms(c.Refill)),
		Delivered:  bess.Known(si.WattHours(float64(c.MilliWattHour) / 1000)),
		Stored:     bess.Figure{Why: "not told by the entries"},
		Unmeasured: bess.Known(c.UnmeasuredShare()),
		Entries:    c.Entries,
	}
	f, claimed := DisplacedFactor(u.Displaced)
	if !claimed {
		why := bess.Figure{Why: "no displaced generator is configured"}
		p.Gross, p.Net, p.Factor = why, why, why.Why
		return p
	}
	p.Gross, p.Net, p.Factor = bess.Known(Kilograms(c.Gross)), bess.Known(Kilograms(c.Net())), f.String()
	return p
}
