package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"reprise/bess"
	"reprise/config"
	"reprise/device"
	"reprise/guard"
	"reprise/unit"
	"reprise/wire/can"
)

// limitsCommand writes the guard's limits file from the unit file and its pack types.
type limitsCommand struct {
	Unit  string `help:"Unit file." placeholder:"FILE" required:""`
	Packs string `help:"Folder with further pack types (*.yaml with *.dbc beside)." placeholder:"DIR"`
	Out   string `help:"File to be written; without it the text is printed." placeholder:"FILE"`
}

// Help is the longer text of "reprise limits --help".
func (limitsCommand) Help() string {
	return "One JSON object a line: where each number stands in which frame (start bit, length, scale, offset), beyond what the\n" +
		"guard withholds and after how long, and a SHA-256 at the end, without which the guard does not start. Read it\n" +
		"before you install it: this file, not the unit file, is what the guard believes.\n\n" +
		"Example:\n\n  reprise limits --unit examples/units/max.yaml --out max.limits"
}

// Run writes the file.
func (c *limitsCommand) Run(con *console) error {
	types, err := packTypes(c.Packs)
	if err != nil {
		return badInput(err, "")
	}
	text, err := os.ReadFile(c.Unit)
	if err != nil {
		return badInput(err, "name a unit file that can be read")
	}
	u, faults := config.Read(c.Unit, text, types)
	if refusals := faults.Refusals(); len(refusals) > 0 {
		return badInput(refusals.Err(), "correct it, see \"reprise check\"")
	}
	tables, err := unit.PackTables(u, types)
	if err != nil {
		return badInput(err, "")
	}
	limits, err := guardLimits(u, tables)
	if err != nil {
		return badInput(err, "")
	}
	if c.Out == "" {
		return limits.Write(con.out)
	}
	if err := writeLimits(c.Out, limits); err != nil {
		return err
	}
	fmt.Fprintf(con.progress, "%s: %d readings, %d rows; the guard reads it at its next start\n", c.Out, len(limits.Reads), len(limits.Rows))
	return nil
}

// writeLimits replaces the file whole: a torn one is refused by the guard anyway.
func writeLimits(file string, limits *guard.Limits) error {
	var text bytes.Buffer
	if err := limits.Write(&text); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(file), ".limits-*")
	if err != nil {
		return fmt.Errorf("writing guard limits: %w", err)
	}
	_, err = temporary.Write(text.Bytes())
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), file)
	}
	if err != nil {
		_ = os.Remove(temporary.Name()) // the first error counts
		return fmt.Errorf("writing guard limits: %w", err)
	}
	return nil
}

// limitsWriter gathers what the guard reads of one subject.
type limitsWriter struct {
	limits *guard.Limits
	faults []error
}

// guardLimits is what the guard of a unit reads and where it withholds.
func guardLimits(u *bess.Unit, tables []*device.PackTable) (*guard.Limits, error) {
	w := limitsWriter{limits: &guard.Limits{Unit: u.Name}}
	module, err := can.Load("iomodule.dbc", []byte(device.IOTable()))
	if err != nil {
		return nil, fmt.Errorf("reading the I/O module's table: %w", err)
	}
	for _, m := range module.Messages() {
		w.check(0, m, can.Check{Counter: "Counter", Checksum: "Checksum", Rule: can.RuleJ1850, Last: 6})
	}
	for _, name := range []struct {
		signal  guard.Signal
		message string
		text    string
	}{
		{guard.EmergencyStop, "IO_Inputs", "EmergencyStop"}, {guard.HVIL, "IO_Inputs", "HVIL"}, {guard.Smoke, "IO_Inputs", "Smoke"},
		{guard.Coils, "IO_Inputs", "Coils"},
	} {
		w.flag(0, name.signal, 0, module, name.message, name.text, 2, 1, bess.Second)
	}
	w.number(0, guard.Insulation, 0, module, device.Role{Message: "IO_Measured", Signal: "Insulation", Scale: 1}, "ohm", 3*bess.Second)
	w.row(0, guard.LoopIgnored, 1, 0, "", 2*bess.Second, "the hard-wired loop should have dropped the coils at once")
	w.row(0, guard.LeakLow, float64(leakVolts(u)), 0, "ohm", 8*bess.Second, "50 ohm for each volt, half of what opens all; by then the controller has let the coils go")
	for i := range u.Packs {
		w.pack(u, i, tables[i], module)
	}
	return w.limits, errors.Join(w.faults...)
}

func leakVolts(u *bess.Unit) float64 { return float64(50 * float64(u.Bus.Nominal)) }

