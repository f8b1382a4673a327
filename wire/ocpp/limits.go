package ocpp

import (
	"cmp"
	"time"
)

// Limits bound what one connection may cost. A field that is zero stands for the value of [DefaultLimits].
type Limits struct {
	Message int           // bytes of a message; a longer one ends the connection
	Queue   int           // received calls that wait for the handler; more are refused
	Waiting int           // callers that wait for the call slot; more get ErrBusy
	Call    time.Duration // time for an answer when the caller's context has no deadline, waiting for the slot included
	Handle  time.Duration // time that a handler's context allows
	Write   time.Duration // time to get one message into the socket
	Silence time.Duration // after half of it without a sign of life a ping is sent, at its end the connection is dead
	Goodbye time.Duration // time for the closing handshake
}

// DefaultLimits suit stations on a mobile network.
func DefaultLimits() Limits {
	return Limits{
		Message: 128 << 10,
		Queue:   8,
		Waiting: 16,
		Call:    30 * time.Second,
		Handle:  20 * time.Second,
		Write:   10 * time.Second,
		Silence: 2 * time.Minute,
		Goodbye: 2 * time.Second,
	}
}

// complete fills in what was left out.
func (l Limits) complete() Limits {
	standard := DefaultLimits()
	return Limits{
		Message: cmp.Or(l.Message, standard.Message),
		Queue:   cmp.Or(l.Queue, standard.Queue),
		Waiting: cmp.Or(l.Waiting, standard.Waiting),
		Call:    cmp.Or(l.Call, standard.Call),
		Handle:  cmp.Or(l.Handle, standard.Handle),
		Write:   cmp.Or(l.Write, standard.Write),
		Silence: cmp.Or(l.Silence, standard.Silence),
		Goodbye: cmp.Or(l.Goodbye, standard.Goodbye),
	}
}
