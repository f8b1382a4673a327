package unit

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

// A bus that bleeds through a resistor after its loads ran down: the time that
// is told is never shorter than the true one by more than a tenth, and nothing
// is told of the first seconds.
func TestBusFallIsMeasuredAndNotFlattering(t *testing.T) {
	const tau = 120.0
	volts := func(s float64) float64 {
		if s < 5 { // loads run down
			return 750 - 30*s
		}
		return 600 * math.Exp(-(s-5)/tau)
	}
	truth := 5 + tau*math.Log(600.0/touchSafe)
	before := bess.BusPicture{}
	for tick := range 3000 {
		s := float64(tick) / 10
		bus := bess.BusPicture{Volts: bess.Known(si.Volts(volts(s)))}
		fall(&bus, &before, bess.Instant(tick*100), true)
		text := busDanger(&bus)
		switch {
		case s < 19.9:
			if bus.ToSafe.Known || !strings.Contains(text, "Do not open") {
				t.Fatalf("after %.1f s it already tells a time: %s", s, text)
			}
		case s > 21 && volts(s) >= touchSafe:
			if !bus.ToSafe.Known || bus.ToSafe.Value < 0.9*(truth-s) || bus.ToSafe.Value > 1.3*(truth-s)+10 {
				t.Fatalf("after %.1f s: %s, true are %.0f s, told %+v", s, text, truth-s, bus.ToSafe)
			}
		case volts(s) < touchSafe:
			if !strings.Contains(text, "below 60 V. Prove it dead") {
				t.Fatalf("after %.1f s: %s", s, text)
			}
		}
		before = bus
	}
}

func TestBusDangerIsNeverSilent(t *testing.T) {
	still := bess.BusPicture{}
	for tick := range 600 {
		now := bess.BusPicture{Volts: bess.Known(si.Volts(588))}
		fall(&now, &still, bess.Instant(tick*100), true)
		still = now
	}
	unheard := bess.BusPicture{Volts: bess.Figure{Why: "not measured yet"}}
	fall(&unheard, &still, 60100, true)
	lost := unheard
	lost.Volts = lost.Volts.After(still.Volts, 1)
	for _, c := range []struct {
		bus  bess.BusPicture
		want string
	}{
		{still, "still at 588 V and not falling"},
		{unheard, "not measured. Treat it as live"},
		{lost, "588 V at the last one. Treat it as live"},
	} {
		if got := busDanger(&c.bus); !strings.Contains(got, c.want) {
			t.Errorf("got %q, want %q in it", got, c.want)
		}
	}
}

func TestWhatWasKnownIsRememberedWithItsAge(t *testing.T) {
	known := bess.Known(si.Volts(400))
	gone := bess.Figure{Why: "not measured yet"}
	first := gone.After(known, 1)
	second := gone.After(first, 2)
	text, err := json.Marshal(second)
	if err != nil || string(text) != `{"why":"no reading since","last":400,"age":3}` {
		t.Errorf("got %s, %v", text, err)
	}
	if never := gone.After(gone, 1); never.Last || never.Known {
		t.Errorf("what was never known cannot be remembered: %+v", never)
	}
	if again := known.After(second, 1); again != known {
		t.Errorf("what is known needs no memory: %+v", again)
	}
}

func TestAlarmsOfOneRuleAreSaidTogether(t *testing.T) {
	alarm := func(rule int, where string) bess.AlarmPicture {
		return bess.AlarmPicture{Number: rule, Level: "open", Where: where}
	}
	for want, alarms := range map[string][]bess.AlarmPicture{
		"Pack 1":                           {alarm(1, "Pack 1"), alarm(2, "Pack 2")},
		"Three packs":                      {alarm(1, "Pack 1"), alarm(1, "Pack 2"), alarm(1, "Pack 7")},
		"Catering and tools and one other": {alarm(1, "Catering and tools"), alarm(1, "Stage")},
		"Two outlets":                      {alarm(1, "Outlet 1"), alarm(1, "Outlet 2")},
	} {
		if got := together(alarms, 0); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// After a stop the packs fall silent one by one: what the store held is told
// from each pack's own last word, and a pack that never spoke is counted.
func TestTheStoreIsRemembered(t *testing.T) {
	none := bess.Figure{Why: "no pack reports yet"}
	last := func(x float64, age si.Seconds) bess.Figure {
		return bess.Figure{Value: x, Age: age, Last: true, Why: "it does not report"}
	}
	p := &bess.Picture{Store: bess.StorePicture{SoC: none, FullToday: none, Deliverable: none}}
	p.Packs = []bess.PackPicture{{SoC: last(0.5, 3), Today: last(20000, 3)}, {SoC: last(0.8, 7), Today: last(10000, 7)}, {SoC: none, Today: none}}
	recall(p)
	s := p.Store
	if math.Abs(s.SoC.Value-0.6) > 1e-9 || !s.SoC.Last || s.SoC.Age != 7 || s.FullToday.Value != 30000 ||
		s.Deliverable.Why != "no pack reports now; 2 of 3 ever did" {
		t.Errorf("got %+v", s)
	}
	never := &bess.Picture{Store: bess.StorePicture{SoC: none}, Packs: []bess.PackPicture{{SoC: none, Today: none}}}
	if recall(never); never.Store.SoC != none {
		t.Errorf("what was never known is remembered: %+v", never.Store.SoC)
	}
}
