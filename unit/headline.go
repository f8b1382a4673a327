package unit

import (
	"fmt"
	"strings"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/control/safety"
)

// alarmPictures are the active and latched alarms in the four lines of the
// page.
func (m *Machine) alarmPictures() []bess.AlarmPicture {
	snap := &m.in.Snapshot
	list := make([]bess.AlarmPicture, 0, len(m.state.Verdict.Alarms))
	for i := range m.state.Verdict.Alarms {
		a := &m.state.Verdict.Alarms[i]
		r := m.rules[a.Rule]
		p := bess.AlarmPicture{
			Rule: r.Name, Level: a.Level.String(), What: r.What, Where: place(m.unit, a.Subject), Did: r.Did, MayDo: r.MayDo,
			ClearedBy: clearedBy(r.Clear.By), Latched: a.Latched, Acting: a.Acting,
			Number: int(a.Rule), Subject: a.Subject.Index,
			Since: snap.Civil.UnixMilli - int64(snap.Now.Since(a.Since)), Value: unknown("a switch, not a measurement"),
		}
		if r.Unit != "" {
			p.Value = bess.Known(si.Watts(a.Value))
		}
		list = append(list, p)
	}
	return list
}

func clearedBy(c safety.ClearedBy) string {
	switch c {
	case safety.ClearedByPage:
		return "person at the page"
	case safety.ClearedAtUnit:
		return "person at the unit"
	default:
		return "self"
	}
}

func (m *Machine) carbonPicture() bess.CarbonPicture {
	if m.config.Saving == nil {
		none := unknown("no carbon account is kept")
		return bess.CarbonPicture{Gross: none, Refill: none, Net: none, Delivered: none, Stored: none, Unmeasured: none}
	}
	p := m.config.Saving.Picture()
	if !p.Stored.Known {
		p.Stored = m.storedCarbon()
	}
	return p
}

// storedCarbon is the intensity of the energy in the packs, g/kWh: the
// ledger's stock over what the packs hold down to empty.
func (m *Machine) storedCarbon() bess.Figure {
	grams, energy := 0.0, 0.0
	for i := range m.unit.Packs {
		e := &m.state.Estimates.Packs[i]
		if m.state.Ledger.Seeded[i] && e.Known {
			grams += float64(m.state.Ledger.Stock[i]) / 1000
			energy += m.unit.Packs[i].Type.Energy.KWh() * float64(e.SoH) * float64(e.SoC)
		}
	}
	if energy <= 0 {
		return unknown("no pack reports yet")
	}
	return bess.Known(si.GramsPerKWh(grams / energy))
}

func (m *Machine) healthPicture() bess.HealthPicture {
	h := bess.HealthPicture{
		LoopMicros: m.meter.mean, LoopWorst: m.meter.peak, LateTicks: m.meter.late.Load(), Version: m.config.Version,
		Journal: "not kept", Disk: bess.Shown(m.in.Snapshot.Store.Free, m.in.Snapshot.Now, 5*bess.Minute),
	}
	if w := m.config.Journal; w != nil {
		switch health := w.Health(); {
		case health.Trouble != "":
			h.Journal = fmt.Sprintf("%d ticks lost: %s", health.Dropped, health.Trouble)
		case health.Dropped > 0:
			h.Journal = fmt.Sprintf("%d ticks kept, %d lost earlier", health.Kept, health.Dropped)
		default:
			h.Journal = fmt.Sprintf("%d ticks kept", health.Kept)
		}
	}
	if k := m.config.Keeper; k != nil {
		if why := k.Trouble(); why != "" {
			h.Journal += "; records wait: " + why
		}
	}
	return h
}

