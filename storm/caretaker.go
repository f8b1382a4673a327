package storm

import (
	"reprise/bess"
	"reprise/control/safety"
	"reprise/twin"
)

// caretaker is the person who looks after the unit: mends what broke for good,
// resets what latched once its cause is gone, takes packs back in, starts
// again. It works by what the page shows and by the tools of the story, and
// what it does becomes lines of the story.
type caretaker struct {
	g    *stage
	done map[string]bess.Span // line -> when it was last said
	seen map[bess.Alarm]bess.Span
}

// A person looks every lookEvery, and thinks for thinkFor before acting; the
// same thing is not tried again before patience is over.
const (
	lookEvery = 10 * bess.Second
	thinkFor  = 30 * bess.Second
	patience  = bess.Minute
)

func newCaretaker(g *stage) *caretaker {
	return &caretaker{g: g, done: map[string]bess.Span{}, seen: map[bess.Alarm]bess.Span{}}
}

// look is one round.
func (c *caretaker) look(now bess.Span) {
	c.g.inserted = 0
	if now%lookEvery != 0 || now < bess.Minute || now+bess.Second >= c.g.sc.For {
		return
	}
	c.mend(now)
	if c.g.down {
		return
	}
	c.reset(now)
	c.packs(now)
	c.switches(now)
	c.service(now)
}

func (c *caretaker) say(now bess.Span, part bess.SubjectKind, index int, text string) {
	l := Line{At: now, Part: part, Index: index, Text: text}
	if last, ok := c.done[l.String()]; ok && now-last < patience {
		return
	}
	c.done[l.String()] = now
	c.g.insert(l)
}

// mend repairs what broke for good without a fault of the story: welds, blown
// fuses, tripped breakers.
func (c *caretaker) mend(now bess.Span) {
	t, in, trouble := c.g.loop.World.Truth(), c.g.scene.Inside, &c.g.troubles
	for i := range t.Packs {
		if t.Packs[i].Welded && !trouble.Any(0, bess.OfPack, i, twin.ContactorWelded) {
			c.say(now, bess.OfPack, i, "clear pack %d contactor welded")
		}
		if t.Packs[i].Blown && !trouble.Somewhere(0, twin.BusShort) {
			c.say(now, bess.OfUnit, 0, "clear bus bus short")
		}
	}
	for i := range in.Circuits {
		if in.Circuits[i].Tripped && !trouble.Any(0, bess.OfCircuit, i) {
			c.say(now, bess.OfCircuit, i, "clear circuit %d circuit rcd")
		}
	}
	for i := range in.Feeders {
		broken := c.g.loop.In.Snapshot.Feeders[i].Fault.State == bess.Yes && c.g.sc.Unit.Feeders[i].Kind == bess.Grid
		if broken && !trouble.Any(0, bess.OfFeeder, i) {
			c.say(now, bess.OfFeeder, i, "restore feeder %d")
		}
	}
}

// reset ends latches whose cause is gone.
func (c *caretaker) reset(now bess.Span) {
	trouble := &c.g.troubles
	inputs := &c.g.loop.In.Snapshot.IO.Inputs
	wired := inputs[bess.EmergencyStop].State == bess.Yes || inputs[bess.HVIL].State == bess.Yes || inputs[bess.Smoke].State == bess.Yes
	if wired && !trouble.Any(20*bess.Second, bess.OfIO, 0, twin.InputTrouble) && !trouble.Any(20*bess.Second, bess.OfUnit, 0, twin.InterlockOpen) {
		c.say(now, bess.OfUnit, 0, "release emergency stop")
	}
	alarms := c.g.loop.State().Verdict.Alarms
	for i := range alarms {
		a := alarms[i]
		if !a.Latched {
			continue
		}
		key := bess.Alarm{Rule: a.Rule, Subject: a.Subject}
		since, known := c.seen[key]
		switch {
		case !known, a.Acting && a.Subject.Kind != bess.OfPack:
			c.seen[key] = now
		case now-since >= thinkFor && !trouble.Any(0, a.Subject.Kind, a.Subject.Index):
			rule, _ := safety.Describe(a.Rule)
			part, text := subjectText(a.Subject)
			c.say(now, part, a.Subject.Index, "ask reset "+rule.Name+text)
		}
	}
}

// subjectText is a part as a line of a story names it.
func subjectText(s bess.Subject) (bess.SubjectKind, string) {
	switch s.Kind {
	case bess.OfPack, bess.OfConverter, bess.OfFeeder, bess.OfCircuit, bess.OfOutlet:
		return s.Kind, " " + s.Kind.String() + " %d"
	default:
		return bess.OfUnit, ""
	}
}

// packs takes packs in again that were locked out, welded or left out.
func (c *caretaker) packs(now bess.Span) {
	stages := &c.g.loop.State().Stages
	for i, stage := range stages.Packs {
		since := c.g.loop.In.Snapshot.Now.Since(stages.PackSince[i])
		if c.g.troubles.Any(4*bess.Minute, bess.OfPack, i, PersonActs) && stage == bess.PackService ||
			c.g.troubles.Any(0, bess.OfPack, i, twin.PrechargeFailure, twin.ContactorWelded, twin.ContactorStuckOpen) {
			continue
		}
		switch {
		case (stage == bess.PackLockedOut || stage == bess.PackWelded) && since > thinkFor:
			c.say(now, bess.OfPack, i, "ask pack-in %d S%d")
		case stage == bess.PackService && since > patience:
			c.say(now, bess.OfPack, i, "ask pack-in %d S%d")
		}
	}
}

// switches brings back what was switched off and forgotten.
func (c *caretaker) switches(now bess.Span) {
	s := &c.g.loop.State().Standing
	const forgotten = 5 * bess.Minute
	for _, k := range []struct {
		part bess.SubjectKind
		off  []bool
		text string
	}{
		{bess.OfOutlet, s.OutletOff, "ask outlet-on %d"}, {bess.OfCircuit, s.CircuitOff, "ask circuit-on %d"},
		{bess.OfFeeder, s.FeederOff, "ask feeder-on %d"},
	} {
		for i, off := range k.off {
			if off && !c.g.troubles.Any(forgotten, k.part, i, PersonActs) {
				c.say(now, k.part, i, k.text)
			}
		}
	}
	for i, stage := range c.g.loop.State().Stages.Generators {
		if stage == bess.GeneratorFailed && !c.g.troubles.Any(0, bess.OfFeeder, i) {
			c.say(now, bess.OfFeeder, i, "ask generator-auto %d")
		}
	}
}

// service starts what stopped, unless somebody wanted it to.
func (c *caretaker) service(now bess.Span) {
	const wanted = 4 * bess.Minute
	trouble := &c.g.troubles
	for i := range trouble.List {
		k := &trouble.List[i]
		if k.Kind == PersonActs && now-k.From < wanted && (k.Part == int(bess.Stop) || k.Part == int(bess.TransportOn)) {
			return
		}
	}
	switch c.g.loop.State().Stages.Service {
	case bess.ServiceTransport:
		c.say(now, bess.OfUnit, 0, "ask transport-off")
	case bess.ServiceOff, bess.ServiceStopped, bess.ServiceStopping:
		c.say(now, bess.OfUnit, 0, "ask start")
	default: // it is on
	}
}
