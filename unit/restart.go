package unit

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"reprise/bess"
	"reprise/control"
	"reprise/ledger"
	"reprise/store"
)

// Restart is what the run before left on disk.
type Restart struct {
	Known      bool   // a store was asked; without one nothing is resumed
	Checkpoint []byte // as the loop made it; nil when there is none
	Trouble    error  // why there is no checkpoint although there should be
	Number     uint64 // of the last durable entry
	Head       [32]byte
	Alive      Alive // when the run before last gave orders
}

// ReadRestart reads what a folder and its store hold.
func ReadRestart(dir string, s *store.Store) (Restart, error) {
	number, head, err := s.Head()
	if err != nil {
		return Restart{}, err
	}
	r := Restart{Known: true, Number: number, Head: head}
	if r.Alive, err = readAlive(dir); err != nil {
		return Restart{}, err
	}
	r.Checkpoint, err = store.ReadCheckpoint(dir)
	switch {
	case err == nil:
	case !errors.Is(err, store.ErrNoCheckpoint):
		r.Trouble = err
	case number > 0:
		r.Trouble = errors.New("reading the checkpoint: the ledger has entries but there is none")
	}
	return r, nil
}

// Checkpoint is the state of a run after a tick.
type Checkpoint struct {
	Now    bess.Instant
	Civil  bess.Civil
	Digest control.Digest
	State  *control.State
	Losses []control.Loss // what this build could not take over
}

const checkpointHead = 8 + 8 + 4 + 1 + 8 + sha256.Size

// checkpoint is the state of the loop as bytes.
func (m *Machine) checkpoint() []byte {
	snap := &m.in.Snapshot
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, 1<<14), uint64(snap.Now))
	b = binary.LittleEndian.AppendUint64(b, uint64(snap.Civil.UnixMilli))
	b = binary.LittleEndian.AppendUint32(b, uint32(snap.Civil.ZoneOffset))
	b = append(b, byte(snap.Civil.Trust))
	b = binary.LittleEndian.AppendUint64(b, m.digest.Ticks)
	b = append(b, m.digest.Chain[:]...)
	return control.AppendKept(b, m.state)
}

// ReadCheckpoint reads the bytes of a checkpoint of that unit.
func ReadCheckpoint(u *bess.Unit, b []byte) (*Checkpoint, error) {
	if len(b) < checkpointHead {
		return nil, errors.New("reading the checkpoint: it ends early")
	}
	c := &Checkpoint{Now: bess.Instant(binary.LittleEndian.Uint64(b))}
	c.Civil = bess.Civil{
		UnixMilli:  int64(binary.LittleEndian.Uint64(b[8:])),
		ZoneOffset: int32(binary.LittleEndian.Uint32(b[16:])), Trust: bess.Trust(b[20]),
	}
	c.Digest.Ticks = binary.LittleEndian.Uint64(b[21:])
	copy(c.Digest.Chain[:], b[29:])
	var err error
	if c.State, c.Losses, err = control.ReadKept(u, b[checkpointHead:]); err != nil {
		if old, same := control.ReadState(u, b[checkpointHead:]); same == nil { // before states described themselves
			c.State, err = old, nil
		}
	}
	return c, err
}

// begin brings the machine to where the run before ended, as far as that is
// known. What is not known is locked out.
func (m *Machine) begin() {
	m.line.last = uint64(max(0, m.config.Wall().UnixMilli))
	r := &m.config.Restart
	if !r.Known {
		return
	}
	c, err := m.readCheckpoint()
	away := bess.Span(0)
	switch {
	case err != nil:
		m.lockOut(err)
	case c == nil:
	case m.tooYoung(c):
		// Another plant than the one that was left: its parts are new, what
		// people have set is not.
		m.state.Standing.CopyFrom(&c.State.Standing)
	default:
		m.resumed = true
		m.lost = c.Losses
		m.state.CopyFrom(c.State)
		m.digest = c.Digest
		m.out.Commands.CopyFrom(&c.State.Ordered)
		last := m.lastTick(c)
		m.state.Sequence.Last = last.Now
		away = m.down(last)
		m.clock.resume(last.Now.Add(away))
	}
	m.resumeBooks(c)
	m.kept.mark = m.state.Mark
	m.in.Snapshot.Now, m.in.Snapshot.Civil = m.clock.now(), m.config.Wall()
	if m.config.Plant != nil {
		m.config.Plant.Sense(&m.in.Snapshot)
	}
	m.keepLast() // what was resumed counts as durable once the disk has it again
	switch {
	case m.lockedOut != "":
		m.say(bess.LevelStop, "Every pack is locked out: what held before the stop could not be read: "+m.lockedOut+".")
	case !m.resumed || m.config.Plant != nil: // a plant in memory stands still meanwhile
	case away < heldFor:
		m.say(bess.LevelNone, fmt.Sprintf("The controller was away for %.1f s and goes on from what is measured.", away.Seconds()))
	default:
		m.say(bess.LevelInform, fmt.Sprintf("The controller was away for %.1f s: longer than devices go on by themselves, so all begins anew.", away.Seconds()))
	}
}

// holdOpen locks a pack out. One that stands closed is not opened under load: it
// leaves by the break rule, and then is out until a person takes it in.
func (m *Machine) holdOpen(i int) {
	now := m.in.Snapshot.Now
	m.state.Stages.Packs[i], m.state.Stages.PackSince[i] = bess.PackLockedOut, now
	if m.in.Snapshot.Packs[i].Contactor.Is(now, fast) {
		m.state.Stages.Packs[i], m.state.Sequence.Packs[i].Out = bess.PackLeaving, true
	}
}

