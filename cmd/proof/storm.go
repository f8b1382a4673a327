package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"reprise/bess"
	"reprise/storm"
)

// The storm's bars: what an hour and a half covers, how dense the trouble is,
// how often each kind of trouble met each network state over all campaigns.
const (
	stormLong     = 90 * time.Minute
	stormDays     = 500
	stormGoal     = 10000
	stormFaults   = 20
	stormMeetings = 100
	stormQuick    = 40 * time.Second
	quickSeeds    = 4
)

// proveStorm plays seeds for as long as it may, from where the committed
// campaigns ended, and adds to what they covered.
func proveStorm(ctx context.Context, j job) ([]Row, error) {
	before, err := readStorms(filepath.Join("docs", "proof", "storm.json"))
	if err != nil {
		return nil, badInput("%v", err)
	}
	length, most := j.minutes, 0
	if j.quick {
		length, most, before = stormQuick, quickSeeds, storms{next: j.seed, cover: storm.Coverage{}}
	}
	run, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	last := time.Now()
	report, err := storm.Campaign(run, before.next, most, runtime.GOMAXPROCS(0), func(r *storm.Report) {
		if time.Since(last) > 10*time.Second {
			last = time.Now()
			j.say("storm: seeds %d..%d, %.1f unit-days, %d promises broken", r.First, r.Next-1, r.Days(), len(r.Findings))
		}
	})
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if j.quick {
		return stormRows(report, before, length), nil
	}
	return append(stormRows(report, before, length), coverRows(report, before)...), nil
}

// storms is what earlier campaigns left.
type storms struct {
	next  uint64 // seed
	days  float64
	cover storm.Coverage
}

// readStorms reads the rows of earlier campaigns; without a file it is the
// first one.
func readStorms(path string) (storms, error) {
	s := storms{next: 1, cover: storm.Coverage{}}
	rows, err := readRows(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("reading the campaigns so far: %w", err)
	}
	for _, r := range rows {
		x, ok := r.Value.(float64)
		switch {
		case !ok:
		case r.Name == "next-seed":
			s.next = uint64(x)
		case r.Name == "unit-days-total":
			s.days = x
		case strings.HasPrefix(r.Name, "met/"):
			name, state, _ := strings.Cut(strings.TrimPrefix(r.Name, "met/"), "/")
			s.cover.Put(strings.ReplaceAll(name, "-", " "), state, int(x))
		}
	}
	return s, nil
}

func stormRows(r *storm.Report, before storms, length time.Duration) []Row {
	data := fmt.Sprintf("seeds %d..%d", r.First, r.Next-1)
	row := func(of Row, why string, args ...any) Row { return of.from(r.Storms, data).because(why, args...) }
	days := row(detail("unit-days", "d", r.Days()), "random units under random trouble, in %s", length)
	if length >= stormLong {
		days = row(measured("unit-days", "d", r.Days(), atLeast(stormDays)), "random units under random trouble, in %s", length)
	}
	rows := []Row{
		days,
		row(detail("unit-days-total", "d", before.days+r.Days()), "of all campaigns, towards %d", stormGoal),
		row(detail("next-seed", "1", float64(r.Next)), "where the next campaign begins"),
		row(detail("faults", "1", float64(r.Faults)), "that befell the units"),
		row(measured("faults-a-day-least", "1", float64(r.Least), atLeast(stormFaults)), "in the storm that had fewest, for a whole day"),
	}
	by := r.By()
	for _, name := range storm.CheckerNames() {
		rows = append(rows, row(measured("violations/"+name, "1", float64(by[name]), exactly(0)), "storms in which this promise did not hold"))
	}
	for i, f := range r.Findings {
		rows = append(rows, row(detail(fmt.Sprintf("finding-%03d", i+1), "", fmt.Sprintf("seed %d, %s", f.Seed, f.Checker)), "%.1f s after the start: %s", f.At.Seconds(), f.What))
	}
	return rows
}

// coverRows are how often each kind of trouble met each network state.
func coverRows(r *storm.Report, before storms) []Row {
	data := fmt.Sprintf("seeds up to %d", r.Next-1)
	row := func(of Row, why string, args ...any) Row { return of.from(r.Storms, data).because(why, args...) }
	var rows []Row
	before.cover.Add(r.Cover)
	least, where := -1, ""
	for _, k := range storm.Catalogue() {
		for state := bess.NetworkDead; state <= bess.NetworkTransferring; state++ {
			name := strings.ReplaceAll(k.Name, " ", "-") + "/" + state.String()
			if why := storm.Impossible(k.Name, state); why != "" {
				rows = append(rows, row(detail("impossible/"+name, "", why), "cannot meet"))
				continue
			}
			n := before.cover.Met(k.Name, state)
			if least < 0 || n < least {
				least, where = n, name
			}
			rows = append(rows, row(detail("met/"+name, "1", float64(n)), "how often this trouble began in this network state, all campaigns"))
		}
	}
	return append(rows, row(measured("met-least", "1", float64(least), atLeast(stormMeetings)), "the rarest meeting of trouble and network state: %s", where))
}
