package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"reprise/bess"
	"reprise/device"
	"reprise/wire/can"
	"reprise/wire/modbus"
)

// Wires are how the machine's devices are reached.
type Wires struct {
	Packs     []device.DialCAN // one channel for each pack
	IO        device.DialCAN
	Registers modbus.Dial // the one gateway of all register devices
}

// exchangeTimeout bounds one register exchange: half of the shortest heartbeat that is usual.
const exchangeTimeout = 250 * time.Millisecond

// Memory are wires within this process, in real or virtual time. Connections end with ctx.
func (s *Server) Memory(ctx context.Context) Wires {
	attach := func(w *can.Wire) device.DialCAN {
		return func(context.Context) (can.Bus, error) { return w.Attach(0), nil }
	}
	w := Wires{IO: attach(s.ioWire), Registers: func(context.Context) (net.Conn, error) {
		near, far := net.Pipe()
		go func() { _ = s.modbus.ServeConn(ctx, far) }()
		return near, nil
	}}
	for i := range s.packs {
		w.Packs = append(w.Packs, attach(s.packs[i].wire))
	}
	return w
}

// Addresses are where a listening server is.
type Addresses struct {
	Packs     []string `json:"packs"` // tcp://host:port of each pack's channel
	IO        string   `json:"io"`
	Registers string   `json:"registers"` // host:port
}

// Listen opens TCP listeners at a host, such as "127.0.0.1", each on a free port, and serves them until ctx ends. wait
// returns when all of them are closed.
func (s *Server) Listen(ctx context.Context, host string) (at Addresses, wait func(), err error) {
	inner, cancel := context.WithCancel(ctx)
	done := make(chan struct{}, len(s.packs)+2)
	begun := 0
	wait = func() {
		for ; begun > 0; begun-- {
			<-done
		}
		cancel()
	}
	open := func(serve func(context.Context, net.Listener) error) (string, error) {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			return "", fmt.Errorf("serving the twin at %s: %w", host, err)
		}
		begun++
		go func() {
			_ = serve(inner, listener)
			done <- struct{}{}
		}()
		return listener.Addr().String(), nil
	}
	fail := func(err error) (Addresses, func(), error) {
		cancel()
		wait()
		return Addresses{}, nil, err
	}
	for i := range s.packs {
		address, err := open(s.packs[i].wire.Serve)
		if err != nil {
			return fail(err)
		}
		at.Packs = append(at.Packs, "tcp://"+address)
	}
	if at.IO, err = open(s.ioWire.Serve); err != nil {
		return fail(err)
	}
	at.IO = "tcp://" + at.IO
	if at.Registers, err = open(s.modbus.Serve); err != nil {
		return fail(err)
	}
	return at, wait, nil
}

// Wires are the wires to a listening server.
func (a Addresses) Wires() Wires {
	dial := func(address string) device.DialCAN {
		return func(ctx context.Context) (can.Bus, error) { return can.Dialer{}.Dial(ctx, address) }
	}
	w := Wires{IO: dial(a.IO), Registers: modbus.DialTCP(a.Registers)}
	for _, address := range a.Packs {
		w.Packs = append(w.Packs, dial(address))
	}
	return w
}

// Port is a driver as the unit's loop uses it.
type Port interface {
	// Run owns the connection until ctx ends.
	Run(ctx context.Context) error
	// Sense copies the newest readings.
	Sense(s *bess.Snapshot, now bess.Instant)
	// Obey leaves the newest order.
	Obey(c *bess.Commands, now bess.Instant)
}

// Ports makes the drivers of every part of the unit but its stations, each on its own connection.
func Ports(u *bess.Unit, tables []*device.PackTable, w Wires, clock device.Clock) ([]Port, error) {
	if len(tables) != len(u.Packs) || len(w.Packs) != len(u.Packs) {
		return nil, fmt.Errorf("making drivers: %d packs with %d tables and %d channels", len(u.Packs), len(tables), len(w.Packs))
	}
	var ports []Port
	var faults []error
	add := func(p Port, err error) {
		ports = append(ports, p)
		faults = append(faults, err)
	}
	bus := func() modbus.Registers { return modbus.NewClient(w.Registers, exchangeTimeout) }
	for i := range u.Packs {
		add(device.NewPack(device.PackOptions{Clock: clock, Index: i, Table: tables[i], Serial: u.Packs[i].Serial, Dial: w.Packs[i]}))
	}
	add(device.NewIOModule(device.IOModuleOptions{Clock: clock, Unit: u, Dial: w.IO}))
	for k := range u.Converters {
		link := bess.Nobody
		if pack := int(u.Converters[k].Pack); pack < len(tables) && !tables[pack].Tells(device.PackLinkVolts) {
			link = pack
		}
		add(device.NewConverter(device.ConverterOptions{
			Clock: clock, Index: k, Bus: bus(), Unit: ConverterUnit(k), Heartbeat: u.Converters[k].Heartbeat, LinkOf: link,
		}))
	}
	add(device.NewInverter(device.InverterOptions{
		Clock: clock, Bus: bus(), Unit: InverterUnit, Rated: u.Inverter.Rated, Heartbeat: u.Inverter.Heartbeat,
	}))
	add(device.NewMeter(device.MeterOptions{Clock: clock, At: device.MeterOwnUse, Bus: bus(), Unit: OwnUseUnit}))
	for i := range u.Feeders {
		add(device.NewMeter(device.MeterOptions{Clock: clock, At: device.MeterFeeder, Index: i, Bus: bus(), Unit: FeederMeterUnit(i)}))
		switch u.Feeders[i].Kind {
		case bess.Generator:
			add(device.NewGenerator(device.GeneratorOptions{Clock: clock, Index: i, Bus: bus(), Unit: FeederUnit(i)}))
		case bess.Solar:
			add(device.NewSolar(device.SolarOptions{Clock: clock, Index: i, Bus: bus(), Unit: FeederUnit(i), Rated: SolarRating(&u.Feeders[i])}))
		case bess.CCS:
			add(device.NewPost(device.PostOptions{Clock: clock, Index: i, Bus: bus(), Unit: FeederUnit(i)}))
		case bess.Grid:
		}
	}
	for i := range u.Circuits {
		add(device.NewMeter(device.MeterOptions{Clock: clock, At: device.MeterCircuit, Index: i, Bus: bus(), Unit: CircuitMeterUnit(i)}))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return ports, nil
}
