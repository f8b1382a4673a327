package unit

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"reprise/bess"
	"reprise/control"
	"reprise/ledger"
)

// upgraded is a checkpoint as a build with another name for a field would have written it.
func upgraded(t *testing.T, b []byte, from, to string) []byte {
	t.Helper()
	long := func(s string) []byte { return append([]byte{byte(len(s))}, s...) }
	at := checkpointHead + len("RPRSTATE\x01")
	n := int(binary.LittleEndian.Uint32(b[at:]))
	form := b[at+4 : at+4+n]
	if !bytes.Contains(form, long(from)) {
		t.Fatalf("no field %s", from)
	}
	changed := bytes.Replace(form, long(from), long(to), 1)
	out := append(bytes.Clone(b[:at]), binary.LittleEndian.AppendUint32(nil, uint32(len(changed)))...)
	return append(append(out, changed...), b[at+4+n:]...)
}

// An upgrade keeps latches, lock-outs, the ledger's head and what people have set; it locks out only what it must, and
// an event says so.
func TestUpgrade(t *testing.T) {
	plant := newToy(small())
	wall := func() bess.Civil { return bess.Civil{UnixMilli: plant.wall, Trust: bess.TrustHigh} }
	first := machine(t, Config{Plant: plant, Keeper: &memory{}, Wall: wall})
	first.state.Stages.Packs[1] = bess.PackLockedOut
	first.state.Standing.OutletOff[1] = true
	for range 50 {
		first.tick()
	}
	first.state.Sequence.Packs[0].Tries = 2
	first.state.Ledger.Number, first.state.Ledger.Head = 5, [32]byte{5}
	whole := first.checkpoint()
	for _, c := range []struct {
		name, from, to string
		locked         []bool
		said           string
	}{
		{"same", "", "", []bool{false, true}, ""},
		{"a wish is gone", "Wanted", "Willed", []bool{false, true}, ""},
		{"the tries of a pack are gone", "Tries", "Failures", []bool{true, true}, "Sequence.Packs[0].Failures; one pack is locked out"},
		{"the latches are gone", "Safety", "Safely", []bool{true, true}, "locked out"},
	} {
		state := whole
		if c.from != "" {
			state = upgraded(t, whole, c.from, c.to)
		}
		keeper := &memory{}
		m := machine(t, Config{Plant: plant, Keeper: keeper, Wall: wall, Restart: Restart{Known: true, Checkpoint: state, Number: 5, Head: [32]byte{5}}})
		m.begin()
		m.settle(t.Context())
		for i, want := range c.locked {
			if got := m.state.Stages.Packs[i] == bess.PackLockedOut; got != want {
				t.Errorf("%s: pack %d is %v", c.name, i+1, m.state.Stages.Packs[i])
			}
		}
		if !m.state.Standing.OutletOff[1] || m.state.Ledger.Number != 5 || m.state.Ledger.Head != [32]byte{5} {
			t.Errorf("%s: what was set or booked is lost", c.name)
		}
		said := ""
		for _, b := range keeper.batches {
			for _, e := range b.Events {
				said += e.What
			}
		}
		if !strings.Contains(said, c.said) || c.said == "" && said != "" {
			t.Errorf("%s: it says %q", c.name, said)
		}
	}
}

// Without a checkpoint nobody knows why a pack was open; one that is found closed is not opened under load.
func TestLockedOutByTheBreakRule(t *testing.T) {
	plant := newToy(small())
	plant.last.Packs[0].Close = true
	m := machine(t, Config{Plant: plant, Keeper: &memory{}, Restart: Restart{Known: true, Trouble: errors.New("it is torn")}})
	m.begin()
	m.settle(t.Context())
	if s := m.state.Stages.Packs; s[0] != bess.PackLeaving || s[1] != bess.PackLockedOut {
		t.Errorf("found closed: %v, found open: %v", s[0], s[1])
	}
	for range 100 {
		m.tick()
		switch s := m.state.Stages.Packs[0]; s {
		case bess.PackLeaving, bess.PackOpening, bess.PackService:
		default:
			t.Fatalf("it is %v", s)
		}
	}
	if s := m.state.Stages.Packs; s[0] != bess.PackService || s[1] != bess.PackLockedOut {
		t.Errorf("in the end %v and %v", s[0], s[1])
	}
}

