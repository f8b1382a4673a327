package device

import "time"

// The hold-in pulses. The I/O module asks a new question with every report; a pulse is a counter that moves on, with the
// answer to a question that was asked within the last second and was not answered by this sender before. So a sender
// that repeats itself, is frozen, or is replayed gives no pulse, however right its frames look.

// Senders in an answer, so that nobody can echo the other's.
const (
	ioUnit  = 'U'
	ioGuard = 'G'
)

const (
	ioAnswerWithin = time.Second
	ioPulseSteps   = 16 // furthest that a pulse counter moves on between two frames that arrive
)

// ioAnswer is CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF) over the question, low byte first, the pulse counter
// and the sender.
func ioAnswer(question uint16, pulse, sender uint8) uint16 {
	sum := uint16(0xFFFF)
	for _, b := range [...]uint8{uint8(question), uint8(question >> 8), pulse, sender} {
		sum ^= uint16(b) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}

// ioQuestions are the newest that were asked.
type ioQuestions struct {
	asked [64]ioQuestion
	count uint64
}

type ioQuestion struct {
	number uint64 // from 1
	value  uint16
	at     time.Time
}

// ask makes the next question: all 65536 values come once before one comes again.
func (q *ioQuestions) ask(now time.Time) uint16 {
	before := q.asked[q.count%uint64(len(q.asked))].value
	q.count++
	q.asked[q.count%uint64(len(q.asked))] = ioQuestion{q.count, before*25173 + 13849, now}
	return before*25173 + 13849
}

// ioHalf follows the pulses of one sender.
type ioHalf struct {
	heard    bool
	pulse    uint8
	answered uint64 // number of the newest question that it answered
	good     uint64
}

// take counts a pulse if it is one.
func (h *ioHalf) take(q *ioQuestions, now time.Time, pulse uint8, answer uint16, sender uint8) {
	steps := pulse - h.pulse
	before := h.heard
	h.heard, h.pulse = true, pulse
	if !before || steps == 0 || steps > ioPulseSteps {
		return
	}
	for i := range q.asked {
		a := &q.asked[i]
		if a.number > h.answered && now.Sub(a.at) <= ioAnswerWithin && ioAnswer(a.value, pulse, sender) == answer {
			h.answered = a.number
			h.good++
			return
		}
	}
}
