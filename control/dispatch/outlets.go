package dispatch

import (
	"reprise/bess"
	"reprise/bess/si"
)

// raiseEvery is the shortest time between two raises of an outlet's offer:
// stations take up to 5 s to follow, and a flapping offer makes vehicles give
// up. Lowering is never delayed.
const raiseEvery = 10 * bess.Second

// islandHeadroom is the share of the inverter that outlets leave free in
// island, for inrush of general loads.
const islandHeadroom = 0.9

// pools are the powers that vehicles may share: in all, through the AC bus,
// through the DC bus, and per phase.
type pools struct {
	all, ac, dc si.Watts
	phase       [3]si.Watts
	why         bess.Cause
}

// outlets decides every vehicle's offer over the whole set at once.
func (s *State) outlets(u *bess.Unit, in View, b *balance, split *bess.Split) {
	p := s.pool(u, in, b)
	whole := p
	s.rank(in)
	for i := range u.Outlets {
		s.shares[i] = 0
	}
	for _, i := range s.order { // the least that each follows, in rank
		w := &in.Wants[i]
		if w.Active {
			s.grant(u, i, min(w.Least, w.Budget), w.Least, &p)
		}
	}
	for round := 0; round < 8; round++ { // then even steps up to what each can take
		step := p.all / si.Watts(max(1, s.hungry(u, in)))
		moved := false
		for _, i := range s.order {
			w := &in.Wants[i]
			if w.Active && s.shares[i] > 0 {
				room := min(w.Budget, w.Power) - si.Watts(s.shares[i])
				moved = s.grant(u, i, min(room, step), 1, &p) || moved
			}
		}
		if !moved {
			break
		}
	}
	spare := s.spare(u, in, whole)
	for _, i := range s.order {
		s.offer(u, in, i, p.why, &spare, split)
	}
}

func (s *State) hungry(u *bess.Unit, in View) int {
	n := 0
	for i := range u.Outlets {
		w := &in.Wants[i]
		if w.Active && s.shares[i] > 0 && si.Watts(s.shares[i]) < min(w.Budget, w.Power) {
			n++
		}
	}
	return n
}

// rank orders outlets by priority, then urgency, then number. An outlet that
// is already served keeps a small lead, so that equal needs do not flap.
func (s *State) rank(in View) {
	for i := range s.order {
		s.order[i] = i
	}
	for i := 1; i < len(s.order); i++ { // insertion sort: stable, small, no allocation
		for j := i; j > 0 && s.before(in, s.order[j], s.order[j-1]); j-- {
			s.order[j], s.order[j-1] = s.order[j-1], s.order[j]
		}
	}
}

func (s *State) before(in View, a, b int) bool {
	wa, wb := &in.Wants[a], &in.Wants[b]
	if wa.Priority != wb.Priority {
		return wa.Priority > wb.Priority
	}
	ua, ub := wa.Urgency, wb.Urgency
	if s.Offers[a] > 0 {
		ua += 0.1
	}
	if s.Offers[b] > 0 {
		ub += 0.1
	}
	return ua > ub
}

// grant gives outlet i up to want more, if at least least of it fits in every
// pool that it draws from.
func (s *State) grant(u *bess.Unit, i int, want, least si.Watts, p *pools) bool {
	o := &u.Outlets[i]
	fits := min(want, p.all)
	if o.Kind == bess.Rapid {
		fits = min(fits, p.dc)
	} else {
		fits = min(fits, p.ac)
		for k := 0; k < o.Phases; k++ {
			fits = min(fits, si.Mul(p.phase[(o.Phase+k)%3], float64(o.Phases)))
		}
	}
	if fits < least || fits <= 0 {
		return false
	}
	s.shares[i] += float64(fits)
	p.all -= fits
	if o.Kind == bess.Rapid {
		p.dc -= fits
		return true
	}
	p.ac -= fits
	for k := 0; k < o.Phases; k++ {
		p.phase[(o.Phase+k)%3] -= si.Mul(fits, 1/float64(o.Phases))
	}
	return true
}

