package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/carbon"
	"reprise/journal"
	"reprise/store"
	"reprise/unit"
)

// house is what a unit keeps on disk: ledger, events and visits, series, journal, checkpoint.
type house struct {
	dir      string
	borrowed bool // a temporary folder, removed at the end
	store    *store.Store
	series   *store.Series
	journal  *journal.Writer
	saving   *saving
}

// openHouse opens the folder, or a temporary one when dir is empty.
func openHouse(dir string, u *bess.Unit, seed uint64, start bess.Civil) (*house, error) {
	h := &house{dir: dir, saving: &saving{unit: u}}
	if dir == "" {
		temporary, err := os.MkdirTemp("", "reprise-")
		if err != nil {
			return nil, fmt.Errorf("making a temporary data folder: %w", err)
		}
		h.dir, h.borrowed = temporary, true
	}
	for _, sub := range []string{"", "series", "journal"} {
		if err := os.MkdirAll(filepath.Join(h.dir, sub), 0o700); err != nil {
			return nil, badInput(fmt.Errorf("opening the data folder: %w", err), "name a folder that can be written")
		}
	}
	var err error
	if h.store, err = store.Open(h.dir); err != nil {
		return nil, err
	}
	if h.series, err = store.OpenSeries(filepath.Join(h.dir, "series"), unit.Channels(u), store.SeriesOptions{}); err != nil {
		return nil, errors.Join(err, h.close())
	}
	if err := h.openJournal(u, seed, start); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

// openJournal begins a new run of the journal; a machine closes its own.
func (h *house) openJournal(u *bess.Unit, seed uint64, start bess.Civil) error {
	digest, err := journal.ConfigDigest(u)
	if err != nil {
		return err
	}
	h.journal, err = journal.Create(filepath.Join(h.dir, "journal"), journal.Header{
		Unit: *u, Build: buildDigest(), Config: digest, Seed: seed, Started: start, Run: fmt.Sprint(start.UnixMilli),
	}, journal.Options{})
	return err
}

func (h *house) close() error {
	var faults []error
	if h.series != nil {
		faults = append(faults, h.series.Close())
	}
	if h.store != nil {
		faults = append(faults, h.store.Close())
	}
	if h.borrowed {
		faults = append(faults, os.RemoveAll(h.dir))
	}
	return errors.Join(faults...)
}

// configure fills the durable part of a machine's configuration.
func (h *house) configure(c *unit.Config, log *slog.Logger) error {
	restart, err := unit.ReadRestart(h.dir, h.store)
	if err != nil {
		return err
	}
	c.Keeper, c.Notices, c.Series, c.Journal, c.Restart = h.store, h.store, h.series, h.journal, restart
	c.Saving, c.Folder, c.Log, c.Version = h.saving, h.dir, log, revision()
	return nil
}

// saving keeps the claim up to date for the page.
type saving struct {
	mu    sync.Mutex
	unit  *bess.Unit
	claim carbon.Claim
	begun bool
}

// Book adds a durable entry.
func (s *saving) Book(e *bess.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claim.Add(s.unit, e)
}

// Open tells the claim what the packs held at its beginning; only the first call counts.
func (s *saving) Open(held si.WattHours) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.begun && held > 0 {
		s.begun = true
		s.claim.Open(held)
	}
}

// Picture is the claim for the page.
func (s *saving) Picture() bess.CarbonPicture {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.claim.Picture(s.unit)
}