// lockLost locks out the packs of which this build does not know why an earlier
// one kept them open, and says what was lost.
func (m *Machine) lockLost() {
	if len(m.lost) == 0 {
		return
	}
	names, locked := []string{}, 0
	for _, l := range m.lost {
		names = append(names, l.What)
		for i := range m.unit.Packs {
			if !l.Locks || l.Pack != bess.Nobody && l.Pack != i || m.state.Stages.Packs[i] == bess.PackLockedOut || m.state.Sequence.Packs[i].Out {
				continue
			}
			locked++
			m.holdOpen(i)
		}
	}
	what := strings.Join(names[:min(len(names), 5)], ", ")
	if more := len(names) - 5; more > 0 {
		what += fmt.Sprintf(" and %d more", more)
	}
	level, then := bess.LevelInform, "they begin as in a new unit"
	if locked > 0 {
		level, then = bess.LevelStop, fmt.Sprintf("%s locked out until a person has looked", count(locked, "pack is", "packs are"))
	}
	if locked == len(m.unit.Packs) {
		m.lockedOut = "another build kept " + what
	}
	m.log.Warn("another build kept what this one does not know", "what", what, "locked", locked)
	m.say(level, fmt.Sprintf("Not taken over from the build before: %s; %s.", what, then))
}

// heldFor is how long devices go on by themselves: the life of an order.
const heldFor = 3 * bess.Second

// say keeps an event of the start itself, which no tick tells.
func (m *Machine) say(level bess.Level, what string) {
	if k := m.config.Keeper; k != nil {
		snap := &m.in.Snapshot
		e := bess.Event{At: snap.Now, Civil: snap.Civil, Kind: bess.EventService, Level: level, Subject: bess.Subject{Kind: bess.OfUnit}}
		k.Offer(store.Batch{Mark: m.state.Mark, Events: []store.Event{{Event: e, Where: place(m.unit, e.Subject), What: what}}})
	}
}

func (m *Machine) readCheckpoint() (*Checkpoint, error) {
	r := &m.config.Restart
	if r.Trouble != nil || r.Checkpoint == nil {
		return nil, r.Trouble
	}
	return ReadCheckpoint(m.unit, r.Checkpoint)
}

// lockOut lets every pack begin locked out: nobody knows which latches held.
func (m *Machine) lockOut(why error) {
	m.lockedOut = why.Error()
	m.log.Error("every pack is locked out", "why", m.lockedOut)
	for i := range m.state.Stages.Packs {
		m.state.Stages.Packs[i] = bess.PackLockedOut
	}
}

// tooYoung reports whether a plant's time lies before the checkpoint.
func (m *Machine) tooYoung(c *Checkpoint) bool {
	if m.config.Plant == nil {
		return false
	}
	snap := bess.NewSnapshot(m.unit)
	m.config.Plant.Sense(&snap)
	return snap.Now < c.Now
}

// lastTick is the end of the run before: its last sign of life, if that is
// younger than the checkpoint and agrees with it.
func (m *Machine) lastTick(c *Checkpoint) Alive {
	last, told := Alive{Now: c.Now, Civil: c.Civil.UnixMilli}, m.config.Restart.Alive
	if told.Now > last.Now && told.Now.Since(last.Now) <= 31*bess.Day {
		return told
	}
	return last
}

// down is how long the unit did not run, at least a tick. A wall clock that
// says less than nothing or more than a month is not believed.
func (m *Machine) down(last Alive) bess.Span {
	gap := bess.Span(m.config.Wall().UnixMilli - last.Civil)
	if gap < bess.Span(TickLength.Milliseconds()) || gap > 31*bess.Day {
		return bess.Second
	}
	return gap
}

// resumeBooks continues the ledger's chain. The store's head beats the
// checkpoint: what the checkpoint still held open was booked meanwhile, and the
// gap gets an entry of its own. Its energy is what no meter explains.
func (m *Machine) resumeBooks(c *Checkpoint) {
	r, books := &m.config.Restart, &m.state.Ledger
	if r.Number == 0 || (c != nil && books.Number == r.Number && books.Head == r.Head) {
		return
	}
	fresh := ledger.New(m.unit)
	if c != nil {
		old := &c.State.Ledger
		copy(fresh.Stock, old.Stock)
		copy(fresh.Seeded, old.Seeded)
		fresh.Totals = old.Totals
		fresh.From = old.From
	}
	*books = fresh
	gap := bess.Entry{
		Number: r.Number + 1, From: fresh.From, To: m.config.Wall(), Note: bess.NoteGap, Prev: r.Head,
		Legs: []bess.Leg{{Kind: bess.AccountUnmeasured}},
	}
	if c == nil {
		gap.From = gap.To
	}
	gap.Hash = ledger.Hash(&gap)
	books.Resume(gap.Number, gap.Hash)
	m.state.Mark++
	m.kept.entries = append(m.kept.entries, announced{m.state.Mark, gap})
	if k := m.config.Keeper; k != nil {
		k.Offer(store.Batch{Mark: m.state.Mark, Entries: []bess.Entry{copyEntry(&gap)}})
	}
	m.log.Warn("the ledger's last entries are newer than the checkpoint: a gap was booked", "entry", fmt.Sprint(gap.Number))
}
