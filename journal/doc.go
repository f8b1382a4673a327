// Package journal is the black box: the exact inputs of every tick, the orders
// that followed, and the controller's state once a minute, so that an incident
// can be run again to the bit.
//
// # File
//
// One file per hour, little endian. A file begins with eight bytes "RPRJNL"
// and the format version, then come records:
//
//	length  uint32  of the body
//	check   uint32  CRC-32C of kind and body
//	kind    uint8   header, ticks, checkpoint
//	body    bytes
//
// The first record is the header; it names build, configuration, unit, seed
// and sizes. A checkpoint holds the controller's state as opaque bytes. A ticks
// record holds about a second of ticks, compressed with zstd. A record whose
// check fails ends the readable part: the tail was torn by a power cut.
//
// # Tick
//
// A tick is a fixed list of 64-bit words: every field of the snapshot and of
// the orders of the tick before. Written are one bit per word (changed since
// the tick before), then the changed words: moments as distance from now,
// everything else as its bits. After a checkpoint and after a loss the
// comparison begins from zero, so reading can begin there.
//
// # Full disks
//
// The loop never waits. Its side fills memory and hands over once a second; if
// the writer has not kept up, that second is dropped, counted and said, and a
// new checkpoint is asked for.
package journal
