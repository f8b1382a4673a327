package device_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/device"
	"reprise/device/devicetest"
	"reprise/wire/can"
	"reprise/wire/modbus"
)

// machine has one part of each kind.
func machine() *bess.Unit {
	u := &bess.Unit{
		Packs: make([]bess.Pack, 2), Converters: make([]bess.Converter, 1), Circuits: make([]bess.Circuit, 2),
		Feeders:  []bess.Feeder{{Kind: bess.Grid}, {Kind: bess.Generator}, {Kind: bess.Solar}, {Kind: bess.CCS, DC: true}},
		Outlets:  []bess.Outlet{{Station: "outlet-1", Phases: 1, Phase: 1, Current: 32, Minimum: 6, Fallback: 6, Hold: 30 * bess.Second, Lag: 5 * bess.Second}},
		IO:       bess.IO{Period: 50, Watchdog: 500, HoldWindow: 2500},
		Inverter: bess.Inverter{Rated: 100e3, Heartbeat: 3 * bess.Second},
	}
	u.Packs[0].Type.Closing = bess.ClosingCAN
	return u
}

// registers is a subject on Modbus: a line to a server of a bank.
type registers struct {
	*devicetest.Pipe
	bus    modbus.Registers
	cancel context.CancelFunc
	foul   atomic.Bool
}

func newRegisters(bank modbus.Handler) *registers {
	ctx, cancel := context.WithCancel(context.Background())
	server := &modbus.Server{Handler: bank}
	r := &registers{cancel: cancel}
	r.Pipe = devicetest.NewPipe(func(c net.Conn) {
		if r.foul.CompareAndSwap(true, false) {
			_, _ = c.Write([]byte("HTTP/1.1 400 this is no Modbus\r\n\r\n"))
			_ = c.Close()
			return
		}
		_ = server.ServeConn(ctx, c)
	})
	r.bus = modbus.NewClient(r.Dial, 200*time.Millisecond)
	return r
}

// rubbish breaks the connection and lets the next one begin with foreign bytes.
func (r *registers) rubbish() {
	r.foul.Store(true)
	r.Restore()
}

func (r *registers) close() {
	r.cancel()
	r.Close()
}

