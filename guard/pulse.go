package guard

import (
	"reprise/bess"
	"reprise/wire/can"
)

// Frames of the hold-in on the I/O module's channel (docs/protocols/io-module.md).
const (
	questionFrame = 0x30B // IO_Challenge, sent by the module
	unitFrame     = 0x310 // Unit_Outputs, sent by the controller
	pulseFrame    = 0x318 // Guard_Pulse, sent by the guard
)

// senders in an answer, so that nobody can echo the other's.
const (
	senderUnit  = 'U'
	senderGuard = 'G'
)

// answerWithin is how old a question may be when it is answered.
const answerWithin = bess.Second

// answer is CRC-16/CCITT-FALSE over the question, the pulse counter and the sender.
func answer(question uint16, pulse, sender uint8) uint16 {
	sum := uint16(0xFFFF)
	for _, b := range [4]uint8{uint8(question), uint8(question >> 8), pulse, sender} {
		sum ^= uint16(b) << 8
		for range 8 {
			top := sum >> 15
			sum = sum<<1 ^ top*0x1021
		}
	}
	return sum
}

// Questions are the newest that the module has asked.
type Questions struct {
	asked [32]struct {
		question uint16
		at       bess.Instant
	}
	count uint64
}

func (q *Questions) ask(question uint16, at bess.Instant) {
	q.asked[q.count%32].question, q.asked[q.count%32].at = question, at
	q.count++
}

// newest is the newest question, and false when it is none or too old to be answered.
func (q *Questions) newest(now bess.Instant) (question uint16, number uint64, ok bool) {
	if q.count == 0 {
		return 0, 0, false
	}
	last := &q.asked[(q.count-1)%32]
	return last.question, q.count, now.Since(last.at) <= answerWithin
}

// Partner is the controller as its pulses show it.
type Partner struct {
	counter int64        // rolling counter of its frames
	pulse   uint8        // of the last frame
	heard   bool         // at all
	Good    bess.Instant // of the last frame that moved on and, where it claimed a pulse, answered rightly
	Sound   bool         // such a frame has come at all
}

// sealed is the protection that all frames of the I/O module's channel share.
func sealed() CRC {
	return CRC{Polynomial: 0x1D, Initial: 0xFF, Final: 0xFF, First: 0, Last: 6, At: 7}
}

// hearPulse takes the frames of the hold-in itself; false when the frame is another, or is read for other signals too.
func (e *Ear) hearPulse(frame *can.Frame, at bess.Instant) bool {
	seal := sealed()
	switch frame.ID {
	case questionFrame, unitFrame:
		if frame.Length != 8 || !seal.holds(frame) {
			e.Refused++
			return true
		}
	default:
		return false
	}
	word := func(i int) uint16 { return uint16(frame.Data[i]) | uint16(frame.Data[i+1])<<8 }
	if frame.ID == questionFrame {
		e.Image.Module.ask(word(0), at)
		e.Image.Of[0][Reset].MaxAge = bess.Second
		e.Image.Of[0][Reset].Set(float64(frame.Data[2]&1), at)
		return true
	}
	p := &e.Image.Unit
	counter := int64(frame.Data[6] & 0xF)
	moved := !p.heard || counter != p.counter
	pulse := frame.Data[0]
	claims := p.heard && pulse != p.pulse
	p.heard, p.counter, p.pulse = true, counter, pulse
	if moved && (!claims || e.answered(pulse, word(3), at)) {
		p.Good, p.Sound = at, true
	}
	return false
}

// answered reports whether a pulse of the controller answers one of the recent questions.
func (e *Ear) answered(pulse uint8, given uint16, at bess.Instant) bool {
	q := &e.Image.Module
	for i := range q.asked {
		a := &q.asked[i]
		if uint64(i) < q.count && at.Since(a.at) <= answerWithin && answer(a.question, pulse, senderUnit) == given {
			return true
		}
	}
	return false
}

// Voice makes the guard's own frames.
type Voice struct {
	pulse    uint8
	counter  uint8
	answered uint64 // number of the last question
}

// Speak is the frame of this pass: a pulse while the verdict allows one and there is a question that was not answered
// yet; a notice without a pulse while it withholds; false when there is nothing to say.
func (v *Voice) Speak(image *Image, verdict *Verdict, now bess.Instant) (can.Frame, bool) {
	question, number, ok := image.Module.newest(now)
	if !ok || number == v.answered {
		return can.Frame{}, false
	}
	v.answered = number
	frame := can.Frame{ID: pulseFrame, Length: 8}
	given := uint16(0)
	if !verdict.Withhold {
		v.pulse++
		given = answer(question, v.pulse, senderGuard)
	}
	v.counter++
	frame.Data[0], frame.Data[1], frame.Data[2] = v.pulse, uint8(given), uint8(given>>8)
	if verdict.Tripped {
		frame.Data[3] = 1
	}
	frame.Data[4], frame.Data[5] = uint8(verdict.Cause), uint8(verdict.Subject)
	frame.Data[6] = v.counter & 0xF
	seal := sealed()
	frame.Data[7] = seal.sum(&frame)
	return frame, true
}
