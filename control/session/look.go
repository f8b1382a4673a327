package session

import (
	"reprise/bess"
	"reprise/bess/si"
)

// job is one vehicle, here or booked, in the look ahead.
type job struct {
	index    int          // of its outlet or booking
	booked   bool         // a booking
	rapid    bool         // draws from the DC bus
	firm     bool         // somebody was or will be told what it gets
	settled  bool         // its level is final
	need     si.WattHours // in all
	done     si.WattHours // of it, so far
	rate     si.Watts
	from, to int64 // ms
	level    float64
	got      si.WattHours // from here on
	asks     si.Watts     // in the present slot
}

// Look-ahead figures: four days at most, in slots of a quarter of an hour for
// six hours, of half an hour to the end of the first day, of an hour behind it.
const (
	slot     = 15 * bess.Minute
	fine     = 24
	middling = fine + 36
	maxSlots = middling + 72
	horizon  = 4 * bess.Day
)

// slotLength is the length of slot n.
func slotLength(n int) bess.Span {
	switch {
	case n < fine:
		return slot
	case n < middling:
		return 2 * slot
	}
	return 4 * slot
}

// openStay is how long a vehicle whose departure is not known is taken to stay.
const openStay = 4 * bess.Hour

// usualFill is taken for what a driver did not tell, so that the store is not
// promised twice.
const (
	usualFill      = si.WattHours(20_000)
	usualRapidFill = si.WattHours(40_000)
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
	grid     si.Watts     // supply that stays
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
	f.least, _ = present(u, in)
	f.powers(u, in)
	f.supply(u, in)
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

// keptFree stays unused below a cap, with 3 % of it: who must never cross a
// limit lives a little under it.
const keptFree = si.Watts(250)

// supply is what feeds the AC side beside solar: a grid, which stays, or a
// generator as the site rule runs it.
func (f *future) supply(u *bess.Unit, in View) {
	inverter := si.Watts(u.Inverter.Rated)
	live := in.Stages.Live
	if live < 0 || live >= len(u.Feeders) || u.Feeders[live].Kind != bess.Grid {
		f.parallel = inverter
		f.least = max(f.least, si.Mul(fused(u), unseen))
		f.generator(u, in)
		return
	}
	feeder, record := &u.Feeders[live], &in.Standing.Records[live]
	f.grid = min(feeder.Cap, in.Standing.ImportCap.Power)
	if record.Agreed > 0 {
		f.grid = min(f.grid, record.Agreed)
	}
	f.grid = max(0, si.Mul(f.grid, 0.97)-keptFree)
	if record.Parallel && in.Snap.Now <= record.Expires && feeder.Mode != bess.ChargeOnly {
		f.parallel = inverter
	}
}

// generatorBand is the share of its rating at which a generator is taken to
// feed: dispatch keeps it below 80 %.
const generatorBand = 0.75

// generator counts a set that was checked, is not switched off, has not failed
// and is not known to be out of fuel.
func (f *future) generator(u *bess.Unit, in View) {
	for i := range u.Feeders {
		feeder, record := &u.Feeders[i], &in.Standing.Records[i]
		fuel, known := fresh(in.Snap.Feeders[i].Fuel, in.Snap.Now, bess.Minute)
		if feeder.Kind != bess.Generator || record.Person == "" || in.Standing.FeederOff[i] ||
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

// at is the future in the slot at t with that energy left: the generator runs
// or it does not.
func (f *future) at(t bess.Civil, energy si.WattHours) future {
	now := *f
	if f.set <= 0 {
		return now
	}
	f.runs = (energy < f.starts || f.runs && energy < f.stops) && (energy <= 0 || !f.quiet.Holds(t.MinuteOfDay()))
	if f.runs {
		now.grid, now.parallel, now.always, now.target = f.set, 0, true, f.stops
	}
	return now
}

// collect lists the vehicles that still need something, firm ones first.
func (s *State) collect(u *bess.Unit, in View) {
	s.jobs = s.jobs[:0]
	now := in.Snap.Civil.UnixMilli
	for i := range s.Visits {
		v := &s.Visits[i]
		switch v.State {
		case bess.VisitWaiting, bess.VisitCharging, bess.VisitPaused:
		default:
			continue
		}
		j := job{
			index: i, rapid: u.Outlets[i].Kind == bess.Rapid, firm: v.Need > 0,
			need: s.need(u, i), done: v.Delivered, rate: s.takes(u, in, i), from: now, to: v.Until.UnixMilli,
		}
		if j.to <= now { // not told, or over and still here
			j.firm = j.firm && v.Until.UnixMilli == 0
			j.to = now + int64(openStay)
		}
		s.jobs = append(s.jobs, j)
	}
	for k := range s.Bookings {
		b := &s.Bookings[k]
		if b.State == bess.VisitNone || b.Until.UnixMilli > now+int64(horizon) {
			continue
		}
		o := &u.Outlets[s.Targets[k]]
		rate := b.Rate
		if rate <= 0 || rate > o.Rated {
			rate = o.Rated
		}
		s.jobs = append(s.jobs, job{
			index: k, booked: true, rapid: o.Kind == bess.Rapid, firm: true,
			need: b.Need, rate: rate, from: b.From.UnixMilli, to: b.Until.UnixMilli,
		})
	}
}

// run plays the future with every need scaled by its job's level and leaves
// what each job got. It returns what general loads would then lack: they come
// before vehicles.
func (s *State) run(f *future) (lacking si.WattHours) {
	running := f.runs
	defer func() { f.runs = running }()
	energy, t, end := f.energy, f.start, f.start.UnixMilli
	for k := range s.jobs {
		s.jobs[k].got = 0
		end = max(end, s.jobs[k].to)
	}
	for n := 0; n < maxSlots && t.UnixMilli < end; n++ {
		length := slotLength(n)
		hours := float64(length.Seconds()) / si.SecondsPerHour
		ac, dc := si.Watts(0), si.Watts(0)
		for k := range s.jobs {
			j := &s.jobs[k]
			j.ask(t.UnixMilli, length)
			if j.rapid {
				dc += j.asks
			} else {
				ac += j.asks
			}
		}
		load, solar := s.Profile.at(t.MinuteOfDay()/60, f.least)
		now := f.at(t, energy)
		partAC, partDC := now.parts(t, energy, hours, load-solar, ac, dc)
		for k := range s.jobs {
			j := &s.jobs[k]
			if j.asks > 0 {
				part := partAC
				if j.rapid {
					part = partDC
				}
				j.got += si.WattHours(float64(j.asks) * part * hours)
			}
		}
		energy = now.after(t, energy, hours, load-solar+si.Mul(ac, partAC), si.Mul(dc, partDC))
		if energy < 0 {
			lacking, energy = lacking-energy, 0
		}
		t = t.Add(length)
	}
	return lacking
}

// parts are the shares of the wishes of AC and rapid outlets that a slot can
// meet beside a net AC load.
func (f *future) parts(t bess.Civil, energy si.WattHours, hours float64, load, ac, dc si.Watts) (partAC, partDC float64) {
	if ac <= 0 && dc <= 0 {
		return 0, 0
	}
	store := max(0, min(f.power, si.Watts(float64(energy)/hours*f.passes))-f.fixed)
	partAC, partDC = 1, 1
	if most := max(0, f.grid+min(f.parallel, store)-load); ac > most {
		partAC = float64(most) / float64(ac)
	}
	ac = si.Mul(ac, partAC)
	left := store - max(0, ac+load-f.grid)
	if spare := f.grid - max(0, ac+load); spare > 0 && f.open(t) {
		left += si.Mul(spare, f.passes)
	}
	if surplus := -(ac + load); surplus > 0 {
		left += si.Mul(surplus, f.passes)
	}
	if left = max(0, left); dc > left {
		partDC = float64(left) / float64(dc)
	}
	return partAC, partDC
}

// after is the energy at the end of a slot with a net AC load and a load on the
// DC bus; negative: so much was lacking.
func (f *future) after(t bess.Civil, energy si.WattHours, hours float64, ac, dc si.Watts) si.WattHours {
	out := dc + f.fixed + si.Clamp(ac-f.grid, 0, f.parallel) // at the DC bus
	in, ceiling := max(0, -ac), f.room
	if spare := f.grid - max(0, ac); spare > 0 && f.open(t) && energy < f.target {
		in += spare
		ceiling = f.target
	}
	net := si.Mul(in, f.passes) - out
	if net >= 0 {
		return max(energy, min(ceiling, energy+si.WattHours(float64(min(net, f.charge))*hours)))
	}
	return energy + si.WattHours(float64(net)/f.passes*hours)
}

// open reports whether a supply refills the store in the slot at t.
func (f *future) open(t bess.Civil) bool { return f.always || f.refill.Holds(t.MinuteOfDay()) }

// ask is what a job draws in the slot at t if it may.
func (j *job) ask(t int64, length bess.Span) {
	j.asks = 0
	begin, finish := max(t, j.from), min(t+int64(length), j.to)
	if finish <= begin || j.level <= 0 {
		return
	}
	share := float64(finish-begin) / float64(length)
	left := si.Mul(j.need, j.level) - j.done - j.got
	j.asks = max(0, min(si.Mul(j.rate, share), left.Over(length.Seconds())))
}

// most is what a job can get at its level by its own rate and time.
func (j *job) most(now int64) si.WattHours {
	t := float64(j.to-max(j.from, now)) / 1000
	return min(max(0, si.Mul(j.need, j.level)-j.done), j.rate.For(si.Seconds(max(0, t))))
}
