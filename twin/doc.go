// Package twin is the physics of the whole machine, with faults as values: used
// packs, converters, the DC bus, the inverter, the AC side with its supplies,
// vehicle outlets, the cabinet and the I/O module. Nothing in it decides; it
// obeys orders the way devices do (late, quantised, only while their lease and
// heartbeat run) and says what they would say.
//
// # Truth and nominal
//
// The twin draws its true parameters from a seed around the type's nominal
// ones. The controller sees nominal ones and readings; only Truth tells what is.
//
// # One tick
//
// Sense writes what the devices say at the present moment; Step then advances
// the world under orders given at that moment. Within a step powers are
// constant. The DC bus is solved implicitly (backward Euler in its stored
// energy), so that a stiff bus cannot become unstable at 100 ms; every other
// state follows from the powers that the solution names.
//
// # Orders, leases, resets
//
// Step(nil, dt) is a tick without orders: devices live on what they last heard.
// On a network a converter and the inverter follow while the order's lease
// holds and orders were heard within their heartbeat; in droop and when forming
// they keep their references for their island hold after the lease was last
// moved on. Contactors and relays obey while the lease holds and the I/O module
// was heard within its watchdog. A station keeps an order for the shorter of
// its lease and its own hold, then falls back.
//
// A converter's limits (Discharge, Charge) bind in every mode, zero included.
// A tripped converter or inverter is reset by an order to be off, one that its own
// over-voltage comparator blocked only with the bus back in its window; a generator
// that failed to start or tripped, by withdrawing Run; contacts that dropped
// for want of coil supply close again only after their order was withdrawn
// once; the hard-wired latch only by ResetLocal; welds, fuses, RCDs and
// breakers by Heal of their fault.
//
// # Energy
//
// Each power is booked once where it flows. Stored energies (cells, links, bus,
// 12 V battery) are functions of state, so that Truth.BalanceError is a test
// and not a definition. Overpotential of a cell counts as loss when it arises.
//
// # Sign
//
// As in package bess: positive is into the bus on which the device hangs.
package twin
