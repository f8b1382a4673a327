package device

import (
	"fmt"
	"strings"

	"reprise/bess"
	"reprise/wire/can"
)

// Sizes of the I/O module: what its frames have room for.
const (
	ioFeeders  = 8
	ioCircuits = 48
	ioPacks    = 36
	ioPerFrame = 12 // circuits or packs in one frame
)

// IOTable is the signal database of our I/O module, written as DBC text so that any CAN tool can read its frames. Flags
// take two bits: 0 unknown, 1 no, 2 yes. Every frame ends in a rolling counter and a SAE J1850 checksum over the bytes
// before it.
func IOTable() string {
	var s strings.Builder
	s.WriteString("VERSION \"\"\n\nNS_ :\n\nBS_:\n\nBU_: Module Unit Guard\n")
	message := func(id int, name, sender string) {
		receiver := "Unit"
		if sender != "Module" {
			receiver = "Module"
		}
		fmt.Fprintf(&s, "\nBO_ %d %s: 8 %s\n SG_ Counter : 48|4@1+ (1,0) [0|0] \"\" %s\n SG_ Checksum : 56|8@1+ (1,0) [0|0] \"\" %s\n", id, name, sender, receiver, receiver)
	}
	signal := func(name string, start, length int, rest string) {
		fmt.Fprintf(&s, " SG_ %s : %d|%d@1%s Vector__XXX\n", name, start, length, rest)
	}
	const plain = "+ (1,0) [0|0] \"\""
	message(768, "IO_Inputs", "Module")
	for i, name := range ioFlagNames() {
		signal(name, 2*i, 2, plain)
	}
	message(769, "IO_Measured", "Module")
	signal("TwelveVolt", 0, 12, "+ (0.01,0) [0|0] \"V\"")
	signal("Coolant", 12, 12, "- (0.1,0) [0|0] \"degC\"")
	signal("Insulation", 24, 16, "+ (100,0) [0|0] \"ohm\"")
	signal("Ambient", 40, 8, "+ (0.5,-40) [0|0] \"degC\"")
	message(770, "IO_Feeders", "Module")
	for i := range ioFeeders {
		signal(fmt.Sprint("Contactor", i+1), 4*i, 2, plain)
		signal(fmt.Sprint("Tripped", i+1), 4*i+2, 2, plain)
	}
	for n := range ioCircuits / ioPerFrame {
		message(772+n, fmt.Sprint("IO_Circuits", n+1), "Module")
		for i := range ioPerFrame {
			signal(fmt.Sprint("Closed", n*ioPerFrame+i+1), 4*i, 2, plain)
			signal(fmt.Sprint("Tripped", n*ioPerFrame+i+1), 4*i+2, 2, plain)
		}
	}
	for n := range ioPacks / ioPerFrame {
		message(776+n, fmt.Sprint("IO_Packs", n+1), "Module")
		for i := range ioPerFrame {
			signal(fmt.Sprint("Contactor", n*ioPerFrame+i+1), 4*i, 2, plain)
			signal(fmt.Sprint("Precharge", n*ioPerFrame+i+1), 4*i+2, 2, plain)
		}
	}
	message(779, "IO_Challenge", "Module")
	signal("Question", 0, 16, plain)
	signal("Reset", 16, 1, plain)
	message(784, "Unit_Outputs", "Unit")
	signal("HoldIn", 0, 8, plain)
	for i, name := range ioOutputNames() {
		signal(name, 8+i, 1, plain)
	}
	for i := range ioFeeders {
		signal(fmt.Sprint("Feeder", i+1), 16+i, 1, plain)
	}
	signal("Answer", 24, 16, plain)
	message(785, "Unit_Circuits", "Unit")
	for i := range ioCircuits {
		signal(fmt.Sprint("Circuit", i+1), i, 1, plain)
	}
	for n := range ioPacks / ioPerFrame {
		message(786+n, fmt.Sprint("Unit_Packs", n+1), "Unit")
		for i := range ioPerFrame {
			signal(fmt.Sprint("Wake", n*ioPerFrame+i+1), 3*i, 1, plain)
			signal(fmt.Sprint("Precharge", n*ioPerFrame+i+1), 3*i+1, 1, plain)
			signal(fmt.Sprint("Close", n*ioPerFrame+i+1), 3*i+2, 1, plain)
		}
	}
	message(792, "Guard_Pulse", "Guard")
	signal("Pulse", 0, 8, plain)
	signal("PulseAnswer", 8, 16, plain)
	signal("Tripped", 24, 1, plain)
	signal("Cause", 32, 8, plain)
	signal("Subject", 40, 8, plain)
	s.WriteString(ioComments)
	return s.String()
}

