package can

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"text/scanner"
	"time"

	"go.einride.tech/can/pkg/dbc"
)

// Attributes that are read from the database.
const (
	attributeCycle   = "GenMsgCycleTime" // of a message, milliseconds
	attributeNoValue = "RawInvalid"      // of a signal: the raw value by which the sender says "no value"
)

// maximumText bounds the size of a database; the largest public ones are below 1 MB.
const maximumText = 2 << 20

// Bounds that keep hostile text from costing minutes or memory.
const (
	maximumFaults   = 20   // reported in one error
	maximumWarnings = 200  // kept
	maximumSignals  = 4096 // in one message; 36 pages of three cells are 109
)

// Load reads DBC text. The name stands in every fault as the file name. On failure the error joins up to twenty [Fault]
// values, each with line, column and what to do; findings that leave the database usable are in [Database.Warnings].
// Text that is not UTF-8 is read as Latin-1. Refused: syntax errors, unknown statements, duplicate identifiers or names,
// signals beyond their message, factor 0, CAN FD lengths, IEEE float signals, pages without a multiplexer.
func Load(name string, text []byte) (*Database, error) {
	if len(text) > maximumText {
		return nil, fmt.Errorf("loading CAN database %s: %d bytes, at most %d are read: is this a DBC file?", name, len(text), maximumText)
	}
	clean, warnings, fault := prepare(name, text)
	if fault != nil {
		return nil, fmt.Errorf("loading CAN database: %w", *fault)
	}
	parser := dbc.NewParser(name, []byte(clean))
	if err := parser.Parse(); err != nil {
		fault := faultFrom(err.Position(), err.Reason(), "correct the syntax here, or at the end of the line before")
		return nil, fmt.Errorf("loading CAN database: %w", fault)
	}
	l := &loader{
		database: &Database{
			name:     name,
			byID:     make(map[identifier]*Message),
			byName:   make(map[string]*Message),
			warnings: warnings,
		},
		kinds:  make(map[dbc.Identifier]dbc.AttributeValueType),
		places: make(map[*Message][]scanner.Position),
	}
	l.messages(parser.Defs())
	l.properties(parser.Defs())
	if len(l.faults) > 0 {
		return nil, fmt.Errorf("loading CAN database: %w", errors.Join(l.faults...))
	}
	for _, message := range l.database.messages {
		l.finish(message)
	}
	return l.database, nil
}

// loader turns the definitions of the parser into descriptors.
type loader struct {
	database     *Database
	kinds        map[dbc.Identifier]dbc.AttributeValueType
	places       map[*Message][]scanner.Position // of each signal
	defaultCycle time.Duration
	faults       []error
}

func (l *loader) fail(position scanner.Position, remedy, format string, arguments ...any) {
	if len(l.faults) < maximumFaults {
		l.faults = append(l.faults, faultFrom(position, fmt.Sprintf(format, arguments...), remedy))
	}
}

func (l *loader) warn(position scanner.Position, remedy, format string, arguments ...any) {
	if len(l.database.warnings) >= maximumWarnings {
		return
	}
	l.database.warnings = append(l.database.warnings, faultFrom(position, fmt.Sprintf(format, arguments...), remedy))
}

// messages reads BO_ with its SG_ lines.
func (l *loader) messages(definitions []dbc.Def) {
	for _, definition := range definitions {
		switch definition := definition.(type) {
		case *dbc.MessageDef:
			if definition.MessageID != dbc.IndependentSignalsMessageID {
				l.message(definition)
			}
		case *dbc.SignalDef:
			l.fail(definition.Pos, "move it below the BO_ line that it belongs to", "signal %s stands outside any message", definition.Name)
		case *dbc.UnknownDef:
			l.fail(definition.Pos, "remove or correct it", "unknown statement %q", definition.Keyword)
		}
	}
}

func (l *loader) message(definition *dbc.MessageDef) {
	message := &Message{
		ID:          definition.MessageID.ToCAN(),
		Extended:    definition.MessageID.IsExtended(),
		Name:        string(definition.Name),
		multiplexer: -1,
		index:       len(l.database.messages),
	}
	if definition.Transmitter != dbc.NodePlaceholder {
		message.Sender = string(definition.Transmitter)
	}
	if definition.Size > 8 {
		l.fail(definition.Pos, "only classic CAN with up to 8 bytes is spoken: split the message or correct the length",
			"message %s is %d bytes long", message.Name, definition.Size)
		return
	}
	message.Length = int(definition.Size)
	if len(definition.Signals) > maximumSignals {
		l.fail(definition.Pos, "is this a DBC file?", "message %s has %d signals, at most %d are read", message.Name, len(definition.Signals), maximumSignals)
		return
	}
	if other, taken := l.database.Lookup(message.ID, message.Extended); taken {
		l.fail(definition.Pos, "keep one of the two", "message %s has identifier %s, which %s has too",
			message.Name, sprintID(message.ID, message.Extended), other.Name)
		return
	}
	if _, taken := l.database.Message(message.Name); taken {
		l.fail(definition.Pos, "rename one of the two", "message name %s is used twice", message.Name)
		return
	}
	for i := range definition.Signals {
		l.signal(message, &definition.Signals[i])
	}
	l.multiplexing(message)
	l.database.messages = append(l.database.messages, message)
	l.database.byID[identifier{message.ID, message.Extended}] = message
	l.database.byName[message.Name] = message
}

