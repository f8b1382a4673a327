package device

import (
	"fmt"
	"strings"

	"reprise/bess"
	"reprise/wire/can"
	"reprise/wire/modbus"
	"reprise/wire/sunspec"
)

// Manual is one page of docs/protocols.
type Manual struct {
	Name string // file name without extension
	Text string // Markdown
}

// Manuals renders the pages of docs/protocols from the tables that drive both ends of every wire.
func Manuals() ([]Manual, error) {
	var list []Manual
	for _, t := range []struct {
		name, title string
		table       modbus.Table
	}{
		{"converter", "DC/DC converter", ConverterTable(500 * bess.Millisecond)}, {"meter", "Meter", MeterTable()},
		{"generator", "Generator", GeneratorTable()}, {"vehicle-inlet", "Vehicle inlet", PostTable()},
	} {
		m, err := t.table.Compile()
		if err != nil {
			return nil, err
		}
		list = append(list, Manual{t.name, "# " + t.title + "\n\n" + commonNotes + "\n" + m.Manual()})
	}
	inverter, err := inverterManual()
	if err != nil {
		return nil, err
	}
	module, err := moduleManual()
	if err != nil {
		return nil, err
	}
	return append(list, Manual{"inverter", inverter}, Manual{"io-module", module}, Manual{"stations", stationManual()}, Manual{"packs", packManual}), nil
}

const commonNotes = `Modbus TCP or RTU. The controller reads everything each 100 ms (supplies 200 ms, loads 400 ms). Its orders are written as
one block together with the heartbeat, when they change and at least two and a half times within the device's watchdog;
the device must apply the block completely or not at all. Orders are written only while the controller's loop names them:
when it dies, the heartbeat stands still and the device's own watchdog decides.
`

func inverterManual() (string, error) {
	own, err := InverterTable().Compile()
	if err != nil {
		return "", err
	}
	var s strings.Builder
	s.WriteString("# Inverter and solar inverter\n\n" + commonNotes + "\n")
	fmt.Fprintf(&s, "A solar inverter is read and limited through models 701 and 704 alone. Its limit WMaxLimPct carries a reversion time of %v s\n"+
		"and reverts to 0 %%: left alone it stops. The limit is renewed each second.\n\n", float64(SolarDeadMan.Seconds()))
	s.WriteString(own.Manual())
	for _, m := range []sunspec.Model{sunspec.ACMeasurement(), sunspec.ACControls(), sunspec.Control()} {
		layout, err := m.Layout(0)
		if err != nil {
			return "", err
		}
		s.WriteString("\n" + layout.Manual())
	}
	direct, err := sunspec.DCMeasurement().Layout(1)
	if err != nil {
		return "", err
	}
	s.WriteString("\n" + direct.Manual())
	return s.String(), nil
}

func moduleManual() (string, error) {
	database, _, err := ioDatabase()
	if err != nil {
		return "", err
	}
	var s strings.Builder
	fmt.Fprintf(&s, "# I/O module\n\nOur own frames on classic CAN, up to %d feeders, %d circuits and %d packs. Flags take two bits: 0 unknown, 1 no, 2 yes.\n"+
		"Byte 7 is a CRC-8 SAE J1850 over bytes 0 to 6 (start 0xFF, final xor 0xFF); bits 48 to 51 are a rolling counter. A frame\n"+
		"with a wrong checksum, length or standing counter is dropped and counted.\n\n"+
		"Order frames leave once for each tick of the controller's loop, the hold-in counter moving once a tick while the loop\n"+
		"permits it. A pulse, the controller's or the guard's, counts only with the answer to a question that the module asked\n"+
		"within the last second and that this sender has not answered: CRC-16/CCITT-FALSE over the question (low byte first),\n"+
		"the counter, and the letter U or G. Without pulses of both for the length of the window the module inhibits converters\n"+
		"and inverter, and drops the coils after its delay. Without a valid Unit_Outputs frame within the module's watchdog all outputs fall off; cooling then runs.\n",
		ioFeeders, ioCircuits, ioPacks)
	for _, m := range database.Messages() {
		s.WriteString(frameManual(m))
	}
	return s.String(), nil
}