// What flowed after the last checkpoint is in the store's ledger already; the gap is an entry of its own, of energy that
// no meter explains, and the chain goes on behind it.
func TestGapIsBooked(t *testing.T) {
	plant := newToy(small())
	wall := func() bess.Civil { return bess.Civil{UnixMilli: plant.wall, Trust: bess.TrustHigh} }
	first := machine(t, Config{Plant: plant, Keeper: &memory{}, Wall: wall})
	first.tick()
	first.state.Ledger.Number, first.state.Ledger.Head = 5, [32]byte{5}
	old := first.checkpoint()
	keeper := &memory{}
	m := machine(t, Config{Plant: plant, Keeper: keeper, Wall: wall, Restart: Restart{Known: true, Checkpoint: old, Number: 8, Head: [32]byte{8}}})
	m.begin()
	var list []bess.Entry
	for range 4000 { // over the end of a booking period
		m.tick()
	}
	for _, b := range keeper.batches {
		list = append(list, b.Entries...)
	}
	if len(list) < 2 {
		t.Fatalf("entries %+v", list)
	}
	gap := &list[0]
	if gap.Note != bess.NoteGap || gap.Number != 9 || gap.Prev != [32]byte{8} || gap.Hash != ledger.Hash(gap) || len(gap.Legs) != 1 || gap.Legs[0].Kind != bess.AccountUnmeasured {
		t.Errorf("gap %+v", gap)
	}
	for i := range list {
		sum := int64(0)
		for _, l := range list[i].Legs {
			sum += l.MilliWattHour
		}
		if sum != 0 || i > 0 && (list[i].Number != list[i-1].Number+1 || list[i].Prev != list[i-1].Hash) {
			t.Errorf("entry %d: its legs sum to %d; it follows %d", list[i].Number, sum, list[max(0, i-1)].Number)
		}
	}
}

// Whoever reads pictures slowly, or never, costs the loop nothing.
func TestSilentReadersCostNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := machine(t, Config{Speed: 1})
		for range 100 {
			m.Subscribe(t.Context())
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- m.Run(ctx) }()
		time.Sleep(60*time.Second + 50*time.Millisecond) // real clock: never, it runs in a bubble
		if p := m.Latest(); p == nil || p.Tick != 601 || p.Health.LateTicks != 0 {
			t.Errorf("after a minute: %+v", p)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A stage that takes longer than its budget is counted, by name.
func TestEveryStageHasABudget(t *testing.T) {
	var m meter
	times := [stageCount]time.Duration{}
	for s := range stageCount {
		if s.budget() <= 0 || s.String() == "" {
			t.Errorf("stage %d has no budget or no name", s)
		}
		times[s] = s.budget()
	}
	m.add(&times)
	if m.over != [stageCount]uint64{} {
		t.Errorf("within its budget, counted: %v", m.over)
	}
	times[stageKeep] += time.Microsecond
	m.add(&times)
	if m.over[stageKeep] != 1 || m.over[stageSense] != 0 {
		t.Errorf("over: %v", m.over)
	}
}

func FuzzCheckpoint(f *testing.F) {
	u := small()
	m, err := New(Config{Unit: u, Plant: newToy(u)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(m.checkpoint())
	f.Add(m.checkpoint()[:checkpointHead])
	f.Add([]byte{})
	f.Fuzz(func(_ *testing.T, b []byte) {
		if c, err := ReadCheckpoint(u, b); err == nil {
			control.New(u).CopyFrom(c.State)
		}
	})
}
