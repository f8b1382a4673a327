package control

import "reprise/bess"

// stand answers the requests that set something for good: arrival records,
// switches and caps. They narrow what is installed and never widen it.
func (s *State) stand(u *bess.Unit, snap *bess.Snapshot) {
	for i := range s.desk.Requests {
		if !s.desk.Pending(i) {
			continue
		}
		r := &s.desk.Requests[i]
		switch r.Verb {
		case bess.FeederRecord:
			s.standRecord(u, i, r)
		case bess.FeederOn, bess.FeederOff:
			s.standSwitch(i, r, s.Standing.FeederOff, r.Verb == bess.FeederOff)
		case bess.OutletOn, bess.OutletOff:
			s.standSwitch(i, r, s.Standing.OutletOff, r.Verb == bess.OutletOff)
		case bess.CircuitOn, bess.CircuitOff:
			s.standSwitch(i, r, s.Standing.CircuitOff, r.Verb == bess.CircuitOff)
		case bess.CircuitPriority:
			s.standPriority(u, i, r)
		case bess.ImportCap:
			s.standCap(u, i, r)
		case bess.ReserveEnergy:
			s.standReserve(i, r)
		case bess.TransportOn, bess.TransportOff:
			if r.Verb == bess.TransportOff && r.By == bess.SourceFleet && r.Person == "" {
				s.desk.Refuse(i, bess.RefusedPersonNeeded)
				continue
			}
			s.Standing.Transport = r.Verb == bess.TransportOn
			s.desk.Grant(i)
		default: // the rooms answer those
		}
	}
	if snap.Now > s.Standing.ImportCap.Until {
		s.Standing.ImportCap = bess.Ceiling(u.Site.ImportCap, bess.SourceInstalled, bess.CauseImportCap)
	}
}

func (s *State) standSwitch(i int, r *bess.Request, off []bool, value bool) {
	if r.Target < 0 || r.Target >= len(off) {
		s.desk.Refuse(i, bess.RefusedNoTarget)
		return
	}
	off[r.Target] = value
	s.desk.Grant(i)
}

func (s *State) standRecord(u *bess.Unit, i int, r *bess.Request) {
	switch {
	case r.Target < 0 || r.Target >= len(u.Feeders) || r.Record == nil:
		s.desk.Refuse(i, bess.RefusedNoTarget)
	case r.Record.Person == "":
		s.desk.Refuse(i, bess.RefusedPersonNeeded)
	default:
		s.Standing.Records[r.Target] = *r.Record
		s.desk.Grant(i)
	}
}

func (s *State) standPriority(u *bess.Unit, i int, r *bess.Request) {
	switch {
	case r.Target < 0 || r.Target >= len(u.Circuits):
		s.desk.Refuse(i, bess.RefusedNoTarget)
	case r.Number < 1:
		s.desk.Refuse(i, bess.RefusedForbidden)
	default:
		s.Standing.Priority[r.Target] = r.Number
		s.desk.Grant(i)
	}
}

// standCap sets the import cap until the request ends; above the installed one
// it is refused.
func (s *State) standCap(u *bess.Unit, i int, r *bess.Request) {
	if r.Power < 0 || r.Power > u.Site.ImportCap {
		s.desk.Refuse(i, bess.RefusedOnlyNarrows)
		return
	}
	cap := bess.Ceiling(u.Site.ImportCap, bess.SourceInstalled, bess.CauseImportCap)
	cap.Narrow(r.Power, r.By, bess.CauseImportCap, r.Expires)
	s.Standing.ImportCap = cap
	s.desk.Grant(i)
}

func (s *State) standReserve(i int, r *bess.Request) {
	if r.Energy < 0 || r.By == bess.SourceFleet && r.Energy < s.Standing.Reserve {
		s.desk.Refuse(i, bess.RefusedForbidden)
		return
	}
	s.Standing.Reserve = r.Energy
	s.desk.Grant(i)
}
