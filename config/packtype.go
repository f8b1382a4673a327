package config

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"reprise/bess"
	"reprise/bess/si"
)

// Role is which reading of bess.PackView a signal feeds.
type Role uint8

// Roles in the order of bess.PackView. The unit behind each is the one in which the signal must arrive after scaling;
// Map.Scale and Map.Offset convert where the database counts in another.
const (
	RoleNone          Role = iota
	RoleVolts              // V
	RoleLinkVolts          // V
	RoleCurrent            // A, positive: discharge
	RoleSoC                // ratio
	RoleSoCLow             // ratio
	RoleSoCHigh            // ratio
	RoleSoH                // ratio
	RoleAvailable          // Wh
	RoleCellHigh           // V
	RoleCellLow            // V
	RoleHot                // degree Celsius
	RoleCold               // degree Celsius
	RoleAverage            // degree Celsius
	RoleDischarge          // W
	RoleCharge             // W
	RoleDischargePeak      // W
	RoleChargePeak         // W
	RoleContactor          // flag: 1 closed
	RolePrecharging        // flag
	RoleInterlock          // flag: 1 loop closed
	RoleIsolationLow       // flag
	RoleWeld               // flag
	RoleOpenNow            // flag
	RoleOpenSoon           // flag
	RoleDerateWanted       // flag
	RoleNoCharge           // flag
	RoleSerial             // text byte of the serial number, see Evidence
	roleCount
)

func roleNames() []string {
	return []string{
		"none", "volts", "link_volts", "current", "soc", "soc_low", "soc_high", "soh", "available",
		"cell_high", "cell_low", "hot", "cold", "average", "discharge", "charge", "discharge_peak",
		"charge_peak", "contactor", "precharging", "interlock", "isolation_low", "weld", "open_now",
		"open_soon", "derate_wanted", "no_charge", "serial",
	}
}

// String is the role as descriptions spell it.
func (r Role) String() string {
	if names := roleNames(); int(r) < len(names) {
		return names[r]
	}
	return "unknown role"
}

// Map says which signal of the database feeds which reading: reading = signal x Scale + Offset, in the role's unit.
type Map struct {
	Role    Role
	Message string
	Signal  string
	Scale   float64 // 1 unless stated; -1 turns the sign of a current
	Offset  float64
	Invert  bool // of a flag: 0 means yes
}

// Rule is how a message protects itself.
type Rule uint8

// Rules by the names that package wire/can gives them.
const (
	RuleNone       Rule = iota // a counter only
	RuleJ1850                  // crc8-j1850
	RuleLeaf                   // crc8-leaf
	RuleCRC8                   // crc8 with the polynomial given
	RuleNonePublic             // a checksum whose rule nobody published: unverified
)

// String is the rule's name, empty for none.
func (r Rule) String() string {
	names := [...]string{"", "crc8-j1850", "crc8-leaf", "crc8", "none-public"}
	if int(r) < len(names) {
		return names[r]
	}
	return "unknown rule"
}

// Protection says how one message protects itself against corruption and a stuck sender.
type Protection struct {
	Message    string
	Counter    string // rolling counter, empty without one
	Modulus    uint64 // of the counter; 0: what its bits hold
	Checksum   string
	Rule       Rule
	First      int // bytes covered, both included
	Last       int
	Polynomial uint8
	Initial    uint8
	Final      uint8
}

// Evidence is what tells this type from others of its family.
type Evidence struct {
	Identifiers []uint32 // standard identifiers that every pack of the family sends
	Distinctive []uint32 // identifiers that only this type sends; without them it is not this type
	Absent      []uint32 // identifiers that a relative sends; with them it is not this type
	VoltsMin    si.Volts // plausible pack voltage
	VoltsMax    si.Volts //
	CellCount   string   // "Message.Signal" that tells the number of cell groups in series; empty: none
	Serial      []string // "Message.Signal" of each serial byte in order; empty: none
	SerialFrom  string   // where else a serial can be read, such as "UDS 0x7E4 F190"
	Energy      string   // "Message.Signal" of the total energy in kWh; empty: none
	EnergyLow   si.WattHours
	EnergyHigh  si.WattHours
}

// Order is a message that the pack must hear: a keep-alive or a contactor demand.
type Order struct {
	Message string
	Period  bess.Span
	Signal  string // set while Why holds, empty: sent as it is
	Why     string // keep-alive, wake, close, precharge
	Values  []Constant
}

// Constant is a signal with a fixed value in an order.
type Constant struct {
	Signal string
	Value  float64
}

// PackDescription is everything the software knows of a pack type.
type PackDescription struct {
	Type     bess.PackType
	Source   string // where its facts come from
	Notes    []string
	DBC      []byte `config:"-"`
	Roles    []Map
	Checks   []Protection
	Evidence Evidence
	Orders   []Order
}

// PackTypes are descriptions by the name of their type.
type PackTypes map[string]PackDescription

// Names are the known types, sorted.
func (p PackTypes) Names() []string { return slices.Sorted(maps.Keys(p)) }

//go:embed packs/*.yaml packs/*.dbc
var builtIn embed.FS

// BuiltIn are the pack types that come with the program.
func BuiltIn() (PackTypes, error) {
	inside, err := fs.Sub(builtIn, "packs")
	if err != nil {
		return nil, fmt.Errorf("reading the built-in pack types: %w", err)
	}
	return ReadPackTypes(inside)
}

// ReadPackTypes reads every *.yaml of a folder with the *.dbc of the same name beside it. All faults of all files are
// reported together, as Faults.
func ReadPackTypes(folder fs.FS) (PackTypes, error) {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("listing pack types: %w", err)
	}
	types := PackTypes{}
	var faults Faults
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("reading pack type: %w", err)
		}
		description, found := readPackType(name, text)
		faults = append(faults, found...)
		database := strings.TrimSuffix(name, path.Ext(name)) + ".dbc"
		if description.DBC, err = fs.ReadFile(folder, database); err != nil {
			faults = append(faults, Fault{Place: Place{File: name}, What: "there is no " + database + " beside it", Do: "put the signal database of the pack there"})
		}
		types[description.Type.Name] = description
	}
	if len(names) == 0 {
		faults = append(faults, Fault{What: "no pack type was found", Do: "name a folder with *.yaml and *.dbc files"})
	}
	return types, faults.Err()
}

// With is these types and the others; of two with one name the other's is taken.
func (p PackTypes) With(others PackTypes) PackTypes {
	all := maps.Clone(p)
	maps.Copy(all, others)
	return all
}

func readPackType(name string, text []byte) (PackDescription, Faults) {
	root, err := Parse(name, text)
	if err != nil {
		return PackDescription{}, faultsOf(err)
	}
	d := Decoder{Start: func(t reflect.Type, _ *Node, _ int) any {
		if t == reflect.TypeFor[Map]() {
			return Map{Scale: 1}
		}
		return reflect.Zero(t).Interface()
	}}
	description := PackDescription{Type: bess.PackType{Window: [2]si.Ratio{0.05, 0.95}}}
	d.Decode(root, &description)
	for _, f := range checkPackType(&description) {
		f.Place = d.Place(f.Path)
		d.Faults = append(d.Faults, f)
	}
	if want := strings.TrimSuffix(path.Base(name), path.Ext(name)); description.Type.Name != want {
		d.fault(d.Place("type.name"), "type.name", "give both the same name", "the type is called %q in a file called %q", description.Type.Name, want)
	}
	return description, d.Faults.sorted()
}
