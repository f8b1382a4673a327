package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"reprise/api"
	"reprise/bess"
	"reprise/bess/si"
	"reprise/carbon"
	"reprise/report"
)

// hireReporter writes the one page after a hire, from what the store kept.
type hireReporter struct {
	unit  *bess.Unit
	zone  int32 // of the site's clock, ZoneOffset of its first civil time
	front *front
}

// Report is the page on the span of wall time, ms.
func (r *hireReporter) Report(ctx context.Context, from, to int64) ([]byte, error) {
	h, err := r.gather(ctx, from, to)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := report.WriteHire(&b, *h); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// pageOfEntries is how many entries are read at once.
const pageOfEntries = 1000

func (r *hireReporter) gather(ctx context.Context, from, to int64) (*report.Hire, error) {
	u := r.unit
	h := &report.Hire{
		Unit: u.Name, Site: u.Site.Name, From: from, To: to, Version: revision(),
		Zones: report.Zones{{Offset: r.zone}},
	}
	books := newHireBooks(u)
	for after := uint64(0); ; {
		entries, err := r.front.house.store.Entries(ctx, after, pageOfEntries)
		if err != nil {
			return nil, err
		}
		for i := range entries {
			e := &entries[i]
			after = e.Number
			if e.To.UnixMilli > from && e.From.UnixMilli < to {
				books.add(e)
			}
		}
		if len(entries) < pageOfEntries {
			break
		}
	}
	books.fill(h)
	first := books.first
	visits, err := r.front.house.store.Visits(ctx, from, to)
	if err != nil {
		return nil, err
	}
	stays, err := r.stays(ctx, to)
	if err != nil {
		return nil, err
	}
	for i := range visits {
		v := visits[i].Visit
		line := report.HireVisit{
			Outlet: u.Outlets[visits[i].Outlet].Name, From: v.Since.UnixMilli, To: v.Since.UnixMilli, Asked: kWhOf(v.Need),
			By: v.Promise.By.UnixMilli,
		}
		for _, s := range stays[line.Outlet] {
			if s.from <= v.Since.UnixMilli && v.Since.UnixMilli <= s.to {
				line.From, line.To = s.from, s.to
			}
		}
		now := r.present(visits[i].Outlet, v.Number)
		if now != nil && now.Delivered.Known {
			v.Delivered = si.WattHours(now.Delivered.Value)
		}
		line.Got = bess.Known(si.WattHours(float64(v.Delivered) / 1000))
		met := float64(v.Delivered) >= 0.98*float64(v.Promise.Energy)
		line.Running = now != nil && v.Promise.Made && !met && line.By > to
		if v.Promise.Made && !line.Running {
			line.Kept = bess.Truth(!v.Promise.Broken && met)
		}
		if line.Kept == bess.No {
			line.Why = whyNotKept(&v, line.To)
		}
		h.Visits = append(h.Visits, line)
	}
	told, err := r.troubles(ctx, h)
	if err != nil {
		return nil, err
	}
	if first == 0 || told != 0 && told < first {
		first = told
	}
	if from == 0 && first != 0 && first < to { // since the unit arrived: its first record, not the year 1970
		h.From = first
	}
	h.Unused = bess.Figure{Why: "not known now"}
	if p := r.front.Latest(); p != nil {
		h.Unused = p.Store.Deliverable
		h.Unused.Value, h.Unused.Sigma = h.Unused.Value/1000, h.Unused.Sigma/1000
	}
	return h, nil
}

// whyNotKept is what broke a promise: what limited it, or else how it ended.
func whyNotKept(v *bess.Visit, left int64) string {
	switch {
	case v.Promise.Why.Binds():
		return v.Promise.Why.Sentence()
	case left > v.Since.UnixMilli && left < v.Promise.By.UnixMilli:
		return "it left before the time promised"
	default:
		return fmt.Sprintf("it got %.1f of %.1f kWh promised", float64(v.Delivered)/1000, float64(v.Promise.Energy)/1000)
	}
}

// present is a visit that is still there, as the picture shows it; nil when it has ended.
func (r *hireReporter) present(outlet int, number uint64) *bess.VisitPicture {
	p := r.front.Latest()
	if p == nil || outlet >= len(p.Outlets) || p.Outlets[outlet].Visit.Number != number {
		return nil
	}
	return &p.Outlets[outlet].Visit
}

// stay is how long a vehicle stood at an outlet, in wall ms.
type stay struct{ from, to int64 }

// stays are the times at which vehicles came and left, by the name of the outlet: a visit itself only tells since when it
// is in its present state.
func (r *hireReporter) stays(ctx context.Context, to int64) (map[string][]stay, error) {
	events, err := r.front.Events(ctx, 0, 10000)
	if err != nil {
		return nil, err
	}
	list := map[string][]stay{}
	open := map[string]bool{}
	for i := len(events) - 1; i >= 0; i-- { // oldest first
		e := &events[i]
		if e.Kind != bess.EventVisit.String() || e.At > to {
			continue
		}
		last := len(list[e.Where]) - 1
		switch left := strings.HasPrefix(e.What, "The vehicle left"); {
		case left && open[e.Where]:
			list[e.Where][last].to, open[e.Where] = e.At, false
		case !left && !open[e.Where]:
			list[e.Where], open[e.Where] = append(list[e.Where], stay{e.At, to}), true
		}
	}
	return list, nil
}

func kWhOf(e si.WattHours) bess.Figure {
	if e <= 0 {
		return bess.Figure{Why: "not told"}
	}
	return bess.Figure{Value: e.KWh(), Known: true}
}

// troubles lists faults and outages from the events; first is the wall time of the oldest event, 0 when there is none.
func (r *hireReporter) troubles(ctx context.Context, h *report.Hire) (first int64, err error) {
	events, err := r.front.Events(ctx, h.From, 2000)
	if err != nil {
		return 0, err
	}
	for i := len(events) - 1; i >= 0; i-- { // oldest first
		if e := &events[i]; e.At <= h.To {
			note(h, e)
		}
	}
	if len(events) > 0 {
		first = events[len(events)-1].At
	}
	return first, nil
}

// done is what the unit did, by the level of an alarm.
func done(level string) string {
	switch level {
	case bess.LevelDerate.String():
		return "Its power was reduced."
	case bess.LevelStop.String():
		return "It was brought to zero."
	case bess.LevelOpen.String():
		return "It was opened."
	case bess.LevelOpenAll.String():
		return "Everything was opened."
	default:
		return "Nothing was held back."
	}
}

func note(h *report.Hire, e *api.Event) {
	switch {
	case e.Kind == "alarm-raised" && e.Level != "inform":
		h.Faults = append(h.Faults, report.HireFault{At: e.At, What: e.Where + ": " + strings.TrimSuffix(e.What, "."), Done: done(e.Level)})
	case e.Kind == "network":
		last := len(h.Outages) - 1
		if strings.Contains(e.What, "is dead") { // not "was dead", which is how every start begins
			h.Outages = append(h.Outages, report.HireOutage{From: e.At, To: h.To, Where: "all outputs", Why: e.What})
		} else if last >= 0 && h.Outages[last].To == h.To {
			h.Outages[last].To = e.At
		}
	}
}

// hireBooks sums the entries of a hire.
type hireBooks struct {
	unit     *bess.Unit
	claim    carbon.Claim
	outlets  []int64
	circuits []int64
	peaks    map[string]float64
	peak     float64
	peakAt   int64
	out, in  report.Series
	head     [32]byte
	first    int64 // wall time at which the first entry begins; 0: there is none
}

func newHireBooks(u *bess.Unit) *hireBooks {
	return &hireBooks{
		unit: u, outlets: make([]int64, len(u.Outlets)), circuits: make([]int64, len(u.Circuits)), peaks: map[string]float64{},
		out: report.Series{Name: "Delivered", Unit: "kW", Hue: report.Load}, in: report.Series{Name: "From supplies", Unit: "kW", Hue: report.Grid},
	}
}

func (b *hireBooks) add(e *bess.Entry) {
	b.claim.Add(b.unit, e)
	b.head = e.Hash
	if b.claim.Entries == 1 {
		b.first = e.From.UnixMilli
	}
	hours := float64(e.To.UnixMilli-e.From.UnixMilli) / 3.6e6
	if hours <= 0 {
		return
	}
	out, in := 0.0, 0.0
	for i := range e.Legs {
		l := &e.Legs[i]
		kW := float64(l.MilliWattHour) / 1e6 / hours
		switch l.Kind {
		case bess.AccountOutlet:
			b.outlets[l.Index] += l.MilliWattHour
			out += kW
			b.high(b.unit.Outlets[l.Index].Name, kW)
		case bess.AccountCircuit:
			b.circuits[l.Index] += l.MilliWattHour
			out += kW
			b.high(b.unit.Circuits[l.Index].Name, kW)
		case bess.AccountFeeder:
			in -= kW
		default: // neither a use nor a supply
		}
	}
	if out > b.peak {
		b.peak, b.peakAt = out, e.To.UnixMilli
	}
	b.out.Points = append(b.out.Points, report.Point{At: e.To.UnixMilli, Value: out, Known: true})
	b.in.Points = append(b.in.Points, report.Point{At: e.To.UnixMilli, Value: in, Known: true})
}

func (b *hireBooks) high(name string, kW float64) { b.peaks[name] = max(b.peaks[name], kW) }

func (b *hireBooks) fill(h *report.Hire) {
	known := func(x float64) bess.Figure { return bess.Figure{Value: x, Known: true} }
	c := &b.claim
	h.Delivered, h.HoursOfUse = known(float64(c.MilliWattHour)/1e6), known(carbon.Hours(c.UseMillis))
	h.Peak, h.PeakAt = known(b.peak), b.peakAt
	line := func(name string, hue report.Hue, mWh int64) {
		if mWh > 0 {
			h.Lines = append(h.Lines, report.HireLine{Name: name, Hue: hue, KWh: known(float64(mWh) / 1e6), Peak: known(b.peaks[name])})
		}
	}
	for i, x := range b.outlets {
		line(b.unit.Outlets[i].Name, report.Vehicle, x)
	}
	for i, x := range b.circuits {
		line(b.unit.Circuits[i].Name, report.Load, x)
	}
	h.Carbon = report.HireCarbon{
		Gross: known(float64(carbon.Kilograms(c.Gross))), Refill: known(float64(carbon.Kilograms(c.Refill))),
		Net: known(float64(carbon.Kilograms(c.Net()))), Litres: known(float64(c.Litres())), GeneratorHours: known(carbon.Hours(c.GeneratorMillis)),
		SetHours:  known(carbon.Hours(c.Inventory.GeneratorMillis)),
		SetLitres: bess.Figure{Why: "fuel is not metered on this unit"},
	}
	if f, ok := carbon.DisplacedFactor(b.unit.Displaced); ok {
		h.Carbon.Factors = append(h.Carbon.Factors, f.String())
	}
	h.Profile = []report.Series{b.out, b.in}
	if c.Entries > 0 {
		h.Head = hex.EncodeToString(b.head[:])
		return
	}
	none := bess.Figure{Why: "the ledger holds no entry yet"}
	h.Delivered, h.HoursOfUse, h.Peak = none, none, none
	h.Carbon.Gross, h.Carbon.Refill, h.Carbon.Net, h.Carbon.Litres, h.Carbon.GeneratorHours, h.Carbon.SetHours = none, none, none, none, none, none
}
