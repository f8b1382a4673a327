package device

import (
	"context"
	"fmt"
	"sync"
	"time"

	"reprise/bess"
	"reprise/wire/can"
)

// IONode is the far side of the I/O module's channel.
type IONode struct {
	unit   *bess.Unit
	inbox  *can.Inbox
	frames map[string]*sealed
	byName map[string]*can.Message

	mutex     sync.Mutex
	orders    bess.Commands
	heard     uint64
	unitHalf  ioHalf
	guardHalf ioHalf
	questions ioQuestions
	tripped   bool // the guard says so in its last frame
	reset     bool
	snap      bess.Snapshot
	speaks    bool
	samples   []can.Sample
}

// NewIONode makes the far side of the module of a unit.
func NewIONode(u *bess.Unit) (*IONode, error) {
	database, checks, err := ioDatabase()
	if err != nil {
		return nil, err
	}
	n := &IONode{unit: u, orders: bess.NewCommands(u), snap: bess.NewSnapshot(u), byName: map[string]*can.Message{}}
	if n.inbox, err = can.NewInbox(database, checks); err != nil {
		return nil, err
	}
	if n.frames, err = newSealed(database, checks, "Module"); err != nil {
		return nil, err
	}
	for _, m := range database.Messages() {
		n.byName[m.Name] = m
		n.samples = append(n.samples, make([]can.Sample, max(0, len(m.Signals)-len(n.samples)))...)
	}
	return n, nil
}

// Publish sets what the module reports from now on; speaks is false while it is dead.
func (n *IONode) Publish(s *bess.Snapshot, speaks bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.snap.CopyFrom(s)
	n.speaks = speaks
}

// Ordered copies the outputs that were ordered into c, and tells how many valid order frames and how many hold-in pulses
// have come so far.
func (n *IONode) Ordered(c *bess.Commands) (heard, pulses uint64) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	c.IO = n.orders.IO
	for i := range c.Feeders {
		c.Feeders[i].Close = n.orders.Feeders[i].Close
	}
	copy(c.Circuits, n.orders.Circuits)
	for i := range c.Packs {
		if n.unit.Packs[i].Type.Closing != bess.ClosingCAN {
			c.Packs[i] = n.orders.Packs[i]
		}
	}
	return n.heard, n.unitHalf.good
}

// Guarded tells how many good pulses of the guard have come so far, and whether its last frame says that it has tripped.
func (n *IONode) Guarded() (pulses uint64, tripped bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.guardHalf.good, n.tripped
}

// PressReset sets whether a person presses reset at the unit.
func (n *IONode) PressReset(pressed bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.reset = pressed
}

// Run speaks and listens on a bus until ctx or the bus ends.
func (n *IONode) Run(ctx context.Context, bus can.Bus) error {
	err := live(ctx, bus, n.hear, n.speak)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("serving the I/O module: %w", err)
}

// hear takes an order frame.
func (n *IONode) hear(a *can.Arrival) {
	message := n.inbox.Accept(&a.Frame, a.At)
	if message == nil || message.Sender == "Module" {
		return
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.inbox.Read(message, n.samples)
	body := n.samples[2:]
	on := func(i int) bool { return body[i].Valid && body[i].Raw != 0 }
	switch message {
	case n.byName["Unit_Outputs"]:
		n.heard++
		n.unitHalf.take(&n.questions, a.At, uint8(body[0].Raw), uint16(body[1+len(ioOutputNames())+ioFeeders].Raw), ioUnit)
		outputs := ioOutputs(&n.orders.IO)
		for i, output := range outputs {
			*output = on(1 + i)
		}
		for i := range n.orders.Feeders {
			n.orders.Feeders[i].Close = on(1 + len(outputs) + i)
		}
	case n.byName["Guard_Pulse"]:
		n.guardHalf.take(&n.questions, a.At, uint8(body[0].Raw), uint16(body[1].Raw), ioGuard)
		n.tripped = on(2)
	case n.byName["Unit_Circuits"]:
		for i := range n.orders.Circuits {
			n.orders.Circuits[i].Close = on(i)
		}
	default:
		const packs = 786
		for i := range n.orders.Packs {
			if first := (int(message.ID) - packs) * ioPerFrame; i >= first && i < first+ioPerFrame {
				k := 3 * (i - first)
				n.orders.Packs[i] = bess.PackCommand{Wake: on(k), Precharge: on(k + 1), Close: on(k + 2)}
			}
		}
	}
}

// speak reports at the module's period.
func (n *IONode) speak(ctx context.Context, bus can.Bus) error {
	period := max(duration(n.unit.IO.Period), 10*time.Millisecond)
	for {
		for _, name := range n.report() {
			if err := n.frames[name].send(bus); err != nil {
				return err
			}
		}
		if err := wait(ctx, period); err != nil {
			return err
		}
	}
}

// report puts what is published into the frames.
func (n *IONode) report() []string {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if !n.speaks {
		return nil
	}
	s := &n.snap
	for i, flag := range ioFlags(&s.IO) {
		n.frames["IO_Inputs"].setFlag(ioFlagNames()[i], *flag)
	}
	measured := n.frames["IO_Measured"]
	measured.set("TwelveVolt", float64(s.IO.TwelveVolt.Value), s.IO.TwelveVolt.Quality == bess.Good)
	measured.set("Coolant", float64(s.IO.Coolant.Value), s.IO.Coolant.Quality == bess.Good)
	measured.set("Insulation", min(float64(s.Bus.Insulation.Value), 6.5e6), s.Bus.Insulation.Quality == bess.Good)
	measured.set("Ambient", float64(s.Ambient.Value), s.Ambient.Quality == bess.Good)
	challenge := n.frames["IO_Challenge"]
	challenge.set("Question", float64(n.questions.ask(time.Now())), true)
	challenge.setBit("Reset", n.reset)
	names := []string{"IO_Challenge", "IO_Inputs", "IO_Measured"}
	if len(s.Feeders) > 0 {
		names = append(names, "IO_Feeders")
	}
	for i := range s.Feeders {
		n.frames["IO_Feeders"].setFlag(fmt.Sprint("Contactor", i+1), s.Feeders[i].Contactor)
		n.frames["IO_Feeders"].setFlag(fmt.Sprint("Tripped", i+1), s.Feeders[i].Fault)
	}
	for i := range s.Circuits {
		name := fmt.Sprint("IO_Circuits", i/ioPerFrame+1)
		n.frames[name].setFlag(fmt.Sprint("Closed", i+1), s.Circuits[i].Closed)
		n.frames[name].setFlag(fmt.Sprint("Tripped", i+1), s.Circuits[i].Tripped)
		if i%ioPerFrame == 0 {
			names = append(names, name)
		}
	}
	for i := range s.Packs {
		name := fmt.Sprint("IO_Packs", i/ioPerFrame+1)
		n.frames[name].setFlag(fmt.Sprint("Contactor", i+1), s.Packs[i].Contactor)
		n.frames[name].setFlag(fmt.Sprint("Precharge", i+1), s.Packs[i].Precharging)
		if i%ioPerFrame == 0 {
			names = append(names, name)
		}
	}
	return names
}
