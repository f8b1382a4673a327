package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"reprise/bess"
	"reprise/config"
	"reprise/journal"
	"reprise/ledger"
	"reprise/store"
	"reprise/unit"
)

// How much of each kind goes into a bundle: enough for a week's trouble.
const (
	bundleEvents  = 20_000
	bundleEntries = 200
	bundleLog     = 4 << 20 // of each log, its end
	bundleDays    = 31 * 24 * 60 * 60 * 1000
)

// everything packs each part; one that cannot be read is left out and named, the others still help.
func (p *packer) everything(journals int) error {
	if err := p.addJSON("version.json", "the program that packed this", p.manifest.Program); err != nil {
		return err
	}
	installed, last, err := p.journal(journals)
	if err != nil {
		return err
	}
	if err := p.store(last); err != nil {
		return err
	}
	if err := p.health(installed); err != nil {
		return err
	}
	return p.logs()
}

// journalPart is what a bundle says of a journal.
type journalPart struct {
	From   string        `json:"from"`
	To     string        `json:"to"`
	Build  string        `json:"build"`
	Config string        `json:"config"`
	Run    string        `json:"run"`
	Seed   uint64        `json:"seed"`
	Files  []journalFile `json:"files"`
	Faults []string      `json:"faults_in_the_last_file"`
}

type journalFile struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

// journal packs what the journal covers and the configuration in its header. last is the wall time of its end, ms.
func (p *packer) journal(add int) (installed *bess.Unit, last int64, err error) {
	paths, err := journal.Paths(filepath.Join(p.dir, "journal"))
	if err != nil {
		p.leaveOut("journal.json", err)
		return nil, 0, nil
	}
	span, err := unit.Span(p.con, paths)
	if p.con.Err() != nil {
		return nil, 0, p.con.Err()
	}
	if err != nil {
		p.leaveOut("journal.json", err)
		return nil, 0, nil
	}
	h := &span.Header
	part := journalPart{Build: h.Build, Config: h.Config, Run: h.Run, Seed: h.Seed, Files: []journalFile{}, Faults: append([]string{}, span.Faults...)}
	if span.To != 0 {
		part.From, part.To = wallText(span.From, span.ZoneOffset), wallText(span.To, span.ZoneOffset)
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			part.Files = append(part.Files, journalFile{filepath.Base(path), info.Size()})
		}
	}
	p.manifest.Unit = p.redact.text(h.Unit.Name)
	if err := p.addJSON("journal.json", "what the journal covers", part); err != nil {
		return nil, 0, err
	}
	if err := p.add("unit.yaml", "the configuration in its effective form", []byte(p.redact.text(string(config.Print(&h.Unit))))); err != nil {
		return nil, 0, err
	}
	for i, path := range slices.Backward(paths) {
		if len(paths)-i > add {
			break
		}
		text, err := os.ReadFile(path)
		if err != nil {
			p.leaveOut("journal/"+filepath.Base(path), err)
			continue
		}
		if err := p.add("journal/"+filepath.Base(path), "a journal file, as it is", text); err != nil {
			return nil, 0, err
		}
	}
	if add > 0 {
		p.manifest.Notes = append(p.manifest.Notes, "The journal files are as the unit wrote them: they hold names and what people typed.")
	}
	return &h.Unit, span.To, nil
}

func wallText(ms int64, zone int32) string {
	return time.UnixMilli(ms).In(time.FixedZone("", int(zone))).Format(time.RFC3339)
}

// askedPart is a request as a bundle shows it.
type askedPart struct {
	At      string           `json:"at"`
	By      string           `json:"by"`
	Person  string           `json:"person"`
	Verb    string           `json:"verb"`
	Target  int              `json:"target"`
	Text    string           `json:"text,omitempty"`
	Granted bool             `json:"granted"`
	Answer  string           `json:"answer"`
	Record  *bess.SiteRecord `json:"record,omitempty"`
}

func askedParts(list []store.Asked) []askedPart {
	parts := make([]askedPart, len(list))
	for i := range list {
		a := &list[i]
		parts[i] = askedPart{
			At: wallText(a.At.UnixMilli, a.At.ZoneOffset), By: a.Request.By.String(), Person: a.Request.Person, Verb: a.Request.Verb.String(),
			Target: a.Request.Target, Text: a.Request.Text, Granted: a.Answer.Granted, Answer: a.Answer.Why.Sentence(), Record: a.Request.Record,
		}
	}
	return parts
}

// eventPart is an event as a bundle shows it.
type eventPart struct {
	At     string `json:"at"`
	Kind   string `json:"kind"`
	Level  string `json:"level"`
	Where  string `json:"where"`
	What   string `json:"what"`
	Person string `json:"person,omitempty"`
}

