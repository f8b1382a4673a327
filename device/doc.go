// Package device speaks with the machine's parts over their own wires and turns what they say into the unit's snapshot,
// and the unit's commands into what they understand. It knows wires and batteries; it decides nothing.
//
// # Kinds
//
//	kind       wire            table                          far side        its own watchdog
//	Pack       CAN, one each   PackTable (DBC and roles)      PackNode        PackDeadMan where it closes by CAN
//	Converter  Modbus          ConverterTable                 ConverterBank   heartbeat, as installed
//	Inverter   Modbus          SunSpec 701/704/715, own block InverterBank    heartbeat, as installed
//	Meter      Modbus          MeterTable                     MeterBank       none: takes no orders
//	Generator  Modbus          GeneratorTable                 GeneratorBank   GeneratorDeadMan
//	Solar      Modbus          SunSpec 701/704                SolarBank       SolarDeadMan, reversion of 704
//	Post       Modbus          PostTable                      PostBank        PostDeadMan
//	IOModule   CAN             IOTable (DBC)                  IONode          as installed
//	Stations   WebSocket       OCPP 1.6J                      (twin/serve)    duration of every profile
//	Surroundings none          told by Tell                   none            none
//
// One table drives both ends and the manual in docs/protocols. The far sides stand here beside their drivers, so that
// neither can change without the other; the twin and the tests are built on them.
//
// # Every driver
//
// Run owns the connection, goes at its own pace, dials again with jitter and returns only when its context ends. Sense
// copies the newest readings with the instant at which they left the wire; Obey leaves the newest order. Neither ever
// waits for a wire. Drivers write disjoint parts of the snapshot, in any order.
//
// # Dead-man
//
// An order is sent only while the loop keeps naming it (Obey at least every 0.25 s) and its lease holds. A lease that ended
// while the loop lives sends the safe value; a loop that is not heard sends nothing at all, no heartbeat either, so that
// the far side's own watchdog decides, and islands hold their last references as long as it lets them.
//
// # Unknown
//
// What a device did not say is missing. A silent device's readings keep their age; nothing is ever filled in.
package device
