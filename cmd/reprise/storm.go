package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"reprise/bess"
	"reprise/scenario"
	"reprise/storm"
)

// stormCommand plays fault campaigns against the controller.
type stormCommand struct {
	Files    []string `arg:"" optional:"" help:"Scenario files to play with the checkers looking on, instead of seeds."`
	Seed     *uint64  `help:"Play this seed alone." placeholder:"N"`
	From     uint64   `help:"Play seeds from this one on." default:"1" placeholder:"N"`
	Minutes  float64  `help:"For how long to begin new seeds." default:"15" placeholder:"M"`
	Most     int      `help:"Play at most so many seeds; 0: as many as fit." placeholder:"N"`
	Shrink   bool     `help:"Look for the shortest story behind each violation." default:"true" negatable:""`
	Out      string   `help:"Write shrunk stories to this folder." placeholder:"DIR"`
	Text     bool     `help:"Print the story of a seed and play nothing."`
	Checkers bool     `help:"List the promises that are checked, and what can go wrong."`
	JSON     bool     `help:"Print one JSON object at the end."`
}

// Help is the longer text of "reprise storm --help".
func (stormCommand) Help() string {
	return "From a seed: a random unit, a day and a story of faults, mistakes and wild orders, played by the controller that\n" +
		"runs a unit, against the twin. Checkers that know the truth look on. Exit 1 when a promise was broken: the seed,\n" +
		"the revision and the shortest story are printed, as a scenario that \"reprise study\" plays too.\n\n" +
		"Example:\n\n  reprise storm --minutes 5\n  reprise storm --seed 17 --json\n  reprise storm examples/storm/*.yaml"
}

// stormResult is what --json prints.
type stormResult struct {
	Revision string                    `json:"revision"`
	First    uint64                    `json:"first_seed"`
	Next     uint64                    `json:"next_seed"`
	Storms   int                       `json:"storms"`
	Days     float64                   `json:"unit_days"`
	Faults   int                       `json:"faults"`
	Least    int                       `json:"least_faults_a_day"`
	Broken   map[string]int            `json:"violations"`
	Cover    map[string]map[string]int `json:"coverage"`
	Findings []storm.Finding           `json:"findings"`
}

// Run plays.
func (c *stormCommand) Run(con *console) error {
	switch {
	case c.Checkers:
		return c.list(con.out)
	case c.Text:
		seed := c.From
		if c.Seed != nil {
			seed = *c.Seed
		}
		_, err := con.out.Write(storm.Draw(seed).Text())
		return err
	case len(c.Files) > 0:
		return c.files(con)
	}
	first, most := c.From, c.Most
	if c.Seed != nil {
		first, most = *c.Seed, 1
	}
	if c.Minutes <= 0 {
		return badInput(fmt.Errorf("%v minutes", c.Minutes), "write a length above 0")
	}
	ctx, cancel := context.WithTimeout(con.Context, time.Duration(c.Minutes*float64(time.Minute)))
	defer cancel()
	report, err := storm.Campaign(ctx, first, most, runtime.GOMAXPROCS(0), stormProgress(con.progress))
	if err != nil {
		return err
	}
	if con.Context.Err() != nil {
		return con.Context.Err()
	}
	if err := c.shrink(con, report); err != nil {
		return err
	}
	if err := c.print(con.out, report); err != nil {
		return err
	}
	if n := len(report.Findings); n > 0 {
		return fmt.Errorf("%d promises were broken at %s: see above", n, revision())
	}
	return nil
}

// files plays scenarios with the checkers looking on.
func (c *stormCommand) files(con *console) error {
	broken := 0
	for _, file := range c.Files {
		sc, err := scenario.Load(file)
		if err != nil {
			return readFault(err)
		}
		out, err := storm.Play(con.Context, sc, storm.Options{})
		if err != nil {
			return err
		}
		fmt.Fprintf(con.out, "%s: %d broken\n", file, len(out.Violations))
		for _, v := range out.Violations {
			broken++
			fmt.Fprintf(con.out, "  %s at %s: %s\n", v.Checker, moment(sc, v.At), v.What)
		}
	}
	if broken > 0 {
		return fmt.Errorf("%d promises were broken at %s: see above", broken, revision())
	}
	return nil
}

