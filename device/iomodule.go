package device

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/can"
)

// IOModuleOptions say which parts hang on the I/O module.
type IOModuleOptions struct {
	Clock Clock
	Unit  *bess.Unit
	Dial  DialCAN
}

// IOModule is the module of coils, relays and safety inputs. Its frames leave only when the loop has just named its
// orders: nothing in here keeps a dead loop's outputs alive.
type IOModule struct {
	options IOModuleOptions
	inbox   *can.Inbox
	frames  map[string]*sealed
	fresh   chan struct{} // capacity 1: the loop left orders
	byName  map[string]*can.Message
	tally   tally
	channel channel

	mutex    sync.Mutex
	view     bess.IOView
	ambient  bess.Reading[si.Celsius]
	leak     bess.Reading[si.Ohms]
	feeders  [ioFeeders]struct{ closed, tripped bess.Flag }
	circuits [ioCircuits]struct{ closed, tripped bess.Flag }
	packs    [ioPacks]struct{ closed, precharge bess.Flag }
	orders   bess.Commands
	box      mailbox
	pulse    uint8
	asked    uint16 // newest question of the module
	samples  []can.Sample
}

// NewIOModule makes a driver. It fails when the unit has more parts than the module has outputs.
func NewIOModule(o IOModuleOptions) (*IOModule, error) {
	if o.Clock == nil || o.Unit == nil || o.Dial == nil {
		return nil, errors.New("making an I/O module driver: it needs a clock, the unit and a way to dial")
	}
	if len(o.Unit.Feeders) > ioFeeders || len(o.Unit.Circuits) > ioCircuits || len(o.Unit.Packs) > ioPacks {
		return nil, fmt.Errorf("making an I/O module driver: %d feeders, %d circuits and %d packs do not fit its %d, %d and %d outputs",
			len(o.Unit.Feeders), len(o.Unit.Circuits), len(o.Unit.Packs), ioFeeders, ioCircuits, ioPacks)
	}
	database, checks, err := ioDatabase()
	if err != nil {
		return nil, err
	}
	m := &IOModule{options: o, fresh: make(chan struct{}, 1), orders: bess.NewCommands(o.Unit), byName: map[string]*can.Message{}}
	if m.inbox, err = can.NewInbox(database, checks); err != nil {
		return nil, err
	}
	m.channel.dial, m.channel.tally = o.Dial, &m.tally
	if m.frames, err = newSealed(database, checks, "Unit"); err != nil {
		return nil, err
	}
	longest := 0
	for _, message := range database.Messages() {
		m.byName[message.Name] = message
		longest = max(longest, len(message.Signals))
	}
	m.samples = make([]can.Sample, longest)
	return m, nil
}

// Run owns the channel until ctx ends.
func (m *IOModule) Run(ctx context.Context) error {
	return m.channel.run(ctx, m.take, m.speak)
}

// take uses one frame.
func (m *IOModule) take(arrival *can.Arrival) {
	at := m.options.Clock() - bess.Instant(elapsed(time.Since(arrival.At)))
	message := m.inbox.Accept(&arrival.Frame, stamp(at))
	if message == nil || message.Sender != "Module" {
		return
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	samples := m.samples[:len(message.Signals)]
	m.inbox.Read(message, samples)
	m.view.Alive = bess.Of(si.Ratio(1), at)
	// Signals stand in the order of the table: counter and checksum first.
	body := samples[2:]
	switch message {
	case m.byName["IO_Inputs"]:
		for i, flag := range ioFlags(&m.view) {
			*flag = codedFlag(&body[i], at)
		}
	case m.byName["IO_Measured"]:
		m.view.TwelveVolt = sampled[si.Volts](&body[0], at)
		m.view.Coolant = sampled[si.Celsius](&body[1], at)
		m.leak = sampled[si.Ohms](&body[2], at)
		m.ambient = sampled[si.Celsius](&body[3], at)
	case m.byName["IO_Challenge"]:
		m.asked = uint16(body[0].Raw)
	case m.byName["IO_Feeders"]:
		for i := range m.feeders {
			m.feeders[i].closed, m.feeders[i].tripped = codedFlag(&body[2*i], at), codedFlag(&body[2*i+1], at)
		}
	default:
		m.takePages(message, body, at)
	}
}

// takePages uses a frame of circuits or packs.
func (m *IOModule) takePages(message *can.Message, body []can.Sample, at bess.Instant) {
	const circuits, packs = 772, 776
	if n := int(message.ID) - circuits; n >= 0 && n < ioCircuits/ioPerFrame {
		for i := range ioPerFrame {
			c := &m.circuits[n*ioPerFrame+i]
			c.closed, c.tripped = codedFlag(&body[2*i], at), codedFlag(&body[2*i+1], at)
		}
	}
	if n := int(message.ID) - packs; n >= 0 && n < ioPacks/ioPerFrame {
		for i := range ioPerFrame {
			p := &m.packs[n*ioPerFrame+i]
			p.closed, p.precharge = codedFlag(&body[2*i], at), codedFlag(&body[2*i+1], at)
		}
	}
}

func codedFlag(s *can.Sample, at bess.Instant) bess.Flag {
	switch {
	case s.Valid && s.Raw == flagNo:
		return bess.FlagOf(false, at)
	case s.Valid && s.Raw == flagYes:
		return bess.FlagOf(true, at)
	}
	return bess.Flag{}
}

func sampled[T ~float64](s *can.Sample, at bess.Instant) bess.Reading[T] {
	if !s.Valid {
		return bess.Reading[T]{}
	}
	return bess.Reading[T]{Value: T(s.Physical), At: at, Quality: bess.Good}
}

// Sense copies the newest readings. Contactor feedback of a pack counts here when external contactors close it.
func (m *IOModule) Sense(s *bess.Snapshot, _ bess.Instant) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	s.IO, s.Ambient, s.Bus.Insulation = m.view, m.ambient, m.leak
	u := m.options.Unit
	for i := range min(len(s.Feeders), len(u.Feeders)) {
		f := &s.Feeders[i]
		if u.Feeders[i].Kind != bess.CCS {
			f.Contactor = m.feeders[i].closed
		}
		if u.Feeders[i].Kind == bess.Grid {
			f.Fault = m.feeders[i].tripped
		}
	}
	for i := range min(len(s.Circuits), len(u.Circuits)) {
		s.Circuits[i].Closed, s.Circuits[i].Tripped = m.circuits[i].closed, m.circuits[i].tripped
	}
	for i := range min(len(s.Packs), len(u.Packs)) {
		if closing := u.Packs[i].Type.Closing; closing != bess.ClosingCAN {
			s.Packs[i].Precharging = m.packs[i].precharge
			if closing == bess.ClosingExternal {
				s.Packs[i].Contactor = m.packs[i].closed
			}
		}
	}
}

