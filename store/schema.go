package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"reprise/bess"
)

// schema is one statement list per version; a database of version n has run
// the first n.
func schema() []string {
	return []string{`
create table entry (
	number integer primary key, from_ms integer not null, from_zone integer not null, from_trust integer not null,
	to_ms integer not null, to_zone integer not null, to_trust integer not null,
	note integer not null, legs blob not null, prev blob not null, hash blob not null
) strict;
create table event (
	id integer primary key, at integer not null, ms integer not null, zone integer not null, trust integer not null,
	kind integer not null, subject integer not null, part integer not null, old integer not null, new integer not null,
	rule integer not null, level integer not null, cause integer not null, value real, number integer not null,
	place text not null, words text not null, person text not null
) strict;
create index event_ms on event (ms);
create table visit (number integer not null, outlet integer not null, body text not null, since integer not null,
	primary key (number, outlet)) strict;
create index visit_since on visit (since);
create table asked (id integer primary key, ms integer not null, verb text not null, source text not null,
	person text not null, granted integer not null, body text not null) strict;
create index asked_ms on asked (ms);
create table notice (id integer primary key, ms integer not null, body text not null, way text not null,
	tries integer not null, next_ms integer not null, done integer not null, trouble text not null) strict;
create index notice_open on notice (done, next_ms);
`}
}

func migrate(db *sql.DB) error {
	var version int
	if err := db.QueryRow("pragma user_version").Scan(&version); err != nil {
		return err
	}
	steps := schema()
	if version > len(steps) {
		return fmt.Errorf("it has version %d, this program knows %d: use a newer program", version, len(steps))
	}
	for ; version < len(steps); version++ {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		_, err = tx.Exec(steps[version] + fmt.Sprintf("pragma user_version = %d", version+1))
		if err != nil {
			return errors.Join(err, tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}

func insert(ctx context.Context, tx *sql.Tx, b *Batch) error {
	for i := range b.Entries {
		e := &b.Entries[i]
		_, err := tx.ExecContext(ctx, "insert or ignore into entry values (?,?,?,?,?,?,?,?,?,?,?)",
			int64(e.Number), e.From.UnixMilli, e.From.ZoneOffset, e.From.Trust, e.To.UnixMilli, e.To.ZoneOffset, e.To.Trust,
			e.Note, packLegs(e.Legs), e.Prev[:], e.Hash[:])
		if err != nil {
			return fmt.Errorf("entry %d: %w", e.Number, err)
		}
	}
	for i := range b.Events {
		e := &b.Events[i]
		_, err := tx.ExecContext(ctx, "insert into event values (null,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
			int64(e.At), e.Civil.UnixMilli, e.Civil.ZoneOffset, e.Civil.Trust, e.Kind, e.Subject.Kind, e.Subject.Index,
			e.From, e.To, e.Rule, e.Level, e.Cause, real(e.Value), int64(e.Number), e.Where, e.What, e.Person)
		if err != nil {
			return fmt.Errorf("an event: %w", err)
		}
	}
	for i := range b.Visits {
		v := &b.Visits[i]
		body, err := json.Marshal(v.Visit)
		if err == nil {
			_, err = tx.ExecContext(ctx, "insert or replace into visit values (?,?,?,?)", int64(v.Number), v.Outlet, string(body), v.Since.UnixMilli)
		}
		if err != nil {
			return fmt.Errorf("visit %d: %w", v.Number, err)
		}
	}
	for i := range b.Asked {
		a := &b.Asked[i]
		body, err := json.Marshal(a)
		if err == nil {
			_, err = tx.ExecContext(ctx, "insert into asked values (null,?,?,?,?,?,?)",
				a.At.UnixMilli, a.Request.Verb.String(), a.Request.By.String(), a.Request.Person, a.Answer.Granted, string(body))
		}
		if err != nil {
			return fmt.Errorf("request %d: %w", a.Request.ID, err)
		}
	}
	return insertNotices(ctx, tx, b.Notices)
}

// real is the value, or null where SQL has none for it.
func real(x float64) any {
	if x-x != 0 {
		return nil
	}
	return x
}

// packLegs is the legs as varints: kind, index, mWh, mg.
func packLegs(legs []bess.Leg) []byte {
	b := []byte{}
	for i := range legs {
		l := &legs[i]
		b = binary.AppendVarint(binary.AppendVarint(b, int64(l.Kind)), int64(l.Index))
		b = binary.AppendVarint(binary.AppendVarint(b, l.MilliWattHour), l.Milligram)
	}
	return b
}

func unpackLegs(b []byte) ([]bess.Leg, error) {
	legs := []bess.Leg{}
	for len(b) > 0 {
		var x [4]int64
		for i := range x {
			v, n := binary.Varint(b)
			if n <= 0 {
				return nil, errors.New("its legs are torn")
			}
			x[i], b = v, b[n:]
		}
		if x[0] < 0 || x[0] > 255 {
			return nil, errors.New("a leg has no account")
		}
		legs = append(legs, bess.Leg{Kind: bess.AccountKind(x[0]), Index: int(x[1]), MilliWattHour: x[2], Milligram: x[3]})
	}
	return legs, nil
}