func subject(d devicetest.Driver, r *registers, status func() device.Status) devicetest.Subject {
	return devicetest.Subject{
		Driver: d, Line: r, Close: r.close, Rubbish: r.rubbish,
		Counted: func() uint64 { s := status(); return s.Failures + s.Garbage },
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestConverterConforms(t *testing.T) {
	devicetest.Check(t, machine(), func(t *testing.T, _ *bess.Unit, clock func() bess.Instant) devicetest.Subject {
		bank := must[*device.ConverterBank](t)(device.NewConverterBank(500, time.Now))
		bank.Publish(&bess.ConverterView{Running: bess.FlagOf(true, 0), Power: bess.Of[si.Watts](-4321, 0)})
		r := newRegisters(bank)
		d := must[*device.Converter](t)(device.NewConverter(device.ConverterOptions{Clock: clock, Bus: r.bus, Unit: 1, Heartbeat: 500, LinkOf: bess.Nobody}))
		s := subject(d, r, d.Status)
		s.Newest = func(s *bess.Snapshot) (bess.Instant, bool) {
			return s.Converters[0].Power.At, s.Converters[0].Power.Quality == bess.Good
		}
		s.Good = func(s *bess.Snapshot) bool { return s.Converters[0].Power.Value == -4321 }
		s.Order = func(c *bess.Commands, lease bess.Lease) {
			c.Converters[0] = bess.ConverterCommand{Mode: bess.ConverterDroop, Reference: 752.5, Slope: 500, Discharge: 25e3, Charge: 20e3, Lease: lease}
		}
		s.Life = bank.Beats
		s.Active = func() bool {
			o := bank.Ordered()
			return o.Mode == bess.ConverterDroop && o.Reference == 752.5 && o.Slope == 500 && o.Discharge == 25e3 && o.Charge == 20e3
		}
		return s
	})
}

func TestInverterConforms(t *testing.T) {
	devicetest.Check(t, machine(), func(t *testing.T, u *bess.Unit, clock func() bess.Instant) devicetest.Subject {
		bank := must[*device.InverterBank](t)(device.NewInverterBank(u.Inverter.Rated, time.Now))
		bank.Publish(&bess.InverterView{Mode: bess.Of(si.Ratio(bess.InverterFollow), 0), Power: bess.Of[si.Watts](-12340, 0), DCVolts: bess.Of[si.Volts](748.5, 0),
			DCPower: bess.Of[si.Watts](11990, 0), OverVolts: bess.FlagOf(false, 0), UnderVolts: bess.FlagOf(true, 0)})
		r := newRegisters(bank)
		d := must[*device.Inverter](t)(device.NewInverter(device.InverterOptions{Clock: clock, Bus: r.bus, Unit: 1, Rated: u.Inverter.Rated, Heartbeat: u.Inverter.Heartbeat}))
		s := subject(d, r, d.Status)
		s.Newest = func(s *bess.Snapshot) (bess.Instant, bool) {
			return s.Inverter.Power.At, s.Inverter.Power.Quality == bess.Good
		}
		s.Good = func(s *bess.Snapshot) bool {
			v := &s.Inverter
			return v.Power.Value == -12340 && v.DCPower.Value == 11990 && v.DCPower.At == v.Power.At && s.Bus.Volts.Value == 748.5 &&
				v.Running.State == bess.Yes && v.OverVolts.State == bess.No && v.UnderVolts.State == bess.Yes
		}
		s.Order = func(c *bess.Commands, lease bess.Lease) {
			c.Inverter = bess.InverterCommand{Mode: bess.InverterForm, Import: 30e3, Export: 45e3, Reactive: -2e3, Volts: 231.5, Hertz: 50.1, DCVolts: 403.5, Lease: lease}
		}
		s.Life = bank.Beats
		s.Active = func() bool {
			o := bank.Ordered()
			o.Export, o.Hertz = si.Watts(float64(int(o.Export+0.5))), si.Hertz(float64(int(float64(o.Hertz)*100+0.5))/100)
			return o == bess.InverterCommand{Mode: bess.InverterForm, Import: 30e3, Export: 45e3, Reactive: -2e3, Volts: 231.5, Hertz: 50.1, DCVolts: 403.5}
		}
		return s
	})
}

func TestMeterConforms(t *testing.T) {
	devicetest.Check(t, machine(), func(t *testing.T, _ *bess.Unit, clock func() bess.Instant) devicetest.Subject {
		bank := must[*device.MeterBank](t)(device.NewMeterBank(time.Now))
		bank.PublishFeeder(&bess.FeederView{Power: bess.Of[si.Watts](-777, 0), Forward: bess.FlagOf(true, 0)})
		r := newRegisters(bank)
		d := must[*device.Meter](t)(device.NewMeter(device.MeterOptions{Clock: clock, At: device.MeterFeeder, Bus: r.bus, Unit: 1}))
		s := subject(d, r, d.Status)
		s.Newest = func(s *bess.Snapshot) (bess.Instant, bool) {
			return s.Feeders[0].Power.At, s.Feeders[0].Power.Quality == bess.Good
		}
		s.Good = func(s *bess.Snapshot) bool {
			f := &s.Feeders[0]
			return f.Power.Value == -777 && f.Forward.State == bess.Yes && f.Neutral.State == bess.Unknown && f.Hertz.Quality == bess.Missing
		}
		return s
	})
}

func TestGeneratorConforms(t *testing.T) {
	devicetest.Check(t, machine(), func(t *testing.T, _ *bess.Unit, clock func() bess.Instant) devicetest.Subject {
		bank := must[*device.GeneratorBank](t)(device.NewGeneratorBank(time.Now))
		bank.Publish(&bess.FeederView{Fuel: bess.Of[si.Ratio](0.5, 0), Running: bess.FlagOf(true, 0)})
		r := newRegisters(bank)
		d := must[*device.Generator](t)(device.NewGenerator(device.GeneratorOptions{Clock: clock, Index: 1, Bus: r.bus, Unit: 1}))
		s := subject(d, r, d.Status)
		s.Newest = func(s *bess.Snapshot) (bess.Instant, bool) {
			return s.Feeders[1].Fuel.At, s.Feeders[1].Fuel.Quality == bess.Good
		}
		s.Good = func(s *bess.Snapshot) bool {
			return s.Feeders[1].Fuel.Value == 0.5 && s.Feeders[1].Running.State == bess.Yes
		}
		s.Order = func(c *bess.Commands, lease bess.Lease) { c.Feeders[1] = bess.FeederCommand{Run: true, Lease: lease} }
		s.Life, s.Active = bank.Beats, bank.Ordered
		return s
	})
}

func TestSolarConforms(t *testing.T) {
	devicetest.Check(t, machine(), func(t *testing.T, _ *bess.Unit, clock func() bess.Instant) devicetest.Subject {
		bank := must[*device.SolarBank](t)(device.NewSolarBank(50e3, time.Now))
		bank.Publish(&bess.FeederView{Fault: bess.FlagOf(true, 0)})
		r := newRegisters(bank)
		d := must[*device.Solar](t)(device.NewSolar(device.SolarOptions{Clock: clock, Index: 2, Bus: r.bus, Unit: 1, Rated: 50e3}))
		s := subject(d, r, d.Status)
		s.Newest = func(s *bess.Snapshot) (bess.Instant, bool) {
			return s.Feeders[2].Fault.At, s.Feeders[2].Fault.State != bess.Unknown
		}
		s.Good = func(s *bess.Snapshot) bool { return s.Feeders[2].Fault.State == bess.Yes }
		s.Order = func(c *bess.Commands, lease bess.Lease) {
			c.Feeders[2] = bess.FeederCommand{Limit: 12.5e3, Lease: lease}
		}
		s.Life, s.Active = bank.Beats, func() bool { return bank.Ordered() == 12.5e3 }
		return s
	})
}

func TestPostConforms(t *testing.T) {
	devicetest.Check(t, machine(), func(t *testing.T, _ *bess.Unit, clock func() bess.Instant) devicetest.Subject {
		bank := must[*device.PostBank](t)(device.NewPostBank(time.Now))
		bank.Publish(&bess.FeederView{PostPower: bess.Of[si.Watts](50e3, 0), Plugged: bess.FlagOf(true, 0)})
		r := newRegisters(bank)
		d := must[*device.Post](t)(device.NewPost(device.PostOptions{Clock: clock, Index: 3, Bus: r.bus, Unit: 1}))
		s := subject(d, r, d.Status)
		s.Newest = func(s *bess.Snapshot) (bess.Instant, bool) {
			return s.Feeders[3].PostPower.At, s.Feeders[3].PostPower.Quality == bess.Good
		}
		s.Good = func(s *bess.Snapshot) bool {
			return s.Feeders[3].PostPower.Value == 50e3 && s.Feeders[3].Plugged.State == bess.Yes
		}
		s.Order = func(c *bess.Commands, lease bess.Lease) {
			c.Feeders[3] = bess.FeederCommand{Close: true, Limit: 40e3, Volts: 420, Lease: lease}
		}
		s.Life = bank.Beats
		s.Active = func() bool { return bank.Ordered() == bess.FeederCommand{Close: true, Limit: 40e3, Volts: 420} }
		return s
	})
}

// channelLine is a subject on CAN: a line to a node, as a byte stream.
func channelLine(run func(context.Context, can.Bus) error) (*devicetest.Pipe, device.DialCAN, *can.Wire, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	wire := &can.Wire{}
	go func() { _ = run(ctx, wire.Attach(0)) }()
	pipe := devicetest.NewPipe(func(c net.Conn) { _ = wire.Join(ctx, can.NewStream(c, 0)) })
	dial := func(ctx context.Context) (can.Bus, error) {
		c, err := pipe.Dial(ctx)
		if err != nil {
			return nil, err
		}
		return can.NewStream(c, 0), nil
	}
	return pipe, dial, wire, func() { cancel(); pipe.Close() }
}

func TestIOModuleConforms(t *testing.T) {
	devicetest.Check(t, machine(), func(t *testing.T, u *bess.Unit, clock func() bess.Instant) devicetest.Subject {
		node := must[*device.IONode](t)(device.NewIONode(u))
		said := bess.NewSnapshot(u)
		said.IO.TwelveVolt = bess.Of[si.Volts](12.8, 0)
		said.IO.Inputs[bess.Tilt] = bess.FlagOf(true, 0)
		node.Publish(&said, true)
		pipe, dial, wire, end := channelLine(node.Run)
		d := must[*device.IOModule](t)(device.NewIOModule(device.IOModuleOptions{Clock: clock, Unit: u, Dial: dial}))
		liar := wire.Attach(0)
		got := bess.NewCommands(u)
		return devicetest.Subject{
			Driver: d, Line: pipe, Close: end,
			Newest: func(s *bess.Snapshot) (bess.Instant, bool) { return s.IO.Alive.At, s.IO.Alive.Quality == bess.Good },
			Good: func(s *bess.Snapshot) bool {
				return s.IO.TwelveVolt.Value == 12.8 && s.IO.Inputs[bess.Tilt].State == bess.Yes && s.IO.Inputs[bess.Gas].State == bess.Unknown
			},
			Rubbish: func() {
				_ = liar.Send(can.Frame{ID: 769, Length: 8, Data: [8]byte{1, 2, 3, 4, 5, 6, 7, 8}})
				_ = liar.Send(can.Frame{ID: 768, Length: 3})
			},
			Counted: func() uint64 { return d.Status().Garbage },
			Order: func(c *bess.Commands, lease bess.Lease) {
				c.IO = bess.IOCommand{HoldIn: true, Bond: true, Lease: lease}
				c.Circuits[1] = bess.CircuitCommand{Close: true, Lease: lease}
				c.Packs[1] = bess.PackCommand{Close: true, Lease: lease}
			},
			Life: func() uint64 { heard, _ := node.Ordered(&got); return heard },
			Active: func() bool {
				node.Ordered(&got)
				return got.IO.Bond && !got.IO.OutletSupply && got.Circuits[1].Close && !got.Circuits[0].Close && got.Packs[1].Close
			},
		}
	})
}
