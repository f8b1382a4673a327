// Package guard is the second process: it reads the same frames as the controller with a decoder of its own, from a
// limits file of its own, and all that it can do is withhold its half of the hold-in pulses. Without both halves the I/O
// module inhibits converters and inverter, and half a second later drops the coils.
//
// It shares with the rest of the house only the wire (frames in, one frame out) and the type of an instant. It has no
// network listener, no store and no configuration beside its file.
//
// # One pass
//
//	limits.go  the file: what is read where, and beyond what the guard withholds; refused when its checksum is wrong
//	frame.go   bits to numbers, checksums and counters; the [Image] of what is known, each value with its age
//	judge.go   [Judge]: image and time in, [Verdict] out; no clock, no allocation, no I/O
//	pulse.go   the I/O module's question and the answer that makes one pulse; the same check of the controller's pulses
//	run.go     connections and the loop
//
// # Two ways to withhold
//
// What may end by itself (the controller is silent or wrong, the guard's own loop was late) withholds while it lasts and
// a second longer. A pack beyond a limit latches: the pulse frame says "tripped", the I/O module latches with it, and
// both let go only when a person presses reset at the unit and nothing stands beyond its limit any more.
//
// # What a pack must be for a row to judge it
//
// A row judges a pack that is in use: it says closed, or the controller orders it closed, or current flows. A pack that
// the controller has taken out in time is no longer the guard's business, so that six packs carry on without the seventh.
//
// # Sign and units
//
// Current is positive when the pack discharges. Volts, amperes, degrees Celsius, ampere-hours, ohms, milliseconds.
package guard
