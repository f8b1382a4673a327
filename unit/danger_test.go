package unit

import (
	"strings"
	"testing"

	"reprise/bess"
	"reprise/control/safety"
)

// What endangers people is red and says what to do in the banner itself,
// whatever level the machine is held to; every name in the list is a rule.
func TestTheGravestAlarmSpeaks(t *testing.T) {
	ids := map[string]*safety.Rule{}
	for _, r := range safety.Rules() {
		ids[r.Name] = &r
	}
	graver := []string{
		"gas", "smoke", "pack-heats-fast", "pack-temperature-trip", "insulation-trip", "pack-isolation-low", "pack-interlock",
		"pack-current-though-open", "water", "supply-neutral-live",
	}
	for _, name := range graver {
		r := ids[name]
		if r == nil || danger(name) == 0 {
			t.Fatalf("%s is no rule, or no danger", name)
		}
		m := machine(t, Config{})
		m.tick()
		m.state.Verdict.Alarms = []bess.Alarm{
			{Rule: ids["emergency-stop"].ID, Subject: bess.Subject{Kind: bess.OfUnit}, Level: bess.LevelOpenAll, Latched: true},
			{Rule: r.ID, Subject: bess.Subject{Kind: bess.OfPack}, Level: r.Level},
		}
		for _, stop := range []bool{true, false} {
			m.state.Verdict.Unit.Level = bess.LevelNone
			if stop {
				m.state.Verdict.Unit.Level = bess.LevelOpenAll
			} else {
				m.state.Verdict.Alarms = m.state.Verdict.Alarms[1:]
			}
			got := m.picture().Safe
			if got.Level != "stop" || !strings.Contains(got.Detail, r.MayDo) ||
				!strings.Contains(strings.ToLower(got.Headline), strings.TrimPrefix(strings.ToLower(strings.TrimSuffix(r.What, ".")), "the pack ")) {
				t.Errorf("%s, stopped %v: %+v", name, stop, got)
			}
		}
	}
}
