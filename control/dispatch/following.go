package dispatch

import (
	"reprise/bess"
	"reprise/bess/si"
)

// Stations take seconds to follow an order. Until its meter says that it did,
// an outlet whose offer was lowered still counts with what it draws, and one
// whose offer was raised with what it may come to draw at any moment.

// spare is what is left of the pools for raises now, while s.shares holds what
// every outlet shall come to have: each AC outlet takes the less of its share
// and its offer before, or what it still draws.
func (s *State) spare(u *bess.Unit, in View, p pools) pools {
	for i := range u.Outlets {
		o := &u.Outlets[i]
		if o.Kind == bess.Rapid { // its own fast path holds it
			continue
		}
		takes := max(min(si.Watts(s.shares[i]), s.Offers[i]), s.outletDraw(u, in, i))
		p.take(o, takes)
	}
	return p
}

// take lets an AC outlet have that much of the pools.
func (p *pools) take(o *bess.Outlet, w si.Watts) {
	p.ac -= w
	for k := range o.Phases {
		p.phase[(o.Phase+k)%3] -= si.Mul(w, 1/float64(o.Phases))
	}
}

// room is what the pools leave for one AC outlet.
func (p *pools) room(o *bess.Outlet) si.Watts {
	w := p.ac
	for k := range o.Phases {
		w = min(w, si.Mul(p.phase[(o.Phase+k)%3], float64(o.Phases)))
	}
	return max(0, w)
}

// raised is the offer that an outlet may be raised to at most, which it then
// takes from what is spare.
func (s *State) raised(u *bess.Unit, in View, i int, give si.Watts, spare *pools) si.Watts {
	o := &u.Outlets[i]
	if o.Kind == bess.Rapid || give <= s.Offers[i] {
		return give
	}
	from := max(s.Offers[i], s.outletDraw(u, in, i))
	give = max(s.Offers[i], min(give, from+spare.room(o)))
	if give < in.Wants[i].Least {
		return s.Offers[i] // too little to begin with: others may have it
	}
	if give > from {
		spare.take(o, give-from)
	}
	return give
}

// coming is what vehicles may come to draw on raises that their stations have
// not followed yet. The inverter leaves that much of the supply free.
func (s *State) coming(u *bess.Unit, in View) si.Watts {
	sum := si.Watts(0)
	for i := range u.Outlets {
		if u.Outlets[i].Kind != bess.Rapid && in.Snap.Now < s.RaiseAfter[i] {
			sum += max(0, s.Offers[i]-s.outletDraw(u, in, i))
		}
	}
	return sum
}
