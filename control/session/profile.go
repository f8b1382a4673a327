package session

import (
	"math"

	"reprise/bess"
	"reprise/bess/si"
)

// Profile is the day that was seen so far: the mean load of circuits with own
// use, and the solar feed, per local hour. It is the plainest forecast:
// tomorrow is like the days before.
type Profile struct {
	Load   [24]si.Watts
	Solar  [24]si.Watts
	Known  [24]bool
	Hour   int          // being learnt
	Begun  bess.Instant // of its learning
	Last   bess.Instant
	Lack   si.Ratio // share of the import cap that refilling leaves unused
	Filled bess.Span
}

// learn moves the present hour's means with a time constant of 20 minutes, so
// that an hour is learnt within the hour and yesterday fades; an hour never seen
// begins as the mean of what is seen of it, the later half above all: circuits
// close one by one.
func (p *Profile) learn(u *bess.Unit, in View) {
	snap := in.Snap
	load, solar := present(u, in)
	h := snap.Civil.MinuteOfDay() / 60
	since := snap.Now.Since(p.Last)
	p.Last = snap.Now
	if since < 0 || since > bess.Minute {
		return // the first tick, or the first after a standstill
	}
	p.refills(u, in, since)
	if !p.Known[h] {
		p.Known[h], p.Load[h], p.Solar[h] = true, load, solar
		p.Hour, p.Begun = h, snap.Now
	}
	over := learnOver
	if h == p.Hour {
		over = min(over, snap.Now.Since(p.Begun)/2+since)
	}
	k := si.Clamp(float64(since.Seconds())/float64(over.Seconds()), 0, 1)
	p.Load[h] += si.Mul(load-p.Load[h], k)
	p.Solar[h] += si.Mul(solar-p.Solar[h], k)
}

// learnOver is the time constant of what is learnt.
const learnOver = 20 * bess.Minute

// cautious is the share of an import cap that refilling is taken to leave unused
// until it has been seen; who must not cross a limit lives a little under it.
const cautious = 0.03

// refills learns what of the import cap refilling leaves unused, while it is
// the cap that binds: a trickle is held to within its meter's resolution, a large
// supply under load steps further from it.
func (p *Profile) refills(u *bess.Unit, in View, since bess.Span) {
	live := in.Stages.Live
	if live < 0 || live >= len(u.Feeders) || !in.Split.Refill || u.Feeders[live].Kind != bess.Grid {
		return
	}
	limit := agreed(u, in, live)
	power, ok := fresh(in.Snap.Feeders[live].Power, in.Snap.Now, bess.Second)
	if !ok || limit <= 0 {
		return
	}
	lack := 1 - float64(power)/float64(limit)
	if lack > 3*cautious || lack < -cautious {
		return // the packs bind, or a step is being followed
	}
	p.Filled = min(learnOver, p.Filled+since)
	p.Lack += si.Ratio((lack - float64(p.Lack)) * float64(since.Seconds()) / float64(p.Filled.Seconds()))
}

// reach is the share of an import cap that refilling uses. What was seen counts
// by how long it was seen.
func (p *Profile) reach() float64 {
	const enough = 60 * bess.Second
	if p.Filled >= enough {
		return 1 - si.Clamp(float64(p.Lack), 0, 1)
	}
	return 1 - cautious
}

// now is the mean load of the hour that it is, as far as it was seen.
func (p *Profile) now(u *bess.Unit, in View) si.Watts {
	if h := in.Snap.Civil.MinuteOfDay() / 60; p.Known[h] {
		return p.Load[h]
	}
	load, _ := present(u, in)
	return load
}

// unseen is the share of what the circuits are fused for that an hour never
// seen is taken to carry on a store that nothing refills: a usual load factor
// of temporary supplies, since what is promised away cannot be brought back
// (assumption).
const unseen = 0.08

// at is the forecast for an hour. An hour never seen is dark and, on a store
// that nothing refills, no lighter than the present or any hour seen: what is
// promised away cannot be brought back.
func (p *Profile) at(hour int, f *future) (load, solar si.Watts) {
	if p.Known[hour] {
		return p.Load[hour], p.Solar[hour]
	}
	if f.grid > 0 {
		return p.usual(f.least), 0
	}
	load = f.least
	for h := range p.Load {
		if p.Known[h] {
			load = max(load, p.Load[h])
		}
	}
	return load, 0
}

// usual is the mean of the hours seen and one standard deviation on top, as one
// of the energy is kept back; least while none is seen.
func (p *Profile) usual(least si.Watts) si.Watts {
	n, sum := 0.0, si.Watts(0)
	for h := range p.Load {
		if p.Known[h] {
			n, sum = n+1, sum+p.Load[h]
		}
	}
	if n == 0 {
		return least
	}
	mean, square := si.Mul(sum, 1/n), 0.0
	for h := range p.Load {
		if off := float64(p.Load[h] - mean); p.Known[h] {
			square += float64(off * off)
		}
	}
	return mean + si.Watts(math.Sqrt(square/n))
}

// fused is what all circuits together are fused for.
func fused(u *bess.Unit) si.Watts {
	sum := si.Watts(0)
	for i := range u.Circuits {
		c := &u.Circuits[i]
		sum += si.Mul(u.Inverter.PhaseVolts.Times(c.Limit), float64(c.Phases))
	}
	return sum
}

// present is the load of circuits and own use and the solar feed now.
func present(u *bess.Unit, in View) (load, solar si.Watts) {
	const age = 10 * bess.Second
	now := in.Snap.Now
	for i := range in.Snap.Circuits {
		p, _ := fresh(in.Snap.Circuits[i].Power, now, age)
		load += max(0, -p)
	}
	own, _ := fresh(in.Snap.Bus.OwnUse, now, age)
	load += max(0, own)
	for i := range u.Feeders {
		if u.Feeders[i].Kind == bess.Solar {
			p, _ := fresh(in.Snap.Feeders[i].Power, now, age)
			solar += max(0, p)
		}
	}
	return load, solar
}

// fresh is a reading that is good, young enough and finite.
func fresh[T si.Number](r bess.Reading[T], now bess.Instant, age bess.Span) (T, bool) {
	x, ok := r.Fresh(now, age)
	if !ok || !si.Finite(x) {
		return 0, false
	}
	return x, true
}
