package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/config"
	"reprise/device"
	"reprise/twin"
	"reprise/twin/serve"
	"reprise/unit"
	"reprise/wire/can"
)

// twinCommand puts the twin behind the machine's real wires, or reads a recording of a pack's channel.
type twinCommand struct {
	Unit    string  `help:"Unit file to be served." placeholder:"FILE" xor:"what" required:""`
	Replay  string  `help:"candump log to be read." placeholder:"FILE" xor:"what" required:""`
	Type    string  `help:"Pack type by which the log is read; without it every type is tried." placeholder:"NAME"`
	Serial  string  `help:"Serial number that the pack in the log should have." placeholder:"TEXT"`
	Packs   string  `help:"Folder with further pack types (*.yaml with *.dbc beside)." placeholder:"DIR"`
	Host    string  `help:"Address to listen at, on free ports. There is no authentication on these wires." default:"127.0.0.1"`
	Central string  `help:"Central system that the charging stations call." placeholder:"URL"`
	Seed    uint64  `help:"Seed of the true parameters." default:"1"`
	Guarded bool    `help:"The hold-in wants the pulses of a guard too, as the real machine does; without, they are taken for given."`
	SoC     float64 `name:"soc" help:"State of charge at the start, percent." default:"70"`
}

// Help is the longer text of "reprise twin --help".
func (twinCommand) Help() string {
	return "With --unit it serves every device of the unit and prints the addresses as one JSON object; with --replay it\n" +
		"says who is on a recorded channel, what the pack told and what was refused.\n\n" +
		"Example:\n\n  reprise twin --unit examples/units/max.yaml --central ws://127.0.0.1:8080/ocpp\n" +
		"  reprise twin --replay pack.log --type l405"
}

// Run serves until interrupted, or reads the log.
func (c *twinCommand) Run(con *console) error {
	types, err := packTypes(c.Packs)
	if err != nil {
		return badInput(err, "")
	}
	if c.Replay != "" {
		return c.replay(con, types)
	}
	return c.serve(con, types)
}

func (c *twinCommand) serve(con *console, types config.PackTypes) error {
	text, err := os.ReadFile(c.Unit)
	if err != nil {
		return badInput(err, "name a unit file that can be read")
	}
	u, faults := config.Read(c.Unit, text, types)
	if refusals := faults.Refusals(); len(refusals) > 0 {
		return badInput(refusals.Err(), "correct it, see \"reprise check\"")
	}
	tables, err := unit.PackTables(u, types)
	if err != nil {
		return badInput(err, "")
	}
	start := twin.Start{Ambient: 15}
	for range u.Packs {
		start.SoC = append(start.SoC, si.Clamp(si.Ratio(c.SoC/100), 0, 1))
	}
	world := twin.New(u, c.Seed, start)
	around := twin.NewSurroundings(u)
	for i := range around.Feeders {
		around.Feeders[i].Available = u.Feeders[i].Kind == bess.Grid
	}
	world.Surround(around)
	server, err := serve.New(world, u, serve.Options{Packs: tables, Central: c.Central, Guarded: c.Guarded})
	if err != nil {
		return badInput(err, "")
	}
	at, wait, err := server.Listen(con, c.Host)
	if err != nil {
		return err
	}
	defer wait()
	if err := json.NewEncoder(con.out).Encode(at); err != nil {
		return err
	}
	fmt.Fprintf(con.progress, "serving %d packs, %d converters, %d outlets; end with an interrupt\n", len(u.Packs), len(u.Converters), len(u.Outlets))
	if err := server.Run(con); err != nil && con.Err() == nil {
		return err
	}
	return nil
}

// replay reads the log by one type, or by all of them.
func (c *twinCommand) replay(con *console, types config.PackTypes) error {
	names := types.Names()
	if c.Type != "" {
		if _, ok := types[c.Type]; !ok {
			return badInput(fmt.Errorf("there is no pack type %q", c.Type), "known types: "+strings.Join(names, ", "))
		}
		names = []string{c.Type}
	}
	for _, name := range names {
		description := types[name]
		table, err := unit.PackTable(&description)
		if err != nil {
			return badInput(err, "")
		}
		log, err := os.Open(c.Replay)
		if err != nil {
			return badInput(err, "name a candump log that can be read")
		}
		result, err := readLog(log, table, c.Serial)
		if err := errors.Join(err, log.Close()); err != nil {
			return err
		}
		if result.frames == 0 {
			return badInput(fmt.Errorf("%s: no frame in it, %d lines that could not be read", c.Replay, result.faults), "name a candump log")
		}
		if err := result.print(con.out, &description, c.Type != ""); err != nil {
			return err
		}
	}
	return nil
}

// noChannel stands where a driver is fed by hand.
func noChannel(context.Context) (can.Bus, error) { return nil, can.ErrClosed }

// logResult is what a recording said by one pack type.
type logResult struct {
	view           bess.PackView
	serial         string
	counts         can.Counts
	unverified     []string
	frames, faults int
}

// readLog feeds a recording to a pack's driver at full speed and keeps the last state in which it knew the pack.
func readLog(log io.Reader, table *device.PackTable, serial string) (logResult, error) {
	var now, begun bess.Instant
	pack, err := device.NewPack(device.PackOptions{
		Clock: func() bess.Instant { return now }, Table: table, Serial: serial, Dial: noChannel,
	})
	if err != nil {
		return logResult{}, err
	}
	snapshot := bess.Snapshot{Packs: make([]bess.PackView, 1)}
	result := logResult{}
	reader := can.NewLogReader(log)
	for record, err := range reader.All() {
		var line *can.LineFault
		if errors.As(err, &line) {
			continue
		}
		if err != nil {
			return result, fmt.Errorf("reading a CAN log: %w", err)
		}
		at := bess.Instant(record.At.UnixMilli())
		if result.frames == 0 {
			begun = at
		}
		now = max(now, at-begun+1)
		pack.Accept(&record.Frame, now)
		result.frames++
		pack.Sense(&snapshot, now)
	}
	result.view, result.serial, result.counts = snapshot.Packs[0], pack.Serial(), pack.Counts()
	result.unverified, result.faults = pack.Unverified(), reader.Faults()
	return result, nil
}

// print writes the verdict, and in full also readings and counts.
func (r *logResult) print(out io.Writer, d *config.PackDescription, full bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%s\t%s\n", d.Type.Name, r.view.Identity, d.Type.Title)
	if !full {
		return w.Flush()
	}
	if r.serial != "" {
		fmt.Fprintf(w, "serial\t%s\t\n", r.serial)
	}
	for _, q := range device.Quantities() {
		if text, ok := q.Text(&r.view); ok {
			fmt.Fprintf(w, "%s\t%s\n", strings.ReplaceAll(q.String(), "_", " "), text)
		}
	}
	c := r.counts
	for _, row := range []struct {
		name  string
		count uint64
	}{
		{"frames", uint64(r.frames)}, {"used", c.Accepted}, {"of others", c.Unknown}, {"bad checksum", c.BadChecksum}, {"stuck counter", c.StuckCounter},
		{"jumped counter", c.JumpedCounter}, {"wrong length", c.WrongLength}, {"out of range", c.OutOfRange},
		{"remote or malformed", c.Remote + c.Malformed}, {"unreadable lines", uint64(r.faults)},
	} {
		fmt.Fprintf(w, "%s\t%d\n", row.name, row.count)
	}
	if len(r.unverified) > 0 {
		fmt.Fprintf(w, "unverified\t%s: nobody published the checksum rule\n", strings.Join(r.unverified, ", "))
	}
	return w.Flush()
}
