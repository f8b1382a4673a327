// Package sunspec reads, writes and serves SunSpec models over a Modbus bus: one table per model drives discovery,
// the client's side ([Device], [Block]), the device's side ([Bank], [Section]) and the manual ([Layout.Manual]).
//
// # Where the tables come from
//
// The models are written here from the published definitions: the repository sunspec/models (Apache-2.0), read on
// 2026-11-23 from a stored copy: json/model_1.json at commit 4df61ae0, 701 and 713 at ab6f2c9a, 702 at c8102f6e, 703 at
// 0b4bf05d, 704 at 403673f5, 714 at 6f332a29, 715 at 1f69436b. They were compared with two younger transcriptions (the
// library cuprous-au/sunspec-modbus-codec at 451a2a38, generated from the definitions of its day, and one of the DER
// Information Model Specification v1.2). Where those agree with each other against the copy they win: the power
// factors of model 701 are signed, model 713 has Pct_SF and so 7 registers. Two readings are ours: NPrt of 714 is of
// type count, and port temperatures use Tmp_SF, which has no other use there. Names, offsets, types and symbols are
// facts of that publication; the explanations are ours. Encodings and "not implemented" patterns follow the SunSpec
// Device Information Model Specification, section 6.4.
//
// # Traps that this package knows
//
//   - The DER models were renumbered before release: early 7xx drafts count enumerations from 1, have 16-bit
//     heartbeats in 715 and call WSetEnaRvrt WSetRvrtEna. A device built from a draft is noticed by its model length,
//     where that changed, and by nothing else: read back what was written.
//   - A value whose scale factor is not implemented is not a number. It is reported as invalid, not as if the
//     exponent were zero.
//   - Scale factors belong to the device. A write uses the exponent that was read from it and rounds to the nearest
//     count; a write before the exponent is known is refused.
//   - Model lengths are the device's word. Points beyond a shorter length are "not implemented"; repeated groups are
//     counted from the length.
//   - Some devices never send the end model: an address refused after the last model ends the walk too.
//   - The reversion timers of model 704 and the heartbeats of 715 count whole seconds, and devices exist that show
//     but do not obey them. A driver proves them at commissioning before it relies on them.
//   - There is no SunSpec model for the set-points of a DC/DC converter. Converters use a register table of their own
//     (package modbus, [modbus.Table]); model 714 only measures.
//
// The package knows wires, not devices: what a point means for a machine is said elsewhere.
package sunspec