const ioComments = `
CM_ "I/O module of the unit. Flags of two bits: 0 unknown, 1 no, 2 yes.";
CM_ BO_ 768 "Safety inputs: yes means trouble. Then what the module does and sees itself.";
CM_ BO_ 769 "TwelveVolt at the module; Insulation of the active insulation monitor.";
CM_ BO_ 779 "Question is another number each time; who answers it was alive after it was asked. Reset: a person presses reset at the unit.";
CM_ BO_ 784 "HoldIn counts the controller's pulses. One that moves on by 1 to 16 and answers a question of the last second is a pulse into the window.";
CM_ BO_ 792 "The guard's half of the hold-in, counted like the controller's. Tripped: the module latches until a person at the unit resets it.";
CM_ BO_ 785 "Shed relays. All outputs fall off when no valid Unit_Outputs frame came within the watchdog; cooling then runs.";
BA_DEF_ SG_ "RawInvalid" INT -2048 65535;
BA_DEF_DEF_ "RawInvalid" 0;
BA_ "RawInvalid" SG_ 769 TwelveVolt 4095;
BA_ "RawInvalid" SG_ 769 Coolant -2048;
BA_ "RawInvalid" SG_ 769 Insulation 65535;
BA_ "RawInvalid" SG_ 769 Ambient 255;
`

// ioFlagNames are the flags of IO_Inputs: the safety inputs in the order of bess.Input, then the module's own.
func ioFlagNames() []string {
	return []string{
		"EmergencyStop", "HVIL", "RCD", "Smoke", "Gas", "Water", "Tilt", "Door", "CoolantLow",
		"OutletSupply", "Bond", "Inhibit", "Coils", "LocalLock", "Guard",
	}
}

// ioOutputNames are the outputs of Unit_Outputs in the order of ioOutputs.
func ioOutputNames() []string {
	return []string{"OutletSupply", "Bond", "Beacon", "Pump", "Fan", "Heater"}
}

// ioFlags are the places of the flags of IO_Inputs in a view, in the same order.
func ioFlags(v *bess.IOView) []*bess.Flag {
	list := make([]*bess.Flag, 0, int(bess.InputCount)+6)
	for i := range v.Inputs {
		list = append(list, &v.Inputs[i])
	}
	return append(list, &v.OutletSupply, &v.Bond, &v.Inhibit, &v.Coils, &v.LocalLock, &v.Guard)
}

// ioOutputs are the outputs of Unit_Outputs in a command.
func ioOutputs(c *bess.IOCommand) []*bool {
	return []*bool{&c.OutletSupply, &c.Bond, &c.Beacon, &c.Pump, &c.Fan, &c.Heater}
}

// ioDatabase is the loaded table with the check of every message.
func ioDatabase() (*can.Database, []can.Check, error) {
	database, err := can.Load("iomodule.dbc", []byte(IOTable()))
	if err != nil {
		return nil, nil, fmt.Errorf("reading the I/O module's own table: %w", err)
	}
	var checks []can.Check
	for _, m := range database.Messages() {
		checks = append(checks, can.Check{Message: m.Name, Counter: "Counter", Checksum: "Checksum", Rule: can.RuleJ1850, First: 0, Last: 6})
	}
	return database, checks, nil
}

// sealed builds frames of the table: values by signal name, everything else zero.
type sealed struct {
	message    *can.Message
	protection *can.Protection
	counter    can.Counter
	values     []can.Value
	index      map[string]int
}

// newSealed prepares every message of a sender, by name.
func newSealed(database *can.Database, checks []can.Check, sender string) (map[string]*sealed, error) {
	list := map[string]*sealed{}
	for i, m := range database.Messages() {
		if m.Sender != sender {
			continue
		}
		protection, err := can.NewProtection(m, checks[i])
		if err != nil {
			return nil, err
		}
		s := &sealed{message: m, protection: protection, values: make([]can.Value, len(m.Signals)), index: map[string]int{}}
		for k := range m.Signals {
			s.index[m.Signals[k].Name] = k
			s.values[k] = can.Value{Valid: true, Physical: m.Signals[k].Physical(0)}
		}
		list[m.Name] = s
	}
	return list, nil
}

// set puts a value that the bits can hold.
func (s *sealed) set(name string, x float64, valid bool) {
	i := s.index[name]
	signal := &s.message.Signals[i]
	raw, _ := signal.Quantise(x)
	s.values[i] = can.Value{Valid: valid, Physical: signal.Physical(raw)}
}

func (s *sealed) setBit(name string, on bool) {
	x := 0.0
	if on {
		x = 1
	}
	s.set(name, x, true)
}

func (s *sealed) setFlag(name string, f bess.Flag) {
	code := float64(flagUnknown)
	switch f.State {
	case bess.No:
		code = flagNo
	case bess.Yes:
		code = flagYes
	case bess.Unknown:
	}
	s.set(name, code, true)
}

// send seals and sends the frame.
func (s *sealed) send(bus can.Bus) error {
	frame, err := s.message.Encode(s.values)
	if err != nil {
		return err
	}
	s.protection.Seal(&frame, &s.counter)
	return bus.Send(frame)
}