// Ages of readings. The slow ones outlast what their frames may miss; the controller stops such a pack long before.
const (
	ageFast  = 3 * bess.Second
	ageCells = 5 * bess.Second
	ageHeat  = 12 * bess.Second
)

// pack is what is read of a pack, by which signals, and its rows.
func (w *limitsWriter) pack(u *bess.Unit, i int, t *device.PackTable, module *can.Database) {
	p, n := &u.Packs[i], i+1
	w.limits.Packs = append(w.limits.Packs, p.Name)
	for _, c := range t.Checks {
		if m, ok := t.Database.Message(c.Message); ok {
			w.check(n, m, c)
		}
	}
	for _, r := range t.Roles {
		switch r.Quantity {
		case device.PackVolts:
			w.number(n, guard.Volts, n, t.Database, r, "V", ageFast)
		case device.PackCurrent:
			w.number(n, guard.Current, n, t.Database, r, "A", ageFast)
		case device.PackCellHigh:
			w.number(n, guard.CellHigh, n, t.Database, r, "V", ageCells)
		case device.PackCellLow:
			w.number(n, guard.CellLow, n, t.Database, r, "V", ageCells)
		case device.PackHot:
			w.number(n, guard.Hot, n, t.Database, r, "C", ageHeat)
		case device.PackCold:
			w.number(n, guard.Cold, n, t.Database, r, "C", ageHeat)
		case device.PackContactor:
			if t.Closing != bess.ClosingExternal {
				yes, no := int64(1), int64(0)
				if r.Invert {
					yes, no = 0, 1
				}
				w.flag(n, guard.Closed, n, t.Database, r.Message, r.Signal, yes, no, ageFast)
			}
		default: // the guard needs no more of it
		}
	}
	const perFrame = 12
	frame := i/perFrame + 1
	if t.Closing == bess.ClosingExternal {
		w.flag(n, guard.Closed, 0, module, fmt.Sprint("IO_Packs", frame), fmt.Sprint("Contactor", n), 2, 1, bess.Second)
	}
	w.ordered(n, t, module, fmt.Sprint("Unit_Packs", frame))
	w.rows(n, &p.Type)
}

// ordered is where the controller's order to close the pack stands.
func (w *limitsWriter) ordered(n int, t *device.PackTable, module *can.Database, frame string) {
	if t.Closing != bess.ClosingCAN {
		w.flag(n, guard.Ordered, 0, module, frame, fmt.Sprint("Close", n), 1, 0, bess.Second)
		return
	}
	for _, o := range t.Orders {
		if o.Why == device.WhyClose && len(o.Values) > 0 {
			w.flag(n, guard.Ordered, n, t.Database, o.Message, o.Values[0].Signal, int64(o.Values[0].Value), 0, bess.Second)
			return
		}
	}
	w.faults = append(w.faults, fmt.Errorf("pack %d: its type %s does not say which message closes it", n, t.Name))
}

// rows are the absolute limits of a pack: each beyond, and later than, the controller's own rule for the same matter.
func (w *limitsWriter) rows(n int, t *bess.PackType) {
	l := &t.Limits
	w.row(n, guard.CellOver, float64(l.CellMax)+0.12, 0, "V", 3*bess.Second, "40 mV beyond where the controller opens the pack")
	w.row(n, guard.CellUnder, float64(l.CellMin)-0.25, 0, "V", 5*bess.Second, "100 mV beyond where the controller opens the pack")
	w.row(n, guard.TooHot, float64(l.TripAt)+6, 0, "C", 3*bess.Second, "6 K beyond where the controller opens the pack")
	w.row(n, guard.ColdCharge, float64(l.ChargeMin)-2, 10, "C", 10*bess.Second, "2 K below where the controller forbids charging")
	w.row(n, guard.OverVolts, float64(1.03*float64(l.PackMax)), 0, "V", 3*bess.Second, "twice the controller's margin")
	w.row(n, guard.OverCharge, float64(1.5*float64(l.ChargeCurrent)), 0, "A", 5*bess.Second, "the controller stops at 1.2")
	w.row(n, guard.OverDischarge, float64(1.5*float64(l.DischargeCurrent)), 0, "A", 5*bess.Second, "the controller stops at 1.2")
	w.row(n, guard.FlowsThoughOpen, float64(0.1*float64(t.Contactor.Rated)), 0, "A", 5*bess.Second, "the controller opens all after 0.5 s at half of it")
	w.row(n, guard.Implausible, 0.2, float64(t.Series), "V", 10*bess.Second, "twice the controller's bound: cells or voltage are not true")
	w.row(n, guard.Frozen, float64(0.03*float64(t.Capacity)), 5, "Ah", bess.Second, "3 % of the capacity flowed and nothing that it tells has moved")
	w.row(n, guard.Silent, 1, 0, "", 15*bess.Second, "the controller stops at once and opens after 10 s")
}

