package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"reprise/unit"
)

// replayCommand runs a journal again and compares.
type replayCommand struct {
	Path  string `arg:"" help:"Journal file, the folder that holds them, or a unit's data folder."`
	From  string `help:"Begin at the checkpoint before this time (RFC 3339)." placeholder:"TIME"`
	To    string `help:"End after this time (RFC 3339)." placeholder:"TIME"`
	JSON  bool   `help:"Print one JSON object instead of text."`
	Force bool   `help:"Run a journal of another build or configuration too."`
}

// Help is the longer text of "reprise replay --help".
func (replayCommand) Help() string {
	return "Runs the controller again on exactly what it was given, from a checkpoint, and prints the digest of what came\n" +
		"out, or the first tick that differs and what differs in it (exit 1). A journal of another build or\n" +
		"configuration is refused (exit 2).\n\n" +
		"Example:\n\n  reprise replay data/journal --from 2021-06-15T17:00:00+01:00"
}

// errDiffers is a replay that did not give what was recorded.
var errDiffers = errors.New("the replay differs from what was recorded") // constant: compared, never written

// Run replays.
func (c *replayCommand) Run(con *console) error {
	options := unit.ReplayOptions{Force: c.Force, Build: buildDigest()}
	for _, t := range []struct {
		text string
		to   *int64
	}{{c.From, &options.From}, {c.To, &options.To}} {
		if t.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, t.text)
		if err != nil {
			return badInput(fmt.Errorf("reading the time %q: it is not RFC 3339", t.text), "write it as 2021-06-15T17:00:00+01:00")
		}
		*t.to = at.UnixMilli()
	}
	paths, err := journalPaths(c.Path)
	if err != nil {
		return badInput(err, "name a journal file, its folder, or the data folder of a unit")
	}
	result, err := unit.Replay(paths, options)
	if errors.Is(err, unit.ErrRefused) {
		return badInput(err, "")
	}
	if err != nil {
		return err
	}
	if err := c.print(con, result); err != nil {
		return err
	}
	if !result.Same {
		return errDiffers
	}
	return nil
}

func (c *replayCommand) print(con *console, r *unit.Replayed) error {
	if c.JSON {
		return json.NewEncoder(con.out).Encode(r)
	}
	for _, fault := range r.Faults {
		fmt.Fprintln(con.progress, fault)
	}
	if r.Forced {
		fmt.Fprintln(con.progress, "forced: another build or configuration wrote it, so the bits may differ for that reason alone")
	}
	_, err := fmt.Fprintf(con.out, "unit    %s\nticks   %d in %d parts, %d states compared\nhash    %s\n", r.Unit, r.Ticks, r.Parts, r.Checked, r.Hash)
	if err == nil && !r.Same {
		_, err = fmt.Fprintf(con.out, "differs at tick %d, %s\n  %s\n", r.Differs,
			time.UnixMilli(r.UnixMilli).UTC().Format(time.RFC3339), strings.Join(r.What, "\n  "))
	}
	return err
}
