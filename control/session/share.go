package session

// Figures of the search for fair shares.
const (
	halvings = 7    // of the interval of a level: good to 1 %
	beyond   = 0.03 // a job that cannot have this much more is settled
	mostRuns = 20   // of the future in one look ahead, so that a tick stays short
)

// shares finds the largest level of every need that the future can meet: first
// one for all who were told something, then one for the others within what
// those leave. A job that its own outlet or hour holds back does not hold back
// the rest: when it is settled the others rise on.
func (s *State) shares(f *future) {
	for k := range s.jobs {
		s.jobs[k].level, s.jobs[k].settled = 0, false
	}
	s.lay(f)
	f.lacking = s.run(f) // without any vehicle
	left := s.fill(f, true, mostRuns)
	s.fill(f, false, left)
	s.run(f)
}

// fill raises the levels of firm or other jobs together and returns how many
// runs are left of those it was given.
func (s *State) fill(f *future, firm bool, runs int) int {
	low := 0.0
	for round := 0; round < 3 && runs > halvings && s.raise(firm, 1); round++ {
		runs--
		if s.met(f) {
			break
		}
		high := 1.0
		for range halvings {
			middle := float64(0.5 * (low + high))
			s.raise(firm, middle)
			runs--
			if s.met(f) {
				low = middle
			} else {
				high = middle
			}
		}
		s.raise(firm, min(1, low+beyond))
		runs--
		s.run(f)
		some := s.settle(f, firm, low)
		s.raise(firm, low)
		if !some || low+beyond >= 1 {
			break
		}
	}
	for k := range s.jobs {
		if s.jobs[k].firm == firm {
			s.jobs[k].settled = true
		}
	}
	return runs
}

// raise sets the level of all that are not settled; false when there is none.
func (s *State) raise(firm bool, level float64) bool {
	some := false
	for k := range s.jobs {
		if j := &s.jobs[k]; j.firm == firm && !j.settled {
			j.level, some = level, true
		}
	}
	return some
}

// met plays the future and reports whether each job got its level and no
// general load went without for it.
func (s *State) met(f *future) bool {
	if s.run(f) > f.lacking+1 {
		return false
	}
	for k := range s.jobs {
		if !s.jobs[k].met(f) {
			return false
		}
	}
	return true
}

func (j *job) met(f *future) bool {
	return float64(j.got) >= float64(0.995*float64(j.most(f.start.UnixMilli)))
}

// settle ends the rise of the jobs that were not met in the last run, at level;
// false when all or none were met.
func (s *State) settle(f *future, firm bool, level float64) bool {
	some, others := false, false
	for k := range s.jobs {
		j := &s.jobs[k]
		if j.firm != firm || j.settled {
			continue
		}
		if j.met(f) {
			others = true
			continue
		}
		j.settled, j.level, some = true, level, true
	}
	return some && others
}
