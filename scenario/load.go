package scenario

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a unit in the field may have no zone files

	"reprise/bess"
	"reprise/config"
)

// longest is the longest scenario.
const longest = 400 * bess.Day

// Reader reads scenarios. The zero value knows the built-in pack types and no real data.
type Reader struct {
	Data  string           // folder of real series, for ${DATA}
	Types config.PackTypes // nil: the built-in ones
	Seed  *uint64          // overrides the scenario's own
}

// Load reads the scenario at a path with the built-in pack types, and real series from the folder that the environment
// names DATA.
func Load(path string) (*Scenario, error) {
	r := Reader{Data: os.Getenv("DATA")}
	return r.Load(path)
}

// Load reads the scenario at a path. The error is config.Faults, one or more joined *DataAbsentError, or that of the
// file system.
func (r *Reader) Load(path string) (*Scenario, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the scenario: %w", err)
	}
	return r.Parse(path, text)
}

// Parse reads a scenario from text; files that it names are looked for beside path.
func (r *Reader) Parse(path string, text []byte) (*Scenario, error) {
	types := r.Types
	if types == nil {
		var err error
		if types, err = config.BuiltIn(); err != nil {
			return nil, err
		}
	}
	root, err := config.Parse(path, text)
	if err != nil {
		return nil, err
	}
	l := loader{reader: r, types: types, out: &Scenario{Path: path}, decoder: config.Decoder{Start: start}, columns: map[*curveText]*column{}}
	l.decoder.Decode(root, &l.doc)
	shape := l.decoder.Faults.Refusals()
	l.build()
	l.forget(shape)
	if err := l.finish(); err != nil {
		return nil, err
	}
	return l.out, nil
}

// loader carries one scenario from text to values.
type loader struct {
	reader  *Reader
	types   config.PackTypes
	decoder config.Decoder
	doc     document
	out     *Scenario
	clock   wallClock
	columns map[*curveText]*column
	absent  []error
}

// forget drops what was found at a key whose text was not understood in the first place: the second finding would only
// be the shadow of the first. Everything else that is wrong is told in one reading.
func (l *loader) forget(shape config.Faults) {
	if len(shape) == 0 {
		return
	}
	kept := l.decoder.Faults[:0]
	for _, f := range l.decoder.Faults {
		top, _, _ := strings.Cut(f.Path, ".")
		top, _, _ = strings.Cut(top, "[")
		shadow := !slices.Contains(shape, f) && slices.ContainsFunc(shape, func(s config.Fault) bool {
			return s.Path == top || strings.HasPrefix(s.Path, top+".") || strings.HasPrefix(s.Path, top+"[")
		})
		if !shadow {
			kept = append(kept, f)
		}
	}
	l.decoder.Faults = kept
}

// finish gives what stands against going on.
func (l *loader) finish() error {
	if refusals := l.decoder.Faults.Refusals(); len(refusals) > 0 {
		slices.SortStableFunc(refusals, func(a, b config.Fault) int { return a.Place.Line - b.Place.Line })
		return refusals
	}
	return errors.Join(l.absent...)
}

func (l *loader) note(format string, args ...any) {
	l.out.Notes = append(l.out.Notes, fmt.Sprintf(format, args...))
}

// fault notes what is wrong at a key. Absent data is kept apart, since it is no fault of the text.
func (l *loader) fault(path string, err error) {
	var absent *DataAbsentError
	if errors.As(err, &absent) {
		l.absent = append(l.absent, err)
		return
	}
	what, do, _ := strings.Cut(err.Error(), ": ")
	if strings.ContainsAny(what, "/\\") && strings.Contains(do, ": ") { // the place in a data file belongs to the finding
		what, do = err.Error(), "correct the data file"
	}
	l.decoder.Faults = append(l.decoder.Faults, config.Fault{Place: l.decoder.Place(path), Path: path, What: what, Do: do})
}

func (l *loader) end() int64 { return l.clock.start.UnixMilli() + int64(l.doc.For) }

func (l *loader) build() {
	s := l.out
	s.Name, s.About, s.Seed, s.For = l.doc.Name, l.doc.About, l.doc.Seed, l.doc.For
	if l.reader.Seed != nil {
		s.Seed = *l.reader.Seed
		l.doc.Seed = s.Seed
	}
	if s.Name == "" {
		s.Name = strings.TrimSuffix(filepath.Base(s.Path), filepath.Ext(s.Path))
	}
	if s.For < bess.Second || s.For > longest {
		l.fault("for", errors.New("the length is missing or beyond 1 s..400 d: write it like 1 d"))
		s.For = 0
	}
	l.unit()
	if s.Unit == nil {
		return
	}
	l.readColumns()
	l.start()
	if l.clock.start.IsZero() || s.For == 0 {
		l.timeless()
		return
	}
	s.Start, s.Zone = l.clock.start.UnixMilli(), l.clock.start.Location()
	l.series()
	l.packs()
	l.vehicles()
	l.sessions()
	l.bookings()
	l.story()
}

// timeless looks at what can be judged without a start and a length, which are wrong: so that one reading tells all.
func (l *loader) timeless() {
	s := l.out
	if l.clock.start.IsZero() {
		l.clock.start = time.Date(2021, time.June, 14, 0, 0, 0, 0, time.UTC)
	}
	s.Start, s.Zone, s.For = l.clock.start.UnixMilli(), l.clock.start.Location(), longest
	l.packs()
	l.vehicles()
	l.story()
}

