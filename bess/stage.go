package bess

import "reprise/bess/si"

// PackStage is where a pack stands in joining or leaving the bus.
type PackStage uint8

// Stages of a pack.
const (
	PackOpen        PackStage = iota
	PackWaking                // its management system is being woken
	PackPrecharging           // its link is being charged
	PackClosing               // main contactors ordered, feedback awaited
	PackJoined                // carries power
	PackLeaving               // power is being brought to zero
	PackOpening               // contactors ordered open, feedback awaited
	PackCooling               // failed precharge: waits before the next try
	PackLockedOut             // a person must clear it
	PackWelded                // current or voltage after opening: a contactor is welded
	PackService               // taken out by a person
)

// String is the stage in the words of the page.
func (s PackStage) String() string {
	names := [...]string{
		"open", "waking", "precharging", "closing", "joined", "leaving", "opening",
		"cooling down", "locked out", "welded", "out for service",
	}
	if int(s) < len(names) {
		return names[s]
	}
	return "unknown stage"
}

// NetworkState is the state of the AC network.
type NetworkState uint8

// Network states.
const (
	NetworkDead NetworkState = iota
	NetworkGrid
	NetworkGenerator
	NetworkIsland
	NetworkTransferring
)

// String is the state in the words of the page.
func (n NetworkState) String() string {
	names := [...]string{"dead", "grid", "generator", "island", "transferring"}
	if int(n) < len(names) {
		return names[n]
	}
	return "unknown network"
}

// GeneratorStage is where a generator stands.
type GeneratorStage uint8

// Stages of a generator.
const (
	GeneratorOff GeneratorStage = iota
	GeneratorCranking
	GeneratorWarming
	GeneratorRunning
	GeneratorCoolingDown
	GeneratorResting // failed start: waits before the next try
	GeneratorFailed  // a person must clear it
)

// String is the stage in the words of the page.
func (g GeneratorStage) String() string {
	names := [...]string{"off", "cranking", "warming up", "running", "cooling down", "resting before the next try", "failed"}
	if int(g) < len(names) {
		return names[g]
	}
	return "unknown stage"
}

// Service is what the unit as a whole does.
type Service uint8

// States of service.
const (
	ServiceOff Service = iota
	ServiceStarting
	ServiceOn
	ServiceStopping
	ServiceStopped // by emergency stop or an open-all ruling
	ServiceTransport
)

// String is the state in the words of the page.
func (s Service) String() string {
	names := [...]string{"off", "starting", "in service", "stopping", "stopped by safety", "in transport"}
	if int(s) < len(names) {
		return names[s]
	}
	return "unknown"
}

// Stages is where every sequence stands. Sequence writes it; the others read
// the one of the tick before.
type Stages struct {
	Service    Service
	Network    NetworkState
	Since      Instant // of the network state
	Live       int     // feeder that carries the network, or Nobody
	Packs      []PackStage
	PackSince  []Instant
	Generators []GeneratorStage // per feeder; off for those that are none
	Supplies   bool             // outlet supply contactor ordered closed
	Step       Cause            // what a running start or stop waits for
}

// NewStages is everything open and dead, sized for the unit.
func NewStages(u *Unit) Stages {
	return Stages{
		Live:       Nobody,
		Packs:      make([]PackStage, len(u.Packs)),
		PackSince:  make([]Instant, len(u.Packs)),
		Generators: make([]GeneratorStage, len(u.Feeders)),
	}
}

// CopyFrom makes s equal to o without sharing memory.
func (s *Stages) CopyFrom(o *Stages) {
	packs, since, generators := s.Packs, s.PackSince, s.Generators
	copy(packs, o.Packs)
	copy(since, o.PackSince)
	copy(generators, o.Generators)
	*s = *o
	s.Packs, s.PackSince, s.Generators = packs, since, generators
}

// Want is what one vehicle outlet should get, as session sees it.
type Want struct {
	Active   bool
	Power    si.Watts // what the vehicle can take now, magnitude
	Least    si.Watts // below this it takes nothing
	Urgency  si.Ratio // 0: any time; 1: must run now to keep its promise
	Need     si.WattHours
	Priority int
	Budget   si.Watts // highest power that the energy budget allows; equals Power when ample
	Why      Cause
}

// Promise is what a visit was told it will get.
type Promise struct {
	Made     bool
	MadeAt   Civil        // of the first word
	Energy   si.WattHours // in total over the visit
	By       Civil
	Full     bool // the whole need
	Why      Cause
	Waits    Cause // not made yet, or standing still, until this has passed; CauseNone: it is in force
	Revised  Civil // of the last change
	Revision int
	First    si.WattHours
	Due      si.WattHours // as it stood a quarter of an hour before its time, where it fell after that: what is judged
	Broken   bool
}

// Visit is one vehicle's stay at an outlet, or a booking of one.
type Visit struct {
	Number    uint64
	State     VisitState
	Since     Civil
	Need      si.WattHours // 0: not told
	Until     Civil        // departure; UnixMilli 0: not told
	Priority  int
	Delivered si.WattHours
	Grams     int64 // mg CO2e by origin of the delivered energy
	Power     si.Watts
	Promise   Promise
	Booked    bool
	From      Civil    // of a booking
	Rate      si.Watts // of a booking: wanted power
}

// VisitState is where a visit stands.
type VisitState uint8

// States of a visit.
const (
	VisitNone VisitState = iota
	VisitBooked
	VisitWaiting
	VisitCharging
	VisitPaused
	VisitDone
	VisitGone
)

// String is the state in the words of the page.
func (v VisitState) String() string {
	names := [...]string{"free", "booked", "waiting", "charging", "paused", "done", "gone"}
	if int(v) < len(names) {
		return names[v]
	}
	return "unknown"
}

// Carry is what one part carries and why: the explanation of the page.
type Carry struct {
	Power si.Watts // ordered, positive into the bus
	Limit si.Watts // the envelope that binds, magnitude
	Why   Cause
	By    Source
}

// Split is who carries how much: the answer of dispatch.
type Split struct {
	Packs      []Carry // per pack, through its converter, bus side
	Converters []ConverterCommand
	Inverter   InverterCommand
	Feeders    []Carry
	FeederCaps []si.Watts // per feeder: solar curtailment, CCS request
	Outlets    []OutletCommand
	Circuits   []Carry
	CircuitOn  []bool
	Generator  bool // the site rule wants a generator
	Refill     bool
}

// NewSplit is an all-zero split sized for the unit.
func NewSplit(u *Unit) Split {
	return Split{
		Packs:      make([]Carry, len(u.Packs)),
		Converters: make([]ConverterCommand, len(u.Converters)),
		Feeders:    make([]Carry, len(u.Feeders)),
		FeederCaps: make([]si.Watts, len(u.Feeders)),
		Outlets:    make([]OutletCommand, len(u.Outlets)),
		Circuits:   make([]Carry, len(u.Circuits)),
		CircuitOn:  make([]bool, len(u.Circuits)),
	}
}

// CopyFrom makes s equal to o without sharing memory.
func (s *Split) CopyFrom(o *Split) {
	copy(s.Packs, o.Packs)
	copy(s.Converters, o.Converters)
	copy(s.Feeders, o.Feeders)
	copy(s.FeederCaps, o.FeederCaps)
	copy(s.Outlets, o.Outlets)
	copy(s.Circuits, o.Circuits)
	copy(s.CircuitOn, o.CircuitOn)
	s.Inverter, s.Generator, s.Refill = o.Inverter, o.Generator, o.Refill
}
