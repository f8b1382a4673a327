package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"reprise/bess"
	"reprise/scenario"
	"reprise/study"
)

// realStudies are the four stories on real series, in the order of the table. Quick plays the first day of each.
func realStudies() []string {
	return []string{"retailer", "launch-event", "generator-hybrid", "remote-durability"}
}

// proveReal plays the field's own stories on real measured series and says whether every account closes.
func proveReal(ctx context.Context, j job) ([]Row, error) {
	var rows []Row
	for _, name := range realStudies() {
		sc, err := j.realScenario(name)
		if err != nil {
			return rows, err
		}
		if j.quick {
			sc.For = min(sc.For, bess.Day)
		}
		s, err := study.New(sc)
		if err != nil {
			return rows, err
		}
		begun := time.Now()
		last := -1
		err = s.Run(ctx, func(done, whole bess.Span) {
			if part := int(10 * done / max(1, whole)); part != last {
				last = part
				j.say("%-18s %3d %%", name, 10*part)
			}
		})
		if err != nil {
			return rows, err
		}
		rows = append(rows, realRows(name, s, time.Since(begun).Seconds())...)
	}
	return rows, nil
}

// realScenario reads one of the committed scenarios against the data folder.
func (j job) realScenario(name string) (*scenario.Scenario, error) {
	seed := j.seed
	reader := scenario.Reader{Data: j.data, Seed: &seed}
	sc, err := reader.Load(filepath.Join("examples", "real", name+".yaml"))
	switch {
	case errors.Is(err, scenario.ErrDataAbsent):
		return nil, noData("%v", err)
	case errors.Is(err, os.ErrNotExist):
		return nil, badInput("%v: run it at the root of the project", err)
	case err != nil:
		return nil, badInput("%v", err)
	}
	return sc, nil
}

// realRows are what a study on real series must show.
func realRows(name string, s *study.Study, seconds float64) []Row {
	r := s.Result()
	days := float64(s.Scenario.For) / float64(bess.Day)
	data := fmt.Sprintf("%s, %s to %s", name, day(s, 0), day(s, s.Scenario.For))
	row := func(of Row, why string) Row { return of.from(int(s.Loop.Ticks()), data).because("%s", why) }
	held := 0
	for _, e := range r.Expectations {
		if e.Held {
			held++
		}
	}
	rows := []Row{
		row(measured(name+"/energy-balance-error", "1", r.EnergyBalanceError, atMost(1e-4)), "the twin's truth, of throughput"),
		row(measured(name+"/ledger-sum", "mWh", float64(r.LedgerSum.MilliWattHour), exactly(0)), "over all legs of all entries"),
		row(measured(name+"/ledger-carbon-sum", "mg", float64(r.LedgerSum.Milligram), exactly(0)), "over all legs of all entries"),
		row(measured(name+"/ledger-breaches", "1", float64(r.LedgerSum.Breaches), exactly(0)), "hash chain and sums, recomputed"),
		row(measured(name+"/unmeasured", "1", r.UnmeasuredShare, atMost(0.01)), "sum of residuals' magnitudes, of throughput"),
		row(measured(name+"/import-over-cap", "s", r.ImportOverSeconds, atMost(1)), "true import more than 2 % above the site's cap"),
		row(measured(name+"/promises-broken", "1", float64(r.Sessions.Broken), exactly(0)), "without a revision before departure"),
		row(detail(name+"/vehicles", "kWh", r.Energy.Vehicles), "delivered to vehicles"),
		row(detail(name+"/circuits", "kWh", r.Energy.Circuits), "delivered to general loads"),
		row(detail(name+"/feeders", "kWh", r.Energy.In), "taken from supplies"),
		row(detail(name+"/losses", "kWh", r.Energy.Loss), "conversion, by the ledger"),
		row(detail(name+"/own-use", "kWh", r.Energy.OwnUse), "cooling and electronics, charged to the unit"),
		row(detail(name+"/unserved", "kWh", r.Unserved), "wanted by general loads and not given"),
		row(detail(name+"/visits", "1", float64(r.Sessions.Visits)), fmt.Sprintf("%d told a need; %d promises kept, %d revised downward", r.Sessions.Told, r.Sessions.Kept, r.Sessions.Revised)),
		row(detail(name+"/gross", "kg CO2e", r.Carbon.Gross), r.Carbon.Factor),
		row(detail(name+"/refill", "kg CO2e", r.Carbon.Refill), "carbon of the delivered energy by origin"),
		row(detail(name+"/net", "kg CO2e", r.Carbon.Net), "gross less refill"),
		row(detail(name+"/hash", "", r.Hash), "of commands, events, entries and states"),
		row(detail(name+"/seconds-per-day", "s", seconds/days), "wall time of a study day on this machine"),
	}
	if n := len(r.Expectations); n > 0 {
		rows = append(rows, row(measured(name+"/expectations", "1", float64(n-held), exactly(0)), fmt.Sprintf("of %d lines of the story, those that did not hold", n)))
	}
	for i, note := range r.Notes {
		rows = append(rows, row(detail(fmt.Sprintf("%s/note-%02d", name, i+1), "", note), "what was filled, moved or turned away"))
	}
	return rows
}

func day(s *study.Study, after bess.Span) string {
	return time.UnixMilli(s.Scenario.Start + int64(after)).In(s.Scenario.Zone).Format("2006-01-02")
}
