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

// Points of the generator's table, in its order.
const (
	generatorRunning = iota
	generatorFault
	generatorFuel
	generatorHeartbeat
	generatorRun
)

// GeneratorDeadMan is how long a generator runs on without a sign of life; longer than a restart of the controller.
const GeneratorDeadMan = 3 * bess.Second

// GeneratorTable is our own register map of a generator's controller.
func GeneratorTable() modbus.Table {
	return modbus.Table{
		Name:      "Generator",
		Doc:       "Start, stop and state of a generating set. Its electrical readings come from a meter. When the heartbeat stands still the set stops.",
		Heartbeat: "Heartbeat", HeartbeatTimeout: duration(GeneratorDeadMan),
		Points: []modbus.Point{
			generatorRunning:   flagPoint("Running", 0, "at speed"),
			generatorFault:     flagPoint("Fault", 1, "failed to start, or tripped"),
			generatorFuel:      {Name: "Fuel", Address: 2, Scale: 0.1, Unit: "%", Doc: "of the tank"},
			generatorHeartbeat: order(modbus.Point{Name: "Heartbeat", Address: 3, Plain: true, Doc: "any other value than before is a sign of life"}),
			generatorRun:       order(modbus.Point{Name: "Run", Address: 4, Max: 1, Doc: "1: start and run, 0: stop"}),
		},
	}
}

// GeneratorOptions say where a generator's controller is.
type GeneratorOptions struct {
	Clock Clock
	Index int // position in Unit.Feeders
	Bus   modbus.Registers
	Unit  uint8
}

// Generator is a generating set's controller.
type Generator struct {
	options  GeneratorOptions
	exchange exchange
	tally    tally

	mutex   sync.Mutex
	running bess.Flag
	fault   bess.Flag
	fuel    bess.Reading[si.Ratio]
	order   bess.FeederCommand
	box     mailbox
}

// NewGenerator makes a driver.
func NewGenerator(o GeneratorOptions) (*Generator, error) {
	if o.Clock == nil || o.Bus == nil {
		return nil, errors.New("making a generator driver: it needs a clock and a bus")
	}
	table, err := GeneratorTable().Compile()
	if err != nil {
		return nil, err
	}
	g := &Generator{options: o}
	g.exchange = exchange{
		clock: o.Clock, reader: modbus.NewReader(o.Bus, o.Unit, table), period: meterEvery,
		tally: &g.tally, take: g.take, write: g.settings, heartbeat: generatorHeartbeat, renew: renewal(GeneratorDeadMan),
	}
	return g, nil
}

// Run owns the exchange until ctx ends.
func (g *Generator) Run(ctx context.Context) error { return g.exchange.run(ctx) }

func (g *Generator) settings() []modbus.Setting {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	run := 0.0
	switch g.box.judge(g.order.Lease, g.options.Clock()) {
	case silent:
		return nil
	case inForce:
		if g.order.Run {
			run = 1
		}
	case lapsed:
	}
	return []modbus.Setting{{Point: generatorRun, Physical: run}}
}

func (g *Generator) take(v []modbus.Value, at bess.Instant) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.running, g.fault = hearFlag(v[generatorRunning], at), hearFlag(v[generatorFault], at)
	g.fuel = hear[si.Ratio](v[generatorFuel], 0.01, at)
}

// Sense copies the newest readings.
func (g *Generator) Sense(s *bess.Snapshot, _ bess.Instant) {
	if g.options.Index >= len(s.Feeders) {
		return
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	f := &s.Feeders[g.options.Index]
	f.Running, f.Fault, f.Fuel = g.running, g.fault, g.fuel
}

// Obey leaves the newest order.
func (g *Generator) Obey(c *bess.Commands, now bess.Instant) {
	if g.options.Index >= len(c.Feeders) {
		return
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.order = c.Feeders[g.options.Index]
	g.box.note(now)
}

// Watchdog is the controller's own.
func (g *Generator) Watchdog() (bess.Span, bool) { return GeneratorDeadMan, true }

// Status is how the connection fares.
func (g *Generator) Status() Status { return g.tally.read() }

// GeneratorBank is the far side of the generator's registers.
type GeneratorBank struct{ *bank }

// NewGeneratorBank makes the registers of a generator's controller.
func NewGeneratorBank(now func() time.Time) (*GeneratorBank, error) {
	table, err := GeneratorTable().Compile()
	if err != nil {
		return nil, err
	}
	return &GeneratorBank{newBank(table, now, generatorHeartbeat)}, nil
}

// Publish sets the readings.
func (b *GeneratorBank) Publish(v *bess.FeederView) {
	tellFlag(b.Bank, generatorRunning, v.Running)
	tellFlag(b.Bank, generatorFault, v.Fault)
	tell(b.Bank, generatorFuel, v.Fuel, 100)
}

// Ordered reports whether the set is asked to run.
func (b *GeneratorBank) Ordered() bool { return b.physical(generatorRun) == 1 }