// unit reads the unit and lays the site's own words over it.
func (l *loader) unit() {
	n := l.doc.Unit
	var unit *bess.Unit
	var faults config.Faults
	switch {
	case n == nil || n.Shape == config.Empty:
		l.fault("unit", errors.New("no unit is named: write a unit file, reference, or the unit itself"))
		return
	case n.Shape == config.Mapping:
		unit, faults = config.ReadNode(n, l.types)
	case n.Text == "reference":
		unit, faults = config.Read("max.yaml", config.ReferenceText(), l.types)
	default:
		file := n.Text
		if !filepath.IsAbs(file) {
			file = filepath.Join(filepath.Dir(l.out.Path), file)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			l.fault("unit", fmt.Errorf("the unit file %s cannot be read: name one beside the scenario", n.Text))
			return
		}
		unit, faults = config.Read(file, text, l.types)
	}
	if refusals := faults.Refusals(); len(refusals) > 0 {
		l.decoder.Faults = append(l.decoder.Faults, refusals...)
		return
	}
	if l.doc.Site != nil {
		site := config.Decoder{}
		site.Decode(l.doc.Site, &unit.Site)
		for _, f := range config.Check(unit).Refusals() {
			f.Place = site.Place(strings.TrimPrefix(f.Path, "site."))
			site.Faults = append(site.Faults, f)
		}
		l.decoder.Faults = append(l.decoder.Faults, site.Faults...)
	}
	l.out.Unit = unit
}

// start finds the first moment: as written, or a summer week that all real series share.
func (l *loader) start() {
	text := l.doc.Start
	if zone, ok := strings.CutPrefix(text, "summer-week "); ok {
		l.summerWeek(zone)
		return
	}
	when, zone, ok := cutLast(text)
	location, err := time.LoadLocation(zone)
	if !ok || err != nil || zone == "" || zone == "Local" {
		l.fault("start", fmt.Errorf("%q names no time zone: write it like \"2021-06-14 00:00 Europe/London\"", text))
		return
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, when, location); err == nil && t.Year() >= 1990 && t.Year() <= 2200 {
			l.clock.start = t
			return
		}
	}
	l.fault("start", fmt.Errorf("%q is not a moment: write it like \"2021-06-14 00:00 Europe/London\"", text))
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return s, "", false
	}
	return strings.TrimSpace(s[:i]), s[i+1:], true
}

// packs sets the true state in which every pack begins.
func (l *loader) packs() {
	units := l.out.Unit.Packs
	list := make([]packText, len(units))
	for i := range list {
		list[i] = standardPack()
	}
	if n := l.doc.Packs; n != nil {
		packs := config.Decoder{Start: start}
		switch {
		case n.Shape == config.Sequence && len(n.Items) != len(units):
			l.fault("packs", fmt.Errorf("%d packs are listed, the unit has %d: list each, or write one set for all", len(n.Items), len(units)))
		case n.Shape == config.Sequence:
			packs.Decode(n, &list)
		default:
			all := standardPack()
			packs.Decode(n, &all)
			for i := range list {
				list[i] = all
			}
		}
		l.decoder.Faults = append(l.decoder.Faults, packs.Faults...)
	}
	one := l.doc.Packs == nil || l.doc.Packs.Shape != config.Sequence
	for i, p := range list[:min(len(list), len(units))] {
		path := fmt.Sprintf("packs[%d]", i+1)
		if one {
			path = "packs"
		}
		if one && i > 0 { // one set for all is judged once
			l.out.Packs = append(l.out.Packs, PackStart(p))
			continue
		}
		if p.SoC > 1 {
			l.fault(path, fmt.Errorf("a state of charge of %v: write at most 100 %%", p.SoC))
		}
		if p.Health != 0 && (p.Health < 0.3 || p.Health > 1.1) {
			l.fault(path, fmt.Errorf("a health of %v: write 30 %% to 110 %%", p.Health))
		}
		if p.Temperature < -40 || p.Temperature > 70 {
			l.fault(path, fmt.Errorf("a temperature of %v: write -40 C to 70 C", p.Temperature))
		}
		l.out.Packs = append(l.out.Packs, PackStart(p))
	}
}

// part finds a part by its name or by its number, counted from one. kind names it in faults.
func part(kind, text string, names []string) (int, error) {
	if i := slices.Index(names, text); i >= 0 {
		return i, nil
	}
	if n, err := strconv.Atoi(text); err == nil {
		if n >= 1 && n <= len(names) {
			return n - 1, nil
		}
		return 0, fmt.Errorf("there is no %s %d: write 1 to %d", kind, n, len(names))
	}
	if len(names) == 0 {
		return 0, fmt.Errorf("the unit has no %s: leave the line out", kind)
	}
	return 0, fmt.Errorf("there is no %s %q: write a number, or %s", kind, text, strings.Join(names, ", "))
}

func outletNames(u *bess.Unit) []string {
	names := make([]string, len(u.Outlets))
	for i := range u.Outlets {
		names[i] = u.Outlets[i].Name
	}
	return names
}

func circuitNames(u *bess.Unit) []string {
	names := make([]string, len(u.Circuits))
	for i := range u.Circuits {
		names[i] = u.Circuits[i].Name
	}
	return names
}

func feederNames(u *bess.Unit) []string {
	names := make([]string, len(u.Feeders))
	for i := range u.Feeders {
		names[i] = u.Feeders[i].Name
	}
	return names
}

func packNames(u *bess.Unit) []string {
	names := make([]string, len(u.Packs))
	for i := range u.Packs {
		names[i] = u.Packs[i].Name
	}
	return names
}

func converterNames(u *bess.Unit) []string {
	names := make([]string, len(u.Converters))
	for i := range u.Converters {
		names[i] = u.Converters[i].Name
	}
	return names
}
