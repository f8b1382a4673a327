package session

import (
	"reprise/bess"
	"reprise/bess/si"
)

// Profile is the day that was seen so far: the mean load of circuits with own
// use, and the solar feed, per local hour. It is the plainest forecast:
// tomorrow is like the days before.
type Profile struct {
	Load  [24]si.Watts
	Solar [24]si.Watts
	Known [24]bool
	Last  bess.Instant
}

// learn moves the present hour's means with a time constant of 20 minutes, so
// that an hour is learnt within the hour and yesterday fades.
func (p *Profile) learn(u *bess.Unit, in View) {
	snap := in.Snap
	load, solar := present(u, in)
	h := snap.Civil.MinuteOfDay() / 60
	if !p.Known[h] {
		p.Known[h], p.Load[h], p.Solar[h] = true, load, solar
	}
	k := si.Clamp(float64(snap.Now.Since(p.Last).Seconds())/1200, 0, 1)
	p.Last = snap.Now
	p.Load[h] += si.Mul(load-p.Load[h], k)
	p.Solar[h] += si.Mul(solar-p.Solar[h], k)
}

// unseen is the share of what the circuits are fused for that an hour never
// seen is taken to carry on a store that nothing refills: a usual load factor
// of temporary supplies, since what is promised away cannot be brought back
// (assumption).
const unseen = 0.08

// at is the forecast for an hour. An hour never seen is dark, and no lighter
// than the present or any hour seen: both err towards a smaller promise.
func (p *Profile) at(hour int, least si.Watts) (load, solar si.Watts) {
	if p.Known[hour] {
		return p.Load[hour], p.Solar[hour]
	}
	load = least
	for h := range p.Load {
		if p.Known[h] {
			load = max(load, p.Load[h])
		}
	}
	return load, 0
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
