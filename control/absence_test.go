package control

import (
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

// stall lets time pass in which nobody ran, and then ticks on what was read
// before it: whoever reads the devices stood still too.
func (m *machine) stall(away bess.Span, stale int) {
	s := &m.in.Snapshot
	s.Now = s.Now.Add(away - 100)
	s.Civil.UnixMilli += int64(away - 100)
	for range stale {
		s.Now += 100
		s.Civil.UnixMilli += 100
		m.in.Requests = nil
		Step(m.u, m.prev, m.in, m.next, m.out)
		m.prev, m.next = m.next, m.prev
	}
}

// A loop that stood still for less than its orders live disturbs nobody: no
// decision rests on the age that its own absence made.
func TestAbsenceDisturbsNobody(t *testing.T) {
	for _, network := range []bess.NetworkState{bess.NetworkIsland, bess.NetworkGrid} {
		for _, away := range []bess.Span{1200, 2000, 2700} {
			m := newMachine()
			for i := range m.u.Packs {
				m.u.Packs[i].FrameTimeout = bess.Second
			}
			if !m.service() {
				t.Fatal("not in service")
			}
			if network == bess.NetworkIsland {
				m.garble = func(s *bess.Snapshot) {
					for k := range s.Feeders[0].PhaseVolts {
						s.Feeders[0].PhaseVolts[k] = bess.Of(si.Volts(0), s.Now)
					}
				}
			}
			m.run(90 * bess.Second)
			before := len(m.prev.Verdict.Alarms)
			same := func(when string) {
				t.Helper()
				stages := &m.prev.Stages
				if stages.Network != network {
					t.Fatalf("%v after %v away, %s: the network is %v: %+v, %+v", network, away, when, stages.Network, m.prev.Verdict.Alarms, m.prev.Sequence)
				}
				for i := range m.u.Circuits {
					if !m.out.Commands.Circuits[i].Close {
						t.Errorf("%v after %v away, %s: circuit %d is ordered open", network, away, when, i+1)
					}
				}
				if m.out.Commands.Inverter.Mode == bess.InverterOff {
					t.Errorf("%v after %v away, %s: the inverter is ordered off", network, away, when)
				}
				for i := range m.u.Packs {
					if stages.Packs[i] != bess.PackJoined || m.prev.Estimates.Packs[i].Envelope.Discharge.Power <= 0 {
						t.Errorf("%v after %v away, %s: pack %d is %v and may give %v", network, away, when, i+1, stages.Packs[i],
							m.prev.Estimates.Packs[i].Envelope.Discharge.Power)
					}
				}
				if n := len(m.prev.Verdict.Alarms); n != before {
					t.Errorf("%v after %v away, %s: %d alarms, %d before: %v", network, away, when, n, before, m.prev.Verdict.Alarms)
				}
			}
			same("before")
			m.stall(away, 1)
			same("first tick")
			m.stall(100, 3)
			same("fourth tick")
			m.run(10 * bess.Second)
			same("ten seconds later")
		}
	}
}

// One bad sample before an absence has not lasted through it.
func TestOneBadSampleDoesNotLastThroughAnAbsence(t *testing.T) {
	m := newMachine()
	if !m.service() {
		t.Fatal("not in service")
	}
	m.run(10 * bess.Second)
	before := len(m.prev.Verdict.Alarms)
	m.garble = func(s *bess.Snapshot) { // a dip, and an overload
		for k := range s.Feeders[0].PhaseVolts {
			s.Feeders[0].PhaseVolts[k] = bess.Of(si.Volts(150), s.Now)
			s.Feeders[0].PhaseAmps[k] = bess.Of(si.Amps(200), s.Now)
		}
		s.Packs[0].CellHigh = bess.Of(si.Volts(4.5), s.Now)
	}
	m.tick()
	m.garble = nil
	m.stall(2500, 1)
	m.run(bess.Second)
	if m.prev.Stages.Network != bess.NetworkGrid || len(m.prev.Verdict.Alarms) != before {
		t.Errorf("the network is %v, alarms %+v", m.prev.Stages.Network, m.prev.Verdict.Alarms)
	}
}

// A bus that nobody measures although the loop runs is given up, and a rule
// says so.
func TestUnheardBusIsGivenUp(t *testing.T) {
	m := newMachine()
	if !m.service() {
		t.Fatal("not in service")
	}
	m.garble = func(s *bess.Snapshot) {
		for k := range s.Feeders[0].PhaseVolts {
			s.Feeders[0].PhaseVolts[k] = bess.Of(si.Volts(0), s.Now)
		}
	}
	m.run(30 * bess.Second)
	inner := m.garble
	m.garble = func(s *bess.Snapshot) {
		inner(s)
		s.Bus.Volts, s.Inverter.DCVolts = bess.Reading[si.Volts]{}, bess.Reading[si.Volts]{}
		for i := range s.Converters {
			s.Converters[i].BusVolts = bess.Reading[si.Volts]{}
		}
	}
	m.run(bess.Second + 500)
	if m.prev.Stages.Network != bess.NetworkIsland {
		t.Fatalf("after 1.5 s the network is %v", m.prev.Stages.Network)
	}
	m.run(5 * bess.Second)
	if m.prev.Stages.Network == bess.NetworkIsland {
		t.Error("the island goes on without any measurement of its bus")
	}
	if len(m.prev.Verdict.Alarms) == 0 {
		t.Error("nobody says why")
	}
}
