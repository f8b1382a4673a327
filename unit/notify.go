package unit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"reprise/bess"
	"reprise/store"
)

// Way is one way by which an alarm reaches a person.
type Way interface {
	Name() string // what people call it, without any secret
	Send(ctx context.Context, a Message) error
}

// Message is an alarm, ready to be read.
type Message struct {
	Unit  string    `json:"unit"`
	Site  string    `json:"site"`
	At    time.Time `json:"at"`
	Level string    `json:"level"`
	What  string    `json:"what"`
	Where string    `json:"where"`
	Did   string    `json:"did"`
	MayDo string    `json:"may_do"`
	Ended bool      `json:"ended"`
	Test  bool      `json:"test"`
}

// Notices is where undelivered alarms wait, also over a restart.
type Notices interface {
	DueNotices(ctx context.Context, now int64, limit int) ([]store.Notice, error)
	SettleNotice(ctx context.Context, id int64, trouble string) error
	DelayNotice(ctx context.Context, id, next int64, trouble string) error
}

// Delivery says whether an alarm arrived by one way.
type Delivery struct {
	Way string
	OK  bool
	Why string // why not, and what to do
}

// A try may take this long; after a failure the next waits twice as long as the
// one before, up to an hour; after two days an alarm is too old to be news.
const (
	sendTimeout = 20 * time.Second
	firstPause  = 15 * time.Second
	longestWait = time.Hour
	tooOld      = 48 * time.Hour
)

// notices are the messages of this tick's alarms, one for each way. What only
// informs reaches nobody at night.
func (m *Machine) notices(events []store.Event) []store.Notice {
	var list []store.Notice
	for i := range events {
		e := &events[i]
		raised, cleared := e.Kind == bess.EventAlarmRaised, e.Kind == bess.EventAlarmCleared
		if len(m.config.Ways) == 0 || !(raised || cleared) || e.Level < bess.LevelStop {
			continue
		}
		r := m.rules[e.Rule]
		body, err := json.Marshal(Message{
			Unit: m.unit.Name, Site: m.unit.Site.Name, At: time.UnixMilli(e.Civil.UnixMilli), Level: e.Level.String(),
			What: r.What, Where: e.Where, Did: r.Did, MayDo: r.MayDo, Ended: cleared,
		})
		if err != nil {
			m.log.Error("writing an alarm", "why", err)
			continue
		}
		for _, w := range m.config.Ways {
			now := time.Now().UnixMilli()
			list = append(list, store.Notice{At: now, Way: w.Name(), Body: string(body), Next: now})
		}
	}
	return list
}

// notify delivers what waits, until the unit ends.
func (m *Machine) notify(ctx context.Context) {
	if len(m.config.Ways) == 0 {
		return
	}
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	for {
		if err := m.deliver(ctx); err != nil && ctx.Err() == nil {
			m.log.Warn("delivering alarms", "why", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-m.alarms:
		case <-ticker.C:
		}
	}
}

// deliver tries everything that is due, once.
func (m *Machine) deliver(ctx context.Context) error {
	due, err := m.config.Notices.DueNotices(ctx, time.Now().UnixMilli(), 32)
	if err != nil {
		return err
	}
	for i := range due {
		if err := m.deliverOne(ctx, &due[i]); err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) deliverOne(ctx context.Context, n *store.Notice) error {
	var message Message
	if err := json.Unmarshal([]byte(n.Body), &message); err != nil {
		return m.config.Notices.SettleNotice(ctx, n.ID, "it cannot be read: "+err.Error())
	}
	way := m.way(n.Way)
	if way == nil {
		return m.config.Notices.SettleNotice(ctx, n.ID, "this way is not configured any more")
	}
	err := send(ctx, way, message)
	if ctx.Err() != nil {
		return nil
	}
	if err == nil {
		return m.config.Notices.SettleNotice(ctx, n.ID, "")
	}
	m.log.Warn("an alarm did not arrive", "way", n.Way, "try", n.Tries+1, "why", err)
	if time.Since(time.UnixMilli(n.At)) > tooOld {
		return m.config.Notices.SettleNotice(ctx, n.ID, "given up after two days: "+err.Error())
	}
	return m.config.Notices.DelayNotice(ctx, n.ID, time.Now().Add(pauseAfter(n.Tries)).UnixMilli(), err.Error())
}

func pauseAfter(tries int) time.Duration {
	if tries > 10 {
		return longestWait
	}
	return min(longestWait, firstPause<<tries)
}

func send(ctx context.Context, w Way, message Message) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return w.Send(ctx, message)
}

func (m *Machine) way(name string) Way {
	for _, w := range m.config.Ways {
		if w.Name() == name {
			return w
		}
	}
	return nil
}

// TestAlarm sends a test by every way at once and says which arrived.
func (m *Machine) TestAlarm(ctx context.Context, person string) ([]Delivery, error) {
	if len(m.config.Ways) == 0 {
		return nil, errors.New("testing alarms: no way to a person is configured: add a webhook or a mail server")
	}
	message := Message{
		Unit: m.unit.Name, Site: m.unit.Site.Name, At: time.Now(), Level: bess.LevelInform.String(), Test: true,
		What: "This is a test of the alarms.", Where: "Unit", Did: fmt.Sprintf("%s asked for it.", person), MayDo: "Nothing needs to be done.",
	}
	list := make([]Delivery, 0, len(m.config.Ways))
	for _, w := range m.config.Ways {
		d := Delivery{Way: w.Name(), OK: true}
		if err := send(ctx, w, message); err != nil {
			d.OK, d.Why = false, err.Error()
		}
		list = append(list, d)
	}
	return list, nil
}
