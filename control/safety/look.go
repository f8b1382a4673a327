package safety

import (
	"reprise/bess"
	"reprise/bess/si"
)

// Ages above which a reading counts as unknown.
const (
	fastAge        = bess.Second
	cellAge        = 3 * bess.Second
	temperatureAge = 10 * bess.Second
	meterAge       = 5 * bess.Second
	stationAge     = 30 * bess.Second
	slowAge        = 30 * bess.Second
)

// figure is a prepared reading: a finite value, or unknown.
type figure struct {
	x  float64
	ok bool
}

// of is a reading as a figure. What is not finite is not known: a driver that
// computes NaN has measured nothing.
func of[T si.Number](r bess.Reading[T], now bess.Instant, age bess.Span) figure {
	x, ok := r.Fresh(now, age)
	return figure{float64(x), ok && si.Finite(x)}
}

// told is a flag as a signal: 1 for yes, 0 for no.
func told(f bess.Flag, now bess.Instant, age bess.Span) (float64, bool) {
	switch f.Fresh(now, age) {
	case bess.Yes:
		return 1, true
	case bess.No:
		return 0, true
	default:
		return 0, false
	}
}

// is is a condition as a signal.
func is(b bool) (float64, bool) { return number(b), true }

// number is 1 for true.
func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// quiet is the signal of a row that has nothing to judge in this state: known
// and fine. It must not stand for a missing measurement.
const (
	quietLow  = -1e30
	quietHigh = 1e30
)

// look is what the signals see of one subject: its readings prepared once, so
// that many rows share them. It is scratch, set anew for each subject.
type look struct {
	u        *bess.Unit
	snap     *bess.Snapshot
	est      *bess.Estimates
	stages   *bess.Stages
	ordered  *bess.Commands
	standing *bess.Standing
	now      bess.Instant // against which ages are told; just after an absence without it
	i        int
	serving  bool // the unit is starting or in service
	stopping bool // a person asked for the emergency stop in this tick
	jump     float64
	bus      figure // V, by whoever measures it

	pack      packLook
	converter converterLook
	feeder    feederLook
	amps      figure // circuit, outlet: highest phase
}

// packLook is one pack.
type packLook struct {
	p        *bess.Pack
	v        *bess.PackView
	stage    bess.PackStage
	path     bool // its contactors are, or are about to be, closed
	joined   bool
	volts    figure
	amps     figure // positive: discharge
	high     figure
	low      figure
	hot      figure
	cold     figure
	heard    bool // all six are known
	rise     figure
	conv     *bess.ConverterView // its converter, if it has one
	convAmps figure
	convVolt figure
}

func (x *look) lookAtPack(i, conv int, t *Trace) {
	p := &x.pack
	p.p, p.v, p.stage = &x.u.Packs[i], &x.snap.Packs[i], x.stages.Packs[i]
	x.i = i
	switch p.stage {
	case bess.PackClosing, bess.PackJoined, bess.PackLeaving, bess.PackOpening:
		p.path = true
	default:
		p.path = false
	}
	p.joined = p.stage == bess.PackJoined
	timeout := p.p.FrameTimeout
	if timeout <= 0 {
		timeout = fastAge
	}
	now := x.now
	p.volts, p.amps = of(p.v.Volts, now, timeout), of(p.v.Current, now, timeout)
	p.high, p.low = of(p.v.CellHigh, now, cellAge), of(p.v.CellLow, now, cellAge)
	p.hot, p.cold = of(p.v.Hot, now, temperatureAge), of(p.v.Cold, now, temperatureAge)
	p.heard = p.volts.ok && p.amps.ok && p.high.ok && p.low.ok && p.hot.ok && p.cold.ok
	p.rise = t.follow(p.v.Hot, p.hot, p.stage == bess.PackService)
	p.conv, p.convAmps, p.convVolt = nil, figure{}, figure{}
	if conv >= 0 {
		p.conv = &x.snap.Converters[conv]
		p.convAmps, p.convVolt = of(p.conv.PackAmps, now, fastAge), of(p.conv.PackVolts, now, fastAge)
	}
}