// safe is the first answer of the page: a headline that a crew understands at
// six in the morning in the rain, and one or two sentences behind it. It is
// asked last, when all parts stand in the picture, so that it completes them.
func (m *Machine) safe(p *bess.Picture) bess.Safe {
	m.explain(p)
	m.remember(p)
	s := m.state
	k := gravest(s.Verdict.Alarms, p.Alarms)
	switch {
	case m.isStopped():
		return m.stopped(p)
	case k >= 0 && danger(p.Alarms[k].Rule) > 0:
		return m.endangered(p, k)
	case m.lockedOut != "" && m.packsAt(bess.PackLockedOut) == len(m.unit.Packs):
		return bess.Safe{
			Level: "stop", Headline: "Locked out after a restart.",
			Detail: "The unit could not read what held before it stopped, so every pack stays open. Look at each pack, then put it back in service. Reason: " + m.lockedOut + ".",
		}
	}
	if k >= 0 && s.Verdict.Alarms[k].Level >= bess.LevelDerate {
		a := &p.Alarms[k]
		return bess.Safe{Level: "look", Headline: alarmLine(p.Alarms, k), Detail: strings.TrimSpace(a.Did + " " + m.doing())}
	}
	if lost := m.packsAt(bess.PackLockedOut) + m.packsAt(bess.PackWelded); lost > 0 {
		on := m.packsAt(bess.PackJoined)
		return bess.Safe{
			Level:    "look",
			Headline: capital(count(lost, "pack is", "packs are")) + " out. " + capital(count(on, "pack carries", "packs carry")) + " on.",
			Detail:   m.doing(),
		}
	}
	switch s.Stages.Service {
	case bess.ServiceOff:
		return m.notStarted()
	case bess.ServiceStarting:
		return bess.Safe{Level: "ok", Headline: "Starting.", Detail: sentenceOf(s.Stages.Step.Sentence())}
	case bess.ServiceStopping:
		return bess.Safe{Level: "ok", Headline: "Stopping in order.", Detail: sentenceOf(s.Stages.Step.Sentence())}
	case bess.ServiceTransport:
		return bess.Safe{Level: "ok", Headline: "Locked for the road.", Detail: "Every contactor is open. It can be started after arrival."}
	default: // in service
	}
	head := "All is well."
	switch {
	case k >= 0:
		head = "Safe. " + alarmLine(p.Alarms, k)
	case s.Stages.Network == bess.NetworkIsland:
		head = "Safe. Running without a grid."
	}
	return bess.Safe{Level: "ok", Headline: head, Detail: m.doing()}
}

// alarmLine is an alarm in one sentence: where, and what.
func alarmLine(alarms []bess.AlarmPicture, k int) string {
	where, what := together(alarms, k), lower(alarms[k].What)
	if rest, ok := strings.CutPrefix(what, "the pack "); ok && where != alarms[k].Where {
		what = "each " + rest
	}
	return sentenceOf(where + ": " + what)
}

func (m *Machine) notStarted() bess.Safe {
	unchecked := false
	for i := range m.unit.Feeders {
		unchecked = unchecked || m.unit.Feeders[i].Kind != bess.CCS && m.state.Standing.Records[i].Person == ""
	}
	if unchecked {
		return bess.Safe{Level: "look", Headline: "Not started yet.", Detail: "Everything is open. Check the supply on arrival, then start."}
	}
	return bess.Safe{Level: "ok", Headline: "Off.", Detail: "Everything is open. It can be started."}
}

// doing says in a sentence or two what the unit does.
func (m *Machine) doing() string {
	charging, less := 0, 0
	for i := range m.state.Session.Visits {
		v := &m.state.Session.Visits[i]
		if v.State == bess.VisitCharging {
			charging++
		}
		if v.State != bess.VisitNone && v.State != bess.VisitGone && v.Promise.Made && !v.Promise.Full {
			less++
		}
	}
	base := ""
	switch m.state.Stages.Network {
	case bess.NetworkGrid:
		base = "On the grid"
	case bess.NetworkGenerator:
		base = "On the generator"
	case bess.NetworkIsland:
		base = "Islanded on the packs"
	case bess.NetworkTransferring:
		base, charging = "Changing over between supplies", 0 // nobody is charged for a moment
	default:
		return "There is no live network."
	}
	text := base + "."
	if charging > 0 {
		text = base + " and charging " + count(charging, "vehicle", "vehicles") + "."
	}
	if less > 0 {
		text += " " + capital(count(less, "vehicle was", "vehicles were")) + " told that it gets less."
	}
	if shed := m.shed(); shed > 0 {
		text += " " + capital(count(shed, "circuit is", "circuits are")) + " switched off to keep the rest on."
	}
	return text
}

func (m *Machine) shed() int {
	n := 0
	for i := range m.state.Split.Circuits {
		if m.state.Split.Circuits[i].Why == bess.CauseShed {
			n++
		}
	}
	return n
}

func (m *Machine) packsAt(stage bess.PackStage) int {
	n := 0
	for _, s := range m.state.Stages.Packs {
		if s == stage {
			n++
		}
	}
	return n
}

// sentenceOf ends a text as a sentence that begins with a capital.
func sentenceOf(s string) string {
	s = capital(strings.TrimSpace(s))
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

func lower(s string) string {
	if len(s) < 2 || (s[1] >= 'A' && s[1] <= 'Z') { // an abbreviation keeps its capitals
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
