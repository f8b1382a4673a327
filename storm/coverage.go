package storm

import (
	"maps"
	"slices"

	"reprise/bess"
)

// networks is how many states a network has.
const networks = int(bess.NetworkTransferring) + 1

// Coverage counts how often each kind of chaos began in each network state.
type Coverage map[string]*[networks]int

func (c *Coverage) add(name string, state bess.NetworkState) {
	if *c == nil {
		*c = Coverage{}
	}
	if (*c)[name] == nil {
		(*c)[name] = &[networks]int{}
	}
	if int(state) < networks {
		(*c)[name][state]++
	}
}

// Add counts another's.
func (c *Coverage) Add(o Coverage) {
	for name, counts := range o {
		for state, n := range counts {
			for range n {
				c.add(name, bess.NetworkState(state))
			}
		}
	}
}

// Names are the kinds that were met, sorted.
func (c Coverage) Names() []string { return slices.Sorted(maps.Keys(c)) }

// Impossible says why a kind of chaos cannot meet a network state; empty: it
// can.
func Impossible(name string, state bess.NetworkState) string {
	_ = name
	_ = state
	return ""
}
