package storm

import (
	"reprise/bess"
	"reprise/scenario"
	"reprise/twin"
)

// What goes wrong without being a fault of the twin.
const (
	ControllerDown twin.FaultKind = 240 + iota // the process is killed
	PersonActs                                 // somebody asked for something
	LoadSurges                                 // a circuit draws what its series does not say
)

// Trouble is one thing of the story that is, or was, in force.
type Trouble struct {
	Kind     twin.FaultKind
	Of       bess.SubjectKind
	Index    int // of the part; 0 for the unit
	Part     int // cell, phase or input
	Value    float64
	From, To bess.Span // To counts when it is over
	On       bool
}

// Troubles is what the story has done so far.
type Troubles struct {
	List []Trouble
	now  bess.Span
}

// note takes one line of the story.
func (t *Troubles) note(line *scenario.Line, now bess.Span) {
	begin := func(k Trouble) {
		t.end(k.Kind, k.Of, k.Index, k.Part, now)
		k.From, k.On = now, true
		t.List = append(t.List, k)
	}
	moment := func(k Trouble) {
		k.From, k.To = now, now
		t.List = append(t.List, k)
	}
	switch s := line.Statement.(type) {
	case scenario.FaultText:
		kind, _ := twin.ParseFault(s.Name)
		k := Trouble{Kind: kind, Of: s.Of, Index: s.Index, Part: s.Phase, Value: s.Value}
		if kind == twin.InputTrouble {
			k.Of, k.Part, k.Index = bess.OfIO, s.Index, 0
		}
		if s.Clear {
			t.end(k.Kind, k.Of, k.Index, k.Part, now)
		} else {
			begin(k)
		}
	case scenario.Warm:
		begin(Trouble{Kind: twin.CellHeat, Of: bess.OfPack, Index: s.Pack, Value: float64(s.To)})
	case scenario.Supply:
		if s.Fails {
			begin(Trouble{Kind: twin.FeederLost, Of: bess.OfFeeder, Index: s.Feeder})
		} else {
			t.end(twin.FeederLost, bess.OfFeeder, s.Feeder, 0, now)
			moment(Trouble{Kind: twin.FeederLost, Of: bess.OfFeeder, Index: s.Feeder})
		}
	case scenario.Press:
		if s.Released {
			t.end(twin.InputTrouble, bess.OfIO, 0, int(bess.EmergencyStop), now)
		} else {
			begin(Trouble{Kind: twin.InputTrouble, Of: bess.OfIO, Part: int(bess.EmergencyStop)})
		}
	case scenario.Process:
		t.process(s, begin, now)
	case scenario.CircuitLoad:
		if s.Series {
			t.end(LoadSurges, bess.OfCircuit, s.Circuit, 0, now)
		} else {
			begin(Trouble{Kind: LoadSurges, Of: bess.OfCircuit, Index: s.Circuit, Value: float64(s.Draw)})
		}
	case scenario.Ask:
		of, index := askedOf(&s)
		moment(Trouble{Kind: PersonActs, Of: of, Index: index, Part: int(s.Verb)})
	default: // visits and expectations trouble nobody
	}
}

func (t *Troubles) process(s scenario.Process, begin func(Trouble), now bess.Span) {
	kind := ControllerDown
	switch s.Name {
	case "guard":
		kind = twin.GuardMissing
	case "store":
		kind = twin.DiskFull
	}
	if s.Up {
		t.end(kind, bess.OfUnit, 0, 0, now)
	} else {
		begin(Trouble{Kind: kind, Of: bess.OfUnit})
	}
}

// end ends what was begun alike. A phase or a cell that is not named ends all.
func (t *Troubles) end(kind twin.FaultKind, of bess.SubjectKind, index, part int, now bess.Span) {
	for i := range t.List {
		k := &t.List[i]
		if k.On && k.Kind == kind && k.Of == of && k.Index == index && (kind != twin.InputTrouble || k.Part == part) {
			k.On, k.To = false, now
		}
	}
}

// askedOf is the part that a request is about.
func askedOf(s *scenario.Ask) (bess.SubjectKind, int) {
	switch s.Verb {
	case bess.OutletOn, bess.OutletOff, bess.VisitEnd, bess.VisitNeed:
		return bess.OfOutlet, s.Target
	case bess.CircuitOn, bess.CircuitOff, bess.CircuitPriority:
		return bess.OfCircuit, s.Target
	case bess.PackIn, bess.PackOut:
		return bess.OfPack, s.Target
	case bess.FeederOn, bess.FeederOff, bess.GeneratorRun, bess.GeneratorAuto:
		return bess.OfFeeder, s.Target
	default:
		return bess.OfUnit, 0
	}
}

// lately reports whether k is in force or ended at most window ago.
func (t *Troubles) lately(k *Trouble, window bess.Span) bool {
	return k.On || t.now-k.To <= window
}

// Any reports whether one of these kinds befell a part within the window; of
// no kinds named: any kind.
func (t *Troubles) Any(window bess.Span, of bess.SubjectKind, index int, kinds ...twin.FaultKind) bool {
	for i := len(t.List) - 1; i >= 0; i-- {
		k := &t.List[i]
		if k.Of == of && k.Index == index && t.lately(k, window) && among(k.Kind, kinds) {
			return true
		}
	}
	return false
}

// Somewhere reports whether one of these kinds befell any part within the window.
func (t *Troubles) Somewhere(window bess.Span, kinds ...twin.FaultKind) bool {
	for i := len(t.List) - 1; i >= 0; i-- {
		if k := &t.List[i]; t.lately(k, window) && among(k.Kind, kinds) {
			return true
		}
	}
	return false
}

// Off reports whether the last that was asked of a part is to be off.
func (t *Troubles) Off(of bess.SubjectKind, index int) bool {
	for i := len(t.List) - 1; i >= 0; i-- {
		if k := &t.List[i]; k.Kind == PersonActs && k.Of == of && k.Index == index {
			v := bess.Verb(k.Part)
			return v == bess.FeederOff || v == bess.CircuitOff || v == bess.OutletOff || v == bess.PackOut
		}
	}
	return false
}

// Calm is how long nothing has been in force; asks of people do not count.
func (t *Troubles) Calm() bess.Span {
	last := bess.Span(0)
	for i := range t.List {
		k := &t.List[i]
		if k.On {
			return 0
		}
		if k.Kind != PersonActs {
			last = max(last, k.To)
		}
	}
	return t.now - last
}

func among(k twin.FaultKind, kinds []twin.FaultKind) bool {
	for _, x := range kinds {
		if x == k {
			return true
		}
	}
	return len(kinds) == 0
}
