package study

import (
	"fmt"
	"time"

	"reprise/bess"
	"reprise/report"
)

// Tables are the study's answers for a terminal.
func (s *Study) Tables(r *Result) []report.Table {
	tables := []report.Table{s.summary(r), energyTable(r)}
	if len(r.Visits) > 0 {
		tables = append(tables, s.visitTable(r))
	}
	if len(r.Expectations) > 0 {
		tables = append(tables, expectationTable(r))
	}
	if len(r.Alarms) > 0 {
		tables = append(tables, s.alarmTable(r))
	}
	return tables
}

func (s *Study) local(ms int64) string {
	if ms == 0 {
		return "-"
	}
	return time.UnixMilli(ms).In(s.Scenario.Zone).Format("Mon 15:04")
}

func (s *Study) summary(r *Result) report.Table {
	t := report.Table{Title: r.Name, Columns: []report.Column{{Name: "figure", Text: true}, {Name: "value"}, {Name: "unit", Text: true}}}
	row := func(name, value, unit string) { t.Rows = append(t.Rows, []string{name, value, unit}) }
	row("energy balance error, twin's truth", fmt.Sprintf("%.1e", r.EnergyBalanceError), "of throughput")
	row("ledger sum", fmt.Sprintf("%d / %d", r.LedgerSum.MilliWattHour, r.LedgerSum.Milligram), "mWh / mg")
	row("unmeasured", report.Number(100*r.UnmeasuredShare, 3), "% of throughput")
	row("losses, of them by a curve only", report.Number(r.Energy.Loss, 1)+", "+report.Number(r.Energy.Estimated, 1), "kWh")
	row("share of the usable window, start and end", report.Number(100*r.SoC[0], 0)+" to "+report.Number(100*r.SoC[1], 0), "%")
	row("delivered to vehicles", report.Number(r.Energy.Vehicles, 1), "kWh")
	row("delivered to general loads", report.Number(r.Energy.Circuits, 1), "kWh")
	row("not served", report.Number(r.Unserved, 1), "kWh")
	row("peak import / above the cap", report.Number(r.PeakImport, 1)+" / "+report.Number(r.ImportOverSeconds, 0), "kW / s")
	row("visits, promises kept / broken", fmt.Sprintf("%d, %d / %d", r.Sessions.Visits, r.Sessions.Kept, r.Sessions.Broken), "")
	row("CO2e gross / refill / net", report.Number(r.Carbon.Gross, 1)+" / "+report.Number(r.Carbon.Refill, 1)+" / "+report.Number(r.Carbon.Net, 1), "kg")
	row("hash", r.Hash[:16], "seed "+fmt.Sprint(r.Seed))
	return t
}

func energyTable(r *Result) report.Table {
	t := report.Table{
		Title:   "Energy by the ledger",
		Columns: []report.Column{{Name: "account", Text: true}, {Name: "in", Unit: "kWh"}, {Name: "out", Unit: "kWh"}},
	}
	row := func(name string, x float64) {
		cells := []string{name, report.Number(x, 2), ""}
		if x < 0 {
			cells = []string{name, "", report.Number(-x, 2)}
		}
		t.Rows = append(t.Rows, cells)
	}
	for _, name := range sortedNames(r.Energy.ByFeeder) {
		row(name, r.Energy.ByFeeder[name])
	}
	row("packs", -r.Energy.Stored)
	row("vehicles", -r.Energy.Vehicles)
	row("general loads", -r.Energy.Circuits)
	row("export", -r.Energy.Export)
	row("own use", -r.Energy.OwnUse)
	row("losses", -r.Energy.Loss)
	row("unmeasured", -r.Energy.Unmeasured)
	return t
}

func (s *Study) visitTable(r *Result) report.Table {
	t := report.Table{
		Title: "Visits",
		Columns: []report.Column{
			{Name: "outlet", Text: true}, {Name: "by", Text: true}, {Name: "promised at", Text: true}, {Name: "need", Unit: "kWh"}, {Name: "first", Unit: "kWh"},
			{Name: "promised", Unit: "kWh"}, {Name: "delivered", Unit: "kWh"}, {Name: "CO2e", Unit: "g"}, {Name: "", Text: true},
		},
	}
	const most = 24
	for i, v := range r.Visits {
		if i == most {
			t.Note = fmt.Sprintf("and %d more; result.json has them all", len(r.Visits)-most)
			break
		}
		t.Rows = append(t.Rows, []string{
			v.Outlet, s.local(v.Until), s.local(v.MadeAt), known(v.Need), known(v.First), known(v.Promised),
			report.Number(v.Delivered, 1), report.Number(v.Grams, 0), v.told(),
		})
	}
	return t
}

