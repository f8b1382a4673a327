package device

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/modbus"
	"reprise/wire/sunspec"
)

// SolarDeadMan is the reversion time of the curtailment: so long after the last order a solar inverter stops. A solar
// inverter that is left alone must not push into an island that cannot take it.
const SolarDeadMan = 5 * bess.Second

// SolarOptions say where a solar inverter is.
type SolarOptions struct {
	Clock Clock
	Index int // position in Unit.Feeders
	Bus   modbus.Registers
	Unit  uint8
	Rated si.Watts // of its inverter
}

// Solar is a solar inverter by SunSpec 701 and 704: its output is limited, never raised. A meter measures it.
type Solar struct {
	options SolarOptions
	tally   tally

	measure, controls *sunspec.Block
	written           float64
	renewed           time.Time

	mutex sync.Mutex
	fault bess.Flag
	order bess.FeederCommand
	box   mailbox
}

// NewSolar makes a driver.
func NewSolar(o SolarOptions) (*Solar, error) {
	if o.Clock == nil || o.Bus == nil || o.Rated <= 0 {
		return nil, errors.New("making a solar driver: it needs a clock, a bus and a rating")
	}
	return &Solar{options: o}, nil
}

// Run owns the exchange until ctx ends.
func (v *Solar) Run(ctx context.Context) error {
	return rounds(ctx, meterEvery, &v.tally, v.discover, v.round)
}

func (v *Solar) discover(ctx context.Context) error {
	found, err := sunspec.Discover(ctx, v.options.Bus, v.options.Unit)
	if err != nil {
		return fmt.Errorf("looking for the solar inverter's models: %w", err)
	}
	v.measure, v.controls = found.Model(701), found.Model(704)
	if v.measure == nil || v.controls == nil {
		return errors.New("the solar inverter lacks one of the SunSpec models 701 and 704")
	}
	v.renewed = time.Time{}
	if err := v.controls.Read(ctx); err != nil {
		return err
	}
	return v.measure.Read(ctx)
}

func (v *Solar) round(ctx context.Context) error {
	if share, speaks := v.share(); speaks && (share != v.written || time.Since(v.renewed) >= limitsEvery) {
		if err := v.controls.Write(ctx,
			modbus.Setting{Point: sunspec.ACControlsWMaxLimPctEna, Physical: sunspec.Enabled},
			modbus.Setting{Point: sunspec.ACControlsWMaxLimPct, Physical: share},
			modbus.Setting{Point: sunspec.ACControlsWMaxLimPctRvrt, Physical: 0},
			modbus.Setting{Point: sunspec.ACControlsWMaxLimPctEnaRvrt, Physical: sunspec.Enabled},
			modbus.Setting{Point: sunspec.ACControlsWMaxLimPctRvrtTms, Physical: float64(SolarDeadMan.Seconds())},
		); err != nil {
			return err
		}
		v.written, v.renewed = share, time.Now()
		if err := v.controls.ReadPoints(ctx, sunspec.ACControlsWMaxLimPctEna, sunspec.ACControlsWMaxLimPct); err != nil {
			return err
		}
		if got := v.controls.Value(sunspec.ACControlsWMaxLimPct); math.Abs(got.Physical-share) > 0.011 {
			v.tally.mismatch()
		}
	}
	at := v.options.Clock()
	if err := v.measure.ReadPoints(ctx, sunspec.ACMeasurementInvSt, sunspec.ACMeasurementAlrm); err != nil {
		return err
	}
	alarms, known := v.measure.Bits(sunspec.ACMeasurementAlrm)
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.fault = (bess.Flag{}); known {
		v.fault = bess.FlagOf(alarms != 0, at)
	}
	return nil
}

// share is the limit to be written now, percent of the rating.
func (v *Solar) share() (float64, bool) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	switch v.box.judge(v.order.Lease, v.options.Clock()) {
	case silent:
		return 0, false
	case inForce:
		if si.Finite(v.order.Limit) {
			part := min(max(float64(v.order.Limit)/float64(v.options.Rated), 0), 1)
			return math.Floor(part*10000) / 100, true
		}
	case lapsed:
	}
	return 0, true
}

// Sense copies the newest readings.
func (v *Solar) Sense(s *bess.Snapshot, _ bess.Instant) {
	if v.options.Index >= len(s.Feeders) {
		return
	}
	v.mutex.Lock()
	defer v.mutex.Unlock()
	s.Feeders[v.options.Index].Fault = v.fault
}

// Obey leaves the newest order.
func (v *Solar) Obey(c *bess.Commands, now bess.Instant) {
	if v.options.Index >= len(c.Feeders) {
		return
	}
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.order = c.Feeders[v.options.Index]
	v.box.note(now)
}

// Watchdog is the reversion of model 704.
func (v *Solar) Watchdog() (bess.Span, bool) { return SolarDeadMan, true }

// Status is how the connection fares.
func (v *Solar) Status() Status { return v.tally.read() }

// SolarBank is the far side of a solar inverter.
type SolarBank struct {
	*sunspec.Bank
	rated si.Watts
	beats atomic.Uint64
}

// NewSolarBank makes the registers of a solar inverter.
func NewSolarBank(rated si.Watts, now func() time.Time) (*SolarBank, error) {
	b := &SolarBank{rated: rated}
	var err error
	if b.Bank, err = newChain("Solar", now); err != nil {
		return nil, err
	}
	controls := b.Model(704)
	b.OnWrite(func(s *sunspec.Section, point int) {
		// Writing the reversion time starts its timer again.
		if s == controls && point == sunspec.ACControlsWMaxLimPctRvrtTms {
			b.beats.Add(1)
		}
	})
	return b, nil
}

// Beats is how often the reversion timer was started.
func (b *SolarBank) Beats() uint64 { return b.beats.Load() }

// Publish sets the readings.
func (b *SolarBank) Publish(v *bess.FeederView) {
	m := b.Model(701)
	alarm := 0.0
	if v.Fault.State == bess.Yes {
		alarm = sunspec.AlarmManufacturer
	}
	_ = m.Update(
		modbus.Setting{Point: sunspec.ACMeasurementInvSt, Physical: sunspec.StateMPPT},
		modbus.Setting{Point: sunspec.ACMeasurementAlrm, Physical: alarm},
	)
	show(m, sunspec.ACMeasurementW, v.Power)
	show(m, sunspec.ACMeasurementHz, v.Hertz)
}

// Ordered is the limit in the registers.
func (b *SolarBank) Ordered() si.Watts {
	v := b.Model(704).Value(sunspec.ACControlsWMaxLimPct)
	if !v.Valid {
		return 0
	}
	return si.Watts(float64(b.rated) * v.Physical / 100)
}
