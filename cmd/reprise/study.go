package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"reprise/bess"
	"reprise/config"
	"reprise/ledger"
	"reprise/report"
	"reprise/scenario"
	"reprise/study"
)

// studyCommand plays scenarios at full speed with the same controller that runs a unit.
type studyCommand struct {
	Files []string `arg:"" help:"Scenario files."`
	Out   string   `help:"Write result.json, ledger.csv, series.csv and report.html to a folder for each scenario." placeholder:"DIR"`
	Data  string   `help:"Folder of real series, for scenarios that name them." placeholder:"DIR" env:"DATA"`
	Seed  *uint64  `help:"Use this seed instead of the scenario's." placeholder:"N"`
	Packs string   `help:"Folder with further pack types (*.yaml with *.dbc beside)." placeholder:"DIR"`
	JSON  bool     `help:"Print one JSON object for each file, one a line."`
}

// Help is the longer text of "reprise study --help".
func (studyCommand) Help() string {
	return "Plays whole days in seconds: the controller that runs a unit, closed over the twin. Prints tables of energy,\n" +
		"carbon, visits and expectations. Exit 1 when an expectation of a story did not hold, 2 when a file has faults,\n" +
		"3 when real series are not there.\n\n" +
		"Example:\n\n  reprise study examples/*.yaml --out out/study"
}

// Run plays every file.
func (c *studyCommand) Run(con *console) error {
	types, err := packTypes(c.Packs)
	if err != nil {
		return badInput(err, "")
	}
	failed := 0
	for _, file := range c.Files {
		reader := scenario.Reader{Data: c.Data, Seed: c.Seed, Types: types}
		sc, err := reader.Load(file)
		if err != nil {
			return readFault(err)
		}
		s, err := study.New(sc)
		if err != nil {
			return badInput(err, "correct the story")
		}
		if err := s.Run(con.Context, progressLine(con.progress, sc.Name)); err != nil {
			return err
		}
		result := s.Result()
		for _, e := range result.Expectations {
			if !e.Held {
				failed++
			}
		}
		if c.Out != "" {
			if err := writeStudy(filepath.Join(c.Out, sc.Name), s, &result, file); err != nil {
				return err
			}
		}
		if err := c.print(con.out, s, &result); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d expectations did not hold: see the lines above", failed)
	}
	return nil
}

// readFault gives an error of reading its exit code.
func readFault(err error) error {
	var faults config.Faults
	switch {
	case errors.Is(err, scenario.ErrDataAbsent):
		return noData(err, "set DATA to the folder that holds it")
	case errors.As(err, &faults), errors.Is(err, os.ErrNotExist):
		return badInput(err, "correct the file")
	}
	return err
}

// progressLine draws a bar: on a terminal's own line, at most ten times a second; elsewhere a line each quarter.
func progressLine(w io.Writer, name string) study.Progress {
	last, quarter := time.Time{}, bess.Span(-1)
	return func(done, whole bess.Span) {
		if !terminal(w) {
			if q := 4 * done / max(1, whole); q != quarter {
				quarter = q
				fmt.Fprintf(w, "%-20s %3d %%\n", name, 25*q)
			}
			return
		}
		if time.Since(last) < 100*time.Millisecond && done < whole {
			return
		}
		last = time.Now()
		const width = 40
		filled := int(width * done / max(1, whole))
		bar := make([]byte, width)
		for i := range bar {
			bar[i] = '.'
			if i < filled {
				bar[i] = '#'
			}
		}
		fmt.Fprintf(w, "\r%-20s [%s] %3d %%", name, bar, 100*done/max(1, whole))
		if done >= whole {
			fmt.Fprintln(w)
		}
	}
}

// terminal reports whether w is a screen that a line can be drawn over on.
func terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (c *studyCommand) print(w io.Writer, s *study.Study, r *study.Result) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(r)
	}
	for _, table := range s.Tables(r) {
		if err := table.WriteText(w); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	return nil
}

// writeStudy writes a study's files; each is complete or not there.
func writeStudy(dir string, s *study.Study, r *study.Result, file string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("writing the study: %w", err)
	}
	write := func(name string, fill func(io.Writer) error) error {
		temporary, err := os.CreateTemp(dir, ".tmp-*")
		if err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		defer func() { _ = os.Remove(temporary.Name()) }() // gone already when all went well
		if err := errors.Join(fill(temporary), temporary.Close()); err != nil {
			return fmt.Errorf("writing %s: %w", filepath.Join(dir, name), err)
		}
		return os.Rename(temporary.Name(), filepath.Join(dir, name))
	}
	page := s.Report(r)
	page.Command = "reprise study " + file
	page.Version = revision()
	return errors.Join(
		write("result.json", func(w io.Writer) error {
			e := json.NewEncoder(w)
			e.SetIndent("", "  ")
			return e.Encode(r)
		}),
		write("ledger.csv", func(w io.Writer) error { return ledger.WriteCSV(w, s.Entries) }),
		write("series.csv", func(w io.Writer) error { return report.WriteSeriesCSV(w, s.Series.Zones, s.Series.All()) }),
		write("report.html", func(w io.Writer) error { return report.WriteStudy(w, page) }),
	)
}

// revision is the build's revision, for reports.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return info.Main.Version
}
