package device

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/can"
)

// DialCAN opens a CAN channel; it is called again, with jitter, whenever the channel died.
type DialCAN func(ctx context.Context) (can.Bus, error)

// PackOptions say which pack hangs on which channel.
type PackOptions struct {
	Clock  Clock
	Index  int // position in Unit.Packs
	Table  *PackTable
	Serial string // expected; empty: any
	Dial   DialCAN
}

// Pack is a used battery behind its own management system: its frames as data say, one channel each, since equal packs
// share identifiers.
type Pack struct {
	options  PackOptions
	inbox    *can.Inbox
	roles    map[*can.Message][]role
	speeches []*speech
	ownLink  bool // it measures its link itself
	ownGate  bool // its own contactors are the ones that matter
	ownStep  bool // it precharges by itself

	mutex   sync.Mutex
	view    bess.PackView
	witness *witness
	order   bess.PackCommand
	box     mailbox
	active  bess.Instant // last instant with an order that asked for anything
	stirred bool
	samples []can.Sample
	tally   tally
	channel channel
}

// orderFade is how long a pack is told "open" after the last order before it may fall asleep.
const orderFade = 2 * bess.Second

// NewPack makes a driver. It fails when the table does not fit its own database.
func NewPack(o PackOptions) (*Pack, error) {
	if o.Clock == nil || o.Table == nil || o.Table.Database == nil || o.Dial == nil {
		return nil, errors.New("making a pack driver: it needs a clock, a table with a database, and a way to dial")
	}
	inbox, err := can.NewInbox(o.Table.Database, o.Table.Checks)
	if err != nil {
		return nil, fmt.Errorf("making the driver of a %s pack: %w", o.Table.Name, err)
	}
	p := &Pack{
		options: o, inbox: inbox,
		ownLink: o.Table.Tells(PackLinkVolts), ownStep: o.Table.Closing == bess.ClosingCAN,
		ownGate: o.Table.Closing != bess.ClosingExternal,
	}
	p.channel.dial, p.channel.tally = o.Dial, &p.tally
	if p.roles, err = o.Table.roles(); err != nil {
		return nil, fmt.Errorf("making a pack driver: %w", err)
	}
	if p.speeches, err = o.Table.speeches(); err != nil {
		return nil, fmt.Errorf("making a pack driver: %w", err)
	}
	if p.witness, err = newWitness(o.Table, o.Serial); err != nil {
		return nil, fmt.Errorf("making a pack driver: %w", err)
	}
	for _, m := range o.Table.Database.Messages() {
		p.samples = append(p.samples, make([]can.Sample, max(0, len(m.Signals)-len(p.samples)))...)
	}
	return p, nil
}

// Run owns the channel until ctx ends.
func (p *Pack) Run(ctx context.Context) error {
	return p.channel.run(ctx, p.take, p.speak)
}

// take uses one frame.
func (p *Pack) take(arrival *can.Arrival) {
	at := p.options.Clock() - bess.Instant(elapsed(time.Since(arrival.At)))
	p.Accept(&arrival.Frame, at)
}

// Accept uses one frame that left the wire at an instant; a replayed log is fed here too.
func (p *Pack) Accept(frame *can.Frame, at bess.Instant) {
	mark := stamp(at)
	message := p.inbox.Accept(frame, mark)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.witness.see(frame, message, at)
	if message == nil {
		return
	}
	samples := p.samples[:len(message.Signals)]
	p.inbox.Read(message, samples)
	p.witness.hear(message, samples, mark)
	p.view.Alive = bess.Of(si.Ratio(1), at)
	roles := p.roles[message]
	for i := range roles {
		r := &roles[i]
		if sample := &samples[r.signal]; sample.Seen && sample.At.Equal(mark) {
			r.place(&p.view, sample, at)
		}
	}
}

// place puts a sample into the view. "No value" is missing; a value outside its declared range is bad.
func (r *role) place(v *bess.PackView, sample *can.Sample, at bess.Instant) {
	if flag := flagOf(v, r.Quantity); flag != nil {
		*flag = bess.Flag{}
		if sample.Valid {
			*flag = bess.FlagOf((sample.Raw != 0) != r.Invert, at)
		}
		return
	}
	x := float64(sample.Physical*r.Scale) + r.Offset
	quality := bess.Good
	switch {
	case !sample.Valid:
		x, quality = 0, bess.Missing
	case !sample.InRange, math.IsNaN(x), math.IsInf(x, 0):
		quality = bess.Bad
	}
	numberOf(v, r.Quantity).set(x, at, quality)
}

