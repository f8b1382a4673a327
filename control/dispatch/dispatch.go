// Package dispatch answers who carries how much now: packs, converters,
// inverter, feeders, outlets and circuits. It shares by what each part can
// give, never equally, and says for every part which limit binds and who set
// it.
//
// The order within a tick: what every pack can do (envelopes), what the loads
// and supplies are (balance), what vehicles may draw (outlets), what general
// loads stay on (circuits), what the packs must carry in sum (target), and who
// of them carries it (share).
package dispatch

import (
	"reprise/bess"
	"reprise/bess/si"
)

// View is what dispatch may see of a tick.
type View struct {
	Snap      *bess.Snapshot
	Estimates *bess.Estimates
	Verdict   *bess.Verdict
	Stages    *bess.Stages
	Standing  *bess.Standing
	Wants     []bess.Want
	Ordered   *bess.Commands // of the tick before
}

// orderLife is how long converters and inverter obey an order that is not
// renewed; their own heartbeats are not longer.
const orderLife = bess.Second

// Readings older than these are not used. Meters of stations come slowly.
const (
	fastAge  = bess.Second
	meterAge = 30 * bess.Second
)

// State is what dispatch remembers.
type State struct {
	Offers     []si.Watts     // per outlet: power last offered, magnitude
	RaiseAfter []bess.Instant // per outlet: no raise before
	Shed       []bool         // per circuit
	ShedAt     []bess.Instant // per circuit: of the last change
	Restores   []int          // per circuit: in a row to restore it that did not last
	LastDraw   []si.Watts     // per circuit: what it usually draws while it is on
	OverAt     bess.Instant   // more is drawn than lasts since; 0: not
	Metered    si.Watts       // load of the AC bus, by the feeder's and the inverter's meters
	MeteredAt  bess.Instant   // of that feeder reading
	LastShed   bess.Instant
	PowerAt    bess.Instant // the network carries loads since; 0: dark, or between two networks
	Absence    bess.Absence
	Generator  bool
	WantedAt   bess.Instant // a reason for a generator exists since; 0: none
	Refill     bool
	SelfUse    bool
	Trim       si.Watts // correction of the converters' sum from the measured import

	envelopes []bess.Envelope
	weights   []float64
	caps      []float64
	shares    []float64
	order     []int
}

// New remembers nothing yet.
func New(u *bess.Unit) State {
	n := max(len(u.Packs), len(u.Outlets))
	return State{
		Offers:     make([]si.Watts, len(u.Outlets)),
		RaiseAfter: make([]bess.Instant, len(u.Outlets)),
		Shed:       make([]bool, len(u.Circuits)),
		ShedAt:     make([]bess.Instant, len(u.Circuits)),
		Restores:   make([]int, len(u.Circuits)),
		LastDraw:   make([]si.Watts, len(u.Circuits)),
		envelopes:  make([]bess.Envelope, len(u.Packs)),
		weights:    make([]float64, n),
		caps:       make([]float64, n),
		shares:     make([]float64, n),
		order:      make([]int, len(u.Outlets)),
	}
}

// CopyFrom makes s equal to o without sharing memory.
func (s *State) CopyFrom(o *State) {
	copy(s.Offers, o.Offers)
	copy(s.RaiseAfter, o.RaiseAfter)
	copy(s.Shed, o.Shed)
	copy(s.ShedAt, o.ShedAt)
	copy(s.Restores, o.Restores)
	copy(s.LastDraw, o.LastDraw)
	s.OverAt, s.Metered, s.MeteredAt = o.OverAt, o.Metered, o.MeteredAt
	s.PowerAt, s.Absence = o.PowerAt, o.Absence
	s.LastShed, s.Generator, s.WantedAt, s.Refill, s.SelfUse, s.Trim = o.LastShed, o.Generator, o.WantedAt, o.Refill, o.SelfUse, o.Trim
}

// Update decides the split of this tick.
func (s *State) Update(u *bess.Unit, in View, split *bess.Split) {
	s.Absence.Tick(in.Snap.Now)
	b := s.weigh(u, in, split)
	s.siteRule(u, in, &b)
	s.returning(u, in, &b)
	s.outlets(u, in, &b, split)
	s.circuits(u, in, &b, split)
	s.feeders(u, in, &b, split)
	switch {
	case b.live:
		s.onNetwork(u, in, &b, split)
		if !b.follows {
			s.standBy(u, in, &b, split)
		}
	case b.island:
		s.inIsland(u, in, &b, split)
	default:
		s.idle(u, in, &b, split)
	}
	split.Generator, split.Refill = s.Generator, s.Refill
}

// balance is the tick's powers, W. Draws and feeds are magnitudes.
type balance struct {
	now       bess.Instant
	fast      bess.Span // how old a fast reading may be
	slow      bess.Span // and one that comes at half the pace
	live      bool      // a grid or generator carries the AC bus
	generator bool      // that feeder is a generator
	follows   bool      // the inverter is on that network
	island    bool
	feeder    int      // that carries it
	supply    si.Watts // most that the live feeder may give
	least     si.Watts // least that it should give: a diesel set's good load band
	phaseRoom si.Watts // most that the inverter may draw before a phase is full
	phaseOver si.Watts // by which the fullest phase is over its limit
	parallel  si.Watts // most that the inverter may feed while a feeder is live
	export    si.Watts // most that may go back into the feeder
	circuits  si.Watts // drawn by general loads
	vehicles  si.Watts // drawn by AC outlets
	rapid     si.Watts // drawn from the DC bus by rapid outlets
	solar     si.Watts // fed on the AC bus
	direct    si.Watts // fed on the DC bus (CCS, DC solar)
	ownUse    si.Watts
	given     si.Watts // by packs and supplies without the sun on the AC bus, metered
	metered   bool     // that is known
	discharge si.Watts // sum of the packs' envelopes, bus side
	charge    si.Watts
	stored    si.WattHours
	inverter  si.Watts // its rating now
	imported  bess.Reading[si.Watts]
	volts     si.Volts // of a phase
	first     bool     // power has just come back: general loads are closed before vehicles draw
}

// acDraw is what the AC bus needs beside the inverter; negative: surplus.
func (b *balance) acDraw() si.Watts { return b.circuits + b.vehicles - b.solar }

// dcDraw is what the DC bus needs beside inverter and converters.
func (b *balance) dcDraw() si.Watts { return b.rapid + b.ownUse - b.direct }
