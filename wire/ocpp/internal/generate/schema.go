package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// schema is the part of JSON Schema draft 7 that the OCPP 1.6 schemas use. Reading is strict, so that a keyword which
// this program does not know is an error and not a check that silently is not made.
type schema struct {
	ID         string   `json:"$id"`
	Schema     string   `json:"$schema"`
	Comment    string   `json:"$comment"`
	Title      string   `json:"title"`
	Type       string   `json:"type"`
	Properties members  `json:"properties"`
	Required   []string `json:"required"`
	Additional *bool    `json:"additionalProperties"`
	Items      *schema  `json:"items"`
	MinItems   int      `json:"minItems"`
	MaxItems   int      `json:"maxItems"`
	MaxLength  int      `json:"maxLength"`
	Enum       []string `json:"enum"`
	Format     string   `json:"format"`
	MultipleOf float64  `json:"multipleOf"`
}

// members are the properties of an object in the order of the file.
type members []member

type member struct {
	name  string
	value *schema
}

// UnmarshalJSON keeps the order.
func (m *members) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		value := new(schema)
		if err := decoder.Decode(value); err != nil {
			return fmt.Errorf("%v: %w", name, err)
		}
		*m = append(*m, member{name.(string), value})
	}
	return nil
}

// readSchemas reads the list and returns the schemas of the wanted messages by "Message.req" and "Message.conf".
func readSchemas(text []byte, wanted []message) (map[string]*schema, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("the schemas are not a JSON list: %w", err)
	}
	raw := make(map[string]json.RawMessage, len(list))
	for _, entry := range list {
		var head struct {
			ID string `json:"$id"`
		}
		if err := json.Unmarshal(entry, &head); err != nil {
			return nil, fmt.Errorf("a schema has no id: %w", err)
		}
		raw[strings.TrimPrefix(head.ID, "urn:")] = entry
	}
	found := make(map[string]*schema)
	for _, m := range wanted {
		for _, half := range []string{m.name + ".req", m.name + ".conf"} {
			entry, ok := raw[half]
			if !ok {
				return nil, fmt.Errorf("the schemas have no %s", half)
			}
			decoder := json.NewDecoder(bytes.NewReader(entry))
			decoder.DisallowUnknownFields()
			value := new(schema)
			if err := decoder.Decode(value); err != nil {
				return nil, fmt.Errorf("schema %s: %w", half, err)
			}
			found[half] = value
		}
	}
	return found, nil
}

// isRequired says whether the object must have that field.
func (s *schema) isRequired(name string) bool {
	for _, required := range s.Required {
		if required == name {
			return true
		}
	}
	return false
}
