// Package config turns text into the installed machine and back.
//
// A unit file is YAML, read strictly: an unknown key, a number without its unit, a wrong unit, a name used twice and a
// reference to nothing are faults, each with file, line, column and what to do, and all of them are reported at once.
// The keys are the field names of package bess in lower case with underscores ("pack_current"); what a file leaves out
// is filled by one function, standards, and Print writes the effective form, which reads back to the same Unit.
//
// Check refuses what cannot be safe whatever it was read from. PackTypes are data: a description and a CAN database per
// type, built in or read from a folder.
//
// The reader (Parse, Node, Decode) knows nothing of batteries and also reads scenarios.
package config
