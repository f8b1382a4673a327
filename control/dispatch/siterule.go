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
	s.Refill = b.live && open && soc < target+hold(s.Refill, 0.005)
	s.SelfUse = soc > target-hold(s.SelfUse, 0.02) && b.stored > in.Standing.Reserve
	s.generatorRule(u, in, b, soc, minute)
}

// hold widens a threshold while a state is on, so that it does not flutter.
func hold(on bool, band si.Ratio) si.Ratio {
	if on {
		return band
	}
	return -band
}

func (s *State) generatorRule(u *bess.Unit, in View, b *balance, soc si.Ratio, minute int) {
	site := &u.Site
	quiet := site.QuietHours.Holds(minute) && in.Snap.Civil.Trust != bess.TrustNone
	lost, known := false, false
	for i := range in.Estimates.Packs {
		known = known || in.Estimates.Packs[i].Known
		lost = lost || in.Stages.Packs[i] == bess.PackJoined && !in.Estimates.Packs[i].Known
	}
	load := b.circuits + b.vehicles + b.rapid + b.ownUse - b.solar
	wanted := known && soc < site.StartBelow ||
		site.StartLoad > 0 && load > site.StartLoad ||
		site.LostDataRuns && lost
	if s.Generator {
		wanted = soc < site.StopAbove || site.StartLoad > 0 && load > si.Mul(site.StartLoad, 0.8)
	}
	// Quiet hours yield only to the reserve: an outage is worse than noise.
	if quiet && b.stored > in.Standing.Reserve {
		wanted = false
	}
	s.Generator = wanted
}
