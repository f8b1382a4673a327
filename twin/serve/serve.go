// Package serve puts the twin's physics behind the machine's real wires: packs and the I/O module on CAN, converters,
// inverter, meters, generator, solar and vehicle inlet on Modbus, charging stations that call a central system by
// WebSocket. Whoever talks to it cannot tell it from the machine by its protocols, its periods or its manners.
//
// The serving loop owns the world: every tick it gathers the newest orders that came over the wires, with the watchdog of
// each device, steps the physics and publishes the new readings. Frames leave at each message's own period.
package serve

import (
	"context"

	"fmt"
	"net/http"
	"sync"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/device"
	"reprise/twin"
	"reprise/wire/can"
	"reprise/wire/modbus"
)

// Tick is the step of the physics.
const Tick = 100 * time.Millisecond

// Options say what the world cannot know of its wires.
type Options struct {
	Packs     []*device.PackTable // of each pack of the unit
	Central   string              // of the stations' central system, such as "ws://127.0.0.1:8080/ocpp"; empty: no stations
	Client    *http.Client        // of the stations; nil is http.DefaultClient
	PowerLoss []PowerLoss         // what each outlet's station does after it lost its supply; beyond its end [PowerLossStops]
	Guarded   bool                // a guard is on the wires: its half of the hold-in counts; without, it is taken for given
}

// Server is a world behind wires.
type Server struct {
	world   *twin.World
	unit    *bess.Unit
	options Options

	packs      []packEnd
	io         *device.IONode
	ioWire     *can.Wire
	ioBeat     beat
	pulses     uint64
	guarded    uint64 // pulses of the guard
	converters []converterEnd
	inverter   *device.InverterBank
	inverterOn beat
	feeders    []feederEnd
	circuits   []*device.MeterBank
	ownUse     *device.MeterBank
	stations   []*station
	registers  modbus.Units
	gates      map[uint8]*gate
	modbus     modbus.Server

	commands bess.Commands
	wanted   bess.Commands // what the I/O module was ordered
	snapshot bess.Snapshot
	requests chan func(*twin.World)
	running  sync.WaitGroup
}

// packEnd is a pack's end of its channel.
type packEnd struct {
	node *device.PackNode
	wire *can.Wire
	beat beat
}

// converterEnd is a converter's registers.
type converterEnd struct {
	bank *device.ConverterBank
	beat beat
}

// beat follows a count of signs of life and knows until when an order may stand.
type beat struct {
	count uint64
	ever  bool
	until bess.Instant
}

// note moves the end of the order on whenever the count moved.
func (b *beat) note(count uint64, now bess.Instant, hold bess.Span) bess.Instant {
	if count != b.count {
		b.count, b.ever, b.until = count, true, now.Add(hold)
	}
	return b.until
}

// alive reports whether the last sign of life is recent enough.
func (b *beat) alive(now bess.Instant) bool { return b.ever && now <= b.until }

// New puts a world behind wires; nothing moves before Run. The world belongs to the server from here on.
func New(world *twin.World, u *bess.Unit, o Options) (*Server, error) {
	if len(o.Packs) != len(u.Packs) {
		return nil, fmt.Errorf("serving the twin: %d pack tables for %d packs", len(o.Packs), len(u.Packs))
	}
	s := &Server{
		world: world, unit: u, options: o, ioWire: &can.Wire{}, registers: modbus.Units{}, gates: map[uint8]*gate{},
		commands: bess.NewCommands(u), wanted: bess.NewCommands(u), snapshot: bess.NewSnapshot(u),
		requests: make(chan func(*twin.World)),
	}
	var err error
	for i := range u.Packs {
		end := packEnd{wire: &can.Wire{}}
		if end.node, err = device.NewPackNode(o.Packs[i], u.Packs[i].Serial); err != nil {
			return nil, fmt.Errorf("serving pack %d: %w", i+1, err)
		}
		s.packs = append(s.packs, end)
	}
	if s.io, err = device.NewIONode(u); err != nil {
		return nil, err
	}
	if err := s.makeRegisters(); err != nil {
		return nil, err
	}
	if o.Central != "" {
		for i := range u.Outlets {
			st := newStation(&u.Outlets[i], o)
			if i < len(o.PowerLoss) {
				st.habit = o.PowerLoss[i]
			}
			s.stations = append(s.stations, st)
		}
	}
	world.WireGuard(o.Guarded)
	s.modbus = modbus.Server{Handler: s.registers, MaxConnections: 256}
	s.publish()
	return s, nil
}

// Run serves until ctx ends. Everything that it began is over when it returns.
func (s *Server) Run(ctx context.Context) error {
	inner, cancel := context.WithCancel(ctx)
	defer s.running.Wait()
	defer cancel()
	for i := range s.packs {
		end := &s.packs[i]
		s.running.Go(func() { _ = end.node.Run(inner, end.wire.Attach(0)) })
	}
	s.running.Go(func() { _ = s.io.Run(inner, s.ioWire.Attach(0)) })
	for _, st := range s.stations {
		s.running.Go(func() { st.run(inner) })
	}
	ticker := time.NewTicker(Tick)
	defer ticker.Stop()
	begun, steps := time.Now(), 0
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case do := <-s.requests:
			do(s.world)
		case <-ticker.C:
			// A tick that came late is made up for, but never more than half a second of them.
			due := int(time.Since(begun) / Tick)
			if due-steps > 5 {
				steps = due - 5
			}
			for ; steps < due; steps++ {
				s.step()
			}
		}
	}
}

