package dispatch

import (
	"reprise/bess"
	"reprise/bess/si"
)

// siteRule is the plain rule that runs the unit until a plan says better: when
// to refill, when to use what was stored above the target, when a generator is
// wanted.
func (s *State) siteRule(u *bess.Unit, in View, b *balance) {
	site := &u.Site
	soc := in.Estimates.Unit.SoC
	minute := in.Snap.Civil.MinuteOfDay()
	// Without a trusted clock a window cannot be judged; then refill whenever
	// there is supply, which errs towards being able to serve.
	open := site.RefillWindow.From == site.RefillWindow.To ||
		in.Snap.Civil.Trust == bess.TrustNone || site.RefillWindow.Holds(minute)
	target := site.RefillTarget
	if b.generator { // a set runs well under load: it fills while it runs
		open, target = true, site.StopAbove
	}
	s.Refill = b.live && open && soc < target+hold(s.Refill, 0.005)
	s.SelfUse = soc > site.RefillTarget-hold(s.SelfUse, 0.02) && b.stored > in.Standing.Reserve
	s.generatorRule(u, in, b, minute)
}

// hold widens a threshold while a state is on, so that it does not flutter.
func hold(on bool, band si.Ratio) si.Ratio {
	if on {
		return band
	}
	return -band
}

// wantFor is how long a reason for a generator must last before it is started.
const wantFor = 5 * bess.Second

// generatorRule decides whether the site wants a generator: by charge, by
// load, by lost pack data. Beside a grid it is not wanted: it could only idle.
func (s *State) generatorRule(u *bess.Unit, in View, b *balance, minute int) {
	site := &u.Site
	soc, known, lost := charge(in)
	load := b.load()
	wanted := known && soc < site.StartBelow || site.StartLoad > 0 && load > site.StartLoad || site.LostDataRuns && lost
	if s.Generator {
		wanted = !known || soc < site.StopAbove || site.StartLoad > 0 && load > si.Mul(site.StartLoad, 0.8)
	}
	// Quiet hours yield only to the reserve: an outage is worse than noise.
	quiet := site.QuietHours.Holds(minute) && in.Snap.Civil.Trust != bess.TrustNone
	if quiet && b.stored > in.Standing.Reserve || in.Stages.Network == bess.NetworkGrid {
		wanted = false
	}
	switch {
	case !wanted:
		s.Generator, s.WantedAt = false, 0
	case s.WantedAt == 0:
		s.WantedAt = max(1, b.now)
	case b.now.Since(s.WantedAt) >= wantFor:
		s.Generator = true
	}
}

// load is what all loads take beyond the sun on the AC bus. As told by circuits
// and stations, but not more than packs and supplies measurably give: a station
// may still tell what it drew before the supply was lost.
func (b *balance) load() si.Watts {
	told := b.circuits + b.vehicles + b.rapid + b.ownUse - b.solar
	if b.metered {
		return min(told, b.given)
	}
	return told
}

// charge is the charge of the packs that report, as a share of what those hold
// when full. A pack that sleeps says nothing about the others. lost: a joined
// pack does not report.
func charge(in View) (soc si.Ratio, known, lost bool) {
	stored, full := si.WattHours(0), si.WattHours(0)
	for i := range in.Estimates.Packs {
		switch e := &in.Estimates.Packs[i]; {
		case e.Known:
			stored, full = stored+e.Stored, full+e.Full
		case in.Stages.Packs[i] == bess.PackJoined:
			lost = true
		}
	}
	if full <= 0 {
		return 0, false, lost
	}
	return si.Ratio(float64(stored) / float64(full)), true, lost
}
