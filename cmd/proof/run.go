package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Exit codes: a proof that ran ends with exitOK whatever its rows say.
const (
	exitOK       = 0
	exitFailure  = 1 // the gate found a regression, or a proof broke on the way
	exitBadInput = 2
	exitNoData   = 3
)

// job is what a proof is given.
type job struct {
	data     string        // folder of real series, with one sub-folder for each set
	seed     uint64        // everything drawn by chance comes from it
	quick    bool          // at most a minute, instead of at most fifteen
	minutes  time.Duration // how long an open-ended proof (storm) may run
	progress io.Writer     // what is being done now; the table goes elsewhere
}

// proof measures and returns its rows in any order. It may return rows beside an error: what was measured is kept.
type proof struct {
	about string // one line for the list
	run   func(ctx context.Context, j job) ([]Row, error)
}

// inputFault marks an error as bad input (exit 2) or absent data (exit 3).
type inputFault struct {
	code  int
	cause error
}

func (f *inputFault) Error() string { return f.cause.Error() }
func (f *inputFault) Unwrap() error { return f.cause }

// badInput is an error in what the proof was given.
func badInput(format string, args ...any) error {
	return &inputFault{exitBadInput, fmt.Errorf(format, args...)}
}

// noData is an error for data that the proof needs and did not find; say which, and where it was sought.
func noData(format string, args ...any) error {
	return &inputFault{exitNoData, fmt.Errorf(format, args...)}
}

// folder is the place of one set of real series, or a noData error.
func (j job) folder(name string) (string, error) {
	dir := filepath.Join(j.data, name)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", noData("data set %s: no folder %s: set DATA to the folder that holds it", name, dir)
	}
	return dir, nil
}

// say prints a line of progress.
func (j job) say(format string, args ...any) { fmt.Fprintf(j.progress, format+"\n", args...) }

// options is the command line: the place of results beside the job.
type options struct {
	job
	out       string // where results are written
	committed string // where the results that the house stands by are kept
}

// run is the whole command.
func run(ctx context.Context, all map[string]proof, args []string, table, progress io.Writer) int {
	if len(args) == 1 && args[0] == "--names" {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			fmt.Fprintln(table, name)
		}
		return exitOK
	}
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		list(progress, all)
		return exitBadInput
	}
	name, o := args[0], options{job: job{progress: progress}}
	if err := o.parse(name, args[1:], progress); err != nil {
		return exitBadInput // the flag package has said why
	}
	var err error
	switch p, known := all[name]; {
	case name == "gate":
		err = gate(o, table)
	case name == "docs":
		err = writeDocs(o, table)
	case known:
		err = prove(ctx, o, name, p, table)
	default:
		fmt.Fprintf(progress, "proof %s: there is no such proof yet\n", name)
		list(progress, all)
		return exitBadInput
	}
	if err != nil {
		fmt.Fprintf(progress, "proof %s: %v\n", name, err)
	}
	return exitCode(err)
}

func exitCode(err error) int {
	var f *inputFault
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &f):
		return f.code
	default:
		return exitFailure
	}
}

func list(w io.Writer, all map[string]proof) {
	fmt.Fprintln(w, "usage: proof NAME [--data DIR] [--seed N] [--out DIR] [--quick] [--minutes N]")
	fmt.Fprintln(w, "       proof --names    the names alone, one a line")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(w, "  %-16s %s\n", name, all[name].about)
	}
	fmt.Fprintln(w, "  gate             fail when a committed row that held no longer holds")
	fmt.Fprintln(w, "  docs             rewrite the tables of the documents from the committed rows")
}

func (o *options) parse(name string, args []string, progress io.Writer) error {
	flags := flag.NewFlagSet("proof "+name, flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.StringVar(&o.data, "data", "../shared/data", "`folder` of real series")
	flags.Uint64Var(&o.seed, "seed", 1, "`number` from which chance is drawn")
	flags.StringVar(&o.out, "out", "out", "`folder` for results")
	flags.StringVar(&o.committed, "committed", "docs/proof", "`folder` of the committed results")
	flags.BoolVar(&o.quick, "quick", false, "a minute's worth")
	minutes := flags.Float64("minutes", 15, "how long an open-ended proof may run")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || *minutes <= 0 {
		err := fmt.Errorf("proof %s: unexpected %q or minutes not above zero", name, flags.Args())
		fmt.Fprintln(progress, err)
		return err
	}
	o.minutes = time.Duration(*minutes * float64(time.Minute))
	return nil
}

// prove runs one proof, prints its table and writes its file, even when it broke half way.
func prove(ctx context.Context, o options, name string, p proof, table io.Writer) error {
	begin := time.Now()
	rows, runErr := p.run(ctx, o.job)
	for i := range rows {
		rows[i].Seed = o.seed
	}
	if runErr != nil && len(rows) == 0 {
		return runErr
	}
	if err := sortRows(rows); err != nil {
		return errors.Join(runErr, err)
	}
	if err := printTable(table, rows); err != nil {
		return errors.Join(runErr, err)
	}
	if runErr != nil {
		return fmt.Errorf("broke after %d rows, nothing written: %w", len(rows), runErr)
	}
	path := filepath.Join(o.out, fileName(name, o.quick))
	if err := writeRows(path, rows); err != nil {
		return err
	}
	o.say("%s: %d rows in %s, %.1f s", name, len(rows), path, time.Since(begin).Seconds())
	return nil
}

// fileName tells quick results from full ones, which are never compared with each other.
func fileName(name string, quick bool) string {
	if quick {
		return name + ".quick.json"
	}
	return name + ".json"
}
