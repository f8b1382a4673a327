package can

import (
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// start is an arbitrary moment.
func start() time.Time { return time.Date(2026, 6, 1, 17, 0, 0, 0, time.UTC) }

func sampleInbox(t testing.TB) *Inbox {
	t.Helper()
	inbox, err := NewInbox(sample(t), []Check{
		{Message: "LeafVoltage", Counter: "LeafCounter", Checksum: "LeafChecksum", Rule: RuleLeaf},
		{Message: "PackCurrent", Counter: "Counter102", Checksum: "Checksum102", Rule: RuleNonePublic},
	})
	if err != nil {
		t.Fatal(err)
	}
	return inbox
}

func accept(t testing.TB, inbox *Inbox, text string, at time.Time) *Message {
	t.Helper()
	frame := frameOf(t, text)
	return inbox.Accept(&frame, at)
}

func TestInboxCountsAndRefuses(t *testing.T) {
	inbox, now := sampleInbox(t), start()
	current, _ := inbox.Database().Message("PackCurrent")
	samples := make([]Sample, len(current.Signals))
	if at, ok := inbox.Read(current, samples); ok || samples[4].Seen || inbox.Fresh(current, now, time.Hour) {
		t.Errorf("values out of nothing at %v", at)
	}
	if accept(t, inbox, "102#0001700000800F9F", now) != current {
		t.Error("refused a good frame")
	}
	for _, text := range []string{
		"102#0001700000800F",        // short
		"101#0000000000000000",      // unknown
		"00000258#0000000000000000", // unknown, extended
		"102#R8",                    // remote
		"102#0001700000800F9F",      // the counter did not move
		"1DB#FD80B54000000000",      // checksum 0 is wrong
	} {
		if message := accept(t, inbox, text, now.Add(time.Second)); message != nil {
			t.Errorf("%s was accepted as %s", text, message)
		}
	}
	inbox.Accept(&Frame{ID: 0x800, Length: 8}, now)
	inbox.Accept(&Frame{ID: 0x102, Length: 9}, now)
	accept(t, inbox, "102#0009700000000000", now.Add(20*time.Millisecond)) // counter 2 after 0, current far out of range
	want := Counts{Accepted: 2, JumpedCounter: 1, OutOfRange: 1, BadChecksum: 1, StuckCounter: 1, WrongLength: 1, Remote: 1, Malformed: 2, Unknown: 2}
	if got := inbox.Total(); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	if got := inbox.Counts(current); got.Accepted != 2 || got.Unknown != 0 {
		t.Errorf("counts of PackCurrent %+v", got)
	}
	at, ok := inbox.Read(current, samples)
	if !ok || !at.Equal(now.Add(20*time.Millisecond)) || samples[4].InRange || !samples[4].Valid || samples[2].Physical != 368 {
		t.Errorf("read %v %t %+v", at, ok, samples)
	}
	if unverified := inbox.Unverified(); len(unverified) != 1 || unverified[0] != current {
		t.Errorf("unverified %v", unverified)
	}
}

func TestInboxFreshness(t *testing.T) {
	inbox, now := sampleInbox(t), start()
	power, _ := inbox.Database().Message("PackPower")
	accept(t, inbox, "100#0000000032690000", now)
	cases := []struct {
		later time.Duration
		want  bool
	}{{0, true}, {100 * time.Millisecond, true}, {101 * time.Millisecond, false}, {-50 * time.Millisecond, true}, {-time.Hour, false}}
	for _, c := range cases {
		if got := inbox.Fresh(power, now.Add(c.later), 100*time.Millisecond); got != c.want {
			t.Errorf("after %v: %t", c.later, got)
		}
		one := inbox.Sample(power, 2)
		if got := one.Fresh(now.Add(c.later), 100*time.Millisecond); got != c.want {
			t.Errorf("sample after %v: %t", c.later, got)
		}
	}
}

// TestInboxPages keeps the values of other pages, each with its own age.
func TestInboxPages(t *testing.T) {
	inbox, now := sampleInbox(t), start()
	temperature, _ := inbox.Database().Message("LeafTemperature")
	accept(t, inbox, "5C0#4000820000000000", now)
	accept(t, inbox, "5C0#80007A0000000000", now.Add(time.Second))
	samples := make([]Sample, 4)
	inbox.Read(temperature, samples)
	if s := samples[1]; !s.Valid || s.Physical != 25 || !s.At.Equal(now) {
		t.Errorf("hottest %+v", s)
	}
	if s := samples[2]; !s.Valid || s.Physical != 21 || !s.At.Equal(now.Add(time.Second)) {
		t.Errorf("average %+v", s)
	}
	if s := samples[3]; s.Seen || s.Valid || s.Fresh(now, time.Hour) {
		t.Errorf("coldest %+v", s)
	}
	if samples[1].Fresh(now.Add(time.Second), 500*time.Millisecond) || !samples[2].Fresh(now.Add(time.Second), 500*time.Millisecond) {
		t.Error("pages do not age separately")
	}
}

func TestInboxTogether(t *testing.T) {
	inbox := sampleInbox(t)
	power, _ := inbox.Database().Message("PackPower")
	frame := frameOf(t, "100#0000000032690000")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			samples := make([]Sample, len(power.Signals))
			for range 500 {
				own := frame
				inbox.Accept(&own, start())
				inbox.Read(power, samples)
			}
		})
	}
	group.Wait()
	if got := inbox.Counts(power).Accepted; got != 2000 {
		t.Errorf("%d accepted", got)
	}
}

