package device

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"reprise/bess"
	"reprise/wire/modbus"
)

// exchange is the loop of one register device: at each beat it writes what stands ordered, reads everything and hands
// the values on. Everything is written at each beat, so whatever the far side forgot over a lost connection is asserted
// again; what was written is compared with what reads back.
type exchange struct {
	clock  Clock
	reader *modbus.Reader
	period time.Duration
	tally  *tally
	// write gives what to write now; nothing while nobody renews an order. It may be nil for a device without orders.
	write func() []modbus.Setting
	// take uses the values that were read at an instant.
	take func(values []modbus.Value, at bess.Instant)

	values []modbus.Value
}

// run ends only with the context.
func (x *exchange) run(ctx context.Context) error {
	x.values = make([]modbus.Value, x.reader.Map().Len())
	var pauses backoff
	connected := false
	for {
		begun := time.Now()
		err := x.once(ctx, connected)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		pause := max(x.period-time.Since(begun), time.Millisecond)
		if connected = err == nil; connected {
			x.tally.connected()
			pauses = backoff{}
		} else {
			x.tally.failed(err)
			pause = pauses.pause()
		}
		if err := wait(ctx, pause); err != nil {
			return err
		}
	}
}

// once is one beat. After a lost connection it reads first, so that the heartbeat goes on from where the device stands.
func (x *exchange) once(ctx context.Context, connected bool) error {
	if !connected {
		if err := x.read(ctx); err != nil {
			return err
		}
	}
	var settings []modbus.Setting
	if x.write != nil {
		settings = x.write()
	}
	if len(settings) > 0 {
		if err := x.reader.Write(ctx, settings...); err != nil {
			return err
		}
	}
	if err := x.read(ctx); err != nil {
		return err
	}
	for _, s := range settings {
		scale := x.reader.Map().Point(s.Point).Scale
		if scale == 0 {
			scale = 1
		}
		if v := x.values[s.Point]; !v.Valid || math.Abs(v.Physical-s.Physical) > scale {
			x.tally.mismatch()
			break
		}
	}
	return nil
}

func (x *exchange) read(ctx context.Context) error {
	at := x.clock()
	if err := x.reader.ReadAll(ctx, x.values); err != nil {
		return err
	}
	x.take(x.values, at)
	return nil
}

// setting is an order as a register can carry it: finite, within the point's limits or its type's.
func setting(m *modbus.Map, point int, x float64) modbus.Setting {
	p := m.Point(point)
	low, high := p.Min, p.Max
	switch {
	case math.IsNaN(x):
		x = 0
	case low == 0 && high == 0:
	default:
		x = min(max(x, low), high)
	}
	return modbus.Setting{Point: point, Physical: x}
}

// bank is the far side of a table with orders: its registers and how often its heartbeat moved.
type bank struct {
	*modbus.Bank
	beats atomic.Uint64
	last  atomic.Uint64
}

// newBank makes the registers. heartbeat is the point that a living master changes, -1 without.
func newBank(m *modbus.Map, now func() time.Time, heartbeat int) *bank {
	b := &bank{Bank: modbus.NewBank(m, now)}
	b.last.Store(math.MaxUint64)
	b.OnWrite(func(point int, value modbus.Value) {
		if point == heartbeat && value.Valid && b.last.Swap(uint64(value.Physical)) != uint64(value.Physical) {
			b.beats.Add(1)
		}
	})
	return b
}

// Beats is how often the master gave a sign of life; a number that stands still means that nobody orders any more.
func (b *bank) Beats() uint64 { return b.beats.Load() }

// physical is a point's value, 0 when it was never written.
func (b *bank) physical(point int) float64 {
	if v := b.Get(point); v.Valid {
		return v.Physical
	}
	return 0
}

// tell puts a reading into the registers: what is missing or bad is "not available".
func tell[T ~float64](b *modbus.Bank, point int, r bess.Reading[T], sign float64) {
	if r.Quality != bess.Good || b.Set(point, sign*float64(r.Value)) != nil {
		b.SetMissing(point)
	}
}

// The three states of a flag in a register.
const (
	flagUnknown = 0
	flagNo      = 1
	flagYes     = 2
)

// tellFlag puts a flag into the registers.
func tellFlag(b *modbus.Bank, point int, f bess.Flag) {
	code := float64(flagUnknown)
	switch f.State {
	case bess.No:
		code = flagNo
	case bess.Yes:
		code = flagYes
	case bess.Unknown:
	}
	_ = b.Set(point, code) // three codes fit every flag's limits
}

// hear is a register as a reading.
func hear[T ~float64](v modbus.Value, sign float64, at bess.Instant) bess.Reading[T] {
	if !v.Valid || math.IsNaN(v.Physical) || math.IsInf(v.Physical, 0) {
		return bess.Reading[T]{}
	}
	return bess.Reading[T]{Value: T(sign * v.Physical), At: at, Quality: bess.Good}
}

// hearFlag is a register as a flag; a code that is none is unknown.
func hearFlag(v modbus.Value, at bess.Instant) bess.Flag {
	switch {
	case v.Valid && v.Physical == flagNo:
		return bess.FlagOf(false, at)
	case v.Valid && v.Physical == flagYes:
		return bess.FlagOf(true, at)
	}
	return bess.Flag{}
}

// flagPoint is a flag in a table.
func flagPoint(name string, address uint16, doc string) modbus.Point {
	return modbus.Point{Name: name, Address: address, Max: flagYes, Doc: doc + ": 0 unknown, 1 no, 2 yes"}
}

// order makes a point writable.
func order(p modbus.Point) modbus.Point {
	p.Access = modbus.ReadWrite
	return p
}
