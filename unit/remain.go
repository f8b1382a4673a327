package unit

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"reprise/bess"
	"reprise/bess/si"
)

// touchSafe is the DC voltage below which a bus may be opened: voltage class A
// of ISO 6469-3 ends at 60 V DC, the same 60 V that IEC 61140 allows on
// accessible parts in dry places. Nothing here replaces a tester.
const touchSafe = 60

// A fall is measured over at least markEvery, and less than fallLeast over that
// time is no fall.
const (
	markEvery = 10 * bess.Second
	fallLeast = 1.0 // V
)

// fall measures how fast a stopped bus loses its voltage, from what this
// picture and the ones before it show. Bleeding through resistors is
// exponential, so the time that is left follows from voltage and slope alone.
// The first seconds do not count: loads that run down would promise too much.
// Of two slopes the slower one holds.
func fall(bus, before *bess.BusPicture, now bess.Instant, stopped bool) {
	why := "the unit is not stopped"
	switch {
	case stopped && !bus.Volts.Known:
		why = "the bus voltage is not measured"
	case stopped:
		why = "not measured long enough"
		bus.Marks = before.Marks
	}
	bus.Falling, bus.ToSafe = unknown(why), unknown(why)
	if !stopped || !bus.Volts.Known {
		return
	}
	here := bess.BusMark{Volts: si.Volts(bus.Volts.Value), At: now, Number: bus.Marks[1].Number + 1}
	if here.Number == 1 || now.Since(bus.Marks[1].At) >= markEvery {
		bus.Marks[0], bus.Marks[1] = bus.Marks[1], here
	}
	from, lately := bus.Marks[0], bus.Marks[1]
	if from.Number < 2 {
		return
	}
	rate := slope(from, here)
	if now.Since(lately.At) >= markEvery/2 {
		rate = min(rate, slope(lately, here))
	}
	bus.Falling = bess.Known(si.Volts(rate))
	switch {
	case here.Volts < touchSafe:
		bus.ToSafe = bess.Known(si.Seconds(0))
	case rate*float64(markEvery.Seconds()) >= fallLeast:
		bus.ToSafe = bess.Known(si.Seconds(float64(here.Volts) / rate * math.Log(float64(here.Volts)/touchSafe)))
	default:
		bus.ToSafe = unknown("it does not fall")
	}
}

// slope is how fast the voltage fell between two marks, V/s.
func slope(from, to bess.BusMark) float64 {
	return float64(from.Volts-to.Volts) / float64(to.At.Since(from.At).Seconds())
}

// busDanger says what voltage a stop has left on the DC bus, and for how long.
func busDanger(bus *bess.BusPicture) string {
	v := bus.Volts
	switch {
	case !v.Known && v.Last:
		return fmt.Sprintf("DC bus: no reading now, %.0f V at the last one. Treat it as live.", v.Value)
	case !v.Known:
		return "DC bus: its voltage is not measured. Treat it as live."
	case v.Value < touchSafe:
		return fmt.Sprintf("DC bus at %.0f V, below %d V. Prove it dead with a tester before work.", v.Value, touchSafe)
	case !bus.Falling.Known:
		return fmt.Sprintf("DC bus still at %.0f V. Do not open before it is below %d V.", v.Value, touchSafe)
	case !bus.ToSafe.Known:
		return fmt.Sprintf("DC bus still at %.0f V and not falling. Do not open before it is below %d V.", v.Value, touchSafe)
	default:
		return fmt.Sprintf("DC bus still at %.0f V, falling. Do not open before it is below %d V, about %s at this rate.",
			v.Value, touchSafe, roughly(si.Seconds(bus.ToSafe.Value)))
	}
}

// roughly is a time that is only an estimate, always rounded up.
func roughly(s si.Seconds) string {
	minutes := math.Ceil(float64(s) / 60)
	switch {
	case minutes <= 1:
		return "a minute"
	case minutes < 90:
		return fmt.Sprintf("%.0f min", minutes)
	case minutes < 48*60:
		return fmt.Sprintf("%.0f h", math.Ceil(minutes/60))
	default:
		return "days"
	}
}

