package device

import (
	"context"
	"sync"

	"reprise/bess"
	"reprise/bess/si"
)

// Surroundings is what the machine is told about its supplies by somebody who reads a service or a file: price and carbon
// of their energy. It has no wire of its own; what is told keeps its age like any other reading.
type Surroundings struct {
	clock Clock

	mutex   sync.Mutex
	feeders []struct {
		intensity bess.Reading[si.GramsPerKWh]
		price     bess.Reading[si.Pounds]
	}
}

// NewSurroundings makes the port of a unit with so many supplies.
func NewSurroundings(clock Clock, feeders int) *Surroundings {
	s := &Surroundings{clock: clock}
	s.feeders = make([]struct {
		intensity bess.Reading[si.GramsPerKWh]
		price     bess.Reading[si.Pounds]
	}, max(feeders, 0))
	return s
}

// Tell notes the carbon and the price of a supply's energy now; what is not a finite number is not known.
func (s *Surroundings) Tell(feeder bess.FeederID, intensity si.GramsPerKWh, price si.Pounds) {
	if int(feeder) < 0 || int(feeder) >= len(s.feeders) {
		return
	}
	now := s.clock()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	f := &s.feeders[feeder]
	f.intensity, f.price = bess.Reading[si.GramsPerKWh]{}, bess.Reading[si.Pounds]{}
	if si.Finite(intensity) {
		f.intensity = bess.Of(intensity, now)
	}
	if si.Finite(price) {
		f.price = bess.Of(price, now)
	}
}

// Run waits for the end of ctx: there is no wire.
func (s *Surroundings) Run(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// Sense copies what was told last.
func (s *Surroundings) Sense(snap *bess.Snapshot, _ bess.Instant) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for i := range min(len(s.feeders), len(snap.Feeders)) {
		snap.Feeders[i].Intensity, snap.Feeders[i].Price = s.feeders[i].intensity, s.feeders[i].price
	}
}

// Obey does nothing: the surroundings take no orders.
func (s *Surroundings) Obey(*bess.Commands, bess.Instant) {}

// Watchdog is none, and none is needed.
func (s *Surroundings) Watchdog() (bess.Span, bool) { return 0, false }