// told is what became of the word that was given, in words; nothing for one that
// was for the whole need and stayed so.
func (v *VisitResult) told() string {
	const little = 0.05 // kWh, that no table shows
	times := ""
	switch n := v.Revisions - 1; {
	case n == 1:
		times = ", changed once"
	case n == 2:
		times = ", changed twice"
	case n > 2:
		times = fmt.Sprintf(", changed %d times", n)
	}
	word := "short from the start"
	switch {
	case v.Need <= 0:
		return ""
	case v.MadeAt == 0:
		return v.Why
	case v.Broken:
		word = "broken"
	case v.Promised < v.First-little:
		word = "lowered"
	case v.Promised > v.First+little:
		word = "raised"
	case v.First >= v.Need-little && times == "":
		return ""
	case v.First >= v.Need-little:
		word = "whole need"
	}
	return word + times + ": " + v.Why
}

// known prints an amount that was told, or a dash.
func known(kWh float64) string {
	if kWh == 0 {
		return "-"
	}
	return report.Number(kWh, 1)
}

func expectationTable(r *Result) report.Table {
	t := report.Table{Title: "Expectations", Columns: []report.Column{{Name: "held", Text: true}, {Name: "line", Text: true}, {Name: "found", Text: true}}}
	for _, e := range r.Expectations {
		held := "yes"
		if !e.Held {
			held = "NO"
		}
		t.Rows = append(t.Rows, []string{held, e.Line, e.Found})
	}
	return t
}

func (s *Study) alarmTable(r *Result) report.Table {
	t := report.Table{Title: "Alarms", Columns: []report.Column{{Name: "at", Text: true}, {Name: "rule", Text: true}, {Name: "on", Text: true}, {Name: "level", Text: true}}}
	const most = 20
	for i, a := range r.Alarms {
		if i == most {
			t.Note = fmt.Sprintf("and %d more; result.json has them all", len(r.Alarms)-most)
			break
		}
		t.Rows = append(t.Rows, []string{s.local(a.At), a.Rule, a.On, a.Level})
	}
	return t
}