// store packs what the database holds. It is opened as the unit itself opens it, so both may be at it.
func (p *packer) store(last int64) (err error) {
	if _, err := os.Stat(filepath.Join(p.dir, "unit.db")); err != nil {
		p.leaveOut("events.json", errors.New("there is no unit.db"))
		return nil
	}
	s, err := store.Open(p.dir)
	if err != nil {
		p.leaveOut("events.json", err)
		return nil
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	events, err := s.Events(p.con, 0, bundleEvents)
	if err != nil {
		p.leaveOut("events.json", err)
	} else if err := p.addJSON("events.json", "what happened, newest first", eventParts(events)); err != nil {
		return err
	}
	if last == 0 && len(events) > 0 {
		last = events[0].Civil.UnixMilli
	}
	for _, part := range []struct {
		name, about string
		read        func() ([]store.Asked, error)
	}{
		{"arrival.json", "the arrival records ever granted", func() ([]store.Asked, error) { return s.Records(p.con) }},
		{"requests.json", "what people asked in the last month", func() ([]store.Asked, error) { return s.Asked(p.con, last-bundleDays, last+bundleDays) }},
	} {
		asked, err := part.read()
		if err != nil {
			p.leaveOut(part.name, err)
		} else if err := p.addJSON(part.name, part.about, askedParts(asked)); err != nil {
			return err
		}
	}
	return p.ledger(s)
}

func eventParts(events []store.Event) []eventPart {
	parts := make([]eventPart, len(events))
	for i := range events {
		e := &events[i]
		parts[i] = eventPart{wallText(e.Civil.UnixMilli, e.Civil.ZoneOffset), e.Kind.String(), e.Level.String(), e.Where, e.What, e.Person}
	}
	return parts
}

// ledger packs the head of the chain and its last entries in the auditors' form.
func (p *packer) ledger(s *store.Store) error {
	number, head, err := s.Head()
	if err != nil {
		p.leaveOut("ledger.json", err)
		return nil
	}
	if err := p.addJSON("ledger.json", "the last durable entry of the ledger", struct {
		Number uint64 `json:"number"`
		Head   string `json:"head"`
	}{number, hex.EncodeToString(head[:])}); err != nil {
		return err
	}
	after := uint64(0)
	if number > bundleEntries {
		after = number - bundleEntries
	}
	entries, err := s.Entries(p.con, after, bundleEntries)
	if err != nil {
		p.leaveOut("ledger.csv", err)
		return nil
	}
	var text strings.Builder
	if err := ledger.WriteCSV(&text, entries); err != nil {
		return fmt.Errorf("packing ledger.csv: %w", err)
	}
	return p.add("ledger.csv", "its last entries", []byte(text.String()))
}

// healthPart is how the unit was when it last wrote.
type healthPart struct {
	At      string       `json:"at"`
	Service string       `json:"service"`
	Network string       `json:"network"`
	Packs   []string     `json:"packs"`
	Alarms  []string     `json:"alarms"`
	Trouble string       `json:"trouble"` // why the checkpoint cannot be read
	Files   []healthFile `json:"files"`
}

type healthFile struct {
	Name     string `json:"name"`
	Size     int64  `json:"size"`
	Modified string `json:"modified"`
}

// health packs the newest checkpoint in words and the sizes of all files.
func (p *packer) health(installed *bess.Unit) error {
	part := healthPart{Packs: []string{}, Alarms: []string{}, Files: []healthFile{}}
	state, err := store.ReadCheckpoint(p.dir)
	var c *unit.Checkpoint
	switch {
	case err != nil:
	case installed == nil:
		err = errors.New("no journal says for which unit it was written")
	default:
		c, err = unit.ReadCheckpoint(installed, state)
	}
	if err != nil {
		part.Trouble = err.Error()
	} else {
		part.At = wallText(c.Civil.UnixMilli, c.Civil.ZoneOffset)
		part.Service, part.Network = c.State.Stages.Service.String(), c.State.Stages.Network.String()
		for _, stage := range c.State.Stages.Packs {
			part.Packs = append(part.Packs, stage.String())
		}
		for i := range c.State.Verdict.Alarms {
			a := &c.State.Verdict.Alarms[i]
			part.Alarms = append(part.Alarms, fmt.Sprintf("rule %d on %s %d: %s, latched %v", a.Rule, a.Subject.Kind, a.Subject.Index+1, a.Level, a.Latched))
		}
	}
	err = filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went while we looked
		}
		if err == nil {
			name, _ := filepath.Rel(p.dir, path)
			part.Files = append(part.Files, healthFile{name, info.Size(), info.ModTime().UTC().Format(time.RFC3339)})
		}
		return err
	})
	if err != nil {
		p.leaveOut("the sizes of all files", err)
	}
	return p.addJSON("health.json", "how the unit was when it last wrote", part)
}

// logs packs the ends of log files.
func (p *packer) logs() error {
	for _, pattern := range []string{"*.log", "logs/*.log"} {
		paths, err := filepath.Glob(filepath.Join(p.dir, pattern))
		if err != nil {
			return err
		}
		for _, path := range paths {
			text, err := tail(path, bundleLog)
			if err != nil {
				p.leaveOut("logs/"+filepath.Base(path), err)
				continue
			}
			if err := p.add("logs/"+p.redact.text(filepath.Base(path)), "the end of a log", []byte(p.redact.text(text))); err != nil {
				return err
			}
		}
	}
	return nil
}

// tail is the end of a file, from the beginning of a line on, so that no secret is cut into an unknown half.
func tail(path string, most int64) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // read only
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("it is no plain file")
	}
	from := max(0, info.Size()-most)
	text, err := io.ReadAll(io.NewSectionReader(file, from, most))
	if from > 0 {
		_, rest, _ := strings.Cut(string(text), "\n")
		return rest, err
	}
	return string(text), err
}