// remember puts the last known value beside what is not known now, measures
// how the bus falls, and says where nothing moves that no time can be told.
func (m *Machine) remember(p *bess.Picture) {
	before := m.latest.Load()
	if before == nil || before.Now > p.Now {
		before = &bess.Picture{}
	}
	fall(&p.Bus, &before.Bus, p.Now, m.isStopped())
	passed := p.Now.Since(before.Now).Seconds()
	keep := func(now, then *bess.Figure) { *now = now.After(*then, passed) }
	keep(&p.Bus.Volts, &before.Bus.Volts)
	keep(&p.Bus.Insulation, &before.Bus.Insulation)
	for i := range min(len(p.Packs), len(before.Packs)) {
		k, b := &p.Packs[i], &before.Packs[i]
		for _, pair := range [...][2]*bess.Figure{
			{&k.SoC, &b.SoC}, {&k.SoCSaid, &b.SoCSaid}, {&k.Today, &b.Today}, {&k.Volts, &b.Volts}, {&k.CellHigh, &b.CellHigh},
			{&k.CellLow, &b.CellLow}, {&k.Hot, &b.Hot}, {&k.Cold, &b.Cold},
		} {
			keep(pair[0], pair[1])
		}
	}
	if !p.Store.SoC.Known {
		recall(p)
	}
	for i := range min(len(p.Feeders), len(before.Feeders)) {
		f, b := &p.Feeders[i], &before.Feeders[i]
		keep(&f.Power, &b.Power)
		keep(&f.Hertz, &b.Hertz)
		keep(&f.Fuel, &b.Fuel)
		keep(&f.Intensity, &b.Intensity)
		keep(&f.Price, &b.Price)
	}
	for i := range min(len(p.Outlets), len(before.Outlets)) {
		o, b := &p.Outlets[i], &before.Outlets[i]
		keep(&o.Draw, &b.Draw)
		keep(&o.Amps, &b.Amps)
		keep(&o.Vehicle, &b.Vehicle)
	}
	for i := range min(len(p.Circuits), len(before.Circuits)) {
		keep(&p.Circuits[i].Draw, &before.Circuits[i].Draw)
	}
	m.pause(p)
}

// recall is what the store held when its packs were last heard, each with its
// own last reading: a sum that was taken while they fell silent one by one
// would tell what was left of it. A pack that was never heard is named.
func recall(p *bess.Picture) {
	sum, full, heard, age := 0.0, 0.0, 0, si.Seconds(0)
	for i := range p.Packs {
		soc, today := p.Packs[i].SoC, p.Packs[i].Today
		if !soc.Last || !today.Last {
			continue
		}
		sum += float64(soc.Value * today.Value)
		full += today.Value
		age = max(age, soc.Age)
		heard++
	}
	if heard == 0 || full <= 0 {
		return
	}
	s, why := &p.Store, "no pack reports now"
	if heard < len(p.Packs) {
		why += fmt.Sprintf("; %d of %d ever did", heard, len(p.Packs))
	}
	s.SoC = bess.Figure{Value: sum / full, Age: age, Last: true, Why: why}
	s.FullToday = bess.Figure{Value: full, Age: age, Last: true, Why: why}
	s.Deliverable = unknown(why)
	for _, f := range [...]*bess.Figure{&s.ToEmpty, &s.ToEmptyLow, &s.ToEmptyHigh, &s.ToFull, &s.ToFullLow, &s.ToFullHigh} {
		*f = unknown(why)
	}
}

// pause takes times and promises out of a picture in which nothing moves.
func (m *Machine) pause(p *bess.Picture) {
	why := m.paused()
	if why == "" {
		return
	}
	s, none := &p.Store, unknown("paused: "+why)
	s.ToEmpty, s.ToEmptyLow, s.ToEmptyHigh, s.ToFull, s.ToFullLow, s.ToFullHigh = none, none, none, none, none, none
	s.Load, s.Supply = none, none
	for i := range p.Outlets {
		o := &p.Outlets[i]
		o.Visit.Paused = why
		for _, f := range [...]*bess.Figure{&o.Draw, &o.Amps, &o.Offer} {
			if f.Known && f.Age > fast.Seconds() { // measured while there still was something to measure
				f.Known, f.Last, f.Why = false, true, "no reading since"
			}
		}
	}
	for i := range p.Bookings {
		p.Bookings[i].Paused = why
	}
}