func (l *loader) signal(message *Message, definition *dbc.SignalDef) {
	signal := Signal{
		Name:        string(definition.Name),
		Unit:        definition.Unit,
		Signed:      definition.IsSigned,
		Factor:      definition.Factor,
		Offset:      definition.Offset,
		Min:         definition.Minimum,
		Max:         definition.Maximum,
		Bounded:     definition.Minimum != 0 || definition.Maximum != 0,
		Multiplexer: definition.IsMultiplexerSwitch,
		Multiplexed: definition.IsMultiplexed,
		Page:        definition.MultiplexerSwitch,
		Start:       uint8(min(definition.StartBit, 255)),
		Length:      uint8(min(definition.Size, 255)),
	}
	if definition.IsBigEndian {
		signal.Order = Motorola
	}
	where := message.Name + "." + signal.Name
	switch _, taken := message.Signal(signal.Name); {
	case taken:
		l.fail(definition.Pos, "rename one of the two", "signal %s is declared twice", where)
	case !signal.fits(message.Length):
		l.fail(definition.Pos, "check start bit, length and byte order (the start of a Motorola signal is its most significant bit), or the length of the message",
			"signal %s (%d|%d, %s) does not fit the %d bytes of its message", where, definition.StartBit, definition.Size, signal.Order, message.Length)
	case signal.Factor == 0 || math.IsInf(signal.Factor, 0) || math.IsInf(1/signal.Factor, 0):
		l.fail(definition.Pos, "give the physical value of one raw step, 1 for plain numbers", "signal %s has factor %g", where, signal.Factor)
	case signal.Bounded && signal.Min > signal.Max:
		l.fail(definition.Pos, "swap them, or write [0|0] for no limits", "signal %s has minimum %g above maximum %g", where, signal.Min, signal.Max)
	default:
		if signal.Unit == "" && (signal.Factor != 1 || signal.Offset != 0) {
			l.warn(definition.Pos, "declare it, so that nobody has to guess", "signal %s is scaled but has no unit", where)
		}
		signal.derive()
		message.Signals = append(message.Signals, signal)
		l.places[message] = append(l.places[message], definition.Pos)
	}
}

// multiplexing finds the multiplexer and checks the pages against it.
func (l *loader) multiplexing(message *Message) {
	places := l.places[message]
	for i := range message.Signals {
		if !message.Signals[i].Multiplexer {
			continue
		}
		if message.multiplexer >= 0 {
			l.fail(places[i], "keep one M per message", "message %s has a second multiplexer %s", message.Name, message.Signals[i].Name)
			continue
		}
		message.multiplexer = i
	}
	for i := range message.Signals {
		signal := &message.Signals[i]
		if !signal.Multiplexed {
			continue
		}
		if message.multiplexer < 0 {
			l.fail(places[i], "mark the selecting signal with M", "signal %s.%s is multiplexed but the message has no multiplexer", message.Name, signal.Name)
		} else if signal.Page > message.Signals[message.multiplexer].width {
			l.fail(places[i], "correct the page or the length of the multiplexer", "signal %s.%s has page m%d, which the multiplexer cannot hold", message.Name, signal.Name, signal.Page)
		}
	}
}

// properties reads comments, attributes, value tables and value types.
func (l *loader) properties(definitions []dbc.Def) {
	for _, definition := range definitions {
		switch definition := definition.(type) {
		case *dbc.AttributeDef:
			l.kinds[definition.Name] = definition.Type
		case *dbc.AttributeDefaultValueDef:
			if definition.AttributeName == attributeCycle {
				l.defaultCycle = milliseconds(l.number(definition.AttributeName, definition.DefaultIntValue, definition.DefaultFloatValue))
			}
		case *dbc.AttributeValueForObjectDef:
			l.attribute(definition)
		case *dbc.CommentDef:
			l.comment(definition)
		case *dbc.ValueDescriptionsDef:
			l.labels(definition)
		case *dbc.SignalValueTypeDef:
			if definition.SignalValueType != dbc.SignalValueTypeInt {
				l.fail(definition.Pos, "only integer signals are read: remove the signal", "signal %s is an IEEE float", definition.SignalName)
			}
		}
	}
	for _, message := range l.database.messages {
		if message.cycle == 0 {
			message.cycle = l.defaultCycle
		}
		message.cycle = max(message.cycle, 0) // an explicit 0 beats the default: sent on event
	}
}

