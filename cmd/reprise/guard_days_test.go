package main

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/config"
	"reprise/guard"
	"reprise/scenario"
	"reprise/study"
	"reprise/unit"
)

// limitsOf are the guard's limits of a unit, through their file form.
func limitsOf(t *testing.T, u *bess.Unit) *guard.Limits {
	t.Helper()
	types, err := config.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	tables, err := unit.PackTables(u, types)
	if err != nil {
		t.Fatal(err)
	}
	limits, err := guardLimits(u, tables)
	if err != nil {
		t.Fatal(err)
	}
	return throughFile(t, limits)
}

// tells sets a value as the pack told it.
func tells[T si.Number](v *guard.Value, r bess.Reading[T]) {
	if v.Known = r.Quality != bess.Missing; v.Known {
		v.Set(float64(r.Value), r.At)
	}
}

func says(v *guard.Value, f bess.Flag) {
	if v.Known = f.State != bess.Unknown; v.Known {
		x := 0.0
		if f.State == bess.Yes {
			x = 1
		}
		v.Set(x, f.At)
	}
}

func orders(v *guard.Value, on bool, now bess.Instant) {
	x := 0.0
	if on {
		x = 1
	}
	v.Set(x, now)
}

// feed is the fast loop's snapshot as the guard would have decoded it.
func feed(image *guard.Image, s *bess.Snapshot, c *bess.Commands) {
	now := s.Now
	for i := range s.Packs {
		p, v := &s.Packs[i], &image.Of[1+i]
		tells(&v[guard.Volts], p.Volts)
		tells(&v[guard.Current], p.Current)
		tells(&v[guard.CellHigh], p.CellHigh)
		tells(&v[guard.CellLow], p.CellLow)
		tells(&v[guard.Hot], p.Hot)
		tells(&v[guard.Cold], p.Cold)
		says(&v[guard.Closed], p.Contactor)
		orders(&v[guard.Ordered], c.Packs[i].Close && c.Packs[i].Lease.Holds(now), now)
	}
	m := &image.Of[0]
	says(&m[guard.EmergencyStop], s.IO.Inputs[bess.EmergencyStop])
	says(&m[guard.HVIL], s.IO.Inputs[bess.HVIL])
	says(&m[guard.Smoke], s.IO.Inputs[bess.Smoke])
	says(&m[guard.Coils], s.IO.Coils)
	tells(&m[guard.Insulation], s.Bus.Insulation)
	image.Unit.Good, image.Unit.Sound = now, true
}

// faultless are the scenarios in which nothing fails that the site did not mean to be without.
func faultless() []string {
	return []string{"reference-day", "generator-hybrid", "launch-event", "remote-durability", "retailer"}
}

// TestGuardNeverTripsWithoutFault feeds the guard from the fast loop. REPRISE_GUARD_DAYS sets how many unit-days.
func TestGuardNeverTripsWithoutFault(t *testing.T) {
	most := 0.25
	if text := os.Getenv("REPRISE_GUARD_DAYS"); text != "" {
		var err error
		if most, err = strconv.ParseFloat(text, 64); err != nil {
			t.Fatal(err)
		}
	}
	first := uint64(1)
	if text := os.Getenv("REPRISE_GUARD_SEED"); text != "" {
		first, _ = strconv.ParseUint(text, 10, 64)
	}
	days, passes := 0.0, 0
	for seed := first; days < most; seed++ {
		for _, name := range faultless() {
			sc, err := scenario.Load("../../examples/" + name + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			left := bess.Span((most - days) * 24 * float64(bess.Hour))
			if most < 1 {
				left = bess.Span(most / float64(len(faultless())) * 24 * float64(bess.Hour)) // something of each
			}
			sc.For = min(sc.For, max(left, 0))
			sc.Seed = seed
			passes += guardDays(t, sc)
			days += float64(sc.For) / (24 * float64(bess.Hour))
			if t.Failed() {
				return
			}
			if most > 1 {
				fmt.Fprintf(os.Stderr, "%s seed %d: %.2f unit-days without a trip\n", name, seed, days)
			}
		}
	}
	t.Logf("%.2f unit-days, %d judgements", days, passes)
}

// guardDays plays one scenario beside a guard and counts its judgements.
func guardDays(t *testing.T, sc *scenario.Scenario) (passes int) {
	t.Helper()
	st, err := study.New(sc)
	if err != nil {
		t.Fatal(err)
	}
	limits := limitsOf(t, sc.Unit)
	judge, image := guard.NewJudge(limits), guard.NewImage(limits)
	for now := bess.Span(0); now < sc.For; now += 100 {
		st.Director.Play(now)
		st.Loop.Tick()
		snap := &st.Loop.In.Snapshot
		feed(image, snap, &st.Loop.Out.Commands)
		passes++
		if v := judge.Look(image, snap.Now); v.Withhold {
			t.Errorf("%s seed %d at %.1f s: withholds: %v of %d: %.4g, limit %.4g", sc.Name, sc.Seed, float64(now)/1000, v.Cause, v.Subject, v.Value, v.Limit)
			return passes
		}
	}
	return passes
}

// TestGuardNeverTripsInOtherUnits: mixed packs, and packs switched straight onto the bus.
func TestGuardNeverTripsInOtherUnits(t *testing.T) {
	for _, name := range []string{"mixed", "switched"} {
		text := "name: " + name + "\nunit: units/" + name + ".yaml\nstart: 2021-06-14 10:00 Europe/London\nfor: 20 min\nseed: 4\npacks: {soc: 60 %, temperature: 20 C}\n"
		sc, err := new(scenario.Reader).Parse("../../examples/"+name+".yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		guardDays(t, sc)
	}
}
