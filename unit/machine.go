package unit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/control"
	"reprise/control/safety"
	"reprise/journal"
	"reprise/store"
)

// Port is one connection to devices. Run keeps the connection until ctx ends;
// Sense copies its newest readings into the snapshot and Obey takes the orders
// that concern it. Sense and Obey are called by the loop and never wait.
type Port interface {
	Run(ctx context.Context) error
	Sense(snap *bess.Snapshot, now bess.Instant)
	Obey(orders *bess.Commands, now bess.Instant)
}

// Plant is a machine in memory, in place of ports: the fast loop without wires.
// Sense sets the snapshot's Now and Civil.
type Plant interface {
	Step(orders *bess.Commands, dt si.Seconds)
	Sense(snap *bess.Snapshot)
}

// Keeper is the durable store as the loop needs it. None of its methods waits
// for a disk.
type Keeper interface {
	Offer(b store.Batch)
	DurableUpTo() uint64
	Trouble() string
}

// Saving tells what the durable entries are worth in carbon.
type Saving interface {
	Book(e *bess.Entry)
	Picture() bess.CarbonPicture
}

// Config is what a machine is made of. Unit is needed, and Ports or Plant; what
// else is nil or zero is left out or has the default that stands beside it.
type Config struct {
	Unit    *bess.Unit
	Ports   []Port
	Plant   Plant
	Speed   float64 // of the plant's time; default 1; without a plant always 1
	Twin    bool    // the devices are simulated
	Keeper  Keeper
	Journal *journal.Writer
	Series  *store.Series
	Saving  Saving
	Ways    []Way             // how alarms reach a person
	Notices Notices           // where undelivered alarms wait; needed with Ways
	Restart Restart           // what the run before left
	Wall    func() bess.Civil // wall time, asked by the loop alone; default the system clock, trusted as its own battery-backed clock
	Folder  string            // whose disk is watched; empty: none
	Feed    func()            // feeds a watchdog outside, once a tick; it must not wait
	Version string
	Log     *slog.Logger
}

// TickLength is the controller's period.
const TickLength = 100 * time.Millisecond

// Machine is a unit that runs. Its exported methods may be called from any
// goroutine.
type Machine struct {
	config Config
	unit   *bess.Unit
	log    *slog.Logger
	rules  map[bess.RuleID]safety.Rule

	// Used by the loop alone.
	state, next *control.State
	in          *control.Inputs
	out         *control.Outputs
	digest      control.Digest
	clock       clock
	desk        []question
	kept        keeping
	meter       meter
	sampled     bess.Instant
	lines       []track // what is sampled
	shown       time.Time
	lockedOut   string         // why packs began locked out; empty: they did not
	resumed     bool           // it goes on from a checkpoint
	lost        []control.Loss // of that checkpoint: what another build kept and this one does not know

	latest  atomic.Pointer[bess.Picture]
	speed   atomic.Uint64 // float bits
	disk    disk
	pulse   pulse
	line    inbox
	viewers viewers
	samples chan sample
	alarms  chan struct{} // wakes the notifier
	ended   chan struct{}
	running atomic.Bool
}

// New makes a machine at rest. Run brings it to life, once.
func New(c Config) (*Machine, error) {
	switch {
	case c.Unit == nil:
		return nil, errors.New("making the unit: no configuration was given")
	case (c.Plant == nil) == (len(c.Ports) == 0):
		return nil, errors.New("making the unit: it needs either ports or a plant")
	case c.Speed < 0 || c.Speed > 1000 || math.IsNaN(c.Speed):
		return nil, fmt.Errorf("making the unit: speed %g: choose one from 0 to 1000", c.Speed)
	case len(c.Ways) > 0 && c.Notices == nil:
		return nil, errors.New("making the unit: alarms need a place to wait until they are delivered")
	}
	if c.Speed == 0 || c.Plant == nil {
		c.Speed = 1
	}
	if c.Wall == nil {
		c.Wall = systemClock
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	m := &Machine{
		config: c, unit: c.Unit, log: c.Log, rules: map[bess.RuleID]safety.Rule{},
		state: control.New(c.Unit), next: control.New(c.Unit),
		in: control.NewInputs(c.Unit), out: control.NewOutputs(c.Unit),
		samples: make(chan sample, 4), alarms: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	for _, r := range safety.Rules() {
		m.rules[r.ID] = r
	}
	m.speed.Store(math.Float64bits(c.Speed))
	return m, nil
}

// systemClock is the machine's own clock, which nothing has confirmed.
func systemClock() bess.Civil {
	now := time.Now()
	_, offset := now.Zone()
	return bess.Civil{UnixMilli: now.UnixMilli(), ZoneOffset: int32(offset), Trust: bess.TrustLocal}
}

// Run runs the loop and its shells until ctx ends. A panic of the loop or of a
// connection passes through and ends the process.
func (m *Machine) Run(ctx context.Context) error {
	if m.running.Swap(true) {
		return errors.New("running the unit: it runs already, or has run")
	}
	ctx, cancel := context.WithCancel(ctx)
	var shells sync.WaitGroup
	defer shells.Wait()
	defer m.viewers.close()
	defer close(m.ended)
	defer cancel()
	if m.config.Journal != nil {
		defer m.config.Journal.Close() // also while panicking: the last ticks matter most
	}
	m.begin()
	for _, shell := range []func(context.Context){m.supervise, m.keepSeries, m.watchDisk, m.keepAlive, m.notify} {
		shells.Go(func() { shell(ctx) })
	}
	m.settle(ctx)
	pace := newPace()
	for {
		m.tick()
		late, ok := pace.wait(ctx, m.period())
		if !ok {
			m.keepLast()
			return nil
		}
		if late && m.config.Plant == nil {
			m.meter.late.Add(1)
		}
	}
}

// SetSpeed changes the speed of a plant, up to 1000; with real wires only 1 is
// possible.
func (m *Machine) SetSpeed(speed float64) error {
	switch {
	case m.config.Plant == nil && speed != 1:
		return errors.New("setting the speed: real protocols run in real time")
	case !(speed > 0 && speed <= 1000):
		return fmt.Errorf("setting the speed: %g is not above 0 and at most 1000", speed)
	}
	m.speed.Store(math.Float64bits(speed))
	return nil
}

func (m *Machine) pacing() float64 { return math.Float64frombits(m.speed.Load()) }

func (m *Machine) period() time.Duration {
	return time.Duration(float64(TickLength) / m.pacing())
}

// Latest is the newest picture, or nil before the first tick has ended.
func (m *Machine) Latest() *bess.Picture { return m.latest.Load() }

// Now is the unit's monotonic clock as drivers stamp their readings. It
// continues where the run before ended.
func (m *Machine) Now() bess.Instant { return m.clock.now() }
