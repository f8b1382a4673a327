package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// bundleCommand packs what a maker needs to help, and no secret.
type bundleCommand struct {
	DataDir string `arg:"" help:"The unit's data folder."`
	Out     string `help:"File to be written; it must not exist." placeholder:"FILE.zip" required:""`
	MaxSize int64  `help:"Most that the bundle may hold before it is packed, MB." default:"50" placeholder:"MB"`
	Journal int    `help:"Add so many of the newest journal files. They hold names and what people typed, as typed." default:"0" placeholder:"N"`
	JSON    bool   `help:"Print the manifest as one JSON object."`
}

// Help is the longer text of "reprise bundle --help".
func (bundleCommand) Help() string {
	return "Packs the configuration in its effective form, the version, what the journal covers, events, requests, the\n" +
		"arrival records, the ledger's head and last entries, health, and logs (*.log in the folder or in logs/). Tokens,\n" +
		"passwords, the secret part of addresses and mail names are taken out, card numbers become hashes that mean nothing\n" +
		"outside the bundle. Names of persons stay, since records are a named person's word. The manifest lists every file\n" +
		"with its SHA-256, and what was left out and why. The unit may run meanwhile; nothing that it keeps is changed.\n\n" +
		"Example:\n\n  reprise bundle --out support.zip data"
}

// bundleManifest lists what a bundle holds.
type bundleManifest struct {
	Made    string        `json:"made"`
	Program buildIdentity `json:"program"`
	Build   string        `json:"build"`
	Unit    string        `json:"unit"`
	Files   []bundleFile  `json:"files"`
	LeftOut []bundleGap   `json:"left_out"`
	Taken   int           `json:"secrets_taken_out"` // and card numbers hashed
	Notes   []string      `json:"notes"`
}

type bundleFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	About  string `json:"about"`
}

type bundleGap struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// Run packs.
func (c *bundleCommand) Run(con *console) (err error) {
	if info, err := os.Stat(c.DataDir); err != nil || !info.IsDir() {
		return badInput(fmt.Errorf("packing %s: there is no such folder", c.DataDir), "name the folder that was given as --data-dir")
	}
	if _, err := os.Stat(filepath.Join(c.DataDir, "unit.db")); err != nil {
		if _, err := os.Stat(filepath.Join(c.DataDir, "journal")); err != nil {
			return badInput(fmt.Errorf("packing %s: it holds neither unit.db nor journal", c.DataDir), "name the folder that was given as --data-dir")
		}
	}
	if c.MaxSize < 1 || c.MaxSize > 4096 || c.Journal < 0 {
		return badInput(fmt.Errorf("packing at most %d MB and %d journal files", c.MaxSize, c.Journal), "choose 1 to 4096 MB, and no negative number of files")
	}
	file, err := os.OpenFile(c.Out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return badInput(fmt.Errorf("writing %s: it exists", c.Out), "name another file")
	}
	if err != nil {
		return badInput(fmt.Errorf("writing %s: %w", c.Out, err), "name a file that can be written")
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			_ = os.Remove(c.Out) // half a bundle helps nobody
		}
	}()
	p := &packer{con: con, dir: filepath.Clean(c.DataDir), zip: zip.NewWriter(file), left: c.MaxSize << 20, redact: newRedactor()}
	p.redact.home = filepath.Clean(c.DataDir)
	p.manifest = bundleManifest{
		Made: time.Now().UTC().Format(time.RFC3339), Program: readBuildIdentity(), Build: buildDigest(),
		Files: []bundleFile{}, LeftOut: []bundleGap{},
		Notes: []string{"Names of persons stay: an arrival record and a reset are a named person's word."},
	}
	if err := p.everything(c.Journal); err != nil {
		return err
	}
	return p.finish(c)
}

// packer writes parts into the bundle while there is room.
type packer struct {
	con      *console
	dir      string
	zip      *zip.Writer
	left     int64
	redact   *redactor
	manifest bundleManifest
}

// add writes one part; one that finds no room is left out and named.
func (p *packer) add(name, about string, text []byte) error {
	if err := p.con.Err(); err != nil {
		return err
	}
	if int64(len(text)) > p.left {
		p.leaveOut(name, fmt.Errorf("%d bytes find no room: raise --max-size", len(text)))
		return nil
	}
	w, err := p.zip.Create(name)
	if err == nil {
		_, err = w.Write(text)
	}
	if err != nil {
		return fmt.Errorf("packing %s: %w", name, err)
	}
	p.left -= int64(len(text))
	sum := sha256.Sum256(text)
	p.manifest.Files = append(p.manifest.Files, bundleFile{name, int64(len(text)), hex.EncodeToString(sum[:]), about})
	fmt.Fprintf(p.con.progress, "%-24s %9d bytes  %s\n", name, len(text), about)
	return nil
}

// addJSON writes a value without its secrets.
func (p *packer) addJSON(name, about string, v any) error {
	text, err := p.redact.json(v)
	if err != nil {
		return fmt.Errorf("packing %s: %w", name, err)
	}
	return p.add(name, about, text)
}

func (p *packer) leaveOut(what string, why error) {
	said := p.redact.text(why.Error())
	p.manifest.LeftOut = append(p.manifest.LeftOut, bundleGap{what, said})
	fmt.Fprintf(p.con.progress, "%-24s left out: %s\n", what, said)
}

// finish writes the manifest and closes the archive.
func (p *packer) finish(c *bundleCommand) error {
	p.manifest.Taken = p.redact.taken
	text, err := p.redact.json(p.manifest)
	if err != nil {
		return fmt.Errorf("packing the manifest: %w", err)
	}
	w, err := p.zip.Create("manifest.json")
	if err == nil {
		_, err = w.Write(text)
	}
	if err = errors.Join(err, p.zip.Close()); err != nil {
		return fmt.Errorf("packing the manifest: %w", err)
	}
	if c.JSON {
		_, err = io.Copy(p.con.out, bytes.NewReader(text))
		return err
	}
	_, err = fmt.Fprintf(p.con.out, "%s: %d files, %d secrets taken out, %d parts left out\n", c.Out, len(p.manifest.Files)+1, p.manifest.Taken, len(p.manifest.LeftOut))
	return err
}
