// Package si holds the physical quantities of the machine as defined float64
// types, so that a voltage can never be added to a power by accident.
//
// Legal products are methods: Volts.Times(Amps) is Watts, Watts.For(Seconds)
// is WattHours. Every method converts its product explicitly, which forbids
// the compiler to fuse it into a following sum; arm64 and amd64 then agree to
// the last bit (Go specification, "Floating-point operators").
//
// Ratios run from 0 to 1. Percent exists only on screens and in text, where
// Parse and Format read and write it.
package si
