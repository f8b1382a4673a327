package ocpp

import "sync/atomic"

// Counters say how often what happened since the start. Everything that is refused or dropped is in one of them.
type Counters struct {
	Connections    uint64 // handshakes that succeeded
	RefusedAccess  uint64 // handshakes without the right to connect
	RefusedName    uint64 // handshakes with an identity that is none
	RefusedVersion uint64 // handshakes that offered no sub-protocol of ours
	RefusedRoom    uint64 // handshakes above the number of stations, or after closing
	RefusedUpgrade uint64 // requests that are no WebSocket handshake or come from a foreign page
	Replaced       uint64 // connections that gave way to a newer one of their identity
	Silent         uint64 // connections ended because nothing was heard
	Stuck          uint64 // connections ended because nothing could be written
	Flooded        uint64 // connections ended because of too many calls

	Oversize  uint64 // messages above the size limit; each ends its connection
	Binary    uint64 // binary messages, ignored
	Malformed uint64 // messages that are no OCPP-J frame

	Calls            uint64 // calls received
	RepeatedCalls    uint64 // calls received again and answered as before
	ReusedIDs        uint64 // calls with the id of an earlier and different call
	UnknownActions   uint64 // calls refused with NotImplemented
	UnsupportedCalls uint64 // calls refused with NotSupported
	InvalidCalls     uint64 // calls whose payload broke the schema
	QueueFull        uint64 // calls refused because too many waited
	FailedHandlers   uint64 // calls that the handler could not answer, or answered outside the schema
	CallsMade        uint64 // calls sent
	Timeouts         uint64 // calls that ended without an answer in time
	UnmatchedAnswers uint64 // answers to no outstanding call: late or never asked for
	InvalidAnswers   uint64 // answers whose payload broke the schema
	ErrorAnswers     uint64 // calls that the other side refused
}

// counters is the same for many goroutines.
type counters struct {
	connections, refusedAccess, refusedName, refusedVersion, refusedRoom, refusedUpgrade atomic.Uint64
	replaced, silent, stuck, flooded                                                     atomic.Uint64
	oversize, binary, malformed                                                          atomic.Uint64
	calls, repeatedCalls, reusedIDs, unknownActions, unsupportedCalls, invalidCalls      atomic.Uint64
	queueFull, failedHandlers, callsMade, timeouts                                       atomic.Uint64
	unmatchedAnswers, invalidAnswers, errorAnswers                                       atomic.Uint64
}

// read returns the counts.
func (c *counters) read() Counters {
	return Counters{
		Connections:      c.connections.Load(),
		RefusedAccess:    c.refusedAccess.Load(),
		RefusedName:      c.refusedName.Load(),
		RefusedVersion:   c.refusedVersion.Load(),
		RefusedRoom:      c.refusedRoom.Load(),
		RefusedUpgrade:   c.refusedUpgrade.Load(),
		Replaced:         c.replaced.Load(),
		Silent:           c.silent.Load(),
		Stuck:            c.stuck.Load(),
		Flooded:          c.flooded.Load(),
		Oversize:         c.oversize.Load(),
		Binary:           c.binary.Load(),
		Malformed:        c.malformed.Load(),
		Calls:            c.calls.Load(),
		RepeatedCalls:    c.repeatedCalls.Load(),
		ReusedIDs:        c.reusedIDs.Load(),
		UnknownActions:   c.unknownActions.Load(),
		UnsupportedCalls: c.unsupportedCalls.Load(),
		InvalidCalls:     c.invalidCalls.Load(),
		QueueFull:        c.queueFull.Load(),
		FailedHandlers:   c.failedHandlers.Load(),
		CallsMade:        c.callsMade.Load(),
		Timeouts:         c.timeouts.Load(),
		UnmatchedAnswers: c.unmatchedAnswers.Load(),
		InvalidAnswers:   c.invalidAnswers.Load(),
		ErrorAnswers:     c.errorAnswers.Load(),
	}
}
