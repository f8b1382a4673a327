package device

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/modbus"
	"reprise/wire/sunspec"
)

// InverterOptions say where the inverter is.
type InverterOptions struct {
	Clock     Clock
	Bus       modbus.Registers
	Unit      uint8
	Rated     si.VoltAmps
	Heartbeat bess.Span // its watchdog, as installed
}

// Inverter is the grid-forming and grid-following inverter: SunSpec 701, 704 and 715, 714 if it has it, and our own block
// for its modes.
type Inverter struct {
	options InverterOptions
	own     *modbus.Reader
	values  []modbus.Value
	tally   tally

	measure, controls, control *sunspec.Block
	direct                     *sunspec.Block // model 714; nil for an inverter that does not measure its DC side
	port                       [4]int         // its points, see portPoints
	limits                     limits         // last written to model 704
	limited                    time.Time
	written                    []modbus.Setting // last written to our own block
	ordered, beaten            time.Time        // when that was, and when the heartbeat last moved

	mutex sync.Mutex
	view  bess.InverterView
	order bess.InverterCommand
	box   mailbox
	beat  uint32
}

// limits are the orders that live in model 704.
type limits struct{ export, reactive float64 }

// limitsEvery is how often unchanged limits are asserted again.
const limitsEvery = time.Second

// NewInverter makes a driver.
func NewInverter(o InverterOptions) (*Inverter, error) {
	if o.Clock == nil || o.Bus == nil || o.Rated <= 0 || o.Heartbeat <= 0 {
		return nil, errors.New("making an inverter driver: it needs a clock, a bus, a rating and the inverter's heartbeat time")
	}
	table, err := InverterTable().Compile()
	if err != nil {
		return nil, err
	}
	return &Inverter{options: o, own: modbus.NewReader(o.Bus, o.Unit, table), values: make([]modbus.Value, table.Len()), port: portPoints()}, nil
}

// Run owns the exchange until ctx ends.
func (v *Inverter) Run(ctx context.Context) error {
	return rounds(ctx, pollEvery, &v.tally, v.discover, v.round)
}

// rounds repeats a round at a period; after a failure it begins with a discovery again.
func rounds(ctx context.Context, period time.Duration, tally *tally, discover, round func(context.Context) error) error {
	var pauses backoff
	connected := false
	for {
		var err error
		if !connected {
			err = discover(ctx)
		}
		if err == nil {
			err = round(ctx)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		pause := untilBeat(period)
		if connected = err == nil; connected {
			tally.connected()
			pauses = backoff{}
		} else {
			tally.failed(err)
			pause = pauses.pause()
		}
		if err := wait(ctx, pause); err != nil {
			return err
		}
	}
}

// discover finds the models and their scale factors, and where the heartbeat stands.
func (v *Inverter) discover(ctx context.Context) error {
	found, err := sunspec.Discover(ctx, v.options.Bus, v.options.Unit)
	if err != nil {
		return fmt.Errorf("looking for the inverter's models: %w", err)
	}
	v.measure, v.controls, v.control = found.Model(701), found.Model(704), found.Model(715)
	for _, b := range []*sunspec.Block{v.measure, v.controls, v.control} {
		if b == nil {
			return errors.New("the inverter lacks one of the SunSpec models 701, 704 and 715")
		}
		if err := b.Read(ctx); err != nil {
			return err
		}
	}
	if v.direct = found.Model(714); v.direct != nil {
		if err := v.direct.Read(ctx); err != nil {
			return err
		}
	}
	if beat := v.control.Value(sunspec.ControlControllerHb); beat.Valid {
		v.beat = uint32(beat.Physical)
	}
	v.limited, v.beaten, v.written = time.Time{}, time.Time{}, nil
	return nil
}

// round writes what stands ordered and reads what is measured.
func (v *Inverter) round(ctx context.Context) error {
	if order, speaks := v.spoken(); speaks {
		if err := v.write(ctx, order); err != nil {
			return err
		}
	}
	at := v.options.Clock()
	if err := v.measure.ReadPoints(ctx, sunspec.ACMeasurementACType, sunspec.ACMeasurementVL3); err != nil {
		return err
	}
	if v.direct != nil {
		if err := v.direct.ReadPoints(ctx, sunspec.DCMeasurementPrtAlrms, v.lastDirect()); err != nil {
			return err
		}
	}
	if err := v.own.ReadAll(ctx, v.values); err != nil {
		return err
	}
	v.take(at)
	return nil
}

// spoken is the order to be written now.
func (v *Inverter) spoken() (bess.InverterCommand, bool) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	o := v.order
	switch v.box.judge(o.Lease, v.options.Clock()) {
	case silent:
		return o, false
	case lapsed:
		if o.Mode == bess.InverterForm && o.Lease.By != bess.SourceNone {
			return o, false // an island is held until the inverter's own hold ends
		}
		o = bess.InverterCommand{}
	case inForce:
	}
	if o.Mode > bess.InverterForm || !si.Finite(o.Import) || !si.Finite(o.Export) || !si.Finite(o.Volts) || !si.Finite(o.Hertz) || !si.Finite(o.Reactive) || !si.Finite(o.DCVolts) {
		o = bess.InverterCommand{}
	}
	return o, true
}

