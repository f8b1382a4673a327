package config

import (
	"strings"

	"reprise/bess"
)

// Galvanic is a set of parts that are connected by conductors. One insulation monitor may be active in each; others in
// the same set disturb it and are interlocked.
type Galvanic struct {
	Parts   []string
	Monitor string   // the one that is active
	Others  []string // monitors that must be off while it is
}

// Galvanics derives the sets from what is declared isolated.
func Galvanics(u *bess.Unit) []Galvanic {
	bus := Galvanic{Parts: []string{"DC bus"}, Monitor: "monitor of the DC bus"}
	var sets []Galvanic
	for i := range u.Packs {
		name := u.Packs[i].Name
		isolated := false
		for k := range u.Converters {
			isolated = isolated || int(u.Converters[k].Pack) == i && u.Converters[k].Isolated
		}
		if isolated {
			sets = append(sets, Galvanic{Parts: []string{name}, Monitor: "own monitor of " + name})
			continue
		}
		bus.Parts = append(bus.Parts, name)
		bus.Others = append(bus.Others, "own monitor of "+name)
	}
	for i := range u.Feeders {
		if f := &u.Feeders[i]; f.DC {
			bus.Parts = append(bus.Parts, f.Name)
			if f.Kind == bess.CCS {
				bus.Others = append(bus.Others, "monitor of the charger at "+f.Name)
			}
		}
	}
	if !u.Inverter.Isolated {
		bus.Parts = append(bus.Parts, "AC network")
		return append([]Galvanic{bus}, sets...)
	}
	return append([]Galvanic{bus, {Parts: []string{"AC network"}, Monitor: "residual current devices"}}, sets...)
}

// galvanic says where one monitor per set cannot work.
func (c *checker) galvanic(u *bess.Unit) {
	sets := Galvanics(u)
	bus := sets[0]
	if u.Bus.Topology == bess.SwitchedPacks {
		c.need(u.Inverter.Isolated, "inverter.isolated", "packs on the bus and a network with an earthed neutral would be one galvanic set: an insulation monitor cannot watch it", "use an isolated inverter or a transformer")
	} else if !u.Inverter.Isolated {
		c.warn(false, "inverter.isolated", "the DC bus and the earthed AC network are one galvanic set", "the bus is watched only while no neutral is bonded to earth")
	}
	var own []string
	for _, other := range bus.Others {
		if strings.HasPrefix(other, "own ") {
			own = append(own, other)
		}
	}
	path := "converters"
	if u.Bus.Topology == bess.SwitchedPacks {
		path = "packs"
	}
	c.warn(len(own) == 0, path, "on one set with the bus: "+strings.Join(own, ", "), "only the bus monitor may be active while they are connected")
}
