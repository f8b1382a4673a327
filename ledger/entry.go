package ledger

import (
	"math"

	"crypto/sha256"
	"encoding/binary"

	"reprise/bess"
)

// close ends the period: rounds, mixes the carbon, balances and chains.
func (s *State) close(u *bess.Unit, snap *bess.Snapshot, e *bess.Estimates, entries []bess.Entry, note bess.EntryNote) []bess.Entry {
	entries = grow(entries, mostLegs(u))
	entry := &entries[len(entries)-1]
	entry.Number, entry.From, entry.To, entry.Prev = s.Number+1, s.From, snap.Civil, s.Head
	entry.Note = note
	entry.Legs = s.energyLegs(entry.Legs[:0])
	s.carbonLegs(u, e, entry.Legs)
	s.Totals.Estimated += s.Estimate.take()
	entry.Legs = balance(entry.Legs)
	s.canonical = AppendCanonical(s.canonical[:0], entry)
	entry.Hash = sha256.Sum256(s.canonical)
	s.Number, s.Head, s.From = entry.Number, entry.Hash, snap.Civil
	s.sum(entry)
	return entries
}

// grow lengthens entries by one, keeping the memory of legs beyond its length:
// only the very first entry of a caller allocates.
func grow(entries []bess.Entry, legs int) []bess.Entry {
	if len(entries) == cap(entries) {
		return append(entries, bess.Entry{Legs: make([]bess.Leg, 0, legs)})
	}
	entries = entries[:len(entries)+1]
	if e := &entries[len(entries)-1]; e.Legs == nil {
		e.Legs = make([]bess.Leg, 0, legs)
	}
	return entries
}

func (s *State) energyLegs(legs []bess.Leg) []bess.Leg {
	legs = meters(legs, bess.AccountFeeder, s.Feeders)
	legs = meters(legs, bess.AccountExport, s.Exports)
	legs = meters(legs, bess.AccountPack, s.Packs)
	legs = meters(legs, bess.AccountOutlet, s.Outlets)
	legs = meters(legs, bess.AccountCircuit, s.Circuits)
	if x := s.OwnUse.take(); x != 0 {
		legs = append(legs, bess.Leg{Kind: bess.AccountOwnUse, MilliWattHour: x})
	}
	return meters(legs, bess.AccountLoss, s.Losses)
}

func meters(legs []bess.Leg, kind bess.AccountKind, m []Meter) []bess.Leg {
	for i := range m {
		if x := m[i].take(); x != 0 {
			legs = append(legs, bess.Leg{Kind: kind, Index: i, MilliWattHour: x})
		}
	}
	return legs
}

// carbonLegs lets the carbon of all sources of the period flow to its sinks in
// proportion to their energy.
func (s *State) carbonLegs(u *bess.Unit, e *bess.Estimates, legs []bess.Leg) {
	brought, taken := int64(0), int64(0)
	for k := range legs {
		l := &legs[k]
		switch {
		case l.Kind == bess.AccountFeeder && l.MilliWattHour < 0:
			whole := math.Floor(s.Brought[l.Index])
			s.Brought[l.Index] -= whole
			l.Milligram = -int64(whole)
		case l.Kind == bess.AccountPack && l.MilliWattHour < 0:
			l.Milligram = -s.withdraw(u, e, l.Index, -l.MilliWattHour)
		case sink(l):
			taken += l.MilliWattHour
		}
		brought -= l.Milligram
	}
	last := -1
	left := brought
	for k := range legs {
		l := &legs[k]
		if !sink(l) {
			continue
		}
		l.Milligram = int64(float64(brought) * (float64(l.MilliWattHour) / float64(taken)))
		left -= l.Milligram
		last = k
	}
	if last >= 0 { // what rounding left over, a few milligrams
		legs[last].Milligram += left
	}
	for k := range legs {
		s.deliver(&legs[k])
	}
}

func sink(l *bess.Leg) bool {
	if l.MilliWattHour <= 0 {
		return false
	}
	switch l.Kind {
	case bess.AccountOutlet, bess.AccountCircuit, bess.AccountOwnUse, bess.AccountExport, bess.AccountPack:
		return true
	default:
		return false
	}
}

