package store

import (
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"go.uber.org/goleak"

	"reprise/bess"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func entry(n uint64, prev [32]byte) bess.Entry {
	e := bess.Entry{
		Number: n, From: bess.Civil{UnixMilli: int64(n) * 1000, ZoneOffset: 3600, Trust: bess.TrustHigh},
		To: bess.Civil{UnixMilli: int64(n+1) * 1000}, Prev: prev,
		Legs: []bess.Leg{{Kind: bess.AccountFeeder, Index: 1, MilliWattHour: -1 << 40, Milligram: -5}, {Kind: bess.AccountOutlet, MilliWattHour: 1 << 40, Milligram: 5}},
	}
	e.Hash = sha256.Sum256([]byte{byte(n)})
	return e
}

// What was announced as durable is found by the next start, as if the process
// had been killed: the first store is never closed before the second opens.
func TestWhatIsDurableSurvivesAKill(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	first := entry(1, [32]byte{})
	second := entry(2, first.Hash)
	visit := Visit{Outlet: 3, Visit: bess.Visit{Number: 9, Since: bess.Civil{UnixMilli: 500}, Need: 12000}}
	event := Event{Event: bess.Event{At: 5, Civil: bess.Civil{UnixMilli: 700}, Kind: bess.EventVisit, Value: 1.5, Number: 9}, Where: "Outlet 4", What: "A vehicle came.", Person: "Ann"}
	record := &bess.SiteRecord{Person: "Ann", Agreed: 4000, Expires: bess.Forever}
	asked := Asked{At: bess.Civil{UnixMilli: 800}, Request: bess.Request{ID: 4, Verb: bess.FeederRecord, Record: record, Person: "Ann"}, Answer: bess.Answer{ID: 4, Granted: true}}
	s.Offer(Batch{Mark: 7, Entries: []bess.Entry{first, second}, Events: []Event{event}, Visits: []Visit{visit}, Asked: []Asked{asked}, State: []byte("state")})
	for s.DurableUpTo() != 7 {
		time.Sleep(time.Millisecond) // real clock: waits for a real fsync, some milliseconds
	}

	again := open(t, dir)
	ctx := t.Context()
	if n, head, err := again.Head(); n != 2 || head != second.Hash || err != nil {
		t.Errorf("head %d, %v", n, err)
	}
	if list, err := again.Entries(ctx, 1, 10); err != nil || !reflect.DeepEqual(list, []bess.Entry{second}) {
		t.Errorf("entries %+v, %v", list, err)
	}
	if list, err := again.Events(ctx, 700, 10); err != nil || !reflect.DeepEqual(list, []Event{event}) {
		t.Errorf("events %+v, %v", list, err)
	}
	if list, err := again.Visits(ctx, 0, 1000); err != nil || !reflect.DeepEqual(list, []Visit{visit}) {
		t.Errorf("visits %+v, %v", list, err)
	}
	if list, err := again.Records(ctx); err != nil || !reflect.DeepEqual(list, []Asked{asked}) {
		t.Errorf("records %+v, %v", list, err)
	}
	if list, err := again.Asked(ctx, 0, 1000); err != nil || len(list) != 1 {
		t.Errorf("asked %+v, %v", list, err)
	}
	if b, err := ReadCheckpoint(dir); string(b) != "state" || err != nil {
		t.Errorf("checkpoint %q, %v", b, err)
	}
}

func TestNoticesAreTriedUntilTheyArrive(t *testing.T) {
	s, ctx := open(t, t.TempDir()), t.Context()
	s.Offer(Batch{Mark: 1, Notices: []Notice{{At: 5, Way: "webhook", Body: "hot", Next: 5}}})
	for s.DurableUpTo() != 1 {
		time.Sleep(time.Millisecond) // real clock: waits for a real fsync, some milliseconds
	}
	due, err := s.DueNotices(ctx, 5, 10)
	if err != nil || len(due) != 1 || due[0].Body != "hot" {
		t.Fatalf("due %+v, %v", due, err)
	}
	if err := s.DelayNotice(ctx, due[0].ID, 100, "refused"); err != nil {
		t.Fatal(err)
	}
	if due, _ := s.DueNotices(ctx, 99, 10); len(due) != 0 {
		t.Errorf("too early: %+v", due)
	}
	due, _ = s.DueNotices(ctx, 100, 10)
	if len(due) != 1 || due[0].Tries != 1 || due[0].Trouble != "refused" {
		t.Fatalf("again %+v", due)
	}
	if err := s.SettleNotice(ctx, due[0].ID, ""); err != nil {
		t.Fatal(err)
	}
	if due, _ := s.DueNotices(ctx, 1000, 10); len(due) != 0 {
		t.Errorf("settled, still due: %+v", due)
	}
}

func TestCheckpointThatCannotBeReadSaysWhy(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadCheckpoint(dir); !errors.Is(err, ErrNoCheckpoint) {
		t.Errorf("new folder: %v", err)
	}
	if err := WriteCheckpoint(dir, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "checkpoint")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(good) {
		if err := os.WriteFile(path, good[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if b, err := ReadCheckpoint(dir); err == nil || errors.Is(err, ErrNoCheckpoint) {
			t.Errorf("cut at %d: %q, %v", cut, b, err)
		}
	}
}

// Entries outlast a disk that refuses for a while.
func TestEntriesWaitForTheDisk(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	s.pause = time.Millisecond
	if _, err := s.db.Exec("create trigger full before insert on entry begin select raise(abort, 'disk full'); end"); err != nil {
		t.Fatal(err)
	}
	s.Offer(Batch{Mark: 3, Entries: []bess.Entry{entry(1, [32]byte{})}})
	for s.Trouble() == "" {
		time.Sleep(time.Millisecond) // real clock: waits for the writer's try
	}
	if s.DurableUpTo() != 0 {
		t.Error("durable although refused")
	}
	if _, err := s.db.Exec("drop trigger full"); err != nil {
		t.Fatal(err)
	}
	for s.DurableUpTo() != 3 {
		time.Sleep(time.Millisecond) // real clock: waits for the writer's try
	}
	if n, _, err := s.Head(); n != 1 || err != nil {
		t.Errorf("head %d, %v", n, err)
	}
}
