package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"reprise/bess"
	"reprise/config"
	"reprise/journal"
	"reprise/store"
)

// planted are secrets, each in the form in which it may lie in a unit's data folder.
func planted() map[string]string {
	return map[string]string{
		"Zk93-hook-path":               "calling https://hooks.example.com/services/T0/B1/Zk93-hook-path failed",
		"user7:pa55w0rd":               "dialling wss://user7:pa55w0rd@ocpp.example.com/central",
		"q-secret-77":                  "GET https://example.com/?key=q-secret-77",
		"eyJhbGciOiJIUzI1NiJ9":         "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.abc",
		"dXNlcjpwYXNz":                 "authorization was Basic dXNlcjpwYXNz there",
		"hunter2!":                     `smtp password="hunter2! and more" host=mail`,
		"s3cr3tSMTP":                   "mail-password: s3cr3tSMTP",
		"tok-4711-json":                `{"level":"warn","api_key":"tok-4711-json","n":1}`,
		"nested-0815":                  `msg="sent {\"token\":\"nested-0815\"}"`,
		"oneTimeCode99":                "the token is oneTimeCode99 for today",
		"1623772800.deadbeef":          "Cookie: reprise=1623772800.deadbeef",
		"Q2xhdWRlMTIzNDU2Nzg5MDEyMzQ1": "started with Q2xhdWRlMTIzNDU2Nzg5MDEyMzQ1",
		"04A2B3C4D5E680":               "idTag=04A2B3C4D5E680 accepted",
		"04:AB:CD:EF":                  "card 04:AB:CD:EF seen",
		"9F3B2A1C":                     "RFID 9F3B2A1C refused",
		"MIIEvQIBADANBg":               "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----",
		"night.watch":                  "mail to night.watch@example.com failed",
	}
}

