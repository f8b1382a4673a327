// Package modbus moves 16-bit registers between a master and a slave, and gives them names, scales and limits.
//
// It has three layers, each usable alone:
//
//   - [Registers] is what a driver needs of a bus: read and write blocks of registers. [Client] speaks Modbus TCP
//     (MBAP) or RTU framing over any [net.Conn], so it runs over net.Pipe in virtual time; [Master] is the library
//     simonvetter/modbus for sockets and serial ports; [Memory] calls a [Handler] directly, with injectable delay
//     and faults.
//   - [Handler] is what a slave offers. [Server] serves it over Modbus TCP to several masters, [Slave] over a serial
//     line.
//   - [Table] describes registers once. Compiled into a [Map] it drives the master's side ([Reader]), the slave's
//     side ([Bank], which validates every write) and the manual ([Map.Manual]).
//
// # Traps that this package closes
//
//   - A bus carries one exchange at a time. Every implementation of Registers serialises its callers and honours each
//     caller's deadline while waiting for its turn.
//   - A late answer must never be taken for a fresh one: the transaction number is checked and the connection is
//     dropped after any transport error.
//   - A half-written 32-bit value is worse than none: the bank refuses writes that split a point, and applies a block
//     completely or not at all.
//   - A value that does not fit is refused, never saturated and never truncated; rounding is to nearest.
//   - "Not available" is [Value.Valid] == false, never a number. On the wire it is the pattern that SunSpec also uses
//     (0xFFFF, 0x8000, 0xFFFFFFFF, 0x80000000, NaN).
//   - A stuck master repeats the same heartbeat for ever: only a changed heartbeat value counts as a sign of life.
//   - Register addresses here are the zero-based numbers on the wire. Manuals that count from 1 or write 4xxxx are
//     translated where their table is written, not here.
package modbus
