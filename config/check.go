package config

import (
	"fmt"

	"reprise/bess"
)

// Sizes of a unit. Nothing in the house assumes seven packs or nine outlets; these are the bounds that are tested.
const (
	leastPacks  = 2
	mostPacks   = 32
	leastOutlet = 1
	mostOutlets = 64
	mostParts   = 64
)

// Check finds what cannot be safe, and warns of what will disappoint. Paths name the keys; places are known only to
// whoever read the text.
func Check(u *bess.Unit) Faults {
	c := checker{}
	c.sizes(u)
	return c.faults
}

func (c *checker) sizes(u *bess.Unit) {
	count := func(path string, n, least, most int) {
		c.need(n >= least && n <= most, path, fmt.Sprintf("%d of them", n), fmt.Sprintf("a unit has %d to %d", least, most))
	}
	count("packs", len(u.Packs), leastPacks, mostPacks)
	count("outlets", len(u.Outlets), leastOutlet, mostOutlets)
	count("circuits", len(u.Circuits), 0, mostParts)
	count("feeders", len(u.Feeders), 0, mostParts)
}