// withdraw takes from a pack's stock the part that the energy is of what it
// held before.
func (s *State) withdraw(u *bess.Unit, e *bess.Estimates, i int, milliWattHour int64) int64 {
	before := float64(float64(held(u, e, i))*1000) + float64(milliWattHour)
	if before <= 0 {
		return 0
	}
	part := min(1, float64(milliWattHour)/before)
	mg := int64(float64(s.Stock[i]) * part)
	s.Stock[i] -= mg
	return mg
}

func (s *State) deliver(l *bess.Leg) {
	switch l.Kind {
	case bess.AccountPack:
		if l.Milligram > 0 {
			s.Stock[l.Index] += l.Milligram
		}
	case bess.AccountOutlet:
		s.Visits[l.Index].MilliWattHour += l.MilliWattHour
		s.Visits[l.Index].Milligram += l.Milligram
	default: // nothing is held there
	}
}

// balance books the residual to unmeasured, so that the legs sum to zero.
func balance(legs []bess.Leg) []bess.Leg {
	energy, grams := Sum(legs)
	return append(legs, bess.Leg{Kind: bess.AccountUnmeasured, MilliWattHour: -energy, Milligram: -grams})
}

// Sum is the sum over legs of both amounts; zero for every entry.
func Sum(legs []bess.Leg) (milliWattHour, milligram int64) {
	for i := range legs {
		milliWattHour += legs[i].MilliWattHour
		milligram += legs[i].Milligram
	}
	return milliWattHour, milligram
}

// Hash is the SHA-256 of an entry's canonical bytes. Anyone can recompute it
// from the exported entry.
func Hash(e *bess.Entry) [32]byte { return sha256.Sum256(AppendCanonical(nil, e)) }

// AppendCanonical appends the bytes that an entry's hash covers: number, from
// and to (ms since 1970), note, then kind, index, mWh and mg of every leg, each
// as 64-bit little-endian integer, then the hash before it.
func AppendCanonical(b []byte, e *bess.Entry) []byte {
	put := func(x int64) { b = binary.LittleEndian.AppendUint64(b, uint64(x)) }
	put(int64(e.Number))
	put(e.From.UnixMilli)
	put(e.To.UnixMilli)
	put(int64(e.Note))
	for i := range e.Legs {
		l := &e.Legs[i]
		put(int64(l.Kind))
		put(int64(l.Index))
		put(l.MilliWattHour)
		put(l.Milligram)
	}
	return append(b, e.Prev[:]...)
}

// sum adds an entry to the totals.
func (s *State) sum(e *bess.Entry) {
	t := &s.Totals
	for i := range e.Legs {
		l := &e.Legs[i]
		switch l.Kind {
		case bess.AccountFeeder:
			t.In -= l.MilliWattHour
			t.GramsIn -= l.Milligram
		case bess.AccountExport:
			t.Export += l.MilliWattHour
		case bess.AccountPack:
			t.Stored += l.MilliWattHour
		case bess.AccountOutlet:
			t.Vehicles += l.MilliWattHour
			t.GramsOut += l.Milligram
		case bess.AccountCircuit:
			t.Circuits += l.MilliWattHour
			t.GramsOut += l.Milligram
		case bess.AccountOwnUse:
			t.OwnUse += l.MilliWattHour
		case bess.AccountLoss:
			t.Loss += l.MilliWattHour
		case bess.AccountUnmeasured:
			t.Unmeasured += l.MilliWattHour
			t.Absolute += max(l.MilliWattHour, -l.MilliWattHour)
		}
	}
}

// UnmeasuredShare is the sum of the residuals' magnitudes over the throughput
// (what feeders brought and packs gave); 0 before the first entry.
func (t *Totals) UnmeasuredShare() float64 {
	through := t.Vehicles + t.Circuits + t.OwnUse + t.Loss + t.Export + max(0, t.Stored)
	if through <= 0 {
		return 0
	}
	return float64(t.Absolute) / float64(through)
}

// Resume continues a chain from its last durable entry: the store's head beats
// a checkpoint.
func (s *State) Resume(number uint64, head [32]byte) {
	s.Number, s.Head, s.Begun = number, head, false
}
