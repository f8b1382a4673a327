package control

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"testing"

	"reprise/bess"
	"reprise/control/safety"
)

func keptUnit() *bess.Unit {
	u := resumeUnit()
	u.Packs = make([]bess.Pack, 3)
	return u
}

// rich is a state that remembers something in every room.
func rich(u *bess.Unit) *State {
	s := New(u)
	s.Tick, s.Mark = 4711, 99
	s.Standing.Records[0].Person, s.Standing.Transport = "Ann", true
	s.Stages.Packs[1], s.Stages.Packs[2] = bess.PackWelded, bess.PackLockedOut
	s.Sequence.Packs[2].Out, s.Sequence.Packs[0].Tries, s.Sequence.Wanted = true, 2, true
	s.Ledger.Number, s.Ledger.Head = 17, [32]byte{1, 2, 3}
	s.Safety.Marks[3], s.Safety.Timers[3] = safety.Seen|safety.Acting, safety.Timer{Since: 5, Value: 61}
	s.Safety.Awake = 1
	return s
}

func TestKeptStateIsReadBack(t *testing.T) {
	u := keptUnit()
	s := rich(u)
	b := AppendKept(nil, s)
	back, losses, err := ReadKept(u, b)
	if err != nil || len(losses) != 0 || !bytes.Equal(AppendState(nil, back), AppendState(nil, s)) {
		t.Fatalf("losses %+v, %v", losses, err)
	}
	for cut := 0; cut < len(b); cut += 13 {
		if _, _, err := ReadKept(u, b[:cut]); err == nil {
			t.Errorf("cut at %d of %d it was read", cut, len(b))
		}
	}
	t.Logf("%d bytes, of which %d describe", len(b), len(b)-len(AppendState(nil, s))+32)
}

// rewrite is a kept state as a build with other fields would have written it: rename changes a name in its description.
func rewrite(t *testing.T, b []byte, from, to string) []byte {
	t.Helper()
	at := len(keptMark)
	n := int(binary.LittleEndian.Uint32(b[at:]))
	form, values := b[at+4:at+4+n], b[at+4+n:]
	long := func(s string) []byte { return append([]byte{byte(len(s))}, s...) }
	if !bytes.Contains(form, long(from)) {
		t.Fatalf("no field %s", from)
	}
	form = bytes.Replace(form, long(from), long(to), 1)
	out := binary.LittleEndian.AppendUint32([]byte(keptMark), uint32(len(form)))
	return append(append(out, form...), values...)
}

// A build that has other fields takes over what it knows, and locks out only what it must.
func TestKeptStateOfAnotherBuild(t *testing.T) {
	u := keptUnit()
	whole := AppendKept(nil, rich(u))
	for _, c := range []struct {
		name, from, to string
		lost           []Loss
	}{
		{"a field that is gone and told something", "Wanted", "Willed", []Loss{{"Sequence.Willed", false, bess.Nobody}}},
		{"a field that is gone and told nothing", "Dark", "Gloomy", nil},
		{"a memory of one pack is gone", "Out", "Away", []Loss{{"Sequence.Packs[2].Away", true, 2}}},
		{"all latches are gone", "Safety", "Safely", []Loss{{"Safely", false, bess.Nobody}, {"Safety", true, bess.Nobody}}},
	} {
		s, losses, err := ReadKept(u, rewrite(t, whole, c.from, c.to))
		if err != nil || !reflect.DeepEqual(losses, c.lost) {
			t.Errorf("%s: %+v, %v", c.name, losses, err)
			continue
		}
		if s.Ledger.Number != 17 || s.Ledger.Head != [32]byte{1, 2, 3} || s.Standing.Records[0].Person != "Ann" || s.Stages.Packs[1] != bess.PackWelded || s.Mark != 99 {
			t.Errorf("%s: what both builds know was lost", c.name)
		}
		if c.from != "Safety" && s.Safety.Marks[3] != safety.Seen|safety.Acting {
			t.Errorf("%s: a latch was lost", c.name)
		}
	}
}

// A unit that has grown since keeps what does not depend on its size, and is locked out.
func TestKeptStateOfAnotherUnit(t *testing.T) {
	b := AppendKept(nil, rich(keptUnit()))
	grown := keptUnit()
	grown.Packs = make([]bess.Pack, 4)
	s, losses, err := ReadKept(grown, b)
	if err != nil || s.Ledger.Number != 17 || s.Standing.Records[0].Person != "Ann" {
		t.Fatalf("%v", err)
	}
	locks := false
	for _, l := range losses {
		locks = locks || l.Locks && l.Pack == bess.Nobody
	}
	if !locks || len(s.Stages.Packs) != 4 {
		t.Errorf("losses %+v", losses)
	}
}

// Forms that are not what this build writes are read in any order and of any kind that fits.
func FuzzReadKept(f *testing.F) {
	u := keptUnit()
	whole := AppendKept(nil, rich(u))
	f.Add(whole)
	f.Add(whole[:200])
	f.Add([]byte(keptMark))
	f.Add(append([]byte(keptMark), 12, 0, 0, 0, '{', 4, 'T', 'i', 'c', 'k', '(', 2, 0, 0, 0, 'u'))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, _, err := ReadKept(u, b)
		if err != nil {
			return
		}
		if len(s.Stages.Packs) != len(u.Packs) || len(s.Safety.Marks) != len(New(u).Safety.Marks) {
			t.Error("a list that the unit sizes has another length")
		}
		next := New(u)
		next.CopyFrom(s)
	})
}

func FuzzReadState(f *testing.F) {
	u := keptUnit()
	whole := AppendState(nil, rich(u))
	f.Add(whole)
	f.Add(whole[:100])
	f.Fuzz(func(_ *testing.T, b []byte) {
		if s, err := ReadState(u, b); err == nil {
			New(u).CopyFrom(s)
		}
	})
}
