package main

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"reprise/bess"
	"reprise/config"
	"reprise/device"
	"reprise/guard"
	"reprise/scenario"
	"reprise/study"
	"reprise/unit"
	"reprise/wire/can"
)

// speaker writes a pack's readings into the frames of its database, as far as the guard reads them.
type speaker struct {
	channel int
	voices  []*utterance
}

// utterance is one message and what feeds it.
type utterance struct {
	message    *can.Message
	protection *can.Protection
	counter    can.Counter
	period     bess.Span
	due        bess.Instant
	roles      []device.Role
	page       uint64
	values     []can.Value
}

func newSpeaker(t *testing.T, channel int, table *device.PackTable, least bess.Span) *speaker {
	t.Helper()
	s := &speaker{channel: channel}
	for _, m := range table.Database.Messages() {
		cycle, ok := m.CycleTime()
		u := &utterance{message: m, period: max(least, bess.Span(cycle/time.Millisecond)), values: make([]can.Value, len(m.Signals))}
		for _, r := range table.Roles {
			if q := r.Quantity; r.Message == m.Name && (q == device.PackVolts || q >= device.PackCellHigh && q <= device.PackCold || q == device.PackCurrent || q == device.PackContactor) {
				u.roles = append(u.roles, r)
			}
		}
		for _, c := range table.Checks {
			if c.Message != m.Name {
				continue
			}
			var err error
			if u.protection, err = can.NewProtection(m, c); err != nil {
				t.Fatal(err)
			}
		}
		if ok && len(u.roles) > 0 {
			s.voices = append(s.voices, u)
		}
	}
	return s
}

// say lets the guard hear every message that is due; a reading that is missing keeps its message unsaid.
func (s *speaker) say(t *testing.T, v *bess.PackView, ear *guard.Ear, now bess.Instant) (frames int) {
	t.Helper()
	if v.Alive.Quality != bess.Good || now.Since(v.Alive.At) > 400 {
		return 0
	}
	for _, u := range s.voices {
		if now < u.due {
			continue
		}
		u.due = now.Add(u.period)
		if !u.fill(v) {
			continue
		}
		frame, err := u.message.Encode(u.values)
		if err != nil {
			t.Fatal(err)
		}
		if u.protection != nil {
			u.protection.Seal(&frame, &u.counter)
		}
		ear.Hear(s.channel, &frame, now)
		frames++
	}
	return frames
}

func (u *utterance) fill(v *bess.PackView) bool {
	for i := range u.values {
		x := &u.message.Signals[i]
		u.values[i] = can.Value{Valid: true, Physical: x.Physical(0)}
		if x.Multiplexer {
			u.page = u.page%3 + 1 // the pages of the one paged message in use
			u.values[i].Physical = float64(u.page)
		}
	}
	for _, r := range u.roles {
		x, ok := reading(v, r.Quantity)
		if !ok {
			return false
		}
		if r.Invert {
			x = 1 - x
		}
		i, _ := u.message.Signal(r.Signal)
		scale := r.Scale
		if scale == 0 {
			scale = 1
		}
		raw, _ := u.message.Signals[i].Quantise((x - r.Offset) / scale)
		u.values[i].Physical = u.message.Signals[i].Physical(raw)
	}
	return true
}

func reading(v *bess.PackView, q device.Quantity) (float64, bool) {
	switch q {
	case device.PackVolts:
		return float64(v.Volts.Value), v.Volts.Quality == bess.Good
	case device.PackCurrent:
		return float64(v.Current.Value), v.Current.Quality == bess.Good
	case device.PackCellHigh:
		return float64(v.CellHigh.Value), v.CellHigh.Quality == bess.Good
	case device.PackCellLow:
		return float64(v.CellLow.Value), v.CellLow.Quality == bess.Good
	case device.PackHot:
		return float64(v.Hot.Value), v.Hot.Quality == bess.Good
	case device.PackCold:
		return float64(v.Cold.Value), v.Cold.Quality == bess.Good
	default:
		if v.Contactor.State == bess.Yes {
			return 1, true
		}
		return 0, v.Contactor.State != bess.Unknown
	}
}

// TestGuardNeverTripsFromFrames feeds the guard with the frames of the packs' own databases, written from the fast loop at
// most five times a second each. REPRISE_GUARD_FRAME_DAYS sets how many unit-days.
func TestGuardNeverTripsFromFrames(t *testing.T) {
	days := 0.02
	if text := os.Getenv("REPRISE_GUARD_FRAME_DAYS"); text != "" {
		var err error
		if days, err = strconv.ParseFloat(text, 64); err != nil {
			t.Fatal(err)
		}
	}
	types, err := config.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"reference-day", "retailer"} {
		sc, err := scenario.Load("../../examples/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		sc.For = min(sc.For, bess.Span(days/2*24*float64(bess.Hour)))
		tables, err := unit.PackTables(sc.Unit, types)
		if err != nil {
			t.Fatal(err)
		}
		guardFrames(t, sc, tables)
		if days > 0.1 {
			fmt.Fprintf(os.Stderr, "%s: %.2f unit-days from frames without a trip\n", name, float64(sc.For)/(24*float64(bess.Hour)))
		}
	}
}

func guardFrames(t *testing.T, sc *scenario.Scenario, tables []*device.PackTable) {
	t.Helper()
	st, err := study.New(sc)
	if err != nil {
		t.Fatal(err)
	}
	limits := limitsOf(t, sc.Unit)
	ear, judge := guard.NewEar(limits), guard.NewJudge(limits)
	var speakers []*speaker
	for i := range tables {
		speakers = append(speakers, newSpeaker(t, 1+i, tables[i], 200))
	}
	direct := guard.NewImage(limits)
	frames := 0
	for now := bess.Span(0); now < sc.For; now += 100 {
		st.Director.Play(now)
		st.Loop.Tick()
		snap := &st.Loop.In.Snapshot
		feed(direct, snap, &st.Loop.Out.Commands)
		copy(ear.Image.Of[0][:], direct.Of[0][:])
		ear.Image.Unit = direct.Unit
		for i := range speakers {
			frames += speakers[i].say(t, &snap.Packs[i], ear, snap.Now)
			v := &ear.Image.Of[1+i]
			v[guard.Ordered] = direct.Of[1+i][guard.Ordered]
			if tables[i].Closing == bess.ClosingExternal {
				v[guard.Closed] = direct.Of[1+i][guard.Closed]
			}
		}
		if v := judge.Look(ear.Image, snap.Now); v.Withhold {
			t.Fatalf("%s at %.1f s: withholds: %v of %d: %.4g, limit %.4g", sc.Name, float64(now)/1000, v.Cause, v.Subject, v.Value, v.Limit)
		}
	}
	t.Logf("%s: %d frames in %.2f h, %d refused", sc.Name, frames, float64(sc.For)/float64(bess.Hour), ear.Refused)
	if ear.Refused > 0 || frames == 0 {
		t.Errorf("%d of %d frames were refused", ear.Refused, frames)
	}
}
