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
	c.Put(name, state.String(), c.Met(name, state)+1)
}

// Put sets a count; a state is named as on the page.
func (c Coverage) Put(name, state string, n int) {
	for k := range networks {
		if bess.NetworkState(k).String() != state {
			continue
		}
		if c[name] == nil {
			c[name] = &[networks]int{}
		}
		c[name][k] = n
	}
}

// Met is how often a kind began in a state.
func (c Coverage) Met(name string, state bess.NetworkState) int {
	if c[name] == nil || int(state) >= networks {
		return 0
	}
	return c[name][state]
}

// Add counts another's.
func (c Coverage) Add(o Coverage) {
	for name, counts := range o {
		for state, n := range counts {
			c.Put(name, bess.NetworkState(state).String(), c.Met(name, bess.NetworkState(state))+n)
		}
	}
}

// Names are the kinds that were met, sorted.
func (c Coverage) Names() []string { return slices.Sorted(maps.Keys(c)) }

// Impossible says why a kind of chaos cannot begin in a network state; empty:
// it can. The list is empty: trouble comes from outside and asks for no state.
// What it can do there differs, and that is what is to be found out.
func Impossible(string, bess.NetworkState) string { return "" }
