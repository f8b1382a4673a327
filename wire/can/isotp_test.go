package can

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func testChannel() *Channel { return NewChannel(0x7E4, 0x7EC, false, 0xAA) }

func nextFrame(t *testing.T, c *Channel, now time.Time, want string) {
	t.Helper()
	frame, ok, err := c.Next(now)
	if want == "" {
		if ok || err != nil {
			t.Errorf("%v %t %v, want nothing", frame, ok, err)
		}
		return
	}
	if !ok || err != nil || frame != frameOf(t, want) {
		t.Errorf("%v %t %v, want %s", frame, ok, err, want)
	}
}

func take(t *testing.T, c *Channel, text string, now time.Time) ([]byte, error) {
	t.Helper()
	frame := frameOf(t, text)
	return c.Take(&frame, now)
}

// TestChannelReadsVIN asks for the vehicle identification number as a tester does, with bytes written by hand.
func TestChannelReadsVIN(t *testing.T) {
	c, now := testChannel(), start()
	if err := c.Send([]byte{0x22, 0xF1, 0x90}, now); err != nil {
		t.Fatal(err)
	}
	nextFrame(t, c, now, "7E4#0322F190AAAAAAAA")
	nextFrame(t, c, now, "")
	steps := []struct{ frame, answer, payload string }{
		{"7EC#101462F190534144", "7E4#300000AAAAAAAAAA", ""},
		{"7EB#21FFFFFFFFFFFFFF", "", ""}, // another ECU
		{"7EC#21484131423243", "", ""},   // exactly as long as it must be, six bytes: too short
	}
	for _, step := range steps[:2] {
		payload, err := take(t, c, step.frame, now)
		if err != nil || string(payload) != step.payload {
			t.Errorf("%s: %q %v", step.frame, payload, err)
		}
		nextFrame(t, c, now, step.answer)
	}
	if _, err := take(t, c, "7EC#2148413142324344", now); err != nil {
		t.Fatal(err)
	}
	payload, err := take(t, c, "7EC#2233343536373839", now)
	if want := "\x62\xF1\x90SADHA1B2CD3456789"; err != nil || string(payload) != want {
		t.Errorf("%q %v, want %q", payload, err, want)
	}
	// The same with a short part breaks off.
	_, _ = take(t, c, steps[0].frame, now)
	if _, err := take(t, c, steps[2].frame, now); !errors.Is(err, ErrTransferBroken) {
		t.Errorf("short part: %v", err)
	}
}

// TestChannelObeysFlowControl keeps block size and pauses.
func TestChannelObeysFlowControl(t *testing.T) {
	c, now := testChannel(), start()
	payload := make([]byte, 30)
	for i := range payload {
		payload[i] = byte(i)
	}
	if err := c.Send(payload, now); err != nil {
		t.Fatal(err)
	}
	if err := c.Send(payload, now); !errors.Is(err, ErrTransferBusy) || !c.Busy() {
		t.Errorf("second payload: %v", err)
	}
	nextFrame(t, c, now, "7E4#101E000102030405")
	nextFrame(t, c, now, "")
	_, _ = take(t, c, "7EC#310000", now) // wait
	now = now.Add(900 * time.Millisecond)
	_, _ = take(t, c, "7EC#300214", now) // two parts, 20 ms apart
	_, _ = take(t, c, "7EC#300000", now) // not due: the first one counts
	nextFrame(t, c, now, "7E4#21060708090A0B0C")
	nextFrame(t, c, now.Add(19*time.Millisecond), "")
	now = now.Add(20 * time.Millisecond)
	nextFrame(t, c, now, "7E4#220D0E0F10111213")
	now = now.Add(time.Second / 2)
	nextFrame(t, c, now, "")
	_, _ = take(t, c, "7EC#3000F5", now) // the rest, 0.5 ms apart
	nextFrame(t, c, now, "7E4#231415161718191A")
	nextFrame(t, c, now.Add(400*time.Microsecond), "")
	nextFrame(t, c, now.Add(500*time.Microsecond), "7E4#241B1C1DAAAAAAAA")
	if c.Busy() {
		t.Error("still busy")
	}
}

