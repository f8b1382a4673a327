// Package v16 holds the messages of OCPP 1.6J as Go types, the table that checks them, and the life of a station.
//
// The types and the table (*.gen.go) are generated from the published JSON schemas. Optional values are pointers
// (new(16) makes one), so that absence is never a number; optional lists and enumerations are absent when empty.
package v16
