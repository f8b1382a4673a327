package main

import (
	"context"
	"errors"
	"path/filepath"

	"reprise/api"
	"reprise/bess"
	"reprise/journal"
	"reprise/unit"
)

// Explain answers from the unit's own journal. It opens the files for reading only and takes nothing from the loop.
// One explanation is made at a time: each reads a file and runs some minutes again, which a controller that shares its
// processor with the loop should not do twice at once.
func (f *front) Explain(ctx context.Context, q api.WhyQuery) (*bess.Explanation, error) {
	if !f.explains.CompareAndSwap(false, true) {
		return nil, api.ErrBusy
	}
	defer f.explains.Store(false)
	paths, err := journal.Paths(filepath.Join(f.house.dir, "journal"))
	if err != nil {
		return nil, question{err, api.ErrNotKept}
	}
	a, err := unit.Explain(ctx, paths, unit.WhyOptions{At: q.At, Around: q.Around, Part: q.Part, Build: buildDigest()})
	switch {
	case errors.Is(err, unit.ErrNotKept):
		return nil, question{err, api.ErrNotKept}
	case errors.Is(err, unit.ErrNoPart):
		return nil, question{err, api.ErrNoPart}
	}
	return a, err
}

// question is an error of the question, told in the unit's words and known by the API's kind.
type question struct {
	error
	kind error
}

// Is tells the kind.
func (q question) Is(kind error) bool { return kind == q.kind }
