package device

import (
	"testing"
	"time"
)

// The check value of CRC-16/CCITT-FALSE is public for nine digits; four bytes are enough to know the register.
func TestIOAnswer(t *testing.T) {
	if got := ioAnswer('1'|'2'<<8, '3', '4'); got != 0x5349 {
		t.Errorf("answer of \"1234\" is %#04x, want 0x5349", got)
	}
	if ioAnswer(7, 1, ioUnit) == ioAnswer(7, 1, ioGuard) {
		t.Error("one sender could echo the other")
	}
}

func TestIOHalfCountsOnlyLivingSenders(t *testing.T) {
	now := time.Unix(1000, 0)
	var q ioQuestions
	var h ioHalf
	pulse := uint8(250)
	give := func(step uint8, question uint16, sender uint8) bool {
		before := h.good
		pulse += step
		h.take(&q, now, pulse, ioAnswer(question, pulse, sender), ioUnit)
		return h.good > before
	}
	first := q.ask(now)
	if give(1, first, ioUnit) {
		t.Error("the first frame says where the counter stands, no more")
	}
	if !give(1, first, ioUnit) {
		t.Error("a right answer was not counted")
	}
	if give(1, first, ioUnit) {
		t.Error("a question was answered twice")
	}
	for k := range 20 { // over the wrap of the counter
		if question := q.ask(now); !give(1+uint8(k%16), question, ioUnit) {
			t.Fatalf("pulse %d was not counted", k)
		}
	}
	question := q.ask(now)
	for name, counted := range map[string]bool{
		"a counter that stands":     give(0, question, ioUnit),
		"a counter that jumped":     give(17, question, ioUnit),
		"the other sender's answer": give(1, question, ioGuard),
		"another question":          give(1, question+1, ioUnit),
	} {
		if counted {
			t.Errorf("%s was counted", name)
		}
	}
	now = now.Add(ioAnswerWithin + time.Millisecond)
	if give(1, question, ioUnit) {
		t.Error("an old question was answered")
	}
	if !give(1, q.ask(now), ioUnit) {
		t.Error("a sender that lives again was not counted")
	}
}