// paused is why nothing moves now; empty while something does.
func (m *Machine) paused() string {
	s := m.state
	switch {
	case m.isStopped():
		return "the unit was stopped by safety"
	case s.Stages.Service == bess.ServiceTransport:
		return "the unit is locked for the road"
	case s.Stages.Service == bess.ServiceOff:
		return "the unit is off"
	case s.Stages.Network == bess.NetworkDead:
		return "there is no live network"
	default:
		return ""
	}
}

// isStopped reports whether safety holds everything open.
func (m *Machine) isStopped() bool {
	return m.state.Verdict.Unit.Level == bess.LevelOpenAll || m.state.Stages.Service == bess.ServiceStopped
}

// explain says why each part does what it does, in the words of that part and
// with the safety rule that holds it.
func (m *Machine) explain(p *bess.Picture) {
	s, v := m.state, &m.state.Verdict
	agree(p)
	for i := range p.Packs {
		k := &p.Packs[i]
		k.Why = m.whyOfPack(i)
		if v.Packs[i].Level > bess.LevelDerate {
			k.LimitBy = bess.SourceSafety.String()
		}
	}
	for i := range p.Circuits {
		p.Circuits[i].Why = m.whyOfCircuit(i, p.Circuits[i].State)
	}
	for i := range p.Feeders {
		f, record := &p.Feeders[i], &s.Standing.Records[i]
		f.Why = m.whyOfFeeder(i, f)
		if record.Person != "" && record.Expires != 0 && record.Expires != bess.Forever {
			f.Until = p.UnixMilli + int64(record.Expires-p.Now)
			if p.Now > record.Expires {
				f.Why = "its arrival check has ended: a person must check it again"
			}
		}
	}
	for i := range p.Outlets {
		o, why := &p.Outlets[i], s.Ordered.Outlets[i].Why
		if why == bess.CauseNone {
			why = s.Wants[i].Why
		}
		if o.Online == "no" && why != bess.CauseTripped {
			why = bess.CauseStationSilent
		}
		o.Why, o.Held = m.whyOfOutlet(i, why), why.Short()
		if o.Visit.Number == 0 || why == bess.CauseNotNeeded {
			o.Held = ""
		}
		if c := &s.Standing.ImportCap; why == bess.CauseImportCap && c.By != bess.SourceInstalled && c.By != bess.SourceNone {
			o.Why = strings.Replace(o.Why, "import cap is", fmt.Sprintf("import cap, lowered by the %s, is", c.By), 1)
		}
	}
}

// because is a cause in the words of the part, with the rule where safety is
// the cause.
func (m *Machine) because(why bess.Cause, kind bess.SubjectKind, r bess.Ruling) string {
	held := why == bess.CauseTripped || why == bess.CauseOpen || why == bess.CauseStale || why == bess.CauseStationSilent
	if rule, ok := m.rules[r.Rule]; ok && held && r.Level > bess.LevelInform {
		return "safety holds it: " + lower(strings.TrimSuffix(rule.What, "."))
	}
	return why.SentenceFor(kind)
}

// together is where an alarm is, with all others of its rule that say the same:
// "Pack 1", or "Seven packs".
func together(alarms []bess.AlarmPicture, k int) string {
	n := 0
	for i := range alarms {
		if alarms[i].Number == alarms[k].Number && alarms[i].Level == alarms[k].Level {
			n++
		}
	}
	where := alarms[k].Where
	if n == 1 {
		return where
	}
	kind, number, _ := strings.Cut(where, " ")
	if _, err := strconv.Atoi(number); err != nil {
		return where + " and " + count(n-1, "other", "others")
	}
	return capital(count(n, kind, strings.ToLower(kind)+"s"))
}
