package device

import (
	"context"
	"errors"
	"sync"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/modbus"
)

// Points of the vehicle inlet's table, in its order.
const (
	postPlugged = iota
	postLocked
	postClosed
	postVolts
	postCurrent
	postPower
	postHeartbeat
	postConnect
	postLimit
	postAsked
)

// PostDeadMan is how long the inlet's controller charges on without a sign of life.
const PostDeadMan = bess.Second

// PostTable is our own register map of the controller behind the CCS vehicle inlet, through which the unit plays the car
// at a rapid charger. It stands at the level of power: the conversation with the post is the controller's own.
func PostTable() modbus.Table {
	return modbus.Table{
		Name:      "Vehicle inlet",
		Doc:       "The unit as a car at a rapid charger. When the heartbeat stands still the session is stopped and the contactor opens without current.",
		Heartbeat: "Heartbeat", HeartbeatTimeout: duration(PostDeadMan),
		Points: []modbus.Point{
			postPlugged:   flagPoint("Plugged", 0, "a connector is in the inlet"),
			postLocked:    flagPoint("Locked", 1, "the connector is locked; the unit must not be moved"),
			postClosed:    flagPoint("Contactor", 2, "inlet contactor closed, by feedback"),
			postVolts:     {Name: "PostVolts", Address: 3, Scale: 0.1, Unit: "V", Doc: "what the post can reach"},
			postCurrent:   {Name: "PostCurrent", Address: 4, Scale: 0.1, Unit: "A", Doc: "what the post can give"},
			postPower:     {Name: "PostPower", Address: 5, Type: modbus.U32, Unit: "W", Doc: "what the post can give"},
			postHeartbeat: order(modbus.Point{Name: "Heartbeat", Address: 7, Plain: true, Doc: "any other value than before is a sign of life"}),
			postConnect:   order(modbus.Point{Name: "Connect", Address: 8, Max: 1, Doc: "1: agree with the post and charge, 0: stop"}),
			postLimit:     order(modbus.Point{Name: "Limit", Address: 9, Type: modbus.U32, Unit: "W", Max: 1e6, Doc: "ask the post for at most this"}),
			postAsked:     order(modbus.Point{Name: "Volts", Address: 11, Scale: 0.1, Unit: "V", Max: 1500, Doc: "voltage to present"}),
		},
	}
}

// PostOptions say where the inlet's controller is.
type PostOptions struct {
	Clock Clock
	Index int // position in Unit.Feeders
	Bus   modbus.Registers
	Unit  uint8
}

// Post is the controller behind the CCS vehicle inlet.
type Post struct {
	options  PostOptions
	exchange exchange
	table    *modbus.Map
	tally    tally

	mutex sync.Mutex
	view  bess.FeederView
	order bess.FeederCommand
	box   mailbox
}

// NewPost makes a driver.
func NewPost(o PostOptions) (*Post, error) {
	if o.Clock == nil || o.Bus == nil {
		return nil, errors.New("making a vehicle inlet driver: it needs a clock and a bus")
	}
	table, err := PostTable().Compile()
	if err != nil {
		return nil, err
	}
	p := &Post{options: o, table: table}
	p.exchange = exchange{
		clock: o.Clock, reader: modbus.NewReader(o.Bus, o.Unit, table), period: meterEvery,
		tally: &p.tally, take: p.take, write: p.settings, heartbeat: postHeartbeat, renew: renewal(PostDeadMan),
	}
	return p, nil
}

// Run owns the exchange until ctx ends.
func (p *Post) Run(ctx context.Context) error { return p.exchange.run(ctx) }

func (p *Post) settings() []modbus.Setting {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	o := p.order
	switch p.box.judge(o.Lease, p.options.Clock()) {
	case silent:
		return nil
	case lapsed:
		o = bess.FeederCommand{}
	case inForce:
	}
	connect := 0.0
	if o.Close {
		connect = 1
	}
	return []modbus.Setting{
		{Point: postConnect, Physical: connect},
		setting(p.table, postLimit, float64(o.Limit)), setting(p.table, postAsked, float64(o.Volts)),
	}
}

func (p *Post) take(v []modbus.Value, at bess.Instant) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.view.Plugged, p.view.Locked, p.view.Contactor = hearFlag(v[postPlugged], at), hearFlag(v[postLocked], at), hearFlag(v[postClosed], at)
	p.view.PostVolts, p.view.PostCurrent = hear[si.Volts](v[postVolts], 1, at), hear[si.Amps](v[postCurrent], 1, at)
	p.view.PostPower = hear[si.Watts](v[postPower], 1, at)
}

// Sense copies the newest readings.
func (p *Post) Sense(s *bess.Snapshot, _ bess.Instant) {
	if p.options.Index >= len(s.Feeders) {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	f := &s.Feeders[p.options.Index]
	f.Plugged, f.Locked, f.Contactor = p.view.Plugged, p.view.Locked, p.view.Contactor
	f.PostVolts, f.PostCurrent, f.PostPower = p.view.PostVolts, p.view.PostCurrent, p.view.PostPower
}

// Obey leaves the newest order.
func (p *Post) Obey(c *bess.Commands, now bess.Instant) {
	if p.options.Index >= len(c.Feeders) {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.order = c.Feeders[p.options.Index]
	p.box.note(now)
}

// Watchdog is the controller's own.
func (p *Post) Watchdog() (bess.Span, bool) { return PostDeadMan, true }

// Status is how the connection fares.
func (p *Post) Status() Status { return p.tally.read() }

// PostBank is the far side of the inlet's registers.
type PostBank struct{ *bank }

// NewPostBank makes the registers of the inlet's controller.
func NewPostBank(now func() time.Time) (*PostBank, error) {
	table, err := PostTable().Compile()
	if err != nil {
		return nil, err
	}
	return &PostBank{newBank(table, now, postHeartbeat)}, nil
}

// Publish sets the readings.
func (b *PostBank) Publish(v *bess.FeederView) {
	tellFlag(b.Bank, postPlugged, v.Plugged)
	tellFlag(b.Bank, postLocked, v.Locked)
	tellFlag(b.Bank, postClosed, v.Contactor)
	tell(b.Bank, postVolts, v.PostVolts, 1)
	tell(b.Bank, postCurrent, v.PostCurrent, 1)
	tell(b.Bank, postPower, v.PostPower, 1)
}

// Ordered is what the registers ask of the inlet.
func (b *PostBank) Ordered() bess.FeederCommand {
	return bess.FeederCommand{
		Close: b.physical(postConnect) == 1, Limit: si.Watts(b.physical(postLimit)), Volts: si.Volts(b.physical(postAsked)),
	}
}
