package config

import (
	"encoding/json"
	"fmt"
	"reflect"

	"reprise/bess"
)

// Schema is the JSON Schema (draft 2020-12) of a unit file, for editors that complete and underline. What only Check
// can judge is not in it.
func Schema() ([]byte, error) {
	root := schemaOf(reflect.TypeFor[bess.Unit](), "")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Reprise unit"
	root["description"] = "The installed machine. Quantities are written with their units; what is left out has a default, see \"reprise check\"."
	one := schemaOf(reflect.TypeFor[bess.Converter](), "")
	one["description"] = "One converter for every pack, instead of the list converters."
	if keys, ok := root["properties"].(map[string]any); ok {
		keys["converter"] = one
	}
	root["required"] = []string{"name", "packs", "inverter", "outlets"}
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the schema: %w", err)
	}
	return append(text, '\n'), nil
}

// schemaOf describes what may stand behind a key whose field has the given type.
func schemaOf(t reflect.Type, field string) map[string]any {
	switch t {
	case reflect.TypeFor[bess.PackType]():
		return map[string]any{"type": "string", "description": "name of a pack type"}
	case reflect.TypeFor[[bess.InputCount]bool]():
		return map[string]any{"type": "array", "items": map[string]any{"enum": spellings(reflect.TypeFor[bess.Input]())}}
	}
	if names := spellings(t); names != nil {
		if t == reflect.TypeFor[bess.Tri]() { // YAML readers of other makers take yes and no for truth values
			return map[string]any{"enum": []any{"unknown", "no", "yes", true, false}}
		}
		return map[string]any{"enum": names}
	}
	if c, ok := codecOf(t, field); ok {
		return schemaOfText(t, c)
	}
	switch t.Kind() {
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem(), field)}
	case reflect.Struct:
		keys := map[string]any{}
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				keys[keyOf(f.Name)] = schemaOf(f.Type, f.Name)
			}
		}
		return map[string]any{"type": "object", "additionalProperties": false, "properties": keys}
	default:
		return map[string]any{} // no unit holds another kind
	}
}

func schemaOfText(t reflect.Type, c codec) map[string]any {
	s := map[string]any{"type": "string"}
	switch {
	case t.Kind() == reflect.Bool:
		return map[string]any{"enum": []any{"yes", "no", true, false}}
	case c.example != "" && c.pattern != "" && isPlainNumber(c):
		return map[string]any{"type": "number", "examples": []any{json.Number(c.example)}}
	}
	if c.pattern != "" {
		s["pattern"] = c.pattern
	}
	if c.example != "" {
		s["examples"] = []string{c.example}
	}
	return s
}

// isPlainNumber tells whether the value has no unit.
func isPlainNumber(c codec) bool {
	_, err := parseFinite(c.example)
	return err == nil
}
