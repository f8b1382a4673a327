package safety

import (
	"reprise/bess"
	"reprise/bess/si"
)

// rule turns the acting rows into rulings and alarms.
func (s *State) rule(u *bess.Unit, v *bess.Verdict) {
	s.acting = s.acting[:0]
	if s.Awake > 0 {
		for cell, m := range s.Marks {
			if m&Acting != 0 {
				s.acting = append(s.acting, cell)
			}
		}
	}
	for _, cell := range s.acting {
		r, subject := s.table.at(cell)
		hold(u, v, r, subject)
		if r.heat() && s.Marks[cell]&Blind == 0 {
			v.Hot[subject.Index] = true
		}
	}
	if v.Unit.Level >= bess.LevelDerate {
		spread(v, v.Unit)
	}
	s.alarms(v)
	v.HoldIn = v.Unit.Level < bess.LevelOpenAll
}

// raise keeps the harder ruling: the higher level, or the smaller share.
func raise(to *bess.Ruling, r bess.Ruling) {
	if r.Level > to.Level || r.Level == to.Level && r.Level == bess.LevelDerate && r.Factor < to.Factor {
		*to = r
	}
}

func raiseAll(to []bess.Ruling, r bess.Ruling) {
	for i := range to {
		raise(&to[i], r)
	}
}

// hold applies one acting row.
func hold(u *bess.Unit, v *bess.Verdict, r *Rule, subject bess.Subject) {
	ruling := bess.Ruling{Level: r.Level, Rule: r.ID, Factor: si.Ratio(r.Factor)}
	if r.Level == bess.LevelOpenAll {
		raise(&v.Unit, ruling)
		return
	}
	if r.Reach != 0 {
		reach(v, r.Reach, ruling)
		return
	}
	i := subject.Index
	switch subject.Kind {
	case bess.OfPack:
		raise(&v.Packs[i], ruling)
		v.NoCharge[i] = v.NoCharge[i] || r.NoCharge
	case bess.OfConverter:
		raise(&v.Converters[i], ruling)
		if r.Level >= bess.LevelOpen { // only its pack's contactors can open it
			raise(&v.Packs[u.Converters[i].Pack], ruling)
		}
	case bess.OfInverter:
		raise(&v.Inverter, ruling)
	case bess.OfFeeder:
		raise(&v.Feeders[i], ruling)
	case bess.OfCircuit:
		raise(&v.Circuits[i], ruling)
	case bess.OfOutlet:
		raise(&v.Outlets[i], ruling)
	default:
		raise(&v.Unit, ruling)
	}
}

func reach(v *bess.Verdict, to Reach, r bess.Ruling) {
	if to&ReachPacks != 0 {
		raiseAll(v.Packs, r)
	}
	if to&ReachInverter != 0 {
		raise(&v.Inverter, r)
	}
	if to&ReachCircuits != 0 {
		raiseAll(v.Circuits, r)
	}
	if to&ReachOutlets != 0 {
		raiseAll(v.Outlets, r)
	}
}

// spread lets what holds the unit hold its parts. Below open-all, supplies and
// circuits are left alone: a grid that feeds its loads past a unit at zero
// power does no harm, and a black-out would.
func spread(v *bess.Verdict, r bess.Ruling) {
	all := r.Level >= bess.LevelOpenAll
	if all {
		r.Level = bess.LevelOpen
	}
	raiseAll(v.Packs, r)
	raiseAll(v.Converters, r)
	raise(&v.Inverter, r)
	raiseAll(v.Outlets, r)
	if all {
		raiseAll(v.Feeders, r)
		raiseAll(v.Circuits, r)
	}
}

// alarms lists what acts, the highest level first and in the order of the
// table within a level. What does not fit is counted.
func (s *State) alarms(v *bess.Verdict) {
	most, left := min(cap(v.Alarms), MaxAlarms), 0
	for level := bess.LevelOpenAll; level >= bess.LevelInform; level-- {
		for _, cell := range s.acting {
			r, subject := s.table.at(cell)
			if r.Level != level {
				continue
			}
			m, t := s.Marks[cell], &s.Timers[cell]
			a := bess.Alarm{
				Rule: r.ID, Subject: subject, Level: level, Since: t.Since, Value: t.Value,
				Latched: r.Latches() && m&Blind == 0, Acting: m&Gone == 0,
			}
			if m&Blind != 0 { // nobody saw a breach: the truth is that nothing is heard
				a.Rule, a.Value = signalLost, float64(r.ID)
				if listed(v.Alarms, &a) {
					continue
				}
			}
			if len(v.Alarms) == most {
				left++
				continue
			}
			v.Alarms = append(v.Alarms, a)
		}
	}
	if left > 0 && most > 0 {
		v.Alarms[most-1] = bess.Alarm{
			Rule: alarmsOverflow, Level: bess.LevelInform, Acting: true, Since: s.Last, Value: float64(left + 1),
		}
	}
}

// listed reports whether a subject's lost signals are told already; one alarm
// for them all is enough, and the first has the highest level.
func listed(alarms []bess.Alarm, a *bess.Alarm) bool {
	for i := range alarms {
		if alarms[i].Rule == a.Rule && alarms[i].Subject == a.Subject {
			return true
		}
	}
	return false
}
