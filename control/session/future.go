package session

import (
	"reprise/bess"
	"reprise/bess/si"
)

// future is what the look ahead knows beside the jobs. Energies are at the
// cells, above the reserve.
type future struct {
	start    bess.Civil
	energy   si.WattHours // that may be given away
	target   si.WattHours // to which a supply refills
	room     si.WattHours // to which solar fills
	power    si.Watts     // of the store, to vehicles
	charge   si.Watts     // into the store
	grid     si.Watts     // supply that stays, to count on at every moment
	fills    si.Watts     // and what of it fills the store on average
	parallel si.Watts     // most that the store adds to the AC side of a live supply
	set      si.Watts     // of a generator that the site rule starts, without a grid
	starts   si.WattHours // below this energy it is started
	stops    si.WattHours // and above this stopped
	quiet    bess.Window  // it is not started in these hours
	runs     bool         // it runs now
	refill   bess.Window
	always   bool
	least    si.Watts     // load of an hour never seen
	fixed    si.Watts     // losses that run whether or not anything is delivered
	lacking  si.WattHours // what general loads lack in any case
	passes   float64      // share of a watt-hour that passes between cells and loads, beside those
}

// future reads what is there to share. One standard deviation of the energy is
// kept back: a promise is what is kept, not what is hoped.
func (s *State) future(u *bess.Unit, in View) future {
	e, site := &in.Estimates.Unit, &u.Site
	f := future{
		start: in.Snap.Civil, refill: site.RefillWindow,
		always: site.RefillWindow.From == site.RefillWindow.To || in.Snap.Civil.Trust == bess.TrustNone,
	}
	f.losses(u)
	keep := si.Mul(in.Standing.Reserve, 1/f.passes)
	f.energy = max(0, e.Stored-si.Mul(e.Sigma, 1/f.passes)-keep)
	f.target = max(0, e.FullToday.Scale(site.RefillTarget)-keep)
	f.room = max(0, e.FullToday-keep)
	f.least = s.Profile.now(u, in)
	f.powers(u, in)
	s.supply(&f, u, in)
	return f
}

// losses splits the conversion losses into those that always run and those that
// grow with what passes, at a third of the ratings, where such units live.
func (f *future) losses(u *bess.Unit) {
	const at = 0.33
	const packs = 0.985 // inside the cells at such a load
	grows := func(c bess.LossCurve) float64 { return 1 - (float64(c.A*at) + c.B) }
	f.passes = packs * grows(u.Inverter.Loss)
	f.fixed = si.Mul(si.Watts(u.Inverter.Rated), u.Inverter.Loss.C)
	for i := range u.Converters {
		f.fixed += si.Mul(u.Converters[i].Rated, u.Converters[i].Loss.C)
	}
	if len(u.Converters) > 0 {
		f.passes *= grows(u.Converters[0].Loss)
	}
	f.passes = si.Clamp(f.passes, 0.5, 1)
}

// powers are those of the store: of the packs that carry, or by rating while
// none does yet.
func (f *future) powers(u *bess.Unit, in View) {
	joined := false
	for i := range u.Packs {
		most := in.Estimates.Packs[i].Envelope.Discharge.Power
		if in.Stages.Packs[i] == bess.PackJoined {
			joined = true
			f.power += most
		}
	}
	for i := range u.Packs {
		t := &u.Packs[i].Type.Limits
		if !joined {
			f.power += t.Discharge
		}
		f.charge += t.Charge
	}
	rated := si.Watts(0)
	for i := range u.Converters {
		rated += u.Converters[i].Rated
	}
	if len(u.Converters) > 0 {
		f.power, f.charge = min(f.power, rated), min(f.charge, rated)
	}
}

// keptFree stays unused below a cap, with 3 % of it, for what vehicles draw
// beside other loads: who must never cross a limit lives a little under it.
const keptFree = si.Watts(250)

// supply is what feeds the AC side beside solar: a grid, which stays, or a
// generator as the site rule runs it.
func (s *State) supply(f *future, u *bess.Unit, in View) {
	inverter := si.Watts(u.Inverter.Rated)
	live := in.Stages.Live
	if live < 0 || live >= len(u.Feeders) || u.Feeders[live].Kind != bess.Grid {
		f.parallel = inverter
		f.least = max(f.least, si.Mul(fused(u), unseen))
		f.generator(u, in)
		return
	}
	feeder, record := &u.Feeders[live], &in.Standing.Records[live]
	f.grid = agreed(u, in, live)
	f.fills = si.Mul(f.grid, s.Profile.reach())
	f.grid = max(0, si.Mul(f.grid, 0.97)-keptFree)
	if record.Parallel && record.Holds(in.Snap.Now) && feeder.Mode != bess.ChargeOnly {
		f.parallel = inverter
	}
}

