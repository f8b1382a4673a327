package unit

import (
	"strings"

	"reprise/bess"
	"reprise/control/safety"
)

// danger is how gravely an alarm concerns people, whatever it made the machine
// do: a cell that runs away opens one pack only, and is yet the worst that can
// be told. 0 is none; fire comes before shock, shock before a stop that
// somebody asked for.
func danger(rule string) int {
	switch rule {
	case "gas", "smoke", "pack-heats-fast":
		return 3
	case "pack-temperature-trip":
		return 2
	case "insulation-trip", "pack-isolation-low", "pack-interlock", "pack-current-though-open", "water", "supply-neutral-live":
		return 1
	default:
		return 0
	}
}

// gravest is the alarm that people must hear first: by danger, then by what
// safety holds; bess.Nobody without an alarm.
func gravest(alarms []bess.Alarm, pictures []bess.AlarmPicture) int {
	best := bess.Nobody
	for i := range alarms {
		if best < 0 {
			best = i
			continue
		}
		is, was := danger(pictures[i].Rule), danger(pictures[best].Rule)
		if is > was || is == was && alarms[i].Level > alarms[best].Level {
			best = i
		}
	}
	return best
}

// endangered is the headline of an alarm that concerns people: red, with what
// to do before what was done.
func (m *Machine) endangered(p *bess.Picture, k int) bess.Safe {
	a := &p.Alarms[k]
	return bess.Safe{
		Level: "stop", Headline: alarmLine(p.Alarms, k),
		Detail: strings.TrimSpace(a.MayDo + " " + a.Did + " " + m.doing()),
	}
}

// stopped is the headline while everything is open: what is gravest speaks, be
// it the alarm that opened it or not.
func (m *Machine) stopped(p *bess.Picture) bess.Safe {
	head, detail := "Stopped by safety.", ""
	if k := gravest(m.state.Verdict.Alarms, p.Alarms); k >= 0 && (danger(p.Alarms[k].Rule) > 0 || p.Alarms[k].Level == bess.LevelOpenAll.String()) {
		a := &p.Alarms[k]
		switch {
		case a.Rule == "emergency-stop":
			head = "Emergency stop."
		case a.Level == bess.LevelOpenAll.String():
			head = sentenceOf(a.What)
		default:
			head = alarmLine(p.Alarms, k)
		}
		detail = a.MayDo
	}
	for i := range p.Alarms {
		if a := &p.Alarms[i]; a.Rule == "emergency-stop" && head != "Emergency stop." {
			head += " Emergency stop pressed."
			break
		}
	}
	for i := range p.Alarms {
		a := &p.Alarms[i]
		if a.Level == bess.LevelOpenAll.String() && a.Latched && a.ClearedBy == clearedBy(safety.ClearedAtUnit) {
			detail += " Only a person at the unit may reset it, on its own screen under Alarms; from elsewhere it is refused."
			break
		}
	}
	open := " Everything is open."
	if v := p.Bus.Volts; !v.Known || v.Value >= touchSafe {
		open = " Everything is open, but the DC bus is not safe to touch."
	}
	return bess.Safe{
		Level: "stop", Headline: head + open, Danger: busDanger(&p.Bus),
		Detail: strings.TrimSpace(detail + " No outlet is live. The packs themselves still hold energy."),
	}
}
