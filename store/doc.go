// Package store keeps what must survive: the ledger's entries, events, visits,
// requests with their answers, alarms that wait to be told to a person, the
// controller's checkpoint, and series for the page.
//
// # Durability
//
// The loop hands over one Batch and goes on; it never waits. A single writer
// commits batches to SQLite (WAL, synchronous=FULL), writes the checkpoint
// (new file, fsync, rename, fsync of the folder), and only then lets
// DurableUpTo rise. A batch that cannot be written stays in memory and is tried
// again; an entry is never dropped.
//
// # Series
//
// One log per hour, a record a second, each synced; a finished hour is sealed
// into Parquet (scaled integers, delta, zstd), read back and compared, and only
// then is its log removed. Minutes are kept longer than seconds. When disks
// fill, series yield first.
package store