// Sense copies the newest readings. What this pack does not tell itself is left to the device that measures it.
func (p *Pack) Sense(s *bess.Snapshot, now bess.Instant) {
	if p.options.Index >= len(s.Packs) {
		return
	}
	garbage := p.refused()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	v := &s.Packs[p.options.Index]
	before := *v
	identity := p.witness.judge(now, p.view.Volts)
	if *v = (bess.PackView{Alive: p.view.Alive}); identity != bess.Unidentified {
		*v = p.view
	}
	v.Identity, v.Garbage = identity, garbage
	if !p.ownLink {
		v.LinkVolts = before.LinkVolts
	}
	if !p.ownGate {
		v.Contactor = before.Contactor
	}
	if !p.ownStep {
		v.Precharging = before.Precharging
	}
}

// refused counts the frames that were not used although they claimed to be of this pack.
func (p *Pack) refused() uint32 {
	c := p.inbox.Total()
	return uint32(min(c.BadChecksum+c.StuckCounter+c.WrongLength+c.Remote+c.Malformed+p.channel.malformed(), math.MaxUint32))
}

// Obey leaves the newest order.
func (p *Pack) Obey(c *bess.Commands, now bess.Instant) {
	if p.options.Index >= len(c.Packs) {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.order = c.Packs[p.options.Index]
	p.box.note(now)
}

// Watchdog is how long after the last order the pack opens by itself. Nobody has published one for a real pack, so none
// is relied on: coils drop through the hold-in and the I/O module.
func (p *Pack) Watchdog() (bess.Span, bool) {
	if p.options.Table.Closing == bess.ClosingCAN {
		return PackDeadMan, true
	}
	return 0, false
}

// PackDeadMan is how long a stand-in pack keeps its contactors without hearing its demand: longer than a restart of the
// controller, since opening under load harms.
const PackDeadMan = 2500 * bess.Millisecond

// Status is how the channel fares.
func (p *Pack) Status() Status {
	s := p.tally.read()
	s.Garbage = uint64(p.refused())
	return s
}

// Counts are the frames of the channel by fate.
func (p *Pack) Counts() can.Counts { return p.inbox.Total() }

// Serial is what the pack says its serial number is; empty while unknown.
func (p *Pack) Serial() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.witness.saidSerial()
}

// Unverified names the messages whose checksum rule nobody published.
func (p *Pack) Unverified() []string {
	var names []string
	for _, m := range p.inbox.Unverified() {
		names = append(names, m.Name)
	}
	return names
}

// speak sends what the pack must hear, each message at its own period.
func (p *Pack) speak(ctx context.Context, bus can.Bus) error {
	for _, s := range p.speeches {
		s.due = time.Now().Truncate(s.period) // at once, then on the beats that all drivers share
	}
	for {
		next := time.Now().Add(time.Second)
		for _, s := range p.speeches {
			if !s.due.After(time.Now()) {
				if err := p.say(s, bus); err != nil {
					return err
				}
				s.due = s.due.Add(s.period)
				if late := time.Now(); s.due.Before(late) {
					s.due = late.Truncate(s.period).Add(s.period) // back on the beats that all drivers share
				}
			}
			if s.due.Before(next) {
				next = s.due
			}
		}
		if err := wait(ctx, time.Until(next)); err != nil {
			return err
		}
	}
}

// say sends one message, if there is anything to say.
func (p *Pack) say(s *speech, bus can.Bus) error {
	order, speaks := p.spoken()
	if !speaks {
		return nil
	}
	frame, err := s.frame(&order)
	if err != nil {
		return fmt.Errorf("writing an order to pack %d: %w", p.options.Index+1, err)
	}
	return bus.Send(frame)
}

// spoken is the order to be said now. Nothing is said when the loop is not heard; "open" is said for a while after the
// last order, then the pack is left to sleep.
func (p *Pack) spoken() (bess.PackCommand, bool) {
	now := p.options.Clock()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	order := p.order
	switch p.box.judge(order.Lease, now) {
	case silent:
		return order, false
	case lapsed:
		order = bess.PackCommand{}
	case inForce:
	}
	if order.Wake || order.Precharge || order.Close {
		p.active, p.stirred = now, true
		return order, true
	}
	return order, p.stirred && now.Since(p.active) <= orderFade
}
