package main

import (
	"os"
	"path/filepath"
	"testing"

	"reprise/bess"
	"reprise/storm"
)

// A campaign begins where the committed ones ended and adds to what they met.
func TestStormsAddUp(t *testing.T) {
	first := &storm.Report{First: 1, Next: 9, Storms: 8, Played: 2 * bess.Day, Faults: 90, Least: 40, Cover: storm.Coverage{}}
	first.Cover.Put("bms silent", "island", 3)
	none := storms{next: 1, cover: storm.Coverage{}}
	rows := append(stormRows(first, none, stormLong), coverRows(first, none)...)
	path := filepath.Join(t.TempDir(), "storm.json")
	if err := writeRows(path, rows); err != nil {
		t.Fatal(err)
	}
	s, err := readStorms(path)
	if err != nil || s.next != 9 || s.days != 2 || s.cover.Met("bms silent", bess.NetworkIsland) != 3 {
		t.Errorf("read back %+v, %v", s, err)
	}
	second := &storm.Report{First: 9, Next: 10, Cover: storm.Coverage{}}
	second.Cover.Put("bms silent", "island", 2)
	for _, r := range coverRows(second, s) {
		if r.Name == "met/bms-silent/island" && r.Value != 5.0 {
			t.Errorf("3 and 2 make %v", r.Value)
		}
	}
	if s, err := readStorms(filepath.Join(t.TempDir(), "none.json")); err != nil || s.next != 1 {
		t.Errorf("without a file: %+v, %v", s, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readStorms(path); err == nil {
		t.Error("a broken file was read")
	}
}
