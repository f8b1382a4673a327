package main

import (
	"fmt"
	"strings"
)

// goType is the Go type of a field. Optional values are pointers, so that absence is not a value; lists and enumerations
// are absent when empty, since neither has a legal empty value that means something else.
func (g *generator) goType(s *schema, required bool) string {
	if s.Type == "array" {
		return "[]" + g.goType(s.Items, true)
	}
	base := ""
	switch {
	case s.Enum != nil:
		return g.names[s]
	case s.Type == "object":
		base = g.names[s]
	case s.Type == "string" && s.Format == "date-time":
		base = "ocpp.Time"
	case s.Type == "string":
		base = "string"
	case s.Type == "integer":
		base = "int"
	case s.Type == "number":
		base = "float64"
	case s.Type == "boolean":
		base = "bool"
	}
	if required {
		return base
	}
	return "*" + base
}

// shape is the Go expression that builds the check of a value.
func (g *generator) shape(s *schema) string {
	switch {
	case s.Type == "array":
		return fmt.Sprintf("ocpp.List(%s, %d, %d)", g.shape(s.Items), s.MinItems, s.MaxItems)
	case s.Type == "object", s.Enum != nil:
		return unexported(g.names[s]) + "Shape()"
	case s.Type == "string" && s.Format == "date-time":
		return "ocpp.DateTime()"
	case s.Type == "string":
		return fmt.Sprintf("ocpp.Text(%d)", s.MaxLength)
	case s.Type == "integer":
		return "ocpp.Integer()"
	case s.Type == "number":
		return fmt.Sprintf("ocpp.Number(%g)", s.MultipleOf)
	case s.Type == "boolean":
		return "ocpp.Boolean()"
	}
	return fmt.Sprintf("unknown type %q", s.Type) // no Go expression: formatting the file fails and names it
}

func (g *generator) objectShape(object *schema) string {
	var b strings.Builder
	b.WriteString("ocpp.Object(")
	for n, m := range object.Properties {
		if n == 0 {
			b.WriteByte('\n')
		}
		kind := "Optional"
		if object.isRequired(m.name) {
			kind = "Required"
		}
		fmt.Fprintf(&b, "ocpp.%s(%q, %s),\n", kind, m.name, g.shape(m.value))
	}
	b.WriteByte(')')
	return b.String()
}

// describe says in words what a field may be.
func (g *generator) describe(m member, required bool) string {
	s := m.value
	text := ""
	switch {
	case s.Type == "array":
		text = "list"
	case s.Enum != nil:
		text = "enumeration"
	case s.Type == "object":
		text = "object"
	case s.Format == "date-time":
		text = "time"
	case s.Type == "string" && s.MaxLength > 0:
		text = fmt.Sprintf("text of at most %d characters", s.MaxLength)
	case s.Type == "string":
		text = "text"
	case s.Type == "integer":
		text = "whole number"
	case s.Type == "number" && s.MultipleOf > 0:
		text = fmt.Sprintf("multiple of %g", s.MultipleOf)
	case s.Type == "number":
		text = "number"
	case s.Type == "boolean":
		text = "true or false"
	}
	if unit := unitOf(m.name); unit != "" {
		text += " " + unit
	}
	if !required {
		text += ", optional"
	}
	return text
}

// unitOf is the unit of a number, from the OCPP 1.6 specification; the schemas have none.
func unitOf(field string) string {
	switch field {
	case "meterStart", "meterStop":
		return "of Wh"
	case "interval", "duration":
		return "of s"
	case "startPeriod":
		return "of s from the start of the schedule"
	case "limit", "minChargingRate":
		return "in the unit of the schedule"
	}
	return ""
}
