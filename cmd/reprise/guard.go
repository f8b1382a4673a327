package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"reprise/guard"
	"reprise/twin/serve"
	"reprise/wire/can"
)

// guardCommand is the second process, which can only withhold its half of the hold-in.
type guardCommand struct {
	Limits         string   `help:"Checksummed limits file, as \"reprise limits\" writes it." placeholder:"FILE" required:""`
	CAN            []string `name:"can" help:"Addresses of the CAN channels: the I/O module's, then each pack's in order." placeholder:"ADDR" xor:"where" required:""`
	Wires          string   `help:"Where the devices are, as JSON in the form that \"reprise twin\" prints; instead of --can." placeholder:"FILE" xor:"where" required:""`
	JSON           bool     `help:"Print one JSON object for each change, one a line."`
	UntilInputEnds bool     `help:"End when standard input does: for whoever starts it as a child."`
}

// Help is the longer text of "reprise guard --help".
func (guardCommand) Help() string {
	return "Reads the frames of packs and I/O module with its own decoder, and gives a pulse ten times a second while nothing\n" +
		"stands beyond the limits in its file. Without its pulses, or without the controller's, the I/O module inhibits\n" +
		"converters and inverter when the window ends, and drops the coils half a second later. It listens on no network\n" +
		"address, writes nothing but this log, and orders nothing. Once a limit has tripped it, it gives no pulse before a\n" +
		"person has pressed reset at the unit; the I/O module keeps that latch, so starting the guard anew does not help.\n" +
		"A restart within 1.5 s interrupts nothing: under systemd use Restart=always and RestartSec=200ms, in a service of\n" +
		"its own beside that of \"reprise unit\".\n\n" +
		"Exit 2 when the limits file cannot be read or its checksum does not fit: then it never pulses.\n\n" +
		"Example:\n\n  reprise limits --unit examples/units/max.yaml --out max.limits\n" +
		"  reprise twin --guarded --unit examples/units/max.yaml > wires.json &\n" +
		"  reprise guard --limits max.limits --wires wires.json\n" +
		"  reprise guard --limits max.limits --can socketcan://can0,socketcan://can1,socketcan://can2"
}

// Run guards until it is told to end.
func (c *guardCommand) Run(con *console) error {
	text, err := os.ReadFile(c.Limits)
	if err != nil {
		return badInput(err, "name a file that \"reprise limits\" has written")
	}
	limits, err := guard.ReadLimits(text)
	if err != nil {
		return badInput(fmt.Errorf("%s: %w", c.Limits, err), "")
	}
	addresses, err := c.addresses()
	if err != nil {
		return badInput(err, "")
	}
	if len(addresses) != 1+len(limits.Packs) {
		return badInput(fmt.Errorf("%d CAN channels for the I/O module and %d packs", len(addresses), len(limits.Packs)), "name one for each, the I/O module's first")
	}
	for _, a := range addresses {
		if err := checkChannel(a); err != nil {
			return badInput(err, "")
		}
	}
	ctx, cancel := context.WithCancel(con)
	defer cancel()
	if c.UntilInputEnds {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // its end is the message
			cancel()
		}()
	}
	log := &guardLog{limits: limits, out: con.out, json: c.JSON}
	return guard.Run(ctx, guard.Options{Limits: limits, Channels: guardChannels(addresses), Tell: log.tell})
}

// addresses are those of the I/O module, then of the packs.
func (c *guardCommand) addresses() ([]string, error) {
	if c.Wires == "" {
		return c.CAN, nil
	}
	text, err := os.ReadFile(c.Wires)
	if err != nil {
		return nil, fmt.Errorf("reading the wires: %w: name a file as \"reprise twin\" prints it", err)
	}
	var at serve.Addresses
	if err := json.Unmarshal(text, &at); err != nil {
		return nil, fmt.Errorf("reading the wires in %s: %w", c.Wires, err)
	}
	return append([]string{at.IO}, at.Packs...), nil
}

func guardChannels(addresses []string) []guard.Dial {
	var list []guard.Dial
	for _, a := range addresses {
		list = append(list, func(ctx context.Context) (can.Bus, error) { return can.Dialer{}.Dial(ctx, a) })
	}
	return list
}

// guardLog tells people, or a program, what the guard does.
type guardLog struct {
	limits *guard.Limits
	out    io.Writer
	json   bool
	mutex  sync.Mutex
}

// guardLine is one change.
type guardLine struct {
	At    time.Time `json:"at"`
	State string    `json:"state"` // pulsing, withholding, tripped
	Cause string    `json:"cause,omitempty"`
	Of    string    `json:"of,omitempty"`
	Value *float64  `json:"value,omitempty"`
	Limit *float64  `json:"limit,omitempty"`
}

func (l *guardLog) tell(v guard.Verdict) {
	line := guardLine{At: time.Now().UTC().Truncate(time.Millisecond), State: "pulsing"}
	if v.Withhold {
		line.State, line.Cause = "withholding", v.Cause.String()
	}
	if v.Tripped {
		line.State, line.Of, line.Value, line.Limit = "tripped", "the unit", &v.Value, &v.Limit
		if v.Subject > 0 {
			line.Of = l.limits.Packs[v.Subject-1]
		}
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.json {
		_ = json.NewEncoder(l.out).Encode(line) // nobody to tell that telling failed; guarding goes on
		return
	}
	at := line.At.Format(time.RFC3339)
	switch line.State {
	case "pulsing":
		fmt.Fprintf(l.out, "%s gives its half of the hold-in\n", at)
	case "withholding":
		fmt.Fprintf(l.out, "%s withholds: %s; it goes on by itself\n", at, guardWords(v.Cause))
	default:
		fmt.Fprintf(l.out, "%s TRIPPED: %s: %s: %.4g, limit %.4g: look at the unit, then press reset there\n", at, line.Of, guardWords(v.Cause), v.Value, v.Limit)
	}
}

// guardWords is a cause in words.
func guardWords(k guard.Kind) string {
	words := map[guard.Kind]string{
		guard.CellOver: "cell voltage too high", guard.CellUnder: "cell voltage too low", guard.TooHot: "cell too hot",
		guard.ColdCharge: "charged while too cold", guard.OverVolts: "pack voltage too high", guard.OverCharge: "charging current too high",
		guard.OverDischarge: "discharging current too high", guard.FlowsThoughOpen: "current flows though nobody orders it closed",
		guard.Implausible: "pack voltage and cells do not fit each other", guard.Frozen: "its readings stand still under load",
		guard.Silent: "ordered closed but silent", guard.LeakLow: "insulation too low", guard.LoopIgnored: "a wired stop did not drop the coils",
		guard.Starting: "the controller was not heard yet", guard.LimitsChanged: "its limits changed in memory: restart it",
		guard.LoopLate: "its own loop was late", guard.UnitWrong: "the controller is silent or its frames are wrong",
	}
	return words[k]
}
