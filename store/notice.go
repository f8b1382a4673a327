package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Notice is a message that must reach a person by one way.
type Notice struct {
	ID      int64
	At      int64  // wall ms when it arose
	Way     string // name of the way, such as "webhook"
	Body    string
	Tries   int
	Next    int64  // wall ms of the next try
	Trouble string // why the last try failed
}

func insertNotices(ctx context.Context, tx *sql.Tx, list []Notice) error {
	for i := range list {
		n := &list[i]
		_, err := tx.ExecContext(ctx, "insert into notice values (null,?,?,?,0,?,0,'')", n.At, n.Body, n.Way, n.Next)
		if err != nil {
			return fmt.Errorf("a notice: %w", err)
		}
	}
	return nil
}

// DueNotices are the undelivered notices whose time has come, oldest first.
func (s *Store) DueNotices(ctx context.Context, now int64, limit int) ([]Notice, error) {
	rows, err := s.db.QueryContext(ctx,
		"select id, ms, way, body, tries, next_ms, trouble from notice where done = 0 and next_ms <= ? order by id limit ?", now, limit)
	if err != nil {
		return nil, fmt.Errorf("reading notices: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	var list []Notice
	for rows.Next() {
		var n Notice
		if err := rows.Scan(&n.ID, &n.At, &n.Way, &n.Body, &n.Tries, &n.Next, &n.Trouble); err != nil {
			return nil, fmt.Errorf("reading notices: %w", err)
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

// SettleNotice marks a notice as delivered, or given up when trouble says so.
func (s *Store) SettleNotice(ctx context.Context, id int64, trouble string) error {
	return s.notice(ctx, "update notice set done = 1, trouble = ? where id = ?", trouble, id)
}

// DelayNotice notes a failed try and when to try again, wall ms.
func (s *Store) DelayNotice(ctx context.Context, id, next int64, trouble string) error {
	return s.notice(ctx, "update notice set tries = tries + 1, next_ms = ?, trouble = ? where id = ?", next, trouble, id)
}

func (s *Store) notice(ctx context.Context, query string, args ...any) error {
	if _, err := s.db.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("writing a notice: %w", err)
	}
	return nil
}