// Obey leaves the newest orders and lets them be sent at once. Each call with HoldIn is one hold-in pulse, good only with
// the answer to a question that the module has just asked: a frozen or stuck sender has none.
func (m *IOModule) Obey(c *bess.Commands, now bess.Instant) {
	m.mutex.Lock()
	m.orders.CopyFrom(c)
	m.box.note(now)
	if c.IO.HoldIn {
		m.pulse++
	}
	m.mutex.Unlock()
	select {
	case m.fresh <- struct{}{}:
	default:
	}
}

// Watchdog is the module's own.
func (m *IOModule) Watchdog() (bess.Span, bool) { return m.options.Unit.IO.Watchdog, true }

// Status is how the channel fares.
func (m *IOModule) Status() Status {
	s := m.tally.read()
	c := m.inbox.Total()
	s.Garbage = c.BadChecksum + c.StuckCounter + c.WrongLength + c.Malformed + c.Remote
	return s
}

// speak sends the orders whenever the loop has left some.
func (m *IOModule) speak(ctx context.Context, bus can.Bus) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-m.fresh:
		}
		for _, name := range m.write() {
			if err := m.frames[name].send(bus); err != nil {
				return err
			}
		}
	}
}

// write puts the standing orders into the frames and names those that the unit needs, the one with the hold-in last, so
// that the module never acts on half of a tick's orders for longer than it takes to send them.
func (m *IOModule) write() []string {
	now := m.options.Clock()
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.box.judge(bess.Lease{}, now) == silent {
		return nil
	}
	o, u := &m.orders, m.options.Unit
	outputs := m.frames["Unit_Outputs"]
	outputs.set("HoldIn", float64(m.pulse), true)
	outputs.set("Answer", float64(ioAnswer(m.asked, m.pulse, ioUnit)), true)
	command := o.IO
	if !command.Lease.Holds(now) {
		command = bess.IOCommand{Pump: true, Fan: true} // all off but cooling
	}
	for i, on := range ioOutputs(&command) {
		outputs.setBit(ioOutputNames()[i], *on)
	}
	for i := range u.Feeders {
		outputs.setBit(fmt.Sprint("Feeder", i+1), o.Feeders[i].Close && o.Feeders[i].Lease.Holds(now))
	}
	names := make([]string, 0, 5)
	for i := range u.Circuits {
		m.frames["Unit_Circuits"].setBit(fmt.Sprint("Circuit", i+1), o.Circuits[i].Close && o.Circuits[i].Lease.Holds(now))
	}
	if len(u.Circuits) > 0 {
		names = append(names, "Unit_Circuits")
	}
	for i := range u.Packs {
		p := o.Packs[i]
		if !p.Lease.Holds(now) || u.Packs[i].Type.Closing == bess.ClosingCAN {
			p = bess.PackCommand{}
		}
		name := fmt.Sprint("Unit_Packs", i/ioPerFrame+1)
		frame := m.frames[name]
		frame.setBit(fmt.Sprint("Wake", i+1), p.Wake)
		frame.setBit(fmt.Sprint("Precharge", i+1), p.Precharge)
		frame.setBit(fmt.Sprint("Close", i+1), p.Close)
		if i%ioPerFrame == 0 {
			names = append(names, name)
		}
	}
	return append(names, "Unit_Outputs")
}
