package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"reprise/config"
)

// checkCommand reads a unit file and prints its effective form, or every fault with its place.
type checkCommand struct {
	File   string `arg:"" optional:"" help:"Unit file."`
	Packs  string `help:"Folder with further pack types (*.yaml with *.dbc beside)." placeholder:"DIR"`
	JSON   bool   `help:"Print one JSON object with faults and warnings instead of text."`
	Schema bool   `help:"Print the JSON Schema of a unit file and read nothing."`
}

// Help is the longer text of "reprise check --help".
func (checkCommand) Help() string {
	return "Prints the effective form of a unit file, defaults filled in, and warnings on standard error. A file with\n" +
		"faults, or one that cannot be safe, is refused with every fault and its place (exit 2).\n\n" +
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
	unit, faults := config.Read(c.File, text, types)
	refusals := faults.Refusals()
	if c.JSON {
		result := checkResult{File: c.File, Holds: len(refusals) == 0, Faults: checkFaults(refusals), Warnings: checkFaults(faults.Warnings())}
		if result.Holds {
			result.Effective = string(config.Print(unit))
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
		return badInput(fmt.Errorf("%s: %d faults", c.File, len(refusals)), "correct them and check again")
	}
	if c.JSON {
		return nil
	}
	_, err = con.out.Write(config.Print(unit))
	return err
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
	return types.With(more), nil
}

func checkFaults(faults config.Faults) []checkFault {
	list := make([]checkFault, len(faults))
	for i, f := range faults {
		list[i] = checkFault{f.Place.Line, f.Place.Column, f.Path, f.What, f.Do}
	}
	return list
}
