// Command generate turns the published JSON schemas of OCPP 1.6 into the Go types and tables of package v16. The schemas
// themselves are not part of this repository; npm package ocpp-rpc brings them (folder wire/ocpp/peer).
//
// Usage: generate -schemas FILE -out DIR
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	schemas := flag.String("schemas", "", "JSON file with the list of OCPP 1.6 schemas")
	out := flag.String("out", "", "folder of the generated Go files")
	flag.Parse()
	if err := run(*schemas, *out); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run reads the schemas and writes every file that changed.
func run(schemas, out string) error {
	text, err := os.ReadFile(schemas)
	if err != nil {
		return fmt.Errorf("reading the schemas (run \"npm ci\" in wire/ocpp/peer first): %w", err)
	}
	files, err := Generate(text)
	if err != nil {
		return err
	}
	for name, contents := range files {
		if err := os.WriteFile(filepath.Join(out, name), contents, 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}