func moment(sc *scenario.Scenario, after bess.Span) string {
	return time.UnixMilli(sc.Start + int64(after)).In(sc.Zone).Format("15:04:05.0")
}

// mostShrunk bounds how many violations are shrunk: the first of each checker.
const mostShrunk = 8

// shrink finds the shortest story of the first violation of each checker.
func (c *stormCommand) shrink(con *console, r *storm.Report) error {
	var done []string
	for i := range r.Findings {
		f := &r.Findings[i]
		if !c.Shrink || len(done) >= mostShrunk || slices.Contains(done, f.Checker) {
			continue
		}
		done = append(done, f.Checker)
		fmt.Fprintf(con.progress, "seed %d: looking for the shortest story that breaks %s\n", f.Seed, f.Checker)
		s, err := storm.Shrink(con.Context, f.Seed, f.Checker, 150)
		if err != nil {
			fmt.Fprintf(con.progress, "seed %d: %v\n", f.Seed, err)
			continue
		}
		f.Story = string(s.Plan.Text(
			"Shrunk from storm seed "+fmt.Sprint(f.Seed)+" at revision "+revision()+".",
			"broke "+s.Violation.Checker+": "+s.Violation.What))
		if c.Out == "" {
			continue
		}
		path := filepath.Join(c.Out, fmt.Sprintf("%s-%d.yaml", f.Checker, f.Seed))
		if err := errors.Join(os.MkdirAll(c.Out, 0o755), os.WriteFile(path, []byte(f.Story), 0o644)); err != nil { //nolint:gosec // a story is for everybody
			return fmt.Errorf("writing the story: %w", err)
		}
	}
	return nil
}

// stormProgress prints a line now and then.
func stormProgress(w io.Writer) func(*storm.Report) {
	last := time.Now()
	return func(r *storm.Report) {
		if time.Since(last) < 5*time.Second {
			return
		}
		last = time.Now()
		fmt.Fprintf(w, "storm: seeds %d..%d, %.1f unit-days, %d faults, %d broken\n", r.First, r.Next-1, r.Days(), r.Faults, len(r.Findings))
	}
}

func (c *stormCommand) print(w io.Writer, r *storm.Report) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(stormResult{
			Revision: revision(), First: r.First, Next: r.Next, Storms: r.Storms, Days: r.Days(), Faults: r.Faults, Least: r.Least,
			Broken: r.By(), Cover: coverTable(r.Cover), Findings: r.Findings,
		})
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		fmt.Fprintf(w, "seed %d, %s: %s %.1f s after the start: %s\n", f.Seed, revision(), f.Checker, float64(f.At.Seconds()), f.What)
		if f.Story != "" {
			fmt.Fprintf(w, "\n%s\n", f.Story)
		}
	}
	fmt.Fprintf(w, "%d storms (seeds %d..%d): %.2f unit-days, %d faults, at least %d a unit-day, %d promises broken\n",
		r.Storms, r.First, r.Next-1, r.Days(), r.Faults, r.Least, len(r.Findings))
	return nil
}

// coverTable is the coverage with the words of the page.
func coverTable(c storm.Coverage) map[string]map[string]int {
	table := map[string]map[string]int{}
	for _, name := range c.Names() {
		table[name] = map[string]int{}
		for state, n := range c[name] {
			table[name][bess.NetworkState(state).String()] = n
		}
	}
	return table
}

func (c *stormCommand) list(w io.Writer) error {
	fmt.Fprintf(w, "checkers: %s\n\nwhat can go wrong:\n", strings.Join(storm.CheckerNames(), ", "))
	for _, k := range storm.Catalogue() {
		fmt.Fprintf(w, "  %s\n", k.Name)
	}
	return nil
}