// Do runs do between two steps, as a bench panel needs, and waits for it.
func (s *Server) Do(ctx context.Context, do func(*twin.World)) error {
	done := make(chan struct{})
	wrapped := func(w *twin.World) {
		defer close(done)
		do(w)
	}
	select {
	case s.requests <- wrapped:
		<-done
		return nil
	case <-ctx.Done():
		return fmt.Errorf("acting on the twin: %w", ctx.Err())
	}
}

// step gathers the orders, moves the world and publishes what its devices say.
func (s *Server) step() {
	s.gather(s.world.Now())
	s.world.Step(&s.commands, si.Seconds(Tick.Seconds()))
	s.publish()
}

// source marks orders that came over a wire; who gave them is unknown here.
const source = bess.SourceDevice

// gather takes the newest orders from all wires. Each carries the end that its device's own watchdog gives it.
func (s *Server) gather(now bess.Instant) {
	c := &s.commands
	heard, pulses := s.io.Ordered(&s.wanted)
	until := s.ioBeat.note(heard, now, s.unit.IO.Watchdog)
	c.IO = s.wanted.IO
	c.IO.HoldIn = pulses != s.pulses
	s.pulses = pulses
	c.IO.Lease = bess.Lease{By: source, Until: until}
	guarded, tripped := s.io.Guarded()
	s.world.GuardSays(guarded != s.guarded, tripped)
	s.guarded = guarded
	s.io.PressReset(s.world.ResetPressed())
	for i := range s.packs {
		end := &s.packs[i]
		if s.unit.Packs[i].Type.Closing == bess.ClosingCAN {
			order, count := end.node.Ordered()
			c.Packs[i] = order
			c.Packs[i].Lease = bess.Lease{By: source, Until: end.beat.note(count, now, device.PackDeadMan)}
			continue
		}
		c.Packs[i] = s.wanted.Packs[i]
		c.Packs[i].Lease = c.IO.Lease
	}
	for k := range s.converters {
		end := &s.converters[k]
		c.Converters[k] = end.bank.Ordered()
		c.Converters[k].Lease = bess.Lease{By: source, Until: end.beat.note(end.bank.Beats(), now, s.unit.Converters[k].Heartbeat)}
	}
	c.Inverter = s.inverter.Ordered()
	c.Inverter.Lease = bess.Lease{By: source, Until: s.inverterOn.note(s.inverter.Beats(), now, s.unit.Inverter.Heartbeat)}
	for i := range s.feeders {
		c.Feeders[i] = s.feeders[i].ordered(s.wanted.Feeders[i].Close && s.ioBeat.alive(now), now)
	}
	for i := range c.Circuits {
		c.Circuits[i] = bess.CircuitCommand{Close: s.wanted.Circuits[i].Close, Lease: c.IO.Lease}
	}
	for i, st := range s.stations {
		c.Outlets[i] = st.ordered(now)
	}
}

// silentAfter is how long a device's readings may stand still before it counts as dead: then its wire is silent too.
const silentAfter = 400 * bess.Millisecond

// publish hands the newest readings to all wires.
func (s *Server) publish() {
	s.world.Sense(&s.snapshot)
	v := &s.snapshot
	speaks := func(at bess.Instant, known bool) bool { return known && v.Now.Since(at) <= silentAfter }
	for i := range s.packs {
		p := &v.Packs[i]
		s.packs[i].node.Publish(*p, speaks(p.Alive.At, p.Alive.Quality == bess.Good))
	}
	s.io.Publish(v, speaks(v.IO.Alive.At, v.IO.Alive.Quality == bess.Good))
	for k := range s.converters {
		s.converters[k].bank.Publish(&v.Converters[k])
		r := &v.Converters[k].Running
		s.gates[ConverterUnit(k)].set(speaks(r.At, r.State != bess.Unknown))
	}
	s.inverter.Publish(&v.Inverter)
	r := &v.Inverter.Running
	alive := speaks(r.At, r.State != bess.Unknown)
	s.gates[InverterUnit].set(alive)
	s.ownUse.PublishOwnUse(v.Bus.OwnUse)
	s.gates[OwnUseUnit].set(alive)
	for i := range s.feeders {
		f := &v.Feeders[i]
		s.feeders[i].publish(f)
		speaking := speaks(f.Contactor.At, f.Contactor.State != bess.Unknown)
		s.gates[FeederMeterUnit(i)].set(speaking)
		if gate := s.gates[FeederUnit(i)]; gate != nil {
			gate.set(speaking)
		}
	}
	for i := range s.circuits {
		s.circuits[i].PublishCircuit(&v.Circuits[i])
		s.gates[CircuitMeterUnit(i)].set(speaks(v.Circuits[i].Closed.At, v.Circuits[i].Closed.State != bess.Unknown))
	}
	for i, st := range s.stations {
		st.publish(v.Outlets[i], s.world.StationRuns(bess.OutletID(i)), v.Now)
	}
}
