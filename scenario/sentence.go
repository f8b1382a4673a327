package scenario

import (
	"slices"
	"strings"

	"reprise/bess"
	"reprise/bess/si"
)

// statement reads what a line says.
func (r *lineReader) statement() Statement {
	verb := r.one("plug", "unplug", "need", "heat", "cool", "fail", "restore", "load", "fault", "clear", "press", "release", "kill", "restart", "ask", "expect")
	switch verb {
	case "plug":
		return r.plug()
	case "unplug":
		if r.one("outlet", "inlet") == "inlet" {
			return UnplugInlet{r.feederOf(bess.CCS)}
		}
		return Unplug{r.outlet()}
	case "need":
		r.one("outlet")
		n := Need{Outlet: r.outlet(), Energy: r.energy()}
		if r.is("by") {
			n.By = r.moment()
		}
		return n
	case "heat", "cool":
		r.one("pack")
		w := Warm{Pack: r.pack()}
		if r.is("cell") {
			w.Cell = r.cell(w.Pack)
		}
		r.one("to")
		w.To = r.celsius()
		if r.is("over") {
			w.Over = r.span()
		}
		return w
	case "fail", "restore":
		r.one("feeder")
		return Supply{r.feeder(), verb == "fail"}
	case "load":
		r.one("circuit")
		circuit := r.circuit()
		if r.is("series") {
			return CircuitLoad{Circuit: circuit, Series: true}
		}
		return CircuitLoad{Circuit: circuit, Draw: r.watts()}
	case "fault", "clear":
		return r.fault(verb == "clear")
	case "press", "release":
		r.one("emergency")
		r.one("stop")
		return Press{Released: verb == "release"}
	case "kill", "restart":
		return Process{r.one("controller", "guard", "store"), verb == "restart"}
	case "ask":
		return r.ask()
	}
	return r.expect()
}

func (r *lineReader) cell(pack int) int {
	return r.count("a cell of that pack", 1, r.unit.Packs[pack].Type.Series)
}

func (r *lineReader) plug() Statement {
	if r.one("outlet", "inlet") == "inlet" {
		p := PlugInlet{Feeder: r.feederOf(bess.CCS)}
		if r.more() {
			p.Power = r.watts()
		}
		if r.more() {
			p.Volts = r.volts()
		}
		return p
	}
	p := Plug{Outlet: r.outlet()}
	words := []string{"soc", "need", "by"}
	if r.more() && !slices.Contains(words, r.peek()) {
		column := r.column()
		p.Vehicle = r.take("a vehicle")
		if !slices.ContainsFunc(r.known, func(v Vehicle) bool { return v.Name == p.Vehicle }) {
			r.fail(column, "%s", unknownVehicle(p.Vehicle, r.known))
		}
	}
	for r.more() {
		switch r.one(words...) {
		case "soc":
			column := r.column()
			if p.SoC = r.ratio(); p.SoC > 1 {
				r.fail(column, "more than full: write at most 100 %%")
			}
		case "need":
			p.Need = r.energy()
		case "by":
			p.By = r.moment()
		}
	}
	return p
}

// subject reads a part of the unit that a fault or an alarm speaks of.
func (r *lineReader) subject() (kind bess.SubjectKind, index, cell int) {
	switch r.one("unit", "pack", "converter", "inverter", "feeder", "circuit", "outlet", "input", "bus") {
	case "pack":
		index = r.pack()
		if r.is("cell") {
			cell = r.cell(index)
		}
		return bess.OfPack, index, cell
	case "converter":
		return bess.OfConverter, r.part("converter", converterNames(r.unit)), 0
	case "inverter":
		return bess.OfInverter, 0, 0
	case "feeder":
		return bess.OfFeeder, r.feeder(), 0
	case "circuit":
		return bess.OfCircuit, r.circuit(), 0
	case "outlet":
		return bess.OfOutlet, r.outlet(), 0
	case "input":
		return bess.OfIO, r.part("input", inputNames()), 0
	case "bus":
		return bess.OfBus, 0, 0
	}
	return bess.OfUnit, 0, 0
}

func inputNames() []string {
	names := make([]string, bess.InputCount)
	for i := range names {
		names[i] = strings.ReplaceAll(bess.Input(i).String(), " ", "-")
	}
	return names
}

