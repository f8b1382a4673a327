// Package ocpp speaks OCPP-J, the protocol between charging stations and their central system, from both ends: [Central]
// is the central system as an http.Handler, [Point] the station's side. It knows the protocol and nothing of batteries.
//
// # Engine
//
// A message is a JSON list in a WebSocket text message: [2, id, action, payload] asks, [3, id, payload] answers,
// [4, id, code, description, details] refuses. The version of OCPP is the WebSocket sub-protocol; a [Protocol] is the table
// of its messages, and one endpoint serves every version that it was given. Package v16 holds the table of OCPP 1.6 and its
// Go types, generated from the published schemas. Payloads are checked against the table in both directions: a wrong call
// is refused with the code that the version has for it, and our own wrong message is an error before it leaves.
//
// Each connection has three goroutines (read, write, handle) and one slot for an outstanding call, as OCPP-J demands. No
// lock is shared between stations, so three hundred silent stations give three hundred timeouts at their deadlines and hold
// up nobody else. All queues are bounded: more calls than fit are refused, a station that only talks and never reads is
// disconnected, a message above the size limit ends its connection. A second connection of the same identity replaces the
// first, which is told why. What was refused, dropped or broken is counted in [Counters].
//
// A call that comes again on the same connection, same id and same contents, gets the same answer and is not carried out
// twice, unless it was refused the first time. An answer after the deadline is dropped and counted: a timeout means that nobody knows whether the station obeyed.
//
// # Traps of the field
//
// The engine delivers messages. Whoever drives stations with it must know that
//   - a charging profile without a duration stays in force when the central system dies: send a duration with every
//     profile, renew it in time, and set the station's default profile low;
//   - a profile of kind Absolute without startSchedule is refused by some stations and misread by others: always send it;
//   - stations lose profiles when they boot and when the connection breaks: after each Connected and each accepted boot
//     send them again, read them back with GetCompositeSchedule, and compare with the meter, since some accept a profile and
//     ignore it;
//   - limits have a resolution of 0.1 (v16.Tenths rounds down to it);
//   - after a lost connection StartTransaction and StopTransaction come late, repeated with new ids, or the start never:
//     recognise them by connector, tag, time and meter reading, not by message id;
//   - the station's clock, and so every timestamp, may be wrong; the measurand and unit of a meter value may be absent and
//     then mean Energy.Active.Import.Register in Wh;
//   - follow a boot or a trigger from Answered, not from Handle, so that the call arrives after the answer.
package ocpp
