package scenario

import (
	"bytes"
	_ "embed"
)

//go:embed reference-day.yaml
var referenceDay []byte

// ReferenceDay is the day with which a newcomer begins, as in examples/reference-day.yaml, read from the program itself
// with the reference unit.
func ReferenceDay() (*Scenario, error) {
	text := bytes.Replace(referenceDay, []byte("unit: units/max.yaml"), []byte("unit: reference"), 1)
	return new(Reader).Parse("reference-day.yaml", text)
}
