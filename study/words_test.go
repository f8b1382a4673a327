package study

import (
	"testing"

	"reprise/bess"
)

// What became of a word is said, and why, whenever it was not simply kept whole.
func TestWordsOfPromises(t *testing.T) {
	short := bess.CauseEnergyBudget.Sentence()
	for _, c := range []struct {
		visit bess.Visit
		want  string
	}{
		{bess.Visit{}, ""},
		{bess.Visit{Need: 9000}, "it left before a word was given"},
		{bess.Visit{Need: 9000, Promise: bess.Promise{Waits: bess.CauseNoNetwork}}, "no word was given yet: " + bess.CauseNoNetwork.Sentence()},
		{bess.Visit{Need: 9000, Promise: bess.Promise{First: 9000, Energy: 9000, Full: true, Revision: 1}}, ""},
		{bess.Visit{Need: 9000, Promise: bess.Promise{First: 9000, Energy: 9000, Full: true, Revision: 3}}, "whole need, changed twice: the whole need was promised"},
		{bess.Visit{Need: 9000, Promise: bess.Promise{First: 5000, Energy: 5000, Revision: 1, Why: bess.CauseEnergyBudget}}, "short from the start: " + short},
		{bess.Visit{Need: 9000, Promise: bess.Promise{First: 5000, Energy: 4000, Revision: 2, Why: bess.CauseEnergyBudget}}, "lowered, changed once: " + short},
		{bess.Visit{Need: 9000, Promise: bess.Promise{First: 5000, Energy: 6000, Revision: 5, Why: bess.CauseEnergyBudget}}, "raised, changed 4 times: " + short},
		{bess.Visit{Need: 9000, Promise: bess.Promise{First: 5000, Energy: 9000, Revision: 2, Full: true}}, "raised, changed once: more was left than feared: in the end the whole need was promised"},
		{bess.Visit{Need: 9000, Promise: bess.Promise{First: 5000, Energy: 5000, Revision: 2, Broken: true, Why: bess.CauseNoNetwork}}, "broken, changed once: " + bess.CauseNoNetwork.Sentence()},
	} {
		v := &c.visit
		if v.Promise.First > 0 {
			v.Promise.Made, v.Promise.MadeAt.UnixMilli = true, 1
		}
		r := VisitResult{
			Need: v.Need.KWh(), First: v.Promise.First.KWh(), Promised: v.Promise.Energy.KWh(), MadeAt: v.Promise.MadeAt.UnixMilli,
			Revisions: v.Promise.Revision, Broken: v.Promise.Broken, Why: reason(v),
		}
		if got := r.told(); got != c.want {
			t.Errorf("%+v: %q, want %q", v.Promise, got, c.want)
		}
	}
}
