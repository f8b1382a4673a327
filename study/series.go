package study

import (
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/report"
	"reprise/scenario"
)

// Recorder keeps a sample a minute of what a report shows. Energy that comes
// in is positive, energy that goes out negative.
type Recorder struct {
	unit    *bess.Unit
	Zones   report.Zones
	Feeders []report.Series // kW, per feeder
	Store   report.Series   // kW: packs, discharge positive
	AC      report.Series   // kW: AC outlets
	Rapid   report.Series   // kW
	Loads   report.Series   // kW: circuits
	OwnUse  report.Series   // kW
	SoC     report.Series   // %, ours, with its band
	Truth   report.Series   // %, as it truly is
	Packs   []report.Series // % SoC, per pack
	Hot     []report.Series // degree Celsius, per pack
	Bus     report.Series   // V
	Carbon  report.Series   // g/kWh of the grid
}

// NewRecorder is empty.
func NewRecorder(sc *scenario.Scenario) *Recorder {
	r := &Recorder{unit: sc.Unit, Zones: zones(sc)}
	for i := range sc.Unit.Feeders {
		f := &sc.Unit.Feeders[i]
		hue := [...]report.Hue{report.Grid, report.Generator, report.Solar, report.CCS}[f.Kind]
		r.Feeders = append(r.Feeders, report.Series{Name: f.Name, Unit: "kW", Hue: hue})
	}
	r.Store = report.Series{Name: "Packs", Unit: "kW", Hue: report.Stored}
	r.AC = report.Series{Name: "Vehicles, AC", Unit: "kW", Hue: report.Vehicle}
	r.Rapid = report.Series{Name: "Vehicles, rapid", Unit: "kW", Hue: report.Vehicle}
	r.Loads = report.Series{Name: "General loads", Unit: "kW", Hue: report.Load}
	r.OwnUse = report.Series{Name: "Own use", Unit: "kW", Hue: report.Plain}
	r.SoC = report.Series{Name: "Estimated", Unit: "%", Hue: report.Stored}
	r.Truth = report.Series{Name: "True", Unit: "%", Hue: report.Plain, Dashed: true}
	for i := range sc.Unit.Packs {
		name := sc.Unit.Packs[i].Name
		r.Packs = append(r.Packs, report.Series{Name: name, Unit: "%", Hue: report.Stored})
		r.Hot = append(r.Hot, report.Series{Name: name, Unit: "°C", Hue: report.Stored})
	}
	r.Bus = report.Series{Name: "DC bus", Unit: "V", Hue: report.Stored}
	r.Carbon = report.Series{Name: "Grid", Unit: "g/kWh", Hue: report.Grid}
	return r
}

// zones are the local times in force during a scenario.
func zones(sc *scenario.Scenario) report.Zones {
	var z report.Zones
	for t := sc.Start; t <= sc.End(); t += int64(bess.Hour) {
		name, offset := time.UnixMilli(t).In(sc.Zone).Zone()
		if len(z) == 0 || z[len(z)-1].Offset != int32(offset) {
			z = append(z, report.Zone{From: t, Offset: int32(offset), Name: name})
		}
	}
	return z
}

// Sample keeps the present moment, at ms since 1970.
func (r *Recorder) Sample(l *Loop, at int64) {
	t, s := l.World.Truth(), l.State()
	put := func(series *report.Series, x float64) {
		series.Points = append(series.Points, report.Point{At: at, Value: x, Known: true})
	}
	for i := range r.Feeders {
		put(&r.Feeders[i], t.FeederNow[i].KW())
	}
	store, stored, full := si.Watts(0), si.WattHours(0), si.WattHours(0)
	for i := range t.Packs {
		store += t.Packs[i].Volts.Times(t.Packs[i].Current)
		p := &r.unit.Packs[i].Type
		window := float64(p.Window[1] - p.Window[0])
		stored += si.Mul(t.Packs[i].Full, float64(t.Packs[i].SoC-p.Window[0]))
		full += si.Mul(t.Packs[i].Full, window)
		put(&r.Packs[i], t.Packs[i].SoC.Percent())
		put(&r.Hot[i], float64(t.Packs[i].Hot))
	}
	put(&r.Store, store.KW())
	ac, rapid, loads := si.Watts(0), si.Watts(0), si.Watts(0)
	for i := range t.OutletNow {
		if r.unit.Outlets[i].Kind == bess.Rapid {
			rapid += t.OutletNow[i]
		} else {
			ac += t.OutletNow[i]
		}
	}
	for _, p := range t.CircuitNow {
		loads += p
	}
	put(&r.AC, -ac.KW())
	put(&r.Rapid, -rapid.KW())
	put(&r.Loads, -loads.KW())
	own, _ := l.In.Snapshot.Bus.OwnUse.Fresh(l.In.Snapshot.Now, bess.Minute)
	put(&r.OwnUse, -own.KW())
	e := &s.Estimates.Unit
	soc := report.Point{At: at, Value: e.SoC.Percent(), Known: e.Stored > 0 || e.FullToday > 0}
	if e.FullToday > 0 && e.Deliverable > 0 {
		band := 200 * float64(e.Sigma) / float64(e.Deliverable) * float64(e.SoC)
		soc.Low, soc.High, soc.Band = max(0, soc.Value-band), min(100, soc.Value+band), true
	}
	r.SoC.Points = append(r.SoC.Points, soc)
	if full > 0 {
		put(&r.Truth, 100*float64(stored)/float64(full))
	}
	put(&r.Bus, float64(t.BusVolts))
	carbon := report.Point{At: at}
	if len(l.In.Snapshot.Feeders) > 0 { // a unit may have its packs alone
		g, ok := l.In.Snapshot.Feeders[0].Intensity.Fresh(l.In.Snapshot.Now, bess.Hour)
		carbon.Value, carbon.Known = float64(g), ok
	}
	r.Carbon.Points = append(r.Carbon.Points, carbon)
}

// All is every series, for export.
func (r *Recorder) All() []report.Series {
	all := append([]report.Series{}, r.Feeders...)
	all = append(all, r.Store, r.AC, r.Rapid, r.Loads, r.OwnUse, r.SoC, r.Truth, r.Bus, r.Carbon)
	for i := range r.Packs {
		p, h := r.Packs[i], r.Hot[i]
		p.Name, h.Name = p.Name+" SoC", h.Name+" hottest"
		all = append(all, p, h)
	}
	return all
}
