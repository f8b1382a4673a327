package can

import (
	"fmt"
	"slices"
)

// Database is the description of one network, read from DBC text by [Load]. It is immutable and safe to share.
type Database struct {
	name     string
	messages []*Message
	byID     map[identifier]*Message
	byName   map[string]*Message
	warnings []Fault
}

// identifier tells standard and extended identifiers of the same number apart.
type identifier struct {
	id       uint32
	extended bool
}

// Fault is one finding in DBC text: where, what, and what to do about it.
type Fault struct {
	File   string
	Line   int
	Column int
	What   string
	Remedy string
}

// Error writes file:line:column, the finding and the remedy.
func (f Fault) Error() string {
	text := fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.What)
	if f.Remedy != "" {
		text += ": " + f.Remedy
	}
	return text
}

// Name is the name given to Load.
func (d *Database) Name() string { return d.name }

// Messages lists the messages in the order of the text. The slice is the caller's, the messages are shared.
func (d *Database) Messages() []*Message { return slices.Clone(d.messages) }

// Message finds a message by name.
func (d *Database) Message(name string) (*Message, bool) {
	message, ok := d.byName[name]
	return message, ok
}

// Lookup finds the message with this identifier.
func (d *Database) Lookup(id uint32, extended bool) (*Message, bool) {
	message, ok := d.byID[identifier{id, extended}]
	return message, ok
}

// Warnings lists what Load found odd but usable: overlapping signals, scaled signals without a unit, attributes of
// unknown messages, statements that are not understood here. At most 200 are kept.
func (d *Database) Warnings() []Fault { return slices.Clone(d.warnings) }
