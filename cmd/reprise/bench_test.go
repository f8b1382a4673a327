package main

import (
	"testing"

	"reprise/scenario"
	"reprise/twin"
)

// Every act of the bench is named once, names parts that are there, and can be done to the twin and undone.
func TestBenchActs(t *testing.T) {
	sc, err := scenario.ReferenceDay()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{stage: &stage{sc: sc}}
	world := twin.New(sc.Unit, 1, twin.Start{Clock: sc.Civil(0), Ambient: 15})
	names := map[string]bool{}
	for _, a := range b.acts() {
		if names[a.Name] {
			t.Errorf("%s is there twice", a.Name)
		}
		names[a.Name] = true
		if a.do == nil || a.Name == "plug" { // a kill is no deed of the twin; a car needs a director
			continue
		}
		to := []int{0}
		for i, target := range a.Targets {
			if target.Name == "" {
				t.Errorf("%s: target %d has no name", a.Name, i)
			}
			to = append(to[:0], target.Index)
		}
		a.do(world, to[0], a.Usual, false)
		a.do(world, to[0], 0, true)
	}
	for _, name := range []string{"twelve-volt", "rotation", "unit-rcd", "gas", "water", "converter-deaf"} {
		if !names[name] {
			t.Errorf("the bench cannot do %s", name)
		}
	}
}
