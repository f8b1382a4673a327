// Package bess holds the nouns of the machine: the unit and its parts as
// installed, what they report (Snapshot), what is wanted (Request), what is
// ordered (Commands), and what everybody may know (Picture). It has no
// behaviour beyond keeping those values honest.
//
// # Sign
//
// Positive is into the bus on which the device hangs. A discharging pack, a
// converter that feeds the DC bus, an importing feeder and an inverter that
// feeds the AC bus are positive; a charging pack, an outlet and a circuit that
// draw are negative. Screens, the API and scenarios speak of "draw" and
// "feed", both positive. Limits are magnitudes, never negative.
//
// # Unknown
//
// A Reading or a Flag whose zero value nobody overwrote is missing. The only
// way to a number is Fresh, which wants to know how old it may be. No in-band
// value ever means "unknown".
//
// # Leases
//
// Every order and every limit says who gave it and until when (Lease, Limit).
// A limit that ends falls back to the installed default, never to freedom.
//
// # Buffers
//
// A machine has 2 to 32 packs and 1 to 64 outlets; slices are sized once, by
// NewSnapshot and NewCommands, and keep their length for life.
package bess