// converterLook is one converter.
type converterLook struct {
	c      *bess.Converter
	v      *bess.ConverterView
	order  *bess.ConverterCommand
	power  figure
	joined bool
}

func (x *look) lookAtConverter(i int) {
	c := &x.converter
	x.i = i
	c.c, c.v, c.order = &x.u.Converters[i], &x.snap.Converters[i], &x.ordered.Converters[i]
	c.power = of(c.v.Power, x.now, fastAge)
	c.joined = x.stages.Packs[c.c.Pack] == bess.PackJoined
}

// feederLook is one supply.
type feederLook struct {
	f       *bess.Feeder
	v       *bess.FeederView
	record  *bess.SiteRecord
	ac      bool   // a supply that can carry the AC bus: grid or generator
	ready   bool   // its volts mean something: a grid, or a set that has run up
	closed  bool   // its contactor reports closed
	open    bool   // its contactor reports open; unknown is neither
	live    bool   // it carries the network
	most    figure // highest phase, V
	least   figure // lowest phase, V
	amps    figure // highest phase
	power   figure
	allowed float64 // W that may be drawn
}

func (x *look) lookAtFeeder(i int) {
	f := &x.feeder
	now := x.now
	x.i = i
	f.f, f.v, f.record = &x.u.Feeders[i], &x.snap.Feeders[i], &x.standing.Records[i]
	f.ac = f.f.Carries()
	f.closed, f.open = f.v.Contactor.Is(now, fastAge), f.v.Contactor.IsNot(now, fastAge)
	f.live = x.stages.Live == i
	f.power = of(f.v.Power, now, 2*fastAge)
	f.amps = highest(&f.v.PhaseAmps, f.f.Phases, now, fastAge)
	f.allowed = allowance(x, i)
	f.most, f.least = figure{}, figure{}
	if !f.ac {
		return
	}
	f.ready = f.f.Kind == bess.Grid || x.stages.Generators[i] == bess.GeneratorRunning
	f.most, f.least = figure{ok: true}, figure{quietHigh, true}
	for k := 0; k < f.f.Phases && k < 3; k++ {
		volts := of(f.v.PhaseVolts[k], now, fastAge)
		if !volts.ok {
			f.most, f.least = figure{}, figure{}
			return
		}
		f.most.x, f.least.x = max(f.most.x, volts.x), min(f.least.x, volts.x)
	}
}

// energised reports whether any phase of a feeder has real voltage on it: a
// supply that is simply off is not faulty.
func (f *feederLook) energised(u *bess.Unit) bool {
	return f.ready && f.most.ok && f.most.x > 0.5*float64(u.Inverter.PhaseVolts)
}

// allowance is the most that may be drawn from a feeder: installed cap, what
// was agreed on arrival, the site's cap, the set's rating.
func allowance(x *look, i int) float64 {
	f := &x.u.Feeders[i]
	limit := float64(f.Cap)
	if agreed := float64(x.standing.Records[i].Agreed); agreed > 0 {
		limit = min(limit, agreed)
	}
	switch f.Kind {
	case bess.Grid:
		limit = min(limit, float64(x.standing.ImportCap.Power))
	case bess.Generator:
		limit = min(limit, float64(f.Set.Rated))
	default: // its own rating is all there is
	}
	return limit
}

// highest is the highest magnitude of the phases; unknown when one of the
// first so many is.
func highest(amps *[3]bess.Reading[si.Amps], phases int, now bess.Instant, age bess.Span) figure {
	most, sum := 0.0, 0.0
	for k := range amps {
		r := &amps[k]
		if r.Quality != bess.Good || now.Since(r.At) > age {
			if k < phases {
				return figure{}
			}
			continue
		}
		a := float64(r.Value)
		if a < 0 {
			a = -a
		}
		if a > most {
			most = a
		}
		sum += a
	}
	return figure{most, sum-sum == 0}
}
