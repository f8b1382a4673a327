package device

import (
	"context"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"reprise/bess"
	"reprise/wire/modbus"
)

// exchange is the loop of one register device: at each beat it writes what stands ordered, if that changed or the device
// must hear from us again, reads everything and hands the values on. What the far side forgot over a lost connection is so
// asserted again; what was written is compared with what reads back.
type exchange struct {
	clock  Clock
	reader *modbus.Reader
	period time.Duration
	tally  *tally
	// take uses the values that were read at an instant.
	take func(values []modbus.Value, at bess.Instant)
	// write gives what to write now, without the heartbeat; nothing while nobody renews an order. Nil for a device that
	// takes no orders.
	write     func() []modbus.Setting
	heartbeat int           // point of the heartbeat
	renew     time.Duration // write again after this long, well within the device's watchdog

	values  []modbus.Value
	beat    uint16
	written []modbus.Setting // last written, without the heartbeat
	at      time.Time        // of that
}

// run ends only with the context.
func (x *exchange) run(ctx context.Context) error {
	x.values = make([]modbus.Value, x.reader.Map().Len())
	return rounds(ctx, x.period, x.tally, x.begin, x.once)
}

// begin reads first, so that the heartbeat goes on from where the device stands.
func (x *exchange) begin(ctx context.Context) error {
	x.written, x.at = nil, time.Time{}
	if err := x.read(ctx); err != nil || x.write == nil {
		return err
	}
	if v := x.values[x.heartbeat]; v.Valid {
		x.beat = uint16(v.Physical)
	}
	return nil
}

// once is one beat.
func (x *exchange) once(ctx context.Context) error {
	settings, err := x.order(ctx)
	if err != nil {
		return err
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
			x.written = nil
			break
		}
	}
	return nil
}

// order writes what stands ordered, and returns it when it did.
func (x *exchange) order(ctx context.Context) ([]modbus.Setting, error) {
	if x.write == nil {
		return nil, nil
	}
	settings := x.write()
	if len(settings) == 0 {
		x.written = nil
		return nil, nil
	}
	if slices.Equal(settings, x.written) && time.Since(x.at) < x.renew {
		return nil, nil
	}
	x.beat++
	err := x.reader.Write(ctx, append([]modbus.Setting{{Point: x.heartbeat, Physical: float64(x.beat)}}, settings...)...)
	if err != nil {
		return nil, err
	}
	x.written, x.at = settings, time.Now()
	return settings, nil
}

func (x *exchange) read(ctx context.Context) error {
	at := x.clock()
	if err := x.reader.ReadAll(ctx, x.values); err != nil {
		return err
	}
	x.take(x.values, at)
	return nil
}

// renewal is how often a device with this watchdog must hear from us: two and a half times within it.
func renewal(watchdog bess.Span) time.Duration { return min(duration(watchdog)*2/5, time.Second) }

// setting is an order as a register can carry it: finite, within the point's limits or its type's, in whole counts. An
// order that differs from the last by less than a count is so the same order, and is not written again.
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
	if count := p.Scale; p.Type != modbus.F32 && !math.IsInf(x, 0) {
		if count == 0 {
			count = 1
		}
		x = math.Round(x/count) * count
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