func sortedNames(of map[string]float64) []string {
	names := make([]string, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	for i := 1; i < len(names); i++ {
		for j := i; j > 0 && names[j] < names[j-1]; j-- {
			names[j], names[j-1] = names[j-1], names[j]
		}
	}
	return names
}

// Report is the study as a page.
func (s *Study) Report(r *Result) report.Study {
	known := func(x float64) bess.Figure { return bess.Figure{Value: x, Known: true} }
	p := report.Study{
		Title: r.Name, Subtitle: s.Scenario.About, Unit: r.Unit, Site: r.Site, From: r.From, To: r.To, Zones: s.Series.Zones,
		Figures: s.headlines(r), Balance: known(r.EnergyBalanceError), Seed: fmt.Sprint(r.Seed), Hash: r.Hash, Notes: r.Notes,
		Ledger: &report.LedgerSummary{
			Entries: uint64(r.LedgerSum.Entries), SumMWh: r.LedgerSum.MilliWattHour, SumMg: r.LedgerSum.Milligram,
			Unmeasured: known(r.UnmeasuredShare), Head: r.LedgerSum.Head,
		},
		Carbon: &report.StudyCarbon{
			Gross: known(r.Carbon.Gross), Refill: known(r.Carbon.Refill), Net: known(r.Carbon.Net), Litres: known(r.Carbon.Litres),
			GeneratorHours: known(r.Carbon.GeneratorHours), HoursOfUse: known(float64(s.Claim.UseMillis) / 3.6e6),
			Scope1: known(r.Carbon.Scope1), Scope2: known(r.Carbon.Scope2), Scope3: s.Claim.Inventory.Scope3(),
			Factors: []string{r.Carbon.Factor},
		},
	}
	s.shares(r, &p)
	s.charts(&p)
	for _, v := range r.Visits {
		if v.Promised > 0 {
			p.Promises = append(p.Promises, report.Promise{
				Who: v.Outlet, Asked: known(v.Need), By: v.Until, Promised: known(v.Promised), Got: known(v.Delivered),
				Kept: bess.Truth(!v.Broken), Note: v.Why,
			})
		}
	}
	for _, a := range r.Alarms {
		p.Events = append(p.Events, report.Event{At: a.At, Level: bess.Yes, Stop: a.Level == "open all", What: a.Rule, Where: a.On, Did: a.Level})
	}
	return p
}

func (s *Study) headlines(r *Result) []report.Headline {
	n := report.Number
	return []report.Headline{
		{Name: "Delivered", Value: n(r.Energy.Vehicles+r.Energy.Circuits, 0), Unit: "kWh", Note: n(r.Energy.Vehicles, 0) + " kWh of it into vehicles"},
		{Name: "Visits", Value: fmt.Sprint(r.Sessions.Visits), Note: fmt.Sprintf("%d promises kept, %d broken", r.Sessions.Kept, r.Sessions.Broken), Holds: bess.Truth(r.Sessions.Broken == 0)},
		{Name: "Peak import", Value: n(r.PeakImport, 1), Unit: "kW", Note: "cap " + s.Scenario.Unit.Site.ImportCap.String(), Holds: bess.Truth(r.ImportOverSeconds == 0)},
		{Name: "Not served", Value: n(r.Unserved, 1), Unit: "kWh"},
		{Name: "CO2e net", Value: n(r.Carbon.Net, 0), Unit: "kg", Note: "gross " + n(r.Carbon.Gross, 0) + ", refill " + n(r.Carbon.Refill, 0)},
		{Name: "Unmeasured", Value: n(100*r.UnmeasuredShare, 2), Unit: "%", Note: "bar 1 %", Holds: bess.Truth(r.UnmeasuredShare <= 0.01)},
	}
}

func (s *Study) shares(r *Result, p *report.Study) {
	hues := [...]report.Hue{report.Grid, report.Generator, report.Solar, report.CCS}
	for i := range s.Loop.Unit.Feeders {
		f := &s.Loop.Unit.Feeders[i]
		if x := r.Energy.ByFeeder[f.Name]; x > 0 {
			p.In = append(p.In, report.Share{Name: f.Name, Hue: hues[f.Kind], KWh: x})
		}
	}
	add := func(name string, hue report.Hue, x float64) {
		if x > 0 {
			p.Out = append(p.Out, report.Share{Name: name, Hue: hue, KWh: x})
		}
	}
	if r.Energy.Stored < 0 {
		p.In = append(p.In, report.Share{Name: "From the packs", Hue: report.Stored, KWh: -r.Energy.Stored})
	}
	add("Into the packs", report.Stored, r.Energy.Stored)
	add("Vehicles", report.Vehicle, r.Energy.Vehicles)
	add("General loads", report.Load, r.Energy.Circuits)
	add("Export", report.Grid, r.Energy.Export)
	add("Own use", report.Plain, r.Energy.OwnUse)
	add("Losses", report.Plain, r.Energy.Loss)
	add("Unmeasured", report.Look, r.Energy.Unmeasured)
}

func (s *Study) charts(p *report.Study) {
	c := s.Series
	power := append([]report.Series{}, c.Feeders...)
	power = append(power, c.Store, c.AC, c.Rapid, c.Loads, c.OwnUse)
	p.Charts = []report.Chart{
		{Title: "Power", Unit: "kW", Stacked: true, Series: power, Note: "sources above zero, uses below"},
		{Title: "State of charge", Unit: "%", Series: []report.Series{c.SoC, c.Truth}, Fixed: true, High: 100, Note: "share of the usable windows, above 100 % when charged beyond them; the band is two standard deviations"},
		{Title: "State of charge of each pack", Unit: "%", Series: c.Packs, Fixed: true, High: 100},
		{Title: "Hottest cell of each pack", Unit: "°C", Series: c.Hot},
		{Title: "Carbon intensity of the grid", Unit: "g/kWh", Series: []report.Series{c.Carbon}},
	}
}
