package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"reprise/config"
	"reprise/scenario"
	"reprise/unit"
)

// checkCommand reads a unit file and prints its effective form, or every fault with its place. It reads scenarios too.
type checkCommand struct {
	File   string `arg:"" optional:"" help:"Unit file, or scenario."`
	Data   string `help:"Folder of real series, for a scenario that names them." placeholder:"DIR"`
	Packs  string `help:"Folder with further pack types (*.yaml with *.dbc beside)." placeholder:"DIR"`
	JSON   bool   `help:"Print one JSON object with faults and warnings instead of text."`
	Schema bool   `help:"Print the JSON Schema of a unit file and read nothing."`
}

// Help is the longer text of "reprise check --help".
func (checkCommand) Help() string {
	return "Prints the effective form of a unit file, defaults filled in, and warnings on standard error. A file with\n" +
		"faults, or one that cannot be safe, is refused with every fault and its place (exit 2). Of a scenario it\n" +
		"prints what was read, and what was filled in, moved or assumed; exit 3 when real series are not there.\n\n" +
		"Example:\n\n  reprise check examples/units/max.yaml"
}

// checkResult is what --json prints.
type checkResult struct {
	File      string       `json:"file"`
	Holds     bool         `json:"holds"`
	Faults    []checkFault `json:"faults"`
	Warnings  []checkFault `json:"warnings"`
	Effective string       `json:"effective,omitempty"`
}

type checkFault struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Path   string `json:"path"`
	What   string `json:"what"`
	Do     string `json:"do"`
}

// Run checks the file.
func (c *checkCommand) Run(con *console) error {
	if c.Schema {
		schema, err := config.Schema()
		if err != nil {
			return err
		}
		_, err = con.out.Write(schema)
		return err
	}
	if c.File == "" {
		return badInput(errors.New("no unit file is named"), "name one, such as examples/units/max.yaml")
	}
	types, err := packTypes(c.Packs)
	if err != nil {
		return badInput(err, "")
	}
	text, err := os.ReadFile(c.File)
	if err != nil {
		return badInput(err, "name a unit file that can be read")
	}
	if root, err := config.Parse(c.File, text); err == nil && root.Field("unit") != nil {
		return c.scenario(con, text, types)
	}
	installed, faults := config.Read(c.File, text, types)
	refusals := faults.Refusals()
	if c.JSON {
		result := checkResult{File: c.File, Holds: len(refusals) == 0, Faults: checkFaults(refusals), Warnings: checkFaults(faults.Warnings())}
		if result.Holds {
			result.Effective = string(config.Print(installed))
		}
		if err := json.NewEncoder(con.out).Encode(result); err != nil {
			return err
		}
	} else {
		for _, fault := range faults {
			fmt.Fprintln(con.progress, fault.Error())
		}
	}
	if len(refusals) > 0 {
		return badInput(fmt.Errorf("%s: %s", c.File, faultsOf(len(refusals))), "correct them and check again")
	}
	if c.JSON {
		return nil
	}
	_, err = con.out.Write(config.Print(installed))
	return err
}

// scenario checks a scenario and says what was read.
func (c *checkCommand) scenario(con *console, text []byte, types config.PackTypes) error {
	reader := scenario.Reader{Data: c.Data, Types: types}
	s, err := reader.Parse(c.File, text)
	var faults config.Faults
	switch {
	case errors.Is(err, scenario.ErrDataAbsent):
		return noData(err, "name the folder of real series with --data")
	case errors.As(err, &faults) && c.JSON:
		if err := json.NewEncoder(con.out).Encode(checkResult{File: c.File, Faults: checkFaults(faults), Warnings: []checkFault{}}); err != nil {
			return err
		}
		return badInput(fmt.Errorf("%s: %s", c.File, faultsOf(len(faults))), "correct them and check again")
	case errors.As(err, &faults):
		for _, fault := range faults {
			fmt.Fprintln(con.progress, fault.Error())
		}
		return badInput(fmt.Errorf("%s: %s", c.File, faultsOf(len(faults))), "correct them and check again")
	case err != nil:
		return badInput(err, "")
	case c.JSON:
		return json.NewEncoder(con.out).Encode(checkResult{File: c.File, Holds: true, Faults: []checkFault{}, Warnings: []checkFault{}})
	}
	for _, note := range s.Notes {
		fmt.Fprintln(con.progress, "note: "+note)
	}
	start := s.Civil(0)
	_, err = fmt.Fprintf(con.out, "scenario  %s\nunit      %s, %d packs, %d outlets\nstart     %s\nlength    %s\nseries    %d loads, irradiance %s, ambient %s, price %s, carbon %s\nvisits    %d, bookings %d\nstory     %d lines\n",
		s.Name, s.Unit.Name, len(s.Unit.Packs), len(s.Unit.Outlets), time.UnixMilli(start.UnixMilli).In(s.Zone).Format("2006-01-02 15:04 MST"), s.For.Seconds(),
		len(s.Series.Loads), curveKnown(s.Series.Irradiance), curveKnown(s.Series.Ambient), curveKnown(s.Series.Price), curveKnown(s.Series.Carbon),
		len(s.Visits), len(s.Bookings), len(s.Story))
	return err
}

// curveKnown says whether a scenario has a series.
func curveKnown(c scenario.Curve) string {
	if c.Known() {
		return "yes"
	}
	return "no"
}

// packTypes are the built-in pack types and those of a folder, which win; an empty folder name means none.
func packTypes(folder string) (config.PackTypes, error) {
	types, err := config.BuiltIn()
	if err != nil || folder == "" {
		return types, err
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("reading pack types: %s: %w", folder, errors.Join(err, fs.ErrNotExist))
	}
	more, err := config.ReadPackTypes(os.DirFS(folder))
	if err != nil {
		return nil, err
	}
	for _, name := range more.Names() { // a signal database that cannot be read closes no contactor later
		d := more[name]
		if _, err := unit.PackTable(&d); err != nil {
			return nil, fmt.Errorf("%s: %w", folder, err)
		}
	}
	return types.With(more), nil
}

// faultsOf counts faults in words.
func faultsOf(n int) string {
	if n == 1 {
		return "1 fault"
	}
	return fmt.Sprintf("%d faults", n)
}

func checkFaults(faults config.Faults) []checkFault {
	list := make([]checkFault, len(faults))
	for i, f := range faults {
		list[i] = checkFault{f.Place.Line, f.Place.Column, f.Path, f.What, f.Do}
	}
	return list
}
