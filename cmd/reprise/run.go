package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Exit codes of every subcommand. Scripts may rely on them.
const (
	exitOK       = 0 // it did what was asked
	exitFailure  = 1 // it tried and could not
	exitBadInput = 2 // the command line, a file or a value is wrong; nothing was done
	exitNoData   = 3 // data that the command needs is not there
)

// console is what a subcommand may use of the world around it. Run methods take it as their argument, so a test runs
// a whole subcommand with buffers.
type console struct {
	context.Context           // ends on interrupt or terminate; every Run returns soon after
	out             io.Writer // results: tables, JSON, text that may be piped on
	progress        io.Writer // everything else: progress, notes, addresses
}

// failure is an error that knows its exit code and what the reader can do about it.
type failure struct {
	code   int
	cause  error
	advice string
}

func (f *failure) Error() string {
	if f.advice == "" {
		return f.cause.Error()
	}
	return f.cause.Error() + ": " + f.advice
}

func (f *failure) Unwrap() error { return f.cause }

// badInput marks an error as the fault of what was given (exit 2). The cause says what and where, the advice what to
// do about it; an empty advice is left out.
func badInput(cause error, advice string) error { return &failure{exitBadInput, cause, advice} }

// noData marks an error as missing data (exit 3).
func noData(cause error, advice string) error { return &failure{exitNoData, cause, advice} }

// exitCode says how the process ends after err.
func exitCode(err error) int {
	var f *failure
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &f):
		return f.code
	default:
		return exitFailure
	}
}

// run parses the arguments, runs the one subcommand that they name and prints its error, once, as
// "reprise COMMAND: what: where: what to do". It returns the exit code.
func run(ctx context.Context, args []string, out, progress io.Writer) int {
	helped := false
	parser, err := newParser(&commands{}, out, progress, func(int) { helped = true })
	if err != nil {
		fmt.Fprintf(progress, "reprise: reading its own command table: %v\n", err)
		return exitFailure
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if helped {
		return exitOK
	}
	if err != nil {
		name := "reprise"
		var parse *kong.ParseError
		if errors.As(err, &parse) {
			name = commandName(parse.Context)
		}
		fmt.Fprintf(progress, "%s: %v: see \"%s --help\"\n", name, err, name)
		return exitBadInput
	}
	parsed.Bind(&console{Context: ctx, out: out, progress: progress})
	if err := parsed.Run(); err != nil {
		fmt.Fprintf(progress, "%s: %v\n", commandName(parsed), err)
		return exitCode(err)
	}
	return exitOK
}

// commandName is "reprise study" for a context in which study was chosen, without its arguments.
func commandName(c *kong.Context) string {
	if c == nil || c.Selected() == nil {
		return "reprise"
	}
	names := []string{c.Selected().Name}
	for node := c.Selected().Parent; node != nil; node = node.Parent {
		names = append([]string{node.Name}, names...)
	}
	return strings.Join(names, " ")
}

func newParser(table *commands, out, progress io.Writer, exit func(int)) (*kong.Kong, error) {
	return kong.New(table,
		kong.Name("reprise"),
		kong.Description("One dependable machine out of used electric-car batteries: the unit, its twin, its fleet, its proofs."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Writers(out, progress),
		kong.Exit(exit),
	)
}
