package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
)

// gate compares the results in OUT with the committed ones of the same name and the same quickness, and fails when a
// row that held no longer holds or is no longer measured. Proofs that did not run are named and not judged.
func gate(o options, table io.Writer) error {
	files, err := filepath.Glob(filepath.Join(o.committed, "*.json"))
	if err != nil {
		return badInput("%s: %w", o.committed, err)
	}
	compared, lost := 0, 0
	for _, file := range files {
		name := filepath.Base(file)
		promised, err := readRows(file)
		if err != nil {
			return err
		}
		now, err := readRows(filepath.Join(o.out, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			fmt.Fprintf(table, "%s: not run, not judged\n", name)
			continue
		case err != nil:
			return err
		}
		held, faults := lostRows(promised, now)
		fmt.Fprintf(table, "%s: %d of %d rows that held still hold\n", name, held-len(faults), held)
		for _, fault := range faults {
			fmt.Fprintf(table, "  %s\n", fault)
		}
		compared++
		lost += len(faults)
	}
	switch {
	case lost > 0:
		return fmt.Errorf("%d rows that held no longer hold", lost)
	case len(files) == 0:
		fmt.Fprintf(table, "%s holds no results yet: nothing to compare\n", o.committed)
	case compared == 0:
		return badInput("%s holds none of the results in %s: run the proofs first", o.out, o.committed)
	}
	return nil
}

// lostRows counts the rows that held and describes those that no longer do.
func lostRows(promised, now []Row) (held int, faults []string) {
	current := map[string]Row{}
	for _, r := range now {
		current[r.Name] = r
	}
	for _, was := range promised {
		if was.Holds == nil || !*was.Holds {
			continue
		}
		held++
		is, measured := current[was.Name]
		switch {
		case !measured:
			faults = append(faults, was.Name+": no longer measured")
		case is.Holds == nil:
			faults = append(faults, was.Name+": no longer has a bar")
		case !*is.Holds:
			faults = append(faults, fmt.Sprintf("%s: was %s %s, is %s, bar %v", was.Name, valueText(was.Value), was.Unit, valueText(is.Value), is.Bar))
		}
	}
	return held, faults
}