// houseWithSecrets is a data folder with every secret in every place where text of people or devices may stand.
func houseWithSecrets(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	all := planted()
	var lines []string
	for _, secret := range slices.Sorted(maps.Keys(all)) {
		lines = append(lines, all[secret])
	}
	text := strings.Join(lines, "\n")
	u := config.Reference()
	u.Name, u.Site.Name, u.Outlets[0].Station = "MAX "+lines[0], text, text
	u.Packs[0].Name, u.Packs[0].Serial, u.Circuits[0].Name, u.Feeders[0].Name = text, text, text, text
	u.Feeders[0].Record.Person, u.Feeders[0].Record.Reference = text, text
	w, err := journal.Create(filepath.Join(dir, "journal"), journal.Header{Unit: *u, Build: "b", Run: "1"}, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	snap, orders := bess.NewSnapshot(u), bess.NewCommands(u)
	snap.Civil.UnixMilli = 1_623_772_800_000
	w.Checkpoint(0, 0, []byte("none"))
	w.Tick(&journal.Tick{Number: 1, Snapshot: &snap, Ordered: &orders, Requests: []bess.Request{{Person: text, Text: text}}})
	w.Close()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	civil := bess.Civil{UnixMilli: 1_623_772_800_000}
	record := &bess.SiteRecord{Person: "Ann Example", Reference: text, At: civil}
	s.Offer(store.Batch{
		Mark:   1,
		Events: []store.Event{{Event: bess.Event{Civil: civil, Kind: bess.EventRequest}, Where: text, What: text, Person: text}},
		Asked: []store.Asked{
			{At: civil, Request: bess.Request{By: bess.SourceOperator, Person: "Ann Example", Text: text, Verb: bess.FeederRecord, Record: record}, Answer: bess.Answer{ID: 1, Granted: true}},
		},
		Entries: []bess.Entry{{Number: 1, From: civil, To: civil, Legs: []bess.Leg{{Kind: bess.AccountLoss, MilliWattHour: 1}, {Kind: bess.AccountUnmeasured, MilliWattHour: -1}}}},
		Notices: []store.Notice{{At: 1, Way: text, Body: text, Trouble: text}},
		State:   []byte("no checkpoint of this build"),
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{"unit.log": text, "logs/old.log": strings.Join(lines, " "), "series/000.log": text, "token.txt": text} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// unpack reads a bundle: its files by name.
func unpack(t *testing.T, path string) map[string][]byte {
	t.Helper()
	r, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }() // read only
	files := map[string][]byte{}
	for _, f := range r.File {
		open, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(open)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = text
	}
	return files
}

// No planted secret is anywhere in a bundle; what helps is there, and the manifest says exactly what.
func TestBundleHoldsNoSecret(t *testing.T) {
	dir, path := houseWithSecrets(t), filepath.Join(t.TempDir(), "support.zip")
	var out, progress bytes.Buffer
	con := &console{Context: t.Context(), out: &out, progress: &progress}
	if err := (&bundleCommand{DataDir: dir, Out: path, MaxSize: 50}).Run(con); err != nil {
		t.Fatal(err)
	}
	files := unpack(t, path)
	files["printed"] = append(out.Bytes(), progress.Bytes()...)
	for secret := range planted() {
		for name, text := range files {
			if i := bytes.Index(bytes.ToLower(text), []byte(strings.ToLower(secret))); i >= 0 {
				t.Errorf("%s holds %q: ...%s...", name, secret, text[max(0, i-60):min(len(text), i+60)])
			}
		}
	}
	delete(files, "printed")
	for _, name := range []string{"version.json", "journal.json", "unit.yaml", "events.json", "arrival.json", "requests.json", "ledger.json", "ledger.csv", "health.json", "logs/unit.log", "logs/old.log", "manifest.json"} {
		if len(files[name]) == 0 {
			t.Errorf("%s is missing: %v", name, slices.Sorted(maps.Keys(files)))
		}
	}
	for name, want := range map[string]string{
		"arrival.json": "Ann Example", "events.json": "hooks.example.com", "unit.yaml": "import_cap: 40 kW", "logs/unit.log": "card-", "ledger.json": `"number": 1`,
		"journal.json": "2021-06-15T16:00:00Z", "health.json": `"trouble": "`,
	} {
		if !bytes.Contains(files[name], []byte(want)) {
			t.Errorf("%s does not hold %q:\n%.2000s", name, want, files[name])
		}
	}
	var m bundleManifest
	if err := json.Unmarshal(files["manifest.json"], &m); err != nil || len(m.Files) != len(files)-1 || m.Taken < len(planted()) {
		t.Fatalf("%v: manifest of %d files for %d, %d taken", err, len(m.Files), len(files), m.Taken)
	}
	for _, f := range m.Files {
		sum := sha256.Sum256(files[f.Name])
		if f.SHA256 != hex.EncodeToString(sum[:]) || f.Size != int64(len(files[f.Name])) {
			t.Errorf("%s: the manifest does not fit", f.Name)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// The same card has one name within a bundle, and another in the next.
func TestCardsAreHashed(t *testing.T) {
	a, b := newRedactor(), newRedactor()
	one := a.text("idTag=04A2B3C4D5E680")
	if one != "idTag="+a.hash("04a2b3c4d5e680") || one == b.text("idTag=04A2B3C4D5E680") {
		t.Errorf("%q", one)
	}
	for _, plain := range []string{
		"Pack 3 is open (was opening).", "import cap 40 kW until 2021-06-15T14:03:07+01:00", "the token file is missing", "reading 00000012.journal at byte 1048576",
		"http://127.0.0.1:8080", "rule 163 pack-temperature-trip", "the card reader is silent",
	} {
		if got := a.text(plain); got != plain {
			t.Errorf("%q became %q", plain, got)
		}
	}
}

// A secret stays out whatever stands around it, and no text is too odd to be read.
func TestNothingAroundASecretSavesIt(t *testing.T) {
	all := planted()
	secrets := slices.Sorted(maps.Keys(all))
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SampledFrom(secrets).Draw(t, "secret")
		around := rapid.StringMatching(`[ -~\n]{0,40}`)
		before, after := around.Draw(t, "before"), around.Draw(t, "after")
		r := newRedactor()
		for _, got := range []string{
			r.text(before + " " + all[secret] + " " + after),
			r.text(before + "\n" + all[secret] + "\n" + after),
		} {
			if strings.Contains(got, secret) && !strings.Contains(before+after, secret) {
				t.Fatalf("%q stands in %q", secret, got)
			}
		}
	})
}

func FuzzRedactor(f *testing.F) {
	for _, line := range planted() {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := newRedactor()
		once := r.text(s)
		if _, err := r.json(map[string]any{"said": s, "token": s}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(once, "-----BEGIN RSA PRIVATE KEY-----") {
			t.Fatalf("%q", once)
		}
	})
}

func TestBundleIsBounded(t *testing.T) {
	dir := houseWithSecrets(t)
	if err := os.WriteFile(filepath.Join(dir, "huge.log"), bytes.Repeat([]byte("a line of no interest\n"), 80_000), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, progress bytes.Buffer
	con := &console{Context: t.Context(), out: &out, progress: &progress}
	path := filepath.Join(t.TempDir(), "small.zip")
	if err := (&bundleCommand{DataDir: dir, Out: path, MaxSize: 1, Journal: 1, JSON: true}).Run(con); err != nil {
		t.Fatal(err)
	}
	var m bundleManifest
	if err := json.Unmarshal(out.Bytes(), &m); err != nil || len(m.LeftOut) == 0 || !strings.Contains(m.LeftOut[len(m.LeftOut)-1].What, "huge.log") || len(m.Notes) != 2 {
		t.Errorf("%v, %+v", err, m)
	}
	if files := unpack(t, path); len(files["journal/00000001.journal"]) == 0 || files["logs/huge.log"] != nil {
		t.Errorf("%v", slices.Sorted(maps.Keys(files)))
	}
	for _, c := range []bundleCommand{
		{DataDir: dir, Out: path, MaxSize: 1}, {DataDir: "nowhere", Out: path + "2", MaxSize: 1}, {DataDir: t.TempDir(), Out: path + "3", MaxSize: 1},
		{DataDir: dir, Out: path + "4", MaxSize: 0}, {DataDir: dir, Out: "/nowhere/x.zip", MaxSize: 1},
	} {
		if err := c.Run(con); exitCode(err) != exitBadInput {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