// agreed is the most that a grid may give: its cap, the site's, and what was
// agreed on arrival.
func agreed(u *bess.Unit, in View, feeder int) si.Watts {
	most := min(u.Feeders[feeder].Cap, in.Standing.ImportCap.Power)
	if a := in.Standing.Records[feeder].Agreed; a > 0 {
		most = min(most, a)
	}
	return most
}

// generatorBand is the share of its rating at which a generator is taken to
// feed: dispatch keeps it below 80 %.
const generatorBand = 0.75

// generator counts a set that was checked and has an earth, is not switched
// off, has not failed and is not known to be out of fuel.
func (f *future) generator(u *bess.Unit, in View) {
	for i := range u.Feeders {
		feeder, record := &u.Feeders[i], &in.Standing.Records[i]
		fuel, known := fresh(in.Snap.Feeders[i].Fuel, in.Snap.Now, bess.Minute)
		if feeder.Kind != bess.Generator || !record.Holds(in.Snap.Now) || record.Earth != bess.Yes || in.Standing.FeederOff[i] ||
			in.Stages.Generators[i] == bess.GeneratorFailed || known && fuel < 0.05 {
			continue
		}
		p := min(feeder.Set.Rated.Scale(generatorBand), feeder.Cap)
		if record.Agreed > 0 {
			p = min(p, record.Agreed)
		}
		f.set = max(f.set, p)
		f.runs = f.runs || in.Stages.Generators[i] == bess.GeneratorRunning
	}
	keep := f.room - in.Estimates.Unit.FullToday // negative: the reserve
	f.starts = max(0, in.Estimates.Unit.FullToday.Scale(u.Site.StartBelow)+keep)
	f.stops = max(0, in.Estimates.Unit.FullToday.Scale(u.Site.StopAbove)+keep)
	f.quiet = u.Site.QuietHours
}

// supplied is what feeds the AC side in a slot: a grid that stays, or the
// generator, which runs or not by the energy that is left.
func (f *future) supplied(x *span, energy si.WattHours, running *bool) feed {
	y := feed{power: f.grid, fills: f.fills, parallel: f.parallel, target: f.target, open: x.open}
	if f.set <= 0 {
		return y
	}
	*running = (energy < f.starts || *running && energy < f.stops) && (energy <= 0 || !x.quiet)
	if *running {
		return feed{power: f.set, fills: f.set, target: f.stops, open: true}
	}
	return y
}

// feed is the supply of one slot.
type feed struct {
	power    si.Watts     // into the AC side, at every moment
	fills    si.Watts     // into the AC side on average while it fills the store
	parallel si.Watts     // most that the store adds there
	target   si.WattHours // to which it fills the store
	open     bool         // it does
}

// parts are the shares of the wishes of AC and rapid outlets that a slot can
// meet beside a net AC load.
func (f *future) parts(y *feed, energy si.WattHours, x *span, ac, dc si.Watts) (partAC, partDC float64) {
	if ac <= 0 && dc <= 0 {
		return 0, 0
	}
	store := max(0, min(f.power, si.Watts(float64(energy)/x.hours*f.passes))-f.fixed)
	partAC, partDC = 1, 1
	if most := max(0, y.power+min(y.parallel, store)-x.load); ac > most {
		partAC = float64(most) / float64(ac)
	}
	net := si.Mul(ac, partAC) + x.load
	left := store - max(0, net-y.power)
	if spare := y.power - max(0, net); spare > 0 && y.open {
		left += si.Mul(spare, f.passes)
	}
	if net < 0 {
		left -= si.Mul(net, f.passes)
	}
	if left = max(0, left); dc > left {
		partDC = float64(left) / float64(dc)
	}
	return partAC, partDC
}

// after is the energy at the end of a slot with a net AC load and a load on the
// DC bus; negative: so much was lacking.
func (f *future) after(y *feed, energy si.WattHours, x *span, ac, dc si.Watts) si.WattHours {
	out := dc + f.fixed + si.Clamp(ac-y.power, 0, y.parallel) // at the DC bus
	in, ceiling := max(0, -ac), f.room
	if spare := y.fills - max(0, ac); spare > 0 && y.open && energy < y.target {
		in += spare
		ceiling = y.target
	}
	net := si.Mul(in, f.passes) - out
	if net >= 0 {
		return max(energy, min(ceiling, energy+si.WattHours(float64(min(net, f.charge))*x.hours)))
	}
	return energy + si.WattHours(float64(net)/f.passes*x.hours)
}
