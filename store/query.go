package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"reprise/bess"
)

// Head is the number and hash of the last durable entry; 0 when there is none.
func (s *Store) Head() (number uint64, hash [32]byte, err error) {
	var n int64
	var h []byte
	switch err := s.db.QueryRow("select number, hash from entry order by number desc limit 1").Scan(&n, &h); {
	case errors.Is(err, sql.ErrNoRows):
		return 0, hash, nil
	case err != nil:
		return 0, hash, fmt.Errorf("reading the ledger's head: %w", err)
	case len(h) != len(hash):
		return 0, hash, fmt.Errorf("reading the ledger's head: entry %d has no hash", n)
	}
	return uint64(n), [32]byte(h), nil
}

// Entries are the entries numbered above after, in order, at most limit.
func (s *Store) Entries(ctx context.Context, after uint64, limit int) ([]bess.Entry, error) {
	rows, err := s.db.QueryContext(ctx, "select * from entry where number > ? order by number limit ?", int64(after), limit)
	if err != nil {
		return nil, fmt.Errorf("reading entries: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	list := []bess.Entry{}
	for rows.Next() {
		var e bess.Entry
		var legs, prev, hash []byte
		var n int64
		err := rows.Scan(&n, &e.From.UnixMilli, &e.From.ZoneOffset, &e.From.Trust, &e.To.UnixMilli, &e.To.ZoneOffset,
			&e.To.Trust, &e.Note, &legs, &prev, &hash)
		if err == nil && (len(prev) != 32 || len(hash) != 32) {
			err = errors.New("its hash is torn")
		}
		if err == nil {
			e.Number, e.Prev, e.Hash = uint64(n), [32]byte(prev), [32]byte(hash)
			e.Legs, err = unpackLegs(legs)
		}
		if err != nil {
			return nil, fmt.Errorf("reading entry %d: %w", n, err)
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

// Events are the newest events at or after since (wall ms), newest first.
func (s *Store) Events(ctx context.Context, since int64, limit int) ([]Event, error) {
	rows, err := s.db.QueryContext(ctx, `select at, ms, zone, trust, kind, subject, part, old, new, rule, level, cause,
		coalesce(value, 0), number, place, words, person from event where ms >= ? order by ms desc, id desc limit ?`, since, limit)
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	list := []Event{}
	for rows.Next() {
		var e Event
		var n int64
		err := rows.Scan(&e.At, &e.Civil.UnixMilli, &e.Civil.ZoneOffset, &e.Civil.Trust, &e.Kind, &e.Subject.Kind,
			&e.Subject.Index, &e.From, &e.To, &e.Rule, &e.Level, &e.Cause, &e.Value, &n, &e.Where, &e.What, &e.Person)
		if err != nil {
			return nil, fmt.Errorf("reading events: %w", err)
		}
		e.Number = uint64(n)
		list = append(list, e)
	}
	return list, rows.Err()
}

// Visits are the visits that began in the span of wall time, ms, in order.
func (s *Store) Visits(ctx context.Context, from, to int64) ([]Visit, error) {
	return bodies(ctx, s.db, "visits", func(outlet int, body []byte) (Visit, error) {
		v := Visit{Outlet: outlet}
		return v, json.Unmarshal(body, &v.Visit)
	}, "select outlet, body from visit where since >= ? and since < ? order by since, number", from, to)
}

// Asked are the requests of the span of wall time, ms, with their answers, in
// order: who switched what, and what was refused.
func (s *Store) Asked(ctx context.Context, from, to int64) ([]Asked, error) {
	return bodies(ctx, s.db, "requests", func(_ int, body []byte) (Asked, error) {
		var a Asked
		return a, json.Unmarshal(body, &a)
	}, "select 0, body from asked where ms >= ? and ms < ? order by ms, id", from, to)
}

// Records are the arrival records ever granted, oldest first.
func (s *Store) Records(ctx context.Context) ([]Asked, error) {
	return bodies(ctx, s.db, "arrival records", func(_ int, body []byte) (Asked, error) {
		var a Asked
		return a, json.Unmarshal(body, &a)
	}, "select 0, body from asked where verb = ? and granted = 1 order by id", bess.FeederRecord.String())
}

func bodies[T any](ctx context.Context, db *sql.DB, what string, read func(int, []byte) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", what, err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	list := []T{}
	for rows.Next() {
		var part int
		var body []byte
		err := rows.Scan(&part, &body)
		if err == nil {
			var x T
			if x, err = read(part, body); err == nil {
				list = append(list, x)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", what, err)
		}
	}
	return list, rows.Err()
}
