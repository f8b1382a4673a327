package control

import "reprise/bess"

// announce turns the difference between two states into events. A room never
// writes an event by itself, so none can be forgotten or told twice.
func announce(u *bess.Unit, prev, next *State, snap *bess.Snapshot, out *Outputs) {
	a := announcer{out: out, at: snap.Now, civil: snap.Civil}
	a.stages(&prev.Stages, &next.Stages)
	a.alarms(&prev.Verdict, &next.Verdict)
	for i := range u.Outlets {
		a.visit(i, &prev.Session.Visits[i], &next.Session.Visits[i])
	}
	for k := range next.Session.Bookings {
		p, n := &prev.Session.Bookings[k], &next.Session.Bookings[k]
		if n.Number == p.Number && n.State == p.State {
			a.promised(next.Session.Targets[k], p, n)
		}
	}
	for i := range next.Split.CircuitOn {
		if prev.Split.CircuitOn[i] && !next.Split.CircuitOn[i] {
			a.tell(bess.Event{Kind: bess.EventShed, Subject: bess.Subject{Kind: bess.OfCircuit, Index: i}, Cause: next.Split.Circuits[i].Why})
		}
	}
	for i := range next.desk.Answers {
		a.answer(&next.desk, i)
	}
}

type announcer struct {
	out   *Outputs
	at    bess.Instant
	civil bess.Civil
}

func (a announcer) tell(e bess.Event) {
	e.At, e.Civil = a.at, a.civil
	a.out.Events = append(a.out.Events, e)
}

func (a announcer) stages(prev, next *bess.Stages) {
	if prev.Service != next.Service {
		a.tell(bess.Event{Kind: bess.EventService, From: uint8(prev.Service), To: uint8(next.Service), Cause: next.Step})
	}
	if prev.Network != next.Network {
		a.tell(bess.Event{Kind: bess.EventNetwork, From: uint8(prev.Network), To: uint8(next.Network)})
	}
	for i := range next.Packs {
		if prev.Packs[i] != next.Packs[i] {
			a.tell(bess.Event{
				Kind: bess.EventPackStage, Subject: bess.Subject{Kind: bess.OfPack, Index: i},
				From: uint8(prev.Packs[i]), To: uint8(next.Packs[i]),
			})
		}
	}
	for i := range next.Generators {
		if prev.Generators[i] != next.Generators[i] {
			a.tell(bess.Event{
				Kind: bess.EventGenerator, Subject: bess.Subject{Kind: bess.OfFeeder, Index: i},
				From: uint8(prev.Generators[i]), To: uint8(next.Generators[i]),
			})
		}
	}
}

func (a announcer) alarms(prev, next *bess.Verdict) {
	for i := range next.Alarms {
		if n := &next.Alarms[i]; !holds(prev.Alarms, n) {
			a.tell(bess.Event{
				Kind: bess.EventAlarmRaised, Subject: n.Subject, Rule: n.Rule, Level: n.Level, Value: n.Value,
			})
		}
	}
	for i := range prev.Alarms {
		if p := &prev.Alarms[i]; !holds(next.Alarms, p) {
			a.tell(bess.Event{
				Kind: bess.EventAlarmCleared, Subject: p.Subject, Rule: p.Rule, Level: p.Level, Value: p.Value,
			})
		}
	}
}

func holds(alarms []bess.Alarm, a *bess.Alarm) bool {
	for i := range alarms {
		if alarms[i].Rule == a.Rule && alarms[i].Subject == a.Subject {
			return true
		}
	}
	return false
}

func (a announcer) visit(i int, prev, next *bess.Visit) {
	subject := bess.Subject{Kind: bess.OfOutlet, Index: i}
	if prev.State != next.State {
		a.tell(bess.Event{
			Kind: bess.EventVisit, Subject: subject, Number: next.Number,
			From: uint8(prev.State), To: uint8(next.State), Value: float64(next.Delivered),
		})
	}
	a.promised(i, prev, next)
}

func (a announcer) promised(i int, prev, next *bess.Visit) {
	if next.Promise.Made && prev.Promise.Revision != next.Promise.Revision {
		a.tell(bess.Event{
			Kind: bess.EventPromise, Subject: bess.Subject{Kind: bess.OfOutlet, Index: i}, Number: next.Number,
			Cause: next.Promise.Why, Value: float64(next.Promise.Energy),
		})
	}
}

func (a announcer) answer(d *bess.Desk, i int) {
	to := uint8(0)
	if d.Answers[i].Granted {
		to = 1
	}
	a.tell(bess.Event{
		Kind: bess.EventRequest, Number: d.Answers[i].ID, From: uint8(d.Requests[i].Verb), To: to,
		Value: float64(d.Answers[i].Why),
	})
}