func frameManual(m *can.Message) string {
	var s strings.Builder
	fmt.Fprintf(&s, "\n## 0x%03X %s\n\nSent by the %s.", m.ID, m.Name, strings.ToLower(m.Sender))
	if m.Comment != "" {
		s.WriteString(" " + m.Comment)
	}
	s.WriteString("\n\n| bits | signal | scale | offset | unit |\n|---|---|---:|---:|---|\n")
	for i := range m.Signals {
		g := &m.Signals[i]
		fmt.Fprintf(&s, "| %d..%d | `%s` | %g | %g | %s |\n", g.Start, g.Start+g.Length-1, g.Name, g.Factor, g.Offset, g.Unit)
	}
	return s.String()
}

func stationManual() string {
	return fmt.Sprintf(`# Charging stations

OCPP 1.6J; the unit is the central system at `+"`/ocpp/{station}`"+`. A station whose identity is not in the unit file is refused until a
person approves it for an outlet. One connector per station.

| what | how |
|---|---|
| boot | accepted, heartbeat each %d s |
| configuration | MeterValueSampleInterval and ClockAlignedDataInterval %d s; a station that knows them not keeps its ways |
| fallback | TxDefaultProfile, id %d, stack level 0, Absolute with startSchedule, no duration: what the station offers when nobody orders |
| offer without a transaction | TxDefaultProfile, id %d, stack level 1, Absolute with startSchedule and duration |
| offer in a transaction | TxProfile, id %d, stack level 0, with transactionId, Absolute with startSchedule and duration |
| unit | A in whole amps at AC outlets, W at rapid outlets; below the outlet's minimum the offer is 0 |
| duration | the order's lease, at most the outlet's hold; renewed each third of it, at once when the offer changes, after a boot and after a reconnect |
| read back | GetCompositeSchedule after each profile, and when no Current.Offered or Power.Offered came for 5 s |
| free vending | RemoteStartTransaction with tag %s when a vehicle is plugged, once in 30 s |
| meter values | Energy.Active.Import.Register (Wh, kWh), Power.Active.Import (W, kW), Current.Import by phase, Current.Offered, Power.Offered, SoC; a missing measurand is energy, a missing unit its default |
| wish of a vehicle | Power.Active.Import with location EV: what a vehicle at a rapid outlet asks for; our own reading of a field that 1.6 lacks |
| late or repeated | values not after the newest of the connection are passed over; a StartTransaction told again is the same visit |
| RCD | status Faulted with GroundFailure |

A station that is silent is not filled in: its readings grow old. When the controller's loop dies nothing is sent, the
profile ends by its duration, and the fallback holds.
`, stationHeartbeat, stationSamples, profileFallback, profileDefault, profileVisit, freeTag)
}

const packManual = `# Packs

A pack type is data: a DBC file with the frames, and a description with limits, chemistry, roles (which signal feeds which
reading), checks (counters and checksums whose rule is public), evidence (how the type is told from its relatives) and
orders (what the pack must hear). See config/packs; a folder with further types is loaded without a new build.

One CAN channel carries one pack, since equal packs share identifiers.

| identity | means |
|---|---|
| unknown | fewer than half of the family's identifiers within the window: no reading is used |
| family known, type unconfirmed | readings are shown, no contactor closes |
| confirmed | all identifiers, the type's own ones, no relative's, voltage, cell count, energy and serial as far as the pack tells them |
| wrong pack | a relative's identifier, another cell count, or another serial than expected |

The window is 2 s, or three periods of the slowest message. A confirmed pack stays confirmed while it speaks and nothing
contradicts: an odd voltage in service is a fault, not another pack.

Orders are sent at their own period while the controller's loop names them; "open" is said for 2 s after the last order,
then the pack may sleep. A stand-in pack opens 2.5 s after the last order that it heard. No such time is known of any real
pack: those close through external contactors, which fall with the I/O module.

` + "`reprise twin --replay FILE --type NAME`" + ` reads a candump log by a type; without a type every one is tried.
`
