// Package can speaks CAN: frames, DBC databases read at run time, staleness, checksums, transports and candump logs.
// It knows wires, not batteries: what a signal means to a pack is the business of the device that owns the database.
//
// # Units
//
// A signal carries whatever unit its database declares ([Signal.Unit], free text such as "V" or "0.1 kW"); nothing is
// converted to SI here. Physical values are raw*factor+offset, computed as two separately rounded operations so that
// amd64 and arm64 agree to the bit. Times are [time.Time] and handed in by the caller, except for the arrival stamp
// that the transports take when a frame leaves the wire ([Arrival]).
//
// # From text to values
//
// [Load] turns DBC text into an immutable [Database] that any number of goroutines may share. An [Inbox] holds the
// newest values of one bus: feed it every frame that a [Bus] receives, read copies at your own pace. [Message.Encode]
// and [Protection.Seal] go the other way. [Channel] carries diagnostic payloads (ISO-TP), [LogReader] reads recordings.
//
// # Traps
//
//   - Unknown is never zero. A frame too short for a signal, a multiplexed signal whose page is not in the frame, or a
//     raw value that the database declares as "no value" gives Valid == false, and Physical must not be read.
//   - A value outside the declared [min|max] is kept and flagged (InRange == false), never clamped. [0|0] declares no
//     range, as is the custom in DBC files.
//   - [Message.Encode] rounds to the nearest raw value. Truncation, the habit of many generated setters, turns 351.2 V
//     at 0.1 V/bit into 351.1 V. A value that the bits cannot hold is an error, never a silent wrap or clamp.
//   - The start bit of a Motorola (big-endian) signal is its most significant bit, of an Intel signal its least.
//   - The pages of a multiplexed message age separately: look at [Sample.At], not at the arrival of the last frame.
//   - A frame with a wrong length, a wrong checksum or a stuck counter is counted and never used, so its message goes
//     stale by itself.
//   - Standard identifier 0x102 and extended identifier 0x102 are two different messages.
//   - Databases made by observation may overlap signals in one message. That is a warning ([Database.Warnings]), not an
//     error: two public ones do, and which of the two signals is right is unknown.
package can
