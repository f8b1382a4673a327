// Command reprise is the one program of the house: a unit, its twin, its fleet and every tool around them are its
// subcommands. This file only lists them; each subcommand is one file with its flags, its Run and its example, and
// one line in the struct below.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// commands is the table of contents of the program, in the order in which help shows it.
type commands struct {
	Up      upCommand      `cmd:"" help:"The demo: a unit, its twin behind the real protocols, and the page."`
	Unit    unitCommand    `cmd:"" help:"The controller as a service on real devices."`
	Guard   guardCommand   `cmd:"" help:"The second process: reads the same frames by itself and can only withhold."`
	Limits  limitsCommand  `cmd:"" help:"Write the guard's checksummed limits file from a unit file."`
	Check   checkCommand   `cmd:"" help:"Read a unit file: its effective form, or every fault with its place."`
	Arrive  arriveCommand  `cmd:"" help:"The arrival check at a supply, before anything is closed."`
	Twin    twinCommand    `cmd:"" help:"Serve the unit's twin behind its real wires, or read a recorded pack channel."`
	Study   studyCommand   `cmd:"" help:"Play scenarios at full speed: tables, charts, ledger, report."`
	Storm   stormCommand   `cmd:"" help:"Fault campaigns: random units, random trouble, and checkers that know the truth."`
	Replay  replayCommand  `cmd:"" help:"Run a journal again: the same hash, or the first tick that differs."`
	Why     whyCommand     `cmd:"" help:"Why did it do that: what decided at a moment, from the journal."`
	Bundle  bundleCommand  `cmd:"" help:"Pack what a maker needs to help, and no secret."`
	Carbon  carbonCommand  `cmd:"" help:"Recompute the announced saving, or audit an exported ledger."`
	Version versionCommand `cmd:"" help:"Say exactly what is running: version, revision, compiler, instruction set."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