func (v *Inverter) write(ctx context.Context, o bess.InverterCommand) error {
	m := v.own.Map()
	settings := []modbus.Setting{
		setting(m, vendorOrder, float64(o.Mode)), setting(m, vendorImport, float64(o.Import)),
		setting(m, vendorVolts, float64(o.Volts)), setting(m, vendorHertz, float64(o.Hertz)),
		setting(m, vendorReference, float64(o.DCVolts)),
	}
	want := limits{
		export:   math.Floor(min(max(float64(o.Export)/float64(v.options.Rated), 0), 1)*10000) / 100,
		reactive: math.Trunc(float64(o.Reactive)/10) * 10,
	}
	if want != v.limits || time.Since(v.limited) >= limitsEvery {
		if err := v.limit(ctx, want); err != nil {
			return err
		}
	}
	renew := renewal(v.options.Heartbeat)
	if !slices.Equal(settings, v.written) || time.Since(v.ordered) >= renew {
		if err := v.own.Write(ctx, settings...); err != nil {
			return err
		}
		v.written, v.ordered = settings, time.Now()
	}
	if time.Since(v.beaten) < renew {
		return nil
	}
	v.beat++
	v.beaten = time.Now()
	return v.control.Write(ctx, modbus.Setting{Point: sunspec.ControlControllerHb, Physical: float64(v.beat)})
}

// limit writes the limits of model 704, each with its reversion, so that a lost controller leaves none of them open.
func (v *Inverter) limit(ctx context.Context, want limits) error {
	seconds := max(math.Ceil(float64(v.options.Heartbeat.Seconds())), 1)
	if err := v.controls.Write(ctx,
		modbus.Setting{Point: sunspec.ACControlsWMaxLimPctEna, Physical: sunspec.Enabled},
		modbus.Setting{Point: sunspec.ACControlsWMaxLimPct, Physical: want.export},
		modbus.Setting{Point: sunspec.ACControlsWMaxLimPctRvrt, Physical: 0},
		modbus.Setting{Point: sunspec.ACControlsWMaxLimPctEnaRvrt, Physical: sunspec.Enabled},
		modbus.Setting{Point: sunspec.ACControlsWMaxLimPctRvrtTms, Physical: seconds},
	); err != nil {
		return err
	}
	if err := v.controls.Write(ctx,
		modbus.Setting{Point: sunspec.ACControlsVarSetEna, Physical: sunspec.Enabled},
		modbus.Setting{Point: sunspec.ACControlsVarSetMod, Physical: 3}, // VARS
		modbus.Setting{Point: sunspec.ACControlsVarSetPri, Physical: 0}, // active power first
		modbus.Setting{Point: sunspec.ACControlsVarSet, Physical: want.reactive},
		modbus.Setting{Point: sunspec.ACControlsVarSetRvrt, Physical: 0},
	); err != nil {
		return err
	}
	v.limits, v.limited = want, time.Now()
	return v.readBack(ctx, want)
}

