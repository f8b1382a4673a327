package bess

import "reprise/bess/si"

// Estimates is our own picture of every pack and of the whole store.
type Estimates struct {
	Packs []PackEstimate
	Unit  UnitEstimate
}

// NewEstimates knows nothing yet, sized for the unit.
func NewEstimates(u *Unit) Estimates {
	return Estimates{Packs: make([]PackEstimate, len(u.Packs))}
}

// CopyFrom makes e equal to o without sharing memory.
func (e *Estimates) CopyFrom(o *Estimates) {
	copy(e.Packs, o.Packs)
	e.Unit = o.Unit
}

// Desk is where the requests of one tick lie with their answers. Each room
// answers the verbs that it owns.
type Desk struct {
	Requests []Request
	Answers  []Answer // parallel to Requests
}

// Open lays the requests of a tick on the desk, reusing the answers' memory,
// and refuses those that have expired. An answer whose ID is zero is pending.
func (d *Desk) Open(requests []Request, now Instant) {
	d.Requests = requests
	d.Answers = d.Answers[:0]
	for i := range requests {
		d.Answers = append(d.Answers, Answer{})
		if requests[i].Expires < now {
			d.Refuse(i, RefusedExpired)
		}
	}
}

// Pending reports whether request i still waits for its answer.
func (d *Desk) Pending(i int) bool { return d.Answers[i].ID == 0 }

// Grant answers request i with yes.
func (d *Desk) Grant(i int) { d.Answers[i] = Answer{ID: d.Requests[i].ID, Granted: true} }

// Refuse answers request i with no and the reason.
func (d *Desk) Refuse(i int, why Refusal) {
	d.Answers[i] = Answer{ID: d.Requests[i].ID, Why: why}
}

// Standing is what people have set and stays set until changed: it survives
// restarts. It may narrow what is installed, never widen it.
type Standing struct {
	Records    []SiteRecord // per feeder, as found on arrival
	FeederOff  []bool
	OutletOff  []bool
	CircuitOff []bool
	Priority   []int // per circuit; 1 is shed last
	ImportCap  Limit
	Reserve    si.WattHours
	Transport  bool
}

// NewStanding is the standing of the installation.
func NewStanding(u *Unit) Standing {
	s := Standing{
		Records:    make([]SiteRecord, len(u.Feeders)),
		FeederOff:  make([]bool, len(u.Feeders)),
		OutletOff:  make([]bool, len(u.Outlets)),
		CircuitOff: make([]bool, len(u.Circuits)),
		Priority:   make([]int, len(u.Circuits)),
		ImportCap:  Ceiling(u.Site.ImportCap, SourceInstalled, CauseImportCap),
		Reserve:    u.Site.Reserve,
		Transport:  u.Site.Transport,
	}
	for i := range u.Feeders {
		s.Records[i] = u.Feeders[i].Record
	}
	for i := range u.Circuits {
		s.Priority[i] = u.Circuits[i].Priority
	}
	return s
}

// CopyFrom makes s equal to o without sharing memory.
func (s *Standing) CopyFrom(o *Standing) {
	copy(s.Records, o.Records)
	copy(s.FeederOff, o.FeederOff)
	copy(s.OutletOff, o.OutletOff)
	copy(s.CircuitOff, o.CircuitOff)
	copy(s.Priority, o.Priority)
	s.ImportCap, s.Reserve, s.Transport = o.ImportCap, o.Reserve, o.Transport
}

// Close refuses every request that no room answered: nobody owns its verb.
func (d *Desk) Close() {
	for i := range d.Requests {
		if d.Pending(i) {
			d.Refuse(i, RefusedForbidden)
		}
	}
}
