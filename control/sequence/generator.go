package sequence

import "reprise/bess"

func setGenerator(stages *bess.Stages, s *State, i int, stage bess.GeneratorStage, now bess.Instant) {
	if stages.Generators[i] != stage {
		stages.Generators[i], s.Feeders[i].Since = stage, now
	}
}

// generator takes one set's sequence one tick on: bounded start tries, warm-up
// before load, minimum run, cool-down without load.
func (s *State) generator(u *bess.Unit, in View, stages *bess.Stages, i int) {
	now := in.Snap.Now
	f := &s.Feeders[i]
	set := &u.Feeders[i].Set
	wanted := serving(stages) && (in.Split.Generator || f.Manual) && !in.Standing.FeederOff[i] &&
		in.Verdict.Feeders[i].Level < bess.LevelStop && in.Standing.Records[i].Holds(now)
	running := in.Snap.Feeders[i].Running
	since := now.Since(f.Since)
	switch stages.Generators[i] {
	case bess.GeneratorOff:
		if wanted {
			setGenerator(stages, s, i, bess.GeneratorCranking, now)
		} else {
			f.Tries = 0
		}
	case bess.GeneratorCranking:
		switch {
		case running.Is(now, readingAge):
			setGenerator(stages, s, i, bess.GeneratorWarming, now)
		case since >= set.StartWait:
			f.Tries++
			setGenerator(stages, s, i, failedOrResting(f.Tries, set.StartTries), now)
		}
	case bess.GeneratorResting:
		if since >= set.StartWait {
			setGenerator(stages, s, i, bess.GeneratorOff, now)
		}
	case bess.GeneratorWarming:
		switch {
		case running.IsNot(now, readingAge):
			f.Tries++
			setGenerator(stages, s, i, failedOrResting(f.Tries, set.StartTries), now)
		case since >= set.WarmUp:
			f.Tries = 0
			setGenerator(stages, s, i, bess.GeneratorRunning, now)
		}
	case bess.GeneratorRunning:
		switch {
		case running.IsNot(now, readingAge):
			f.Tries++
			setGenerator(stages, s, i, failedOrResting(f.Tries, set.StartTries), now)
		case !serving(stages), in.Verdict.Feeders[i].Level >= bess.LevelStop,
			!wanted && s.dispensable(u, in, stages, i, since):
			setGenerator(stages, s, i, bess.GeneratorCoolingDown, now)
		}
	case bess.GeneratorCoolingDown:
		if since >= set.CoolDown || in.Verdict.Feeders[i].Level >= bess.LevelOpen {
			setGenerator(stages, s, i, bess.GeneratorOff, now)
		}
	case bess.GeneratorFailed: // until a person asks for it again
	}
}

// dispensable reports whether a running set may go: when the grid has the loads,
// at once, since a set without load only soots; else after its minimum run,
// once somebody else can take over.
func (s *State) dispensable(u *bess.Unit, in View, stages *bess.Stages, i int, since bess.Span) bool {
	if stages.Network == bess.NetworkGrid {
		return true
	}
	return since >= u.Feeders[i].Set.MinimumRun && (stages.Live != i || s.mayForm(u, in, stages))
}

func failedOrResting(tries, most int) bess.GeneratorStage {
	if tries >= most {
		return bess.GeneratorFailed
	}
	return bess.GeneratorResting
}

// runs reports whether a set is ordered to run in a stage.
func runs(g bess.GeneratorStage) bool {
	switch g {
	case bess.GeneratorCranking, bess.GeneratorWarming, bess.GeneratorRunning, bess.GeneratorCoolingDown:
		return true
	default:
		return false
	}
}
