package can

import (
	"fmt"
	"sync"
	"time"
)

// Inbox keeps the newest values of every message of one database on one bus, each with its time of arrival, and counts
// what it refuses. One goroutine or many may feed and read it; readers get copies. Feeding and reading allocate nothing.
type Inbox struct {
	database *Database

	mutex   sync.Mutex
	slots   []slot  // by Message.index
	scratch []Value // for the longest message
	outside Counts  // what belongs to no message
}

// slot is the state of one message.
type slot struct {
	protection *Protection // nil without a check
	counter    Counter
	seen       bool
	at         time.Time
	samples    []Sample
	counts     Counts
}

// Sample is the newest value of a signal and when it came. Values of the pages of a multiplexed message age separately.
type Sample struct {
	Value
	// At is the arrival of the frame that carried the value, meaningless unless Seen.
	At time.Time
	// Seen tells that a frame that carries the signal has arrived at all; its value may still be invalid.
	Seen bool
}

// Fresh tells whether the sample is valid and not older than maximumAge.
func (s *Sample) Fresh(now time.Time, maximumAge time.Duration) bool {
	return s.Seen && s.Valid && young(s.At, now, maximumAge)
}

// young also refuses a stamp from the future: after a step of the clock an old value would stay fresh for long.
func young(at, now time.Time, maximumAge time.Duration) bool {
	age := now.Sub(at)
	return age <= maximumAge && age >= -maximumAge
}

// Counts are numbers of frames. Only Accepted ones reached the values.
type Counts struct {
	Accepted      uint64
	JumpedCounter uint64 // accepted too, with frames lost before them
	OutOfRange    uint64 // accepted too, with a value outside its declared range
	BadChecksum   uint64
	StuckCounter  uint64
	WrongLength   uint64
	Remote        uint64 // requests, which carry no data
	Malformed     uint64 // impossible on a classic bus
	Unknown       uint64 // identifier not in the database
}

// plus adds counts.
func (c Counts) plus(d Counts) Counts {
	return Counts{
		Accepted:      c.Accepted + d.Accepted,
		JumpedCounter: c.JumpedCounter + d.JumpedCounter,
		OutOfRange:    c.OutOfRange + d.OutOfRange,
		BadChecksum:   c.BadChecksum + d.BadChecksum,
		StuckCounter:  c.StuckCounter + d.StuckCounter,
		WrongLength:   c.WrongLength + d.WrongLength,
		Remote:        c.Remote + d.Remote,
		Malformed:     c.Malformed + d.Malformed,
		Unknown:       c.Unknown + d.Unknown,
	}
}

// NewInbox makes an empty inbox. Each check must name a message of the database, at most one check a message.
func NewInbox(database *Database, checks []Check) (*Inbox, error) {
	inbox := &Inbox{database: database, slots: make([]slot, len(database.messages))}
	longest := 0
	for i, message := range database.messages {
		inbox.slots[i].samples = make([]Sample, len(message.Signals))
		longest = max(longest, len(message.Signals))
	}
	inbox.scratch = make([]Value, longest)
	for _, check := range checks {
		message, ok := database.Message(check.Message)
		if !ok {
			return nil, fmt.Errorf("checks of database %s: no message %q: correct the name", database.name, check.Message)
		}
		protection, err := NewProtection(message, check)
		if err != nil {
			return nil, fmt.Errorf("checks of database %s: %w", database.name, err)
		}
		if inbox.slots[message.index].protection != nil {
			return nil, fmt.Errorf("checks of database %s: two checks of message %s: keep one", database.name, check.Message)
		}
		inbox.slots[message.index].protection = protection
	}
	return inbox, nil
}

// Database is the database that the inbox reads by.
func (b *Inbox) Database() *Database { return b.database }

// Unverified lists the messages whose checksum rule is not public, so that their checksums are not verified.
func (b *Inbox) Unverified() []*Message {
	var unverified []*Message
	for i := range b.slots {
		if p := b.slots[i].protection; p != nil && !p.Verified() {
			unverified = append(unverified, b.database.messages[i])
		}
	}
	return unverified
}

// Accept takes one frame that arrived at the given time and returns its message, nil unless its values were used.
func (b *Inbox) Accept(frame *Frame, at time.Time) *Message {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if checkFrame(*frame) != nil {
		b.outside.Malformed++
		return nil
	}
	message, ok := b.database.Lookup(frame.ID, frame.IsExtended)
	if !ok {
		b.outside.Unknown++
		return nil
	}
	slot := &b.slots[message.index]
	if frame.IsRemote {
		slot.counts.Remote++
		return nil
	}
	if int(frame.Length) != message.Length {
		slot.counts.WrongLength++
		return nil
	}
	if slot.protection != nil {
		switch slot.protection.Judge(frame, &slot.counter) {
		case BadChecksum:
			slot.counts.BadChecksum++
			return nil
		case StuckCounter:
			slot.counts.StuckCounter++
			return nil
		case JumpedCounter:
			slot.counts.JumpedCounter++
		case Sound:
		}
	}
	slot.take(message, frame, b.scratch, at)
	return message
}

// take stores the values that the frame carries; those of other pages stay with their own time.
func (s *slot) take(message *Message, frame *Frame, scratch []Value, at time.Time) {
	message.Decode(frame, scratch)
	page, paged := message.page(frame, frame.Data.PackLittleEndian(), frame.Data.PackBigEndian())
	outside := false
	for i := range s.samples {
		signal := &message.Signals[i]
		if signal.Multiplexed && !(paged && signal.Page == page) {
			continue
		}
		s.samples[i] = Sample{Value: scratch[i], At: at, Seen: true}
		outside = outside || scratch[i].Valid && !scratch[i].InRange
	}
	s.counts.Accepted++
	if outside {
		s.counts.OutOfRange++
	}
	s.seen, s.at = true, at
}

// Read copies the newest samples of a message of this inbox's database into dst, whose length must be at least
// len(message.Signals), and returns the arrival of its newest accepted frame; ok is false while none has come.
func (b *Inbox) Read(message *Message, dst []Sample) (at time.Time, ok bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	slot := b.slot(message)
	copy(dst[:len(slot.samples)], slot.samples)
	return slot.at, slot.seen
}

// Sample copies the newest sample of one signal, given by its index in message.Signals.
func (b *Inbox) Sample(message *Message, signal int) Sample {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.slot(message).samples[signal]
}

// Fresh tells whether an accepted frame of the message came within maximumAge before now.
func (b *Inbox) Fresh(message *Message, now time.Time, maximumAge time.Duration) bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	slot := b.slot(message)
	return slot.seen && young(slot.at, now, maximumAge)
}

// Counts returns the counts of one message.
func (b *Inbox) Counts(message *Message) Counts {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.slot(message).counts
}

// Total returns the counts of all messages and of the frames that belong to none.
func (b *Inbox) Total() Counts {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	total := b.outside
	for i := range b.slots {
		total = total.plus(b.slots[i].counts)
	}
	return total
}

// slot finds the state of a message; a message of another database is a mistake in the program.
func (b *Inbox) slot(message *Message) *slot {
	if message.index >= len(b.database.messages) || b.database.messages[message.index] != message {
		panic("can: message " + message.Name + " is not of database " + b.database.name)
	}
	return &b.slots[message.index]
}