// TestInboxNeverPanics feeds frames that no bus could carry.
func TestInboxNeverPanics(t *testing.T) {
	inbox := sampleInbox(t)
	fed := uint64(0)
	rapid.Check(t, func(t *rapid.T) {
		ids := []uint32{0x100, 0x102, 0x1DB, 0x5C0, 0x308}
		frame := Frame{
			ID:         rapid.OneOf(rapid.SampledFrom(ids), rapid.Uint32()).Draw(t, "id"),
			Length:     rapid.Uint8().Draw(t, "length") % 12,
			IsExtended: rapid.Bool().Draw(t, "extended"),
			IsRemote:   rapid.Bool().Draw(t, "remote"),
		}
		copy(frame.Data[:], rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "data"))
		inbox.Accept(&frame, start())
		fed++
		c := inbox.Total()
		if c.Accepted+c.BadChecksum+c.StuckCounter+c.WrongLength+c.Remote+c.Malformed+c.Unknown != fed {
			t.Fatalf("%d frames fed, counted %+v", fed, c)
		}
	})
}

func TestHotPathAllocatesNothing(t *testing.T) {
	inbox := sampleInbox(t)
	current, _ := inbox.Database().Message("PackCurrent")
	samples := make([]Sample, len(current.Signals))
	frame := frameOf(t, "102#0001700000800F9F")
	at := start()
	if allocations := testing.AllocsPerRun(100, func() {
		frame.Data[1] = frame.Data[1]&^0x3C | (frame.Data[1]+4)&0x3C
		inbox.Accept(&frame, at)
		inbox.Read(current, samples)
		inbox.Fresh(current, at, time.Second)
	}); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
	if inbox.Counts(current).StuckCounter != 0 {
		t.Error("the counter stuck")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(uint32(0x102), true, byte(4), []byte{1, 2, 3, 4, 5, 6, 7, 8})
	f.Add(uint32(0x5C0), false, byte(8), []byte{0x40, 0, 0x82, 0, 0, 0, 0, 0})
	f.Add(uint32(0x1DB), false, byte(200), []byte{})
	inbox := sampleInbox(f)
	f.Fuzz(func(t *testing.T, id uint32, extended bool, length byte, data []byte) {
		frame := Frame{ID: id, IsExtended: extended, Length: length}
		copy(frame.Data[:], data)
		inbox.Accept(&frame, start())
		for _, message := range inbox.Database().Messages() {
			values := make([]Value, len(message.Signals))
			if message.Decode(&frame, values) > 0 && (id != message.ID || length > 8) {
				t.Fatalf("%s gives values for %+v", message, frame)
			}
		}
	})
}

func BenchmarkInboxAccept(b *testing.B) {
	inbox := sampleInbox(b)
	frame := frameOf(b, "102#0001700000800F9F")
	at := start()
	b.ReportAllocs()
	for b.Loop() {
		frame.Data[1] = frame.Data[1]&^0x3C | (frame.Data[1]+4)&0x3C
		inbox.Accept(&frame, at)
	}
}