// readBack compares what the inverter took with what it was told.
func (v *Inverter) readBack(ctx context.Context, want limits) error {
	if err := v.controls.ReadPoints(ctx, sunspec.ACControlsWMaxLimPctEna, sunspec.ACControlsVarSetRvrt); err != nil {
		return err
	}
	got := limits{v.controls.Value(sunspec.ACControlsWMaxLimPct).Physical, v.controls.Value(sunspec.ACControlsVarSet).Physical}
	if math.Abs(got.export-want.export) > 0.011 || math.Abs(got.reactive-want.reactive) > 10.5 {
		v.tally.mismatch()
	}
	return nil
}

// take uses what was read.
func (v *Inverter) take(at bess.Instant) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	m, own := v.measure, v.values
	view := bess.InverterView{
		Fault: hearFlag(own[vendorFault], at), LossOfMain: hearFlag(own[vendorLoss], at),
		Mode: hear[si.Ratio](own[vendorMode], 1, at), DCVolts: hear[si.Volts](own[vendorDCVolts], 1, at),
		Power: hear[si.Watts](m.Value(sunspec.ACMeasurementW), 1, at), Reactive: hear[si.VoltAmps](m.Value(sunspec.ACMeasurementVar), 1, at),
		Hertz: hear[si.Hertz](m.Value(sunspec.ACMeasurementHz), 1, at), Heatsink: hear[si.Celsius](m.Value(sunspec.ACMeasurementTmpSnk), 1, at),
	}
	if view.Mode.Quality == bess.Good {
		view.Running = bess.FlagOf(view.Mode.Value != si.Ratio(bess.InverterOff), at)
	}
	if alarms, ok := m.Bits(sunspec.ACMeasurementAlrm); ok && alarms != 0 {
		view.Fault = bess.FlagOf(true, at)
	}
	v.takeDirect(&view, at)
	for k := range view.PhaseVolts {
		step := k * (sunspec.ACMeasurementWL2 - sunspec.ACMeasurementWL1)
		view.PhasePower[k] = hear[si.Watts](m.Value(sunspec.ACMeasurementWL1+step), 1, at)
		view.PhaseVolts[k] = hear[si.Volts](m.Value(sunspec.ACMeasurementVL1+step), 1, at)
		view.PhaseAmps[k] = hear[si.Amps](m.Value(sunspec.ACMeasurementAL1+step), 1, at)
	}
	v.view = view
}

// lastDirect is the last point of model 714 that is polled: the alarms of the first port, or of a device without ports the
// total power.
func (v *Inverter) lastDirect() int {
	if alarms := v.port[3]; alarms < v.direct.Layout().Len() {
		return alarms
	}
	return sunspec.DCMeasurementDCW
}

// takeDirect uses what model 714 says of the DC side.
func (v *Inverter) takeDirect(view *bess.InverterView, at bess.Instant) {
	if v.direct == nil {
		return
	}
	view.DCPower = hear[si.Watts](v.direct.Value(sunspec.DCMeasurementDCW), 1, at)
	if alarms, ok := v.direct.Bits(v.port[3]); ok {
		view.OverVolts = bess.FlagOf(alarms&sunspec.PortAlarmOverVoltage != 0, at)
		view.UnderVolts = bess.FlagOf(alarms&sunspec.PortAlarmUnderVoltage != 0, at)
	}
}

// Sense copies the newest readings; the inverter's DC side is the measurement of the DC bus.
func (v *Inverter) Sense(s *bess.Snapshot, _ bess.Instant) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	s.Inverter, s.Bus.Volts = v.view, v.view.DCVolts
}

// Obey leaves the newest order.
func (v *Inverter) Obey(c *bess.Commands, now bess.Instant) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.order = c.Inverter
	v.box.note(now)
}

// Watchdog is the inverter's heartbeat.
func (v *Inverter) Watchdog() (bess.Span, bool) { return v.options.Heartbeat, true }

// Status is how the connection fares.
func (v *Inverter) Status() Status { return v.tally.read() }
