package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"reprise/bess"
)

// Batch is what one tick leaves for keeping. Slices belong to the store once
// they were handed over.
type Batch struct {
	Mark    uint64 // DurableUpTo once all of the batch is on disk; 0: leaves it
	Entries []bess.Entry
	Events  []Event
	Visits  []Visit
	Asked   []Asked
	Notices []Notice
	State   []byte // checkpoint; nil: none
	Done    func() // called by the writer once all of the batch is on disk; it must not wait; nil: nobody
}

// Event is an event with the words that the page shows.
type Event struct {
	bess.Event
	Where  string
	What   string
	Person string
}

// Visit is a vehicle's stay as far as it is known. A later one of the same
// number replaces it.
type Visit struct {
	Outlet int
	bess.Visit
}

// Asked is a request with its answer.
type Asked struct {
	At      bess.Civil
	Request bess.Request
	Answer  bess.Answer
}

// Store is the durable memory of one unit.
type Store struct {
	db    *sql.DB
	dir   string
	pause time.Duration

	mu      sync.Mutex
	waiting []Batch
	wake    chan struct{}
	quit    chan struct{}
	done    chan struct{}
	closed  sync.Once

	durable atomic.Uint64
	trouble atomic.Pointer[string]
	events  atomic.Uint64 // dropped
}

// maxWaiting bounds the batches in memory; beyond it events are dropped and
// counted, entries and checkpoints never.
const maxWaiting = 4096

// Open opens or creates the store in a folder and starts its writer.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	path := filepath.Join(dir, "unit.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("opening the store %s: %w", path, err)
	}
	db.SetMaxOpenConns(4)
	if err := migrate(db); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the store %s: %w", path, err), db.Close())
	}
	s := &Store{
		db: db, dir: dir, pause: time.Second,
		wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	go s.write()
	return s, nil
}

// Offer hands over a batch. It never waits for the disk.
func (s *Store) Offer(b Batch) {
	s.mu.Lock()
	if len(s.waiting) >= maxWaiting {
		s.events.Add(uint64(len(b.Events)))
		b.Events, b.Visits = nil, nil
		if last := &s.waiting[len(s.waiting)-1]; len(b.Entries)+len(b.Asked)+len(b.Notices) == 0 {
			last.Mark = max(last.Mark, b.Mark)
			if b.State != nil {
				last.State = b.State
			}
			s.mu.Unlock()
			return
		}
	}
	s.waiting = append(s.waiting, b)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// DurableUpTo is the highest mark all of whose records are on disk.
func (s *Store) DurableUpTo() uint64 { return s.durable.Load() }

// Durable sets the mark that was found on disk at the start.
func (s *Store) Durable(mark uint64) { s.durable.Store(mark) }

// Trouble is why the last write failed; empty: it did not.
func (s *Store) Trouble() string {
	if p := s.trouble.Load(); p != nil {
		return *p
	}
	return ""
}

// Dropped is how many events were lost to a disk that did not come back.
func (s *Store) Dropped() uint64 { return s.events.Load() }

// Close writes what waits, tries once, and closes.
func (s *Store) Close() error {
	var err error
	s.closed.Do(func() {
		close(s.quit)
		<-s.done
		err = s.db.Close()
	})
	return err
}

func (s *Store) write() {
	defer close(s.done)
	var failed []Batch
	for {
		last := false
		if len(failed) > 0 {
			select {
			case <-s.quit:
				last = true
			case <-time.After(s.pause):
			}
		} else {
			select {
			case <-s.quit:
				last = true
			case <-s.wake:
			}
		}
		s.mu.Lock()
		batches := append(failed, s.waiting...)
		s.waiting = nil
		s.mu.Unlock()
		failed = nil
		if err := s.commit(batches); err != nil {
			why := err.Error()
			s.trouble.Store(&why)
			failed = batches
		} else if len(batches) > 0 {
			s.trouble.Store(nil)
		}
		if last {
			return
		}
	}
}

// commit writes batches in one transaction, then the newest checkpoint, then
// lets the mark rise: what is marked durable can be found after a power cut.
func (s *Store) commit(batches []Batch) error {
	if len(batches) == 0 {
		return nil
	}
	ctx := context.Background()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("writing the store: %w", err)
	}
	mark, state := uint64(0), []byte(nil)
	for i := range batches {
		if err := insert(ctx, tx, &batches[i]); err != nil {
			return errors.Join(fmt.Errorf("writing the store: %w", err), tx.Rollback())
		}
		mark = max(mark, batches[i].Mark)
		if batches[i].State != nil {
			state = batches[i].State
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("writing the store: %w", err)
	}
	if state != nil {
		if err := WriteCheckpoint(s.dir, state); err != nil {
			return err
		}
	}
	if mark > s.durable.Load() {
		s.durable.Store(mark)
	}
	for i := range batches {
		if batches[i].Done != nil {
			batches[i].Done()
		}
	}
	return nil
}