// inputTrouble is the name of an input that trips, which needs no other.
const inputTrouble = "input trouble"

// fault reads a fault of the twin, whose name is passed on as it is. The name runs to the amount, to "over" or to the end
// of the line; hyphens in it count as spaces.
func (r *lineReader) fault(clear bool) FaultText {
	f := FaultText{Clear: clear}
	f.Of, f.Index, f.Cell = r.subject()
	if f.Of == bess.OfFeeder && r.peek() == "phase" && r.at+1 < len(r.words) && isNumber(r.words[r.at+1].text) {
		r.at++
		f.Phase = r.count("a phase", 1, 3)
	}
	if f.Of == bess.OfIO && !r.more() {
		f.Name = inputTrouble
		return f
	}
	f.Name = r.take("the name of the fault")
	for r.more() && r.peek() != "over" && !isNumber(r.peek()) {
		f.Name += " " + r.take("")
	}
	f.Name = strings.ToLower(strings.ReplaceAll(f.Name, "-", " "))
	if r.more() && r.peek() != "over" {
		f.Has = true
		f.Value, f.Unit = r.plainAmount()
	}
	if r.is("over") {
		f.Over = r.span()
	}
	return f
}

// isNumber tells an amount from a word of a name.
func isNumber(s string) bool {
	s = strings.TrimLeft(s, "+-")
	return s != "" && s[0] >= '0' && s[0] <= '9'
}

// plainAmount takes an amount of any kind and gives it in the unit that FaultText names.
func (r *lineReader) plainAmount() (value float64, unit string) {
	text, column := r.amount("2.6 V")
	for _, kind := range []struct {
		unit  string
		parse func(string) (float64, error)
	}{
		{"V", reader(si.ParseVolts, "")}, {"A", reader(si.ParseAmps, "")}, {"C", reader(si.ParseCelsius, "")},
		{"W", reader(si.ParseWatts, "")}, {"Wh", reader(si.ParseWattHours, "")}, {"ohm", reader(si.ParseOhms, "")},
		{"s", reader(si.ParseSeconds, "")}, {"Hz", reader(si.ParseHertz, "")}, {"ratio", reader(si.ParseRatio, "")},
		{"", func(s string) (float64, error) { return reader(si.ParseWatts, "")(s + " W") }},
	} {
		if x, err := kind.parse(text); err == nil {
			return x, kind.unit
		}
	}
	r.fail(column, "%q is not an amount: write a number with its unit, such as 2.6 V", text)
	return 0, ""
}

// ask reads a request of a person.
func (r *lineReader) ask() Ask {
	fleet := r.is("fleet")
	column := r.column()
	name := r.take("a verb such as outlet-off")
	verb, ok := bess.ParseVerb(name)
	if !ok {
		r.fail(column, "%q is not a verb: write %s", name, orWords(verbNames()))
	}
	a := Ask{Verb: verb, Fleet: fleet}
	switch verb {
	case bess.OutletOn, bess.OutletOff, bess.VisitEnd:
		a.Target = r.outlet()
	case bess.VisitNeed:
		a.Target, a.Energy = r.outlet(), r.energy()
		if r.is("by") {
			a.Until = r.moment()
		}
	case bess.CircuitOn, bess.CircuitOff:
		a.Target = r.circuit()
	case bess.CircuitPriority:
		a.Target, a.Number = r.circuit(), r.count("a priority", 1, 64)
	case bess.PackOut:
		a.Target = r.pack()
	case bess.PackIn:
		a.Target = r.pack()
		if r.more() {
			a.Text = r.take("the serial that was found")
		}
	case bess.FeederOn, bess.FeederOff, bess.GeneratorRun, bess.GeneratorAuto:
		a.Target = r.feeder()
	case bess.ImportCap:
		a.Power = r.watts()
	case bess.ReserveEnergy:
		a.Energy = r.energy()
	case bess.ResetLatch:
		a.Rule = r.take("the rule")
		if r.more() {
			_, a.Target, _ = r.subject()
		}
	case bess.FeederRecord, bess.Booking:
		r.fail(column, "%q cannot be asked in a story: write it into the unit file or under bookings", name)
	default: // the others have no argument
	}
	return a
}

func verbNames() []string {
	var names []string
	for v := bess.Start; v.String() != "unknown verb"; v++ {
		names = append(names, v.String())
	}
	return names
}
