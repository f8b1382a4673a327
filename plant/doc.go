// Package plant holds the pure curves of everything around the cells: losses of
// converters and inverters, fuel and frequency of generators, solar power,
// charge power of vehicles, the cabinet's own use, and the carbon factors of
// fuel and grid.
//
// Every number names its source; what has none says "assumption" and is meant to
// be replaced by configuration. Powers here are magnitudes in the direction that
// the function names, never negative: the sign of the machine (positive = into
// the bus) is the caller's. Zero values are safe: a curve without parameters
// carries nothing and uses nothing. No function allocates.
package plant
