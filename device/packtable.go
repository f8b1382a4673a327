package device

import (
	"fmt"
	"strings"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/can"
)

// PackTable is a pack type as data: how its frames become a bess.PackView, how it is recognised, what it must hear.
type PackTable struct {
	Name     string
	Family   string
	Database *can.Database
	Roles    []Role
	Checks   []can.Check
	Evidence Evidence
	Orders   []Demand
	Closing  bess.Closing
	Series   int          // cell groups in series
	Energy   si.WattHours // gross, as new
}

// Role says which signal feeds which quantity: quantity = signal x Scale + Offset.
type Role struct {
	Quantity Quantity
	Message  string
	Signal   string
	Scale    float64 // 0 counts as 1; -1 turns the sign of a current
	Offset   float64
	Invert   bool // of a flag: 0 means yes
}

// Evidence is what tells this type from others of its family. Identifiers are standard ones.
type Evidence struct {
	Identifiers []uint32 // that every pack of the family sends
	Distinctive []uint32 // that only this type sends
	Absent      []uint32 // that a relative sends: with them it is not this type
	VoltsMin    si.Volts
	VoltsMax    si.Volts
	CellCount   string   // "Message.Signal" of the number of cell groups; empty: none
	Serial      []string // "Message.Signal" of each serial byte; empty: none
	Energy      string   // "Message.Signal" of the total energy in kWh; empty: none
	EnergyLow   si.WattHours
	EnergyHigh  si.WattHours
}

// Why is the part of an order for which a demand's constants are sent.
type Why uint8

// What a demand says. A keep-alive goes out with every order.
const (
	WhyAlive Why = iota
	WhyWake
	WhyPrecharge
	WhyClose
)

// ParseWhy finds a reason by the name that pack descriptions give it.
func ParseWhy(name string) (Why, error) {
	for i, known := range [...]string{"keep-alive", "wake", "precharge", "close"} {
		if known == name {
			return Why(i), nil
		}
	}
	return WhyAlive, fmt.Errorf("%q is no reason for an order: want keep-alive, wake, precharge or close", name)
}

// Demand is a message that the pack must hear, with the signals that are set for one reason. Several demands may share
// a message.
type Demand struct {
	Message string
	Period  bess.Span
	Why     Why
	Values  []Constant
}

// Constant is a signal with a fixed value; 0 while its reason does not hold.
type Constant struct {
	Signal string
	Value  float64
}

// role is a Role resolved against the database.
type role struct {
	Role
	message *can.Message
	signal  int
}

// place is a signal resolved against the database.
type place struct {
	message *can.Message
	signal  int
}

func (t *PackTable) find(message, signal string) (place, error) {
	m, ok := t.Database.Message(message)
	if !ok {
		return place{}, fmt.Errorf("pack type %s: its database has no message %q", t.Name, message)
	}
	i, ok := m.Signal(signal)
	if !ok {
		return place{}, fmt.Errorf("pack type %s: message %s has no signal %q", t.Name, message, signal)
	}
	return place{m, i}, nil
}

func (t *PackTable) dotted(path string) (place, error) {
	message, signal, ok := strings.Cut(path, ".")
	if !ok {
		return place{}, fmt.Errorf("pack type %s: %q is not of the form Message.Signal", t.Name, path)
	}
	return t.find(message, signal)
}

// roles resolves the roles, grouped by message.
func (t *PackTable) roles() (map[*can.Message][]role, error) {
	grouped := map[*can.Message][]role{}
	for _, r := range t.Roles {
		at, err := t.find(r.Message, r.Signal)
		if err != nil {
			return nil, err
		}
		if r.Quantity == PackNothing || r.Quantity >= packQuantities {
			return nil, fmt.Errorf("pack type %s: signal %s.%s feeds no quantity", t.Name, r.Message, r.Signal)
		}
		if r.Scale == 0 {
			r.Scale = 1
		}
		grouped[at.message] = append(grouped[at.message], role{r, at.message, at.signal})
	}
	return grouped, nil
}

// Tells reports whether the pack tells a quantity at all.
func (t *PackTable) Tells(q Quantity) bool {
	for _, r := range t.Roles {
		if r.Quantity == q {
			return true
		}
	}
	return false
}

// speech is one message to the pack with all that may be set in it.
type speech struct {
	message    *can.Message
	protection *can.Protection // nil without a check
	counter    can.Counter
	period     time.Duration
	parts      []part
	due        time.Time
	values     []can.Value
}

type part struct {
	why    Why
	signal int
	value  float64
}

// speeches gathers the demands by message.
func (t *PackTable) speeches() ([]*speech, error) {
	var list []*speech
	for _, d := range t.Orders {
		m, ok := t.Database.Message(d.Message)
		if !ok {
			return nil, fmt.Errorf("pack type %s: its database has no message %q to send", t.Name, d.Message)
		}
		if d.Period <= 0 {
			return nil, fmt.Errorf("pack type %s: message %s needs a period", t.Name, d.Message)
		}
		var found *speech
		for _, s := range list {
			if s.message == m {
				found = s
			}
		}
		if found == nil {
			found = &speech{message: m, period: duration(d.Period), values: make([]can.Value, len(m.Signals))}
			list = append(list, found)
		}
		found.period = min(found.period, duration(d.Period))
		for _, c := range d.Values {
			at, err := t.find(d.Message, c.Signal)
			if err != nil {
				return nil, err
			}
			found.parts = append(found.parts, part{d.Why, at.signal, c.Value})
		}
	}
	for _, s := range list {
		for _, c := range t.Checks {
			if c.Message != s.message.Name {
				continue
			}
			protection, err := can.NewProtection(s.message, c)
			if err != nil {
				return nil, fmt.Errorf("pack type %s: %w", t.Name, err)
			}
			s.protection = protection
		}
	}
	return list, nil
}

// holds reports whether a reason holds under an order.
func (w Why) holds(order *bess.PackCommand) bool {
	switch w {
	case WhyPrecharge:
		return order.Precharge
	case WhyClose:
		return order.Close
	case WhyAlive, WhyWake:
	}
	return order.Wake || order.Precharge || order.Close
}

// frame is the message under an order.
func (s *speech) frame(order *bess.PackCommand) (can.Frame, error) {
	for i := range s.values {
		s.values[i] = can.Value{Valid: true, Physical: 0}
		if signal := &s.message.Signals[i]; signal.Offset != 0 {
			s.values[i].Physical = signal.Physical(0)
		}
	}
	for _, p := range s.parts {
		if p.why.holds(order) {
			s.values[p.signal].Physical = p.value
		}
	}
	frame, err := s.message.Encode(s.values)
	if err == nil && s.protection != nil {
		s.protection.Seal(&frame, &s.counter)
	}
	return frame, err
}