// pool is what the vehicles may share now.
func (s *State) pool(u *bess.Unit, in View, b *balance) pools {
	discharge := b.discharge
	if b.stored <= 0 {
		discharge = 0
	}
	dcLoads := b.ownUse - b.direct
	if b.first {
		return pools{why: bess.CausePriority}
	}
	circuits := b.circuits + s.owed(u, b) // general loads come first
	if !b.live && !b.island {
		return pools{why: bess.CauseNoNetwork}
	}
	if b.island {
		feed := si.Mul(b.inverter, islandHeadroom)
		p := pools{
			all: discharge + b.solar - circuits - dcLoads, ac: min(feed, discharge-dcLoads) + b.solar - circuits,
			dc: discharge - dcLoads, why: bess.CauseIslandHeadroom,
		}
		s.phasePool(u, in, b, si.Amps(float64(feed)/float64(b.volts)/3), &p)
		return p
	}
	feed := min(b.parallel, max(0, discharge-dcLoads))
	fromGrid := b.supply + b.solar - circuits
	p := pools{
		all: b.supply + b.solar - circuits + discharge - dcLoads,
		ac:  fromGrid + feed,
		dc:  discharge - dcLoads + min(b.inverter, max(0, fromGrid)),
		why: bess.CauseImportCap,
	}
	// The inverter feeds all phases alike, and no more than is drawn and may go
	// back: one phase that is full beside empty ones finds little help in it.
	feed = min(feed, max(0, b.acDraw()+b.export-importMargin))
	limit := u.Feeders[b.feeder].PhaseLimit + si.Amps(float64(feed)/float64(b.volts)/3)
	s.phasePool(u, in, b, limit, &p)
	return p
}

// phasePool is what each phase can still carry beside the general loads.
func (s *State) phasePool(u *bess.Unit, in View, b *balance, limit si.Amps, p *pools) {
	for k := range p.phase {
		p.phase[k] = b.volts.Times(limit)
	}
	for i := range u.Circuits {
		c := &u.Circuits[i]
		v := &in.Snap.Circuits[i]
		if v.Closed.IsNot(b.now, b.fast) {
			if s.Shed[i] { // it is to find room when it comes back
				for k := range c.Phases {
					p.phase[(c.Phase+k)%3] -= si.Mul(s.LastDraw[i], restoreRoom/float64(c.Phases))
				}
			}
			continue
		}
		for k := 0; k < c.Phases; k++ {
			phase := (c.Phase + k) % 3
			amps, ok := v.PhaseAmps[phase].Fresh(b.now, b.slow)
			if !ok {
				amps = c.Limit
			}
			p.phase[phase] -= b.volts.Times(si.Abs(amps))
		}
	}
}

// offer turns a share into an order that a station can follow: whole amps, the
// minimum or nothing, lowered at once and raised slowly, into what is spare.
func (s *State) offer(u *bess.Unit, in View, i int, short bess.Cause, spare *pools, split *bess.Split) {
	o := &u.Outlets[i]
	w := &in.Wants[i]
	give := si.Watts(s.shares[i])
	why := w.Why
	switch {
	case !w.Active:
		give = 0
	case give < w.Least:
		give, why = 0, short
		if w.Budget < w.Least {
			why = w.Why
		}
	case give < min(w.Power, w.Budget):
		why = short
	}
	now := in.Snap.Now
	if r := in.Verdict.Outlets[i]; r.Level >= bess.LevelStop {
		give, why = 0, bess.CauseTripped
	}
	if give > s.Offers[i] && s.Offers[i] > 0 && now < s.RaiseAfter[i] {
		give = s.Offers[i]
	}
	if room := s.raised(u, in, i, give, spare); room < give {
		give, why = room, short
	}
	order := bess.OutletCommand{
		Enable: w.Active, Why: why,
		Lease: bess.Lease{By: bess.SourceDispatch, Until: now.Add(o.Hold)},
	}
	volts := u.Inverter.PhaseVolts
	if o.Kind == bess.Rapid {
		order.Power = min(give, o.Rated)
	} else {
		amps := give.At(si.Mul(volts, float64(o.Phases)))
		order.Current = wholeAmps(min(amps, o.Current), o.Minimum)
		give = si.Mul(volts.Times(order.Current), float64(o.Phases))
	}
	if give > s.Offers[i] {
		s.RaiseAfter[i] = now.Add(raiseEvery)
	}
	s.Offers[i] = give
	split.Outlets[i] = order
}

// wholeAmps rounds down to whole amps; below the minimum it is nothing.
func wholeAmps(i, minimum si.Amps) si.Amps {
	i = si.Amps(int(float64(i) + 1e-6))
	if i < minimum {
		return 0
	}
	return i
}