func TestChannelFaults(t *testing.T) {
	long := make([]byte, 20)
	cases := []struct {
		name   string
		frames []string
		want   error
	}{
		{"lost part", []string{"7EC#1014000000000000", "7EC#2200000000000000"}, ErrTransferBroken},
		{"empty", []string{"7EC#"}, ErrTransferBroken},
		{"single too long", []string{"7EC#0700"}, ErrTransferBroken},
		{"single of nothing", []string{"7EC#00"}, ErrTransferBroken},
		{"first too short", []string{"7EC#101400"}, ErrTransferBroken},
		{"first of a single", []string{"7EC#1007000000000000"}, ErrTransferBroken},
		{"unknown kind", []string{"7EC#40"}, ErrTransferBroken},
		{"overflow", []string{"7EC#320000"}, ErrTransferRefused},
		{"short flow control", []string{"7EC#30"}, ErrTransferBroken},
		{"endless waiting", slices.Repeat([]string{"7EC#310000"}, maximumWaits+1), ErrTransferRefused},
		{"part out of nothing", []string{"7EC#2100000000000000"}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			channel, now := testChannel(), start()
			if err := channel.Send(long, now); err != nil {
				t.Fatal(err)
			}
			_, _, _ = channel.Next(now)
			var err error
			for _, frame := range c.frames {
				_, err = take(t, channel, frame, now)
			}
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
	channel, now := testChannel(), start()
	for _, size := range []int{0, 4096} {
		if err := channel.Send(make([]byte, size), now); err == nil {
			t.Errorf("%d bytes accepted", size)
		}
	}
	_ = channel.Send(long, now)
	_, _, _ = channel.Next(now)
	if _, _, err := channel.Next(now.Add(1001 * time.Millisecond)); !errors.Is(err, ErrTransferTimeout) || channel.Busy() {
		t.Errorf("no flow control: %v", err)
	}
	_, _ = take(t, channel, "7EC#1014000000000000", now)
	if _, _, err := channel.Next(now.Add(1001 * time.Millisecond)); !errors.Is(err, ErrTransferTimeout) {
		t.Errorf("no part: %v", err)
	}
}

// TestChannelsTalk sends payloads of any length both ways at once.
func TestChannelsTalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := NewChannel(1, 2, true, 0), NewChannel(2, 1, true, 0)
		size := rapid.OneOf(rapid.IntRange(1, 30), rapid.IntRange(1, maximumTransfer))
		there, back := bytes.Repeat([]byte{1, 2, 3}, 1365)[:size.Draw(t, "there")], bytes.Repeat([]byte{9, 8, 7, 6}, 1024)[:size.Draw(t, "back")]
		now := start()
		if a.Send(there, now) != nil || b.Send(back, now) != nil {
			t.Fatal("not sent")
		}
		var atA, atB []byte
		move := func(from, to *Channel, got *[]byte) bool {
			frame, ok, err := from.Next(now)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				return false
			}
			payload, err := to.Take(&frame, now)
			if err != nil {
				t.Fatal(err)
			}
			*got = append(*got, payload...)
			return true
		}
		for moved := true; moved; {
			one, other := move(a, b, &atB), move(b, a, &atA)
			moved = one || other
		}
		if !bytes.Equal(atB, there) || !bytes.Equal(atA, back) {
			t.Fatalf("%d and %d bytes arrived of %d and %d", len(atB), len(atA), len(there), len(back))
		}
	})
}

func FuzzChannel(f *testing.F) {
	f.Add([]byte{8, 0x10, 0x14, 1, 2, 3, 4, 5, 6, 8, 0x21, 1, 2, 3, 4, 5, 6, 7, 3, 0x30, 0, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		c, now := testChannel(), start()
		_ = c.Send(make([]byte, 100), now)
		for len(script) > 0 {
			frame := Frame{ID: 0x7EC, Length: script[0] % 10}
			script = script[1+copy(frame.Data[:min(int(frame.Length), 8)], script[1:]):]
			if payload, _ := c.Take(&frame, now); len(payload) > maximumTransfer {
				t.Fatalf("payload of %d bytes", len(payload))
			}
			_, _, _ = c.Next(now)
			now = now.Add(30 * time.Millisecond)
		}
	})
}
