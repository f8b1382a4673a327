package main

import (
	"bytes"
	"testing"

	"reprise/guard"
)

// throughFile writes limits and reads them again.
func throughFile(t *testing.T, limits *guard.Limits) *guard.Limits {
	t.Helper()
	var text bytes.Buffer
	if err := limits.Write(&text); err != nil {
		t.Fatal(err)
	}
	read, err := guard.ReadLimits(text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return read
}