// find returns message and signal (nil when the name is empty), warning when they are not there.
func (l *loader) find(position scanner.Position, id dbc.MessageID, name dbc.Identifier) (*Message, *Signal) {
	if id == dbc.IndependentSignalsMessageID {
		return nil, nil
	}
	message, ok := l.database.Lookup(id.ToCAN(), id.IsExtended())
	if !ok {
		l.warn(position, "correct the identifier or remove the line", "no message has identifier %d", uint32(id))
		return nil, nil
	}
	if name == "" {
		return message, nil
	}
	index, ok := message.Signal(string(name))
	if !ok {
		l.warn(position, "correct the name or remove the line", "message %s has no signal %s", message.Name, name)
		return message, nil
	}
	return message, &message.Signals[index]
}

func (l *loader) comment(definition *dbc.CommentDef) {
	switch definition.ObjectType {
	case dbc.ObjectTypeMessage:
		if message, _ := l.find(definition.Pos, definition.MessageID, ""); message != nil {
			message.Comment = definition.Comment
		}
	case dbc.ObjectTypeSignal:
		if _, signal := l.find(definition.Pos, definition.MessageID, definition.SignalName); signal != nil {
			signal.Comment = definition.Comment
		}
	case dbc.ObjectTypeUnspecified, dbc.ObjectTypeNetworkNode, dbc.ObjectTypeEnvironmentVariable:
		// comments on the network, nodes and variables have no place in a Database
	}
}

func (l *loader) attribute(definition *dbc.AttributeValueForObjectDef) {
	value := l.number(definition.AttributeName, definition.IntValue, definition.FloatValue)
	switch {
	case definition.AttributeName == attributeCycle && definition.ObjectType == dbc.ObjectTypeMessage:
		message, _ := l.find(definition.Pos, definition.MessageID, "")
		if message == nil {
			return
		}
		message.cycle = milliseconds(value)
		if message.cycle <= 0 {
			message.cycle = -1 // stated, and not periodic
		}
	case definition.AttributeName == attributeNoValue && definition.ObjectType == dbc.ObjectTypeSignal:
		_, signal := l.find(definition.Pos, definition.MessageID, definition.SignalName)
		if signal == nil {
			return
		}
		raw, ok := wholeNumber(value)
		if !ok || !signal.representable(raw) {
			l.fail(definition.Pos, "give a whole raw value that the bits can hold", "signal %s cannot hold the raw value %g", signal.Name, value)
			return
		}
		signal.NoValue, signal.HasNoValue = raw, true
	}
}

// number picks the value of a numeric attribute by its declared kind.
func (l *loader) number(name dbc.Identifier, whole int64, fraction float64) float64 {
	if l.kinds[name] == dbc.AttributeValueTypeFloat {
		return fraction
	}
	return float64(whole)
}

// milliseconds converts a cycle time; anything outside one day is taken as not declared.
func milliseconds(value float64) time.Duration {
	if !(value > 0 && value <= 86_400_000) {
		return 0
	}
	return time.Duration(math.Round(value * float64(time.Millisecond)))
}

// wholeNumber converts a float64 that holds an integer within +-2^53.
func wholeNumber(value float64) (int64, bool) {
	if value != math.Trunc(value) || math.Abs(value) > 1<<53 {
		return 0, false
	}
	return int64(value), true
}

func (l *loader) labels(definition *dbc.ValueDescriptionsDef) {
	if definition.ObjectType != dbc.ObjectTypeSignal {
		return
	}
	_, signal := l.find(definition.Pos, definition.MessageID, definition.SignalName)
	if signal == nil {
		return
	}
	for _, description := range definition.ValueDescriptions {
		raw, ok := wholeNumber(description.Value)
		if !ok || !signal.representable(raw) {
			l.warn(description.Pos, "correct or remove the entry", "signal %s cannot hold the raw value %g of label %q", signal.Name, description.Value, description.Description)
			continue
		}
		signal.Labels = append(signal.Labels, Label{Raw: raw, Text: description.Description})
	}
	slices.SortStableFunc(signal.Labels, func(a, b Label) int {
		if a.Raw < b.Raw {
			return -1
		}
		if a.Raw > b.Raw {
			return 1
		}
		return 0
	})
}

// finish warns of signals that share bits in the same frame.
func (l *loader) finish(message *Message) {
	masks := make([]uint64, len(message.Signals))
	for i := range message.Signals {
		b := &message.Signals[i]
		masks[i] = b.mask()
		for k := range i {
			if masks[k]&masks[i] == 0 {
				continue
			}
			a := &message.Signals[k]
			if a.Multiplexed && b.Multiplexed && a.Page != b.Page {
				continue
			}
			if len(l.database.warnings) == maximumWarnings {
				return
			}
			l.warn(l.places[message][i], "believe neither until one is confirmed", "signals %s and %s of message %s overlap", a.Name, b.Name, message.Name)
		}
	}
}
