// Package wires proves the whole over its real protocols: the running unit with
// its drivers on one side, the twin behind CAN, Modbus and OCPP on the other,
// and a scenario's story between them, all in virtual time. The stories are
// those that a study plays at function level; here every frame, register and
// message is on its wire, and a wire can be cut.
//
// It holds tests only.
package wires
