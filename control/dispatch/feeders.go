package dispatch

import (
	"reprise/bess"
	"reprise/bess/si"
)

// feeders bounds what solar and CCS may feed, so that no more comes in than
// loads and packs can take, and explains every feeder.
func (s *State) feeders(u *bess.Unit, in View, b *balance, split *bess.Split) {
	absorb := si.Watts(0)
	if b.live || b.island {
		absorb = min(b.inverter, max(0, b.charge+b.rapid+b.ownUse-b.direct))
	}
	solar := b.circuits + b.vehicles + absorb + b.export
	switch {
	case b.live && b.generator:
		solar = s.besideSet(in, b)
	case b.live && b.export == 0:
		solar -= importMargin
	}
	for i := range u.Feeders {
		f := &u.Feeders[i]
		carry := bess.Carry{By: bess.SourceDispatch, Why: bess.CauseNotNeeded}
		carry.Power, _ = in.Snap.Feeders[i].Power.Fresh(b.now, b.slow)
		carry.Limit = feederLimit(u, in, i, b.volts)
		switch {
		case f.Kind == bess.Solar:
			split.FeederCaps[i] = max(0, min(solar, carry.Limit))
			carry.Why = bess.CauseFeeds
			if split.FeederCaps[i] < carry.Limit {
				carry.Why, carry.Limit = bess.CauseNoExport, split.FeederCaps[i]
			}
		case f.DC:
			split.FeederCaps[i] = max(0, min(carry.Limit, b.charge+s.taken(u, in, b)))
			carry.Why = bess.CauseRefill
		case i == b.feeder && b.live:
			split.FeederCaps[i] = carry.Limit
			carry.Why = s.feederCause(u, in, i, carry)
		case !in.Standing.Records[i].Holds(b.now):
			carry.Why = bess.CauseArrival
		case in.Standing.FeederOff[i]:
			carry.Why = bess.CauseOperatorOff
		}
		split.Feeders[i] = carry
	}
}

// besideSet is what solar may feed beside a generator: what the AC loads alone
// take, less the set's minimum load. What the packs take counts for nothing:
// converters and inverter stop with their heartbeats, and what they took would
// push the set backwards before solar's own limit falls. Of the loads as told
// and as metered the lower counts.
func (s *State) besideSet(in View, b *balance) si.Watts {
	return min(b.circuits+b.vehicles, s.metered(in, b)+b.solar) - b.least
}

// taken is what the DC bus gives away by its meters. A DC supply must not give
// more than that and what the packs may be charged with: here the least that a
// load could be counts, not the most.
func (s *State) taken(u *bess.Unit, in View, b *balance) si.Watts {
	sum, _ := in.Snap.Bus.OwnUse.Fresh(b.now, meterAge)
	if p, ok := in.Snap.Inverter.Power.Fresh(b.now, b.fast); ok {
		sum = max(0, sum) + max(0, p)
	}
	for i := range u.Outlets {
		if p, ok := in.Snap.Outlets[i].Power.Fresh(b.now, meterAge); ok && u.Outlets[i].Kind == bess.Rapid && p < 0 {
			sum += -p + lossAt(u.Outlets[i].Loss, u.Outlets[i].Rated, -p)
		}
	}
	return sum
}

func (s *State) feederCause(u *bess.Unit, in View, i int, c bess.Carry) bess.Cause {
	near := c.Power > si.Mul(c.Limit, 0.97)
	switch {
	case near && u.Feeders[i].Kind == bess.Generator:
		return bess.CauseGeneratorBand
	case near && c.Limit >= in.Standing.ImportCap.Power:
		return bess.CauseImportCap
	case near:
		return bess.CauseFeederLimit
	case s.Refill:
		return bess.CauseRefill
	}
	return bess.CauseFeeds
}
