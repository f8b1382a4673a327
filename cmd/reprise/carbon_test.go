package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reprise/bess"
	"reprise/ledger"
)

// runCarbon runs the command with buffers.
func runCarbon(t *testing.T, c *carbonCommand) (string, error) {
	t.Helper()
	var out, progress bytes.Buffer
	err := c.Run(&console{Context: t.Context(), out: &out, progress: &progress})
	return out.String(), err
}

// exportLedger writes a ledger of two entries: a refill from supply 0 and a delivery.
func exportLedger(t *testing.T, change func([]bess.Entry)) string {
	t.Helper()
	legs := [][]bess.Leg{
		{{Kind: bess.AccountFeeder, MilliWattHour: -60e6, Milligram: -12e6}, {Kind: bess.AccountPack, MilliWattHour: 60e6, Milligram: 12e6}},
		{{Kind: bess.AccountPack, MilliWattHour: -50e6, Milligram: -10e6}, {Kind: bess.AccountOutlet, MilliWattHour: 50e6, Milligram: 10e6}},
	}
	entries := make([]bess.Entry, len(legs))
	head := [32]byte{}
	for i := range entries {
		entries[i] = bess.Entry{
			Number: uint64(i + 1), From: bess.Civil{UnixMilli: int64(i) * 3.6e6}, To: bess.Civil{UnixMilli: int64(i+1) * 3.6e6},
			Legs: legs[i], Prev: head,
		}
		entries[i].Hash = ledger.Hash(&entries[i])
		head = entries[i].Hash
	}
	change(entries)
	var b bytes.Buffer
	if err := ledger.WriteCSV(&b, entries); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ledger.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCarbonPrintsTheAnnouncement(t *testing.T) {
	out, err := runCarbon(t, &carbonCommand{})
	for _, want := range []string{"129.12", "15494", "43040", "11109", "not the 1,000 and more hours of testing"} {
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("%v: no %q in\n%s", err, want, out)
		}
	}
}

func TestCarbonAuditsALedger(t *testing.T) {
	c := carbonCommand{Ledger: exportLedger(t, func([]bess.Entry) {}), Set: 100, Fuel: "mineral", Year: 2023, JSON: true}
	out, err := runCarbon(t, &c)
	if err != nil {
		t.Fatal(err)
	}
	var a audit
	if err := json.Unmarshal([]byte(out), &a); err != nil {
		t.Fatal(err)
	}
	// 50 kW for an hour: 3.55 + 0.244 x 50 = 15.75 L.
	if !a.Holds || *a.Litres != 15.75 || a.RefillKg != 10 || a.DeliveredKWh != 50 || a.HoursOfUse != 2 || a.GeneratorHours != 1 || a.Scope1Kg != nil {
		t.Errorf("%s", out)
	}
	c.JSON = false
	out, err = runCarbon(t, &c)
	if err != nil || !strings.Contains(out, "the chain holds: 2 hashes") || !strings.Contains(out, "is assumed") ||
		!strings.Contains(out, "from supply 1") || !strings.Contains(out, "give --unit FILE to name it") || strings.Contains(out, "unexplained") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCarbonRefusesWhatDoesNotHold(t *testing.T) {
	changed := exportLedger(t, func(e []bess.Entry) { e[1].Legs[1].MilliWattHour += 5 })
	out, err := runCarbon(t, &carbonCommand{Ledger: changed, Set: 100, Fuel: "mineral", Year: 2023})
	if exitCode(err) != exitFailure || !strings.Contains(out, "BREACH entry 2: its legs sum to 5 mWh") {
		t.Errorf("%v\n%s", err, out)
	}
	for _, c := range []carbonCommand{
		{Ledger: filepath.Join(t.TempDir(), "none.csv"), Set: 100, Fuel: "mineral", Year: 2023},
		{Ledger: changed, Set: 100, Fuel: "mineral", Year: 2024},
		{Ledger: changed, Set: -1, Fuel: "mineral", Year: 2023},
		{Ledger: changed, Unit: filepath.Join(t.TempDir(), "none.yaml")},
		{Ledger: "carbon.go", Set: 100, Fuel: "mineral", Year: 2023},
	} {
		if _, err := runCarbon(t, &c); exitCode(err) != exitBadInput {
			t.Errorf("%+v: %v, want bad input", c, err)
		}
	}
}
