package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reprise/internal/require"
)

// TestGeneratedIsCommitted: the files of package v16 are what the published schemas give.
func TestGeneratedIsCommitted(t *testing.T) {
	schemas := filepath.Join("..", "..", "peer", "node_modules", "ocpp-rpc", "lib", "schemas", "ocpp1_6.json")
	text, err := os.ReadFile(schemas)
	if err != nil {
		require.Tool(t, require.Node, "no schemas: run \"npm ci\" in wire/ocpp/peer")
	}
	files, err := Generate(text)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join("..", "..", "v16")
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("v16/%s is not what the generator writes (%v): run \"go generate ./wire/ocpp/v16\"", name, err)
		}
	}
	committed, err := filepath.Glob(filepath.Join(folder, "*.gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range committed {
		if files[filepath.Base(path)] == nil {
			t.Errorf("%s comes from no schema any more: remove it", path)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"idTag": "IDTag", "transactionId": "TransactionID", "iccid": "ICCID", "csChargingProfiles": "CSChargingProfiles",
		"L1-N": "L1N", "Energy.Active.Import.Register": "EnergyActiveImportRegister", "kWh": "KWh", "SoC": "SoC",
		"EVDisconnected": "EVDisconnected", "readonly": "Readonly",
	} {
		if got := exported(name); got != want {
			t.Errorf("%s became %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string]string{"IDTagInfo": "idTagInfo", "Reason": "reason", "ID": "id"} {
		if got := unexported(name); got != want {
			t.Errorf("%s became %s, want %s", name, got, want)
		}
	}
}

// TestUnknownKeywords: a check that the generator would not make is an error and not silence.
func TestUnknownKeywords(t *testing.T) {
	for text, says := range map[string]string{
		`{}`: "not a JSON list",
		`[]`: "have no Authorize.req",
		`[{"$id":"urn:Authorize.req","type":"object","pattern":"x"}]`:                    "pattern",
		`[{"$id":"urn:Authorize.req","type":"object","properties":{"a":{"minimum":1}}}]`: "minimum",
	} {
		if _, err := Generate([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q in it", text, err, says)
		}
	}
}
