package unit

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"reprise/bess"
	"reprise/store"
)

// shelf keeps notices in memory.
type shelf struct {
	mu   sync.Mutex
	list []store.Notice
	done map[int64]string
}

func (s *shelf) DueNotices(_ context.Context, now int64, _ int) (due []store.Notice, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.list {
		if _, done := s.done[n.ID]; !done && n.Next <= now {
			due = append(due, n)
		}
	}
	return due, nil
}

func (s *shelf) SettleNotice(_ context.Context, id int64, trouble string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done[id] = trouble
	return nil
}

func (s *shelf) DelayNotice(_ context.Context, id, next int64, trouble string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := &s.list[id]
	n.Tries, n.Next, n.Trouble = n.Tries+1, next, trouble
	return nil
}

// shelfKeeper puts the notices of batches on the shelf.
type shelfKeeper struct {
	memory
	shelf *shelf
}

func (k *shelfKeeper) Offer(b store.Batch) {
	k.memory.Offer(b)
	k.shelf.mu.Lock()
	defer k.shelf.mu.Unlock()
	for _, n := range b.Notices {
		n.ID = int64(len(k.shelf.list))
		k.shelf.list = append(k.shelf.list, n)
	}
}

// flaky fails a few times, then takes messages.
type flaky struct {
	mu    sync.Mutex
	fails int
	got   []Message
	at    []time.Time
}

func (*flaky) Name() string { return "flaky" }
func (f *flaky) Send(_ context.Context, m Message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = append(f.at, time.Now())
	if f.fails--; f.fails >= 0 {
		return errors.New("nobody answers")
	}
	f.got = append(f.got, m)
	return nil
}

// A hot cell reaches a person although the network fails three times; the
// pauses grow.
func TestAlarmsReachAPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, way, plant := &shelf{done: map[int64]string{}}, &flaky{fails: 3}, newToy(small())
		m := machine(t, Config{Plant: plant, Keeper: &shelfKeeper{shelf: s}, Ways: []Way{way}, Notices: s})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- m.Run(ctx) }()
		time.Sleep(5 * time.Second)
		cancel()
		<-ended
		plant.heat = 80
		m = machine(t, Config{Plant: plant, Keeper: &shelfKeeper{shelf: s}, Ways: []Way{way}, Notices: s})
		ctx, cancel = context.WithCancel(t.Context())
		go func() { ended <- m.Run(ctx) }()
		time.Sleep(10 * time.Minute)
		cancel()
		<-ended
		way.mu.Lock()
		defer way.mu.Unlock()
		heat := 0
		for _, g := range way.got {
			if strings.Contains(strings.ToLower(g.What), "hot") && g.MayDo != "" && strings.HasPrefix(g.Where, "Pack") {
				heat++
			}
		}
		if heat == 0 {
			t.Errorf("got %+v after %d tries", way.got, len(way.at))
		}
	})
}

func TestPausesGrow(t *testing.T) {
	last := time.Duration(0)
	for tries := range 40 {
		p := pauseAfter(tries)
		if p < last || p > longestWait {
			t.Errorf("after %d tries: %v", tries, p)
		}
		last = p
	}
}

func TestWebhook(t *testing.T) {
	var got Message
	status := http.StatusNoContent
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			status = http.StatusUnauthorized
		}
		_ = json.NewDecoder(r.Body).Decode(&got)
		w.WriteHeader(status)
	}))
	defer server.Close()
	w := &Webhook{URL: server.URL + "/hidden-path", Token: "secret"}
	if err := w.Send(t.Context(), Message{What: "hot"}); err != nil || got.What != "hot" {
		t.Errorf("%+v, %v", got, err)
	}
	w.Token = "wrong"
	err := w.Send(t.Context(), Message{})
	if err == nil || strings.Contains(err.Error(), "hidden-path") || strings.Contains(err.Error(), "wrong") {
		t.Errorf("error %v", err)
	}
	server.Close()
	if err := w.Send(t.Context(), Message{}); err == nil || strings.Contains(err.Error(), "hidden-path") {
		t.Errorf("error %v", err)
	}
}

// post is a mail server of a few lines; it returns the mail.
func post(conn net.Conn) string {
	defer conn.Close()
	r := bufio.NewReader(conn)
	say := func(s string) { fmt.Fprintf(conn, "%s\r\n", s) }
	say("220 test")
	var text strings.Builder
	for data := false; ; {
		line, err := r.ReadString('\n')
		if err != nil {
			return text.String()
		}
		switch {
		case data && line == ".\r\n":
			data = false
			say("250 taken")
		case data:
			text.WriteString(line)
		case strings.HasPrefix(line, "DATA"):
			data = true
			say("354 go on")
		case strings.HasPrefix(line, "QUIT"):
			say("221 bye")
		default:
			say("250 ok")
		}
	}
}

func TestMail(t *testing.T) {
	mailed := make(chan string, 1)
	m := &Mail{Server: "mail.site:25", From: "unit@site", To: []string{"crew@site"}, Dial: func(context.Context, string, string) (net.Conn, error) {
		a, b := net.Pipe()
		go func() { mailed <- post(b) }()
		return a, nil
	}}
	err := m.Send(t.Context(), Message{Unit: "MAX 01", What: "A cell is too hot\r\nBcc: all@site", Where: "Pack 3", Did: "Opened it.", MayDo: "Keep away.", At: time.UnixMilli(0).UTC()})
	if err != nil {
		t.Fatal(err)
	}
	text := <-mailed
	if !strings.Contains(text, "You may: Keep away.") || strings.Contains(text, "\nBcc:") {
		t.Errorf("mail %q", text)
	}
	m.User, m.Password = "unit", "secret"
	if err := m.Send(t.Context(), Message{}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a password in the clear: %v", err)
	}
}

func TestTestAlarmSaysWhatArrived(t *testing.T) {
	m := machine(t, Config{Ways: []Way{&flaky{}, &flaky{fails: 9}}, Notices: &shelf{}})
	list, err := m.TestAlarm(t.Context(), "Ann")
	if err != nil || len(list) != 2 || !list[0].OK || list[1].OK || list[1].Why == "" {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := machine(t, Config{}).TestAlarm(t.Context(), "Ann"); err == nil {
		t.Error("a test without any way arrived")
	}
}

func TestWordsForEveryEvent(t *testing.T) {
	m := machine(t, Config{})
	for kind := bess.EventAlarmRaised; kind <= bess.EventLimit; kind++ {
		e := bess.Event{Kind: kind, Subject: bess.Subject{Kind: bess.OfPack, Index: 1}, Rule: 1, From: 1, To: 2}
		if s := m.sentence(&e); s == "" && kind != bess.EventAlarmRaised {
			t.Errorf("%s has no sentence", kind)
		}
	}
}