// row adds a row if its signals are read.
func (w *limitsWriter) row(subject int, kind guard.Kind, limit, with float64, unit string, after bess.Span, why string) {
	for _, s := range kind.Needs() {
		if !w.reads(subject, s) {
			return
		}
	}
	w.limits.Rows = append(w.limits.Rows, guard.Row{Subject: subject, Kind: kind, Limit: limit, With: with, Unit: unit, For: int64(after), Why: why})
}

func (w *limitsWriter) reads(subject int, s guard.Signal) bool {
	for _, r := range w.limits.Reads {
		if r.Subject == subject && r.Signal == s {
			return true
		}
	}
	return false
}

// check adds the protection of a message, as far as its rule is public.
func (w *limitsWriter) check(channel int, m *can.Message, c can.Check) {
	check := guard.Check{Channel: channel, Frame: guard.ID(m.ID), Extended: m.Extended}
	if i, ok := m.Signal(c.Counter); ok {
		field := fieldOf(&m.Signals[i])
		check.Counter = &field
	}
	if i, ok := m.Signal(c.Checksum); ok {
		at := int(m.Signals[i].Start) / 8
		switch c.Rule {
		case can.RuleJ1850:
			check.CRC = &guard.CRC{Polynomial: 0x1D, Initial: 0xFF, Final: 0xFF, First: c.First, Last: c.Last, At: at}
		case can.RuleLeaf:
			check.CRC = &guard.CRC{Polynomial: 0x85, First: 0, Last: 6, At: at}
		case can.RuleCRC8:
			check.CRC = &guard.CRC{Polynomial: c.Polynomial, Initial: c.Initial, Final: c.Final, First: c.First, Last: c.Last, At: at}
		}
	}
	if check.Counter != nil || check.CRC != nil {
		w.limits.Checks = append(w.limits.Checks, check)
	}
}

// read adds what a read of any kind has in common; nil when the table does not fit its database.
func (w *limitsWriter) read(subject int, s guard.Signal, channel int, d *can.Database, message, signal string, age bess.Span) *guard.Read {
	m, ok := d.Message(message)
	if !ok || w.reads(subject, s) {
		return nil
	}
	i, ok := m.Signal(signal)
	if !ok {
		w.faults = append(w.faults, fmt.Errorf("%s: message %s has no signal %q", d.Name(), message, signal))
		return nil
	}
	x := &m.Signals[i]
	r := guard.Read{Subject: subject, Signal: s, Channel: channel, Frame: guard.ID(m.ID), Extended: m.Extended, Bytes: m.Length, Field: fieldOf(x), Age: int64(age)}
	if x.HasNoValue {
		void := x.NoValue
		r.Void = &void
	}
	if cycle, ok := m.CycleTime(); ok {
		r.Age = max(r.Age, 4*cycle.Milliseconds())
	}
	for k := range m.Signals {
		if x.Multiplexed && m.Signals[k].Multiplexer {
			r.Page = &guard.Page{Field: fieldOf(&m.Signals[k]), Value: int64(x.Page)}
		}
	}
	w.limits.Reads = append(w.limits.Reads, r)
	return &w.limits.Reads[len(w.limits.Reads)-1]
}

// number adds a reading: quantity = (raw x factor + offset) x scale + offset of the role.
func (w *limitsWriter) number(subject int, s guard.Signal, channel int, d *can.Database, role device.Role, unit string, age bess.Span) {
	r := w.read(subject, s, channel, d, role.Message, role.Signal, age)
	if r == nil {
		return
	}
	m, _ := d.Message(role.Message)
	i, _ := m.Signal(role.Signal)
	scale := role.Scale
	if scale == 0 {
		scale = 1
	}
	r.Scale, r.Offset, r.Unit = m.Signals[i].Factor*scale, float64(m.Signals[i].Offset*scale)+role.Offset, unit
}

func (w *limitsWriter) flag(subject int, s guard.Signal, channel int, d *can.Database, message, signal string, yes, no int64, age bess.Span) {
	if r := w.read(subject, s, channel, d, message, signal, age); r != nil {
		r.Yes, r.No = &yes, &no
	}
}

func fieldOf(s *can.Signal) guard.Field {
	return guard.Field{Start: int(s.Start), Bits: int(s.Length), Motorola: s.Order == can.Motorola, Signed: s.Signed}
}
