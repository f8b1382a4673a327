package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Place is where something stands in a text; line and column count from one, 0 means unknown.
type Place struct {
	File   string
	Line   int
	Column int
}

// String is file:line:column, as editors understand it, without the parts that are unknown.
func (p Place) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Fault is one thing that is wrong: where, what, and what to do about it.
type Fault struct {
	Place   Place
	Path    string // of the key, such as "converters[2].pack_current"; lists count from one
	What    string
	Do      string
	Warning bool // worth knowing, but no reason to refuse
}

// Error is "file:line:column: path: what: what to do".
func (f Fault) Error() string {
	var parts []string
	if place := f.Place.String(); place != "" {
		parts = append(parts, place)
	}
	if f.Warning {
		parts = append(parts, "warning")
	}
	for _, part := range []string{f.Path, f.What, f.Do} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// Faults is everything that is wrong with a text, in the order of the text.
type Faults []Fault

// Error is one fault a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i := range f {
		lines[i] = f[i].Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single faults.
func (f Faults) Unwrap() []error {
	errs := make([]error, len(f))
	for i := range f {
		errs[i] = f[i]
	}
	return errs
}

// Refusals are the faults that are no warnings; empty: the text may be used.
func (f Faults) Refusals() Faults {
	return slices.DeleteFunc(slices.Clone(f), func(x Fault) bool { return x.Warning })
}

// Warnings are the faults that do not refuse the text.
func (f Faults) Warnings() Faults {
	return slices.DeleteFunc(slices.Clone(f), func(x Fault) bool { return !x.Warning })
}

// Err is the refusals as an error, or nil when there is none.
func (f Faults) Err() error {
	if refusals := f.Refusals(); len(refusals) > 0 {
		return refusals
	}
	return nil
}

// faultsOf are the faults in an error of Parse.
func faultsOf(err error) Faults {
	var faults Faults
	if !errors.As(err, &faults) {
		faults = Faults{{What: err.Error(), Do: "correct the file"}}
	}
	return faults
}

// once drops what was already said of the same place: one converter written for seven packs is wrong once.
func (f Faults) once() Faults {
	type finding struct {
		place Place
		what  string
	}
	seen := map[finding]bool{}
	return slices.DeleteFunc(f, func(x Fault) bool {
		key := finding{x.Place, x.What}
		again := seen[key] && x.Place.Line > 0
		seen[key] = true
		return again
	})
}

// sorted orders faults by their place, keeping the order of those at one place.
func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int {
		if a.Place.Line != b.Place.Line {
			return a.Place.Line - b.Place.Line
		}
		return a.Place.Column - b.Place.Column
	})
	return f
}
